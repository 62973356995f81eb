"""Runs code without counting which lines of it run, which takes several times as long as the lines: for bounds of time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def untraced() -> Iterator[None]:
    """Lifts tracing, such as coverage's, from what is called within."""
    tracing = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracing)
