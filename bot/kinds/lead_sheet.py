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

# Names for chords outside the key.
_ORIGIN_NAMES = {
    "parallel": "borrowed from {key}",
    "blues": "blues seventh",
    "neapolitan": "Neapolitan",
    "altered": "altered dominant",
}


# Sections that a brief may ask for, with their names in five languages; and words that ask for notes.
_PARTS = {
    "verse": "verses?|strophen?|estrofas?|couplets?|estrofes?",
    "chorus": "chorus|refrains?|estribillo|coro|refrão",
    "bridge": "bridge|überleitung|puente|pont|ponte",
}
_MELODY = re.compile(r"\b(?:melody|melodie|mélodie|melodía|melodia|tune)\b", re.IGNORECASE)
_WORDS = re.compile(
    r"\b(?:lyrics?|words|sung|singing|lied?texte?|text|worte?n?|paroles|texte|letras?|palabras|palavras)\b",
    re.IGNORECASE,
)
# Degrees of a key from 0, those with the most common chords first.
_NEAREST = (0, 4, 3, 5, 1, 2)
# The maximum number of bars in a section.
_MAX_BARS = 32
BARS = Count(1, 96, 8, ("bar", "measure", "takt", "takte", "takten", "compás", "compases", "mesure", "compasso"))


class LeadSheetSection(BaseModel):
    """A part of the song; bars are separated by "|", in words as in chords, and syllables by "-"."""

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
    """A correct bar: its chords with their lengths, its notes, the corrections made, and the syllables of its notes."""

    chords: tuple[tuple[Chord, Fraction], ...]
    notes: tuple[MelodyNote, ...]
    put_right: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def sounding(self) -> int:
        """The number of its notes that are not rests."""
        return sum(bool(note.pitch) for note in self.notes)


def correct_bar(chords: str, melody: str, key: Key, metre: str, before: Chord) -> CorrectedBar:
    """Return a written bar, corrected: chords of the key, complete, with its strong beats on the chord."""
    changes, found = list[str](), list[Chord]()
    for symbol in (one for one in chords.split() if one.strip("-–%/.")):
        meant = theory.parse_chord(symbol)
        fitting = theory.fit_chord_to_key(meant, key) if meant else None
        if fitting is not None:
            found.append(fitting)
        if meant is None or fitting != meant:
            changes.append(f"{meant.symbol if meant else symbol} → {fitting.symbol if fitting else '–'}")
    found = found or [before]
    lengths = theory.split_bar(len(found), metre)
    timed = tuple(zip(found, lengths, strict=False))
    if not melody:
        return CorrectedBar(timed, (), tuple(changes))
    written = theory.parse_notes(melody)
    full = theory.fill_bar(written, metre)
    if written != full:
        changes.append(f"{_format_length(written)} → {_format_length(full)} ♩")
    notes, at = list[MelodyNote](), Fraction(0)
    for note in full:
        pitch = theory.fit_to_range(note.pitch) if note.pitch else ""
        if pitch and at in theory.get_strong_beats(metre):
            pitch = theory.fit_to_range(theory.fit_pitch_to_chord(pitch, _find_sounding_chord(timed, at), key))
        if pitch != note.pitch:
            changes.append(f"{note.pitch} → {pitch}")
        notes.append(MelodyNote(pitch, note.length))
        at += note.length
    return CorrectedBar(timed, tuple(notes), tuple(changes))


def _split_bars(written: str) -> list[str]:
    """Return the bars of a line; repeat signs are expanded."""
    bars = list[str]()
    for bar in filter(None, map(str.strip, written.replace("\n", "|").split("|"))):
        bars.append(bars[-1] if bar in ("%", "/") and bars else bar)
    return bars[:_MAX_BARS]


