"""Films on paper and what is spoken: storyboards, scripts, podcasts and lyrics, in whatever form they are written."""

# ruff: noqa: E501 - texts as they are written
from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
import webvtt
from image_servers import make_picture
from lxml import etree
from pypdf import PdfReader

from bot.content import Assignment, Content, Kind, MemorySnapshot, Request, Requirements
from bot.exports import export_content, find_fitting_formats
from bot.images.studio import add_frames, build_pictures
from bot.kinds import lyrics, podcast, script, storyboard
from bot.markup import parse_document
from personas.persona import find_default

TEXTS = Path(__file__).parents[2] / "data" / "texts"
BOARD, SCRIPT, PODCAST, LYRICS = storyboard.KIND, script.KIND, podcast.KIND, lyrics.KIND


def build_assignment(kind: Kind, place: str = "") -> Assignment:
    request = Request(id="1", user_id="1", brief="a fern", kind=kind.name)
    return Assignment(request, kind, find_default(kind.family), Requirements(place=place), MemorySnapshot())


def read_parts(kind: Kind, text: str, place: str = "") -> dict[str, Any]:
    found = kind.read(parse_document(text), build_assignment(kind, place))
    assert kind.parts is not None
    kind.parts.model_validate(found)
    return found


def load_text(name: str) -> str:
    return (TEXTS / f"{name}.md").read_text(encoding="utf-8").partition("\n")[2]


def build_content(kind: Kind, name: str) -> Content:
    return Content(load_text(name), read_parts(kind, load_text(name)))


def list_spoken_lines(parts: dict[str, Any]) -> list[tuple[str, str]]:
    turns = [turn for scene in parts["scenes"] for turn in scene["turns"]] if "scenes" in parts else parts["turns"]
    return [(turn["speaker"], turn["words"]) for turn in turns if turn["words"]]


TABLE = """| Shot | Duration | Framing & camera | What we see | What we hear | Prompt |
|:-:|:-:|---|---|---|---|
| 1 | 3s | wide, static | A kite in a tree. | Wind. | a red kite |
| 2 | 5s | close-up, dolly in | Hands press tape. | BEN: Press. | old hands |
"""
BOARDS = {
    "table": TABLE,
    "headings": "### Shot 1: Wide, static (0:00–0:03)\n- **Visual:** A kite in a tree.\n- **Audio:** Wind.\n- **Image prompt:** *a red kite*\n\n"
    "### Shot 2: Close-up, dolly in (0:03–0:08)\n- **Visual:** Hands press tape.\n- **Audio:** BEN: Press.\n- **Image prompt:** *old hands*",
    "bold and fences": "**SHOT 1**\nSize: wide\nCamera: static\nTime: 3 sec\nPicture: A kite in a tree.\nSound: Wind.\n\n**Image prompt:**\n```\na red kite\n```\n\n"
    "**SHOT 2**\nSize: close-up\nCamera: dolly in\nTime: 5 sec\nPicture: Hands press tape.\nSound: BEN: Press.\n\n**Image prompt:**\n```\nold hands\n```",
    "prompts below": "**1. 0:00–0:03** · wide · static\n*A kite in a tree.*\n🔊 Wind.\n\n**2. 0:03–0:08** · close-up · dolly in\n*Hands press tape.*\n🔊 BEN: Press.\n\n"
    "**Image prompts (SDXL)**\n```\n1. a red kite\n2. old hands\n```",
    "Spanish": "### Plano 1: wide (0:00–0:03)\n**Imagen:** A kite in a tree.\n**Movimiento:** static\n**Sonido:** Wind.\n**Prompt de imagen:** a red kite\n\n"
    "### Plano 2: close-up (0:03–0:08)\n**Imagen:** Hands press tape.\n**Movimiento:** dolly in\n**Sonido:** BEN: Press.\n**Prompt de imagen:** old hands",
}


def test_a_time_is_the_heading_of_a_shot() -> None:
    shots = read_parts(BOARD, "## 0:00–0:04\nA kite in a tree.\n\n## 0:04–0:08\nHands press tape.")["shots"]
    assert [shot["seen"] for shot in shots] == ["A kite in a tree.", "Hands press tape."]


