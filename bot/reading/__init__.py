"""Parsers of the parts of finished texts: labels, lists, tables, questions and scripts. No I/O but their own word lists."""
