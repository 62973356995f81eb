"""The ledger in words: what is known, where it comes from, what was learnt, what shaped a result."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import discord

from bot.briefs import Reading
from bot.checks import Check
from bot.checks.language import NAMES
from bot.errors import Phrase
from bot.generation.findings import failed
from bot.generation.rendered import statements
from bot.generation.tastes import REASONS
from bot.locales import localize as in_words
from bot.locales import translate, translate_plural
from personas.habits import Habits
from personas.ledger import ME, Entry, Known

# A field of a profile or a habit: its label, a hint, and whether it holds several entries, one a line.
Field = tuple[str, str, str, bool]
SECTIONS: dict[str, tuple[Field, ...]] = {
    "about you": (
        ("organisation", "Organisation", "Fern & Fog Coffee", False),
        ("role", "What you do", "owner of a neighbourhood café", False),
        ("audience", "Who reads what you write", "neighbours, dog walkers", False),
        ("facts", "Facts I may use, one per line", "open 7:30 to 15:00", True),
        ("call_to_action", "What readers should do: words, then a link", "Pop in before 3: fernandfog.example", False),
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
        ("person", "Who speaks: I or we", "we", False),
        ("exclamation_marks", "Exclamation marks: none", "none", False),
        ("greeting", "Email greeting", "Hello neighbours,", False),
        ("closing", "Email sign-off", "See you soon,", False),
    ),
}
# What has no place in a modal, which holds five.
_OTHERS: tuple[Field, ...] = (
    ("locale", "Your language and country, such as en-GB", "en-GB", False),
    ("notes", "Other wishes, one per line", "name the street", True),
)
# Fields whose values are some of ours.
CHOICES = ("preferred_length", "emoji", "formality", "person", "exclamation_marks")
FIELDS: dict[str, Field] = {
    field[0]: field for field in (*(one for fields in SECTIONS.values() for one in fields), *_OTHERS)
}
# What was learnt at once is told by so many lines; with more a result would have no room.
_MAX_LEARNT = 3
# Checks that failed are told by so many lines.
_MAX_MISSED = 9
# Sources of what was learnt: what one is called, and what several are.
_SOURCES = {
    "vote": ("vote", "votes"),
    "wish": ("wish", "wishes"),
    "variant": ("choice", "choices"),
    "edit": ("edit", "edits"),
}
# What each call of a model did.
_CALLED = {
    "text": "one call wrote it",
    "revision": "one corrected what the checks found",
    "parts": "one extracted its parts for files",
    "key": "one worked out the answers a second time",
}
_HOW = {"told": "you told me", "chosen": "you chose it", "learnt": "I learnt it"}


def label(name: str, locale: str) -> str:
    """What a field is called in a line: its label without the hint about its form."""
    shown = FIELDS[name][1] if name in FIELDS else name.replace("_", " ").capitalize()
    return translate(shown, locale).split(":")[0].split(",")[0].strip()


def value_in_words(value: Any, field: str = "", locale: str = "en") -> str:
    """A value as a person reads it, in one line; "–" for an empty one. Those of fields with a choice are words of ours."""
    if field in CHOICES:
        return translate(str(value), locale) if value else "–"
    if isinstance(value, Mapping):
        return ": ".join(str(part) for part in value.values() if part) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value) if value else "–"


def place_in_words(scope: str, locale: str, brands: Mapping[str, str] = MappingProxyType({})) -> str:
    """Where an entry holds; `brands` are the names of brands by their scopes."""
    if scope in brands:
        return f"{translate('for the brand', locale)} {plain(brands[scope])}"
    kind = scope.partition(":")[0]
    words = {"guild": "in this server", "channel": "in this channel", "brand": "for this brand"}
    return translate(words.get(kind, "everywhere"), locale) if scope != ME else translate("everywhere", locale)


def origin_in_words(origin: str, evidence: str, locale: str) -> str:
    """Where an entry comes from: "I learnt it (2 votes)"."""
    how = translate(_HOW.get(origin, "you told me"), locale)
    if origin != "learnt" or not evidence:
        return how
    sources = [ref.partition(":")[0].replace("contrast", "vote") for ref in evidence.split()]
    counts = {name: sources.count(name) for name in _SOURCES if name in sources}
    counted = [f"{count} {translate_plural(count, *_SOURCES[name], locale)}" for name, count in counts.items()]
    return f"{how} ({', '.join(counted)})"


def day(moment: datetime | str) -> str:
    """A moment as a day that Discord shows in the reader's own form."""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"<t:{int(when.timestamp())}:d>"


