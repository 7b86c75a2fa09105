import pytest

from tidegate.errors import ModelFileError
from tidegate.signals.wording import offer_words, pattern_rows
from tidegate.signals.wording.normalise import fold
from tidegate.signals.wording.offers import offers

SCAM, MULE, BAIT, TRADE = "pattern.scam_offer", "pattern.money_mule", "pattern.engagement_bait", "pattern.trade"


def scores(text: str) -> dict[str, float]:
    best: dict[str, float] = {}
    for find in offers(fold(text)):
        best[find.label] = max(best.get(find.label, 0.0), find.score)
    return best


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Guaranteed 20% profit every day, DM me", SCAM),
        ("Double your bitcoin today", SCAM),
        ("You won a free iPhone, just pay the shipping fee", SCAM),
        ("Turn $100 into $1000 in 24 hours", SCAM),
        ("Your account has been suspended, verify your details here", SCAM),
        ("Recover your stolen crypto, contact @helper", SCAM),
        ("Earn $300 per day liking youtube videos", SCAM),
        ("Enter your seed phrase to sync", SCAM),
        ("Instant loan, no credit check, text me", SCAM),
        ("cloned cards and fullz in stock", SCAM),
        ("원금 보장 월 30% 수익, 리딩방 링크 클릭", SCAM),
        ("재택 부업 하루 30만원 벌어요 누구나 가능 카톡 문의", SCAM),
        ("당일대출 무직자대출 카톡 상담", SCAM),
        ("Gana 500 dólares al día desde casa, escríbeme", SCAM),
        ("Duplica tu dinero en 24 horas", SCAM),
        ("Préstamos rápidos sin buró, escríbeme al privado", SCAM),
        ("Verdiene 500€ am Tag von zu Hause, schreib mir", SCAM),
        ("Garantierte Rendite mit Krypto, kontaktiere mich", SCAM),
        ("Kredit ohne Schufa, melde dich per PN", SCAM),
        ("Gagne 300 euros par jour depuis la maison, contacte-moi", SCAM),
        ("Ganhe 500 reais por dia, dinheiro fácil, me chama no zap", SCAM),
        ("Rent me your bank account, $500 a week, DM me", MULE),
        ("Receive payments, forward the rest to us and keep 10%", MULE),
        ("통장 대여하실 분 하루 30만원", MULE),
        ("현금 수거 알바 모집", MULE),
        ("Alquilo cuentas bancarias, pago 200 euros", MULE),
        ("Bankkonto vermieten, 300 Euro, schreib mir", MULE),
        ("Geld empfangen und weiterleiten, 10% Provision", MULE),
        ("Alugo contas bancárias, pago bem", MULE),
        ("follow for follow", BAIT),
        ("맞팔해요", BAIT),
        ("Like and share to win a console", BAIT),
        ("팔로우하고 댓글 남기면 추첨으로 드려요", BAIT),
        ("Sígueme y te sigo", BAIT),
        ("Markiere 3 Freunde", BAIT),
        ("selling my phone for $200 dm me", TRADE),
        ("아이폰 팝니다 30만원 카톡 문의", TRADE),
        ("Verkaufe Handy 100 €, schreib mir", TRADE),
        ("🔌❄️💊 dm for menu", TRADE),
        ("no prescription needed, dm to order", TRADE),
    ],
)
def test_offers_are_found_in_their_languages(text: str, label: str) -> None:
    assert scores(text).get(label, 0.0) >= 0.45


@pytest.mark.parametrize(
    "text",
    [
        "Never share your PIN. Scammers promise guaranteed returns and ask you to DM them",
        "Police arrested a gang that told students to receive payments and forward the rest for a commission",
        "통장 대여는 범죄입니다. 절대 빌려주지 마세요",
        "Vorsicht Betrug: garantierte Rendite per WhatsApp",
        "Cuidado con la estafa: te piden duplica tu dinero",
        "How to spot a recovery scam: recover your lost funds, contact the hacker",
    ],
)
def test_words_that_warn_hardly_count(text: str) -> None:
    assert all(score < 0.3 for score in scores(text).values())


def test_denying_a_scam_is_no_warning() -> None:
    assert scores("Guaranteed profit, DM me, no scam")[SCAM] == 0.85


@pytest.mark.parametrize(
    "text",
    [
        "haul: dress $20, shoes $45, bag $12",
        "I bought this for 200 dollars, so happy with it",
        "my bank account is empty lol",
        "I rent an apartment for $1200 a month",
        "work from home outfit ideas",
        "gift card haul from the mall",
        "new video every day at 7pm, follow for more",
        "Invest in yourself every day",
        "Watch till the end! Comment your favourite",
        "we won 3 medals at the games",
        "turn 90 degrees into 45 degrees",
        "통장 정리하다가 놀랐다",
        "오늘 하루 만원으로 살기",
        "투자 공부 3일차 기록",
        "Heute im Gewinn: viel Spaß beim Kochen",
        "mi rutina diaria en casa",
        "Rezept: 200 g Mehl, 100 g Zucker",
        "my cat sells me out every time",
    ],
)
def test_ordinary_captions_are_no_offers(text: str) -> None:
    assert scores(text) == {}


def test_every_pattern_of_the_data_files_compiles_and_is_bounded() -> None:
    patterns = [*offer_words.kinds().values(), *(phrase.pattern for phrase in offer_words.phrases())]
    for pattern in patterns:
        assert not any(open_ended in pattern.pattern for open_ended in (".*", ".+", "\\w+", "\\w*", "\\S+", ",}"))


def test_a_damaged_data_file_names_its_line(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "words.tsv"
    path.write_text("# head\nkind\tpattern\textra\n")
    with pytest.raises(ModelFileError) as caught:
        list(pattern_rows.rows(path, 2))
    assert caught.value.where == "words.tsv:2"
