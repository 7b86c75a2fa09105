"""Regions: who cannot tell applies the clause."""

import pytest

from tidegate.policy.regions import COUNTRIES, applies, is_known, mistaken


@pytest.mark.parametrize(
    ("clause", "upload", "holds"),
    [
        ((), "KR", True),
        ((), "", True),
        (("KR",), "", True),
        (("KR",), "KR", True),
        (("KR",), "JP", False),
        (("US",), "US-CA", True),
        (("US-CA",), "US", True),
        (("US-CA",), "US-NY", False),
        (("DE", "KR"), "KR-11", True),
        (("U",), "US", False),
    ],
)
def test_a_clause_holds_where_its_regions_and_the_uploads_meet(
    clause: tuple[str, ...], upload: str, holds: bool
) -> None:
    assert applies(clause, upload) is holds


def test_the_249_countries_are_known_and_their_parts_with_them() -> None:
    assert len(COUNTRIES) == 249
    assert is_known("KR")
    assert is_known("US-CA")
    assert not is_known("UK")
    assert not is_known("")


@pytest.mark.parametrize(("code", "hint"), [("UK", "use GB"), ("kr", "did you mean 'KR'?"), ("QQ", "")])
def test_a_common_mistake_is_told(code: str, hint: str) -> None:
    assert mistaken(code) == hint
