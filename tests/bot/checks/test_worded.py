"""Amounts that a text says in words and no source gives.

worded/*.toml hold short texts in five languages with what their source gives: good ones, of which none may be found fault with, and
bad ones with the words that are made up. The kept files were written before the code and looked at after it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.checks.given import loose_figures, ungrounded_amounts

FOLDER = Path(__file__).parent / "worded"
LANGUAGES = {"en", "de", "es", "fr", "pt"}
TODAY = date(2026, 6, 1)
# The share of what is made up that has to be found, and how many texts there are at least.
LEAST, FEWEST_GOOD, FEWEST_BAD = 0.9, 60, 40


def rows(name: str) -> Iterator[tuple[str, str, str, str]]:
    """Each text's language, source, words and what of it is made up, nothing in a good one."""
    for language, listed in tomllib.loads((FOLDER / name).read_text(encoding="utf-8")).items():
        yield from ((language, source, text, "".join(made_up)) for source, text, *made_up in listed)


GOOD = [*rows("good.toml"), *rows("good_kept.toml")]
BAD = [*rows("bad.toml"), *rows("bad_kept.toml")]


@pytest.mark.parametrize(("language", "source", "text", "made_up"), GOOD)
def test_a_good_text_is_left_alone(language: str, source: str, text: str, made_up: str) -> None:
    assert ungrounded_amounts(text, [source], language, TODAY) == []


@pytest.mark.parametrize("name", ["bad.toml", "bad_kept.toml"])
def test_what_is_made_up_is_found(name: str) -> None:
    listed = list(rows(name))
    missed = []
    for language, source, text, made_up in listed:
        found = " ".join(ungrounded_amounts(text, [source], language, TODAY)).casefold()
        if made_up.casefold() not in found:
            missed.append((text, found))
    assert len(missed) <= (1 - LEAST) * len(listed), missed


@pytest.mark.parametrize(("language", "source", "text", "made_up"), BAD)
def test_what_a_source_says_itself_is_given(language: str, source: str, text: str, made_up: str) -> None:
    assert ungrounded_amounts(text, [source, text], language, TODAY) == []


def test_there_are_texts_enough_in_five_languages() -> None:
    assert len(GOOD) >= FEWEST_GOOD
    assert len(BAD) >= FEWEST_BAD
    assert {language for language, *_ in GOOD} == {language for language, *_ in BAD} == LANGUAGES


@pytest.mark.parametrize(
    ("text", "language", "source", "loose"),
    [
        ("One and a half hours", "en", "1½ hours", []),
        ("2 months", "en", "", ["2 months"]),
        ("2 months", "en", "for two months", []),
        ("in 3 Wochen", "de", "", ["3 Wochen"]),
        ("5 kilos", "es", "", ["5 kilos"]),
        ("3 tips, 2 options, 4 steps", "en", "", []),
        ("2. Months later", "en", "", []),
        ("1 month", "en", "", []),
        ("2-3 months", "en", "", []),
        ("ninety minutes", "en", "1 h 30", []),
        ("sixty minutes", "en", "an hour", []),
        ("zwei Stunden", "de", "zweistündiger Kurs", []),
        ("zwei Wochen", "de", "a fortnight", []),
        ("deux mois", "fr", "vor zwei Monaten", []),
        ("eight hours", "en", "open 9:00 to 17:00", []),
        ("five days a week", "en", "Monday to Friday", []),
        ("five days a week", "en", "", ["five days"]),
        ("three teachers", "en", "teachers Ann, Bob and Cy", []),
        ("three teachers", "en", "teachers", ["three teachers"]),
        ("twelve pounds", "en", "£4, three tickets", []),
        ("twelve pounds", "en", "12 May", ["twelve pounds"]),
        ("hundreds of customers", "en", "350 customers", []),
        ("hundreds of customers", "en", "35 customers", ["hundreds of customers"]),
        ("um halb acht", "de", "19:30", []),
        ("thirty years", "en", "since 2011", ["thirty years"]),
        ("4 million dollars", "en", "", []),
        ("two months", "en", "二か月前に開店しました", []),
        ("dua bulan", "id", "", []),
    ],
)
def test_an_amount_may_be_given_in_another_way(text: str, language: str, source: str, loose: list[str]) -> None:
    assert ungrounded_amounts(text, [source], language, TODAY) == loose


def test_a_source_in_words_gives_digits() -> None:
    assert loose_figures("30 years", ["thirty years"], "en", TODAY) == []
    assert loose_figures("for £12", ["three tickets at £4"], "en", TODAY) == []
    assert loose_figures("31 years", ["thirty years"], "en", TODAY) == ["31"]
