"""Music theory: keys and their chords, bars and their beats, notes and the chords below them.

Lengths are in quarter notes, as fractions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

LETTERS = "CDEFGAB"
_NATURAL_PITCH_CLASSES = dict(zip(LETTERS, (0, 2, 4, 5, 7, 9, 11), strict=True))
MAJOR_STEPS, MINOR_STEPS = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)

MAJOR_KEYS = ("C", "G", "D", "A", "E", "B", "F#", "F", "Bb", "Eb", "Ab", "Db", "Gb")
MINOR_KEYS = ("Am", "Em", "Bm", "F#m", "C#m", "G#m", "Dm", "Gm", "Cm", "Fm", "Bbm", "Ebm")
KEYS = (*MAJOR_KEYS, *MINOR_KEYS)
# The semitones above the root for each quality of chord, by its name in symbols.
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "m7": (0, 3, 7, 10), "dim": (0, 3, 6), "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9), "aug": (0, 4, 8), "sus2": (0, 2, 7), "sus4": (0, 5, 7), "7sus4": (0, 5, 7, 10), "6": (0, 4, 7, 9), "m6": (0, 3, 7, 9),
    "add9": (0, 4, 7, 2), "9": (0, 4, 7, 10, 2), "maj9": (0, 4, 7, 11, 2), "m9": (0, 3, 7, 10, 2), "5": (0, 7), "mmaj7": (0, 3, 7, 11),
}  # fmt: skip
# Other names of the qualities.
_SPELLINGS = {
    "maj": "", "M": "", "min": "m", "-": "m", "mi": "m", "dom7": "7", "M7": "maj7", "Δ": "maj7", "Δ7": "maj7", "ma7": "maj7", "min7": "m7",
    "-7": "m7", "mi7": "m7", "°": "dim", "o": "dim", "ø": "m7b5", "ø7": "m7b5", "min7b5": "m7b5", "-7b5": "m7b5", "°7": "dim7", "o7": "dim7",
    "+": "aug", "sus": "sus4", "M9": "maj9", "min9": "m9", "min6": "m6", "2": "sus2", "mM7": "mmaj7", "minmaj7": "mmaj7",
}  # fmt: skip
_CHORD = re.compile(r"([A-G])([#♯b♭]?)([^/\s]*)(?:/([A-G])([#♯b♭]?))?")
# The maximum number of characters of a bar that are parsed.
_MAX_BAR_CHARACTERS = 1_000
_WRITTEN_NOTE = re.compile(r"(?:([A-Ga-g])([#♯b♭]?)(-?\d?)|[RrZz](?:est)?)\s?[:/ ]\s?(\d{1,2}(?:[.,]\d{1,3})?)")
_ROMAN_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
# The length of a bar, the positions of its strong beats, and the length of a beat; chords change on beats.
_METRE_DATA: dict[str, tuple[str, tuple[str, ...], str]] = {
    "4/4": ("4", ("0", "2"), "1"), "3/4": ("3", ("0",), "1"), "2/4": ("2", ("0",), "1"), "6/8": ("3", ("0", "3/2"), "3/2"),
    "12/8": ("6", ("0", "3"), "3/2"), "5/4": ("5", ("0", "3"), "1"),
}  # fmt: skip
METRES: dict[str, tuple[Fraction, tuple[Fraction, ...], Fraction]] = {
    name: (Fraction(bar), tuple(map(Fraction, strong)), Fraction(beat))
    for name, (bar, strong, beat) in _METRE_DATA.items()
}
# The shortest length, a sixteenth note.
GRID = Fraction(1, 4)
# The vocal range of a lead sheet, G3 to A5.
MIN_MIDI_NUMBER, MAX_MIDI_NUMBER = 55, 81
_DEFAULT_OCTAVE = "4"


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: the spelling of its root, its quality, and its bass note if that is another one."""

    root: str
    quality: str
    bass: str = ""

    @property
    def symbol(self) -> str:
        """The chord's symbol, such as "Am7/G"."""
        return f"{self.root}{self.quality}" + (f"/{self.bass}" if self.bass else "")

    @property
    def tones(self) -> frozenset[int]:
        """The chord's pitch classes."""
        return frozenset((compute_pitch_class(self.root) + step) % 12 for step in QUALITIES[self.quality])


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its tonic and its mode, major or minor."""

    tonic: str
    is_minor: bool

    @property
    def scale(self) -> tuple[str, ...]:
        """The seven notes of the key, each on a letter of its own."""
        return spell_scale(self.tonic, MINOR_STEPS if self.is_minor else MAJOR_STEPS)

    @property
    def tones(self) -> frozenset[int]:
        """The pitch classes of the scale; in minor including the leading note, which the dominant needs."""
        pitch_classes = {compute_pitch_class(note) for note in self.scale}
        if self.is_minor:
            pitch_classes.add(self.leading_note)
        return frozenset(pitch_classes)

    @property
    def leading_note(self) -> int:
        """The pitch class a semitone below the tonic."""
        return (compute_pitch_class(self.tonic) - 1) % 12

    @property
    def parallel(self) -> Key:
        """The key with the same tonic in the other mode."""
        return Key(self.tonic, not self.is_minor)

    @property
    def fifths(self) -> int:
        """The number of sharps of the key, negative for flats."""
        notes = "".join(self.scale)
        return notes.count("#") - notes.count("b")


@dataclass(frozen=True, slots=True)
class MelodyNote:
    """A note of a melody: its spelling with the octave, such as "Bb4", empty for a rest; and its length."""

    pitch: str
    length: Fraction

    @property
    def midi(self) -> int:
        """The MIDI number of a note that is not a rest."""
        return compute_midi_number(self.pitch)


def compute_pitch_class(note: str) -> int:
    """Return the pitch class of a spelling such as "Bb"."""
    return (_NATURAL_PITCH_CLASSES[note[0]] + note.count("#") - note[1:].count("b")) % 12


def compute_midi_number(pitch: str) -> int:
    """Return the MIDI number of a spelling with its octave: "C4" is 60."""
    name, octave = _split_octave(pitch)
    return 12 * (octave + 1) + _NATURAL_PITCH_CLASSES[name[0]] + name.count("#") - name[1:].count("b")


def _split_octave(pitch: str) -> tuple[str, int]:
    name = pitch.rstrip("-0123456789")
    return name, int(pitch[len(name) :])


def spell_scale(tonic: str, steps: Iterable[int]) -> tuple[str, ...]:
    """Return the notes of a scale, whose steps are semitones above the tonic, on consecutive letters."""
    first_index = LETTERS.index(tonic[0])
    notes = list[str]()
    for index, step in enumerate(steps):
        letter = LETTERS[(first_index + index) % 7]
        alteration = _wrap_interval(compute_pitch_class(tonic) + step - _NATURAL_PITCH_CLASSES[letter])
        notes.append(letter + ("#" * alteration if alteration > 0 else "b" * -alteration))
    return tuple(notes)


def _wrap_interval(semitones: int) -> int:
    """Return an interval without octaves, from -6 to 5 semitones."""
    return (semitones + 6) % 12 - 6


def parse_key(name: str) -> Key:
    """Parse the name of a key, such as "F#m"."""
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
_ACCIDENTALS = {"#": "#", "♯": "#", "b": "b", "♭": "b", "sharp": "#", "flat": "b", "is": "#", "es": "b", "s": "b"}
_ACCIDENTALS |= {"dièse": "#", "sostenido": "#", "sustenido": "#", "bémol": "b", "bemol": "b"}


def find_key(text: str) -> str:
    """Return the name of the key that a text asks for, one of `KEYS`; empty if it names none."""
    match = _KEY_IN_WORDS.search(text)
    if match is None:
        return ""
    if match["de"]:
        letter, sign = match["de"][0].upper(), _ACCIDENTALS.get(match["de"][1:].lower(), "")
        if letter == "H":  # In German, H is B, and B is B flat.
            letter = "B"
        elif letter == "B":
            sign = sign or "b"
        is_minor = match["modus"].lower() == "moll"
    elif match["do"]:
        letter = _SOLFEGE_LETTERS[match["do"].lower()]
        sign = _ACCIDENTALS.get((match["signe"] or "").strip().lower(), "")
        is_minor = match["modo"].lower() in ("mineur", "menor")
    elif match["of"]:
        letter, sign = match["of"].upper(), _ACCIDENTALS.get(match["ofsign"].lower(), "")
        is_minor = bool(match["ofminor"])
    else:
        letter, sign = match["en"].upper(), _ACCIDENTALS.get(match["sign"].strip(" -").lower(), "")
        is_minor = match["mode"].lower().startswith("min")
    keys = MINOR_KEYS if is_minor else MAJOR_KEYS
    key = f"{letter}{sign}{'m' if is_minor else ''}"
    if key in keys:
        return key
    # A key that is written otherwise in `KEYS`, such as D# major.
    tonic = compute_pitch_class(f"{letter}{sign}")
    return next(key for key in keys if compute_pitch_class(key.removesuffix("m")) == tonic)


def parse_chord(symbol: str) -> Chord | None:
    """Parse the symbol of a chord; return None if it is none."""
    match = _CHORD.fullmatch(symbol.strip().strip("|[]"))
    if match is None:
        return None
    root, quality = match[1] + _normalise_sign(match[2]), match[3].strip("()")
    quality = _SPELLINGS.get(quality, quality)
    if quality not in QUALITIES:
        return None
    bass = f"{match[4]}{_normalise_sign(match[5])}" if match[4] else ""
    return Chord(root, quality, bass if bass != root else "")


def _normalise_sign(sign: str) -> str:
    return {"♯": "#", "♭": "b"}.get(sign, sign)


def format_numeral(chord: Chord, key: Key) -> str:
    """Return the Roman numeral of a chord in a key: in lower case with a minor third, with a sign for an altered root."""
    degree = (LETTERS.index(chord.root[0]) - LETTERS.index(key.tonic[0])) % 7
    alteration = _wrap_interval(compute_pitch_class(chord.root) - compute_pitch_class(key.scale[degree]))
    steps = QUALITIES[chord.quality]
    numeral = _ROMAN_NUMERALS[degree].lower() if 3 in steps and 4 not in steps else _ROMAN_NUMERALS[degree]
    is_minor = chord.quality[:1] == "m" and chord.quality[:3] != "maj"
    suffix = chord.quality.removeprefix("m") if is_minor else chord.quality
    suffix = {"dim": "°", "dim7": "°7", "m7b5": "ø7", "aug": "+"}.get(chord.quality, suffix)
    return f"{'#' * alteration if alteration > 0 else '♭' * -alteration}{numeral}{suffix}"


def is_diatonic(chord: Chord, key: Key) -> bool:
    """Whether all notes of a chord are in a key."""
    return chord.tones <= key.tones


def describe_borrowed_chord(chord: Chord, key: Key) -> str:
    """Return the origin of a chord that is not in a key; empty if it has none.

    "parallel" is the key with the same tonic in the other mode; "blues" a seventh chord on I, IV or V; "altered" the
    dominant with a raised fifth; "neapolitan" the major chord on the lowered second degree. "V/ii" and "vii°/ii" are chords
    that lead to another degree.
    """
    tonic, root = compute_pitch_class(key.tonic), compute_pitch_class(chord.root)
    if chord.tones <= {compute_pitch_class(note) for note in key.parallel.scale}:
        return "parallel"
    is_dominant = chord.quality in ("", "7", "9", "7sus4")
    for degree, note in enumerate(key.scale):
        target = build_diatonic_chord(degree, key)
        if is_dominant and degree and target.quality in ("", "m") and (root - compute_pitch_class(note)) % 12 == 7:
            return f"V/{format_numeral(target, key)}"
        is_leading = chord.quality in ("dim", "dim7", "m7b5") and (compute_pitch_class(note) - root) % 12 == 1
        if is_leading and target.quality in ("", "m"):
            return f"vii°/{format_numeral(target, key)}"
    if chord.quality == "aug" and (root - tonic) % 12 == 7:
        return "altered"
    if chord.quality in ("7", "9") and (root - tonic) % 12 in (0, 5, 7):
        return "blues"
    return "neapolitan" if chord.quality in ("", "maj7") and (root - tonic) % 12 == 1 else ""


def build_diatonic_chord(degree: int, key: Key, *, has_seventh: bool = False) -> Chord:
    """Return the key's own chord on a degree, counted from 0; in minor the dominant has the leading note."""
    root, third, *others = (compute_pitch_class(key.scale[(degree + step) % 7]) for step in (0, 2, 4, 6))
    if key.is_minor and degree == 4:
        third = key.leading_note
    notes = (root, third, *(others if has_seventh else others[:1]))
    chord_steps = tuple((note - root) % 12 for note in notes)
    quality = next((quality for quality, steps in QUALITIES.items() if steps == chord_steps), "")
    return Chord(key.scale[degree], quality)


