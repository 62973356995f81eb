"""Profiles: what users state about themselves and how they want texts to be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import UTC, tzinfo
from functools import cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from .errors import Phrase, QuillmateError
from .faults import describe_fault, describe_field

MAX_TEXT = 300
MAX_ENTRY = 120
MAX_ENTRIES = 30
# Maximum unknown fields that an error lists.
_MAX_LISTED_FIELDS = 5

Length = Literal["short", "medium", "long"]
EmojiUse = Literal["none", "few", "many"]

# Highest Flesch-Kincaid grade that still suits a reader of the CEFR level; C2 has none. The pairs follow the usual
# alignment of CEFR to US school grades in graded-reader tables; they are a convention, not a measurement.
CEFR_GRADES = {"A1": 3.0, "A2": 5.0, "B1": 8.0, "B2": 10.0, "C1": 13.0}
# School years as they are called in several countries; they are stored as "US grade 3".
_SCHOOL_YEAR = re.compile(
    r"\A(?:(?:us )?(?:grade|klasse|klassenstufe|schulstufe|stufe|curso|(?P<british>year)) ?(?P<number>1?\d)"
    r"|(?P<nth>1?\d)(?:st|nd|rd|th|\.|º|°|ª|o|a)? ?(?:grade|klasse|schulstufe|ano|año|(?:de )?primaria|curso))",
    re.IGNORECASE,
)
_FRENCH_YEARS = {"cp": 1, "ce1": 2, "ce2": 3, "cm1": 4, "cm2": 5, "6e": 6, "5e": 7, "4e": 8, "3e": 9}
_CEFR = re.compile(r"\A(?:cefr|ger|cecr|mcer|qecr)? ?(?P<level>[abc][12])", re.IGNORECASE)
_LAST_GRADE = 12
_LEVEL = re.compile(r"(?:CEFR (?P<cefr>A1|A2|B1|B2|C1|C2)|US grade (?P<grade>1[0-2]|[1-9]))")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LINK = re.compile(r"(?:https?://|mailto:|tel:)\S+|(?:[\w-]+\.)+[a-z]{2,}(?:[/?#:]\S*)?", re.IGNORECASE)
# Markdown markers for a heading, small print or a quotation.
_LINE_MARKER = re.compile(r"(?:(?:#{1,6}|-#|>{1,3})\s+)+")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What neither PostgreSQL nor XML 1.0 accepts (https://www.w3.org/TR/xml/#charsets), and the breaks of lines and pages among it.
_CONTROL, _BREAK = re.compile(r"[\x00-\x08\x0e-\x1f\ufffe\uffff]"), re.compile(r"[\x0b\x0c]")


class ProfileError(QuillmateError):
    """A profile is invalid; the message is for its owner."""


def make_storable(text: str) -> str:
    """Return a text without control characters and lone surrogates, which databases or files (XML) cannot contain."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", _BREAK.sub("\n", text)))


def clean(text: str) -> str:
    """Return a text without the characters that cannot be stored, trimmed."""
    return make_storable(text).strip()


_BULLET = re.compile(r"(?:[-–*•](?:\s+|$))+|•+|[-–]+(?![-–\d.,])")


def strip_bullet(line: str) -> str:
    """Remove the bullet of a list item: "- oat milk" gives "oat milk", "-18 °C" stays."""
    line = clean(line)
    match = _BULLET.match(line)
    return line[match.end() :].strip() if match else line


def clean_name(text: str) -> str:
    """Return a name as one line with single spaces, without invisible formatting characters."""
    visible = "".join(
        " " if character.isspace() else character
        for character in clean(text)
        if unicodedata.category(character) != "Cf"
    )
    return " ".join(visible.split())


def _validate_name(value: Any) -> Any:
    """Return a name that is safe anywhere in a text: one line without leading Markdown markers."""
    if not isinstance(value, str):
        return value
    name = clean_name(value)
    marker = _LINE_MARKER.match(name)
    return name[marker.end() :] if marker else name


