"""Addresses as people say them, "evil dot xyz" and telephone numbers: looked for where it is known which are meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

# A dot in words or in brackets, or one that stands alone.
_WORD = r"\s{1,2}(?:dot|punkt|punto|point|ponto)\s{1,2}"
_BRACKETED = r"\s?[\[({<]\s?(?:\.|dot|punkt|punto|point|ponto)\s?[\])}>]\s?"
_ALONE = r"\s{1,2}\.\s{1,2}"
_SAID = re.compile(
    rf"(?<![\w.-])(?:[\w-]{{1,63}}+\.){{0,5}}[\w-]{{1,63}}+(?:(?:{_WORD}|{_BRACKETED}|{_ALONE})[\w-]{{1,63}}+(?:\.[\w-]{{1,63}}+){{0,3}}){{1,3}}",
    re.IGNORECASE,
)
_DOT = re.compile(rf"{_WORD}|{_BRACKETED}|\s{{0,2}}\.\s{{0,2}}", re.IGNORECASE)
_IN_BRACKETS = re.compile(_BRACKETED, re.IGNORECASE)
_LABEL = re.compile(r"[\w-]+")
# A number as one is dialled, and what says that it is one.
_ANY_NUMBER = re.compile(r"(?<![\w.,])\+?\(?\d[\d ()/.\u2010-\u2015\u00a0-]{5,22}\d(?!\d)")
# Read of so many characters before a number.
MAX_BEFORE = 40
_DIAL = re.compile(
    r"(?<![^\W_])(?:tel|telephone|telefon|telefone|tel[eé]fono|t[eé]l[eé]phone|phone|fax|mobile|mobil|m[oó]vil|handy|hotline|sms"
    r"|whats ?app|call|dial|ring|callto)(?:\s(?:us|me|at|on|now)){0,2}\s?[.:]{0,2}\s{0,2}\Z",
    re.IGNORECASE,
)
_MIN_DIGITS, _MAX_DIGITS = 7, 15
# Digits at the end that two ways of writing one number share, with its country's code or without.
_SHARED = 7
# Endings that are said as such, though they are words or names as well.
_SAID_AS_ENDINGS = frozenset({"com", "net", "org", "info", "app", "uk"})
_COMMON = 4.5
_LANGUAGES = ("en", "de", "es", "fr", "pt")
# So many known addresses are looked for at once.
_MAX_AT_ONCE = 200


def said_hosts(text: str) -> Iterator[str]:
    """What a text says as addresses: "evil dot xyz" is evil.xyz. Not where it ends in a word: "a polka dot shop"."""
    for found in _SAID.finditer(text):
        host = _DOT.sub(".", found.group()).casefold().removeprefix("www.")
        ending = host.rpartition(".")[2]
        if _IN_BRACKETS.search(found.group()) or ending in _SAID_AS_ENDINGS or not _is_word(ending):
            yield host


def known_said(text: str, known: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """Where a text says one of some known hosts with another dot than an address has: "evil . xyz"; with the host."""
    words = set(_LABEL.findall(text.casefold()))
    meant = sorted(one for one in known if "." in one and words.issuperset(one.split(".")))
    for at in range(0, len(meant), _MAX_AT_ONCE):
        for found in _looking_for(tuple(meant[at : at + _MAX_AT_ONCE])).finditer(text):
            yield *found.span(), _DOT.sub(".", found.group()).casefold()


@lru_cache(maxsize=256)
def _looking_for(hosts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(_loosely, hosts))})(?![\w-])", re.IGNORECASE)


def _loosely(host: str) -> str:
    ending = host.rpartition(".")[2]
    dots = [_BRACKETED, _WORD]
    if ending in _SAID_AS_ENDINGS or not _is_word(ending):
        dots.append(r"\s{1,2}\.\s{0,2}")
    # "We closed. It rains" is no address, whatever stands elsewhere.
    if not _is_word(ending):
        dots.append(r"\.\s{1,2}")
    # One dot at least is said: an address with plain ones is read as such.
    labels = [re.escape(one) for one in host.split(".")]
    return rf"(?!{re.escape(host)})" + rf"(?:{'|'.join(dots)}|\.)".join(labels)


@lru_cache(maxsize=1024)
def _is_word(ending: str) -> bool:
    """Whether an ending is a usual word of a language that the bot speaks: "it", "shop", "de"."""
    from wordfreq import zipf_frequency

    return any(zipf_frequency(ending, language, wordlist="small") >= _COMMON for language in _LANGUAGES)


def numbers(text: str) -> Iterator[str]:
    """What could be dialled of a text's numbers, each as far as two ways of writing it agree."""
    for found in _ANY_NUMBER.finditer(text):
        if number := dialled(found.group()):
            yield number


def said_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a text says to dial a number, or gives one with a country's code, and what `dialled` makes of it."""
    for found in _ANY_NUMBER.finditer(text):
        before = text[max(0, found.start() - MAX_BEFORE) : found.start()]
        if (number := dialled(found.group())) and (found.group().startswith("+") or _DIAL.search(before)):
            yield *found.span(), number


def dialled(number: str) -> str:
    """The last digits of a telephone number, by which it is compared; empty for what is none."""
    digits = "".join(filter(str.isdecimal, number))
    return digits[-_SHARED:] if _MIN_DIGITS <= len(digits) <= _MAX_DIGITS else ""
