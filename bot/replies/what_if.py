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

OUTCOME_LABELS = {
    "clicks": "Clicks",
    "orders": "Orders",
    "revenue": "Revenue",
    "profit": "Profit",
    "cost_per_order": ("Cost per order"),
}
_TITLE = "Possible outcomes"
_FIXED_PROFIT = "The profit is {profit}."
_LEAD = "{share} of the rounds end with a profit; half of all rounds end between {low} and {high}."
_ASSUMED = "Your assumptions"
_PROFIT = "Profit by share of rounds"
_DRIVERS = "What affects the profit most (rank correlation, from −1 to +1)"
_MEDIAN_AND_RANGE = "{middle} (from {low} to {high})"
_NOTHING = "Nothing varies: every assumption is a single figure."
_SPAN = "{low} to {high}"
_LIKELIEST = "{low} to {high}, most likely {likely}"
_RANGE_BY_DISTRIBUTION = {"pert": "{span} (PERT)", "triangular": "{span} (triangular)", "uniform": "{span} (uniform)"}
_PROFIT_BY_DISTRIBUTION = (
    "Rounds with a profit, if all ranges were drawn as: PERT {pert}, triangular {triangular}, uniform {uniform}. Say which one "
    "suits you, for example: conversion 1 to 3 % uniform."
)
CAVEAT = (
    "{rounds:,} rounds, drawn at random from these ranges as if they were independent. This shows what your "
    "assumptions mean, not what will happen: it is only as good as they are."
)
_NO_MARGIN = "You gave no margin, so all revenue counts as profit. Add one, for example: margin 40 %."
_DISTRIBUTION_NAMES = {"pert": "PERT", "triangular": "triangular", "uniform": "uniform"}
_FIRST_ROUNDS = "first {count:,} rounds, by formulas"
_ALL_ROUNDS = "all {count:,} rounds"
_MAX_BINS, _MAX_WORKBOOK_ROUNDS = 10, 1_000


def format_amount(
    value: float, locale: str, currency: str, *, scale: float | None = None, is_money: bool = True
) -> str:
    """Format an amount, with decimals only if `scale`, by default the amount itself, is small."""
    language = find_babel_locale(locale)
    places = 0 if abs(value if scale is None else scale) >= (100 if is_money else 10) else 2
    if is_money and currency:
        pattern = "#,##0\u00a0¤" if not places else "#,##0.00\u00a0¤"
        formatted = format_currency(value, currency, format=pattern, locale=language, currency_digits=False)
    else:
        pattern = "#,##0.00" if is_money and value % 1 else "#,##0.##"
        formatted = format_decimal(value, format=pattern if places else "#,##0", locale=language)
    return str(formatted).replace("-", "−")


def format_share(value: float, locale: str) -> str:
    """Format a share as a percentage."""
    return format_percentage(value, locale, "0.#" if value < 0.1 else "0")


def format_assumption(assumption: Assumption, currency: str, locale: str) -> str:
    """Format an assumption."""
    low, likely, high = (
        format_share(value, locale) if is_share(assumption.name) else format_amount(value, locale, currency)
        for value in (assumption.low, assumption.likely, assumption.high)
    )
    if assumption.is_fixed:
        return low
    middle = (assumption.low + assumption.high) / 2
    if assumption.distribution == "uniform" or abs(assumption.likely - middle) < 1e-9 * max(1.0, assumption.high):
        span = Phrase(_SPAN, low=low, high=high)
    else:
        span = Phrase(_LIKELIEST, low=low, high=high, likely=likely)
    return localize(Phrase(_RANGE_BY_DISTRIBUTION[assumption.distribution], span=localize(span, locale)), locale)


