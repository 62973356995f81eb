"""Parsers of the parts of finished texts: labels, lists, tables, questions, scripts."""
