"""Days of the week that a brief names of its subject, and not those of the work on it."""

from __future__ import annotations

import pytest

from bot.briefs.patterns import read_by_patterns
from bot.checks.days_said import weekday_of
from bot.kinds import kind_named


def days(brief: str, kind: str = "social_post") -> list[str]:
    read = read_by_patterns(brief, kind_named(kind).reader)
    return [one for one in read.exact if weekday_of(one) is not None]


@pytest.mark.parametrize(
    ("brief", "wanted"),
    [
        ("SMS to parents: the bus on Thursday leaves at 7:45", ["Thursday"]),
        ("we open a second till on Wednesdays and Fridays, tell the regulars", ["Wednesdays", "Fridays"]),
        ("Sign for the door: no swimming lessons this Tuesday, pump repair", ["Tuesday"]),
        ("Mitteilung: Der Wochenmarkt zieht am Samstag um, neuer Platz hinter der Kirche", ["Samstag"]),
        ("Kurz auf Facebook: Repair-Café am Donnerstagabend, Kuchen gibt es auch", ["Donnerstagabend"]),
        ("texto para las familias: el viernes no hay comedor, traed bocadillo", ["viernes"]),
        ("un message aux locataires, coupure d'eau mardi matin de 8 h à midi", ["mardi"]),
        ("aviso aos clientes: na quinta-feira fechamos mais cedo, às 16h", ["quinta-feira"]),
        ("post: na segunda, às 9h, começa a turma nova", ["segunda"]),
    ],
)
def test_a_day_of_the_subject_is_wanted(brief: str, wanted: list[str]) -> None:
    assert days(brief) == wanted


@pytest.mark.parametrize(
    "brief",
    [
        "tweet about our new scarf colours, I need it by Friday",
        "write a post for Monday about the new scarf colours",
        "Text for our Friday newsletter: the scarves are back in stock",
        "a post about the flood damage of last Tuesday, we are open again",
        "press text about the merger, send it on Wednesday",
        "the choir fair is on Saturday 14 March, a short post",
        "caption: the stall is back, not on Saturday",
        "Beitrag über die neue Röstung, Abgabe ist Freitag",
        "post sobre a segunda edição do festival de cerveja",
        "publicación sobre la quinta edición de la feria del libro",
    ],
)
def test_a_day_of_the_work_on_it_is_not(brief: str) -> None:
    assert days(brief) == []


def test_readings_hold_numbers_alone_and_days_apart() -> None:
    read = read_by_patterns("SMS: the bus on Thursday leaves at 7:45", kind_named("sms").reader)
    assert read.figures == ("7:45",)
    assert read.exact == ("7:45", "Thursday")


@pytest.mark.parametrize(
    ("brief", "exact"),
    [
        ("instagram: fish pie is back, 14.50, bring your own bottle", ("14.50",)),
        ("Anzeige: ab sofort wieder Gansl, Portion 24,90", ("24,90",)),
        ("post: we sold 1,250 loaves", ()),
        ("post: 14 kinds of bread", ()),
    ],
)
def test_what_looks_like_a_price_is_one(brief: str, exact: tuple[str, ...]) -> None:
    assert read_by_patterns(brief, kind_named("social_post").reader).exact == exact
