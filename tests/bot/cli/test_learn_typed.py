"""Tests of `quillmate learn`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from quizzing import ITEMS

from bot.cli.learn import FOLDER_NAME, CourseTerminal, run_study_session

TABLE = "front,back,topic,after\n2+2,4,adding,\n3+3,6,adding,\n3*3,9,times,adding\n"


def test_cards_are_asked_with_hints_and_summary(run, tmp_path):
    file = tmp_path / "sums.csv"
    file.write_text(TABLE)
    result = run("learn", str(file), stdin="?\n?\n!\nx\nq\n")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("sums: 3 questions. Answer with a letter")
    assert lines.count("> It is: 4") + lines.count("It is: 4") == 1, "the last hint is the answer"
    assert "It is: 6" in result.stdout
    assert "3*3" in result.stdout
    assert "0 of 2 right." in lines[-4]
    assert any(line.endswith("adding (2 of 2 asked)") for line in lines)
    assert any("20% open   times (0 of 1 asked)" in line for line in lines)
    assert lines[-1].startswith("The next question is due ")


def test_generated_quiz_is_completed(run, tmp_path):
    file = tmp_path / "quiz.json"
    row = {"kind": "quiz", "parts": {"title": "Magnets", "items": [*ITEMS[2:], {**ITEMS[0], "type": "matching"}]}}
    file.write_text(json.dumps(row))
    result = run("learn", str(file), "--questions", "3", stdin="d\na,b\n\nParis\n3,5\n")
    assert "Magnets: 3 questions." in result.stdout
    assert result.stdout.count("Answer with a letter") == 3, "what is no answer is told how to give one"
    assert "Right: Paris (It has been so since 987.)" in result.stdout
    assert "Right: 3.5" in result.stdout
    assert "2 of 3 right." in result.stdout


def test_option_can_be_typed_as_words(run, tmp_path):
    file = tmp_path / "french.csv"
    file.write_text("front,back\nla maison,the house\nle chien,the dog\nl'eau,water\n")
    result = run("learn", str(file), "--questions", "1", stdin="The  house\n")
    assert "Right: the house" in result.stdout
    assert "1 of 1 right." in result.stdout


def test_invalid_lesson_is_one_line(run, tmp_path):
    for name, said in (("none.csv", "cannot be read"), ("a.txt", "I can read lessons from .csv, .apkg, .json.")):
        file = tmp_path / name
        if said != "cannot be read":
            file.write_text("x")
        result = run("learn", str(file))
        assert result.exit_code == 2
        assert said in str(result.exception)


class Learner:
    """A learner who starts sessions and claims to know every answer."""

    def __init__(self, tmp_path):
        self.now, self.data, self.lines = datetime(2026, 1, 5, 9, tzinfo=UTC), tmp_path / "data", []

    def start_session(self, file, **options):
        """Run a session; return what was asked and printed."""
        self.lines = []
        terminal = CourseTerminal(self._ask, self.lines.append, lambda: self.now)
        assert run_study_session(file, terminal, self.data, **options) == 0
        return self.lines

    def _ask(self, question):
        self.lines.append(question)
        return "!"

    @property
    def asked(self):
        return [line.splitlines()[0] for line in self.lines if line.endswith("> ")]


def test_deck_is_asked_again_when_due(tmp_path):
    file, learner = tmp_path / "sums.csv", Learner(tmp_path)
    file.write_text(TABLE)
    learner.start_session(file)
    assert sorted(learner.asked) == ["2+2", "3*3", "3+3"]
    learner.now += timedelta(hours=1)
    lines = learner.start_session(file)
    assert learner.asked == []
    assert lines[0] == "sums: nothing is due now. Use --ahead to study anyway, or --anew to start over."
    assert lines[-1].startswith("The next question is due ")
    assert learner.start_session(file, ahead=True, max_questions=2)
    assert len(learner.asked) == 2
    learner.now += timedelta(days=400)
    file.write_text(TABLE.replace("3*3", "4*4") + "5+5,10,adding,\n")
    learner.start_session(file, max_questions=2)
    assert sorted(learner.asked) == ["2+2", "3+3"], "what is due comes first, also of a deck that has changed"
    learner.start_session(file, restart=True, max_questions=1)
    kept = [one.read_text() for one in (tmp_path / "data" / FOLDER_NAME).iterdir()]
    assert len(kept) == 1
    assert len(json.loads(kept[0])["due"]) == 1, "all before is forgotten"


def test_schedule_has_no_text_and_tolerates_damage(run, tmp_path):
    file = tmp_path / "french.csv"
    file.write_text("front,back\nla maison,the house\nle chien,the dog\n")
    run("learn", str(file), "--questions", "1", stdin="!\n")
    [kept] = (tmp_path / "data" / FOLDER_NAME).iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert not [word for word in ("french", "maison", "house") if word in kept.name + kept.read_text()]
    for damage in ("", "[]", '{"due": {"a": {}}, "answers": {}}'):
        kept.write_text(damage)
        assert run("learn", str(file), "--questions", "1", stdin="!\n").exit_code == 0
