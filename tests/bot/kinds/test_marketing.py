"""What the marketing kinds do beyond what all kinds promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bot.briefs import budget_of, dates_in, details_of, topic_of
from bot.checks.limits import limits_of
from bot.checks.units import UNITS
from bot.content import Assignment, Content
from bot.generation.check import run_checks
from bot.generation.known import with_known
from bot.generation.shape import schema_for
from bot.generation.understood import wishes_of
from bot.kinds import kind_named
from bot.kinds._shared import filled, slug_of
from bot.kinds.campaign import channels_of, shared_out
from personas.profile import CallToAction, Profile

Assigned = Callable[..., Assignment]
OURS = Profile(
    organisation="Fern & Fog", role="owner", facts=("open 7:30 to 15:00", "dogs allowed in the back room"),
    call_to_action=CallToAction(text="Book", link="fern.example"),
)  # fmt: skip


def made(kind: str, assignment: Assignment, **fields: object) -> Content:
    known = kind_named(kind)
    output = known.examples[0].output.model_copy(update=fields)
    return known.compose(output, assignment)


def test_five_slogans_of_six_words(assigned: Assigned) -> None:
    assignment = assigned("slogan", "5 slogans, max 6 words each")
    pattern = schema_for(assignment)["properties"]["slogans"]
    assert pattern["minItems"] == 5
    data = {"slogans": ["One two three four five six seven"] * 2}
    failed = {one.name for one in run_checks(data, made("slogan", assignment, **data), assignment) if not one.passed}
    assert {"slogans length", "slogans", "different slogans"} <= failed


@pytest.mark.parametrize(
    ("brief", "line"),
    [
        ("tagline without our name", "Warm bread"),
        ("tagline with our name", "Fern & Fog: Warm bread"),
        ("tagline", "Warm bread"),
    ],
)
def test_the_name_stands_where_it_is_wanted(brief: str, line: str, assigned: Assigned) -> None:
    assert made("slogan", assigned("slogan", brief, OURS), slogans=["Warm bread"]).parts["variants"] == [line]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Bread & Butter, daily!", "bread-and-butter-daily"),
        ("Größe", "grosse"),
        ("パン", ""),
        ("a" * 61, ""),
        ("b " * 40, "b" + "-b" * 29),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert slug_of(text) == slug


def test_a_keyword_stands_in_title_description_and_slug(assigned: Assigned) -> None:
    assignment = assigned("seo_meta", "title and description, keyword: dog cafe", OURS)
    content = made("seo_meta", assignment)
    assert content.parts["slug"] == "dog-cafe"
    assert content.parts["meta_title"][0].startswith("Dog cafe")
    assert "dog cafe" in content.parts["meta_description"].casefold()
    assert len(content.parts["meta_title"][0]) <= 60


def test_a_bad_slug_is_caught(assigned: Assigned) -> None:
    kind, assignment = kind_named("seo_meta"), assigned("seo_meta", "title and description")
    content = made("seo_meta", assignment)
    bad = Content(content.text, content.parts | {"slug": "Bad Slug"})
    checks = {one.name: one.passed for one in kind.examine(kind.examples[0].output, bad, assignment)}
    assert checks["slug"] is False


@pytest.mark.parametrize(
    ("brief", "language", "line"),
    [
        ("press release, embargoed until 6 May 00:01. Co-op bakery opens", "en", "Embargoed until 6 May 00:01"),
        ("Pressemitteilung, Sperrfrist 6. Mai, 9.30 Uhr: wir öffnen", "de", "Sperrfrist bis 6. Mai"),
        ("communiqué sous embargo jusqu'au 3 juin à 8 h, ouverture", "fr", "Sous embargo jusqu'au 3 juin à 8 h"),
        ("press release under embargo, we open a shop", "en", "Embargoed"),
        ("press release, we open on 6 May", "en", "For immediate release"),
    ],
)
def test_a_release_says_from_when_it_may_be_printed(brief: str, language: str, line: str, assigned: Assigned) -> None:
    assignment = assigned("press_release", brief)
    asked = replace(assignment, as_written=True, request=replace(assignment.request, language=language))
    assert made("press_release", asked).parts["sections"]["dateline"] == line


def test_a_release_quotes_the_role_and_makes_up_no_names(assigned: Assigned) -> None:
    content = made("press_release", assigned("press_release", "a milestone: use a number from my profile", OURS))
    assert content.parts["quotes"][0].endswith("” said the owner, Fern & Fog.")
    assert "7:30" in content.parts["sections"]["lead"]
    assert set(content.parts["sections"]) >= {"headline", "dateline", "lead", "body", "quote", "boilerplate", "contact"}


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("Dogs are welcome: dogs allowed in the back room. The café is Open 7:30 to 15:00 every day of the week.", ""),
        ("Dogs allowed in the back room, and there is water for each of them all through the year.", "Open 7:30 to 15:00."),
        ("The café takes part in the festival, with music and soup for the guests.",
         "Open 7:30 to 15:00. Dogs allowed in the back room."),
    ],
)  # fmt: skip
def test_the_last_lines_of_a_release_repeat_no_fact_that_it_told(body: str, left: str, assigned: Assigned) -> None:
    assignment = replace(assigned("press_release", "café takes part in the festival", OURS), as_written=True)
    known = made("press_release", assignment, body=[body]).parts["sections"]["boilerplate"]
    assert known.partition("\n")[2] == left


def test_a_page_has_steps_only_when_asked_for(assigned: Assigned) -> None:
    assert "steps" not in schema_for(assigned("landing_page", "landing page"))["properties"]
    steps = schema_for(assigned("landing_page", "landing page, how it works in 3 steps"))["properties"]["steps"]
    assert steps["minItems"] == 3


@pytest.mark.parametrize(
    ("brief", "total"),
    [("Budget 300 in my currency", 300), ("budget of 1,500 euros", 1500), ("we have $250", 250), ("4 weeks", 0)],
)
def test_a_budget_adds_up(brief: str, total: int, assigned: Assigned) -> None:
    assert budget_of(brief) == total
    channels = channels_of(assigned("campaign", f"{brief}, instagram and radio, 4 channels"))
    assert channels[:2] == ["instagram", "radio"]
    assert set(channels_of(assigned("campaign", f"{brief}, email and instagram"))) == {"email", "instagram"}
    assert len(channels) == 4
    assert sum(amount for _, amount in shared_out(total, channels)) == total


def test_a_message_fits_one_sms(assigned: Assigned) -> None:
    content = made("sms", assigned("sms", "sms: closed", OURS), text="Closed today – sorry.")
    assert content.text == "Fern & Fog: Closed today - sorry. Book: fern.example"


@pytest.mark.parametrize(
    ("brief", "count"), [("600 word post", 5), ("600 word post with 4 headings", 4), ("a post", 3)]
)
def test_a_longer_article_has_more_sections_and_its_outline_no_text(brief: str, count: int, assigned: Assigned) -> None:
    sections = schema_for(assigned("article", brief))["properties"]["sections"]
    assert (sections["minItems"], sections["maxItems"]) == (count, count)
    assert list(sections["items"]["properties"]) == ["heading"]


def test_a_small_model_is_led_by_what_is_known(assigned: Assigned) -> None:
    assignment = assigned(
        "product_description", "describe this backpack: 28 litres, roll top, no jargon, 3 bullets", OURS
    )
    assert details_of(assignment.request.brief, assignment.kind.reader) == ["Roll top"] or details_of(
        assignment.request.brief, assignment.kind.reader
    ) == ["28 litres", "Roll top"]
    data = with_known({"title": "", "intro": "", "bullets": ["Own"]}, assignment)
    assert "Roll top" in data["bullets"]
    assert len(data["bullets"]) == 3


@pytest.mark.parametrize(
    ("brief", "keyword"),
    [("keyword: touch tour", "touch tour"), ('rank for "vegan cake"', "vegan cake"), ("a page about keys", "")],
)
def test_keywords(brief: str, keyword: str) -> None:
    assert wishes_of(brief, kind_named("seo_meta"), Profile()).reading.keyword == keyword


def test_texts_are_filled_up_to_their_least() -> None:
    assert filled("Short.", 30, ["A fact.", "Far too long to fit into it."], least=10) == "Short. A fact."


STORES = [
    ("app store listing for our bread app", {"title", "subtitle", "promotional_text", "keywords"}),
    ("google play listing for our bread app", {"title", "short_description"}),
    ("google ads for our bread", {"paths"}),
    ("promoted tweet for our bread", {"primary_text"}),
]


@pytest.mark.parametrize(("brief", "parts"), STORES)
def test_an_ad_has_the_parts_of_its_network_within_their_limits(
    brief: str, parts: set[str], assigned: Assigned
) -> None:
    assignment = assigned("ad", brief, OURS)
    content = made("ad", assignment)
    assert set(content.parts) == {"headlines", "descriptions", "network", "link"} | parts
    for limit in limits_of(assignment.place):
        value = content.parts.get(limit.field, "")
        assert all(UNITS[limit.unit](one) <= limit.max for one in ([value] if isinstance(value, str) else value)), limit
    kind = kind_named("ad")
    assert all(check.passed for check in kind.examine(kind.examples[0].output, content, assignment))


def test_keywords_fill_a_hundred_bytes_and_repeat_no_title(assigned: Assigned) -> None:
    words = " ".join(f"käse{number}brot".translate(str.maketrans("0123456789", "abcdefghij")) for number in range(30))
    keywords = made("ad", assigned("ad", f"app store ad for {words}"), headlines=["Käseabrot"]).parts["keywords"]
    assert 80 < len(keywords.encode()) <= 100
    assert "käseabrot" not in keywords


def test_a_play_title_makes_no_claims(assigned: Assigned) -> None:
    ad = kind_named("ad")
    assignment = assigned("ad", "google play ad")
    content = made("ad", assignment, headlines=["The BEST Free BREAD App"])
    assert content.parts["title"] == "The Bread App"
    bad = Content("", content.parts | {"title": "#1 bread"})
    failed = [check.name for check in ad.examine(ad.examples[0].output, bad, assignment) if not check.passed]
    assert failed == ["title without claims"]


@pytest.mark.parametrize(
    ("brief", "kind", "needed"),
    [
        ("seo title for our blog post on rye", "Article", {"headline", "author", "publisher"}),
        ("meta description for the product page of a mug", "Product", {"name", "brand"}),
        ("seo for the homepage of our shop", "LocalBusiness", {"name", "url"}),
        ("title for our pottery course", "Course", {"name", "provider"}),
        ("title for the page on rye", "WebPage", {"name", "publisher"}),
    ],
)
def test_structured_data_is_of_the_pages_type(brief: str, kind: str, needed: set[str], assigned: Assigned) -> None:
    content = made("seo_meta", assigned("seo_meta", brief, OURS), titles=["Rye </script> bread"])
    block = content.text.partition("```json\n")[2].partition("\n```")[0]
    data = json.loads(block)
    assert data == content.parts["json_ld"]
    assert (data["@context"], data["@type"]) == ("https://schema.org", kind)
    assert needed | {"description"} <= set(data)
    assert data["url"] == "https://fern.example"
    assert "</" not in block


def test_a_title_is_measured_in_pixels(assigned: Assigned) -> None:
    seo = kind_named("seo_meta")
    assignment = assigned("seo_meta", "title")
    wide = made("seo_meta", assignment, titles=["W" * 40])
    failed = [check.name for check in seo.examine(seo.examples[0].output, wide, assignment) if not check.passed]
    assert failed == ["title width"]
    named = made("seo_meta", assigned("seo_meta", "title", OURS), titles=["M" * 30 + " of bread"])
    assert named.parts["meta_title"] == ["M" * 30 + " of bread"]  # With the name it would be cut off.


@pytest.mark.parametrize("place", ["pinterest pin", "youtube description"])
def test_pins_and_videos_have_a_title(place: str, assigned: Assigned) -> None:
    content = made("social_post", assigned("social_post", place), text=f"{'word ' * 40}end. More.")
    assert 0 < len(content.parts["title"]) <= 100
    assert content.text == f"**{content.parts['title']}**\n{content.parts['text']}"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("from 3 March", ["2027-03-03"]),
        ("on December 2nd", ["2026-12-02"]),
        ("1st of may 2028 and 2027-01-05", ["2028-05-01", "2027-01-05"]),
        ("on 31 February", []),
        ("may we have 3 days", []),
    ],
)
def test_dates_of_a_brief(text: str, days: list[str]) -> None:
    assert [day.isoformat() for day, _ in dates_in(text, date(2026, 12, 1))] == days


@pytest.mark.parametrize(
    ("message", "topic"),
    [
        ("a thread of 5 posts for X on why bread is slow", "why bread is slow"),
        ("6 tweets about moss", "moss"),
        ("a welcome sequence of 3 emails for new members", "welcome for new members"),
        ("we close on Monday", "we close on Monday"),
    ],
)
def test_what_several_texts_are_about(message: str, topic: str) -> None:
    assert topic_of(message).removeprefix("a ").replace("  ", " ") == topic
