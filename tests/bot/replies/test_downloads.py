"""What can be taken away of a result: the likeliest first, one click to it, in a form that is pasted as it stands."""

from __future__ import annotations

import pytest
from writing import build_good_content

from bot.content import COPY, Content, Kind
from bot.exports import find_fitting_formats, load_formats
from bot.kinds import find_kind, load_kinds
from bot.replies.downloads import (
    MAX_COPY_MESSAGES,
    build_copy_messages,
    build_quick_buttons,
    describe_copy_order,
    join_copy_texts,
    list_downloads,
    list_quick_downloads,
    parse_file_action,
)

each = pytest.mark.parametrize("kind", load_kinds().values(), ids=lambda kind: kind.name)


@each
def test_the_likeliest_format_is_a_button_and_leads_the_menu(kind: Kind) -> None:
    content = build_good_content(kind.name)
    quick, offered = list_quick_downloads(kind, content), list_downloads(kind, content)
    assert quick == [one for one in kind.likely_exports if one in offered][:2]
    assert offered[: len(quick)] == quick
    assert set(offered) == {COPY, *(one.name for one in find_fitting_formats(content, kind.exports))}
    assert len(offered) == len(set(offered)) <= 25, "a menu holds 25"
    assert set(kind.likely_exports) <= {COPY, *(kind.exports or load_formats())}
    files = [parse_file_action(action) for action, _, _ in build_quick_buttons(kind, content)]
    assert files == [one for one in quick if one != COPY], "a copy has its own button"


def test_formats_that_do_not_fit_are_not_offered() -> None:
    """A campaign without dates has no calendar; the next likeliest takes its place."""
    campaign = find_kind("campaign")
    content = build_good_content("campaign")
    assert list_quick_downloads(campaign, content) == ["pdf", "ics"]
    undated = Content(content.text, {**content.parts, "calendar": []})
    assert list_quick_downloads(campaign, undated) == ["pdf", "docx"]
    assert "ics" not in list_downloads(campaign, undated)


@each
def test_copied_text_has_no_chat_markup(kind: Kind) -> None:
    messages = build_copy_messages(kind, build_good_content(kind.name))
    assert len(messages) <= MAX_COPY_MESSAGES
    assert all(len(message) <= 2000 for message in messages)
    assert "**" not in "".join(messages)
    assert "||" not in "".join(messages)


def test_a_thread_is_copied_post_by_post() -> None:
    posts = ["We close on Monday.", "1. Sleep\n2. Bake", "Back on Tuesday: https://fern.example"]
    content = Content("\n\n---\n\n".join(posts), {"posts": posts})
    assert build_copy_messages(find_kind("social_post"), content) == [posts[0], f"```\n{posts[1]}\n```", posts[2]]


def test_an_email_is_copied_field_by_field() -> None:
    subject, preview, text = build_copy_messages(find_kind("email"), build_good_content("email"))
    assert subject == "Welcome to the seed library"
    assert preview == "Your first three packets are waiting for you."
    assert "Hello and welcome," in text
    assert text.strip("`\n").endswith("The seed library")


def test_fields_are_listed_in_order() -> None:
    email, picture, post = map(find_kind, ("email", "image_prompt", "social_post"))
    mail = build_good_content("email")
    assert describe_copy_order(email, mail, "en-US") == "-# Copy one by one: 1. Subject · 2. Preview text · 3. Text"
    assert describe_copy_order(email, mail, "de") == "-# Einzeln zum Kopieren: 1. Betreff · 2. Vorschautext · 3. Text"
    assert len(build_copy_messages(email, mail)) == 3
    prompts = Content("x", {"raw": "a fox", "negative_prompt": "text"})
    assert describe_copy_order(picture, prompts, "fr").endswith("1. Prompt · 2. Prompt négatif")
    for one in (Content("x", {"raw": "a fox", "negative_prompt": ""}), Content("a fox", {})):
        assert describe_copy_order(picture, one, "en") == ""
    assert describe_copy_order(post, Content("x", {"posts": ["One.", "Two."]}), "en") == ""


def test_an_email_too_long_for_messages_is_copied_as_one_labelled_text() -> None:
    email = find_kind("email")
    content = Content("x", {"emails": [{"subject": "New", "preheader": "From May", "body": "Bread. " * 300}]})
    assert build_copy_messages(email, content) == []
    assert join_copy_texts(email, content, "de").startswith("Betreff:\nNew\n\nVorschautext:\nFrom May\n\nText:\nBread.")
    assert join_copy_texts(find_kind("chat"), Content("Bread.", {}), "de") == "Bread."


def test_many_pieces_are_copied_as_one_text() -> None:
    posts = [f"Post number {number} of them." for number in range(8)]
    content = Content("\n\n---\n\n".join(posts), {"posts": posts})
    [whole] = build_copy_messages(find_kind("social_post"), content)
    assert whole.split("\n\n---\n\n") == posts


def test_an_image_prompt_is_copied_separately_from_its_negative_prompt() -> None:
    text = "a fox in a wood, low sun, ink\n\nNegative prompt: people, text\n\nAlt text: A fox in a wood."
    content = build_good_content("image_prompt", "a fox, sdxl", text)
    assert build_copy_messages(find_kind("image_prompt"), content) == ["a fox in a wood, low sun, ink", "people, text"]


@pytest.mark.parametrize("prompt", ["Fog. " * 401, "Fog_ " * 397], ids=["marked by nothing", "marked"])
def test_a_prompt_is_never_split_for_copying(prompt: str) -> None:
    kind = find_kind("image_prompt")
    assert build_copy_messages(kind, Content("x", {"raw": prompt, "negative_prompt": ""})) == []
    shorter = prompt[:1900].strip()
    [message] = build_copy_messages(kind, Content("x", {"raw": shorter, "negative_prompt": ""}))
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
def test_text_that_discord_would_format_is_in_a_code_block(text: str) -> None:
    content = Content(text, {"posts": [text]})
    assert build_copy_messages(find_kind("social_post"), content) == [f"{'`' * 3}\n{text}\n{'`' * 3}"]


@pytest.mark.parametrize("text", ["We close at 6.", "50% off!\n\nCome by – #bread", "a-b: 3 x 4 (or so)"])
def test_text_shown_as_written_needs_no_code_block(text: str) -> None:
    """Phones copy a message with its marks, so there are none."""
    assert build_copy_messages(find_kind("social_post"), Content(text, {"posts": [text]})) == [text]
