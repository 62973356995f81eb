"""What a brief asks for beside what is possible: what cannot be is refused, what is too much is told. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

from bot.briefs import Lasting
from bot.briefs.reading import Unit
from bot.checks import Check
from bot.checks.units import words
from bot.content import MOST_WORDS, Assignment, Content, Count, marks
from bot.errors import Phrase

from .rendered import COUNTED


@dataclass(frozen=True, slots=True)
class Asked:
    """A number that a brief asks for: its name, the words that ask for it, from how many to how many, and what is possible."""

    name: str
    said: str
    low: int | Decimal
    high: int | Decimal
    least: int
    most: int

    @property
    def wrong(self) -> bool:
        """Nothing can be meant by it: none of what there has to be some of, or fewer than none."""
        return self.high < 0 or (self.high == 0 and self.least > 0)

    @property
    def beyond(self) -> bool:
        """No number that is asked for is possible."""
        return self.low > self.most or self.high < self.least or self.broken

    @property
    def broken(self) -> bool:
        """A number that is no whole one is asked for."""
        return self.low == self.high and self.low % 1 != 0

    @property
    def partly(self) -> bool:
        """Some of the numbers that are asked for are possible, but for none of it or fewer."""
        return not self.beyond and self.low <= 0 < self.least

    @property
    def wanted(self) -> int | Decimal:
        """The number that is asked for, of several the one that is nearest to what is possible."""
        return self.low if self.low > self.most else self.high

    @property
    def told(self) -> Phrase:
        """What was asked and what is possible, in a sentence."""
        if self.low > self.most:
            return Phrase("You asked for {asked}; I make {most:,} at most.", asked=self.said, most=self.most)
        if self.broken and self.high > self.least:
            return Phrase("You asked for {asked}; I make whole numbers only.", asked=self.said)
        return Phrase("You asked for {asked}; I make {least:,} or more.", asked=self.said, least=self.least)


def asked(assignment: Assignment) -> Iterator[Asked]:
    """The numbers that a brief asks for, of everything that its kind has a number of."""
    kind, wishes = assignment.kind, assignment.wishes
    # "3 cloze cards" are as many cards with a gap each: what an entry has, where it is named, has no number of its own.
    own = {mark for field in kind.output.model_fields.values() for mark in field.metadata if isinstance(mark, Count)}
    counts = [count for count in marks(kind.output, Count) if not count.named or count in own]
    for count in (*counts, *kind.counted, *([kind.series] if kind.series else [])):
        noun = next((one for one in count.nouns if one in wishes.counts and one in wishes.said), None)
        if noun is not None:
            low, high = (wishes.fractions[noun],) * 2 if noun in wishes.fractions else wishes.counts[noun]
            yield Asked(count.nouns[0], wishes.said[noun], low, high, count.low, count.high)
    if kind.minutes and wishes.reading.lasting:
        yield _lasting(wishes.reading.lasting, kind.minutes, kind.seconds)
    about = next((one.about for one in wishes.reading.size if (one.of, one.unit) == ("all", "words")), None)
    if about is not None and not kind.needs_text:
        yield Asked("words", f"{about} words", about, about, 1, MOST_WORDS)
    for odd in wishes.reading.impossible:
        if odd.what in get_args(Unit):
            yield Asked(odd.what, odd.said, odd.amount, odd.amount, 1, MOST_WORDS)
    for (_, unit), size in wishes.sizes.items():
        if size.most == 0 and about is None:
            yield Asked(unit, f"{size.most} {unit}", size.most, size.most, 1, MOST_WORDS)


def _lasting(lasting: Lasting, minutes: tuple[int, int], least: int) -> Asked:
    """How long it is to last: in seconds where it is timed in them and the brief says so or means no whole minutes."""
    (least_minutes, most), said, seconds = minutes, lasting.said, lasting.seconds
    if least and (lasting.in_seconds or seconds % 60):
        return Asked("seconds", said, seconds, seconds, least, 60 * most)
    return Asked("minutes", said, seconds / 60, seconds / 60, least_minutes, most)


def refusal(assignment: Assignment) -> Phrase | None:
    """Why a brief cannot be met at all: it asks for none, or for fewer than none; None where it can."""
    one = next((one for one in asked(assignment) if one.wrong), None)
    if one is None:
        return None
    return Phrase(
        "You asked for {asked}. Ask again with a number from {least:,} to {most:,}, or without one.",
        asked=one.said, least=max(one.least, 0), most=one.most,
    )  # fmt: skip


def beyond(assignment: Assignment) -> list[Asked]:
    """What a brief asks for and nobody can have; of a piece of a larger text the whole tells it."""
    return [] if assignment.parent else [one for one in asked(assignment) if one.beyond]


def beyond_checks(assignment: Assignment, content: Content, fields: set[str]) -> Iterator[Check]:
    """A failed check for each of them that is not the number of a field, which has a check of its own."""
    for one in beyond(assignment):
        if one.name not in fields:
            measured = words(content.text) if one.name == "words" else round(max(one.least, min(one.wanted, one.most)))
            wanted = float(one.wanted)
            yield Check(
                id=f"{one.name} asked for", passed=False, value=measured, low=wanted, high=wanted, unit=_several(one.name),
                sort="number", asked_by="brief", repairable=False,
            )  # fmt: skip


def _several(noun: str) -> str:
    return COUNTED[noun][1] if noun in COUNTED else noun


def note(assignment: Assignment) -> Phrase | None:
    """What is said below a result of what is not possible; None where all of it is."""
    told = [one.told for one in asked(assignment) if (one.beyond or one.partly) and not assignment.parent]
    return (
        None if not told else told[0] if len(told) == 1 else Phrase("{first} {second}", first=told[0], second=told[1])
    )
