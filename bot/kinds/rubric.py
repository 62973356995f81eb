"""A rubric: criteria by levels, with points that add up."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, listed
from bot.checks import AskedBy, Check, bounded, differing
from bot.checks.terms import norm
from bot.checks.units import counted
from bot.content import Assignment, Content, Count, Example, Kind, OneOf, Size
from bot.kinds._labels import label
from bot.kinds._shared import bounds, paragraphs

# What can be judged, and what full marks for it look like.
ASPECTS = {
    "content": "complete and correct",
    "evidence": "backed by good reasons or data",
    "order": "easy to follow from start to end",
    "language": "clear words for the readers",
    "design": "neat and easy to grasp",
    "delivery": "clear, lively and well timed",
    "teamwork": "everybody took a fair part",
    "method": "each step done with care",
    "ideas": "fresh and well worked out",
    "accuracy": "free of mistakes",
}
# Words in the names of criteria that tell the aspect.
_WORDS = {
    "evidence": (" evid", " sourc", " research", " data", " reason", " argument", " support"),
    "order": (" order", " struct", " organi", " flow", " sequence", " logic"),
    "language": (" lang", " gramm", " spell", " vocab", " writ", " word", " style", " tone"),
    "design": (" design", " visual", " slide", " layout", " look", " poster", " drawing", " neat", " present"),
    "delivery": (" deliver", " voice", " speak", " pronun", " fluen", " eye", " tempo", " tim", " perform"),
    "teamwork": (" team", " group", " collab", " cooper", " partner"),
    "method": (" method", " process", " technique", " step", " safe", " craft", " experiment", " skill"),
    "ideas": (" idea", " creat", " origin", " imagin", " invent"),
    "accuracy": (" accura", " correct", " precis", " calcul", " maths"),
}
# How far work reaches it, from the best level down.
_STEPS = {
    2: ("{}", "not there yet"),
    3: ("{}", "in part: {}", "not there yet"),
    4: ("{}", "mostly: {}, with small gaps", "in part: {}", "not there yet"),
    5: ("{}", "nearly all of it: {}", "mostly: {}, with some gaps", "in part: {}", "not there yet"),
    6: ("{}", "nearly all of it: {}", "mostly: {}", "about half of it: {}", "only a start: {}", "not there yet"),
}
SHOWS = (
    "explains",
    "names",
    "shows",
    "uses",
    "gives",
    "compares",
    "describes",
    "has",
    "answers",
    "follows",
    "needs",
    "no",
)


LEVELS = Count(2, 6, 4, ("level", "band", "column", "grade", "step"))
# What a brief lists after a colon without saying what it is: two may be anything.
_FEWEST_NAMED = 3
CRITERIA = Count(2, 8, 4, ("criterion", "criteria", "row", "dimension", "trait"), apart=True)


class Criterion(BaseModel):
    """What is judged, and what work of each level shows, the best level first."""

    aspect: Annotated[str, OneOf(tuple(ASPECTS))]
    name: Annotated[str, Size(40, least=4, form="phrase")]
    cells: Annotated[
        list[
            Annotated[
                str,
                Size(90, least=8, nouns=("cell", "descriptor"), form="phrase", starts=SHOWS),
                Size(16, unit="words", nouns=("cell", "descriptor")),
            ]
        ],
        LEVELS,
    ]


class Rubric(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    criteria: Annotated[list[Criterion], CRITERIA]


POINTS = Count(1, 500, 16, ("point", "pt", "mark", "%"), before=(
    "out of", "total", "totals", "totalling", "total of", "max", "maximum", "max of", "maximum of", "add up to", "adds up to",
    "adding up to", "worth", "sum to", "sums to", "summing to", "/",
))  # fmt: skip
# What a brief says of points.
_POINTS = {
    "none": "(no|without|ohne|keine|sin|sans|pas de|sem) (point|points|mark|marks|score|scores|scoring|punkte|punkten|puntos|puntuación"
    "|pontos|pontuação)",
    "each": "(points|point|pts|pt|mark|marks) (each|per|for each)",
}
_LISTS = {
    "criteria": "criteria|criterions|criterion|dimension(s)|trait(s)|marked on|judged on|kriteri(um|en)|criterio(s)|critère(s)|critério(s)",
    "levels": "level(s)|band(s)|(niveau)stufe(n)|niveau|niveaus|niveaux|nivel(es)|nível|níveis|niveis",
}
LEVEL_NAMES = {
    2: ("Met", "Not yet"),
    3: ("Strong", "On the way", "Not yet"),
    4: ("Excellent", "Good", "Basic", "Not yet"),
    5: ("Excellent", "Good", "Fair", "Basic", "Not yet"),
    6: ("Outstanding", "Excellent", "Good", "Fair", "Basic", "Not yet"),
}


def points_wanted(assignment: Assignment, criteria: int, levels: int) -> int:
    """The points in all: as the brief says, else as many a criterion as there are levels; 0 where it wants none."""
    said = assignment.reading.chosen("points")
    if "none" in said:
        return 0
    if "point" not in assignment.wishes.counts:
        return criteria * levels
    asked = bounds(POINTS, assignment.wishes)[0]
    return asked * criteria if "each" in said else asked


def shared_out(total: int, count: int) -> list[int]:
    """`total` in `count` whole numbers that differ by one at most, the larger ones first."""
    return [total // count + (at < total % count) for at in range(count)] if count else []


def level_points(most: int, levels: int) -> list[int]:
    """What each level of a criterion gives, from the most down in even steps; the last gives something if it can."""
    return [max(round(most * (levels - at) / levels), 0) for at in range(levels)]


# Characters of a cell that are compared; one has at most 110.
_MOST_CELL = 1_000


def is_ladder(cells: list[str]) -> bool:
    """Whether cells say different things of the same matter, as the levels of one criterion do."""
    cells = [cell[:_MOST_CELL] for cell in cells]
    words = [set(re.findall(r"[^\W\d_]{4,}", norm(cell))) for cell in cells]
    related = bool(words) and all(words[0] & other for other in words[1:-1]) and not cells[0].startswith(("no", "need"))
    return related and len(set(map(norm, cells))) == len(cells)


def steps_for(aspect: str, levels: int) -> list[str]:
    """Cells that code makes for a criterion whose own ones are no ladder."""
    return [step.format(ASPECTS[aspect]) for step in _STEPS[max(2, min(levels, 6))]]


def heads(assignment: Assignment) -> list[str]:
    """The criteria that the brief names: behind their noun, else behind its first colon, where they are as many as a rubric has."""
    named = list(assignment.reading.listed("criteria"))
    levels = assignment.reading.listed("levels")
    counted = "criterion" in assignment.wishes.counts
    after_colon = [one for one in listed(assignment.brief) if one not in levels] if not (named or counted) else []
    return named or (after_colon if _FEWEST_NAMED <= len(after_colon) <= CRITERIA.high else [])


def complete(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The criteria that the brief names, as many as it wants, all with cells that belong together. English only."""
    written: list[dict[str, Any]] = list(data["criteria"])
    count = bounds(CRITERIA, assignment.wishes)[2] if assignment.wishes.counts.get("criterion") else 0
    if named := heads(assignment):
        by_name = {norm(one["name"]): one for one in written}
        blank = ({"name": name, "aspect": _aspect(name), "cells": []} for name in named)
        written = [by_name.get(norm(str(one["name"])), one) | {"name": one["name"]} for one in blank]
    if assignment.language != "en":
        return data | {"criteria": written}
    used = {norm(one["name"]) for one in written} | {one["aspect"] for one in written}
    spare = [aspect for aspect in ASPECTS if aspect not in used]
    short = max(0, (count or CRITERIA.low) - len(written))
    written += [{"name": aspect.capitalize(), "aspect": aspect, "cells": []} for aspect in spare[:short]]
    levels = bounds(LEVELS, assignment.wishes)[2]
    return data | {"criteria": [_with_ladder(one, levels) for one in written]}


