"""Times of day in words: "half past eight", "Viertel nach acht", "las ocho y media". Pure; five languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .amounts import SMALL

# Characters of a text that are read for times.
MOST_READ = 6_000
# How each language calls one o'clock, which is no number among others.
_ONE = {"en": "one", "de": "eins|ein", "fr": "une", "es": "una", "pt": "uma"}
# What stands before an hour that is full; elsewhere a small number in words counts something.
_FULL = (
    r"(?:at|from|until|till|by|before|after|um|ab|bis|gegen|vor|nach|à|dès|vers|jusqu['’]à|a las?|desde las?|hasta las?|de las?|às?"
    r"|das?|até as|até às)"
)
_NOON = r"noon|midday|mittags?|midi|mediodía|meio-dia"
_MIDNIGHT = r"midnight|mitternachts?|minuit|medianoche|meia-noite"
# What stands behind these two where it is no full hour.
_PAST = {15: r"et quart|y cuarto|e quinze", 30: r"et demie?|y media|e meia"}
# By minutes, with {hour} and {next} for the hour and the one that comes.
_SAID = {
    0: rf"{_FULL} (?:{{hour}})",
    15: r"quarter past (?:{hour})|(?:{hour}) fifteen|viertel nach (?:{hour})|viertel (?:{next})|(?:{hour}) ?h(?:eures?)? et quart"
    r"|(?:{hour})(?: horas)? y cuarto|(?:{hour})(?: horas)? e (?:quinze|um quarto)",
    30: r"half past (?:{hour})|half (?:{hour})|(?:{hour}) thirty|halb (?:{next})|(?:{hour}) ?h(?:eures?)? et demie?"
    r"|(?:{hour})(?: horas)? y media|(?:{hour}) ?h?(?:oras)? e meia",
    **{
        minutes: rf"{past} (?:minutes? )?past (?:{{hour}})|{nach} (?:minuten )?nach (?:{{hour}})|(?:{{hour}}) ?h(?:eures?)? {apres}"
        rf"|(?:{{hour}})(?: horas)? y {y}|(?:{{hour}})(?: horas)? e {e}"
        for minutes, past, nach, apres, y, e in (
            (5, "five", "fünf", "cinq", "cinco", "cinco"),
            (10, "ten", "zehn", "dix", "diez", "dez"),
            (20, "twenty", "zwanzig", "vingt", "veinte", "vinte"),
        )
    },
    **{
        60
        - minutes: rf"{to} (?:minutes? )?to (?:{{next}})|{vor} (?:minuten )?vor (?:{{next}})|(?:{{next}}) ?h(?:eures?)? moins {moins}"
        rf"|(?:{{next}})(?: horas)? menos {menos}|{para} para (?:as?|a) (?:{{next}})"
        for minutes, to, vor, moins, menos, para in (
            (5, "five", "fünf", "cinq", "cinco", "cinco"),
            (10, "ten", "zehn", "dix", "diez", "dez"),
            (20, "twenty", "zwanzig", "vingt", "veinte", "vinte"),
        )
    },
    45: r"quarter to (?:{next})|(?:{hour}) forty[- ]five|viertel vor (?:{next})|dreiviertel (?:{next})"
    r"|(?:{next}) ?h(?:eures?)? moins (?:le )?quart|(?:{next})(?: horas)? menos cuarto|(?:um quarto|quinze) para (?:as?|a) (?:{next})",
}


def says_clock(text: str, hour: int, minute: int) -> bool:
    """Whether a text says a time of day in words, by a clock of 12 or 24 hours.

    In quarters, or five, ten or twenty minutes before or after the hour; other minutes are said in no way.
    """
    pattern = _pattern(hour % 24, minute)
    return pattern is not None and pattern.search(text[:MOST_READ]) is not None


@lru_cache(maxsize=256)
def _pattern(hour: int, minute: int) -> re.Pattern[str] | None:
    if minute not in _SAID:
        return None
    # Of a full hour digits alone say nothing: "from 3 September".
    now, after = ("|".join(dict.fromkeys(_names(one, digits=minute > 0))) for one in (hour, (hour + 1) % 24))
    said = _SAID[minute].format(hour=now, next=after)
    if (named := {0: _MIDNIGHT, 12: _NOON}.get(hour, "")) and minute in (0, *_PAST):
        said += rf"|(?:{named})" + (rf" (?:{_PAST[minute]})" if minute else "")
    return re.compile(rf"(?<!\w)(?:{said})(?!\w)", re.IGNORECASE)


def _names(hour: int, *, digits: bool) -> Iterator[str]:
    """What an hour is called: in digits, and in the words of each language."""
    yield from (str(one) for one in (hour, hour % 12, hour % 12 + 12) if digits)
    for language, words in SMALL.items():
        yield from (word for word, value in words.items() if value in (hour, hour % 12 or 12))
        if hour % 12 == 1:
            yield _ONE[language]