@pytest.mark.parametrize("text", BOARDS.values(), ids=BOARDS)
def test_shots_are_found_in_any_form(text: str) -> None:
    parts = read_parts(BOARD, text)
    shots = [{name: str(value).casefold() for name, value in shot.items()} for shot in parts["shots"]]
    assert shots == [
        {"number": "1", "size": "wide", "move": "static", "seconds": "3", "seen": "a kite in a tree.", "heard": "wind.", "image_prompt": "a red kite"},
        {"number": "2", "size": "close-up", "move": "dolly in", "seconds": "5", "seen": "hands press tape.", "heard": "ben: press.", "image_prompt": "old hands"},
    ]  # fmt: skip
    assert (parts["seconds"], parts["ratio"], parts["variants"]) == (8, [16, 9], ["a red kite", "old hands"])


@pytest.mark.parametrize(
    ("name", "count", "seconds", "ratio", "first"),
    [
        ("storyboard", 3, 20, [16, 9], "Wind, one crow."), ("storyboard.2", 2, 12, [9, 16], "Der Ofen brummt."),
        ("storyboard.3", 2, 12, [16, 9], "a lid rattles."),
    ],
)  # fmt: skip
def test_a_storyboard_is_exported_as_a_contact_sheet_and_pictures(
    name: str, count: int, seconds: int, ratio: list[int], first: str
) -> None:
    content = build_content(BOARD, name)
    parts = content.parts
    assert (len(parts["shots"]), parts["seconds"], parts["ratio"], parts["shots"][0]["heard"]) == (
        count,
        seconds,
        ratio,
        first,
    )
    assert len(build_pictures(content, build_assignment(BOARD))) == count
    assert not any("--" in one for one in parts["variants"])
    drawn = add_frames(content, [make_picture()])
    (page,) = PdfReader(io.BytesIO(export_content("contact", "T", drawn))).pages
    assert len(page.images) == 1, "a picture where one was drawn, else an empty frame"
    assert first in page.extract_text()
    rows = list(csv.reader(io.StringIO(export_content("csv", "T", content).decode("utf-8-sig"))))
    assert len(rows) == count + 1


def test_a_storyboard_without_times_shows_none() -> None:
    parts = read_parts(BOARD, "1. **Wide shot.** A kite hangs in a tree.\n2. **Close-up.** Hands press tape over it.")
    assert "seconds" not in parts["shots"][0]
    text = PdfReader(io.BytesIO(export_content("contact", "T", Content("", parts)))).pages[0].extract_text()
    assert "1 · Wide shot" in text
    assert "0:00" not in text


