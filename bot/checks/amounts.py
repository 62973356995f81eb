"""Parse numbers as users write them: grouped in any country's way, abbreviated, or spelled out. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from text_to_num import alpha2digit

# A number with grouped thousands (1'000, 1 000, 1.000, 1,000, 1,00,000) or without; then an optional fraction.
# Groups of two digits are Indian; a match never starts within a run of digits.
NUMBER = (
    r"(?<![\d.,'’])(?:\d{1,3}(?:(?:['’]\d{3})+|(?:[ \u00a0\u202f]\d{3}(?!\d))+|(?:\.\d{3}(?!\d))+|(?:,\d{2,3}(?!\d))*,\d{3}(?!\d))"
    r"|\d{1,15})(?:[.,]\d{1,3}(?!\d))?(?!\d)"
)
_TIMES = {
    "k": 3,
    "tsd": 3,
    "thousand": 3,
    "tausend": 3,
    "mil": 3,
    "mille": 3,
    "grand": 3,
    "lakh": 5,
    "lakhs": 5,
    "m": 6,
    "mio": 6,
    "mn": 6,
    "million": 6,
    "millions": 6,
    "millionen": 6,
    "millones": 6,
    "milhões": 6,
    "crore": 7,
    "crores": 7,
}
SUFFIX = rf"(?:\s?(?:{'|'.join(sorted(_TIMES, key=len, reverse=True))})\b\.?)?"
AMOUNT = NUMBER + SUFFIX

# Words that identify the language of a spelled-out number; English is tried for any text.
_TENS = {
    "de": r"(?:hundert|tausend|zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)",
    "fr": r"vingt|trente|quarante|cinquante|soixante|(?:deux|trois|quatre|cinq|six|sept|huit|neuf) cents?",
    "es": r"veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|ciento|[a-z]?cient[oa]s|quinient[oa]s",
    "pt": r"vinte|trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa|duzent[oa]s|trezent[oa]s|[a-z]?centos",
}
_TELLING_WORDS = {language: re.compile(rf"(?:{words})\b", re.IGNORECASE) for language, words in _TENS.items()}
_ENGLISH = re.compile(
    r"\b(?:hundred|thousand|million|(?:six|seven|eight|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b",
    re.IGNORECASE,
)
# Smaller numbers stay in words, which briefs use in other meanings as well.
_MIN_SPELLED = 16
# Small numbers in words, by language as "once" is not eleven in English; without articles such as "ein".
SMALL = {
    language: {word: value for value, word in enumerate(words.split()) if word != "-"}
    for language, words in {
        "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
        "de": "null - zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn",
        "fr": "zéro - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze",
        "es": "cero - dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince",
        "pt": "zero - dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze",
    }.items()
}
SMALL["pt"] |= {"duas": 2, "quinze": 15}
# Factors of a dozen after a number or an article; otherwise "dozens of cards" is no number.
_WORDS = {word: Decimal(value) for words in SMALL.values() for word, value in words.items()}
_WORDS |= dict.fromkeys(("a", "an", "ein", "une", "una", "uma"), Decimal(1))
_WORDS |= dict.fromkeys(("a couple", "a couple of"), Decimal(2))
_WORDS |= dict.fromkeys(("one and a half", "anderthalb", "eineinhalb"), Decimal("1.5"))
_WORDS |= dict.fromkeys(("half a", "ein halbes", "une demi", "demi", "media", "meia"), Decimal("0.5"))
_COUNT = rf"(?:\d{{1,9}}(?:\.\d{{1,3}})?|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_DOZENS = re.compile(
    rf"(?<![\w.,])({_COUNT})[ -](?:dozens?|dutzend|douzaines?|docenas?|dúzias?)\b"
    r"( and a half\b| y media\b| et demie\b| e meia\b)?(?: (?:of|de)\b)?",
    re.IGNORECASE,
)
# A multiple in words after digits; one entirely in words is converted with the others.
_MULTIPLES = {
    "hundred": 2,
    "hundert": 2,
    "thousand": 3,
    "tausend": 3,
    "mil": 3,
    "mille": 3,
    "lakh": 5,
    "million": 6,
    "millions": 6,
    "mio": 6,
    "millionen": 6,
    "millones": 6,
    "milhões": 6,
    "crore": 7,
}
_MULTIPLIED = re.compile(
    rf"({NUMBER})[ \u00a0-]?({'|'.join(sorted(_MULTIPLES, key=len, reverse=True))})\b(?: d[e']\b)?", re.IGNORECASE
)
# "10k" and "1e3", but no 4k video and no race of 5k; "M" is a million where it is written large, as metres are not.
_SHORT = re.compile(
    r"(?<![\w.,/-])(\d{1,6}(?:[.,]\d{1,3})?)(?:(k| k|K|M)\b(?!-|\s+(?:run|race|walk|video|resolution|display|screen|tv|monitor|texture|"
    r"footage|charity|fun)\b)|[eE]\+?(\d{1,2})\b)"
)
_HALVES = {"½": "5", "¼": "25", "¾": "75", "1/2": "5", "1/4": "25", "3/4": "75"}
_HALF = re.compile(
    rf"(?<![\w.,/])(\d{{1,9}}|{'|'.join(SMALL['en'])})?(?: and (a half)\b|\s?([½¼¾])|(?<=\d) ([13]/[24])(?![\w/]))",
    re.IGNORECASE,
)
# Words that are followed by their number: "chapter 3 200 words" contains no 3200.
_NUMBERED = re.compile(
    r"\b(?:chapter|grade|year|class|level|unit|lesson|part|page|step|section|version|number|week|day|no\.|klasse|kapitel|stufe|chapitre"
    r"|classe|capítulo|nivel|ano|série|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*) $",
    re.IGNORECASE,
)
_GROUPED = re.compile(NUMBER + r"(?!-)")
# Characters that are read, in pieces because the converter backtracks within a piece.
MAX_CHARACTERS = 6_000
_PIECES = re.compile(r".{1,200}(?!\S)|.{1,200}", re.DOTALL)
# Pieces with a spelled-out number that are converted.
_MAX_SPELLED_PIECES = 8


def _normalise_number(number: str, *, has_suffix: bool) -> str:
    """Return a number without grouping signs and with a decimal point."""
    number = re.sub(r"['’\s]", "", number)
    points, commas = number.count("."), number.count(",")
    if points and commas:
        decimal = "." if number.rfind(".") > number.rfind(",") else ","
        return number.replace("," if decimal == "." else ".", "").replace(",", ".")
    if points + commas > 1:
        return number.replace(".", "").replace(",", "")
    head, _, tail = number.replace(",", ".").partition(".")
    grouped = len(tail) == 3 and not has_suffix and head != "0"
    return f"{head}{tail}" if grouped else number.replace(",", ".")


def convert_spelled_numbers(text: str) -> str:
    """Convert spelled-out numbers from sixteen upwards into digits: "two hundred questions" becomes "200 questions".

    Covers English, German, French, Spanish and Portuguese. A multiple after digits is one number with them: "2 thousand" becomes
    "2000".
    """
    head, rest = _MULTIPLIED.sub(_expand_multiple, text[:MAX_CHARACTERS]), text[MAX_CHARACTERS:]
    for language, words in (("en", _ENGLISH), *_TELLING_WORDS.items()):
        pieces, left = _PIECES.findall(head), _MAX_SPELLED_PIECES
        for at, piece in enumerate(pieces):
            if left and words.search(piece):
                pieces[at] = alpha2digit(piece, language, threshold=_MIN_SPELLED)
                left -= 1
        head = "".join(pieces)
    return head + rest


@lru_cache(maxsize=16)
def convert_to_digits(text: str) -> str:
    """Convert all numbers of a text into plain digits: "10k", "1 000", "3 dozen", "2½" become 10000, 1000, 36, 2.5.

    Small numbers in words are kept, as the words have other meanings.
    """
    head, rest = text[:MAX_CHARACTERS], text[MAX_CHARACTERS:]
    for pattern, written in (
        (_HALF, _expand_half),
        (_SHORT, _expand_suffix),
        (_MULTIPLIED, _expand_multiple),
        (_GROUPED, _join_groups),
    ):
        head = pattern.sub(written, head)
    return _DOZENS.sub(_expand_dozens, convert_spelled_numbers(head)) + rest


def _format_digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _expand_multiple(found: re.Match[str]) -> str:
    if " " in found[1] and _is_label(found.string, found.start()):
        return found.group()
    return _format_digits(Decimal(_normalise_number(found[1], has_suffix=True)).scaleb(_MULTIPLES[found[2].casefold()]))


def _expand_suffix(found: re.Match[str]) -> str:
    power = int(found[3]) if found[3] else 6 if found[2] == "M" else 3
    return _format_digits(Decimal(found[1].replace(",", ".")).scaleb(power))


def _expand_half(found: re.Match[str]) -> str:
    whole = SMALL["en"].get((found[1] or "0").casefold(), found[1] or "0")
    return f"{whole}.{_HALVES.get(found[3] or found[4] or '', '5')}"


def _join_groups(found: re.Match[str]) -> str:
    """Join the groups of a number; two adjacent numbers are left alone."""
    number = found.group()
    if number.isdigit() or (" " in number and _is_label(found.string, found.start())):
        return number
    plain = _normalise_number(number, has_suffix=False)
    return plain.removesuffix(".00") if plain != number else number


def _is_label(text: str, start: int) -> bool:
    return bool(_NUMBERED.search(text[max(0, start - 12) : start]))


def _expand_dozens(found: re.Match[str]) -> str:
    amount = found[1].casefold()
    dozens = _WORDS[amount] if amount in _WORDS else Decimal(amount)
    return _format_digits(12 * (dozens + Decimal("0.5") if found[2] else dozens))
