"""What nobody has told is named where the brief asks for it or the text has a gap for it, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content import Assignment, Request, Wishes
from bot.generation.missing import asked_and_untold, facts, missing
from bot.generation.writers.capable_prompt import messages_for
from bot.kinds import all_kinds, kind_named
from bot.locales import said
from personas.persona import default_for
from personas.profile import CallToAction, Profile

Assigned = Callable[..., Assignment]
BRIEFS = Path(__file__).parents[3] / "benchmarks/quality"


@pytest.mark.parametrize(
    ("kind", "brief", "untold"),
    [
        ("social_post", "post about our summer party, with a number to call", ["phone"]),
        ("social_post", "post about our summer party, with a number to call: 030 1234567", []),
        ("sms", "remind them, no phone number", []),
        ("sms", "remind them, don't mention the price", []),
        ("email", "invite the parents to the school play, say when and where", ["date", "place"]),
        ("email", "invite the parents to the school play, say when and where: 3 May at the town hall", []),
        ("email", "Mail an Eltern zum Schulfest mit Datum und Uhrzeit", ["date", "time"]),
        ("social_post", "post avec le prix et l'adresse", ["address", "price"]),
        ("social_post", "post con el precio y el enlace", ["link", "price"]),
        ("social_post", "post com o preço e o local", ["place", "price"]),
        ("press_release", "press release on our new hall with a press contact", ["contact"]),
        ("ad", "ad for sneakers, mention the price, £40", []),
        ("social_post", "post with the discount code SPRING9", []),
        ("social_post", "post about the price of bread and where honey comes from", []),
        ("quiz", "quiz with the dates of the war, and say where", []),
    ],
)
def test_a_brief_asks_for_what_nobody_told(kind: str, brief: str, untold: list[str], assigned: Assigned) -> None:
    assert [fact.name for fact in asked_and_untold(assigned(kind, brief))] == untold


@pytest.mark.parametrize(
    ("profile", "request_more"),
    [
        (Profile(facts=("Call 030 1234567",)), {}),
        (Profile(), {"material": "Office: 030 1234567"}),
        (Profile(), {"notes": ("it is 030 1234567",)}),
    ],
)
def test_what_profile_material_or_a_wish_tells_is_there(
    profile: Profile, request_more: dict, assigned: Assigned
) -> None:
    brief = "post about our party, with a phone number"
    assert [fact.name for fact in asked_and_untold(assigned("social_post", brief))] == ["phone"]
    assert asked_and_untold(assigned("social_post", brief, profile, **request_more)) == []


def test_the_profile_s_link_is_a_link(assigned: Assigned) -> None:
    profile = Profile(call_to_action=CallToAction(text="Join", link="https://fern.example"))
    assert asked_and_untold(assigned("social_post", "post with a link to sign up", profile)) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Join us! Call us at [phone number].", ["phone number"]),
        ("Komm am [Datum] in den [Ort].", ["date", "place"]),
        ("Questions? Call us at. We wait.", ["phone number"]),
        ("**Tel.:**\nWe wait.", ["phone number"]),
        ("Date:\nPlace:\nBring cake.", ["date", "place"]),
        ("We meet on ____ and eat.", ["date", "place"]),
        ("By [name of the mayor].", ["“name of the mayor”"]),
        ("We party. Call us at 3, in the hall: cake!", []),
        ("A time to meet, a place to be.", []),
    ],
)
def test_a_gap_of_the_text_is_named(text: str, named: list[str], assigned: Assigned) -> None:
    assert [str(one) for one in missing(text, assigned("social_post", "post about our party"))] == named


def test_a_form_that_was_asked_for_is_no_gap(assigned: Assigned) -> None:
    assignment = assigned("email", "letter that starts with Dear [name], about our party")
    assert missing("Dear [name], we party.", assignment) == []


def test_a_model_that_can_write_is_told_to_do_without(assigned: Assigned) -> None:
    brief = "post about our party, with a phone number"
    assert "nobody has told: phone number" in messages_for(assigned("social_post", brief))[0].text
    assert "nobody has told" not in messages_for(assigned("social_post", f"{brief} 030 1234567"))[0].text


def plain(kind: str, brief: str) -> Assignment:
    """An assignment whose wishes are not looked at."""
    return Assignment(Request("1", "7", brief, kind=kind), kind_named(kind), default_for("marketing"), Wishes())


def test_hardly_any_brief_is_taken_to_ask() -> None:
    rows = [
        json.loads(line)
        for name in ("readings_dev", "readings_more", "readings_kept")
        for line in (BRIEFS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    briefs = [
        (row["kind"], row["brief"]) for row in rows if row["kind"] in all_kinds() and all_kinds()[row["kind"]].needs
    ]
    found = [brief for kind, brief in briefs if asked_and_untold(plain(kind, brief))]
    assert len(briefs) > 150
    assert len(found) <= 0.01 * len(briefs), found


def test_facts_are_named_in_the_reader_s_language(assigned: Assigned) -> None:
    (one,) = missing("Call us at [phone number].", assigned("social_post", "post about our party"))
    assert said(one, "de") == "Telefonnummer"


def test_kinds_need_facts_that_there_are() -> None:
    assert {name for kind in all_kinds().values() for name in kind.needs} <= set(facts())
