"""Settings: one table, four sources in order, and a mistake is named at its place."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import SettingError
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.settings import TABLE, Settings, SettingType, Source, all_settings, resolve

NAMES = {setting.name: setting for setting in TABLE}


def file_with(folder: Path, text: str) -> Path:
    path = folder / "tidegate.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_limit_and_every_sampling_field_is_a_setting() -> None:
    fields = {f"media.{f.name}" for f in dataclasses.fields(MediaLimits)}
    fields |= {f"sampling.{f.name}" for f in dataclasses.fields(SamplingBudget)}
    assert fields <= NAMES.keys()


def test_every_setting_is_documented_and_has_its_own_variable() -> None:
    assert all(len(setting.doc) > 10 and not setting.doc.endswith(".") for setting in TABLE)
    assert len({setting.env for setting in all_settings()}) == len(TABLE)
    assert NAMES["media.max_duration_s"].env == "TIDEGATE_MEDIA_MAX_DURATION_S"


def test_without_any_source_every_value_is_the_default(tmp_path: Path) -> None:
    found = resolve(environ={}, folder=tmp_path)
    assert found.settings.media == MediaLimits()
    assert found.settings.sampling == SamplingBudget()
    assert {origin.source for origin in found.origins.values()} == {Source.DEFAULT}


def test_the_flag_wins_over_the_variable_and_the_variable_over_the_file(tmp_path: Path) -> None:
    file_with(tmp_path, "[media]\nmax_frames = 1\nmax_streams = 2\nmax_side_px = 3\n")
    env = {"TIDEGATE_MEDIA_MAX_FRAMES": "10", "TIDEGATE_MEDIA_MAX_STREAMS": "20"}
    found = resolve(["media.max_frames=100"], env, tmp_path)
    assert (found.settings.media.max_frames, found.settings.media.max_streams) == (100, 20)
    assert found.settings.media.max_side_px == 3
    assert [found.origins[f"media.{name}"].source for name in ("max_frames", "max_streams", "max_side_px")] == [
        Source.FLAG,
        Source.ENV,
        Source.FILE,
    ]
    assert found.origins["media.max_side_px"].where == f"{tmp_path / 'tidegate.toml'}:4"


@pytest.mark.parametrize(
    "text",
    [
        "[media]\nmax_frames = 7",
        "media.max_frames = 7",
        "# media\n\n[media] # limits\n  max_frames=7",
        '["media"]\n"max_frames" = 7',
    ],
)
def test_the_line_of_a_value_is_found_however_it_is_written(tmp_path: Path, text: str) -> None:
    path = file_with(tmp_path, text)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "max_frames" in line)
    found = resolve(environ={}, folder=tmp_path)
    assert found.value("media.max_frames") == 7
    assert found.origins["media.max_frames"].where == f"{path}:{line}"


def test_the_named_file_replaces_the_one_of_the_folder_and_must_exist(tmp_path: Path) -> None:
    file_with(tmp_path, "[media]\nmax_frames = 1\n")
    other = tmp_path / "other.toml"
    other.write_text("[media]\nmax_frames = 2\n")
    assert resolve(environ={"TIDEGATE_CONFIG": str(other)}, folder=tmp_path).value("media.max_frames") == 2
    with pytest.raises(SettingError, match="does not exist"):
        resolve(environ={"TIDEGATE_CONFIG": str(tmp_path / "none.toml")}, folder=tmp_path)


def test_paths_of_a_file_start_at_its_folder_and_those_of_a_flag_at_the_current_one(tmp_path: Path) -> None:
    file_with(tmp_path, '[matching]\nbank_paths = ["a.jsonl", "/banks/b.jsonl"]\n')
    found = resolve(["policy.path=mine.yaml"], {"TIDEGATE_CONFIG": str(tmp_path / "tidegate.toml")}, Path("/work-here"))
    assert found.settings.matching.bank_paths == (tmp_path / "a.jsonl", Path("/banks/b.jsonl"))
    assert found.settings.policy.path == Path("/work-here/mine.yaml")


def test_lists_are_split_by_the_path_separator_or_commas(tmp_path: Path) -> None:
    env = {"TIDEGATE_MATCHING_BANK_PATHS": "/a.jsonl:/b.jsonl", "TIDEGATE_SCREENING_DETECTORS": "visual, matching"}
    found = resolve(environ=env, folder=tmp_path)
    assert found.settings.matching.bank_paths == (Path("/a.jsonl"), Path("/b.jsonl"))
    assert found.settings.screening.detectors == ("visual", "matching")


def test_an_empty_variable_is_unset(tmp_path: Path) -> None:
    found = resolve(environ={"TIDEGATE_MEDIA_MAX_FRAMES": "", "TIDEGATE_HOME": ""}, folder=tmp_path)
    assert found.settings.media == MediaLimits()
    assert found.origins["home"].source is Source.DEFAULT


def test_the_home_follows_an_absolute_state_folder_only(tmp_path: Path) -> None:
    assert resolve(environ={"XDG_STATE_HOME": "/state"}, folder=tmp_path).settings.home == Path("/state/tidegate")
    relative = resolve(environ={"XDG_STATE_HOME": "state"}, folder=tmp_path).settings.home
    assert relative == Path("~/.local/state/tidegate").expanduser()
    assert resolve(environ={"TIDEGATE_HOME": "/mine"}, folder=tmp_path).settings.home == Path("/mine")


@pytest.mark.parametrize(
    ("flag", "says"),
    [
        ("media.max_frame=1", "did you mean media.max_frames?"),
        ("media.max_frames", "has no value"),
        ("media.max_frames=many", "wanted an integer, found 'many'"),
        ("media.max_frames=1.5", "wanted an integer"),
        ("media.max_frames=0", "wanted 1 or more"),
        ("media.max_duration_s=nan", "wanted a number"),
        ("media.max_duration_s=-1", "wanted 0 or more"),
        ("media.max_duration_s=1e999", "wanted a number"),
        ("home=", "wanted a path"),
        ("policy.path=a\0b", "wanted a path"),
    ],
)
def test_a_wrong_flag_is_refused_with_what_was_wanted(tmp_path: Path, flag: str, says: str) -> None:
    with pytest.raises(SettingError) as caught:
        resolve([flag], {}, tmp_path)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[media]\nmax_fames = 1", "tidegate.toml:2: no setting 'media.max_fames'"),
        ("\n[media]\nmax_frames = true", "tidegate.toml:3: media.max_frames: wanted an integer, found True"),
        ("[media]\nmax_frames = '9'\n[sampling]\nmax_frames = []", "tidegate.toml:4: sampling.max_frames"),
        ("matching = 3", "no setting 'matching'"),
        ("[matching]\nbank_paths = [1]", "wanted a list of paths"),
        ("[media", "not TOML"),
        ("[a.b.c]\nd = 1", "no setting 'a.b'"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    file_with(tmp_path, text)
    with pytest.raises(SettingError) as caught:
        resolve(environ={}, folder=tmp_path)
    assert says in str(caught.value)


def test_a_misspelt_variable_of_a_section_is_refused_and_others_are_left_alone(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="did you mean TIDEGATE_MEDIA_MAX_FRAMES"):
        resolve(environ={"TIDEGATE_MEDIA_MAX_FRAME": "1"}, folder=tmp_path)
    assert resolve(environ={"TIDEGATE_OTHER": "1"}, folder=tmp_path).settings.media == MediaLimits()


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tidegate.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingError, match="cannot be read"):
        resolve(environ={}, folder=tmp_path)


@given(st.sampled_from(TABLE), st.text(max_size=40))
def test_any_text_for_any_setting_is_taken_in_its_type_or_refused(setting: object, text: str) -> None:
    row = NAMES[setting.name]  # type: ignore[attr-defined]
    try:
        value = resolve([f"{row.name}={text}"], {}, Path("/here")).value(row.name)
    except SettingError as error:
        assert error.where == "--set"
        return
    kinds = {
        SettingType.INTEGER: int,
        SettingType.NUMBER: float,
        SettingType.PATH: Path | None,
        SettingType.PATHS: tuple,
        SettingType.NAMES: tuple,
        SettingType.TEXT: str,
        SettingType.MODEL: str,
    }
    assert isinstance(value, kinds[row.type])  # type: ignore[arg-type]
    assert row.least is None or value >= row.least  # type: ignore[operator]


def test_values_are_read_by_name() -> None:
    found = resolve(environ={}, folder=Path("/nowhere"))
    assert found.value("sampling.max_frames") == Settings().sampling.max_frames
    with pytest.raises(KeyError):
        found.value("sampling.none")


def test_a_text_setting_takes_only_its_choices_and_a_free_one_any_name(tmp_path: Path) -> None:
    found = resolve(["speech.english=only", "speech.model=hub:some/model"], {}, tmp_path)
    assert (found.settings.speech.english, found.settings.speech.model) == ("only", "hub:some/model")
    with pytest.raises(SettingError, match=r"speech.english: wanted one of auto, only, off, found 'never'"):
        resolve(["speech.english=never"], {}, tmp_path)
    with pytest.raises(SettingError, match=r"speech\.model: wanted a text"):
        resolve(["speech.model=a\tb"], {}, tmp_path)


def test_the_home_of_somebody_who_does_not_exist_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="nobody here has that home folder"):
        resolve(["policy.path=~no-such-person-here/policy.yaml"], {}, tmp_path)


def test_a_folder_with_a_model_starts_where_other_paths_start(tmp_path: Path) -> None:
    file_with(tmp_path, '[speech]\nmodel = "models/whisper-small"\n')
    named = {"TIDEGATE_CONFIG": str(tmp_path / "tidegate.toml")}
    here = Path("/work-here")
    assert resolve(environ=named, folder=here).settings.speech.model == str(tmp_path / "models/whisper-small")
    assert resolve(["speech.model=mine"], named, here).settings.speech.model == "/work-here/mine"
    assert resolve(["speech.model=~/mine"], {}, here).settings.speech.model == str(Path("~/mine").expanduser())
    assert resolve(["speech.model="], named, here).settings.speech.model == ""
    with pytest.raises(SettingError, match="nobody here has that home folder"):
        resolve(["speech.model=~no-such-person-here/model"], {}, here)


def test_a_model_on_the_hub_is_no_path_wherever_it_is_named(tmp_path: Path) -> None:
    file_with(tmp_path, '[speech]\nmodel = "hub:owner/name@v2"\n')
    assert resolve(environ={}, folder=tmp_path).settings.speech.model == "hub:owner/name@v2"
