import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Photo = Callable[[str], NDArray[np.uint8]]


@pytest.fixture(scope="session")
def photo() -> Photo:
    """`photo("astronaut.png")`: one of the photographs that the package scikit-image carries, as RGB."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        pytest.skip("scikit-image, whose photographs these tests look at, is not installed")
    folder = Path(spec.origin).parent / "data"

    def open_photo(name: str) -> NDArray[np.uint8]:
        with Image.open(folder / name) as image:
            return np.array(image.convert("RGB"))

    return open_photo
