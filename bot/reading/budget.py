"""Parses the lines of a plan's budget from a table or a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.markup import Document, Line
from bot.reading.labels import LabelledText, Labels, collect_tables
from bot.reading.lines import strip_decoration

_TOTAL_LABELS = Labels(
    total="Total|sum|in all|gesamt|gesamtbudget|summe|insgesamt|overall|grand total|total budget|suma|somme|soma|altogether"
)
_COST_LABELS = Labels(
    cost="cost|costs|amount|price|spend|kosten|betrag|preis|coste|costo|importe|coût|montant|prix|custo|valor|preço|dollars|"
    "euros|euro|eur|usd|gbp|estimated cost|Budget"
)
_NUMBER = re.compile(r"\d{1,3}(?:[.,' \u00a0\u202f]\d{3}){1,3}(?:[.,]\d{2})?(?!\d)|\d{1,9}(?:[.,]\d{1,2})?(?!\d)")
_CURRENCY = re.compile(
    r"\W{0,2}(?:[$€£¥₹]|usd|eur|gbp|aud|cad|chf|dollars?|euros?|pounds?|pesos?|reais|francs?|rupees?|r\$)",
    re.IGNORECASE,
)


def read_budget(document: Document, labelled_texts: Sequence[LabelledText]) -> list[dict[str, Any]]:
    """Return the label and amount of each line of the budget, without totals.

    The lines come from the first text labelled as budget that has any, else from the first table of costs that has.
    """
    for labelled in labelled_texts:
        if labelled.part == "budget" and (budget := _parse_budget_text(labelled.lines)):
            return budget
    tables = (rows for rows in collect_tables(document.lines) if any(map(_COST_LABELS.find, rows[0])))
    return next(filter(None, map(_parse_budget_rows, tables)), [])


def _parse_budget_text(lines: Sequence[Line]) -> list[dict[str, Any]]:
    rows = [line.cells for line in lines if line.sort == "row"]
    if rows:
        return _parse_budget_rows(rows)
    budget_lines = (_build_budget_line(*_split_amount(line)) for line in lines if line.sort in ("item", "text"))
    return [line for line in budget_lines if line]


def _split_amount(line: Line) -> tuple[str, str]:
    """Return what a line of a budget is for, and the text with its amount."""
    label, rest = line.label
    if label and _NUMBER.search(rest):
        return label, rest
    dash = next((dash for dash in (" – ", " — ", " - ") if dash in line.text), "")
    if dash:
        label, _, rest = line.text.rpartition(dash)
        return label, rest
    return (line.text if _find_price(line.text) else ""), line.text


def _parse_budget_rows(rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Return the lines of a table whose amounts are in the first column of costs, else in the last one of numbers."""
    headings, body = rows[0], rows[1:]
    cost_columns = [column for column, cell in enumerate(headings) if column and _COST_LABELS.find(cell)]
    number_columns = [
        column
        for column in range(1, len(headings))
        if sum(bool(_NUMBER.search(row[column])) for row in body) * 2 > len(body)
    ]
    amount_column = next(iter(cost_columns), number_columns[-1] if number_columns else 0)
    budget_lines = (_build_budget_line(row[0], row[amount_column]) for row in body)
    return [line for line in budget_lines if line]


def _build_budget_line(label: str, amount: str) -> dict[str, Any] | None:
    """Build a line from its label and the text with its amount; None without both, or for a total."""
    value = _find_price(amount)
    if value is None:
        numbers = (
            match[0] for match in _NUMBER.finditer(amount) if amount[match.end() : match.end() + 2].strip()[:1] != "%"
        )
        value = next(map(_parse_value, numbers), None)
    if value is None or not label.strip() or _TOTAL_LABELS.find(label):
        return None
    return {"label": strip_decoration(label), "amount": value}


def _find_price(text: str) -> float | int | None:
    """Return the first number next to the sign or name of a currency; None without one."""
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 2) : match.start()]
        if any(sign in before for sign in "$€£¥₹") or _CURRENCY.match(text, match.end()):
            return _parse_value(match[0])
    return None


def _parse_value(text: str) -> float | int:
    """Parse a number with an optional decimal part of one or two digits; other separators group thousands."""
    whole, decimals = (text[:-3], text[-2:]) if len(text) > 3 and text[-3] in ".," else (text, "")
    if not decimals and len(text) > 2 and text[-2] in ".,":
        whole, decimals = text[:-2], text[-1]
    units = int("".join(filter(str.isdigit, whole)) or 0)
    return float(f"{units}.{decimals}") if decimals.strip("0") else units
