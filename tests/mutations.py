"""Breaks a good draft in one way, by code: what a check has to notice. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.checks.terms import norm
from bot.checks.units import UNITS
from bot.content import Assignment
from bot.generation.check import uses_figures
from bot.generation.shape import Entries, Text, changed, lists, shape_of, sizes_for, texts, whole_text_sizes
from bot.generation.writers.repair import replaced

# A word that no draft has, and that a profile may want to avoid.
AVOIDED = "Synergie"
PLACEHOLDERS = (
    "[your name]",
    "{{date}}",
    "[Datum einfügen]",
    "TBD",
    "[insertar enlace]",
    "<insert link>",
    "[Nom]",
    "XX:XX Uhr",
    "XX €",
)
# What is claimed though nobody said so: a price, a time, a share, a year; then small ones.
CLAIMS = {
    "en": ("for £47", "at 16:45", "37% less", "since 1963", "for $6", "at 6:45 pm", "6 % less"),
    "de": ("für 47 €", "um 16:45 Uhr", "37 % weniger", "seit 1963", "für 6 Euro", "um 6.45 Uhr", "6 Prozent weniger"),
    "es": ("por 47 €", "a las 16:45", "37 % menos", "desde 1963", "por 6 euros", "a las 6:45", "un 6 % menos"),
    "fr": ("pour 47 €", "à 16 h 45", "37 % de moins", "depuis 1963", "pour 6 euros", "à 6 h 45", "6 % de moins"),
    "pt": ("por R$ 47", "às 16h45", "37 % a menos", "desde 1963", "por R$ 6", "às 6h45", "6 % a menos"),
}
# What is boasted of, who is named and what address is given though nobody said so.
UNSAID = {
    "en": (
        ("claim", "It comes with a lifetime guarantee."),
        ("claim", "Loved by thousands of happy customers."),
        ("claim", "Clinically proven."),
        ("name", "“I would do it again,” says Emily Carter."),
        ("name", "Ask for Mr. Donovan."),
        ("address", "Find us at 47 Maple Avenue."),
    ),
    "de": (
        ("claim", "Mit Geld-zurück-Garantie."),
        ("claim", "Tausende zufriedene Kunden."),
        ("claim", "Mehrfach ausgezeichnet."),
        ("name", "„Jederzeit wieder“, sagt Sabine Krüger."),
        ("name", "Fragen Sie nach Herrn Schneider."),
        ("address", "Besucht uns in der Ahornstraße 47."),
    ),
    "es": (
        ("claim", "Con garantía de por vida."),
        ("claim", "Miles de clientes satisfechos."),
        ("claim", "Clínicamente probado."),
        ("name", "«Repetiría», dice Carmen Ortega."),
        ("name", "Pregunta por la Sra. Navarro."),
        ("address", "Estamos en la calle del Arce, 47."),
    ),
    "fr": (
        ("claim", "Satisfait ou remboursé."),
        ("claim", "Des milliers de clients satisfaits."),
        ("claim", "Cliniquement prouvé."),
        ("name", "« Je recommencerais », dit Sophie Martin."),
        ("name", "Demandez M. Lefèvre."),
        ("address", "Retrouvez-nous au 47, rue des Érables."),
    ),
    "pt": (
        ("claim", "Com garantia vitalícia."),
        ("claim", "Milhares de clientes satisfeitos."),
        ("claim", "Clinicamente comprovado."),
        ("name", "“Faria de novo”, diz Ana Ribeiro."),
        ("name", "Procure a Dra. Carvalho."),
        ("address", "Estamos na Rua do Bordo, 47."),
    ),
}
# Kinds whose texts are in two languages, or in none.
_MIXED = frozenset({"flashcards", "chat"})
# A part in another language counts from so many letters on.
_LEAST_LETTERS = 60
# Kinds of lines to pick from, which need not say all that a brief tells.
_LINES = frozenset({"slogan", "seo_meta"})


@dataclass(frozen=True)
class Mutation:
    """A draft that is broken in one way, for an assignment."""

    way: str
    what: str
    data: dict[str, Any]
    assignment: Assignment


def mutations(data: dict[str, Any], assignment: Assignment, foreign: list[str]) -> Iterator[Mutation]:
    """Every way to break a whole draft; `foreign` are texts of other drafts in another language."""
    for maker in (
        _counts,
        _sizes,
        _whole,
        _claims,
        _unsaid,
        _changed_figures,
        _languages,
        _words_to_avoid,
        _literals,
        _figures,
        _blanks,
    ):
        for way, what, broken, asked in maker(data, assignment, foreign):
            yield Mutation(way, what, broken, asked)


_Made = Iterator[tuple[str, str, dict[str, Any], Assignment]]


def _own(data: dict[str, Any], assignment: Assignment) -> list[tuple[str, Text, str]]:
    """The texts that readers see: none that is picked from a list or is for code alone."""
    hidden = {"answer", "telling"} if assignment.kind.name == "tutor" else set()
    hidden |= {"primary_text"} if assignment.place == "google_ads" else set()
    found = texts(shape_of(assignment.kind.output), data)
    return [(path, node, text) for path, node, text in found if not node.choice and path.split(".")[0] not in hidden]


def _longest(data: dict[str, Any], assignment: Assignment) -> tuple[str, str]:
    path, _, text = max(_own(data, assignment), key=lambda one: len(one[2]))
    return path, text


def _counts(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """One entry too many, and one too few, where the brief says how many."""
    shape = shape_of(assignment.kind.output)
    for path, node, entries in lists(shape, data):
        named = next((noun for noun in node.count.nouns if noun in assignment.wishes.counts), "")
        if not named or not entries or re.search(r"\.(?!0\.)\d+\.", path):
            continue
        low, high = assignment.wishes.counts[named]
        more = changed(node.entry, entries[-1], lambda _path, field, text: text if field.choice else f"{text} +")
        for name, broken in (("more", [*entries, more]), ("fewer", entries[:-1])):
            if not low <= len(broken) <= high:
                yield "count", f"{name} {path}", replaced(data, path, broken), assignment


def _sizes(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """A text that is longer than the brief says, and one that is shorter."""
    if assignment.kind.plain:
        asked = {unit for noun, unit in assignment.wishes.sizes}
        for size in whole_text_sizes(assignment):
            if size.unit in asked:
                yield from _resized(data, "text", size.unit, size.least, size.most, assignment)
        return
    for path, node, _ in _own(data, assignment):
        nouns = {noun for size in node.sizes for noun in size.nouns}
        asked = {unit for noun, unit in assignment.wishes.sizes if noun in nouns}
        for size in sizes_for(node, assignment):
            if size.unit in asked:
                yield from _resized(data, path, size.unit, size.least, size.most, assignment)


def _resized(data: dict[str, Any], path: str, unit: str, least: int, most: int, assignment: Assignment) -> _Made:
    text = _at(data, path)
    measure = UNITS[unit]
    longer = _until(text, lambda said: measure(said) > most, lambda said: f"{said} {_more(text, unit)}")
    yield "too long", f"{path} {unit}", replaced(data, path, longer), assignment
    if least and measure(text) >= least:
        shorter = _until(text, lambda said: measure(said) < least, lambda said: _less(said, unit))
        if shorter:
            yield "too short", f"{path} {unit}", replaced(data, path, shorter), assignment


def _more(text: str, unit: str) -> str:
    """More of the same: its first words, as a sentence, a line or a paragraph of their own where these are counted."""
    said = " ".join(text.split()[:4]).rstrip(".,;:!?")
    return {"paragraphs": f"\n\n{said}.", "lines": f"\n{said}", "sentences": f"{said}."}.get(unit, said)


def _less(text: str, unit: str) -> str:
    if unit in ("sentences", "paragraphs", "lines"):
        sign = {"sentences": ". ", "paragraphs": "\n\n", "lines": "\n"}[unit]
        return text.rpartition(sign)[0]
    return text.rpartition(" ")[0]


def _until(text: str, done: Callable[[str], bool], step: Callable[[str], str]) -> str:
    for _ in range(400):
        if done(text) or not text:
            break
        text = step(text)
    return text


def _whole(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """A text of several parts, or a list of paragraphs, that is longer or shorter in all than the brief says."""
    if assignment.kind.plain:
        return
    path, text = _longest(data, assignment)
    for size in whole_text_sizes(assignment):
        yield "too long", f"all {size.unit}", replaced(data, path, f"{text} {_repeated(text, size.most)}"), assignment
        if size.least:
            yield "too short", f"all {size.unit}", replaced(data, path, text.partition(". ")[0]), assignment
    for name, node in shape_of(assignment.kind.output).fields:
        for size in sizes_for(node, assignment) if isinstance(node, Entries) and node.sizes and data[name] else ():
            if any(noun in size.nouns and unit == size.unit for noun, unit in assignment.wishes.sizes):
                longer = f"{data[name][0]} {_repeated(text, size.most)}"
                yield "too long", f"{name} {size.unit}", replaced(data, f"{name}.0", longer), assignment


def _repeated(text: str, words: int) -> str:
    """Words of a text, so many of them."""
    known = text.split()
    return " ".join(known[at % len(known)] for at in range(words))


def _changed_figures(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """A figure of the brief that has become another one, where it stands once."""
    if not uses_figures(assignment) and assignment.kind.name != "rewrite":
        return
    said = "\n".join(text for _, _, text in _own(data, assignment))
    for number in dict.fromkeys(re.findall(r"(?<![\d.,:])\d+(?:[.,:]\d+)*", assignment.brief)):
        one = re.compile(rf"(?<![\d.,:]){re.escape(number)}(?![.,:]?\d)")
        if len(one.findall(said)) == 1:
            other = _another(number, assignment.brief)
            broken = changed(
                shape_of(assignment.kind.output),
                data,
                lambda _path, field, text, one=one, other=other: text if field.choice else one.sub(other, text),
            )
            yield "changed figure", f"{number} is {other}", broken, assignment


def _another(number: str, brief: str) -> str:
    """A number of the same form that the brief does not have."""
    head = re.match(r"\d+", number)
    assert head is not None
    known = set(re.findall(r"\d+", brief))
    value = next(value for value in itertools.count(int(head[0]) + 1) if str(value) not in known)
    return f"{value}{number[head.end() :]}"


def _claims(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """A price, a time, a share and a year that nobody gave, where figures are claims."""
    if not uses_figures(assignment) and assignment.kind.name != "rewrite":
        return
    path, text = _longest(data, assignment)
    for claim in CLAIMS[assignment.language]:
        yield "figure", claim, replaced(data, path, f"{text.rstrip('.')} {claim}"), assignment


def _unsaid(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """A boast, a name and an address that nobody gave, each a sentence of its own."""
    if not uses_figures(assignment):
        return
    path, text = _longest(data, assignment)
    for way, sentence in UNSAID[assignment.language]:
        yield way, sentence, replaced(data, path, f"{text.rstrip('.')}. {sentence}"), assignment


def _languages(data: dict[str, Any], assignment: Assignment, foreign: list[str]) -> _Made:
    """All of it in another language, and its longest text."""
    kind = assignment.kind
    if kind.family == "image" or kind.for_machines or kind.name in _MIXED:
        return
    own = {path for path, _, _ in _own(data, assignment)}
    left = sorted(foreign, key=len, reverse=True)

    def swapped(path: str, _field: Text, text: str) -> str:
        return left.pop(0) if path in own and len(left) > 1 else text

    yield "language", "all", changed(shape_of(kind.output), data, swapped), assignment
    path, text = _longest(data, assignment)
    other = min(foreign, key=lambda one: abs(len(one) - len(text)))
    if sum(map(str.isalpha, other)) >= _LEAST_LETTERS and not kind.plain:
        yield "language of a part", path, replaced(data, path, other), assignment


def _words_to_avoid(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """A word that the profile or the brief does not want."""
    path, text = _longest(data, assignment)
    profile = assignment.profile.model_copy(update={"avoid_words": (*assignment.profile.avoid_words, AVOIDED)})
    avoiding = replace(assignment, memory=replace(assignment.memory, profile=profile))
    for word in profile.avoid_words:
        yield "word to avoid", word, replaced(data, path, f"{text} {word}"), avoiding


def _literals(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """Words that must stand in it, taken out."""
    for literal in assignment.wishes.reading.include:
        broken = _without(data, assignment, literal)
        kind = assignment.kind
        put_in = literal in kind.compose(kind.output.model_validate(broken), assignment).text
        if broken != data and not put_in:  # Some kinds see to it by code.
            yield "literal", literal, broken, assignment


def _figures(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """A figure of the brief, taken out, where all of them must stand in the text."""
    if assignment.kind.family != "marketing" or assignment.kind.name in _LINES:
        return
    for figure in assignment.wishes.figures:
        broken = data
        for digits in re.findall(r"\d+", figure):
            broken = _without(broken, assignment, rf"(?<!\d){digits}(?!\d)", pattern=True)
        if broken != data:
            yield "figure of the brief", figure, broken, assignment


def _without(data: dict[str, Any], assignment: Assignment, part: str, *, pattern: bool = False) -> dict[str, Any]:
    found = re.compile(part if pattern else re.escape(norm(part)), re.IGNORECASE)

    def cut(_path: str, field: Text, text: str) -> str:
        plain = text if pattern else norm(text)
        return found.sub("", plain) if not field.choice and found.search(plain) else text

    broken: dict[str, Any] = changed(shape_of(assignment.kind.output), data, cut)
    return broken


def _blanks(data: dict[str, Any], assignment: Assignment, _foreign: list[str]) -> _Made:
    """A blank for somebody to fill in."""
    path, text = _longest(data, assignment)
    for blank in PLACEHOLDERS:
        yield "placeholder", blank, replaced(data, path, f"{text} {blank}"), assignment


def _at(data: Any, path: str) -> str:
    for step in path.split("."):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return str(data)
