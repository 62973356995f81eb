"""Reads numbers as people write them: grouped in any country's way, shortened, or spelled out. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from text_to_num import alpha2digit

# A number with its thousands apart (1'000, 1 000, 1.000, 1,000, 1,00,000), or without; then cents, or a part of a million.
# Two digits between the signs are India's; no run of digits is begun again from within.
NUMBER = (
    r"(?<![\d.,'’])(?:\d{1,3}(?:(?:['’]\d{3})+|(?:[ \u00a0\u202f]\d{3}(?!\d))+|(?:\.\d{3}(?!\d))+|(?:,\d{2,3}(?!\d))*,\d{3}(?!\d))"
    r"|\d{1,15})(?:[.,]\d{1,3}(?!\d))?(?!\d)"
)
_TIMES = {
    "k": 3, "tsd": 3, "thousand": 3, "tausend": 3, "mil": 3, "mille": 3, "lakh": 5, "lakhs": 5, "m": 6, "mio": 6, "mn": 6, "million": 6,
    "millions": 6, "millionen": 6, "millones": 6, "milhões": 6, "crore": 7, "crores": 7,
}  # fmt: skip
SHORTENED = rf"(?:\s?(?:{'|'.join(sorted(_TIMES, key=len, reverse=True))})\b\.?)?"
AMOUNT = NUMBER + SHORTENED
_AMOUNT = re.compile(
    rf"(?P<number>{NUMBER})(?:\s?(?P<times>{'|'.join(sorted(_TIMES, key=len, reverse=True))})\b)?", re.IGNORECASE
)

# Words that tell in which language a number is spelled out; English is looked for in any text.
_TENS = {
    "de": r"(?:hundert|tausend|zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)",
    "fr": r"vingt|trente|quarante|cinquante|soixante|(?:deux|trois|quatre|cinq|six|sept|huit|neuf) cents?",
    "es": r"veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|ciento|[a-z]?cient[oa]s|quinient[oa]s",
    "pt": r"vinte|trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa|duzent[oa]s|trezent[oa]s|[a-z]?centos",
}
_TELLING = {language: re.compile(rf"(?:{words})\b", re.IGNORECASE) for language, words in _TENS.items()}
_ENGLISH = re.compile(
    r"\b(?:hundred|thousand|million|(?:six|seven|eight|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b",
    re.IGNORECASE,
)
# Smaller numbers are left in words, which briefs use for other things as well.
_LEAST_SPELLED = 16
# Characters that are read, and the pieces they are read in, as what reads them goes back within a piece.
MOST_READ = 6_000
# Characters that are searched for amounts: all that a model is given.
MOST_SEARCHED = 40_000
_PIECES = re.compile(r".{1,200}(?!\S)|.{1,200}", re.DOTALL)
# Pieces with a number in words; a brief says few.
_MOST_SPELLED = 8


def amount_of(text: str) -> Decimal | None:
    """The value of an amount such as "1'000", "1.000,50", "10k" or "2.5 Mio"; None for what is none."""
    found = _AMOUNT.search(text)
    if not found:
        return None
    value = Decimal(_plain(found["number"], shortened=bool(found["times"])))
    return value.scaleb(_TIMES[found["times"].casefold()]) if found["times"] else value


def amounts_in(text: str) -> list[Decimal]:
    """The amounts of a text whose thousands are set apart by a space or an apostrophe, or that are shortened."""
    found = (
        one.group()
        for one in _AMOUNT.finditer(text[:MOST_SEARCHED])
        if one["times"] or not one["number"].replace(".", "").replace(",", "").isdigit()
    )
    return [value for one in found if (value := amount_of(one)) is not None]


def whole_number(text: str) -> int:
    """The whole part of an amount.

    Raises:
        ValueError: it is none.
    """
    value = amount_of(text)
    if value is None:
        raise ValueError(f"no amount: {text[:40]!r}")
    return int(value)


def _plain(number: str, *, shortened: bool) -> str:
    """A number without the signs that set its thousands apart, and with a point before its fraction."""
    number = re.sub(r"['’\s]", "", number)
    points, commas = number.count("."), number.count(",")
    if points and commas:
        decimal = "." if number.rfind(".") > number.rfind(",") else ","
        return number.replace("," if decimal == "." else ".", "").replace(",", ".")
    if points + commas > 1:
        return number.replace(".", "").replace(",", "")
    head, _, tail = number.replace(",", ".").partition(".")
    grouped = len(tail) == 3 and not shortened and head != "0"
    return f"{head}{tail}" if grouped else number.replace(",", ".")


def spelled_out(text: str) -> str:
    """A text with the numbers from sixteen on that it says in words as digits: "two hundred questions" gives "200 questions".

    English, German, French, Spanish and Portuguese.
    """
    head, rest = text[:MOST_READ], text[MOST_READ:]
    for language, words in (("en", _ENGLISH), *_TELLING.items()):
        pieces, left = _PIECES.findall(head), _MOST_SPELLED
        for at, piece in enumerate(pieces):
            if left and words.search(piece):
                pieces[at] = alpha2digit(piece, language, threshold=_LEAST_SPELLED)
                left -= 1
        head = "".join(pieces)
    return head + rest
