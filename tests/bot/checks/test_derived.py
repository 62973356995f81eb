"""A figure that follows from given ones is none that is made up."""

from __future__ import annotations

from datetime import date

import pytest

from bot.checks.derived import loose_numbers
from bot.checks.figures import ungrounded_numbers


def loose(text: str, source: str, language: str = "en") -> list[str]:
    return loose_numbers(text, [source], language, date(2026, 11, 28))


@pytest.mark.parametrize(
    ("text", "source", "language"),
    [
        ("20 % off £45 is £36.", "the £45 coat, 20 % off", "en"),
        ("Now £36 instead of £45.", "coats £45, 20% off until Sunday", "en"),
        ("You save £9.", "coats £45, 20% off until Sunday", "en"),
        ("The coat comes down from £45 to £36, which saves you 20 %.", "coat £45, now £36", "en"),
        ("The course and the clay come to £52.50.", "course £45, clay £7.50", "en"),
        ("Six evenings, £90 in all.", "6 evenings at £15 each", "en"),
        ("20 % von 45 € sind 9 €.", "Mantel 45 €, 20 % Rabatt", "de"),
        ("Statt 45,00 € nur 36,00 €.", "Mantel 45 €, 20 % Rabatt", "de"),
        ("Avant 45 €, maintenant 33,75 €.", "manteau 45 €, 25 % de moins", "fr"),
        ("De 45 € a 36 €.", "abrigo 45 €, 20 % menos", "es"),
        ("Por R$ 1.032,00 à vista.", "cadeira R$ 1.290,00, 20 % de desconto à vista", "pt"),
        ("12 × £15 = £180.", "12 seats, £15", "en"),
        ("Bring £32 in cash.", "hire 12 quid plus deposit 20", "en"),
        ("It goes up by 90p a kilo.", "beans go 14.20 to 15.10 a kg", "en"),
        ("75 abetos en dos entregas.", "60 abetos pequeños + 15 grandes", "es"),
        ("Der Zuschuss von 200.000 Euro.", "Umbau 312 tsd, davon 200 vom Land", "de"),
        ("Online bis zum 26. Februar.", "Galerie ab heute 90 Tage online", "de"),
        ("Voltaremos na segunda-feira, 4 de janeiro de 2027.", "recesso 21/12 a 3/1", "pt"),
        ("The water goes off on Sunday 29 November.", "water off tmrw", "en"),
        ("Over 65s pay £36 or £19.50.", "rents, full plot 48 half 26, over 65s knock a quarter off", "en"),
        ("Collect it on 24 December.", "collect weds 23 dec or xmas eve", "en"),
        ("Die übrigen 23 wurden gekauft.", "64 dinge, davon 2 im büro, 41 gespendet, rest gekauft", "de"),
        ("In total it is 586 €.", "22 people, 28 each, 3 of them pay 18, work it out for them", "en"),
        ("£31,400, of which our members raised £6,400.", "drones £31,400, the trust gave 25k, members the rest", "en"),
        ("Señal: 230 €.", "23 personas, menú de 38, señal 10 por cabeza", "es"),
        ("The total is £6,920.", "raised 3,460, the firm matched it pound for pound", "en"),
        ("5% nylon.", "70% wool, 25 alpaca, rest nylon", "en"),
        ("Your samples are due on 16 December.", "samples two weeks before 30 Dec", "en"),
    ],
)
def test_what_follows_from_given_figures_is_given(text: str, source: str, language: str) -> None:
    assert ungrounded_numbers(text, [source])
    assert loose(text, source, language) == []


@pytest.mark.parametrize(
    ("text", "source", "left"),
    [
        ("Now £35 instead of £45.", "coats £45, 20% off", ["35"]),
        ("20 % off £45 is £35.", "coats £45, 20% off", ["35"]),
        ("Now 36 people came.", "coats £45, 20% off", ["36"]),
        ("30 % off £60 is £42.", "coats £45, 20% off", ["30", "60", "42"]),
        ("99 = 99", "coats £45", ["99", "99"]),
        ("£36 and 77 chairs", "coats £45, 20% off", ["77"]),
        ("", "coats £45, 20% off", []),
        ("The other 22 were bought.", "64 things, 2 in the office, 41 were given, the rest bought", ["22"]),
        ("Collect it on 28 December.", "collect weds 23 dec or xmas eve", ["28"]),
        ("It is £6 off.", "60 firs, 54 large ones, 3 vans", ["6"]),
        ("It goes up by 80p a kilo.", "beans go 14.20 to 15.10 a kg", ["80"]),
        ("Seventy firs: 70.", "60 firs + 15 large ones, no flowers, 3 vans", ["70"]),
        ("Online until 20 February.", "the gallery is online for 90 days from today", ["20"]),
        ("We are closed until 14 January.", "closed 21/12 to 13/1", ["14"]),
    ],
)
def test_what_follows_from_none_stays_made_up(text: str, source: str, left: list[str]) -> None:
    assert loose(text, source) == left
