"""What a brief says about form."""

from __future__ import annotations

from typing import Any

import pytest

from bot.briefs import message_of
from bot.content import Bounds, Count, Size, Wishes, marks
from bot.generation.understood import minutes_in, wishes_of
from bot.kinds import kind_named
from bot.kinds._shared import bounds
from personas.profile import Profile


def wishes(kind: str, brief: str, **profile: Any) -> Wishes:
    return wishes_of(brief, kind_named(kind), Profile(**profile))


@pytest.mark.parametrize(
    ("kind", "brief", "counts"),
    [
        ("ad", "5 headlines and 2 descriptions for a locksmith", {"headline": (5, 5), "description": (2, 2)}),
        ("ad", "three short headlines", {"headline": (3, 3)}),
        ("ad", "2-4 headlines", {"headline": (2, 4)}),
        ("ad", "4 to 2 headlines", {"headline": (2, 4)}),
        ("ad", "half a dozen headlines", {"headline": (6, 6)}),
        ("ad", "headlines under 30 characters", {}),
        ("quiz", "10 questions with 3 options each", {"question": (10, 10), "option": (3, 3)}),
        ("quiz", "a quiz about 1066", {}),
        ("social_post", "a tweet with 2 or 3 hashtags", {"hashtag": (2, 3)}),
        ("lesson_plan", "4 activities and ten materials", {"activity": (4, 4), "material": (10, 10)}),
        ("chat", "", {}),
    ],
)
def test_counts(kind: str, brief: str, counts: dict[str, tuple[int, int]]) -> None:
    assert wishes(kind, brief).counts == counts


@pytest.mark.parametrize(
    ("kind", "brief", "sizes"),
    [
        ("email", "subject max 40 chars", {("subject", "characters"): (0, 40)}),
        ("email", "body under 80 words", {("body", "words"): (0, 80)}),
        ("email", "120 to 150 words", {("body", "words"): (120, 150)}),
        ("email", "preview text at most 50 characters please", {("preheader", "characters"): (0, 50)}),
        ("ad", "3 headlines max 25 characters", {("headline", "characters"): (0, 25)}),
        ("social_post", "no more than 100 characters", {("", "characters"): (0, 100)}),
        ("social_post", "20 words max", {("", "words"): (0, 20)}),
        ("social_post", "20-word tops", {("", "words"): (0, 20)}),
        ("social_post", "100 characters or less", {("", "characters"): (0, 100)}),
        ("social_post", "at least 200 characters", {("", "characters"): (200, None)}),
        ("social_post", "exactly two sentences", {("", "sentences"): (2, 2)}),
        ("article", "about 300 words", {("", "words"): (255, 345)}),
        ("social_post", "we bake 100 loaves", {}),
    ],
)
def test_sizes(kind: str, brief: str, sizes: dict[tuple[str, str], tuple[int, int | None]]) -> None:
    assert wishes(kind, brief).sizes == {key: Bounds(*bounds) for key, bounds in sizes.items()}


@pytest.mark.parametrize(
    ("kind", "brief", "place"),
    [
        ("social_post", "Tweet that we close", "x"),
        ("social_post", "an Instagram caption", "instagram"),
        ("social_post", "a post that we close", ""),
        ("social_post", "instagrammable cakes", ""),
        ("ad", "LinkedIn ad for payroll", "linkedin_ads"),
        ("image_prompt", "a fox, Midjourney", "midjourney"),
        ("image_prompt", "a fox with dall-e", "dalle"),
        ("chat", "tweet", ""),
    ],
)
def test_places(kind: str, brief: str, place: str) -> None:
    assert wishes(kind, brief).place == place


@pytest.mark.parametrize(
    ("brief", "ratio"),
    [
        ("a fox, 16:9", (16, 9)),
        ("ratio 3 : 2", (3, 2)),
        ("a fox at 10:00", None),
        ("0:5", None),
        ("1:2:3", None),
        ("a fox", None),
    ],
)
def test_ratios(brief: str, ratio: tuple[int, int] | None) -> None:
    assert wishes("image_prompt", brief).ratio == ratio


@pytest.mark.parametrize("brief", ["poster for our concert at 7:30 pm", "doors open 19:45"])
def test_a_time_is_no_ratio(brief: str) -> None:
    assert wishes("image_prompt", brief).ratio is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("a 40 minute lesson", 40),
        ("90-min workshop", 90),
        ("2 hours", 120),
        ("1h", 60),
        ("lesson on minutes", None),
        ("0 minutes", None),
        ("11 hours", None),
        ("600 min", 600),
        ("601 min", None),
        ("", None),
    ],
)
def test_minutes(text: str, minutes: int | None) -> None:
    assert minutes_in(text) == minutes


