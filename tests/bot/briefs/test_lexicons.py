"""The lexicons have the same sections and only known names."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from bot.briefs import list_avoidable_things
from bot.briefs.lexicon import expand_forms, find_meaning, list_languages, normalise_text
from bot.briefs.reading import NOUNS, PLACES
from bot.kinds import load_kinds

FOLDER = files("bot.briefs") / "lexicons"


def load_data(code: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", list_languages())
def test_a_lexicon_only_has_known_sections_and_nouns(code: str) -> None:
    found = load_data(code)
    assert set(found["nouns"]) <= {*NOUNS, "opening", "skip"}
    assert set(found["avoid"]) <= set(list_avoidable_things())
    assert set(found.get("place", {})) <= set(PLACES)
    assert set(found["units"]) <= {"characters", "words", "sentences", "paragraphs", "lines", "pages"}
    assert set(found.get("parts", {})) <= {noun for kind in load_kinds().values() for noun in kind.brief_form.nouns}
    for section in ("most", "least", "about", "exactly", "no"):
        assert set(found[section]) <= {"before", "after"}, section
    assert set(found) <= {*load_data("en"), "keep"}
    assert all(forms.strip() for entries in found.values() for name, forms in entries.items() if name != "join")


def test_word_forms_are_expanded() -> None:
    assert sorted(expand_forms("card(s)|criteri(on|a)|max")) == ["card", "cards", "criteria", "criterion", "max"]


@pytest.mark.parametrize(("noun", "meaning"), [("tag line", "tagline"), ("Colours", "color"), ("bpm", ""), ("", "")])
def test_an_english_noun_has_its_meaning(noun: str, meaning: str) -> None:
    assert find_meaning(noun) == meaning


def test_normalisation_keeps_positions() -> None:
    text = "Ｍａｘ ５ Wörter ١٢ straße İ ﬁ"
    assert len(normalise_text(text)) == len(text)
    assert normalise_text("Ｍａｘ ٣") == "max 3"