FERN = [("FERN", "I have seen things."), ("GARDENER", "Water on Sunday."), ("FERN", "Thanks.")]
SCRIPTS = {
    "headings": "# Fern\n\n## Scene 1: Sill (0:00–0:05)\n*A dry fern.*\n\nFERN: I have seen things.\n\n## Scene 2: Shade (0:05–0:15)\n*A hand waters it.*\n\n"
    "GARDENER: Water on Sunday.\n\nFERN (softly): Thanks.",
    "table": '| Time | Visual | Audio |\n|---|---|---|\n| 0:00–0:05 | A dry fern. | FERN: "I have seen things." |\n| 0:05–0:15 | A hand waters it. | '
    "**GARDENER (warm):** Water on Sunday.<br>FERN: Thanks. |",
    "columns": "| Plan | Durée | Image | Personnage | Texte |\n|---|---|---|---|---|\n| 1 | 5 s | A dry fern. | FERN | I have seen things. |\n"
    "| 2 | 10 s | A hand waters it. | | GARDENER : Water on Sunday.<br>FERN : Thanks. |",
    "brackets": "# Fern (15 seconds)\n\n**Tone:** dry, warm\n\n### Sill (0–5 s)\n\n**[VISUAL: A dry fern.]**\n\n**FERN:** I have seen things.\n\n### Shade (5–15 s)\n\n"
    "**[VISUAL: A hand waters it.]**\n\n**GARDENER:** Water on Sunday.\n\n**[MUSIC: swells]**\n\n**FERN:** Thanks.",
    "German labels": "**Länge:** 15 Sekunden\n**Figuren:** Farn, Gärtnerin\n\n**Szene 1 – Bank (0–5 s)**\nBild: A dry fern.\nTon: Radio.\nFERN: I have seen things.\n\n"
    "**Szene 2 – Schatten (5–15 s)**\nBild: A hand waters it.\nGARDENER: Water on Sunday.\nFERN: Thanks.",
    "numbered": "1. **Sill (5 s).** A dry fern.\n   FERN: I have seen things.\n2. **Shade (10 s).** A hand waters it.\n   GARDENER: Water on Sunday.\n   FERN: Thanks.",
    "times": "**0:00–0:05**\n*A dry fern.*\nFERN: I have seen things.\n\n**0:05–0:15**\n*A hand waters it.*\nGARDENER: Water on Sunday.\nFERN: Thanks.",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_scenes_are_found_in_any_form(text: str) -> None:
    parts = read_parts(SCRIPT, text)
    assert list_spoken_lines(parts) == FERN
    assert [(scene["picture"], scene["seconds"]) for scene in parts["scenes"]] == [
        ("A dry fern.", 5),
        ("A hand waters it.", 10),
    ]
    assert parts["seconds"] == 15


def test_a_screenplay_in_industry_format_is_read() -> None:
    content = build_content(SCRIPT, "script.2")
    assert content.parts["title"] == "TWO CUPS"
    assert list_spoken_lines(content.parts) == [
        ("ANNA", "(to nobody) Who leaves one sip?"), ("SAM (V.O.)", "Somebody careful."), ("SAM", "I kept it for the fern."),
    ]  # fmt: skip
    found = etree.fromstring(export_content("fdx", "T", content)).findall("Content/Paragraph")
    assert [(one.get("Type"), one.findtext("Text")) for one in found[:3]] == [
        ("Scene Heading", "INT. KITCHEN – DAY"), ("Action", "ANNA (30s) stares at an empty pot."), ("Character", "ANNA"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Scene 1\nSetting: Office, 8:55\nJo: Who does this?\nSam: Does what?", [("Jo", "Who does this?"), ("Sam", "Does what?")]),
        ("*(Phone rings.)*\n\n**ADA:** Yes?\n\n**VOICE:** Bakery?", [("ADA", "Yes?"), ("VOICE", "Bakery?")]),
        ("**HOOK (0–5 sec)**\n\nYour fern hears radiators.\n\n**CTA (5–9 sec)**\n\nCome by.", [("", "Your fern hears radiators."), ("", "Come by.")]),
        ("## Escena 1. INT. BAR – NOCHE\n\n**CLIENTE** *(ríe)*\n¿Cierran?\n\n**CAMARERA**\nDepende.", [("CLIENTE", "(ríe) ¿Cierran?"), ("CAMARERA", "Depende.")]),
        ("**COLD BREW**\n*Sketch*\n\n**Characters**\nADA, a guest\n\n**Scene 1**\n\n*A bar.*\n\n**ADA:** Ice.\n\n**BEN (CONT'D):** Ex.\n\n**END**", [("ADA", "Ice."), ("BEN", "Ex.")]),
        ("**Opening shot:** A street.\n\n**Narrator (V.O.):** It was five.\n\n**Cut to:** A key.\n\n**Super:** Now.", [("Narrator (V.O.)", "It was five.")]),
        ("Here is the spot:\n\n**[SOUND: rain]**\n\n**MAN:** Rain?\n\nIt is Tuesday.\n\n*Running time: 9 seconds*", [("MAN", "Rain? It is Tuesday.")]),
        ("| Scene | Character | Dialogue |\n|---|---|---|\n| 1 | Noor | Last one? |\n| 1 | Guard | Always. |", [("Noor", "Last one?"), ("Guard", "Always.")]),
        ("**Host:** in the kitchen\n\n### Hook (0–8 s)\n**HOST:** This is no frisbee: it is bread.", [("HOST", "This is no frisbee: it is bread.")]),
        ('- **0–3 s** | *Wet socks.* | VO: "Monday."\n- **3–8 s** | *Wool.* | VO: "Not this one."', [("VO", "Monday."), ("VO", "Not this one.")]),
    ],
)  # fmt: skip
def test_speakers_are_distinguished_from_other_text(text: str, said: list[tuple[str, str]]) -> None:
    assert list_spoken_lines(read_parts(SCRIPT, text)) == said


@pytest.mark.parametrize(
    ("name", "scenes", "last"),
    [
        ("script", 2, "Ferns dream of this."), ("script.3", 3, "Und warm?"),
        ("script.4", 3, "Come by. We adopt and advise."), ("script.2", 2, "I kept it for the fern."),
    ],
)  # fmt: skip
def test_every_script_is_exported_in_all_its_formats(name: str, scenes: int, last: str) -> None:
    content = build_content(SCRIPT, name)
    assert len(content.parts["scenes"]) == scenes
    assert {"fountain", "fdx", "screenplay", "srt", "vtt", "docx", "pdf"} <= {
        one.name for one in find_fitting_formats(content)
    }
    captions = list(webvtt.from_buffer(io.StringIO(export_content("vtt", "T", content).decode()), format="vtt"))
    assert captions[-1].text.replace("\n", " ") == last
    assert captions[-1].end_in_seconds <= content.parts.get("seconds", 60)
    assert last in export_content("fountain", "T", content).decode()


def test_action_after_the_last_words_is_kept() -> None:
    parts = read_parts(SCRIPT, "**ADA:** Tea?\n\n**BEN:** Always.\n\n*Silence.*")
    assert parts["scenes"][0]["turns"][-1] == {"speaker": "", "words": "", "picture": "Silence."}
    assert export_content("fountain", "T", Content("", parts)).decode().rstrip().endswith("Silence.")


@pytest.mark.parametrize(
    ("name", "chapters", "said", "seconds"),
    [
        ("podcast", ["It moved", "Feeding time"], ["Ada", "Ben", "Ada", "Ben", "Ada", "Ben"], 90),
        ("podcast.2", ["Intro", "Die Reise"], ["", ""], 120),
        ("podcast.3", [], ["JO", "PRIYA", "JO"], None),
    ],
)
def test_an_episode_has_chapters_turns_and_subtitles(
    name: str, chapters: list[str], said: list[str], seconds: int | None
) -> None:
    content = build_content(PODCAST, name)
    assert [one["heading"] for one in content.parts.get("chapters", [])] == chapters
    assert [speaker for speaker, _ in list_spoken_lines(content.parts)] == said
    assert content.parts.get("seconds") == seconds
    captions = list(webvtt.from_buffer(io.StringIO(export_content("vtt", "T", content).decode()), format="vtt"))
    assert captions[-1].voice == (said[-1] or None)
    assert all(one.end_in_seconds > one.start_in_seconds for one in captions)
    rows = list(csv.reader(io.StringIO(export_content("csv", "T", content).decode("utf-8-sig"))))
    assert len(rows) == len(said) + 1


def test_a_continuing_paragraph_belongs_to_the_same_speaker() -> None:
    parts = read_parts(PODCAST, load_text("podcast"))
    turns = dict(enumerate(list_spoken_lines(parts)))
    assert turns[1][1].endswith("ate very well."), "the second paragraph is Ben's too"
    assert turns[3][1].startswith("Two things: flour"), "a colon in a sentence names nobody"
    assert "mill" not in str(parts["turns"])
    assert parts["summary"].startswith("Two people talk")
    assert [one["start"] for one in parts["chapters"]] == [0, 40]
    assert sum(turn["seconds"] for turn in parts["turns"]) == 90


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## It moved\n**Ada** (0:00–0:10): So I came.\n\n**Ben** (0:10–0:18): Good.", [("Ada", "So I came.", 10), ("Ben", "Good.", 8)]),
        ("| Zeit | Sprecher | Text |\n|---|---|---|\n| 0:00–0:10 | Ada | Hallo. |\n| 0:10–0:18 | Ben | Servus. |", [("Ada", "Hallo.", 10), ("Ben", "Servus.", 8)]),
        ("### Capítulo 1 (0:00–0:18)\n**Ana:** O pote.\n**Bia:** Não.\n\n**Notas do episódio:** farinha.", [("Ana", "O pote.", 12), ("Bia", "Não.", 6)]),
        ("# T\n\n00:00 – 00:30 | Start\n\nJO (00:00): A glove.\n\nSAM (00:12): Whose?", [("JO", "A glove.", 12), ("SAM", "Whose?", None)]),
        ("## Episode title\nBerth\n\n## Description\nA voice.\n\n## Script\n\n**Jo:** It is late.", [("Jo", "It is late.", None)]),
        ("Speaker 1: I closed it.\nSpeaker 2: And then?", [("Speaker 1", "I closed it.", None), ("Speaker 2", "And then?", None)]),
        ("**Hosts:** Jo, Sam\n\n---\n\n**Jo:** *(laughs)* Hi.\n\n**Sam:** Hi.", [("Jo", "(laughs) Hi.", None), ("Sam", "Hi.", None)]),
    ],
)  # fmt: skip
def test_turns_are_found_in_any_form(text: str, said: list[tuple[str, str, int | None]]) -> None:
    found = [(one["speaker"], one["words"], one.get("seconds")) for one in read_parts(PODCAST, text)["turns"]]
    assert [one[:2] for one in found] == [one[:2] for one in said]
    assert [seconds or 0 for _, _, seconds in found] == pytest.approx([seconds or 0 for _, _, seconds in said], abs=2)


