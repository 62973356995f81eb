"""`whatif`: simulates a budget, on a terminal and as a file."""

from __future__ import annotations

from pathlib import Path

from bot.errors import RefusedError
from bot.replies.what_if import RENDERERS, format_text, render_file
from bot.runtime.files import write_file
from bot.simulation.assumptions import DISTRIBUTIONS, parse_assumptions
from bot.simulation.budget import simulate

_UNKNOWN_FORMAT = "{name} cannot be written: name a file that ends in {forms}."


def print_budget(assumptions: str, out: Path | None, seed: int, language: str, distribution: str = "pert") -> None:
    """Print the outcome of assumptions, and write it to a file if requested.

    Raises:
        FileError: the file cannot be written.
        RefusedError: the assumptions are invalid, or the file's extension is unknown.
    """
    if out is not None and out.suffix.casefold() not in RENDERERS:
        raise RefusedError(_UNKNOWN_FORMAT, name=out.name, forms=[*RENDERERS])
    shape = next((one for one in DISTRIBUTIONS if one == distribution.casefold()), None)
    if shape is None:
        raise RefusedError(
            "There is no distribution {name}: choose one of {known}.", name=distribution, known=[*DISTRIBUTIONS]
        )
    outcome = simulate(parse_assumptions(assumptions, language.partition("-")[0], shape), seed)
    print(format_text(outcome, language).replace("**", "").replace("-# ", ""))
    if out is not None:
        write_file(out, render_file(out.suffix.casefold(), outcome, language))
