from dataclasses import replace

import pytest

from tidegate.media.marks import ManifestReport, ManifestStatus, tag
from tidegate.signals.provenance.declared import GENERATORS, in_manifest, in_tags

REPORT = ManifestReport(
    status=ManifestStatus.VALID, place="uuid box", size_bytes=1, source_types=("trainedAlgorithmicMedia",)
)
AIGC = '{"Label":"%s","ContentProducer":"x","ProduceID":"y"}'
GRAPH = '{"3": {"inputs": {"seed": 1}, "class_type": "KSampler"}}'


def scores(field: str, value: str) -> list[float]:
    return [finding.score for finding in in_tags([tag(field, value)])]


@pytest.mark.parametrize(
    "value",
    [
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        "https://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia/",
        "digsrctype:trainedAlgorithmicMedia",
        "compositeSynthetic",
        "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
    ],
)
def test_every_spelling_of_a_generated_source_type_is_a_declaration(value: str) -> None:
    assert scores("xmp:DigitalSourceType", value)[0] > 0.8


@pytest.mark.parametrize("kind", ["digitalCapture", "humanEdits", "screenCapture", "", "algorithmicallyEnhanced"])
def test_other_source_types_are_none(kind: str) -> None:
    assert scores("xmp:DigitalSourceType", f"http://cv.iptc.org/newscodes/digitalsourcetype/{kind}") == []
    assert list(in_manifest(replace(REPORT, source_types=(kind,)))) == []


@pytest.mark.parametrize(
    ("field", "value", "score"),
    [
        ("container:AIGC", AIGC % "1", 0.95),
        ("AIGC", AIGC % "2", 0.6),
        ("xmp:TC260:AIGC", AIGC % "3", 0.5),
        ("png:AIGC", AIGC % "AIGC", 0.8),
        ("container:AIGC", "{}", 0.8),
        ("exif:UserComment", '{"AIGC":' + AIGC % "1" + "}", 0.95),
        ("container:aigc_info", '{"aigc_label_type":2}', 0.9),
        ("container:com.android.information", '{"com.bytedance.info":"{\\"aigc_label_type\\":1}"}', 0.9),
    ],
)
def test_labels_of_generated_content_are_declarations(field: str, value: str, score: float) -> None:
    assert scores(field, value) == [score]


def test_labels_that_say_no_are_none() -> None:
    assert scores("container:AIGC", AIGC % "0") == []
    assert scores("container:aigc_info", '{"aigc_label_type":0}') == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("png:parameters", "a boat\nNegative prompt: fog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1"),
        ("exif:UserComment", "a boat Steps: 30, Seed: 5"),
        ("png:prompt", GRAPH),
        ("container:comment", '{"prompt": ' + GRAPH.replace('"', '\\"') + "}"),
        ("container:workflow", '{"last_node_id": 9, "nodes": []}'),
        ("png:invokeai_metadata", "{}"),
        ("png:Software", "NovelAI"),
        ("png:Source", "Stable Diffusion XL 4.0"),
        ("xmp:Credit", "Made with Google AI"),
        ("xmp:AISystemUsed", "Model 1"),
        ("container:encoder", "ComfyUI"),
    ],
)
def test_what_generators_leave_behind_is_a_declaration(field: str, value: str) -> None:
    assert max(scores(field, value)) >= 0.85


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("png:parameters", "width=3"),
        ("container:comment", "made with stable diffusion, they said; steps: many"),
        ("container:comment", "vid:v0abc123"),
        ("exif:UserComment", "at the harbour"),
        ("container:encoder", "Lavf62.12.102"),
        ("container:model", "SM-S911B"),
        ("video:handler_name", "VideoHandler"),
        ("xmp:CreatorTool", "Adobe Photoshop 25.1"),
        ("png:Software", "Runway Photo Viewer"),
        ("xmp:Credit", "Sora Tanaka"),
    ],
)
def test_ordinary_tags_are_no_declaration(field: str, value: str) -> None:
    assert scores(field, value) == []


def test_every_generator_of_the_table_is_found_by_its_own_name() -> None:
    spelled = {"OpenAI": "OpenAI Sora", "Google AI": "Made with Google AI", "Runway": "RunwayML", "Pika": "Pika Labs"}
    for _, name, score in GENERATORS:
        assert score in scores("container:software", spelled.get(name, name)), name


def test_a_broken_manifest_and_an_ingredient_say_it_less_surely() -> None:
    (trusted,) = in_manifest(replace(REPORT, is_trusted=True))
    (valid,) = in_manifest(REPORT)
    (broken,) = in_manifest(replace(REPORT, status=ManifestStatus.INVALID))
    kinds = REPORT.source_types
    (inside,) = in_manifest(replace(REPORT, source_types=(), ingredient_source_types=kinds))
    assert 1.0 == trusted.score > valid.score > inside.score > broken.score > 0.5
    assert "ingredient" in inside.says
    for status in (ManifestStatus.FOUND, ManifestStatus.UNREADABLE, ManifestStatus.EMPTY):
        assert list(in_manifest(replace(REPORT, status=status))) == []


def test_a_manifest_may_name_a_generator_without_a_source_type() -> None:
    (named,) = in_manifest(replace(REPORT, source_types=(), agents=("Adobe Firefly",)))
    assert "Adobe Firefly" in named.says
