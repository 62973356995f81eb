"""Preferences beyond a profile's fields: habits of writing that are told or learnt, and what each asks of a model. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import Phrase
from .faults import in_words, place, wrong
from .profile import MAX_ENTRIES, EntryText, Profile, ProfileError, Text

Formality = Literal["", "formal", "casual"]
Person = Literal["", "I", "we"]
Marks = Literal["", "none"]


class Habits(BaseModel):
    """How somebody writes. Every field may be empty: then nothing is known of it.

    `greeting` and `closing` are the lines themselves, `person` is who speaks, `notes` are wishes in free words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    formality: Formality = ""
    person: Person = ""
    exclamation_marks: Marks = ""
    greeting: Text = ""
    closing: Text = ""
    notes: tuple[EntryText, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Habits:
        """The habits among a ledger's values; what is none is left out."""
        return cls.model_validate({name: value for name, value in values.items() if name in cls.model_fields})


def parted(data: object) -> tuple[Profile, Habits]:
    """The profile and the habits in one dictionary, as a file of both and the command line hold them.

    Raises:
        ProfileError: a field that neither has, or a value that its field cannot have.
    """
    profile = Profile.of(data, Habits.model_fields)
    assert isinstance(data, dict), "else it were no profile"
    told = {name: value for name, value in data.items() if name in Habits.model_fields}
    return profile, Habits.of({name: checked(name, value) for name, value in told.items()})


def checked(name: str, value: Any) -> Any:
    """A habit's value as JSON.

    Raises:
        ProfileError: the value is not one that the habit can have.
    """
    try:
        habits = Habits.model_validate({name: value})
    except ValidationError as error:
        kinds = get_args(Habits.model_fields[name].annotation)
        known = [one for one in kinds if one and isinstance(one, str)]
        first = error.errors(include_url=False)[0]
        said = wrong(first["type"], first["input"], first.get("ctx") or {})
        if known:
            said = Phrase("should be empty or one of {known}, not {given}", known=known, given=in_words(first["input"]))
        habit = place((name.replace("_", " ").capitalize(), *first["loc"][1:]))
        raise ProfileError("{habit} {wrong}.", habit=habit, wrong=said) from error
    if len(habits.notes) > MAX_ENTRIES:
        raise ProfileError("There are {count} notes; the limit is {most}.", count=len(habits.notes), most=MAX_ENTRIES)
    return habits.model_dump(mode="json")[name]


def describe(habits: Habits) -> list[str]:
    """Lines of a prompt, one a habit."""
    lines = [
        {
            "formal": "Formal: no contractions, no slang.",
            "casual": "Casual, as among friends; contractions are fine.",
        }.get(habits.formality, ""),
        {"I": "The writer speaks as I.", "we": "The writers speak as we."}.get(habits.person, ""),
        "No exclamation marks." if habits.exclamation_marks else "",
        f"If it has a greeting, it is: {habits.greeting}" if habits.greeting else "",
        f"If it has a closing, it is: {habits.closing}" if habits.closing else "",
        *(f"{note}." if note[-1:] not in ".!?" else note for note in habits.notes),
    ]
    return [line for line in lines if line]
