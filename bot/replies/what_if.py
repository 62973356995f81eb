"""What may come of a budget, as people see it: a picture with its words, a text, and a workbook."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from babel.numbers import format_currency, format_decimal

from bot.errors import Phrase
from bot.exports._charts import WIDTH, Bar, Block, drawn
from bot.exports._drawing import rendered
from bot.locales import find_babel_locale, format_percentage, localize, translate
from bot.simulation.assumptions import TITLES, Assumption, is_share
from bot.simulation.budget import (
    PERCENTILES,
    ROUNDS,
    Outcome,
    Reckoned,
    even_edges,
    profitable_by,
    shares_below,
)

OUTCOMES = {
    "clicks": "Clicks", "orders": "Orders", "revenue": "Revenue", "profit": "Profit", "cost_per_order": ("Cost "
                                                                                                        "per "
                                                                                                        "order"),
}  # fmt: skip
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
_BINS, _ROWS = 10, 1_000


def amount(value: float, locale: str, currency: str, *, scale: float | None = None, is_money: bool = True) -> str:
    """An amount with as many digits as matter beside others of a scale, itself where none is given."""
    language = find_babel_locale(locale)
    places = 0 if abs(value if scale is None else scale) >= (100 if is_money else 10) else 2
    if is_money and currency:
        pattern = "#,##0\u00a0¤" if not places else "#,##0.00\u00a0¤"
        shown = format_currency(value, currency, format=pattern, locale=language, currency_digits=False)
    else:
        cents = "#,##0.00" if is_money and value % 1 else "#,##0.##"
        shown = format_decimal(value, format=cents if places else "#,##0", locale=language)
    return str(shown).replace("-", "−")


def share(value: float, locale: str) -> str:
    """A share of a whole in per cent."""
    return format_percentage(value, locale, "0.#" if value < 0.1 else "0")


def assumed_line(one: Assumption, currency: str, locale: str) -> str:
    """An assumption in words."""
    low, likely, high = (
        share(value, locale) if is_share(one.name) else amount(value, locale, currency)
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


def lead(found: Reckoned, locale: str) -> str:
    """What matters most, in one sentence."""
    profit, currency = found.outcomes["profit"], found.assumed.currency
    if np.ptp(profit.draws) == 0:
        return localize(Phrase(_KNOWN, profit=amount(profit.at(50), locale, currency)), locale)
    low, high = (amount(profit.at(one), locale, currency, scale=_scale(profit)) for one in (25, 75))
    return localize(Phrase(_LEAD, share=share(found.profitable, locale), low=low, high=high), locale)


def outcome_line(one: Outcome, currency: str, locale: str) -> str:
    """The middle of an outcome, and between what nine of ten rounds end."""
    low, middle, high = (
        amount(one.at(at), locale, currency, scale=_scale(one), is_money=one.is_money) for at in (5, 50, 95)
    )
    return low if low == high else localize(Phrase(_MIDDLE, low=low, middle=middle, high=high), locale)


def _scale(one: Outcome) -> float:
    return max(abs(one.at(5)), abs(one.at(95)))


def driver_line(strength: float, locale: str) -> str:
    """How strongly the profit goes with an assumption, and whether up or down."""
    return str(format_decimal(strength, format="+0.00;−0.00", locale=find_babel_locale(locale)))


def picture(found: Reckoned, locale: str) -> tuple[bytes, str]:
    """A PNG and the same in words."""
    currency, profit = found.assumed.currency, found.outcomes["profit"]
    counts, edges = np.histogram(profit.draws, bins=even_edges(profit.draws, _BINS))
    bars = [
        Bar(
            " – ".join(amount(end, locale, currency, scale=_scale(profit)) for end in (low, high)),
            float(count), share(count / len(profit.draws), locale), float(count) if low >= 0 else 0.0,
        )
        for count, low, high in zip(counts, edges, edges[1:], strict=False)
    ]  # fmt: skip
    drivers = [
        Bar(
            translate(TITLES[name], locale),
            abs(strength),
            driver_line(strength, locale),
            abs(strength) if strength >= 0 else 0.0,
        )
        for name, strength in found.drivers
    ]
    title = translate(_TITLE, locale)
    blocks = [
        Block(translate(_PROFIT, locale), bars),
        Block(translate(_DRIVERS, locale), drivers, translate(_NOTHING, locale)),
    ]
    svg, height = drawn(title, blocks, [_limits(found, locale)], lead=lead(found, locale))
    lines = text(found, locale).replace("**", "").splitlines()
    alt = ". ".join(line.removeprefix("- ").removeprefix("-# ").rstrip(".") for line in lines if line)
    return rendered(svg, max(WIDTH, height)), alt


def text(found: Reckoned, locale: str) -> str:
    """All of it in words."""
    currency = found.assumed.currency
    lines = [f"**{lead(found, locale)}**"]
    lines += [
        f"- {translate(OUTCOMES[name], locale)}: {outcome_line(one, currency, locale)}"
        for name, one in found.outcomes.items()
    ]
    lines.append(f"\n**{translate(_DRIVERS, locale)}**")
    lines += [f"- {translate(TITLES[name], locale)}: {driver_line(how, locale)}" for name, how in found.drivers]
    lines += [] if found.drivers else [f"- {translate(_NOTHING, locale)}"]
    lines.append(f"\n**{translate(_ASSUMED, locale)}**")
    lines += [
        f"- {translate(TITLES[name], locale)}: {assumed_line(one, currency, locale)}"
        for name, one in found.assumed.assumptions.items()
    ]
    return "\n".join([*lines, f"\n-# {_limits(found, locale)}"])


def _limits(found: Reckoned, locale: str) -> str:
    notes = [] if "margin" in found.inputs else [translate(_NO_MARGIN, locale)]
    if found.drivers:
        shares = {shape: share(figure, locale) for shape, figure in profitable_by(found.assumed, found.seed).items()}
        notes.append(localize(Phrase(_BY_SHAPE, **shares), locale))
    return " ".join([*notes, localize(Phrase(LIMITS, rounds=ROUNDS), locale)])


def workbook(found: Reckoned, locale: str) -> bytes:
    """An .xlsx that reckons: the first thousand rounds follow by formulas from the assumptions and from how far each draw lies, and the
    percentiles from the rounds. Below these stand those of all rounds.
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


