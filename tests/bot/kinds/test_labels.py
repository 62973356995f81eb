"""What code puts over and beside what it draws: in the language of whoever reads it, and of files in that of their text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from catalogues import WHOLE
from writing import build_content, load_good_text

from bot.content import Assignment
from bot.generation.writer import parse_object
from bot.kinds import load_kinds
from bot.locales import LANGUAGES
from personas.profile import Profile

LABELS = tomllib.loads((files("bot.reading") / "labels.toml").read_text(encoding="utf-8"))
DRAWN = [name for name, kind in load_kinds().items() if kind.composer]
# A logo is described in the language of its prompt.
ENGLISH = {"logo", "of"}
_CODE = re.compile(r"```.*?```|#[0-9A-F]{6}", re.DOTALL)


def find_texts(value: Any) -> Iterator[str]:
    """Yield all texts in what a writer filled in."""
    match value:
        case str():
            yield value
        case dict() | list():
            for one in value.values() if isinstance(value, dict) else value:
                yield from find_texts(one)


def find_added_words(assignment: Assignment) -> set[str]:
    """Return the words of a drawn kind's text that no writer wrote, without those of code blocks and colours."""
    filled = parse_object(load_good_text(assignment.kind.name))
    own = set(re.findall(r"[^\W\d_]+", " ".join(find_texts(filled)).casefold()))
    return set(re.findall(r"[^\W\d_]{2,}", _CODE.sub("", build_content(assignment).text).casefold())) - own


def test_every_label_exists_in_each_language() -> None:
    assert {name: row for name, row in LABELS.items() if not set(WHOLE) <= set(row) <= set(LANGUAGES)} == {}


@pytest.mark.parametrize("language", WHOLE)
def test_code_adds_no_english_words_to_a_text_in_another_language(
    language: str, assigned: Callable[..., Assignment]
) -> None:
    alike = {word for row in LABELS.values() for word in re.findall(r"[^\W\d_]{2,}", row[language].casefold())}
    for name in DRAWN:
        english, other = (find_added_words(assigned(name, language=one)) for one in ("en", language))
        assert english & other - alike - ENGLISH == set(), name


@pytest.mark.parametrize("kind", ["logo", "layout", "music"])
def test_language_neutral_content_has_labels_in_the_readers_language(
    kind: str, assigned: Callable[..., Assignment]
) -> None:
    def find_words(profile: Profile | None = None, **request: str) -> set[str]:
        return find_added_words(assigned(kind, "", profile, **request))

    english, german, french = find_words(language="en"), find_words(language="de"), find_words(language="fr")
    assert len({frozenset(english), frozenset(german), frozenset(french)}) == 3
    assert find_words(locale="de") == german
    assert find_words(locale="de", language="fr") == french
    assert find_words(Profile(output_language="fr"), locale="de") == french
    assert find_words(locale="ja") == find_words() == english


def test_without_a_discord_locale_the_brief_sets_the_language_of_labels(
    assigned: Callable[..., Assignment],
) -> None:
    brief = "Ein Logo für den Aushang: ein langer Tisch mit Kuchen in der Turnhalle, und der Hund ist auch dabei"
    assert "**Alternativtext:**" in build_content(assigned("logo", brief)).text
