"""Counts the tokens that a user's request uses, by engine; a context variable has the count of the running task."""

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

# For estimates, if a server does not report its tokens.
_CHARACTERS_PER_TOKEN = 4


@dataclass(slots=True)
class Tokens:
    """The input tokens (`read`) and output tokens (`written`) of an engine; `estimated` is how many of both are estimates."""

    read: int = 0
    written: int = 0
    estimated: int = 0


@dataclass(slots=True)
class Spending:
    """The tokens used so far, by the engine's name."""

    by_engine: dict[str, Tokens] = field(default_factory=dict)

    def add(self, engine: str, tokens: Tokens) -> None:
        """Add an engine's tokens."""
        total = self.by_engine.setdefault(engine, Tokens())
        total.read += tokens.read
        total.written += tokens.written
        total.estimated += tokens.estimated

    def take(self) -> dict[str, Tokens]:
        """Return the tokens added since the previous call."""
        taken, self.by_engine = self.by_engine, {}
        return taken

    def to_json(self) -> dict[str, Any]:
        """Return the tokens as JSON, to be stored with the result of a step."""
        return {engine: asdict(tokens) for engine, tokens in self.by_engine.items()}


_current: ContextVar[Spending | None] = ContextVar("spending", default=None)


@contextmanager
def track_spending() -> Iterator[Spending]:
    """Yield the spending of the block, including tasks started in it."""
    spending = Spending()
    reset_token = _current.set(spending)
    try:
        yield spending
    finally:
        _current.reset(reset_token)


def record_spending(engine: str, tokens: Tokens) -> None:
    """Add an engine's tokens to the metrics and to the current spending."""
    metrics.spend(engine, tokens.read, tokens.written)
    _add_to_current(engine, tokens)


def restore_spending(stored: Mapping[str, Any]) -> None:
    """Add the stored spending of a finished step to the current one, without counting it in the metrics again."""
    for engine, tokens in stored.items():
        _add_to_current(engine, Tokens(**tokens))


def _add_to_current(engine: str, tokens: Tokens) -> None:
    if (current := _current.get()) is not None:
        current.add(engine, tokens)


def count_tokens(
    reported_usage: Iterable[UsageMetadata], messages: Sequence[BaseMessage], texts: Sequence[str]
) -> Tokens:
    """Return the tokens of a call as the server reported them, or estimated from the messages and the texts it wrote."""
    if usages := list(reported_usage):
        return Tokens(sum(usage["input_tokens"] for usage in usages), sum(usage["output_tokens"] for usage in usages))
    input_tokens = sum(-(-len(message.text) // _CHARACTERS_PER_TOKEN) for message in messages)
    output_tokens = sum(-(-len(text) // _CHARACTERS_PER_TOKEN) for text in texts)
    return Tokens(input_tokens, output_tokens, input_tokens + output_tokens)
