"""A lead sheet as MIDI: the melody and its chords, each on a track of its own."""

from __future__ import annotations

import struct

from bot.content import Content
from bot.kinds._theory import compute_midi_number, compute_pitch_class, parse_chord

from ._song import Song, song_of
from .musicxml import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "MIDI"
SIGN = "🎹"
# Ticks of a sixteenth; a quarter note has four of them.
_TICKS = 120
_MELODY, _CHORDS = 0, 1
# General MIDI: flute for the melody, an electric piano below it, and how loud each is.
_PROGRAMS, _LOUD = {_MELODY: 73, _CHORDS: 4}, {_MELODY: 96, _CHORDS: 64}
_CHORD_FROM = 48
Event = tuple[int, bytes]


def export(title: str, content: Content) -> bytes:
    """A file of format 1: tempo, metre and key, then melody and chords."""
    song = song_of(title, content)
    assert song is not None
    tracks = [_track(_signs(song)), _track(_melody(song)), _track(_chords(song))]
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), 4 * _TICKS) + b"".join(tracks)


def _signs(song: Song) -> list[Event]:
    quarters = song.bpm * (1.5 if song.is_compound else 1)
    tempo = round(60_000_000 / quarters).to_bytes(3, "big")
    unit = song.metre[1].bit_length() - 1
    key = struct.pack("bB", song.key.fifths, song.key.minor)
    name = song.title.encode("utf-8")
    return [
        (0, b"\xff\x03" + _number(len(name)) + name),
        (0, b"\xff\x51\x03" + tempo),
        (0, b"\xff\x58\x04" + bytes((song.metre[0], unit, 36 if song.is_compound else 24, 8))),
        (0, b"\xff\x59\x02" + key),
    ]


def _melody(song: Song) -> list[Event]:
    events, at = _begin(_MELODY), 0
    for bar in song.bars:
        for pitch, length in bar.notes:
            if pitch:
                events += _sounding(_MELODY, compute_midi_number(pitch), at, at + length)
            at += length
        at += 0 if bar.notes else song.bar_length
    return events


def _chords(song: Song) -> list[Event]:
    events, at = _begin(_CHORDS), 0
    for bar in song.bars:
        for symbol, begins, length in bar.chords:
            chord = parse_chord(symbol)
            assert chord is not None
            bass = _CHORD_FROM - 12 + compute_pitch_class(chord.bass or chord.root)
            for key in (bass, *(_CHORD_FROM + one for one in sorted(chord.tones))):
                events += _sounding(_CHORDS, key, at + begins, at + begins + length)
        at += song.bar_length
    return events


def _begin(channel: int) -> list[Event]:
    return [(0, bytes((0xC0 | channel, _PROGRAMS[channel])))]


def _sounding(channel: int, key: int, start: int, end: int) -> list[Event]:
    return [(start, bytes((0x90 | channel, key, _LOUD[channel]))), (end, bytes((0x80 | channel, key, 0)))]


def _track(events: list[Event]) -> bytes:
    """The events in order, those that end a note before those that begin one."""
    body, before = b"", 0
    for at, event in sorted(events, key=lambda one: (one[0], one[1][0] & 0xF0 == 0x90)):
        body += _number((at - before) * _TICKS) + event
        before = at
    body += b"\x00\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(body)) + body


def _number(value: int) -> bytes:
    """A number as MIDI writes it, seven bits a byte."""
    found = [value & 0x7F]
    while value := value >> 7:
        found.append(value & 0x7F | 0x80)
    return bytes(reversed(found))
