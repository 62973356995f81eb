"""Views of reviews: the status of a team's text, its buttons, and its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.client import Interaction
from bot.errors import Phrase
from bot.generation.diff import diff_texts
from bot.kinds import load_kinds
from bot.locales import localize, translate
from bot.markup import shorten
from bot.replies.ledger import day, plain
from bot.replies.markdown import render_text
from bot.replies.reasons import format_changes, to_check_line
from bot.replies.result_views import number_texts
from bot.replies.views import COLOURS, ActionRow, Layout
from bot.team.review.service import MAX_FEEDBACK_CHARACTERS, ReviewService
from bot.team.review.steps import Step, is_step_open
from bot.team.review.views import Feedback, ReviewView
from bot.team.workspace.recorder import describe_event
from bot.team.workspace.roles import Role
from storage.assets import DRAFT
from storage.audit import AuditEntry
from storage.reviews import AssetVersion

# Label and emoji of the button of each step, by its name, in order.
_STEPS = {
    "submit": ("Submit for review", "📨"),
    "approve": ("Approve", "✅"),
    "ask": ("Request changes…", "✍️"),
    "withdraw": ("Withdraw", "↩️"),
    "unapprove": ("Take back approval", "🚫"),
    "assign": ("Assign…", "👤"),
}
_OTHER_ACTIONS = {
    "edit": ("Edit…", "✏️"),
    "redo": ("Rewrite with this feedback", "🔁"),
    "versions": ("History", "🕘"),
    "plan": ("Schedule…", "📅"),
    "comment": ("Comment", "💬"),
}
STATUS_NAMES = {
    "draft": "draft",
    "submitted": "submitted",
    "approved": "approved",
    "scheduled": "scheduled",
    "published": "published",
    "archived": "archived",
}
LABELS = tuple(label for label, _ in (*_STEPS.values(), *_OTHER_ACTIONS.values()))
_APPROVER_ROLES = {
    Role.OWNER: "including one by an owner",
    Role.REVIEWER: "including one by a reviewer",
    Role.EDITOR: "including one by an editor",
    Role.VIEWER: "including one by a viewer",
}
# Maximum characters of a text in its message; the library has the complete text.
_MAX_TEXT_LENGTH = 2600
VERSIONS_PER_PAGE, _MAX_CHANGES_LENGTH, _MAX_EXCERPT_LENGTH = 4, 400, 110
# Maximum instructions listed per version on a page, and characters of each; the version itself shows all.
_MAX_INSTRUCTIONS, _MAX_INSTRUCTION_LENGTH = 2, 160
_EMOJIS = {"approved": "✅", "submitted": "👀", "scheduled": "🗓️", "published": "📣", "archived": "🗄️"}

Button = discord.ui.Button[discord.ui.LayoutView]


def get_reviews(interaction: Interaction) -> ReviewService:
    """Return the review service."""
    return interaction.client.app.reviewing


def build_review_id(action: str, version: int, asset_id: str) -> str:
    """Return the custom id of a review's button."""
    return f"quillreview:{action}:{version}:{asset_id}"


def format_state_lines(view_state: ReviewView, locale: str) -> list[str]:
    """Format the status of a text: version, approvals, assignee, and requested changes."""
    review, rules = view_state.review, view_state.rules
    lines = [translate("Version {version}", locale).format(version=review.version)]
    if review.approvals or review.status != DRAFT:
        count = localize(
            Phrase("Approvals: {count} of {needed}", count=len(review.approvals), needed=rules.approvals), locale
        )
        people = ", ".join(f"<@{approval}>" for approval in review.approvals)
        role = translate(_APPROVER_ROLES[rules.role], locale) if rules.role else ""
        lines.append(" · ".join(filter(None, (count, role, people))))
    if review.assigned:
        lines.append(translate("Assigned to {person}", locale).format(person=f"<@{review.assigned}>"))
    if view_state.change_request is not None:
        heading = translate("{person} requested changes:", locale).format(
            person=f"<@{view_state.change_request.user_id}>"
        )
        lines.append(f"{heading} {plain(view_state.change_request.words)}")
    return lines


def format_event(event: AuditEntry, locale: str) -> str:
    """Format an audit entry, with Markdown in users' text escaped."""
    details = {name: plain(str(event.details[name])) for name in ("brand", "words") if event.details.get(name)}
    return localize(describe_event(replace(event, details={**event.details, **details})), locale)


def build_review_rows(view_state: ReviewView, locale: str, *, is_public: bool = False) -> Iterator[ActionRow]:
    """Build the buttons of a review: the steps that the user can take or, in a public message, those that are open to some
    member.
    """
    open_steps = (
        {step for step in Step if is_step_open(view_state.review, step, view_state.rules)}
        if is_public
        else view_state.available_steps
    )
    main_steps = [name for name in _STEPS if Step(name) in open_steps]
    available = {
        "edit": Step.EDIT in open_steps,
        "redo": view_state.change_request is not None and Step.EDIT in open_steps,
        "versions": True,
        "plan": Step.SCHEDULE in open_steps,
        "comment": bool(view_state.asset.message_id),
    }
    if main_steps:
        yield ActionRow(*(_build_button(name, *_STEPS[name], view_state, locale) for name in main_steps))
    yield ActionRow(
        *(
            _build_button(name, *_OTHER_ACTIONS[name], view_state, locale)
            for name, is_available in available.items()
            if is_available
        )
    )


