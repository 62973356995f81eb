"""A lead sheet in ABC, the plain text format for folk tunes."""

from __future__ import annotations

import itertools

from bot.composition.theory import Key
from bot.content import Content

from ._song import LeadSheetSong, SongBar, choose_accidental, parse_song
from .musicxml import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Tune (ABC)"
SIGN = "🎵"


def export(title: str, content: Content) -> bytes:
    """Return UTF-8; four bars per line, chords in quotation marks where they begin."""
    song = parse_song(title, content)
    assert song is not None
    beat = "3/8" if song.is_compound else "1/4"
    head = [
        "X:1",
        f"T:{song.title}",
        f"M:{song.metre[0]}/{song.metre[1]}",
        "L:1/16",
        f"Q:{beat}={song.bpm}",
        f"K:{song.key.tonic}{'m' if song.key.is_minor else ''}",
    ]
    lines, row, sung = list[str](), list[str](), list[str]()
    for bar in song.bars:
        if bar.section or len(row) == 4:
            lines += [" | ".join(row) + " |", *_format_words(sung)] if row else []
            row, sung = [], []
        lines += [f"P:{bar.section.replace('%', '')}"] if bar.section else []
        row.append(_format_bar(bar, song))
        sung += _align_words(bar)
    lines += [" | ".join(row) + " |]", *_format_words(sung)]
    return ("\n".join([*head, *lines]) + "\n").encode()


def _format_words(sung: list[str]) -> list[str]:
    """Return the line of words below a line of notes, if there are any."""
    return [f"w:{' '.join(sung)}"] if any(one not in ("*", "_") for one in sung) else []


def _align_words(bar: SongBar) -> list[str]:
    """Return the syllable of each written note: a note with a chord change is written as two, and the second continues its
    syllable.
    """
    found, at = list[str](), 0
    for (pitch, length), word in zip(bar.notes, bar.words, strict=True):
        if pitch:
            cuts = sum(at < begins < at + length for _, begins, _ in bar.chords)
            said = "".join(f"\\{sign}" if sign in "*_~-" else sign for sign in word.removesuffix("-")).replace(" ", "~")
            found += [(said + "-" * word.endswith("-")) or "*", *["_"] * cuts]
        at += length
    return found


def _format_bar(bar: SongBar, song: LeadSheetSong) -> str:
    """Return the notes of a bar; an accidental holds to the end of the bar. A note with a chord change is tied."""
    written, chords, altered, at = list[str](), list(bar.chords), dict[str, str](), 0
    for pitch, length in bar.notes or (("", song.bar_length),):
        cuts = [begins for _, begins, _ in chords if at < begins < at + length]
        edges = [at, *cuts, at + length]
        for start, end in itertools.pairwise(edges):
            symbol = f'"{chords.pop(0)[0]}"' if chords and chords[0][1] <= start else ""
            tie = "-" if pitch and end < at + length else ""
            written.append(f"{symbol}{_format_pitch(pitch, song.key, altered) if pitch else 'z'}{end - start}{tie}")
        at += length
    return " ".join(written)


def _format_pitch(pitch: str, key: Key, altered: dict[str, str]) -> str:
    """Return a pitch in ABC: middle C is C, an octave up c, further ones have marks."""
    name = pitch.rstrip("-0123456789")
    octave, letter = int(pitch[len(name) :]), name[0]
    sign = choose_accidental(pitch, key, altered)
    mark = "" if sign is None else {"#": "^", "##": "^^", "b": "_", "bb": "__"}.get(sign, "=")
    if octave >= 5:
        return f"{mark}{letter.lower()}{chr(39) * (octave - 5)}"
    return f"{mark}{letter}{',' * (4 - octave)}"
