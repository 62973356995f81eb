"""The findings of proofreading, each with a button that fixes it."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.generation.proofread import ProofreadFinding
from bot.locales import translate

from .ledger import plain
from .views import Layout, button_id, note_view

ALL = "fix-all"
_NOTHING = "I checked it against your request and went over its facts and figures: nothing to correct."
_SMALL = "Checked by the same model that wrote it, which can miss things."


def build_fix_action(number: int) -> str:
    """Return the action of the button that fixes a finding, by its number from 0."""
    return f"fix-{number}"


def findings_view(findings: Sequence[ProofreadFinding], check_id: str, locale: str, *, buttons: bool = True) -> Layout:
    """Build the list of findings, with a button for each that an edit can fix."""
    if not findings:
        return note_view(f"{translate(_NOTHING, locale)}\n-# {translate(_SMALL, locale)}", locale=locale)
    lines = []
    for number, one in enumerate(findings, 1):
        edit = f"\n-# ~~{plain(one.old)}~~ → {plain(one.new) or '–'}" if one.old else ""
        lines.append(f"**{number}.** {plain(one.what)}{edit}")
    view = note_view("\n".join([*lines, f"-# {translate(_SMALL, locale)}"]), locale=locale)
    edits = [number for number, one in enumerate(findings) if one.old]
    if buttons and edits:
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        fix_label = translate("Fix {number}", locale)
        for number in edits[:4]:
            label = fix_label.format(number=number + 1)
            row.add_item(discord.ui.Button(label=label, custom_id=button_id(build_fix_action(number), check_id)))
        if len(edits) > 1:
            row.add_item(discord.ui.Button(label=translate("Fix all", locale), custom_id=button_id(ALL, check_id)))
        view.add_item(row)
    return view
