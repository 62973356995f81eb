"""A lead sheet: chords per bar, and a melody if requested, checked by theory and corrected by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, build_presence_check, build_range_check
from bot.composition import theory
from bot.composition.drawing import join_paragraphs
from bot.composition.theory import Chord, Key, MelodyNote
from bot.content import Assignment, Choice, Composer, Content, Count, Kind, Size
from bot.reading.surrounding_labels import translate_label_around_prompt

# How the origins of chords outside the key are labelled; other origins are numerals.
_ORIGIN_LABELS = {
    "parallel": "borrowed from {key}",
    "blues": "blues seventh",
    "neapolitan": "Neapolitan",
    "altered": "altered dominant",
}
# Sections that a brief may ask for, with their names in five languages.
_SECTION_WORDS = {
    "verse": "verses?|strophen?|estrofas?|couplets?|estrofes?",
    "chorus": "chorus|refrains?|estribillo|coro|refrão",
    "bridge": "bridge|überleitung|puente|pont|ponte",
}
_MELODY_WORDS = re.compile(r"\b(?:melody|melodie|mélodie|melodía|melodia|tune)\b", re.IGNORECASE)
_LYRICS_WORDS = re.compile(
    r"\b(?:lyrics?|words|sung|singing|lied?texte?|text|worte?n?|paroles|texte|letras?|palabras|palavras)\b",
    re.IGNORECASE,
)
# Degrees of a key from 0, those with the most common chords first.
_COMMON_DEGREES = (0, 4, 3, 5, 1, 2)
# The maximum number of bars in a section.
_MAX_BARS = 32
BARS = Count(1, 96, 8, ("bar", "measure", "takt", "takte", "takten", "compás", "compases", "mesure", "compasso"))


class LeadSheetSection(BaseModel):
    """A section of the song; "|" separates the bars of its chords, melody and words, and "-" the syllables of a word."""

    name: Annotated[str, Size(24, low=2)]
    chords: Annotated[str, Size(400, low=3), BARS]
    melody: Annotated[str, Size(1200)] = ""
    words: Annotated[str, Size(1200)] = ""


class LeadSheet(BaseModel):
    """What a model writes. The tempo is in beats per minute, such as "92"."""

    title: Annotated[str, Size(60, low=2)]
    style: Annotated[str, Size(40, low=3)]
    key: Annotated[str, Choice(theory.KEYS)]
    metre: Annotated[str, Choice(tuple(theory.METRES))]
    tempo: Annotated[str, Size(12, low=2)]
    sections: Annotated[list[LeadSheetSection], Count(1, 6, 2, ("section", "part"))]


@dataclass(frozen=True, slots=True)
class CorrectedBar:
    """A bar, corrected: its chords with their lengths, its notes, what was corrected, and a syllable or "" for each note."""

    chords: tuple[tuple[Chord, Fraction], ...]
    notes: tuple[MelodyNote, ...]
    corrections: tuple[str, ...] = ()
    syllables: tuple[str, ...] = ()

    @property
    def sung_note_count(self) -> int:
        """The number of its notes that are not rests."""
        return sum(bool(note.pitch) for note in self.notes)


def correct_bar(chords: str, melody: str, key: Key, metre: str, previous_chord: Chord) -> CorrectedBar:
    """Parse a bar and correct it: its chords fit the key, its notes fill it, and those on strong beats are in the chord.

    If it has no chord, `previous_chord` continues.
    """
    corrections, fitting_chords = list[str](), list[Chord]()
    for symbol in chords.split():
        if not symbol.strip("-–%/."):
            continue
        chord = theory.parse_chord(symbol)
        fitting_chord = theory.fit_chord_to_key(chord, key) if chord else None
        if fitting_chord is not None:
            fitting_chords.append(fitting_chord)
        if chord is None or fitting_chord != chord:
            new_symbol = fitting_chord.symbol if fitting_chord else "–"
            corrections.append(f"{chord.symbol if chord else symbol} → {new_symbol}")
    fitting_chords = fitting_chords or [previous_chord]
    timed_chords = tuple(zip(fitting_chords, theory.split_bar(len(fitting_chords), metre), strict=False))
    if not melody:
        return CorrectedBar(timed_chords, (), tuple(corrections))
    written_notes = theory.parse_notes(melody)
    full_notes = theory.fill_bar(written_notes, metre)
    if written_notes != full_notes:
        corrections.append(f"{_format_length(written_notes)} → {_format_length(full_notes)} ♩")
    notes, position = list[MelodyNote](), Fraction(0)
    for note in full_notes:
        pitch = theory.fit_to_range(note.pitch) if note.pitch else ""
        if pitch and position in theory.get_strong_beats(metre):
            sounding_chord = _find_sounding_chord(timed_chords, position)
            pitch = theory.fit_to_range(theory.fit_pitch_to_chord(pitch, sounding_chord, key))
        if pitch != note.pitch:
            corrections.append(f"{note.pitch} → {pitch}")
        notes.append(MelodyNote(pitch, note.length))
        position += note.length
    return CorrectedBar(timed_chords, tuple(notes), tuple(corrections))


def _split_bars(text: str) -> list[str]:
    """Return the first `_MAX_BARS` bars of a text; a repeat sign repeats the bar before it."""
    bars = list[str]()
    for bar in filter(None, map(str.strip, text.replace("\n", "|").split("|"))):
        bars.append(bars[-1] if bar in ("%", "/") and bars else bar)
    return bars[:_MAX_BARS]


def _add_lyrics(lyrics: str, bars: list[CorrectedBar]) -> list[CorrectedBar]:
    """Return the bars with a syllable for each of their notes; it ends in "-" if its word continues. Syllables without a
    note join the last one.
    """
    if "|" in lyrics:
        syllables_by_bar = [_split_syllables(bar_lyrics) for bar_lyrics in lyrics.replace("\n", "|").split("|")]
    else:
        syllables_by_bar, syllables = [], _split_syllables(lyrics)
        for bar in bars:
            syllables_by_bar.append(syllables[: bar.sung_note_count])
            syllables = syllables[bar.sung_note_count :]
        sung_indexes = [index for index, bar in enumerate(bars) if bar.sung_note_count]
        if syllables and sung_indexes:
            syllables_by_bar[sung_indexes[-1]] += syllables
    syllables_by_bar += [[] for _ in bars]
    return [_add_syllables(bar, syllables) for bar, syllables in zip(bars, syllables_by_bar, strict=False)]


def _add_syllables(bar: CorrectedBar, syllables: list[str]) -> CorrectedBar:
    last = bar.sung_note_count - 1
    if last >= 0 and len(syllables) > bar.sung_note_count:
        syllables = [*syllables[:last], " ".join(syllables[last:]).replace("- ", "")]
    remaining_syllables = iter(syllables)
    return replace(bar, syllables=tuple(next(remaining_syllables, "") if note.pitch else "" for note in bar.notes))


def _split_syllables(lyrics: str) -> list[str]:
    """Return the syllables of lyrics, all but the last of a word with a trailing hyphen."""
    syllables = list[str]()
    for word in lyrics.split():
        word_syllables = [syllable for syllable in word.split("-") if syllable]
        syllables += [*(f"{syllable}-" for syllable in word_syllables[:-1]), *word_syllables[-1:]]
    return syllables


def _split_chords_and_melody(section: LeadSheetSection, key: Key) -> tuple[list[str], list[str]]:
    """Return the bars of a section's chords and of its melody. Notes in place of the chords are the missing melody, and each
    bar gets the chord of the key that contains most of its notes.
    """
    chords, melody = _split_bars(section.chords), _split_bars(section.melody)
    has_chord = any(theory.parse_chord(symbol) for bar in chords for symbol in bar.split())
    if has_chord or not any(map(theory.parse_notes, chords)):
        return chords, melody
    melody = melody if _has_pitch(melody) else chords
    return [_choose_chord(theory.parse_notes(bar), key).symbol for bar in melody], melody


def _has_pitch(melody: list[str]) -> bool:
    return any(note.pitch for bar in melody for note in theory.parse_notes(bar))


def _choose_chord(notes: list[MelodyNote], key: Key) -> Chord:
    """Return the chord of a key that contains the notes for the longest time, the most common one if there are several."""

    def compute_common_length(chord: Chord) -> Fraction:
        lengths = (note.length for note in notes if note.pitch and note.midi % 12 in chord.tones)
        return sum(lengths, Fraction(0))

    return max((theory.build_diatonic_chord(degree, key) for degree in _COMMON_DEGREES), key=compute_common_length)


def _format_length(notes: list[MelodyNote]) -> str:
    return f"{float(sum((note.length for note in notes), Fraction(0))):g}"


def _find_sounding_chord(chords: tuple[tuple[Chord, Fraction], ...], position: Fraction) -> Chord:
    """Return the chord that sounds at a position within its bar."""
    end = Fraction(0)
    for chord, length in chords:
        end += length
        if position < end:
            return chord
    return chords[-1][0]


def compose(output: LeadSheet, assignment: Assignment) -> Content:
    """Compose each section as bars with their chords and numerals, then list borrowed chords and corrections."""
    key_name = theory.find_key(assignment.brief) or (output.key if output.key in theory.KEYS else "C")
    metre = output.metre if output.metre in theory.METRES else "4/4"
    key, bpm = theory.parse_key(key_name), theory.parse_tempo(output.tempo)
    is_sung = bool(_LYRICS_WORDS.search(assignment.brief))
    song, section_texts, corrections, origins = list[dict[str, Any]](), list[str](), list[str](), dict[str, str]()
    for section in output.sections:
        lyrics = section.words if is_sung else ""
        bars = _compose_bars(section, lyrics, key, metre)
        for number, bar in enumerate(bars, 1):
            corrections += [f"{section.name} {number}: {correction}" for correction in bar.corrections]
            for chord, _ in bar.chords:
                if origin := _describe_foreign_chord(chord, key, assignment):
                    origins[chord.symbol] = origin
        song.append({"name": section.name, "bars": [_serialise_bar(bar, key) for bar in bars]})
        lyrics_lines = (" ".join(line.replace("-", "").split()) for line in lyrics.split("|"))
        lyrics_text = "\n".join(filter(None, lyrics_lines))
        section_texts.append(join_paragraphs(f"**{section.name}**\n```\n{_format_grid(bars, key)}\n```", lyrics_text))
    beat = "♩." if metre.endswith("8") else "♩"
    tonic = _format_key(key, assignment, minor=key.is_minor)
    facts = (("Key", tonic), ("Metre", metre), ("Tempo", f"{beat} = {bpm}"), ("Style", output.style))
    head = " · ".join(_format_labelled(facts, assignment))
    borrowed = "; ".join(f"{symbol}: {origin}" for symbol, origin in origins.items())
    notes = _format_labelled((("Not of the key", borrowed), ("Put right", "; ".join(corrections))), assignment)
    parts: dict[str, Any] = {
        "title": output.title,
        "style": output.style,
        "key": key_name,
        "metre": metre,
        "bpm": bpm,
        "song": song,
        "borrowed": origins,
        "put_right": corrections,
    }
    return Content(join_paragraphs(f"## {output.title}\n{head}", *section_texts, "\n".join(notes)), parts)


def _compose_bars(section: LeadSheetSection, lyrics: str, key: Key, metre: str) -> list[CorrectedBar]:
    chords, melody = _split_chords_and_melody(section, key)
    melody = melody if _has_pitch(melody) else []
    bars, previous_chord = list[CorrectedBar](), theory.build_diatonic_chord(0, key)
    for bar_chords, bar_melody in zip(chords, [*melody, *[""] * len(chords)], strict=False):
        bars.append(correct_bar(bar_chords, bar_melody, key, metre, previous_chord))
        previous_chord = bars[-1].chords[-1][0]
    return _add_lyrics(lyrics, bars) if lyrics.strip() else bars


def _format_labelled(labelled_texts: tuple[tuple[str, str], ...], assignment: Assignment) -> list[str]:
    """Return each text, if not empty, after its label in bold."""
    return [f"**{translate_label_around_prompt(label, assignment)}:** {text}" for label, text in labelled_texts if text]


def _describe_foreign_chord(chord: Chord, key: Key, assignment: Assignment) -> str:
    """Return the origin of a chord outside the key; empty for those within it."""
    if theory.is_diatonic(chord, key):
        return ""
    origin = theory.describe_borrowed_chord(chord, key)
    if origin not in _ORIGIN_LABELS:
        return origin
    parallel_key = _format_key(key, assignment, minor=not key.is_minor)
    return translate_label_around_prompt(_ORIGIN_LABELS[origin], assignment).format(key=parallel_key)


def _format_key(key: Key, assignment: Assignment, *, minor: bool) -> str:
    """Return a key as tonic and mode, "G major"; with a hyphen in German."""
    separator = "-" if assignment.surrounding_language == "de" else " "
    return f"{key.tonic}{separator}{translate_label_around_prompt('minor' if minor else 'major', assignment)}"


def _serialise_bar(bar: CorrectedBar, key: Key) -> dict[str, Any]:
    """Return a bar as plain data; lengths are in quarter notes."""
    return {
        "chords": [
            {"symbol": chord.symbol, "numeral": theory.format_numeral(chord, key), "length": float(length)}
            for chord, length in bar.chords
        ],
        "notes": [
            {"pitch": note.pitch, "length": float(note.length), **({"word": syllable} if syllable else {})}
            for note, syllable in zip(bar.notes, bar.syllables or [""] * len(bar.notes), strict=True)
        ],
    }


def _format_grid(bars: list[CorrectedBar], key: Key) -> str:
    """Return the bars four per line, with each chord's numeral below it."""
    chords_by_bar = [[chord for chord, _ in bar.chords] for bar in bars]
    cells = [
        (" ".join(chord.symbol for chord in chords), " ".join(theory.format_numeral(chord, key) for chord in chords))
        for chords in chords_by_bar
    ]
    width = max((len(text) for cell in cells for text in cell), default=0)
    lines = list[str]()
    for start in range(0, len(cells), 4):
        row = cells[start : start + 4]
        lines.append("| " + " | ".join(symbols.ljust(width) for symbols, _ in row) + " |")
        lines.append("  " + "   ".join(numerals.ljust(width) for _, numerals in row).rstrip())
    return "\n".join(lines)


