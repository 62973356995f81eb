"""Music theory: keys and their chords, bars and their beats, notes and the chords below them. Pure.

Lengths are in quarter notes, as fractions. A chord outside its key is named if it has a function; else it is replaced by the
key's own chord on the same letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

LETTERS = "CDEFGAB"
_NATURAL = dict(zip(LETTERS, (0, 2, 4, 5, 7, 9, 11), strict=True))
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_LEADING = 11
MAJOR_KEYS = ("C", "G", "D", "A", "E", "B", "F#", "F", "Bb", "Eb", "Ab", "Db", "Gb")
MINOR_KEYS = ("Am", "Em", "Bm", "F#m", "C#m", "G#m", "Dm", "Gm", "Cm", "Fm", "Bbm", "Ebm")
KEYS = (*MAJOR_KEYS, *MINOR_KEYS)
# Semitones above the root for each quality of chord, by the name written here.
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "m7": (0, 3, 7, 10), "dim": (0, 3, 6), "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9), "aug": (0, 4, 8), "sus2": (0, 2, 7), "sus4": (0, 5, 7), "7sus4": (0, 5, 7, 10), "6": (0, 4, 7, 9), "m6": (0, 3, 7, 9),
    "add9": (0, 4, 7, 2), "9": (0, 4, 7, 10, 2), "maj9": (0, 4, 7, 11, 2), "m9": (0, 3, 7, 10, 2), "5": (0, 7), "mmaj7": (0, 3, 7, 11),
}  # fmt: skip
# Other spellings of the qualities.
_SPELLINGS = {
    "maj": "", "M": "", "min": "m", "-": "m", "mi": "m", "dom7": "7", "M7": "maj7", "Δ": "maj7", "Δ7": "maj7", "ma7": "maj7", "min7": "m7",
    "-7": "m7", "mi7": "m7", "°": "dim", "o": "dim", "ø": "m7b5", "ø7": "m7b5", "min7b5": "m7b5", "-7b5": "m7b5", "°7": "dim7", "o7": "dim7",
    "+": "aug", "sus": "sus4", "M9": "maj9", "min9": "m9", "min6": "m6", "2": "sus2", "mM7": "mmaj7", "minmaj7": "mmaj7",
}  # fmt: skip
_CHORD = re.compile(r"([A-G])([#♯b♭]?)([^/\s]*)(?:/([A-G])([#♯b♭]?))?")
# The maximum number of characters of a bar that are read.
_MAX_BAR_CHARACTERS = 1_000
_NOTE = re.compile(r"(?:([A-Ga-g])([#♯b♭]?)(-?\d?)|[RrZz](?:est)?)\s?[:/ ]\s?(\d{1,2}(?:[.,]\d{1,3})?)")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")
# Quarter notes of a bar, where its strong beats fall, and the length of a beat on which chords change.
_METRES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "4/4": ("4", ("0", "2"), "1"), "3/4": ("3", ("0",), "1"), "2/4": ("2", ("0",), "1"), "6/8": ("3", ("0", "3/2"), "3/2"),
    "12/8": ("6", ("0", "3"), "3/2"), "5/4": ("5", ("0", "3"), "1"),
}  # fmt: skip
METRES: dict[str, tuple[Fraction, tuple[Fraction, ...], Fraction]] = {
    name: (Fraction(bar), tuple(map(Fraction, strong)), Fraction(beat)) for name, (bar, strong, beat) in _METRES.items()
}
# The shortest length, a sixteenth, and the vocal range of a lead sheet, as MIDI numbers: G3 to A5.
GRID = Fraction(1, 4)
MIN_MIDI_NUMBER, MAX_MIDI_NUMBER = 55, 81
_MIDDLE_OCTAVE = 4


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: the spelling of its root, its quality, and its bass if that is another note."""

    root: str
    quality: str
    bass: str = ""

    @property
    def symbol(self) -> str:
        """The symbol above a staff."""
        return f"{self.root}{self.quality}" + (f"/{self.bass}" if self.bass else "")

    @property
    def tones(self) -> frozenset[int]:
        """Its pitch classes."""
        return frozenset((compute_pitch_class(self.root) + step) % 12 for step in QUALITIES[self.quality])


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its tonic and its mode."""

    tonic: str
    minor: bool

    @property
    def scale(self) -> tuple[str, ...]:
        """Its seven notes, each on a letter of its own."""
        return spell_scale(self.tonic, MINOR if self.minor else MAJOR)

    @property
    def tones(self) -> frozenset[int]:
        """The pitch classes of its scale; in minor including the leading note, which its dominant needs."""
        own = {compute_pitch_class(note) for note in self.scale}
        return frozenset(own | {(compute_pitch_class(self.tonic) + _LEADING) % 12} if self.minor else own)

    @property
    def parallel(self) -> Key:
        """The key of the same tonic in the other mode."""
        return Key(self.tonic, not self.minor)

    @property
    def fifths(self) -> int:
        """Its number of sharps, or of flats as a negative number."""
        signs = "".join(self.scale)
        return signs.count("#") - signs.count("b")


@dataclass(frozen=True, slots=True)
class MelodyNote:
    """A note of a melody: its spelling with octave, empty for a rest, and its length."""

    pitch: str
    length: Fraction

    @property
    def midi(self) -> int:
        """Its MIDI number, if it is not a rest."""
        return compute_midi_number(self.pitch)


def compute_pitch_class(note: str) -> int:
    """Return the pitch class of a spelling such as "Bb"."""
    return (_NATURAL[note[0]] + note.count("#") - note[1:].count("b")) % 12


def compute_midi_number(pitch: str) -> int:
    """Return the MIDI number of a spelling with its octave: "C4" is 60."""
    name, octave = pitch.rstrip("-0123456789"), int(pitch[len(pitch.rstrip("-0123456789")) :])
    return 12 * (octave + 1) + _NATURAL[name[0]] + name.count("#") - name[1:].count("b")


def spell_scale(tonic: str, steps: Iterable[int]) -> tuple[str, ...]:
    """Return a scale on a tonic, one letter after another."""
    first = LETTERS.index(tonic[0])
    found = list[str]()
    for at, step in enumerate(steps):
        letter = LETTERS[(first + at) % 7]
        off = (compute_pitch_class(tonic) + step - _NATURAL[letter] + 6) % 12 - 6
        found.append(letter + ("#" * off if off > 0 else "b" * -off))
    return tuple(found)


def parse_key(name: str) -> Key:
    """Return the key with a name such as "F#m"."""
    return Key(name.removesuffix("m"), name.endswith("m"))


# How languages write a key: "G major", "fis-Moll", "sol majeur".
_KEY_IN_WORDS = re.compile(
    r"\b(?-i:(?P<en>[A-G]))(?P<sign>[#♯b♭]?|[ -]sharp|[ -]flat)[ -](?P<mode>major|minor|maj|min)\b"
    r"|\b(?P<de>[A-Ha-h](?:is|es|s)?)-(?P<modus>Dur|Moll)\b"
    r"|\b(?P<do>do|ré|re|mi|fa|sol|la|si)(?P<signe> (?:dièse|bémol|sostenido|bemol|sustenido))? "
    r"(?P<modo>majeur|mineur|mayor|menor|maior)\b"
    r"|\bkey of (?P<of>[A-G])(?P<ofsign>[#♯b♭]?)(?P<ofminor>m?)\b",
    re.IGNORECASE,
)
_SOLFEGE_LETTERS = {"do": "C", "ré": "D", "re": "D", "mi": "E", "fa": "F", "sol": "G", "la": "A", "si": "B"}
_SIGNS = {"#": "#", "♯": "#", "b": "b", "♭": "b", "sharp": "#", "flat": "b", "is": "#", "es": "b", "s": "b"}
_SIGNS |= {"dièse": "#", "sostenido": "#", "sustenido": "#", "bémol": "b", "bemol": "b"}


def find_key(text: str) -> str:
    """Return the name of the key that a text asks for, one of `KEYS`; empty if it names none."""
    found = _KEY_IN_WORDS.search(text)
    if found is None:
        return ""
    if found["de"]:
        letter, sign = found["de"][0].upper(), _SIGNS.get(found["de"][1:].lower(), "")
        letter, sign = ("B", sign) if letter == "H" else ("B", "b") if letter == "B" and not sign else (letter, sign)
        minor = found["modus"].lower() == "moll"
    elif found["do"]:
        letter, sign = _SOLFEGE_LETTERS[found["do"].lower()], _SIGNS.get((found["signe"] or "").strip().lower(), "")
        minor = found["modo"].lower() in ("mineur", "menor")
    elif found["of"]:
        letter, sign, minor = found["of"].upper(), _SIGNS.get(found["ofsign"].lower(), ""), bool(found["ofminor"])
    else:
        letter, sign = found["en"].upper(), _SIGNS.get(found["sign"].strip(" -").lower(), "")
        minor = found["mode"].lower().startswith("min")
    tonic = compute_pitch_class(f"{letter}{sign}")
    of_mode = MINOR_KEYS if minor else MAJOR_KEYS
    spelt = f"{letter}{sign}{'m' if minor else ''}"
    return (
        spelt
        if spelt in of_mode
        else next(one for one in of_mode if compute_pitch_class(one.removesuffix("m")) == tonic)
    )


def parse_chord(symbol: str) -> Chord | None:
    """Return the chord that a symbol stands for, None if it stands for none."""
    found = _CHORD.fullmatch(symbol.strip().strip("|[]"))
    if found is None:
        return None
    root, quality = found[1] + _normalise_sign(found[2]), found[3].strip("()")
    quality = _SPELLINGS.get(quality, quality)
    if quality not in QUALITIES:
        return None
    bass = f"{found[4]}{_normalise_sign(found[5])}" if found[4] else ""
    return Chord(root, quality, bass if bass != root else "")


def _normalise_sign(sign: str) -> str:
    return {"♯": "#", "♭": "b"}.get(sign, sign)


def format_numeral(chord: Chord, key: Key) -> str:
    """Return the Roman numeral of a chord: lower case with a minor third, with its root's sign relative to the major scale."""
    interval = (LETTERS.index(chord.root[0]) - LETTERS.index(key.tonic[0])) % 7
    usual = compute_pitch_class(key.scale[interval])
    off = (compute_pitch_class(chord.root) - usual + 6) % 12 - 6
    third = QUALITIES[chord.quality]
    name = _ROMAN[interval].lower() if 3 in third and 4 not in third else _ROMAN[interval]
    is_minor = chord.quality[:1] == "m" and chord.quality[:3] != "maj"
    plain = chord.quality.removeprefix("m") if is_minor else chord.quality
    rest = {"dim": "°", "dim7": "°7", "m7b5": "ø7", "aug": "+"}.get(chord.quality, plain)
    return f"{'#' * off if off > 0 else '♭' * -off}{name}{rest}"


