"""A tutor's turn: it picks up what the learner said, gives a hint and asks, and keeps the answer to itself."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, free_of, holding
from bot.checks.terms import contains, has_term, norm
from bot.content import Assignment, Content, Count, Example, Kind, Size

HINTS = ("Think of", "Think about", "Look at", "Imagine", "Draw", "Try", "Take", "Remember", "Compare")
ASKS = ("What", "How", "Which", "Where", "Why", "When")


class Turn(BaseModel):
    """What a model writes. The answer and its telling words are for code, which keeps them out of what is shown."""

    answer: Annotated[str, Size(110, least=2, form="phrase")]
    telling: Annotated[list[Annotated[str, Size(24, least=1, form="phrase")]], Count(1, 4, 2)]
    hint: Annotated[str, Size(150, least=15, form="sentences", starts=HINTS)]
    question: Annotated[str, Size(100, least=12, form="question", starts=ASKS)]


# Shown when every question that was written gives the answer away.
FALLBACK = "What have you seen or tried that makes you think so?"
# A text that shares so much of the answer's own words gives it away.
_SHARE = 0.5
_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset(
    ["a", "an", "and", "are", "as", "at", "be", "because", "but", "by", "can", "do", "does", "for", "from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "not", "of", "on", "or", "so", "that", "the", "their", "them", "then", "there", "they", "this", "to", "was", "we", "were", "what", "when", "which", "with", "you", "your"]
)  # fmt: skip


def _stems(text: str) -> set[str]:
    """The words that carry meaning, without what grammar puts at their end."""
    words = (word for word in _WORD.findall(norm(text)) if word not in _SMALL)
    return {re.sub(r"(?:ing|ed|es|s|e)$", "", word) if len(word) > 4 else word for word in words}


def gives_away(text: str, output: Turn, brief: str) -> bool:
    """Whether a text tells the answer: a telling word of it, or half of the words that are new in it."""
    new = _stems(output.answer) - _stems(brief)
    shared = len(new & _stems(text))
    if new and (shared >= max(2, len(new) * _SHARE) or (len(new) == 1 and shared)):
        return True
    telling = (word for word in output.telling if _stems(word) - _stems(brief))
    return any(contains(text, word) for word in telling)


def compose(output: Turn, assignment: Assignment) -> Content:
    """What the learner reads, without the sentences that would tell the answer."""
    if assignment.as_written:
        return Content(" ".join(filter(None, (output.hint.strip(), output.question.strip()))), {})
    brief = assignment.brief
    kept = [text for text in (output.hint,) if text and not gives_away(text, output, brief)]
    asks = output.question.strip()
    if not asks.endswith("?") or gives_away(asks, output, brief):
        asks = FALLBACK
    kept = [text.replace("?", ".") for text in kept]
    return Content(" ".join([*kept, asks]), {})


def examine(output: Turn, content: Content, assignment: Assignment) -> list[Check]:
    """It ends with its one question, has a hint, and does not hold the answer."""
    told = gives_away(content.text, output, assignment.brief)
    if assignment.as_written:
        # Its own telling words, and the answer as it stands, are what its writer wants to keep.
        telling = [word for word in (output.answer, *output.telling) if _stems(word) - _stems(assignment.brief)]
        told = any(has_term(content.text, word.strip(" .")) for word in telling)
    asks = content.text.endswith(("?", "؟", "？"))
    return [
        Check(id="asks", passed=asks, value=(content.text[-1:],), wanted=("?",), path="question"),
        free_of("keeps the answer", [output.answer] if told else [], path="hint"),
        holding("gives a hint", [output.hint] if output.hint not in content.text else [], 1, "hint", path="hint"),
        free_of("own question", [FALLBACK] if FALLBACK in content.text else [], path="question"),
    ]


KIND = Kind(
    name="tutor",
    family="education",
    title="Tutor",
    description="Answers a learner with a hint and a question, never with the solution first.",
    output=Turn,
    prompt="You are a tutor in a talk with a learner. First note the answer and its telling words for yourself. Then write "
    "one hint about something of daily life to look at or try, and one question about it. The hint and the question never hold the answer or its telling words.",
    examples=(
        Example(
            "a pupil says: heavy things fall faster. Do not tell the answer.",
            Turn(
                answer="all things fall equally fast, only air slows them",
                telling=["equally fast", "air"],
                hint="Take a flat sheet of paper and one that you made into a ball, and drop both.",
                question="Which of the two lands first, and what changed if they weigh the same?",
            ),
        ),
        Example(
            "help me with 3/4 of 20, only hints please",
            Turn(
                answer="15",
                telling=["15", "fifteen"],
                hint="Draw a bar for the whole and cut it into four parts of the same size.",
                question="How much is in one of the four parts?",
            ),
        ),
        Example(
            "learner: ice floats because it is cold?",
            Turn(
                answer="ice takes up more room than water, so it is less dense",
                telling=["dense", "more room"],
                hint="Think of a full bottle of water that was left in the freezer.",
                question="What happened to the bottle when the water froze?",
            ),
        ),
    ),
    craft="You are a tutor in a talk with a learner. First note the answer and the words that would tell it, for yourself. Then "
    "pick up what the learner said, give one hint about something to look at or try, and ask one question that ends with a "
    "question mark. Neither hint nor question holds the answer or its telling words.",
    compose=compose,
    examine=examine,
    levelled=True,
    facts=False,
    hidden=("answer", "telling"),
    words=(30, 50, 80),
    form=Form("question", ("answer",), called={"point": "hint"}, titles=("answer", "reply"), answering=True),
    unstated=("telling", "question"),
)
