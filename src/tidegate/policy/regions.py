"""Regions: ISO 3166-1 country codes and how a clause's regions apply to an upload's."""

_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
    MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
"""The 249 officially assigned two-letter codes of ISO 3166-1."""

MISTAKEN = {"UK": "GB", "EL": "GR", "EU": "the member states, one by one", "EEA": "the member states, one by one"}
"""What people write, and what ISO 3166 calls it."""


def is_known(region: str) -> bool:
    """Whether a code such as KR or US-CA names a country; subdivisions are not checked."""
    return region.partition("-")[0] in COUNTRIES


def mistaken(region: str) -> str:
    """What to write instead of a code that ISO 3166 does not know; empty if nothing comes near."""
    if region in MISTAKEN:
        return f"use {MISTAKEN[region]}"
    return f"did you mean {region.upper()!r}?" if region.upper() in COUNTRIES else ""


def applies(clause_regions: tuple[str, ...], upload_region: str) -> bool:
    """Whether a clause for these regions holds for an upload of that region.

    No regions mean everywhere. Unknown upload regions, and a country of which the clause names only a part, are
    taken as meant: who cannot tell applies the clause.
    """
    if not clause_regions or not upload_region:
        return True
    return any(
        upload_region == region or upload_region.startswith(f"{region}-") or region.startswith(f"{upload_region}-")
        for region in clause_regions
    )
