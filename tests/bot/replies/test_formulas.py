"""Formulas that a model writes in LaTeX, which neither Discord nor Word shows: people read them as text."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

import pytest
from discord_texts import read_message
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import symbols
from sympy.parsing.sympy_parser import implicit_multiplication_application, parse_expr, standard_transformations

from bot.content import Content
from bot.exports import export_content
from bot.exports.pdf import read
from bot.kinds import find_kind
from bot.markup import render_formulas
from bot.replies.downloads import build_copy_messages

SHEET = r"""# Fractions

1. \(\frac{3}{4} + \frac{1}{2}\)
2. \[ x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a} \]

## Answer key

1. \(\frac{5}{4}\)
2. $x_1 = 2$"""
TASKS = ("3/4 + 1/2", "x = (−b ± √(b² − 4ac))/(2a)", "5/4", "x₁ = 2")


async def test_a_worksheet_is_shown_copied_and_printed_without_latex(world, script) -> None:
    script.says(SHEET)
    result = await world.ada.slash(world.channel, "lesson", kind="worksheet", brief="fractions, two tasks with answers")
    shown = read_message(result.response)
    assert all(task in shown for task in TASKS)
    assert "frac" not in shown
    content = Content(SHEET, {})
    assert all(task in "".join(build_copy_messages(find_kind("worksheet"), content)) for task in TASKS)
    printed = "".join(read(export_content("pdf", "Fractions", content)))
    assert "3/4 + 1/2" in printed
    assert "frac" not in printed
    assert SHEET in export_content("md", "Fractions", content).decode("utf-8-sig"), "Markdown keeps LaTeX"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\(E = \frac{1}{2}mv^2\)", "E = (1/2)mv²"),
        (r"\(2\frac{3}{4} - \frac{\frac{1}{2}}{3}\)", "2 3/4 − (1/2)/3"),
        (r"$$\frac{x+1}{x-1}$$", "(x + 1)/(x − 1)"),
        (r"\(f'(x) = 2x\sin x + x^2\cos^2 x\)", "f′(x) = 2x sin x + x² cos² x"),
        (r"\(a_{n+1} = -2a_n, e^{-x}\)", "aₙ₊₁ = −2aₙ, e^(−x)"),
        (r"\(\sum_{i=1}^{n} i, \sqrt[3]{8}, \sqrt{2}, 2^{\frac{1}{2}}\)", "∑ᵢ₌₁ⁿ i, ∛8, √2, 2^(1/2)"),
        (r"\(\text{Speed} = \frac{\text{Distance}}{\text{Time}}\)", "Speed = Distance/Time"),
        (r"\(\left(\frac{a}{b}\right)^2 \le 15{,}5\cdot 10^{-3}\,\mathrm{m}\)", "(a/b)² ≤ 15,5 · 10⁻³ m"),
        (r"\(\frac{1}{2}\frac{3}{4}\,x, \sqrt{2}x, \sqrt{x}^2\)", "(1/2)(3/4) x, (√2)x, (√x)²"),
        (r"\(\sin\frac{x}{2} + \ln^2 x + {ab}^2\)", "sin(x/2) + ln² x + (ab)²"),
        (r"\(v_{max} = 90^\circ, x^{y+1}\)", "vₘₐₓ = 90°, x^(y + 1)"),
        (r"\[\begin{aligned} x &= 1 \\ y &= 2 \end{aligned}\]", "x = 1\ny = 2"),
    ],
)
def test_a_formula_keeps_its_meaning_as_text(source: str, text: str) -> None:
    assert render_formulas(source) == text


@pytest.mark.parametrize(
    "text",
    [
        "costs $5, or $6 a pair; US$5_a$",
        r"\[Insert name\] and \(see below\)",
        r"`\(x^2\)` and ```latex" + "\n" + r"\[x^2\]" + "\n```",
        r"\(\begin{pmatrix}1&2\\3&4\end{pmatrix}\)",
        r"\(\binom{n}{k}\), \(0.\overline{3}\), \(\cancel{x}\)",
        r"\(\frac{\) and \(\ce{H2O}\) and \( \)",
        "no formula at all",
    ],
)
def test_what_is_no_formula_or_has_no_plain_form_is_unchanged(text: str) -> None:
    assert render_formulas(text) == text


def test_unclosed_formulas_are_read_in_linear_time() -> None:
    text = "\\( x^2" * 2_000 + "\\[" * 2_000 + "$a " * 2_000 + "`" * 2_001
    assert render_formulas(text) == text


class Formula(NamedTuple):
    """A formula in LaTeX with its value; `is_closed` means that it needs no brackets as a factor."""

    latex: str
    value: float
    is_closed: bool = True

    @property
    def factor(self) -> str:
        return self.latex if self.is_closed else rf"\left({self.latex}\right)"


VALUES = {"x": 1.7, "y": 2.3, "z": 0.6}
LEAVES = st.integers(2, 12).map(lambda number: Formula(str(number), number)) | st.sampled_from("xyz").map(
    lambda letter: Formula(letter, VALUES[letter])
)


def multiply(left: Formula, right: Formula) -> Formula:
    """Multiply, with a dot before a number and between a number and a fraction, which would be a mixed number."""
    is_apart = right.latex[0].isdecimal() or (left.latex.isdecimal() and right.latex.startswith(r"\frac"))
    sign = r" \cdot " if is_apart else ""
    return Formula(f"{left.factor}{sign}{right.factor}", left.value * right.value, False)


def extend(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.filter(lambda pair: abs(pair[1].value) > 1e-3).map(
            lambda pair: Formula(rf"\frac{{{pair[0].latex}}}{{{pair[1].latex}}}", pair[0].value / pair[1].value)
        ),
        pairs.map(lambda pair: Formula(f"{pair[0].latex} - {pair[1].factor}", pair[0].value - pair[1].value, False)),
        pairs.map(lambda pair: multiply(*pair)),
        inner.map(lambda base: Formula(f"{{{base.latex}}}^{{2}}", base.value**2, False)),
        inner.filter(lambda radicand: radicand.value >= 0).map(
            lambda radicand: Formula(rf"\sqrt{{{radicand.latex}}}", math.sqrt(radicand.value))
        ),
    )


@settings(max_examples=60)
@given(st.recursive(LEAVES, extend, max_leaves=7))
def test_a_formula_as_text_has_the_same_value(formula: Formula) -> None:
    text = render_formulas(rf"\({formula.latex}\)")
    code = text.replace("²", "**2").replace("−", "-").replace("·", "*").replace("√(", "sqrt(")
    code = re.sub(r"√(\d+|[xyz])", r"sqrt(\1)", code)
    transformations = (*standard_transformations, implicit_multiplication_application)
    parsed = parse_expr(code, local_dict={name: symbols(name) for name in VALUES}, transformations=transformations)
    assert float(parsed.subs(VALUES)) == pytest.approx(formula.value, rel=1e-6), (formula.latex, text)
