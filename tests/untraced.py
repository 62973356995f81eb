"""Runs code by itself, for bounds of time: without counting which lines run, which takes several times as long as the lines, and
without looking for garbage among all that other tests have made.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def untraced() -> Iterator[None]:
    """Lifts tracing, such as coverage's, and the collection of garbage from what is called within."""
    tracing, collecting = sys.gettrace(), gc.isenabled()
    sys.settrace(None)
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        sys.settrace(tracing)
