"""What of a text is other each time, and the text with other values in those places."""

from __future__ import annotations

import pytest

from bot.team.library.templates import MAX_BLANKS, fill, fill_parts, find_blanks


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        (
            "Maria Lopez reads on Saturday, 3 May 2027 at 7 pm. Tickets cost €12.50 at Fern & Fog Coffee.",
            "en",
            [
                ("name", "Maria Lopez"),
                ("date", "Saturday, 3 May 2027"),
                ("date", "7 pm"),
                ("price", "€12.50"),
                ("name", "Fern & Fog Coffee"),
            ],
        ),
        (
            "Am Montag, 3. Mai um 19:30 Uhr liest Anna Berger im Saal. Eintritt 12,50 €, 30 Plätze.",
            "de",
            [("date", "Montag, 3. Mai"), ("date", "19:30 Uhr"), ("price", "12,50 €"), ("figure", "30")],
        ),
        (
            "Le 3 mai à 14h30, Marie Dupont vous attend pour 5 euros.",
            "fr",
            [("date", "3 mai"), ("date", "14h30"), ("name", "Marie Dupont"), ("price", "5 euros")],
        ),
        ("We close on Monday, back on Tuesday.", "en", [("date", "Monday"), ("date", "Tuesday")]),
        (
            "20 % off until 03.05.2027: https://fern.example/2027/05 #3days",
            "en",
            [("figure", "20 %"), ("date", "03.05.2027")],
        ),
        ("The rain stays out of it.", "en", []),
        (
            "## Our Spring Offer\n1. **Call To Action:** come by with **Maria Lopez** on **3 May**\n2. _Fern & Fog_ has 30 seats\n"
            "| Price | *€12.50* |\n|---|---|\nSubject Line: doors open",
            "en",
            [("name", "Maria Lopez"), ("date", "3 May"), ("figure", "30"), ("price", "€12.50")],
        ),
    ],
)
def test_prices_dates_names_and_figures_are_blanks(text, language, found):
    assert [(one.type, one.value) for one in find_blanks(text, language)] == found


def test_there_are_at_most_five_blanks_and_plain_figures_yield_to_others():
    text = "1 and 2 and 3 and 4, on 5 May for €6 at 7 pm, then 8 and 9."
    found = find_blanks(text)
    assert len(found) == MAX_BLANKS
    assert {"5 May", "€6", "7 pm"} <= {one.value for one in found}


def test_a_blank_is_identified_by_its_context():
    [first, second] = find_blanks("Open from 5\nor till 9 at night.")
    assert (first.context, second.context) == ("Open from ___", "or till ___ at night.")
    [date] = find_blanks("- **When:** on **3 May**, `at the door`")
    assert date.context == "When: on ___ , at the door"


def test_each_value_replaces_only_its_own_blank():
    text = "5 scones for 15.5 euros, 5 more for 5.50; 15 in all."
    assert fill(text, {"5": "6"}) == "6 scones for 15.5 euros, 6 more for 5.50; 15 in all."
    assert fill("Monday, then Tuesday.", {"Monday": "Tuesday", "Tuesday": "Monday"}) == "Tuesday, then Monday."
    assert fill("Monday.", {"Monday": ""}) == "Monday.", "what is left empty stays"
    assert fill("a \\1 $5", {"$5": r"\2"}) == r"a \1 \2"
    parts = {"title": "On Monday", "rows": [{"day": "Monday", "count": 5}], "none": None}
    changed = {"title": "On Friday", "rows": [{"day": "Friday", "count": 5}], "none": None}
    assert fill_parts(parts, {"Monday": "Friday"}) == changed


def test_a_long_text_is_processed_quickly(hurried):
    find_blanks("Maria Lopez on 3 May at 7 pm for €5, " * 5000)
    find_blanks("1" * 50_000)
    find_blanks("A & " * 20_000)
