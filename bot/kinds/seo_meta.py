"""What a search result shows of a page: its title and description; with slug and structured data made by code."""

from __future__ import annotations

import json
import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, bounded, holding
from bot.checks.limits import limits_of
from bot.checks.terms import contains
from bot.checks.widths import pixels
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import as_sentence, facts_told, filled, paragraphs, slug_of

TITLE_LEAST, TITLE_MOST = 20, 60
TITLE_PIXELS = next(limit.max for limit in limits_of("search_result") if limit.unit == "pixels")
DESCRIPTION_LEAST, DESCRIPTION_MOST = 70, 155
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DESCRIPTION_NOUNS = ("description", "meta description", "snippet")


class SeoMeta(BaseModel):
    """What a model writes; the organisation's name, slug and structured data are added by code."""

    titles: Annotated[
        list[Annotated[str, Size(TITLE_MOST, least=8, nouns=("title",), form="phrase")]],
        Count(1, 5, 1, ("title", "meta title", "title tag", "alternative", "variant", "version")),
    ]
    description: Annotated[
        str, Size(DESCRIPTION_MOST, least=DESCRIPTION_LEAST, nouns=_DESCRIPTION_NOUNS, form="sentences")
    ]


def compose(output: SeoMeta, assignment: Assignment) -> Content:
    """The lines as they go into the page's head."""
    sizes = assignment.wishes.sizes
    title_most, most = (
        min(usual, (sizes[part, "characters"].most if (part, "characters") in sizes else None) or usual)
        for part, usual in (("title", TITLE_MOST), ("description", DESCRIPTION_MOST))
    )
    titles, description = list(output.titles), output.description
    if not assignment.as_written:
        titles = list(dict.fromkeys(_title(title, title_most, assignment) for title in titles))
        description = _description(description, most, assignment)
    slug = slug_of(assignment.reading.keyword or (output.titles[0] if output.titles else ""))
    slug = slug or slug_of(assignment.profile.organisation) or "page"
    shown = [f"**{label('Title', assignment)}:** {title}" for title in titles]
    data = _structured(titles[0] if titles else "", description, assignment)
    text = paragraphs(
        "\n".join([*shown, f"**{label('Description', assignment)}:** {description}", f"**Slug:** {slug}"]),
        f"```json\n{_in_a_page(data)}\n```",
    )
    return Content(text, {"meta_title": titles, "meta_description": description, "slug": slug, "json_ld": data})


def _in_a_page(data: dict[str, object]) -> str:
    """JSON that can stand in a script element: nothing in it ends that."""
    return json.dumps(data, ensure_ascii=False, indent=1).replace("<", "\\u003c")


def _title(title: str, most: int, assignment: Assignment) -> str:
    name, keyword = assignment.profile.organisation, assignment.reading.keyword
    title = title.rstrip(" .|-")
    if keyword and not contains(title, keyword):
        leading = keyword[:1].upper() + keyword[1:]
        title = f"{leading}: {title}" if len(leading) + 2 + len(title) <= most else leading
    if not name or contains(title, name):
        return title
    for shorter in (title, _shortened(title, most - len(name) - 3, keyword)):
        whole = f"{shorter} | {name}"
        if shorter and len(whole) <= most and pixels(whole) <= TITLE_PIXELS:
            return whole
    return title


def _shortened(title: str, most: int, keyword: str) -> str:
    """The part of a title before a colon, dash or comma, when that is enough; empty when it is not."""
    head = re.split(r"(?<!\s)(?:\s*+[:,|–—]\s+|\s++-\s+|\s++(?:for|in|with|at|from|and)\s+)", title)[0]
    fits = 3 <= len(head) <= most and len(head.split()) > 1
    return head if fits and (not keyword or contains(head, keyword)) else ""


