"""What shaped a result, in words: the page behind "Why?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.briefs import Reading
from bot.checks import Check
from bot.checks.language import NAMES
from bot.errors import Phrase
from bot.generation.findings import list_failures
from bot.generation.reading_phrases import describe_reading
from bot.generation.tastes import REASONS
from bot.locales import localize, translate

from .ledger import day, format_origin, format_place, format_value, label, plain

# The most failed checks listed.
_MAX_FAILED_CHECKS = 9
# Descriptions of model calls.
_CALL_LABELS = {
    "text": "one call wrote it",
    "revision": "one corrected what the checks found",
    "parts": "one extracted its parts for files",
    "key": "one worked out the answers a second time",
}
_PERSONA_LABELS = {
    "request": "chosen for this",
    "me": "chosen by you",
    "channel": "set for this channel",
    "guild": "set for this server",
}
# The order of entries by the place that they hold in, the strongest first.
_STRENGTH = {"channel": 0, "guild": 1, "brand": 2, "me": 3}
# Markup of removed and added text.
_MARKS = {"out": "~~", "in": "**"}


def format_reasons(
    why: Mapping[str, Any], locale: str, checks: Sequence[Check] = (), seconds: float | None = None
) -> str:
    """Format what shaped a result as a page: how its brief was read and written, what failed, and what it follows.

    `why` is that of the result's row, `checks` are its measurements and `seconds` how long its writer took.
    """
    lines = [
        f"### {translate('What shaped this', locale)}",
        *_list_readings(why, locale),
        *_list_calls(why, seconds, locale),
        *_list_faults(why, checks, locale),
        *_list_wishes(why, locale),
        *_list_entries(why, locale),
        *_list_defaults(why, locale),
        *_list_sources(why, locale),
        *_list_examples(why, locale),
    ]
    return "\n".join(lines)


def _list_readings(why: Mapping[str, Any], locale: str) -> list[str]:
    """List what was changed, what was understood of the brief, and what of it was not measured."""
    lines = []
    if why.get("changed"):
        lines.append(f"**{translate('What changed', locale)}**\n{format_changes(why['changed'])}")
    if why.get("understood"):
        phrases = describe_reading(Reading.model_validate(why["understood"]))
        read = " · ".join(plain(localize(phrase, locale)) for phrase in phrases)
        lines += [f"**{translate('How I read your request', locale)}**\n{read}"] if read else []
    if why.get("unchecked"):
        things = " · ".join(plain(localize(Phrase.from_json(one), locale)) for one in why["unchecked"])
        lines.append(f"-# {translate('not checked: {things}', locale).format(things=things)}")
    if why.get("to_check"):
        lines.append(f"**{translate('To check', locale)}**\n{plain(why['to_check'])}")
    return lines


def to_check_line(note: str, locale: str) -> str:
    """Return the line with the writer's caveat below a text."""
    return localize(Phrase("To check: {note}", note=plain(note)), locale)


def _list_calls(why: Mapping[str, Any], seconds: float | None, locale: str) -> list[str]:
    """List who wrote it, in which calls and how long."""
    if not why.get("calls"):
        return []
    calls = ", ".join(translate(_CALL_LABELS[name], locale) for name in why["calls"] if name in _CALL_LABELS)
    duration = localize(Phrase("{seconds:.1f} s", seconds=seconds), locale) if seconds is not None else ""
    small = " · ".join(filter(None, (calls, duration)))
    return [f"**{translate('Written by', locale)}**: {plain(why.get('engine', ''))}\n-# {small}"]


def _list_faults(why: Mapping[str, Any], checks: Sequence[Check], locale: str) -> list[str]:
    """List what does not meet the brief, and what its reader found wrong with the version before."""
    lines = []
    if failures := list_failures(checks):
        failed = "\n".join(
            f"- {plain(localize(one, locale))}\n-# {plain(localize(by, locale))}"
            for one, by in failures[:_MAX_FAILED_CHECKS]
        )
        lines.append(f"**{translate('Not as requested', locale)}**\n{failed}")
    if why.get("faults"):
        wrong = [translate(REASONS["down"][name][0], locale) for name in why["faults"] if name in REASONS["down"]]
        lines.append(f"**{translate('What was wrong with the previous one', locale)}**\n{' · '.join(wrong)}")
    return lines


