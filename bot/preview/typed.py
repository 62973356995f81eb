"""A slash command typed as text: which command it is, and its options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import RefusedError

COMMAND = re.compile(r"/(?=\w)")
# Options that can be typed; the others are picked from a list or a disk.
_TYPEABLE_OPTION_TYPES = frozenset({"string", "integer", "number", "boolean"})
_PATTERNS = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "boolean": "true|false|yes|no"}


@dataclass(frozen=True)
class TypedCommand:
    """A command of the catalogue and the values of its options, as the page would send them."""

    entry: Mapping[str, Any]
    options: Mapping[str, str | bool]


def read_command(text: str, entries: Sequence[Mapping[str, Any]]) -> TypedCommand:
    """The command with the longest invocation that `text` begins with.

    What follows is its first required text option, else its first one; `name: value` of a known option is that option.

    Args:
        text: as typed, from the slash on.
        entries: those of simcord's command catalogue for the person who types.

    Raises:
        RefusedError: there is no such command, or it cannot take what follows it.
    """
    found = max(
        (entry for entry in entries if _get_rest(text, entry) is not None), key=_get_invocation_length, default=None
    )
    if found is None:
        raise _build_unknown_error(text, entries)
    options = _parse_options(_get_rest(text, found) or "", found)
    missing = [one["name"] for one in found["options"] if one["required"] and one["name"] not in options]
    if missing:
        raise RefusedError(
            "/{command} also needs {options}. Type “/” and pick it from the list.",
            command=found["invocation"],
            options=missing,
        )
    return TypedCommand(found, options)


def takes_no_text(entry: Mapping[str, Any]) -> bool:
    """Whether this command takes no text, so that Enter sends it at once."""
    return not any(
        option["required"] or (option["type"] == "string" and not option["choices"]) for option in entry["options"]
    )


def _get_invocation_length(entry: Mapping[str, Any]) -> int:
    return len(entry["path"])


def _get_rest(text: str, entry: Mapping[str, Any]) -> str | None:
    """Return the text after the command's words; None if it does not begin with them."""
    words = r"\s+".join(map(re.escape, entry["path"]))
    found = re.match(rf"/{words}(?:\s+|$)(.*)", text.strip(), re.IGNORECASE | re.DOTALL)
    return found[1] if found else None


def _parse_options(rest: str, entry: Mapping[str, Any]) -> dict[str, str | bool]:
    known = {option["name"]: option for option in entry["options"] if option["type"] in _TYPEABLE_OPTION_TYPES}
    values: dict[str, str | bool] = {}
    words: list[str] = []
    for name, piece in _split_named_values(rest, list(known)):
        value = _convert_value(known[name], piece.strip()) if name else None
        if value is None or name in values:  # “length: three lines” is not one of our choices: it belongs to the text.
            words.append(f"{name}: {piece}" if name else piece)
        else:
            values[name] = value
    text = "".join(words).strip()
    if text:
        option = _find_main_option(entry, values)
        said = values.get(option["name"])
        value = _convert_value(option, f"{text} {said}" if said else text)
        if value is None:
            raise _build_misfit_error(entry, option)
        values[option["name"]] = value
    return values


def _split_named_values(rest: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the text cut before every `name:`, each piece with its name; the first has none."""
    if not names:
        return [("", rest)]
    known = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    first, *others = re.split(rf"(?:^|(?<=\s))({known}):\s*", rest)
    return [("", first), *zip(others[::2], others[1::2], strict=True)]


def _find_main_option(entry: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the option that plain words fill."""
    texts = [option for option in entry["options"] if option["type"] == "string"]
    if not texts:
        raise RefusedError(
            "/{command} does not accept any text after it. Send it on its own.", command=entry["invocation"]
        )
    required = [option for option in texts if option["required"]]
    return next((option for option in required if option["name"] not in values), [*required, *texts][0])


def _convert_value(option: Mapping[str, Any], text: str) -> str | bool | None:
    """Return the value for the option; None if it cannot have it."""
    if option["choices"]:
        chosen = [
            one["value"]
            for one in option["choices"]
            if text.lower() in (one["name"].lower(), str(one["value"]).lower())
        ]
        return str(chosen[0]) if chosen else None
    if option["type"] == "string":
        return text if (option["minLength"] or 1) <= len(text) <= (option["maxLength"] or len(text)) else None
    if not re.fullmatch(_PATTERNS[option["type"]], text, re.IGNORECASE):
        return None
    return text.lower() in {"true", "yes"} if option["type"] == "boolean" else text


def _build_misfit_error(entry: Mapping[str, Any], option: Mapping[str, Any]) -> RefusedError:
    command = entry["invocation"]
    if option["choices"]:
        names = [one["name"] for one in option["choices"]]
        return RefusedError("After /{command}, write one of these: {names}.", command=command, names=names)
    most = option["maxLength"]
    return RefusedError("/{command} accepts at most {most} characters. Write less.", command=command, most=most)


def _build_unknown_error(text: str, entries: Sequence[Mapping[str, Any]]) -> RefusedError:
    """Return the error for an unknown command, listing its group's commands if it is the name of a group."""
    word = text[1:].split(maxsplit=1)[0].lower()
    members = [entry["path"][1] for entry in entries if entry["path"][0] == word and len(entry["path"]) > 1]
    if members:
        return RefusedError("After /{command}, add one of these: {names}.", command=word, names=members)
    return RefusedError("There is no command /{command} here. Type “/” to see all commands.", command=word[:40])
