"""A paid advertisement: headlines and descriptions, and the primary text where the network shows one."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form, subject_of
from bot.checks import Check, bounded, free_of
from bot.checks.limits import limits_of
from bot.checks.units import UNITS
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._labels import label
from bot.kinds._shared import bullets, paragraphs, slug_of


class Ad(BaseModel):
    """What a model writes."""

    primary_text: Annotated[str, Size(125, least=20, nouns=("primary text", "intro"))]
    headlines: Annotated[
        list[Annotated[str, Size(40, least=4, nouns=("headline", "title"))]],
        Count(1, 15, 5, ("headline", "title", "variation", "variant", "version")),
    ]
    descriptions: Annotated[
        list[Annotated[str, Size(90, least=8, nouns=("description",))]], Count(1, 4, 3, ("description",))
    ]


# Networks that show a text above the picture; a search ad has none.
_WITH_PRIMARY_TEXT = {"meta_ads", "linkedin_ads", "x_ads"}
# What people see of a part that has a name of its own.
_LABELS = {
    "title": "Title", "subtitle": "Subtitle", "short_description": "Short description",
    "promotional_text": "Promotional text", "keywords": "Keywords", "paths": "Display paths", "primary_text": "Primary text",
}  # fmt: skip
_NOT_IN_TITLES = re.compile(r"\b(?:best|top|free|new|sale|no\.? ?1)\b|#\s?1", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    [
        "about",
        "with",
        "from",
        "that",
        "this",
        "your",
        "their",
        "they",
        "have",
        "into",
        "over",
        "than",
        "then",
        "what",
        "when",
        "where",
        "which",
        "will",
        "more",
        "most",
        "people",
        "store",
        "play",
        "google",
        "apple",
        "need",
        "want",
        "help",
        "make",
        "give",
        "text",
        "title",
        "short",
        "headline",
        "headlines",
        "description",
        "descriptions",
    ]
)


def compose(output: Ad, assignment: Assignment) -> Content:
    """The ad with the parts its network has, and the link it leads to."""
    written = assignment.as_written
    headlines = [one if written else one.rstrip(".") for one in output.headlines]
    named = _named_parts(output, headlines, assignment)
    told = [f"**{label(_LABELS[name], assignment)}**\n{_shown(part)}" for name, part in named.items() if part]
    text = paragraphs(
        *([] if assignment.place == "google_ads" else told),
        f"**{label('Headlines', assignment)}**\n{bullets(headlines)}",
        f"**{label('Descriptions', assignment)}**\n{bullets(output.descriptions)}",
        *(told if assignment.place == "google_ads" else []),
        call_for(assignment, output.primary_text, *headlines, *output.descriptions),
    )
    parts = {"headlines": headlines, "descriptions": list(output.descriptions), **named}
    return Content(text, {**parts, "network": assignment.place, "link": assignment.profile.link})


def _named_parts(output: Ad, headlines: list[str], assignment: Assignment) -> dict[str, str | list[str]]:
    """The parts that only this network has."""
    place, name = assignment.place, assignment.profile.organisation
    if place in _WITH_PRIMARY_TEXT:
        return {"primary_text": output.primary_text}
    if place == "google_ads":
        return {"paths": _paths([output.primary_text, *headlines, *output.descriptions], assignment)}
    title = name if name and len(name) <= 30 else next(iter(headlines), "")
    if place == "google_play":
        return {
            "title": title if assignment.as_written else _plain_title(title),
            "short_description": next(iter(output.descriptions), ""),
        }
    if place != "app_store":
        return {}
    subtitle = next((line for line in headlines if line != title), "")
    keywords = _keywords(f"{title} {subtitle}", assignment)
    return {"title": title, "subtitle": subtitle, "promotional_text": output.primary_text, "keywords": keywords}


def _shown(part: str | list[str]) -> str:
    return "/".join(part) if isinstance(part, list) else part


def _plain_title(title: str) -> str:
    """A title as Google Play takes it: without claims and without words in capitals."""
    words = _NOT_IN_TITLES.sub("", title).split()
    return " ".join(word.capitalize() if len(word) > 3 and word.isupper() else word for word in words).strip(" -:,")


def _words(assignment: Assignment) -> list[str]:
    """The words that the ad is about, the likeliest first."""
    profile, wishes = assignment.profile, assignment.wishes
    told = " ".join([wishes.reading.keyword, *profile.prefer_terms, subject_of(wishes.reading.message)])
    return [word for word in dict.fromkeys(_WORD.findall(told.casefold())) if word not in _COMMON]


def _paths(lines: list[str], assignment: Assignment) -> list[str]:
    """Two ends of the address that the ad shows, of 15 characters at most.

    Which words of a brief only order the ad is known of English ones; of others those count that the ad says too.
    """
    words = _words(assignment)
    if assignment.as_written and assignment.language != "en":
        said = set(_WORD.findall("\n".join(lines).casefold()))
        words = [word for word in words if word in said]
    return [path for word in words if (path := slug_of(word, 15))][:2]


def _keywords(shown: str, assignment: Assignment) -> str:
    """Search words that title and subtitle do not hold, as many as 100 bytes take, without spaces."""
    kept: list[str] = []
    for word in _words(assignment):
        if word not in shown.casefold() and len(",".join([*kept, word]).encode()) <= 100:
            kept.append(word)
    return ",".join(kept)


def examine(_output: Ad, content: Content, assignment: Assignment) -> list[Check]:
    """Each part that only this network has fits it; a title keeps to the store's rules."""
    checks = []
    for limit in limits_of(assignment.place):
        part = content.parts.get(limit.field)
        if part is None or limit.field in ("headlines", "descriptions", "primary_text"):
            continue
        value = max((UNITS[limit.unit](one) for one in ([part] if isinstance(part, str) else part)), default=0)
        label = _LABELS.get(limit.field, limit.field).lower()
        checks.append(
            bounded(
                f"{label} length", value, high=limit.max, unit=limit.unit, sort="size", of=label, asked_by="place",
                place=assignment.place,
            )
        )  # fmt: skip
    if assignment.place == "google_play":
        claim = _NOT_IN_TITLES.search(str(content.parts["title"]))
        found = [claim[0]] if claim else []
        checks.append(free_of("title without claims", found, asked_by="place", place=assignment.place))
    return checks


