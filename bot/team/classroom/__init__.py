"""Quizzes as they are played, practised and set, and what is known by them."""
