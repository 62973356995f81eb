"""Spelled-out addresses, "evil dot xyz", and telephone numbers: searched for where the meant ones are known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

# A dot in words, in brackets, or between spaces.
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
# A telephone number, and the words that introduce one.
_ANY_NUMBER = re.compile(r"(?<![\w.,])\+?\(?\d[\d ()/.\u2010-\u2015\u00a0-]{5,22}\d(?!\d)")
# Characters before a number that are searched for an introduction.
MAX_BEFORE = 40
_DIAL = re.compile(
    r"(?<![^\W_])(?:tel|telephone|telefon|telefone|tel[eé]fono|t[eé]l[eé]phone|phone|fax|mobile|mobil|m[oó]vil|handy|hotline|sms"
    r"|whats ?app|call|dial|ring|callto)(?:\s(?:us|me|at|on|now)){0,2}\s?[.:]{0,2}\s{0,2}\Z",
    re.IGNORECASE,
)
_MIN_DIGITS, _MAX_DIGITS = 7, 15
# Final digits that all spellings of a number share, with or without its country code.
_COMPARED_DIGITS = 7
# Suffixes that count when spelled out, though they are words or names as well.
_SAID_AS_ENDINGS = frozenset({"com", "net", "org", "info", "app", "uk"})
_MIN_ZIPF_FREQUENCY = 4.5
_LANGUAGES = ("en", "de", "es", "fr", "pt")
# Known addresses in one pattern.
_MAX_AT_ONCE = 200


def find_spoken_hosts(text: str) -> Iterator[str]:
    """Yield spelled-out addresses of a text: "evil dot xyz" is evil.xyz. Not those ending in a word: "a polka dot shop"."""
    for found in _SAID.finditer(text):
        host = _DOT.sub(".", found.group()).casefold().removeprefix("www.")
        ending = host.rpartition(".")[2]
        if _IN_BRACKETS.search(found.group()) or ending in _SAID_AS_ENDINGS or not _is_word(ending):
            yield host


def find_known_hosts(text: str, known: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the spans of known hosts that are spelled out, "evil . xyz", with the host."""
    words = set(_LABEL.findall(text.casefold()))
    meant = sorted(one for one in known if "." in one and words.issuperset(one.split(".")))
    for at in range(0, len(meant), _MAX_AT_ONCE):
        for found in _build_host_pattern(tuple(meant[at : at + _MAX_AT_ONCE])).finditer(text):
            yield *found.span(), _DOT.sub(".", found.group()).casefold()


@lru_cache(maxsize=256)
def _build_host_pattern(hosts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(_build_loose_pattern, hosts))})(?![\w-])", re.IGNORECASE)


def _build_loose_pattern(host: str) -> str:
    ending = host.rpartition(".")[2]
    dots = [_BRACKETED, _WORD]
    if ending in _SAID_AS_ENDINGS or not _is_word(ending):
        dots.append(r"\s{1,2}\.\s{0,2}")
    # "We closed. It rains" is no address, even if closed.it is known.
    if not _is_word(ending):
        dots.append(r"\.\s{1,2}")
    # At least one dot is spelled out: addresses with plain dots are found elsewhere.
    labels = [re.escape(one) for one in host.split(".")]
    return rf"(?!{re.escape(host)})" + rf"(?:{'|'.join(dots)}|\.)".join(labels)


@lru_cache(maxsize=1024)
def _is_word(ending: str) -> bool:
    """Whether a suffix is a common word of a supported language: "it", "shop", "de"."""
    from wordfreq import zipf_frequency

    return any(zipf_frequency(ending, language, wordlist="small") >= _MIN_ZIPF_FREQUENCY for language in _LANGUAGES)


def find_numbers(text: str) -> Iterator[str]:
    """Yield the normalised telephone numbers in a text."""
    for found in _ANY_NUMBER.finditer(text):
        if number := normalise_phone_number(found.group()):
            yield number


def find_spoken_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the spans of numbers with a country code or an introduction such as "call", with the normalised number."""
    for found in _ANY_NUMBER.finditer(text):
        before = text[max(0, found.start() - MAX_BEFORE) : found.start()]
        if (number := normalise_phone_number(found.group())) and (
            found.group().startswith("+") or _DIAL.search(before)
        ):
            yield *found.span(), number


def normalise_phone_number(number: str) -> str:
    """Return the last digits of a telephone number for comparison; empty if it is none."""
    digits = "".join(filter(str.isdecimal, number))
    return digits[-_COMPARED_DIGITS:] if _MIN_DIGITS <= len(digits) <= _MAX_DIGITS else ""
