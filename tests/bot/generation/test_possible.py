"""What cannot be is refused in a sentence, what is too much is told, and numbers are read as people write them."""

# ruff: noqa: E501 - tables that are easier to read in long lines
from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bot.briefs import budget_of
from bot.checks.amounts import amount_of, spelled_out
from bot.checks.figures import ungrounded_numbers
from bot.content import Assignment, Kind
from bot.engines import Engines, Traits
from bot.engines.scripted import scripted
from bot.errors import RefusedError
from bot.generation.pipeline import Pipeline
from bot.generation.possible import asked, beyond
from bot.kinds import all_kinds

Assigned = Callable[..., Assignment]
THOUSANDS = ("1'000", "1’000", "1 000", "1\u00a0000", "1\u202f000", "1.000", "1,000", "1000", "1.000,00", "1,000.00", "1'000.00", "1 000,00", "1k", "1 K")  # fmt: skip


@pytest.mark.parametrize("written", THOUSANDS)
def test_a_thousand_is_a_thousand_in_every_country(written: str) -> None:
    assert amount_of(written) == Decimal(1000)
    for brief in (f"campaign, budget {written} CHF", f"budget: {written} €, four weeks", f"plan with {written} euros to spend", f"€{written} for ads", f"{written} EUR for ads"):  # fmt: skip
        assert budget_of(brief) == 1000, brief


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.000,50", "1000.50"), ("1,000.50", "1000.50"), ("2.5 Mio", "2500000"), ("2,5 Mio.", "2500000"), ("10k", "10000"), ("1,00,000", "100000"),
        ("12,34,567", "1234567"), ("3 lakh", "300000"), ("1.5 crore", "15000000"), ("12.345.678", "12345678"), ("0.500", "0.500"), ("19,99", "19.99"),
        ("9'999'999.95", "9999999.95"), ("7", "7"), ("2 million", "2000000"), ("5 Tsd", "5000"),
    ],
)  # fmt: skip
def test_amounts(written: str, value: str) -> None:
    assert amount_of(written) == Decimal(value)


@pytest.mark.parametrize("text", ["", "none", ".", "'", "k", "1" * 400])
def test_no_amount(text: str) -> None:
    assert amount_of(text) is None


def test_a_budget_is_no_other_number(assigned: Assigned) -> None:
    assert budget_of("four-week campaign for 3 shops, budget 300 and 4 channels") == 300
    assert budget_of("tickets for two, no money") == 0
    assert budget_of("budget of two thousand euros") == 2000
    assert ungrounded_numbers("It costs 1,000 and 10000.", ["budget 1'000 and 10k"]) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("two hundred questions", "200 questions"), ("twenty-five cards", "25 cards"), ("zweihundert Fragen", "200 Fragen"), ("doscientas preguntas", "200 preguntas"),
        ("deux cents questions", "200 questions"), ("duzentas perguntas", "200 perguntas"), ("one colour, two fonts", "one colour, two fonts"), ("a second one", "a second one"),
    ],
)  # fmt: skip
def test_numbers_in_words(text: str, plain: str) -> None:
    assert spelled_out(text) == plain


COUNTED = [
    (kind, count.nouns[0], count)
    for kind in all_kinds().values()
    for node in kind.output.model_fields.values()
    for count in node.metadata
    if type(count).__name__ == "Count" and count.nouns and not count.named
] + [(kind, kind.series.nouns[0], kind.series) for kind in all_kinds().values() if kind.series] + [
    (kind, count.nouns[0], count) for kind in all_kinds().values() for count in kind.counted
]  # fmt: skip
PLURALS = {"activity": "activities"}
NAMES = [f"{kind.name} {noun}" for kind, noun, _ in COUNTED]


@pytest.mark.parametrize(("kind", "noun", "count"), COUNTED, ids=NAMES)
def test_every_number_that_is_too_large_is_told(kind: Kind, noun: str, count: object, assigned: Assigned) -> None:
    nouns = PLURALS.get(noun, f"{noun}s")
    for brief in (f"bread, 999 {nouns}", f"bread, 99999 {nouns}", f"bread, one thousand {nouns}"):
        one = next(one for one in beyond(assigned(kind.name, brief)) if one.name == noun)
        assert one.wanted in (999, 1000, 99999)
        assert f"{one.wanted}" in str(one.told).replace(",", "")
        assert f"{one.most:,} at most" in str(one.told)
    assert not [one for one in beyond(assigned(kind.name, f"bread, {max(1, count.low)} {nouns}")) if one.name == noun]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("kind", "noun", "count"), COUNTED, ids=NAMES)
