"""What may come of a budget, as people see it: a picture with its words, a text, and a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from babel.numbers import format_currency, format_decimal

from bot.errors import Phrase
from bot.exports._charts import WIDTH, Bar, Block, drawn
from bot.exports._drawing import rendered
from bot.exports.xlsx import put, saved
from bot.locales import babel_locale, percent, said, translate
from bot.simulation.assumptions import TITLES, Assumption, is_share
from bot.simulation.budget import PERCENTILES, ROUNDS, Outcome, Reckoned, even_edges

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
LIMITS = (
    "{rounds:,} rounds, drawn at random from these ranges as if they were independent. This shows what your "
    "assumptions mean, not what will happen: it is only as good as they are."
)
_NO_MARGIN = "You gave no margin, so all revenue counts as profit. Add one, for example: margin 40 %."
_BINS, _ROWS = 10, 1_000


def amount(value: float, locale: str, currency: str, *, scale: float | None = None, is_money: bool = True) -> str:
    """An amount with as many digits as matter beside others of a scale, itself where none is given."""
    language = babel_locale(locale)
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
    return percent(value, locale, "0.#" if value < 0.1 else "0")


def assumed_line(one: Assumption, currency: str, locale: str) -> str:
    """An assumption in words."""
    low, likely, high = (
        share(value, locale) if is_share(one.name) else amount(value, locale, currency)
        for value in (one.low, one.likely, one.high)
    )
    if one.known:
        return low
    middle = (one.low + one.high) / 2
    if abs(one.likely - middle) < 1e-9 * max(1.0, one.high):
        return said(Phrase(_SPAN, low=low, high=high), locale)
    return said(Phrase(_LIKELIEST, low=low, high=high, likely=likely), locale)


def lead(found: Reckoned, locale: str) -> str:
    """What matters most, in one sentence."""
    profit, currency = found.outcomes["profit"], found.assumed.currency
    if np.ptp(profit.draws) == 0:
        return said(Phrase(_KNOWN, profit=amount(profit.at(50), locale, currency)), locale)
    low, high = (amount(profit.at(one), locale, currency, scale=_scale(profit)) for one in (25, 75))
    return said(Phrase(_LEAD, share=share(found.profitable, locale), low=low, high=high), locale)


def outcome_line(one: Outcome, currency: str, locale: str) -> str:
    """The middle of an outcome, and between what nine of ten rounds end."""
    low, middle, high = (
        amount(one.at(at), locale, currency, scale=_scale(one), is_money=one.is_money) for at in (5, 50, 95)
    )
    return low if low == high else said(Phrase(_MIDDLE, low=low, middle=middle, high=high), locale)


def _scale(one: Outcome) -> float:
    return max(abs(one.at(5)), abs(one.at(95)))


def driver_line(strength: float, locale: str) -> str:
    """How strongly the profit goes with an assumption, and whether up or down."""
    return str(format_decimal(strength, format="+0.00;−0.00", locale=babel_locale(locale)))


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
    return " ".join([*notes, said(Phrase(LIMITS, rounds=ROUNDS), locale)])


def workbook(found: Reckoned, locale: str) -> bytes:
    """An .xlsx: the outcomes by percentile, the assumptions, and the first thousand rounds, to reckon on with."""
    from openpyxl import Workbook

    book = Workbook()
    outcomes = book.active
    outcomes.title = translate("Outcomes", locale)
    heads = [translate(OUTCOMES[name], locale) for name in found.outcomes]
    _rows(outcomes, [["", *(f"P{one}" for one in PERCENTILES)]])
    rows = zip(heads, found.outcomes.values(), strict=True)
    _rows(outcomes, [[head, *(round(one.at(at), 2) for at in PERCENTILES)] for head, one in rows], first=2)
    assumptions = book.create_sheet(translate("Assumptions", locale))
    _rows(assumptions, [["", translate("low", locale), translate("most likely", locale), translate("high", locale)]])
    known: list[list[str | float]] = [
        [translate(TITLES[one.name], locale), one.low, one.likely, one.high]
        for one in found.assumed.assumptions.values()
    ]
    _rows(assumptions, [*known, [translate("seed", locale), found.seed]], first=2)
    rounds = book.create_sheet(translate("Rounds", locale))
    _rows(rounds, [[*(translate(TITLES[name], locale) for name in found.inputs), *heads]])
    columns = [*found.inputs.values(), *(one.draws for one in found.outcomes.values())]
    _rows(
        rounds,
        [[round(float(value), 4) for value in row] for row in zip(*(one[:_ROWS] for one in columns), strict=True)],
        first=2,
    )
    for sheet in (outcomes, assumptions, rounds):
        sheet.freeze_panes = "B2"
    return saved(book)


def _rows(sheet: object, rows: Sequence[Sequence[str | float]], first: int = 1) -> None:
    for number, cells in enumerate(rows, first):
        for column, value in enumerate(cells, 1):
            put(sheet, number, column, value)


# What can be written, by the ending of a file.
FORMS: Mapping[str, Callable[[Reckoned, str], bytes]] = {
    ".xlsx": workbook,
    ".png": lambda found, locale: picture(found, locale)[0],
    ".md": lambda found, locale: text(found, locale).encode(),
}


def file_of(ending: str, found: Reckoned, locale: str) -> bytes:
    """A file by its ending."""
    return FORMS[ending](found, locale)
