"""Numbers in every form that briefs write them, asked of several kinds: each is made, told, or refused, and none is ignored."""

# ruff: noqa: E501 - tables that are easier to read in long lines
from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from bot.briefs import budget_of, lasting_in, message_of
from bot.checks.amounts import amount_of, in_digits
from bot.content import Assignment
from bot.errors import RefusedError
from bot.generation.possible import asked, beyond, note
from bot.generation.understood import minutes_in
from bot.kinds import all_kinds
from bot.kinds.layout import page_of
from bot.kinds.music import seconds_wanted
from bot.kinds.rubric import points_wanted
from bot.kinds.synthetic_data import rows_wanted

Assigned = Callable[..., Assignment]
FORMS = {
    "10k": 10_000, "10 k": 10_000, "1e3": 1_000, "2 thousand": 2_000, "2.5 thousand": 2_500, "1 000": 1_000, "1\u00a0000": 1_000, "1\u202f000": 1_000,
    "1'000": 1_000, "1.000": 1_000, "1,000": 1_000, "1,00,000": 100_000, "12.345.678": 12_345_678, "2 million": 2_000_000, "1M": 1_000_000,
    "9 hundred": 900, "ninety dozen": 1_080, "60 dozen": 720, "seven hundred and fifty": 750, "two thousand": 2_000, "one thousand and one": 1_001,
    "99999999999": 99_999_999_999,
}  # fmt: skip
ASKED = {
    "quiz": "questions", "flashcards": "cards", "slogan": "slogans", "ad": "headlines", "social_post": "hashtags", "email": "emails", "layout": "columns",
    "music": "bpm", "rubric": "points", "synthetic_data": "orders", "article": "sections", "lesson_plan": "minutes", "script": "minutes",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ASKED)
def test_a_number_that_is_too_large_is_told_in_whatever_form(kind: str, form: str, assigned: Assigned) -> None:
    (one,) = beyond(assigned(kind, f"bread, {form} {ASKED[kind]}"))
    assert one.wanted == FORMS[form]
    assert one.said == f"{FORMS[form]} {ASKED[kind]}"
    assert "at most" in str(one.told)


@pytest.mark.parametrize(
    ("form", "value"),
    [("3.5", "3.5"), ("2½", "2.5"), ("2 ½", "2.5"), ("4 1/2", "4.5"), ("three and a half", "3.5"), ("2,5", "2.5")],
)
@pytest.mark.parametrize("kind", ["quiz", "flashcards", "slogan", "ad", "layout", "rubric", "synthetic_data", "lyrics"])
def test_a_part_of_one_is_told(kind: str, form: str, value: str, assigned: Assigned) -> None:
    noun = ASKED.get(kind, "verses")
    assignment = assigned(kind, f"bread, {form} {noun}")
    assert str(note(assignment)) == f"You asked for {value} {noun}; I make whole numbers only."
    assert [one.wanted for one in beyond(assignment)] == [Decimal(value)]


@pytest.mark.parametrize(
    ("kind", "brief", "told"),
    [
        ("quiz", "25.5 questions", "You asked for 25.5 questions; I make 20 at most."), ("quiz", "0.4 questions", "You asked for 0.4 questions; I make 1 or more."),
        ("quiz", "20 to 0 questions", "You asked for 20 to 0 questions; I make 1 or more."), ("quiz", "0-20 questions", "You asked for 0-20 questions; I make 1 or more."),
        ("quiz", "30 Fragen", "You asked for 30 Fragen; I make 20 at most."), ("quiz", "trente questions", "You asked for 30 questions; I make 20 at most."),
        ("quiz", "2 Dutzend Fragen", "You asked for 24 Fragen; I make 20 at most."), ("quiz", "deux douzaines de questions", "You asked for 24 questions; I make 20 at most."),
        ("quiz", "21 a 30 preguntas", "You asked for 21 a 30 preguntas; I make 20 at most."), ("flashcards", "100 Karteikarten", "You asked for 100 Karteikarten; I make 40 at most."),
        ("ad", "30 Überschriften", "You asked for 30 Überschriften; I make 15 at most."), ("slogan", "cem slogans, 99 slogans", "You asked for 99 slogans; I make 15 at most."),
        ("email", "a sequence of 12 on bread", "You asked for 12 emails; I make 10 at most."), ("social_post", "a thread of 40 on bread", "You asked for 40 posts; I make 15 at most."),
        ("music", "techno at 999 bpm", "You asked for 999 bpm; I make 300 at most."), ("music", "a drone, 5bpm", "You asked for 5bpm; I make 20 or more."),
        ("music", "99999 seconds of noise", "You asked for 99999 seconds; I make 36,000 at most."), ("script", "2 seconds on bread", "You asked for 2 seconds; I make 5 or more."),
        ("lesson_plan", "magnets, 45.5 minutes", "You asked for 45.5 minutes; I make whole numbers only."), ("rubric", "essay, out of 5000", "You asked for 5000 points; I make 500 at most."),
        ("layout", "shop with 40 columns", "You asked for 40 columns; I make 24 at most."), ("layout", "Laden, 30 Spalten", "You asked for 30 Spalten; I make 24 at most."),
        ("synthetic_data", "5000 products", "You asked for 5000 products; I make 500 at most."), ("synthetic_data", "9999行のデータ", "You asked for 9999行のデータ; I make 500 at most."),
    ],
)  # fmt: skip
def test_what_is_not_possible_is_told(kind: str, brief: str, told: str, assigned: Assigned) -> None:
    assert str(note(assigned(kind, brief))) == told


