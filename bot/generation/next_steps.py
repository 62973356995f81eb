"""Suggestions of what to make next: kinds of the family that a user works in, by their newest results or profile. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bot.checks.terms import normalise
from bot.content import Family
from bot.kinds import load_kinds
from personas.profile import Profile

MAX_SUGGESTED_KINDS = 3
# The kinds of a family, the most common first.
_COMMON_KINDS: dict[Family, tuple[str, ...]] = {
    "marketing": ("social_post", "email", "ad", "product_description"),
    "education": ("quiz", "lesson_plan", "worksheet", "explanation"),
    "image": ("image_prompt", "logo", "layout", "social_post"),
    "media": ("script", "lyrics", "music", "social_post"),
    "data": ("synthetic_data", "email", "social_post", "quiz"),
    "text": ("rewrite", "email", "social_post", "quiz"),
}
# One kind of each command, for users without results or a profile.
_ANY = ("social_post", "quiz", "image_prompt")
# Words that users of a family describe themselves or their readers with, in English, German, French, Spanish and Portuguese.
_ROLES: tuple[tuple[Family, re.Pattern[str]], ...] = (
    (
        "education",
        re.compile(
            r"\b(?:teach|tutor|lectur|educat|school|pupil|student|classroom|grade \d|year \d|lehr"
            r"|schul|unterricht|dozent|klasse \d|enseign|professeur|instit|eleve|élève|école"
            r"|formateur|profe|maestr|docent|escuela|alumn|colegio|escola|alun)"
        ),
    ),
    (
        "image",
        re.compile(
            r"\b(?:design|illustrat|photograph|painter|graphic|fotograf|künstler|maler|zeichner|graphist|dessinat|peintre|diseñ|ilustra"
            r"|pintor|dibujante|fotógraf)"
        ),
    ),
    ("media", re.compile(r"\b(?:podcast|youtube|video|film|music|musik|songwriter|musicien|cinéaste|músic)")),
    (
        "marketing",
        re.compile(
            r"\b(?:market|owner|shop|store|sales|business|founder|bak|café|restaurant|inhaber|laden|geschäft|vertrieb|werb|gérant|boutique"
            r"|commerc|vend|dueñ|tienda|negocio|dono|dona|loja|client|kund|custom)"
        ),
    ),
)


def guess_family(profile: Profile, newest: Sequence[str] = ()) -> Family | None:
    """Return the family of most of a user's newest results, else the one their profile suggests; None if neither is conclusive."""
    families = Counter(load_kinds()[name].family for name in newest if name in load_kinds())
    used = next((family for family, _ in families.most_common() if family in _COMMON_KINDS), None)
    description = normalise(f"{profile.role} {profile.audience} {profile.organisation}")
    return used or next((family for family, words in _ROLES if words.search(description)), None)


def list_common_kinds(family: Family) -> Sequence[str]:
    """Return the common kinds of a family, the most common first."""
    return _COMMON_KINDS.get(family, _ANY)


def suggest_kinds(profile: Profile, newest: Sequence[str] = (), here: Family | None = None) -> list[str]:
    """Return the names of the kinds to suggest, recently made ones last. `here` is a channel's family."""
    family = here or guess_family(profile, newest)
    common = list_common_kinds(family) if family else _ANY
    return sorted(common, key=lambda name: name in newest)[:MAX_SUGGESTED_KINDS]
