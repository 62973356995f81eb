"""Logos: what is written in them, readable colours, and a drawing that is only a drawing."""

from __future__ import annotations

import io
import re

import pytest
from lxml import etree
from PIL import Image

from bot.checks.svg import sanitise
from bot.composition.colours import (
    COLOURS,
    compute_contrast,
    ensure_contrast,
    find_nearest_name,
    find_unwanted_colours,
    find_wanted_colours,
)
from bot.composition.motifs import MOTIFS, Motif, find_motifs
from bot.composition.motifs import draw_motif as in_colours
from bot.content import Assignment, Content, MemorySnapshot, Request, Requirements
from bot.exports._drawing import render_png
from bot.kinds import logo
from bot.kinds.logo import SHAPES, Logo, LogoShape
from personas.persona import find_default

KIND = logo.KIND
OWL = Logo(
    motif='an owl reading a "book"',
    style="flat",
    badge="circle",
    colours=["yellow", "white", "red"],
    pieces=[LogoShape(meaning="owl", shape="drop", place="centre", size="large")],
)
NAME = 'Fern & "Fog" <b>'


def draw_logo(brief: str, counts: dict[str, tuple[int, int]] | None = None, **changed: object) -> Content:
    request = Request(id="1", user_id="1", brief=brief, kind=KIND.name)
    assignment = Assignment(
        request, KIND, find_default(KIND.family), Requirements(counts=counts or {}), MemorySnapshot()
    )
    assert KIND.composer is not None
    output = OWL.model_copy(update=changed)
    content = KIND.composer.compose(output, assignment)
    assert all(check.passed for check in KIND.composer.examine(output, content, assignment))
    return content


def test_a_logo_has_only_requested_words() -> None:
    assert f'with the words "{NAME}"' in draw_logo("with our name", words=NAME).parts["prompt"]
    assert "without letters" in draw_logo("logo, owl").parts["prompt"]
    assert "<text" not in draw_logo("logo, owl").parts["svg"]


@pytest.mark.parametrize(
    ("brief", "wanted", "count"),
    [
        ("logo, max 2 colors", (1, 2), 2),
        ("logo, one colour", (1, 1), 2),
        ("logo in 3 colours", (3, 3), 3),
        ("logo in red, gold and black", None, 3),
        ("logo", None, 2),
    ],
)
@pytest.mark.parametrize("badge", ["none", "circle"])
def test_colours_are_few_and_readable(brief: str, wanted: tuple[int, int] | None, count: int, badge: str) -> None:
    content = draw_logo(brief, {"colour": wanted} if wanted else {}, badge=badge)
    colours = content.parts["colors"]
    assert len(set(colours)) == count
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in colours)
    assert compute_contrast(colours[0], colours[1]) >= 4.5
    assert set(re.findall("#[0-9A-F]{6}", content.parts["svg"])) <= set(colours)


def test_the_drawing_contains_no_script() -> None:
    svg = draw_logo("with our name", words=NAME).parts["svg"]
    root = etree.fromstring(svg.encode())
    assert {etree.QName(node).localname for node in root.iter()} <= {"svg", "g", "rect", "circle", "path", "text"}
    assert " ".join(line.text for line in root.iter("{*}text")) == NAME
    assert "href" not in svg


@pytest.mark.parametrize("ground", ["#FFFFFF", "#000000", "#777777", "#C8102E"])
@pytest.mark.parametrize("colour", ["#FFFFFF", "#000000", "#808080", "#F4C430"])
@pytest.mark.parametrize("least", [3, 4.4])
def test_a_colour_is_adjusted_to_be_readable(colour: str, ground: str, least: float) -> None:
    assert compute_contrast(ensure_contrast(colour, ground, least), ground) >= least