@pytest.mark.parametrize(
    ("kind", "brief"),
    [
        ("quiz", "null Fragen zu Magneten"), ("quiz", "zéro questions sur les aimants"), ("quiz", "cero preguntas sobre imanes"), ("quiz", "zero perguntas sobre ímãs"),
        ("quiz", "0 Fragen"), ("flashcards", "null Karten"), ("flashcards", "cero tarjetas"), ("slogan", "zéro slogans"), ("ad", "zero títulos"), ("email", "null E-Mails"),
        ("music", "0 bpm"), ("music", "0 seconds"), ("script", "-3 seconds"), ("rubric", "0 points"), ("rubric", "out of 0"), ("layout", "0 columns"),
        ("synthetic_data", "0 invoices"), ("synthetic_data", "-5 orders"),
    ],
)  # fmt: skip
def test_none_is_refused_in_every_language(kind: str, brief: str, assigned: Assigned) -> None:
    with pytest.raises(RefusedError, match=r"You asked for .*\d to "):
        assigned(kind, brief)


@pytest.mark.parametrize(
    ("kind", "brief", "counts"),
    [
        ("quiz", "null hypothesis questions", {}), ("quiz", "zero waste questions", {}), ("quiz", "for the elf, questions at once", {}), ("quiz", "no questions on dates", {}),
        ("quiz", "10 multiple choice questions", {"question": (10, 10)}), ("quiz", "5 question quiz", {"question": (5, 5)}), ("quiz", "fünf kurze Fragen", {"question": (5, 5)}),
        ("quiz", "elf Fragen", {"question": (11, 11)}), ("quiz", "once preguntas", {"question": (11, 11)}), ("quiz", "5 à 8 questions", {"question": (5, 8)}),
        ("quiz", "2-3.5 questions", {"question": (2, 3)}), ("quiz", "half a dozen questions", {"question": (6, 6)}), ("quiz", "ein Dutzend Fragen", {"question": (12, 12)}),
        ("quiz", "on a 5k run, 4 questions", {"question": (4, 4)}), ("quiz", "on chapter 3 200 years on, 4 questions", {"question": (4, 4)}), ("quiz", "10 minute questions", {}),
        ("rubric", "essay, max 4 levels", {"level": (2, 4)}), ("social_post", "a thread with 2 hashtags", {"hashtag": (2, 2)}), ("synthetic_data", "sales, 12 months, 3 regions", {}),
        ("layout", "two-column page", {"column": (2, 2)}), ("layout", "12カラムのレイアウト", {"column": (12, 12)}), ("synthetic_data", "ダミーデータ50行、名前", {"row": (50, 50)}),
    ],
)  # fmt: skip
def test_what_a_number_counts(kind: str, brief: str, counts: dict[str, tuple[int, int]], assigned: Assigned) -> None:
    assignment = assigned(kind, brief)
    assert assignment.wishes.counts == counts
    assert note(assignment) is None


def test_a_note_puts_another_number_in_place_of_a_part(assigned: Assigned) -> None:
    assert note(assigned("quiz", "3.5 questions", notes=("make it 4 questions",))) is None
    assert note(assigned("quiz", "4 questions", notes=("make it 3.5 questions",))) is not None


