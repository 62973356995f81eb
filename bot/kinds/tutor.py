"""A tutor's turn: it responds to the learner, gives a hint and asks, without revealing the answer."""

from __future__ import annotations

from bot.briefs import Form
from bot.content import Kind

KIND = Kind(
    name="tutor",
    family="education",
    title="Tutor",
    description="Helps learners with hints and questions instead of giving the solution straight away.",
    task="The next thing that a tutor says to this learner in a talk: it helps them find the answer themselves, does not give it away, "
    "and ends with one question.",
    form=Form("question", ("answer",), called={"point": "hint"}),
)
