"""Simulated budget outcomes for users: a picture with its description, a text, and a workbook."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from babel.numbers import format_currency, format_decimal

from bot.errors import Phrase
from bot.exports._charts import WIDTH, ChartBar, ChartBlock, draw_chart
from bot.exports._drawing import render_png
from bot.locales import find_babel_locale, format_percentage, localize, translate
from bot.simulation.assumptions import TITLES, Assumption, is_share
from bot.simulation.budget import (
    PERCENTILES,
    ROUNDS,
    Outcome,
    SimulationResult,
    compute_cumulative_shares,
    compute_even_edges,
    estimate_profit_shares,
)

OUTCOMES = {
    "clicks": "Clicks",
    "orders": "Orders",
    "revenue": "Revenue",
    "profit": "Profit",
    "cost_per_order": ("Cost per order"),
}
_TITLE = "Possible outcomes"
_KNOWN = "The profit is {profit}."
_LEAD = "{share} of the rounds end with a profit; half of all rounds end between {low} and {high}."
_ASSUMED = "Your assumptions"
_PROFIT = "Profit by share of rounds"
_DRIVERS = "What affects the profit most (rank correlation, from −1 to +1)"
_MIDDLE = "{middle} (from {low} to {high})"
_NOTHING = "Nothing varies: every assumption is a single figure."
_SPAN = "{low} to {high}"
_LIKELIEST = "{low} to {high}, most likely {likely}"
_SHAPED = {"pert": "{span} (PERT)", "triangular": "{span} (triangular)", "uniform": "{span} (uniform)"}
_BY_SHAPE = (
    "Rounds with a profit, if all ranges were drawn as: PERT {pert}, triangular {triangular}, uniform {uniform}. Say which one "
    "suits you, for example: conversion 1 to 3 % uniform."
)
LIMITS = (
    "{rounds:,} rounds, drawn at random from these ranges as if they were independent. This shows what your "
    "assumptions mean, not what will happen: it is only as good as they are."
)
_NO_MARGIN = "You gave no margin, so all revenue counts as profit. Add one, for example: margin 40 %."
_NAMES = {"pert": "PERT", "triangular": "triangular", "uniform": "uniform"}
_FIRST_ROUNDS = "first {count:,} rounds, by formulas"
_ALL_ROUNDS = "all {count:,} rounds"
_MAX_BINS, _MAX_WORKBOOK_ROUNDS = 10, 1_000


def format_amount(
    value: float, locale: str, currency: str, *, scale: float | None = None, is_money: bool = True
) -> str:
    """Format an amount with the digits that matter at a scale, its own by default."""
    language = find_babel_locale(locale)
    places = 0 if abs(value if scale is None else scale) >= (100 if is_money else 10) else 2
    if is_money and currency:
        pattern = "#,##0\u00a0¤" if not places else "#,##0.00\u00a0¤"
        formatted = format_currency(value, currency, format=pattern, locale=language, currency_digits=False)
    else:
        cents = "#,##0.00" if is_money and value % 1 else "#,##0.##"
        formatted = format_decimal(value, format=cents if places else "#,##0", locale=language)
    return str(formatted).replace("-", "−")


def format_share(value: float, locale: str) -> str:
    """Format a share as a percentage."""
    return format_percentage(value, locale, "0.#" if value < 0.1 else "0")


def format_assumption(one: Assumption, currency: str, locale: str) -> str:
    """Format an assumption."""
    low, likely, high = (
        format_share(value, locale) if is_share(one.name) else format_amount(value, locale, currency)
        for value in (one.low, one.likely, one.high)
    )
    if one.known:
        return low
    middle = (one.low + one.high) / 2
    if one.distribution == "uniform" or abs(one.likely - middle) < 1e-9 * max(1.0, one.high):
        span = Phrase(_SPAN, low=low, high=high)
    else:
        span = Phrase(_LIKELIEST, low=low, high=high, likely=likely)
    return localize(Phrase(_SHAPED[one.distribution], span=localize(span, locale)), locale)


def format_lead(found: SimulationResult, locale: str) -> str:
    """Return the main result in one sentence."""
    profit, currency = found.outcomes["profit"], found.assumption_set.currency
    if np.ptp(profit.draws) == 0:
        return localize(Phrase(_KNOWN, profit=format_amount(profit.at(50), locale, currency)), locale)
    low, high = (format_amount(profit.at(one), locale, currency, scale=_find_scale(profit)) for one in (25, 75))
    return localize(Phrase(_LEAD, share=format_share(found.profit_share, locale), low=low, high=high), locale)


def format_outcome(one: Outcome, currency: str, locale: str) -> str:
    """Format the median of an outcome, and the range of nine in ten rounds."""
    low, middle, high = (
        format_amount(one.at(at), locale, currency, scale=_find_scale(one), is_money=one.is_money) for at in (5, 50, 95)
    )
    return low if low == high else localize(Phrase(_MIDDLE, low=low, middle=middle, high=high), locale)


def _find_scale(one: Outcome) -> float:
    return max(abs(one.at(5)), abs(one.at(95)))


def format_driver(strength: float, locale: str) -> str:
    """Format the rank correlation of the profit with an assumption."""
    return str(format_decimal(strength, format="+0.00;−0.00", locale=find_babel_locale(locale)))


def render_picture(found: SimulationResult, locale: str) -> tuple[bytes, str]:
    """Return a PNG and its alternative text."""
    currency, profit = found.assumption_set.currency, found.outcomes["profit"]
    counts, edges = np.histogram(profit.draws, bins=compute_even_edges(profit.draws, _MAX_BINS))
    bars = [
        ChartBar(
            " – ".join(format_amount(end, locale, currency, scale=_find_scale(profit)) for end in (low, high)),
            float(count),
            format_share(count / len(profit.draws), locale),
            float(count) if low >= 0 else 0.0,
        )
        for count, low, high in zip(counts, edges, edges[1:], strict=False)
    ]
    drivers = [
        ChartBar(
            translate(TITLES[name], locale),
            abs(strength),
            format_driver(strength, locale),
            abs(strength) if strength >= 0 else 0.0,
        )
        for name, strength in found.drivers
    ]
    title = translate(_TITLE, locale)
    blocks = [
        ChartBlock(translate(_PROFIT, locale), bars),
        ChartBlock(translate(_DRIVERS, locale), drivers, translate(_NOTHING, locale)),
    ]
    svg, height = draw_chart(title, blocks, [_format_limits(found, locale)], lead=format_lead(found, locale))
    lines = text(found, locale).replace("**", "").splitlines()
    alt = ". ".join(line.removeprefix("- ").removeprefix("-# ").rstrip(".") for line in lines if line)
    return render_png(svg, max(WIDTH, height)), alt


def text(found: SimulationResult, locale: str) -> str:
    """Return everything in words."""
    currency = found.assumption_set.currency
    lines = [f"**{format_lead(found, locale)}**"]
    lines += [
        f"- {translate(OUTCOMES[name], locale)}: {format_outcome(one, currency, locale)}"
        for name, one in found.outcomes.items()
    ]
    lines.append(f"\n**{translate(_DRIVERS, locale)}**")
    lines += [f"- {translate(TITLES[name], locale)}: {format_driver(how, locale)}" for name, how in found.drivers]
    lines += [] if found.drivers else [f"- {translate(_NOTHING, locale)}"]
    lines.append(f"\n**{translate(_ASSUMED, locale)}**")
    lines += [
        f"- {translate(TITLES[name], locale)}: {format_assumption(one, currency, locale)}"
        for name, one in found.assumption_set.assumptions.items()
    ]
    return "\n".join([*lines, f"\n-# {_format_limits(found, locale)}"])


def _format_limits(found: SimulationResult, locale: str) -> str:
    notes = [] if "margin" in found.inputs else [translate(_NO_MARGIN, locale)]
    if found.drivers:
        shares = {
            shape: format_share(figure, locale)
            for shape, figure in estimate_profit_shares(found.assumption_set, found.seed).items()
        }
        notes.append(localize(Phrase(_BY_SHAPE, **shares), locale))
    return " ".join([*notes, localize(Phrase(LIMITS, rounds=ROUNDS), locale)])


def build_workbook(found: SimulationResult, locale: str) -> bytes:
    """Build an .xlsx with formulas: the first thousand rounds follow from the assumptions and each draw's quantile,
    and the percentiles from the rounds. Percentiles of all rounds are below.
    """
    from xlsxwriter import Workbook

    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    outcomes, assumptions, rounds = (
        book.add_worksheet(translate(name, locale)) for name in ("Outcomes", "Assumptions", "Rounds")
    )
    places = _write_assumptions(assumptions, found, locale)
    columns = _write_rounds(rounds, found, places, locale)
    _write_outcomes(outcomes, found, columns, rounds.get_name(), locale)
    for sheet in (outcomes, assumptions, rounds):
        sheet.freeze_panes(1, 1)
    book.close()
    return file.getvalue()


def _write_assumptions(sheet: Any, found: SimulationResult, locale: str) -> dict[str, tuple[str, ...]]:
    """Write a row for each assumption; return each one's cells: low, most likely, high."""
    sheet.write_row(0, 1, [translate(one, locale) for one in ("low", "most likely", "high", "distribution")])
    places = dict[str, tuple[str, ...]]()
    for row, one in enumerate(found.assumption_set.assumptions.values(), 1):
        sheet.write_row(row, 0, [translate(TITLES[one.name], locale), one.low, one.likely, one.high])
        sheet.write_string(row, 4, "" if one.known else translate(_NAMES[one.distribution], locale))
        places[one.name] = tuple(f"'{sheet.get_name()}'!${letter}${row + 1}" for letter in "BCD")
    sheet.write_row(len(places) + 1, 0, [translate("seed", locale), found.seed])
    return places


