"""Texts in spreadsheet cells: formula injection, and characters that no workbook can hold."""

from __future__ import annotations

import re

# Full-width signs are treated as plain ones: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would evaluate a cell, also after leading spaces. Negative numbers count as formulas."""
    return cell.startswith(("\t", "\r")) or cell.lstrip().startswith(_FORMULA_SIGNS)


def remove_unwritable(cell: str) -> str:
    """Return a cell without the control characters and the like that XML, and so a workbook, cannot hold."""
    return _NOT_IN_XML.sub("", cell)
