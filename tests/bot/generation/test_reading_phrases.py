"""What was understood of a brief is told, what nothing measures is named, and what must stand in a text or not is looked for."""

from __future__ import annotations

import pytest

from bot.briefs import Reading, extract_reading, list_avoidable_things
from bot.briefs.reading import MODELS, NOUNS, PLACES, Unit
from bot.generation import reading_phrases as words
from bot.generation.measure import find_unmeasured
from bot.generation.reading_phrases import describe_public_reading, describe_reading
from bot.kinds import find_kind
from bot.locales import localize


def describe_brief(kind: str, brief: str) -> list[str]:
    return [str(one) for one in describe_reading(extract_reading(brief, find_kind(kind).brief_form))]


@pytest.mark.parametrize(
    ("kind", "brief", "wanted"),
    [
        (
            "slogan",
            "3 options, 4 to 7 words each, simple words",
            ["3 options", "option: 4 to 7 words", "in simple words"],
        ),
        ("ad", "linkedin ad, 1 headline, max 1 emoji", ["1 headline", "at most 1 emoji", "for LinkedIn Ads"]),
        ("social_post", "a post, no hashtags, about 1200 characters", ["about 1,200 characters", "without hashtags"]),
        ("email", "in Spanish, not the word 'cheap'", ["in Spanish", "without “cheap”"]),
        ("lesson_plan", "45 minutes for 8th graders", ["45 minutes", "for US grade 8"]),
        ("storyboard", "storyboard for a 20 second clip on kites", ["20 seconds"]),
        ("podcast", "podcast on bread, one minute", ["1 minute"]),
        ("layout", "flyer, landscape, 3 blocks", ["3 blocks", "for print", "landscape format"]),
        ("image_prompt", "a fox, 3:2, flux", ["3:2 format", "for FLUX"]),
        ("sms", "come in on Monday", []),
    ],
)
def test_readings_are_described_briefly(kind: str, brief: str, wanted: list[str]) -> None:
    assert describe_brief(kind, brief) == wanted


def test_readings_are_described_in_the_readers_language() -> None:
    reading = extract_reading("3 options, 1200 to 1500 words in total, no prices", find_kind("slogan").brief_form)
    assert [localize(one, "de") for one in describe_reading(reading)] == [
        "3 Optionen",
        "1.200 bis 1.500 Wörter",
        "ohne Preise",
    ]


def test_every_statement_has_a_description() -> None:
    assert set(words.COUNTED) == set(NOUNS)
    assert set(words.UNITS) == set(Unit.__args__)
    assert {*words.PLACES, "print", "screen"} == set(PLACES)
    assert set(words.MODELS) == set(MODELS)


@pytest.mark.parametrize(
    ("kind", "brief", "named"),
    [
        ("article", "two pages, no jargon, 3 headings", ["3 headings", "2 pages", "without jargon"]),
        ("slogan", "5 slogans, 6 words tops, no emoji", ["5 taglines", "tagline: at most 6 words"]),
        ("email", "subject under 40 characters, 2 images", ["2 images", "subject: at most 40 characters"]),
        ("lesson_plan", "50 min for 8th graders", ["50 minutes", "for US grade 8"]),
    ],
)
def test_unmeasured_statements_are_named(kind: str, brief: str, named: list[str]) -> None:
    left = find_unmeasured(extract_reading(brief, find_kind(kind).brief_form), find_kind(kind), ())
    assert [str(one) for one in describe_reading(left)] == named


def test_words_to_avoid_are_not_public() -> None:
    reading = extract_reading("a post without prices and never say 'Blumenthal'", find_kind("social_post").brief_form)
    assert [str(one) for one in describe_public_reading(reading)] == ["without prices"]
    assert [str(one) for one in describe_reading(reading)] == ["without prices", "without “Blumenthal”"]


def test_things_to_avoid_have_known_names() -> None:
    assert {"emoji", "links", "our name"} <= set(list_avoidable_things())
    assert describe_reading(Reading()) == []
