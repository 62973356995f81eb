"""One Markdown parser for each kind of field: simcord builds one anew for each text, which is a third of what the page takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from simcord.preview import _markdown

_build = _markdown._markdown_parser


def keep_parsers() -> None:
    """Lets simcord's pages use parsers that are there already."""
    _markdown._markdown_parser = _parser


def _parser(policy: Mapping[str, bool | str], context: Mapping[str, Any]) -> Any:
    """The parser of a policy; what it names people, channels and commands by is the context until the next text."""
    parser, current = _kept(frozenset(policy.items()))
    current.clear()
    current.update(context)
    return parser


@cache
def _kept(policy: frozenset[tuple[str, bool | str]]) -> tuple[Any, dict[str, Any]]:
    context: dict[str, Any] = {}
    return _build(dict(policy), context), context
