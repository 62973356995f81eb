"""The classifier, trained on a handful of lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.generation.route import COLUMNS, Router, is_noise, ngrams

UTTERANCES = {
    "quiz": ["a quiz on the water cycle", "ten questions about rome", "test my class on fractions"],
    "email": ["an email to our members", "write a newsletter for march", "mail the parents about the trip"],
    "post": ["tweet that we close", "an instagram caption for cake", "a post about our new oven"],
}


@pytest.fixture(scope="module")
def router() -> Router:
    return Router(UTTERANCES)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a quiz on rome", "quiz"),
        ("ten questions on the water", "quiz"),
        ("an email for the members", "email"),
        ("a newsletter, please", "email"),
        ("tweet about cake", "post"),
        ("Instagram Caption!", "post"),
    ],
)
def test_similar_texts_get_the_same_kind(router: Router, text: str, kind: str) -> None:
    route = router.route(text)
    assert route.candidates[0] == kind
    assert route.kind in (kind, None)
    assert 0 < route.confidence <= 1
    assert set(route.candidates) == set(UTTERANCES)


def test_training_lines_are_recognised(router: Router) -> None:
    for kind, texts in UTTERANCES.items():
        assert all(router.route(text).kind == kind for text in texts)


def test_unfamiliar_texts_have_no_kind() -> None:
    more = {
        name: [f"a {name} on tea", f"two {name}s, please"] for name in ("song", "script", "rubric", "slogan", "logo")
    }
    route = Router({**UTTERANCES, **more}).route("zxqv wkjh")
    assert route.kind is None
    assert len(route.candidates) == 3


@pytest.mark.parametrize(
    "text", ["", " ", "!!!", "12345", "a", "a" * 3000 + "!", "ababababababab", "😀😀😀", "...\n...", "١٢٣", "\x00"]
)
def test_noise_has_no_kind(router: Router, text: str) -> None:
    route = router.route(text)
    assert (route.kind, route.confidence, route.candidates) == (None, 0.0, ())


@pytest.mark.parametrize(
    ("text", "noise"),
    [("", True), ("a", True), ("hi", False), ("aaaaaaaaaaaa", True), ("lalala", False), ("日本語", False)],
)
def test_noise_is_detected(text: str, noise: bool) -> None:
    assert is_noise(text) is noise


def test_only_the_beginning_of_a_text_counts(router: Router) -> None:
    text = "a quiz on the water cycle " * 100
    assert router.route(text) == router.route(text[:2000] + "an email to our members" * 200)


def test_embeddings_contribute_to_routing() -> None:
    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.array(
            [[1.0, 0.0] if "gamma" in text or "quiz" in text else [0.0, 1.0] for text in texts], dtype=np.float32
        )

    lines = {"quiz": ["a quiz"] * 3, "other": ["an email"] * 3}
    assert Router(lines, embed).route("gamma").confidence > 0.9 > Router(lines).route("gamma").confidence


def test_kinds_with_few_lines_have_the_same_weight() -> None:
    router = Router({"quiz": ["a quiz on rome"], "post": [f"a post on thing {n}" for n in range(30)]})
    assert router.route("a quiz on rome").kind == "quiz"


def test_features_are_repeatable_and_in_range() -> None:
    weights = ngrams("Fresh scones, fresh bread!")
    assert weights == ngrams("fresh  SCONES, fresh bread!")
    assert all(0 <= column < COLUMNS and value >= 1 for column, value in weights.items())
    assert ngrams("") == {}
