"""Reads somebody's own version of a result back into what a model would have written for it. Pure.

A kind that is written as JSON is shown as one text: what the model wrote, and between it what code puts there, such as
"Subject:" or a link. The parts are found in the text that was shown, and what was changed there is changed in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from bot.checks.compare import compared
from bot.content import Kind

# A word or a sign, and the gap behind it. What is compared are the words: as every other token a gap is like all others,
# and a comparison costs as the square of what is alike.
_TOKEN = re.compile(r"(\w+|[^\w\s])(\s*)")
_MARKS = re.compile(r"\*\*|__|`|^#{1,6} |^-# |^> ", re.MULTILINE)
# So many words may be put in between the parts: a closing or a link is nothing that a model writes, a paragraph is.
_MOST_BETWEEN = 8
# What has fewer words in common with the text that was shown is a text of its own.
_ALIKE = 0.5
_GONE = object()

Path = tuple[str | int, ...]


def read_back(kind: Kind, written: Mapping[str, Any], shown: str, text: str) -> dict[str, Any]:
    """The parts that a text has in place of those that were `written` and `shown`; empty where they cannot be told.

    An entry of a list that was taken out goes; any other part that is not there stays as it was.
    """
    if kind.plain:
        return {"text": text}
    before, after = _words(shown), _TOKEN.findall(_even(text))
    owners = _owners(dict(written), before)
    found = _moved(owners, before, after)
    if found is None:
        return {}
    parts = _rebuilt(dict(written), (), found)
    if not found or parts is _GONE or parts == written:
        return {}
    try:
        return kind.output.model_validate(parts).model_dump(mode="json")
    except ValidationError:
        return {}


def _even(text: str) -> str:
    """A text without marks of form, as it is when it was copied from where it was shown, and with even gaps."""
    text = re.sub(r"[^\S\n]+", " ", _MARKS.sub("", text))
    return re.sub(r" ?\n ?", "\n", re.sub(r"\n\s*\n", "\n\n", text)).strip()


def _words(text: str) -> list[str]:
    """The words and signs of a text, without its gaps."""
    return [word for word, _ in _TOKEN.findall(_even(text))]


def _leaves(node: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The texts of what was written, each with its path."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, Mapping):
        for name, child in node.items():
            yield from _leaves(child, (*path, name))
    elif isinstance(node, list | tuple):
        for at, child in enumerate(node):
            yield from _leaves(child, (*path, at))


def _owners(written: Mapping[str, Any], tokens: list[str]) -> list[Path | None]:
    """Which part each token of the shown text belongs to. The longest take their place first: a short one may stand in them."""
    owners: list[Path | None] = [None] * len(tokens)
    leaves = [(path, _words(text)) for path, text in _leaves(written)]
    for path, wanted in sorted(leaves, key=lambda leaf: -len(leaf[1])):
        if not any(token.isalnum() for token in wanted):
            continue
        for at in range(len(tokens) - len(wanted) + 1):
            span = slice(at, at + len(wanted))
            if tokens[at] == wanted[0] and tokens[span] == wanted and not any(owners[span]):
                owners[span] = [path] * len(wanted)
                break
    return owners


def _moved(owners: list[Path | None], before: list[str], after: list[tuple[str, str]]) -> dict[Path, str] | None:
    """The text that each part has now, with the gaps that it has now; None where a change cannot be told to be one part's."""
    found: dict[Path, list[str]] = {owner: [] for owner in owners if owner is not None}
    between = 0
    same = compared(before, [word for word, _ in after])
    if same.ratio < _ALIKE:
        return None
    for tag, a, b, c, d in same.opcodes():
        if tag == "equal":
            for at, token in zip(range(a, b), after[c:d], strict=True):
                if (owner := owners[at]) is not None:
                    found[owner] += token
        elif tag != "delete":
            around = owners[a:b] if a < b else [*owners[max(0, a - 1) : a], *owners[a : a + 1]]
            parts = list(dict.fromkeys(owner for owner in around if owner is not None))
            if tag == "replace" and len({part[:-1] for part in parts}) > 1:
                return None
            if parts:
                found[parts[0]] += (piece for token in after[c:d] for piece in token)
            else:
                between += sum(word.isalnum() for word, _ in after[c:d])
    return {path: "".join(tokens).strip() for path, tokens in found.items()} if between <= _MOST_BETWEEN else None


def _rebuilt(node: Any, path: Path, found: Mapping[Path, str]) -> Any:
    """What was written with the texts that its parts have now; `_GONE` for what has none of its own any more."""
    if isinstance(node, str):
        return (found[path] or _GONE) if path in found else node
    if isinstance(node, Mapping):
        made = {name: _rebuilt(child, (*path, name), found) for name, child in node.items()}
        mine = [text for place, text in found.items() if place[: len(path)] == path]
        if mine and not any(mine):
            return _GONE
        return {name: node[name] if child is _GONE else child for name, child in made.items()}
    if isinstance(node, list | tuple):
        entries = [_rebuilt(child, (*path, at), found) for at, child in enumerate(node)]
        return [part for entry in entries if entry is not _GONE for part in _paragraphs(entry)]
    return node


def _paragraphs(entry: Any) -> list[Any]:
    """An entry of a list, as several where a text has come to be several."""
    return entry.split("\n\n") if isinstance(entry, str) else [entry]
