"""Which texts a changed brief leaves behind: those that hold what it does not say any more, all where that cannot be told."""

from __future__ import annotations

import pytest

from bot.composition.colours import compute_contrast
from bot.exports._lettering import INK, MUTED_INK, PAPER
from bot.team.campaigns.board import STATE_COLOURS, BoardRow, compute_board_height, draw_board
from bot.team.campaigns.staleness import find_changes, find_stale_texts

BRIEF = "Campaign for our pottery workshop on 5 May 2027 at 10:00, €40 a seat, for beginners, with Anna Berg"
TEXTS = {
    "plan": "We tell the regulars.",
    "mail": "Come on May 5 with Anna Berg.",
    "post": "Clay between your hands.",
    "ad": "Pottery for 40 € a seat.",
}


def find_stale(after, texts=TEXTS, before=BRIEF):
    return {name: str(why) for name, why in find_stale_texts(before, after, texts, "plan").items()}


@pytest.mark.parametrize(
    ("old", "new", "which", "why"),
    [
        ("5 May", "12 May", {"mail"}, "It says “5”, but the brief now says “12”."),
        ("€40", "€45", {"ad"}, "It says “40”, but the brief now says “45”."),
        (", €40 a seat", "", {"ad"}, "It says “40”, “seat”, which is no longer in the brief."),
        ("Anna Berg", "Ben Kuhn", {"mail"}, "It says “Anna”, “Berg”, but the brief now says “Ben”, “Kuhn”."),
        ("pottery", "glass", {"ad"}, "It says “pottery”, but the brief now says “glass”."),
        ("beginners", "experts", {"mail", "post", "ad"}, "The brief now says “experts”; I cannot tell whether"),
        (
            "Berg",
            "Berg. Friendly tone",
            {"mail", "post", "ad"},
            "The brief now says “Friendly”, “tone”; I cannot tell whether",
        ),
        ("10:00", "11:00", {"mail", "post", "ad"}, "The brief now says “11:00”; I cannot tell whether"),
    ],
)
def test_texts_with_removed_details_are_stale_or_all_if_that_is_unclear(old, new, which, why):
    told = find_stale(BRIEF.replace(old, new))
    assert "The plan is based on the whole brief, which has changed." in told.pop("plan")
    assert set(told) == which
    assert all(one.startswith(why) for one in told.values())


def test_punctuation_spaces_and_small_words_make_nothing_stale():
    for same in (BRIEF + " ", BRIEF.replace(", with", " with"), BRIEF.replace("Campaign for", "Campaign  for")):
        assert find_stale(same) == {}
        assert find_changes(BRIEF, same) == []


def test_a_removed_figure_that_no_text_mentions_makes_no_text_stale():
    assert set(find_stale(BRIEF.replace(" at 10:00", ""))) == {"plan"}


def test_changes_in_other_languages_are_detected():
    before = "Kampagne für den Töpferkurs am 5. Mai 2027 um 10 Uhr für 40 €"
    texts = {"mail": "Komm am 5. Mai vorbei.", "post": "Nur 40 Euro!", "plan": ""}
    assert set(find_stale(before.replace("40 €", "45 €"), texts, before)) == {"plan", "post"}


def test_all_text_on_the_board_has_sufficient_contrast():
    pairs = [
        *STATE_COLOURS.values(),
        *((ink, ground) for ink in (INK, MUTED_INK, "#ffd479") for ground in ("#2a2c33", "#24262c", PAPER)),
    ]
    assert [pair for pair in pairs if compute_contrast(*pair) < 4.5] == []


def test_a_board_has_its_own_background_and_escapes_markup():
    rows = [BoardRow("<Email>", "Email", "draft · v1", "Ada & Ben", "yes", "draft")]
    svg = draw_board("A <b>campaign</b>", ("Text", "Kind", "Status", "Who", "Fits"), rows, "1 draft")
    assert f'<rect width="1400" height="{compute_board_height(1)}" fill="{PAPER}"/>' in svg
    assert "&lt;Email&gt;" in svg
    assert "<b>" not in svg
