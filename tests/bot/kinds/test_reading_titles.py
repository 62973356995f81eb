"""Titles name files, threads and buttons too, where no mark of Discord's belongs."""

from __future__ import annotations

import pytest

from bot.markup import parse_document
from bot.reading.sections import parse_title


@pytest.mark.parametrize(
    "text",
    [
        "# **Bread** ||and|| ~~butter~~\n\n1. What?",
        "Title: **Bread** ||and|| ~~butter~~\n\nText",
        "**Bread** ||and|| butter\n\nText.",
    ],
)
def test_a_title_keeps_no_markup(text: str) -> None:
    assert parse_title(parse_document(text)) in ("Bread and butter", "")
