import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.expansion import MAX_LINKS, MAX_WORDS, expand, links_in
from tidegate.signals.onscreen.targets import MAX_LINK_CHARS, Mark

TARGET = "https://evil.example/a"


@pytest.mark.parametrize(
    "text",
    [
        f"https://t.example/?url={TARGET}",
        f"https://t.example/?url={quote(TARGET, safe='')}",
        f"https://t.example/?url={quote(quote(TARGET, safe=''), safe='')}",
        f"https://t.example/out#to={quote(TARGET, safe='')}",
        f"https://t.example/?a=1;Q={quote(TARGET, safe='')}",
        f"https://t.example/?x={quote(TARGET, safe='')}",
        "https://t.example/?u=" + base64.b64encode(TARGET.encode()).decode(),
        "https://t.example/?u=" + TARGET.encode().hex(),
        f"https://archive.example/web/2020/{TARGET}",
        "https://archive.example/web/https:/evil.example/a",
        "https://www.google.com/amp/s/evil.example/a",
        "https://x.cdn.ampproject.org/c/s/evil.example/a",
        "intent://evil.example/a#Intent;scheme=https;package=com.example;end",
        f"intent://x#Intent;S.browser_fallback_url={quote(TARGET, safe='')};end",
        f"view-source:{TARGET}",
        f"microsoft-edge:{TARGET}",
        "x-safari-https://evil.example/a",
        f"googlechrome://navigate?url={TARGET}",
        "data:text/html;base64," + base64.b64encode(f'<a href="{TARGET}">'.encode()).decode(),
        f"data:text/html,<script>location='{TARGET}'</script>",
        f"javascript:location='{quote(TARGET)}'",
        f"itms-services://?action=download-manifest&url={TARGET}",
    ],
)
def test_a_link_inside_another_is_told(text: str) -> None:
    assert TARGET in expand(text).links


def test_links_inside_links_are_followed_three_deep_and_no_further() -> None:
    link = "https://end.example/"
    for depth in range(6, 0, -1):
        link = f"https://l{depth}.example/?url={quote(link, safe='')}"
    found = expand(link)
    hosts = [one.partition("/?")[0] for one in found.links]
    assert hosts == ["https://l2.example", "https://l3.example", "https://l4.example"]
    assert found.is_cut


def test_a_disguised_link_is_repeated_plainly() -> None:
    assert expand("https://bank.example@evil.example/x").links == ("https://evil.example/x",)
    assert expand("http://0x7f.1/").links == ("http://127.0.0.1/",)
    assert expand("https://xn--pple-43d.com/x").links == ("https://xn--pple-43d.com/x", "https://\u0430pple.com/x")


def test_an_ordinary_link_adds_nothing() -> None:
    for link in (
        "https://example.com/a?b=c&page=2",
        "https://example.com/search?q=how+to+bake",
        "mailto:a@example.com",
    ):
        found = expand(link)
        assert (found.links, found.marks) == ((), ()), link


def test_messenger_links_are_told_in_their_web_form() -> None:
    assert expand("tg://resolve?domain=some_name").links == ("https://t.me/some_name",)
    assert expand("tg://join?invite=AbC").links == ("https://t.me/+AbC",)
    assert expand("whatsapp://send?phone=+491511234567&text=Hi%20you").links == ("https://wa.me/491511234567",)


def test_words_that_a_link_carries_are_decoded() -> None:
    assert expand("https://wa.me/1?text=send+me%20the%20code").words == ("send me the code",)
    assert expand("mailto:a@example.com?subject=You%20won&body=Reply%20now").words == ("You won", "Reply now")


def test_links_in_running_text_are_found_without_the_punctuation_behind_them() -> None:
    assert links_in("see https://a.example/x, or (http://b.example).") == ["https://a.example/x", "http://b.example"]


def test_marks_of_inner_links_count_too() -> None:
    marks = expand("https://t.example/?next=javascript:alert(1)").marks
    assert Mark.RUNS_CODE in marks
    assert Mark.LEADS_ON in marks


HOSTILE = [
    "https://a.example/?" + "&".join(f"u{number}=https://x{number}.example/" for number in range(300)),
    "https://a.example/?u=" + "%25" * 1300 + "https",
    "https://a.example/?url=" * 170,
    "http://" + "@" * 4000,
    "http://" + "a." * 2000,
    "http://" + "[" * 4000,
    "data:text/html," + "<" * 4000,
    "data:text/html;base64," + "=" * 4000,
    "aHR0c" * 800,
    "https:" + "/" * 4000,
    "\\" * 4000,
    "xn--" * 1000 + ".com",
    "intent:" + "#Intent;" * 500,
    " http://a" * 500,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_links_end_in_bounded_answers(text: str) -> None:
    found = expand(text)
    assert len(found.links) <= MAX_LINKS
    assert len(found.words) <= MAX_WORDS
    assert all(len(link) <= MAX_LINK_CHARS for link in found.links)


@given(st.text(max_size=400), st.sampled_from(["", "https://a.example/?url=", "data:text/html,", "intent://a#Intent;"]))
def test_no_text_breaks_the_expansion(text: str, start: str) -> None:
    found = expand(start + text)
    assert len(found.links) <= MAX_LINKS
    assert expand(start + text) == found


safe = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-_~"), min_size=1, max_size=12)


@given(safe, safe, st.integers(0, 2), st.sampled_from(["url", "u", "q", "target", "anything"]))
def test_a_hidden_link_is_found_however_often_it_is_encoded(name: str, path: str, times: int, key: str) -> None:
    inner = f"https://a{name.strip('-')}.example/{path}"
    encoded = inner
    for _ in range(times):
        encoded = quote(encoded, safe="")
    assert inner in expand(f"https://t.example/?{key}={encoded}").links
