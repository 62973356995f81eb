"""Time zones as users write them after a time: "9am Berlin", "14:00 CET", "9:00 UTC+2". No I/O."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale
from babel.core import get_global

from bot.checks.terms import normalise

# Unambiguous abbreviations; CST and IST, for example, have several meanings.
_ABBREVIATIONS = {
    "utc": "UTC",
    "gmt": "UTC",
    "z": "UTC",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "wet": "Europe/Lisbon",
    "west": "Europe/Lisbon",
    "eet": "Europe/Helsinki",
    "eest": "Europe/Helsinki",
    "bst": "Europe/London",
    "msk": "Europe/Moscow",
    "est": "America/New_York",
    "edt": "America/New_York",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "brt": "America/Sao_Paulo",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "aest": "Australia/Sydney",
    "aedt": "Australia/Sydney",
}
# Zones that are not found by their city: their names are also holidays, or no cities.
_EXCLUDED_PREFIXES = ("Indian/Christmas", "Pacific/Easter", "Etc/", "Antarctica/")
_LANGUAGES = ("en", "de", "es", "fr", "pt")
_MAX_PLACE_WORDS = 4
_OFFSET = re.compile(r"(?<!\w)(?:utc|gmt)\s?([+-])\s?(\d{1,2})(?::?00)?(?!\w)")
_FILLER = re.compile(
    r"(?<!\w)(?:in|time|zeit|ortszeit|hora de|hora d[eo]|hora|heure de|à l.heure de|horário de)\s*$|^\s*(?:time|zeit|ortszeit)(?!\w)"
)
_WORD = re.compile(r"[^\s()]+")


def extract_zone(text: str) -> tuple[str, str]:
    """Return the zone named in a text about a time, empty if there is none, and the text without it."""
    if offset := _OFFSET.search(text):
        hours = int(offset[2]) * (1 if offset[1] == "+" else -1)
        if -12 <= hours <= 14:
            # The signs of these names are inverted (see tzdata, file etcetera).
            zone = f"Etc/GMT{-hours:+d}" if hours else "UTC"
            return zone, _join_around(text[: offset.start()], text[offset.end() :])
    words = list(_WORD.finditer(text))
    for count in range(min(_MAX_PLACE_WORDS, len(words)), 0, -1):
        for index in range(len(words) - count, -1, -1):
            start, end = words[index].start(), words[index + count - 1].end()
            if zone := find_zone(text[start:end]):
                return zone, _join_around(text[:start], text[end:])
    return "", text


def find_zone(name: str) -> str:
    """Return the zone with a tz database name, an abbreviation, or a city in any of the bot's languages; empty if unknown."""
    normalised_name = normalise(name).strip(" .,()")
    return _ABBREVIATIONS.get(normalised_name) or _load_zones().get(normalised_name, "")


def _join_around(before: str, after: str) -> str:
    return f"{_FILLER.sub('', before.strip(' ('))} {_FILLER.sub('', after.strip(' )'))}".strip()


@cache
def _load_zones() -> dict[str, str]:
    """Return the zones by normalised names and cities."""
    zone_names = sorted(get_global("zone_territories"))
    zones = [zone for zone in zone_names if "/" in zone and not zone.startswith(_EXCLUDED_PREFIXES)]
    by_city = {normalise(zone.rpartition("/")[2].replace("_", " ")): zone for zone in zones}
    for language in _LANGUAGES:
        for zone, names in Locale(language).time_zones.items():
            if zone in zones and (city := names.get("city")):
                by_city.setdefault(normalise(city), zone)
    return {**by_city, **{normalise(zone): zone for zone in zones}}
