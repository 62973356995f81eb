"""What can be taken away of a result: the likeliest first, one click to it, in a form that is pasted as it stands."""

from __future__ import annotations

import pytest
from writing import good_content

from bot.content import COPY, Content, Kind
from bot.exports import fitting, formats
from bot.kinds import all_kinds, kind_named
from bot.replies.takes import (
    MAX_COPIES,
    copied_text,
    copies,
    format_in,
    order_of_copies,
    quick_buttons,
    quick_takes,
    takes,
)

each = pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)


@each
def test_the_likeliest_is_one_click_and_leads_the_menu(kind: Kind) -> None:
    content = good_content(kind.name)
    quick, offered = quick_takes(kind, content), takes(kind, content)
    assert quick == [one for one in kind.likely_exports if one in offered][:2]
    assert offered[: len(quick)] == quick
    assert set(offered) == {COPY, *(one.name for one in fitting(content, kind.exports))}
    assert len(offered) == len(set(offered)) <= 25, "a menu holds 25"
    assert set(kind.likely_exports) <= {COPY, *(kind.exports or formats())}
    files = [format_in(action) for action, _, _ in quick_buttons(kind, content)]
    assert files == [one for one in quick if one != COPY], "a copy has its own button"


def test_what_a_content_has_not_is_not_offered() -> None:
    """A campaign without dates has no calendar; the next likeliest takes its place."""
    campaign = kind_named("campaign")
    content = good_content("campaign")
    assert quick_takes(campaign, content) == ["pdf", "ics"]
    undated = Content(content.text, {**content.parts, "calendar": []})
    assert quick_takes(campaign, undated) == ["pdf", "docx"]
    assert "ics" not in takes(campaign, undated)


@each
def test_what_is_copied_has_no_marks_of_the_chat(kind: Kind) -> None:
    messages = copies(kind, good_content(kind.name))
    assert len(messages) <= MAX_COPIES
    assert all(len(message) <= 2000 for message in messages)
    assert "**" not in "".join(messages)
    assert "||" not in "".join(messages)


def test_a_thread_is_copied_post_by_post() -> None:
    posts = ["We close on Monday.", "1. Sleep\n2. Bake", "Back on Tuesday: https://fern.example"]
    content = Content("\n\n---\n\n".join(posts), {"posts": posts})
    assert copies(kind_named("social_post"), content) == [posts[0], f"```\n{posts[1]}\n```", posts[2]]


def test_a_mail_is_copied_field_by_field() -> None:
    subject, preview, text = copies(kind_named("email"), good_content("email"))
    assert subject == "Welcome to the seed library"
    assert preview == "Your first three packets are waiting for you."
    assert "Hello and welcome," in text
    assert text.strip("`\n").endswith("The seed library")


def test_what_has_a_place_of_its_own_is_told_in_order() -> None:
    email, picture, post = map(kind_named, ("email", "image_prompt", "social_post"))
    mail = good_content("email")
    assert order_of_copies(email, mail, "en-US") == "-# To copy one by one: 1. Subject · 2. Preview text · 3. Text"
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


def test_an_image_prompt_is_copied_apart_from_its_negatives() -> None:
    text = "a fox in a wood, low sun, ink\n\nNegative prompt: people, text\n\nAlt text: A fox in a wood."
    content = good_content("image_prompt", "a fox, sdxl", text)
    assert copies(kind_named("image_prompt"), content) == ["a fox in a wood, low sun, ink", "people, text"]


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
    content = Content(text, {"posts": [text]})
    assert copies(kind_named("social_post"), content) == [f"{'`' * 3}\n{text}\n{'`' * 3}"]


@pytest.mark.parametrize("text", ["We close at 6.", "50% off!\n\nCome by – #bread", "a-b: 3 x 4 (or so)"])
def test_what_is_shown_as_written_stands_alone(text: str) -> None:
    """Phones copy a message with its marks, so there are none."""
    assert copies(kind_named("social_post"), Content(text, {"posts": [text]})) == [text]
