"""What the terminal says about one upload."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tidegate.cli.paths import Refusal
from tidegate.cli.present import details, headline, refused, unread_text
from tidegate.cli.terminal import print_lines
from tidegate.errors import InputNotFoundError
from tidegate.explain.clauses import when_of
from tidegate.explain.phrases import coverage_text, signal_text
from tidegate.records import ManifestState, Outcome, Policy, Provenance, Screening
from tidegate.screening import Screened

Shown = Callable[..., str]


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], sample_policy: Policy) -> Shown:
    def show(name: str, screened: Screened, *, explain: bool = False) -> str:
        print_lines(details(name, sample_policy, screened.screening, screened.decision, explain=explain))
        return capsys.readouterr().out

    return show


def test_an_upload_is_shown_with_its_clauses_coverage_and_cost(
    shown: Shown, sample: Screened, golden: Callable[[str, str], None]
) -> None:
    golden("cli/screen.txt", shown("harbour.mp4", sample))


def test_explain_shows_every_clause_contribution_and_step(
    shown: Shown, sample: Screened, golden: Callable[[str, str], None]
) -> None:
    golden("cli/screen-explain.txt", shown("harbour.mp4", sample, explain=True))


def test_what_was_heard_and_read_is_summed_up_in_one_line(
    shown: Shown, spoken_sample: Screened, golden: Callable[[str, str], None]
) -> None:
    golden("cli/screen-spoken.txt", shown("harbour.mp4", spoken_sample))


def test_explain_lists_what_was_heard_read_and_proven(
    shown: Shown, spoken_sample: Screened, golden: Callable[[str, str], None]
) -> None:
    out = shown("harbour.mp4", spoken_sample, explain=True)
    golden("cli/screen-spoken-explain.txt", out[out.index("\n  heard and read") + 1 :])


def test_evidence_in_parts_is_one_finding_with_the_place_of_each_part(spoken_sample: Screened) -> None:
    (joined,) = [signal for signal in spoken_sample.screening.signals if signal.evidence.parts]
    assert signal_text(joined) == (
        'pattern.money_mule 0.97 caption "Message me" + picture 2.0 "reply with your code"'
        ' + voice 14.6 "before it closes" (asks for a code)'
    )
    assert when_of(joined) == "caption + 2.0–15.4"


def test_unreadable_media_is_shown_as_held_with_its_code(
    shown: Shown, unreadable_sample: Screened, golden: Callable[[str, str], None]
) -> None:
    golden("cli/screen-unreadable.txt", shown("empty.mp4", unreadable_sample))


def test_no_stranger_can_write_to_the_terminal(
    shown: Shown, sample: Screened, spoken_sample: Screened, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b]0;owned\x07\u202egpj.exe\r\n\udc80"
    decision = replace(sample.decision, reason=hostile)
    text = shown(hostile, replace(sample, decision=decision))
    text += shown(hostile, replace(spoken_sample, screening=_said_by(hostile, spoken_sample)), explain=True)
    print_lines(headline(hostile, decision, sample.screening))
    print_lines(refused(hostile, Refusal(name=hostile, error=InputNotFoundError(hostile, where=hostile))))
    text += capsys.readouterr().out
    text.encode("utf-8")
    assert not set(text) & {"\x1b", "\x07", "\r", "\u202e"}


def _said_by(hostile: str, screened: Screened) -> Screening:
    """The screening with a stranger's text everywhere a stranger can speak, write or sign."""
    one = screened.screening
    return replace(
        one,
        utterances=tuple(replace(u, text=hostile, words=(), language=hostile) for u in one.utterances),
        on_screen_texts=tuple(replace(text, text=hostile, language=hostile) for text in one.on_screen_texts),
        provenance=Provenance(
            manifest=ManifestState.VALID,
            signer=hostile,
            generator=hostile,
            actions=(hostile,),
            software=(hostile,),
            reencode_traces=(hostile,),
            problems=(hostile,),
        ),
    )


def test_markup_of_the_table_library_is_only_text(shown: Shown, sample: Screened) -> None:
    assert "[bold red]x[/]" in shown("[bold red]x[/]", sample)


def test_unreadable_media_takes_a_few_lines_unless_everything_is_asked_for(
    shown: Shown, unreadable_sample: Screened
) -> None:
    assert len(shown("empty.mp4", unreadable_sample).splitlines()) <= 3
    assert "privacy" in shown("empty.mp4", unreadable_sample, explain=True)


def test_a_clip_without_evidence_lists_no_clause(shown: Shown, sample: Screened) -> None:
    judgements = tuple(replace(one, contributions=one.contributions[:1]) for one in sample.screening.judgements)
    clear = tuple(replace(one, outcome=Outcome.CLEAR) for one in sample.decision.clauses)
    screening = replace(sample.screening, judgements=judgements, signals=())
    out = shown("a.mp4", replace(sample, screening=screening, decision=replace(sample.decision, clauses=clear)))
    assert "8 clear, none above .996" in out
    assert "who decides" not in out


@pytest.mark.parametrize(("count", "text"), [(1, "1 decode error"), (2, "2 decode errors")])
def test_one_is_no_plural(sample: Screened, count: int, text: str) -> None:
    assert coverage_text(replace(sample.screening.coverage, decode_errors=count)).split(", ")[3] == text


def test_words_that_were_not_understood_are_said_where_an_upload_has_one_line(spoken_sample: Screened) -> None:
    screening = spoken_sample.screening
    assert unread_text(screening) == "words not understood: voice, picture"
    assert unread_text(replace(screening, abstentions=())) == ""
    whole = tuple(replace(one, span=None) for one in screening.abstentions)
    assert unread_text(replace(screening, abstentions=whole)) == "", "nothing looked at all is said as blindness"
