import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.marks import Tag
from tidegate.media.xmp import MOST_ELEMENTS, MOST_XMP_TAGS, read_xmp
from tidegate.testing.manifests import IPTC, xmp

KIND = IPTC + "trainedAlgorithmicMedia"
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
EXT = 'xmlns:{}="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'


def said(packet: bytes) -> list[tuple[str, str]]:
    return [(tag.field, tag.value) for tag in read_xmp(packet)]


def test_wanted_properties_are_read_and_others_left() -> None:
    packet = xmp({"Iptc4xmpExt:DigitalSourceType": KIND, "xmp:CreatorTool": "Editor 1 & 2", "xmp:Label": "private"})
    assert said(packet) == [("xmp:DigitalSourceType", KIND), ("xmp:CreatorTool", "Editor 1 & 2")]


def test_a_property_may_be_an_attribute_a_resource_or_in_a_list_under_any_prefix() -> None:
    attribute = f'<rdf:RDF {RDF}><rdf:Description {EXT.format("q")} q:DigitalSourceType="{KIND}"/></rdf:RDF>'
    resource = f'<rdf:RDF {RDF} {EXT.format("q")}><q:DigitalSourceType rdf:resource="{KIND}"/></rdf:RDF>'
    listed = (
        f"<rdf:RDF {RDF} {EXT.format('q')}><q:DigitalSourceType><rdf:Bag><rdf:li>{KIND}</rdf:li></rdf:Bag>"
        "</q:DigitalSourceType></rdf:RDF>"
    )
    for packet in (attribute, resource, listed):
        assert said(packet.encode()) == [("xmp:DigitalSourceType", KIND)]


def test_the_history_names_its_programs() -> None:
    packet = (
        f'<rdf:RDF {RDF} xmlns:mm="http://ns.adobe.com/xap/1.0/mm/" '
        'xmlns:ev="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"><mm:History><rdf:Seq>'
        '<rdf:li ev:softwareAgent="Editor 3" ev:parameters="added content credentials" ev:when="2020"/>'
        "</rdf:Seq></mm:History></rdf:RDF>"
    )
    assert said(packet.encode()) == [
        ("xmp:History softwareAgent", "Editor 3"),
        ("xmp:History parameters", "added content credentials"),
    ]


def test_entities_are_never_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    body = f"<rdf:RDF {RDF} {EXT.format('q')}><q:DigitalSourceType>&b;</q:DigitalSourceType></rdf:RDF>"
    assert said((bomb + body).encode()) == []
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    assert said((outside + body.replace("&b;", "&a;")).encode()) == []


def test_a_damaged_packet_still_says_its_source_type() -> None:
    packet = xmp({"xmp:CreatorTool": "Editor", "Iptc4xmpExt:DigitalSourceType": KIND})
    cut = packet[: packet.index(b"trainedAlgorithmicMedia") + 24]
    assert ("xmp:DigitalSourceType", "trainedAlgorithmicMedia") in said(cut)
    assert ("xmp:CreatorTool", "Editor") in said(cut)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_packets_in_both_encodings_are_read(encoding: str) -> None:
    text = f"<rdf:RDF {RDF} {EXT.format('q')}><q:AISystemUsed>Modell ä</q:AISystemUsed></rdf:RDF>"
    assert said(text.encode(encoding)) == [("xmp:AISystemUsed", "Modell ä")]


def test_depth_and_number_of_elements_are_bounded() -> None:
    inside = f"<q:AISystemUsed {EXT.format('q')}>x</q:AISystemUsed>"
    deep = "<a>" * 200 + inside + "</a>" * 200
    assert said(deep.encode()) == []
    wide = f"<a>{'<b/>' * (MOST_ELEMENTS + 10)}{inside}</a>"
    assert said(wide.encode()) == []
    many = f"<a>{''.join(inside.replace('>x<', f'>x{number}<') for number in range(500))}</a>"
    assert len(said(many.encode())) <= MOST_XMP_TAGS


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: xmp({"xmp:CreatorTool": text}))))
def test_any_bytes_are_survived(packet: bytes) -> None:
    assert all(isinstance(tag, Tag) for tag in read_xmp(packet))


@given(st.integers(0, 500), st.binary(min_size=1, max_size=6))
def test_a_packet_with_overwritten_bytes_is_survived(at: int, patch: bytes) -> None:
    packet = bytearray(xmp({"Iptc4xmpExt:DigitalSourceType": KIND, "dcterms:provenance": "https://example.com/x"}))
    packet[at : at + len(patch)] = patch
    assert all(tag.field.startswith("xmp:") for tag in read_xmp(bytes(packet)))
