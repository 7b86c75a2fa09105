import pytest

from tidegate.signals.wording.contacts import contacts


def found(text: str) -> list[str]:
    return [text[find.start : find.end].strip() for find in contacts(text)]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("write to help@example.org now", "help@example.org"),
        ("help.desk at gmail dot com", "help.desk at gmail dot com"),
        ("call +1 555 234 8890", "+1 555 234 8890"),
        ("text 555-234-8890", "555-234-8890"),
        ("(555) 234-8890", "(555) 234-8890"),
        ("010-1234-5678 연락주세요", "010-1234-5678"),
        ("01012345678", "01012345678"),
        ("전화 02-123-4567", "02-123-4567"),
        ("Ruf an: 0151 23456789", "0151 23456789"),
        ("t.me/some_channel", "t.me/some_channel"),
        ("open.kakao.com/o/abc", "open.kakao.com/o/abc"),
        ("telegram: @some_name1", "telegram: @some_name1"),
        ("카톡 아이디 abcd12", "카톡 아이디 abcd12"),
        ("하루 30만원 카톡 abcd12", "카톡 abcd12"),
        ("whatsapp me +49 151 2345678", "+49 151 2345678"),
    ],
)
def test_contact_details_are_found(text: str, quote: str) -> None:
    assert quote in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-12 and 12.05.2024 and 12/05/2024 10:30",
        "won 21-19 21-17, then 6-4 6-3, final 3-2",
        "1 2 3 4 5 6 7 8 9 10",
        "ISBN 978-3-16-148410-0",
        "order no. 1234567890",
        "prices 1,200,000 and 3.500.000",
        "10 20 30 40 50 60",
        "999999999",
        "season 2023-2024",
        "telegram me please",
        "line up for the show",
        "signal is weak here",
        "5000000 views",
        "1080 x 1920 at 60",
    ],
)
def test_dates_scores_series_and_prices_are_no_contacts(text: str) -> None:
    assert found(text) == []
