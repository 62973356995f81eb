"""Which key and metre a brief names, in English, German, French, Spanish, Portuguese and Italian. Pure."""

from __future__ import annotations

import re

from bot.kinds import _theory as theory

# Characters of a brief that are read.
_MOST_READ = 4_000
_MAJOR = "major|maj|dur|majeur|mayor|maior|maggiore"
_MINOR = "minor|min|moll|mineur|menor|minore"
# Notes by their letter, by their German names and by their syllables, with what raises or lowers them.
_SIGNS = {
    "": "", "flat": "b", "b": "b", "♭": "b", "sharp": "#", "#": "#", "♯": "#", "bémol": "b", "bemol": "b", "bemolle": "b", "dièse": "#",
    "diese": "#", "sostenido": "#", "sustenido": "#", "diesis": "#",
}  # fmt: skip
_GERMAN = {
    "c": "C", "cis": "C#", "des": "Db", "d": "D", "dis": "D#", "es": "Eb", "e": "E", "f": "F", "fis": "F#", "ges": "Gb", "g": "G",
    "gis": "G#", "as": "Ab", "a": "A", "ais": "A#", "b": "Bb", "h": "B",
}  # fmt: skip
_SYLLABLES = {
    "do": "C", "dó": "C", "ut": "C", "re": "D", "ré": "D", "mi": "E", "fa": "F", "fá": "F", "sol": "G", "la": "A", "lá": "A", "si": "B",
}  # fmt: skip
_SIGN = rf"(?P<sign>[ -]?(?:{'|'.join(sorted(filter(None, _SIGNS), key=len, reverse=True))})(?!\w))?"
_LETTER = rf"(?P<letter>[A-Ga-g]){_SIGN.replace('[ -]?', '(?:[ -]?(?=[fs♭♯#])|(?<=[A-G]))')}"
_SYLLABLE = (
    rf"(?P<syllable>{'|'.join(sorted(_SYLLABLES, key=len, reverse=True))}){_SIGN.replace('?P<sign>', '?P<raised>')}"
)
_MODE = rf"(?P<mode>{_MAJOR}|{_MINOR})(?!\w)(?! key)"
_IN = r"(?<!\w)(?:(?:in|en|em)(?: the)?(?: key of)?|key(?: of|:)?|tonart|tonalité d[eu]|tonalidad de|tonalidade de)\s"
_ENDS = r"(?=\s*(?:[.,;:!?()\n]|$)|\s(?:with|and|for|mit|und|für|avec|et|pour|con|y|para|com|e)\s|\s\d)"
_WITH_MODE = (
    re.compile(
        rf"(?<![\w/])(?P<german>{'|'.join(sorted(_GERMAN, key=len, reverse=True))})[ -](?P<mode>dur|moll)(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<![\w/]){_LETTER}[ -]{_MODE}", re.IGNORECASE),
    re.compile(rf"(?<![\w/]){_SYLLABLE} {_MODE}", re.IGNORECASE),
)
_ALONE = (
    re.compile(rf"{_IN}(?P<letter>[A-G])(?P<sign>[b#♭♯]?)(?P<mode>m?)(?!\w)"),
    re.compile(rf"{_IN}{_LETTER}{_ENDS}", re.IGNORECASE),
    re.compile(rf"{_IN}{_SYLLABLE}{_ENDS}", re.IGNORECASE),
)
_SAME = {
    "D#m": "Ebm", "A#m": "Bbm", "Abm": "G#m", "Dbm": "C#m", "Gbm": "F#m", "C#": "Db", "Cb": "B", "G#": "Ab", "D#": "Eb", "A#": "Bb",
    "E#": "F", "B#": "C", "Fb": "E",
}  # fmt: skip
# Where a song is to be moved, the key that it goes to comes last.
_MOVED = re.compile(r"(?<!\w)(?:transpos|transponier)", re.IGNORECASE)
_METRE = re.compile(rf"(?<![\d/])(?:{'|'.join(map(re.escape, theory.METRES))})(?![\d/])")
_DANCES = {
    "3/4": re.compile(
        r"(?<!\w)(?:waltz(?:es)?|walzer|valses?|vals|valsas?|valzer|minuets?|menuette?|three[- ]four)(?!\w)",
        re.IGNORECASE,
    ),
    "6/8": re.compile(r"(?<!\w)(?:jigs?|gigues?|six[- ]eight|tarantellas?)(?!\w)", re.IGNORECASE),
}


def key_asked(brief: str) -> str:
    """The key that a brief names, the first of several, by its name here ("F#m"); empty where it names none."""
    text = brief[:_MOST_READ]
    for patterns in (_WITH_MODE, _ALONE):
        found = [
            (one.start(), -len(one.group()), name)
            for each in patterns
            for one in each.finditer(text)
            if (name := _key(one))
        ]
        if found:
            first = min(found, key=lambda one: one[:2])
            return (max(found, key=lambda one: (one[0], -one[1])) if _MOVED.search(text) else first)[2]
    return ""


def _key(found: re.Match[str]) -> str:
    """The name of the key that was found; empty where it is one that nothing is written in."""
    told = {name: value or "" for name, value in found.groupdict().items()}
    if german := told.get("german"):
        note = _GERMAN[german.casefold()]
    else:
        letter, syllable = told.get("letter", ""), told.get("syllable", "")
        sign = (told.get("sign", "") or told.get("raised", "")).strip(" -").casefold()
        note = (_SYLLABLES[syllable.casefold()] if syllable else letter.upper()) + _SIGNS.get(sign, "")
    mode = told.get("mode", "").casefold()
    name = f"{note}m" if mode == "m" or re.fullmatch(_MINOR, mode) else note
    name = _SAME.get(name, name)
    return name if name in theory.KEYS else ""


def metre_asked(brief: str) -> str:
    """The metre that a brief names, itself or by a dance; empty where it names none."""
    text = brief[:_MOST_READ]
    if found := _METRE.search(text):
        return found.group()
    return next((metre for metre, words in _DANCES.items() if words.search(text)), "")
