"""The numbers of codes, rooms and buses in a brief: a text without them is of no use to whoever has to go there."""

from __future__ import annotations

import pytest

from bot.briefs.patterns import read_by_patterns
from bot.kinds import all_kinds


@pytest.mark.parametrize(("brief", "numbers"), [
    ("text to the allotment group: gate code changes Saturday to 4471, hose ban stays", {"4471"}),
    ("staff meeting moves from room 12 to room 204, bring laptops", {"204"}),
    ("sms to guests: wifi password 88231907, door code: 2205", {"88231907", "2205"}),
    ("notice: bus 12 does not stop here, take bus no. 14", {"12", "14"}),
    ("SMS an alle: Türcode ist ab Montag 8823, Treffpunkt Raum 3", {"8823", "3"}),
    ("texto a los vecinos: el código nuevo del portal es 7719, aula 5", {"7719", "5"}),
    ("sms aux voisins : le nouveau code est 7719, réunion en salle 5", {"7719", "5"}),
    ("mensagem aos vizinhos: a senha nova é 7719, reunião na sala 5", {"7719", "5"}),
    ("sms ai vicini: il codice nuovo è 7719, riunione in aula 5", {"7719", "5"}),
    # What counts something names nothing.
    ("email about the second date, subject line 38 characters max, table 3 columns", set()),
    ("post about a hall of 300 square metres and 40 buses", set()),
])  # fmt: skip
def test_numbers_that_name_something_are_wanted(brief: str, numbers: set[str]) -> None:
    read = read_by_patterns(brief, all_kinds()["sms"].reader).exact
    assert {one for one in read if one.isdigit()} == numbers


def test_a_product_has_the_measures_of_its_brief() -> None:
    brief = "wool blanket from our own sheep, 140x200, 1.2 kg, undyed"
    kinds = all_kinds()
    assert read_by_patterns(brief, kinds["product_description"].reader).exact == ("140x200", "1.2 kg")
    assert read_by_patterns(brief, kinds["ad"].reader).exact == ()
