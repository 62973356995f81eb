"""Whether a text says a day of the week, in whatever words."""

from __future__ import annotations

import pytest

from bot.checks.days_said import says_weekday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("See you Thursday at 7.", "Thursday"),
        ("Thursdays are for pizza.", "Thursday"),
        ("Thu, 7 pm, at the pier", "thursday"),
        ("Open Mon–Fri, 9 to 5", "Wednesday"),
        ("Weekdays from 8.", "Tuesdays"),
        ("Come by at the weekend!", "Sunday"),
        ("Every day this week.", "Friday"),
        ("It all happens on 12 March.", "Thursday"),
        ("Back tomorrow at nine.", "Friday"),
        ("Am Donnerstagabend wird repariert.", "Thursday"),
        ("samstags ab 9 Uhr", "Samstag"),
        ("Jueves a domingo, 14,50 €", "viernes"),
        ("le week-end prochain", "samedi"),
        ("Segunda-feira a gente volta.", "segunda"),
        ("木曜日に開店します", "Thursday"),
    ],
)
def test_a_day_is_said(text: str, day: str) -> None:
    assert says_weekday(text, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The bus leaves at 7:45, don't be late.", "Thursday"),
        ("See you Friday at 7.", "Thursday"),
        ("Open Mon–Wed, 9 to 5", "Thursday"),
        ("Weekdays from 8.", "Saturday"),
        ("The sun is out again.", "Sunday"),
        ("Der Bus fährt um 7:45 Uhr.", "Donnerstag"),
        ("Nos vemos en la feria.", "martes"),
    ],
)
def test_a_day_is_missing(text: str, day: str) -> None:
    assert not says_weekday(text, day)
