"""Contact details in text: e-mail addresses, phone numbers, messenger names."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tidegate.signals.wording.find import Find

LABEL = "pattern.contact"

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}(?![\w@])", re.I)
_SPELLED_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s{0,2}(?:[\[({]\s?(?:at|arroba|골뱅이)\s?[\])}]|\s(?:at|arroba|골뱅이)\s|@)\s{0,2}"
    r"(?:gmail|googlemail|yahoo|outlook|hotmail|icloud|proton(?:mail)?|naver|daum|gmx|web|mail|qq|163|yandex)"
    r"(?:\s{0,2}(?:\.|[\[({]?\s?(?:dot|punkt|punto|점|닷)\s?[\])}]?)\s{0,2}(?:com|net|de|me|ru|kr|co|es|fr))?(?!\w)",
    re.I,
)
_NAME = r"@?[a-z0-9][a-z0-9._-]{2,31}"
_APPS = (
    r"telegram|tele ?gram|telegrm|tlgrm|tg|t\.me|whats ?app|watsapp|wattsapp|wsp|wa|wa\.me|kakao ?talk|kakao|"
    r"카카오톡|카톡|카카오|오픈ㅋㅌ|ㅋㅌ|옾챗|오픈 ?채팅|텔레그램|텔레|텔그|ㅌㄹ|라인|위챗|line|"
    r"wechat|weixin|vx|微信|威信|薇信|"
    r"signal|discord|snap(?:chat)?|viber|skype|zalo|kik|wickr|threema|session|телеграм|тг|ватсап|ライン|カカオ|واتساب|تلجرام"
)
_HANDLE = re.compile(
    rf"(?<!\w)(?:{_APPS})(?:\s{{0,2}}(?:id|아이디|アイディ|name|user|me|us|주소|:|：|=|@|\(|-|>|→|👉|👇|로|문의)){{1,4}}\s{{0,2}}"
    rf"({_NAME}|\+?\d[\d .()-]{{6,18}}\d)",
    re.I,
)
_NAMES_AN_ACCOUNT = re.compile(r"[:：=@>→👉👇]|id|user|name|아이디|アイディ", re.I)
_WEAK_HANDLE = re.compile(
    r"(?<!\w)(?:telegram|whats ?app|wechat|텔레그램|텔레|카톡|카카오톡|微信)\s{0,2}(\+?\d[\d .()-]{6,18}\d|"
    r"@[a-z0-9][a-z0-9._]{2,31}|[a-z][a-z._]{1,15}\d[a-z0-9._]{0,15}(?!\w))",
    re.I,
)
_CHAT_LINK = re.compile(
    r"(?<![\w.])(?:t\.me|telegram\.me|wa\.me|api\.whatsapp\.com|chat\.whatsapp\.com|open\.kakao\.com|pf\.kakao\.com|"
    r"line\.me|lin\.ee|discord\.gg|discord\.com/invite|m\.me|snapchat\.com/add|signal\.me|zalo\.me)/[\w+@./?=&%#-]{1,200}",
    re.I,
)
_PHONE = re.compile(r"(?<![\w.,/$€£¥₩#+-])(\+?\(?\d[\d ().\-–/]{6,22}\d)(?![\w%€£¥₩])")
_KOREAN_MOBILE = re.compile(
    r"(?<![\d-])(?:01[016789]|공일공|영일영|O1O|o1o)[ .\-–)]{0,3}\d{3,4}[ .\-–]{0,3}\d{4}(?!\d)"
)
_DATE = re.compile(
    r"(?:(?:19|20)\d\d[./\-– ]\d{1,2}[./\-– ]\d{1,2}|\d{1,2}[./\-– ]\d{1,2}[./\-– ](?:19|20)\d\d|\d{4}[-–]\d{4}|"
    r"\d{1,2}[./]\d{1,2}[./]\d{2})(?!\d)"
)
_CALL = re.compile(
    r"(?:call|text|phone|tel|dial|ring|sms|message|contact|whats ?app|전화|연락|문자|상담|번호|폰|"
    r"llama|ll[aá]mame|escr[ií]be|tel[eé]fono|"
    r"ruf|anruf|telefon|handy|schreib|appelle|t[eé]l|contacte|ligue|liga|fone|zap|chiama|电话|联系|電話|звони|тел)"
    r"\w{0,6}(?: an| me| us| at| now)?[\s:.!-]{0,4}\Z",
    re.I,
)
_NOT_PHONE = re.compile(
    r"(?:isbn|issn|order|tracking|ref|invoice|model|serial|no|nr|ean|sku|lot|vin|imei|id)\.?[\s:#]{0,3}\Z", re.I
)


def contacts(text: str) -> Iterator[Find]:
    """Contact details in a normalised text, with scores by how surely they are one and how far they are disguised."""
    for match in _EMAIL.finditer(text):
        yield Find(match.start(), match.end(), LABEL, 0.5, "e-mail address")
    for match in _SPELLED_EMAIL.finditer(text):
        if "@" not in match.group() or " " in match.group():
            yield Find(match.start(), match.end(), LABEL, 0.75, "e-mail address spelled out")
    for match in _CHAT_LINK.finditer(text):
        yield Find(match.start(), match.end(), LABEL, 0.7, "messenger link")
    for pattern in (_HANDLE, _WEAK_HANDLE):
        for match in pattern.finditer(text):
            if pattern is _WEAK_HANDLE or not _is_prose(match):
                yield Find(match.start(), match.end(), LABEL, 0.7, "messenger name")
    yield from _phones(text)


def _is_prose(match: re.Match[str]) -> bool:
    """Whether what follows an app's name is prose ("telegram me please") and not the name of an account."""
    is_word = match[1].isalpha() and match[1].islower()
    return is_word and _NAMES_AN_ACCOUNT.search(match.group()[: match.start(1) - match.start()]) is None


