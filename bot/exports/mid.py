"""A lead sheet as MIDI: the melody and its chords, each on its own track."""

from __future__ import annotations

import struct

from bot.composition.theory import compute_midi_number, compute_pitch_class, parse_chord
from bot.content import Content

from ._song import LeadSheetSong, parse_song
from .musicxml import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "MIDI"
NAMES = ()
SIGN = "🎹"
_TICKS_PER_SIXTEENTH = 120
_SIXTEENTHS_PER_QUARTER = 4
# Channels, with their instruments in General MIDI (flute, electric piano) and their velocities.
_MELODY, _CHORDS = 0, 1
_PROGRAMS, _VELOCITIES = {_MELODY: 73, _CHORDS: 4}, {_MELODY: 96, _CHORDS: 64}
# C3, from which the tones of chords are counted; the bass is an octave lower.
_CHORD_BASE_NOTE = 48
# A time in sixteenths, and the bytes of a MIDI message.
Event = tuple[int, bytes]


def export(title: str, content: Content) -> bytes:
    """Return a Standard MIDI File, format 1: tempo, metre and key, then melody and chords."""
    song = parse_song(title, content)
    assert song is not None
    tracks = [
        _encode_track(_build_tempo_events(song)),
        _encode_track(_build_melody_events(song)),
        _encode_track(_build_chord_events(song)),
    ]
    return (
        b"MThd"
        + struct.pack(">IHHH", 6, 1, len(tracks), _SIXTEENTHS_PER_QUARTER * _TICKS_PER_SIXTEENTH)
        + b"".join(tracks)
    )


def _build_tempo_events(song: LeadSheetSong) -> list[Event]:
    quarters = song.bpm * (1.5 if song.is_compound else 1)
    tempo = round(60_000_000 / quarters).to_bytes(3, "big")
    denominator_exponent = song.metre[1].bit_length() - 1
    key = struct.pack("bB", song.key.fifths, song.key.is_minor)
    name = song.title.encode("utf-8")
    return [
        (0, b"\xff\x03" + _encode_variable_length(len(name)) + name),
        (0, b"\xff\x51\x03" + tempo),
        (0, b"\xff\x58\x04" + bytes((song.metre[0], denominator_exponent, 36 if song.is_compound else 24, 8))),
        (0, b"\xff\x59\x02" + key),
    ]


def _build_melody_events(song: LeadSheetSong) -> list[Event]:
    events, time = _build_program_change(_MELODY), 0
    for bar in song.bars:
        for pitch, length in bar.notes:
            if pitch:
                events += _build_note_events(_MELODY, compute_midi_number(pitch), time, time + length)
            time += length
        time += 0 if bar.notes else song.bar_length
    return events


def _build_chord_events(song: LeadSheetSong) -> list[Event]:
    events, time = _build_program_change(_CHORDS), 0
    for bar in song.bars:
        for symbol, start, length in bar.chords:
            chord = parse_chord(symbol)
            assert chord is not None
            bass = _CHORD_BASE_NOTE - 12 + compute_pitch_class(chord.bass or chord.root)
            for note in (bass, *(_CHORD_BASE_NOTE + tone for tone in sorted(chord.tones))):
                events += _build_note_events(_CHORDS, note, time + start, time + start + length)
        time += song.bar_length
    return events


def _build_program_change(channel: int) -> list[Event]:
    return [(0, bytes((0xC0 | channel, _PROGRAMS[channel])))]


def _build_note_events(channel: int, note: int, start: int, end: int) -> list[Event]:
    return [(start, bytes((0x90 | channel, note, _VELOCITIES[channel]))), (end, bytes((0x80 | channel, note, 0)))]


def _encode_track(events: list[Event]) -> bytes:
    """Return the events as a track chunk, sorted by time, with note-offs before note-ons."""
    body, previous = b"", 0
    for time, message in sorted(events, key=lambda event: (event[0], event[1][0] & 0xF0 == 0x90)):
        body += _encode_variable_length((time - previous) * _TICKS_PER_SIXTEENTH) + message
        previous = time
    body += b"\x00\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(body)) + body


def _encode_variable_length(value: int) -> bytes:
    """Return a number as a variable-length quantity, seven bits per byte."""
    encoded = [value & 0x7F]
    while value := value >> 7:
        encoded.append(value & 0x7F | 0x80)
    return bytes(reversed(encoded))
