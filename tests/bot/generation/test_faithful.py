"""How far a text keeps to what it was told."""

from __future__ import annotations

from bot.generation.faithful import covered, unsourced

BRIEF = "the ferry rests on Monday, we paint its deck, take the bridge"


def test_words_in_other_forms_are_no_new_words() -> None:
    assert unsourced("On Monday it rests while we are painting the deck. Take bridges.", [BRIEF], "en") == 0


def test_words_that_nobody_gave_count() -> None:
    assert unsourced("Enjoy a gourmet breakfast with champagne on the ferry.", [BRIEF], "en") > 1 / 3


def test_common_words_do_not_count() -> None:
    assert unsourced("There will be more people over there next year.", [], "en") == 0


def test_what_was_told_and_is_there() -> None:
    assert covered(BRIEF, "The ferry rests on Monday, as we paint its deck; take the bridge.") == 1
    assert covered(BRIEF, "Good news for all.") == 0
    assert covered("now", "") == 1
