"""Tests of scenarios, interviews and reader panels in the terminal."""

from __future__ import annotations

import json
from typing import Any

from PIL import Image

LIMITS = "Simulated readers are a model's guess, not a survey. Nobody has measured how well they match real people."


def test_case_is_played_in_another_language(run, script, tmp_path):
    def answer(messages: Any) -> Any:
        if messages[0].text.startswith("You debrief"):
            return RuntimeError("down")
        assert "in German" in messages[0].text
        return json.dumps({"exit": "stay", "role": "Nora", "reply": "Neunzig Kilometer, jeden Morgen."})

    script.answer = answer
    out = tmp_path / "play.md"
    typed = "?\nWie lang ist Ihre Tour, und macht der Winter Sorgen?\nIch hasse Sie und bringe Sie um!\n\nq\n"
    done = run("scenario", "sales_call", "--language", "de", "--out", str(out), stdin=typed)
    assert done.exit_code == 0, done.output
    assert "Hint: Fragen Sie nach ihren Morgen" in done.stdout
    assert "[12 turns left] > " in done.stdout
    assert "Nora: Neunzig Kilometer, jeden Morgen." in done.stdout
    assert "I don't write texts that threaten" in done.stdout
    assert "✅ Erreicht · Erfahren, was Nora braucht" in done.stdout
    assert "Sorgen macht.\nWie lang ist Ihre Tour, und macht der Winter Sorgen?\n" in done.stdout
    assert "**Nora:** Neunzig Kilometer" in out.read_text(encoding="utf-8")
    wrong = run("scenario", "sales_call", "--role", "Emil", stdin="")
    assert wrong.exit_code == 2
    assert "it should be one of Seller, Nora." in str(wrong.exception)


def test_generated_case_is_played(run, script):
    assert run("scenario", "a loud group in a library, 2 roles", stdin="q\n").stdout.count("You are Librarian.") == 1


def test_fictional_person_is_interviewed(run, script, tmp_path):
    script.answer = lambda _messages: json.dumps({"source": "counts every euro", "answer": "I count every euro."})
    out = tmp_path / "talk.md"
    done = run("interview", "Marta, 41, runs a café; counts every euro", "--out", str(out), stdin="Dear things?\nq\n")
    assert done.exit_code == 0, done.output
    assert "Marta: I count every euro.\n  From the card: counts every euro" in done.stdout
    assert "Questions: 1. Answered from the card: 1." in done.stdout
    assert "from this card. This is not research, and not a real person's answer." in out.read_text(encoding="utf-8")
    assert run("interview", "Marta").exit_code == 2


def test_readers_choose_among_files(run, script, tmp_path):
    files = [tmp_path / name for name in ("a.txt", "b.txt")]
    for file, text in zip(files, ("We close on Monday, dear all.", "Closed on Monday."), strict=True):
        file.write_text(text, encoding="utf-8")

    def answer(messages: Any) -> str:
        short_last = messages[1].text.rindex("Closed") > messages[1].text.rindex("dear")
        return json.dumps({"why": "It is short.", "choice": "B" if short_last else "A"})

    script.answer = answer
    picture = tmp_path / "readers.png"
    names = [str(file) for file in files]
    done = run("readers", *names, "--audience", "bakers", "--readers", "7", "--out", str(picture))
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[1].endswith(LIMITS)
    assert "Number 2 has the most votes: 7 of 7.\n" in done.stdout
    assert "All readers chose the same" in done.stdout
    with Image.open(picture) as opened:
        assert opened.size[0] >= 1200
    for wrong in (
        names[:1],
        [*names, "--readers", "99"],
        [*names, "--out", "x.pdf"],
        [*names, str(tmp_path / "none.txt")],
    ):
        assert run("readers", *wrong).exit_code == 2
