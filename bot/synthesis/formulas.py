"""Parses and evaluates rules about the columns of a table: `tax = net * 19 %`, `end >= start`, `city, postcode`."""

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

# In fewer rows, any relation may hold by chance.
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
    """An arithmetic expression over columns; `text` refers to the columns in `parts` as c0, c1 and so on."""

    text: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        """Format the expression as users write it."""
        text = re.sub(r"\(([\d.]+) / 100\)", r"\1 %", self.text)
        for name, size in _UNIT_SECONDS.items():
            text = re.sub(rf"\(1 \* {size}\)", f"1 {name}", text)
            text = re.sub(rf"\(([\d.]+) \* {size}\)", rf"\1 {name}s", text)
        return re.sub(r"\bc(\d+)\b", lambda match: self.parts[int(match[1])], text)

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
        """Return a mask of the rows that violate the comparison."""
        left, right = self.left.evaluate(values), self.right.evaluate(values)
        return np.asarray(~_COMPARATORS[self.sign](left, right) & ~np.isnan(left + right))


@dataclass(frozen=True, slots=True)
class FixedCombination:
    """Columns whose values only occur in the combinations of the real table."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        """Format the columns as users write them."""
        return ", ".join(self.names)


Rule = Formula | ColumnComparison | FixedCombination


def parse_rule(text: str, columns: Sequence[Column]) -> Rule:
    """Parse a rule.

    Raises:
        RefusedError: the rule cannot be parsed, or uses a column without numbers in a calculation.
    """
    text = " ".join(text[:_MAX_RULE_CHARACTERS].split())
    listed_columns = [_find_column(part, columns) for part in text.split(",")]
    if len(listed_columns) > 1 and all(listed_columns):
        return FixedCombination(tuple(column.name for column in listed_columns if column is not None))
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
    folded_name = text.strip().strip("\"'`").casefold()
    return next((column for column in columns if column.name.casefold() == folded_name), None)


def _parse_expression(text: str, rule: str, columns: Sequence[Column]) -> Expression:
    parts = list[str]()

    def replace_name(match: re.Match[str]) -> str:
        name = next(column.name for column in columns if column.name.casefold() == match[1].casefold())
        if name not in parts:
            parts.append(name)
        return f" c{parts.index(name)} "

    names = sorted((column.name for column in columns), key=len, reverse=True)
    pattern = "|".join(map(re.escape, names))
    text = re.sub(rf"[\"'`]?(?<!\w)({pattern})(?!\w)[\"'`]?", replace_name, text, flags=re.IGNORECASE)
    text = _DURATION.sub(
        lambda match: f"({match[1]} * {_UNIT_SECONDS[match[2].casefold()]})", _PERCENTAGE.sub(r"(\1 / 100)", text)
    )
    text = re.sub(r" *([-+*/]) *", r" \1 ", " ".join(text.split()))
    expression = Expression(re.sub(r"(?<=\() | (?=\))", "", text).strip(), tuple(parts))
    by_name = {column.name: column for column in columns}
    if non_numeric := [name for name in parts if not by_name[name].is_numeric]:
        raise RefusedError(
            '"{name}" has no numbers or dates, so the rule “{rule}” cannot use it.', name=non_numeric[0], rule=rule
        )
    try:
        _evaluate(_parse_tree(expression.text).body, [np.ones(1) for _ in parts])
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise _build_rule_error(rule, columns) from error
    return expression


def _build_rule_error(rule: str, columns: Sequence[Column]) -> RefusedError:
    return RefusedError(
        _UNREADABLE_RULE,
        rule=rule,
        columns=[column.name for column in columns if column.type is not ColumnType.EMPTY][:30],
    )


@cache
def _parse_tree(text: str) -> ast.Expression:
    return ast.parse(text, mode="eval")


def _evaluate(node: ast.AST, arrays: Sequence[Array]) -> Any:
    """Evaluate a node of an expression.

    Raises:
        ValueError: the node is no number, column, arithmetic operator or function of `_FUNCTIONS`.
    """
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) if re.fullmatch(r"c\d+", name) and int(name[1:]) < len(arrays):
            return arrays[int(name[1:])]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            divisor = np.asarray(_evaluate(right, arrays), dtype=float)
            return _evaluate(left, arrays) / np.where(divisor == 0, np.nan, divisor)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(left, arrays), _evaluate(right, arrays))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(operand, arrays))
        case ast.Call(func=ast.Name(id="round"), args=[rounded, ast.Constant(value=int() as decimals)]):
            return np.round(_evaluate(rounded, arrays), decimals)
        case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS and len(args) == (
            2 if name in ("min", "max") else 1
        ):
            return _FUNCTIONS[name](*(_evaluate(argument, arrays) for argument in args))
    raise ValueError(f"no part of an expression: {ast.dump(node)}")
