"""Public collections of labelled text that a run may name in its card: title, origin and licence, as published."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One public collection. `licence` is its SPDX name, or words where SPDX has none."""

    title: str
    origin: str
    licence: str


def _one(title: str, origin: str, licence: str) -> Collection:
    return Collection(title=title, origin=origin, licence=licence)


COLLECTIONS: Mapping[str, Collection] = MappingProxyType(
    {
        "davidson": _one("Hate Speech and Offensive Language", "Davidson et al. 2017", "MIT"),
        "hatemojibuild": _one("HatemojiBuild", "Kirk et al. 2022", "CC-BY-4.0"),
        "edos": _one("Explainable Detection of Online Sexism", "Kirk et al. 2023, SemEval task 10", "CC0-1.0"),
        "toxigen": _one("ToxiGen", "Hartvigsen et al. 2022", "CDLA-Permissive-2.0 and MIT"),
        "implicit_hate": _one("Implicit Hate Corpus", "ElSherief et al. 2021", "MIT"),
        "mlma": _one("Multilingual and Multi-Aspect Hate Speech", "Ousidhoum et al. 2019", "MIT"),
        "ailuminate": _one("AILuminate demonstration prompts", "MLCommons 2024", "CC-BY-4.0"),
        "surge_toxicity": _one("Toxicity dataset", "Surge AI", "MIT"),
        "toxic_spans": _one("Toxic Spans", "Pavlopoulos et al. 2021, SemEval task 5", "CC0-1.0"),
        "sms_spam": _one("SMS Spam Collection", "Almeida et al. 2011", "CC-BY-4.0"),
        "cold": _one("Chinese Offensive Language Dataset", "Deng et al. 2022", "Apache-2.0"),
        "germeval": _one("GermEval 2018 shared task", "Wiegand et al. 2018", "CC-BY-4.0"),
        "told": _one("ToLD-Br", "Leite et al. 2020", "CC-BY-SA-4.0"),
        "korean": _one("Korean hate speech comments (BEEP!)", "Moon et al. 2020", "CC-BY-SA-4.0"),
        "templates": _one("Templates of this project", "Tidegate, src/tidegate/learning/templates", "Apache-2.0"),
    }
)
"""Source name -> collection. A source that is not here is the operator's own."""
