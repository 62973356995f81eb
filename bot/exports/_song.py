"""Reads a lead sheet's bars for the music formats. Lengths are whole numbers of sixteenth notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.composition.theory import Key, parse_key
from bot.content import Content

from ._parts import get_entries

# The name and the number of dots of each length that a single note can have, longest first.
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
    """A bar: chords as (symbol, start, length), and notes as (pitch, length), where the pitch "" is a rest.

    `syllables` has the syllable sung to each note, ending in "-" if its word continues, "" for none. `section` is the name of the
    section that the bar begins, if any.
    """

    chords: tuple[tuple[str, int, int], ...]
    notes: tuple[tuple[str, int], ...]
    section: str = ""
    syllables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadSheetSong:
    """A lead sheet; its metre is (beats, beat unit), as in 3/4."""

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
    """Return the lead sheet of a content, with that title if it has none of its own; None if there is no lead sheet."""
    sections = get_entries(content, "song")
    if not any(section.get("bars") for section in sections):
        return None
    parts = content.parts
    beats, unit = map(int, str(parts["metre"]).split("/"))
    return LeadSheetSong(
        title=_flatten_whitespace(parts.get("title") or title),
        style=str(parts.get("style", "")),
        key=parse_key(parts["key"]),
        metre=(beats, unit),
        bpm=int(parts["bpm"]),
        bars=tuple(bar for section in sections for bar in _parse_bars(section)),
    )


def _parse_bars(section: dict[str, Any]) -> Iterator[SongBar]:
    for number, bar in enumerate(section["bars"]):
        chords, start = list[tuple[str, int, int]](), 0
        for chord in bar["chords"]:
            length = round(4 * chord["length"])
            chords.append((str(chord["symbol"]), start, length))
            start += length
        yield SongBar(
            chords=tuple(chords),
            notes=tuple((str(note["pitch"]), round(4 * note["length"])) for note in bar["notes"]),
            section="" if number else _flatten_whitespace(section["name"]),
            syllables=tuple(_flatten_whitespace(note.get("word") or "") for note in bar["notes"]),
        )


def _flatten_whitespace(value: Any) -> str:
    return " ".join(str(value).split())


def split_length(length: int) -> list[int]:
    """Return the lengths of the tied notes that a length is written as."""
    note_lengths = list[int]()
    while length:
        note_lengths.append(next(note_length for note_length in NOTE_LENGTHS if note_length <= length))
        length -= note_lengths[-1]
    return note_lengths


def choose_accidental(pitch: str, key: Key, bar_accidentals: dict[str, str]) -> str | None:
    """Return the accidental to write before a note: "#", "b" and so on, "" for a natural sign, None if it needs none.

    `bar_accidentals` has the accidentals already written in the bar by note without accidental ("F4"); a new one is added to it.
    """
    name = pitch.rstrip("-0123456789")
    letter, accidental, octave = name[0], name[1:], pitch[len(name) :]
    key_accidental = next(note[1:] for note in key.scale if note[0] == letter)
    if accidental == bar_accidentals.get(f"{letter}{octave}", key_accidental):
        return None
    bar_accidentals[f"{letter}{octave}"] = accidental
    return accidental
