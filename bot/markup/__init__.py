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

__all__ = [
    "Document",
    "Line",
    "Section",
    "build_parser",
    "parse_document",
    "parse_tokens",
    "split_paragraphs",
    "strip_marks",
]
