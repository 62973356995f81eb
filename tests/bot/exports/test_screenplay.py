"""Scripts are exported as screenplays and subtitles, and read by independent readers."""

from __future__ import annotations

import io
import itertools

import pytest
import webvtt
from lxml import etree
from pypdf import PdfReader
from screenplain.export.fdx import to_fdx
from screenplain.parsers.fountain import parse

from bot.content import Content
from bot.exports import export_content
from bot.exports._speech import MAX_CUE_LINES, get_max_characters_per_second, get_max_line_characters
from bot.kinds import find_kind

LONG = (
    "Water on *Sunday*, shade all week; that is the whole trick, and nobody ever told me why it works as well as it does, "
    "not even my grandmother."
)
SCENES = [
    {
        "picture": "a dry fern on a window sill",
        "speaker": "Fern",
        "words": "I have seen things. Mostly radiators.",
        "seconds": 6,
    },
    {"picture": "INT. A HAND", "speaker": "Ms. O’Neil (off)", "words": LONG, "seconds": 13},
    {"picture": "42 pots", "speaker": "店主", "words": "(softly) 水は日曜日に。", "seconds": 4},
]
SCRIPT = Content("A script about a fern on the sill.", {"title": "The last fern", "scenes": SCENES, "seconds": 23})
FILES = ("fountain", "fdx", "screenplay", "srt", "vtt")


def read_paragraphs(body: bytes) -> list[tuple[str, str]]:
    elements = etree.fromstring(body).findall("Content/Paragraph")
    return [
        (paragraph.get("Type"), "".join(text.text or "" for text in paragraph.findall("Text")))
        for paragraph in elements
    ]


def test_fountain_and_final_draft_have_the_same_content() -> None:
    screenplay = parse(io.StringIO(export_content("fountain", "T", SCRIPT).decode()))
    assert screenplay.title_page == {"Title": ["The last fern"]}
    their_fdx = io.StringIO()
    to_fdx(screenplay, their_fdx)
    our_paragraphs = read_paragraphs(export_content("fdx", "T", SCRIPT))
    their_paragraphs = read_paragraphs(their_fdx.getvalue().encode())
    assert their_paragraphs == our_paragraphs
    assert our_paragraphs[-2:] == [("Parenthetical", "(softly)"), ("Dialogue", "水は日曜日に。")]
    assert our_paragraphs[:4] == [
        ("Scene Heading", "INT./EXT. SCENE 1 – 0:00–0:06"),
        ("Action", "a dry fern on a window sill"),
        ("Character", "FERN"),
        ("Dialogue", "I have seen things. Mostly radiators."),
    ]
    assert ("Action", "INT. A HAND") in our_paragraphs, "what is seen is no heading, whatever it begins with"


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("Scene 1: INT. Bakery – Morning", "INT. BAKERY – MORNING"),
        ("INT BAKERY - DAY", "INT. BAKERY - DAY"),
        ("ext. Street at night", "EXT. STREET AT NIGHT"),
        ("int/ext. Car – Night", "INT./EXT. CAR – NIGHT"),
        ("I/E Car", "INT./EXT. CAR"),
        ("Szene 2 – Innen, Küche, Tag", "INT. KÜCHE, TAG"),
        ("Scene 3: On the street", "INT./EXT. ON THE STREET"),
        ("4. Extra time", "INT./EXT. EXTRA TIME"),
        ("I remember", "INT./EXT. I REMEMBER"),
        ("Scene 5", "INT./EXT. SCENE 1 – 0:00–0:06"),
    ],
)
def test_each_scene_heading_says_interior_or_exterior(heading: str, written: str) -> None:
    scene = {"heading": heading, "seconds": 6, "turns": [{"speaker": "Ben", "words": "(low) No flour."}]}
    script = Content("A script about a bakery.", {"title": "Loaf", "scenes": [scene]})
    assert read_paragraphs(export_content("fdx", "T", script)) == [
        ("Scene Heading", written),
        ("Character", "BEN"),
        ("Parenthetical", "(low)"),
        ("Dialogue", "No flour."),
    ]
    assert export_content("fountain", "T", script).decode() == f"Title: Loaf\n\n{written}\n\nBEN\n(low)\nNo flour.\n"


