"""Errors of the bot whose text is shown to users. The hierarchy starts in personas.errors."""

from __future__ import annotations

import logging
import secrets

from personas.errors import Phrase, QuillmateError

__all__ = [
    "ENDED",
    "FORGOTTEN",
    "TAKEN_BACK",
    "UNHEARD",
    "EngineError",
    "FileError",
    "Phrase",
    "QuestionError",
    "QuillmateError",
    "RefusedError",
    "SettingsError",
    "describe_error",
    "find_phrase",
]

log = logging.getLogger(__name__)


# Why a job was cancelled: its owner was erased,
FORGOTTEN = "forgotten"
# its owner cancelled it,
TAKEN_BACK = "taken back"
# the operator ended it,
ENDED = "ended"
# or its acknowledgement came too late, so nobody waits for it.
UNHEARD = "unheard"


class SettingsError(QuillmateError):
    """A setting, option or argument has an invalid value."""


class RefusedError(QuillmateError):
    """A request cannot be fulfilled as it is; the message says what to change."""


class FileError(RefusedError):
    """A file cannot be read or written."""


class EngineError(QuillmateError):
    """A model is missing, does not answer or refuses."""


class QuestionError(QuillmateError):
    """The writer asks a question before it can write, with likely `answers`."""

    def __init__(self, question: str, *answers: str) -> None:
        super().__init__(Phrase("{question}", question=question))
        self.question, self.answers = question, answers


def find_phrase(error: BaseException) -> Phrase:
    """Return the message to show: the error's own, or a neutral one with a reference that is also logged."""
    if isinstance(error, QuillmateError):
        return error.phrase
    reference = secrets.token_hex(4)
    log.error("unexpected error", exc_info=error, extra={"reference": reference})
    return Phrase(
        "Something went wrong on my side. Try again, or give my operator this reference: {reference}",
        reference=reference,
    )


def describe_error(error: BaseException) -> str:
    """Return the message to show, in English."""
    return str(find_phrase(error))