def examine(_output: LeadSheet, content: Content, assignment: Assignment) -> list[Check]:
    """Check that each bar is full, each chord in the key or borrowed, and each note on a strong beat in its chord; and that
    the sections, the melody and the number of bars are those of the brief.
    """
    song, metre, key = content.parts["song"], content.parts["metre"], theory.parse_key(content.parts["key"])
    bars = [bar for section in song for bar in section["bars"]]
    bar_length = float(theory.METRES[metre][0])
    unfilled_count = sum(not _is_full(bar, bar_length) for bar in bars)
    foreign_count = sum(_is_foreign(chord["symbol"], key) for bar in bars for chord in bar["chords"])
    off_chord_count = sum(_count_off_chord_notes(bar, metre) for bar in bars)
    checks = [
        build_range_check("full bars", unfilled_count, high=0, unit="bars", path="sections"),
        build_range_check("chords of the key", foreign_count, high=0, unit="chords", path="sections"),
        build_range_check("strong beats", off_chord_count, high=0, unit="notes", path="sections"),
    ]
    if wanted := _find_wanted_sections(assignment.brief):
        headings = "\n".join(section["name"].casefold() for section in song)
        missing = [name for name in wanted if not re.search(rf"\b(?:{_SECTION_WORDS[name]})", headings)]
        checks.append(
            build_presence_check("sections asked for", missing, len(wanted), path="sections", asked_by="brief")
        )
    if _MELODY_WORDS.search(assignment.brief):
        silent = sum(not any(note["pitch"] for note in bar["notes"]) for bar in bars)
        checks.append(
            build_range_check("bars without a tune", silent, high=0, unit="bars", path="sections", asked_by="brief")
        )
    if "bar" in assignment.requirements.counts:
        low, high = assignment.requirements.counts["bar"]
        section_counts = {len(section["bars"]) for section in song}
        # If all sections have the same number of bars, the brief's number may be that of each.
        counts = {len(bars), *section_counts} if len(section_counts) == 1 else {len(bars)}
        count = next((count for count in counts if low <= count <= high), len(bars))
        checks.append(
            build_range_check("bars asked for", count, low, high, unit="bars", path="sections", asked_by="brief")
        )
    return checks


