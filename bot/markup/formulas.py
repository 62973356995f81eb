"""Render LaTeX formulas as text, which Discord, Word and paper show where they have no mathematics: (−b ± √(b² − 4ac))/(2a)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Code is no formula. A dollar sign before a digit may be a price, so what stands between two is LaTeX only if it looks like it, by
# Pandoc's rules: no space inside, no digit after.
_FORMULA = re.compile(
    r"```.*?```|`[^`\n]*`|\\\((?P<inline>.{1,500}?)\\\)|\\\[(?P<display>.{1,2000}?)\\\]|\$\$(?P<block>.{1,2000}?)\$\$"
    r"|(?<![\w$\\])\$(?P<dollar>[^\s$](?:[^$\n]{0,300}?[^\s$\\])?)\$(?![\d$])",
    re.DOTALL,
)
_COMMAND = re.compile(r"\\[A-Za-z]")
# Three letters without a command are words: Markdown, too, writes brackets as \[ and \].
_WORD = re.compile(r"[^\W\d_]{3}")
_MARKED = re.compile(r"\\[A-Za-z]|[\^_]|\A[A-Za-z]\Z")
_SUPERSCRIPTS = dict(zip("0123456789+−-=()niabcdekmpt′∘", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᵏᵐᵖᵗ′°", strict=True))
_SUBSCRIPTS = dict(zip("0123456789+−-=()aeijkmnoprtx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑᵢⱼₖₘₙₒₚᵣₜₓ", strict=True))
_ROOTS = {"3": "∛", "4": "∜"}
_SIGNS = {"*": "·", "∗": "·"}
# Operators with a space on either side; a sign before its operand has none.
_OPERATORS = frozenset("+−-±∓×÷·=≠≈≡≤≥<>∼∝→←↔⇒⇐⇔∈∉⊂⊆∪∩∧∨")
_SIGNED = frozenset("+−-±∓")
_ATOM = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d]|[^\W\d_]{3,}")
_FRACTION, _NUMBER = re.compile(r"[^/\s]+/\S+"), re.compile(r"\d+(?:/\d+)?")


class _UnsupportedError(Exception):
    """A formula that has no plain form, such as a matrix."""


def render_formulas(text: str) -> str:
    """Return a text with its LaTeX formulas as plain text; code, and formulas that have no plain form, stay as they are."""
    return _FORMULA.sub(_render_match, text) if "\\" in text or "$" in text else text


def _render_match(match: re.Match[str]) -> str:
    source = next(filter(None, match.groups()), "")
    is_formula = _MARKED.search(source) if match["dollar"] else _COMMAND.search(source) or not _WORD.search(source)
    if not source.strip() or not is_formula:
        return match[0]
    from latex2mathml.converter import convert_to_element

    try:
        rendered = _render_row(convert_to_element(source.replace("{,}", r"\text{,}")))  # A decimal comma.
    except Exception:  # The converter raises errors of many kinds for what is no LaTeX.
        return match[0]
    return match[0] if "\\" in rendered else rendered.strip()


def _render_row(elements: Iterable[Element]) -> str:
    """Render elements that follow each other."""
    text, previous, is_name_before = "", "", False
    for element in elements:
        part = _render(element)
        is_name = _is_name(element)
        is_operand_before = bool(previous) and previous not in _OPERATORS and previous not in "([{"
        if part == "&":  # The alignment mark of LaTeX.
            continue
        if part in _OPERATORS:
            is_sign = part in _SIGNED and not is_operand_before
            text += part if is_sign else f" {part} "
        elif element.tag == "mfrac" and is_operand_before and not is_name_before:
            text += f" {part}" if _NUMBER.fullmatch(previous) and _NUMBER.fullmatch(part) else f"({part})"
        elif _FRACTION.fullmatch(previous) and element.tag not in ("mspace", "mo"):
            text = f"{text[: -len(previous)]}({previous}){part}"
        elif (is_name or is_name_before) and text and text[-1] not in " ([{" and part[:1] not in tuple("([{)]}, "):
            text += f" {part}"
        else:
            text += f"{part} " if part == "," and element.tag == "mo" else part
        previous, is_name_before = part, is_name
    return re.sub(r" {2,}", " ", text)


def _is_name(element: Element) -> bool:
    """Return whether an element is the name of a function or a word, or a large operator, which stand apart: sin, ∑."""
    if element.tag in ("msub", "msup", "msubsup"):
        return element[0].tag == "mo" or _is_name(element[0])
    sign = unescape(element.text or "")
    return element.tag in ("mi", "mtext") and len(sign) > 1 and sign.isalpha()


def _render(element: Element) -> str:
    children = list(element)
    match element.tag:
        case "mi" | "mn" | "mo" | "mtext":
            sign = unescape(element.text or "")
            return _SIGNS.get(sign, sign)
        case "mspace":
            return "\n" if element.get("linebreak") == "newline" else " "
        case "mrow" | "mstyle" | "menclose" | "mpadded" | "math":
            return _render_row(children)
        case "mfrac":
            numerator, denominator = map(_render, children)
            numerator = f"({numerator})" if re.search(r"[ /]", numerator) else numerator
            return f"{numerator}/{denominator if _ATOM.fullmatch(denominator) else f'({denominator})'}"
        case "msup":
            return _enclose(_render(children[0])) + _script(_render(children[1]), _SUPERSCRIPTS, "^")
        case "msub":
            return _render(children[0]) + _script(_render(children[1]), _SUBSCRIPTS, "_")
        case "msubsup":
            base, lower, upper = map(_render, children)
            return base + _script(lower, _SUBSCRIPTS, "_") + _script(upper, _SUPERSCRIPTS, "^")
        case "msqrt":
            root = _render_row(children)
            return f"√{root}" if _ATOM.fullmatch(root) else f"√({root})"
        case "mroot":
            root, index = map(_render, children)
            sign = _ROOTS.get(index) or f"{_script(index, _SUPERSCRIPTS, '')}√"
            return f"{sign}{root}" if _ATOM.fullmatch(root) else f"{sign}({root})"
    raise _UnsupportedError(element.tag)


def _enclose(base: str) -> str:
    is_closed = base.startswith("(") and base.endswith(")")
    return base if _ATOM.fullmatch(base) or is_closed or not re.search(r"[ /]", base) else f"({base})"


def _script(text: str, letters: dict[str, str], mark: str) -> str:
    """Return a superscript or subscript: as letters of that form if there are all, else after its mark."""
    plain = text.replace(" ", "")
    if all(letter in letters for letter in plain):
        return "".join(letters[letter] for letter in plain)
    return f"{mark}{text}" if _ATOM.fullmatch(text) else f"{mark}({text})"