def _write_rounds(
    sheet: Any, found: SimulationResult, places: Mapping[str, tuple[str, ...]], locale: str
) -> dict[str, str]:
    """Write a row for each round: the quantile of each draw, the draws, the outcomes; return each outcome's column."""
    from xlsxwriter.utility import xl_col_to_name

    known = found.assumption_set.assumptions
    varied = [name for name in found.inputs if not known[name].known]
    names = [*(f"{name}\t" for name in varied), *found.inputs, *found.outcomes]
    letters = {name: xl_col_to_name(at) for at, name in enumerate(names)}
    share_heading = translate("{name}: share below", locale)
    heads = [share_heading.format(name=translate(TITLES[name], locale)) for name in varied]
    heads += [translate(TITLES[name], locale) for name in found.inputs]
    sheet.write_row(0, 0, [*heads, *(translate(OUTCOMES[name], locale) for name in found.outcomes)])
    shares = {name: compute_cumulative_shares(known[name], found.inputs[name]) for name in varied}
    formulas = {
        name: _build_draw_formula(known[name], places[name], letters.get(f"{name}\t", "")) for name in found.inputs
    }
    formulas |= {name: text for name, text in _build_outcome_formulas(found).items() if name in found.outcomes}
    values = dict(found.inputs) | {name: one.draws for name, one in found.outcomes.items()}
    for row in range(min(_MAX_WORKBOOK_ROUNDS, len(values["budget"]))):
        for name in varied:
            sheet.write_number(row + 1, names.index(f"{name}\t"), float(shares[name][row]))
        cells = {name: f"{letter}{row + 2}" for name, letter in letters.items()}
        for name, formula in formulas.items():
            text = formula.format(
                row=row + 2, **{part: cell for part, cell in cells.items() if not part.endswith("\t")}
            )
            sheet.write_formula(row + 1, names.index(name), f"={text}", None, float(values[name][row]))
    return {name: letters[name] for name in found.outcomes}


