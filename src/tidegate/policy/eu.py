"""Categories and keywords of the EU Digital Services Act, under which a clause is reported.

Source: the value set of the DSA Transparency Database API of July 2025 and Part 2 of the templates of Commission
Implementing Regulation (EU) 2024/2835, which maps keywords to categories. The two categories for notices and orders
that do not say what they are about are left out: a clause always knows its subject.
"""

from collections.abc import Mapping
from types import MappingProxyType

CATEGORY_PREFIX = "STATEMENT_CATEGORY_"
KEYWORD_PREFIX = "KEYWORD_"

KEYWORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ANIMAL_WELFARE": (
            "ANIMAL_HARM",
            "UNLAWFUL_SALE_ANIMALS",
            "OTHER",
        ),
        "CONSUMER_INFORMATION": (
            "HIDDEN_ADVERTISEMENT",
            "INSUFFICIENT_INFORMATION_ON_TRADERS",
            "MISLEADING_INFO_GOODS_SERVICES",
            "MISLEADING_INFO_CONSUMER_RIGHTS",
            "NONCOMPLIANCE_PRICING",
            "OTHER",
        ),
        "CYBER_VIOLENCE": (
            "CYBER_BULLYING_INTIMIDATION",
            "CYBER_HARASSMENT",
            "CYBER_INCITEMENT",
            "CYBER_STALKING",
            "NON_CONSENSUAL_IMAGE_SHARING",
            "NON_CONSENSUAL_MATERIAL_DEEPFAKE",
            "OTHER",
        ),
        "CYBER_VIOLENCE_AGAINST_WOMEN": (
            "BULLYING_AGAINST_GIRLS",
            "CYBER_HARASSMENT_AGAINST_WOMEN",
            "CYBER_STALKING_AGAINST_WOMEN",
            "FEMALE_GENDERED_DISINFORMATION",
            "INCITEMENT_AGAINST_WOMEN",
            "NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN",
            "NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN",
            "OTHER",
        ),
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS": (
            "BIOMETRIC_DATA_BREACH",
            "DATA_FALSIFICATION",
            "MISSING_PROCESSING_GROUND",
            "RIGHT_TO_BE_FORGOTTEN",
            "OTHER",
        ),
        "ILLEGAL_OR_HARMFUL_SPEECH": (
            "DEFAMATION",
            "DISCRIMINATION",
            "HATE_SPEECH",
            "OTHER",
        ),
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS": (
            "COPYRIGHT_INFRINGEMENT",
            "DESIGN_INFRINGEMENT",
            "GEOGRAPHIC_INDICATIONS_INFRINGEMENT",
            "PATENT_INFRINGEMENT",
            "TRADE_SECRET_INFRINGEMENT",
            "TRADEMARK_INFRINGEMENT",
            "OTHER",
        ),
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS": (
            "MISINFORMATION_DISINFORMATION",
            "VIOLATION_EU_LAW",
            "VIOLATION_NATIONAL_LAW",
            "OTHER",
        ),
        "PROTECTION_OF_MINORS": (
            "AGE_SPECIFIC_RESTRICTIONS_MINORS",
            "CHILD_SEXUAL_ABUSE_MATERIAL",
            "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
            "GROOMING_SEXUAL_ENTICEMENT_MINORS",
            "UNSAFE_CHALLENGES",
            "OTHER",
        ),
        "RISK_FOR_PUBLIC_SECURITY": (
            "ILLEGAL_ORGANIZATIONS",
            "RISK_ENVIRONMENTAL_DAMAGE",
            "RISK_PUBLIC_HEALTH",
            "TERRORIST_CONTENT",
            "OTHER",
        ),
        "SCAMS_AND_FRAUD": (
            "IMPERSONATION_ACCOUNT_HIJACKING",
            "INAUTHENTIC_ACCOUNTS",
            "INAUTHENTIC_LISTINGS",
            "INAUTHENTIC_USER_REVIEWS",
            "PHISHING",
            "PYRAMID_SCHEMES",
            "OTHER",
        ),
        "SELF_HARM": (
            "CONTENT_PROMOTING_EATING_DISORDERS",
            "SELF_MUTILATION",
            "SUICIDE",
            "OTHER",
        ),
        "UNSAFE_AND_PROHIBITED_PRODUCTS": (
            "PROHIBITED_PRODUCTS",
            "UNSAFE_PRODUCTS",
            "OTHER",
        ),
        "VIOLENCE": (
            "COORDINATED_HARM",
            "INCITEMENT_VIOLENCE_HATRED",
            "HUMAN_EXPLOITATION",
            "HUMAN_TRAFFICKING",
            "TRAFFICKING_WOMEN_GIRLS",
            "OTHER",
        ),
        "OTHER_VIOLATION_TC": (
            "ADULT_SEXUAL_MATERIAL",
            "AGE_SPECIFIC_RESTRICTIONS",
            "GEOGRAPHICAL_REQUIREMENTS",
            "GOODS_SERVICES_NOT_PERMITTED",
            "LANGUAGE_REQUIREMENTS",
            "NUDITY",
            "OTHER",
        ),
    }
)
"""Category -> its keywords, both without their prefix. `OTHER` stands under every category."""


def full_category(name: str) -> str | None:
    """The category's full name for a short or full one; `None` if there is no such category."""
    short = name.removeprefix(CATEGORY_PREFIX)
    return CATEGORY_PREFIX + short if short in KEYWORDS else None


def full_keyword(name: str) -> str | None:
    """The keyword's full name for a short or full one; `None` if no category has it."""
    short = name.removeprefix(KEYWORD_PREFIX)
    return KEYWORD_PREFIX + short if any(short in words for words in KEYWORDS.values()) else None


def categories_of(keyword: str) -> tuple[str, ...]:
    """The categories, in short form, that a keyword (short or full) belongs to."""
    short = keyword.removeprefix(KEYWORD_PREFIX)
    return tuple(category for category, words in KEYWORDS.items() if short in words)
