"""What is installed beside the core: packages that only some engines need, as the project's extras name them."""

from __future__ import annotations

from importlib.util import find_spec

from bot.errors import EngineError

_NEEDS_TORCH = "This needs PyTorch, which is not installed. My operator can install it: pip install 'quillmate[torch]'"


def has_torch() -> bool:
    """Whether networks can be computed in this process."""
    return all(find_spec(name) for name in ("torch", "transformers"))


def need_torch() -> None:
    """Refuses what computes networks in this process where nothing can.

    Raises:
        EngineError: the extra is not installed; says how to install it.
    """
    if not has_torch():
        raise EngineError(_NEEDS_TORCH)
