"""The open table of signal labels: what each means, in words a policy owner can read.

Every label any detector emits stands here once; a test walks the registry against it, and policies are
checked against it with a "did you mean".
"""

from collections.abc import Mapping
from types import MappingProxyType

LABELS: Mapping[str, str] = MappingProxyType(
    {
        # words: trained heads
        "wording.hate": "attacks people for a protected characteristic",
        "wording.harassment": "insults or bullies a person",
        "wording.toxicity": "rude or hostile language",
        "wording.threat": "threatens or wishes violence",
        "wording.violence": "seeks or gives help with violence",
        "wording.sexual": "sexually explicit language",
        "wording.sexual_crime": "sexual crimes in words",
        "wording.minors": "sexual or exploitative wording about minors",
        "wording.self_harm": "suicide or self-harm in words",
        "wording.weapons": "making, selling or misusing weapons in words",
        "wording.crime": "help with crime in words",
        "wording.spam": "unsolicited bulk wording",
        "wording.scam": "a fraudulent offer in words",
        "wording.drugs": "selling or promoting drugs in words",
        "wording.disordered_eating": "promotes disordered eating",
        "wording.extremism": "supports a violent organisation or ideology in words",
        "wording.misinformation": "a claim shape known from civic, health or disaster hoaxes",
        "wording.dangerous_acts": "urges others to a dangerous act",
        # words: lexicon and patterns
        "wording.profanity": "a swear word of a lexicon",
        "wording.slur": "a word of a lexicon that attacks a group of people",
        "wording.evasion": "characters changed so that filters cannot read a word",
        "pattern.link": "a web link",
        "pattern.contact": "a phone number, e-mail address or messenger handle",
        "pattern.money_mule": "wording that recruits people to pass money on",
        "pattern.scam_offer": "a guaranteed-return, giveaway or advance-fee offer",
        "pattern.engagement_bait": "asks for follows, likes or shares in exchange",
        "pattern.trade": "an offer to buy or sell with price and contact",
        "pattern.personal_data": "personal data such as a payment card or identity number",
        "pattern.urging_self_harm": "urges a person to end or harm their life, or wishes them dead",
        "pattern.threat": "says to a person that they will be killed or hurt",
        "pattern.minor_solicitation": "a stated age under 18 together with a sexual or older-partner request",
        "pattern.drug_sale": "an offer of drugs with a way to get in touch",
        # metadata
        "metadata.hashtag_flood": "an unusual number of hashtags",
        "metadata.mention_flood": "an unusual number of mentions",
        "metadata.declared_ai": "declared by its creator as made with AI",
        "metadata.declared_minor": "declared by its creator as showing a minor",
        "metadata.declared_paid": "declared by its creator as paid promotion",
        "metadata.undeclared_ai": "a hashtag or caption says made with AI, the declaration does not",
        "metadata.undeclared_paid": "a hashtag or caption says paid promotion, the declaration does not",
        "metadata.tag_self_harm": "a hashtag of self-harm communities",
        "metadata.tag_disordered_eating": "a hashtag of pro-disordered-eating communities",
        "metadata.tag_drugs": "a hashtag of drug sale or use",
        "metadata.tag_sexual": "a hashtag of sexual content",
        "metadata.tag_dangerous_acts": "a hashtag of a dangerous challenge",
        "metadata.tag_extremism": "a hashtag that is a code of violent extremism",
        "metadata.tag_weapons": "a hashtag of weapon making or sale",
        "metadata.tag_scams": "a hashtag of fraud offers",
        "metadata.tag_spam": "a hashtag of engagement exchange",
        "metadata.tag_misinformation": "a hashtag of a known hoax",
        "metadata.tag_intellectual_property": "a hashtag of pirated or counterfeit goods",
        # pictures
        "visual.detail": "how much there is to see in the pictures; harmless in itself",
        "visual.nudity": "nudity or sexual activity in a picture",
        "visual.weapon": "a weapon in a picture",
        "visual.object": "an object that a clause may speak of",
        "visual.face": "a face in a picture, counted, never identified",
        "visual.flash": "a picture shown for less than a second between others",
        # words on the picture
        "onscreen.lettering": "how much on the picture looks like letters; harmless in itself",
        "onscreen.text": "words on the picture; harmless in themselves",
        "onscreen.watermark": "the mark of another platform or creator on the picture",
        "onscreen.code": "a QR or bar code on the picture",
        "onscreen.flicker": "words shown too briefly to be read at ordinary speed",
        # speech
        "speech.words": "words heard; harmless in themselves",
        # sound
        "sound.speech": "somebody speaks; harmless in itself",
        "sound.singing": "somebody sings; harmless in itself",
        "sound.music": "music; harmless in itself",
        "sound.silence": "silence through most of the clip; harmless in itself",
        "sound.beep": "a steady tone such as those that cover words",
        "sound.loud_onset": "a sudden loud sound that may startle",
        "sound.gunshot": "a shot or explosion",
        "sound.scream": "a scream",
        "sound.siren": "a siren or alarm",
        # provenance
        "provenance.signed": "a valid manifest of origin; harmless in itself",
        "provenance.broken": "a manifest of origin that does not fit the media",
        "provenance.stripped": "traces of a manifest of origin that is gone",
        "provenance.declared_ai": "the file itself declares that a machine generated or altered it",
        "provenance.edited": "the file names editing software; harmless in itself",
        "provenance.reencoded": "traces of encoding more than once; harmless in itself",
        # matching
        "matching.file": "the same bytes as a bank entry",
        "matching.frame": "a frame like a bank entry's picture",
    }
)
"""Label -> meaning."""
