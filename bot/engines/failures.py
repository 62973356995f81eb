"""The messages that users get when an engine fails."""

from __future__ import annotations

import re

from bot.errors import Phrase

from ._retry import OversizedError, get_status, is_declined

# The dynamic loader's message for a missing library.
_MISSING_LIBRARY = re.compile(r"(lib[\w.+-]+): cannot open shared object file")


def build_timeout_phrase(label: str, seconds: float) -> Phrase:
    """Return the message for an engine that did not answer in time."""
    return Phrase(
        "{engine} did not answer within {seconds} seconds. Try again, or ask for something shorter.",
        engine=label,
        seconds=round(seconds),
    )


def build_failure_phrase(label: str, error: Exception, setting: str) -> Phrase:
    """Return the message for an engine's error; `setting` is the one that the operator configures the engine with."""
    if isinstance(error, ImportError) and (library := _MISSING_LIBRARY.match(str(error))):
        package = " (on Debian and Ubuntu: apt-get install libgomp1)" if library[1].startswith("libgomp") else ""
        return Phrase(
            "{engine} needs {library}, which is missing on this machine. My operator should install it{package}.",
            engine=label,
            library=library[1],
            package=package,
        )
    if is_declined(error):
        return Phrase("{engine} declined to write this. Put it in other words.", engine=label)
    if isinstance(error, OversizedError):
        return Phrase("{engine} did not stop writing, so I stopped it. Try again in a moment.", engine=label)
    match get_status(error):
        case 401 | 403:
            return build_refused_key_phrase(label, f"{setting}_KEY")
        case 404:
            return build_unknown_model_phrase(label, setting)
        case 429:
            return build_busy_phrase(label)
    if "connect" in type(error).__name__.lower():
        return build_unreachable_phrase(label)
    return Phrase("{engine} could not answer. Try again in a moment.", engine=label)


def build_refused_key_phrase(label: str, setting: str) -> Phrase:
    """Return the message for a server that refuses the key in a setting."""
    return Phrase("{engine} refused the key. My operator should check {setting}.", engine=label, setting=setting)


def build_unknown_model_phrase(label: str, setting: str) -> Phrase:
    """Return the message for a server that lacks the model, or that does not exist."""
    return Phrase(
        "The server does not know {engine}. My operator should check {setting}.", engine=label, setting=setting
    )


def build_busy_phrase(label: str) -> Phrase:
    """Return the message for a server that asks to wait."""
    return Phrase("{engine} is too busy right now. Try again in a minute.", engine=label)


def build_unreachable_phrase(label: str) -> Phrase:
    """Return the message for a server that does not answer."""
    return Phrase("{engine} cannot be reached. My operator should check that its server is running.", engine=label)
