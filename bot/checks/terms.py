"""Words: whether a text holds a term, and blanks that are left in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import regex

_SENTENCE = re.compile(r"(?<=[.!?…])\s")
_CURLY = dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟", '"')
_JAPANESE = regex.compile(r"[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]")
_ARABIC = regex.compile(r"\p{Script=Arabic}")
_FORMAT, _OTHER_DIGIT = regex.compile(r"\p{Cf}+"), re.compile(r"[^\D0-9]")
# Words whose number no ending tells, of what pictures show; and letters that are left of a word without its -s at least.
_UNEVEN = {
    "child": "children", "foot": "feet", "goose": "geese", "man": "men", "mouse": "mice", "person": "people", "tooth": "teeth",
    "woman": "women",
}  # fmt: skip
_MIN_STEM = 3
# Characters of a term that is looked for; a profile's have 120.
MAX_TERM = 400


def norm(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, ASCII digits, straight quotes, single spaces."""
    if text.isascii():  # Nothing of what follows but the spaces concerns it.
        return _even(text.lower())
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if text.isascii():
        return _even(text)
    for sign, straight in _CURLY.items():
        text = text.replace(sign, straight)
    text = _OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), _FORMAT.sub("", text))
    return _even(text.replace("٪", "%"))


def _even(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace(" %", "%")


def quotes(text: str, words: str) -> bool:
    """Whether a text has words as they are; several sentences may be parted by who says them: "“One,” says Ann. “Two.”".

    Of words that are longer than any term is, their beginning.
    """
    rest, said = norm(text), norm(words[:MAX_TERM]).strip()
    if said in rest:
        return True
    parts = [part for one in _SENTENCE.split(said) if (part := one.strip(" .!?…\"'«»„“”"))]
    for part in parts:
        _, found, rest = rest.partition(part)
        if not found:
            return False
    return len(parts) > 1


def spans(text: str, term: str) -> Iterator[tuple[int, int]]:
    """Where a term stands as whole words in a normed text, as (start, end).

    Arabic terms may have the prefixes و ف ب ك ل and ال before them; Japanese ones, which stand unspaced, match anywhere.
    """
    if len(term) > MAX_TERM:
        return
    needle = re.escape(norm(term).strip())
    if not needle:
        return
    if _JAPANESE.search(term):
        pattern = needle
    elif _ARABIC.search(term):
        pattern = rf"(?<![\p{{L}}\p{{M}}\p{{N}}])[وفبكل]*(?:ال)?{needle}(?![\p{{L}}\p{{M}}\p{{N}}])"
    else:
        pattern = rf"(?<![\p{{L}}\p{{M}}\p{{N}}]){needle}(?![\p{{L}}\p{{M}}\p{{N}}])"
    for found in regex.finditer(pattern, text):
        yield found.span()


def has_term(text: str, term: str) -> bool:
    """The term stands in the text as whole words, whatever the case and script."""
    return _has(norm(text), term)


def _has(normed: str, term: str) -> bool:
    return bool(term.strip()) and next(spans(normed, term), None) is not None


def avoided(text: str, avoid_words: Iterable[str], *, in_any_number: bool = False) -> list[str]:
    """The avoided words that the text holds; in any number also those of which it holds one for several: a boat for boats."""
    normed = norm(text)
    return [
        word for word in avoid_words if any(_has(normed, one) for one in (_numbers(word) if in_any_number else (word,)))
    ]


def _numbers(term: str) -> Iterator[str]:
    """A term, and its last word as one and as several of it, by the endings of English and of the languages that have its -s."""
    yield term
    before, _, last = term.strip().casefold().rpartition(" ")
    for one in (last, *_singulars(last), *_plurals(last)):
        yield f"{before} {one}".strip()


def _singulars(word: str) -> Iterator[str]:
    """What a word may be several of."""
    if word.endswith("ies") and len(word) > _MIN_STEM + 2:
        yield f"{word[:-3]}y"
    if word.endswith("ves"):
        yield from (f"{word[:-3]}f", f"{word[:-3]}fe")
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        yield word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _MIN_STEM:
        yield word[:-1]
    yield from (one for one, several in _UNEVEN.items() if several == word)


def _plurals(word: str) -> Iterator[str]:
    """How several of a word may be written."""
    if word.endswith("y"):
        yield f"{word[:-1]}ies"
    if word.endswith("f"):
        yield f"{word[:-1]}ves"
    if word.endswith("fe"):
        yield f"{word[:-2]}ves"
    yield from (f"{word}s", f"{word}es")
    if word in _UNEVEN:
        yield _UNEVEN[word]
