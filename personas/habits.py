"""Writing habits beyond the profile's fields, stated or learnt, and the prompt line for each. Pure functions."""

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
    """How a user writes. Empty fields mean nothing is known.

    `greeting` and `closing` are the lines themselves, `person` is who speaks, `notes` are preferences in free words.
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
        """Build habits from a ledger's values, ignoring other fields."""
        return cls.model_validate({name: value for name, value in values.items() if name in cls.model_fields})


def split_profile(data: object) -> tuple[Profile, Habits]:
    """Split one dictionary into a profile and habits, as files of both and the command line hold them.

    Raises:
        ProfileError: an unknown field or an invalid value.
    """
    profile = Profile.parse(data, Habits.model_fields)
    assert isinstance(data, dict), "else it were no profile"
    values = {name: value for name, value in data.items() if name in Habits.model_fields}
    return profile, Habits.parse({name: validate_habit(name, value) for name, value in values.items()})


def validate_habit(name: str, value: Any) -> Any:
    """Return a habit's value as JSON.

    Raises:
        ProfileError: the value is invalid.
    """
    try:
        habits = Habits.model_validate({name: value})
    except ValidationError as error:
        kinds = get_args(Habits.model_fields[name].annotation)
        kind_names = [kind for kind in kinds if kind and isinstance(kind, str)]
        first_error = error.errors(include_url=False)[0]
        problem = describe_fault(first_error["type"], first_error["input"], first_error.get("ctx") or {})
        if kind_names:
            problem = Phrase(
                "should be empty or one of {known}, not {given}",
                known=kind_names,
                given=describe_value(first_error["input"]),
            )
        habit = describe_field((name.replace("_", " ").capitalize(), *first_error["loc"][1:]))
        raise ProfileError("{habit} {wrong}.", habit=habit, wrong=problem) from error
    if len(habits.notes) > MAX_ENTRIES:
        raise ProfileError("There are {count} notes; the limit is {most}.", count=len(habits.notes), most=MAX_ENTRIES)
    return habits.model_dump(mode="json")[name]


def describe(habits: Habits) -> list[str]:
    """Return prompt lines, one for each habit."""
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
