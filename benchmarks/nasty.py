"""Pathological texts, each of one kind: what makes a careless parser go over the same characters again and again."""

# ruff: noqa: E501 - a table that is easier to read in long lines
from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache

SIZE = 100_000

# Runs of a single character, then short pieces that near-miss what readers look for.
_CHARACTERS = (*string.punctuation, "a", "A", "é", "0", "7", " ", "\n", "\t", "\r", "\u00a0", "\u2028", "\u0301", "\u200d", "\u200f", "\u202e", "花", "。", "！", "？", "।", "؟", "、", "…", "—", "–", "’", "“", "”", "«", "😀", "👩", "\ufe0f", "\U0001f1e9", "\x00", "\ufeff")  # fmt: skip
_PIECES = (
    ". ", "! ", '?"', "...", ".\n", "!?", '."', ".)", "?! ", ". a", "a.", "a-", "1.", "1,", "1 ", "1:", "1-", "1/", "a,", "a, ", "a;",
    "a'", "a’", "a_", "a*", "a`", "a|", "a/", "a:", "a@", "a#", "aA", "ab ", "ab\n", "ab, ", "and ", "or ", ", and ", "the the ", "ab ab-",
    "a\n", "a\n\n", "\n\n", "\n ", " \n", "\r\n", "\t\n", " \t", "  a", "\n- ", "\n* ", "\n1. ", "\n# ", "\n#", "\n> ", "\n|a|", "\n|---|", "\n|", "|a", "| a ",
    "**", "**a", "**a ", "__a", "_a", "*a ", "~~a", "||a", "`a", "```", "```\n", "```a\n", "[a", "[a]", "[a](", "[a](b", "![", "![a](", "]", "](", "((", "()", "(a", "a(", "{{", "{}", "{a", "}",
    "{{user}}", "{{char}}: ", "<a", "<a ", "<", "<>", "</a>", "<!--", "<think>", "</think>", "<START>", "<@", "<@1", "<:a:1", "&amp;", "&", "%20", "%",
    "http://", "http", "https://a", "https://a.b/ ", "www.", "www.a", "a.b", "a.b.", "a@b", "a@b.c ", "a@", "@a ", "@", "#a", "#a ", "#1 ", "##a", "# a\n",
    "😀 ", "😀a", "👩\u200d", "👍🏽", "1️⃣", "e\u0301", "a\u0301\u0301", "a\u200d", "\u200fא", "א ", "עברית ", "\u202ea", "花 ", "花。", "。花", "（花）", "花、", "「", "花花花花花。", "ß", "İ", "ﬁ", "한글 ", "हिंदी ",
    "1.5", "1.5 ", "1'000 ", "1 000 ", "1,000", "1,000.50 ", "10%", "$1 ", "$", "€1,", "12:30 ", "12:30", "16:9 ", "3x", "1x1 ", "1920x", "01/02/", "2024-01-01 ", "1 - 1 ", "5 to ", "max ", "max 5 ",
    "at most ", "up to 5 words ", "5 words ", "5 min ", "one ", "two hundred ", "May 5 ", "5 may ", "#FFF ", "#ffffff", "rgb(", "contrast ", "contrast 1", "no ", "not ", "without ", "keyword: ", "keyword ", "in english ",
    "to our ", "to Sam ", "for our ", "for parents ", "please ", "write ", "email ", "about ", "that ", "on ", "called ", "named ", "my ", "I am ", "we are ", "don't ", "can't ", "it's ", "n't", "'s ", "i'm ",
    "Mr. ", "e.g. ", "U.S. ", "A. ", "A.", "a… ", "Q: ", "A: ", "Q: a\n", "Name: ", "Name: a\n", "a: b\n", "a = ", "x^", "\\frac{", "$a$", "$$", "\\(", "\\", "\\n", "\"a\"", "\"a", "“a", "“a” ", "'a' ", "«a", '{"a": ', '["a", ', "[[", "[]", "[{", "]]",
    "INT. ", "CUT TO: ", "[Verse]\n", "[Chorus]", "(pause) ", "--", "---", "---\n", "--a ", "-- ", "- a\n", "– ", "— ", " - ", "===", "a=", "a+", "+a", "a" * 29 + " ", "a" * 60 + " ", "pneumonoultramicroscopic", "a" * 99 + ".", "word " * 30 + ". ",
    "sie ", "nicht ", "pas de ", "no de ", "que ", "der die das ", "one, two, ", "a; b; ", "a\tb\t", "a,b\n", "a,\"b", "\"\"", "''", "$ {", "%s", "%(a)s", "./", "../", "a/b/", "::", ":a", ":a:", "a::", "!a", "?a", "<br>", "<p>a", "TODO ", "[name] ", "{name} ", "XXX ", "lorem ", "home address ", "my ex ", "his ", "kill all ", "threaten ",
)  # fmt: skip


@cache
def build_nasty_texts(size: int = SIZE) -> dict[str, str]:
    """Return pathological texts of so many characters by a label of what they consist of."""
    return {
        repr(piece): (piece * (size // len(piece) + 1))[:size] for piece in dict.fromkeys((*_CHARACTERS, *_PIECES))
    } | dict(_build_long_texts(size))


def _build_long_texts(size: int) -> Iterator[tuple[str, str]]:
    half, third = size // 2, size // 3
    for opening, closing in ("()", "[]", "{}", "<>", "“”", "«»"):
        yield f"nested {opening}{closing}", opening * half + closing * half
    for start in ("a", " ", "1", ".", "-", "\n", "a ", "a.", "#", "@"):
        for end in ("!", "\n", "é", "_", '"', "\x00"):
            yield f"{start!r} ending with {end!r}", (start * size)[: size - 1] + end
    yield "spaces between", "a" * third + " " * third + "a" * third
    yield "breaks between", "a" * third + "\n" * third + "a" * third
    yield "table", ("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 9) * (size // 110)
    yield "headings", "# a\n\n## b\n\n### c\n\ntext\n\n" * (size // 28)
    yield "prose", "The shed keeps it dry, and the rain stays out of it; the wind may come in. " * (size // 76)
    yield "words", " ".join(f"{word}{number}" for number in range(size // 9) for word in ("ab",))[:size]
    yield "different lines", "\n".join(f"line {number}" for number in range(size))[:size]
    yield "different sentences", " ".join(f"No. {number} is new." for number in range(size))[:size]
    yield "different tags", " ".join(f"#tag{number}" for number in range(size))[:size]
    yield "different letters", "".join(chr(0x4E00 + number % 20_000) for number in range(size))
    yield "every sign", "".join(chr(number) for number in range(1, size) if not 0xD800 <= number <= 0xDFFF)
