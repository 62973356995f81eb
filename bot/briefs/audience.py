"""Whom a text is for, and how it is to sound, as a brief says it, with the place where it says so. Pure.

"For parents" counts behind the name of a text, as a clause of its own, and anywhere in teaching material: a "party for children" is
what a text is about. A word of tone counts as a clause of its own, beside the name of a text, and where it is called a tone.
"""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

import re
from typing import NamedTuple

from .forms import Form
from .manner import LEAD, NO_NAME
from .orders import order_in
from .wording import MOST_READ, filled, spoken, words


class Said(NamedTuple):
    """Words of a brief, and from where to where they stand in it; empty where it says nothing."""

    text: str = ""
    span: tuple[int, int] = (0, 0)


_QUOTED = re.compile(r"[\"“«„][^\"“”«»„\n]{0,300}[\"”»“]")
_START = r"(?:^|[.,;:!?\n(–—、。，！？：؛،।]\s{0,8}|\s-{1,2}\s{1,8})"
_END = r"(?=\s{0,8}(?:[.,;:!?\n)–—、。，！？：؛،।]|$|-{1,2}\s))"
_NEXT = r"(?:\s{1,8}|(?<=['’]))"
_WORD = r"[^\W_][\w'’-]{0,40}"
_YEAR = r"(?:<audience.years>\s\d{1,2}(?![\d%])|\d{1,2}(?:th|[.ºªe]|ème)?\s<audience.class>)"
_OWN = r"(?:(?:<order.their>|<order.a>|<audience.our>)\s{1,8}){0,2}"
_GROUP = rf"(?:{_YEAR}|(?!<audience.all>(?![\w-])(?!\s<audience.link>))(?:<audience.people>|<order.people>))(?![\w'’-])"
_MORE = rf"(?:\s<audience.after>(?![\w-]))?(?:\s<audience.link>{_NEXT}(?!(?:<audience.stop>|<order.a>)\b)(?:\d{{1,3}}\.\s)?{_WORD}(?:\s(?!<audience.stop>\b){_WORD}){{0,3}})?"
# No verb stands there: "for teaching kids", "pour aider les parents".
_KIND = r"(?!(?:<audience.stop>|<number>)\b|\w{1,30}(?:ing|[aei]r)\s)[^\W\d_][\w-]{0,40}\s"
_WHOM = rf"(?P<whom>{_OWN}(?:{_KIND}){{0,2}}?{_GROUP}{_MORE})"
# "To" also begins what is to be done.
_TO_WHOM = rf"(?P<to>(?:(?:<order.their>|<order.a>|<audience.our>)\s{{1,8}}){{1,2}}(?:{_KIND}){{0,2}}?{_GROUP}{_MORE}|{_GROUP}{_MORE})"
# What a brief calls its readers may be any words, those that a clause has.
_ANYBODY = rf"(?P<whom>(?:(?!<audience.stop>\b){_WORD}\s?){{1,7}})"
_TEXT = r"(?:<order.text>|<audience.text>)s?(?:\s<order.behind>)?(?:\s<order.at>\s<order.network>)?"
_NAMED = rf"\b<audience.named>(?:\s?[:=]\s{{0,8}}|\s<audience.is>\s){_ANYBODY}|\b<audience.aimed>{_NEXT}{_ANYBODY.replace('whom', 'called')}"
_OF_TEXT = rf"\b{_TEXT}\s(?:<order.for>\s{_WHOM}|<order.to>\s{_TO_WHOM})"
# Whoever it goes to stands first: "会員へのメール：".
_LED = r"^(?P<whom>(?:<order.their>\s?)?<order.people>)\s?(?:<order.to>\s?)?<order.text>\s?[:：]"
_CLAUSE = rf"{_START}(?:<audience.and>\s)?(?:<order.for>|<audience.of>)\s{_WHOM}{_END}"
_ANYWHERE = rf"\b<order.for>\s{_WHOM}"
# How hard a text may be is read as its level.
_LEVEL = re.compile(r"\b(?:[ABC][12]|grades?|graders?|year[- ]olds?|jährigen?)\b", re.IGNORECASE)

