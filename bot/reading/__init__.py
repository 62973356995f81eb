"""Readers of parts from finished texts: labels, lists, tables, questions and scenes. Pure."""
