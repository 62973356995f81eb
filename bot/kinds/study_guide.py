"""A study guide: key ideas, key terms, common mistakes, and questions to check oneself."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, bounded, differing
from bot.checks.terms import norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import bullets, paragraphs


class Term(BaseModel):
    """A word to know."""

    term: Annotated[str, Size(36, least=2, form="phrase")]
    explanation: Annotated[str, Size(100, least=8, form="phrase")]


class StudyGuide(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    key_terms: Annotated[
        list[Term],
        Count(3, 16, 8, ("key term", "term", "key word", "vocab word", "vocabulary word", "definition", "vocabulary")),
    ]
    key_ideas: Annotated[
        list[Annotated[str, Size(130, least=15, form="sentences")]],
        Count(2, 8, 4, ("key idea", "idea", "main point", "key point", "point")),
    ]
    common_mistakes: Annotated[
        list[Annotated[str, Size(120, least=15, form="sentences")]],
        Count(2, 6, 3, ("mistake", "misconception", "trap")),
    ]
    self_check: Annotated[
        list[
            Annotated[
                str, Size(110, least=12, form="question", starts=("What", "Why", "How", "Which", "Where", "When"))
            ]
        ],
        Count(2, 10, 3, ("question", "self-check", "check")),
    ]


def compose(output: StudyGuide, assignment: Assignment) -> Content:
    """The guide, section by section."""
    sections = {
        "key_ideas": bullets(output.key_ideas),
        "key_terms": "\n".join(f"- **{one.term}**: {one.explanation}" for one in output.key_terms),
        "common_mistakes": bullets(output.common_mistakes),
        "self_check": "\n".join(f"{n}. {question}" for n, question in enumerate(output.self_check, 1)),
    }
    shown = (f"**{label(name.replace('_', ' ').capitalize(), assignment)}**\n{text}" for name, text in sections.items())
    terms = [one.model_dump() for one in output.key_terms]
    parts = {"title": output.title, "sections": sections, "key_terms": terms}
    return Content(paragraphs(f"## {output.title}", *shown), parts)


def examine(output: StudyGuide, _content: Content, _assignment: Assignment) -> list[Check]:
    """Terms differ and are explained by other words than themselves."""
    names = len({norm(one.term) for one in output.key_terms})
    bare = [
        n for n, one in enumerate(output.key_terms) if not one.explanation or norm(one.explanation) == norm(one.term)
    ]
    where = f"key_terms.{bare[0]}.explanation" if bare else ""
    count = len(output.key_terms)
    return [
        differing("terms", names, count, path="key_terms"),
        bounded("explained terms", count - len(bare), count, count, "terms", path=where),
    ]


KIND = Kind(
    name="study_guide",
    family="education",
    title="Study guide",
    description="Key ideas, key terms, common mistakes and questions to check yourself.",
    output=StudyGuide,
    prompt="Write a study guide for a test. Key ideas are short true sentences. Every key term is another word of the "
    "topic, explained in a few easy words. A common mistake says what is wrong and what is right. End with questions.",
    examples=(
        Example(
            "study guide on the seasons, 4 key terms",
            StudyGuide(
                title="The four seasons",
                key_ideas=[
                    "The Earth is tilted as it goes round the Sun.",
                    "The half that leans to the Sun has summer.",
                    "Days are long in summer and short in winter.",
                ],
                key_terms=[
                    Term(term="tilt", explanation="the way the Earth leans to one side"),
                    Term(term="orbit", explanation="the path round the Sun"),
                    Term(term="equator", explanation="a line round the middle of the Earth"),
                    Term(term="solstice", explanation="the longest or shortest day of the year"),
                ],
                common_mistakes=[
                    "Summer does not come from being nearer to the Sun.",
                    "It is not winter everywhere at the same time.",
                ],
                self_check=["Why are summer days long?", "What would happen without the tilt?"],
            ),
        ),
        Example(
            "revision sheet: how banks work, 3 terms, 2 questions",
            StudyGuide(
                title="How a bank works",
                key_ideas=[
                    "A bank keeps money for some people.",
                    "It lends that money to others.",
                    "Who borrows pays back more than they got.",
                ],
                key_terms=[
                    Term(term="loan", explanation="money that you get now and pay back later"),
                    Term(term="interest", explanation="the price of a loan"),
                    Term(term="deposit", explanation="money that you leave at the bank"),
                ],
                common_mistakes=[
                    "The bank does not put your own coins in a box.",
                    "A card is not money, it only moves it.",
                ],
                self_check=["Where does the money of a loan come from?", "Why does a bank want your deposit?"],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    levelled=True,
    facts=False,
    words=(120, 200, 320),
    form=Form("section", lasts=True, titles=("guide", "summary")),
    unstated=("common_mistakes", "self_check"),
    likeliest=("pdf", "docx", "pptx"),
)
