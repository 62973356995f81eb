"""A core installation has only what every bot uses: the rest says in one sentence what to install, and all else goes on."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot.cli.data import TableRequest, generate_more, make
from bot.content import Content
from bot.engines import build
from bot.engines.images import build_part_finder
from bot.engines.sound import build_music, build_speech
from bot.errors import EngineError, FileError
from bot.exports import export_content
from bot.exports._drawing import render_png
from storage.engine import create_engine, parse_url
from storage.errors import StorageError

ROOT = Path(__file__).parents[2]
SENTENCE = "This needs PyTorch, which is not installed. My operator can install it: pip install 'quillmate[torch]'"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which neither is installed."""
    for name in ("torch", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    file.write_text("value,sex\n" + "".join(f"{50 + at * 7 % 997 / 10},{'FM'[at % 2]}\n" for at in range(1600)))
    return file


@pytest.mark.parametrize(
    ("extra", "packages"),
    [
        ("torch", ("torch", "transformers", "accelerate")),
        ("local", ("xllamacpp",)),
        ("pdf", ("typst", "fonttools", "manimgx-fonts-cjk")),
        ("postgres", ("asyncpg",)),
    ],
)
def test_the_core_is_installed_without_large_packages(extra: str, packages: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert not {Requirement(one).name for one in project["dependencies"]} & set(packages)
    assert {Requirement(one).name for one in project["optional-dependencies"][extra]} >= set(packages)


def test_the_locks_are_without_torch_unless_it_is_wanted() -> None:
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


@pytest.mark.nightly
def test_everything_can_be_imported_without_torch() -> None:
    """Every module of the program but the one that is loaded with a model."""
    code = """
import sys, pkgutil, importlib
for name in ("torch", "transformers", "accelerate", "diffusers", "llguidance", "gguf", "safetensors", "xllamacpp", "typst", "fontTools",
             "asyncpg"):
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


async def test_a_model_on_this_machine_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(EngineError) as refused:
        await build("embedded:small").provider.open()
    assert str(refused.value) == (
        "Models on this machine need another package. My operator can install it: pip install 'quillmate[local]'"
    )


@pytest.mark.parametrize("package", ["typst", "fontTools"])
def test_a_pdf_says_what_to_install_and_what_there_is_instead(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(FileError) as refused:
        export_content("pdf", "Menu", Content("Soup", {}))
    assert str(refused.value) == (
        "To make .pdf files I need other packages. My operator can install them (pip install 'quillmate[pdf]'). "
        "Try .docx instead."
    )
    assert export_content("docx", "Menu", Content("Soup", {}))


def test_a_picture_is_drawn_without_the_letters_of_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "manimgx_fonts_cjk", None)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><text x="2" y="15" font-family="sans-serif">Hi</text></svg>'
    blank = svg.replace("Hi", "")
    assert render_png(svg) != render_png(blank), "letters of the core's fonts are drawn"


def test_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StorageError) as refused:
        create_engine(parse_url("postgresql://ada@localhost/quillmate"))
    assert str(refused.value) == "PostgreSQL needs another package. Run: pip install 'quillmate[postgres]'"


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("model", ["gan", "vae", "rnn"])
def test_tables_say_what_to_install_without_torch(table: Path, tmp_path: Path, model: str) -> None:
    with pytest.raises(EngineError) as refused:
        make(table, tmp_path / "out.csv", TableRequest(model, 10, 1))
    assert str(refused.value) == SENTENCE


@pytest.mark.nightly
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
