"""Hashtags known from the field of a clause: a short list of our own, in neutral community terms and codes.

Sources for the terms: ADL, "Hate on Display" database of symbols; the National Eating Disorders Association and
Cobb, "'This is NOT pro-ana'" (2017) for pro-disordered-eating tags; Moreno et al., "Secret society 123"
(J Adolesc Health 2016) for self-harm tags; DEA, "Emoji Drug Code" (2021); Europol and UK Finance on money-mule posts;
EU DisinfoLab and NewsGuard on hoax tags. A tag is only ever one piece of evidence: those who warn use it as well.
"""

import re
from dataclasses import dataclass

CODED_SPELLING = str.maketrans("013457@$8", "oieastasb")
"""Digits and signs that coded hashtags use for letters."""


@dataclass(frozen=True, slots=True)
class TagRisk:
    """Hashtags of one field. `tags` are used by its community almost alone, `ambiguous` by many others too."""

    label: str
    field: str
    tags: frozenset[str]
    ambiguous: frozenset[str] = frozenset()


def _risk(name: str, field: str, tags: str, ambiguous: str = "") -> TagRisk:
    return TagRisk(f"metadata.tag_{name}", field, frozenset(tags.split()), frozenset(ambiguous.split()))


RISK_TAGS: tuple[TagRisk, ...] = (
    _risk(
        "disordered_eating",
        "pro-disordered-eating communities",
        "proana promia thinspo thinspiration thinspoo bonespo meanspo sweetspo skinnyspo "
        "ricecaketok edtwt edsheerantwt "
        "ednotrecovery edsheeeran anatips anabuddy anacoach miatips bonesplease collarbonespo "
        "thighgapgoals starvingforperfection "
        "프로아나 뼈말라 개말라 씹뼈말라 먹토 먹뱉 princesasanaymia anaymia thinspodeutsch proanadeutsch",
        "skinnytok thighgap legginglegs hipbones collarbones edrecovery whatieatinadayed",
    ),
    _risk(
        "self_harm",
        "self-harm communities",
        "secretsociety123 selfharmmm selfharmm selfinjuryy shtwt shtok styrocuts barcodewrists "
        "beanscut blithecuts suicidepact "
        "cuttingmyself 자해계 자해러 자해전시 우울계 자살계 ritzen svvritzen autolesiones",
        "selfharm suicidal suicide ventaccount sadtok svv ritzer",
    ),
    _risk(
        "drugs",
        "drug sale or use",
        "plugtok plugsneeded plugwalkuk drugplug xansforsale percsforsale percs30 codeinecrazy oxyforsale mdmaforsale "
        "weedforsale buyweedonline buyxanax shroomsforsale buyshrooms snowforsale cokeforsale "
        "drankinmycup 아이스작대기 떨팝니다 빙두",
        "plug percs xans xanax leandrink drank shrooms mdma molly ketamine acidtrip dmt 작대기",
    ),
    _risk(
        "sexual",
        "sexual content",
        "nsfw nsfwtok onlyfansleak onlyfansleaks ofleaks nudesforsale sellingnudes sellingcontent "
        "hornytok pornhub porntok "
        "cornhub buymycontent sexcam camgirls snapnudes 일탈계 섹트 조건만남 뒷계",
        "onlyfans onlyfansgirl fansly 18plus spicytok spicyaccount corntok seggs",
    ),
    _risk(
        "dangerous_acts",
        "dangerous challenges",
        "blackoutchallenge chokingchallenge tidepodchallenge tidepodeating skullbreakerchallenge benadrylchallenge "
        "firechallenge outletchallenge pennychallenge chromingchallenge chroming huffing saltandicechallenge "
        "milkcratechallenge cinnamonchallenge kiachallenge kiaboys trainsurfing subwaysurfing "
        "nyquilchicken boatjumpingchallenge "
        "drypaintchallenge condomchallenge ghostpepperchallenge 기절놀이 기절챌린지",
        "roofing carsurfing streettakeover onechipchallenge",
    ),
    _risk(
        "extremism",
        "codes of violent extremism",
        "1488 14words 1488boys rahowa siegeculture siegepill saintsculture acceleratenow boogaloobois dotr rwds",
        "boogaloo blackpill accelerationism",
    ),
    _risk(
        "weapons",
        "weapon making or sale",
        "ghostgun ghostguns autosear glockswitch switchforsale gunsforsale 3dprintedguns fgc9 80percentlower 80lower "
        "solventtrapkit untraceablegun",
        "glock switches p80 gunsale",
    ),
    _risk(
        "scams",
        "fraud offers",
        "cashappflip cashappflips cashflip moneyflip paypalflip moneyflips bankdrops bankdrop "
        "fullz cvvfullz carding carders "
        "moneymules squaresmoney deetsandsquares clickandcash atmmoney telegramtransfer forexaccountmanager "
        "bitcoindoubler 통장매입 통장대여 작업대출 내구제 꽁머니 가입머니 소액결제현금화 대포통장",
        "easymoney quickcash makemoneyfast cashapp getrichquick forexsignals workfromhomejob 재택알바 고수익알바 급전",
    ),
    _risk(
        "spam",
        "engagement exchange",
        "f4f l4l s4s follow4follow followforfollow followtrain like4like likeforlike sub4sub "
        "subforsub follow4followback "
        "followback followbackinstantly gainfollowers gainwithus gaintrain buyfollowers sdv sigodevolta followparty "
        "맞팔 선팔 선팔하면맞팔 좋반 좋아요반사 맞팔환영 팔로워늘리기 서이추",
        "followme likeforlikes instalike tagforlikes foryoufyp",
    ),
    _risk(
        "misinformation",
        "known hoaxes",
        "plandemic scamdemic vaccinesarepoison vaccinegenocide diedsuddenly 5gkills 5gcoronavirus depopulation "
        "crisisactor crisisactors chemtrails flatearthproof stopthesteal electionwasstolen pizzagate qanon wwg1wga "
        "greatreplacement covidhoax climatehoax mmscures turbocancer",
        "flatearth greatreset novax voterfraud",
    ),
    _risk(
        "intellectual_property",
        "pirated or counterfeit goods",
        "fullmovie fullmoviefree freemovies freefullmovie freemoviesonline pirated torrentlink "
        "1to1replica replicabags repsforsale "
        "uareps aaaquality mirrorquality crackedapk modapk iptvfree 짝퉁 미러급 레플리카",
        "replica reps iptv repsneaker dhgate",
    ),
)
"""Every field with its hashtags, in lower case without signs, marks of joining or underscores."""