def format_lead(result: SimulationResult, locale: str) -> str:
    """Return the main result in one sentence."""
    profit, currency = result.outcomes["profit"], result.assumption_set.currency
    if np.ptp(profit.draws) == 0:
        return localize(
            Phrase(_FIXED_PROFIT, profit=format_amount(profit.compute_percentile(50), locale, currency)), locale
        )
    low, high = (
        format_amount(profit.compute_percentile(percent), locale, currency, scale=_find_scale(profit))
        for percent in (25, 75)
    )
    return localize(Phrase(_LEAD, share=format_share(result.profit_share, locale), low=low, high=high), locale)


def format_outcome(outcome: Outcome, currency: str, locale: str) -> str:
    """Format the median of an outcome, and the range of its middle 90 %."""
    low, middle, high = (
        format_amount(
            outcome.compute_percentile(percent), locale, currency, scale=_find_scale(outcome), is_money=outcome.is_money
        )
        for percent in (5, 50, 95)
    )
    return low if low == high else localize(Phrase(_MEDIAN_AND_RANGE, low=low, middle=middle, high=high), locale)


def _find_scale(outcome: Outcome) -> float:
    return max(abs(outcome.compute_percentile(5)), abs(outcome.compute_percentile(95)))


def format_driver(strength: float, locale: str) -> str:
    """Format the rank correlation of the profit with an assumption."""
    return str(format_decimal(strength, format="+0.00;−0.00", locale=find_babel_locale(locale)))


def render_picture(result: SimulationResult, locale: str) -> tuple[bytes, str]:
    """Return a PNG and its alternative text."""
    currency, profit = result.assumption_set.currency, result.outcomes["profit"]
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
        for name, strength in result.drivers
    ]
    title = translate(_TITLE, locale)
    blocks = [
        ChartBlock(translate(_PROFIT, locale), bars),
        ChartBlock(translate(_DRIVERS, locale), drivers, translate(_NOTHING, locale)),
    ]
    svg, height = draw_chart(title, blocks, [_format_caveats(result, locale)], lead=format_lead(result, locale))
    lines = format_text(result, locale).replace("**", "").splitlines()
    alt = ". ".join(line.removeprefix("- ").removeprefix("-# ").rstrip(".") for line in lines if line)
    return render_png(svg, max(WIDTH, height)), alt


def format_text(result: SimulationResult, locale: str) -> str:
    """Return the complete result as Markdown."""
    currency = result.assumption_set.currency
    lines = [f"**{format_lead(result, locale)}**"]
    lines += [
        f"- {translate(OUTCOME_LABELS[name], locale)}: {format_outcome(outcome, currency, locale)}"
        for name, outcome in result.outcomes.items()
    ]
    lines.append(f"\n**{translate(_DRIVERS, locale)}**")
    lines += [
        f"- {translate(TITLES[name], locale)}: {format_driver(strength, locale)}" for name, strength in result.drivers
    ]
    lines += [] if result.drivers else [f"- {translate(_NOTHING, locale)}"]
    lines.append(f"\n**{translate(_ASSUMED, locale)}**")
    lines += [
        f"- {translate(TITLES[name], locale)}: {format_assumption(assumption, currency, locale)}"
        for name, assumption in result.assumption_set.assumptions.items()
    ]
    return "\n".join([*lines, f"\n-# {_format_caveats(result, locale)}"])


def _format_caveats(result: SimulationResult, locale: str) -> str:
    caveats = [] if "margin" in result.inputs else [translate(_NO_MARGIN, locale)]
    if result.drivers:
        shares = {
            distribution: format_share(share, locale)
            for distribution, share in estimate_profit_shares(result.assumption_set, result.seed).items()
        }
        caveats.append(localize(Phrase(_PROFIT_BY_DISTRIBUTION, **shares), locale))
    return " ".join([*caveats, localize(Phrase(CAVEAT, rounds=ROUNDS), locale)])