def fit_chord_to_key(chord: Chord, key: Key) -> Chord:
    """Return the chord if it is in the key or borrowed from elsewhere, else the key's own on the same letter."""
    if is_diatonic(chord, key) or describe_borrowed_chord(chord, key):
        return chord
    degree = next(degree for degree, note in enumerate(key.scale) if note[0] == chord.root[0])
    return build_diatonic_chord(degree, key, has_seventh="7" in chord.quality or "9" in chord.quality)


def split_bar(count: int, metre: str) -> list[Fraction]:
    """Return the lengths of the chords in a bar, whole beats with the longer ones first; at most a chord a beat."""
    bar, _, beat = METRES[metre]
    beats = int(bar / beat)
    count = min(count, beats)
    shorter, remainder = divmod(beats, count)
    return [(shorter + (index < remainder)) * beat for index in range(count)]


def parse_notes(bar: str) -> list[MelodyNote]:
    """Parse the notes of a written bar such as "G4:1 A4:0.5 R:0.5"; anything else is left out."""
    notes = list[MelodyNote]()
    for letter, sign, octave, quarters in _WRITTEN_NOTE.findall(bar[:_MAX_BAR_CHARACTERS]):
        length = round(Fraction(quarters.replace(",", ".")) / GRID) * GRID
        octave = octave if octave.strip("-") else _DEFAULT_OCTAVE
        pitch = f"{letter.upper()}{_normalise_sign(sign)}{octave}" if letter else ""
        if length:
            notes.append(MelodyNote(pitch, length))
    return notes