def _write_assumptions(sheet: Any, found: Reckoned, locale: str) -> dict[str, tuple[str, ...]]:
    """A row for each assumption; for each name its cells: low, most likely, high."""
    sheet.write_row(0, 1, [translate(one, locale) for one in ("low", "most likely", "high", "distribution")])
    places = dict[str, tuple[str, ...]]()
    for row, one in enumerate(found.assumed.assumptions.values(), 1):
        sheet.write_row(row, 0, [translate(TITLES[one.name], locale), one.low, one.likely, one.high])
        sheet.write_string(row, 4, "" if one.known else translate(_NAMES[one.distribution], locale))
        places[one.name] = tuple(f"'{sheet.get_name()}'!${letter}${row + 1}" for letter in "BCD")
    sheet.write_row(len(places) + 1, 0, [translate("seed", locale), found.seed])
    return places


def _write_rounds(sheet: Any, found: Reckoned, places: Mapping[str, tuple[str, ...]], locale: str) -> dict[str, str]:
    """A row for each round: how far each draw lies in its distribution, what is drawn, what follows; for each outcome its column."""
    from xlsxwriter.utility import xl_col_to_name

    known = found.assumed.assumptions
    varied = [name for name in found.inputs if not known[name].known]
    names = [*(f"{name}\t" for name in varied), *found.inputs, *found.outcomes]
    letters = {name: xl_col_to_name(at) for at, name in enumerate(names)}
    far = translate("{name}: share below", locale)
    heads = [far.format(name=translate(TITLES[name], locale)) for name in varied]
    heads += [translate(TITLES[name], locale) for name in found.inputs]
    sheet.write_row(0, 0, [*heads, *(translate(OUTCOMES[name], locale) for name in found.outcomes)])
    shares = {name: shares_below(known[name], found.inputs[name]) for name in varied}
    formulas = {name: _drawn_formula(known[name], places[name], letters.get(f"{name}\t", "")) for name in found.inputs}
    formulas |= {name: text for name, text in _outcome_formulas(found).items() if name in found.outcomes}
    values = dict(found.inputs) | {name: one.draws for name, one in found.outcomes.items()}
    for row in range(min(_ROWS, len(values["budget"]))):
        for name in varied:
            sheet.write_number(row + 1, names.index(f"{name}\t"), float(shares[name][row]))
        cells = {name: f"{letter}{row + 2}" for name, letter in letters.items()}
        for name, formula in formulas.items():
            text = formula.format(
                row=row + 2, **{part: cell for part, cell in cells.items() if not part.endswith("\t")}
            )
            sheet.write_formula(row + 1, names.index(name), f"={text}", None, float(values[name][row]))
    return {name: letters[name] for name in found.outcomes}


def _drawn_formula(one: Assumption, cells: tuple[str, ...], letter: str) -> str:
    """What is drawn, from how far it lies in the distribution; a known value is where it stands."""
    low, likely, high = cells
    share = f"{letter}{{row}}"
    if one.known:
        return likely
    match one.distribution:
        case "uniform":
            return f"{low}+({high}-{low})*{share}"
        case "triangular":
            top = f"(({likely}-{low})/({high}-{low}))"
            rising = f"{low}+SQRT({share}*({high}-{low})*({likely}-{low}))"
            return f"IF({share}<={top},{rising},{high}-SQRT((1-{share})*({high}-{low})*({high}-{likely})))"
        case _:
            first, second = (f"1+4*({one}-{other})/({high}-{low})" for one, other in ((likely, low), (high, likely)))
            return f"BETAINV({share},{first},{second},{low},{high})"


def _outcome_formulas(found: Reckoned) -> dict[str, str]:
    """What follows in a round, as `budget.reckoned` has it."""
    clicks = (
        "{budget}/{cost_per_click}"
        if "cost_per_click" in found.inputs
        else "1000*{budget}/{cost_per_thousand}*{click_rate}"
    )
    spent = "({budget}+{fixed_costs})" if "fixed_costs" in found.inputs else "{budget}"
    margin = "*{margin}" if "margin" in found.inputs else ""
    return {
        "clicks": clicks, "orders": "{clicks}*{conversion}", "revenue": "{orders}*{order_value}",
        "profit": f"{{revenue}}{margin}-{spent}", "cost_per_order": f"{spent}/{{orders}}",
    }  # fmt: skip


def _write_outcomes(sheet: Any, found: Reckoned, columns: Mapping[str, str], rounds: str, locale: str) -> None:
    heads = [f"P{one}" for one in PERCENTILES]
    count = min(_ROWS, len(found.outcomes["profit"].draws))
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


# What can be written, by the ending of a file.
FORMS: Mapping[str, Callable[[Reckoned, str], bytes]] = {
    ".xlsx": workbook,
    ".png": lambda found, locale: picture(found, locale)[0],
    ".md": lambda found, locale: text(found, locale).encode(),
}


def file_of(ending: str, found: Reckoned, locale: str) -> bytes:
    """A file by its ending."""
    return FORMS[ending](found, locale)