@pytest.mark.parametrize("number", ["0", "-1", "zero", "minus one", "-12"])
def test_none_and_fewer_are_refused(kind: Kind, noun: str, count: object, number: str, assigned: Assigned) -> None:
    nouns = PLURALS.get(noun, f"{noun}s")
    may_be_none = not count.low or noun in kind.form.without  # type: ignore[attr-defined]
    if not may_be_none or number not in ("0", "zero"):
        with pytest.raises(RefusedError, match=r"You asked for .*\d to "):
            assigned(kind.name, f"bread, {number} {nouns}")
    else:
        assert assigned(kind.name, f"bread, {number} {nouns}")


@pytest.mark.parametrize(
    ("kind", "brief", "told"),
    [
        ("lesson_plan", "magnets, 999 minutes", "999 minutes; I make 600"), ("script", "bread, 99 hours", "99 hours; I make 600"),
        ("article", "20000 words on bread", "20000 words; I make 5,000"), ("article", "twenty thousand words on bread", "20000 words; I make 5,000"),
        ("quiz", "magnets, 9 options each", "9 options each; I make 6"), ("rubric", "bread, 1 level", "1 level; I make 2 or more"),
    ],
)  # fmt: skip
def test_minutes_words_and_options(kind: str, brief: str, told: str, assigned: Assigned) -> None:
    said = [str(one.told) for one in beyond(assigned(kind, brief))]
    assert len(said) == 1
    assert told.partition("; ")[0].removesuffix(" each") in said[0]
    assert told.partition("; ")[2] in said[0]


@pytest.mark.parametrize(
    ("kind", "brief"),
    [
        ("lesson_plan", "magnets, 0 minutes"), ("lesson_plan", "magnets, -5 minutes"), ("script", "bread, 0 min"), ("article", "0 words on bread"),
        ("article", "-50 words on bread"), ("email", "bread, max 0 words"), ("rubric", "bread, 0 levels"),
    ],
)  # fmt: skip
def test_no_minutes_and_no_words_are_refused(kind: str, brief: str, assigned: Assigned) -> None:
    with pytest.raises(RefusedError, match="You asked for "):
        assigned(kind, brief)


@pytest.mark.parametrize(
    "brief",
    ["- 3 questions on magnets", "3-5 questions on magnets", "grade 9, 10 questions", "10 questions, 0 °C is where ice melts", "pre-2 questions", "15 to 25 questions", "5 questions (no -1 points)"],
)  # fmt: skip
def test_what_is_possible_is_neither_refused_nor_told(brief: str, assigned: Assigned) -> None:
    assignment = assigned("quiz", brief)
    assert beyond(assignment) == []
    assert all(one.low > 0 for one in asked(assignment))


async def test_the_result_says_what_was_asked_and_what_is_possible(assigned: Assigned) -> None:
    example = all_kinds()["quiz"].examples[0].output.model_dump(mode="json")
    items = [example["items"][at % 3] | {"question": f"What does magnet {at} pull?"} for at in range(20)]
    answer = json.dumps(example | {"items": items})
    for brief in ("999 questions on magnets", "two hundred questions on magnets"):
        engines = Engines([scripted(lambda _: answer, traits=Traits())])
        (result,) = await Pipeline(engines).run(assigned("quiz", brief))
        assert "I make 20 at most." in str(result.note)
        check = next(one for one in result.checks if one.name == "items")
        assert (check.passed, check.measured) == (False, "20")
        assert check.limit in ("999 questions", "200 questions")


async def test_of_a_thread_it_is_said_once(assigned: Assigned) -> None:
    engines = Engines([scripted(lambda _: "Bread is slow, and that is good.", traits=Traits())])
    (result,) = await Pipeline(engines).run(assigned("social_post", "a thread of 40 posts on why bread is slow"))
    assert str(result.note) == "You asked for 40 posts; I make 15 at most."
    assert [one.limit for one in result.checks if one.name == "post asked for"] == ["40 posts"]


def test_on_the_command_line(run: Callable[..., Any]) -> None:
    refused = run("generate", "quiz", "0 questions on magnets")
    assert refused.exit_code == 2
    assert "You asked for 0 questions" in str(refused.exception)
    made = json.loads(run("generate", "quiz", "999 questions on magnets", "--json").stdout.splitlines()[-1])
    check = next(one for one in made["checks"] if one["name"] == "items")
    assert (check["passed"], check["limit"]) == (False, "999 questions")
    assert made["note"] == "You asked for 999 questions; I make 20 at most."
    assert json.loads(run("generate", "quiz", "5 questions on magnets", "--json").stdout.splitlines()[-1])["note"] == ""
