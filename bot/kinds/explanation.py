"""One answer that makes something clear; where the brief wants something to read with a glossary, a passage with one."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, holding
from bot.checks.terms import contains, norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs


class Explanation(BaseModel):
    """What a model writes."""

    text: Annotated[str, Size(1800, least=80, nouns=("explanation", "text", "passage"))]


def compose(output: Explanation, _assignment: Assignment) -> Content:
    """The text as it is."""
    return Content(output.text, {})


class Word(BaseModel):
    """A word of the passage, and what it means."""

    term: Annotated[str, Size(36, least=2, form="phrase")]
    explanation: Annotated[str, Size(100, least=8, form="phrase")]


class ReadingPassage(BaseModel):
    """A text at the readers' level, and the words of it that they may not know."""

    title: Annotated[str, Size(60, least=4)]
    passage: Annotated[
        list[Annotated[str, Size(420, least=60, form="sentences")]],
        Count(1, 5, 2, ("paragraph",)),
        Size(260, unit="words", nouns=("passage", "text", "reading")),
    ]
    glossary: Annotated[list[Word], Count(2, 12, 4, ("glossary word", "glossary", "word", "term", "entry", "entries"))]


def compose_passage(output: ReadingPassage, assignment: Assignment) -> Content:
    """The passage, the words of its glossary in bold where they stand first."""
    text = "\n\n".join(output.passage)
    for word in output.glossary:
        text = re.sub(
            rf"(?<![\w*])({re.escape(word.term)}\w{{0,2}})(?![\w*])", r"**\1**", text, count=1, flags=re.IGNORECASE
        )
    meanings = "\n".join(f"- **{word.term}**: {word.explanation}" for word in output.glossary)
    terms = [word.model_dump() for word in output.glossary]
    parts = {"title": output.title, "source_text": "\n\n".join(output.passage), "key_terms": terms}
    return Content(
        paragraphs(f"## {output.title}", text, f"**{label('Glossary', assignment)}**\n{meanings}" if terms else ""),
        parts,
    )


def examine_passage(output: ReadingPassage, _content: Content, assignment: Assignment) -> list[Check]:
    """Every word of the glossary stands in the passage."""
    text = "\n".join(output.passage)
    holds = stands_in if assignment.as_written else contains
    strange = [n for n, word in enumerate(output.glossary) if not holds(text, word.term)]
    where = f"glossary.{strange[0]}.term" if strange else ""
    hint = "It must be a word of the passage."
    return [
        holding(
            "glossary", [output.glossary[n].term for n in strange], len(output.glossary), "words of the passage",
            path=where, hint=hint,
        )
    ]  # fmt: skip


def stands_in(text: str, term: str) -> bool:
    """Whether a text holds a term, also in another form of it and without its article: "der Turm" stands in "zwei Türme"."""
    plain = _without_marks(text)
    words = [word for word in _without_marks(term).split() if len(word) > 3] or _without_marks(term).split()[-1:]
    return bool(words) and all(word[: max(3, len(word) - 3)] in plain for word in words)


def _without_marks(text: str) -> str:
    spelled = unicodedata.normalize("NFKD", norm(text))
    return "".join(sign for sign in spelled if not unicodedata.combining(sign))


def with_words_of_the_passage(data: dict[str, Any], _assignment: Assignment) -> dict[str, Any]:
    """The glossary without words that the passage does not hold, as long as some are left."""
    text = "\n".join(data["passage"])
    held = [word for word in data["glossary"] if word["term"] and contains(text, word["term"])]
    return data | {"glossary": held} if len(held) > 1 else data


_DESCRIPTION = "Makes one thing clear at the reader's level, with an example from daily life."
PASSAGE = Kind(
    name="explanation",
    family="education",
    title="Explanation",
    description=_DESCRIPTION,
    output=ReadingPassage,
    prompt="Write a passage for your readers to read. Short sentences and easy words. Then a glossary: words of the passage "
    "that they may not know, each explained in a few easy words.",
    examples=(
        Example(
            "reading passage on lighthouses with a glossary of 2 words",
            ReadingPassage(
                title="A light for ships",
                passage=[
                    "A lighthouse stands where the sea is dangerous. At night its lamp turns and sends a beam far out. "
                    "The crew of a ship sees the light and knows where the rocks are."
                ],
                glossary=[
                    Word(term="beam", explanation="a long line of light"),
                    Word(term="crew", explanation="the people who work on a ship"),
                ],
            ),
        ),
        Example(
            "text with glossary, 2 words, on baking for beginners",
            ReadingPassage(
                title="Why dough grows",
                passage=[
                    "Bakers put yeast into their dough. The yeast eats sugar and makes small bubbles of gas. The bubbles "
                    "cannot get out, so the dough grows."
                ],
                glossary=[
                    Word(term="yeast", explanation="tiny living things that make bread rise"),
                    Word(term="dough", explanation="flour and water, mixed and kneaded"),
                ],
            ),
        ),
    ),
    compose=compose_passage,
    examine=examine_passage,
    complete=with_words_of_the_passage,
    levelled=True,
    facts=False,
    form=Form(whole=("explanation",), lasts=True, titles=("answer", "passage", "reading text", "summary")),
)

KIND = Kind(
    name="explanation",
    family="education",
    title="Explanation",
    description=_DESCRIPTION,
    output=Explanation,
    prompt="Explain it to your readers. Short sentences and easy words. Use one example from daily life. Start with the "
    "answer.",
    examples=(
        Example(
            "why does bread go hard?",
            Explanation(
                text="Bread goes hard because it loses water. Fresh bread is soft, as it holds a lot of water inside. Day "
                "by day some of that water leaves and goes into the air. The rest moves from the soft middle to the "
                "crust.\n\nThink of a wet sponge on the sink. In the evening it is soft. In the morning it is stiff. "
                "Bread does the same, only slower. A box with a lid keeps the water in."
            ),
        ),
        Example(
            "what is an echo",
            Explanation(
                text="An echo is a sound that comes back to you. When you shout, the sound flies away from you like a "
                "ball. If it meets a big hard wall, it bounces and comes home.\n\nTry it in an empty room. Clap once "
                "and listen. In a room full of beds and coats the sound gets lost, as soft things swallow it."
            ),
        ),
    ),
    compose=compose,
    variants=(("glossar*|word list|glosario*|wörterliste*|lexique", PASSAGE),),
    words=(70, 110, 180),
    levelled=True,
    facts=False,
    form=Form(whole=("explanation",)),
    likeliest=("copy", "docx", "pdf"),
)
