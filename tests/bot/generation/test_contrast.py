"""Features that distinguish liked texts from disliked ones."""

from __future__ import annotations

import random

import pytest

from bot.generation.contrast import infer_from_contrast
from bot.generation.tastes import Baseline, Sign, build_signals
from personas.learning import Signal, derive_entries

USUAL = (30, 45, 90)
EASY = ("The door is open and the sun is out.", "We have tea and cake for all.", "Bring a friend and take a seat.")
HARD = (
    "Considerable deliberation preceded the reorganisation of our institutional hospitality.",
    "Participants appreciate comprehensive documentation of seasonal availability.",
    "Administrative preparations necessitate occasional rescheduling of celebrations.",
)


def build_text(
    sentences: int = 4, *, source: tuple[str, ...] = EASY, end: str = "", loud: bool = False, before: str = ""
) -> str:
    body = " ".join(source[at % len(source)] for at in range(sentences))
    return f"{before}{body.replace('.', '!') if loud else body}{end}"


def infer(liked: list[str], disliked: list[str], was: Baseline | None = None) -> dict[str, object]:
    return dict(infer_from_contrast(liked, disliked, was or Baseline(), USUAL))


@pytest.mark.parametrize(
    ("good", "bad", "field", "value"),
    [
        (build_text(4), build_text(16), "preferred_length", "short"),
        (build_text(12), build_text(4), "preferred_length", "long"),
        (build_text(), build_text(end=" 🎉"), "emoji", "none"),
        (build_text(end=" 🎉"), build_text(end=" 🎉🎉🎉🎉"), "emoji", "few"),
        (build_text(), build_text(loud=True), "exclamation_marks", "none"),
        (build_text(end=" Don't be shy."), build_text(end=" Do not be shy."), "formality", "casual"),
        (build_text(end=" I am glad.").replace("We have", "I have"), build_text(), "person", "I"),
        (build_text(source=EASY), build_text(source=HARD), "reading_level", "CEFR A1"),
        (build_text(before="Dear all,\n"), build_text(before="Hi there!\n"), "greeting", "Dear all,"),
        (build_text(end="\nSee you soon,\nFern"), build_text(end="\nCheers,\nFern"), "closing", "See you soon,"),
    ],
)
def test_a_feature_of_all_liked_and_no_disliked_texts_is_a_signal(good: str, bad: str, field: str, value: str) -> None:
    assert infer([good] * 2, [bad] * 3)[field] == value
    assert infer([good] * 3, [bad] * 2)[field] == value
    assert field not in infer([good, good, bad], [bad] * 3), "one liked text is otherwise"
    assert field not in infer([good] * 3, [bad, bad, good]), "one disliked text is no different"


@pytest.mark.parametrize(("liked", "disliked"), [(2, 2), (1, 8), (8, 1), (0, 9), (9, 0)])
def test_few_or_one_sided_votes_are_inconclusive(liked: int, disliked: int) -> None:
    assert infer([build_text(4)] * liked, [build_text(16, loud=True, end=" 🎉")] * disliked) == {}


def test_similar_texts_are_inconclusive() -> None:
    assert infer([build_text(4)] * 5, [build_text(5)] * 5) == {}


def test_a_harder_level_is_one_above_the_current() -> None:
    liked, disliked = [build_text(source=HARD)] * 3, [build_text(source=EASY)] * 3
    assert infer(liked, disliked, Baseline(level="CEFR B1"))["reading_level"] == "CEFR B2"
    assert "reading_level" not in infer(liked, disliked), "nothing bounds it"


def test_explicit_signals_take_precedence_over_inferred_ones() -> None:
    seems: list[Sign] = [("emoji", "none")]
    kept = [one for at in "abc" for one in build_signals(seems, "contrast", at, "")]
    assert [entry.value for entry in derive_entries(kept, {"emoji": "few"})] == ["none"]
    said = [*kept, Signal("emoji", "many", "wish", "d")]
    assert derive_entries(said, {"emoji": "few"}) == []
    assert derive_entries([*said, Signal("emoji", "many", "wish", "e")], {"emoji": "few"})[0].value == "many"


def test_unrelated_votes_seldom_change_anything() -> None:
    """Users who vote at random on texts that differ in five ways."""
    rng = random.Random(7)
    wrong = 0
    for _ in range(100):
        votes: dict[bool, list[str]] = {True: [], False: []}
        kept: list[Signal] = []
        for number in range(10):
            made = build_text(
                rng.randrange(3, 17),
                source=rng.choice((EASY, HARD)),
                end=rng.choice(("", " 🎉", " Don't be shy.")),
                loud=rng.random() < 0.5,
            )
            votes[rng.random() < 0.5].append(made)
            signs = infer_from_contrast(votes[True][-6:], votes[False][-6:], Baseline(), USUAL)
            kept += build_signals(signs, "contrast", str(number), "")
        wrong += bool(derive_entries(kept, {}))
    assert wrong <= 12, "of a hundred"