def _with_ladder(criterion: dict[str, Any], levels: int) -> dict[str, Any]:
    if len(criterion["cells"]) == levels and is_ladder(criterion["cells"]):
        return criterion
    return criterion | {"cells": steps_for(criterion["aspect"] or "content", levels)}


def _aspect(name: str) -> str:
    said = f" {norm(name)}"
    return next((aspect for aspect, words in _WORDS.items() if any(word in said for word in words)), "content")


def compose(output: Rubric, assignment: Assignment) -> Content:
    """A block for each criterion, as Discord shows no tables, with points that add up to what was asked."""
    levels = max((len(criterion.cells) for criterion in output.criteria), default=0)
    told = assignment.reading.listed("levels")
    names = (
        tuple(told) if len(told) == levels else tuple(label(name, assignment) for name in LEVEL_NAMES.get(levels, ()))
    )
    total = points_wanted(assignment, len(output.criteria), levels)
    shares = shared_out(total, len(output.criteria))
    criteria, shown = [], []
    for criterion, most in zip(output.criteria, shares, strict=True):
        criteria.append({"name": criterion.name, "cells": list(criterion.cells), "points": most})
        steps = zip(names, level_points(most, levels), criterion.cells, strict=False)
        lines = [f"- {name}{f' ({points})' if total else ''}: {cell}" for name, points, cell in steps]
        worth = f" ({_points(most, assignment)})" if total else ""
        shown.append("\n".join([f"**{criterion.name}**{worth}", *lines]))
    if total:
        shown.append(f"**{label('Total', assignment)}:** {_points(sum(shares), assignment)}")
    parts = {"title": output.title, "criteria": criteria, "levels": list(names), "points_total": sum(shares)}
    return Content(paragraphs(f"## {output.title}", *shown), parts)