_AI = re.compile(
    r"(?:made|created|generated)(?:with|by)(?:ai|sora|midjourney|veo|runway|kling)|ai(?:generated|video|art|made|clip|film)s?|generativeai|"
    r"midjourney|stablediffusion|soraai|openaisora|veo3|runwayml|klingai|aigc|deepfakes?|kigeneriert|kivideo|generadoporia|hechoconia|"
    r"ia(?:generativa|video)|geradoporia|genereparia|인공지능영상|ai영상|ai생성|ai그림|ai動画|ai生成"
)
_PAID = re.compile(
    r"ad|ads|advert|advertisement|sponsored|sponsor|paidpartnership|paidad|paidpromotion|spon|gifted|brandpartner|werbung|anzeige|publicidad|"
    r"publi|patrocinado|colaboracionpagada|collaborationcommerciale|sponsorise|publi(?:post|cite)|publipost|parceriapaga|광고|유료광고|유료광고포함|협찬|제품제공|広告|pr案件"
)


def declares_ai(tag: str) -> bool:
    """Whether a hashtag, folded, says that the clip was made with AI."""
    return _AI.fullmatch(tag) is not None


def declares_paid(tag: str) -> bool:
    """Whether a hashtag, folded, says that the clip is paid promotion."""
    return _PAID.fullmatch(tag) is not None
