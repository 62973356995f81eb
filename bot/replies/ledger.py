"""The ledger in words: what is known, its origin and what was learnt."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import discord

from bot.locales import translate, translate_plural
from personas.habits import Habits
from personas.ledger import ME, Entry, KnownProfile

# A field of a profile or a habit: its name, label and hint, and whether it holds a list, one entry a line.
Field = tuple[str, str, str, bool]
SECTIONS: dict[str, tuple[Field, ...]] = {
    "about you": (
        ("organisation", "Organisation", "Fern & Fog Coffee", False),
        ("role", "What you do", "owner of a neighbourhood café", False),
        ("audience", "Who your readers are", "neighbours, dog walkers", False),
        ("facts", "Facts I may use, one per line", "open 7:30 to 15:00", True),
        ("call_to_action", "Call to action: words, then a link", "Pop in before 3: fernandfog.example", False),
    ),
    "your voice": (
        ("tone", "How you sound, one trait per line", "warm", True),
        ("prefer_terms", "Words you like, one per line", "flat white", True),
        ("avoid_words", "Words to avoid, one per line", "artisan", True),
        ("reading_level", "Reading level: CEFR B1 or US grade 7", "CEFR B1", False),
        ("accessibility", "Accessibility needs, one per line", "step-free entrance", True),
    ),
    "form": (
        ("output_language", "Language of results: a code such as en or es", "en", False),
        ("preferred_length", "Length: short, medium or long", "short", False),
        ("emoji", "Emoji: none, few or many", "few", False),
        ("timezone", "Time zone", "Europe/London", False),
        ("display_name", "What I call you", "Fern", False),
    ),
    "your habits": (
        ("formality", "Formality: formal or casual", "casual", False),
        ("person", "Speaking as: I or we", "we", False),
        ("exclamation_marks", "Exclamation marks: none", "none", False),
        ("greeting", "Email greeting", "Hello neighbours,", False),
        ("closing", "Email sign-off", "See you soon,", False),
    ),
}
# Fields that do not fit into the modals, which hold five each.
_OTHER_FIELDS: tuple[Field, ...] = (
    ("locale", "Your language and country, such as en-GB", "en-GB", False),
    ("notes", "Other preferences, one per line", "name the street", True),
)
# Fields with fixed choices.
CHOICES = ("preferred_length", "emoji", "formality", "person", "exclamation_marks")
FIELDS: dict[str, Field] = {
    field[0]: field for field in (*(one for fields in SECTIONS.values() for one in fields), *_OTHER_FIELDS)
}
# The most learnt entries listed below a result, for lack of room.
_MAX_LEARNT_LINES = 3
# The longest user text shown: Discord's limit for a view.
MAX_PLAIN_CHARACTERS = 4_000
_TAG_START = re.compile("(?=<)")
# Singular and plural of the sources of learnt entries.
_SOURCE_LABELS = {
    "vote": ("vote", "votes"),
    "wish": ("change you asked for", "changes you asked for"),
    "variant": ("choice", "choices"),
    "edit": ("edit", "edits"),
}
_ORIGIN_LABELS = {"told": "you told me", "chosen": "you chose it", "learnt": "I learnt it"}


def label(name: str, locale: str) -> str:
    """Return a field's label without its hint."""
    text = FIELDS[name][1] if name in FIELDS else name.replace("_", " ").capitalize()
    return translate(text, locale).split(":")[0].split(",")[0].strip()


def format_value(value: Any, field: str = "", locale: str = "en") -> str:
    """Format a value on one line, items with commas between semicolons; "–" for an empty one. Fixed choices are translated."""
    if field in CHOICES:
        return translate(str(value), locale) if value else "–"
    if isinstance(value, Mapping):
        return ": ".join(str(part) for part in value.values() if part) or "–"
    if isinstance(value, list | tuple):
        return ("; " if any("," in str(item) for item in value) else ", ").join(map(str, value)) or "–"
    return str(value) if value else "–"


