"""Find terms and quotations in texts, whatever their case, script or spelling of signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import regex

_SENTENCE_BREAK = re.compile(r"(?<=[.!?…])\s")
_STRAIGHT_QUOTES = dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟", '"')
_JAPANESE = regex.compile(r"[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]")
_ARABIC = regex.compile(r"\p{Script=Arabic}")
_FORMAT_CHARACTERS, _NON_ASCII_DIGIT = regex.compile(r"\p{Cf}+"), re.compile(r"[^\D0-9]")
# Irregular plurals of things that pictures show.
_IRREGULAR_PLURALS = {
    "child": "children",
    "foot": "feet",
    "goose": "geese",
    "man": "men",
    "mouse": "mice",
    "person": "people",
    "tooth": "teeth",
    "woman": "women",
}
# Letters of the longest word whose final s is not taken for a plural.
_MIN_STEM = 3
# Longer terms are not searched for; a profile's have up to 120 characters.
MAX_TERM_CHARACTERS = 400


def normalise(text: str) -> str:
    """Normalise a text for comparison: NFKC, case folded, ASCII digits, straight quotes, single spaces."""
    if text.isascii():  # Only the spaces need normalising.
        return _normalise_spaces(text.lower())
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if text.isascii():
        return _normalise_spaces(text)
    for sign, straight in _STRAIGHT_QUOTES.items():
        text = text.replace(sign, straight)
    text = _NON_ASCII_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), _FORMAT_CHARACTERS.sub("", text))
    return _normalise_spaces(text.replace("٪", "%"))


def _normalise_spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace(" %", "%")


def has_quote(text: str, words: str) -> bool:
    """Whether a text quotes words verbatim; sentences may be interrupted by the speaker: "“One,” says Ann. “Two.”".

    Only the first `MAX_TERM_CHARACTERS` of the words are compared.
    """
    rest, wanted = normalise(text), normalise(words[:MAX_TERM_CHARACTERS]).strip()
    if wanted in rest:
        return True
    sentences = (sentence.strip(" .!?…\"'«»„“”") for sentence in _SENTENCE_BREAK.split(wanted))
    parts = [sentence for sentence in sentences if sentence]
    for part in parts:
        _, found, rest = rest.partition(part)
        if not found:
            return False
    return len(parts) > 1


def find_spans(text: str, term: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of a term as whole words in a normalised text.

    Arabic terms may follow the prefixes و ف ب ك ل and ال; Japanese ones, which are unspaced, match anywhere.
    """
    if len(term) > MAX_TERM_CHARACTERS:
        return
    needle = re.escape(normalise(term).strip())
    if not needle:
        return
    if _JAPANESE.search(term):
        pattern = needle
    elif _ARABIC.search(term):
        pattern = rf"(?<![\p{{L}}\p{{M}}\p{{N}}])[وفبكل]*(?:ال)?{needle}(?![\p{{L}}\p{{M}}\p{{N}}])"
    else:
        pattern = rf"(?<![\p{{L}}\p{{M}}\p{{N}}]){needle}(?![\p{{L}}\p{{M}}\p{{N}}])"
    for match in regex.finditer(pattern, text):
        yield match.span()


def has_term(text: str, term: str) -> bool:
    """Whether a text contains a term as whole words, in any case and script."""
    return _has_term(normalise(text), term)


def _has_term(normalised: str, term: str) -> bool:
    return bool(term.strip()) and next(find_spans(normalised, term), None) is not None


def find_avoided(text: str, avoid_words: Iterable[str], *, in_any_number: bool = False) -> list[str]:
    """Return the avoided words that a text contains; with `in_any_number` also in the singular or plural: a boat for boats."""
    normalised = normalise(text)

    def occurs(word: str) -> bool:
        forms = _list_number_forms(word) if in_any_number else (word,)
        return any(_has_term(normalised, form) for form in forms)

    return [word for word in avoid_words if occurs(word)]


def _list_number_forms(term: str) -> Iterator[str]:
    """Yield a term with its last word in the singular and plural, for English and languages with a plural -s."""
    yield term
    before, _, last = term.strip().casefold().rpartition(" ")
    for form in (last, *_list_singulars(last), *_list_plurals(last)):
        yield f"{before} {form}".strip()


def _list_singulars(word: str) -> Iterator[str]:
    """Yield the possible singulars of a word."""
    if word.endswith("ies") and len(word) > _MIN_STEM + 2:
        yield f"{word[:-3]}y"
    if word.endswith("ves"):
        yield from (f"{word[:-3]}f", f"{word[:-3]}fe")
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        yield word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _MIN_STEM:
        yield word[:-1]
    yield from (singular for singular, plural in _IRREGULAR_PLURALS.items() if plural == word)


def _list_plurals(word: str) -> Iterator[str]:
    """Yield the possible plurals of a word."""
    if word.endswith("y"):
        yield f"{word[:-1]}ies"
    if word.endswith("f"):
        yield f"{word[:-1]}ves"
    if word.endswith("fe"):
        yield f"{word[:-2]}ves"
    yield from (f"{word}s", f"{word}es")
    if word in _IRREGULAR_PLURALS:
        yield _IRREGULAR_PLURALS[word]
