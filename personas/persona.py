"""Personas, the voices that texts are written in: built-in ones, and those of users and servers."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from . import plugins
from .errors import Phrase, QuillmateError
from .faults import describe_fault, describe_field
from .profile import clean

MAX_LINES = 10
MAX_EXAMPLES = 4
# Maximum characters of a TOML file; a persona with all fields at their maximum has about 9,000.
MAX_TOML_CHARACTERS = 20_000


def _collapse_spaces(value: object) -> object:
    return re.sub(r"\s+", " ", clean(value)) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_collapse_spaces), StringConstraints(min_length=1, max_length=160)]
Lines = Annotated[tuple[Line, ...], Field(max_length=MAX_LINES)]


class Example(BaseModel):
    """A sample text of the persona, and the brief it was written for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    brief: Annotated[str, BeforeValidator(_collapse_spaces), StringConstraints(max_length=200)] = ""
    text: Annotated[str, BeforeValidator(_collapse_spaces), StringConstraints(min_length=1, max_length=600)]


class Persona(BaseModel):
    """A voice that texts are written in: how it sounds, its habits, what it always does and never does.

    `voice` is one or two sentences for the model, up to 600 characters; the prompts of small models have only these. `habits`, `do`
    and `dont` have up to 10 entries of up to 160 characters each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,48}$")]
    title: Annotated[str, BeforeValidator(_collapse_spaces), StringConstraints(min_length=1, max_length=48)]
    summary: Annotated[str, BeforeValidator(_collapse_spaces), StringConstraints(max_length=100)] = ""
    voice: Annotated[str, BeforeValidator(_collapse_spaces), StringConstraints(min_length=1, max_length=600)]
    habits: Lines = ()
    do: Lines = ()
    dont: Lines = ()
    examples: Annotated[tuple[Example, ...], Field(max_length=MAX_EXAMPLES)] = ()
    families: tuple[str, ...] = ()


# The choice of no persona. Its voice is empty, so prompts do not mention a persona.
NONE = "none"
NOBODY = Persona.model_construct(name=NONE, title="No persona", voice="")


class UnknownPersonaError(QuillmateError):
    """There is no persona with that name; the message lists the known ones."""


class PersonaError(QuillmateError):
    """A persona is invalid; the message is for its owner."""


@cache
def load_builtin() -> dict[str, Persona]:
    """Return the built-in personas and those of plugins by name, sorted."""
    folder = files("personas") / "builtin"
    personas = [
        Persona.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    personas += plugins.load("personas", Persona.model_validate, {persona.name for persona in personas}).values()
    return {persona.name: persona for persona in sorted(personas, key=lambda persona: persona.name)}


def find_persona(name: str) -> Persona:
    """Return the persona with a name or title, ignoring case.

    Raises:
        UnknownPersonaError: the name is unknown.
    """
    query = name.strip().casefold()
    for persona in load_builtin().values():
        if query in (persona.name, persona.title.casefold()):
            return persona
    message = 'There is no persona "{name}". Choose one of these: {known}.'
    raise UnknownPersonaError(message, name=name.strip()[:60], known=list(load_builtin()))


def get_chosen(name: str) -> Persona:
    """Return the built-in persona chosen by name, or `NOBODY`.

    Raises:
        UnknownPersonaError: the name is unknown.
    """
    return NOBODY if name == NONE else find_persona(name)


def is_known(name: str) -> bool:
    """Return whether a name is that of a built-in persona, or `NONE`; a plugin's persona may no longer exist."""
    return name in load_builtin() or name == NONE


def find_default(family: str) -> Persona:
    """Return the default persona for a family of kinds."""
    candidates = (persona for persona in load_builtin().values() if family in persona.families)
    return next(candidates, load_builtin()["copywriter"])


def build_name(title: str) -> str:
    """Return the name for a title: lower-case letters, digits and underscores, such as "night_owl"."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", ascii_title).strip("_")[:48] or "persona"


def build_persona(values: dict[str, object]) -> Persona:
    """Build a user's persona from typed or parsed values; its name is derived from the title.

    Raises:
        PersonaError: a value is missing or too long, or a field is unknown; the message names the field and the limit.
    """
    title = values.get("title") or values.get("name") or ""
    fields = {key: value for key, value in values.items() if key not in ("name", "families")}
    try:
        return Persona.model_validate({**fields, "title": title, "name": build_name(str(title))})
    except ValidationError as error:
        first_error = error.errors(include_url=False)[0]
        raise PersonaError(
            "The persona's {field} {wrong}.",
            field=describe_field(first_error["loc"]),
            wrong=_describe_fault(first_error),
        ) from None


def parse_toml(text: str) -> Persona:
    """Parse a persona from TOML, as `format_toml` writes it.

    Raises:
        PersonaError: the text is not valid TOML, too long, or a value is invalid.
    """
    try:
        return build_persona(tomllib.loads(text if len(text) <= MAX_TOML_CHARACTERS else "-"))
    except (ValueError, RecursionError):  # Also a ValueError: a number with thousands of digits.
        raise PersonaError(
            "That is not a persona in TOML format. Use /persona export to get one to start from."
        ) from None


def format_toml(persona: Persona) -> str:
    """Format a persona as TOML for `parse_toml`."""
    lines = [f"{key} = {_quote(getattr(persona, key))}" for key in ("title", "summary", "voice")]
    for key in ("habits", "do", "dont"):
        entries = "".join(f"    {_quote(entry)},\n" for entry in getattr(persona, key))
        lines.append(f"{key} = [\n{entries}]" if entries else f"{key} = []")
    for example in persona.examples:
        lines += ["", "[[examples]]", f"brief = {_quote(example.brief)}", f"text = {_quote(example.text)}"]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    """Return a TOML basic string. It is escaped like a JSON string, except that DEL is escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _describe_fault(fault: ErrorDetails) -> Phrase:
    if fault["type"] == "extra_forbidden":
        field_names = [name for name in Persona.model_fields if name not in ("name", "families")]
        return Phrase("is not a known field; a persona has {known}", known=field_names)
    if len(fault["loc"]) == 1 and fault["type"] in ("string_too_short", "too_short"):
        return Phrase("is missing")
    return describe_fault(fault["type"], fault["input"], fault.get("ctx") or {})
