"""Lead sheets are right by theory, and programs of music read them as they are written."""

from __future__ import annotations

import base64
import io
import json
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import mido
import pytest
import verovio
from lxml import etree
from music21 import converter, harmony, key
from PIL import Image
from pypdf import PdfReader

from bot.composition import theory
from bot.content import Assignment, Content, Kind, MemorySnapshot, Request, Requirements
from bot.exports import export_content, find_fitting_formats
from bot.generation.recall import assign
from bot.kinds import lead_sheet, music
from bot.kinds.lead_sheet import LeadSheet, LeadSheetSection, compose, examine
from bot.kinds.music import Music
from personas.persona import find_default

KIND = lead_sheet.KIND
TEXTS = Path(__file__).parents[2] / "data" / "texts"
WALTZ = LeadSheet.model_validate(json.loads((TEXTS / "lead_sheet.json").read_text(encoding="utf-8")))


def build_assignment(kind: Kind = KIND, *, language: str = "en", **requirements: Any) -> Assignment:
    request = Request(id="1", user_id="1", brief="a song", kind=kind.name, language=language)
    return Assignment(request, kind, find_default(kind.family), Requirements(**requirements), MemorySnapshot())


def build_content(**fields: Any) -> Content:
    section = LeadSheetSection(name="Verse", chords=fields.pop("chords"), melody=fields.pop("melody", ""))
    told = {"title": "Odd one", "style": "folk", "key": "C", "metre": "4/4", "tempo": "slow", **fields}
    return compose(LeadSheet(**told, sections=[section]), build_assignment())


def list_bars(content: Content) -> list[dict[str, Any]]:
    return [bar for section in content.parts["song"] for bar in section["bars"]]


def list_symbols(content: Content) -> list[list[str]]:
    return [[one["symbol"] for one in bar["chords"]] for bar in list_bars(content)]


def list_notes(content: Content) -> list[list[str]]:
    return [[f"{one['pitch'] or 'R'}:{one['length']:g}" for one in bar["notes"]] for bar in list_bars(content)]


@pytest.mark.parametrize(
    ("key", "chord", "name", "numeral", "becomes"),
    [
        ("C", "Dm7", "", "ii7", "Dm7"),
        ("C", "Bb", "parallel", "♭VII", "Bb"),
        ("C", "Fm", "parallel", "iv", "Fm"),
        ("C", "A7", "V/ii", "VI7", "A7"),
        ("G", "A7", "V/V", "II7", "A7"),
        ("A", "D7", "blues", "IV7", "D7"),
        ("C", "Db", "neapolitan", "♭II", "Db"),
        ("Am", "E7", "", "V7", "E7"),
        ("Am", "G#dim7", "", "#vii°7", "G#dim7"),
        ("C", "C#dim7", "vii°/ii", "#i°7", "C#dim7"),
        ("C", "F#m", "", "#iv", "F"),
        ("Eb", "Dbmaj9", "", "♭VIImaj9", "Dm7b5"),
        ("D", "F", "parallel", "♭III", "F"),
        ("F", "B♭maj7", "", "IVmaj7", "Bbmaj7"),
        ("C", "CΔ", "", "Imaj7", "Cmaj7"),
        ("C", "G-7", "parallel", "v7", "Gm7"),
    ],
)
def test_a_chord_fits_the_key_is_a_named_borrowing_or_is_replaced(
    key: str, chord: str, name: str, numeral: str, becomes: str
) -> None:
    within, meant = theory.parse_key(key), theory.parse_chord(chord)
    assert meant is not None
    fits = theory.is_diatonic(meant, within)
    assert ("" if fits else theory.describe_borrowed_chord(meant, within)) == name
    assert theory.format_numeral(meant, within) == numeral
    assert theory.fit_chord_to_key(meant, within).symbol == becomes


@pytest.mark.parametrize("key", theory.KEYS)
def test_every_key_has_its_diatonic_chords_and_signature(key: str) -> None:
    within = theory.parse_key(key)
    assert len({note[0] for note in within.scale}) == 7
    assert all(theory.is_diatonic(theory.build_diatonic_chord(at, within, has_seventh=True), within) for at in range(7))
    assert abs(within.fifths) <= 6
    assert theory.build_diatonic_chord(4, within, has_seventh=True).quality == "7"


