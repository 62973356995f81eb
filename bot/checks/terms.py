"""Words and figures: whether a text holds a term, and numbers that nobody gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import regex

from .amounts import amounts_in
from .units import LINK

_CURLY = dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟", '"')
_NUMBER = re.compile(r"\d+(?:[.,:٫٬，．：]\d+)*")
_JAPANESE = regex.compile(r"[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]")
_ARABIC = regex.compile(r"\p{Script=Arabic}")
_TIME = re.compile(r"\d:\d\d|\d\s?(?:[ap]\.?m|h(?:\s?\d\d)?|uhr)\b", re.IGNORECASE)
# A time with its hour's letter or a point for a colon: "20 h 30", "14h30", "8.30 pm".
_WITHOUT_COLON = re.compile(
    r"(?<![\d.,:])(\d{1,2})(?:\s?h\s?(\d\d)(?!\d)|\.(\d\d)(?=\s?(?:[ap]\.?m|uhr)\b))", re.IGNORECASE
)
_FORMAT, _OTHER_DIGIT = regex.compile(r"\p{Cf}+"), re.compile(r"[^\D0-9]")
# Characters of a term that is looked for; a profile's have 120.
MOST_TERM = 400
# Characters of a text whose figures are looked up.
MOST_COUNTED = 70_000
_PLACEHOLDER = re.compile(
    r"\[[^\[\]\n]{2,40}\](?![({])|\{\{[^{}\n]{0,200}\}\}|<[A-Za-z]+ [A-Za-z ]+>|lorem ipsum|(?-i:\bTODO\b|\bTBD\b|\bXXX\b)"
    r"|insert [\w ]{1,30} here",
    re.IGNORECASE,
)


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


def contains(text: str, part: str) -> bool:
    """The part occurs anywhere in the text."""
    return norm(part).strip() in norm(text)


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


def placeholders(text: str) -> list[str]:
    """Blanks left for somebody to fill in."""
    return [found.group() for found in _PLACEHOLDER.finditer(text)]


def ungrounded_numbers(text: str, sources: Iterable[str]) -> list[str]:
    """Figures of a text that stand in none of the sources; whole numbers from 0 to 10 are free.

    Separators before three digits may differ, and a time may be told with 12 or 24 hours.
    """
    source = " \n".join(sources)
    told = set(_numbers(source))
    found = _numbers(LINK.sub(" ", text[:MOST_COUNTED]))
    loose = {number for number in set(found) - told if not _free(number)}
    known = {form for number in told for form in _forms(number)} if loose else set()
    known |= {str(int(amount)) for amount in amounts_in(source)} if loose else set()
    loose = {number for number in loose if not _forms(number) & known}
    return [number for number in found if number in loose]


def says_numbers(text: str, figure: str) -> bool:
    """Whether a text says a figure in its own way: "25 May, 9 am" also as "25. Mai, 9 Uhr", "€12.50" also as "12,50 €"."""
    text = text[:MOST_COUNTED]
    if re.search(rf"(?<!\d)(?<!\d[.,:]){re.escape(norm(figure).strip())}(?![.,:]?\d)", norm(text)):
        return True
    is_time = bool(_TIME.search(figure))
    told = {form for number in _numbers(text) for form in _told_as(number, is_time)}
    asked = _numbers(figure)
    return bool(asked) and all(_told_as(number, is_time) & told for number in asked)


def _told_as(number: str, is_time: bool) -> set[str]:
    if is_time:
        return _forms(re.sub(r"[.,](?=\d\d$)", ":", number))
    return {re.sub(r"[.,](?=\d{3}(?:\D|$))", "", number).replace(",", ".").removesuffix(".00")}


def _numbers(text: str) -> list[str]:
    """The numbers of a text, in ASCII digits."""
    plain = _WITHOUT_COLON.sub(lambda time: f"{time[1]}:{time[2] or time[3]}", _FORMAT.sub("", text))
    return [found if found.isascii() else norm(found) for found in _NUMBER.findall(plain)]


def _free(number: str) -> bool:
    return number.isdigit() and len(number) <= 4 and int(number) <= 10


def _forms(number: str) -> set[str]:
    """A number and, where it may be a time of day, its forms in 12 and 24 hours."""
    number = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", number)
    number = re.sub(r"^0(?=\d(?::|$))", "", number)
    clock = re.fullmatch(r"(\d{1,2})(?::(\d\d))?", number)
    if not clock or int(clock[1]) > 24:
        return {number}
    minutes, forms = clock[2] or "00", {number}
    for hour in (int(clock[1]), (int(clock[1]) + 12) % 24):
        forms.add(f"{hour}:{minutes}")
        if clock[2] == "00":
            forms.add(str(hour))
    return forms