_TONED = r"(?:<tone.not>\s{1,8})?(?:<manner.so>\s{1,8})?(?:<manner.very>\s{1,8}){0,2}(?:<tone.word>|<manner.formal>|<manner.casual>|<manner.stiff>)(?![\w-])"
_CHAIN = rf"(?P<tone>{_TONED}(?:(?:,\s?(?:<tone.and>\s)?|\s<tone.and>\s){_TONED}){{0,3}})"
_BARE_WORD = r"(?!<tone.stop=>\b)[^\W\d_][\w'’-]{0,30}"
_BARE, _PLAIN = rf"(?:{_BARE_WORD}\s)", rf"(?:{_BARE_WORD},?\s)"
_CALLED = (
    rf"\b<tone.tone>(?:\s?[:=]\s{{0,8}}|\s<tone.is>\s)(?P<is>[^.,;:!?\n()]{{2,60}}(?:,\s?{_TONED}){{0,3}})"
    rf"|\b<tone.in>{_NEXT}(?:<manner.article>\s)?(?P<before>{_PLAIN}{{1,5}}?)<tone.tone>(?!\w)"
    rf"|{_START}(?!<tone.other>\b)(?:<manner.article>\s)?(?P<alone>{_BARE}{{1,2}}?)<tone.tone>{_END}"
    rf"|(?:\b<tone.led>|{_START}<tone.bare>)\s(?P<led>{_BARE_WORD}(?:\s{_BARE_WORD}){{0,4}}(?:,\s?{_TONED}){{0,3}})"
)
_ALONE = rf"(?:{_START}|\b<manner.and>\s){LEAD}{_CHAIN}(?:\s?<manner.tone>){{0,2}}(?:{_END}|(?=\s<manner.to>\b))"
_BESIDE = rf"\b{_CHAIN}\s(?:[\w-]{{1,40}}\s)?<order.text>\b{NO_NAME}"
_BEHIND = rf"\b<order.text!>\s{_CHAIN}"


def audience_of(brief: str, form: Form) -> Said:
    """Whom a text is for: "parents of year 5"; empty where a brief does not say, or says no more than a level of reading."""
    text, code = _order(brief, form), spoken(brief[:MOST_READ])
    patterns = [_LED, _NAMED, _others(_OF_TEXT, code), _CLAUSE, *([_ANYWHERE] if form.taught else [])]
    for pattern in patterns:
        for found in filled(pattern, code).finditer(text):
            group = str(found.lastgroup)
            if not _LEVEL.search(found[group]):
                return _said(found, group)
    return Said()


def tone_of(brief: str, form: Form) -> Said:
    """How a text is to sound: "funny but not silly"; empty where a brief does not say, or says only how formal it is."""
    text, code = _order(brief, form), spoken(brief[:MOST_READ])
    if found := filled(_CALLED, code).search(text):
        return _said(found, str(found.lastgroup))
    tone = filled("<tone.word>", code)
    for pattern in () if form.describing else (_others(_BESIDE, code), _others(_BEHIND, code), _ALONE):
        for found in filled(pattern, code).finditer(text):
            if tone.search(found["tone"]):
                return _said(found, "tone")
    return Said()


def _order(brief: str, form: Form) -> str:
    """What of a brief is an order, without what is quoted, each character at its place."""
    return _QUOTED.sub(lambda found: "~" * len(found.group()), order_in(brief[:MOST_READ], form))


def _others(template: str, code: str) -> str:
    """A pattern that begins with a text which is to be made: "our newsletter for members" is another."""
    return "".join(rf"(?<!\b{word} )" for word in words("manner.anothers", code)) + template


def _said(found: re.Match[str], group: str) -> Said:
    start, end = found.span(group)
    text = found[group]
    start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip(" ,\n\t-"))
    return Said(" ".join(found.string[start:end].split()), (start, end))
