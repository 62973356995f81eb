"""Refuse harmful requests and results, by rules that always apply; the operator can add a moderation service.

All input (briefs, changes, files, profiles, personas, brands, documents) and all results are checked. Refusals are logged by
category, stage and kind, never with their text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from bot.errors import Phrase, RefusedError
from bot.runtime.credentials import holds_secret

from .helplines import list_help_lines
from .rules import GRAVEST_CATEGORIES, classify, find_category, find_excuses

__all__ = [
    "CATEGORIES",
    "GRAVEST_CATEGORIES",
    "UNCHECKED_FIELDS",
    "Category",
    "DespairError",
    "HarmError",
    "SecretError",
    "Source",
    "build_error",
    "find_category",
    "find_excuses",
    "iter_strings",
    "log_refusal",
    "refuse",
    "refuse_harm",
    "refuse_secrets",
]

log = logging.getLogger(__name__)

Category = Literal[
    "minors", "despair", "threat", "scam", "impersonation", "cure", "doxxing", "hate", "violence", "other"
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
# The source of a text, which determines the message about a credential in it.
Source = Literal["message", "file", "kept"]

# Profile fields that request nothing: facts, for example of a pharmacy or a museum, and words to avoid.
UNCHECKED_FIELDS = frozenset({"facts", "avoid_words"})

_HARM_MESSAGES: dict[str, str] = {
    "minors": (
        "I don't write sexual content about anyone under 18. If a child may be in danger, call the police or a child helpline."
    ),
    "threat": "I don't write texts that threaten or insult people. I can help you say calmly what you need.",
    "hate": "I don't write texts that demean people. I can help with fair criticism, or with a text against hate.",
    "scam": (
        "I don't write texts that trick people out of money or data. I can write an honest offer, or a "
        "warning about such scams."
    ),
    "impersonation": (
        "I don't write in someone else's name to deceive people. I can write in your own name, or "
        "write a parody that is labelled as one."
    ),
    "cure": (
        "I don't claim that something cures a disease or replaces medicine. I can describe what it is and "
        "how it feels or tastes."
    ),
    "doxxing": "I don't publish anyone's private address or phone number. I can write a neutral text without them.",
    "violence": (
        "I don't write instructions that could hurt people. I can write about safety, prevention or the "
        "history of the subject."
    ),
    "other": "I don't write that. Tell me what the text is for, and I'll look for another way.",
}
_SECRET_MESSAGES: dict[str, str] = {
    "message": "Your message seems to contain a key or password. Delete the message, revoke the key at its "
    "source and ask again without it. I have not stored it.",
    "file": "That file seems to contain a key or password. Remove it, revoke the key at its source and send the "
    "file again. I have not stored any of it.",
    "kept": "Your profile, voice, brand or documents seem to contain a key or password. Delete it there, revoke "
    "the key at its source and ask again.",
}
_DESPAIR_MESSAGE = (
    "I'm sorry you are carrying so much, and I'm glad you said it. I won't write this text, but you don't have "
    "to be alone with this: please talk to somebody now, to a person you trust, or here, where someone will "
    "listen:\n{lines}\nIf you are in danger right now, call your country's emergency number."
)


class HarmError(RefusedError):
    """A request asks for harm of a `category`; the message says what can be written instead."""

    def __init__(self, *, category: Category) -> None:
        self.category = category
        super().__init__(_HARM_MESSAGES[category])


class SecretError(RefusedError):
    """A text that would be stored or sent to a model seems to contain a credential."""

    def __init__(self, *, source: Source = "message") -> None:
        super().__init__(_SECRET_MESSAGES[source])


class DespairError(RefusedError):
    """A user seems to be in despair; the message has kind words and the help lines of a `region`, or of a `language`."""

    category: Category = "despair"

    def __init__(self, *, region: str = "", language: str = "en") -> None:
        self.language = language
        super().__init__(Phrase(_DESPAIR_MESSAGE, lines="\n".join(list_help_lines(region, language))))


def build_error(category: str, language: str = "en") -> RefusedError:
    """Build the error for a category; one that is unknown counts as "other"."""
    if category == "despair":
        return DespairError(language=language)
    known_category: Category = next((known for known in CATEGORIES if known == category), "other")
    return HarmError(category=known_category)


def refuse(text: str, *, source: Source = "message", kind: str = "", only: Sequence[str] = CATEGORIES) -> None:
    """Refuse a text by the rules, for harm of the categories `only`.

    Raises:
        SecretError: it contains a credential.
        DespairError: its writer seems to be in despair.
        HarmError: it asks for harm.
    """
    refuse_secrets(text, source=source, kind=kind)
    refuse_harm(text, source=source, kind=kind, only=only)


def refuse_harm(text: str, *, source: Source = "message", kind: str = "", only: Sequence[str] = CATEGORIES) -> None:
    """Refuse a text by the rules against harm of some categories, not for credentials.

    Raises:
        DespairError: its writer seems to be in despair.
        HarmError: it asks for harm.
    """
    category, language = classify(text)
    if category in only:
        log_refusal(category, source, kind)
        raise build_error(category, language)


def refuse_secrets(text: str, *, source: Source = "message", kind: str = "") -> None:
    """Refuse a text that contains a credential.

    Raises:
        SecretError: it contains one.
    """
    if holds_secret(text):
        log_refusal("secret", source, kind)
        raise SecretError(source=source)


def log_refusal(category: str, stage: str, kind: str) -> None:
    """Log a refusal without the text."""
    log.info("refused", extra={"category": category, "stage": stage, "kind": kind or None})


def iter_strings(value: object) -> Iterator[str]:
    """Yield every string in JSON-like data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from iter_strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from iter_strings(item)