def test_minutes_may_stand_in_a_fact() -> None:
    assert wishes("lesson_plan", "plants", facts=("26 pupils", "Lessons last 50 minutes")).minutes == 50
    assert wishes("lesson_plan", "plants in 30 minutes", facts=("Lessons last 50 minutes",)).minutes == 30
    assert wishes("lesson_plan", "plants").minutes is None


@pytest.mark.parametrize("kind", ["email", "social_post", "quiz", "article", "press_release"])
@pytest.mark.parametrize(
    "fact",
    [
        "la marche dure 5 heures",
        "the walk takes 5 hours",
        "der Marsch dauert 5 Stunden",
        "la marcha dura 5 horas",
        "a caminhada dura 5 horas",
    ],
)
def test_what_has_no_length_in_time_takes_none_from_the_profile(kind: str, fact: str) -> None:
    assert wishes(kind, "our walk on Sunday", facts=(fact,)).minutes is None
    assert wishes("script", "our walk on Sunday", facts=(fact,)).minutes == 300


@pytest.mark.parametrize(
    ("brief", "keyword"),
    [
        ("meta title, keyword: oat milk", "oat milk"),
        ("titre, mot-clé « réparer son vélo à Nantes », 3 variantes", "réparer son vélo à Nantes"),
        ("Seitentitel, Suchbegriff „Yoga am Morgen“", "Yoga am Morgen"),
        ("título, palabra clave: tortilla sin huevo", "tortilla sin huevo"),
        ("título, palavra-chave é 'pão lento'", "pão lento"),
        ("a page of words that are key", ""),
    ],
)
def test_keywords(brief: str, keyword: str) -> None:
    assert wishes("seo_meta", brief).reading.keyword == keyword


@pytest.mark.parametrize(
    ("kind", "brief", "count"),
    [
        ("email", "one paragraph, under 90 words", (1, 1)),
        ("press_release", "Nota de prensa, 2 párrafos", (2, 2)),
        ("email", "at most 3 paragraphs", (1, 3)),
    ],
)
def test_paragraphs_of_the_whole_are_those_of_its_body(kind: str, brief: str, count: tuple[int, int]) -> None:
    assert wishes(kind, brief).counts["paragraph"] == count
    assert not any(unit == "paragraphs" for _, unit in wishes(kind, brief).sizes)


@pytest.mark.parametrize(
    ("brief", "figures"),
    [
        ("closed on 5 March", ["5 March"]),
        ("closed on March 5th, 9:30", ["March 5th", "9:30"]),
        ("20% off, only $5 or 12.50 euros", ["20%", "$5", "12.50 euros"]),
        ("from 9 am", ["9 am"]),
        ("max 30 characters, 5 loaves", []),
        ("pay £45 by 9 September. The second goes out on 8 September", ["£45", "9 September"]),
        ("we send parcels on 3 May; send it on Friday 2 May", ["3 May"]),
        ("", []),
    ],
)
def test_figures(brief: str, figures: list[str]) -> None:
    assert list(wishes("social_post", brief).figures) == figures


@pytest.mark.parametrize(
    ("brief", "message"),
    [
        ("tweet: we're closed on Monday", "we're closed on Monday"),
        ("Please write a short post on X announcing that we're closed", "we're closed"),
        ("We're closed. Max 100 characters.", "We're closed."),
        ("max 100 characters", "max 100 characters"),
        ("quiz about magnets", "magnets"),
        ("magnets", "magnets"),
        ("", ""),
    ],
)
def test_the_message_is_what_is_left(brief: str, message: str) -> None:
    assert message_of(brief) == message


@pytest.mark.parametrize(
    ("brief", "code"),
    [
        ("a post in German", "de"),
        ("translate into french: hi", "fr"),
        ("a post about German bread", ""),
        ("in Klingon", ""),
    ],
)
def test_languages(brief: str, code: str) -> None:
    assert wishes("social_post", brief).language == code


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ({}, (1, 9, 4)),
        ({"item": (3, 3)}, (3, 3, 3)),
        ({"thing": (2, 6)}, (2, 6, 4)),
        ({"item": (5, 7)}, (5, 7, 5)),
        ({"item": (50, 50)}, (9, 9, 9)),
        ({"item": (0, 0)}, (1, 1, 1)),
        ({"other": (3, 3)}, (1, 9, 4)),
    ],
)
def test_bounds_follow_the_brief_within_the_kinds(
    counts: dict[str, tuple[int, int]], wanted: tuple[int, int, int]
) -> None:
    assert bounds(Count(1, 9, 4, ("item", "thing")), Wishes(counts=counts)) == wanted


