"""How much there is to see: the cheap measure that decides whether the picture networks can matter at all.

A picture of one colour, a plain title card or a fade holds nothing that a network trained on photographs could
name. The measure is lenient on purpose: what it keeps from the networks is what they could not have judged.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tidegate.records import Abstention, Evidence, Signal
from tidegate.signals.base import Need, Requirement, Resources, Tier, View, When
from tidegate.signals.visual.choose import SIDE_PX

DETAIL = "visual.detail"
ENOUGH = 0.05
"""Share of blocks with texture from which a picture is worth a network's look."""

_BLOCK_PX = 16
_TEXTURE = 2.0
"""Standard deviation of a block's green channel, in grey levels of 255, that compression noise stays below."""

WHEN_THERE_IS_SOMETHING_TO_SEE = When(
    any_of={DETAIL: ENOUGH}, because="pictures without texture hold nothing the network was trained to see"
)


class DetailDetector:
    """Tells the share of textured blocks in the most detailed frame, once a clip."""

    id = "visual.detail@1"
    needs = frozenset({Need.FRAMES})
    emits = frozenset({DETAIL})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0015, memory_mib=10.0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def load(self) -> None:
        """Nothing to make ready."""

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """One signal: the most detailed frame and its share of textured blocks."""
        if not view.frames:
            return
        shares = detail(view.frames.squares(SIDE_PX))
        top = int(shares.argmax())
        frame = view.frames[top]
        yield Signal(
            label=DETAIL,
            score=float(shares[top]),
            evidence=Evidence(span=frame.span, note=f"the most detailed of {len(view.frames)} frames looked at"),
            detector_id=self.id,
        )


def detail(squares: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share in [0, 1] of 16 x 16 blocks with texture, of each uint8 (n, side, side, 3) picture; side divides by 16.

    About 0.3 ms a picture of 256 x 256.
    """
    count, side = squares.shape[:2]
    blocks = squares[..., 1].reshape(count, side // _BLOCK_PX, _BLOCK_PX, side // _BLOCK_PX, _BLOCK_PX)
    deviations = blocks.astype(np.float32).std(axis=(2, 4))
    shares: NDArray[np.float64] = (deviations > _TEXTURE).mean(axis=(1, 2))
    return shares
