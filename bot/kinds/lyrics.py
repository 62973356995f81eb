"""Lyrics: verses and a chorus, put in order by code."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.briefs.wording import MOST_READ
from bot.checks import Check, bounded, differing, free_of
from bot.checks.limits import limits_of
from bot.checks.terms import norm
from bot.checks.units import UNITS
from bot.checks.verse import SLACK, scheme_of, syllables_asked, syllables_of, unrhymed
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs


class Verse(BaseModel):
    """Lines that are sung once."""

    lines: Annotated[list[Annotated[str, Size(55, least=6, form="phrase")]], Count(2, 8, 4, ("line",))]


class Lyrics(BaseModel):
    """What a model writes. Code repeats the chorus after each verse."""

    title: Annotated[str, Size(45, least=3)]
    chorus: Annotated[list[Annotated[str, Size(55, least=6, form="phrase")]], Count(2, 6, 3)]
    verses: Annotated[list[Verse], Count(1, 6, 2, ("verse", "stanza", "strophe"))]


def compose(output: Lyrics, assignment: Assignment) -> Content:
    """Verse, chorus, verse, chorus, with the marks that singers and song models read."""
    chorus = "\n".join(output.chorus)
    sections = {f"verse_{n}": "\n".join(verse.lines) for n, verse in enumerate(output.verses, 1)} | {"chorus": chorus}
    blocks = [
        block
        for n, verse in enumerate(output.verses, 1)
        for block in (
            f"**{label('Verse', assignment)} {n}**\n" + "\n".join(verse.lines),
            f"**{label('Chorus', assignment)}**\n{chorus}" if chorus else "",
        )
    ]
    parts: dict[str, Any] = {"title": output.title, "sections": sections}
    if not assignment.wishes.place:
        return Content(paragraphs(f"## {output.title}", *blocks), parts)
    parts["lyrics"] = _tagged(output)
    return Content(f"## {output.title}\n```\n{parts['lyrics']}\n```", parts)


def _tagged(output: Lyrics) -> str:
    """The song as models that sing read it, its sections under tags in English."""
    chorus = ["[Chorus]", *output.chorus, ""] if output.chorus else []
    verses = [
        ["[Verse]" if len(output.verses) == 1 else f"[Verse {n}]", *verse.lines, ""]
        for n, verse in enumerate(output.verses, 1)
    ]
    return "\n".join(line for verse in verses for line in (*verse, *chorus)).strip()


def examine(output: Lyrics, content: Content, assignment: Assignment) -> list[Check]:
    """No line of a verse stands in another; rhymes and syllables are as the brief wants them."""
    lines = [norm(line) for verse in output.verses for line in verse.lines]
    checks = _verse_checks(output, assignment)
    if "lyrics" in content.parts:
        checks += [
            bounded("fits the model", UNITS[limit.unit](content.parts["lyrics"]), high=limit.max, unit=limit.unit, path="verses", wanted=(assignment.wishes.place.capitalize(),), asked_by="place", place=assignment.wishes.place)
            for limit in limits_of(assignment.wishes.place)
            if limit.field == "lyrics"
        ]  # fmt: skip
    if assignment.as_written:  # Lines that come back are a refrain.
        return checks
    return [differing("lines", len(set(lines)), len(lines), path="verses"), *checks]


def _verse_checks(output: Lyrics, assignment: Assignment) -> list[Check]:
    """What of rhyme and metre the brief asks for, as far as spelling tells it."""
    brief, spoken, checks = assignment.brief[:MOST_READ], assignment.language, list[Check]()
    if scheme := scheme_of(brief):
        pairs = [pair for verse in output.verses for pair in unrhymed(verse.lines, scheme, spoken)]
        found = [f"{one} / {other or '–'}" for one, other in pairs]
        hint = (
            f"The {len(scheme)} lines of each verse are to rhyme {scheme}; these do not: {', '.join(found[:_NAMED])}."
        )
        checks.append(free_of("rhyme scheme", found, wanted=(scheme,), path="verses", hint=hint, asked_by="brief"))
    if wanted := syllables_asked(brief):
        lines = [line for verse in output.verses for line in verse.lines]
        off = [line for line in lines if abs(syllables_of(line, spoken) - wanted) > SLACK]
        hint = f"Each line is to have {wanted} syllables; these have about: " + "; ".join(
            f"{line} ({syllables_of(line, spoken)})" for line in off[:_NAMED]
        )
        checks.append(free_of("syllables", off, wanted=(str(wanted),), path="verses", hint=hint, asked_by="brief"))
    return checks


# So many lines are named to whoever writes them anew.
_NAMED = 6


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
                    Verse(
                        lines=["Here come your lights at the end of the street", "somebody kindly has left me a seat"]
                    ),
                ],
            ),
        ),
        Example(
            "a round for the kitchen choir, one verse",
            Lyrics(
                title="Soup is on",
                chorus=["Stir it low, stir it slow", "pass the bread and let it go"],
                verses=[Verse(lines=["Onions make the baker cry", "carrots laugh as they go by"])],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    facts=False,
    places={"suno": ("suno",), "udio": ("udio",)},
    anywhere=True,
    form=Form("verse", lasts=True),
    likeliest=("copy", "docx", "pdf"),
)