VERSES = [["Rain on my shoe", "looking for you"], ["Lights in the street", "left me a seat"]]
SONGS = {
    "bold": "# Bus\n\n**Verse 1**\nRain on my shoe\nlooking for you\n\n**Chorus**\nNumber nine\n\n**Verse 2**\nLights in the street\nleft me a seat\n\n**Chorus**\nNumber nine",
    "tags": "**Bus**\n\n[Verse 1]\nRain on my shoe\nlooking for you\n\n[Chorus]\nNumber nine\n\n[Verse 2: softly]\nLights in the street\nleft me a seat",
    "headings": "## Bus\n\n### Strophe 1\nRain on my shoe  \nlooking for you\n\n### Refrain\nNumber nine\n\n### Strophe 2\nLights in the street\nleft me a seat\n\n### Refrain (2×)\nNumber nine",
    "colons": "Title: Bus\n\nVerse 1:\nRain on my shoe\nlooking for you\n\nChorus:\nNumber nine\n\nVerse 2:\nLights in the street\nleft me a seat\n\n(Chorus)\n\n**Notes:** slowly.",
    "numbers": "# Bus\n\n1. Strophe\nRain on my shoe\nlooking for you\n\nRefrain\nNumber nine\n\n2. Strophe\nLights in the street\nleft me a seat",
    "French": "# Bus\n\n**Couplet 1**\nRain on my shoe\nlooking for you\n\n**Refrain**\nNumber nine\n\n**Couplet 2**\nLights in the street\nleft me a seat",
}