def _points(count: int, assignment: Assignment) -> str:
    return counted(count, label("point", assignment), label("points", assignment))


def examine(_output: Rubric, content: Content, assignment: Assignment) -> list[Check]:
    """The points add up, every criterion has as many levels as the others, and names and cells are of use."""
    criteria = content.parts["criteria"]
    lengths = {len(criterion["cells"]) for criterion in criteria}
    wanted = points_wanted(assignment, len(criteria), max(lengths, default=0))
    total = sum(one["points"] for one in criteria)
    names = len({norm(criterion["name"]) for criterion in criteria})
    asked_by: AskedBy = "brief" if "point" in assignment.wishes.counts else "kind"
    return [
        bounded("points", total, wanted, wanted, "points", asked_by=asked_by),
        bounded("levels for all", len(lengths), high=1, unit="numbers of levels", path="criteria"),
        differing("criteria", names, len(criteria), path="criteria"),
    ]


KIND = Kind(
    name="rubric",
    family="education",
    title="Rubric",
    description="Criteria by levels, each level described, with points that add up.",
    output=Rubric,
    prompt="Write a rubric to mark work with. Each criterion has an aspect and names one thing that is judged. Its cells say what the work "
    "shows, one cell a level, from the best level down to the weakest, in a few words that differ.",
    examples=(
        Example(
            "rubric for a school garden diary, 3 criteria, 4 levels, out of 12",
            Rubric(
                title="Garden diary",
                criteria=[
                    Criterion(
                        aspect="accuracy",
                        name="Watching the plants",
                        cells=[
                            "names every change with size and date",
                            "names most changes with dates",
                            "names a few changes",
                            "names no change yet",
                        ],
                    ),
                    Criterion(
                        aspect="design",
                        name="Drawings",
                        cells=[
                            "shows clear drawings with all parts named",
                            "shows clear drawings with some names",
                            "shows drawings without names",
                            "needs drawings",
                        ],
                    ),
                    Criterion(
                        aspect="language",
                        name="Clear writing",
                        cells=[
                            "uses words that all readers know",
                            "uses words that most readers know",
                            "uses some words that readers do not know",
                            "needs easier words",
                        ],
                    ),
                ],
            ),
        ),
        Example(
            "marking grid for a short talk, 2 criteria, 3 levels",
            Rubric(
                title="Short talk",
                criteria=[
                    Criterion(
                        aspect="delivery",
                        name="Voice and eyes",
                        cells=[
                            "shows a clear voice and looks at everybody",
                            "shows a clear voice but looks at the notes",
                            "needs a louder voice",
                        ],
                    ),
                    Criterion(
                        aspect="order",
                        name="Thread",
                        cells=[
                            "follows one thread from start to end",
                            "follows a thread and loses it once",
                            "has no thread yet",
                        ],
                    ),
                ],
            ),
        ),
    ),
    craft="Write a rubric to mark work with. Each criterion names one thing that is judged, of those that the brief names first. Its "
    "cells say what work of each level shows, from the best level down, in words that differ; code adds the points.",
    compose=compose,
    counted=(POINTS,),
    examine=examine,
    complete=complete,
    heads=heads,
    facts=False,
    form=Form("criterion", choices={"points": _POINTS}, lists=_LISTS),
    likeliest=("docx", "pdf", "xlsx"),
)
