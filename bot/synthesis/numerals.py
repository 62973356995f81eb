"""How a column formats its numbers: with a decimal comma, thousands separators, or a currency sign, percentage or
unit.
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
# Thousands separators with the decimal separators that go with them.
_GROUP_SEPARATORS = (
    (".", ","),
    (",", "."),
    *((mark, point) for mark in (" ", "\xa0", "\u202f", "'", "’") for point in (",", ".")),
)
# Sample sizes for detecting affixes and formats.
_MAX_AFFIX_CELLS, _MAX_SAMPLED_CELLS = 20, 1_000
_MAYBE_GROUPED = re.compile(r"[-+]?\d{1,3}[.,]\d{3}")
# Minimum cells with a separator before three digits to rule out decimals, if other cells have no decimals.
_MIN_GROUPED_CELLS = 3


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number format: `group` separates thousands, `before` and `after` surround each number."""

    comma: bool = False
    group: str = ""
    before: str = ""
    after: str = ""

    def parse(self, cell: str) -> str | None:
        """Return the number in plain notation; None if the cell has another format."""
        if (body := self.strip_affixes(cell)) is None:
            return None
        if not self.group:
            return body.replace(",", ".") if NUMBER.fullmatch(body) else None
        if not _build_group_pattern(self.group, "," if self.comma else ".").fullmatch(body):
            return None
        return body.replace(self.group, "").replace(",", ".")

    def format(self, plain: str) -> str:
        """Format a plain number as the column does."""
        if self.group:
            whole, point, rest = plain.partition(".")
            sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
            plain = (
                f"{sign}{int(digits):,}".replace(",", self.group) + ("," if self.comma else ".") * bool(point) + rest
            )
        elif self.comma:
            plain = plain.replace(".", ",")
        return f"{self.before}{plain}{self.after}"

    def parse_input(self, text: str) -> str:
        """Parse such a number typed by a user; affixes and thousands separators are optional."""
        text = found["number"] if (found := _NUMBER_WITH_AFFIXES.fullmatch(text.strip())) else text
        plain = Numeral(self.comma, self.group).parse(text)
        return text.replace(",", ".") if plain is None else plain

    def strip_affixes(self, cell: str) -> str | None:
        """Return the number without its affixes; None if it has others."""
        if not self.before and not self.after:
            return cell
        found = _NUMBER_WITH_AFFIXES.fullmatch(cell)
        beside = found and (found["before"] or "", found["after"] or "")
        return found["number"] if found and beside == (self.before, self.after) else None


def detect_numeral(counts: Mapping[str, int]) -> Numeral:
    """Detect the number format of most cells of a column, given with their counts."""
    best, most = Numeral(), _count_matches(Numeral(), counts)
    if most < sum(counts.values()) or any(map(_MAYBE_GROUPED.fullmatch, counts)):
        some = dict(islice(counts.items(), _MAX_SAMPLED_CELLS))
        most = _count_matches(best, some)
        for numeral in _list_candidates(some):
            if (matches := _count_matches(numeral, some)) > most or (
                matches == most and numeral.group and not best.group
            ):
                best, most = numeral, matches
    return (
        best if best.group else replace(best, comma=any("," in cell for cell in counts if best.parse(cell) is not None))
    )


def is_coded(cell: str) -> bool:
    """Whether a cell is a code with a leading zero."""
    return bool(_ZERO_CODE.fullmatch(cell))


def is_number(cell: str) -> bool:
    """Whether a cell is a number in any format."""
    return bool(_NUMBER_WITH_AFFIXES.fullmatch(cell) or NUMBER.fullmatch(cell))


def _list_candidates(counts: Mapping[str, int]) -> Iterator[Numeral]:
    """Yield formats with the affixes of the first numbers, without and with each certain thousands separator."""
    found = filter(None, map(_NUMBER_WITH_AFFIXES.fullmatch, islice(counts, _MAX_AFFIX_CELLS)))
    for before, after in dict.fromkeys([("", ""), *((match["before"] or "", match["after"] or "") for match in found)]):
        yield Numeral(False, "", before, after)
        for group, point in _GROUP_SEPARATORS:
            numeral = Numeral(point == ",", group, before, after)
            bodies = [str(numeral.strip_affixes(cell)) for cell in counts if numeral.parse(cell) is not None]
            if _is_certain_group(bodies, group, point):
                yield numeral


def _is_certain_group(bodies: list[str], group: str, point: str) -> bool:
    """Whether a sign certainly separates thousands, and is neither a decimal separator nor part of a code."""
    grouped = [body for body in bodies if group in body]
    if not grouped:
        return False
    if any(point in body for body in bodies):
        return True
    figures = {sum(sign.isdigit() for sign in body) for body in bodies}
    if group not in ".," or any(body.count(group) > 1 for body in grouped):
        return len(figures) > 1
    others = [body for body in bodies if group not in body and point not in body]
    return len(grouped) >= _MIN_GROUPED_CELLS and bool(others) and all(len(body.lstrip("+-")) <= 3 for body in others)


def _count_matches(numeral: Numeral, counts: Mapping[str, int]) -> int:
    return sum(count for cell, count in counts.items() if numeral.parse(cell) is not None)


@cache
def _build_group_pattern(group: str, point: str) -> re.Pattern[str]:
    mark = re.escape(group)
    return re.compile(rf"[-+]?(?:(?!0\d)\d{{1,3}}(?:{mark}\d{{3}})+|(?!0\d)\d+)(?:{re.escape(point)}\d*)?")
