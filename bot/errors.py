"""Errors of the bot whose text is a sentence for the person who reads it. The whole tree stands in personas.errors."""

from __future__ import annotations

import logging
import secrets

from personas.errors import Phrase, QuillmateError

__all__ = [
    "ENDED", "FORGOTTEN", "TAKEN_BACK", "UNHEARD", "EngineError", "FileError", "Phrase", "QuestionError", "QuillmateError",
    "RefusedError", "SettingsError", "phrase_of", "sentence",
]  # fmt: skip

log = logging.getLogger(__name__)


# What the task of a job is cancelled with whose user has asked to be forgotten.
FORGOTTEN = "forgotten"
# What it is cancelled with where its user has taken it back.
TAKEN_BACK = "taken back"
# What it is cancelled with where an operator has ended it.
ENDED = "ended"
# And one whose acknowledgement came too late: nobody waits for it.
UNHEARD = "unheard"


class SettingsError(QuillmateError):
    """A setting, option or argument has a value that cannot be used."""


class RefusedError(QuillmateError):
    """What was asked for cannot be made as it was asked; says what to change."""


class FileError(RefusedError):
    """A file cannot be read or written."""


class EngineError(QuillmateError):
    """A model is missing, does not answer or refuses."""


class QuestionError(QuillmateError):
    """A writer asks something before it can write: the question, and likely `answers`."""

    def __init__(self, question: str, *answers: str) -> None:
        super().__init__(Phrase("{question}", question=question))
        self.question, self.answers = question, answers


def phrase_of(error: BaseException) -> Phrase:
    """What the person is told: the error's own sentence, or a neutral one with the reference that the log has."""
    if isinstance(error, QuillmateError):
        return error.phrase
    reference = secrets.token_hex(4)
    log.error("unexpected error", exc_info=error, extra={"reference": reference})
    return Phrase(
        "Something went wrong on my side. Try again, or give my operator this reference: {reference}",
        reference=reference,
    )


def sentence(error: BaseException) -> str:
    """What the person is told, in English."""
    return str(phrase_of(error))
