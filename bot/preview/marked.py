"""Markdown on the page: one cached parser per kind of field, as building one for each text takes a third of the page's time; and
lists that end where Discord ends them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from simcord.preview import _component_projection, _markdown, _messages

_build, _tokens = _markdown._markdown_parser, _markdown.markdown_tokens
_FENCE = re.compile(r"(```.*?(?:```|$))", re.DOTALL)
# The last line of a list before text, which in CommonMark would belong to the list, and in Discord does not.
_LIST_END = re.compile(r"^([ ]*(?:[-*]|\d+\.) .*\n)(?=(?![ ]*(?:[-*]|\d+\.) )\S)", re.MULTILINE)
# What simcord writes in English before the name of a thread, which is repeated after it.
_THREAD = "started a thread: "


def cache_parsers() -> None:
    """Make simcord's pages use cached parsers, and end lists as Discord does."""
    _markdown._markdown_parser = _get_parser
    for module in (_messages, _component_projection):
        vars(module)["markdown_tokens"] = _tokenise


def _tokenise(text: str, policy: str, *more: Any, **named: Any) -> Any:
    """Return the tokens of a text; none of simcord's own words about a thread, whose icon and name suffice in every
    language.
    """
    return _tokens("" if policy == "system" and text.startswith(_THREAD) else _end_lists(text), policy, *more, **named)


def _end_lists(text: str) -> str:
    """Return a text whose lists end before the line below them, as in Discord."""
    pieces = _FENCE.split(text)
    return "".join(piece if at % 2 else _LIST_END.sub(r"\1\n", piece) for at, piece in enumerate(pieces))


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
