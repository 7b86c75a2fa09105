import io

import numpy as np
import pytest
from PIL import Image

from tidegate.media.renditions import jpeg
from tidegate.testing import drawing


def test_a_jpeg_shows_the_picture_it_was_made_of() -> None:
    picture = drawing.picture(4, 96, 160)
    with Image.open(io.BytesIO(jpeg(picture))) as image:
        assert image.format == "JPEG"
        assert image.size == (96, 160)
        assert np.abs(np.asarray(image).astype(int) - picture).mean() < 6


def test_quality_costs_bytes_and_the_same_picture_gives_the_same_bytes() -> None:
    picture = drawing.picture(4, 96, 160)
    assert len(jpeg(picture, 30)) < len(jpeg(picture, 90))
    assert jpeg(picture) == jpeg(np.asfortranarray(picture))


@pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)])
def test_another_shape_is_refused(wrong: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> None:
    with pytest.raises(ValueError, match="uint8"):
        jpeg(wrong)
