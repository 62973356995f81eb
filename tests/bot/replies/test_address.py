"""Addresses as plain data, and names of files."""

from __future__ import annotations

import json

import pytest

from bot.replies.address import Address
from bot.replies.files import attachment

SNOWFLAKE = 1_234_567_890_123_456_789


@pytest.mark.parametrize(
    "address",
    [
        Address(SNOWFLAKE, SNOWFLAKE + 1, 1764000000.5, locale="pt-BR", application_id=SNOWFLAKE, token="aW50"),
        Address(1, 2, 3.0, message_id=SNOWFLAKE),
    ],
)
def test_an_address_survives_json(address: Address) -> None:
    assert Address.from_json(json.loads(json.dumps(address.to_json()))) == address


def test_ids_are_serialised_as_text() -> None:
    data = Address(SNOWFLAKE, 2, 3.0).to_json()
    assert data["user_id"] == str(SNOWFLAKE)
    assert all(isinstance(data[name], str) for name in data if name.endswith("_id"))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("quiz.docx", "quiz.docx"),
        ("my quiz: a/b.txt", "my-quiz-a-b.txt"),
        ("../../etc/passwd", "etc-passwd"),
        ("...", "file"),
        ("", "file"),
        ("日本語.md", "日本語.md"),
        ("a\x00b\nc.txt", "a-b-c.txt"),
        ("x" * 200 + ".docx", "x" * 75 + ".docx"),
    ],
)
def test_file_names_are_valid_everywhere(name: str, safe: str) -> None:
    file = attachment(name, b"body")
    assert file.filename == safe
    assert file.fp.read() == b"body"
