"""What cannot be used is refused where it comes in, and what was kept before it was refused does no harm."""

from __future__ import annotations

import json
from datetime import UTC, date

import pytest

from bot.commands.profile.fields import parse_value
from bot.content import MemorySnapshot, Request
from bot.generation.recall import assign
from personas.card import build_card, read_card
from personas.ledger import Entry, resolve_entries
from personas.persona import find_persona
from personas.profile import Profile, ProfileError, find_zone, strip_bullet

NO_ZONES = (
    "Europe",
    "US",
    "America/Argentina",
    "x" * 300,
    "../etc/passwd",
    "/etc/localtime",
    "Europe/",
    "\u202e",
    "UTC+25",
    "Europe/Nowhere",
    ".",
    "posix",
    "Factory",
    "localtime",
)


@pytest.mark.parametrize("zone", NO_ZONES)
def test_an_invalid_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ProfileError, match="Europe/Berlin"):
        Profile.parse({"timezone": zone})


@pytest.mark.parametrize("zone", ["Europe/Berlin", "europe/berlin", "UTC", "America/Argentina/Ushuaia", ""])
def test_a_time_zone_is_accepted_in_any_case(zone: str) -> None:
    assert Profile.parse({"timezone": zone}).timezone.casefold() == zone.casefold()


@pytest.mark.parametrize("zone", NO_ZONES)
def test_invalid_stored_rows_do_no_harm(zone: str) -> None:
    held = resolve_entries([Entry("1", "timezone", zone), Entry("2", "organisation", "Fern")])
    assert held.profile == Profile(organisation="Fern")
    assert "timezone" not in held.sources
    assert find_zone(zone) is UTC
    memory = MemorySnapshot(Profile.model_construct(**{**Profile().__dict__, "timezone": zone}))
    assignment = assign(
        Request("1", "7", "campaign for a spring fair", kind="campaign", asked="2026-03-05T23:30:00+00:00"), memory
    )
    assert assignment.day == date(2026, 3, 5)


KEPT = (
    "-18 °C in the cellar",
    "-18",
    "−5 °C",
    "-.5 V",
    "- 18 tables",
    "3-5 days",
    "a - b",
    "1. FC Köln",
    "24/7",
    "*free*",
    "5*",
    "#1 in town",
    "+49 30 1234",
    "(new)",
    "2 for 1 -",
)


@pytest.mark.parametrize("fact", KEPT)
def test_a_fact_keeps_its_figures_and_signs(fact: str) -> None:
    wanted = fact.removeprefix("- ")
    assert strip_bullet(fact) == wanted
    assert parse_value("facts", fact, is_list=True) == [wanted]
    assert Profile.parse({"facts": [fact]}).facts == (fact,)


@pytest.mark.parametrize(
    "line", ["- oat milk", "* oat milk", "• oat milk", "•oat milk", "– oat milk", "-oat milk", "  -  oat milk "]
)
def test_a_list_bullet_is_stripped(line: str) -> None:
    assert strip_bullet(line) == "oat milk"


@pytest.mark.parametrize("line", ["", "-", "*", "•", "--", " - ", "- - -"])
def test_a_bullet_without_text_is_dropped(line: str) -> None:
    assert parse_value("facts", line, is_list=True) == []


def test_a_card_keeps_its_figures() -> None:
    card = build_card(find_persona("copywriter"))
    card["data"] |= {
        "extensions": {},
        "personality": "-18 °C cool; - dry; 1. precise",
        "name": "Frost",
        "description": "Cold.",
    }
    assert read_card(json.dumps(card).encode()).habits == ("-18 °C cool", "dry", "1. precise")
