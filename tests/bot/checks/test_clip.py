"""Tokens of image prompts, as OpenAI's own tokenizer counts them."""

from __future__ import annotations

import importlib.util

import pytest

from bot.checks import clip


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("", 0),
        ("a photo of a cat", 5),
        ("A PHOTO  of a\ncat", 5),
        ("35mm photograph, shallow depth-of-field", 11),
        ("crème brûlée 🍮 at dawn", 12),
        ("it's 2024", 6),
        ("(a fox:1.2), snow", 4),
        ("(a fox), snow", 4),
    ],
)
def test_clip_tokens_are_counted(prompt: str, tokens: int) -> None:
    assert clip.count_clip_tokens(prompt) == tokens


def test_without_the_vocabulary_tokens_are_overestimated(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = ["a photo of a cat", "35mm photograph, shallow depth-of-field", "a misty harbour at dawn, oil on canvas"]
    counted = [clip.count_clip_tokens(prompt) for prompt in prompts]
    monkeypatch.setattr(clip, "_load_tokenizer", lambda: None)
    assert all(clip.count_clip_tokens(prompt) >= count for prompt, count in zip(prompts, counted, strict=True))


def test_a_missing_package_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    clip._load_tokenizer.cache_clear()
    monkeypatch.setattr(clip, "find_spec", lambda _name: None)
    assert clip._load_tokenizer() is None
    clip._load_tokenizer.cache_clear()
    monkeypatch.undo()
    assert importlib.util.find_spec("clip") is None or clip._load_tokenizer() is not None
