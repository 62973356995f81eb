"""The tokens that are read and written on behalf of whoever is worked for, by the engine; a mark of the task that works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bot.runtime import metrics

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.messages.ai import UsageMetadata

# Characters of a token, where no server tells how many tokens a text has.
_CHARACTERS = 4


@dataclass(slots=True)
class Tokens:
    """What an engine has read and written, of which `estimated` were reckoned by their characters."""

    read: int = 0
    written: int = 0
    estimated: int = 0


@dataclass(slots=True)
class Spending:
    """The tokens of each engine by its name."""

    by_engine: dict[str, Tokens] = field(default_factory=dict)

    def add(self, engine: str, tokens: Tokens) -> None:
        """Adds what an engine was used for."""
        known = self.by_engine.setdefault(engine, Tokens())
        known.read += tokens.read
        known.written += tokens.written
        known.estimated += tokens.estimated

    def take(self) -> dict[str, Tokens]:
        """All that was added since it was taken last."""
        taken, self.by_engine = self.by_engine, {}
        return taken

    def to_json(self) -> dict[str, Any]:
        """Plain data, to be kept with what was paid for."""
        return {engine: asdict(tokens) for engine, tokens in self.by_engine.items()}


_current: ContextVar[Spending | None] = ContextVar("spending", default=None)


@contextmanager
def spending() -> Iterator[Spending]:
    """What is spent inside, in tasks that are begun there as well."""
    found = Spending()
    before = _current.set(found)
    try:
        yield found
    finally:
        _current.reset(before)


def spent(engine: str, tokens: Tokens) -> None:
    """Notes what an engine was used for just now."""
    metrics.spend(engine, tokens.read, tokens.written)
    _note(engine, tokens)


def spent_before(kept: Mapping[str, Any]) -> None:
    """Notes what was spent by a step whose outcome was kept."""
    for engine, tokens in kept.items():
        _note(engine, Tokens(**tokens))


def _note(engine: str, tokens: Tokens) -> None:
    if (current := _current.get()) is not None:
        current.add(engine, tokens)


def tokens_of(told: Iterable[UsageMetadata], messages: Sequence[BaseMessage], texts: Sequence[str]) -> Tokens:
    """The tokens of a call as a server has told them, else by the characters of what it was given and of what it wrote."""
    if parts := list(told):
        return Tokens(sum(one["input_tokens"] for one in parts), sum(one["output_tokens"] for one in parts))
    read = sum(-(-len(message.text) // _CHARACTERS) for message in messages)
    written = sum(-(-len(text) // _CHARACTERS) for text in texts)
    return Tokens(read, written, read + written)
