"""A core installation has no PyTorch: what computes networks says in one sentence what to install, and all else goes on."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.cli.data import TableRequest, generate_more, make
from bot.engines import build
from bot.engines.images import build_part_finder
from bot.engines.sound import build_music, build_speech
from bot.errors import EngineError

ROOT = Path(__file__).parents[2]
SENTENCE = "This needs PyTorch, which is not installed. My operator can install it: pip install 'quillmate[torch]'"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if neither were installed."""
    for name in ("torch", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    file.write_text("value,sex\n" + "".join(f"{50 + at * 7 % 997 / 10},{'FM'[at % 2]}\n" for at in range(1600)))
    return file


def test_the_core_is_installed_without_torch() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    heavy = ("torch", "transformers", "accelerate")
    assert not [one for one in project["dependencies"] if one.startswith(heavy)]
    assert [one for one in project["optional-dependencies"]["torch"] if one.startswith(heavy)]
    locks = {name: (ROOT / f"requirements/{name}.txt").read_text() for name in ("deploy", "torch")}
    assert not re.search(r"^(torch|transformers|nvidia-\S+)==", locks["deploy"], re.MULTILINE)
    assert {"torch", "transformers", "accelerate", "gguf", "llguidance"} <= set(
        re.findall(r"^([\w-]+)==", locks["torch"], re.MULTILINE)
    )
    makefile = (ROOT / "Makefile").read_text()
    pattern = re.search(r"sed -n 's/(.+)/\\1/p' pyproject.toml", makefile)
    assert pattern is not None
    assert re.search(r'^ *"torch>=[^"]*",$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE), (
        "as the Makefile looks"
    )


def test_everything_can_be_imported_without_torch() -> None:
    """Every module of the program but the one that is loaded with a model."""
    code = """
import sys, pkgutil, importlib
for name in ("torch", "transformers", "accelerate", "diffusers", "llguidance", "gguf", "safetensors"):
    sys.modules[name] = None
import bot
for one in pkgutil.walk_packages(bot.__path__, "bot."):
    if not one.name.endswith(("__main__", "_transformers_chat")):
        importlib.import_module(one.name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.usefixtures("bare")
async def test_engines_say_what_to_install_without_torch(tmp_path: Path) -> None:
    parts = build_part_finder(str(tmp_path))
    assert parts is not None
    looks = (
        build(f"transformers:{tmp_path}").provider.open,
        build_music(f"musicgen:{tmp_path}").check,
        build_speech([f"transformers:{tmp_path}"])[0].check,
        parts.check,
    )
    for look in looks:
        with pytest.raises(EngineError) as refused:
            await look()
        assert str(refused.value) == SENTENCE


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("model", ["gan", "vae", "rnn"])
def test_tables_say_what_to_install_without_torch(table: Path, tmp_path: Path, model: str) -> None:
    with pytest.raises(EngineError) as refused:
        make(table, tmp_path / "out.csv", TableRequest(model, 10, 1))
    assert str(refused.value) == SENTENCE


def test_a_table_is_learnt_without_torch_if_no_network_was_chosen(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    model_file = tmp_path / "kept.model"
    make(table, tmp_path / "out.csv", TableRequest("vae", 10, 1, epochs=1, save=model_file))
    request.getfixturevalue("bare")
    assert make(table, tmp_path / "out.csv", TableRequest("auto", 10, 1)) == 0
    told = capsys.readouterr().err
    assert "made by copula" in told
    assert "A network would learn more of this table, but needs PyTorch." in told
    with pytest.raises(EngineError) as refused:
        generate_more(model_file, tmp_path / "more.csv", 5, 1, "")
    assert str(refused.value) == SENTENCE
