"""Logos: what is written in them, readable colours, and a drawing that is only a drawing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from lxml import etree
from PIL import Image

from bot.checks.svg import sanitised
from bot.content import Assignment
from bot.exports._drawing import rendered
from bot.kinds import kind_named
from bot.kinds._colours import COLOURS, colours_in, contrast, name_of, readable_on, refused_in
from bot.kinds._motifs import MOTIFS, Motif, motifs_in
from bot.kinds._motifs import drawn as in_colours
from bot.kinds.logo import SHAPES, Logo, Shape
from personas.profile import Profile

Assigned = Callable[..., Assignment]
LOGO = kind_named("logo")
OWL = Logo(
    motif='an owl reading a "book"', style="flat", badge="circle", colours=["yellow", "white", "red"],
    pieces=[Shape(meaning="owl", shape="drop", place="centre", size="large")],
)  # fmt: skip
PROFILE = Profile(organisation='Fern & "Fog" <b>')


@pytest.mark.parametrize(
    ("brief", "quoted"),
    [
        ("logo with our name in it", PROFILE.organisation),
        ("logo, owl", ""),
        ("logo without text, not our name", ""),
        ('logo that says "OWL"', "OWL"),
    ],
)
def test_only_what_is_asked_for_is_written(brief: str, quoted: str, assigned: Assigned) -> None:
    prompt = LOGO.compose(OWL, assigned("logo", brief, PROFILE)).parts["prompt"]
    assert ('"' in prompt) is bool(quoted)
    assert f'"{quoted}"' in prompt or not quoted
    assert "reading" not in prompt


@pytest.mark.parametrize(
    ("brief", "count"),
    [
        ("logo, max 2 colors", 2),
        ("logo, one colour", 2),
        ("logo in 3 colours", 3),
        ("logo in red, gold and black", 3),
        ("logo", 2),
    ],
)
@pytest.mark.parametrize("badge", ["none", "circle"])
def test_colours_are_few_and_readable(brief: str, count: int, badge: str, assigned: Assigned) -> None:
    output = OWL.model_copy(update={"badge": badge})
    assignment = assigned("logo", brief)
    content = LOGO.compose(output, assignment)
    colours = content.parts["colors"]
    assert len(set(colours)) == count
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in colours)
    assert contrast(colours[0], colours[1]) >= 4.5
    assert set(re.findall("#[0-9A-F]{6}", content.parts["svg"])) <= set(colours)
    assert all(check.passed for check in LOGO.examine(output, content, assignment))


def test_the_drawing_holds_no_script(assigned: Assigned) -> None:
    svg = LOGO.compose(OWL, assigned("logo", "with our name", PROFILE)).parts["svg"]
    root = etree.fromstring(svg.encode())
    assert {etree.QName(node).localname for node in root.iter()} <= {"svg", "g", "rect", "circle", "path", "text"}
    assert " ".join(line.text for line in root.iter("{*}text")) == PROFILE.organisation
    assert "href" not in svg


@pytest.mark.parametrize("ground", ["#FFFFFF", "#000000", "#777777", "#C8102E"])
@pytest.mark.parametrize("colour", ["#FFFFFF", "#000000", "#808080", "#F4C430"])
@pytest.mark.parametrize("least", [3, 4.4])
def test_a_colour_is_made_readable(colour: str, ground: str, least: float) -> None:
    assert contrast(readable_on(colour, ground, least), ground) >= least


@pytest.mark.parametrize(
    ("brief", "refused"),
    [
        ("two colours, neither of them black", ["black"]),
        ("no red, pink or gold, but navy", ["red", "pink", "gold"]),
        ("anything but blue, navy", ["blue"]),
        ("in black and white", []),
    ],
)
def test_a_colour_that_is_refused_is_in_no_logo(brief: str, refused: list[str], assigned: Assigned) -> None:
    output = OWL.model_copy(update={"colours": [*refused, "teal", "cream"]})
    colours = LOGO.compose(output, assigned("logo", f"logo, owl, {brief}")).parts["colors"]
    assert not {COLOURS[name] for name in refused} & set(colours)
    assert refused_in(brief) == {COLOURS[name] for name in refused}


def test_a_badge_that_is_refused_is_not_drawn(assigned: Assigned) -> None:
    output = OWL.model_copy(update={"badge": "none", "motif": "trust"})
    assert "circle badge" not in LOGO.compose(output, assigned("logo", "a moth, no circle badge")).parts["prompt"]


def test_colours_of_a_brief() -> None:
    assert colours_in("dark blue and #ff0000 on sky blue, blue") == ["#14213D", "#FF0000", "#6EC1E4", "#1D4ED8"]
    assert name_of("#FFFFFE") == "white"


@pytest.mark.parametrize(
    ("brief", "first"),
    [
        ("logo of an owl", "owl"), ("wheat and a cup", "wheat"), ("a cup and wheat", "cup"), ("emblema, torre y estrella", "rook"),
        ("Signet für die Imkerei, Biene", "bee"), ("パン屋のロゴ、麦モチーフ", "wheat"),
        ("no owl, a fox", "fox"), ("ohne Text, Welle", "wave"),
        ("must be readable from afar", ""), ("abstract, trust", ""), ("it works at 16 px", ""),
    ],
)  # fmt: skip
def test_a_brief_names_its_motif(brief: str, first: str) -> None:
    found = motifs_in(brief)
    assert first in found[0].words if first else not found
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("brief", "shape"),
    [("round logo", "circle"), ("sechseck und biene", "hexagon"), ("an owl in a square", "square"), ("owl", "drop")],
)
def test_a_brief_names_its_badge(brief: str, shape: str, assigned: Assigned) -> None:
    output = OWL.model_copy(update={"badge": "none", "motif": "trust"})
    assert SHAPES[shape] in LOGO.compose(output, assigned("logo", brief.replace("owl", "thing"))).parts["svg"]


def test_the_motif_that_a_brief_names_is_drawn(assigned: Assigned) -> None:
    asked, other = (LOGO.compose(OWL, assigned("logo", brief)).parts["svg"] for brief in ("a bee", "a fox"))
    assert asked != other
    unnamed = OWL.model_copy(update={"motif": "trust"})
    [shape] = etree.fromstring(LOGO.compose(unnamed, assigned("logo", "abstract")).parts["svg"].encode()).xpath(
        "//*[local-name()='path']/@d"
    )
    assert shape in SHAPES["drop"]


@pytest.mark.parametrize("motif", MOTIFS, ids=lambda motif: motif.words.partition("|")[0])
def test_every_motif_is_a_drawing_in_its_two_colours(motif: Motif) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-0.5 -0.5 1 1">{in_colours(motif, "#000000", "#FFFFFF")}</svg>'
    assert "{" not in svg
    assert len(etree.fromstring(sanitised(svg).encode()).xpath("//*")) == len(etree.fromstring(svg).xpath("//*"))
    with Image.open(io.BytesIO(rendered(sanitised(svg), 100))) as opened:
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
def test_a_name_stands_below_its_motif(name: str, lines: int, badge: str, assigned: Assigned) -> None:
    svg = LOGO.compose(OWL.model_copy(update={"badge": badge}), assigned("logo", f'says "{name}"')).parts["svg"]
    texts = list(etree.fromstring(svg.encode()).iter("{*}text"))
    assert len(texts) == lines
    with Image.open(io.BytesIO(rendered(svg, 200))) as opened:
        edges = [opened.getpixel((x, y)) for x in (1, 198) for y in range(200)]
        edges += [opened.getpixel((x, 198)) for x in range(200)]
    assert len(set(edges)) == 1, "nothing is cut off"
