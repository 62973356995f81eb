"""Which model writes, and the commands that change it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub import HubServer

from bot.app import App
from bot.configured_engines import build_engines
from bot.engines import bench
from bot.engines.embedded import Embedded
from bot.errors import SettingsError
from bot.models import ModelShelf, find_model, load_models
from bot.settings import Settings
from tests.bot.models.conftest import BODY

Run = Callable[..., Any]
Here = Callable[..., None]
pytestmark = pytest.mark.usefixtures("catalogue")


def list_labels(tmp_path: Path, engine: str = "embedded") -> list[str]:
    """List the labels of the engines as users see them."""
    return [one.label for one in build_engines(Settings(data=tmp_path / "data", engine=engine))]


def split_rows(shown: str) -> dict[str, str]:
    """Return the lines of a table by their first word."""
    return {line.split()[0]: line for line in shown.splitlines() if line.strip()}


def test_the_best_local_model_that_fits_is_used(tmp_path: Path, here: Here) -> None:
    assert list_labels(tmp_path) == ["Small, local"]
    here("tiny", "huge")
    assert list_labels(tmp_path) == ["Tiny, local"]
    here("better")
    assert list_labels(tmp_path) == ["Better, local"]


def test_an_incomplete_file_is_not_a_model(shelf: ModelShelf, here: Here) -> None:
    here("tiny")
    (shelf.folder / "tiny.gguf").write_bytes(BODY[:-1])
    assert shelf.writing().name == "small"


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        ("embedded:small", ["Small, local"]),
        ("embedded:tiny", ["Tiny, local"]),
        ("embedded:huge", ["Huge, local"]),
        ("embedded:/models/Big-7B.gguf", ["Big-7B, local"]),
        ("openai:gpt-5,embedded", ["gpt-5", "Better, local"]),
    ],
)
def test_a_catalogue_name_can_be_an_engine(tmp_path: Path, here: Here, engine: str, told: list[str]) -> None:
    here("tiny", "better")
    assert list_labels(tmp_path, engine) == told


def test_an_engine_keeps_the_name_in_its_setting(tmp_path: Path, here: Here) -> None:
    here("tiny")
    (engine,) = build_engines(Settings(data=tmp_path / "data", engine="embedded"))
    assert engine.name == "embedded"
    assert isinstance(engine.provider, Embedded)
    assert engine.provider.path == tmp_path / "data" / "models" / "tiny.gguf"


def test_languages_come_from_the_catalogue_row(tmp_path: Path, here: Here) -> None:
    here("tiny", "better")
    spoken = [
        build_engines(Settings(data=tmp_path / "data", engine=f"embedded:{name}"))[0].traits.languages
        for name in ("small", "tiny", "better")
    ]
    assert spoken == [frozenset({"en"}), frozenset({"en"}), None]


async def test_a_model_that_is_not_here_is_reported_with_the_command_to_get_it(tmp_path: Path) -> None:
    (engine,) = build_engines(Settings(data=tmp_path / "data", engine="embedded:better"))
    with pytest.raises(Exception, match=r"^Better is not on this machine\. Run: quillmate model get better$"):
        await engine.provider.open()


def test_a_user_can_choose_a_model(run: Run, shelf: ModelShelf, here: Here) -> None:
    here("tiny", "better")
    assert run("model", "use", "tiny").stdout == "Quillmate will write with Tiny from now on.\n"
    assert shelf.writing().name == "tiny"
    run("model", "use", "small")
    assert shelf.writing().name == "small"
    run("model", "use", "best")
    assert shelf.writing().name == "better"


async def test_a_running_bot_adopts_a_choice_made_by_another_process(
    tmp_path: Path, shelf: ModelShelf, here: Here
) -> None:
    here("tiny", "better")
    async with App(Settings(data=tmp_path / "data", engine="embedded", embeddings="none")) as app:
        before = app.engines.first
        assert before.label == "Better, local"
        await app.follow_choice()
        assert app.engines.first is before
        shelf.choose(find_model("tiny"))
        await app.follow_choice()
        assert app.engines.first.label == "Tiny, local"


async def test_a_bot_with_a_configured_engine_ignores_choices(tmp_path: Path, shelf: ModelShelf, here: Here) -> None:
    here("tiny", "better")
    async with App(Settings(data=tmp_path / "data", engine="embedded:better", embeddings="none")) as app:
        shelf.choose(find_model("tiny"))
        await app.follow_choice()
        assert app.engines.first.label == "Better, local"


def test_a_model_that_is_not_downloaded_cannot_be_chosen(run: Run, shelf: ModelShelf) -> None:
    result = run("model", "use", "tiny")
    assert result.exit_code == 2
    assert str(result.exception) == "Tiny is not here yet. Run: quillmate model get tiny"
    assert not shelf.folder.exists()


def test_a_setting_that_overrides_the_choice_is_reported(run: Run, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUILLMATE_ENGINE", "openai:gpt-5")
    here("tiny")
    assert run("model", "use", "tiny").stdout == (
        "QUILLMATE_ENGINE is openai:gpt-5. Set it to embedded to write with Tiny.\n"
    )
    assert "In use: openai:gpt-5, set in QUILLMATE_ENGINE; embedded would use Tiny." in run("model", "list").stdout


def test_removing_a_model_frees_the_disk_and_the_choice(run: Run, shelf: ModelShelf, here: Here) -> None:
    here("tiny", "better")
    run("model", "use", "tiny")
    (shelf.folder / "tiny.gguf.part").write_bytes(b"begun")
    assert run("model", "remove", "tiny").stdout == "0 MB freed. In use: Better.\n"
    assert sorted(one.name for one in shelf.folder.iterdir()) == ["better.gguf"]
    assert run("model", "remove", "tiny").stdout == "There was nothing to delete. In use: Better.\n"
    assert str(run("model", "remove", "small").exception) == "Small comes with Quillmate and cannot be deleted."


def test_the_list_says_what_is_downloaded_and_what_fits(run: Run, here: Here) -> None:
    here("tiny", "better")
    run("model", "use", "tiny")
    shown = run("model", "list").stdout
    told = split_rows(shown)
    assert " in use " in told["tiny"]
    assert re.search(r" here +a hundred ", told["better"])
    assert " too large for this machine " in told["huge"]
    assert "In use: Tiny." in shown.splitlines()[-1]
    assert all(model.good_for in told[model.name] for model in load_models())


def test_the_list_names_the_best_model_to_download(run: Run) -> None:
    shown = run("model", "list").stdout
    assert "fits; the best one for this machine" in split_rows(shown)["better"]
    assert shown.splitlines()[-1].endswith("The best fit is Better: quillmate model get better (0 MB).")


def test_the_bundled_model_needs_no_download(run: Run) -> None:
    assert run("model", "get", "small").stdout == "Small comes with Quillmate: there is nothing to download.\n"


def test_downloading_a_model_keeps_the_current_choice(run: Run, here: Here, tmp_path: Path) -> None:
    here("better")
    brought = tmp_path / "brought"
    brought.write_bytes(BODY)
    last = run("model", "get", "tiny", "--file", str(brought)).stdout.splitlines()[-1]
    assert last == "Better stays in use. To change that, run: quillmate model use tiny"


class Opened(list[Any]):
    """The labels of the engines with which the playground was opened."""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    found = Opened()

    async def record_engine(settings: Settings, **_: Any) -> int:
        found.append(build_engines(settings)[0].label)
        return 0

    monkeypatch.setattr("bot.preview.serve_playground", record_engine)
    return found


def test_the_playground_downloads_the_default_model_first(run: Run, hub: HubServer, opened: Opened) -> None:
    offered, told, *_ = run("preview", "--no-browser", "--model", "default").stdout.splitlines()
    assert "--model small" in offered
    assert told.startswith("Downloading Tiny: 0 MB, MIT, into ")
    assert opened == ["Tiny, local"]
    hub.asked.clear()
    run("preview", "--no-browser", "--model", "default")
    assert (opened, hub.asked) == (["Tiny, local"] * 2, [])


@pytest.mark.usefixtures("no_hub", "no_pip")
def test_the_playground_falls_back_to_the_bundled_model_if_offline(run: Run, opened: Opened) -> None:
    result = run("preview", "--no-browser", "--model", "default")
    assert result.exit_code == 0
    assert result.stderr.rstrip().endswith("--file FILE Until then, Small writes.")
    assert opened == ["Small, local"]


def test_the_playground_needs_no_download_for_models_already_here(
    run: Run, hub: HubServer, here: Here, opened: Opened
) -> None:
    run("preview", "--no-browser", "--model", "small")
    run("preview", "--no-browser")
    here("better")
    for name in ("default", "small", "better"):
        run("preview", "--no-browser", "--model", name)
    assert opened == ["Small, local", "Small, local", "Better, local", "Small, local", "Better, local"]
    assert hub.asked == []


def test_the_playground_respects_a_configured_engine(
    run: Run, hub: HubServer, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUILLMATE_ENGINE", "openai:gpt-5")
    run("preview", "--no-browser", "--model", "default")
    assert (opened, hub.asked) == (["gpt-5"], [])


def test_the_playground_does_not_download_a_model_that_does_not_fit(
    run: Run, hub: HubServer, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.model.get_available_memory", lambda: 1_500_000_000)
    assert "1.5 GB of memory is too little for Tiny; using Small." in run("preview", "--model", "default").stdout
    assert hub.asked == []


def test_an_unknown_model_name_opens_no_playground(run: Run, opened: Opened) -> None:
    result = run("preview", "--model", "gpt")
    assert isinstance(result.exception, SettingsError)
    assert opened == []


def test_the_bench_measures_the_model_in_use(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_LONG_RUN", bench._SHORT_RUN)  # How quick it is, is not what is tested.
    shown = run("model", "bench").stdout
    found = re.fullmatch(
        r"Small reads ([\d.]+) and writes ([\d.]+) tokens/s with \d+ threads, loaded in [\d.]+ s\. A post of 60 words takes "
        r"about \d+ s to write\.\n",
        shown,
    )
    assert found
    assert all(float(figure) > 0 for figure in found.groups())


def test_tests_never_use_a_developers_own_models() -> None:
    assert "quillmate-tests-" in str(Settings().models)
    assert ModelShelf(Settings().models).writing() == find_model("small")
