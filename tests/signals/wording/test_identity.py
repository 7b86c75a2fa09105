import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.wording.identity import luhn, personal_data


def found(text: str) -> list[str]:
    return [find.note for find in personal_data(text)]


def check_digit(body: str) -> str:
    return next(digit for digit in "0123456789" if luhn(body + digit))


@given(st.text(alphabet="0123456789", min_size=14, max_size=14).filter(lambda body: len(set(body)) > 4))
def test_a_card_is_told_by_its_check_digit(body: str) -> None:
    digits = "4" + body
    good = digits + check_digit(digits)
    bad = digits + str((int(good[-1]) + 1) % 10)
    grouped = " ".join(good[index : index + 4] for index in range(0, 16, 4))
    assert any("payment card" in note for note in found(f"card {grouped}!"))
    assert not any("payment card" in note for note in found(bad))


def test_sample_cards_of_payment_manuals_hardly_count() -> None:
    assert [find.score for find in personal_data("4111 1111 1111 1111")] == pytest.approx([0.255])


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("DE89 3704 0044 0532 0130 00", "IBAN"),
        ("GB82WEST12345698765432", "IBAN"),
        ("900101-1234568", "Korean"),
        ("529.982.247-25", "Brazilian"),
        ("12345678Z", "Spanish"),
        ("11010519491231002X", "Chinese"),
        ("078-05-1120", "social security"),
        ("2341 2341 2346", "Indian"),
        ("his home address is 12 Example Street", "where a person lives"),
    ],
)
def test_numbers_with_valid_checks_are_found(text: str, note: str) -> None:
    assert any(note in each for each in found(text))


@pytest.mark.parametrize(
    "text",
    [
        "DE89 3704 0044 0532 0130 01",
        "901301-1234568",
        "529.982.247-26",
        "12345678A",
        "110105194912310021",
        "000-12-3456",
        "2341 2341 2345",
        "1234 5678 9012 3456",
        "0000 0000 0000 0000",
        "12 34 56 78 90 12 34 56",
        "call 010-1234-5678",
        "2024-05-12",
    ],
)
def test_numbers_that_fail_their_check_are_left(text: str) -> None:
    assert found(text) == []