def is_diatonic(chord: Chord, key: Key) -> bool:
    """Whether all notes of a chord are in its key."""
    return chord.tones <= key.tones


def describe_borrowed_chord(chord: Chord, key: Key) -> str:
    """Return the name of a chord outside its key by its origin; empty if it has none.

    "parallel" is from the same tonic's other mode, "blues" a seventh on I, IV or V, "altered" the fifth degree with a raised
    fifth, "neapolitan" the major chord on the flat second; "V/ii", "vii°/ii" and the like lead to another degree.
    """
    tonic, root = compute_pitch_class(key.tonic), compute_pitch_class(chord.root)
    if chord.tones <= {compute_pitch_class(note) for note in key.parallel.scale}:
        return "parallel"
    dominant = chord.quality in ("", "7", "9", "7sus4")
    for degree, note in enumerate(key.scale):
        own = build_diatonic_chord(degree, key)
        if dominant and degree and own.quality in ("", "m") and (root - compute_pitch_class(note)) % 12 == 7:
            return f"V/{format_numeral(own, key)}"
        leading = chord.quality in ("dim", "dim7", "m7b5") and (compute_pitch_class(note) - root) % 12 == 1
        if leading and own.quality in ("", "m"):
            return f"vii°/{format_numeral(own, key)}"
    if chord.quality == "aug" and (root - tonic) % 12 == 7:
        return "altered"
    if chord.quality in ("7", "9") and (root - tonic) % 12 in (0, 5, 7):
        return "blues"
    return "neapolitan" if chord.quality in ("", "maj7") and (root - tonic) % 12 == 1 else ""


