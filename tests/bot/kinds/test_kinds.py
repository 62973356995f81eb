"""What every kind of content promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from writing import build_content

import bot.kinds
from bot.content import COPY, Assignment, Kind
from bot.errors import RefusedError
from bot.exports import load_formats
from bot.generation.fields import build_schema
from bot.generation.requirements import read_requirements
from bot.kinds import find_kind, list_family_kinds, load_kinds
from bot.markup import parse_document

Assigned = Callable[..., Assignment]
each = pytest.mark.parametrize("kind", load_kinds().values(), ids=lambda kind: kind.name)


def test_every_kind_module_is_discovered() -> None:
    folder = Path(bot.kinds.__file__).parent
    assert set(load_kinds()) == {file.stem for file in folder.glob("*.py") if not file.stem.startswith("_")}


@each
def test_the_fields_of_a_kind_fit_discord_and_the_formats(kind: Kind) -> None:
    assert 1 <= len(kind.title) <= 32
    assert 10 <= len(kind.description) <= 100
    assert set(kind.exports) <= set(load_formats())
    assert set(kind.likely_exports) <= {COPY, *load_formats()}
    # What draws is no text, and has no layout that a text is read from.
    assert not (kind.composer and (kind.parts or kind.layout))


@each
def test_every_kind_has_at_least_sixty_different_utterances(kind: Kind) -> None:
    phrases = {" ".join(phrase.casefold().split()) for phrase in kind.utterances}
    assert len(phrases) == len(kind.utterances) >= 60


def test_no_utterance_belongs_to_two_kinds() -> None:
    seen: dict[str, str] = {}
    for kind in load_kinds().values():
        for phrase in kind.utterances:
            assert seen.setdefault(phrase.casefold(), kind.name) == kind.name, phrase


@each
def test_a_good_text_has_the_declared_parts(kind: Kind, assigned: Assigned) -> None:
    content = build_content(assigned(kind.name))
    assert content.text == content.text.strip() != ""
    assert json.loads(json.dumps(content.parts)) == content.parts
    if kind.parts:
        assert content.parts, "a good text has parts"
        kind.parts.model_validate(content.parts)
        assert set(kind.pasted_parts) <= set(kind.parts.model_fields)
    if kind.shape:
        json.dumps(build_schema(kind.shape))


@each
@pytest.mark.parametrize("text", ["", "Bread.", "# \n\n---\n\n1.\n\n| |\n|-|\n", "||", "**:**"])
def test_every_kind_reads_any_text(kind: Kind, text: str, assigned: Assigned) -> None:
    found = kind.read(parse_document(text), assigned(kind.name))
    if kind.parts:
        kind.parts.model_validate(found)


@pytest.mark.parametrize("said", ["social_post", "Social post", " SOCIAL-POST ", "social post"])
def test_a_kind_is_found_by_many_spellings(said: str) -> None:
    assert find_kind(said) is load_kinds()["social_post"]


@pytest.mark.parametrize("said", ["", "poem", "x" * 3000])
def test_an_unknown_kind_is_refused_briefly(said: str) -> None:
    with pytest.raises(RefusedError, match="choose one of ad, ") as told:
        find_kind(said)
    assert len(str(told.value)) < len(", ".join(load_kinds())) + 120


def test_kinds_of_a_family_are_listed_in_order() -> None:
    assert next(iter(load_kinds().values())).family == "marketing"
    taught = [kind.name for kind in list_family_kinds("education")]
    assert taught == sorted(taught)
    assert {"explanation", "quiz", "worksheet"} <= set(taught)
    assert list_family_kinds("nothing") == []


@each
def test_places_are_found_by_name(kind: Kind) -> None:
    for place, names in kind.places.items():
        for name in names:
            assert read_requirements(f"for {name}, about bread", (), kind).place == place
