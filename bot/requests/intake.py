"""Clean what users send and refuse what cannot be made, before anything is stored or acknowledged. Pure."""

from __future__ import annotations

import re
import unicodedata

from bot.errors import RefusedError
from bot.generation.route import is_noise
from bot.moderation import CATEGORIES, GRAVEST_CATEGORIES, UNCHECKED_FIELDS, Source, refuse
from personas.profile import clean

MAX_CHARACTERS = 6000
EMPTY = (
    "What should I make? Tell me in a few words, such as “a tweet saying we're closed on Monday” or “a quiz "
    "on the water cycle”."
)

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


def check_brief(text: str) -> str:
    """A brief that can be kept and made.

    Raises:
        RefusedError: it is empty, noise, too long, holds a key, or asks for the gravest harm; the sentence says what to do.
    """
    text = clean(unicodedata.normalize("NFC", text))
    if not _INVISIBLE.sub("", text).strip() or is_noise(_INVISIBLE.sub("", text)):
        raise RefusedError(EMPTY)
    if len(text) > MAX_CHARACTERS:
        said = "That brief has {count:,} characters; the limit is {most:,}. Put the rest in a .txt file and attach it."
        raise RefusedError(said, count=len(text), most=MAX_CHARACTERS)
    refuse(text, only=GRAVEST_CATEGORIES)
    return text


def short_text(text: str | None, most: int) -> str:
    """A word about tone or audience that can be kept, cut to nothing it should not hold.

    Raises:
        RefusedError: it is too long, holds a key, or asks for the gravest harm.
    """
    text = clean(text or "")
    if len(text) > most:
        said = "Tone and audience can have up to {most} characters each; that has {count}. Put the rest in the brief."
        raise RefusedError(said, most=most, count=len(text))
    refuse(text, only=GRAVEST_CATEGORIES)
    return text


def require_harmless(text: str, source: Source = "message", field: str = "") -> str:
    """A text that may be kept and worked with, trimmed; `field` names the field of a profile that it is for.

    Raises:
        RefusedError: it holds a key or asks for harm.
    """
    text = clean(text)
    refuse(text, source=source, only=("despair",) if field in UNCHECKED_FIELDS else CATEGORIES)
    return text
