"""Convert numbers as users write them into digits: grouped as in any country, abbreviated, or spelled out."""

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
_SUFFIX_POWERS = {
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
SUFFIX = rf"(?:\s?(?:{'|'.join(sorted(_SUFFIX_POWERS, key=len, reverse=True))})\b\.?)?"
AMOUNT = NUMBER + SUFFIX

# Words that identify the language of a spelled-out number; English is tried for any text.
_NUMBER_WORD_PATTERNS = {
    "de": r"(?:hundert|tausend|zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)",
    "fr": r"vingt|trente|quarante|cinquante|soixante|(?:deux|trois|quatre|cinq|six|sept|huit|neuf) cents?",
    "es": r"veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|ciento|[a-z]?cient[oa]s|quinient[oa]s",
    "pt": r"vinte|trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa|duzent[oa]s|trezent[oa]s|[a-z]?centos",
}
_NUMBER_WORDS = {
    language: re.compile(rf"(?:{words})\b", re.IGNORECASE) for language, words in _NUMBER_WORD_PATTERNS.items()
}
_ENGLISH_NUMBER_WORDS = re.compile(
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
# Words before "dozen" with their numbers; without one, as in "dozens of cards", there is no number.
_DOZEN_COUNTS = {word: Decimal(value) for words in SMALL.values() for word, value in words.items()}
_DOZEN_COUNTS |= dict.fromkeys(("a", "an", "ein", "une", "una", "uma"), Decimal(1))
_DOZEN_COUNTS |= dict.fromkeys(("a couple", "a couple of"), Decimal(2))
_DOZEN_COUNTS |= dict.fromkeys(("one and a half", "anderthalb", "eineinhalb"), Decimal("1.5"))
_DOZEN_COUNTS |= dict.fromkeys(("half a", "ein halbes", "une demi", "demi", "media", "meia"), Decimal("0.5"))
_COUNT = rf"(?:\d{{1,9}}(?:\.\d{{1,3}})?|{'|'.join(sorted(_DOZEN_COUNTS, key=len, reverse=True))})"
_DOZENS = re.compile(
    rf"(?<![\w.,])({_COUNT})[ -](?:dozens?|dutzend|douzaines?|docenas?|dúzias?)\b"
    r"( and a half\b| y media\b| et demie\b| e meia\b)?(?: (?:of|de)\b)?",
    re.IGNORECASE,
)
# A multiple in words after digits; one entirely in words is converted with the others.
_MULTIPLE_POWERS = {
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
    rf"({NUMBER})[ \u00a0-]?({'|'.join(sorted(_MULTIPLE_POWERS, key=len, reverse=True))})\b(?: d[e']\b)?", re.IGNORECASE
)
# "10k" and "1e3", but no 4k video and no race of 5k; "M" is a million where it is written large, as metres are not.
_ABBREVIATED = re.compile(
    r"(?<![\w.,/-])(\d{1,6}(?:[.,]\d{1,3})?)(?:(k| k|K|M)\b(?!-|\s+(?:run|race|walk|video|resolution|display|screen|tv|monitor|texture|"
    r"footage|charity|fun)\b)|[eE]\+?(\d{1,2})\b)"
)
_FRACTION_DIGITS = {"½": "5", "¼": "25", "¾": "75", "1/2": "5", "1/4": "25", "3/4": "75"}
_WITH_FRACTION = re.compile(
    rf"(?<![\w.,/])(\d{{1,9}}|{'|'.join(SMALL['en'])})?(?: and (a half)\b|\s?([½¼¾])|(?<=\d) ([13]/[24])(?![\w/]))",
    re.IGNORECASE,
)
# Words that are followed by their number: "chapter 3 200 words" contains no 3200.
_LABEL = re.compile(
    r"\b(?:chapter|grade|year|class|level|unit|lesson|part|page|step|section|version|number|week|day|no\.|klasse|kapitel|stufe|chapitre"
    r"|classe|capítulo|nivel|ano|série|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*) $",
    re.IGNORECASE,
)
_GROUPED = re.compile(NUMBER + r"(?!-)")
# Characters that are converted, in pieces because the converter backtracks within a piece.
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
    is_grouped = len(tail) == 3 and not has_suffix and head != "0"
    return f"{head}{tail}" if is_grouped else number.replace(",", ".")


def convert_spelled_numbers(text: str) -> str:
    """Convert spelled-out numbers from sixteen upwards into digits: "two hundred questions" becomes "200 questions".

    Covers English, German, French, Spanish and Portuguese. A multiple after digits is one number with them: "2 thousand" becomes
    "2000".
    """
    head, rest = _MULTIPLIED.sub(_expand_multiple, text[:MAX_CHARACTERS]), text[MAX_CHARACTERS:]
    for language, words in (("en", _ENGLISH_NUMBER_WORDS), *_NUMBER_WORDS.items()):
        pieces, remaining = _PIECES.findall(head), _MAX_SPELLED_PIECES
        for at, piece in enumerate(pieces):
            if remaining and words.search(piece):
                pieces[at] = alpha2digit(piece, language, threshold=_MIN_SPELLED)
                remaining -= 1
        head = "".join(pieces)
    return head + rest


@lru_cache(maxsize=16)
def convert_to_digits(text: str) -> str:
    """Convert all numbers of a text into plain digits: "10k", "1 000", "3 dozen", "2½" become 10000, 1000, 36, 2.5.

    Small numbers in words remain, as the words have other meanings.
    """
    head, rest = text[:MAX_CHARACTERS], text[MAX_CHARACTERS:]
    for pattern, convert in (
        (_WITH_FRACTION, _expand_fraction),
        (_ABBREVIATED, _expand_abbreviation),
        (_MULTIPLIED, _expand_multiple),
        (_GROUPED, _join_groups),
    ):
        head = pattern.sub(convert, head)
    return _DOZENS.sub(_expand_dozens, convert_spelled_numbers(head)) + rest


def _format_digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _expand_multiple(match: re.Match[str]) -> str:
    if " " in match[1] and _follows_label(match.string, match.start()):
        return match.group()
    return _format_digits(
        Decimal(_normalise_number(match[1], has_suffix=True)).scaleb(_MULTIPLE_POWERS[match[2].casefold()])
    )


def _expand_abbreviation(match: re.Match[str]) -> str:
    power = int(match[3]) if match[3] else 6 if match[2] == "M" else 3
    return _format_digits(Decimal(match[1].replace(",", ".")).scaleb(power))


def _expand_fraction(match: re.Match[str]) -> str:
    whole = SMALL["en"].get((match[1] or "0").casefold(), match[1] or "0")
    return f"{whole}.{_FRACTION_DIGITS.get(match[3] or match[4] or '', '5')}"


def _join_groups(match: re.Match[str]) -> str:
    """Join the groups of a number; the number of a label is not joined to one that follows."""
    number = match.group()
    if number.isdigit() or (" " in number and _follows_label(match.string, match.start())):
        return number
    plain = _normalise_number(number, has_suffix=False)
    return plain.removesuffix(".00") if plain != number else number


def _follows_label(text: str, start: int) -> bool:
    return bool(_LABEL.search(text[max(0, start - 12) : start]))


def _expand_dozens(match: re.Match[str]) -> str:
    amount = match[1].casefold()
    dozens = _DOZEN_COUNTS[amount] if amount in _DOZEN_COUNTS else Decimal(amount)
    return _format_digits(12 * (dozens + Decimal("0.5") if match[2] else dozens))
