"""Other packages bring kinds, exports, commands, limits and personas: the example is installed and used."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import copier
import pytest
from discord_texts import get_answer, read_message

from bot import api
from bot.checks import limits
from bot.client import QuillmateBot
from bot.content import Assignment, Content, MemorySnapshot, Request, Requirements
from bot.exports import export_content, load_formats
from bot.generation.route import Router
from bot.kinds import find_kind, load_kinds
from bot.markup import parse_document
from bot.requests.routing import _hash_training_data, load_utterances
from personas import persona, plugins

ROOT = Path(__file__).parents[2]
CACHES = (load_kinds, load_formats, limits.load_limits, limits.find_limits, persona.load_builtin)
POEM = "First frost on the beans\nthe watering can holds still\na robin drinks light"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example."""
    folder = tmp_path_factory.mktemp("haiku")
    return install(shutil.copytree(ROOT / "examples" / "quillmate-haiku", folder / "source"), folder / "site")


def install(source: Path, folder: Path) -> Path:
    """Install a package into a folder, without a network."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(folder), str(source)], check=True, capture_output=True)
    return folder


def forget() -> None:
    for cache in CACHES:
        cache.cache_clear()
    plugins._plugins.clear()


@pytest.fixture
def haiku(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example, loaded into this process for the duration of a test."""
    monkeypatch.syspath_prepend(str(installed))
    importlib.invalidate_caches()
    forget()
    yield
    for name in [one for one in sys.modules if one.startswith("quillmate_haiku")]:
        del sys.modules[name]
    monkeypatch.undo()
    forget()


@pytest.fixture
def trained(haiku: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The word classifier, also trained with the example's utterances, but only a few of each kind: all take six seconds."""
    file = tmp_path_factory.mktemp("trained") / f"router-{_hash_training_data(meaning=False)}.f32"
    file.write_bytes(Router({kind: few[:8] for kind, few in load_utterances().items()}).weights.tobytes())
    return file


@pytest.fixture
def described() -> Any:
    """The commands as described to Discord, built anew so that the example's command is among them."""
    return QuillmateBot.describe_commands


@pytest.fixture
def broken_season(haiku: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example with a command whose setup fails."""

    async def setup(_bot: object) -> None:
        raise RuntimeError("no season today")

    monkeypatch.setattr(importlib.import_module("quillmate_haiku.season"), "setup", setup)


def run(installed: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(installed)])} | more
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def test_the_command_line_lists_plugins_and_their_errors(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "plugins")
    assert done.returncode == 0, done.stderr
    for group, name in (("kinds", "haiku"), ("exports", "scroll"), ("commands", "season"), ("personas", "wanderer")):
        assert any(line.split()[:4] == [group, name, "quillmate-haiku", "0.1.0"] for line in done.stdout.splitlines())
    broken = tmp_path / "broken-1.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (broken / "entry_points.txt").write_text("[quillmate.kinds]\nx = not_there:KIND\n[quillmate.exports]\npdf = json\n")
    done = run(tmp_path, "plugins")
    assert done.returncode == 1
    assert "No module named 'not_there'" in done.stdout
    assert "Quillmate has one of that name itself." in done.stdout


@pytest.mark.nightly
def test_the_template_creates_a_working_plugin(tmp_path: Path) -> None:
    copier.run_copy(
        str(ROOT / "examples" / "template"), tmp_path / "made", data={"kind": "limerick"}, defaults=True, quiet=True
    )
    done = run(install(tmp_path / "made", tmp_path / "site"), "plugins")
    assert done.returncode == 0, done.stdout
    assert [line.split()[1] for line in done.stdout.splitlines()[1:]] == ["limerick_txt", "limerick"]


def test_no_plugins_are_listed_if_none_is_installed(tmp_path: Path) -> None:
    assert "No plugins are installed" in run(tmp_path, "plugins").stdout


@pytest.mark.usefixtures("haiku")
def test_a_plugins_kind_is_found_read_and_exported() -> None:
    kind = find_kind("Haiku")
    assert "a haiku about the first frost" in kind.utterances
    request = Request(id="1", user_id="1", brief="a haiku", kind="haiku")
    chosen = Assignment(request, kind, persona.find_default(kind.family), Requirements(), MemorySnapshot())
    parts = kind.read(parse_document(POEM), chosen)
    assert parts == {"haiku": [POEM]}
    columns = export_content("scroll", kind.title, Content(POEM, parts)).decode().splitlines()
    assert columns[0].split() == ["a", "t", "F"]
    assert limits.find_limits("haiku")[0].max == 3
    assert persona.find_persona("wanderer").title == "Wanderer"


@pytest.mark.usefixtures("haiku")
async def test_a_plugins_command_answers(world: Any) -> None:
    assert read_message(get_answer(await world.ada.slash(world.channel, "season"))).startswith("It is ")


@pytest.mark.usefixtures("haiku")
async def test_a_text_of_a_plugins_kind_is_written(world: Any, script: Any) -> None:
    script.says(POEM)
    await world.ada.slash(world.channel, "ask", question="a haiku about the first frost, please")
    assert "robin drinks light" in read_message(world.last)


async def test_a_plugin_whose_setup_fails_does_not_prevent_startup(broken_season: None, world: Any) -> None:
    assert await world.post()
    assert any(one.name == "season" and "no season today" in one.error for one in plugins.list_plugins())


def test_the_public_api_matches_its_record() -> None:
    """A change of this record is a change of what plugins build on: it goes into CHANGELOG.md."""
    found = {name: describe(getattr(api, name)) for name in api.__all__}
    record = ROOT / "tests" / "data" / "api.json"
    if "RECORD_API" in os.environ:
        record.write_text(json.dumps(found, indent=2) + "\n")
    assert found == json.loads(record.read_text())


def describe(thing: Any) -> list[str]:
    """Describe a class by its parameters and public names, or a function by its parameters."""
    try:
        parameters = [str(one).split(":")[0] for one in inspect.signature(thing).parameters.values()]
    except (TypeError, ValueError):
        parameters = []
    own = vars(thing) if inspect.isclass(thing) else {}
    return [*parameters, *sorted(f".{name}" for name in own if not name.startswith("_"))]
