"""Quizzes as live games, practice and homework, courses to learn from, and the mastery of objectives."""
