"""Texts a second on one core through every detector, against the encoder alone; then latency through a desk's socket.

python benchmarks/texts.py
"""

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from measure import arguments, family_cpu_s, least_cpu_s, table, verdict
from tidegate.engine.base import LaneSpec
from tidegate.engine.local import LocalEngine
from tidegate.server.lanes.config import written
from tidegate.server.texts.address import listen
from tidegate.server.texts.asking import TextDesks
from tidegate.server.texts.record import TextRequest
from tidegate.server.texts.scorer import Scorer
from tidegate.settings import resolve
from tidegate.signals.wording.embedding import sentence_embedder
from tidegate.signals.wording.language import detect_language
from tidegate.signals.wording.normalise import normalise

WANTED_A_SECOND = 60
WANTED_P95_MS = 100
BATCH = 32
AT_ONCE = 4
AT_MOST = 400
"""Texts that are sent to learn how many a second there are at most."""

KINDS: dict[str, tuple[str, ...]] = {
    "short comments": (
        "so pretty!! where is this",
        "first 😍🔥",
        "the dog at the end made my day",
        "part two please",
        "진짜 예쁘다 어디예요?",
        "qué bonito, me encanta la canción",
        "wo ist das denn, sieht super aus",
        "j'adore cette recette, merci",
    ),
    "ordinary comments": (
        "I tried this recipe yesterday and it worked. The only thing I changed was a bit less sugar, still great!",
        "We went there in May. Cold water, hardly anybody around, and the best ice cream of the whole trip.",
        "How long did it take you to learn that? I have been practising for two weeks and my hands still hurt.",
        "오늘 처음 봤는데 너무 재미있어요. 다음 영상도 기다릴게요! 혹시 노래 제목 알 수 있을까요?",
        "Llevo tres días intentando hacerlo y no me sale. ¿Podrías explicar el segundo paso más despacio, por favor?",
        "Das haben wir letztes Wochenende nachgebaut. Hat zwei Stunden gedauert, und die Kinder waren begeistert.",
        "Merci pour la vidéo ! Est-ce que vous pourriez mettre la liste des ingrédients dans la description ?",
        "Привет! Отличное видео, спасибо. Подскажите, пожалуйста, на какую камеру вы снимаете?",
    ),
    "a paragraph": (
        "I have followed this channel since the first clip, and this is my favourite so far. The light in the harbour "
        "is lovely. I did not know that the tide goes out that far! My grandmother grew up two villages further on, "
        "and she used to tell us about the shells. Next summer we will take the train and walk the whole coast. "
        "Thank you for showing the map at the end. Could you say which shoes you wore? Mine were wet in a minute.",
    ),
    "offers": (
        "Guaranteed returns: send $100 today, get $1,000 back. Message me.",
        "Compro cuentas bancarias, pago al momento, escríbeme por privado",
        "Nebenjob: Stell dein Konto zur Verfügung, leite Geld weiter und behalte zehn Prozent",
        "통장만 빌려주시면 하루 30만원 드려요. 입금된 돈을 전달만 하면 됩니다. 텔레그램",
    ),
}
MIX = {"short comments": 5, "ordinary comments": 3, "a paragraph": 1, "offers": 1}
"""How often each kind stands in the mix of the last row and of the desk's load. Our own assumption."""


def main() -> None:
    given = arguments(
        __doc__ or "",
        tries=(int, 5, "tries, of which the cheapest counts"),
        texts=(int, 64, "texts of each kind"),
        requests=(int, 600, "requests sent to the desk at half load"),
    )
    in_process_ms = _cost(given.texts, given.tries)
    asyncio.run(_latency(given.requests, in_process_ms))


def _texts(kind: str, count: int) -> list[str]:
    """Texts of a kind, each different, so that no cache of equal texts helps."""
    return [f"{KINDS[kind][index % len(KINDS[kind])]} {index}" for index in range(count)]


def _mix(count: int) -> list[str]:
    order = [kind for kind, share in MIX.items() for _ in range(share)]
    by_kind = {kind: iter(_texts(kind, count)) for kind in KINDS}
    return [next(by_kind[order[index % len(order)]]) for index in range(count)]