def test_wrong_notes_and_chords_are_corrected_and_reported() -> None:
    content = build_content(
        chords="C | F#m Bb | H7 | % | G7 C",
        melody="D4:1 E4:1 F#4:0.5 G4:3 | A7:2 | C5:9 | R:1 Bb2:3",
    )
    assert list_symbols(content) == [["C"], ["F", "Bb"], ["Bb"], ["Bb"], ["G7", "C"]]
    assert list_notes(content) == [["C4:1", "E4:1", "G4:0.5", "G4:1.5"], ["A5:4"], ["Bb4:4"], ["R:1", "Bb3:3"], []]
    assert "**Put right:** Verse 1: 5.5 → 4 ♩; Verse 1: D4 → C4" in content.text
    assert "Verse 2: F#m → F" in content.text
    assert "Verse 5" not in content.text, "a bar that nothing is sung in is none that was wrong"
    assert content.parts["borrowed"] == {"Bb": "borrowed from C minor"}
    assert not [check for check in examine(WALTZ, content, build_assignment()) if not check.passed]


def test_a_correct_lead_sheet_is_unchanged() -> None:
    content = compose(WALTZ, build_assignment())
    assert content.parts["put_right"] == []
    assert " | ".join(" ".join(one) for one in list_notes(content)) == WALTZ.sections[0].melody


@pytest.mark.parametrize(
    ("metre", "chords", "lengths"),
    [
        ("4/4", "C F", [2, 2]),
        ("4/4", "C F G", [2, 1, 1]),
        ("3/4", "C G", [2, 1]),
        ("6/8", "C G", [1.5, 1.5]),
        ("2/4", "C F G", [1, 1]),
    ],
)
def test_chords_share_the_beats_of_their_bar(metre: str, chords: str, lengths: list[float]) -> None:
    content = build_content(chords=chords, metre=metre)
    assert [one["length"] for one in list_bars(content)[0]["chords"]] == lengths


@pytest.mark.parametrize(("bars", "failed"), [((12, 12), ["bars asked for"]), ((4, 4), []), ((2, 8), [])])
def test_there_are_as_many_bars_as_requested(bars: tuple[int, int], failed: list[str]) -> None:
    content = build_content(chords="C | F | G | C")
    found = examine(WALTZ, content, build_assignment(counts={"bar": bars}))
    assert [check.name for check in found if not check.passed] == failed
    assert "bar" in {count.nouns[0] for count in KIND.counts}


@pytest.mark.parametrize(("language", "called"), [("en", "G major"), ("de", "G-Dur"), ("fr", "G majeur")])
def test_a_key_is_named_in_its_language(language: str, called: str) -> None:
    sheet = compose(WALTZ, build_assignment(language=language))
    assert f" {called} · " in sheet.text


def test_chords_without_a_melody_are_accepted() -> None:
    content = build_content(chords="C | F", tempo="90 bpm")
    assert list_notes(content) == [[], []]
    assert content.parts["bpm"] == 90


@pytest.mark.parametrize(
    ("tempo", "bpm"), [("92", 92), ("slow", 72), ("very fast", 168), ("9000", 300), ("♩ = 60", 60), ("", 108)]
)
def test_a_tempo_is_a_number_or_a_word(tempo: str, bpm: int) -> None:
    assert theory.parse_tempo(tempo) == bpm


@pytest.mark.parametrize(("voices", "ending"), [("no vocals", "no vocals"), ("vocals", "with vocals")])
@pytest.mark.parametrize(("place", "words"), [("", 20), ("udio", 15)])
def test_a_music_prompt_is_one_line_for_its_model(voices: str, ending: str, place: str, words: int) -> None:
    kept = json.loads((TEXTS / "music.json").read_text(encoding="utf-8"))
    assert music.KIND.composer is not None
    parts = music.compose(
        Music(**kept | {"voices": voices}), build_assignment(music.KIND, place=place, minutes=2)
    ).parts
    assert (parts["bpm"], parts["seconds"]) == (124, 120)
    assert parts["prompt"].startswith("playful chamber music, busy and sunny mood, 124 bpm")
    assert parts["prompt"].endswith(ending)
    assert len(parts["prompt"].split()) <= words
    assert parts["course"][-1]["end"] == parts["seconds"]


