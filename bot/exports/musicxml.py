"""A lead sheet as MusicXML, which notation programs open."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from bot.content import Content
from bot.kinds._theory import parse_chord

from ._song import NOTE_LENGTHS, LeadSheetSong, SongBar, choose_accidental, parse_song, split_length

LABEL = "Score (MusicXML)"
SIGN = "🎼"
# MusicXML's names for the qualities of chords.
_KINDS = {
    "": "major", "m": "minor", "7": "dominant", "maj7": "major-seventh", "m7": "minor-seventh", "dim": "diminished",
    "m7b5": "half-diminished", "dim7": "diminished-seventh", "aug": "augmented", "sus2": "suspended-second", "sus4": "suspended-fourth",
    "7sus4": "suspended-fourth", "6": "major-sixth", "m6": "minor-sixth", "add9": "major", "9": "dominant-ninth", "maj9": "major-ninth",
    "m9": "minor-ninth", "5": "power", "mmaj7": "major-minor",
}  # fmt: skip
_ACCIDENTALS = {"": "natural", "#": "sharp", "b": "flat", "##": "double-sharp", "bb": "flat-flat"}
_DOCTYPE = '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">'


def fits(content: Content) -> bool:
    """Whether it is a lead sheet."""
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
    goes_on = False
    for number, bar in enumerate(song.bars, 1):
        measure = _add_child(part, "measure", number=str(number))
        if bar.begins and number > 1:
            _add_child(measure, "print", **{"new-system": "yes"})
        if number == 1:
            _add_attributes(measure, song)
        if bar.begins:
            kind = _add_child(_add_child(measure, "direction", placement="above"), "direction-type")
            _add_child(kind, "rehearsal", bar.begins)
        goes_on = _add_bar(measure, bar, song, goes_on_before=goes_on)
        if number == len(song.bars):
            _add_child(_add_child(measure, "barline", location="right"), "bar-style", "light-heavy")
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=_DOCTYPE, pretty_print=True)
    return made


def _add_attributes(measure: Any, song: LeadSheetSong) -> None:
    """Add key, metre, clef and tempo."""
    attributes = _add_child(measure, "attributes")
    _add_child(attributes, "divisions", "4")
    key = _add_child(attributes, "key")
    _add_child(key, "fifths", str(song.key.fifths))
    _add_child(key, "mode", "minor" if song.key.minor else "major")
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


def _add_bar(measure: Any, bar: SongBar, song: LeadSheetSong, *, goes_on_before: bool) -> bool:
    """Add a bar, with each chord before the note during which it starts; return whether the last word continues."""
    chords, written, altered, goes_on = list(bar.chords), _split_notes(bar), dict[str, str](), goes_on_before
    for note, beam in zip(written, _choose_beams(written, 6 if song.is_compound else 4), strict=True):
        while chords and chords[0][1] < note.at + note.length:
            symbol, begins, _ = chords.pop(0)
            _add_harmony(measure, symbol, begins - note.at)
        whole = not note.pitch and note.length == song.bar_length
        sign = choose_accidental(note.pitch, song.key, altered) if note.is_sounding and not note.tied[0] else None
        made = _add_note(measure, note, beam, sign, whole=whole)
        if note.word:
            _add_lyric(made, note.word, goes_on=goes_on)
            goes_on = note.word.endswith("-")
    return goes_on


def _add_lyric(note: Any, word: str, *, goes_on: bool) -> None:
    """Add a syllable below a note: a complete word, or the start, middle or end of one."""
    lyric = _add_child(note, "lyric", number="1")
    ends = not word.endswith("-")
    _add_child(
        lyric,
        "syllabic",
        {(False, True): "single", (False, False): "begin", (True, False): "middle"}.get((goes_on, ends), "end"),
    )
    _add_child(lyric, "text", word.removesuffix("-"))


@dataclass(frozen=True, slots=True)
class _WrittenNote:
    """A single written note: a pitch, "" for a rest or "/" for a slash; its start, its ties, and its syllable."""

    pitch: str
    at: int
    length: int
    tied: tuple[bool, bool]
    word: str = ""

    @property
    def is_sounding(self) -> bool:
        """Whether it has a pitch of its own."""
        return self.pitch not in ("", "/")

    @property
    def is_beamed(self) -> bool:
        """Whether it has a flag, which a beam may replace."""
        return self.is_sounding and self.length < 4


def _split_notes(bar: SongBar) -> list[_WrittenNote]:
    found, at = list[_WrittenNote](), 0
    played = bar.notes or tuple(("/", one) for _, _, one in bar.chords)
    for (pitch, length), word in zip(played, bar.words or [""] * len(played), strict=True):
        pieces = split_length(length)
        for number, one in enumerate(pieces):
            found.append(_WrittenNote(pitch, at, one, (number > 0, number < len(pieces) - 1), "" if number else word))
            at += one
    return found


def _choose_beams(written: list[_WrittenNote], beat: int) -> list[str]:
    """Return "begin", "continue" or "end" for each note that shares a beam with others of its beat, else ""."""
    joined = [
        one.is_beamed and other.is_beamed and one.at // beat == other.at // beat
        for one, other in itertools.pairwise(written)
    ]
    sides = zip([False, *joined], [*joined, False], strict=True)
    return [{(False, True): "begin", (True, True): "continue", (True, False): "end"}.get(side, "") for side in sides]


def _add_harmony(measure: Any, symbol: str, offset: int) -> None:
    chord = parse_chord(symbol)
    assert chord is not None
    harmony = _add_child(measure, "harmony")
    _add_pitch(_add_child(harmony, "root"), chord.root, "root-")
    _add_child(harmony, "kind", _KINDS[chord.quality], text=chord.quality)
    if chord.bass:
        _add_pitch(_add_child(harmony, "bass"), chord.bass, "bass-")
    if chord.quality in ("add9", "7sus4"):
        degree = _add_child(harmony, "degree")
        _add_child(degree, "degree-value", "9" if chord.quality == "add9" else "7")
        _add_child(degree, "degree-alter", "0" if chord.quality == "add9" else "-1")
        _add_child(degree, "degree-type", "add")
    if offset:
        _add_child(harmony, "offset", str(offset))


def _add_note(measure: Any, one: _WrittenNote, beam: str, sign: str | None, *, whole: bool) -> Any:
    note, pitch, length = _add_child(measure, "note"), one.pitch, one.length
    name = pitch.rstrip("-0123456789")
    if pitch == "/":
        place = _add_child(note, "pitch")
        _add_child(place, "step", "B")
        _add_child(place, "octave", "4")
    elif pitch:
        spelled = _add_child(note, "pitch")
        _add_pitch(spelled, name)
        _add_child(spelled, "octave", pitch[len(name) :])
    elif whole:
        _add_child(note, "rest", measure="yes")
    else:
        _add_child(note, "rest")
    _add_child(note, "duration", str(length))
    from_before, onwards = one.tied if pitch else (False, False)
    sides = [side for side, holds in (("stop", from_before), ("start", onwards)) if holds]
    for side in sides:
        _add_child(note, "tie", type=side)
    kind, dots = NOTE_LENGTHS[length]
    _add_child(note, "type", kind)
    for _ in range(dots):
        _add_child(note, "dot")
    if sign is not None:
        _add_child(note, "accidental", _ACCIDENTALS[sign])
    if pitch == "/":
        _add_child(note, "notehead", "slash")
    if beam:
        _add_child(note, "beam", beam, number="1")
    if sides:
        notations = _add_child(note, "notations")
        for side in sides:
            _add_child(notations, "tied", type=side)
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
