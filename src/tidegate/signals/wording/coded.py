"""Words that short-video communities write in place of ones that filters know ("algospeak").

Collected by us from press and research on the habit (Washington Post, "Internet 'algospeak' is changing our
language", April 2022; Steen, Yurechko and Klug, "You Can (Not) Say What You Want", Social Media + Society 2023).
Only words with no other everyday meaning stand here: "corn", "accountant" or "grape" would misread honest text.
"""

from collections.abc import Mapping
from types import MappingProxyType

CODED_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "unalive": "kill",
        "unalived": "killed",
        "unaliving": "killing",
        "un-alive": "kill",
        "un-alived": "killed",
        "sewerslide": "suicide",
        "sewer slide": "suicide",
        "sewer-slide": "suicide",
        "sewerslidal": "suicidal",
        "sewercidal": "suicidal",
        "suislide": "suicide",
        "kermit sewer slide": "commit suicide",
        "commit toaster bath": "commit suicide",
        "kys": "kill yourself",
        "kms": "kill myself",
        "seggs": "sex",
        "seggsy": "sexy",
        "seggsual": "sexual",
        "seggsually": "sexually",
        "shmex": "sex",
        "shmexy": "sexy",
        "secks": "sex",
        "prawn hub": "porn hub",
        "cornhub": "pornhub",
        "pron": "porn",
        "grapist": "rapist",
        "ouid": "weed",
        "nip nops": "nipples",
        "selfh": "self harm",
        "le dollar bean": "lesbian",
        "yahtzee party": "nazi party",
    }
)
"""Coded word in lower case -> the plain word."""
