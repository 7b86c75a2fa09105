"""What the terminal says about one upload."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tidegate.cli.paths import Refusal
from tidegate.cli.phrases import coverage_text
from tidegate.cli.present import details, headline, refused
from tidegate.cli.terminal import print_lines
from tidegate.errors import InputNotFoundError
from tidegate.records import Outcome, Policy
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


def test_unreadable_media_is_shown_as_held_with_its_code(
    shown: Shown, unreadable_sample: Screened, golden: Callable[[str, str], None]
) -> None:
    golden("cli/screen-unreadable.txt", shown("empty.mp4", unreadable_sample))


def test_no_stranger_can_write_to_the_terminal(
    shown: Shown, sample: Screened, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b]0;owned\x07\u202egpj.exe\r\n\udc80"
    decision = replace(sample.decision, reason=hostile)
    text = shown(hostile, replace(sample, decision=decision))
    print_lines(headline(hostile, decision, sample.screening))
    print_lines(refused(hostile, Refusal(name=hostile, error=InputNotFoundError(hostile, where=hostile))))
    text += capsys.readouterr().out
    text.encode("utf-8")
    assert not set(text) & {"\x1b", "\x07", "\r", "\u202e"}


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
