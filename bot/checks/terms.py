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
# Characters of a term that is looked for; a profile's have 120.
MOST_TERM = 400


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
    rest, said = norm(text), norm(words[:MOST_TERM]).strip()
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
    if len(term) > MOST_TERM:
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


def avoided(text: str, avoid_words: Iterable[str]) -> list[str]:
    """The avoided words that the text holds."""
    normed = norm(text)
    return [word for word in avoid_words if _has(normed, word)]