def _add_words(words: str, bars: list[CorrectedBar]) -> list[CorrectedBar]:
    """Return the bars with a syllable for each of their notes; one ends in "-" if its word continues. Syllables without a
    note join the last one.
    """
    by_bar = [_split_syllables(one) for one in words.replace("\n", "|").split("|")] if "|" in words else []
    if not by_bar:
        said = _split_syllables(words)
        for bar in bars:
            by_bar.append(said[: bar.sounding])
            said = said[bar.sounding :]
        if said and (last := max((at for at, bar in enumerate(bars) if bar.sounding), default=-1)) >= 0:
            by_bar[last] += said
    return [_add_bar_words(bar, said) for bar, said in zip(bars, [*by_bar, *[[]] * len(bars)], strict=False)]


def _add_bar_words(bar: CorrectedBar, said: list[str]) -> CorrectedBar:
    room = bar.sounding
    if room and len(said) > room:
        said = [*said[: room - 1], " ".join(said[room - 1 :]).replace("- ", "")]
    left = iter(said)
    return replace(bar, words=tuple(next(left, "") if note.pitch else "" for note in bar.notes))


def _split_syllables(words: str) -> list[str]:
    """Return the syllables of words, all but the last of a word with a trailing hyphen."""
    parted = [[one for one in word.split("-") if one] for word in words.split()]
    return [f"{one}-" if at < len(word) else one for word in parted for at, one in enumerate(word, 1)]


def _split_chords_and_melody(section: LeadSheetSection, key: Key) -> tuple[list[str], list[str]]:
    """Return the bars of a section's chords and of its melody. Notes in place of the chords are the missing melody, and each
    bar gets the chord of the key that contains most of its notes.
    """
    chords, melody = _split_bars(section.chords), _split_bars(section.melody)
    if any(theory.parse_chord(symbol) for bar in chords for symbol in bar.split()) or not any(
        map(theory.parse_notes, chords)
    ):
        return chords, melody
    melody = melody if any(note.pitch for bar in melody for note in theory.parse_notes(bar)) else chords
    return [_choose_chord(theory.parse_notes(bar), key).symbol for bar in melody], melody


def _choose_chord(notes: list[MelodyNote], key: Key) -> Chord:
    """Return the chord of a key that contains the notes for the longest time, the nearest to its tonic if there are several."""

    def sounding(chord: Chord) -> Fraction:
        own = (note.length for note in notes if note.pitch and note.midi % 12 in chord.tones)
        return sum(own, Fraction(0))

    return max((theory.build_diatonic_chord(degree, key) for degree in _NEAREST), key=sounding)


def _format_length(notes: list[MelodyNote]) -> str:
    return f"{float(sum((note.length for note in notes), Fraction(0))):g}"


def _find_sounding_chord(chords: tuple[tuple[Chord, Fraction], ...], at: Fraction) -> Chord:
    """Return the chord that sounds at a time within its bar."""
    end = Fraction(0)
    for chord, length in chords:
        end += length
        if at < end:
            return chord
    return chords[-1][0]


