"""Lyrics: verses and a chorus, put in order by code."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.checks import Check
from bot.checks.terms import norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._shared import paragraphs


class Verse(BaseModel):
    """Lines that are sung once."""

    lines: Annotated[list[Annotated[str, Size(55, least=6, form="phrase")]], Count(2, 8, 4, ("line",))]


class Lyrics(BaseModel):
    """What a model writes. Code repeats the chorus after each verse."""

    title: Annotated[str, Size(45, least=3)]
    chorus: Annotated[list[Annotated[str, Size(55, least=6, form="phrase")]], Count(2, 6, 3)]
    verses: Annotated[list[Verse], Count(1, 6, 2, ("verse", "stanza", "strophe"))]


def compose(output: Lyrics, _assignment: Assignment) -> Content:
    """Verse, chorus, verse, chorus, with the marks that singers and song models read."""
    chorus = "\n".join(output.chorus)
    sections = {f"verse_{n}": "\n".join(verse.lines) for n, verse in enumerate(output.verses, 1)} | {"chorus": chorus}
    blocks = [
        block
        for n, verse in enumerate(output.verses, 1)
        for block in (f"**Verse {n}**\n" + "\n".join(verse.lines), f"**Chorus**\n{chorus}" if chorus else "")
    ]
    return Content(paragraphs(f"## {output.title}", *blocks), {"title": output.title, "sections": sections})


def examine(output: Lyrics, _content: Content, _assignment: Assignment) -> list[Check]:
    """No line of a verse stands in another."""
    lines = [norm(line) for verse in output.verses for line in verse.lines]
    return [Check("different lines", len(set(lines)) == len(lines), f"{len(set(lines))}", f"{len(lines)} lines", "verses")]


KIND = Kind(
    name="lyrics",
    family="media",
    title="Lyrics",
    description="Words to sing: verses and a chorus that comes back.",
    output=Lyrics,
    prompt="Write song lyrics. Short lines that can be sung, with pictures instead of big words. The chorus says what the "
    "song is about. Lines of a verse rhyme where they can.",
    examples=(
        Example(
            "song about a late bus, 2 verses",
            Lyrics(
                title="Number nine",
                chorus=["Oh number nine, you are never on time", "but you carry me home", "in a window of mine"],
                verses=[
                    Verse(lines=["Rain on the shelter, rain on my shoe", "everyone waiting is looking for you"]),
                    Verse(lines=["Here come your lights at the end of the street", "somebody kindly has left me a seat"]),
                ],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    facts=False,
    utterances="""
@lyrics@
""",
)
