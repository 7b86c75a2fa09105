import pytest

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.signals.wording import lexicon_data
from tidegate.signals.wording.lexicon_data import (
    OWN_FILE,
    Lexicon,
    Mode,
    add_rows,
    decode,
    encode,
    load_lexicon,
    package_entries,
)


def row(language: str, severity: str, category: str, mode: str, *words: str) -> str:
    return "\t".join((language, severity, category, mode, " ".join(encode(word) for word in words)))


def test_rows_apply_in_order() -> None:
    lexicon = Lexicon()
    add_rows(
        lexicon,
        "\n".join([row("en", "high", "general", "word", "florb"), row("en", "drop", "-", "word", "florb")]),
        where="t",
    )
    assert lexicon.of("en")[Mode.WORD] == {}
    assert lexicon.drops["en"] == {"florb"}
    add_rows(lexicon, row("en", "low", "general", "word", "florb"), where="t")
    assert lexicon.of("en")[Mode.WORD]["florb"].score == 0.3


def test_strong_english_words_bring_their_endings_and_drop_with_them() -> None:
    lexicon = Lexicon()
    add_rows(lexicon, row("en", "high", "general", "word", "florb"), where="t")
    assert "florbing" in lexicon.of("en")[Mode.WORD]
    lexicon.drop("en", "florb")
    assert lexicon.of("en")[Mode.WORD] == {}


@pytest.mark.parametrize(
    "text", ["en\thigh\tgeneral\tword", "en\tworst\tgeneral\tword\tZmxvcmI=", "en\thigh\tgeneral\tword\t%%%"]
)
def test_a_row_that_cannot_be_read_names_its_line(text: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        add_rows(Lexicon(), f"# head\n{text}", where="list.tsv")
    assert caught.value.where == "list.tsv:2"


def test_our_own_file_is_whole_and_not_readable_by_accident() -> None:
    text = OWN_FILE.read_text("utf-8")
    add_rows(Lexicon(), text, where=OWN_FILE.name)
    columns = [line.split("\t")[4] for line in text.splitlines() if line and not line.startswith("#")]
    assert all(encode(decode(word)) == word for column in columns for word in column.split())


def test_the_languages_that_matter_have_lists() -> None:
    pytest.importorskip("terlik")
    lexicon = load_lexicon()
    for language in ("en", "es", "de", "ko", "fr", "pt"):
        assert sum(map(len, lexicon.of(language).values())) >= 30


def test_a_missing_package_is_said_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon_data, "PACKAGE", "no_such_package")
    with pytest.raises(MissingDependencyError) as caught:
        list(package_entries())
    assert "tidegate[wording]" in caught.value.next_step


def test_a_damaged_dictionary_is_said_with_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("terlik")
    monkeypatch.setattr(lexicon_data, "PACKAGE_LANGUAGES", ("xx",))
    with pytest.raises(ModelFileError, match="xx dictionary"):
        list(package_entries())
