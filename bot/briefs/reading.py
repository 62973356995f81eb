"""What a brief says about form, as one typed value: everything downstream takes its bounds from here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# What is counted, and what a size is of.
NOUNS = (
    "ad", "headline", "description", "primary text", "post", "hashtag", "emoji", "link", "image", "question",
    "option", "answer", "card", "criterion", "level", "tagline", "email", "subject", "preheader", "section",
    "heading", "bullet", "step", "paragraph", "sentence", "variant", "activity", "objective", "example", "color",
    "block", "column", "channel", "week", "day", "quote", "title", "slug", "name", "idea", "task", "word", "term",
    "slide", "scene", "verse", "chorus", "row", "field", "part", "point",
)  # fmt: skip
# What a brief may give a size beside those: the line that a text begins with.
OPENING = "opening"
PLACES = (
    "x", "instagram", "linkedin", "facebook", "threads", "bluesky", "mastodon", "tiktok", "pinterest", "youtube",
    "discord", "google_ads", "meta_ads", "linkedin_ads", "app_store", "google_play", "sms", "print", "screen",
)  # fmt: skip
MODELS = ("midjourney", "sdxl", "sd15", "sd3", "flux", "dalle", "gpt_image")
LEVELS = (
    "easy",
    *(f"CEFR {band}{step}" for band in "ABC" for step in "12"),
    *(f"US grade {grade}" for grade in range(1, 13)),
)
Unit = Literal["characters", "words", "sentences", "paragraphs", "lines", "pages"]


# Fields of a reading beside those that benchmarks/quality/READINGS.md defines, and those that are written apart.
_BESIDE = {
    "count", "size", "keyword", "lasting", "impossible", "mentioned", "exact", "everywhere", "named", "lists", "message",
    "quoted", "wants", "every", "days", "venue", "manner", "audience", "tone", "spans", "asides",
    "barred", "struck", "own_form",
}  # fmt: skip


class _Statement(BaseModel):
    # What an earlier version kept with a result and this one does not know is left out.
    model_config = ConfigDict(frozen=True, extra="ignore")


class CountBound(_Statement):
    """How many of something: from `low` to `high`, None for no upper end. Numbers are per unit, never multiplied.

    `said` are the brief's words for it, with its number in digits; empty where none say it in one.
    """

    what: str
    low: int
    high: int | None
    said: str = ""


class Impossible(_Statement):
    """A number of something that nobody can have: a part of one, or fewer than none; with the brief's words for it."""

    what: str
    said: str
    amount: Decimal


class Lasting(_Statement):
    """How long it is to last: the brief's words, and the seconds that they mean, be they possible or not; whether they say seconds."""

    said: str
    seconds: Decimal
    in_seconds: bool = False


class SizeBound(_Statement):
    """How large a part ("all" for the whole text) may be, in one unit; `about` is a length without hard ends."""

    of: str
    unit: Unit
    low: int | None = None
    high: int | None = None
    about: int | None = None


class Manner(_Statement):
    """How a text is to be written, as far as a brief says it: `formality` "formal" or "casual", `length` "short", "long",
    "shorter" or "longer" than before, `level` a level of reading, "easy", "easier" or "harder". `person` is who speaks ("I", "we",
    empty for neither), `greeting` and `closing` are its lines, empty for none; None where nothing is said. `told` is
    the text that says so, without the one that is worked on; `plain` that without what is quoted or to be mentioned.
    """

    formality: str = ""
    length: str = ""
    level: str = ""
    person: str | None = None
    greeting: str | None = None
    closing: str | None = None
    told: str = ""
    plain: str = ""


class Reading(_Statement):
    """What a brief itself says about the form of its result; a field that it does not speak of is empty.

    `minutes` is the duration in all; `shape` is "W:H" or a word; `level` is "CEFR A2", "US grade 5" or "easy"; `language` an
    ISO 639-1 code. `include` holds literal strings that must stand in the result, `avoid` literal strings or one of the
    things of `avoid` in lexicons/any.toml. `figures` are the numbers of the subject that the result must hold, as written.

    Beside what benchmarks/quality/READINGS.md defines: `keyword` is the phrase that readers should find it by; `lasting` the
    duration to the second; `impossible` the numbers that nobody can have; `mentioned` the kind's own nouns that are named;
    `exact` the figures that no other words can say: dates, days of the week, times, sums and shares; `everywhere` the literals of
    `include` that are wanted in each of several texts; `barred` words that one part must not hold, each behind its noun; `named`
    what is chosen of each of the kind's choices, and `lists` what its lists hold; `message` the brief without the words that only
    order it; `quoted` what stands in quotation marks and is not forbidden; `wants` what is said of the profile's link, call and name
    (wants.py);
    `every` the days between two texts of a series, and `days` those of each where they are told one by one; `venue` the one of the
    kind's places that has the longest name there; `manner` how it is to be written; `audience` whom it is for and `tone` how it is
    to sound, in the brief's own words, with their places in `spans`; `asides` what it says of a portion (portions.py) or of the
    sound (clauses.py) that no field holds, in its own words; `struck` words that patterns took for wishes and a model
    did not; `own_form` that a model says that it lays down parts or an order which its kind's form cannot give.
    """

    count: tuple[CountBound, ...] = ()
    size: tuple[SizeBound, ...] = ()
    minutes: int | None = None
    place: str = ""
    shape: str = ""
    model: str = ""
    language: str = ""
    level: str = ""
    include: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    keyword: str = ""
    lasting: Lasting | None = None
    impossible: tuple[Impossible, ...] = ()
    mentioned: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    everywhere: tuple[str, ...] = ()
    barred: tuple[tuple[str, str], ...] = ()
    struck: tuple[str, ...] = ()
    own_form: bool = False
    named: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    message: str = ""
    quoted: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    every: int | None = None
    days: tuple[int, ...] = ()
    venue: str = ""
    manner: Manner = Field(default_factory=Manner)
    audience: str = ""
    tone: str = ""
    spans: Mapping[str, tuple[int, int]] = Field(default_factory=dict)
    asides: tuple[str, ...] = ()

    def chosen(self, choice: str) -> tuple[str, ...]:
        """What is chosen of one of the kind's choices; empty also where the kind has none of that name."""
        return self.named.get(choice, ())

    def listed(self, name: str) -> tuple[str, ...]:
        """What one of the kind's lists holds; empty also where the kind has none of that name."""
        return self.lists.get(name, ())

    def understood(self) -> dict[str, object]:
        """All of it that people are told: what READINGS.md defines, whom it is for, how it is to sound, and what no field holds."""
        said = {"audience": self.audience, "tone": self.tone, "asides": [*self.asides]}
        return {**self.as_json(), **{name: value for name, value in said.items() if value}}

    def as_json(self) -> dict[str, object]:
        """What READINGS.md defines, only as far as it is said, with an upper end that is open written as null."""
        found = self.model_dump(mode="json", exclude_defaults=True, exclude=_BESIDE)
        counts = [one.model_dump(mode="json", exclude={"said"}) for one in self.count if one.what in NOUNS]
        sizes = [one.model_dump(mode="json", exclude_defaults=True) for one in self.size if one.of in ("all", *NOUNS)]
        return {**({"count": counts} if counts else {}), **({"size": sizes} if sizes else {}), **found}
