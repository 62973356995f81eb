"""The Markdown that users and models write, as typed lines."""

from bot.markup.document import (
    Document,
    Line,
    Section,
    build_parser,
    parse_document,
    parse_tokens,
    split_paragraphs,
    strip_marks,
)
from bot.markup.formulas import render_formulas
from bot.markup.shorten import shorten

__all__ = [
    "Document",
    "Line",
    "Section",
    "build_parser",
    "parse_document",
    "parse_tokens",
    "render_formulas",
    "shorten",
    "split_paragraphs",
    "strip_marks",
]
