"""What code puts over and beside the parts of a text: in the language of the text, or of whoever reads it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from bot.generation.draft import draft_so_far
from bot.generation.shape import Entries, Group, shape_of

from bot.content import Content, Kind
from bot.kinds import all_kinds
from bot.kinds._labels import field_label
from bot.locales import LANGUAGES
from personas.profile import Profile

LABELS = tomllib.loads((files("bot.kinds") / "labels.toml").read_text(encoding="utf-8"))
# Names and signs that are the same in these languages.
EVERYWHERE = {"instagram", "slug", "min", "logo", "sdxl", "veo"}
_CODE = re.compile(r"```.*?```|#[0-9A-F]{6}", re.DOTALL)


def texts(value: Any) -> Iterator[str]:
    """All texts in what a writer wrote."""
    match value:
        case str():
            yield value
        case dict() | list():
            for one in value.values() if isinstance(value, dict) else value:
                yield from texts(one)


def added(content: Content, output: Any) -> set[str]:
    """The words of a text that no writer wrote, those of code blocks and colours left out."""
    own = set(re.findall(r"[^\W\d_]+", " ".join(texts(output.model_dump(mode="json"))).casefold()))
    return set(re.findall(r"[^\W\d_]{2,}", _CODE.sub("", content.text).casefold())) - own


def test_every_label_is_in_each_language() -> None:
    assert {name: sorted(row) for name, row in LABELS.items() if sorted(row) != sorted(LANGUAGES)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_code_adds_no_english_word_to_a_text_in_another_language(kind: Kind, language: str, assigned: Any) -> None:
    example = kind.examples[0]
    made = [
        kind.compose(
            example.output,
            replace(assigned(kind.name, example.brief, Profile(organisation="Fern"), language=one), as_written=True),
        )
        for one in ("en", language)
    ]
    english, other = (added(one, example.output) for one in made)
    alike = {word for row in LABELS.values() for word in re.findall(r"[^\W\d_]{2,}", row[language].casefold())}
    assert english & other - alike - EVERYWHERE - {"fern"} == set()


def fields(node: Any, hidden: tuple[str, ...]) -> Iterator[str]:
    """The names of the fields that a growing draft shows."""
    match node:
        case Group(fields=several):
            for name, inner in several:
                if name not in hidden:
                    yield name
                    yield from fields(inner, hidden)
        case Entries(entry=entry):
            yield from fields(entry, hidden)


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_fields_of_a_growing_draft_have_labels(kind: Kind, assigned: Any) -> None:
    forms = [one for one in (kind, *(variant for _, variant in kind.variants)) if not one.plain]
    shown = {name for one in forms for name in fields(shape_of(one.output), one.hidden)}
    assignment = assigned(kind.name, language="en")
    assert {told for name in shown if (told := field_label(name, assignment)) not in LABELS} == set()


def test_a_growing_draft_is_labelled_in_its_language(assigned: Any) -> None:
    mail = '{"subject": "Neu", "preheader": "Ab Mai", "body": ["Wir'
    assert (
        draft_so_far(mail, assigned("email", language="de"))
        == "**Betreff:** Neu\n**Vorschautext:** Ab Mai\n**Text**\n- Wir"
    )
    assert draft_so_far('{"subject": "a fox', assigned("image_prompt", locale="es-ES")) == "**Motivo:** a fox"
    assert (
        draft_so_far('{"items": [{"question": "Was', assigned("quiz", language="de")) == "**Fragen**\n- **Frage:** Was"
    )


@pytest.mark.parametrize("kind", ["image_prompt", "logo", "layout", "music", "synthetic_data"])
def test_what_is_in_no_language_has_labels_in_the_readers(kind: str, assigned: Any) -> None:
    example = all_kinds()[kind].examples[0]

    def told(profile: Profile | None = None, **request: str) -> set[str]:
        content = all_kinds()[kind].compose(example.output, assigned(kind, example.brief, profile, **request))
        return added(content, example.output)

    english, german, french = told(language="en"), told(language="de"), told(language="fr")
    assert len({frozenset(english), frozenset(german), frozenset(french)}) == 3
    assert told(locale="de") == german
    assert told(locale="de", language="fr") == french
    assert told(Profile(output_language="fr"), locale="de") == french
    assert told(locale="ja") == told() == english


def test_a_brief_that_nobody_reads_on_discord_tells_the_language_of_the_labels(assigned: Any) -> None:
    kind = all_kinds()["image_prompt"]
    brief = "Ein Bild für den Aushang: ein langer Tisch mit Kuchen in der Turnhalle, und der Hund ist auch dabei"
    assert "**Alternativtext:**" in kind.compose(kind.examples[0].output, assigned("image_prompt", brief)).text
