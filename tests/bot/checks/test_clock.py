"""Times of day that a text says in words."""

from __future__ import annotations

from datetime import date

import pytest

from bot.checks.derived import loose_numbers
from bot.checks.figures import says_figure, ungrounded_numbers
from bot.checks.given import loose_figures


@pytest.mark.parametrize(("text", "figure"), [
    ("Kommt um Viertel nach acht zum Sportheim.", "8.15"), ("Beginn ist um halb neun.", "20:30"), ("Um drei viertel neun.", "25:00"),
    ("Nos vemos a las ocho y media de la tarde.", "20:30"), ("Les portes ouvrent à huit heures et demie.", "20h30"),
    ("Doors open at half past eight.", "8:30 pm"), ("It starts at a quarter to nine.", "8:45"), ("Começa às oito e meia.", "20:30"),
    ("Saldremos a las nueve menos diez.", "8:50"), ("Abrimos do meio-dia às dez.", "12h"), ("Es kostet drei Euro.", "3 euro"),
    ("Déjala dos horas.", "2 h"), ("De huit heures à midi et demi.", "12:30"), ("Abrimos ao meio-dia e meia.", "12h30"),
    ("From nine to noon.", "9 to 12"), ("Abrimos a las ocho y cerramos a las seis.", "eight to six"),
    ("Von 8 bis 18 Uhr.", "eight to six"), ("Das dez da manhã às quatro da tarde.", "10 às 16"),
    ("A grant of £85,000.", "£85k"), ("Es sind 1.400 Euro.", "1,4 tsd euro"), ("Son 2,3 millones de euros.", "2,3 M€"),
])  # fmt: skip
def test_a_figure_in_other_words_is_told(text: str, figure: str) -> None:
    assert says_figure(text, figure) is (figure != "25:00")


@pytest.mark.parametrize(("text", "figure"), [
    ("Doors open at half past nine.", "8:30 pm"), ("There are eight and a half pages.", "8:30"), ("A grant of £8,500.", "£85k"),
    ("Cinco libros con un 15 %.", "5%"), ("The lift is looked at on Wednesday.", "9 to 11"), ("Von 8 bis 16 Uhr.", "eight to six"),
])  # fmt: skip
def test_another_figure_is_not(text: str, figure: str) -> None:
    assert not says_figure(text, figure)


@pytest.mark.parametrize(("text", "source"), [
    ("Am Donnerstag, 12. November, geht es los.", "elternabend do 12.11., 19 uhr"),
    ("Inaugura el 12 de junio a las 11:30.", "inauguración vie 12 junio 11.30 con la consellera"),
])  # fmt: skip
def test_a_day_or_a_time_may_be_written_otherwise(text: str, source: str) -> None:
    assert ungrounded_numbers(text, [source]) == []


@pytest.mark.parametrize(("text", "source", "loose"), [
    ("Home by 12.15.", "home by quarter past 12", []), ("Check-out by 10.30.", "checkout tues by half ten", []),
    ("Ab 14.30 Uhr.", "bäckerei ab halb drei", []), ("Ab 15.30 Uhr.", "bäckerei ab halb drei", ["15:30"]),
    ("A las 8:50 salimos.", "salida a las nueve menos diez", []),
    ("It costs £95 with cork.", "cork version is £6 more than the 89", []),
    ("£312,000, of which £200,000 from the lottery and £112,000 from us.", "cost £312k of which 200 lottery rest members", []),
    ("£312,000, of which £210,000 from the lottery.", "cost £312k of which 200 lottery rest members", ["210,000"]),
    ("Un devis de 48 000 euros.", "devis 48 k€", []), ("Un devis de 58 000 euros.", "devis 48 k€", ["58000"]),
])  # fmt: skip
def test_figures_follow_from_what_was_told_in_words_or_in_short(text: str, source: str, loose: list[str]) -> None:
    assert loose_numbers(text, [source], "en", date(2026, 11, 28)) == loose


def test_another_day_is_noticed() -> None:
    assert ungrounded_numbers("Am 13. November, 12 Leute", ["do 12.11., 12 leute"]) == ["13"]


@pytest.mark.parametrize(("text", "source", "loose"), [
    ("Rehearsal is on Wednesday 2 December.", "this weds rehearsal in scout hut, code 4471", []),
    ("Rehearsal is on Thursday 3 December.", "this weds rehearsal in scout hut, code 4471", ["3"]),
    ("The course begins on 4 March 2027.", "course starts thurs 4 march", []), ("In 2027 we have 40 places.", "40 places", ["2027"]),
    ("Répondez avant le 7/12.", "séance lun 7 déc annulée", []),
    ("Be there at 13:45.", "at 14:00, all come a quarter of an hour before", []),
    ("You still owe £686.40.", "inv £1186.40, they sent 500", []),
    ("You still owe £586.40.", "inv £1186.40, they sent 500", ["586.40"]),
])  # fmt: skip
def test_days_times_and_sums_that_follow_are_none_of_ours(text: str, source: str, loose: list[str]) -> None:
    assert loose_figures(text, [source], "en", date(2026, 11, 28)) == loose
