"""Figures that nobody gave, and figures that are said in another way."""

from __future__ import annotations

import pytest

from bot.checks.figures import says_figure, ungrounded_numbers


@pytest.mark.parametrize(
    ("text", "source", "loose"),
    [
        ("Two of 10", "", []),
        ("All 11 of us", "", ["11"]),
        ("All 11 of us", "we are 11", []),
        ("0 to 10, then 99", "", ["99"]),
        ("1,000 fans", "1000 fans", []),
        ("1.000 Fans", "1,000 fans", []),
        ("10000", "1000", ["10000"]),
        ("2.5 kg", "25 kg", ["2.5"]),
        ("20%", "20 percent", []),
        ("٢٥ ريال", "25", []),
        ("at 21:00", "at 9 pm", []),
        ("at 9:00 pm", "from 21:00", []),
        ("at 9:30 pm", "from 21:30", []),
        ("at 09:30", "at 9:30", []),
        ("at 9:30", "at 21:45", ["9:30"]),
        ("at 17", "at 5 pm", []),
        ("at 25:00", "at 1:00", ["25:00"]),
        ("see https://a.com/2026", "", []),
        ("in 2026", "2025", ["2026"]),
        ("12 and 12", "", ["12", "12"]),
        ("", "5", []),
        ("for €6", "six of 6 bikes", []),
        ("for €6", "on 6 October", ["6"]),
        ("6 % less, from 6 am", "on 6 October", ["6", "6"]),
        ("bis 16. August", "vom 4. bis 15. August", ["16"]),
        ("5. bis 15. August", "vom 4. bis 15. August", ["5"]),
        ("1,4 kg for £27", "1.4 kg, £27.00", []),
        ("à 20 h 30", "at 8.30 pm", []),
    ],
)
def test_figures_come_from_a_source(text: str, source: str, loose: list[str]) -> None:
    assert ungrounded_numbers(text, [source]) == loose


def test_figures_may_come_from_any_source() -> None:
    assert ungrounded_numbers("31 or 42 or 53", ["31", "", "42."]) == ["53"]


@pytest.mark.parametrize(
    ("text", "figure", "said"),
    [
        ("from 25. Mai, 9 Uhr", "25 May, 9 am", True),
        ("it costs 12,50 €", "€12.50", True),
        ("the hall closes at 10 pm", "22 h", True),
        ("jusqu'à 20 h 30", "20:30", True),
        ("until 8.30 pm", "20h30", True),
        ("it costs £30", "£3", False),
        ("open at 18:00", "8:00", False),
        ("it costs 4.80", "480", False),
        ("22 chairs", "2", False),
        ("in room 22, at noon", "21 h", False),
        ("from 3 September, every Wednesday", "15:00", False),
        ("von 17 bis 19 Uhr", "5 pm", True),
        ("ab Donnerstag, 6. März", "6.3.", True),
        ("ab Donnerstag, 6. März", "06.03.2025", True),
        ("ab Donnerstag, 7. März", "6.3.", False),
        ("ab dem 06.03.", "6.3.", True),
        ("ab dem 3.6.", "6.3.", False),
        ("sábado, 28 de junho", "28/6", True),
        ("sábado, 28/06", "28 de junho", True),
        ("on Monday 3 November", "3/11", True),
        ("on March 11", "3/11", True),
        ("on 6 March", "2025-03-06", True),
        ("3.6 km", "6 March", False),
        ("höchstens 4 m³", "3", False),
        ("höchstens 3 m³", "3", True),
    ],
)
def test_figures_may_be_said_in_another_way(text: str, figure: str, said: bool) -> None:
    assert says_figure(text, figure) is said


def test_a_long_document_leaves_room_for_what_the_profile_says() -> None:
    assert ungrounded_numbers("open since 1987, 4 bikes, 53 chairs", ["x" * 60_000, "Since 1987"]) == ["53"]