def compose(output: LeadSheet, assignment: Assignment) -> Content:
    """Compose each section as bars with their chords and numerals, then list borrowed chords and corrections."""
    key_name = theory.find_key(assignment.brief) or (output.key if output.key in theory.KEYS else "C")
    metre = output.metre if output.metre in theory.METRES else "4/4"
    key, bpm = theory.parse_key(key_name), theory.parse_tempo(output.tempo)
    is_sung = bool(_WORDS.search(assignment.brief))
    sections, shown, changes, foreign = list[dict[str, Any]](), list[str](), list[str](), dict[str, str]()
    for section in output.sections:
        before, bars, (written, sung) = (
            theory.build_diatonic_chord(0, key),
            list[CorrectedBar](),
            _split_chords_and_melody(section, key),
        )
        if not any(note.pitch for bar in sung for note in theory.parse_notes(bar)):
            sung = []  # Only rests are no melody.
        for number, chords in enumerate(written, 1):
            melody = sung[number - 1] if number <= len(sung) else ""
            bar = correct_bar(chords, melody, key, metre, before)
            before = bar.chords[-1][0]
            changes += [f"{section.name} {number}: {one}" for one in bar.put_right]
            foreign |= {
                chord.symbol: name
                for chord, _ in bar.chords
                if (name := _describe_foreign_chord(chord, key, assignment))
            }
            bars.append(bar)
        sung_to = section.words if is_sung else ""
        bars = _add_words(sung_to, bars) if sung_to.strip() else bars
        sections.append({"name": section.name, "bars": [_serialise_bar(bar, key) for bar in bars]})
        words = "\n".join(filter(None, (" ".join(one.replace("-", "").split()) for one in sung_to.split("|"))))
        shown.append(join_paragraphs(f"**{section.name}**\n```\n{_format_grid(bars, key)}\n```", words))
    beat = "♩." if metre.endswith("8") else "♩"
    tonic = _format_key(key, assignment, minor=key.is_minor)
    heads = (("Key", tonic), ("Metre", metre), ("Tempo", f"{beat} = {bpm}"), ("Style", output.style))
    head = _format_labelled(heads, assignment)
    borrowed = "; ".join(f"{symbol}: {name}" for symbol, name in foreign.items())
    notes = _format_labelled((("Not of the key", borrowed), ("Put right", "; ".join(changes))), assignment)
    parts: dict[str, Any] = {
        "title": output.title,
        "style": output.style,
        "key": key_name,
        "metre": metre,
        "bpm": bpm,
        "song": sections,
        "borrowed": foreign,
        "put_right": changes,
    }
    return Content(join_paragraphs(f"## {output.title}\n{' · '.join(head)}", *shown, "\n".join(notes)), parts)


def _format_labelled(told: tuple[tuple[str, str], ...], assignment: Assignment) -> list[str]:
    return [f"**{translate_label_around_prompt(name, assignment)}:** {said}" for name, said in told if said]


def _describe_foreign_chord(chord: Chord, key: Key, assignment: Assignment) -> str:
    """Return the origin of a chord outside the key; empty for those within it."""
    if theory.is_diatonic(chord, key):
        return ""
    name = theory.describe_borrowed_chord(chord, key)
    parallel = _format_key(key, assignment, minor=not key.is_minor)
    return (
        translate_label_around_prompt(_ORIGIN_NAMES[name], assignment).format(key=parallel)
        if name in _ORIGIN_NAMES
        else name
    )


def _format_key(key: Key, assignment: Assignment, *, minor: bool) -> str:
    """Return a key as tonic and mode, "G major"; with a hyphen in German."""
    between = "-" if assignment.surrounding_language == "de" else " "
    return f"{key.tonic}{between}{translate_label_around_prompt('minor' if minor else 'major', assignment)}"


def _serialise_bar(bar: CorrectedBar, key: Key) -> dict[str, Any]:
    """Return a bar as plain data; lengths are in quarter notes."""
    chords = ((one, float(length)) for one, length in bar.chords)
    return {
        "chords": [
            {"symbol": one.symbol, "numeral": theory.format_numeral(one, key), "length": each} for one, each in chords
        ],
        "notes": [
            {"pitch": note.pitch, "length": float(note.length), **({"word": word} if word else {})}
            for note, word in zip(bar.notes, bar.words or [""] * len(bar.notes), strict=True)
        ],
    }


def _format_grid(bars: list[CorrectedBar], key: Key) -> str:
    """Return the bars four per line, with each chord's numeral below it."""
    chords = [[one for one, _ in bar.chords] for bar in bars]
    cells = [
        (" ".join(one.symbol for one in bar), " ".join(theory.format_numeral(one, key) for one in bar))
        for bar in chords
    ]
    width = max((len(one) for cell in cells for one in cell), default=0)
    lines = list[str]()
    for at in range(0, len(cells), 4):
        row = cells[at : at + 4]
        lines.append("| " + " | ".join(symbols.ljust(width) for symbols, _ in row) + " |")
        lines.append("  " + "   ".join(numerals.ljust(width) for _, numerals in row).rstrip())
    return "\n".join(lines)