def format_place(scope: str, locale: str, brands: Mapping[str, str] = MappingProxyType({})) -> str:
    """Describe where an entry holds; `brands` maps brand scopes to names."""
    if scope in brands:
        return f"{translate('for the brand', locale)} {plain(brands[scope])}"
    kind = scope.partition(":")[0]
    words = {"guild": "in this server", "channel": "in this channel", "brand": "for this brand"}
    return translate(words.get(kind, "everywhere"), locale) if scope != ME else translate("everywhere", locale)


def format_origin(origin: str, evidence: str, locale: str) -> str:
    """Describe where an entry comes from: "I learnt it (2 votes)"."""
    how = translate(_ORIGIN_LABELS.get(origin, "you told me"), locale)
    if origin != "learnt" or not evidence:
        return how
    sources = [ref.partition(":")[0].replace("contrast", "vote") for ref in evidence.split()]
    counts = {name: sources.count(name) for name in _SOURCE_LABELS if name in sources}
    counted = [f"{count} {translate_plural(count, *_SOURCE_LABELS[name], locale)}" for name, count in counts.items()]
    return f"{how} ({', '.join(counted)})"


def day(moment: datetime | str) -> str:
    """Format a moment as a day in Discord's timestamp markup."""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"<t:{int(when.timestamp())}:d>"


def format_learnt_line(entry: Entry, locale: str) -> str:
    """Format a learnt entry on one line."""
    value = entry.value[-1] if isinstance(entry.value, list) and entry.value else entry.value
    return f"💡 {translate('Learnt', locale)}: {label(entry.field, locale)} → {plain(format_value(value, entry.field, locale))}"


def build_undo_button(entry: Entry, locale: str) -> discord.ui.Button[discord.ui.LayoutView]:
    """Build the button that retracts an entry."""
    return discord.ui.Button(label=translate("Undo", locale), emoji="↩️", custom_id=f"quill:undo:{entry.id}")


def build_learnt_note(
    entries: Sequence[Entry], generation_id: str, locale: str
) -> list[discord.ui.Item[discord.ui.LayoutView]]:
    """Build a public note that something was learnt, with a button that shows it to the result's owner."""
    if not entries:
        return []
    see: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
        label=translate("View", locale), emoji="💡", custom_id=f"quill:learnt:{generation_id}"
    )
    text = translate("I learnt something from this.", locale)
    return [discord.ui.Section(discord.ui.TextDisplay(f"-# {text}"), accessory=see)]


def build_learnt_items(entries: Sequence[Entry], locale: str) -> list[discord.ui.Item[discord.ui.LayoutView]]:
    """Build a line with an undo button for the first learnt entries, and a note about the others."""
    items: list[discord.ui.Item[discord.ui.LayoutView]] = [
        discord.ui.Section(
            discord.ui.TextDisplay(f"-# {format_learnt_line(entry, locale)}"),
            accessory=build_undo_button(entry, locale),
        )
        for entry in entries[:_MAX_LEARNT_LINES]
    ]
    if more := len(entries[_MAX_LEARNT_LINES:]):
        text = translate("And {count} more; see /profile history.", locale)
        items.append(discord.ui.TextDisplay(f"-# {text.format(count=more)}"))
    return items


def plain(text: str) -> str:
    """Return a user's text without pings or formatting, and with visible link targets."""
    # Piece by piece: discord.py escapes only one of several masked links in a line, and scans for a link's end from each "<".
    pieces = (
        "".join(map(discord.utils.escape_markdown, _TAG_START.split(one)))
        for one in text[:MAX_PLAIN_CHARACTERS].split("[")
    )
    return discord.utils.escape_mentions("\\[".join(pieces))


def export_json(held: KnownProfile) -> bytes:
    """Return a profile's fields and habits as JSON that can be imported again."""
    habits = Habits.parse({name: entry.value for name, entry in held.sources.items()})
    fields = {**held.profile.model_dump(mode="json"), **habits.model_dump(mode="json")}
    return (json.dumps(fields, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
