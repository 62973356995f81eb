"""Checks that a text tells the figures and the days of the week of its brief. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.briefs import moved_days, still_said
from bot.checks import Check, free_of, holding
from bot.checks.dates import LANGUAGES
from bot.checks.days_said import weekday_of
from bot.checks.figures import says_figure
from bot.checks.terms import contains
from bot.content import Assignment, Content

from .asked import MUST, asked_checks

# What opens a door or a network: letters and digits, of which some are written large or stand behind a sign.
_CODE = re.compile(r"(?<![\w#*-])(?=[\w#*-]{0,24}\d)(?=[\w#*-]{0,24}[A-Z#*])[\w#*-]{4,24}+(?![\w#*-])")
# A date is as clear without the year that comes.
_YEAR_TO_COME = re.compile(r"(?<=[^\W\d_]),? 20\d\d$")


def figures_told(text: str, assignment: Assignment, *, freely: bool = True) -> Iterator[Check]:
    """The checks that a text tells the figures and the days of its brief, where it is one that has to: in its words, or `freely` in
    others.

    Of a series the whole has to, and not each of its texts.
    """
    if assignment.kind.family != "marketing":
        return
    for name, unit, wanted in zip(
        ("brief's figures", "brief's days"), ("figures", "days"), _apart(assignment), strict=True
    ):
        missing = [one for one in wanted if not tells(text, one, freely=freely)]
        hint = f"It must hold {', '.join(missing).removesuffix('.')}."
        if wanted:
            yield holding(name, missing, len(wanted), unit, hint=hint, asked_by="brief")
    if moved_days(assignment.brief):
        held = still_said(text, assignment.brief, assignment.language)
        hint = f"{', '.join(held)} has moved: say the new day, or that it has."
        yield free_of("moved days", held, hint=hint, asked_by="brief")


def _apart(assignment: Assignment) -> tuple[list[str], list[str]]:
    """The figures of a brief, and the days of the week, of which a text that names one in other words tells as much."""
    figures, days = list[str](), list[str]()
    for one in assignment.wishes.figures:
        (figures if weekday_of(one) is None else days).append(one)
    return figures, days if assignment.language in LANGUAGES else []


def tells(text: str, figure: str, *, freely: bool) -> bool:
    """Whether a text tells a figure of its brief, which may come without its year; a day of the week always in its own words."""
    if _CODE.fullmatch(figure):  # Whoever types it has its capitals to type as well.
        return figure in text
    said = says_figure if freely or weekday_of(figure) is not None else contains
    return said(text, figure) or said(text, _YEAR_TO_COME.sub("", figure) or figure)


def must_of_series(text: str, assignment: Assignment) -> Iterator[Check]:
    """What its last text has to say of all that a series must say and no text before it does."""
    series = assignment.series
    if series is None or not assignment.ends or not assignment.as_written:
        return
    whole = Content("\n\n".join([*series.said, text]), {})
    yield from (check for check in asked_checks(whole, assignment) if check.id == MUST)
    yield from figures_told(whole.text, assignment)