def _find_wanted_sections(brief: str) -> list[str]:
    """Return the sections that a brief names."""
    return [name for name, words in _SECTION_WORDS.items() if re.search(rf"\b(?:{words})\b", brief, re.IGNORECASE)]


def _is_full(bar: dict[str, Any], bar_length: float) -> bool:
    """Whether the chords and the notes of a bar, if it has any, have its length."""
    return all(sum(part["length"] for part in bar[name]) == bar_length for name in ("chords", "notes") if bar[name])


def _is_foreign(symbol: str, key: Key) -> bool:
    """Whether a chord is unknown, or neither in the key nor borrowed."""
    chord = theory.parse_chord(symbol)
    return chord is None or not (theory.is_diatonic(chord, key) or theory.describe_borrowed_chord(chord, key))


def _count_off_chord_notes(bar: dict[str, Any], metre: str) -> int:
    """Return the number of notes on strong beats that are not in the chord below them."""
    chords = ((theory.parse_chord(chord["symbol"]), Fraction(chord["length"])) for chord in bar["chords"])
    timed_chords = tuple((chord, length) for chord, length in chords if chord)
    position, count = Fraction(0), 0
    for note in bar["notes"]:
        if timed_chords and note["pitch"] and position in theory.get_strong_beats(metre):
            pitch_class = theory.compute_midi_number(note["pitch"]) % 12
            count += pitch_class not in _find_sounding_chord(timed_chords, position).tones
        position += Fraction(note["length"])
    return count


