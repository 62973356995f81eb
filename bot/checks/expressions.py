"""What the side of a statement comes to: signs with the usual precedence, units, shares and mixed fractions. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .quantities import figure_of
from .statements import Side, Statement

# By how much, as a share, a figure in another system's units may be off.
_OTHER_SYSTEM, _KITCHEN = Fraction(5, 100), Fraction(12, 100)
_LARGEST = 10**15
_MOST_POWER = 12


class NoNumberError(Exception):
    """What was read is nothing that can be reckoned."""


@dataclass(frozen=True, slots=True)
class Scales:
    """How the units of a statement are reckoned with: not at all, or each number in its dimension's first unit."""

    converted: bool
    loose: Fraction = Fraction(0)


def scales_of(one: Statement) -> Scales | None:
    """How to reckon with a statement's units; None where they differ in a way that cannot be followed."""
    units = [token.unit for side in (one.left, one.right) for token in side.tokens if token.unit]
    strange = {token.text.casefold() for side in (one.left, one.right) for token in side.tokens if token.sort == "word"}
    if strange:
        told = {token.text.casefold() for token in one.right.tokens if token.sort == "word"}
        factors = all(token.sign in ("*", "/", "of") for token in one.left.tokens if token.sort == "sign")
        worded = any(token.sign in ("of", "off") for token in one.left.tokens)
        if units or not (told <= strange) or not (told or worded) or (len(strange) > 1 and not factors):
            return None
        return Scales(converted=False)
    kinds = {unit.name for unit in units}
    # "2 por 1 son 10 €" is an offer.
    if (
        units
        and all(token.unit is None for token in one.left.tokens)
        and any(token.text.isalpha() and len(token.text) > 1 for token in one.left.tokens)
    ):
        return None
    if len(kinds) <= 1:
        return Scales(converted=False)
    if len({unit.dimension for unit in units}) > 1:
        return None
    if any(_bare(side) for side in (one.left, one.right)):
        return None
    systems = {unit.system for unit in units}
    if one.aside and (len(systems) == 1 or not one.left.is_figure):
        return None
    if units[0].dimension == "temperature" and not (one.left.is_figure and one.right.is_figure):
        return None
    if "kitchen" in systems and len(systems) > 1:
        return Scales(converted=True, loose=_KITCHEN)
    return Scales(converted=True, loose=_OTHER_SYSTEM if len(systems) > 1 else Fraction(0))


def _bare(side: Side) -> bool:
    """Whether a side adds numbers of which one has no unit."""
    tokens = [token for token in side.tokens if token.sort != "percent"]
    adds = not any(token.sign in ("*", "/", "of") for token in tokens)
    units = sum(token.sort == "unit" for token in tokens)
    return units < len(side.numbers) if adds else units != 1


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage as a part of one."""

    value: Fraction


Item = Fraction | Share | str


def values_of(side: Side, language: str, style: str, scales: Scales) -> tuple[Fraction, ...]:
    """What a side comes to; two values where a share that is added may be one of what stands before it.

    Raises:
        NoNumberError: it is nothing that can be reckoned.
    """
    items = _items(side, language, style, scales)
    value = Parser(items).whole()
    if abs(value) > _LARGEST:
        raise NoNumberError
    shares = [at for at, item in enumerate(items) if isinstance(item, Share)]
    plainly = [item for item in items if isinstance(item, Fraction)]
    if shares and plainly and len(items) == 3 and items[1] in ("+", "-", "–") and isinstance(items[2], Share):
        other = plainly[0] * (1 + items[2].value if items[1] == "+" else 1 - items[2].value)
        return other, value
    return (value,)


def _items(side: Side, language: str, style: str, scales: Scales) -> list[Item]:
    items: list[Item] = []
    tokens = side.tokens
    for at, token in enumerate(tokens):
        if token.sort == "sign":
            items.append(token.sign)
            continue
        if token.sort != "num":
            continue
        figure = figure_of(token.text, language)
        if figure is None:
            raise NoNumberError
        value = figure.values[0 if style == "first" else -1]
        behind = tokens[at + 1] if at + 1 < len(tokens) else None
        if items and isinstance(items[-1], Fraction):  # Mixed fractions and compound quantities.
            items.append("mixed")
        if behind and behind.sort == "percent":
            items.append(Share(value / 100))
            continue
        if scales.converted:
            before = tokens[at - 1].unit if at else None
            money = before if before and before.system == "money" else None
            unit = behind.unit if behind and behind.unit else money
            value = value * unit.size + unit.origin if unit else value
        items.append(value)
    return items


class Parser:
    """Reckons with the usual precedence; each step takes one item, so that it ends."""

    def __init__(self, items: list[Item]) -> None:
        self.items, self.at = items, 0

    def whole(self) -> Fraction:
        """The value of all items.

        Raises:
            NoNumberError: they are no expression.
        """
        value = self._sum()
        if self.at != len(self.items):
            raise NoNumberError
        return value

    def _next(self) -> Item | None:
        return self.items[self.at] if self.at < len(self.items) else None

    def _taken(self, *signs: str) -> str:
        one = self._next()
        if isinstance(one, str) and one in signs:
            self.at += 1
            return one
        return ""

    def _sum(self) -> Fraction:
        value = self._product()
        while sign := self._taken("+", "-", "–"):
            more = self._product()
            value = value + more if sign == "+" else value - more
        return value

    def _product(self) -> Fraction:
        shares = isinstance(self._next(), Share) or self._is_fraction()
        value = self._power()
        while sign := self._taken("*", "/", "of", "off"):
            share = isinstance(self._next(), Share)
            more = self._power()
            if sign == "of" and not (shares or share):
                raise NoNumberError
            if sign == "off":
                if not shares:
                    raise NoNumberError
                value = more * (1 - value)
            else:
                value = value / more if sign == "/" else value * more
        return value

    def _is_fraction(self) -> bool:
        """Whether a fraction such as 3/4 stands here."""
        return self.items[self.at + 1 : self.at + 2] == ["/"]

    def _power(self) -> Fraction:
        value = self._one()
        while sign := self._taken("^", "²", "³"):
            power = Fraction({"²": 2, "³": 3}.get(sign, 0)) or self._one()
            if power.denominator != 1 or abs(power) > _MOST_POWER or abs(value) > _LARGEST:
                raise NoNumberError
            value = value ** int(power)
        return value

    def _one(self) -> Fraction:
        if self._taken("-", "–"):
            return -self._power()
        if self._taken("√"):
            return _root(self._one())
        if self._taken("("):
            value = self._sum()
            if not self._taken(")"):
                raise NoNumberError
            return value
        one = self._next()
        if one is None or isinstance(one, str):
            raise NoNumberError
        self.at += 1
        value = one.value if isinstance(one, Share) else one
        if self._taken("mixed"):
            more = self._one()
            return value + (more / self._one() if self._taken("/") else more)
        if self._next() == "(":  # "3(4 + 5)"
            if self.items[self.at - 2 : self.at - 1] == ["/"]:
                raise NoNumberError  # "6 ÷ 2(1 + 2)" is read in two ways.
            return value * self._one()
        return value


def _root(value: Fraction) -> Fraction:
    """The root of a square.

    Raises:
        NoNumberError: it comes to no plain number.
    """
    root = Fraction(round(abs(float(value)) ** 0.5))
    if root * root != value:
        raise NoNumberError
    return root
