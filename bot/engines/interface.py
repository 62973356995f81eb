"""The interface between engines and providers of language models: a model's traits, a call, the provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model can do: its `languages` (None for any), its `context` in tokens, and how many texts it can write at once.

    A `capable` model also answers questions, such as which kind of text a brief asks for. A `small` one, of fewer than seven
    billion parameters, gets a shorter sheet. A `local` one runs in this process.
    """

    capable: bool = True
    small: bool = False
    languages: frozenset[str] | None = None
    context: int = 16_000
    streams: int = 256
    local: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """A call of a model. `schema` is a JSON schema of the answer, None for plain text.

    `characters` is the longest text that is expected; an answer far beyond it is stopped. With the same `seed`, a local model
    writes the same text again.
    """

    messages: Sequence[BaseMessage]
    schema: dict[str, Any] | None
    characters: int
    max_tokens: int
    seed: int
    temperature: float = 0.7


class Provider(Protocol):
    """The interface of a provider: a LangChain chat model and the arguments of its calls."""

    label: str
    traits: Traits

    async def open(self) -> BaseChatModel:
        """Load or connect to the model.

        Raises:
            EngineError: the model is not available; the message says how to get it.
        """

    async def close(self) -> None:
        """Release the model."""

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """Return the arguments of the chat model's `astream` and `ainvoke` besides the messages."""