KIND = Kind(
    name="ad",
    family="marketing",
    needs=("link",),
    title="Ad",
    description="Copy for Google search, Meta, LinkedIn and X ads, the App Store and Google Play.",
    output=Ad,
    prompt="Write a paid ad. Each headline is three to five words and says one thing. Each description is one short "
    "sentence. All different.",
    examples=(
        Example(
            "search ads for our bike repair shop, people with a flat tyre today",
            Ad(
                primary_text="Flat tyre on the way to work? Roll it in and ride on after lunch.",
                headlines=["Flat Tyre? Come In Now", "Bike Repair While You Wait", "Fixed Before Lunch"],
                descriptions=["Roll in with a flat, ride out with a smile.", "No booking needed. We see you at once."],
            ),
        ),
        Example(
            "google ad for a piano teacher, adults who start late",
            Ad(
                primary_text="You always wanted to play. One calm hour a week is all it takes to start.",
                headlines=["Piano Lessons for Adults", "Start Late, Play Well", "Your First Song in May"],
                descriptions=["Calm lessons for adults who never played.", "One hour a week, at your own pace."],
            ),
        ),
    ),
    craft="Write a paid ad. Each headline says one thing in a few words, each description is one short sentence, all of them "
    "different: any of them may stand beside any other.",
    compose=compose,
    examine=examine,
    places={
        "google_ads": ("google", "search ad", "search ads", "responsive", "rsa"),
        "meta_ads": ("facebook", "instagram", "meta", "tiktok"),
        "linkedin_ads": ("linkedin",),
        "x_ads": ("twitter", "x ad", "x ads", "promoted tweet", "on x", "for x"),
        "app_store": ("app store", "apple search", "ios"),
        "google_play": ("google play", "play store", "android"),
    },
    levelled=True,
    form=Form(
        "ad", ("ad", "post", "block"), shaped=True, called={"title": "headline", "heading": "headline"}, describing=True
    ),
    likeliest=("copy", "google_ads", "meta_ads", "csv"),
)
