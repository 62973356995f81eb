"""Small talk is distinguished from requests: phrases in five languages, a third of them held out."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bot.generation.small_talk import detect_small_talk

DATA = Path(__file__).parents[2] / "data" / "smalltalk"
MEANT = {"small": {"how", "glad", "bye", "ok"}, "complaint": {"complaint", "slow"}}
# The share that is detected: of the phrases that the vocabulary was written with, and of held-out ones.
MIN = {"said": 0.98, "unseen": 0.79}


def load_phrases(name):
    table = tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
    return [
        (code, about, line)
        for code, rows in table.items()
        for about, text in rows.items()
        for line in text.split("\n")
        if line
    ]


@pytest.mark.parametrize("name", MIN)
def test_small_talk_is_detected_in_every_language(name):
    said = load_phrases(name)
    right = [
        found is not None and found.topic in MEANT.get(about, {about}) and code in found.languages
        for code, about, text in said
        for found in [detect_small_talk(text)]
    ]
    assert sum(right) >= MIN[name] * len(said)


def test_no_request_is_detected_as_small_talk():
    requests = (DATA / "requests.txt").read_text(encoding="utf-8").splitlines()
    assert len(requests) == 110
    assert [text for text in requests if detect_small_talk(text)] == []


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("not bad", "glad"),
        ("bad", "complaint"),
        ("thanks, but that is wrong", "complaint"),
        ("🙏", "thanks"),
        ("hiiii", "hello"),
        ("", None),
    ],
)
def test_the_topic_with_the_highest_precedence_wins(text, about):
    found = detect_small_talk(text)
    assert (found.topic if found else None) == about


def test_endless_texts_are_rejected_quickly(hurried):
    assert detect_small_talk("thanks " * 20_000) is None
    assert detect_small_talk("so so so so so so so so so so so so so so so") is None