def test_notation_software_reads_the_exports() -> None:
    content = build_content(
        key="Eb",
        chords="Eb | Fm7 Bb7/D | Gm C7 | Fm7b5/Cb G7 Cm Ab",
        melody="G4:1 E4:1 Eb4:2 | Ab4:3.5 Bb4:0.5 | G4:4 | R:1 D4:3",
    )
    pitches = [one["pitch"] for bar in list_bars(content) for one in bar["notes"] if one["pitch"]]
    expected = [theory.compute_midi_number(pitch) for pitch in pitches]
    file = mido.MidiFile(file=io.BytesIO(export_content("mid", "T", content)))
    signs, melody, chords = file.tracks
    assert [message.note for message in melody if message.type == "note_on"] == expected
    assert (signs[2].numerator, signs[3].key, signs[0].name) == (4, "Eb", "Odd one")
    assert sum(message.time for message in chords) == 4 * 4 * file.ticks_per_beat
    assert file.length == pytest.approx(16 * 60 / 72, abs=0.01)
    score = etree.fromstring(export_content("musicxml", "T", content))
    for measure in score.iter("measure"):
        assert sum(int(one.text) for one in measure.iterfind("note/duration")) == 16
    assert [one.text for one in score.iter("accidental")] == ["natural", "flat"]
    assert score.findtext(".//fifths") == "-3"
    for name in ("musicxml", "abc"):
        reader = verovio.toolkit()
        assert reader.loadData(export_content(name, "T", content).decode())
        played = mido.MidiFile(file=io.BytesIO(_render_midi(reader)))
        heard = [one.note for track in played.tracks for one in track if one.type == "note_on" and one.velocity]
        assert heard == expected, name


@pytest.mark.parametrize("name", ["musicxml", "mid", "abc"])
def test_music21_finds_the_key_metre_chords_and_notes(name: str) -> None:
    """music21 reads each file by itself: what it finds is what was asked for, and all chords are of the key."""
    content = build_content(
        key="Eb",
        chords="Eb | Fm7 Bb7/D | Gm Cm | Ab Bb7 Eb",
        melody="G4:1 E4:1 Eb4:2 | Ab4:3.5 Bb4:0.5 | G4:4 | R:1 D4:3",
    )
    expected = [
        theory.compute_midi_number(one["pitch"]) for bar in list_bars(content) for one in bar["notes"] if one["pitch"]
    ]
    body = export_content(name, "T", content)
    score = converter.parseData(body if name == "mid" else body.decode(), format={"mid": "midi"}.get(name, name))
    part = score.parts[0] if score.parts else score
    heard = [one.pitch.midi for one in part.flatten().notes if one.isNote and not (one.tie and one.tie.type != "start")]
    assert heard == expected
    assert part.flatten().getElementsByClass("TimeSignature")[0].ratioString == "4/4"
    assert part.flatten().getElementsByClass("KeySignature")[0].sharps == -3
    if name == "musicxml":
        own = {pitch.name for pitch in key.Key("E-").pitches}
        named = list(part.flatten().getElementsByClass(harmony.ChordSymbol))
        assert [one.figure for one in named] == ["E-", "Fm7", "B-7/D", "Gm", "Cm", "A-", "B-7", "E-"]
        assert all({pitch.name for pitch in one.pitches} <= own for one in named)


def _render_midi(reader: Any) -> bytes:
    return base64.b64decode(reader.renderToMIDI())


def assign_brief(brief: str) -> Assignment:
    return assign(Request("1", "7", brief, kind="lead_sheet"), MemorySnapshot())


