"""One cached Markdown parser per kind of field: simcord builds one for each text, which takes a third of the page's time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from simcord.preview import _markdown, _messages

_build, _tokens = _markdown._markdown_parser, _markdown.markdown_tokens
# What simcord writes in English before the name of a thread, which is repeated after it.
_THREAD = "started a thread: "


def cache_parsers() -> None:
    """Make simcord's pages use cached parsers."""
    _markdown._markdown_parser = _get_parser
    vars(_messages)["markdown_tokens"] = _tokenise


def _tokenise(text: str, policy: str, *more: Any, **named: Any) -> Any:
    """Return the tokens of a text; none of simcord's own words about a thread, whose icon and name suffice in every
    language.
    """
    return _tokens("" if policy == "system" and text.startswith(_THREAD) else text, policy, *more, **named)


def _get_parser(policy: Mapping[str, bool | str], context: Mapping[str, Any]) -> Any:
    """Return the parser of a policy; the context for its mentions is valid until the next text."""
    parser, current = _build_parser(frozenset(policy.items()))
    current.clear()
    current.update(context)
    return parser


@cache
def _build_parser(policy: frozenset[tuple[str, bool | str]]) -> tuple[Any, dict[str, Any]]:
    context: dict[str, Any] = {}
    return _build(dict(policy), context), context
