from tidegate.media.marks import tag
from tidegate.signals.provenance.finding import key_of, with_keys


def test_a_field_is_known_by_its_name_without_its_place() -> None:
    assert key_of(tag("container:Encoder", "x")) == "encoder"
    assert key_of(tag("xmp:TC260:AIGC", "x")) == "tc260:aigc"
    assert key_of(tag("edit list", "x")) == "edit list"


def test_tags_are_found_wherever_they_stand() -> None:
    tags = [tag("png:Software", "a"), tag("exif:Software", "b"), tag("png:x", "c")]
    assert [one.value for one in with_keys(tags, "software")] == ["a", "b"]
