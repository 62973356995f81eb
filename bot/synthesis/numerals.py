"""How a column writes its numbers: with a decimal comma, in groups of thousands, beside a sign of money, a percentage or a unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_CODED = re.compile(r"0\d+")
_MONEY = r"[€$£¥₹₽₺₩]|(?:AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|Euro|GBP|INR|JPY|kr|NOK|PLN|R\$|SEK|US\$|USD|zł)"
_BESIDE = re.compile(
    rf"(?P<before>(?:{_MONEY})\s?)?(?P<number>[-+]?[\d.,](?:[\d.,'’\s]*[\d.,])?(?:[eE][-+]?\d+)?)"
    rf"(?P<after>\s?(?:{_MONEY}|[%‰]|°[CF]?)|\s[^\W\d_]{{1,5}}[²³]?)?"
)
# Marks between thousands with the decimal marks that go with them.
_GROUPED = (
    (".", ","),
    (",", "."),
    *((mark, point) for mark in (" ", "\xa0", "\u202f", "'", "’") for point in (",", ".")),
)
# Cells that are looked at for what their numbers have beside them, and for how they are written.
_BEGINNING, _LOOKED_AT = 20, 1_000
_LIKE_THOUSANDS = re.compile(r"[-+]?\d{1,3}[.,]\d{3}")
# So many cells with a mark before three figures are no decimals, where other cells have no decimals at all.
_TELLING = 3


@dataclass(frozen=True, slots=True)
class Numeral:
    """How numbers are written: `group` stands between thousands, `before` and `after` beside each number."""

    comma: bool = False
    group: str = ""
    before: str = ""
    after: str = ""

    def plain(self, cell: str) -> str | None:
        """The number as programs write it; None where a cell is none that is written so."""
        if (body := self.bare(cell)) is None:
            return None
        if not self.group:
            return body.replace(",", ".") if NUMBER.fullmatch(body) else None
        if not _grouped(self.group, "," if self.comma else ".").fullmatch(body):
            return None
        return body.replace(self.group, "").replace(",", ".")

    def written(self, plain: str) -> str:
        """A number as the column writes it."""
        if self.group:
            whole, point, rest = plain.partition(".")
            sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
            plain = (
                f"{sign}{int(digits):,}".replace(",", self.group) + ("," if self.comma else ".") * bool(point) + rest
            )
        elif self.comma:
            plain = plain.replace(".", ",")
        return f"{self.before}{plain}{self.after}"

    def said(self, text: str) -> str:
        """What somebody says of such a number, as programs write it; what stands beside it or between thousands may be left out."""
        text = found["number"] if (found := _BESIDE.fullmatch(text.strip())) else text
        plain = Numeral(self.comma, self.group).plain(text)
        return text.replace(",", ".") if plain is None else plain

    def bare(self, cell: str) -> str | None:
        """The number without what stands beside it; None where something else does."""
        if not self.before and not self.after:
            return cell
        found = _BESIDE.fullmatch(cell)
        beside = found and (found["before"] or "", found["after"] or "")
        return found["number"] if found and beside == (self.before, self.after) else None


def numeral_of(counts: Mapping[str, int]) -> Numeral:
    """How most cells of a column, each with how often it comes, write their numbers."""
    best, most = Numeral(), _fitting(Numeral(), counts)
    if most < sum(counts.values()) or any(map(_LIKE_THOUSANDS.fullmatch, counts)):
        some = dict(islice(counts.items(), _LOOKED_AT))
        most = _fitting(best, some)
        for numeral in _candidates(some):
            if (fitting := _fitting(numeral, some)) > most or (fitting == most and numeral.group and not best.group):
                best, most = numeral, fitting
    return (
        best if best.group else replace(best, comma=any("," in cell for cell in counts if best.plain(cell) is not None))
    )


def is_coded(cell: str) -> bool:
    """Whether it is a code that begins with a zero."""
    return bool(_CODED.fullmatch(cell))


def is_number(cell: str) -> bool:
    """Whether a cell is a number, however it is written."""
    return bool(_BESIDE.fullmatch(cell) or NUMBER.fullmatch(cell))


def _candidates(counts: Mapping[str, int]) -> Iterator[Numeral]:
    """What the first numbers have beside them, without and with each mark that is sure to part thousands."""
    found = filter(None, map(_BESIDE.fullmatch, islice(counts, _BEGINNING)))
    for before, after in dict.fromkeys([("", ""), *((one["before"] or "", one["after"] or "") for one in found)]):
        yield Numeral(False, "", before, after)
        for group, point in _GROUPED:
            numeral = Numeral(point == ",", group, before, after)
            bodies = [str(numeral.bare(cell)) for cell in counts if numeral.plain(cell) is not None]
            if _is_sure(bodies, group, point):
                yield numeral


def _is_sure(bodies: list[str], group: str, point: str) -> bool:
    """Whether a mark parts thousands for certain, and is neither a decimal mark nor a code's."""
    grouped = [body for body in bodies if group in body]
    if not grouped:
        return False
    if any(point in body for body in bodies):
        return True
    figures = {sum(sign.isdigit() for sign in body) for body in bodies}
    if group not in ".," or any(body.count(group) > 1 for body in grouped):
        return len(figures) > 1
    others = [body for body in bodies if group not in body and point not in body]
    return len(grouped) >= _TELLING and bool(others) and all(len(body.lstrip("+-")) <= 3 for body in others)


def _fitting(numeral: Numeral, counts: Mapping[str, int]) -> int:
    return sum(count for cell, count in counts.items() if numeral.plain(cell) is not None)


@cache
def _grouped(group: str, point: str) -> re.Pattern[str]:
    mark = re.escape(group)
    return re.compile(rf"[-+]?(?:(?!0\d)\d{{1,3}}(?:{mark}\d{{3}})+|(?!0\d)\d+)(?:{re.escape(point)}\d*)?")