def _cost(count: int, tries: int) -> float:
    """CPU milliseconds of a text of the mix, in this process."""
    scorer = Scorer.of(resolve())
    scorer.load()
    rows = [_row(scorer, kind, _texts(kind, count), tries) for kind in KINDS]
    rows.append(_row(scorer, "the mix", _mix(count), tries))
    headings = (
        *("texts", "characters", "every detector, ms", "texts/s", "encoder alone, ms", "ratio"),
        *(f"encoder, {BATCH} at once, ms", f"at least {WANTED_A_SECOND}/s"),
    )
    table(f"CPU time a text on one core, one text after the other, least of {tries} tries", headings, rows)
    return float(str(rows[-1][2]))


def _row(scorer: Scorer, kind: str, texts: Sequence[str], tries: int) -> list[object]:
    requests = [TextRequest(id=f"c{index}", text=text) for index, text in enumerate(texts)]
    encoder = sentence_embedder()

    def score() -> None:
        for request in requests:
            normalise.cache_clear()
            detect_language.cache_clear()
            scorer.score([request])

    def alone() -> None:
        for text in texts:
            encoder.encode([text])

    def together() -> None:
        for at in range(0, len(texts), BATCH):
            encoder.encode(texts[at : at + BATCH])

    spent_ms = [1000 * spent_s / len(texts) for spent_s in least_cpu_s((score, alone, together), tries)]
    a_second = 1000 / spent_ms[0]
    characters = round(statistics.mean(map(len, texts)))
    ratio = f"{spent_ms[0] / spent_ms[1]:.2f}x"
    met = verdict(a_second >= WANTED_A_SECOND)
    return [kind, characters, spent_ms[0], a_second, spent_ms[1], ratio, spent_ms[2], met]


async def _latency(count: int, in_process_ms: float) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(listen(Path(folder) / "desk")) as listener:
        spec = LaneSpec(
            name="texts",
            factory="tidegate.server.texts.desk:make",
            config=written(resolve(), fd=listener.fileno()),
            listen_fds=(listener.fileno(),),
        )
        with LocalEngine(drain_s=5.0) as engine:
            engine.start([spec])
            desks = TextDesks(Path(folder) / "desk", timeout_s=120)
            await desks.score(_requests(8))
            before_s = family_cpu_s(os.getpid())
            most = await _most_a_second(desks)
            through_desk_ms = 1000 * (family_cpu_s(os.getpid()) - before_s) / AT_MOST
            took_ms = await _at(desks, most / 2, count)
    p50, p95 = statistics.median(took_ms), statistics.quantiles(took_ms, n=20)[-1]
    ratio = f"{through_desk_ms / in_process_ms:.2f}x"
    row = [through_desk_ms, ratio, most, most / 2, p50, p95, max(took_ms), verdict(p95 < WANTED_P95_MS)]
    headings = (
        *("CPU ms a text, both sides", "to in-process", "texts/s at most", "texts/s sent"),
        "p50 ms",
        "p95 ms",
        "most ms",
        f"p95 < {WANTED_P95_MS} ms",
    )
    table("One desk process through its socket, the mix, one text a request, arrivals at random", headings, [row])


def _requests(count: int) -> list[TextRequest]:
    return [TextRequest(id=f"c{index}", text=text) for index, text in enumerate(_mix(count))]


async def _most_a_second(desks: TextDesks) -> float:
    """Texts a second with a few always waiting."""
    waiting = iter(_requests(AT_MOST))

    async def work() -> None:
        for request in waiting:
            await desks.score([request])

    start_s = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return AT_MOST / (time.perf_counter() - start_s)


async def _at(desks: TextDesks, a_second: float, count: int) -> list[float]:
    """Milliseconds from each request's due time to its answer, sent at this rate whether or not others are answered."""
    chance = random.Random(1)  # noqa: S311 - arrivals, no secret

    async def one(request: TextRequest, due_s: float) -> float:
        await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
        await desks.score([request])
        return 1000 * (time.perf_counter() - due_s)

    due_s, tasks = time.perf_counter(), []
    for request in _requests(count):
        due_s += chance.expovariate(a_second)
        tasks.append(asyncio.create_task(one(request, due_s)))
    return list(await asyncio.gather(*tasks))


if __name__ == "__main__":
    main()
