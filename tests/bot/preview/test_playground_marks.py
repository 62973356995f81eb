"""Texts of the playground's page are marked up as simcord does it, by parsers that are kept."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.preview import _component_projection, _markdown
from simcord.preview._markdown import _FIELD_POLICIES as FIELDS
from simcord.preview._markdown import markdown_tokens

from bot.preview import marked

TEXTS = (
    "# Open\n**We** are _closed_ on ~~Monday~~ __Tuesday__: ||surprise||, `code`, [there](https://fern.example) and fern.example",
    "https://fern.example/menu ftp://fern.example mailto:a@fern.example <https://fern.example>\n> a quote\n- one\n- two",
    "<@7> and <@8> in <#20>, @everyone: </copy:1> at <t:1767607200:R> <:leaf:55>",
    "![a picture](https://fern.example/a.png) ```\nblock\n```",
    "",
)
ADA = {"users": {"7": "Ada"}, "channels": {"20": "marketing"}, "commands": {"1": "copy"}, "everyone": True}
LEAF = {"emojis": {"55": {"name": "leaf", "animated": False, "url": "x"}}}
CONTEXTS: tuple[dict[str, Any], ...] = (ADA, {}, {"users": {"8": "Ben"}}, LEAF)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The kinds of fields for which a parser has been built since."""
    found, build = [], marked._build
    monkeypatch.setattr(_markdown, "_markdown_parser", build)
    monkeypatch.setattr(marked, "_build", lambda policy, context: found.append(policy) or build(policy, context))
    marked._build_parser.cache_clear()
    return found


def test_cached_parsers_mark_up_texts_as_before(built: list[object]) -> None:
    asked = [(text, field, context) for field in FIELDS for context in CONTEXTS for text in TEXTS]
    before = [markdown_tokens(text, field, context=context) for text, field, context in asked]
    marked.cache_parsers()
    assert [markdown_tokens(text, field, context=context) for text, field, context in asked] == before
    assert "@Ada" in str(markdown_tokens(TEXTS[2], context=ADA))
    assert "@Ada" not in str(markdown_tokens(TEXTS[2], context=CONTEXTS[2]))


def test_one_parser_is_built_for_each_field_type(built: list[object]) -> None:
    marked.cache_parsers()
    for field in FIELDS:
        for text in TEXTS:
            markdown_tokens(text, field)
    marking = {tuple(policy.items()) for policy in FIELDS.values() if policy["mode"] != "plain"}
    assert len(built) == len(marking)


def test_a_list_ends_at_the_line_below_it_but_not_in_a_code_block() -> None:
    marked.cache_parsers()
    tokens = _component_projection.markdown_tokens("- one\n- two\n**Storage**\n1. three\nfour", "text_display")
    assert [token["type"] for token in tokens] == ["bullet_list", "paragraph", "ordered_list", "paragraph"]
    assert "- a\\nb" in str(_component_projection.markdown_tokens("```\n- a\nb\n```", "text_display"))
