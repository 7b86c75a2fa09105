"""Personal data in text: payment cards, bank accounts and identity numbers, told by their checksums."""

import re
from collections.abc import Callable, Iterator
from datetime import date

from tidegate.signals.wording.find import Find
from tidegate.signals.wording.wordlist import words

LABEL = "pattern.personal_data"

_CARD = re.compile(r"(?<![\d.,-])(?:\d[ -]?){12,18}\d(?![\d.,-]\d|\d)")
_CARD_PREFIX = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|6(?:011|4[4-9]|5)|35(?:2[89]|[3-8])|62|3(?:0[0-5]|[68])"
)
_SAMPLE_CARDS = words(
    "4111111111111111 4242424242424242 5555555555554444 378282246310005 4000056655665556 "
    "6011111111111117 4012888888881881 "
    "5105105105105100 371449635398431 3530111333300000 4000000000000002"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_IBAN_LENGTH = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24,
    "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29,
    "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Characters of an IBAN by country, from the IBAN registry (ISO 13616)."""

_RRN = re.compile(r"(?<!\d)(\d{6})[ -]?([1-8]\d{6})(?!\d)")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_DNI = re.compile(r"(?<![A-Za-z0-9])([XYZ]?\d{7,8})[ -]?([A-HJ-NP-TV-Z])(?![A-Za-z0-9])", re.I)
_CPF = re.compile(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)")
_CN_ID = re.compile(r"(?<!\d)[1-6]\d{5}(?:19|20)\d{9}[\dXx](?!\d)")
_NIR = re.compile(r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\d)")
_AADHAAR = re.compile(r"(?<!\d)[2-9]\d{3} \d{4} \d{4}(?!\d)")
_CODICE = re.compile(r"(?<![A-Z0-9])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![A-Z0-9])", re.I)
_ADDRESS = re.compile(
    r"(?<!\w)(?:(?:his|her|their|this (?:guy|man|woman|girl|boy)(?:'s)?) (?:home |full |"
    r"real )?(?:address|phone number|number) is|"
    r"(?:he|she|they) lives? at|(?:su|la) direcci[oó]n (?:de casa )?es|(?:seine|"
    r"ihre) adresse (?:ist|lautet)|집 ?주소(?:는|:)|"
    r"신상 ?(?:공개|털|정보))[\s:]{0,3}[^\n]{0,60}?\d",
    re.I,
)


def personal_data(text: str) -> Iterator[Find]:
    """Numbers that identify a person, where their checksum or date holds, and wording that gives away an address."""
    for pattern, check, score, note in _CHECKED:
        for match in pattern.finditer(text):
            if (factor := check(match.group())) > 0:
                yield Find(match.start(), match.end(), LABEL, round(score * factor, 3), note)
    for match in _ADDRESS.finditer(text):
        yield Find(match.start(), match.end(), LABEL, 0.55, "tells where a person lives or can be called")


def luhn(digits: str) -> bool:
    """Whether the last digit checks by ISO/IEC 7812-1 annex B."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _card(found: str) -> float:
    digits = re.sub(r"\D", "", found)
    groups = [len(part) for part in re.split(r"[ -]", found)]
    is_grouped_oddly = len(groups) > 1 and not all(3 <= size <= 6 for size in groups)
    if digits in _SAMPLE_CARDS:
        return 0.3
    if len(set(digits)) < 4 or is_grouped_oddly or not _CARD_PREFIX.match(digits) or not luhn(digits):
        return 0.0
    return 1.0 if len(groups) > 1 or len(digits) in (15, 16) else 0.6


def _iban(found: str) -> float:
    compact = found.replace(" ", "")
    if len(compact) != _IBAN_LENGTH.get(compact[:2]):
        return 0.0
    number = int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4]))
    return 1.0 if number % 97 == 1 else 0.0


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return 1900 <= year <= 2030


def _rrn(found: str) -> float:
    """Korean resident number: a birth date, a century digit, and a check digit in those given before October 2020."""
    digits = re.sub(r"\D", "", found)
    century = {"1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(digits[6], 2000)
    if not _is_date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6])):
        return 0.0
    total = sum(int(char) * weight for char, weight in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False))
    is_checked = (11 - total % 11) % 10 == int(digits[12])
    return 1.0 if is_checked else 0.7 if "-" in found else 0.0


def _dni(found: str) -> float:
    compact = re.sub(r"[ -]", "", found.upper())
    number = compact[:-1].translate(str.maketrans("XYZ", "012"))
    is_checked = len(compact) == 9 and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == compact[-1]
    return 1.0 if is_checked else 0.0


def _cpf(found: str) -> float:
    digits = [int(char) for char in found if char.isdigit()]
    if len(set(digits)) == 1:
        return 0.0
    for length in (9, 10):
        total = sum(digit * weight for digit, weight in zip(digits[:length], range(length + 1, 1, -1), strict=True))
        if total * 10 % 11 % 10 != digits[length]:
            return 0.0
    return 1.0


def _cn_id(found: str) -> float:
    if not _is_date(int(found[6:10]), int(found[10:12]), int(found[12:14])):
        return 0.0
    total = sum(int(char) * (1 << (17 - index)) for index, char in enumerate(found[:17]))
    return 1.0 if "10X98765432"[total % 11] == found[17].upper() else 0.0


def _nir(found: str) -> float:
    compact = found.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return 1.0 if 97 - int(compact[:13]) % 97 == int(compact[13:]) else 0.0


_VERHOEFF_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_P = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def _aadhaar(found: str) -> float:
    """Check digit by Verhoeff (1969), as the Indian identity number uses it."""
    check = 0
    for index, char in enumerate(reversed(found.replace(" ", ""))):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[index % 8][int(char)])])
    return 1.0 if check == 0 else 0.0


def _plain(found: str) -> float:
    return 1.0 if found else 0.0


_CHECKED: tuple[tuple[re.Pattern[str], Callable[[str], float], float, str], ...] = (
    (_CARD, _card, 0.85, "payment card number with a valid check digit"),
    (_IBAN, _iban, 0.75, "bank account number (IBAN) with valid check digits"),
    (_RRN, _rrn, 0.9, "Korean resident registration number"),
    (_SSN, _plain, 0.6, "number written like a US social security number"),
    (_DNI, _dni, 0.75, "Spanish identity number with a valid check letter"),
    (_CPF, _cpf, 0.8, "Brazilian taxpayer number with valid check digits"),
    (_CN_ID, _cn_id, 0.9, "Chinese identity number with a valid check digit"),
    (_NIR, _nir, 0.8, "French social security number with a valid key"),
    (_AADHAAR, _aadhaar, 0.6, "number written like an Indian identity number, with a valid check digit"),
    (_CODICE, _plain, 0.7, "number written like an Italian tax code"),
)