def build_diatonic_chord(degree: int, key: Key, *, seventh: bool = False) -> Chord:
    """Return the key's own chord on a degree counted from 0; in minor the fifth has the leading note."""
    scale = key.scale
    root, third, fifth, above = (compute_pitch_class(scale[(degree + step) % 7]) for step in (0, 2, 4, 6))
    if key.minor and degree == 4:
        third = (compute_pitch_class(key.tonic) + _LEADING) % 12
    steps = tuple((one - root) % 12 for one in (root, third, fifth, *([above] if seventh else [])))
    quality = next((name for name, tones in QUALITIES.items() if tones == steps), "")
    return Chord(scale[degree], quality)


def fit_chord_to_key(chord: Chord, key: Key) -> Chord:
    """Return the chord itself if it fits or has a name, else the key's own on the same letter."""
    if is_diatonic(chord, key) or describe_borrowed_chord(chord, key):
        return chord
    degree = next(at for at, note in enumerate(key.scale) if note[0] == chord.root[0])
    return build_diatonic_chord(degree, key, seventh="7" in chord.quality or "9" in chord.quality)


def split_bar(count: int, metre: str) -> list[Fraction]:
    """Return the lengths of a number of chords in a bar: whole beats, the first ones longer."""
    bar, _, beat = METRES[metre]
    beats = int(bar / beat)
    each, more = divmod(beats, min(count, beats))
    return [(each + (1 if at < more else 0)) * beat for at in range(min(count, beats))]


