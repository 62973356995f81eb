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
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_NUMBER_FRACTION = re.compile(r"\d+/\d+")
_LEAVES = ("mi", "mn", "mo", "mtext")


class _UnsupportedError(Exception):
    """A formula that has no plain form, such as a matrix or a binomial coefficient."""


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
        # A comma in braces is a decimal comma.
        rendered = _render_row(convert_to_element(source.replace("{,}", r"\text{,}")))
    except Exception:  # The converter raises errors of many kinds for what is no LaTeX.
        return match[0]
    return match[0] if "\\" in rendered else rendered.strip()


def _render_row(elements: Iterable[Element]) -> str:
    """Render elements that follow each other. Side by side they are a product, so fractions and roots in it get brackets."""
    text, previous = "", None
    # Where a fraction or root begins that needs brackets if another factor follows.
    loose_start = -1
    for element in map(_unwrap, elements):
        part = _render(element)
        if part == "&":  # The alignment mark of LaTeX.
            continue
        if element.tag == "mspace":
            text += part
            continue
        is_factor = element.tag != "mo" or part in _OPENING
        if loose_start >= 0 and is_factor:
            text = f"{text[:loose_start]}({text[loose_start:].rstrip()}){' ' if text.endswith(' ') else ''}"
        has_factor_before = previous is not None and (previous.tag != "mo" or _get_sign(previous) in _CLOSING)
        start, loose_start = len(text), -1
        if part in _OPERATORS:
            text += f" {part} " if part not in _SIGNED or has_factor_before else part
        elif element.tag == "mfrac" and has_factor_before and not _is_large_operator(previous):
            if previous is not None and _get_sign(previous).isdecimal() and _NUMBER_FRACTION.fullmatch(part):
                loose_start = start - len(_get_sign(previous))  # A mixed number.
                text += f" {part}"
            else:
                text += f"({part})"
        else:
            needs_space = _is_name(element) or (previous is not None and _is_name(previous))
            if needs_space and text and text[-1] not in " ([{" and part[:1] not in tuple("([{)]}, "):
                text += " "
            loose_start = len(text) if element.tag in ("mfrac", "msqrt", "mroot") else -1
            text += f"{part} " if part == "," and element.tag == "mo" else part
        previous = element
    return re.sub(r" {2,}", " ", text)


def _unwrap(element: Element) -> Element:
    """Return the only child of a group of one, and of its groups; else the element."""
    while element.tag in ("mrow", "mstyle") and len(element) == 1:
        element = element[0]
    return element


def _get_sign(element: Element) -> str:
    return unescape(element.text or "") if element.tag in _LEAVES else ""


def _is_name(element: Element) -> bool:
    """Return whether an element is the name of a function, a word or a large operator, which stand apart: sin, ∑."""
    if element.tag in ("msub", "msup", "msubsup"):
        return _is_large_operator(element) or _is_name(element[0])
    sign = _get_sign(element)
    return element.tag in ("mi", "mtext") and len(sign) > 1 and sign.isalpha()


def _is_large_operator(element: Element | None) -> bool:
    """Return whether an element is an operator with limits."""
    return (
        element is not None
        and element.tag in ("msub", "msup", "msubsup")
        and _get_sign(element[0]) not in ("", *_CLOSING)
        and (element[0].tag == "mo")
    )


def _is_atom(element: Element) -> bool:
    """Return whether an element needs no brackets as a base, divisor or radicand."""
    element = _unwrap(element)
    is_fenced = element.tag == "mrow" and len(element) > 1 and all(element[end].get("fence") for end in (0, -1))
    return element.tag in (*_LEAVES, "msub") or is_fenced


def _enclose(element: Element) -> str:
    rendered = _render(element)
    return rendered if _is_atom(element) else f"({rendered})"


def _render(element: Element) -> str:
    children = list(element)
    match element.tag:
        case "mi" | "mn" | "mo" | "mtext":
            sign = unescape(element.text or "")
            return _SIGNS.get(sign, sign)
        case "mspace":
            return "\n" if element.get("linebreak") == "newline" else " "
        case "mrow" | "mstyle" | "mpadded" | "math":
            return _render_row(children)
        case "menclose" if element.get("notation") == "box":
            return _render_row(children)
        case "mfrac" if element.get("linethickness") is None:
            numerator = _render(children[0])
            numerator = f"({numerator})" if re.search(r"[ /]", numerator) else numerator
            return f"{numerator}/{_enclose(children[1])}"
        case "msup":
            return _enclose(children[0]) + _script(_render(children[1]), _SUPERSCRIPTS, "^")
        case "msub":
            return _render(children[0]) + _script(_render(children[1]), _SUBSCRIPTS, "_")
        case "msubsup":
            lower, upper = map(_render, children[1:])
            return _enclose(children[0]) + _script(lower, _SUBSCRIPTS, "_") + _script(upper, _SUPERSCRIPTS, "^")
        case "msqrt" if len(children) == 1:
            return f"√{_enclose(children[0])}"
        case "mroot":
            index = _render(children[1])
            return f"{_ROOTS.get(index) or f'{_script(index, _SUPERSCRIPTS, chr(94))}√'}{_enclose(children[0])}"
    raise _UnsupportedError(element.tag)


def _script(text: str, letters: dict[str, str], mark: str) -> str:
    """Return a superscript or subscript: as letters of that form if there are all, else after its mark."""
    plain = text.replace(" ", "")
    if all(letter in letters for letter in plain):
        return "".join(letters[letter] for letter in plain)
    return f"{mark}{text}" if len(text) == 1 or text.isdecimal() else f"{mark}({text})"