def build_workbook(result: SimulationResult, locale: str) -> bytes:
    """Build an .xlsx workbook.

    Formulas compute the first thousand rounds from the assumptions, and their percentiles from those rounds. The
    percentiles of all rounds are further down the same sheet, as plain values.
    """
    from xlsxwriter import Workbook

    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    outcomes, assumptions, rounds = (
        book.add_worksheet(translate(name, locale)) for name in ("Outcomes", "Assumptions", "Rounds")
    )
    cell_refs = _write_assumptions(assumptions, result, locale)
    columns = _write_rounds(rounds, result, cell_refs, locale)
    _write_outcomes(outcomes, result, columns, rounds.get_name(), locale)
    for sheet in (outcomes, assumptions, rounds):
        sheet.freeze_panes(1, 1)
    book.close()
    return file.getvalue()


def _write_assumptions(sheet: Any, result: SimulationResult, locale: str) -> dict[str, tuple[str, ...]]:
    """Write a row for each assumption; return the references of each one's cells: low, most likely, high."""
    sheet.write_row(0, 1, [translate(heading, locale) for heading in ("low", "most likely", "high", "distribution")])
    cell_refs = dict[str, tuple[str, ...]]()
    for row, assumption in enumerate(result.assumption_set.assumptions.values(), 1):
        sheet.write_row(
            row, 0, [translate(TITLES[assumption.name], locale), assumption.low, assumption.likely, assumption.high]
        )
        sheet.write_string(
            row, 4, "" if assumption.is_fixed else translate(_DISTRIBUTION_NAMES[assumption.distribution], locale)
        )
        cell_refs[assumption.name] = tuple(f"'{sheet.get_name()}'!${letter}${row + 1}" for letter in "BCD")
    sheet.write_row(len(cell_refs) + 1, 0, [translate("seed", locale), result.seed])
    return cell_refs


def _write_rounds(
    sheet: Any, result: SimulationResult, cell_refs: Mapping[str, tuple[str, ...]], locale: str
) -> dict[str, str]:
    """Write a row for each round: the cumulative probability of each draw, the draws, the outcomes; return each
    outcome's column.
    """
    from xlsxwriter.utility import xl_col_to_name

    assumptions = result.assumption_set.assumptions
    uncertain_names = [name for name in result.inputs if not assumptions[name].is_fixed]
    # The column of a draw's probability has the draw's name and a tab as its key.
    column_keys = [*(f"{name}\t" for name in uncertain_names), *result.inputs, *result.outcomes]
    letters = {key: xl_col_to_name(index) for index, key in enumerate(column_keys)}
    share_heading = translate("{name}: share below", locale)
    headings = [share_heading.format(name=translate(TITLES[name], locale)) for name in uncertain_names]
    headings += [translate(TITLES[name], locale) for name in result.inputs]
    sheet.write_row(0, 0, [*headings, *(translate(OUTCOME_LABELS[name], locale) for name in result.outcomes)])
    shares = {name: compute_cumulative_shares(assumptions[name], result.inputs[name]) for name in uncertain_names}
    formulas = {
        name: _build_draw_formula(assumptions[name], cell_refs[name], letters.get(f"{name}\t", ""))
        for name in result.inputs
    }
    formulas |= {name: formula for name, formula in _build_outcome_formulas(result).items() if name in result.outcomes}
    values = dict(result.inputs) | {name: outcome.draws for name, outcome in result.outcomes.items()}
    for row in range(min(_MAX_WORKBOOK_ROUNDS, len(values["budget"]))):
        for name in uncertain_names:
            sheet.write_number(row + 1, column_keys.index(f"{name}\t"), float(shares[name][row]))
        cells = {key: f"{letter}{row + 2}" for key, letter in letters.items()}
        for name, formula in formulas.items():
            row_formula = formula.format(
                row=row + 2, **{key: cell for key, cell in cells.items() if not key.endswith("\t")}
            )
            sheet.write_formula(row + 1, column_keys.index(name), f"={row_formula}", None, float(values[name][row]))
    return {name: letters[name] for name in result.outcomes}


