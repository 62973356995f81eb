"""A review on the screen: how a text of the team's stands, what can be done with it, and its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import shorten
from typing import Any

import discord

from bot.checks.links import unmask_links
from bot.client import Interaction
from bot.errors import Phrase
from bot.generation.diff import diff_texts
from bot.kinds import load_kinds
from bot.locales import localize, translate
from bot.replies.ledger import day, format_changes, plain
from bot.replies.views import COLOURS, ActionRow, Layout
from bot.team.review.service import MAX_WORDS, Feedback, ReviewService, ReviewView
from bot.team.review.steps import Step, is_step_open
from bot.team.workspace.recorder import describe_event
from bot.team.workspace.roles import Role
from storage.assets import DRAFT
from storage.audit import Event
from storage.reviews import Version

# What a button does, its label and its sign, in their order; steps by their names.
_STEPS = {
    "submit": ("Submit for review", "📨"),
    "approve": ("Approve", "✅"),
    "ask": ("Request changes…", "✍️"),
    "withdraw": ("Withdraw", "↩️"),
    "unapprove": ("Take back approval", "🚫"),
    "assign": ("Assign…", "👤"),
}
_OTHERS = {
    "edit": ("Edit…", "✏️"),
    "redo": ("Rewrite with this feedback", "🔁"),
    "versions": ("History", "🕘"),
    "plan": ("Schedule…", "📅"),
    "comment": ("Comment", "💬"),
}
STATUS_NAMES = {
    "draft": "draft", "submitted": "submitted", "approved": "approved", "scheduled": "scheduled",
    "published": "published", "archived": "archived",
}  # fmt: skip
LABELS = tuple(label for label, _ in (*_STEPS.values(), *_OTHERS.values()))
_ONE_OF_THEM = {
    Role.OWNER: "one of them by an owner",
    Role.REVIEWER: "one of them by a reviewer",
    Role.EDITOR: "one of them by an editor",
    Role.VIEWER: "one of them by a viewer",
}
# Characters of a text that its message shows; all of it is in the library.
_MAX_SHOWN = 2600
VERSIONS, _MAX_CHANGED, _EXCERPT = 4, 400, 110
# Wishes that a page shows of a version, and characters of each; all of them are shown with the version.
_MAX_WISHES, _MAX_WISH = 2, 160
_SIGNS = {"approved": "✅", "submitted": "👀", "scheduled": "🗓️", "published": "📣", "archived": "🗄️"}

Button = discord.ui.Button[discord.ui.LayoutView]


def reviewing_of(interaction: Interaction) -> ReviewService:
    """The reviews that a client has."""
    return interaction.client.app.reviewing


def review_id(action: str, version: int, asset_id: str) -> str:
    """The custom id of a button of a review: what it does, with which version of which text."""
    return f"quillreview:{action}:{version}:{asset_id}"


def state_lines(seen: ReviewView, locale: str) -> list[str]:
    """How a text stands: its version, who has approved it, who looks after it, what was asked for."""
    review, rules = seen.review, seen.rules
    lines = [translate("Version {version}", locale).format(version=review.version)]
    if review.approvals or review.status != DRAFT:
        count = localize(
            Phrase("Approvals: {count} of {needed}", count=len(review.approvals), needed=rules.approvals), locale
        )
        people = ", ".join(f"<@{one}>" for one in review.approvals)
        role = translate(_ONE_OF_THEM[rules.role], locale) if rules.role else ""
        lines.append(" · ".join(filter(None, (count, role, people))))
    if review.assigned:
        lines.append(translate("Assigned to {person}", locale).format(person=f"<@{review.assigned}>"))
    if seen.change_request is not None:
        asks = translate("{person} requested changes:", locale).format(person=f"<@{seen.change_request.user_id}>")
        lines.append(f"{asks} {plain(seen.change_request.words)}")
    return lines


def event_in_words(event: Event, locale: str) -> str:
    """What an entry of the audit says, where what people wrote formats nothing."""
    written = {name: plain(str(event.details[name])) for name in ("brand", "words") if event.details.get(name)}
    return localize(describe_event(replace(event, details={**event.details, **written})), locale)


def review_rows(seen: ReviewView, locale: str, *, everybody: bool = False) -> Iterator[ActionRow]:
    """The buttons of a review: what whoever looks can do, or in a message for everybody what somebody can."""
    can = {step for step in Step if is_step_open(seen.review, step, seen.rules)} if everybody else seen.can
    first = [name for name in _STEPS if Step(name) in can]
    others = {"edit": Step.EDIT in can, "redo": seen.change_request is not None and Step.EDIT in can, "versions": True,
              "plan": Step.SCHEDULE in can, "comment": bool(seen.asset.shown_as)}  # fmt: skip
    if first:
        yield ActionRow(*(_button(name, *_STEPS[name], seen, locale) for name in first))
    yield ActionRow(*(_button(name, *_OTHERS[name], seen, locale) for name, there in others.items() if there))


def _button(name: str, label: str, sign: str, seen: ReviewView, locale: str) -> Button:
    styles = {"approve": discord.ButtonStyle.success, "submit": discord.ButtonStyle.primary}
    return discord.ui.Button(
        label=translate(label, locale),
        emoji=sign,
        style=styles.get(name, discord.ButtonStyle.secondary),
        custom_id=review_id(name, seen.review.version, seen.asset.id),
    )


def review_view(seen: ReviewView, locale: str, lines: Sequence[str] = (), rows: Sequence[ActionRow] = ()) -> Layout:
    """The message of a review, for everybody in its channel; with lines and buttons of what the text is a part of."""
    asset, status = seen.asset, translate(STATUS_NAMES[seen.asset.status], locale)
    kind = load_kinds().get(asset.kind)
    told = (
        status,
        translate(kind.title, locale) if kind else asset.kind,
        f"<@{asset.given_by}>" if asset.given_by else "",
    )
    head = [f"### {_SIGNS.get(asset.status, '📝')} {plain(asset.title)}", f"-# {' · '.join(filter(None, told))}"]
    text = unmask_links(asset.text)
    if len(text) > _MAX_SHOWN:
        more = translate("The full text is in the library.", locale)
        text = f"{text[:_MAX_SHOWN].rstrip()}…\n-# {more}"
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    box.add_item(
        discord.ui.TextDisplay(
            "\n".join([*head, *(f"-# {line}" for line in (*lines, *state_lines(seen, locale)))])[:1300]
        )
    )
    box.add_item(discord.ui.Separator())
    box.add_item(discord.ui.TextDisplay(text))
    view = Layout()
    view.add_item(box)
    for row in (*review_rows(seen, locale, everybody=True), *rows):
        view.add_item(row)
    return view


def versions_view(
    versions: Sequence[Version], wishes: Mapping[int, Sequence[Feedback]], asset_id: str, number: int, locale: str
) -> Layout:
    """A page of a text's versions, the newest first, each with what became other in it and what was asked of it."""
    known = {one.number: one for one in versions}
    newest = list(reversed(versions))
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    several = translate("Versions: {count}", locale).format(count=len(versions))
    heading = several if len(versions) > 1 else translate("History", locale)
    box.add_item(discord.ui.TextDisplay(f"### {heading}"))
    for one in newest[number * VERSIONS : (number + 1) * VERSIONS]:
        button: Button = discord.ui.Button(
            label=translate("Open", locale), custom_id=f"quillrevision:{one.number}:{asset_id}"
        )
        asks = wish_lines(wishes.get(one.number, ()), locale, _MAX_WISH)[:_MAX_WISHES]
        words = "\n".join([_version_in_words(one, known.get(one.number - 1), locale), *asks])
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(words), accessory=button))
    view = Layout()
    view.add_item(box)
    if len(newest) > VERSIONS:
        last = (len(newest) - 1) // VERSIONS
        view.add_item(
            ActionRow(
                _turn("◀", max(0, number - 1), "back", asset_id, off=not number),
                _turn("▶", min(last, number + 1), "on", asset_id, off=number >= last),
            )
        )
    return view


