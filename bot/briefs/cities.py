"""Where something happens, as a brief names it. Pure."""

from __future__ import annotations

from bot.checks.dates import LANGUAGES, bare, day_names, full_month_names
from bot.checks.language import languages_named

from .lexicon import forms_of
from .phrases import says
from .wording import MOST_READ, filled, spoken

_NAME = r"(?-i:[A-ZÀ-ÖØ-Þ][\w'-]+(?:\s[A-ZÀ-ÖØ-Þ][\w'-]+)?)"
_CITY = rf"\b<city.before=>\s*:?\s+({_NAME})"


def cities_in(brief: str) -> list[str]:
    """The names behind "in" or "from", of one or two words, that are no months, days, languages or networks."""
    brief = brief[:MOST_READ]
    code = spoken(brief)
    found = (one[1] for one in filled(_CITY, code).finditer(brief))
    return [name for name in found if not _is_other(name.split()[0], code)]


def _is_other(name: str, code: str) -> bool:
    """Whether a name is that of something which is no place."""
    languages = {code, "en"} & set(LANGUAGES)
    known = any(map(str.isdigit, name)) or any(
        bare(name) in names for one in languages for names in (full_month_names(one), day_names(one)[0])
    )
    forms = "|".join(filter(None, (forms_of(one, "city", "others") for one in ("any", *sorted(languages)))))
    return known or says(name, forms) or bool(languages_named(name))
