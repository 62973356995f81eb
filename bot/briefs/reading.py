"""The statements of a brief on form as a typed value."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

# The nouns whose counts and sizes READINGS.md defines.
NOUNS = (
    "ad",
    "headline",
    "description",
    "primary text",
    "post",
    "hashtag",
    "emoji",
    "link",
    "image",
    "question",
    "option",
    "answer",
    "card",
    "criterion",
    "level",
    "tagline",
    "email",
    "subject",
    "preheader",
    "section",
    "heading",
    "bullet",
    "step",
    "paragraph",
    "sentence",
    "variant",
    "activity",
    "objective",
    "example",
    "color",
    "block",
    "column",
    "channel",
    "week",
    "day",
    "quote",
    "title",
    "slug",
    "name",
    "idea",
    "task",
    "word",
    "term",
    "slide",
    "scene",
    "verse",
    "chorus",
    "row",
    "field",
    "part",
    "point",
)
PLACES = (
    "x",
    "instagram",
    "linkedin",
    "facebook",
    "threads",
    "bluesky",
    "mastodon",
    "tiktok",
    "pinterest",
    "youtube",
    "discord",
    "google_ads",
    "meta_ads",
    "linkedin_ads",
    "app_store",
    "google_play",
    "sms",
    "print",
    "screen",
)
MODELS = ("midjourney", "sdxl", "sd15", "sd3", "flux", "dalle", "gpt_image")
Unit = Literal["characters", "words", "sentences", "paragraphs", "lines", "pages"]


# Fields that are serialised separately, in the format of READINGS.md.
_SEPARATE_FIELDS = {"count", "size", "lasting", "venue"}


class _Statement(BaseModel):
    # Unknown fields stored by an earlier release are ignored.
    model_config = ConfigDict(frozen=True, extra="ignore")


class CountBound(_Statement):
    """How many of a noun (`what`) are wanted: from `low` to `high`, None for no upper bound; per entry, not in total.

    `said` is the brief's wording, with the number in digits; empty if the brief only rules the noun out.
    """

    what: str
    low: int
    high: int | None
    said: str = ""


class Duration(_Statement):
    """A duration: the brief's wording, its seconds, which may be implausible, and whether the wording is in seconds."""

    said: str
    seconds: Decimal
    in_seconds: bool = False


class SizeBound(_Statement):
    """The size of a part (`of`, "all" for the full text) in a unit: bounds, or an approximate size (`about`)."""

    of: str
    unit: Unit
    low: int | None = None
    high: int | None = None
    about: int | None = None


class Reading(_Statement):
    """The statements of a brief on the form of its result; fields that it does not mention are empty.

    `minutes` is the total duration, `lasting` the same to the second; `shape` is an aspect ratio as "W:H" or a word;
    `level` is "CEFR A2", "US grade 5" or "easy"; `language` is an ISO 639-1 code. `include` has the literals that the
    result must contain: quoted texts, hashtags, links and codes. `avoid` has literals, or names of things from the
    lexicons' section [avoid]. `venue` is the kind's own place. benchmarks/quality/READINGS.md defines all fields but
    `lasting` and `venue`.
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
    lasting: Duration | None = None
    venue: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the fields that READINGS.md defines, without defaults; an open upper bound is null."""
        fields = self.model_dump(mode="json", exclude_defaults=True, exclude=_SEPARATE_FIELDS)
        counts = [count.model_dump(mode="json", exclude={"said"}) for count in self.count if count.what in NOUNS]
        sizes = [
            size.model_dump(mode="json", exclude_defaults=True) for size in self.size if size.of in ("all", *NOUNS)
        ]
        return {**({"count": counts} if counts else {}), **({"size": sizes} if sizes else {}), **fields}