def learnt_line(entry: Entry, locale: str) -> str:
    """What was learnt, in one line."""
    shown = entry.value[-1] if isinstance(entry.value, list) and entry.value else entry.value
    return f"💡 {translate('Learnt', locale)}: {label(entry.field, locale)} → {plain(value_in_words(shown, entry.field, locale))}"


def undo_button(entry: Entry, locale: str) -> discord.ui.Button[discord.ui.LayoutView]:
    """Takes an entry back."""
    return discord.ui.Button(label=translate("Undo", locale), emoji="↩️", custom_id=f"quill:undo:{entry.id}")


def learnt_note(
    entries: Sequence[Entry], generation_id: str, locale: str
) -> list[discord.ui.Item[discord.ui.LayoutView]]:
    """Where others read along: that something was learnt, and a button that tells what to the person whose result it is."""
    if not entries:
        return []
    see: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
        label=translate("See", locale), emoji="💡", custom_id=f"quill:learnt:{generation_id}"
    )
    said = translate("I learnt something from this.", locale)
    return [discord.ui.Section(discord.ui.TextDisplay(f"-# {said}"), accessory=see)]


def learnt_items(entries: Sequence[Entry], locale: str) -> list[discord.ui.Item[discord.ui.LayoutView]]:
    """A line with its button for each entry that was learnt; of many for the first, with where the others are."""
    items: list[discord.ui.Item[discord.ui.LayoutView]] = [
        discord.ui.Section(
            discord.ui.TextDisplay(f"-# {learnt_line(entry, locale)}"), accessory=undo_button(entry, locale)
        )
        for entry in entries[:_MAX_LEARNT]
    ]
    if more := len(entries[_MAX_LEARNT:]):
        said = translate("And {count} more; see /profile history.", locale)
        items.append(discord.ui.TextDisplay(f"-# {said.format(count=more)}"))
    return items