def _build_draw_formula(one: Assumption, cells: tuple[str, ...], letter: str) -> str:
    """Return the formula of a draw from its quantile; a known value is a reference."""
    low, likely, high = cells
    format_share = f"{letter}{{row}}"
    if one.known:
        return likely
    match one.distribution:
        case "uniform":
            return f"{low}+({high}-{low})*{format_share}"
        case "triangular":
            top = f"(({likely}-{low})/({high}-{low}))"
            rising = f"{low}+SQRT({format_share}*({high}-{low})*({likely}-{low}))"
            return (
                f"IF({format_share}<={top},{rising},{high}-SQRT((1-{format_share})*({high}-{low})*({high}-{likely})))"
            )
        case _:
            first, second = (f"1+4*({one}-{other})/({high}-{low})" for one, other in ((likely, low), (high, likely)))
            return f"BETAINV({format_share},{first},{second},{low},{high})"


def _build_outcome_formulas(found: SimulationResult) -> dict[str, str]:
    """Return the formulas of a round's outcomes, as in `budget.reckoned`."""
    clicks = (
        "{budget}/{cost_per_click}"
        if "cost_per_click" in found.inputs
        else "1000*{budget}/{cost_per_thousand}*{click_rate}"
    )
    spent = "({budget}+{fixed_costs})" if "fixed_costs" in found.inputs else "{budget}"
    margin = "*{margin}" if "margin" in found.inputs else ""
    return {
        "clicks": clicks,
        "orders": "{clicks}*{conversion}",
        "revenue": "{orders}*{order_value}",
        "profit": f"{{revenue}}{margin}-{spent}",
        "cost_per_order": f"{spent}/{{orders}}",
    }


def _write_outcomes(sheet: Any, found: SimulationResult, columns: Mapping[str, str], rounds: str, locale: str) -> None:
    heads = [f"P{one}" for one in PERCENTILES]
    count = min(_MAX_WORKBOOK_ROUNDS, len(found.outcomes["profit"].draws))
    first = localize(Phrase(_FIRST_ROUNDS, count=count), locale)
    every = localize(Phrase(_ALL_ROUNDS, count=len(found.outcomes["profit"].draws)), locale)
    sheet.write_row(0, 0, [first, *heads])
    for row, (name, one) in enumerate(found.outcomes.items(), 1):
        sheet.write_string(row, 0, translate(OUTCOMES[name], locale))
        place = f"'{rounds}'!${columns[name]}$2:${columns[name]}${count + 1}"
        for column, at in enumerate(PERCENTILES, 1):
            value = float(np.percentile(one.draws[:count], at))
            sheet.write_formula(row, column, f"=PERCENTILE({place},{at / 100})", None, value)
    below = len(found.outcomes) + 2
    sheet.write_row(below, 0, [every, *heads])
    for row, (name, one) in enumerate(found.outcomes.items(), below + 1):
        sheet.write_row(row, 0, [translate(OUTCOMES[name], locale), *(round(one.at(at), 2) for at in PERCENTILES)])


# Renderers by file ending.
FORMS: Mapping[str, Callable[[SimulationResult, str], bytes]] = {
    ".xlsx": build_workbook,
    ".png": lambda found, locale: render_picture(found, locale)[0],
    ".md": lambda found, locale: text(found, locale).encode(),
}


def render_file(ending: str, found: SimulationResult, locale: str) -> bytes:
    """Render a file by its ending."""
    return FORMS[ending](found, locale)
