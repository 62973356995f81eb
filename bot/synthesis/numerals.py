"""Detects, parses and formats number formats: decimal comma, thousands separators, and currencies, percent signs or
units around a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_ZERO_CODE = re.compile(r"0\d+")
_CURRENCY = r"[€$£¥₹₽₺₩]|(?:AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|Euro|GBP|INR|JPY|kr|NOK|PLN|R\$|SEK|US\$|USD|zł)"
_NUMBER_WITH_AFFIXES = re.compile(
    rf"(?P<before>(?:{_CURRENCY})\s?)?(?P<number>[-+]?[\d.,](?:[\d.,'’\s]*[\d.,])?(?:[eE][-+]?\d+)?)"
    rf"(?P<after>\s?(?:{_CURRENCY}|[%‰]|°[CF]?)|\s[^\W\d_]{{1,5}}[²³]?)?"
)
# Pairs of a thousands and a decimal separator.
_GROUP_SEPARATORS = (
    (".", ","),
    (",", "."),
    *((group, point) for group in (" ", "\xa0", "\u202f", "'", "’") for point in (",", ".")),
)
# Sample sizes for detecting affixes and formats.
_MAX_AFFIX_CELLS, _MAX_SAMPLED_CELLS = 20, 1_000
_MAYBE_GROUPED = re.compile(r"[-+]?\d{1,3}[.,]\d{3}")
# A point or comma before three digits separates thousands if at least this many cells have it, and the others have at most
# three digits and no decimals.
_MIN_GROUPED_CELLS = 3


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number format: whether the decimal separator is a `comma`, the thousands separator (`group`), and the texts
    `before` and `after` each number.
    """

    comma: bool = False
    group: str = ""
    before: str = ""
    after: str = ""

    def parse(self, cell: str) -> str | None:
        """Return the number in plain notation; None if the cell has another format."""
        if (number := self.strip_affixes(cell)) is None:
            return None
        if not self.group:
            return number.replace(",", ".") if NUMBER.fullmatch(number) else None
        if not _build_group_pattern(self.group, "," if self.comma else ".").fullmatch(number):
            return None
        return number.replace(self.group, "").replace(",", ".")

    def format(self, plain: str) -> str:
        """Format a number given in plain notation."""
        if self.group:
            integer, point, fraction = plain.partition(".")
            sign, digits = ("-", integer[1:]) if integer.startswith("-") else ("", integer)
            plain = (
                f"{sign}{int(digits):,}".replace(",", self.group)
                + ("," if self.comma else ".") * bool(point)
                + fraction
            )
        elif self.comma:
            plain = plain.replace(".", ",")
        return f"{self.before}{plain}{self.after}"

    def parse_input(self, text: str) -> str:
        """Convert a number typed by a user to plain notation; affixes and thousands separators are optional. A text
        that is no such number is returned with points for commas.
        """
        text = match["number"] if (match := _NUMBER_WITH_AFFIXES.fullmatch(text.strip())) else text
        plain = Numeral(self.comma, self.group).parse(text)
        return text.replace(",", ".") if plain is None else plain

    def strip_affixes(self, cell: str) -> str | None:
        """Return the number without its affixes; None if it has others."""
        if not self.before and not self.after:
            return cell
        match = _NUMBER_WITH_AFFIXES.fullmatch(cell)
        affixes = match and (match["before"] or "", match["after"] or "")
        return match["number"] if match and affixes == (self.before, self.after) else None


def detect_numeral(counts: Mapping[str, int]) -> Numeral:
    """Detect the number format that most cells of a column have, given the distinct cells with their counts."""
    best, best_matches = Numeral(), _count_matches(Numeral(), counts)
    if best_matches < sum(counts.values()) or any(map(_MAYBE_GROUPED.fullmatch, counts)):
        sample = dict(islice(counts.items(), _MAX_SAMPLED_CELLS))
        best_matches = _count_matches(best, sample)
        for numeral in _list_candidates(sample):
            if (matches := _count_matches(numeral, sample)) > best_matches or (
                matches == best_matches and numeral.group and not best.group
            ):
                best, best_matches = numeral, matches
    return (
        best if best.group else replace(best, comma=any("," in cell for cell in counts if best.parse(cell) is not None))
    )


def has_leading_zero(cell: str) -> bool:
    """Whether a cell consists of digits with a leading zero, as codes do."""
    return bool(_ZERO_CODE.fullmatch(cell))


def is_number(cell: str) -> bool:
    """Whether a cell is a number in any format."""
    return bool(_NUMBER_WITH_AFFIXES.fullmatch(cell) or NUMBER.fullmatch(cell))


def _list_candidates(counts: Mapping[str, int]) -> Iterator[Numeral]:
    """Yield formats with the affixes of the first numbers: without a thousands separator, and with each certain one."""
    matches = filter(None, map(_NUMBER_WITH_AFFIXES.fullmatch, islice(counts, _MAX_AFFIX_CELLS)))
    for before, after in dict.fromkeys(
        [("", ""), *((match["before"] or "", match["after"] or "") for match in matches)]
    ):
        yield Numeral(False, "", before, after)
        for group, point in _GROUP_SEPARATORS:
            numeral = Numeral(point == ",", group, before, after)
            numbers = [str(numeral.strip_affixes(cell)) for cell in counts if numeral.parse(cell) is not None]
            if _is_certain_group(numbers, group, point):
                yield numeral


def _is_certain_group(numbers: list[str], group: str, point: str) -> bool:
    """Whether a character certainly separates thousands, and is neither a decimal separator nor part of a code."""
    grouped = [number for number in numbers if group in number]
    if not grouped:
        return False
    if any(point in number for number in numbers):
        return True
    digit_counts = {sum(character.isdigit() for character in number) for number in numbers}
    if group not in ".," or any(number.count(group) > 1 for number in grouped):
        return len(digit_counts) > 1
    ungrouped = [number for number in numbers if group not in number and point not in number]
    return (
        len(grouped) >= _MIN_GROUPED_CELLS
        and bool(ungrouped)
        and all(len(number.lstrip("+-")) <= 3 for number in ungrouped)
    )


def _count_matches(numeral: Numeral, counts: Mapping[str, int]) -> int:
    return sum(count for cell, count in counts.items() if numeral.parse(cell) is not None)


@cache
def _build_group_pattern(group: str, point: str) -> re.Pattern[str]:
    escaped_group = re.escape(group)
    return re.compile(rf"[-+]?(?:(?!0\d)\d{{1,3}}(?:{escaped_group}\d{{3}})+|(?!0\d)\d+)(?:{re.escape(point)}\d*)?")
