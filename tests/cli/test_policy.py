"""`tidegate policy` checks a file at its place, and shows what a policy says."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tidegate.cli.clause_text import blind_text, rule_text, targets_text
from tidegate.cli.main import run
from tidegate.policy.bundled import bundled, path
from tidegate.records import Action, Blind, BlindRule, Moment, Policy, RiskTargets, Rule, from_json


def test_the_bundled_policy_has_no_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "check", str(path())]) == 0
    assert "0 errors" not in capsys.readouterr().out


def test_a_mistake_is_shown_with_its_line_and_a_suggestion(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "policy.yaml"
    wrong.write_text(
        path().read_text(encoding="utf-8").replace("severity: high", "severity: hihg", 1), encoding="utf-8"
    )
    assert run(["policy", "check", str(wrong)]) == 2
    out = capsys.readouterr().out
    assert "TG-P020" in out
    assert "did you mean 'high'?" in out
    assert "^^^^" in out


def test_json_gives_each_finding_and_a_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "policy.yaml"
    wrong.write_text("id: x\n")
    assert run(["policy", "check", str(wrong), "--json"]) == 2
    *findings, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"code", "line", "column", "message"} <= findings[0].keys()
    assert (last["is_valid"], last["error_count"]) == (False, len([f for f in findings if f["is_error"]]))


def test_a_hostile_file_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "policy.yaml"
    wrong.write_bytes("id: \u202e\n\x1b[2J: 1\n".encode())
    assert run(["policy", "check", str(wrong)]) == 2
    assert not set(capsys.readouterr().out) & {"\x1b", "\u202e"}


def test_a_missing_file_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "check", str(tmp_path / "none.yaml")]) == 2
    assert "TG-P001" in capsys.readouterr().out


def test_the_overview_has_a_line_for_each_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "show"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n{clause.id} " in out for clause in bundled().clauses)


def test_one_clause_is_shown_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "show", "--clause", "hate"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    clause = bundled().clause("hate")
    assert " ".join(clause.text.split()) in out
    for words in (*clause.examples, *clause.blind.spots, clause.eu.category):
        assert words in out


def test_full_shows_every_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "show", "--full"]) == 0
    out = capsys.readouterr().out
    assert out.count("EU category") == len(bundled().clauses)


def test_json_is_the_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "show", "--json"]) == 0
    assert from_json(Policy, json.loads(capsys.readouterr().out)) == bundled()


@pytest.mark.parametrize(
    ("blind", "text"),
    [
        (Blind(rule=BlindRule.ALLOW), "allow"),
        (Blind(rule=BlindRule.SAMPLE, sample_share=0.0005), "sample 1 in 2,000"),
        (
            Blind(rule=BlindRule.ALLOW, lost=BlindRule.HOLD, surfaces={"ad": BlindRule.HOLD}),
            "allow, hold if lost, hold on ad",
        ),
    ],
)
def test_blindness_is_said_in_words(blind: Blind, text: str) -> None:
    assert blind_text(blind) == text


def test_targets_and_rules_are_said_in_words(golden: Callable[[str, str], None]) -> None:
    targets = [RiskTargets(), RiskTargets(act_precision=0.97, catch_recall=0.9, look_one_in=50)]
    rules = [
        Rule(actions=(Action.REMOVE,)),
        Rule(actions=(Action.LABEL,), when="declared.ai_generated", on=Moment.FACT),
        Rule(actions=(Action.HOLD, Action.ESCALATE), on=Moment.LOOK),
    ]
    golden("cli/clause-words.txt", "\n".join([*map(targets_text, targets), *map(rule_text, rules)]) + "\n")


def _loud_policy(folder: Path) -> Path:
    text = path().read_text(encoding="utf-8")
    own = folder / "loud.yaml"
    own.write_text(text.replace("    labels:\n", "    labels:\n      shouting.capitals: 1.0\n", 1), encoding="utf-8")
    return own


@pytest.mark.usefixtures("plugin")
def test_a_plugins_label_may_stand_in_a_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = _loud_policy(tmp_path)
    assert run(["policy", "check", str(own)]) == 0, capsys.readouterr().out
    assert run(["policy", "show", str(own), "--full"]) == 0
    assert "shouting.capitals 1" in capsys.readouterr().out


def test_a_label_that_no_installed_detector_says_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["policy", "check", str(_loud_policy(tmp_path))]) == 2
    assert "shouting.capitals" in capsys.readouterr().out


def test_yaml_is_the_source_byte_for_byte(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["policy", "show", "--yaml"]) == 0
    assert capfdbinary.readouterr().out == path().read_bytes()
    own = tmp_path / "own.yaml"
    own.write_bytes(path().read_bytes().replace(b"\n", b"\r\n") + b"# the end, without a line end")
    assert run(["policy", "show", str(own), "--yaml"]) == 0
    assert capfdbinary.readouterr().out == own.read_bytes()


def test_yaml_is_all_or_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "show", "--yaml", "--clause", "hate"]) == 2
    assert "--yaml shows the whole source" in capsys.readouterr().err


def test_a_policy_may_name_what_a_mounted_tagger_tells(
    bell_tagger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(
        path().read_text(encoding="utf-8").replace("sound.scream: 0.2", "sound.bell: 0.2"), encoding="utf-8"
    )
    assert run(["policy", "check", str(file)]) == 2
    assert "sound.bell" in capsys.readouterr().out
    assert run(["policy", "check", str(file), "--set", f"sound.tagger_paths={bell_tagger}"]) == 0