def _phones(text: str) -> Iterator[Find]:
    for match in _KOREAN_MOBILE.finditer(text):
        yield Find(match.start(), match.end(), LABEL, 0.7, "mobile number")
    for match in _PHONE.finditer(text):
        number = match[1]
        digits = [char for char in number if char.isdigit()]
        if not 8 <= len(digits) <= 15 or _is_other_number(
            number, digits, text[max(0, match.start() - 14) : match.start()]
        ):
            continue
        has_call = _CALL.search(text, max(0, match.start() - 24), match.start()) is not None
        is_grouped = len([part for part in re.split(r"\D+", number) if part]) >= 3
        if number.startswith("+") or has_call:
            yield Find(match.start(), match.end(), LABEL, 0.75 if has_call else 0.65, "phone number")
        elif is_grouped and 9 <= len(digits) <= 12 and _is_grouped_like_a_phone(number):
            yield Find(match.start(), match.end(), LABEL, 0.45, "number like a phone number")


def _is_grouped_like_a_phone(number: str) -> bool:
    groups = [len(part) for part in re.split(r"\D+", number) if part]
    return groups[-1] in (2, 3, 4) and all(2 <= size <= 5 for size in groups[1:]) and len(groups) <= 5


def _is_other_number(number: str, digits: list[str], before: str) -> bool:
    """Whether a row of digits is a date, a score, a range, a series, an order number or a pattern."""
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    is_series = steps <= {1} or steps <= {-1} or len(set(digits)) <= 2
    spaced = [int(part) for part in re.split(r"\D+", number) if part]
    is_counting = len(spaced) > 3 and len({b - a for a, b in pairwise(spaced)}) == 1
    is_scores = len(re.findall(r"(?<!\d)\d{1,2}[-–/]\d{1,2}(?!\d)", number)) >= 2
    return is_series or is_counting or is_scores or bool(_DATE.search(number)) or bool(_NOT_PHONE.search(before))
