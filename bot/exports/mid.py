"""A lead sheet as MIDI: the melody and its chords, each on its own track."""

from __future__ import annotations

import struct

from bot.content import Content
from bot.kinds._theory import compute_midi_number, compute_pitch_class, parse_chord

from ._song import LeadSheetSong, parse_song
from .musicxml import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "MIDI"
SIGN = "🎹"
# Ticks per sixteenth; a quarter note has four sixteenths.
_TICKS = 120
_MELODY, _CHORDS = 0, 1
# General MIDI: flute for the melody, an electric piano below it, and their velocities.
_PROGRAMS, _LOUD = {_MELODY: 73, _CHORDS: 4}, {_MELODY: 96, _CHORDS: 64}
_CHORD_FROM = 48
Event = tuple[int, bytes]


def export(title: str, content: Content) -> bytes:
    """Return a file of format 1: tempo, metre and key, then melody and chords."""
    song = parse_song(title, content)
    assert song is not None
    tracks = [
        _encode_track(_build_tempo_events(song)),
        _encode_track(_build_melody_events(song)),
        _encode_track(_build_chord_events(song)),
    ]
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), 4 * _TICKS) + b"".join(tracks)


def _build_tempo_events(song: LeadSheetSong) -> list[Event]:
    quarters = song.bpm * (1.5 if song.is_compound else 1)
    tempo = round(60_000_000 / quarters).to_bytes(3, "big")
    unit = song.metre[1].bit_length() - 1
    key = struct.pack("bB", song.key.fifths, song.key.minor)
    name = song.title.encode("utf-8")
    return [
        (0, b"\xff\x03" + _encode_number(len(name)) + name),
        (0, b"\xff\x51\x03" + tempo),
        (0, b"\xff\x58\x04" + bytes((song.metre[0], unit, 36 if song.is_compound else 24, 8))),
        (0, b"\xff\x59\x02" + key),
    ]


def _build_melody_events(song: LeadSheetSong) -> list[Event]:
    events, at = _build_start_events(_MELODY), 0
    for bar in song.bars:
        for pitch, length in bar.notes:
            if pitch:
                events += _build_note_events(_MELODY, compute_midi_number(pitch), at, at + length)
            at += length
        at += 0 if bar.notes else song.bar_length
    return events


def _build_chord_events(song: LeadSheetSong) -> list[Event]:
    events, at = _build_start_events(_CHORDS), 0
    for bar in song.bars:
        for symbol, begins, length in bar.chords:
            chord = parse_chord(symbol)
            assert chord is not None
            bass = _CHORD_FROM - 12 + compute_pitch_class(chord.bass or chord.root)
            for key in (bass, *(_CHORD_FROM + one for one in sorted(chord.tones))):
                events += _build_note_events(_CHORDS, key, at + begins, at + begins + length)
        at += song.bar_length
    return events


def _build_start_events(channel: int) -> list[Event]:
    return [(0, bytes((0xC0 | channel, _PROGRAMS[channel])))]


def _build_note_events(channel: int, key: int, start: int, end: int) -> list[Event]:
    return [(start, bytes((0x90 | channel, key, _LOUD[channel]))), (end, bytes((0x80 | channel, key, 0)))]


def _encode_track(events: list[Event]) -> bytes:
    """Return the events in order, note ends before note starts."""
    body, before = b"", 0
    for at, event in sorted(events, key=lambda one: (one[0], one[1][0] & 0xF0 == 0x90)):
        body += _encode_number((at - before) * _TICKS) + event
        before = at
    body += b"\x00\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(body)) + body


def _encode_number(value: int) -> bytes:
    """Return a number as MIDI encodes it, seven bits per byte."""
    found = [value & 0x7F]
    while value := value >> 7:
        found.append(value & 0x7F | 0x80)
    return bytes(reversed(found))