def examine(_output: LeadSheet, content: Content, assignment: Assignment) -> list[Check]:
    """Check that each bar is full, each chord in the key or named, each strong beat on its chord; and the number of bars."""
    metre, key = content.parts["metre"], theory.parse_key(content.parts["key"])
    bars = [bar for section in content.parts["song"] for bar in section["bars"]]
    wanted = float(theory.METRES[metre][0])
    sums = [[sum(one["length"] for one in bar[name]) for name in ("chords", "notes") if bar[name]] for bar in bars]
    chords = [theory.parse_chord(one["symbol"]) for bar in bars for one in bar["chords"]]
    foreign = [
        one
        for one in chords
        if one is None or not (theory.is_diatonic(one, key) or theory.describe_borrowed_chord(one, key))
    ]
    unfilled = sum(any(one != wanted for one in each) for each in sums)
    checks = [
        build_range_check("full bars", unfilled, high=0, unit="bars", path="sections"),
        build_range_check("chords of the key", len(foreign), high=0, unit="chords", path="sections"),
        build_range_check(
            "strong beats",
            sum(_count_off_chord_notes(bar, metre) for bar in bars),
            high=0,
            unit="notes",
            path="sections",
        ),
    ]
    names = [each["name"].casefold() for each in content.parts["song"]]
    if parts := _find_wanted_sections(assignment.brief):
        missing = [one for one in parts if not any(re.search(rf"\b(?:{_PARTS[one]})", name) for name in names)]
        checks.append(
            build_presence_check("sections asked for", missing, len(parts), path="sections", asked_by="brief")
        )
    if _MELODY.search(assignment.brief):
        silent = sum(not any(note["pitch"] for note in bar["notes"]) for bar in bars)
        checks.append(
            build_range_check("bars without a tune", silent, high=0, unit="bars", path="sections", asked_by="brief")
        )
    if asked := assignment.requirements.counts.get("bar"):
        counts = {
            len(bars),
            *({len(each["bars"]) for each in content.parts["song"]} if _has_equal_sections(content) else ()),
        }
        found = next((one for one in counts if asked[0] <= one <= asked[1]), len(bars))
        checks.append(
            build_range_check("bars asked for", found, *asked, unit="bars", path="sections", asked_by="brief")
        )
    return checks


def _find_wanted_sections(brief: str) -> list[str]:
    """Return the sections that a brief names."""
    return [one for one, said in _PARTS.items() if re.search(rf"\b(?:{said})\b", brief, re.IGNORECASE)]


def _has_equal_sections(content: Content) -> bool:
    """Whether all sections have the same number of bars, so that a brief's number may apply to each."""
    return len({len(each["bars"]) for each in content.parts["song"]}) == 1


def _count_off_chord_notes(bar: dict[str, Any], metre: str) -> int:
    """Return the number of notes on strong beats that are not in the chord below them."""
    chords = ((theory.parse_chord(one["symbol"]), Fraction(one["length"])) for one in bar["chords"])
    timed = tuple((chord, length) for chord, length in chords if chord)
    at, wrong = Fraction(0), 0
    for note in bar["notes"]:
        if timed and note["pitch"] and at in theory.get_strong_beats(metre):
            wrong += theory.compute_midi_number(note["pitch"]) % 12 not in _find_sounding_chord(timed, at).tones
        at += Fraction(note["length"])
    return wrong


_TASK = (
    'A lead sheet. `chords` has the bars of a section parted by |, a chord or two in each, such as "Am | Dm7 G7 | C", of the key that it is in. '
    '`melody` has as many bars, each with its notes and their lengths in quarter notes, such as "G4:1 A4:0.5 B4:0.5 D5:2 | R:2 C5:2", R for a '
    "rest; the lengths in a bar add up to its meter, and strong beats have notes of the chord. Leave it empty where only chords are wanted."
)
_SUNG = " `words` has the song's words bar by bar, with hyphens in longer ones."


def build_task(assignment: Assignment) -> str:
    """Describe a lead sheet; with its words and its sections if the brief asks for some."""
    names = ", ".join(one.title() for one in _find_wanted_sections(assignment.brief))
    told = f" The sections are: {names}." if names else ""
    return f"{_TASK}{_SUNG if _WORDS.search(assignment.brief) else ' `words` stays empty.'}{told}"


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
