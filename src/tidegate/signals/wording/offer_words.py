"""Kinds of word that offers are made of, in English, Spanish, German, French, Portuguese and Korean.

Written for folded text: lower case, no accents. Chosen by us from public warnings of the FTC (consumer.ftc.gov),
Europol (money muling), Action Fraud, the Korean Financial Supervisory Service, BaFin and the CNMV.
"""

import functools
import re
from collections.abc import Mapping

_KINDS: Mapping[str, tuple[str, str]] = {
    "promise": (
        r"guarantee[ds]?|risk[- ]?free|no risk|zero risk|100 ?% (?:legit|real|safe|sure)|legit and (?:fast|real)|sure (?:win|profit)|"
        r"garantizad[oa]s?|sin riesgo|garantiert\w{0,2}|risikofrei\w{0,2}|ohne risiko|garantie?s?|sans risque|garantid[oa]s?|sem risco",
        "원금 ?(?:보장|보존|회복)|(?:수익|손실) ?(?:보장|보전)|무위험|100% ?(?:수익|보장)|확실한? ?수익",
    ),
    "profit": (
        r"profits?|returns?|roi|passive income|payouts?|earnings|ganancias?|rendimientos?|rentabilidad|ingresos|rendite|gewinne?|"
        r"einkommen|gains?|rendement|benefices?|revenus?|lucros?|rendimentos?|ganhos|renda",
        "수익|고수익|이익금|배당|수익률",
    ),
    "amount": (
        r"[$€£¥₩] ?\d[\d.,]{0,11} ?(?:k|m|mil)?|\d[\d.,]{0,11} ?(?:k|mil|usd|eur|gbp|euros?|dollars?|bucks|dolares|pesos|reais|"
        r"pounds|btc|eth|usdt|%|[$€£])",
        r"\d[\d.,]{0,11} ?(?:원|만 ?원|천만 ?원|억|배|프로|퍼센트)|[수몇]?[백천십]+만 ?원",
    ),
    "period": (
        r"(?:per|a|an|each|every) (?:day|week|month|hour)|daily|weekly|monthly|hourly|in (?:just )?\d{1,3} (?:minutes?|hours?|days?|hrs?)|"
        r"within \d{1,3} (?:minutes?|hours?|days?|hrs?)|al (?:dia|mes)|por (?:dia|hora|semana|mes)|diari[oa]s?|semanal(?:es)?|"
        r"mensual(?:es)?|(?:pro|am|im) (?:tag|woche|monat|stunde)|taglich\w{0,2}|wochentlich|monatlich\w{0,2}|par (?:jour|semaine|mois|heure)|"
        r"ao (?:dia|mes)|mensa(?:l|is)",
        "하루|매일|일당|주당|매월|월 ?\\d|시급|당일",
    ),
    "invest": (
        r"invest\w{0,6}|trad(?:e|er|ers|ing)|forex|crypto\w{0,8}|bitcoins?|btc|eth|usdt|binary options?|staking|copy ?trading|"
        r"inversion\w{0,3}|invert\w{1,6}|cripto\w{0,8}|anlage\w{0,8}|anleg\w{1,4}|krypto\w{0,10}|investi\w{1,10}|mining",
        "코인|비트코인|투자|주식|리딩방?|해외 ?선물|급등주|종목 ?추천|공모주",
    ),
    "double": (
        r"(?:double|triple|multiply|10x|2x|5x) (?:your|ur|any) (?:money|cash|crypto|btc|bitcoins?|eth|investments?|deposits?|coins?)|"
        r"send (?:me )?(?:\d[\d.]{0,6} ?|some |your )?(?:btc|eth|bitcoin|crypto|usdt) (?:and )?(?:get|receive|i(?:'ll| will) send) (?:back )?(?:double|2x|twice|\d)|"
        r"(?:duplica|dobla|triplica|multiplica) (?:tu|tus|su|sus) (?:dinero|cripto\w{0,7}|bitcoins?|inversion|capital)|"
        r"(?:verdopple|verdoppeln sie|verdreifache) (?:dein|deine|ihr|ihre) (?:geld|bitcoins?|einsatz|investition|kapital)|"
        r"(?:double[rz]?|triple[rz]?) (?:ton|votre|vos|tes) (?:argent|mise|bitcoins?|investissement)|"
        r"(?:dobre|duplique|triplique) (?:o )?seu (?:dinheiro|investimento|bitcoin)",
        "(?:\\d|두|세|열) ?배로 ?(?:불려|돌려|늘려)|원금 ?\\d배",
    ),
    "flip": (
        r"(?:turn|flip|make|grow|invest|send|put|convierte|invierte|mach(?:e|t)? aus|transforme[rz]?|investe|transforma) [$€£]? ?\d[\d.,]{0,8} ?[$€£k]? ?"
        r"(?:(?:dollars|euros?|usd|reais|dolares) )?(?:in ?to|to|and (?:get|make|receive)|en|y recibe|in|zu|e receba|em) [$€£]? ?\d[\d.,]{0,9}",
        "\\d[\\d,]{0,6} ?만 ?원(?:으로|이) ?\\d[\\d,]{0,6} ?(?:만|천만|억) ?원",
    ),
    "reach": (
        r"d\.?m\.?s?|pm|inbox(?:ed)?|(?:message|text|contact|call|msg|write|hit) (?:me|us|him|her|now|today)|hmu|whats ?app|telegram|signal app|"
        r"link in (?:my |the )?bio|(?:click|tap) (?:the |this |my )?link|link below|contact (?:her|him|@)|reach out|"
        r"escribeme|mandame|contacta(?:me|nos|lo|la)?|al (?:privado|inbox)|por (?:privado|interno)|enlace en (?:la |mi )?bio|"
        r"schreib(?:t|en)? (?:mir|uns)|melde? dich|meldet euch|per pn|kontaktier\w{0,4}|link in der bio|"
        r"ecri[ts]?[- ]?(?:moi|nous|vez)|contacte[rz]?(?:-moi|-nous)?|en mp|lien en bio|me chama|chama no|link na bio|manda mensagem|no zap",
        "디엠|ㄷㅇ|쪽지|카톡|카카오톡|텔레(?:그램)?|텔그|라인 ?id|문의|연락 ?주|상담|링크 ?(?:클릭|접속|참고)|프로필 ?(?:링크|참고)|오픈 ?(?:채팅|톡)|댓글 ?남",
    ),
    "giveaway": (
        r"giveaways?|giving away|you(?:'ve| have)? (?:just )?won|lucky winners?|you are (?:the|our|a) winner|claim (?:your|ur|the|now)|"
        r"free (?:iphones?|ps5s?|macbooks?|gift ?cards?|money|cash|robux|v-?bucks|followers|laptops?)|prize money|"
        r"(?:have|has|you(?:'ve|'re| are| have)?) (?:been )?(?:specially |randomly )?(?:selected|chosen|awarded) (?:to|as|for|a|with|for a)|to claim|claim (?:code|no|is easy|it)|prize (?:guaranteed|reward|award)|guaranteed (?:prize|award|gift)|"
        r"sorteos?|has ganado|ganaste|reclama tu|iphone gratis|gewinnspiele?|du hast gewonnen|sie haben gewonnen|gratis iphone|"
        r"concours|(?:tu as|vous avez) gagne|reclame[rz] (?:ton|votre)|sorteio|voce ganhou|resgate seu|cadeau gratuit",
        "당첨(?:되|을|을 ?축하)|무료 ?(?:증정|나눔|지급)|경품|공짜로 ?(?:드|줍)",
    ),
    "fee": (
        r"(?:shipping|processing|delivery|registration|activation|verification|admin(?:istration)?|handling|customs|clearance|release|"
        r"transfer|withdrawal|insurance|small|one[- ]time|refundable) (?:fees?|deposit|costs?|charges?)|(?:just|only) (?:pay|cover) (?:the |for )?shipping|"
        r"gastos de (?:envio|gestion)|(?:tasa|cuota|pago) de (?:inscripcion|activacion|gestion|registro)|versandkosten|"
        r"(?:bearbeitungs|anmelde|freischalt|aktivierungs)gebuhr(?:en)?|frais de (?:livraison|dossier|port|douane|traitement)|"
        r"taxa de (?:\w{3,14})|pague (?:apenas |so )?o frete",
        "(?:가입|등록|처리|인증|이체|출금) ?(?:비|수수료)|배송비만|택배비만|선입금|보증금|예치금|수수료 ?(?:먼저|입금)",
    ),
    "loan": (
        r"(?:instant|fast|quick|personal|payday|online) loans?|loans? (?:approved|approval|offer|available|without)|no credit check|bad credit|"
        r"prestamos?(?: rapidos?)?|creditos? rapidos?|sin buro|kredit ohne schufa|sofortkredit|(?:prets?|credits?) (?:rapides?|entre particuliers)|"
        r"emprestimos?|credito para negativados?",
        "당일 ?대출|무직자 ?대출|신용불량|작업 ?대출|내구제|소액 ?결제 ?(?:현금|깡)|대출 ?(?:승인|가능|문의|상담)|휴대폰 ?개통",
    ),
    "inheritance": (
        r"next of kin|beneficiar(?:y|ies)|unclaimed (?:funds?|inheritance)|(?:million|billion) (?:us )?dollars|barrister|inheritance fund|"
        r"herencia|heredero|beneficiario|erbschaft|millionen (?:euro|dollar)|heritage|beneficiaire|heranca",
        "상속 ?(?:재산|금)|유산 ?(?:상속|기부)|비자금",
    ),
    "account_problem": (
        r"(?:your|ur) (?:\w{2,12} )?(?:account|card|page|profile|package|parcel)(?: (?:has|have) been| is| was| will be)? "
        r"(?:temporarily |permanently )?(?:suspended|locked|limited|restricted|disabled|flagged|blocked|on hold|deleted|removed)|"
        r"(?:tu|su) (?:cuenta|tarjeta|paquete)(?: ha sido| esta| fue| sera)? (?:suspendid|bloquead|limitad|retenid|eliminad)[oa]|"
        r"(?:dein|ihr) (?:\w{2,12} )?(?:konto|account|paket)(?: wurde| ist| wird)? (?:gesperrt|eingeschrankt|blockiert|geloscht)|"
        r"(?:ton|votre) (?:compte|carte|colis)(?: a ete| est| sera)? (?:suspendu|bloque|limite|supprime)e?|"
        r"(?:sua|tua) (?:conta|encomenda)(?: foi| esta| sera)? (?:suspensa|bloqueada|retida|excluida)",
        "(?:계정|계좌|카드)[이가은는]? ?(?:정지|잠금|제한|차단|삭제)(?:되|될|됐|예정)",
    ),
    "verify": (
        r"(?:verify|confirm|validate|unlock|reactivate|restore|update) (?:your|ur|it|the|now|here)\b|log ?in (?:here|now|to)|(?:verifica|confirma|reactiva|actualiza) (?:tu|tus|su|sus|aqui)|"
        r"(?:bestatige|verifiziere|bestatigen sie|verifizieren sie) (?:dein|deine|ihr|ihre|hier)|(?:verifiez|confirmez|reactivez) (?:votre|vos|ici)|"
        r"(?:verifique|confirme|atualize|desbloqueie) (?:sua|seu|seus|aqui)",
        "본인 ?(?:인증|확인) ?(?:하|필요|바)|재인증|인증 ?(?:하세요|바랍니다)|확인 ?(?:하세요|바랍니다)",
    ),
    "recover": (
        r"(?:recover|retrieve|get back) (?:your|ur|all your|my|lost|stolen|hacked) (?:\w{2,8} )?(?:money|funds?|crypto|bitcoins?|accounts?|btc|coins?|wallet)|"
        r"recovery (?:experts?|agents?|hackers?|specialists?|service)|(?:ethical|legit|professional) hackers?|hire a hacker|hacker for hire|"
        r"recuper(?:a|ar|o|amos) (?:tu|su|mi) (?:dinero|cuenta|inversion)|hackers? (?:profesional|etico)|geld zuruckhol\w{1,4}|"
        r"(?:recuperer|recuperez) (?:ton|votre|vos) (?:argent|fonds|compte)|recupere (?:seu|sua) (?:dinheiro|conta)",
        "피해금 ?(?:환수|회수|복구)|(?:사기|코인) ?피해 ?(?:복구|환불|보상) ?(?:대행|문의|가능)|해킹 ?(?:의뢰|대행|해드)",
    ),
    "seed": (
        r"seed phrases?|recovery phrases?|private keys?|secret phrases?|(?:12|24)[- ]word (?:phrase|key)|connect (?:your )?wallet|validate (?:your )?wallet|"
        r"frase (?:semilla|de recuperacion)|claves? privadas?|phrase de recuperation|wiederherstellungsphrase|private[rn]? schlussel",
        "개인 ?키|복구 ?(?:구문|문구)|니모닉|지갑 ?연결",
    ),
    "ask": (
        r"send|enter|share|give|provide|submit|type|import|sync|validate|envia(?:me|r)?|ingresa|introduce|comparte|schick\w{0,3}|gib|eingeben|envoie[rz]?|"
        r"entre[rz]|digite|informe",
        "입력|보내|알려|전송",
    ),
    "task": (
        r"(?:lik(?:e|ing)|watch(?:ing)?|review(?:ing)?|rat(?:e|ing)|subscrib(?:e|ing)(?: to)?|follow(?:ing)?) (?:some |short |simple |youtube |tiktok |instagram |google )?"
        r"(?:videos?|posts?|reels|maps|products?|channels?|hotels?|apps?|pages)|simple (?:online )?tasks?|data entry|online tasks?|optimi[sz](?:e|ing) (?:products|apps)|"
        r"tareas (?:simples|sencillas|faciles)|(?:dar|dando) (?:me gusta|likes?)|ver videos|viendo videos|einfache (?:online[- ])?aufgaben|videos (?:liken|anschauen)|"
        r"bewertungen (?:schreiben|abgeben)|taches simples|(?:aimer|liker|regarder) des (?:videos|pages)|tarefas (?:simples|faceis)|(?:curtir|assistir|assistindo|curtindo) (?:videos|fotos)|avaliar (?:produtos|hoteis)",
        "좋아요 ?(?:알바|누르|클릭)|(?:리뷰|댓글|클릭|타이핑|미션|사진|영상) ?(?:알바|부업)|단순 ?(?:알바|부업|업무)|재택 ?(?:알바|부업|근무)|쇼핑몰 ?부업",
    ),
    "pay": (
        r"earn(?:ing)?s?|make (?:up to |over )?[$€£]? ?\d|get paid|pays?|paid|paying|gana|ganar|ganas|gano|cobra[rs]?|paga(?:mos|r|n)?|pagos?|verdien\w{0,3}|bezahl\w{0,3}|"
        r"gagne[rz]?|paye[rz]?|remunere\w{0,3}|ganh(?:e|a|ar|o)|receb(?:a|e|er)|pagamos|salary|cash today|money today",
        "벌(?:어|고|수|면|기)|지급|수입|일당|월급|페이|용돈",
    ),
    "easy": (
        r"no experience|(?:work|earn|money|job) (?:from|at) home|part[- ]?time|anyone can|all you need is|only need (?:a |your )?phone|(?:easy|quick|fast) (?:money|cash)|"
        r"sin experiencia|desde (?:casa|tu celular|el movil)|dinero (?:facil|rapido|extra)|ohne (?:vor)?(?:erfahrung|kenntnisse)|von (?:zu hause|zuhause)|"
        r"(?:schnelles|leichtes|einfaches) geld|nebenverdienst|sans experience|(?:de|depuis) (?:chez|la maison)|argent facile|sem experiencia|de casa|dinheiro (?:facil|rapido)|renda extra",
        "경력 ?무관|누구나 ?(?:가능|쉽)|초보 ?(?:가능|환영)|집에서|(?:핸드폰|휴대폰|폰|스마트폰)만 ?있|쉽게|고수익 ?(?:알바|부업)|꿀알바|재택",
    ),
    "account": (
        r"bank accounts?|checking accounts?|debit cards?|bank cards?|bank logins?|chime|cash ?app|zelle|venmo|paypal accounts?|cuentas? bancarias?|"
        r"tarjetas? de debito|bankkont(?:o|en)|girokont(?:o|en)|konto|konten|comptes? (?:bancaires?|en banque)|cartes? bancaires?|contas? bancarias?|"
        r"conta (?:pj|pix|nubank|no banco)|cartao de debito",
        "통장|계좌|체크 ?카드|현금 ?카드|법인 ?통장",
    ),
    "rent": (
        r"rent(?:ing|al)?|leas(?:e|ing)|borrow|use (?:your|ur|my)|lend|(?:want|looking) to buy|buying|alquil\w{1,4}|rento|rentamos|prest(?:o|a|ame|en)|"
        r"compro|compramos|miete[nt]?|vermiete[nt]?|verleih\w{1,3}|zur verfugung|lou(?:e|er|ez|ons)|prete[rz]?|alug(?:o|a|ar|amos|uel)|empresta\w{0,2}",
        "대여|임대|빌려|빌립|매입|삽니다|구매합|구합니다|양도|팝니다",
    ),
    "forward": (
        r"(?:receive|accept|collect) (?:the )?(?:money|funds?|payments?|transfers?|deposits?)|(?:forward|transfer|send) (?:it|the (?:rest|money|remainder|funds?)|them) (?:on|to|out)|"
        r"process (?:the )?(?:payments?|transactions?)|payment processing agent|transfer agents?|"
        r"recib(?:e|ir|es) (?:el |los )?(?:dinero|transferencias|pagos)|reenvi\w{1,4}|geld(?:er)? (?:empfangen|weiterleiten|erhalten|annehmen)|weiterleit\w{1,4}|weiteruberweis\w{1,4}|"
        r"recev(?:oir|ez|ra) (?:de l'|des |l')?(?:argent|virements?)|transfere[rz] (?:l'argent|le reste)|receb(?:er|a) (?:o )?(?:dinheiro|pix|transferencias)|repass(?:ar|e|a)",
        "입금 ?(?:받|되면)|(?:다시 ?)?(?:송금|이체)(?:해|하)|대신 ?(?:인출|출금|송금|받)|현금 ?(?:수거|전달)|인출(?:해|하)",
    ),
    "commission": (
        r"commissions?|keep (?:a |your )?(?:\d{1,2} ?%|percentage|cut|share)|\d{1,2} ?% (?:is yours|for you|cut|of (?:it|each|every|the amount))|comision(?:es)?|te quedas|"
        r"provision|(?:behalte|behalten sie|du behaltst)|garde[rz]? \d{1,2} ?%|comissao|fica com \d{1,2} ?%",
        "수수료|수당|건당|\\d{1,2} ?%",
    ),
    "gift_card": (
        r"(?:gift|steam|itunes|google play|apple|amazon|razer gold) ?cards?(?: codes?)?|tarjetas? (?:de )?regalo|gutscheinkart\w{1,2}|cartes? cadeaux?|cartao presente",
        "상품권|기프트 ?카드|문상|문화상품권",
    ),
    "sell": (
        r"for sale|selling|wts|on sale now|buy now|order now|shop now|in stock|restock(?:ed)?|(?:we|i) (?:ship|deliver)|shipping (?:worldwide|available)|price list|menu (?:in|on) (?:bio|telegram)|"
        r"en venta|se vende[n]?|vendo|vendemos|a la venta|zu verkaufen|verkaufe[n]?|jetzt kaufen|a vendre|vends|je vends|en vente|a venda|vende-se",
        "팝니다|판매(?:합|중|해)|팔아요|판매 ?문의|삽니다|구매 ?(?:문의|가능)|공구|택배 ?(?:가능|거래)|직거래",
    ),
    "discreet": (
        r"(?:discreet|stealth|vacuum sealed|untraceable|anonymous) (?:shipping|delivery|packaging|package|packs?)|drop ?(?:off|ship)? available|no (?:id|prescription|background check|rx) (?:needed|required|check)|"
        r"without prescription|sin receta|ohne rezept|sans ordonnance|sem receita|envio discreto|diskreter versand|livraison discrete",
        "비밀 ?(?:배송|포장)|무통장|던지기|드랍|좌표|처방전 ?없",
    ),
}

