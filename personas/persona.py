"""Personas: the voices that write, those that ship and people's own."""

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

from .errors import Phrase, QuillmateError
from .faults import place, wrong
from .profile import clean

MAX_LINES = 10
MAX_EXAMPLES = 4
# Characters of a file; a persona that fills every field has about 9,000.
MAX_TOML = 20_000


def _tidy(value: object) -> object:
    return re.sub(r"\s+", " ", clean(value)) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_tidy), StringConstraints(min_length=1, max_length=160)]
Lines = Annotated[tuple[Line, ...], Field(max_length=MAX_LINES)]


class Example(BaseModel):
    """A text as the persona writes it, and what it was asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    brief: Annotated[str, BeforeValidator(_tidy), StringConstraints(max_length=200)] = ""
    text: Annotated[str, BeforeValidator(_tidy), StringConstraints(min_length=1, max_length=600)]


class Persona(BaseModel):
    """A voice that writes: how it sounds, what it is used to, what it does and what it never does.

    `voice` is one or two sentences to a model, up to 600 characters; a small model reads only these. Entries of `habits`,
    `do` and `dont` have up to 160 characters each, and are up to 10.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,48}$")]
    title: Annotated[str, BeforeValidator(_tidy), StringConstraints(min_length=1, max_length=48)]
    summary: Annotated[str, BeforeValidator(_tidy), StringConstraints(max_length=100)] = ""
    voice: Annotated[str, BeforeValidator(_tidy), StringConstraints(min_length=1, max_length=600)]
    habits: Lines = ()
    do: Lines = ()
    dont: Lines = ()
    examples: Annotated[tuple[Example, ...], Field(max_length=MAX_EXAMPLES)] = ()
    families: tuple[str, ...] = ()


# What is chosen where no persona is to write: its voice is empty, so that prompts say nothing of one.
NONE = "none"
NOBODY = Persona.model_construct(name=NONE, title="No persona", voice="")


class UnknownPersonaError(QuillmateError):
    """No persona has the name; the text is a sentence that lists those there are."""


class PersonaError(QuillmateError):
    """A persona that cannot be used; the text is a sentence for its owner."""


@cache
def builtin() -> dict[str, Persona]:
    """The personas that ship, by name, in the order of their names."""
    folder = files("personas") / "builtin"
    found = [
        Persona.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return {persona.name: persona for persona in sorted(found, key=lambda persona: persona.name)}


def persona(name: str) -> Persona:
    """The persona of that name or title, whatever its case.

    Raises:
        UnknownPersonaError: there is none.
    """
    wanted = name.strip().casefold()
    for one in builtin().values():
        if wanted in (one.name, one.title.casefold()):
            return one
    said = 'There is no persona "{name}". Choose one of these: {known}.'
    raise UnknownPersonaError(said, name=name.strip()[:60], known=list(builtin()))


def chosen(name: str) -> Persona:
    """The persona of a name that somebody has chosen: one that ships, or nobody.

    Raises:
        UnknownPersonaError: there is none.
    """
    return NOBODY if name == NONE else persona(name)


def known(name: str) -> bool:
    """Whether a name can be chosen (any more)."""
    return name in builtin() or name == NONE


def default_for(family: str) -> Persona:
    """The persona that writes a family's content when its user has chosen none."""
    fitting = (one for one in builtin().values() if family in one.families)
    return next(fitting, builtin()["copywriter"])


def name_of(title: str) -> str:
    """The name for a title: lower case letters, digits and underscores, such as "night_owl"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:48] or "persona"


def persona_of(values: dict[str, object]) -> Persona:
    """A person's own persona from values that were typed or read; its name is made of the title.

    Raises:
        PersonaError: a value is missing, too long or unknown; the sentence names it and its bound.
    """
    title = values.get("title") or values.get("name") or ""
    told = {key: value for key, value in values.items() if key not in ("name", "families")}
    try:
        return Persona.model_validate({**told, "title": title, "name": name_of(str(title))})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise PersonaError("The persona's {field} {wrong}.", field=place(first["loc"]), wrong=_wrong(first)) from None


def from_toml(text: str) -> Persona:
    """The persona in a TOML text of the form that those that ship have.

    Raises:
        PersonaError: it is no TOML, longer than any persona, or a value cannot be used.
    """
    try:
        return persona_of(tomllib.loads(text if len(text) <= MAX_TOML else "-"))
    except (ValueError, RecursionError):  # A number of thousands of digits is another ValueError.
        raise PersonaError(
            "That is not a persona in TOML format. Use /persona export to get one to start from."
        ) from None


def to_toml(one: Persona) -> str:
    """The persona as TOML, as `from_toml` reads it."""
    lines = [f"{key} = {_quoted(getattr(one, key))}" for key in ("title", "summary", "voice")]
    for key in ("habits", "do", "dont"):
        entries = "".join(f"    {_quoted(entry)},\n" for entry in getattr(one, key))
        lines.append(f"{key} = [\n{entries}]" if entries else f"{key} = []")
    for example in one.examples:
        lines += ["", "[[examples]]", f"brief = {_quoted(example.brief)}", f"text = {_quoted(example.text)}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML; its escapes are those of JSON, and DEL is written as one too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _wrong(fault: ErrorDetails) -> Phrase:
    if fault["type"] == "extra_forbidden":
        known = [name for name in Persona.model_fields if name not in ("name", "families")]
        return Phrase("is not a known field; a persona has {known}", known=known)
    if len(fault["loc"]) == 1 and fault["type"] in ("string_too_short", "too_short"):
        return Phrase("is missing")
    return wrong(fault["type"], fault["input"], fault.get("ctx") or {})
