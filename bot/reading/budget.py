"""Parses the budget of a plan: its table or list, without the total. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.markup import Document, Line
from bot.reading.labels import (
    LabelledText,
    Labels,
    collect_tables,
)
from bot.reading.lines import strip_decoration

_TOTALS = Labels(
    total="Total|sum|in all|gesamt|gesamtbudget|summe|insgesamt|overall|grand total|total budget|suma|somme|soma|altogether"
)
_COSTS = Labels(
    cost="cost|costs|amount|price|spend|kosten|betrag|preis|coste|costo|importe|coût|montant|prix|custo|valor|preço|dollars|"
    "euros|euro|eur|usd|gbp|estimated cost|Budget"
)
_NUMBER = re.compile(r"\d{1,3}(?:[.,' \u00a0\u202f]\d{3}){1,3}(?:[.,]\d{2})?(?!\d)|\d{1,9}(?:[.,]\d{1,2})?(?!\d)")
_MONEY = re.compile(
    r"\W{0,2}(?:[$€£¥₹]|usd|eur|gbp|aud|cad|chf|dollars?|euros?|pounds?|pesos?|reais|francs?|rupees?|r\$)",
    re.IGNORECASE,
)


def read_budget(whole: Document, known: Sequence[LabelledText]) -> list[dict[str, Any]]:
    """Return the lines of the budget, in its table or list, without their total."""
    found: list[dict[str, Any]] = []
    for one in known:
        if one.part != "budget" or found:
            continue
        rows = [line for line in one.lines if line.sort == "row"]
        if rows:
            found = _parse_budget_rows([line.cells for line in rows])
        else:
            budget_lines = (
                _build_budget_line(*_split_amount(line)) for line in one.lines if line.sort in ("item", "text")
            )
            found = [line for line in budget_lines if line]
    if not found:
        tables = (rows for rows in collect_tables(whole.lines) if any(map(_COSTS.find, rows[0])))
        found = next(filter(None, map(_parse_budget_rows, tables)), [])
    return found


def _split_amount(line: Line) -> tuple[str, str]:
    label, rest = line.label
    if not label or not _NUMBER.search(rest):
        gap = next((gap for gap in (" – ", " — ", " - ") if gap in line.text), "")
        label, _, rest = (
            line.text.rpartition(gap) if gap else (line.text if _find_price(line.text) else "", "", line.text)
        )
    return label, rest


def _parse_budget_rows(rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    head, body = rows[0], rows[1:]
    columns = [at for at, cell in enumerate(head) if at and _COSTS.find(cell)]
    numbers = [at for at in range(1, len(head)) if sum(bool(_NUMBER.search(row[at])) for row in body) * 2 > len(body)]
    column = next(iter(columns), numbers[-1] if numbers else 0)
    budget_lines = (_build_budget_line(row[0], row[column]) for row in body)
    return [line for line in budget_lines if line]


def _build_budget_line(label: str, amount: str) -> dict[str, Any] | None:
    value = _find_price(amount)
    if value is None:
        found = [one for one in _NUMBER.finditer(amount) if amount[one.end() : one.end() + 2].strip()[:1] != "%"]
        value = _parse_value(found[0][0]) if found else None
    if value is None or not label.strip() or _TOTALS.find(label):
        return None
    return {"label": strip_decoration(label), "amount": value}


def _find_price(text: str) -> float | int | None:
    """Return the first number next to the sign or name of a currency."""
    for one in _NUMBER.finditer(text):
        before = text[max(0, one.start() - 2) : one.start()]
        if any(sign in before for sign in "$€£¥₹") or _MONEY.match(text, one.end()):
            return _parse_value(one[0])
    return None


def _parse_value(text: str) -> float | int:
    whole, cents = (text[:-3], text[-2:]) if len(text) > 3 and text[-3] in ".," else (text, "")
    if not cents and len(text) > 2 and text[-2] in ".,":
        whole, cents = text[:-2], text[-1]
    units = int("".join(filter(str.isdigit, whole)) or 0)
    return float(f"{units}.{cents}") if cents.strip("0") else units
