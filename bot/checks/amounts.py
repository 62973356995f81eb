"""Reads numbers as people write them: grouped in any country's way, shortened, or spelled out. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from text_to_num import alpha2digit

# A number with its thousands apart (1'000, 1 000, 1.000, 1,000, 1,00,000), or without; then cents, or a part of a million.
# Two digits between the signs are India's; no run of digits is begun again from within.
NUMBER = (
    r"(?<![\d.,'’])(?:\d{1,3}(?:(?:['’]\d{3})+|(?:[ \u00a0\u202f]\d{3}(?!\d))+|(?:\.\d{3}(?!\d))+|(?:,\d{2,3}(?!\d))*,\d{3}(?!\d))"
    r"|\d{1,15})(?:[.,]\d{1,3}(?!\d))?(?!\d)"
)
_TIMES = {
    "k": 3, "tsd": 3, "thousand": 3, "tausend": 3, "mil": 3, "mille": 3, "grand": 3, "lakh": 5, "lakhs": 5, "m": 6, "mio": 6, "mn": 6,
    "million": 6, "millions": 6, "millionen": 6, "millones": 6, "milhões": 6, "crore": 7, "crores": 7,
}  # fmt: skip
SHORTENED = rf"(?:\s?(?:{'|'.join(sorted(_TIMES, key=len, reverse=True))})\b\.?)?"
AMOUNT = NUMBER + SHORTENED

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
_MIN_SPELLED = 16
# Small numbers in words; "once" is no eleven in English, hence each language for itself, and "ein" is an article.
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
# How often a multiple is meant that stands behind a number or an article; elsewhere "dozens of cards" is no number.
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
# A multiple in words behind digits; one that is all in words is read with the others.
_MULTIPLES = {
    "hundred": 2, "hundert": 2, "thousand": 3, "tausend": 3, "mil": 3, "mille": 3, "lakh": 5, "million": 6, "millions": 6, "mio": 6,
    "millionen": 6, "millones": 6, "milhões": 6, "crore": 7,
}  # fmt: skip
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
# Words whose number stands behind them: "chapter 3 200 words" holds no 3200.
_NUMBERED = re.compile(
    r"\b(?:chapter|grade|year|class|level|unit|lesson|part|page|step|section|version|number|week|day|no\.|klasse|kapitel|stufe|chapitre"
    r"|classe|capítulo|nivel|ano|série|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*) $",
    re.IGNORECASE,
)
_GROUPED = re.compile(NUMBER + r"(?!-)")
# Characters that are read, and the pieces they are read in, as what reads them goes back within a piece.
MAX_READ = 6_000
_PIECES = re.compile(r".{1,200}(?!\S)|.{1,200}", re.DOTALL)
# Pieces with a number in words; a brief says few.
_MAX_SPELLED = 8


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

    English, German, French, Spanish and Portuguese. A multiple behind digits is one number with them: "2 thousand" gives "2000".
    """
    head, rest = _MULTIPLIED.sub(_multiplied, text[:MAX_READ]), text[MAX_READ:]
    for language, words in (("en", _ENGLISH), *_TELLING.items()):
        pieces, left = _PIECES.findall(head), _MAX_SPELLED
        for at, piece in enumerate(pieces):
            if left and words.search(piece):
                pieces[at] = alpha2digit(piece, language, threshold=_MIN_SPELLED)
                left -= 1
        head = "".join(pieces)
    return head + rest


@lru_cache(maxsize=16)
def in_digits(text: str) -> str:
    """A text with its numbers in plain digits, however it writes them: "10k", "1 000", "3 dozen", "2½" become 10000, 1000, 36, 2.5.

    Small numbers in words stay; they are words of other things as well.
    """
    head, rest = text[:MAX_READ], text[MAX_READ:]
    for pattern, written in ((_HALF, _halved), (_SHORT, _lengthened), (_MULTIPLIED, _multiplied), (_GROUPED, _joined)):
        head = pattern.sub(written, head)
    return _DOZENS.sub(_dozens, spelled_out(head)) + rest


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _multiplied(found: re.Match[str]) -> str:
    if " " in found[1] and _is_label(found.string, found.start()):
        return found.group()
    return _digits(Decimal(_plain(found[1], shortened=True)).scaleb(_MULTIPLES[found[2].casefold()]))


def _lengthened(found: re.Match[str]) -> str:
    power = int(found[3]) if found[3] else 6 if found[2] == "M" else 3
    return _digits(Decimal(found[1].replace(",", ".")).scaleb(power))


def _halved(found: re.Match[str]) -> str:
    whole = SMALL["en"].get((found[1] or "0").casefold(), found[1] or "0")
    return f"{whole}.{_HALVES.get(found[3] or found[4] or '', '5')}"


def _joined(found: re.Match[str]) -> str:
    """A number whose thousands are apart, in one; two numbers that only stand side by side are left."""
    number = found.group()
    if number.isdigit() or (" " in number and _is_label(found.string, found.start())):
        return number
    plain = _plain(number, shortened=False)
    return plain.removesuffix(".00") if plain != number else number


def _is_label(text: str, start: int) -> bool:
    return bool(_NUMBERED.search(text[max(0, start - 12) : start]))


def _dozens(found: re.Match[str]) -> str:
    said = found[1].casefold()
    dozens = _WORDS[said] if said in _WORDS else Decimal(said)
    return _digits(12 * (dozens + Decimal("0.5") if found[2] else dozens))
