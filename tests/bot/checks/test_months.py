"""Days of a month that no source gives."""

from __future__ import annotations

from datetime import date

import pytest

from bot.checks.months import other_days

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("text", "source", "found"),
    [
        ("Free desks from February 1st to March 1st.", "post: free desks from 1 February", ["March 1st"]),
        ("We open on 12 May.", "open 3 May, closed 12 June", ["12 May"]),
        ("Le 4 juillet, venez !", "le 1er mars et le 14 juillet", ["4 juillet"]),
        ("Ab dem 3. April.", "ab dem 3. März um 9 Uhr", ["3. April"]),
        ("El 10 de marzo", "el 10 de mayo", ["10 de marzo"]),
        ("até 5 de junho", "até 5 de julho", ["5 de junho"]),
    ],
)  # fmt: skip
def test_a_day_of_another_month_is_found(text: str, source: str, found: list[str]) -> None:
    assert other_days(text, [source], TODAY) == found


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Closed 3–5 May", "closed from 3 to 5 May"),
        ("June 3, then 10 June and June 17", "Wednesdays: 3, 10 and 17 June"),
        ("until 28 February", "from 1 February, for four weeks"),
        ("on Saturday 7 March", "1 March, and the first Saturday in March"),
        ("on 7 March", "on 7.3., again on 9 April"),
        ("on 26 November", "until 3 December"),
        ("on 4 July", "no day was told"),
        ("You may bring 3 friends", "on 3 April"),
    ],
)
def test_days_that_are_given_or_may_follow_are_not(text: str, source: str) -> None:
    assert other_days(text, [source], TODAY) == []


def test_years_of_a_fact_leave_the_day_to_be_told() -> None:
    assert other_days("until 1 March", ["from 1 February", "we have baked for 30 years"], TODAY) == ["1 March"]
