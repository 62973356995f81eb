"""A product description: a short introduction and what the product offers, point by point."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, free_of
from bot.checks.terms import contains
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._shared import bullets, facts_told, paragraphs

# Where a listing has a title of its own and links are not allowed.
_MARKETS = {"amazon", "etsy", "google_play", "app_store"}
_NOT_ON_AMAZON = re.compile(r"[!$?_{}^¬¦]")
_AMAZON = {"asked_by": "place", "place": "amazon"}


class ProductDescription(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4, nouns=("title", "product name"), form="phrase")]
    intro: Annotated[
        str,
        Size(260, least=50, nouns=("intro", "introduction", "paragraph"), form="sentences"),
        Size(45, unit="words", nouns=("intro", "introduction", "paragraph")),
    ]
    bullets: Annotated[
        list[
            Annotated[
                str,
                Size(90, least=12, nouns=("bullet",), form="phrase"),
                Size(15, unit="words", nouns=("bullet",)),
            ]
        ],
        Count(1, 10, 4, ("bullet", "bullet point", "point", "feature", "benefit", "highlight"), known=True),
    ]


def compose(output: ProductDescription, assignment: Assignment) -> Content:
    """The description; with a title where the shop has one, with the profile's link where the shop is one's own."""
    market = assignment.place in _MARKETS
    written = assignment.as_written
    points = [one if written else _point(one, assignment.place) for one in output.bullets]
    intro = output.intro if written else _with_liked_words(output.intro, points, assignment)
    parts: dict[str, object] = {"intro": intro, "bullets": points}
    title = output.title if written else output.title.rstrip(".")
    if assignment.place == "amazon" and not written:
        title = _NOT_ON_AMAZON.sub("", title).strip()
    if market or written:
        parts["title"] = title
    text = paragraphs(
        f"**{title}**" if "title" in parts and title else "",
        intro,
        bullets(points),
        "" if market else call_for(assignment, output.title, intro, *points),
    )
    return Content(text, parts)


def _point(point: str, place: str) -> str:
    point = point.strip().rstrip(".")
    return _NOT_ON_AMAZON.sub("", point).strip() if place == "amazon" else point


def _with_liked_words(intro: str, points: list[str], assignment: Assignment) -> str:
    """The introduction; when no word that the brand likes is said anywhere, with a fact that says one, where there is one."""
    liked = assignment.profile.prefer_terms
    told = " ".join([intro, *points])
    if not liked or any(contains(told, term) for term in liked):
        return intro
    fitting = (fact for fact in facts_told(assignment.profile) if any(contains(fact, term) for term in liked))
    return f"{next(fitting, '')} {intro}".strip()


def examine(_output: ProductDescription, content: Content, assignment: Assignment) -> list[Check]:
    """A word that the brand likes is there; a title keeps to the market's rules."""
    liked, checks = assignment.profile.prefer_terms, []
    if liked:
        held = [term for term in liked if contains(content.text, term)]
        checks.append(
            Check(
                id="words you like",
                passed=bool(held),
                value=tuple(held),
                low=1,
                wanted=tuple(liked),
                asked_by="profile",
            )
        )
    title = str(content.parts.get("title", ""))
    if title and assignment.place == "amazon":
        words = [word.casefold() for word in re.findall(r"\w{3,}", title)]
        often = sorted({word for word in words if words.count(word) > 2})
        if assignment.as_written:
            signs = sorted(set(_NOT_ON_AMAZON.findall(title)))
            checks.append(free_of("title signs", signs, path="title", **_AMAZON))
        checks.append(free_of("title words", often, path="title", **_AMAZON))
    return checks


KIND = Kind(
    name="product_description",
    family="marketing",
    needs=("price",),
    title="Product description",
    description="Text for a shop, menu or listing: a short introduction and bullet points.",
    output=ProductDescription,
    prompt="Write a product description. The introduction says what the thing is and how it feels to use it. Each bullet "
    "is four to ten words about one thing that a buyer gets. No claims that the facts do not give.",
    examples=(
        Example(
            "shop text for our wool blanket, 3 bullets",
            ProductDescription(
                title="Wool Blanket",
                intro="A heavy blanket for cold rooms and long films. It is woven on an old loom and gets softer with "
                "every winter.",
                bullets=[
                    "Warm wool that does not scratch",
                    "Big enough for two and a cat",
                    "Wash it cold, dry it flat",
                ],
            ),
        ),
        Example(
            "product page for a desk lamp made by a small workshop",
            ProductDescription(
                title="Brass Desk Lamp",
                intro="A small lamp for the last hour of work. Turn the brass knob and the light goes from bright to "
                "candle.",
                bullets=[
                    "Warm light that does not tire the eyes",
                    "Brass that gets darker with the years",
                    "Mended by us when it breaks",
                ],
            ),
        ),
    ),
    craft="Write a product description. The introduction says what the thing is and how it feels to use it. Each bullet is about "
    "one thing that a buyer gets. No claims that the facts do not give. Use one at least of the words they like.",
    compose=compose,
    examine=examine,
    words=(60, 90, 150),
    places={
        "shop": (),
        "amazon": ("amazon",),
        "etsy": ("etsy",),
        "google_play": ("google play", "play store", "android"),
        "app_store": ("app store", "ios"),
    },
    levelled=True,
    form=Form(
        "description", ("description", "tagline"), titles=("description", "listing"), describing=True, measured=True
    ),
    likeliest=("copy", "docx"),
)