def _build_draw_formula(assumption: Assumption, cells: tuple[str, ...], letter: str) -> str:
    """Return the formula of a draw from its cumulative probability; for a fixed value, a reference to it."""
    low, likely, high = cells
    probability_cell = f"{letter}{{row}}"
    if assumption.is_fixed:
        return likely
    match assumption.distribution:
        case "uniform":
            return f"{low}+({high}-{low})*{probability_cell}"
        case "triangular":
            mode_probability = f"(({likely}-{low})/({high}-{low}))"
            rising = f"{low}+SQRT({probability_cell}*({high}-{low})*({likely}-{low}))"
            falling = f"{high}-SQRT((1-{probability_cell})*({high}-{low})*({high}-{likely}))"
            return f"IF({probability_cell}<={mode_probability},{rising},{falling})"
        case _:
            alpha, beta = (f"1+4*({end}-{start})/({high}-{low})" for start, end in ((low, likely), (likely, high)))
            return f"BETAINV({probability_cell},{alpha},{beta},{low},{high})"


def _build_outcome_formulas(result: SimulationResult) -> dict[str, str]:
    """Return the formulas of a round's outcomes, as computed by `budget.simulate`."""
    clicks = (
        "{budget}/{cost_per_click}"
        if "cost_per_click" in result.inputs
        else "1000*{budget}/{cost_per_thousand}*{click_rate}"
    )
    spent = "({budget}+{fixed_costs})" if "fixed_costs" in result.inputs else "{budget}"
    margin = "*{margin}" if "margin" in result.inputs else ""
    return {
        "clicks": clicks,
        "orders": "{clicks}*{conversion}",
        "revenue": "{orders}*{order_value}",
        "profit": f"{{revenue}}{margin}-{spent}",
        "cost_per_order": f"{spent}/{{orders}}",
    }


def _write_outcomes(
    sheet: Any, result: SimulationResult, columns: Mapping[str, str], rounds_sheet_name: str, locale: str
) -> None:
    headings = [f"P{percent}" for percent in PERCENTILES]
    count = min(_MAX_WORKBOOK_ROUNDS, len(result.outcomes["profit"].draws))
    first_heading = localize(Phrase(_FIRST_ROUNDS, count=count), locale)
    all_heading = localize(Phrase(_ALL_ROUNDS, count=len(result.outcomes["profit"].draws)), locale)
    sheet.write_row(0, 0, [first_heading, *headings])
    for row, (name, outcome) in enumerate(result.outcomes.items(), 1):
        sheet.write_string(row, 0, translate(OUTCOME_LABELS[name], locale))
        cell_range = f"'{rounds_sheet_name}'!${columns[name]}$2:${columns[name]}${count + 1}"
        for column, percent in enumerate(PERCENTILES, 1):
            value = float(np.percentile(outcome.draws[:count], percent))
            sheet.write_formula(row, column, f"=PERCENTILE({cell_range},{percent / 100})", None, value)
    all_rounds_row = len(result.outcomes) + 2
    sheet.write_row(all_rounds_row, 0, [all_heading, *headings])
    for row, (name, outcome) in enumerate(result.outcomes.items(), all_rounds_row + 1):
        sheet.write_row(
            row,
            0,
            [
                translate(OUTCOME_LABELS[name], locale),
                *(round(outcome.compute_percentile(percent), 2) for percent in PERCENTILES),
            ],
        )


# Renderers by file extension.
RENDERERS: Mapping[str, Callable[[SimulationResult, str], bytes]] = {
    ".xlsx": build_workbook,
    ".png": lambda result, locale: render_picture(result, locale)[0],
    ".md": lambda result, locale: format_text(result, locale).encode(),
}


def render_file(extension: str, result: SimulationResult, locale: str) -> bytes:
    """Render a file by its extension."""
    return RENDERERS[extension](result, locale)
