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
    utterances="""
flashcards on the bones of the skull, 20 of them
make me a deck for the french verbs i keep forgetting
cloze cards, krebs cycle, for anki
front: word, back: meaning. topic is sailing knots
I need something to drill capital cities on the train, one per card
20 cards w/ kanji on one side and reading on the other
turn my notes on torts into anki
Please prepare a set of revision cards covering the key dates of the Cold War.
little cards for my toddler group, animal and its sound
q on one side a on the other, electricity basics, 15
vocab cards for unit 3, definition under ten words
swipe-to-learn cards on espresso terms for new baristas
spaced repetition stuff for the periodic table, first 20 elements
can you do gap cards for irregular past tenses
memory cards for music intervals
my deck on mushrooms needs 12 more, no repeats
term + definition pairs, microeconomics, exam in a week
quizlet set about parts of a theatre
flip cards for first aid signs, short backs
cards to memorise the periods of art history, movement / one-line hallmark
8 index cards on git commands, command in front
make fill-in-the-blank cards from the ohm's law paragraph
medical abbreviations, 25, abbreviation then what it stands for
phrases for ordering food in thai, one each, i'll cut them out
i keep mixing up mitosis and meiosis, cards that separate the two
word cards for my esl beginners, kitchen things, simple meanings
a small pile of cards about our museum's machines, name / what it did
learning cards on wine regions for the sommelier course
card deck: chess openings and their first three moves
latin roots, 30, root and sense, keep backs tiny
one fact per card, solar system, age 9
need to hammer the highway code signs into my head
basic cards not cloze, topic enzymes
ten two-sided cards on poetic devices w example on back
anki import for 15 spanish idioms
study cards for the drone licence, rules and numbers
cards for memorising my lines' cue words
cram cards, statistics formulas, name on front
pocket cards for volunteers: knot name, what it's for
give me pairs of term and gloss for the unit on magnets
tarjetas de memoria sobre los huesos de la mano
necesito fichas de vocabulario, la casa, anverso y reverso
tarjetas con huecos para el pretérito
cartes mémoire sur la révolution industrielle, 12
des flashcards pour apprendre les capitales d'afrique
fiches recto verso, vocabulaire de la cuisine en anglais
Karteikarten zu Verben mit Präposition, 15 Stück
lernkarten fürs bio-abi, zellorganellen, kurze rückseite
anki-deck mit lückensätzen, englische zeiten
cartões de estudo sobre o corpo humano, 10
faz uns flashcards de phrasal verbs pra mim
cartões com lacunas sobre a revolução francesa
रसायन के तत्वों के फ्लैशकार्ड बना दो
vocab ke flashcards chahiye, ek taraf word ek taraf matlab
इतिहास की तारीखें याद करने के लिए कार्ड
بطاقات تعليمية لعواصم الدول العربية
ابي بطاقات مراجعة لمصطلحات الأحياء، وجه وظهر
化学式の暗記カードを20枚
英単語カード、表に単語、裏に意味
kartu hafalan kosakata bahasa inggris, tema dapur
bikin flashcard istilah akuntansi, 15 kartu
kartu tanya jawab bolak-balik soal planet
""",
)
