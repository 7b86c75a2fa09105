"""Scam, money-mule, bait and trade offers: their shapes, and phrases that are an offer on their own."""

import re
from collections.abc import Iterator, Sequence

from tidegate.signals.wording.find import Find
from tidegate.signals.wording.offer_words import kinds, warnings_in
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

_PHRASES: tuple[tuple[str, float, str, str], ...] = (
    (MULE, 0.9, "buys or rents bank accounts",
     r"(?:통장|계좌|체크 ?카드|유심) ?(?:대여|임대|매입|삽니다|팝니다|구합니다|구해요|모집)|대포 ?통장 ?(?:삽|팝|구|문의)|장집 ?(?:문의|모집|구)|"
     r"(?:수거|전달|인출)책 ?(?:모집|구)|현금 ?수거 ?(?:알바|업무)|"
     r"(?<!\w)(?:alug(?:o|amos|a-se)|compro|compramos) contas?(?: bancarias?| laranja| pj)?(?!\w)|(?<!\w)contas? laranja(?!\w)|"
     r"(?<!\w)(?:alquilo|alquilamos|compro|compramos) (?:tu )?cuentas? bancarias?(?!\w)|"
     r"(?<!\w)(?:rent|lease|sell|lend) (?:me |us |out )?(?:your|ur) (?:bank |checking |cash ?app |paypal )?accounts?(?!\w)|"
     r"(?<!\w)(?:bankkonto|konto|girokonto) (?:zu |zur )?(?:vermieten|verleihen|verfugung stellen|verkaufen)(?!\w)|(?<!\w)finanzagent\w{0,3} gesucht(?!\w)|"
     r"(?<!\w)(?:loue|prete|vends|cherche) (?:ton |votre |des )?(?:compte bancaire|rib|comptes bancaires)(?!\w)"),
    (MULE, 0.75, "looks for people with accounts at banks",
     r"(?<!\w)(?:who|anyone|anybody|people|y'?all|if (?:you|u)) (?:got|has|have|with|wit)(?: a| an)? (?:chime|chase|boa|bank of america|wells(?: fargo)?|navy federal|cash ?app|zelle|bank) "
     r"(?:account|acc|card|debit)"),
    (SCAM, 0.85, "cash flips", r"(?<!\w)(?:cash ?app|money|cash|paypal|zelle|venmo) ?flip(?:s|ping|per)?(?!\w)"),
    (SCAM, 0.85, "trades stolen cards, logins or false money",
     r"(?<!\w)(?:fullz|cvv2? (?:shop|dumps?|for sale)|clone[d]? (?:credit |debit |atm )?cards?|bank drops?|dumps (?:with|w) pins?|bank logs?|carding (?:methods?|tutorials?|sites?)|"
     r"(?:counterfeit|fake|prop|undetectable) (?:money|notes?|bills?|banknotes?|currency) (?:for sale|available|in stock)|billetes falsos (?:en venta|a la venta)|falschgeld (?:kaufen|zu verkaufen))(?!\w)|위조 ?지폐 ?(?:판매|팝)"),
    (SCAM, 0.7, "investment chat room or betting bonus",
     r"(?:무료|vip|주식|코인) ?(?:리딩방|체험방|정보방|추천방) ?(?:입장|참여|모집|문의|링크)|꽁머니|가입 ?머니|첫충|매충|(?:토토|카지노|바카라|사설) ?(?:사이트|총판|추천|가입|문의)|먹튀 ?(?:없|검증)|"
     r"상품권 ?매입|소액 ?결제 ?현금|(?:작업|급전) ?대출|내구제"),
    (SCAM, 0.6, "claims that a payment is waiting",
     r"(?<!\w)(?:you have|tienes|tiene|du hast|vous avez|voce tem) (?:a |an |un |une |eine |um )?(?:pending|unclaimed|pendiente|ausstehende|en attente|pendente) (?:payment|refund|reward|transfer|pago|reembolso|zahlung|paiement|pagamento)(?!\w)"),
    (BAIT, 0.7, "exchanges follows or likes",
     r"(?<!\w)(?:follow ?(?:4|for|x|back|trains?) ?follow|f4f|l4l|s4s|sub ?(?:4|for) ?sub|like ?(?:4|for) ?(?:like|follow)|(?:i |we )?follow(?:ing)? back(?: everyone| 100%)?|follow me (?:and |& ?)?i'?(?:ll)? follow|"
     r"gain (?:followers|mutuals)|follow (?:train|loop|everyone who)|sigueme y te sigo|sigo de vuelta|te sigo de regreso|seguidores gratis|"
     r"folg\w{0,2} (?:mir )?(?:und )?ich folge?\w{0,2} (?:dir )?(?:zuruck)|follow (?:gegen|fur) follow|abo (?:pour|contre) abo|abonne toi (?:et )?je m'?abonne|sdv|segue de volta|sigo de volta|troco likes?)(?!\w)|"
     r"맞팔|선팔|좋반|맞좋|팔로우 ?반사|좋아요 ?반사|서이추|구독 ?품앗이|팔로워 ?(?:판매|늘려)"),
    (BAIT, 0.6, "asks for likes, shares, tags or comments to win or receive something",
     r"(?<!\w)(?:like|share|tag|comment|follow|retweet|repost)(?:,| and| &|\+| or)? (?:like|share|tag|comment|follow|save|\w{1,4} \d{1,2} friends?)[^\n]{0,40}?(?:to win|for a chance|to enter|to get|to receive)(?!\w)|"
     r"(?<!\w)tag (?:\d{1,2}|three|two|five|ten) (?:friends|people)(?!\w)|(?<!\w)(?:first|the next) \d{1,4} (?:people |persons? |comments? )?(?:to|who) (?:comment|follow|like|share)|"
     r"(?<!\w)comment [\"'“‘]?\w{1,12}[\"'”’]? (?:and |& )?i(?:'ll| will) (?:send|dm|message)|(?<!\w)(?:share|repost|like|copy) (?:this )?(?:or|otherwise|before) [^\n]{0,30}?(?:bad luck|die|years of|never)|"
     r"(?<!\w)(?:comparte|comenta|etiqueta)(?:,| y| e) (?:comparte|comenta|etiqueta|sigue\w{0,3}|dale)[^\n]{0,40}?(?:ganar|participar|ganes)|(?<!\w)etiqueta a (?:\d{1,2}|tres|dos|cinco) amig[oa]s|"
     r"(?<!\w)(?:markiere?|verlinke?) (?:\d{1,2}|drei|zwei|funf) freunde?|(?<!\w)(?:teile|teilt|like|liken)(?:,| und) (?:teile\w{0,2}|kommentier\w{0,2}|folge\w{0,2}|liken?)[^\n]{0,40}?(?:gewinn|zu gewinnen)|"
     r"(?<!\w)(?:tague|identifie) (?:\d{1,2}|trois|deux) amis|(?<!\w)(?:partage|like|commente)(?:,| et) (?:partage|like|commente|abonne)[^\n]{0,40}?(?:gagner|participer)|"
     r"(?<!\w)marca \d{1,2} amig[oa]s|(?<!\w)(?:curte|comenta|compartilha)(?:,| e) (?:curte|comenta|compartilha|segue)[^\n]{0,40}?(?:ganhar|concorrer|participar)|"
     r"(?:팔로우|좋아요|공유|댓글)[^\n]{0,20}?(?:하면|하시면|남기면|남겨 ?주시면|해 ?주시면)[^\n]{0,24}?(?:드려요|드립니다|추첨|증정|당첨|이벤트)|친구 ?\d{1,2}명 ?태그"),
)  # fmt: skip

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
    for label, score, note, pattern in _COMPILED:
        for match in pattern.finditer(folded):
            yield Find(match.start(), match.end(), label, score, note)
    for start, end in places.get("flip", ()):
        if _grows(folded[start:end]):
            yield Find(start, end, SCAM, 0.85, "offers to turn a sum into a larger one")
    for match in _DEALER.finditer(folded):
        if _EMOJI_REACH.search(match.group()):
            yield Find(match.start(), match.end(), TRADE, 0.75, "emoji code of drug dealing, with contact words")


_COMPILED = tuple((label, score, note, re.compile(pattern)) for label, score, note, pattern in _PHRASES)


def _grows(phrase: str) -> bool:
    """Whether the second sum of a phrase is at least twice and less than a hundred thousand times the first."""
    numbers = []
    for number, scale in _FLIP_NUMBERS.findall(phrase):
        digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", number).replace(",", ".").rstrip(".")
        try:
            numbers.append(float(digits) * _SCALE.get(scale, 1.0))
        except ValueError:
            return False
    return len(numbers) == 2 and 5 <= numbers[0] and 2 * numbers[0] <= numbers[1] <= 1e5 * numbers[0]


def _weighed(find: Find, warned: Sequence[tuple[int, int]]) -> Find:
    is_warned = any(
        find.start - _WARNING_REACH_CHARS <= end and start <= find.end + _WARNING_REACH_CHARS for start, end in warned
    )
    if not is_warned or find.label == BAIT:
        return find
    return Find(
        find.start, find.end, find.label, round(find.score * WARNING_FACTOR, 3), find.note + ", in words that warn"
    )
