"""Logos: what is written in them, readable colours, and a drawing that is only a drawing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lxml import etree

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds._colours import colours_in, contrast, name_of, readable_on
from bot.kinds.logo import Logo, Piece
from personas.profile import Profile

Assigned = Callable[..., Assignment]
LOGO = kind_named("logo")
OWL = Logo(
    motif='an owl reading a "book"', style="flat", badge="circle", colours=["yellow", "white", "red"],
    pieces=[Piece(meaning="owl", shape="drop", place="centre", size="large")],
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
    assert root.findtext("{*}text") == PROFILE.organisation
    assert "href" not in svg


@pytest.mark.parametrize("ground", ["#FFFFFF", "#000000", "#777777", "#C8102E"])
@pytest.mark.parametrize("colour", ["#FFFFFF", "#000000", "#808080", "#F4C430"])
@pytest.mark.parametrize("least", [3, 4.4])
def test_a_colour_is_made_readable(colour: str, ground: str, least: float) -> None:
    assert contrast(readable_on(colour, ground, least), ground) >= least


def test_colours_of_a_brief() -> None:
    assert colours_in("dark blue and #ff0000 on sky blue, blue") == ["#14213D", "#FF0000", "#6EC1E4", "#1D4ED8"]
    assert name_of("#FFFFFE") == "white"
