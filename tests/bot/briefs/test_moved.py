"""Days that a brief moves to others: the old one is no day of the text, and naming it as if it held sends people there."""

from __future__ import annotations

import pytest

from bot.briefs import moved_days, still_said
from bot.briefs.patterns import read_by_patterns
from bot.kinds import kind_named


@pytest.mark.parametrize(("brief", "left"), [
    ("mail to 3B: swimming moves from Tuesday to Thursday, 8:15", ["Tuesday"]),
    ("post: the market is on Thursday instead of Tuesday", ["Tuesday"]),
    ("the choir has been moved from Monday evening to Friday", ["Monday"]),
    ("SMS: Training wird von Mittwoch auf Freitag verlegt, 18 Uhr", ["Mittwoch"]),
    ("Die Probe ist am Freitag statt am Montag", ["Montag"]),
    ("mensaje: el mercado pasa del martes al jueves", ["martes"]),
    ("un texto : le cours passe du lundi au mercredi", ["lundi"]),
    ("aviso: a aula muda da terça-feira para a quinta-feira", ["terça-feira"]),
    ("sms: il corso passa dal lunedì al mercoledì", ["lunedì"]),
    # A range moves nothing, nor does what else changes.
    ("post: open from Tuesday to Thursday, 10 to 5", []),
    ("the menu changes on Monday, the choir sings on Friday", []),
    ("Geöffnet von Dienstag bis Donnerstag", []),
])  # fmt: skip
def test_a_day_that_is_left_is_none_of_the_text(brief: str, left: list[str]) -> None:
    assert [one.said for one in moved_days(brief)] == left
    wanted = read_by_patterns(brief, kind_named("email").reader).exact
    assert not set(left) & set(wanted)


@pytest.mark.parametrize(("text", "held"), [
    ("Swim at the pool from 8:15 on Tuesdays and Thursdays", ["Tuesdays"]),
    ("Swimming is on Thursday. See you on Tuesday!", ["Tuesday"]),
    ("Swimming moves from Tuesday to Thursday.", []),
    ("No swimming on Tuesday from next week: it is not on Tuesday any more.", []),
    ("Instead of the usual Tuesday we swim on Thursdays.", []),
    ("We swim on Thursdays from next week.", []),
])  # fmt: skip
def test_a_text_that_still_names_it_is_noticed(text: str, held: list[str]) -> None:
    assert still_said(text, "swimming moves from Tuesday to Thursday from next week", "en") == held


def test_a_day_of_something_else_may_be_named() -> None:
    brief = "swimming moves from Tuesday to Thursday, on Tuesday there is music"
    assert still_said("Music is on Tuesday.", brief, "en") == []