_TASK = (
    'A lead sheet. `chords` has the bars of a section parted by |, a chord or two in each, such as "Am | Dm7 G7 | C", of the key that it is in. '
    '`melody` has as many bars, each with its notes and their lengths in quarter notes, such as "G4:1 A4:0.5 B4:0.5 D5:2 | R:2 C5:2", R for a '
    "rest; the lengths in a bar add up to its meter, and strong beats have notes of the chord. Leave it empty where only chords are wanted."
)
_LYRICS_TASK = " `words` has the song's words bar by bar, with hyphens in longer ones."


def build_task(assignment: Assignment) -> str:
    """Describe a lead sheet; with its words and its sections if the brief asks for some."""
    names = ", ".join(name.title() for name in _find_wanted_sections(assignment.brief))
    lyrics_task = _LYRICS_TASK if _LYRICS_WORDS.search(assignment.brief) else " `words` stays empty."
    return f"{_TASK}{lyrics_task}{f' The sections are: {names}.' if names else ''}"


KIND = Kind(
    name="lead_sheet",
    family="media",
    title="Lead sheet",
    description="Chords bar by bar, with a melody if you like; checked for theory, as sheet music and MIDI.",
    task=build_task,
    composer=Composer(output=LeadSheet, compose=compose, examine=examine),
    form=Form("section"),
    likely_exports=("staves", "mid", "copy"),
)
