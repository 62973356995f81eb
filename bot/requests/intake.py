"""Clean the inputs of users, and refuse those that cannot be carried out, before anything is stored or acknowledged. Pure."""

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


def clean_brief(text: str) -> str:
    """Return the brief, cleaned.

    Raises:
        RefusedError: It is empty, noise or too long, contains a credential, or asks for the gravest harm; the message says what
            to do.
    """
    text = clean(unicodedata.normalize("NFC", text))
    if not _INVISIBLE.sub("", text).strip() or is_noise(_INVISIBLE.sub("", text)):
        raise RefusedError(EMPTY)
    if len(text) > MAX_CHARACTERS:
        message = (
            "That brief has {count:,} characters; the limit is {most:,}. Put the rest in a .txt file and attach it."
        )
        raise RefusedError(message, count=len(text), most=MAX_CHARACTERS)
    refuse(text, only=GRAVEST_CATEGORIES)
    return text


def clean_option(text: str | None, max_characters: int) -> str:
    """Return a tone or an audience, cleaned.

    Raises:
        RefusedError: It is too long, contains a credential, or asks for the gravest harm.
    """
    text = clean(text or "")
    if len(text) > max_characters:
        message = (
            "Tone and audience can have up to {most} characters each; that has {count}. Put the rest in the brief."
        )
        raise RefusedError(message, most=max_characters, count=len(text))
    refuse(text, only=GRAVEST_CATEGORIES)
    return text


def clean_text(text: str, source: Source = "message", field: str = "") -> str:
    """Return a text, cleaned; `field` is the field of a profile that it is for, if any.

    Raises:
        RefusedError: It contains a credential or asks for harm.
    """
    text = clean(text)
    refuse(text, source=source, only=("despair",) if field in UNCHECKED_FIELDS else CATEGORIES)
    return text
