"""Scam, money-mule, bait and trade offers: their shapes, and phrases that are an offer on their own."""

import re
from collections.abc import Iterator, Sequence

from tidegate.signals.wording.find import Find
from tidegate.signals.wording.offer_words import kinds, phrases, warnings_in
from tidegate.signals.wording.shapes import Shape, places_of, shapes_in

SCAM = "pattern.scam_offer"
MULE = "pattern.money_mule"
BAIT = "pattern.engagement_bait"
TRADE = "pattern.trade"

WARNING_FACTOR = 0.3
"""A score is cut to this share where the words around warn of the offer instead of making it."""

_WARNING_REACH_CHARS = 140

SHAPES: Sequence[Shape] = (
    Shape(SCAM, 0.85, "promises a return and asks to get in touch", "promise", ("profit", "reach")),
    Shape(SCAM, 0.75, "promises a certain return on an investment", "promise", ("profit", "invest")),
    Shape(SCAM, 0.7, "promises a certain return by amount", "promise", ("profit", "amount"), 80),
    Shape(SCAM, 0.75, "investment with a stated profit, period and contact", "invest", ("amount", "period", "reach")),
    Shape(SCAM, 0.7, "investment with a stated profit and contact", "invest", ("profit", "amount", "reach"), 120),
    Shape(SCAM, 0.85, "offers to double money", "double"),
    Shape(SCAM, 0.9, "offers to double money, with contact", "double", ("reach",)),
    Shape(SCAM, 0.8, "prize that costs a fee", "giveaway", ("fee",)),
    Shape(SCAM, 0.5, "prize to be claimed by contact or link", "giveaway", ("reach",), 120),
    Shape(SCAM, 0.75, "loan that costs a fee in advance", "loan", ("fee",)),
    Shape(SCAM, 0.6, "loan by private contact", "loan", ("reach",), 120),
    Shape(SCAM, 0.85, "inheritance or fund that costs a fee", "inheritance", ("fee",)),
    Shape(SCAM, 0.7, "inheritance or fund by private contact", "inheritance", ("amount", "reach")),
    Shape(SCAM, 0.7, "account problem to be solved by link or contact", "account_problem", ("reach",)),
    Shape(SCAM, 0.75, "account problem that asks to confirm details", "account_problem", ("verify",)),
    Shape(SCAM, 0.75, "offers to recover money or accounts, with contact", "recover", ("reach",)),
    Shape(SCAM, 0.8, "asks for the words or key of a wallet", "seed", ("ask",), 40),
    Shape(SCAM, 0.8, "pays by the day for simple online tasks", "task", ("pay", "period")),
    Shape(SCAM, 0.7, "pays for simple online tasks, by private contact", "task", ("pay", "reach")),
    Shape(SCAM, 0.7, "easy money by amount and contact", "easy", ("amount", "reach")),
    Shape(SCAM, 0.6, "easy money with pay and contact", "easy", ("pay", "reach"), 100),
    Shape(SCAM, 0.6, "asks for gift cards", "gift_card", ("ask", "reach"), 60),
    Shape(
        MULE, 0.85, "wants to rent, borrow or buy bank accounts, with pay or contact", "account", ("rent", "reach"), 40
    ),
    Shape(MULE, 0.8, "wants to rent, borrow or buy bank accounts for money", "account", ("rent", "amount"), 40),
    Shape(MULE, 0.85, "passes money on for a commission", "forward", ("commission",), 120),
    Shape(MULE, 0.75, "passes money on through an account, for pay", "forward", ("account", "pay"), 120),
    Shape(MULE, 0.8, "passes money on as easy work", "forward", ("easy", "reach"), 160),
    Shape(TRADE, 0.65, "sells at a price, with contact", "sell", ("amount", "reach"), 160),
    Shape(TRADE, 0.45, "sells by private contact", "sell", ("reach",), 80),
    Shape(TRADE, 0.8, "sells under cover, with contact", "discreet", ("reach",), 160),
    Shape(TRADE, 0.35, "sells at a price", "sell", ("amount",), 80),
)

_DRUG_EMOJI = "❄🌨💊🍄🍁🌿🍃🐎💨🔋🍫🧊🍇💎☕🐟"
_DEALER = re.compile(rf"(?:🔌[^\n]{{0,12}}?[{_DRUG_EMOJI}]|[{_DRUG_EMOJI}][^\n]{{0,12}}?🔌)[^\n]{{0,60}}")
_EMOJI_REACH = re.compile(
    r"(?<!\w)(?:dm|hmu|text|menu|delivery|deliver|drop|tap in|telegram|snap|wickr|signal|tg|\$\d)|디엠|텔레|문의"
)
_FLIP_NUMBERS = re.compile(r"(\d[\d.,]{0,9}) ?(k|mil|만|천만|억)?")
_SCALE = {"k": 1e3, "mil": 1e3, "만": 1e4, "천만": 1e7, "억": 1e8}


def offers(folded: str, reach: Sequence[tuple[int, int]] = ()) -> Iterator[Find]:
    """Offers in a folded text. `reach` are places of contact details and links, which count as ways to get in touch."""
    places = places_of(folded, kinds())
    if reach:
        places["reach"] = sorted([*places.get("reach", []), *reach])
    warned = warnings_in(folded)
    for find in (*shapes_in(places, SHAPES), *_phrases(folded, places)):
        yield _weighed(find, warned)


def _phrases(folded: str, places: dict[str, list[tuple[int, int]]]) -> Iterator[Find]:
    for phrase in phrases():
        for match in phrase.pattern.finditer(folded):
            yield Find(match.start(), match.end(), phrase.label, phrase.score, phrase.note)
    for start, end in places.get("flip", ()):
        if _grows(folded[start:end]):
            yield Find(start, end, SCAM, 0.85, "offers to turn a sum into a larger one")
    for match in _DEALER.finditer(folded):
        if _EMOJI_REACH.search(match.group()):
            yield Find(match.start(), match.end(), TRADE, 0.75, "emoji code of drug dealing, with contact words")


def _grows(phrase: str) -> bool:
    """Whether the second sum of a phrase is at least twice and less than a hundred thousand times the first."""
    numbers = []
    for number, scale in _FLIP_NUMBERS.findall(phrase):
        digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", number).replace(",", ".").rstrip(".")
        try:
            numbers.append(float(digits) * _SCALE.get(scale, 1.0))
        except ValueError:
            return False
    return len(numbers) == 2 and numbers[0] >= 5 and 2 * numbers[0] <= numbers[1] <= 1e5 * numbers[0]


def _weighed(find: Find, warned: Sequence[tuple[int, int]]) -> Find:
    is_warned = any(
        find.start - _WARNING_REACH_CHARS <= end and start <= find.end + _WARNING_REACH_CHARS for start, end in warned
    )
    if not is_warned or find.label == BAIT:
        return find
    return Find(
        find.start, find.end, find.label, round(find.score * WARNING_FACTOR, 3), find.note + ", in words that warn"
    )
