"""The verb `limits`; apart from the others, as it needs nothing of the bot."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from bot.checks.limits import find_limits, load_limits
from bot.errors import SettingsError


def print_limits(place: str) -> int:
    """Print the rows of limits.toml as a table, of one place or of all.

    Raises:
        SettingsError: the place is unknown.
    """
    rows = find_limits(place) if place else load_limits()
    if not rows:
        known = ", ".join(dict.fromkeys(limit.place for limit in load_limits()))
        raise SettingsError(f'There is no platform "{place[:40]}"; choose one of {known}.')
    table = Table("place", "field", "most", "unit", "source", "read", box=None, pad_edge=False, header_style="bold")
    for limit in rows:
        table.add_row(limit.place, limit.field, f"{limit.max:,}", limit.unit, limit.source, str(limit.read))
    # In a pipe, rows are neither wrapped nor shortened.
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)
    return 0
