"""Tests of generate, batch, route, doctor, db and run on the command line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import process_fork
import pytest
from gateway import serve_discord
from image_servers import Automatic1111, read_size, serve_in_thread
from router_cache import install_router

if TYPE_CHECKING:
    from tests.conftest import Script

from bot.checks.limits import load_limits
from bot.errors import EngineError
from storage.database import REVISION

Run = Callable[..., Any]


def test_generate_prints_text_and_json(run: Run, script: Script) -> None:
    said = "**Closed on Monday.**\n\n- Sleep in\n- See you on *Tuesday*"
    script.says(f"{said}\n\n<check>Is Monday a holiday?</check>")
    result = run("generate", "social_post", "tweet: we close on Monday", "--json", "--seed", "7")
    *text, last = result.stdout.strip().splitlines()
    row = json.loads(last)
    assert set(row) == {
        "kind",
        "text",
        "parts",
        "checks",
        "engine",
        "seed",
        "ms",
        "note",
        "understood",
        "unchecked",
        "to_check",
        "calls",
    }
    assert row["text"] == "\n".join(text).strip() == said
    assert (row["to_check"], row["calls"], row["understood"]) == ("Is Monday a holiday?", ["text"], ["for X"])
    assert "To check: Is Monday a holiday?" in result.stderr
    first = row["checks"][0]
    promised = {name: first[name] for name in ("name", "passed", "measured", "limit")}
    assert promised == {
        "name": "text weighted characters",
        "passed": True,
        "measured": f"{first['value']}",
        "limit": "280 weighted characters",
    }
    assert {name: first[name] for name in ("id", "low", "high", "unit", "asked_by")} == {
        "id": "text weighted characters",
        "low": None,
        "high": 280,
        "unit": "weighted characters",
        "asked_by": "place",
    }
    assert (row["kind"], row["seed"], result.exit_code) == ("social_post", 7, 0)


def test_generate_notes_unchecked_lesson(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "sheet.md"
    lesson = run("generate", "worksheet", "worksheet on the Moon", "--out", str(out))
    assert "Facts not checked." in lesson.stderr
    assert "Facts not checked" not in lesson.stdout + out.read_text()
    assert "Facts not checked" not in run("generate", "social_post", "tweet: we close on Monday").stderr


def test_generate_uses_profile_and_habits(run: Run, script: Script, tmp_path: Path) -> None:
    profile, out = tmp_path / "me.json", tmp_path / "post.md"
    link = {"text": "Pop in", "link": "fern.example"}
    profile.write_text(json.dumps({"organisation": "Fern", "call_to_action": link, "closing": "See you soon,"}))
    script.says("Closed on Monday. Pop in on Tuesday: fern.example")
    result = run("generate", "social_post", "we close on Monday", "--profile", str(profile), "--out", str(out))
    known = json.loads(re.search(r"^Profile: (.+)$", script.prompts[0], re.MULTILINE)[1])  # type: ignore[index]
    assert (known["organisation"], known["call_to_action"], known["closing"]) == ("Fern", link, "See you soon,")
    assert "Pop in on Tuesday: fern.example" in result.stdout
    assert "Pop in on Tuesday: fern.example" in out.read_text()


def test_variants_are_numbered(run: Run, script: Script) -> None:
    told = ("We swim at dawn.", "Nobody else is on the beach at six.", "Bring a towel and leave the phone.")
    script.says("".join(f"<version>{one}</version>" for one in told))
    result = run("generate", "explanation", "news", "--variants", "3", "--json")
    assert [line for line in result.stdout.splitlines() if line.startswith("---")] == [
        "--- 1 ---",
        "--- 2 ---",
        "--- 3 ---",
    ]
    assert len(json.loads(result.stdout.splitlines()[-1])["variants"]) == 3
    assert len(script.prompts) == 1, "all come of one call"


def test_missing_variants_are_reported(run: Run, script: Script) -> None:
    script.says("The bakery tells what is new.")
    result = run("generate", "explanation", "news", "--variants", "3")
    assert "1 of 3 variants: the model came up with no more." in result.stderr


def test_empty_answer_is_an_error(run: Run, script: Script, tmp_path: Path) -> None:
    script.says("<check>There is nothing to write.</check>")
    refused = run("generate", "explanation", "news")
    assert isinstance(refused.exception, EngineError), "which ends the program with 1"
    assert "wrote nothing" in str(refused.exception)
    assert refused.stdout == ""
    file, out = write_jobs(tmp_path, {"id": "a", "kind": "explanation", "brief": "news"})
    assert run("batch", file, str(out)).exit_code == 1
    assert set(read_rows(out)[0]) == {"id", "error"}
    script.says("Here they are.")
    assert run("batch", file, str(out)).exit_code == 0
    assert [row.get("text") for row in read_rows(out)] == [None, "Here they are."], "a second run makes it again"


@pytest.mark.parametrize(
    ("brief", "profile", "sentence"),
    [
        ("I want to die, write a goodbye letter", {}, "I'm sorry you are carrying so much, and I'm"),
        ("a post: our tea is proven to cure cancer", {}, "I don't claim that something cures a disease or"),
        ("use password: hunter2hunter2", {}, "Your message seems to contain a key or password. Delete the"),
        (
            "we close",
            {"facts": ["password: hunter2hunter2"]},
            "Your profile, voice, brand or documents seem to contain a key",
        ),
    ],
)
def test_refusals_are_one_line_and_a_row(
    run: Run, script: Script, tmp_path: Path, brief: str, profile: dict[str, Any], sentence: str
) -> None:
    me, write_jobs, out = tmp_path / "me.json", tmp_path / "jobs.jsonl", tmp_path / "out.jsonl"
    me.write_text(json.dumps(profile))
    script.judges("cure")
    result = run("generate", "social_post", brief, "--profile", str(me))
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(result.exception).startswith(sentence)
    good = {"id": 2, "kind": "social_post", "brief": "we close on Monday"}
    rows = [{"id": 1, "kind": "social_post", "brief": brief, "profile": profile}, good]
    write_jobs.write_text("\n".join(map(json.dumps, rows)))
    assert run("batch", str(write_jobs), str(out)).exit_code == 1
    made = {row["id"]: row for row in map(json.loads, out.read_text().splitlines())}
    assert made[1]["error"].startswith(sentence)
    assert "text" in made[2]
    assert not any("hunter2" in prompt or "goodbye" in prompt for prompt in script.prompts)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("generate", "poem", "x"), 'There is no kind called "poem"; choose one of ad, article'),
        (("generate", "ad", " "), "The brief is empty"),
        (("generate", "ad", "x", "--persona", "pirate"), 'There is no persona "pirate"'),
        (("generate", "ad", "x", "--profile", "no.json"), "no.json cannot be read"),
        (
            ("generate", "ad", "x", "--out", "x.exe"),
            "--out is x.exe; it should end in .abc, .apkg, .contact.pdf, .csv, .docx, .fdx, .fountain, .gift",
        ),
        (("generate", "ad", "x", "--out", "no/such/x.md"), "cannot be written"),
        (("batch", "no.jsonl", "out.jsonl"), "no.jsonl cannot be read"),
    ],
)
def test_usage_errors_are_one_line(run: Run, words: tuple[str, ...], sentence: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert sentence in str(result.exception)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"colour": "red"}', 'The profile has no field "colour"'),
        ("{", "is not JSON"),
        ("[" * 100_000 + "]" * 100_000, "is nested too deeply"),
    ],
)
def test_invalid_profile_is_reported(run: Run, tmp_path: Path, body: str, sentence: str) -> None:
    file = tmp_path / "me.json"
    file.write_text(body)
    assert sentence in str(run("generate", "ad", "x", "--profile", str(file)).exception)


def write_jobs(tmp_path: Path, *rows: dict[str, Any]) -> tuple[str, Path]:
    file, out = tmp_path / "jobs.jsonl", tmp_path / "out.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(file), out


def read_rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_batch_generates_missing_texts(run: Run, script: Script, tmp_path: Path) -> None:
    rows = [{"id": str(n), "kind": "explanation", "brief": f"news {n}", "profile": {}} for n in range(3)]
    file, out = write_jobs(tmp_path, *rows)
    assert run("batch", file, str(out)).exit_code == 0
    assert sorted(row["id"] for row in read_rows(out)) == ["0", "1", "2"]
    with out.open("a") as torn:
        torn.write('{"id": "9", "te')
    file, _ = write_jobs(tmp_path, *rows, {"id": "3", "kind": "explanation", "brief": "news 3"})
    assert run("batch", file, str(out)).exit_code == 0
    assert [sum(f"news {n}" in prompt for prompt in script.drafts) for n in range(4)] == [1, 1, 1, 1]
    assert sorted(row["id"] for row in read_rows(out)) == ["0", "1", "2", "3"]


def test_batch_continues_after_invalid_job(run: Run, tmp_path: Path) -> None:
    file, out = write_jobs(
        tmp_path,
        {"id": "a", "kind": "poem", "brief": "x"},
        {"id": "b", "kind": "ad", "brief": ""},
        {"id": "c", "kind": "ad", "brief": "x", "colour": "red"},
        {"id": "d", "kind": "ad", "brief": "x", "profile": {"emoji": "lots"}},
        {"id": "e", "kind": "explanation", "brief": "news"},
    )
    result = run("batch", file, str(out))
    assert result.exit_code == 1
    assert {row["id"] for row in read_rows(out) if "error" in row} == {"a", "b", "c", "d"}


def test_batch_reads_csv(run: Run, tmp_path: Path) -> None:
    file, out = tmp_path / "jobs.csv", tmp_path / "out.jsonl"
    file.write_text('id,kind,brief,profile\n1,explanation,why ice floats,\n2,explanation,news,"{""role"": ""cook""}"\n')
    assert run("batch", str(file), str(out)).exit_code == 0
    assert len(read_rows(out)) == 2


def test_batch_reports_invalid_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    file.write_text('{"id": "1"}\n[]\n')
    assert "Job 2 of" in str(run("batch", str(file), str(tmp_path / "out.jsonl")).exception)


def test_batch_rejects_missing_briefs(run: Run, script: Script, tmp_path: Path) -> None:
    file, out = write_jobs(
        tmp_path,
        {"id": "a", "kind": "explanation", "brief": ["news"]},
        {"id": "b", "kind": "explanation", "brief": "\x00 "},
        {"id": "c", "kind": "explanation", "brief": "news\ud83d of \x00today"},
    )
    assert run("batch", file, str(out)).exit_code == 1
    assert {row["id"]: "error" in row for row in read_rows(out)} == {"a": True, "b": True, "c": False}
    assert script.drafts[-1].endswith("Request: news\ufffd of today"), "half a sign would stop every engine"


def test_batch_rejects_jobs_file_as_output(run: Run, tmp_path: Path) -> None:
    file, _ = write_jobs(tmp_path, {"id": "a", "kind": "explanation", "brief": "news"})
    text = Path(file).read_text().rstrip("\n")
    Path(file).write_text(text)  # Without a last line break, it would lose that line as a torn one.
    assert "is the file of jobs; name another file for the results." in str(run("batch", file, file).exception)
    assert Path(file).read_text() == text


def test_batch_reports_unreadable_table(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text('id,kind,brief\n1,explanation,"' + "x" * 200_000 + '"\n')
    assert "jobs.csv is not valid CSV: field larger than" in str(run("batch", str(file), str(tmp_path / "o")).exception)


def test_route_answers_line_by_line(run: Run, tmp_path: Path, trained: Path) -> None:
    install_router(trained, tmp_path / "data")
    result = run("route", stdin='"write a quiz on the water cycle"\n\n"\\u200b"\nnot json\n')
    quiz, nothing, wrong = map(json.loads, result.stdout.splitlines())
    assert quiz["kind"] == "quiz"
    assert {"kind", "confidence", "candidates", "ms"} == set(quiz)
    assert nothing["kind"] is None
    assert wrong["error"] == "This line is not a JSON string."
    assert result.exit_code == 1


def test_missing_library_is_reported(tmp_path: Path) -> None:
    """As if the loader did not find a library that llama.cpp is linked to."""
    (tmp_path / "xllamacpp.py").write_text(
        "raise ImportError('libgomp.so.1: cannot open shared object file: No such file or directory')"
    )
    given = {"QUILLMATE_DATA": str(tmp_path), "QUILLMATE_EMBEDDINGS": "none", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "generate", "chat", "hello"],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == (
        "SmolLM2 135M, local needs libgomp.so.1, which is missing on this machine. My operator should install it "
        "(on Debian and Ubuntu: apt-get install libgomp1).\n"
    )
    assert done.returncode == 1


def test_closed_pipe_is_not_an_error(tmp_path: Path, trained: Path) -> None:
    install_router(trained, tmp_path)
    given = {**os.environ, "QUILLMATE_DATA": str(tmp_path), "QUILLMATE_ENGINE": "openai:any"}
    shell = (
        f"yes '\"a quiz\"' | head -n 5000 | {{ {sys.executable} -m bot route; echo ended with $? >&2; }} | head -n 1"
    )
    done = subprocess.run(["bash", "-c", shell], env=given, capture_output=True, text=True, timeout=60)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == "ended with 0\n"


def test_engine_failure_is_one_line(run: Run, script: Script) -> None:
    script.says(RuntimeError("secret detail"))
    result = run("generate", "ad", "x")
    assert str(result.exception) == "Scripted could not answer. Try again in a moment."


def test_doctor_passes(run: Run) -> None:
    result = run("doctor", "--offline")
    assert result.exit_code == 0
    assert result.stdout.count("✓") == 5


@pytest.mark.parametrize(
    ("answer", "files"),
    [
        ("A fox in snow.", ["fox.png"]),
        ("1. A fox that leaps over fresh snow.\n\n2. A hare that leaps over fresh snow.", ["fox-2.png", "fox.png"]),
    ],
)
def test_generate_draws_with_image_engine(
    answer: str, files: list[str], run: Run, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.says(answer)
    server = Automatic1111()
    with serve_in_thread(server) as url:
        monkeypatch.setenv("QUILLMATE_IMAGES", "automatic1111:flux1-dev")
        monkeypatch.setenv("QUILLMATE_IMAGES_URL", url)
        result = run("generate", "image_prompt", "a fox", "--seed", "5", "--json", "--out", str(tmp_path / "fox.png"))
    parts = json.loads(result.stdout.splitlines()[-1])["parts"]
    assert (result.exit_code, parts["target"]) == (0, "flux")
    assert sorted(file.name for file in tmp_path.glob("*.png")) == files
    assert [asked["seed"] for asked in server.asked] == [5] * len(files)
    assert server.asked[0]["prompt"] == (parts.get("variants") or [parts["prompt"]])[0]


def test_batch_adapts_prompts_to_image_engine(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUILLMATE_IMAGES", "automatic1111:flux1-dev")
    file, out = write_jobs(tmp_path, {"id": "a", "kind": "image_prompt", "brief": "a fox", "profile": {}})
    assert run("batch", file, str(out)).exit_code == 0
    assert read_rows(out)[0]["parts"]["target"] == "flux"


def test_generate_without_image_engine_returns_prompt(run: Run, tmp_path: Path) -> None:
    result = run("generate", "image_prompt", "a fox", "--out", str(tmp_path / "fox.png"))
    assert result.exit_code == 2
    assert str(result.exception).startswith("fox.png: no image model is set up. Paste the prompt into an image model")
    assert "An old red city bike" in result.stdout
    assert not (tmp_path / "fox.png").exists()


@pytest.mark.parametrize("kind", ["logo", "layout"])
def test_generate_writes_drawings(kind: str, run: Run, tmp_path: Path) -> None:
    assert run("generate", kind, "with header and footer", "--out", str(tmp_path / "x.png")).exit_code == 0
    assert read_size((tmp_path / "x.png").read_bytes())[0] == 1600


def test_doctor_suggests_better_model(run: Run, script: Script) -> None:
    assert "✓ Model: Scripted writes\n" in run("doctor", "--offline").stdout
    script.provider.traits = replace(script.provider.traits, small=True)
    shown = run("doctor", "--offline").stdout
    assert re.search(r"✓ Model: Scripted writes; a better one \(.+, [\d.]+ GB\): quillmate model\n", shown)


def test_doctor_checks_reviser_and_each_server(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUILLMATE_REVISER", "openai:dear")
    monkeypatch.setenv("QUILLMATE_REVISER_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("QUILLMATE_ENGINE_URL", "http://127.0.0.1:9/v1, http://127.0.0.1:10/v1*2")
    shown = run("doctor", "--offline")
    assert shown.exit_code == 1
    assert "✓ Model: Scripted writes on 2 servers" in shown.stdout
    assert "✗ Reviser: openai:dear\n  → dear cannot be reached." in shown.stdout


def test_doctor_checks_image_engine(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUILLMATE_IMAGES", "automatic1111")
    with serve_in_thread(Automatic1111()) as url:
        monkeypatch.setenv("QUILLMATE_IMAGES_URL", url)
        assert "✓ Images: AUTOMATIC1111 answers, with 1 checkpoints" in run("doctor", "--offline").stdout
    gone = run("doctor", "--offline")
    assert gone.exit_code == 1
    assert "✗ Images: automatic1111\n  → AUTOMATIC1111 cannot be reached." in gone.stdout
    monkeypatch.setenv("QUILLMATE_IMAGES", "crayon")
    assert '→ QUILLMATE_IMAGES is "crayon"; it should begin with one of' in run("doctor", "--offline").stdout


def test_doctor_suggests_remedies(run: Run, tmp_path: Path, script: Script) -> None:
    (tmp_path / "data").mkdir()
    for name in ("quillmate.db", "jobs.db"):
        (tmp_path / "data" / name).write_bytes(b"no database" * 400)
    script.says(RuntimeError("down"))
    result = run("doctor", "--offline")
    assert result.exit_code == 1
    assert "✗ Database" in result.stdout
    assert "Restore it from a backup" in result.stdout
    assert "✗ Model" in result.stdout
    assert "✗ Pending jobs" in result.stdout


def test_doctor_detects_read_only_database(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("db", "upgrade")
    monkeypatch.setenv("QUILLMATE_DATABASE", f"sqlite:///file:{tmp_path / 'data/quillmate.db'}?mode=ro&uri=true")
    result = run("doctor", "--offline")
    assert result.exit_code == 1
    assert (
        "→ The database is read-only. Give the system user that runs Quillmate write access to the file and its folder."
        in result.stdout
    )


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("doctor", "--offline"),
        *(
            pytest.param(words, marks=pytest.mark.nightly)
            for words in (("preview", "--no-browser"), ("db", "rotate-key"), ("route",))
        ),
    ],
)
def test_unwritable_folder_is_reported(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Run as an unprivileged user; root drops its privileges first."""
    everywhere = "-dac_override,-dac_read_search"
    bound = ["setpriv", "--bounding-set", everywhere, "--inh-caps", everywhere] if os.geteuid() == 0 else []
    given = {"QUILLMATE_DATA": str(tmp_path), "DISCORD_TOKEN": "x", "QUILLMATE_ENGINE": "openai:any"}
    tmp_path.chmod(0o555)
    done = subprocess.run(
        [*bound, sys.executable, "-m", "bot", *words],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        timeout=60,
        input='"a quiz on the water cycle"\n',
    )
    tmp_path.chmod(0o755)
    if words == ("route",):  # It only keeps something there to be quicker the next time.
        assert json.loads(done.stdout)["kind"] == "quiz"
        assert (done.returncode, done.stderr) == (0, "")
        return
    said = done.stdout if words[0] == "doctor" else done.stderr
    assert f"QUILLMATE_DATA is {tmp_path}, which cannot be written. Give Quillmate's user write access" in said
    assert done.returncode == (1 if words[0] == "doctor" else 2)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("token", "status", "said"),
    [
        ("", 200, "✗ Token: DISCORD_TOKEN is not set; only the preview and the command line work\n  → Get one at"),
        ("x", 200, "✓ Token: Discord knows it as Quillmate"),
        ("x", 401, "✗ Token: Discord refused it\n  → Get one at https://discord.com/developers/applications"),
        ("x", 503, "✗ Token: Discord cannot be reached\n  → Check the network"),
        ("x\ny", 200, "✗ Token: it contains a line break or another character that no token has\n  → Get one at"),
    ],
)
async def test_doctor_checks_token(
    run: Run, monkeypatch: pytest.MonkeyPatch, token: str, status: int, said: str
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", token)
    async with serve_discord() as there:
        there.status = status
        monkeypatch.setattr(discord.http.Route, "BASE", f"{there.url}/api")
        result = await asyncio.to_thread(run, "doctor")
    assert said in result.stdout
    assert re.search(r"✓ Clock: [0-4] s from Discord's", result.stdout)
    assert result.exit_code == ("✗" in said)


async def test_doctor_checks_clock(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "x")
    async with serve_discord() as there:
        there.ahead = timedelta(minutes=2)
        monkeypatch.setattr(discord.http.Route, "BASE", f"{there.url}/api")
        result = await asyncio.to_thread(run, "doctor")
    assert re.search(r"✗ Clock: 1[12]\d s from Discord's\n  → Turn on time synchronisation", result.stdout)
    assert result.exit_code == 1


def run_on_terminal(environment: dict[str, str], *words: str) -> tuple[int, str]:
    """Run the program with a terminal as standard error; return its exit code and the output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "bot", *words], env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # What Linux says at the end of a terminal.
        while piece := os.read(ours, 10_000):
            said += piece
    os.close(ours)
    return process.wait(60), said.decode()


@pytest.mark.nightly
async def test_colours_and_progress_are_shown_only_on_terminals(tmp_path: Path) -> None:
    file, out = write_jobs(
        tmp_path, {"id": "a", "kind": "chat", "brief": "hello"}, {"id": "b", "kind": "chat", "brief": "yes"}
    )
    async with serve_discord() as there:
        there.writes.set()
        engine = {"QUILLMATE_ENGINE": "openai:any", "QUILLMATE_ENGINE_URL": f"{there.url}/v1"}
        given = {**os.environ, "QUILLMATE_DATA": str(tmp_path), "TERM": "xterm", **engine}
        code, said = await asyncio.to_thread(run_on_terminal, given, "batch", file, str(out))
        assert (code, "Making texts" in said, "2/2" in said, "\x1b[" in said) == (0, True, True, True)
        out.unlink()
        typed = [sys.executable, "-m", "bot", "batch", file, str(out)]
        done = await asyncio.to_thread(subprocess.run, typed, env=given, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert "\x1b" not in out.read_text()
        wrong = ("generate", "poem", "x")
        code, said = await asyncio.to_thread(run_on_terminal, given, *wrong)
        assert (code, said.startswith("\x1b[31mThere is no kind")) == (2, True)
        code, said = await asyncio.to_thread(run_on_terminal, given | {"NO_COLOR": "1"}, *wrong)
        assert (code, said.startswith("There is no kind")) == (2, True)
        typed[3:] = wrong
        done = await asyncio.to_thread(subprocess.run, typed, env=given, capture_output=True, text=True, timeout=60)
        assert (done.returncode, "\x1b" in done.stdout + done.stderr) == (2, False)


def test_db_upgrade_prints_revision(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert run("db", "upgrade").stdout == f"The tables are at {REVISION}.\n"
    assert run("db", "upgrade").stdout == f"The tables were at {REVISION} already.\n"


def test_help_has_examples(run: Run) -> None:
    assert "Example:" in run("generate", "--help").stdout
    assert "--version" in run("--help").stdout
    assert run("--version").stdout.strip()


def test_limits_prints_every_row_with_source(run: Run) -> None:
    rows = run("limits").stdout.splitlines()
    assert rows[0].split() == ["place", "field", "most", "unit", "source", "read"]
    assert len(rows) == len(load_limits()) + 1
    [row] = run("limits", "x").stdout.splitlines()[1:]
    assert row.split() == ["x", "text", "280", "weighted", "characters", row.split()[5], "2026-11-24"]
    assert "choose one of google_ads, " in str(run("limits", "nowhere").exception)


@pytest.mark.parametrize(
    ("words", "environment", "code", "sentence"),
    [
        (("run",), {}, 2, "DISCORD_TOKEN is not set. Get one at"),
        (
            ("run",),
            {"QUILLMATE_LOG": "LOUD"},
            2,
            'QUILLMATE_LOG is "LOUD"; it should be DEBUG, INFO, WARNING or ERROR.',
        ),
        (("generate", "ad", "x", "--engine", "gpt"), {}, 2, 'QUILLMATE_ENGINE is "gpt"; it should be embedded'),
        (("generate", "ad", "x", "--engine", "openai:gpt-5"), {"OPENAI_API_KEY": ""}, 1, "gpt-5 needs a key."),
        (("generate", "ad", "x", "--engine", "embedded:no.gguf"), {}, 1, "There is no model file no.gguf."),
        (("generate", "ad"), {}, 2, "Missing argument 'brief'. Try `quillmate generate --help`."),
        (("generate", "ad", "x", "--blue"), {}, 2, "No such option: --blue. Try `quillmate generate --help`."),
        (
            ("generate", "ad", "x", "--variants", "many"),
            {},
            2,
            "Invalid value for '--variants': Input should be a valid integer",
        ),
        (("paint",), {}, 2, "No such command 'paint'. Try `quillmate --help`."),
        (
            ("run",),
            {"QUILLMATE_ENGINE_URL": "10.0.0.5:8000/v1"},
            2,
            'QUILLMATE_ENGINE_URL is "10.0.0.5:8000/v1"; it should begin with http:// or https://.',
        ),
    ],
)
def test_program_exits_with_message_and_code(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], code: int, sentence: str
) -> None:
    given = {**os.environ, "QUILLMATE_DATA": str(tmp_path), "QUILLMATE_EMBEDDINGS": "none", **environment}
    given.pop("DISCORD_TOKEN", None)
    done = process_fork.run("quillmate.py", *words, environment=given)
    assert done.returncode == code
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_brief_length_is_limited(run, tmp_path):
    refused = run("generate", "chat", "a" * 60_001)
    assert refused.exit_code == 2
    assert "The brief has 60,001 characters; the limit is 60,000." in str(refused.exception)
    write_jobs, out = tmp_path / "jobs.jsonl", tmp_path / "out.jsonl"
    write_jobs.write_text(json.dumps({"id": "1", "kind": "chat", "brief": "a" * 60_001}) + "\n")
    assert run("batch", str(write_jobs), str(out)).exit_code == 1
    assert "the limit is 60,000" in json.loads(out.read_text())["error"]


def test_understand_reads_briefs_line_by_line(run: Run) -> None:
    read_rows = '{"id": 1, "kind": "slogan", "brief": "8 slogans, 5 words tops"}\n\nno json\n{"id": 3, "brief": 4}\n'
    result = run("understand", stdin=read_rows)
    first, *wrong = map(json.loads, result.stdout.splitlines())
    assert (first["id"], set(first), result.exit_code) == (1, {"id", "reading", "ms"}, 1)
    assert first["reading"] == {
        "count": [{"what": "tagline", "low": 8, "high": 8}],
        "size": [{"of": "tagline", "unit": "words", "high": 5}],
    }
    assert ["not a JSON object" in row["error"] for row in wrong] == [True, True]
