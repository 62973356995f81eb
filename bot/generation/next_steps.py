"""What to offer somebody next: kinds of the family that they use, by their newest results, else by who they say they are. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bot.checks.terms import norm
from bot.content import Family
from bot.kinds import all_kinds
from personas.profile import Profile

MAX_OFFERED = 3
# The kinds of a family, those first that most people begin with.
_USUAL: dict[Family, tuple[str, ...]] = {
    "marketing": ("social_post", "email", "ad", "product_description"),
    "education": ("quiz", "lesson_plan", "worksheet", "explanation"),
    "image": ("image_prompt", "logo", "layout", "social_post"),
    "media": ("script", "lyrics", "music", "social_post"),
    "data": ("synthetic_data", "email", "social_post", "quiz"),
    "text": ("rewrite", "email", "social_post", "quiz"),
}
# One of each of the commands, for somebody who has told nothing.
_ANY = ("social_post", "quiz", "image_prompt")
# What people of a family call themselves or their readers, in English, German, French, Spanish and Portuguese.
_ROLES: tuple[tuple[Family, re.Pattern[str]], ...] = (
    ("education", re.compile(
        r"\b(?:teach|tutor|lectur|educat|school|pupil|student|classroom|grade \d|year \d|lehr|schul|unterricht|dozent|klasse \d|enseign"
        r"|professeur|instit|eleve|élève|école|formateur|profe|maestr|docent|escuela|alumn|colegio|escola|alun)"
    )),
    ("image", re.compile(
        r"\b(?:design|illustrat|photograph|painter|graphic|fotograf|künstler|maler|zeichner|graphist|dessinat|peintre|diseñ|ilustra"
        r"|pintor|dibujante|fotógraf)"
    )),
    ("media", re.compile(r"\b(?:podcast|youtube|video|film|music|musik|songwriter|musicien|cinéaste|músic)")),
    ("marketing", re.compile(
        r"\b(?:market|owner|shop|store|sales|business|founder|bak|café|restaurant|inhaber|laden|geschäft|vertrieb|werb|gérant|boutique"
        r"|commerc|vend|dueñ|tienda|negocio|dono|dona|loja|client|kund|custom)"
    )),
)  # fmt: skip


def family_of(profile: Profile, newest: Sequence[str] = ()) -> Family | None:
    """The family that somebody uses: that of most of the kinds they made last, else by their profile; None where neither tells."""
    made = Counter(all_kinds()[name].family for name in newest if name in all_kinds())
    used = next((family for family, _ in made.most_common() if family in _USUAL), None)
    told = norm(f"{profile.role} {profile.audience} {profile.organisation}")
    return used or next((family for family, words in _ROLES if words.search(told)), None)


def usual_kinds(family: Family) -> Sequence[str]:
    """The kinds that people of a family make, those first that most begin with."""
    return _USUAL.get(family, _ANY)


def next_kinds(profile: Profile, newest: Sequence[str] = (), here: Family | None = None) -> list[str]:
    """The names of the kinds to offer; what somebody made last comes last. `here` is a channel's family."""
    family = here or family_of(profile, newest)
    usual = usual_kinds(family) if family else _ANY
    return sorted(usual, key=lambda name: name in newest)[:MAX_OFFERED]
