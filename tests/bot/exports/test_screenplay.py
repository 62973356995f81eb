"""Scripts as screenplays and subtitles, read by readers that others wrote."""

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
from bot.exports._spoken import MAX_CUE_LINES, get_max_characters_per_second, get_max_line_characters
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


def paragraphs(body: bytes) -> list[tuple[str, str]]:
    found = etree.fromstring(body).findall("Content/Paragraph")
    return [(one.get("Type"), "".join(text.text or "" for text in one.findall("Text"))) for one in found]


def test_fountain_and_final_draft_say_the_same() -> None:
    read = parse(io.StringIO(export_content("fountain", "T", SCRIPT).decode()))
    assert read.title_page == {"Title": ["The last fern"]}
    theirs = io.StringIO()
    to_fdx(read, theirs)
    ours = paragraphs(export_content("fdx", "T", SCRIPT))
    read_back = paragraphs(theirs.getvalue().encode())
    assert read_back == ours
    assert ours[-2:] == [("Parenthetical", "(softly)"), ("Dialogue", "水は日曜日に。")]
    assert ours[:4] == [
        ("Scene Heading", "INT./EXT. SCENE 1 – 0:00–0:06"),
        ("Action", "a dry fern on a window sill"),
        ("Character", "FERN"),
        ("Dialogue", "I have seen things. Mostly radiators."),
    ]
    assert ("Action", "INT. A HAND") in ours, "what is seen is no heading, whatever it begins with"


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
def test_each_scene_says_whether_it_is_within_or_without(heading: str, written: str) -> None:
    one = {"heading": heading, "seconds": 6, "turns": [{"speaker": "Ben", "words": "(low) No flour."}]}
    script = Content("A script about a bakery.", {"title": "Loaf", "scenes": [one]})
    assert paragraphs(export_content("fdx", "T", script)) == [
        ("Scene Heading", written),
        ("Character", "BEN"),
        ("Parenthetical", "(low)"),
        ("Dialogue", "No flour."),
    ]
    assert export_content("fountain", "T", script).decode() == f"Title: Loaf\n\n{written}\n\nBEN\n(low)\nNo flour.\n"


def test_headings_are_in_the_language_of_the_script() -> None:
    german = Content("Ein Farn steht auf der Fensterbank, und niemand hat ihn gegossen.", SCRIPT.parts)
    assert paragraphs(export_content("fdx", "T", german))[0][1].startswith("INT./EXT. SZENE 1")


def test_a_screenplay_is_set_as_the_trade_sets_it() -> None:
    (page,) = PdfReader(io.BytesIO(export_content("screenplay", "T", SCRIPT))).pages
    places = {}
    page.extract_text(visitor_text=lambda text, cm, tm, *_: places.setdefault(text.strip(), cm[4] + tm[4]))
    names = [x for text, x in places.items() if text == "FERN"]
    said = [x for text, x in places.items() if text.startswith("I have seen")]
    assert [round(x / 72, 1) for x in (*names, *said)] == [3.7, 2.5]
    assert page.mediabox[2:] == [612, 792]


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_subtitles_can_be_read_in_time(name: str) -> None:
    body = export_content(name, "T", SCRIPT).decode()
    captions = list(webvtt.from_buffer(io.StringIO(body), format=name))
    texts = [one.text.split("\n") for one in captions]
    lines = [line for one in texts for line in one]
    assert max(map(len, lines)) <= get_max_line_characters("en")
    assert max(map(len, texts)) <= MAX_CUE_LINES
    assert all(one.end_in_seconds > one.start_in_seconds for one in captions)
    assert all(one.end_in_seconds - one.start_in_seconds <= 7 for one in captions)
    assert all(one.end <= after.start for one, after in itertools.pairwise(captions))
    assert captions[-1].end == "00:00:23.000"
    assert " ".join(" ".join(line.split()) for line in lines) == " ".join(one["words"] for one in SCENES)
    if name == "vtt":
        assert captions[0].voice == "Fern"
    speeds = [
        sum(map(len, text)) / (one.end_in_seconds - one.start_in_seconds)
        for one, text in zip(captions, texts, strict=True)
    ]
    assert max(speeds) <= get_max_characters_per_second("en")


def test_what_is_too_fast_to_read_is_named() -> None:
    hasty = Content("x", {"scenes": [{**SCENES[1], "seconds": 4}], "seconds": 4})
    assert "NOTE\nMore than 20 characters a second: 1, 2" in export_content("vtt", "T", hasty).decode()
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
def test_what_can_be_read_in_time_is_the_languages_own(text: str, words: str, most: int, line: int) -> None:
    def shown(seconds: int) -> str:
        scenes = [{"picture": "x", "speaker": "A", "words": words, "seconds": seconds}]
        return export_content("vtt", "T", Content(text, {"scenes": scenes, "seconds": seconds})).decode()

    in_time = -(-len(words) // most)
    assert "NOTE" not in shown(in_time)
    assert f"NOTE\nMore than {most} characters a second: 1" in shown(in_time - 1)
    captions = webvtt.from_buffer(io.StringIO(shown(in_time)), format="vtt")
    assert max(len(one) for caption in captions for one in caption.text.split("\n")) <= line


def test_only_scripts_are_screenplays() -> None:
    from bot.exports import find_fitting_formats

    lyrics = find_kind("lyrics")
    fitting_lyrics = {
        one.name for one in find_fitting_formats(Content("x", {"title": "x", "sections": {}}), lyrics.exports)
    }
    assert fitting_lyrics.isdisjoint(FILES)
    assert {one.name for one in find_fitting_formats(SCRIPT)} >= set(FILES)
