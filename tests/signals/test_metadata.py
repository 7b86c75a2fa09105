import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import Abstention, AbstentionReason, DeclaredFacts, Signal, TextSource, Upload
from tidegate.signals.base import View
from tidegate.signals.labels import LABELS
from tidegate.signals.metadata import USUAL_HASHTAGS, USUAL_MENTIONS, MetadataDetector
from tidegate.signals.risk_tags import RISK_TAGS, declares_ai, declares_paid
from tidegate.signals.texts import texts_of


def said(caption: str = "", **fields: object) -> dict[str, Signal]:
    upload = Upload(id="u", caption=caption, **fields)  # type: ignore[arg-type]
    spoken = MetadataDetector().detect(View(upload=upload, texts=texts_of(upload)))
    return {signal.label: signal for signal in spoken if isinstance(signal, Signal)}


def test_a_plain_caption_says_nothing() -> None:
    assert said("my day at the sea #sea #sun @friend, see me@example.org") == {}


def test_declared_facts_are_said_as_declared() -> None:
    facts = DeclaredFacts(ai_generated=True, shows_minor=True, paid_promotion=True)
    signals = said(declared=facts)
    assert set(signals) == {"metadata.declared_ai", "metadata.declared_minor", "metadata.declared_paid"}
    quote = signals["metadata.declared_ai"].evidence.quote
    assert quote is not None
    assert (quote.source, quote.text) == (TextSource.DECLARED, "ai_generated")


def test_a_flood_grows_with_the_number_and_counts_both_lists() -> None:
    usual = " ".join(f"#tag{n}x" for n in range(USUAL_HASHTAGS))
    assert "metadata.hashtag_flood" not in said(usual)
    more = said(usual, hashtags=("another", "third"))["metadata.hashtag_flood"]
    flood = said(" ".join(f"#tag{n}x" for n in range(200)))["metadata.hashtag_flood"]
    assert 0.3 < more.score < flood.score == 0.9
    assert "14 hashtags" in more.evidence.note


def test_mentions_are_counted_but_addresses_are_not() -> None:
    assert "metadata.mention_flood" in said(" ".join(f"@friend{n}" for n in range(USUAL_MENTIONS + 1)))
    assert said(" ".join(f"a{n}@example.org" for n in range(20))) == {}


def test_numbers_behind_a_sign_are_no_hashtags() -> None:
    assert said(" ".join(f"#{n}" for n in range(50))) == {}


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("#thinspo", "metadata.tag_disordered_eating"),
        ("#Th1nSp0", "metadata.tag_disordered_eating"),
        ("#pro_ana", "metadata.tag_disordered_eating"),
        ("#프로아나", "metadata.tag_disordered_eating"),
        ("#blackoutchallenge2024", "metadata.tag_dangerous_acts"),
        ("#cashappflip", "metadata.tag_scams"),
        ("#통장대여", "metadata.tag_scams"),
        ("#f4f", "metadata.tag_spam"),
        ("＃맞팔", "metadata.tag_spam"),
        ("#ghostgun", "metadata.tag_weapons"),
        ("#fullmovie", "metadata.tag_intellectual_property"),
        ("#plandemic", "metadata.tag_misinformation"),
    ],
)
def test_risky_hashtags_are_quoted_with_their_field(tag: str, label: str) -> None:
    signal = said(f"look {tag} here")[label]
    assert signal.evidence.quote is not None
    assert signal.evidence.quote.text == tag
    assert signal.score == 0.7


def test_hashtags_that_others_use_as_well_score_less() -> None:
    assert said("#flatearth")["metadata.tag_misinformation"].score == 0.5


@pytest.mark.parametrize(
    "tag", ["#thing", "#spotify", "#plumber", "#essex", "#challenge", "#analysis", "#fashion", "#88"]
)
def test_ordinary_hashtags_are_left(tag: str) -> None:
    assert said(tag) == {}


def test_saying_ai_or_paid_in_hashtags_against_the_declaration_is_a_fact() -> None:
    denied = said("#madewithai #ad", declared=DeclaredFacts(ai_generated=False, paid_promotion=False))
    assert {label: signal.score for label, signal in denied.items()} == {
        "metadata.undeclared_ai": 0.8,
        "metadata.undeclared_paid": 0.8,
    }
    assert said("#madewithai")["metadata.undeclared_ai"].score == 0.5
    assert set(said("#madewithai", declared=DeclaredFacts(ai_generated=True))) == {"metadata.declared_ai"}


def test_declaring_words_are_whole_hashtags() -> None:
    assert declares_ai("aigenerated")
    assert not declares_ai("aircraft")
    assert declares_paid("광고")
    assert not declares_paid("adventure")


def test_every_field_has_its_label_and_no_tag_stands_in_two_fields() -> None:
    assert {risk.label for risk in RISK_TAGS} <= LABELS.keys()
    tags = [tag for risk in RISK_TAGS for tag in (*risk.tags, *risk.ambiguous)]
    assert len(tags) == len(set(tags))
    assert all(tag == tag.casefold() and "#" not in tag and "_" not in tag for tag in tags)


def test_ten_megabytes_are_read_to_the_limit_and_the_rest_is_abstained() -> None:
    upload = Upload(id="u", caption="#a" * 5_000_000)
    spoken = list(MetadataDetector().detect(View(upload=upload, texts=texts_of(upload))))
    abstained = [each for each in spoken if isinstance(each, Abstention)]
    assert [each.reason for each in abstained] == [AbstentionReason.OVER_BUDGET]
    assert len(spoken) < 10


@given(st.text(max_size=150), st.lists(st.text(max_size=20), max_size=5))
def test_any_text_is_survived_and_quoted_exactly(caption: str, tags: list[str]) -> None:
    upload = Upload(id="u", caption=caption, hashtags=tuple(tags))
    texts = {view.source: view.text for view in texts_of(upload)}
    for signal in said(caption, hashtags=tuple(tags)).values():
        quote = signal.evidence.quote
        assert quote is not None
        assert quote.text == texts[quote.source][quote.start_char : quote.end_char]