_WARNING = (
    r"scam(?:s|med|mer|mers|ming)?|fraud\w{0,8}|beware|warning|warn(?:s|ed)?|avoid|red flags?|phish\w{0,4}|never (?:share|send|give|pay|click|trust|tell|lend|let|rent|ask|reply|enter)|don'?t (?:share|send|give|fall|pay|trust|click|tell|let|lend|reply)|"
    r"do not (?:share|send|give|fall|pay|trust|click|tell|let|lend|reply)|will never ask|how to (?:spot|avoid|report)|victims?|police|arrest(?:ed|s)?|sentenced|convicted|investigat\w{0,6}|lost (?:all|her|his|their|my)|report(?:ed)? (?:it|this|them|to)|awareness|stay safe|protect yourself|too good to be true|"
    r"estafa\w{0,4}|fraude\w{0,3}|cuidado|nunca (?:compartas|des|envies|pagues|prestes)|no (?:compartas|des|envies|pagues|caigas|prestes)|alerta|victimas?|policia|denunci\w{1,4}|"
    r"betrug\w{0,3}|betruger\w{0,3}|vorsicht|warnung|warnt|niemals|achtung|opfer|polizei|masche|arnaque\w{0,2}|arnaqueurs?|attention|jamais|mefie\w{0,3}|escroc\w{0,6}|golpes?|golpistas?|nunca (?:compartilhe|envie|passe)|"
    r"nao (?:caia|compartilhe|envie|passe)|vitimas?|policia|fraudulent\w{0,3}|hoax|convict\w{0,4}|court|charged with|news"
)
_WARNING_KO = "사기(?!꾼 ?아)|주의|조심|피해(?!금)|경고|신고|경찰|검거|체포|절대|속지|보이스 ?피싱|피싱|예방|금감원|처벌|불법|범죄|뉴스|구속|기소"
_DENIAL = re.compile(
    r"(?:no|not a|not|zero|without|never a|keine?|kein|sin|pas d'|sem|without any) (?:\w{2,8} )?(?:scams?|fraud|estafas?|betrug|arnaques?|golpes?)|scam[- ]?free|사기 ?(?:아님|아닙|없)"
)


@functools.cache
def kinds() -> dict[str, re.Pattern[str]]:
    """Kind of word -> its pattern. Cost: 40 ms once."""
    return {kind: re.compile(rf"(?<![\w-])(?:{latin})(?!\w)|(?:{korean})") for kind, (latin, korean) in _KINDS.items()}


@functools.cache
def warning() -> re.Pattern[str]:
    """Words of people who warn of, report or prosecute an offer rather than make it."""
    return re.compile(rf"(?<!\w)(?:{_WARNING})(?!\w)|(?:{_WARNING_KO})")


def warnings_in(text: str, limit: int = 200) -> list[tuple[int, int]]:
    """Where a folded text warns; "no scam" and its like, which only offers say, do not count."""
    denials = [match.span() for match in _DENIAL.finditer(text)]
    found: list[tuple[int, int]] = []
    for match in warning().finditer(text):
        if not any(start <= match.start() < end for start, end in denials):
            found.append(match.span())
        if len(found) >= limit:
            break
    return found
