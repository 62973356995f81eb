"""Optional dependencies: packages that only some engines need, named as the project's extras."""

from __future__ import annotations

from importlib.util import find_spec

from bot.errors import EngineError

_NEEDS_TORCH = "This needs PyTorch, which is not installed. My operator can install it: pip install 'quillmate[torch]'"


def has_torch() -> bool:
    """Return whether neural networks can run in this process."""
    return all(find_spec(name) for name in ("torch", "transformers"))


def require_torch() -> None:
    """Raise unless neural networks can run in this process.

    Raises:
        EngineError: the extra is not installed; the message says how to install it.
    """
    if not has_torch():
        raise EngineError(_NEEDS_TORCH)
