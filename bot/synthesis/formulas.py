"""Rules about a table's columns: `tax = net * 19 %`, `end >= start`, `city, postcode`."""

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

from .columns import Array, Column, ColumnType, Values

# With fewer rows any relation may hold by chance.
MIN_ROWS = 30
_SIGN = re.compile(r">=|<=|=>|=<|==|!=|<>|≥|≤|≠|=|<|>")
_SIGN_ALIASES = {"=>": ">=", "=<": "<=", "==": "=", "<>": "!=", "≥": ">=", "≤": "<=", "≠": "!="}
_COMPARATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "!=": operator.ne,
    "=": operator.eq,
}
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.USub: np.negative,
    ast.UAdd: np.positive,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"round": np.round, "min": np.minimum, "max": np.maximum, "abs": np.abs}
_PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?) ?%")
_DURATION = re.compile(r"(\d+(?:\.\d+)?) (day|hour|minute|week)s?\b", re.IGNORECASE)
_UNIT_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MAX_RULE_CHARACTERS = 500
_UNREADABLE_RULE = (
    "I could not read the rule “{rule}”. Write it like end >= start, tax = net * 0.19 or, for values that belong together, "
    "city, postcode. The columns are: {columns}."
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An arithmetic expression over columns: `text` refers to `parts` as c0, c1 and so on."""

    text: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        """Format the expression as users write it."""
        text = re.sub(r"\(([\d.]+) / 100\)", r"\1 %", self.text)
        for name, size in _UNIT_SECONDS.items():
            text = re.sub(rf"\(1 \* {size}\)", f"1 {name}", text)
            text = re.sub(rf"\(([\d.]+) \* {size}\)", rf"\1 {name}s", text)
        return re.sub(r"\bc(\d+)\b", lambda hit: self.parts[int(hit[1])], text)

    def evaluate(self, values: Values) -> Array:
        """Compute the expression for each row; NaN if it is undefined."""
        with np.errstate(all="ignore"):
            return np.asarray(
                _evaluate(_parse_tree(self.text).body, [values[name] for name in self.parts]), dtype=float
            )


@dataclass(frozen=True, slots=True)
class Formula:
    """A column computed from others."""

    name: str
    expression: Expression

    def __str__(self) -> str:
        """Format the formula as users write it."""
        return f"{self.name} = {self.expression}"


@dataclass(frozen=True, slots=True)
class ColumnComparison:
    """A comparison that holds in every row where both sides are known."""

    left: Expression
    sign: str
    right: Expression

    def __str__(self) -> str:
        """Format the comparison as users write it."""
        return f"{self.left} {self.sign} {self.right}"

    def find_violations(self, values: Values) -> Array:
        """Return a boolean for each row: whether it violates the comparison."""
        left, right = self.left.evaluate(values), self.right.evaluate(values)
        return np.asarray(~_COMPARATORS[self.sign](left, right) & ~np.isnan(left + right))


@dataclass(frozen=True, slots=True)
class FixedCombination:
    """Columns whose values only occur in combinations that are in the real table."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        """Format the columns as users write them."""
        return ", ".join(self.names)


Rule = Formula | ColumnComparison | FixedCombination


def parse_rule(text: str, columns: Sequence[Column]) -> Rule:
    """Parse a rule.

    Raises:
        RefusedError: the rule cannot be parsed, or refers to other columns.
    """
    text = " ".join(text[:_MAX_RULE_CHARACTERS].split())
    names = [_find_column(part, columns) for part in text.split(",")]
    if len(names) > 1 and all(names):
        found = [column for column in names if column is not None]
        return FixedCombination(tuple(column.name for column in found))
    sides, signs = _SIGN.split(text), _SIGN.findall(text)
    if len(signs) != 1:
        raise _build_rule_error(text, columns)
    sign = _SIGN_ALIASES.get(signs[0], signs[0])
    left, right = (_parse_expression(side, text, columns) for side in sides)
    target = _find_column(sides[0], columns)
    if sign == "=" and target is not None and target.name not in right.parts:
        return Formula(target.name, right)
    return ColumnComparison(left, sign, right)


def _find_column(text: str, columns: Sequence[Column]) -> Column | None:
    plain = text.strip().strip("\"'`").casefold()
    return next((column for column in columns if column.name.casefold() == plain), None)


def _parse_expression(text: str, rule: str, columns: Sequence[Column]) -> Expression:
    parts = list[str]()

    def replace_name(hit: re.Match[str]) -> str:
        name = next(column.name for column in columns if column.name.casefold() == hit[1].casefold())
        if name not in parts:
            parts.append(name)
        return f" c{parts.index(name)} "

    names = sorted((column.name for column in columns), key=len, reverse=True)
    pattern = "|".join(map(re.escape, names))
    text = re.sub(rf"[\"'`]?(?<!\w)({pattern})(?!\w)[\"'`]?", replace_name, text, flags=re.IGNORECASE)
    text = _DURATION.sub(
        lambda hit: f"({hit[1]} * {_UNIT_SECONDS[hit[2].casefold()]})", _PERCENTAGE.sub(r"(\1 / 100)", text)
    )
    text = re.sub(r" *([-+*/]) *", r" \1 ", " ".join(text.split()))
    found = Expression(re.sub(r"(?<=\() | (?=\))", "", text).strip(), tuple(parts))
    by_name = {column.name: column for column in columns}
    if words := [name for name in parts if not by_name[name].is_numeric]:
        raise RefusedError(
            '"{name}" has no numbers or dates, so the rule “{rule}” cannot use it.', name=words[0], rule=rule
        )
    try:
        _evaluate(_parse_tree(found.text).body, [np.ones(1) for _ in parts])
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise _build_rule_error(rule, columns) from error
    return found


def _build_rule_error(rule: str, columns: Sequence[Column]) -> RefusedError:
    return RefusedError(
        _UNREADABLE_RULE,
        rule=rule,
        columns=[column.name for column in columns if column.type is not ColumnType.EMPTY][:30],
    )


@cache
def _parse_tree(text: str) -> ast.Expression:
    return ast.parse(text, mode="eval")


def _evaluate(node: ast.AST, parts: Sequence[Array]) -> Any:
    """Evaluate a node of an expression; only numbers, columns, operators and a few functions are allowed."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) if re.fullmatch(r"c\d+", name) and int(name[1:]) < len(parts):
            return parts[int(name[1:])]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            below = np.asarray(_evaluate(right, parts), dtype=float)
            return _evaluate(left, parts) / np.where(below == 0, np.nan, below)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(left, parts), _evaluate(right, parts))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(operand, parts))
        case ast.Call(func=ast.Name(id="round"), args=[one, ast.Constant(value=int() as places)]):
            return np.round(_evaluate(one, parts), places)
        case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS and len(args) == (
            2 if name in ("min", "max") else 1
        ):
            return _FUNCTIONS[name](*(_evaluate(argument, parts) for argument in args))
    raise ValueError(f"no part of an expression: {ast.dump(node)}")
