"""What somebody says of a table's columns: `tax = net * 19 %`, `end >= start`, `city, postcode`."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Column, Sort, Values

_SIGNS = re.compile(r">=|<=|=>|=<|==|!=|<>|≥|≤|≠|=|<|>")
_ALIKE = {"=>": ">=", "=<": "<=", "==": "=", "<>": "!=", "≥": ">=", "≤": "<=", "≠": "!="}
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "!=": operator.ne, "=": operator.eq,
}  # fmt: skip
_RECKONED: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.USub: np.negative, ast.UAdd: np.positive,
}  # fmt: skip
_CALLED: dict[str, Callable[..., Any]] = {"round": np.round, "min": np.minimum, "max": np.maximum, "abs": np.abs}
_PER_CENT = re.compile(r"(\d+(?:\.\d+)?) ?%")
_SPAN = re.compile(r"(\d+(?:\.\d+)?) (day|hour|minute|week)s?\b", re.IGNORECASE)
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MAX_READ = 500
_UNREAD = (
    "I could not read the rule “{rule}”. Write it like end >= start, tax = net * 0.19 or, for values that belong together, "
    "city, postcode. The columns are: {columns}."
)


@dataclass(frozen=True, slots=True)
class Expression:
    """What is reckoned from columns: `text` has c0, c1 and so on for `parts`."""

    text: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        """As people write it."""
        text = re.sub(r"\(([\d.]+) / 100\)", r"\1 %", self.text)
        for name, size in _SECONDS.items():
            text = re.sub(rf"\(1 \* {size}\)", f"1 {name}", text)
            text = re.sub(rf"\(([\d.]+) \* {size}\)", rf"\1 {name}s", text)
        return re.sub(r"\bc(\d+)\b", lambda hit: self.parts[int(hit[1])], text)

    def of(self, values: Values) -> Array:
        """For each row what comes of it; NaN where that is nothing."""
        with np.errstate(all="ignore"):
            return np.asarray(_reckoned(_tree(self.text).body, [values[name] for name in self.parts]), dtype=float)


@dataclass(frozen=True, slots=True)
class Formula:
    """A column that is reckoned from others."""

    name: str
    expression: Expression

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.name} = {self.expression}"


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison that holds in every row where both sides are known."""

    left: Expression
    sign: str
    right: Expression

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.left} {self.sign} {self.right}"

    def broken(self, values: Values) -> Array:
        """Which rows it does not hold in."""
        left, right = self.left.of(values), self.right.of(values)
        return np.asarray(~_COMPARED[self.sign](left, right) & ~np.isnan(left + right))


@dataclass(frozen=True, slots=True)
class Fixed:
    """Columns of which no values come together that have not before."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        """As people write it."""
        return ", ".join(self.names)


Rule = Formula | Bound | Fixed


def rule_of(text: str, columns: Sequence[Column]) -> Rule:
    """What a rule says.

    Raises:
        RefusedError: it cannot be read, or not of these columns.
    """
    text = " ".join(text[:_MAX_READ].split())
    names = [_named(part, columns) for part in text.split(",")]
    if len(names) > 1 and all(names):
        found = [one for one in names if one is not None]
        return Fixed(tuple(one.name for one in found))
    sides, signs = _SIGNS.split(text), _SIGNS.findall(text)
    if len(signs) != 1:
        raise _unread(text, columns)
    sign = _ALIKE.get(signs[0], signs[0])
    left, right = (_expression(side, text, columns) for side in sides)
    reckoned = _named(sides[0], columns)
    if sign == "=" and reckoned is not None and reckoned.name not in right.parts:
        return Formula(reckoned.name, right)
    return Bound(left, sign, right)


def _named(text: str, columns: Sequence[Column]) -> Column | None:
    plain = text.strip().strip("\"'`").casefold()
    return next((one for one in columns if one.name.casefold() == plain), None)


def _expression(text: str, rule: str, columns: Sequence[Column]) -> Expression:
    parts = list[str]()

    def placed(hit: re.Match[str]) -> str:
        name = next(one.name for one in columns if one.name.casefold() == hit[1].casefold())
        if name not in parts:
            parts.append(name)
        return f" c{parts.index(name)} "

    names = sorted((one.name for one in columns), key=len, reverse=True)
    pattern = "|".join(map(re.escape, names))
    text = re.sub(rf"[\"'`]?(?<!\w)({pattern})(?!\w)[\"'`]?", placed, text, flags=re.IGNORECASE)
    text = _SPAN.sub(lambda hit: f"({hit[1]} * {_SECONDS[hit[2].casefold()]})", _PER_CENT.sub(r"(\1 / 100)", text))
    text = re.sub(r" *([-+*/]) *", r" \1 ", " ".join(text.split()))
    found = Expression(re.sub(r"(?<=\() | (?=\))", "", text).strip(), tuple(parts))
    by_name = {one.name: one for one in columns}
    if words := [name for name in parts if not by_name[name].measured]:
        raise RefusedError(
            '"{name}" has no numbers or dates, so the rule “{rule}” cannot use it.', name=words[0], rule=rule
        )
    try:
        _reckoned(_tree(found.text).body, [np.ones(1) for _ in parts])
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise _unread(rule, columns) from error
    return found


def _unread(rule: str, columns: Sequence[Column]) -> RefusedError:
    return RefusedError(_UNREAD, rule=rule, columns=[one.name for one in columns if one.sort is not Sort.EMPTY][:30])


@cache
def _tree(text: str) -> ast.Expression:
    return ast.parse(text, mode="eval")


def _reckoned(node: ast.AST, parts: Sequence[Array]) -> Any:
    """What comes of a part of an expression; numbers, columns, signs and a few functions alone."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) if re.fullmatch(r"c\d+", name) and int(name[1:]) < len(parts):
            return parts[int(name[1:])]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            below = np.asarray(_reckoned(right, parts), dtype=float)
            return _reckoned(left, parts) / np.where(below == 0, np.nan, below)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _RECKONED:
            return _RECKONED[type(op)](_reckoned(left, parts), _reckoned(right, parts))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _RECKONED:
            return _RECKONED[type(op)](_reckoned(operand, parts))
        case ast.Call(func=ast.Name(id="round"), args=[one, ast.Constant(value=int() as places)]):
            return np.round(_reckoned(one, parts), places)
        case ast.Call(func=ast.Name(id=name), args=args) if name in _CALLED and len(args) == (
            2 if name in ("min", "max") else 1
        ):
            return _CALLED[name](*(_reckoned(one, parts) for one in args))
    raise ValueError(f"no part of an expression: {ast.dump(node)}")
