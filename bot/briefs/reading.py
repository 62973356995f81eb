"""What a brief says about form, as one typed value: everything downstream takes its bounds from here."""

from __future__ import annotations

from decimal import Decimal
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
Unit = Literal["characters", "words", "sentences", "paragraphs", "lines", "pages"]


# Fields that are not told as READINGS.md has them.
_BESIDE = {"count", "size", "lasting", "venue"}


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


class Reading(_Statement):
    """What a brief itself says about the form of its result; a field that it does not speak of is empty.

    `minutes` is the duration in all, `lasting` to the second; `shape` is "W:H" or a word; `level` is "CEFR A2", "US grade 5" or "easy";
    `language` an ISO 639-1 code. `include` holds literal strings that must stand in the result, `avoid` literal strings or one of the
    things of `avoid` in lexicons/any.toml. `venue` is the one of the kind's places that has the longest name in the brief.
    benchmarks/quality/READINGS.md defines all but the last two.
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
    lasting: Lasting | None = None
    venue: str = ""

    def to_json(self) -> dict[str, object]:
        """What READINGS.md defines, only as far as it is said, with an upper end that is open written as null."""
        found = self.model_dump(mode="json", exclude_defaults=True, exclude=_BESIDE)
        counts = [one.model_dump(mode="json", exclude={"said"}) for one in self.count if one.what in NOUNS]
        sizes = [one.model_dump(mode="json", exclude_defaults=True) for one in self.size if one.of in ("all", *NOUNS)]
        return {**({"count": counts} if counts else {}), **({"size": sizes} if sizes else {}), **found}
