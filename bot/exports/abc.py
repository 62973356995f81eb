"""A lead sheet in ABC notation, the plain-text format for folk tunes."""

from __future__ import annotations

import itertools
import re

from bot.composition.theory import Key
from bot.content import Content

from ._song import LeadSheetSong, SongBar, choose_accidental, parse_song
from .musicxml import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Tune (ABC)"
NAMES = ()
SIGN = "🎵"
_BARS_PER_LINE = 4


def export(title: str, content: Content) -> bytes:
    """Return UTF-8 with a few bars per line, their chord symbols in the notes and their syllables below."""
    song = parse_song(title, content)
    assert song is not None
    beat = "3/8" if song.is_compound else "1/4"
    header = [
        "X:1",
        f"T:{song.title}",
        f"M:{song.metre[0]}/{song.metre[1]}",
        "L:1/16",
        f"Q:{beat}={song.bpm}",
        f"K:{song.key.tonic}{'m' if song.key.is_minor else ''}",
    ]
    lines, bars, syllables = list[str](), list[str](), list[str]()
    for bar in song.bars:
        if bar.section or len(bars) == _BARS_PER_LINE:
            lines += [" | ".join(bars) + " |", *_format_lyrics(syllables)] if bars else []
            bars, syllables = [], []
        lines += [f"P:{bar.section.replace('%', '')}"] if bar.section else []
        bars.append(_format_bar(bar, song))
        syllables += _align_syllables(bar)
    lines += [" | ".join(bars) + " |]", *_format_lyrics(syllables)]
    return ("\n".join([*header, *lines]) + "\n").encode()


def _format_lyrics(syllables: list[str]) -> list[str]:
    """Return the lyrics line for a line of notes; none if nothing is sung."""
    return [f"w:{' '.join(syllables)}"] if any(syllable not in ("*", "_") for syllable in syllables) else []


def _align_syllables(bar: SongBar) -> list[str]:
    """Return the syllable of each note as written, "*" for none. A note during which chords change is written as several, and
    the further ones ("_") hold its syllable.
    """
    aligned, start = list[str](), 0
    for (pitch, length), syllable in zip(bar.notes, bar.syllables, strict=True):
        if pitch:
            change_count = sum(start < chord_start < start + length for _, chord_start, _ in bar.chords)
            escaped = re.sub(r"[*_~-]", r"\\\g<0>", syllable.removesuffix("-")).replace(" ", "~")
            aligned += [(escaped + "-" * syllable.endswith("-")) or "*", *["_"] * change_count]
        start += length
    return aligned


def _format_bar(bar: SongBar, song: LeadSheetSong) -> str:
    """Return the notes of a bar, each chord symbol before the note it begins with; a note during which chords change is divided
    and tied.
    """
    notes, chords, bar_accidentals, start = list[str](), list(bar.chords), dict[str, str](), 0
    for pitch, length in bar.notes or (("", song.bar_length),):
        end = start + length
        changes = [chord_start for _, chord_start, _ in chords if start < chord_start < end]
        for note_start, note_end in itertools.pairwise([start, *changes, end]):
            symbol = f'"{chords.pop(0)[0]}"' if chords and chords[0][1] <= note_start else ""
            name = _format_pitch(pitch, song.key, bar_accidentals) if pitch else "z"
            tie = "-" if pitch and note_end < end else ""
            notes.append(f"{symbol}{name}{note_end - note_start}{tie}")
        start = end
    return " ".join(notes)


def _format_pitch(pitch: str, key: Key, bar_accidentals: dict[str, str]) -> str:
    """Return a pitch in ABC: middle C is "C", an octave higher "c"; further octaves have commas or apostrophes."""
    name = pitch.rstrip("-0123456789")
    octave, letter = int(pitch[len(name) :]), name[0]
    accidental = choose_accidental(pitch, key, bar_accidentals)
    mark = "" if accidental is None else {"#": "^", "##": "^^", "b": "_", "bb": "__"}.get(accidental, "=")
    if octave >= 5:
        return f"{mark}{letter.lower()}{chr(39) * (octave - 5)}"
    return f"{mark}{letter}{',' * (4 - octave)}"
