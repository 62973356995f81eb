"""One Markdown parser for each kind of field: simcord builds one anew for each text, which is a third of what the page takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from simcord.preview import _markdown, _messages

_build, _tokens = _markdown._markdown_parser, _markdown.markdown_tokens
# What simcord says in English before the name of a thread, which stands behind it once more.
_THREAD = "started a thread: "


def cache_parsers() -> None:
    """Lets simcord's pages use parsers that are there already."""
    _markdown._markdown_parser = _get_parser
    vars(_messages)["markdown_tokens"] = _tokenise


def _tokenise(text: str, policy: str, *more: Any, **named: Any) -> Any:
    """The tokens of a text; of simcord's own words about a thread none, as its sign and name say it in every language."""
    return _tokens("" if policy == "system" and text.startswith(_THREAD) else text, policy, *more, **named)


def _get_parser(policy: Mapping[str, bool | str], context: Mapping[str, Any]) -> Any:
    """The parser of a policy; what it names people, channels and commands by is the context until the next text."""
    parser, current = _build_parser(frozenset(policy.items()))
    current.clear()
    current.update(context)
    return parser


@cache
def _build_parser(policy: frozenset[tuple[str, bool | str]]) -> tuple[Any, dict[str, Any]]:
    context: dict[str, Any] = {}
    return _build(dict(policy), context), context
