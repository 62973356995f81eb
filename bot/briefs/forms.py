"""What the form of a kind of content is like, as far as reading a brief for it needs to know. Data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind is read.

    `main` is what one result consists of ("8 of them"), `whole` the nouns that mean the whole text where only one is wanted.
    `entries` are units that are counted as entries in this kind: of a worksheet, "12 sentences" are twelve things to do. `called`
    are nouns that mean another one here: the answers of a quiz are its options. `lasts`: it has a duration. `shaped`: it has a
    shape. `planned`: it runs over days and weeks. `own_text`: the brief holds the text that is worked on, behind a colon or a
    line break.
    """

    main: str = ""
    whole: tuple[str, ...] = ()
    entries: Mapping[str, str] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)
    lasts: bool = False
    shaped: bool = False
    planned: bool = False
    own_text: bool = False


FORMS = {
    "ad": Form("ad", ("ad", "post", "block"), shaped=True, called={"title": "headline", "heading": "headline"}),
    "social_post": Form("post", ("post", "ad", "image"), shaped=True),
    "email": Form("email", ("email", "post")),
    "product_description": Form("description", ("description", "tagline")),
    "landing_page": Form("", ()),
    "article": Form("", ("post",), lasts=True),
    "press_release": Form(called={"title": "headline"}),
    "seo_meta": Form("description", called={"headline": "title", "heading": "title"}),
    "slogan": Form("tagline"),
    "campaign": Form("post", planned=True),
    "lesson_plan": Form("activity", lasts=True, planned=True),
    "explanation": Form(lasts=True),
    "worksheet": Form("question", entries={"sentences": "sentence", "words": "word"}),
    "quiz": Form("question", lasts=True, called={"answer": "option"}),
    "flashcards": Form("card", entries={"sentences": "sentence", "words": "word"}),
    "rubric": Form("criterion"),
    "study_guide": Form("section", lasts=True),
    "tutor": Form("question"),
    "image_prompt": Form("image", ("image",), shaped=True),
    "logo": Form("variant", shaped=True),
    "layout": Form("block", shaped=True),
    "script": Form("scene", lasts=True, shaped=True),
    "lyrics": Form("verse", lasts=True),
    "music": Form("", lasts=True),
    "synthetic_data": Form("row", entries={"lines": "row"}),
    "scenario": Form("scene", lasts=True),
    "rewrite": Form(own_text=True),
    "sms": Form("", ("post", "email")),
}


def form_of(kind: str) -> Form:
    """The form of a kind; a plain one for those that need none."""
    return FORMS.get(kind, Form())