@pytest.mark.parametrize("text", SONGS.values(), ids=SONGS)
def test_sections_of_a_song_are_found_in_any_form(text: str) -> None:
    parts = read_parts(LYRICS, text)
    assert parts["title"] == "Bus"
    assert [one["lines"] for one in parts["verses"]] == VERSES
    assert list(parts["sections"].values()) == ["\n".join(VERSES[0]), "Number nine", "\n".join(VERSES[1])]


def test_lyrics_for_a_music_model_are_kept_verbatim() -> None:
    text = load_text("lyrics.2")
    assert read_parts(LYRICS, text, "suno")["lyrics"] == text.partition("```\n")[2].partition("\n```")[0]
    assert "lyrics" not in read_parts(LYRICS, text)


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("lyrics", ["Verse 1", "Chorus", "Verse 2", "Bridge"]), ("lyrics.2", ["Verse 1", "Chorus", "Outro"]),
        ("lyrics.3", ["1. Strophe", "Refrain", "2. Strophe"]), ("lyrics.4", ["verse_1", "verse_2"]),
    ],
)  # fmt: skip
def test_sections_keep_their_own_names(name: str, sections: list[str]) -> None:
    content = build_content(LYRICS, name)
    assert list(content.parts["sections"]) == sections
    assert {"docx", "pdf", "txt"} <= {one.name for one in find_fitting_formats(content, LYRICS.exports)}
    assert not {"srt", "fountain"} & {one.name for one in find_fitting_formats(content, LYRICS.exports)}


@pytest.mark.parametrize("kind", [BOARD, SCRIPT, PODCAST, LYRICS], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "text", ["", "---", "```\n```", "|a|\n|-|\n|b|", "Sure! Here it is.", "[(" * 9_000, "ANNA\n" * 3_000]
)
def test_every_kind_reads_any_text(kind: Kind, text: str) -> None:
    read_parts(kind, text)