def _build_button(name: str, label: str, emoji: str, view_state: ReviewView, locale: str) -> Button:
    styles = {"approve": discord.ButtonStyle.success, "submit": discord.ButtonStyle.primary}
    return discord.ui.Button(
        label=translate(label, locale),
        emoji=emoji,
        style=styles.get(name, discord.ButtonStyle.secondary),
        custom_id=build_review_id(name, view_state.review.version, view_state.asset.id),
    )


def review_view(
    view_state: ReviewView, locale: str, lines: Sequence[str] = (), rows: Sequence[ActionRow] = ()
) -> Layout:
    """Build the public message of a review; `lines` and `rows` are from the campaign that the text belongs to."""
    asset, status = view_state.asset, translate(STATUS_NAMES[view_state.asset.status], locale)
    kind = load_kinds().get(asset.kind)
    details = (
        status,
        translate(kind.title, locale) if kind else asset.kind,
        f"<@{asset.given_by}>" if asset.given_by else "",
    )
    head = [f"### {_EMOJIS.get(asset.status, '📝')} {plain(asset.title)}", f"-# {' · '.join(filter(None, details))}"]
    text = number_texts(render_text(asset.text), asset.parts)
    if len(text) > _MAX_TEXT_LENGTH:
        note = translate("The full text is in the library.", locale)
        text = f"{shorten(text, _MAX_TEXT_LENGTH)}\n-# {note}"
    if asset.to_check:
        text = f"{text}\n\n-# {to_check_line(asset.to_check, locale)}"
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    box.add_item(
        discord.ui.TextDisplay(
            "\n".join([*head, *(f"-# {line}" for line in (*lines, *format_state_lines(view_state, locale)))])[:1300]
        )
    )
    box.add_item(discord.ui.Separator())
    box.add_item(discord.ui.TextDisplay(text))
    view = Layout()
    view.add_item(box)
    for row in (*build_review_rows(view_state, locale, is_public=True), *rows):
        view.add_item(row)
    return view


def versions_view(
    versions: Sequence[AssetVersion],
    feedback: Mapping[int, Sequence[Feedback]],
    asset_id: str,
    number: int,
    locale: str,
) -> Layout:
    """Build a page of a text's versions, newest first, each with its changes and the instructions for it."""
    versions_by_number = {version.number: version for version in versions}
    newest = list(reversed(versions))
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    count_text = translate("Versions: {count}", locale).format(count=len(versions))
    heading = count_text if len(versions) > 1 else translate("History", locale)
    box.add_item(discord.ui.TextDisplay(f"### {heading}"))
    for version in newest[number * VERSIONS_PER_PAGE : (number + 1) * VERSIONS_PER_PAGE]:
        button: Button = discord.ui.Button(
            label=translate("Open", locale), custom_id=f"quillrevision:{version.number}:{asset_id}"
        )
        instruction_lines = format_instruction_lines(feedback.get(version.number, ()), locale, _MAX_INSTRUCTION_LENGTH)[
            :_MAX_INSTRUCTIONS
        ]
        text = "\n".join(
            [_format_version(version, versions_by_number.get(version.number - 1), locale), *instruction_lines]
        )
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(text), accessory=button))
    view = Layout()
    view.add_item(box)
    if len(newest) > VERSIONS_PER_PAGE:
        last_page = (len(newest) - 1) // VERSIONS_PER_PAGE
        view.add_item(
            ActionRow(
                _build_page_button("◀", max(0, number - 1), "back", asset_id, is_disabled=not number),
                _build_page_button("▶", min(last_page, number + 1), "on", asset_id, is_disabled=number >= last_page),
            )
        )
    return view


def format_instruction_lines(
    feedback: Sequence[Feedback], locale: str, max_length: int = MAX_FEEDBACK_CHARACTERS
) -> list[str]:
    """Return the instructions for a version, a line each, newest first, truncated to `max_length` characters."""
    lines = []
    for entry in reversed(feedback):
        author = f"<@{entry.user_id}>" if entry.user_id else translate("someone I no longer know", locale)
        heading = translate("{person} requested changes:", locale).format(person=author)
        words = shorten(" ".join(entry.text.split()), max_length)
        lines.append(f"-# {heading} {plain(words)}")
    return lines


def _build_page_button(
    arrow: str, page: int, direction: str, asset_id: str, *, is_disabled: bool
) -> discord.ui.Button[Any]:
    return discord.ui.Button(
        label=arrow, custom_id=f"quillrevisions:{page}:{direction}:{asset_id}", disabled=is_disabled
    )


def _format_version(version: AssetVersion, previous: AssetVersion | None, locale: str) -> str:
    """Format a version: number, author, time, and its changes, or an excerpt for the first."""
    details = [f"**{version.number}**", day(version.created_at), f"<@{version.author_id}>" if version.author_id else ""]
    if previous is None:
        text = plain(shorten(" ".join(version.text.replace("**", "").split()), _MAX_EXCERPT_LENGTH))
    else:
        text = format_changes(diff_texts(previous.text, version.text)) or translate("Nothing changed.", locale)
    changes = text if len(text) <= _MAX_CHANGES_LENGTH else text[:_MAX_CHANGES_LENGTH].rstrip("*~ ") + "…"
    return f"{' · '.join(filter(None, details))}\n{changes}"