def test_what_code_makes_has_the_number_that_was_asked_for(assigned: Assigned) -> None:
    assert rows_wanted(assigned("synthetic_data", "200 orders")) == 200
    assert rows_wanted(assigned("synthetic_data", "10k orders")) == 500
    assert rows_wanted(assigned("synthetic_data", "orders")) == 10
    assert points_wanted(assigned("rubric", "5 points each"), 4, 3) == 20
    assert points_wanted(assigned("rubric", "worth 40"), 4, 3) == 40
    assert points_wanted(assigned("rubric", "an essay"), 4, 3) == 12
    assert page_of(assigned("layout", "a shop, 40 columns")).columns == 24
    assert [
        seconds_wanted(assigned("music", f"a drone, {said}"))
        for said in ("90 s", "1 minute 30 seconds", "1.5 minutes", "1½ minutes")
    ] == [90] * 4
    assert assigned("lesson_plan", "magnets, 999 minutes").wishes.minutes == 600
    assert assigned("lesson_plan", "magnets for 7s, 45 minutes").wishes.minutes == 45


@pytest.mark.parametrize(
    ("text", "minutes"), [("1.5 hours", 90), ("2½ hours", 150), ("90 Minuten", 90), ("1,5 h", 90), ("0.2 min", None)]
)
def test_minutes_with_a_part(text: str, minutes: int | None) -> None:
    assert minutes_in(text) == minutes


def test_seconds() -> None:
    assert lasting_in("90 seconds").in_seconds
    assert not lasting_in("90 minutes").in_seconds


@pytest.mark.parametrize(
    ("brief", "figures"),
    [
        ("it costs 1 000 €", ["1 000 €"]), ("-5 CHF on all", ["-5 CHF"]), ("−5 € on all", ["−5 €"]), ("for 1.000,50 €", ["1.000,50 €"]), ("€ 1 000,50 a head", ["€ 1 000,50"]),
        ("1'000.50 CHF", ["1'000.50 CHF"]), ("CHF 1'000", ["CHF 1'000"]), ("-€5", ["-€5"]), ("3-5 CHF", ["5 CHF"]), ("- 5 CHF", ["5 CHF"]), ("-20% on shoes", ["20%"]),
        ("only $1,299.99 today", ["$1,299.99"]), ("1\u202f000 €", ["1\u202f000 €"]), ("from 9 am, 20 EUR", ["9 am", "20 EUR"]),
    ],
)  # fmt: skip
def test_sums_are_kept_whole_and_with_their_sign(brief: str, figures: list[str], assigned: Assigned) -> None:
    assert list(assigned("social_post", brief).wishes.figures) == figures


def test_a_temperature_keeps_its_sign() -> None:
    assert message_of("tweet: -18 °C outside") == "-18 °C outside"
    assert message_of("tweet about -18 °C") == "-18 °C"


def test_a_budget_in_thousands() -> None:
    assert budget_of("campaign, budget 2 thousand euros") == 2000
    assert budget_of("campaign, 2.5 thousand euros to spend") == 2500


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("10k questions", "10000 questions"), ("chapter 3 200 words", "chapter 3 200 words"), ("2 100-word texts", "2 100-word texts"), ("4K video", "4K video"),
        ("24.12.2024", "24.12.2024"), ("19,99 €", "19.99 €"), ("dozens of cards", "dozens of cards"), ("1'000.00", "1000"), ("1/2 cup", "1/2 cup"), ("media docena de cartas", "6 cartas"),
    ],
)  # fmt: skip
def test_in_digits(text: str, digits: str) -> None:
    assert in_digits(text) == digits


@pytest.mark.parametrize("form", [form for form in FORMS if form[0].isdigit() and not any(word in form for word in ("e3", "dozen", "hundred", "1M"))])  # fmt: skip
def test_amounts_and_counts_agree(form: str) -> None:
    assert amount_of(form) == Decimal(in_digits(form)) == FORMS[form]


def test_every_number_that_code_uses_can_be_told(assigned: Assigned) -> None:
    """What a brief gives a number of is compared with what is possible, also where no field holds as many."""
    counted = {kind.name: {count.nouns[0] for count in kind.counted} for kind in all_kinds().values() if kind.counted}
    assert counted == {
        "campaign": {"channel"}, "layout": {"column"}, "lead_sheet": {"bpm", "bar"}, "music": {"bpm"}, "quiz": {"option"}, "rubric": {"point"}, "social_post": {"hashtag"}, "synthetic_data": {"row"},
    }  # fmt: skip
    assert [one.name for one in asked(assigned("music", "90 s, 120 bpm"))] == ["bpm", "seconds"]
