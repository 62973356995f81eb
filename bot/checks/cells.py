"""What a spreadsheet takes a cell for. Pure."""

from __future__ import annotations

# Full-width signs are read as the plain ones: https://owasp.org/www-community/attacks/CSV_Injection
_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would reckon a cell, also behind blanks; a negative number is one of these too."""
    return cell.startswith(("\t", "\r")) or cell.lstrip().startswith(_SIGNS)
