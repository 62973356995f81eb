"""Find addresses that are spelled out, such as "evil dot xyz", and telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from personas.word_frequency import get_zipf_frequency

_DOT_WORD = r"\s{1,2}(?:dot|punkt|punto|point|ponto)\s{1,2}"
_BRACKETED_DOT = r"\s?[\[({<]\s?(?:\.|dot|punkt|punto|point|ponto)\s?[\])}>]\s?"
_SPACED_DOT = r"\s{1,2}\.\s{1,2}"
_SPOKEN_HOST = re.compile(
    rf"(?<![\w.-])(?:[\w-]{{1,63}}+\.){{0,5}}[\w-]{{1,63}}+"
    rf"(?:(?:{_DOT_WORD}|{_BRACKETED_DOT}|{_SPACED_DOT})[\w-]{{1,63}}+(?:\.[\w-]{{1,63}}+){{0,3}}){{1,3}}",
    re.IGNORECASE,
)
_ANY_DOT = re.compile(rf"{_DOT_WORD}|{_BRACKETED_DOT}|\s{{0,2}}\.\s{{0,2}}", re.IGNORECASE)
_ANY_BRACKETED_DOT = re.compile(_BRACKETED_DOT, re.IGNORECASE)
_LABEL = re.compile(r"[\w-]+")
_PHONE_NUMBER = re.compile(r"(?<![\w.,])\+?\(?\d[\d ()/.\u2010-\u2015\u00a0-]{5,22}\d(?!\d)")
# Characters before a number that are searched for an introduction.
MAX_INTRODUCTION_CHARACTERS = 40
_PHONE_INTRODUCTION = re.compile(
    r"(?<![^\W_])(?:tel|telephone|telefon|telefone|tel[eé]fono|t[eé]l[eé]phone|phone|fax|mobile|mobil|m[oó]vil|handy|hotline|sms"
    r"|whats ?app|call|dial|ring|callto)(?:\s(?:us|me|at|on|now)){0,2}\s?[.:]{0,2}\s{0,2}\Z",
    re.IGNORECASE,
)
_MIN_PHONE_DIGITS, _MAX_PHONE_DIGITS = 7, 15
# Final digits that all spellings of a number share, with or without its country code.
_COMPARED_DIGITS = 7
# Suffixes that are taken for domains even when spelled out, though they are words or names as well.
_SPOKEN_SUFFIXES = frozenset({"com", "net", "org", "info", "app", "uk"})
_MIN_ZIPF_FREQUENCY = 4.5
_LANGUAGES = ("en", "de", "es", "fr", "pt")
_MAX_HOSTS_PER_PATTERN = 200


def find_spoken_hosts(text: str) -> Iterator[str]:
    """Yield the hosts that are spelled out in a text: "evil dot xyz" is evil.xyz.

    Those ending in a common word are skipped, as in "a polka dot shop", unless a dot is in brackets.
    """
    for match in _SPOKEN_HOST.finditer(text):
        host = _ANY_DOT.sub(".", match.group()).casefold().removeprefix("www.")
        if _ANY_BRACKETED_DOT.search(match.group()) or _is_spoken_suffix(host.rpartition(".")[2]):
            yield host


def find_known_hosts(text: str, hosts: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the spans in which one of the given hosts is spelled out, "evil . xyz", with the host."""
    labels = set(_LABEL.findall(text.casefold()))
    possible_hosts = sorted(host for host in hosts if "." in host and labels.issuperset(host.split(".")))
    for first in range(0, len(possible_hosts), _MAX_HOSTS_PER_PATTERN):
        pattern = _build_hosts_pattern(tuple(possible_hosts[first : first + _MAX_HOSTS_PER_PATTERN]))
        for match in pattern.finditer(text):
            yield *match.span(), _ANY_DOT.sub(".", match.group()).casefold()


@lru_cache(maxsize=256)
def _build_hosts_pattern(hosts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(_build_host_pattern, hosts))})(?![\w-])", re.IGNORECASE)


def _build_host_pattern(host: str) -> str:
    """Build the pattern of a host with at least one dot spelled out; `find_links` finds those with plain dots."""
    suffix = host.rpartition(".")[2]
    dots = [_BRACKETED_DOT, _DOT_WORD]
    if _is_spoken_suffix(suffix):
        dots.append(r"\s{1,2}\.\s{0,2}")
    # "We closed. It rains" is no address, even if closed.it is known.
    if not _is_word(suffix):
        dots.append(r"\.\s{1,2}")
    labels = [re.escape(label) for label in host.split(".")]
    return rf"(?!{re.escape(host)})" + rf"(?:{'|'.join(dots)}|\.)".join(labels)


def _is_spoken_suffix(suffix: str) -> bool:
    return suffix in _SPOKEN_SUFFIXES or not _is_word(suffix)


@lru_cache(maxsize=1024)
def _is_word(suffix: str) -> bool:
    """Whether a suffix is a common word of a supported language: "it", "shop", "de"."""
    return any(get_zipf_frequency(suffix, language) >= _MIN_ZIPF_FREQUENCY for language in _LANGUAGES)


def find_phone_numbers(text: str) -> Iterator[str]:
    """Yield the normalised telephone numbers in a text."""
    for match in _PHONE_NUMBER.finditer(text):
        if number := normalise_phone_number(match.group()):
            yield number


def find_introduced_phone_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the spans of numbers with a country code or an introduction such as "call", with the normalised number."""
    for match in _PHONE_NUMBER.finditer(text):
        before = text[max(0, match.start() - MAX_INTRODUCTION_CHARACTERS) : match.start()]
        number = normalise_phone_number(match.group())
        if number and (match.group().startswith("+") or _PHONE_INTRODUCTION.search(before)):
            yield *match.span(), number


def normalise_phone_number(number: str) -> str:
    """Return the last seven digits of a telephone number, for comparison; empty if it has too few or too many."""
    digits = "".join(filter(str.isdecimal, number))
    return digits[-_COMPARED_DIGITS:] if _MIN_PHONE_DIGITS <= len(digits) <= _MAX_PHONE_DIGITS else ""