def _list_wishes(why: Mapping[str, Any], locale: str) -> list[str]:
    """List what the request itself asked for."""
    wishes = [label(name, locale) for name in why.get("said", ())]
    wishes += [f"“{plain(note)}”" for note in why.get("notes", ())]
    return [f"**{translate('From this request', locale)}**\n{', '.join(wishes)}"] if wishes else []


def _list_entries(why: Mapping[str, Any], locale: str) -> list[str]:
    """List the entries of the ledger it follows, strongest first."""
    brands, lines = why.get("brands", {}), []
    for entry in sorted(why.get("entries", ()), key=lambda one: _STRENGTH.get(one["scope"].partition(":")[0], 9)):
        source = format_origin(entry["origin"], entry["evidence"], locale)
        place = format_place(entry["scope"], locale, brands)
        value = plain(format_value(entry["value"], entry["field"], locale))
        lines.append(f"**{label(entry['field'], locale)}**: {value}\n-# {source} · {place} · {day(entry['at'])}")
    return lines


def _list_defaults(why: Mapping[str, Any], locale: str) -> list[str]:
    """List what was set for the place or chosen beforehand: fields, the kind, the persona and the brand."""
    lines = []
    for one in why.get("usual", ()):
        value = translate(NAMES.get(one["value"], one["value"]), locale)
        lines.append(f"**{label(one['field'], locale)}**: {plain(value)}\n-# {_format_setting(one['by'], locale)}")
    if why.get("of_channel"):
        kind = translate(why["of_channel"], locale)
        lines.append(f"**{translate('Kind', locale)}**: {kind}\n-# {translate('what this channel is for', locale)}")
    persona = why.get("persona")
    if persona and persona["by"] in _PERSONA_LABELS:
        name, by = translate(persona["name"], locale), translate(_PERSONA_LABELS[persona["by"]], locale)
        lines.append(f"**{translate('Persona', locale)}**: {plain(name)}\n-# {by}")
    if why.get("brand"):
        by_place = why.get("brand_by", "me")
        small = f"\n-# {_format_setting(by_place, locale)}" if by_place != "me" else ""
        lines.append(f"**{translate('Brands', locale)}**: {plain(why['brand'])}{small}")
    return lines


def _list_sources(why: Mapping[str, Any], locale: str) -> list[str]:
    """List the documents it cites, and those only consulted."""
    lines = []
    if why.get("sources"):
        lines.append(f"**{translate('Documents', locale)}**: {plain(' · '.join(why['sources']))}")
    if why.get("consulted"):
        lines.append(f"**{translate('Also read', locale)}**: {plain(' · '.join(why['consulted']))}")
    return lines


def _list_examples(why: Mapping[str, Any], locale: str) -> list[str]:
    """List the earlier texts that it resembles or avoids."""
    lines = []
    if why.get("examples"):
        briefs = "\n".join(f"- {plain(one['brief'])}" for one in why["examples"])
        lines.append(f"**{translate('Similar to these, which you liked', locale)}**\n{briefs}")
    if why.get("avoid"):
        notes = "\n".join(f"- {plain(note)}" for note in why["avoid"])
        lines.append(f"**{translate('Different from these', locale)}**\n{notes}")
    return lines


def _format_setting(by: str, locale: str) -> str:
    """Say for which place a default was set."""
    return translate("set for this channel" if by == "channel" else "set for this server", locale)


def format_changes(changed: Sequence[Sequence[str]]) -> str:
    """Format the changes between two versions: removed text struck through, added text bold."""
    return "".join("\n…\n" if tag == "gap" else _add_markup(text, _MARKS.get(tag, "")) for tag, text in changed).strip()


def _add_markup(text: str, mark: str) -> str:
    """Put markup around each line of a text, outside of its spaces."""
    lines = []
    for line in text.split("\n"):
        inner = line.strip()
        before, _, after = line.partition(inner) if inner else (line, "", "")
        lines.append(f"{before}{mark}{plain(inner)}{mark}{after}" if inner else line)
    return "\n".join(lines)