def _description(written: str, most: int, assignment: Assignment) -> str:
    profile, keyword = assignment.profile, assignment.reading.keyword
    if keyword and not contains(written, keyword):
        written = f"{keyword[:1].upper() + keyword[1:]}: {written}"
        if len(written) > most:
            written = filled(as_sentence(keyword), most, facts_told(profile), least=DESCRIPTION_LEAST)
    ask = [as_sentence(profile.call_to_action.text)] if profile.call_to_action and profile.call_to_action.text else []
    return filled(written, most, [*facts_told(profile), *ask], least=min(DESCRIPTION_LEAST, most // 2))


# What a page is, by what briefs call it; the first that fits counts.
_TYPES = {
    "Article": "article|blog|post|guide|how to|howto|news|essay|interview",
    "Course": "course|class|lesson(s)|workshop|training",
    "Product": "product|listing|item|buy|price",
    "FAQPage": "faq|questions and answers",
    "ContactPage": "contact",
    "AboutPage": "about (us|page)",
    "LocalBusiness": "home page|homepage|shop|store|caf(e|é)|bakery|restaurant|salon|studio|clinic|hotel|gym",
}
# Types that answer nothing without what code does not know, such as the questions of a page.
_NEEDS_MORE = {"FAQPage"}


def _type_of(assignment: Assignment) -> str:
    found = next(iter(assignment.reading.chosen("page")), "WebPage")
    known = found not in _NEEDS_MORE and (found != "LocalBusiness" or assignment.profile.organisation)
    return found if known else "WebPage"


def _structured(title: str, description: str, assignment: Assignment) -> dict[str, object]:
    """What schema.org wants to know of such a page, as far as it is known."""
    profile, kind = assignment.profile, _type_of(assignment)
    name = profile.organisation
    ours = {"@type": "Organization", "name": name}
    data: dict[str, object] = {"@context": "https://schema.org", "@type": kind}
    data["headline" if kind == "Article" else "name"] = name if kind == "LocalBusiness" else title
    data["description"] = description
    if kind not in ("LocalBusiness", "Product"):
        data["inLanguage"] = assignment.language
    if name:
        roles = {
            "Article": ("author", "publisher"),
            "Course": ("provider",),
            "Product": ("brand",),
            "LocalBusiness": (),
        }
        data |= dict.fromkeys(roles.get(kind, ("publisher",)), ours)
    if profile.link:
        data["url"] = profile.link if "://" in profile.link else f"https://{profile.link}"
    return data


def examine(_output: SeoMeta, content: Content, assignment: Assignment) -> list[Check]:
    """Titles and description are within what is shown, the slug is well formed, the keyword stands where it counts."""
    parts, keyword = content.parts, assignment.reading.keyword
    checks = []
    for title in parts["meta_title"]:
        checks.append(bounded("title shown", len(title), TITLE_LEAST, TITLE_MOST, "characters", of="title"))
        checks.append(bounded("title width", pixels(title), high=TITLE_PIXELS, unit="pixels", of="title"))
    size = len(parts["meta_description"])
    checks.append(
        bounded(
            "description shown",
            size,
            DESCRIPTION_LEAST,
            DESCRIPTION_MOST,
            "characters",
            of="description",
            path="description",
        )
    )
    good = bool(_SLUG.fullmatch(parts["slug"])) and len(parts["slug"]) <= 60
    checks.append(
        Check(id="slug", passed=good, value=(parts["slug"],), wanted=("a-z, 0-9 and hyphens, 60 characters",))
    )
    if keyword:
        texts = {"title": parts["meta_title"], "description": [parts["meta_description"]]}
        lacking = [name for name, said in texts.items() if not all(contains(text, keyword) for text in said)]
        checks.append(holding("keyword", lacking, len(texts), wanted=(keyword,), asked_by="brief"))
    return checks


KIND = Kind(
    name="seo_meta",
    family="marketing",
    title="SEO title and description",
    description="Search title, meta description, slug and structured data for a page.",
    output=SeoMeta,
    prompt="Write what a search result shows. The title is four to six words that name what the page offers. The "
    "description is one or two plain sentences that say what people find there and why to come.",
    examples=(
        Example(
            "title and meta description for the page about our bike repairs",
            SeoMeta(
                titles=["Bike Repairs While You Wait"],
                description="Bring a flat tyre, a loose chain or a squeaky brake. We mend bikes while you wait and tell you the price first.",
            ),
        ),
        Example(
            "seo snippet: homepage of a piano teacher for adults",
            SeoMeta(
                titles=["Calm Piano Lessons for Adults"],
                description="Piano lessons for adults who start late or start again. One calm hour a week, at your own pace, with music you like.",
            ),
        ),
    ),
    craft="Write what a search result shows. Each title names what the page offers, its keyword first, and ends with a bar and "
    "the organisation's name where there is room and the brief says nothing else. The description says in one or two plain "
    "sentences what people find there and why to come.",
    compose=compose,
    examine=examine,
    words=(20, 30, 40),
    places={"search_result": ()},
    form=Form(
        "description", called={"headline": "title", "heading": "title"}, choices={"page": _TYPES}, describing=True
    ),
)
