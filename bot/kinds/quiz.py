"""A quiz: questions of several forms, with feedback and a key."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, bounded, differing
from bot.checks.terms import contains, has_term, norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs

_EACH_EXPLAINED = ("feedback per option", "feedback for each option", "feedback for every option", "each option explained", "explain each option")  # fmt: skip


class Pair(BaseModel):
    """What belongs together in a matching question."""

    left: Annotated[str, Size(75, least=1, form="phrase")]
    right: Annotated[str, Size(75, least=1, form="phrase")]


class Item(BaseModel):
    """One question. The right option is named apart; code mixes it among the wrong ones.

    Several right ones, pairs to match, and what is wrong about each wrong option are there only where the brief asks for them.
    """

    question: Annotated[str, Size(120, least=12)]
    right: Annotated[str, Size(75, least=1)]
    wrong: Annotated[list[Annotated[str, Size(75, least=1)]], Count(1, 5, 3)]
    feedback: Annotated[str, Size(160, least=10)]
    also_right: Annotated[
        list[Annotated[str, Size(75, least=1)]],
        Count(0, 2, 0, ("multiple response", "multiple select", "multiple answer", "select all", "all that apply", "more than one right", "more than one correct", "several right", "several correct", "two right", "two correct"), named=1),
    ] = []  # fmt: skip
    why_wrong: Annotated[
        list[Annotated[str, Size(120, least=8, form="sentences")]], Count(0, 5, 0, _EACH_EXPLAINED, named=3)
    ] = []
    pairs: Annotated[
        list[Pair], Count(0, 8, 0, ("matching", "match the", "match pairs", "matching pair"), named=4)
    ] = []


class Quiz(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    items: Annotated[list[Item], Count(1, 20, 5, ("question", "item", "mcq", "q", "card", "statement"), apart=True)]


OPTIONS = Count(2, 6, 4, ("option", "choice", "answer"))
# What briefs call the forms of questions.
_FORMS = {
    "true_false": "true false|true or false|t/f|t f|right or wrong|real or fake|yes no|yes or no|richtig falsch|richtig oder falsch"
    "|wahr oder falsch|verdadero falso|verdadero (o|u) falso|vrai faux|vrai ou faux|verdadeiro falso|verdadeiro ou falso|vero falso"
    "|vero o falso",
    "multiple": "multiple (response|select|answer|answers)|select all|all that apply|(several|more than one|two|three) (right|correct)"
    "|mehrfachauswahl|respuesta múltiple",
    "short_answer": "short answer(s)|open question(s)|open ended|one word answer(s)|kurzantwort*|respuesta(s) corta(s)|réponse(s) courte(s)",
    "numeric": "numeric|numerical|number answer(s)|calculation(s)",
    "matching": "match|matching|zuordn*|emparejar|relier",
    "single": "multiple choice|mcq(s)|single choice",
    "mixed": "mixed (format|formats|type|types|question|questions)|different formats|different types of question(s)",
}
_MIXED = ("single", "true_false", "short_answer")
# How many options a form has, where a brief names no other.
_IMPLIED = {
    "true_false": ("option", 2), "short_answer": ("option", 1), "numeric": ("option", 1), "matching": ("option", 1),
}  # fmt: skip
_LETTERS = "ABCDEFGH"
_TRUE_FALSE = {
    "en": ("True", "False"), "de": ("Richtig", "Falsch"), "es": ("Verdadero", "Falso"), "fr": ("Vrai", "Faux"),
    "pt": ("Verdadeiro", "Falso"), "it": ("Vero", "Falso"), "nl": ("Waar", "Onwaar"), "hi": ("सही", "गलत"),
    "ar": ("صحيح", "خطأ"), "ja": ("正しい", "誤り"), "id": ("Benar", "Salah"), "ru": ("Верно", "Неверно"),
    "tr": ("Doğru", "Yanlış"), "pl": ("Prawda", "Fałsz"), "sv": ("Sant", "Falskt"), "zh": ("对", "错"), "ko": ("참", "거짓"),
}  # fmt: skip
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")
# An option that names others means nothing once options are mixed, and is most often the right one.
_ABOUT_OTHERS = re.compile(
    r"\b(?:all|none|both|neither|any) of (?:the above|these|them|those)\b|\ball (?:the )?above\b|\bboth a and b\b"
    r"|\balle genannten\b|\btodas las anteriores\b|\btoutes les réponses\b|\btodas as anteriores\b",
    re.IGNORECASE,
)
# A right option so many times as long as every wrong one, and so many characters longer, gives itself away.
_LONGER, _BY = 1.8, 15
# Questions that mean nothing without their options.
_NEEDS_OPTIONS = re.compile(r"\b(?:which|what) (?:one )?of (?:these|the following|them)\b|\bfollowing\b", re.IGNORECASE)


def positions(count: int, options: int, seed: int) -> list[int]:
    """Where the right option stands in each question: every place about equally often, in an order set by the seed."""
    rng = random.Random(seed)
    places: list[int] = []
    while len(places) < count:
        places += rng.sample(range(options), options)
    return places[:count]


def form_of(item: Item, wanted: str) -> str:
    """The form that a question can have: the wanted one where what was written allows it, else that of a choice."""
    if item.pairs and wanted == "matching":
        return "matching"
    if item.also_right and wanted in ("multiple", "single"):
        return "multiple"
    if wanted == "numeric" and not _NUMBER.fullmatch(item.right.strip()):
        wanted = "short_answer"
    if wanted == "short_answer" and _NEEDS_OPTIONS.search(item.question) and item.wrong:
        return "single"
    if wanted in ("true_false", "short_answer", "numeric"):
        return wanted
    return "single" if item.wrong else "short_answer"


def compose(output: Quiz, assignment: Assignment) -> Content:
    """The questions with mixed options, and the key behind a spoiler."""
    wanted = assignment.wishes.counts.get("option", (OPTIONS.default, OPTIONS.default))[1]
    most = max(1, min(wanted, OPTIONS.high) - 1)
    named = assignment.reading.chosen("question")
    forms = _MIXED if "mixed" in named else named or ("single",)
    count = len(output.items)
    places = positions(count, most + 1, assignment.request.seed)
    truths = positions(count, 2, assignment.request.seed)
    items, shown, key = [], [], []
    for number, (item, place, truth) in enumerate(zip(output.items, places, truths, strict=True), 1):
        made = _made(item, forms[(number - 1) % len(forms)], most, place, truth, assignment)
        items.append(made)
        shown.append("\n".join([f"**{number}. {made['question']}**", *_lines(made)]))
        key.append(
            f"{number}. {_ended(_key(made))} {item.feedback}"
            if assignment.as_written
            else f"{number}. {_key(made)}. {item.feedback}"
        )
    questions = paragraphs(f"## {output.title}", *shown)
    answers = paragraphs(f"**{label('Answer key', assignment)}**", *(f"||{line.replace('|', '/')}||" for line in key))
    parts = {"title": output.title, "items": items, "player_text": questions, "host_text": "\n".join(key)}
    return Content(paragraphs(questions, answers), parts)


def _made(item: Item, wanted: str, most: int, place: int, truth: int, assignment: Assignment) -> dict[str, Any]:
    form = form_of(item, wanted)
    made: dict[str, Any] = {"question": item.question, "options": [], "correct": [], "feedback": item.feedback}
    match form:
        case "matching":
            order = random.Random(f"{assignment.request.seed} {item.question}").sample(
                range(len(item.pairs)), len(item.pairs)
            )
            made |= {
                "options": [item.pairs[at].right for at in order],
                "correct": [order.index(at) for at in range(len(item.pairs))],
                "lefts": [pair.left for pair in item.pairs],
            }
        case "true_false":
            made |= _true_or_false(item, truth, assignment.language)
        case "short_answer" | "numeric":
            made |= {"options": [item.right], "correct": [0]}
        case _:
            made |= _choices(item, most, place, written=assignment.as_written)
    return made if form == "single" else made | {"type": form}


def _choices(item: Item, most: int, place: int, *, written: bool) -> dict[str, Any]:
    options = list(item.wrong if written else item.wrong[: max(1, most - len(item.also_right))])
    why = dict(zip(options, item.why_wrong, strict=False))
    rights = [item.right, *item.also_right]
    for right in rights:
        options.insert(min(place, len(options)), right)
    made: dict[str, Any] = {"options": options, "correct": sorted(options.index(right) for right in rights)}
    if why:
        made["feedback"] = [why.get(option, item.feedback) for option in options]
    return made


def _true_or_false(item: Item, truth: int, language: str) -> dict[str, Any]:
    """The statement that was written, or one made of the question and an option; as many are true as false."""
    labels = _TRUE_FALSE.get(language, _TRUE_FALSE["en"])
    said = norm(item.right).strip(" .")
    told = [norm(label) for label in labels]
    if said in told or said in ("true", "false"):
        truth = told.index(said) if said in told else ("true", "false").index(said)
        return {"options": list(labels), "correct": [truth]}
    truth = truth if item.wrong else 0
    claim = item.right if truth == 0 else item.wrong[0]
    end = "" if claim[-1:] in ".!?。！？।؟" else "."
    return {
        "question": f"{item.question} {claim[:1].upper()}{claim[1:]}{end}",
        "options": list(labels),
        "correct": [truth],
    }


def _lines(made: dict[str, Any]) -> Iterator[str]:
    """What stands below a question: its options, or room to write."""
    form = made.get("type", "single")
    if form in ("short_answer", "numeric"):
        yield "________"
        return
    if form == "matching":
        yield from (f"{number}) {left}" for number, left in enumerate(made["lefts"], 1))
    yield from (f"{letter}) {option}" for letter, option in zip(_LETTERS, made["options"], strict=False))


def _key(made: dict[str, Any]) -> str:
    options, correct = made["options"], made["correct"]
    match made.get("type", "single"):
        case "matching":
            return ", ".join(f"{number} {_LETTERS[at]}) {options[at]}" for number, at in enumerate(correct, 1))
        case "short_answer" | "numeric":
            return " / ".join(option.removesuffix(".") for option in options)
        case _:
            return ", ".join(f"{_LETTERS[at]}) {options[at].removesuffix('.')}" for at in correct)


def _ended(text: str) -> str:
    return text if text[-1:] in ".!?…。！？।؟" else f"{text}."


def examine(output: Quiz, content: Content, assignment: Assignment) -> list[Check]:
    """No question stands there twice; each has one key, options that differ and stand alone, and keeps its answer to itself."""
    repeated = [n for n, item in enumerate(output.items) if not _different(item)]
    asked = len({norm(item.question) for item in output.items})
    keyless = [n for n, made in enumerate(content.parts["items"]) if not _has_one_key(made)]
    leaning = [n for n, item in enumerate(output.items) if any(map(_ABOUT_OTHERS.search, [item.right, *item.wrong]))]
    told = [n for n, item in enumerate(output.items) if _gives_away(item)]
    return [
        bounded("different options", len(repeated), high=0, unit="questions", path=_first(repeated)),
        differing("questions", asked, len(output.items), path="items"),
        bounded("one key", len(keyless), high=0, unit="questions", path=_first(keyless)),
        bounded(
            "options stand alone", len(leaning), high=0, unit="questions", path=_first(leaning, ".right"),
            hint="It must be an option of its own, not all or none of the others.",
        ),
        bounded(
            "answer not given away", len(told), high=0, unit="questions", path=_first(told, ".right"),
            hint="It must not be much longer than the wrong options, nor stand in the question.",
        ),
    ]  # fmt: skip


def _first(numbers: list[int], field: str = "") -> str:
    return f"items.{numbers[0]}{field}" if numbers else ""


def _different(item: Item) -> bool:
    rights, lefts = (
        ([norm(side) for side in sides] for sides in zip(*((p.right, p.left) for p in item.pairs), strict=True))
        if item.pairs
        else ([], [])
    )
    options = [norm(option) for option in (item.right, *item.also_right, *item.wrong)]
    return all(len(set(texts)) == len(texts) for texts in (options, rights, lefts))


def _has_one_key(made: dict[str, Any]) -> bool:
    """What is right can be told from what is not: one option, or several but not all, or one for each left side."""
    options, correct = made["options"], made["correct"]
    if (
        not correct
        or len(set(correct)) != len(correct)
        or not all(0 <= at < len(options) and options[at].strip() for at in correct)
    ):
        return False
    match made.get("type", "single"):
        case "multiple":
            return 1 < len(correct) < len(options)
        case "matching":
            return len(correct) == len(made["lefts"])
        case "short_answer" | "numeric":
            return True
        case _:
            return len(correct) == 1 < len(options)


def _gives_away(item: Item) -> bool:
    """The right option shows by its length, or is the only one that the question names."""
    if not item.wrong or item.pairs:
        return False
    longest = max(map(len, item.wrong))
    if len(item.right) > _LONGER * longest and len(item.right) > longest + _BY:
        return True
    named = len(item.right) > 3 and has_term(item.question, item.right.strip(" ."))
    return named and not any(contains(item.question, option.strip(" .")) for option in item.wrong)


KIND = Kind(
    name="quiz",
    family="education",
    title="Quiz",
    description="Choice, true or false, short answer, number or matching; with feedback and a key.",
    output=Quiz,
    prompt="Write multiple-choice questions. One option is right, the others are wrong but could be believed. Options "
    "are short. The feedback says why the right one is right.",
    examples=(
        Example(
            "3 questions on magnets",
            Quiz(
                title="Magnets",
                items=[
                    Item(
                        question="Which of these does a magnet pull?",
                        right="an iron nail",
                        wrong=["a wooden spoon", "a glass cup", "a paper bag"],
                        feedback="Magnets pull iron. Wood, glass and paper are not pulled.",
                    ),
                    Item(
                        question="What do two north poles do when they meet?",
                        right="push each other away",
                        wrong=["stick together", "melt slowly", "turn into south poles"],
                        feedback="Poles of the same kind push each other away.",
                    ),
                    Item(
                        question="What does a compass needle point to?",
                        right="the north",
                        wrong=["the nearest river", "the moon", "the tallest hill"],
                        feedback="The needle is a small magnet and lines up with the Earth.",
                    ),
                ],
            ),
        ),
        Example(
            "2 questions on the kitchen's hygiene rules for new staff",
            Quiz(
                title="Clean hands, clean kitchen",
                items=[
                    Item(
                        question="When do you wash your hands in the kitchen?",
                        right="after touching raw meat",
                        wrong=["once a week", "only before lunch", "when a guest asks"],
                        feedback="Raw meat carries germs that your hands would take to other food.",
                    ),
                    Item(
                        question="Where does raw chicken stand in the fridge?",
                        right="on the lowest shelf",
                        wrong=["on the top shelf", "next to the salad", "in the door"],
                        feedback="Nothing can drip on other food from down there.",
                    ),
                ],
            ),
        ),
    ),
    craft="Write the questions of a quiz. One option is right, the others are wrong but could be believed; all are of about the same "
    "length, a word or a few words and no sentence, and each can stand alone. Each question asks about another thing. The "
    "feedback says in one sentence why the right one is right.",
    compose=compose,
    counted=(OPTIONS,),
    examine=examine,
    levelled=True,
    facts=False,
    hidden=("right", "wrong", "feedback", "also_right", "why_wrong", "pairs"),
    form=Form(
        "question",
        lasts=True,
        called={"answer": "option"},
        choices={"question": _FORMS},
        implied=_IMPLIED,
        without={"option": ("question", "short_answer")},
        titles=("test",),
    ),
    unstated=("question", "wrong", "pairs"),
    solved=("question", "right"),
    keyed=True,
    likeliest=("pdf", "docx", "apkg", "kahoot", "gift"),
)
