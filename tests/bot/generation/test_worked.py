"""The worked examples that models of a few billion parameters are shown are what a draft of theirs should be."""

import pytest

from bot.content import Remembered, Request
from bot.generation.recall import assign
from bot.generation.worked import languages_of, worked_for, worked_like
from bot.generation.writers.capable import CAPABLE
from bot.generation.writers.handed_on import candidate_of
from bot.kinds import all_kinds

SHOWN = [(kind, language) for kind in all_kinds().values() for language in languages_of(kind)]


@pytest.mark.parametrize(("kind", "language"), SHOWN, ids=[f"{kind.name} {language}" for kind, language in SHOWN])
def test_a_worked_example_passes_every_check(kind, language):
    usual, longer = (worked_for(kind, language, longer=longer) for longer in (False, True))
    for shown in [usual] if longer.written == usual.written else [usual, longer]:
        candidate = candidate_of(shown.written, CAPABLE.assigned(shown.assignment))
        assert [check for check in candidate.checks if not check.passed] == []
        assert shown.assignment.language == language or kind.for_machines or kind.family == "image"
        assert candidate.data == shown.written  # It is handed on word for word.


def test_a_language_without_an_example_is_shown_the_english_one():
    email = all_kinds()["email"]
    assert worked_for(email, "sw").written == worked_for(email, "en").written


def test_a_variant_of_a_kind_is_shown_the_first_of_its_own():
    variant = next(variant for kind in all_kinds().values() for _, variant in kind.variants)
    shown = worked_for(variant, "en")
    assert shown.assignment.request.brief == variant.examples[0].brief
    assert shown.written == variant.examples[0].output.model_dump(mode="json")


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "pt"])
def test_a_longer_text_is_shown_a_longer_example(language):
    brief = "linkedin post on our new boat, {} words"
    shown = [
        worked_like(assign(Request("1", "7", brief.format(words), kind="social_post", language=language), Remembered()))
        for words in (40, 120)
    ]
    short, long = (len(one.written["text"].split()) for one in shown)
    assert short < 60
    assert 90 < long < 140
