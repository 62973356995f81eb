"""A lead sheet as MusicXML, which programs for notation open."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from bot.content import Content
from bot.kinds._theory import parse_chord

from ._song import WRITTEN, Bar, Song, accidental, signs, song_of

LABEL = "Score (MusicXML)"
SIGN = "🎼"
# What MusicXML calls each sort of chord.
_KINDS = {
    "": "major", "m": "minor", "7": "dominant", "maj7": "major-seventh", "m7": "minor-seventh", "dim": "diminished",
    "m7b5": "half-diminished", "dim7": "diminished-seventh", "aug": "augmented", "sus2": "suspended-second", "sus4": "suspended-fourth",
    "7sus4": "suspended-fourth", "6": "major-sixth", "m6": "minor-sixth", "add9": "major", "9": "dominant-ninth", "maj9": "major-ninth",
    "m9": "minor-ninth", "5": "power", "mmaj7": "major-minor",
}  # fmt: skip
_ACCIDENTALS = {"": "natural", "#": "sharp", "b": "flat", "##": "double-sharp", "bb": "flat-flat"}
_DOCTYPE = '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">'


def fits(content: Content) -> bool:
    """It is a lead sheet."""
    return song_of("", content) is not None


def export(title: str, content: Content) -> bytes:
    """The melody on a staff with the chords above it; bars without notes have slashes to play the chords by."""
    from lxml import etree

    song = song_of(title, content)
    assert song is not None
    root = etree.Element("score-partwise", version="4.0")
    _add(_add(root, "work"), "work-title", song.title)
    _add(_add(_add(root, "part-list"), "score-part", id="P1"), "part-name")
    part = _add(root, "part", id="P1")
    goes_on = False
    for number, bar in enumerate(song.bars, 1):
        measure = _add(part, "measure", number=str(number))
        if bar.begins and number > 1:
            _add(measure, "print", **{"new-system": "yes"})
        if number == 1:
            _begin(measure, song)
        if bar.begins:
            kind = _add(_add(measure, "direction", placement="above"), "direction-type")
            _add(kind, "rehearsal", bar.begins)
        goes_on = _bar(measure, bar, song, goes_on_before=goes_on)
        if number == len(song.bars):
            _add(_add(measure, "barline", location="right"), "bar-style", "light-heavy")
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=_DOCTYPE, pretty_print=True)
    return made


def _begin(measure: Any, song: Song) -> None:
    """Key, metre, clef and tempo."""
    attributes = _add(measure, "attributes")
    _add(attributes, "divisions", "4")
    key = _add(attributes, "key")
    _add(key, "fifths", str(song.key.fifths))
    _add(key, "mode", "minor" if song.key.minor else "major")
    time = _add(attributes, "time")
    _add(time, "beats", str(song.metre[0]))
    _add(time, "beat-type", str(song.metre[1]))
    clef = _add(attributes, "clef")
    _add(clef, "sign", "G")
    _add(clef, "line", "2")
    direction = _add(measure, "direction", placement="above")
    metronome = _add(_add(direction, "direction-type"), "metronome")
    _add(metronome, "beat-unit", "quarter")
    if song.is_compound:
        _add(metronome, "beat-unit-dot")
    _add(metronome, "per-minute", str(song.bpm))
    _add(direction, "sound", tempo=f"{song.bpm * (1.5 if song.is_compound else 1):g}")


def _bar(measure: Any, bar: Bar, song: Song, *, goes_on_before: bool) -> bool:
    """Each chord stands before the note that it begins with or within which it changes; tells whether its last word goes on."""
    chords, written, altered, goes_on = list(bar.chords), _written(bar), dict[str, str](), goes_on_before
    for note, beam in zip(written, _beams(written, 6 if song.is_compound else 4), strict=True):
        while chords and chords[0][1] < note.at + note.length:
            symbol, begins, _ = chords.pop(0)
            _harmony(measure, symbol, begins - note.at)
        whole = not note.pitch and note.length == song.bar_length
        sign = accidental(note.pitch, song.key, altered) if note.is_sounding and not note.tied[0] else None
        made = _note(measure, note, beam, sign, whole=whole)
        if note.word:
            _lyric(made, note.word, goes_on=goes_on)
            goes_on = note.word.endswith("-")
    return goes_on


def _lyric(note: Any, word: str, *, goes_on: bool) -> None:
    """A syllable below a note: alone, or as it begins, goes on with or ends its word."""
    lyric = _add(note, "lyric", number="1")
    ends = not word.endswith("-")
    _add(
        lyric,
        "syllabic",
        {(False, True): "single", (False, False): "begin", (True, False): "middle"}.get((goes_on, ends), "end"),
    )
    _add(lyric, "text", word.removesuffix("-"))


@dataclass(frozen=True, slots=True)
class _Note:
    """What one sign writes: a pitch, "" for a rest or "/" for a slash; where it begins, what it is tied to, and what is sung."""

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
        """Whether it has a flag, which a beam may take the place of."""
        return self.is_sounding and self.length < 4


def _written(bar: Bar) -> list[_Note]:
    found, at = list[_Note](), 0
    played = bar.notes or tuple(("/", one) for _, _, one in bar.chords)
    for (pitch, length), word in zip(played, bar.words or [""] * len(played), strict=True):
        pieces = signs(length)
        for number, one in enumerate(pieces):
            found.append(_Note(pitch, at, one, (number > 0, number < len(pieces) - 1), "" if number else word))
            at += one
    return found


def _beams(written: list[_Note], beat: int) -> list[str]:
    """For each note "begin", "continue" or "end" where it shares a beam with others of its beat, else ""."""
    joined = [
        one.is_beamed and other.is_beamed and one.at // beat == other.at // beat
        for one, other in itertools.pairwise(written)
    ]
    sides = zip([False, *joined], [*joined, False], strict=True)
    return [{(False, True): "begin", (True, True): "continue", (True, False): "end"}.get(side, "") for side in sides]


def _harmony(measure: Any, symbol: str, offset: int) -> None:
    chord = parse_chord(symbol)
    assert chord is not None
    harmony = _add(measure, "harmony")
    _pitch(_add(harmony, "root"), chord.root, "root-")
    _add(harmony, "kind", _KINDS[chord.quality], text=chord.quality)
    if chord.bass:
        _pitch(_add(harmony, "bass"), chord.bass, "bass-")
    if chord.quality in ("add9", "7sus4"):
        degree = _add(harmony, "degree")
        _add(degree, "degree-value", "9" if chord.quality == "add9" else "7")
        _add(degree, "degree-alter", "0" if chord.quality == "add9" else "-1")
        _add(degree, "degree-type", "add")
    if offset:
        _add(harmony, "offset", str(offset))


def _note(measure: Any, one: _Note, beam: str, sign: str | None, *, whole: bool) -> Any:
    note, pitch, length = _add(measure, "note"), one.pitch, one.length
    name = pitch.rstrip("-0123456789")
    if pitch == "/":
        place = _add(note, "pitch")
        _add(place, "step", "B")
        _add(place, "octave", "4")
    elif pitch:
        spelled = _add(note, "pitch")
        _pitch(spelled, name)
        _add(spelled, "octave", pitch[len(name) :])
    elif whole:
        _add(note, "rest", measure="yes")
    else:
        _add(note, "rest")
    _add(note, "duration", str(length))
    from_before, onwards = one.tied if pitch else (False, False)
    sides = [side for side, holds in (("stop", from_before), ("start", onwards)) if holds]
    for side in sides:
        _add(note, "tie", type=side)
    kind, dots = WRITTEN[length]
    _add(note, "type", kind)
    for _ in range(dots):
        _add(note, "dot")
    if sign is not None:
        _add(note, "accidental", _ACCIDENTALS[sign])
    if pitch == "/":
        _add(note, "notehead", "slash")
    if beam:
        _add(note, "beam", beam, number="1")
    if sides:
        notations = _add(note, "notations")
        for side in sides:
            _add(notations, "tied", type=side)
    return note


def _pitch(parent: Any, name: str, prefix: str = "") -> None:
    _add(parent, f"{prefix}step", name[0])
    alter = name.count("#") - name[1:].count("b")
    if alter:
        _add(parent, f"{prefix}alter", str(alter))


def _add(parent: Any, name: str, text: str | None = None, /, **attributes: str) -> Any:
    from lxml import etree

    child = etree.SubElement(parent, name, attributes)
    child.text = text
    return child