@pytest.mark.parametrize(
    ("brief", "refused"),
    [
        ("two colours, neither of them black", ["black"]),
        ("no red, pink or gold, but navy", ["red", "pink", "gold"]),
        ("anything but blue, navy", ["blue"]),
        ("in black and white", []),
    ],
)
def test_an_excluded_colour_is_in_no_logo(brief: str, refused: list[str]) -> None:
    colours = draw_logo(f"logo, owl, {brief}", colours=[*refused, "teal", "cream"]).parts["colors"]
    assert not {COLOURS[name] for name in refused} & set(colours)
    assert find_unwanted_colours(brief) == {COLOURS[name] for name in refused}


def test_colours_are_found_in_a_brief() -> None:
    assert find_wanted_colours("dark blue and #ff0000 on sky blue, blue") == [
        "#14213D",
        "#FF0000",
        "#6EC1E4",
        "#1D4ED8",
    ]
    assert find_nearest_name("#FFFFFE") == "white"


@pytest.mark.parametrize(
    ("brief", "first"),
    [
        ("logo of an owl", "owl"),
        ("wheat and a cup", "wheat"),
        ("a cup and wheat", "cup"),
        ("emblema, torre y estrella", "rook"),
        ("Signet für die Imkerei, Biene", "bee"),
        ("パン屋のロゴ、麦モチーフ", "wheat"),
        ("no owl, a fox", "fox"),
        ("ohne Text, Welle", "wave"),
        ("must be readable from afar", ""),
        ("abstract, trust", ""),
        ("it works at 16 px", ""),
    ],
)
def test_a_motif_is_found_in_a_brief(brief: str, first: str) -> None:
    found = find_motifs(brief)
    assert first in found[0].word_forms if first else not found
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("badge", "shape"), [("circle", "circle"), ("hexagon", "hexagon"), ("square", "square"), ("none", "drop")]
)
def test_the_badge_is_drawn(badge: str, shape: str) -> None:
    assert SHAPES[shape] in draw_logo("a logo", badge=badge, motif="trust").parts["svg"]


def test_the_motif_is_drawn() -> None:
    bee, fox = (draw_logo("a logo", motif=motif).parts["svg"] for motif in ("a bee", "a fox"))
    assert bee != fox
    assert draw_logo("a logo of a bee", motif="an insect").parts["svg"].partition("<g")[2] == bee.partition("<g")[2]
    unnamed = draw_logo("abstract", motif="trust", badge="none").parts["svg"]
    [shape] = etree.fromstring(unnamed.encode()).xpath("//*[local-name()='path']/@d")
    assert shape in SHAPES["drop"]


@pytest.mark.parametrize("motif", MOTIFS, ids=lambda motif: motif.word_forms.partition("|")[0])
def test_every_motif_is_drawn_in_its_two_colours(motif: Motif) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-0.5 -0.5 1 1">{in_colours(motif, "#000000", "#FFFFFF")}</svg>'
    assert "{" not in svg
    assert len(etree.fromstring(sanitise(svg).encode()).xpath("//*")) == len(etree.fromstring(svg).xpath("//*"))
    with Image.open(io.BytesIO(render_png(sanitise(svg), 100))) as opened:
        inked = sum(count for count, colour in opened.getcolors(1 << 16) if colour == (0, 0, 0, 255))
    assert 500 < inked < 9000, "neither empty nor a block"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Fern & Fog", 1),
        ("The Swimming Club of Little Harbour", 2),
        ("Donaudampfschifffahrtsgesellschaft", 1),
        ("日本コーヒー", 1),
    ],
)
@pytest.mark.parametrize("badge", ["none", "circle"])
def test_a_name_is_placed_below_its_motif(name: str, lines: int, badge: str) -> None:
    svg = draw_logo("with our name", badge=badge, words=name).parts["svg"]
    texts = list(etree.fromstring(svg.encode()).iter("{*}text"))
    assert len(texts) == lines
    with Image.open(io.BytesIO(render_png(svg, 200))) as opened:
        edges = [opened.getpixel((x, y)) for x in (1, 198) for y in range(200)]
        edges += [opened.getpixel((x, 198)) for x in range(200)]
    assert len(set(edges)) == 1, "nothing is cut off"
