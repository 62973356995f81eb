"""A lead sheet as MusicXML, which notation programs open."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from bot.composition.theory import parse_chord
from bot.content import Content

from ._song import NOTE_LENGTHS, LeadSheetSong, SongBar, choose_accidental, parse_song, split_length

LABEL = "Score (MusicXML)"
SIGN = "🎼"
# MusicXML's chord kinds by the quality of a chord.
_CHORD_KINDS = {
    "": "major",
    "m": "minor",
    "7": "dominant",
    "maj7": "major-seventh",
    "m7": "minor-seventh",
    "dim": "diminished",
    "m7b5": "half-diminished",
    "dim7": "diminished-seventh",
    "aug": "augmented",
    "sus2": "suspended-second",
    "sus4": "suspended-fourth",
    "7sus4": "suspended-fourth",
    "6": "major-sixth",
    "m6": "minor-sixth",
    "add9": "major",
    "9": "dominant-ninth",
    "maj9": "major-ninth",
    "m9": "minor-ninth",
    "5": "power",
    "mmaj7": "major-minor",
}
_ACCIDENTALS = {"": "natural", "#": "sharp", "b": "flat", "##": "double-sharp", "bb": "flat-flat"}
_DOCTYPE = '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">'


def fits(content: Content) -> bool:
    """Whether a content is a lead sheet."""
    return parse_song("", content) is not None


def export(title: str, content: Content) -> bytes:
    """Return the melody on a staff with the chords above it; bars without notes have slashes for the chords."""
    from lxml import etree

    song = parse_song(title, content)
    assert song is not None
    root = etree.Element("score-partwise", version="4.0")
    _add_child(_add_child(root, "work"), "work-title", song.title)
    _add_child(_add_child(_add_child(root, "part-list"), "score-part", id="P1"), "part-name")
    part = _add_child(root, "part", id="P1")
    word_continues = False
    for number, bar in enumerate(song.bars, 1):
        measure = _add_child(part, "measure", number=str(number))
        if bar.section and number > 1:
            _add_child(measure, "print", **{"new-system": "yes"})
        if number == 1:
            _add_attributes(measure, song)
        if bar.section:
            direction_type = _add_child(_add_child(measure, "direction", placement="above"), "direction-type")
            _add_child(direction_type, "rehearsal", bar.section)
        word_continues = _add_bar(measure, bar, song, word_continues=word_continues)
        if number == len(song.bars):
            _add_child(_add_child(measure, "barline", location="right"), "bar-style", "light-heavy")
    xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=_DOCTYPE, pretty_print=True)
    return xml


def _add_attributes(measure: Any, song: LeadSheetSong) -> None:
    """Add key, metre, clef and tempo."""
    attributes = _add_child(measure, "attributes")
    _add_child(attributes, "divisions", "4")
    key = _add_child(attributes, "key")
    _add_child(key, "fifths", str(song.key.fifths))
    _add_child(key, "mode", "minor" if song.key.is_minor else "major")
    time = _add_child(attributes, "time")
    _add_child(time, "beats", str(song.metre[0]))
    _add_child(time, "beat-type", str(song.metre[1]))
    clef = _add_child(attributes, "clef")
    _add_child(clef, "sign", "G")
    _add_child(clef, "line", "2")
    direction = _add_child(measure, "direction", placement="above")
    metronome = _add_child(_add_child(direction, "direction-type"), "metronome")
    _add_child(metronome, "beat-unit", "quarter")
    if song.is_compound:
        _add_child(metronome, "beat-unit-dot")
    _add_child(metronome, "per-minute", str(song.bpm))
    _add_child(direction, "sound", tempo=f"{song.bpm * (1.5 if song.is_compound else 1):g}")


def _add_bar(measure: Any, bar: SongBar, song: LeadSheetSong, *, word_continues: bool) -> bool:
    """Add a bar, with each chord before the note during which it starts.

    `word_continues` is whether the word of the syllable before the bar continues; the return value is the same for the next bar.
    """
    chords, notes, bar_accidentals = list(bar.chords), _split_notes(bar), dict[str, str]()
    for note, beam in zip(notes, _choose_beams(notes, 6 if song.is_compound else 4), strict=True):
        while chords and chords[0][1] < note.start + note.length:
            symbol, start, _ = chords.pop(0)
            _add_harmony(measure, symbol, start - note.start)
        is_full_bar_rest = not note.pitch and note.length == song.bar_length
        accidental = (
            choose_accidental(note.pitch, song.key, bar_accidentals)
            if note.is_pitched and not note.is_tied_from_previous
            else None
        )
        note_element = _add_note(measure, note, beam, accidental, is_full_bar_rest=is_full_bar_rest)
        if note.syllable:
            _add_lyric(note_element, note.syllable, word_continues=word_continues)
            word_continues = note.syllable.endswith("-")
    return word_continues


def _add_lyric(note: Any, syllable: str, *, word_continues: bool) -> None:
    """Add a syllable below a note: a complete word, or the start, middle or end of one."""
    lyric = _add_child(note, "lyric", number="1")
    ends = not syllable.endswith("-")
    _add_child(
        lyric,
        "syllabic",
        {(False, True): "single", (False, False): "begin", (True, False): "middle"}.get((word_continues, ends), "end"),
    )
    _add_child(lyric, "text", syllable.removesuffix("-"))


@dataclass(frozen=True, slots=True)
class _WrittenNote:
    """A note as it is written, of a length that a single note can have. The pitch is "" for a rest and "/" for a slash."""

    pitch: str
    start: int
    length: int
    is_tied_from_previous: bool
    is_tied_to_next: bool
    syllable: str = ""

    @property
    def is_pitched(self) -> bool:
        """Whether it is a pitched note rather than a rest or a slash."""
        return self.pitch not in ("", "/")

    @property
    def is_beamable(self) -> bool:
        """Whether it is short enough to have a flag or a beam."""
        return self.is_pitched and self.length < 4


def _split_notes(bar: SongBar) -> list[_WrittenNote]:
    written_notes, start = list[_WrittenNote](), 0
    notes_or_slashes = bar.notes or tuple(("/", length) for _, _, length in bar.chords)
    syllables = bar.syllables or [""] * len(notes_or_slashes)
    for (pitch, full_length), syllable in zip(notes_or_slashes, syllables, strict=True):
        lengths = split_length(full_length)
        for number, length in enumerate(lengths):
            is_tied_from_previous, is_tied_to_next = number > 0, number < len(lengths) - 1
            written_notes.append(
                _WrittenNote(pitch, start, length, is_tied_from_previous, is_tied_to_next, "" if number else syllable)
            )
            start += length
    return written_notes


def _choose_beams(notes: list[_WrittenNote], beat: int) -> list[str]:
    """Return "begin", "continue" or "end" for each note that shares a beam with others of its beat, else ""."""
    is_joined_to_next = [
        note.is_beamable and following.is_beamable and note.start // beat == following.start // beat
        for note, following in itertools.pairwise(notes)
    ]
    sides = zip([False, *is_joined_to_next], [*is_joined_to_next, False], strict=True)
    return [{(False, True): "begin", (True, True): "continue", (True, False): "end"}.get(side, "") for side in sides]


def _add_harmony(measure: Any, symbol: str, offset: int) -> None:
    chord = parse_chord(symbol)
    assert chord is not None
    harmony = _add_child(measure, "harmony")
    _add_pitch(_add_child(harmony, "root"), chord.root, "root-")
    _add_child(harmony, "kind", _CHORD_KINDS[chord.quality], text=chord.quality)
    if chord.bass:
        _add_pitch(_add_child(harmony, "bass"), chord.bass, "bass-")
    if chord.quality in ("add9", "7sus4"):
        degree = _add_child(harmony, "degree")
        _add_child(degree, "degree-value", "9" if chord.quality == "add9" else "7")
        _add_child(degree, "degree-alter", "0" if chord.quality == "add9" else "-1")
        _add_child(degree, "degree-type", "add")
    if offset:
        _add_child(harmony, "offset", str(offset))


def _add_note(
    measure: Any, written_note: _WrittenNote, beam: str, accidental: str | None, *, is_full_bar_rest: bool
) -> Any:
    note, pitch, length = _add_child(measure, "note"), written_note.pitch, written_note.length
    name = pitch.rstrip("-0123456789")
    if pitch == "/":
        pitch_element = _add_child(note, "pitch")
        _add_child(pitch_element, "step", "B")
        _add_child(pitch_element, "octave", "4")
    elif pitch:
        pitch_element = _add_child(note, "pitch")
        _add_pitch(pitch_element, name)
        _add_child(pitch_element, "octave", pitch[len(name) :])
    elif is_full_bar_rest:
        _add_child(note, "rest", measure="yes")
    else:
        _add_child(note, "rest")
    _add_child(note, "duration", str(length))
    ties = (("stop", written_note.is_tied_from_previous), ("start", written_note.is_tied_to_next))
    tie_types = [tie_type for tie_type, is_tied in ties if pitch and is_tied]
    for tie_type in tie_types:
        _add_child(note, "tie", type=tie_type)
    note_type, dots = NOTE_LENGTHS[length]
    _add_child(note, "type", note_type)
    for _ in range(dots):
        _add_child(note, "dot")
    if accidental is not None:
        _add_child(note, "accidental", _ACCIDENTALS[accidental])
    if pitch == "/":
        _add_child(note, "notehead", "slash")
    if beam:
        _add_child(note, "beam", beam, number="1")
    if tie_types:
        notations = _add_child(note, "notations")
        for tie_type in tie_types:
            _add_child(notations, "tied", type=tie_type)
    return note


def _add_pitch(parent: Any, name: str, prefix: str = "") -> None:
    _add_child(parent, f"{prefix}step", name[0])
    alter = name.count("#") - name[1:].count("b")
    if alter:
        _add_child(parent, f"{prefix}alter", str(alter))


def _add_child(parent: Any, name: str, text: str | None = None, /, **attributes: str) -> Any:
    from lxml import etree

    child = etree.SubElement(parent, name, attributes)
    child.text = text
    return child
