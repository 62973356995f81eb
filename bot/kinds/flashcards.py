"""Flashcards: a term or a gap in front, the answer behind."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, bounded, differing
from bot.checks.terms import has_term, norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._shared import paragraphs


class Card(BaseModel):
    """A term and what it means; for a cloze card a sentence with the term, of which code makes a gap."""

    term: Annotated[str, Size(40, least=2, nouns=("front", "question", "term"))]
    meaning: Annotated[str, Size(120, least=6, nouns=("back", "definition", "meaning", "answer"), form="phrase")]
    sentence: Annotated[
        list[Annotated[str, Size(110, least=12, form="sentences")]],
        Count(0, 1, 0, ("cloze", "gap", "gap-fill", "blank", "fill-in"), named=1),
    ]


class Deck(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    cards: Annotated[
        list[Card],
        Count(
            1,
            40,
            8,
            ("card", "flashcard", "term", "key word", "vocab word", "vocabulary word", "pair"),
            before=("deck of", "set of", "pack of", "stack of"),
            apart=True,
            headed=True,
        ),
    ]


GAP = "_____"


def gapped(card: Card) -> str:
    """The card's sentence with a gap where its term stood; the meaning with one where the sentence lacks the term."""
    stem = re.escape(card.term.strip().removesuffix("s"))
    said = " ".join(card.sentence)
    gap, found = re.subn(rf"(?<!\w){stem}\w{{0,2}}(?!\w)", GAP, said, flags=re.IGNORECASE) if stem else ("", 0)
    return gap if found else f"{GAP}: {card.meaning}"


def compose(output: Deck, assignment: Assignment) -> Content:
    """The cards, fronts in bold and backs behind spoilers."""
    cloze = assignment.wishes.counts.get("cloze", (0, 0))[1] > 0
    cards = [
        {"front": gapped(card), "back": card.term} if cloze else {"front": card.term, "back": card.meaning}
        for card in output.cards
    ]
    lines = (f"{n}. **{card['front']}** ||{card['back'].replace('|', '/')}||" for n, card in enumerate(cards, 1))
    return Content(paragraphs(f"## {output.title}", "\n".join(lines)), {"title": output.title, "cards": cards})


def examine(output: Deck, content: Content, assignment: Assignment) -> list[Check]:
    """Fronts differ, and no back gives its own front."""
    fronts = {norm(card["front"]) for card in content.parts["cards"]}
    circular = [n for n, card in enumerate(output.cards) if _repeats(card, assignment)]
    return [
        differing("fronts", len(fronts), len(output.cards), path="cards"),
        bounded(
            "backs explain", len(circular), high=0, unit="cards", path=f"cards.{circular[0]}.meaning" if circular else "",
            hint="It must not hold the term that it explains.",
        ),
    ]  # fmt: skip


def _repeats(card: Card, assignment: Assignment) -> bool:
    """Whether a card's meaning holds its own term; of a draft that stands as written only as a word, not within another."""
    if assignment.as_written:
        return has_term(card.meaning, card.term)
    return bool(norm(card.term)) and norm(card.term) in norm(card.meaning)


KIND = Kind(
    name="flashcards",
    family="education",
    title="Flashcards",
    description="Cards to learn with: term and meaning, or a sentence with a gap (cloze).",
    output=Deck,
    prompt="Write flashcards. Each has a term of the topic, its meaning in a few easy words without the term; a "
    "cloze card has a short sentence that holds the term. Every card has another term.",
    examples=(
        Example(
            "4 cards on the parts of a flower",
            Deck(
                title="Parts of a flower",
                cards=[
                    Card(term="petal", meaning="coloured leaf that draws insects", sentence=[]),
                    Card(term="stem", meaning="stalk that carries water upwards", sentence=[]),
                    Card(term="pollen", meaning="fine dust that bees carry away", sentence=[]),
                    Card(term="sepal", meaning="green cover of a closed bud", sentence=[]),
                ],
            ),
        ),
        Example(
            "3 cloze cards about money",
            Deck(
                title="Money words",
                cards=[
                    Card(
                        term="budget", meaning="plan of what to spend", sentence=["We make a budget before the trip."]
                    ),
                    Card(term="loan", meaning="money that must be paid back", sentence=["The bank gave her a loan."]),
                    Card(term="wage", meaning="pay for hours of work", sentence=["His wage comes each Friday."]),
                ],
            ),
        ),
    ),
    craft="Write flashcards. Each has a term of the topic and its meaning in a few words without the term; a cloze card has a short "
    "sentence that holds the term. Every card has another term.",
    compose=compose,
    examine=examine,
    levelled=True,
    facts=False,
    hidden=("meaning",),
    form=Form("card", entries={"sentences": "sentence", "words": "word"}),
    likeliest=("apkg", "pdf", "quizlet", "docx"),
)
