"""Slogans and taglines: short lines to choose from."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, free_of
from bot.checks.terms import contains
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import forbids_name
from bot.kinds._shared import bullets

_NOUNS = ("slogan", "tagline", "tag line", "motto", "claim", "strapline", "catchphrase", "line")
# What a brief says of the organisation's name.
_NAME = {
    "none": "(without|no|not|don't|dont|leave out|skip) … name",
    "asked": "(with|includ*|contain*|mention*|use|using) … name",
}


class Slogans(BaseModel):
    """What a model writes."""

    slogans: Annotated[
        # The empty noun takes limits that name no part: a brief for slogans means each of them.
        list[Annotated[str, Size(60, least=8, nouns=("slogan", "")), Size(8, unit="words", nouns=("slogan", ""))]],
        Count(1, 15, 5, _NOUNS, apart=True),
    ]


def wants_name(assignment: Assignment) -> bool | None:
    """Whether the brief wants the organisation's name in the lines; None when it says nothing of it."""
    named = assignment.reading.chosen("name")
    return "none" not in named if named else None


def compose(output: Slogans, assignment: Assignment) -> Content:
    """The lines as a list, with or without the organisation's name where the brief says so."""
    if assignment.as_written:
        return Content(bullets(output.slogans), {"variants": list(output.slogans)})
    name, wanted = assignment.profile.organisation, wants_name(assignment)
    lines = [line.strip(' ."') for line in output.slogans]
    if name and wanted is False:
        lines = [_without(line, name) for line in lines]
    elif name and wanted:
        lines = [line if contains(line, name) else f"{name}: {line}" for line in lines]
    lines = [line[:1].upper() + line[1:] for line in lines if line]
    return Content(bullets(lines), {"variants": lines})


def _without(line: str, name: str) -> str:
    shorter = re.sub(
        rf"(?:\b(?:at|by|from|with|for|in)\s+)?{re.escape(name)}(?:'s)?\s*[:,-]?", "", line, flags=re.IGNORECASE
    )
    return re.sub(r"(?<!\s)\s++([,.?!])", r"\1", re.sub(r" {2,}", " ", shorter)).strip(" ,:-")


def examine(_output: Slogans, content: Content, assignment: Assignment) -> list[Check]:
    """All lines differ and have two words or more; the name stands where it is wanted."""
    lines, name = content.parts["variants"], assignment.profile.organisation
    short = [] if assignment.as_written else [line for line in lines if len(line.split()) < 2]
    checks = [free_of("a whole line each", short)] if short else []
    if name and (wants_name(assignment) is False or (assignment.as_written and forbids_name(assignment))):
        named = [line for line in lines if contains(line, name)]
        checks.append(free_of("without the name", named, asked_by="brief"))
    return checks


KIND = Kind(
    name="slogan",
    family="marketing",
    title="Slogan",
    description="Slogans, taglines and mottos: short lines to choose from.",
    output=Slogans,
    prompt="Write one slogan: three to six words that say what people get there, with a picture or a wink. "
    "No exclamation marks.",
    examples=(
        Example(
            "tagline for our bike repair shop, people who ride to work",
            Slogans(slogans=["Roll in, ride out", "Your brakes, our business", "Flat today, fast tomorrow"]),
        ),
        Example(
            "slogans for a piano teacher who teaches adults",
            Slogans(slogans=["Late start, lovely sound", "Ten fingers, no hurry", "Play the song you hum"]),
        ),
        Example(
            "motto for the night train of a small railway",
            Slogans(slogans=["Fall asleep, wake up there", "Dream past the border"]),
        ),
    ),
    craft="Write slogans: short lines that say what people get there, with a picture or a wink, each of another kind.",
    compose=compose,
    examine=examine,
    words=(6, 20, 40),
    form=Form("tagline", choices={"name": _NAME}),
    likeliest=("copy", "docx"),
    copied=("variants",),
)
