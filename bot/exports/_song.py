"""A lead sheet's bars, as music formats read them. Lengths are whole numbers of sixteenths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.composition.theory import Key, parse_key
from bot.content import Content

from ._parts import get_entries

# Lengths that a single note can have, longest first: a whole note, a dotted half, and so on to a sixteenth.
NOTE_LENGTHS = {
    16: ("whole", 0),
    12: ("half", 1),
    8: ("half", 0),
    6: ("quarter", 1),
    4: ("quarter", 0),
    3: ("eighth", 1),
    2: ("eighth", 0),
    1: ("16th", 0),
}


@dataclass(frozen=True, slots=True)
class SongBar:
    """A bar's chords with their starts and lengths, and its notes with their lengths; "" is a rest.

    `words` has a syllable for each note, ending in "-" if its word continues, "" for none.
    """

    chords: tuple[tuple[str, int, int], ...]
    notes: tuple[tuple[str, int], ...]
    section: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadSheetSong:
    """A lead sheet."""

    title: str
    style: str
    key: Key
    metre: tuple[int, int]
    bpm: int
    bars: tuple[SongBar, ...]

    @property
    def bar_length(self) -> int:
        """The number of sixteenths in a bar."""
        return 16 * self.metre[0] // self.metre[1]

    @property
    def is_compound(self) -> bool:
        """Whether three eighths make a beat, as in 6/8."""
        return self.metre[1] == 8


def parse_song(title: str, content: Content) -> LeadSheetSong | None:
    """Return the lead sheet of a content; None if it is not one."""
    sections = get_entries(content, "song")
    if not sections or not any(section.get("bars") for section in sections):
        return None
    parts = content.parts
    beats, unit = (int(one) for one in str(parts["metre"]).split("/"))
    bars = tuple(bar for section in sections for bar in _parse_bars(section))
    name = " ".join(str(parts.get("title") or title).split())
    return LeadSheetSong(
        name, str(parts.get("style", "")), parse_key(parts["key"]), (beats, unit), int(parts["bpm"]), bars
    )


def _parse_bars(section: dict[str, Any]) -> Iterator[SongBar]:
    for number, bar in enumerate(section["bars"]):
        chords, at = list[tuple[str, int, int]](), 0
        for one in bar["chords"]:
            length = round(4 * one["length"])
            chords.append((str(one["symbol"]), at, length))
            at += length
        notes = tuple((str(note["pitch"]), round(4 * note["length"])) for note in bar["notes"])
        words = tuple(" ".join(str(note.get("word") or "").split()) for note in bar["notes"])
        yield SongBar(tuple(chords), notes, "" if number else " ".join(str(section["name"]).split()), words)


def split_length(length: int) -> list[int]:
    """Return a length as the lengths of notes tied together."""
    found = list[int]()
    while length:
        found.append(next(one for one in NOTE_LENGTHS if one <= length))
        length -= found[-1]
    return found


def choose_accidental(pitch: str, key: Key, altered: dict[str, str]) -> str | None:
    """Return the accidental that a note needs: "#", "b" and so on, "" for a natural, None for none. `altered` holds those
    valid in its bar.
    """
    name = pitch.rstrip("-0123456789")
    letter, sign, place = name[0], name[1:], f"{name[0]}{pitch[len(name) :]}"
    usual = next(one[1:] for one in key.scale if one[0] == letter)
    if sign == altered.get(place, usual):
        return None
    altered[place] = sign
    return sign
