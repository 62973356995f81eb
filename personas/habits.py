"""Writing habits beyond the profile's fields, stated or learnt, and their prompt lines. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import Phrase
from .faults import describe_fault, describe_field, describe_value
from .profile import MAX_ENTRIES, EntryText, Profile, ProfileError, Text

Formality = Literal["", "formal", "casual"]
Person = Literal["", "I", "we"]
Marks = Literal["", "none"]


class Habits(BaseModel):
    """How a user writes. An empty field means that nothing is known.

    `greeting` and `closing` are the complete lines, `person` is the pronoun for the writer, `notes` are preferences in free text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    formality: Formality = ""
    person: Person = ""
    exclamation_marks: Marks = ""
    greeting: Text = ""
    closing: Text = ""
    notes: tuple[EntryText, ...] = ()

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Habits:
        """Build habits from values by field name, ignoring fields of the profile."""
        return cls.model_validate({name: value for name, value in values.items() if name in cls.model_fields})


def split_profile(data: object) -> tuple[Profile, Habits]:
    """Split a dictionary with the fields of both into a profile and habits.

    Raises:
        ProfileError: a field is unknown, or a value invalid.
    """
    profile = Profile.parse(data, Habits.model_fields)
    assert isinstance(data, dict), "Profile.parse would have raised"
    values = {name: value for name, value in data.items() if name in Habits.model_fields}
    return profile, Habits.parse({name: validate_habit(name, value) for name, value in values.items()})


def validate_habit(name: str, value: Any) -> Any:
    """Return a habit's validated, JSON-compatible value.

    Raises:
        ProfileError: the value is invalid.
    """
    try:
        habits = Habits.model_validate({name: value})
    except ValidationError as error:
        options = [
            option for option in get_args(Habits.model_fields[name].annotation) if option and isinstance(option, str)
        ]
        first_error = error.errors(include_url=False)[0]
        problem = describe_fault(first_error["type"], first_error["input"], first_error.get("ctx") or {})
        if options:
            problem = Phrase(
                "should be empty or one of {known}, not {given}",
                known=options,
                given=describe_value(first_error["input"]),
            )
        habit = describe_field((name.replace("_", " ").capitalize(), *first_error["loc"][1:]))
        raise ProfileError("{habit} {wrong}.", habit=habit, wrong=problem) from error
    if len(habits.notes) > MAX_ENTRIES:
        raise ProfileError("There are {count} notes; the limit is {most}.", count=len(habits.notes), most=MAX_ENTRIES)
    return habits.model_dump(mode="json")[name]


def describe(habits: Habits) -> list[str]:
    """Return a prompt line for each known habit."""
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