def fill_bar(notes: list[MelodyNote], metre: str) -> list[MelodyNote]:
    """Return the notes of a full bar: notes beyond its end are cut, and the last note fills a gap."""
    fitted_notes = list[MelodyNote]()
    remaining = METRES[metre][0]
    for note in notes:
        if remaining > 0:
            fitted_notes.append(MelodyNote(note.pitch, min(note.length, remaining)))
            remaining -= fitted_notes[-1].length
    if not fitted_notes:
        return [MelodyNote("", remaining)]
    *others, last = fitted_notes
    return [*others, MelodyNote(last.pitch, last.length + remaining)]


def fit_to_range(pitch: str) -> str:
    """Return a pitch shifted by octaves into the vocal range."""
    name, octave = _split_octave(pitch)
    while compute_midi_number(f"{name}{octave}") < MIN_MIDI_NUMBER:
        octave += 1
    while compute_midi_number(f"{name}{octave}") > MAX_MIDI_NUMBER:
        octave -= 1
    return f"{name}{octave}"


def fit_pitch_to_chord(pitch: str, chord: Chord, key: Key) -> str:
    """Return the pitch of a chord that is nearest to a pitch, the lower one of two, spelled as in the key."""
    number = compute_midi_number(pitch)
    if number % 12 in chord.tones:
        return pitch
    chord_numbers = (number + step for step in range(-6, 7) if (number + step) % 12 in chord.tones)
    nearest = min(chord_numbers, key=lambda chord_number: abs(chord_number - number))
    return spell_pitch(nearest, chord, key)


