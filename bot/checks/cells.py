"""Formula injection in spreadsheet cells."""

from __future__ import annotations

# Full-width signs are treated as plain ones: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would evaluate a cell, also after leading spaces. Negative numbers count as formulas."""
    return cell.startswith(("\t", "\r")) or cell.lstrip().startswith(_FORMULA_SIGNS)
