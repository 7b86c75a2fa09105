import pytest

from tidegate.signals.wording.links import links
from tidegate.signals.wording.normalise import normalise


def found(text: str) -> list[tuple[str, float]]:
    read = normalise(text)

    def original_of(start: int, end: int) -> str:
        start_char, end_char = read.mapped.origin(start, end)
        return text[start_char:end_char]

    return [(original_of(find.start, find.end), find.score) for find in links(read.text, original_of)]


@pytest.mark.parametrize(
    ("text", "quote", "score"),
    [
        ("see https://www.youtube.com/watch?v=abc", "https://www.youtube.com/watch?v=abc", 0.15),
        ("go to shop.example.com/sale.", "shop.example.com/sale", 0.3),
        ("bit.ly/abc123", "bit.ly/abc123", 0.6),
        ("win-now.top", "win-now.top", 0.45),
        ("hxxps://example.com/x", "hxxps://example.com/x", 0.6),
        ("example dot com", "example dot com", 0.7),
        ("example (dot) net", "example (dot) net", 0.7),
        ("example[.]com", "example[.]com", 0.7),
        ("pаypal.com", "pаypal.com", 0.85),
        ("http://192.0.2.7/login", "http://192.0.2.7/login", 0.7),
        ("ｅｘａｍｐｌｅ.com", "ｅｘａｍｐｌｅ.com", 0.85),
        ("e x a m p l e . c o m", "e x a m p l e . c o m", 0.85),
    ],
)
def test_links_are_found_and_disguise_scores_more(text: str, quote: str, score: float) -> None:
    assert (quote, score) in found(text)


def test_an_international_name_that_imitates_latin_is_told_from_an_honest_one() -> None:
    imitation = "xn--" + "раураl".encode("punycode").decode() + ".com"
    honest = "xn--" + "müller".encode("punycode").decode() + ".de"
    assert found(f"http://{imitation}/") == [(f"http://{imitation}/", 0.85)]
    assert found(honest) == [(honest, 0.3)]
    assert found("http://xn--99999999999.com")[0][1] == 0.85


@pytest.mark.parametrize(
    "text",
    [
        "the dot com bubble",
        "so.me text",
        "Version 1.2.3.4",
        "it.is what it.is",
        "e.g. this",
        "3.50",
        "10.30 Uhr",
        "me@example.org",
        "J.R.R.",
        "wait...what",
        "안녕.하세요",
        "ok.so we went",
    ],
)
def test_prose_and_numbers_are_no_links(text: str) -> None:
    assert found(text) == []
