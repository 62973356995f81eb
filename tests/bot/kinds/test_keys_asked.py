"""The key and the metre that a brief names, and songs that keep to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.content import Assignment
from bot.generation.check import run_checks
from bot.kinds import kind_named
from bot.kinds._keys import key_asked, metre_asked
from bot.kinds.lead_sheet import LeadSheet, Section, Tune, TuneSheet

KIND = kind_named("lead_sheet")


@pytest.mark.parametrize(
    ("brief", "key", "metre"),
    [
        ("a melody for a recorder class, in G, 8 bars", "G", ""),
        ("waltz in e flat for brass", "Eb", "3/4"),
        ("chords, key of f sharp minor, 6/8", "F#m", "6/8"),
        ("something sad in a minor key", "", ""),
        ("Walzer in B-Dur", "Bb", "3/4"),
        ("Lied in h-Moll, 4/4", "Bm", "4/4"),
        ("une mélodie en si bémol majeur", "Bb", ""),
        ("una nana en la menor, 6/8", "Am", "6/8"),
        ("valsa em sol, com acordes", "G", "3/4"),
        ("una melodia in re minore", "Dm", ""),
        ("transpose it from C major to A major", "A", ""),
        ("loop over Am F C G", "", ""),
        ("song in a good mood, for us", "", ""),
        ("prelude in D# minor", "Ebm", ""),
    ],
)
def test_key_and_metre_of_a_brief(brief: str, key: str, metre: str) -> None:
    assert (key_asked(brief), metre_asked(brief)) == (key, metre)


def song(
    brief: str, assigned: Callable[..., Assignment], key: str, chords: str, melody: str = ""
) -> tuple[str, list[str], set[str]]:
    """The key, the chords and first notes, and the failed checks of what a model writes of a brief."""
    assignment = assigned("lead_sheet", brief)
    told = {"title": "Odd one", "style": "folk", "key": key, "metre": "4/4", "tempo": "slow"}
    output = LeadSheet(**told, sections=[Section(name="Verse", chords=chords, melody=melody)])
    content = KIND.compose(output, assignment)
    bars = content.parts["song"][0]["bars"]
    heard = [f"{bar['chords'][0]['symbol']} {bar['notes'][0]['pitch'] if bar['notes'] else ''}".strip() for bar in bars]
    failed = {one.name for one in run_checks(output.model_dump(), content, assignment) if not one.passed}
    return content.parts["key"], heard, failed


def test_a_song_in_another_key_is_moved_into_the_one_that_is_wanted(assigned: Callable[..., Assignment]) -> None:
    key, heard, failed = song("a tune in Eb, 2 bars", assigned, "C", "C | G7", "C5:4 | B4:4")
    assert (key, heard) == ("Eb", ["Eb Eb5", "Bb7 D5"])
    assert not failed & {"key asked for", "full bars", "chords of the key", "strong beats"}


def test_what_is_in_the_key_that_is_wanted_stays_whatever_it_calls_itself(assigned: Callable[..., Assignment]) -> None:
    assert song("chords only, in G, 4 bars", assigned, "C", "G | C | D | G")[:2] == ("G", ["G", "C", "D", "G"])
    assert song("chords in g minor, 2 bars", assigned, "C", "C | F")[0] == "Gm", "the other mode keeps to the key"


def test_where_a_melody_is_wanted_a_model_has_to_write_one() -> None:
    assert KIND.for_brief("a melody with chords, in G").output is TuneSheet
    assert KIND.for_brief("Melodie mit Akkorden").output is TuneSheet
    assert KIND.for_brief("chords only, no melody").output is LeadSheet
    assert KIND.for_brief("a chord chart").output is LeadSheet
    with pytest.raises(ValueError, match="melody"):
        Tune(name="Verse", chords="C")  # type: ignore[call-arg]


@pytest.mark.parametrize(("brief", "names", "bars"), [
    ("a song in C, 8 bars", ["Verse", "Verse (2)"], ["C", "Am", "F", "G", "C", "Am", "F", "G"]),
    ("a song in C, 6 bars", ["Verse", "Verse (2)"], ["C", "Am", "F", "G", "C", "Am"]),
    ("a song in C, 2 bars", ["Verse"], ["C", "Am"]),
    ("a song in C", ["Verse"], ["C", "Am", "F", "G"]),
])  # fmt: skip
def test_a_small_models_song_is_as_long_as_was_wanted(
    brief: str, names: list[str], bars: list[str], assigned: Callable[..., Assignment]
) -> None:
    written = {"sections": [{"name": "Verse", "chords": "C | Am | F | G", "melody": "C5:4 | A4:4 | A4:4 | G4:4"}]}
    sections = KIND.complete(written, assigned("lead_sheet", brief))["sections"]
    assert [one["name"] for one in sections] == names
    assert " | ".join(one["chords"] for one in sections).split(" | ") == bars
    assert [one["melody"].count("|") for one in sections] == [one["chords"].count("|") for one in sections]