def test_words_are_aligned_under_their_notes() -> None:
    told = {"title": "Bread", "style": "folk", "key": "G", "metre": "4/4", "tempo": "92"}
    verse = LeadSheetSection(
        name="Verse",
        chords="G | C D | Em | G",
        melody="G4:1 A4:1 B4:2 | C5:4 | R:4 | D5:2 B4:2",
        words="Clo-sing time | warm | | bread is ours",
    )
    chorus = LeadSheetSection(name="Chorus", chords="C | G", melody="E4:2 G4:2 | B4:4", words="go on sing-ing now")
    sheet = LeadSheet(**told, sections=[verse, chorus])
    assert "Closing" not in compose(sheet, assign_brief("a waltz")).text, "words that nobody asked for"
    content = compose(sheet, assign_brief("a song with words"))
    assert "Closing time\nwarm\nbread is ours" in content.text
    score = etree.fromstring(export_content("musicxml", "T", content))
    below = [(one.findtext("lyric/syllabic"), one.findtext("lyric/text")) for one in score.iter("note")]
    assert below == [
        ("begin", "Clo"),
        ("end", "sing"),
        ("single", "time"),
        ("single", "warm"),
        (None, None),
        ("single", "bread"),
        ("single", "is ours"),
        ("single", "go"),
        ("single", "on"),
        ("single", "singing now"),
    ]
    read = converter.parseData(export_content("musicxml", "T", content).decode(), format="musicxml")
    sung = [note.lyric for note in read.flatten().notes if not isinstance(note, harmony.ChordSymbol)]
    assert sung[:4] == ["Clo", "sing", "time", "warm"]
    for name, line in (("musicxml", "Clo"), ("abc", "Clo")):
        reader = verovio.toolkit()
        assert reader.loadData(export_content(name, "T", content).decode())
        assert line in reader.renderToSVG(1)
    abc = export_content("abc", "T", content).decode().splitlines()
    assert [one for one in abc if one.startswith("w:")] == [
        "w:Clo- sing time warm _ bread is~ours",
        "w:go on singing~now",
    ]


def test_notes_in_place_of_chords_become_the_melody_with_chords_added() -> None:
    content = build_content(key="G", chords="G4:1 B4:1 D5:2 | R:2 F#4:2 | C5:4 | R:4")
    assert list_symbols(content) == [["G"], ["D"], ["C"], ["G"]]
    assert list_notes(content)[0] == ["G4:1", "B4:1", "D5:2"]
    kept = build_content(key="G", chords="A4:4 | D5:4", melody="G4:4 | E4:4")
    assert (list_symbols(kept), list_notes(kept)) == ([["G"], ["C"]], [["G4:4"], ["E4:4"]])


def test_bars_of_rests_are_not_a_melody() -> None:
    silent = build_content(chords="C | F", melody="R:4 | R:4")
    assert list_notes(silent) == [[], []]
    assert b"slash" in export_content("musicxml", "T", silent)
    for melody, count in (("R:4 | R:4", 2), ("C4:4", 1), ("C4:4 | F4:4", 0)):
        content = build_content(chords="C | F", melody=melody)
        found = {check.name: check.value for check in examine(WALTZ, content, assign_brief("a song with a melody"))}
        assert found["bars without a tune"] == count
        assert "bars without a tune" not in {
            check.name for check in examine(WALTZ, content, assign_brief("chords for a song"))
        }


@pytest.mark.parametrize(
    ("brief", "missing"),
    [
        ("a song with verse and chorus", ("chorus",)),
        ("ein Lied mit Strophe und Refrain", ("chorus",)),
        ("verse, chorus and a bridge", ("chorus", "bridge")),
        ("a song", None),
        ("two verses", ()),
    ],
)
def test_the_requested_sections_are_present(brief: str, missing: tuple[str, ...] | None) -> None:
    checks = {check.name: check for check in examine(WALTZ, build_content(chords="C | F"), assign_brief(brief))}
    found = checks.get("sections asked for")
    assert (found.value if found else None) == missing
    assert ("The sections are: Verse" in KIND.build_task(assign_brief(brief))) is (missing is not None)