def test_marks_are_found_at_every_depth() -> None:
    quiz = kind_named("quiz").output
    assert {mark.nouns[:1] for mark in marks(quiz, Count)} == {
        ("question",), (), ("multiple response",), ("feedback per option",), ("matching",),
    }  # fmt: skip
    assert len(list(marks(quiz, Size))) == 9


@pytest.mark.parametrize("kind", ["ad", "chat"])
@pytest.mark.parametrize("brief", ["a" * 6000, "1." * 3000, "max " * 1500, "5 " * 3000, "- " * 3000, "word " * 1200])
def test_any_brief_is_read_soon(kind: str, brief: str, hurried: None) -> None:
    assert wishes(kind, brief).reading.message


@pytest.mark.parametrize(
    ("brief", "message"),
    [
        ("tell parents that the concert moves to the gym", "the concert moves to the gym"),
        ("tell all our members that we close", "we close"),
        ("announce that the demo is out", "the demo is out"),
        ("tell the story of our bakery", "tell the story of our bakery"),
    ],
)
def test_an_order_to_tell_is_no_part_of_the_message(brief: str, message: str) -> None:
    assert message_of(brief) == message


@pytest.mark.parametrize(
    ("brief", "message"),
    [
        ("Sms: closed today", "closed today"),
        ("press release: we open a second shop", "we open a second shop"),
        ("write a press release about our new bench", "our new bench"),
        ("text message: your bike is ready", "your bike is ready"),
        ("article on composting at home", "composting at home"),
        ("slogans: warm bread", "warm bread"),
        ("email on Monday's closure", "email on Monday's closure"),
        ("email to parents: the choir sings on Friday", "the choir sings on Friday"),
        ("Write an email to our regular customers: we move on 3 May", "we move on 3 May"),
        ("draft a letter to Dr Weber about the broken lift", "the broken lift"),
        ("newsletter for our members: the hall is painted", "the hall is painted"),
        ("a reminder to all of year 5 that the trip is on Friday", "the trip is on Friday"),
        ("600 word blog post: why bread needs salt", "why bread needs salt"),
        ("email to cancel our order of chairs", "email to cancel our order of chairs"),
        ("ad for our bakery: 20% off rye bread", "ad for our bakery: 20% off rye bread"),
        ("post for shoes that light up", "post for shoes that light up"),
        ("note to self-employed bakers", "note to self-employed bakers"),
    ],
)
def test_words_that_only_order_are_taken_off(brief: str, message: str) -> None:
    assert message_of(brief) == message


@pytest.mark.parametrize(
    ("kind", "brief"),
    [
        ("slogan", "a slogan of one line for 3 ideas"),
        ("article", "article on 5 ways home and 3 steps up"),
        ("article", "12 questions"),
    ],
)
def test_other_numbers_are_no_counts(kind: str, brief: str) -> None:
    counts = wishes_of(brief, kind_named(kind), Profile()).counts
    assert set(counts) <= ({"section"} if "questions" in brief else set())


@pytest.mark.parametrize(
    ("kind", "brief", "sizes", "counts"),
    [
        ("flashcards", "14 cards. front: name, back: what it does, 12 words tops", {("back", "words"): (0, 12)}, {"card": (14, 14)}),
        ("flashcards", "14 cards, at most 200 words in all", {("", "words"): (0, 200)}, {"card": (14, 14)}),
        ("slogan", "5 lines for our stall, 6 words max per line", {("slogan", "words"): (0, 6)}, {"slogan": (5, 5)}),
        ("lesson_plan", "90 minutes in 5 parts", {}, {"activity": (5, 5)}),
    ],
)  # fmt: skip
def test_what_is_too_little_for_a_whole_is_meant_of_each(
    kind: str, brief: str, sizes: dict[tuple[str, str], tuple[int, int]], counts: dict[str, tuple[int, int]]
) -> None:
    found = wishes_of(brief, kind_named(kind), Profile())
    assert {key: (size.least, size.most) for key, size in found.sizes.items()} == sizes
    assert found.counts == counts


@pytest.mark.parametrize(
    ("brief", "days"),
    [
        ("3 mails, sent after 1 day, 4 days, 8 days", (1, 4, 8)),
        ("3 Mails, Tag 1, Tag 4 und Tag 9", (1, 4, 9)),
        ("3 mails, 1, 3 and 7 days after sign-up", (1, 3, 7)),
        ("3 mails, one every 3 days", ()),
        ("2 mails about our 3 days of cheese", ()),
    ],
)
def test_days_of_a_series_that_are_told_one_by_one(brief: str, days: tuple[int, ...]) -> None:
    assert wishes_of(brief, kind_named("email"), Profile()).reading.days == days