def _validate_text(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def _validate_link(value: str) -> str:
    if value and not _LINK.fullmatch(value):
        raise ValueError("should be an address such as https://fern.example or fern.example/menu")
    return value


def _validate_level(value: str) -> str:
    """Return the stored form of a level such as "B1", "Klasse 3", "Year 4" or "CE2"."""
    level = value.strip()
    if not level or _LEVEL.fullmatch(level):
        return level
    if match := _SCHOOL_YEAR.fullmatch(level):
        # A British year is one higher than the American grade.
        grade = int(match["number"] or match["nth"]) - bool(match["british"])
        if 1 <= grade <= _LAST_GRADE:
            return f"US grade {grade}"
    if (grade := _FRENCH_YEARS.get(level.casefold(), 0)) > 0:
        return f"US grade {grade}"
    if match := _CEFR.fullmatch(level):
        return f"CEFR {match['level'].upper()}"
    raise ValueError('should be "CEFR A1" to "CEFR C2" or "US grade 1" to "US grade 12"')


# Entries in the list of zones of some systems that are not time zones of a place.
_EXCLUDED_ZONES = frozenset({"Factory", "localtime", "posixrules"})


def _validate_timezone(value: str) -> str:
    """Return the name of a zone that is given by name or by its city: "New York"."""
    name = value.strip().replace(" ", "_").casefold()
    zone = load_zones().get(name) or next(
        (zone for key, zone in sorted(load_zones().items()) if name and key.rpartition("/")[2] == name), ""
    )
    if value and not zone:
        raise ValueError('should be a time zone such as "Europe/Berlin" or "America/New_York"')
    return zone


@cache
def load_zones() -> dict[str, str]:
    """Return the IANA time zone names by lower-case name."""
    return {name.casefold(): name for name in available_timezones() if name not in _EXCLUDED_ZONES}


def find_zone(name: str) -> tzinfo:
    """Return the time zone with a name; UTC for an empty or unknown one, which an earlier release may have stored."""
    zone_name = load_zones().get(name.casefold())
    return ZoneInfo(zone_name) if zone_name else UTC


def _validate_language(value: str) -> str:
    if value and not _LANGUAGE.fullmatch(value):
        raise ValueError('should be a two-letter language code such as "en"')
    return value


Text = Annotated[str, BeforeValidator(_validate_text), StringConstraints(max_length=MAX_TEXT)]
Name = Annotated[str, BeforeValidator(_validate_name), StringConstraints(max_length=MAX_TEXT)]
EntryText = Annotated[str, BeforeValidator(_validate_text), StringConstraints(min_length=1, max_length=MAX_ENTRY)]


class CallToAction(BaseModel):
    """What readers are asked to do, and where."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Text = ""
    link: Annotated[Text, AfterValidator(_validate_link)] = ""


class Profile(BaseModel):
    """What a user states about themselves and how they want texts to be.

    All fields are optional; a new user has `Profile()`. Texts have at most 300 characters, lists at most 30 entries of 120.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    display_name: Name = ""
    role: Name = ""
    organisation: Name = ""
    audience: Text = ""
    tone: tuple[EntryText, ...] = ()
    reading_level: Annotated[Text, AfterValidator(_validate_level)] = ""
    locale: Text = ""
    output_language: Annotated[Text, AfterValidator(_validate_language)] = "en"
    timezone: Annotated[Text, AfterValidator(_validate_timezone)] = ""
    prefer_terms: tuple[EntryText, ...] = ()
    avoid_words: tuple[EntryText, ...] = ()
    preferred_length: Length = "medium"
    emoji: EmojiUse = "few"
    call_to_action: CallToAction | None = None
    facts: tuple[EntryText, ...] = ()
    accessibility: tuple[EntryText, ...] = ()

    @classmethod
    def parse(cls, data: object, extra_fields: Collection[str] = ()) -> Self:
        """Parse a profile from a dictionary, in which `extra_fields` are ignored.

        Raises:
            ProfileError: a field is unknown, or a value has the wrong type or is invalid; the message names the field.
        """
        if not isinstance(data, dict):
            raise ProfileError("A profile must be a JSON object with fields such as organisation, audience and tone.")
        try:
            profile = cls.model_validate({name: value for name, value in data.items() if name not in extra_fields})
        except ValidationError as error:
            raise ProfileError(_describe_error(error, (*cls.model_fields, *extra_fields))) from None
        for name, value in profile:
            if isinstance(value, tuple) and len(value) > MAX_ENTRIES:
                message = "The profile's {field} has {count} entries; the limit is {most}."
                raise ProfileError(message, field=describe_field((name,)), count=len(value), most=MAX_ENTRIES)
        return profile

    @property
    def link(self) -> str:
        """The link of the call to action; empty if there is none."""
        return self.call_to_action.link if self.call_to_action else ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been stated yet."""
        return self == type(self)()


def _describe_error(error: ValidationError, fields: Sequence[str]) -> Phrase:
    """Describe the first error, or if there are unknown fields, all of these with the known ones."""
    faults = error.errors(include_url=False)
    first_fault = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    if first_fault["type"] != "extra_forbidden":
        fault = describe_fault(first_fault["type"], first_fault["input"], first_fault.get("ctx") or {})
        return Phrase("The profile's {field} {wrong}.", field=describe_field(first_fault["loc"]), wrong=fault)
    unknown = [".".join(map(str, fault["loc"]))[:60] for fault in faults if fault["type"] == "extra_forbidden"]
    field_names = list(CallToAction.model_fields if first_fault["loc"][0] == "call_to_action" else fields)
    if len(unknown) == 1:
        return Phrase('The profile has no field "{name}". Its fields are {known}.', name=unknown[0], known=field_names)
    names = [f'"{name}"' for name in unknown[:_MAX_LISTED_FIELDS]]
    return Phrase("The profile has no fields {names}. Its fields are {known}.", names=names, known=field_names)