def test_headings_are_in_the_language_of_the_script() -> None:
    german = Content("Ein Farn steht auf der Fensterbank, und niemand hat ihn gegossen.", SCRIPT.parts)
    assert read_paragraphs(export_content("fdx", "T", german))[0][1].startswith("INT./EXT. SZENE 1")


def test_a_screenplay_is_laid_out_in_industry_format() -> None:
    (page,) = PdfReader(io.BytesIO(export_content("screenplay", "T", SCRIPT))).pages
    positions = {}
    page.extract_text(visitor_text=lambda text, cm, tm, *_: positions.setdefault(text.strip(), cm[4] + tm[4]))
    names = [x for text, x in positions.items() if text == "FERN"]
    dialogues = [x for text, x in positions.items() if text.startswith("I have seen")]
    assert [round(x / 72, 1) for x in (*names, *dialogues)] == [3.7, 2.5]
    assert page.mediabox[2:] == [612, 792]


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_subtitles_are_readable_in_time(name: str) -> None:
    body = export_content(name, "T", SCRIPT).decode()
    captions = list(webvtt.from_buffer(io.StringIO(body), format=name))
    texts = [caption.text.split("\n") for caption in captions]
    lines = [line for caption_lines in texts for line in caption_lines]
    assert max(map(len, lines)) <= get_max_line_characters("en")
    assert max(map(len, texts)) <= MAX_CUE_LINES
    assert all(caption.end_in_seconds > caption.start_in_seconds for caption in captions)
    assert all(caption.end_in_seconds - caption.start_in_seconds <= 7 for caption in captions)
    assert all(caption.end <= following.start for caption, following in itertools.pairwise(captions))
    assert captions[-1].end == "00:00:23.000"
    assert " ".join(" ".join(line.split()) for line in lines) == " ".join(scene["words"] for scene in SCENES)
    if name == "vtt":
        assert captions[0].voice == "Fern"
    speeds = [
        sum(map(len, text)) / (caption.end_in_seconds - caption.start_in_seconds)
        for caption, text in zip(captions, texts, strict=True)
    ]
    assert max(speeds) <= get_max_characters_per_second("en")


def test_subtitles_too_fast_to_read_are_listed() -> None:
    fast_script = Content("x", {"scenes": [{**SCENES[1], "seconds": 4}], "seconds": 4})
    assert "NOTE\nMore than 20 characters a second: 1, 2" in export_content("vtt", "T", fast_script).decode()
    assert "NOTE" not in export_content("vtt", "T", SCRIPT).decode()


@pytest.mark.parametrize(
    ("text", "words", "most", "line"),
    [
        ("A script about a fern on the sill, and what it has seen there.", "We water it on Sundays, all of it", 20, 42),
        (
            "Ein Farn steht auf der Fensterbank, und niemand hat ihn gegossen.",
            "Wir gießen ihn sonntags, alle hier",
            17,
            42,
        ),
        (
            "Há uma samambaia na janela, e ninguém se lembra de regar a planta.",
            "A gente rega no domingo, todo mundo",
            17,
            42,
        ),
        ("창가에 고사리가 있고 아무도 물을 주지 않았습니다.", "일요일마다 우리 모두 함께 물을 줍니다 정말로요", 12, 16),
    ],
)
def test_the_reading_speed_depends_on_the_language(text: str, words: str, most: int, line: int) -> None:
    def export_subtitles(seconds: int) -> str:
        scenes = [{"picture": "x", "speaker": "A", "words": words, "seconds": seconds}]
        return export_content("vtt", "T", Content(text, {"scenes": scenes, "seconds": seconds})).decode()

    in_time = -(-len(words) // most)
    assert "NOTE" not in export_subtitles(in_time)
    assert f"NOTE\nMore than {most} characters a second: 1" in export_subtitles(in_time - 1)
    captions = webvtt.from_buffer(io.StringIO(export_subtitles(in_time)), format="vtt")
    assert max(len(shown) for caption in captions for shown in caption.text.split("\n")) <= line


def test_only_scripts_are_screenplays() -> None:
    from bot.exports import find_fitting_formats

    lyrics = find_kind("lyrics")
    fitting_lyrics = {
        export_format.name
        for export_format in find_fitting_formats(Content("x", {"title": "x", "sections": {}}), lyrics.exports)
    }
    assert fitting_lyrics.isdisjoint(FILES)
    assert {export_format.name for export_format in find_fitting_formats(SCRIPT)} >= set(FILES)