def wish_lines(wishes: Sequence[Feedback], locale: str, most: int = MAX_WORDS) -> list[str]:
    """What was asked of a version, a line each, the newest first, with so many characters of each."""
    lines = []
    for one in reversed(wishes):
        who = f"<@{one.user_id}>" if one.user_id else translate("someone I no longer know", locale)
        asks = translate("{person} requested changes:", locale).format(person=who)
        lines.append(f"-# {asks} {plain(shorten(one.words, most, placeholder=' …'))}")
    return lines


def _turn(sign: str, to: int, way: str, asset_id: str, *, off: bool) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=sign, custom_id=f"quillrevisions:{to}:{way}:{asset_id}", disabled=off)


def _version_in_words(one: Version, before: Version | None, locale: str) -> str:
    """A version: its number, who made it when, and what became other since the one before, or how it begins."""
    told = [f"**{one.number}**", day(one.at), f"<@{one.made_by}>" if one.made_by else ""]
    if before is None:
        words = plain(shorten(one.text.replace("**", ""), _EXCERPT, placeholder=" …"))
    else:
        words = format_changes(diff_texts(before.text, one.text)) or translate("Nothing changed.", locale)
    shown = words if len(words) <= _MAX_CHANGED else words[:_MAX_CHANGED].rstrip("*~ ") + "…"
    return f"{' · '.join(filter(None, told))}\n{shown}"
