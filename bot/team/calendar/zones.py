"""Time zones as people write them behind a time: "9am Berlin", "14:00 CET", "9:00 UTC+2". Pure."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale
from babel.core import get_global

from bot.checks.terms import normalise

# Abbreviations that mean one zone; such as CST and IST, which mean several, are left out.
_SHORT = {
    "utc": "UTC", "gmt": "UTC", "z": "UTC", "cet": "Europe/Berlin", "cest": "Europe/Berlin", "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin", "wet": "Europe/Lisbon", "west": "Europe/Lisbon", "eet": "Europe/Helsinki", "eest": "Europe/Helsinki",
    "bst": "Europe/London", "msk": "Europe/Moscow", "est": "America/New_York", "edt": "America/New_York",
    "mst": "America/Denver", "mdt": "America/Denver", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
    "brt": "America/Sao_Paulo", "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
}  # fmt: skip
# Places that are days too.
_NOT_PLACES = ("Indian/Christmas", "Pacific/Easter", "Etc/", "Antarctica/")
_LANGUAGES = ("en", "de", "es", "fr", "pt")
_MAX_WORDS = 4
_OFFSET = re.compile(r"(?<!\w)(?:utc|gmt)\s?([+-])\s?(\d{1,2})(?::?00)?(?!\w)")
_FILLER = re.compile(
    r"(?<!\w)(?:in|time|zeit|ortszeit|hora de|hora d[eo]|hora|heure de|à l.heure de|horário de)\s*$|^\s*(?:time|zeit|ortszeit)(?!\w)"
)
_WORD = re.compile(r"[^\s()]+")


def zone_in(text: str) -> tuple[str, str]:
    """The zone that a time names, and the time without it; an empty zone where it names none."""
    if offset := _OFFSET.search(text):
        hours = int(offset[2]) * (1 if offset[1] == "+" else -1)
        if -12 <= hours <= 14:
            # The signs of these names are the other way round (tzdata, file etcetera).
            zone = f"Etc/GMT{-hours:+d}" if hours else "UTC"
            return zone, _joined(text[: offset.start()], text[offset.end() :])
    words = list(_WORD.finditer(text))
    for count in range(min(_MAX_WORDS, len(words)), 0, -1):
        for at in range(len(words) - count, -1, -1):
            start, end = words[at].start(), words[at + count - 1].end()
            if zone := zone_named(text[start:end]):
                return zone, _joined(text[:start], text[end:])
    return "", text


def zone_named(name: str) -> str:
    """The zone of a name in the time zone database, an abbreviation or a city, in any of the bot's languages; else empty."""
    plain = normalise(name).strip(" .,()")
    return _SHORT.get(plain) or _places().get(plain, "")


def _joined(before: str, after: str) -> str:
    return f"{_FILLER.sub('', before.strip(' ('))} {_FILLER.sub('', after.strip(' )'))}".strip()


@cache
def _places() -> dict[str, str]:
    """Zones by their names and by the cities that they are named for."""
    known = sorted(get_global("zone_territories"))
    zones = [zone for zone in known if "/" in zone and not zone.startswith(_NOT_PLACES)]
    found = {normalise(zone.rpartition("/")[2].replace("_", " ")): zone for zone in zones}
    for language in _LANGUAGES:
        for zone, named in Locale(language).time_zones.items():
            if zone in zones and (city := named.get("city")):
                found.setdefault(normalise(city), zone)
    return {**found, **{normalise(zone): zone for zone in zones}}