def parse_notes(bar: str) -> list[MelodyNote]:
    """Return the notes of a written bar such as "G4:1 A4:0.5 R:0.5"; anything else is left out."""
    found = list[MelodyNote]()
    for letter, sign, octave, length in _NOTE.findall(bar[:_MAX_BAR_CHARACTERS]):
        lasting = round(Fraction(length.replace(",", ".")) / GRID) * GRID
        if lasting:
            pitch = (
                f"{letter.upper()}{_normalise_sign(sign)}{(octave.strip('-') and octave) or _MIDDLE_OCTAVE}"
                if letter
                else ""
            )
            found.append(MelodyNote(pitch, lasting))
    return found


def fill_bar(notes: list[MelodyNote], metre: str) -> list[MelodyNote]:
    """Return the notes of a full bar: a surplus is cut at the end, the last note fills a gap."""
    bar, kept, left = METRES[metre][0], list[MelodyNote](), METRES[metre][0]
    for note in notes:
        if left > 0:
            kept.append(MelodyNote(note.pitch, min(note.length, left)))
            left -= kept[-1].length
    if not kept:
        return [MelodyNote("", bar)]
    return [*kept[:-1], MelodyNote(kept[-1].pitch, kept[-1].length + left)]


def fit_to_range(pitch: str) -> str:
    """Return a pitch shifted by octaves into the vocal range."""
    name, octave = pitch.rstrip("-0123456789"), int(pitch[len(pitch.rstrip("-0123456789")) :])
    while compute_midi_number(f"{name}{octave}") < MIN_MIDI_NUMBER:
        octave += 1
    while compute_midi_number(f"{name}{octave}") > MAX_MIDI_NUMBER:
        octave -= 1
    return f"{name}{octave}"


def fit_pitch_to_chord(pitch: str, chord: Chord, key: Key) -> str:
    """Return a pitch of the chord: the pitch itself if it is one, else the nearest, the lower of two, spelled as in the key."""
    at = compute_midi_number(pitch)
    if at % 12 in chord.tones:
        return pitch
    near = (at + step for step in range(-6, 7) if (at + step) % 12 in chord.tones)
    nearest = min(near, key=lambda one: (abs(one - at), one))
    return spell_pitch(nearest, chord, key)


def spell_pitch(number: int, chord: Chord, key: Key) -> str:
    """Return the spelling of a MIDI number in a key, above a chord."""
    root = LETTERS.index(chord.root[0])
    spellings = [*key.scale, chord.root, *(f"{letter}{sign}" for letter in LETTERS for sign in ("", "#", "b"))]
    thirds = [LETTERS[(root + step) % 7] for step in (0, 2, 4, 6)]
    fitting = [one for one in spellings if compute_pitch_class(one) == number % 12]
    name = next((one for one in fitting if one[0] in thirds), fitting[0])
    octave = number // 12 - 1
    octave += {"B#": -1, "Cb": 1}.get(name, 0)
    return f"{name}{octave}"


def get_strong_beats(metre: str) -> tuple[Fraction, ...]:
    """Return where in a bar the strong beats fall."""
    return METRES[metre][1]


# Beats per minute of common tempo words: the middle of each range.
_TEMPOS = {"very slow": 55, "slow": 72, "walking": 92, "medium": 108, "lively": 124, "very fast": 168, "fast": 140}
_MIN_TEMPO, _MAX_TEMPO = 20, 300


def parse_tempo(text: str) -> int:
    """Return the beats per minute of a tempo: its number, else the value of its words."""
    found = re.search(r"\d{1,4}", text)
    named = next((value for name, value in _TEMPOS.items() if name in text.casefold()), _TEMPOS["medium"])
    return min(max(int(found.group()), _MIN_TEMPO), _MAX_TEMPO) if found else named
