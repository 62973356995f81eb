"""What can be taken away of a result: the likeliest first, one click to it, in a form that is pasted as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
import pytest

from bot.content import COPY, Assignment, Content, Kind, Result
from bot.exports import fitting, formats
from bot.kinds import all_kinds, kind_named
from bot.kinds.image_prompt import Picture
from bot.replies.takes import MOST_COPIES, copied_text, copies, order_of_copies, quick_takes, takes
from bot.replies.views import result_view
from personas.profile import Profile

Assigned = Callable[..., Assignment]
each = pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
# What a baker, a teacher and a studio do next with each kind.
NEXT = {
    "ad": [COPY, "google_ads"],
    "article": ["docx", COPY],
    "campaign": ["pdf", "ics"],
    "chat": [COPY],
    "email": [COPY, "docx"],
    "explanation": [COPY, "docx"],
    "flashcards": ["apkg", "pdf"],
    "image_prompt": [COPY],
    "landing_page": [COPY, "docx"],
    "layout": ["png", "svg"],
    "lead_sheet": ["staves", "mid"],
    "lesson_plan": ["docx", "pdf"],
    "logo": ["png", "svg"],
    "lyrics": [COPY, "docx"],
    "music": [COPY],
    "podcast": ["docx", "vtt"],
    "press_release": ["docx", "pdf"],
    "product_description": [COPY, "docx"],
    "quiz": ["pdf", "docx"],
    "rewrite": [COPY, "docx"],
    "rubric": ["docx", "pdf"],
    "scenario": ["docx", "pdf"],
    "script": ["docx", "pdf"],
    "seo_meta": [COPY],
    "slogan": [COPY, "docx"],
    "sms": [COPY],
    "social_post": [COPY],
    "storyboard": ["contact", "copy"],
    "study_guide": ["pdf", "docx"],
    "synthetic_data": ["csv", "xlsx"],
    "tutor": [COPY],
    "video_prompt": [COPY],
    "worksheet": ["pdf", "docx"],
}


def made(kind: Kind, assigned: Assigned) -> Content:
    example = kind.examples[0]
    return kind.compose(example.output, assigned(kind.name, example.brief, Profile(organisation="Fern")))


def shown(kind: Kind, content: Content, locale: str = "en") -> list[discord.ui.Item[Any]]:
    result = Result(kind.name, content, (), "Copywriter", "Scripted", 1, 1.0)
    view, _ = result_view(result, Profile(), "g", locale=locale)
    return list(view.walk_children())


@each
def test_the_likeliest_is_one_click_and_leads_the_menu(kind: Kind, assigned: Assigned) -> None:
    content = made(kind, assigned)
    assert quick_takes(kind, content) == NEXT[kind.name]
    offered = takes(kind, content)
    assert offered[: len(NEXT[kind.name])] == NEXT[kind.name]
    assert set(offered) == {COPY, *(one.name for one in fitting(content, kind.exports))}
    assert len(offered) == len(set(offered)) <= 25, "a menu holds 25"
    assert set(kind.likeliest) <= {COPY, *(kind.exports or formats())}


@each
@pytest.mark.parametrize("locale", ["en", "de", "es", "fr", "pt"])
def test_rows_are_within_what_discord_takes(kind: Kind, locale: str, assigned: Assigned) -> None:
    items = shown(kind, made(kind, assigned), locale)
    rows = [one for one in items if isinstance(one, discord.ui.ActionRow)]
    assert all(len(row.children) <= 5 for row in rows)
    buttons = [one for one in items if isinstance(one, discord.ui.Button)]
    first = NEXT[kind.name][0]
    action = COPY if first == COPY else f"file-{first}"
    taking = [one for one in buttons if f":{COPY}:" in str(one.custom_id) or ":file" in str(one.custom_id)]
    assert taking[0].custom_id == f"quill:{action}:g"
    beside = ("quill:plan:g", "quill:play:g", "quill:history:g")
    last = [one.custom_id for one in buttons if one.custom_id not in beside][-2:]
    assert last == ["quill:file:g", "quill:why:g"]
    later = kind.family in ("marketing", "education", "media", "text")
    assert ("quill:plan:g" in [one.custom_id for one in buttons]) is later
    assert ("quill:play:g" in [one.custom_id for one in buttons]) is (kind.name in ("quiz", "scenario"))
    assert all(len(one.label or "") <= 80 for one in buttons)


def test_what_a_content_has_not_is_not_offered(assigned: Assigned) -> None:
    """A campaign without dates has no calendar; the next likeliest takes its place."""
    campaign = kind_named("campaign")
    content = made(campaign, assigned)
    undated = Content(content.text, {**content.parts, "calendar": []})
    assert quick_takes(campaign, undated) == ["pdf", "docx"]
    assert "ics" not in takes(campaign, undated)


@each
def test_what_is_copied_has_no_marks_of_the_chat(kind: Kind, assigned: Assigned) -> None:
    content = made(kind, assigned)
    messages = copies(kind, content)
    assert 0 < len(messages) <= MOST_COPIES
    assert all(len(message) <= 2000 for message in messages)
    assert "**" not in "".join(messages)
    assert "||" not in "".join(messages)


def test_a_thread_is_copied_post_by_post() -> None:
    posts = ["We close on Monday.", "1. Sleep\n2. Bake", "Back on Tuesday: https://fern.example"]
    content = Content("\n\n---\n\n".join(posts), {"posts": posts})
    assert copies(kind_named("social_post"), content) == [posts[0], f"```\n{posts[1]}\n```", posts[2]]


def test_a_mail_is_copied_field_by_field(assigned: Assigned) -> None:
    email = kind_named("email")
    subject, preview, text = copies(email, made(email, assigned))
    assert subject == "Closed Monday to Wednesday for new holds"
    assert preview == "On Thursday there are forty new routes to try."
    assert text.startswith("Hello climbers,\n\nThe hall is closed")
    assert text.endswith("Fern")


def test_what_has_a_place_of_its_own_is_told_in_order(assigned: Assigned) -> None:
    email, picture, post = map(kind_named, ("email", "image_prompt", "social_post"))
    mail = made(email, assigned)
    assert order_of_copies(email, mail, "en-US") == "-# To be copied one by one: 1. Subject · 2. Preview text · 3. Text"
    assert order_of_copies(email, mail, "de") == "-# Einzeln zum Kopieren: 1. Betreff · 2. Vorschautext · 3. Text"
    assert len(copies(email, mail)) == 3
    prompts = Content("x", {"raw": "a fox", "negative_prompt": "text"})
    assert order_of_copies(picture, prompts, "fr").endswith("1. Prompt · 2. Prompt négatif")
    for one in (Content("x", {"raw": "a fox", "negative_prompt": ""}), Content("a fox", {})):
        assert order_of_copies(picture, one, "en") == ""
    assert order_of_copies(post, Content("x", {"posts": ["One.", "Two."]}), "en") == ""


def test_a_mail_that_is_too_long_for_messages_is_one_text_with_its_places() -> None:
    email = kind_named("email")
    content = Content("x", {"emails": [{"subject": "New", "preheader": "From May", "body": "Bread. " * 300}]})
    assert copies(email, content) == []
    assert copied_text(email, content, "de").startswith("Betreff:\nNew\n\nVorschautext:\nFrom May\n\nText:\nBread.")
    assert copied_text(kind_named("chat"), Content("Bread.", {}), "de") == "Bread."


def test_many_pieces_are_copied_as_one_text() -> None:
    posts = [f"Post number {number} of them." for number in range(8)]
    content = Content("\n\n---\n\n".join(posts), {"posts": posts})
    [whole] = copies(kind_named("social_post"), content)
    assert whole.split("\n\n---\n\n") == posts


def test_an_image_prompt_is_copied_apart_from_its_negatives(assigned: Assigned) -> None:
    kind = kind_named("image_prompt")
    content = kind.compose(
        Picture(
            subject="a fox", setting="a wood", light="low sun", mood="calm", style="ink", composition="from above",
            palette=["rust", "white"],
        ),
        assigned("image_prompt", "a fox, sdxl"),
    )  # fmt: skip
    prompt, negative = copies(kind, content)
    assert (prompt, negative) == (content.parts["raw"], content.parts["negative_prompt"])
    assert f"```\n{prompt}\n```" in content.text
    assert f"```\n{negative}\n```" in content.text


@pytest.mark.parametrize("prompt", ["Fog. " * 401, "Fog_ " * 397], ids=["marked by nothing", "marked"])
def test_a_prompt_is_never_cut_to_be_copied(prompt: str) -> None:
    kind = kind_named("image_prompt")
    assert copies(kind, Content("x", {"raw": prompt, "negative_prompt": ""})) == []
    shorter = prompt[:1900].strip()
    [message] = copies(kind, Content("x", {"raw": shorter, "negative_prompt": ""}))
    assert shorter in message


@pytest.mark.parametrize(
    "text",
    [
        "a *b* c",
        "snake_case_",
        "1. One",
        "- one",
        "# One",
        "> said",
        "a `b`",
        "x\n  y",
        "[a](b)",
        "<@7>",
        "-# small",
        "~~a~~",
    ],
)
def test_what_discord_would_show_otherwise_stands_in_a_block(text: str) -> None:
    assert copies(kind_named("chat"), Content(text, {})) == [f"{'`' * 3}\n{text}\n{'`' * 3}"]


@pytest.mark.parametrize("text", ["We close at 6.", "50% off!\n\nCome by – #bread", "a-b: 3 x 4 (or so)"])
def test_what_is_shown_as_written_stands_alone(text: str) -> None:
    """Phones copy a message with its marks, so there are none."""
    assert copies(kind_named("chat"), Content(text, {})) == [text]
