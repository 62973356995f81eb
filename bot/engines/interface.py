"""What a model can do, one call of it, and what a provider has to offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model can do. `languages` None means any; `context` is in tokens, `streams` is the number of texts it
    writes at once.

    A `capable` model can be asked questions besides writing, such as which kind a brief is. A `small` one, of fewer
    than seven billion parameters, gets a shorter sheet. A `local` one is slow to load.
    """

    capable: bool = True
    small: bool = False
    languages: frozenset[str] | None = None
    context: int = 16_000
    streams: int = 256
    local: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of a model: what to write, and in which form.

    `schema` is a JSON schema, None for plain text of at most `characters`. `seed` makes a local model repeatable.
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
            EngineError: it is not there; the sentence says how to get it.
        """

    async def close(self) -> None:
        """Release the model."""

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """Return the arguments of the chat model's `astream` and `ainvoke` besides the messages."""