@pytest.mark.parametrize(
    ("brief", "key"),
    [
        ("a waltz in G major", "G"),
        ("a song in B flat minor", "Bbm"),
        ("ein Lied in fis-Moll", "F#m"),
        ("ein Lied in H-Dur", "B"),
        ("B-Dur", "Bb"),
        ("Es-Dur", "Eb"),
        ("une valse en sol majeur", "G"),
        ("en la menor", "Am"),
        ("si bemol maior", "Bb"),
        ("in the key of Em", "Em"),
        ("in G# major", "Ab"),
        ("a minor problem", "C"),
        ("a major launch", "C"),
    ],
)
def test_a_song_is_in_the_requested_key(brief: str, key: str) -> None:
    told = {"title": "Odd one", "style": "folk", "key": "C", "metre": "4/4", "tempo": "slow"}
    sheet = LeadSheet(**told, sections=[LeadSheetSection(name="Verse", chords="C | F#m")])
    content = compose(sheet, assign_brief(brief))
    assert content.parts["key"] == key
    assert all(check.passed for check in examine(sheet, content, assign_brief(brief)))


def test_the_score_is_drawn() -> None:
    content = compose(WALTZ, build_assignment())
    assert {"musicxml", "mid", "abc", "score", "staves"} <= {one.name for one in find_fitting_formats(content)}
    svg = etree.fromstring(export_content("score", "T", content))
    space = "{http://www.w3.org/2000/svg}"
    assert sum(one.get("class") == "note" for one in svg.iter(f"{space}g")) == 9
    words = "".join("".join(one.itertext()) for one in svg.iter(f"{space}text"))
    assert "Lantern waltz" in " ".join(words.split())
    assert not [sign for sign in words if "\ue000" <= sign <= "\uf8ff"], "signs that only fonts of music have"
    with Image.open(io.BytesIO(export_content("staves", "T", content))) as picture:
        assert picture.width == 1600
        dark = sum(picture.convert("L").histogram()[:100])
        assert 0.005 < dark / (picture.width * picture.height) < 0.2


def test_each_section_begins_a_line_and_its_name_stays_on_the_page() -> None:
    told = {"title": "Odd one", "style": "folk", "key": "C", "metre": "4/4", "tempo": "slow"}
    sections = [
        LeadSheetSection(name=name, chords="C | F | G | C") for name in ("Verse", "A rather long bridge", "Coda")
    ]
    content = compose(LeadSheet(**told, sections=sections), build_assignment())
    svg = etree.fromstring(export_content("score", "T", content))
    space = "{http://www.w3.org/2000/svg}"
    systems = list(svg.iterfind(f".//{space}g[@class='system']"))
    assert [len(one.findall(f".//{space}g[@class='reh']")) for one in systems] == [1, 1, 1]
    for name in svg.iterfind(f".//{space}g[@class='reh']"):
        right, up = (float(one) for one in name.get("transform")[len("translate(") : -1].split())
        frame = name.find(f"{space}rect")
        assert float(frame.get("x")) + right >= 0
        assert up < 0
    pages = PdfReader(io.BytesIO(export_content("pdf", "T", content))).pages
    drawn = [one for page in pages for one in page.images]
    assert drawn
    whole = Image.open(io.BytesIO(export_content("staves", "T", content)))
    assert max(one.image.height / one.image.width for one in drawn) < whole.height / whole.width - 0.02, (
        "the title stands once, above the notes"
    )


def test_the_score_can_be_engraved_by_any_thread() -> None:
    """Verovio is imported by one thread of the pool, and the next song may be engraved by another."""
    content = compose(WALTZ, build_assignment())
    for _ in range(2):
        with ThreadPoolExecutor(1) as fresh:
            body = fresh.submit(export_content, "staves", "T", content).result()
        assert Image.open(io.BytesIO(body)).width == 1600


def test_bar_lengths_are_exact_fractions() -> None:
    full = theory.fill_bar(theory.parse_notes("A4:0.75 G:0.33 R:1"), "2/4")
    assert [one.pitch for one in full] == ["A4", "G4", ""]
    assert [one.length for one in full] == [Fraction(3, 4), Fraction(1, 4), Fraction(1)]