def spell_pitch(number: int, chord: Chord, key: Key) -> str:
    """Return the spelling of a MIDI number in a key above a chord, whose notes are preferably a third apart."""
    root = LETTERS.index(chord.root[0])
    spellings = [*key.scale, chord.root, *(f"{letter}{sign}" for letter in LETTERS for sign in ("", "#", "b"))]
    chord_letters = [LETTERS[(root + step) % 7] for step in (0, 2, 4, 6)]
    fitting_names = [spelling for spelling in spellings if compute_pitch_class(spelling) == number % 12]
    name = next((spelling for spelling in fitting_names if spelling[0] in chord_letters), fitting_names[0])
    octave = number // 12 - 1 + {"B#": -1, "Cb": 1}.get(name, 0)
    return f"{name}{octave}"


def get_strong_beats(metre: str) -> tuple[Fraction, ...]:
    """Return the positions of the strong beats in a bar."""
    return METRES[metre][1]


# Beats per minute of common tempo words: the middle of each range.
_TEMPOS = {"very slow": 55, "slow": 72, "walking": 92, "medium": 108, "lively": 124, "very fast": 168, "fast": 140}
_MIN_TEMPO, _MAX_TEMPO = 20, 300


def parse_tempo(text: str) -> int:
    """Return the beats per minute of a tempo: its number, else the value of its words, else a medium one."""
    if match := re.search(r"\d{1,4}", text):
        return min(max(int(match.group()), _MIN_TEMPO), _MAX_TEMPO)
    return next((tempo for words, tempo in _TEMPOS.items() if words in text.casefold()), _TEMPOS["medium"])
