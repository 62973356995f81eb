"""What a brief says about form, as one typed value: everything downstream takes its bounds from here."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

# What is counted, and what a size is of.
NOUNS = (
    "ad", "headline", "description", "primary text", "post", "hashtag", "emoji", "link", "image", "question",
    "option", "answer", "card", "criterion", "level", "tagline", "email", "subject", "preheader", "section",
    "heading", "bullet", "step", "paragraph", "sentence", "variant", "activity", "objective", "example", "color",
    "block", "column", "channel", "week", "day", "quote", "title", "slug", "name", "idea", "task", "word", "term",
    "slide", "scene", "verse", "chorus", "row", "field", "part", "point",
)  # fmt: skip
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


class _Statement(BaseModel):
    # What an earlier version kept with a result and this one does not know is left out.
    model_config = ConfigDict(frozen=True, extra="ignore")


class CountBound(_Statement):
    """How many of something: from `low` to `high`, None for no upper end. Numbers are per unit, never multiplied."""

    what: str
    low: int
    high: int | None


class SizeBound(_Statement):
    """How large a part ("all" for the whole text) may be, in one unit; `about` is a length without hard ends."""

    of: str
    unit: Unit
    low: int | None = None
    high: int | None = None
    about: int | None = None


class Reading(_Statement):
    """What a brief itself says about the form of its result; a field that it does not speak of is empty.

    `minutes` is the duration in all; `shape` is "W:H" or a word; `level` is "CEFR A2", "US grade 5" or "easy"; `language` an
    ISO 639-1 code. `include` holds literal strings that must stand in the result, `avoid` literal strings or one of the
    things of `avoid` in lexicons/any.toml. `figures` are the numbers of the subject that the result must hold, as written.
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

    def as_json(self) -> dict[str, object]:
        """Only what is said, with an upper end that is open written as null."""
        found = self.model_dump(mode="json", exclude_defaults=True)
        if self.count:
            found["count"] = [one.model_dump(mode="json") for one in self.count]
        return found
