"""Styles, measured: the same text measures the same, alike texts are near, unlike ones far."""

from __future__ import annotations

import pytest

from personas.style import (
    MAX_DISTANCE,
    Brand,
    StyleError,
    add_samples,
    compute_distance,
    describe_style,
    measure_features,
    measure_style,
)

CAFE = (
    "We're open again! Come by for a flat white, bring the dog, and don't mind the rain. Our scones are still warm. ☕",
    "Psst: the terrace is dry. We saved you a seat, and the oat milk's on us today. Can you smell it yet? Don't wait!",
    "It's Friday, neighbours. We've baked too many scones again. Yours are in the window. Grab one, then grab two. ☕",
)
BANK = (
    "The Company hereby informs all account holders that the revised conditions governing savings accounts will take "
    "effect on the first day of the following quarter, subject to regulatory approval.",
    "In accordance with the applicable provisions, the Institution has undertaken a comprehensive assessment of its "
    "operational procedures; the resulting recommendations will be implemented progressively.",
)
CAFE_LATER = (
    "Rain again? We've got soup, warm scones and a dry corner for your dog. Come on in, you won't want to leave. ☕"
)
BANK_LATER = (
    "Pursuant to the resolution adopted by the supervisory committee, the interest applicable to fixed deposits will be "
    "adjusted with effect from January. Depositors are advised to consult the published schedule."
)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("One two three. Four five six seven eight.", "sentence", 4.0),
        ("One two three. Four five six seven eight.", "rhythm", 0.25),
        ("Aa bbbb", "word", 3.0),
        ("We see you. " * 5, "us", 33.33),
        ("We see you. " * 5, "you", 33.33),
        ("Wait! Now? Yes!", "exclamation", 66.67),
        ("Wait! Now? Yes!", "question", 33.33),
        ("Tea ☕ now 👩🏽‍🚀", "emoji", 100.0),
        ("One, two – three: four; five", "comma", 20.0),
        ("One, two – three: four; five", "dash", 60.0),
        ("Read https://a.example/one,two now", "comma", 0.0),
        ("It's we who don't", "formality", 0.0),
        ("consider additional arrangements", "formality", 100.0),
    ],
)
def test_features_are_counted_as_documented(text: str, name: str, value: float) -> None:
    assert measure_features(text)[name] == value


def test_a_text_without_words_has_no_style() -> None:
    assert set(measure_features("☕ !!! 123").values()) == {0.0}


@pytest.mark.parametrize(
    ("samples", "near", "far"), [(CAFE, CAFE_LATER, BANK_LATER), (BANK, BANK_LATER, CAFE_LATER)], ids=["café", "bank"]
)
def test_own_texts_are_near_and_those_of_others_far(samples: tuple[str, ...], near: str, far: str) -> None:
    style = measure_style(samples)
    own, other = compute_distance(near, style), compute_distance(far, style)
    assert own is not None
    assert other is not None
    assert own.is_near
    assert not other.is_near
    assert own.points + 20 < other.points
    assert other.farthest[0].startswith(("formality", "sentences"))


def test_a_style_has_no_distance_from_itself() -> None:
    found = compute_distance("\n".join(CAFE), measure_style(CAFE))
    assert found is not None
    assert found.points == 0


def test_a_text_that_is_too_short_is_not_judged() -> None:
    assert compute_distance("We close on Monday.", measure_style(CAFE)) is None


def test_too_few_samples_are_reported() -> None:
    with pytest.raises(StyleError, match="I need at least 50 words to learn a voice; these samples have 4"):
        measure_style(["We close on Monday."])


def test_a_description_names_the_measured_features() -> None:
    assert str(describe_style(measure_style(CAFE))).startswith(
        "Very short sentences of about 6 words, informal, varied sentence lengths"
    )
    assert "Favourite words: scones" in str(describe_style(measure_style(CAFE)))
    assert "formal" in str(describe_style(measure_style(BANK)))
    assert MAX_DISTANCE == 30


def test_du_and_sie_are_distinguished() -> None:
    close = measure_style(["Komm vorbei, wir haben dir einen Platz frei gehalten und du bekommst Kuchen. " * 4], "de")
    polite = measure_style(
        ["Bitte beachten Sie die Hinweise, die wir Ihnen mit Ihrer Rechnung senden werden. " * 4], "de"
    )
    assert close.values["formality"] + 20 < polite.values["formality"]


def test_samples_are_added_once_and_limited() -> None:
    brand = add_samples(Brand(name="Fern", samples=()), CAFE)
    assert brand.style is not None
    assert add_samples(brand, CAFE) == brand
    assert add_samples(Brand(name="Fern", samples=()), ["Two words."]).style is None
    with pytest.raises(StyleError, match="20 samples"):
        add_samples(brand, [f"Sample {n}" for n in range(20)])
    with pytest.raises(StyleError):
        add_samples(brand, ["x" * 40_001])