def why_text(shaped: Mapping[str, Any], locale: str, checks: Sequence[Check] = (), seconds: float | None = None) -> str:
    """What shaped a result, the strongest first, as a page; which of its checks failed, with who wants it so; and who wrote it."""
    lines = [f"### {translate('What shaped this', locale)}"]
    if shaped.get("changed"):
        lines.append(f"**{translate('What changed', locale)}**\n{changed_in_words(shaped['changed'])}")
    if shaped.get("understood"):
        read = [plain(in_words(phrase, locale)) for phrase in statements(Reading.model_validate(shaped["understood"]))]
        lines += [f"**{translate('Understood', locale)}**\n{' · '.join(read)}"] if read else []
    if shaped.get("unchecked"):
        things = " · ".join(plain(in_words(Phrase.from_json(one), locale)) for one in shaped["unchecked"])
        lines.append(f"-# {translate('not checked: {things}', locale).format(things=things)}")
    if shaped.get("to_check"):
        lines.append(f"**{translate('To check', locale)}**\n{plain(shaped['to_check'])}")
    if shaped.get("calls"):
        took = ", ".join(translate(_CALLED[name], locale) for name in shaped["calls"] if name in _CALLED)
        spent = in_words(Phrase("{seconds:.1f} s", seconds=seconds), locale) if seconds is not None else ""
        small = " · ".join(filter(None, (took, spent)))
        lines.append(f"**{translate('Written by', locale)}**: {plain(shaped.get('engine', ''))}\n-# {small}")
    if missed := failed(checks):
        found = "\n".join(
            f"- {plain(in_words(one, locale))}\n-# {plain(in_words(by, locale))}" for one, by in missed[:_MAX_MISSED]
        )
        lines.append(f"**{translate('Not as requested', locale)}**\n{found}")
    if shaped.get("faults"):
        wrong = [translate(REASONS["down"][name][0], locale) for name in shaped["faults"] if name in REASONS["down"]]
        lines.append(f"**{translate('What was wrong with the previous one', locale)}**\n{' · '.join(wrong)}")
    said = [label(name, locale) for name in shaped.get("said", ())]
    said += [f"“{plain(note)}”" for note in shaped.get("notes", ())]
    if said:
        lines.append(f"**{translate('From this request', locale)}**\n{', '.join(said)}")
    brands = shaped.get("brands", {})
    entries = sorted(shaped.get("entries", ()), key=lambda entry: _STRENGTH.get(entry["scope"].partition(":")[0], 9))
    for entry in entries:
        source = origin_in_words(entry["origin"], entry["evidence"], locale)
        place = place_in_words(entry["scope"], locale, brands)
        value = plain(value_in_words(entry["value"], entry["field"], locale))
        lines.append(f"**{label(entry['field'], locale)}**: {value}\n-# {source} · {place} · {day(entry['at'])}")
    for one in shaped.get("usual", ()):
        value = translate(NAMES.get(one["value"], one["value"]), locale)
        lines.append(f"**{label(one['field'], locale)}**: {plain(value)}\n-# {_set_for(one['by'], locale)}")
    if shaped.get("of_channel"):
        kind = translate(shaped["of_channel"], locale)
        lines.append(f"**{translate('Kind', locale)}**: {kind}\n-# {translate('what this channel is for', locale)}")
    persona = shaped.get("persona")
    if persona and persona["by"] in ("request", "me", "channel", "guild"):
        by = {
            "request": "chosen for this",
            "me": "chosen by you",
            "channel": "set for this channel",
            "guild": "set for this server",
        }[persona["by"]]
        lines.append(
            f"**{translate('Persona', locale)}**: {plain(translate(persona['name'], locale))}\n-# {translate(by, locale)}"
        )
    if shaped.get("brand"):
        by_place = shaped.get("brand_by", "me")
        small = f"\n-# {_set_for(by_place, locale)}" if by_place != "me" else ""
        lines.append(f"**{translate('Brands', locale)}**: {plain(shaped['brand'])}{small}")
    if shaped.get("sources"):
        lines.append(f"**{translate('Documents', locale)}**: {plain(' · '.join(shaped['sources']))}")
    if shaped.get("consulted"):
        lines.append(f"**{translate('Consulted', locale)}**: {plain(' · '.join(shaped['consulted']))}")
    if shaped.get("examples"):
        briefs = "\n".join(f"- {plain(one['brief'])}" for one in shaped["examples"])
        lines.append(f"**{translate('Similar to these, which you liked', locale)}**\n{briefs}")
    if shaped.get("avoid"):
        notes = "\n".join(f"- {plain(note)}" for note in shaped["avoid"])
        lines.append(f"**{translate('Different from these', locale)}**\n{notes}")
    return "\n".join(lines)


def _set_for(by: str, locale: str) -> str:
    """For what something was set that nobody who asked had chosen."""
    return translate("set for this channel" if by == "channel" else "set for this server", locale)


# How what went and what came is marked.
_MARKS = {"out": "~~", "in": "**"}


def changed_in_words(changed: Sequence[Sequence[str]]) -> str:
    """What became other between two versions: what went struck through, what came bold."""
    return "".join("\n…\n" if tag == "gap" else _marked(text, _MARKS.get(tag, "")) for tag, text in changed).strip()


def _marked(text: str, mark: str) -> str:
    """A text between marks, each line by itself, with the gaps at its ends outside of them."""
    lines = []
    for line in text.split("\n"):
        inner = line.strip()
        before, _, after = line.partition(inner) if inner else (line, "", "")
        lines.append(f"{before}{mark}{plain(inner)}{mark}{after}" if inner else line)
    return "\n".join(lines)


_STRENGTH = {"channel": 0, "guild": 1, "brand": 2, "me": 3}


# Characters of a person's text that are shown: a view of Discord's takes 4,000.
MAX_SHOWN = 4_000
_OPENED = re.compile("(?=<)")


def plain(text: str) -> str:
    """A text of a person's that pings nobody and formats nothing, with its links in full view."""
    # A piece at a time: of several links under other words in a line, discord.py escapes one, and from each of many "<" on it
    # looks for the end of a link.
    pieces = ("".join(map(discord.utils.escape_markdown, _OPENED.split(one))) for one in text[:MAX_SHOWN].split("["))
    return discord.utils.escape_mentions("\\[".join(pieces))


def as_file(held: Known) -> bytes:
    """What holds, the profile's fields and then habits, as the JSON that can be imported again."""
    habits = Habits.parse({name: entry.value for name, entry in held.sources.items()})
    fields = {**held.profile.model_dump(mode="json"), **habits.model_dump(mode="json")}
    return (json.dumps(fields, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
