"""What a brief is about: the brief without what only orders a text and says its form. Pure."""

from __future__ import annotations

import re

from .clauses import Clause, clauses_of, without_orders
from .forms import Form
from .lexicon import forms_of
from .phrases import pattern_of
from .wording import MOST_READ, pattern_in, spoken

_PLAIN = re.RegexFlag(0)
_ANY = Form()
_PEOPLE = r"(?:<order.people>|<order.years> \d+)"
# Whom a text goes to: "to our regular customers", "to Sam", "for parents". What it is for may be its matter: "ad for shoes".
_TO_WHOM = (
    rf"(?:\s+<order.to>\s+(?:(?i:(?:<order.their>|<order.a>)\s+(?:[\w'’&-]+\s+){{0,3}}?[\w'’&-]+|{_PEOPLE})"
    r"|[A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){0,2})"
    rf"|\s+(?i:<order.for>\s+(?:<order.their>\s+){{0,2}}(?:[\w-]+\s+)?{_PEOPLE}))"
)
# A word that ends with an apostrophe has no blank behind it.
_NEXT = r"(?:\s+|(?<=['’]))"
_ORDERED = (
    r"^(?i:(?:<order.opens>\s+)*(?:<order.beside>\s+)*(?:\d{1,4}[ -]<order.words>\s+)?"
    r"(?:[\w-]+\s+)?<order.text>(?:\s+<order.behind>){0,2}(?:\s+<order.at>\s+<order.network>)?)"
    rf"{_TO_WHOM}?\s*"
    rf"(?i:(?:[:：,]|-(?!\d))\s*(?:<order.clause>{_NEXT})?|<order.saying>\s+(?:<order.that>{_NEXT})?|<order.about>{_NEXT}|<order.that>{_NEXT}"
    rf"|<order.on>{_NEXT}(?!\d|<order.day>))"
)
_ANNOUNCE = (
    rf"^(?:<order.please>\s+)?(?:<order.announce>,?\s+(?:<order.that>{_NEXT})?"
    rf"|<order.tell>\s+(?:[\w-]+,?\s+){{1,3}}?<order.that>{_NEXT})"
)
# An order that ends so names what the text is about next.
_ABOUT = rf"(?i:<order.about>{_NEXT}|<order.saying>\s+(?:<order.that>{_NEXT})?)$"
# "Kannst du … schreiben": the verb of an order that stands at its end.
_ASKED, _ENDS = r"^(?:<order.asked>)\b", r"\s+<order.ends>\W*$"
# Where whoever it goes to stands first: "会員へのメール：".
_LED = r"^(?i:(?:<order.their>\s*)?<order.people>\s*(?:<order.to>)?\s*<order.text>\s*[:：]\s*)"
_FEW = r"(?:\d{1,2}|<number>)"
_SEVERAL = (
    rf"\b(?:{_FEW}[- ])?(?:<several.texts>[- ])?<several.whole>\b(?:\s+<several.of>\s+{_FEW}(?:\s+<several.texts>)?)?"
    rf"|\b{_FEW}[- ](?:[^\W\d_]+\s)?<several.texts>\b"
)
_LEADING = (
    rf"^(?:(?![-−]\d)\W)*(?:<several.opens>\s+)*(?:<several.article>\s)?\s*"
    rf"(?:<several.at>\s+<several.network>\b)?[\s:,]*(?:<several.about>{_NEXT})?"
)
_SUBJECT = rf"^.{{0,60}}?\b(?:<detail.about>|:)(?:\s+|(?<=['’]))(?:<detail.article>{_NEXT})?(?=\w)"
# Words that a detail may have, and what is about form in every kind.
_DETAIL = (2, 14)
_BESIDE = ("word", "character", "tone", "quote", "budget", "keyword")
_STYLE = r"^(?:<detail.style>|\d+)\b"
_SAY = rf"^(?:<detail.and>\s+)?<detail.say>\s+(?:<order.that>{_NEXT})?(?:<detail.is>\s+)?"
# An accusative or dative that is named alone, in the case it then has: "über unseren Markt" is about "unser Markt".
_CASED = re.compile(r"(?P<article>[^\W\d_]{3,8})\s+(?=[A-ZÄÖÜ][\w-]{0,60}(?<![nN])\b)")


def message_of(brief: str, form: Form = _ANY) -> str:
    """The brief without what only orders it or its form: "tweet: we're closed on Monday, 2 hashtags" gives "we're closed on Monday"."""
    brief = brief[:MOST_READ]
    return message_from(clauses_of(brief, form), brief)


def message_from(clauses: list[Clause], brief: str) -> str:
    """What a brief is about, of which the clauses are known."""
    kept = without_orders(clauses) or brief.strip()
    rest = _unordered(kept, brief)
    if rest != kept and pattern_in(brief, _ASKED).search(kept):
        rest = pattern_in(brief, _ENDS).sub("", rest)
    said = trimmed(rest, " ,;:-") or kept
    said = pattern_in(brief, _ANNOUNCE).sub("", said, count=1) or said
    return _named(said, brief) if rest != kept else said


def _unordered(text: str, brief: str) -> str:
    """A text without the order that it begins with, and whom that is for."""
    led = pattern_in(brief, _LED, _PLAIN).sub("", text, count=1)
    return led if led != text else pattern_in(brief, _ORDERED, _PLAIN).sub("", text, count=1)


def _named(matter: str, brief: str) -> str:
    """What a text is about as it is named by itself; a noun with an ending of its own stays as it is."""
    found = _CASED.match(matter)
    article = forms_of(spoken(brief), "order", f"named_{found['article'].casefold()}") if found else ""
    return f"{article}{matter[found.end('article') :]}" if found and article else matter


def brief_text(brief: str, form: Form = _ANY, readers: str = "") -> str:
    """The brief without the clauses that only order form or sound, and without its first order where no words of that are lost.

    `readers` is whom the text is known to be for: where that is members, "Mail to members: we are closed" gives "we are closed".
    """
    brief = brief[:MOST_READ]
    kept = without_orders(clauses_of(brief, form)) or brief.strip()
    rest = _unordered(kept, brief)
    order = kept[: len(kept) - len(rest)] if kept.endswith(rest) else kept
    lost = pattern_in(brief, _TO_WHOM, _PLAIN).search(order)
    whom = " ".join(lost.group().split()[1:]).casefold() if lost else ""
    told = not whom or whom in readers.casefold() or readers.casefold() in whom
    ordered = order.rstrip().endswith((":", "：")) or bool(pattern_in(brief, _ABOUT).search(order))
    if not (rest and told and ordered and (readers or not whom)):
        return kept
    return _named(trimmed(rest, " ,;:-") or kept, brief)


def trimmed(text: str, signs: str) -> str:
    """The text without some signs around it, but for the one that makes its first number negative."""
    return re.sub(rf"^(?:(?![-−]\d)[{re.escape(signs)}])+", "", text.rstrip(signs))


def topic_of(message: str) -> str:
    """What several texts are about: "a thread of 5 posts for X on why bread is slow" gives "why bread is slow"."""
    message = message[:MOST_READ]
    said = pattern_in(message, _SEVERAL).sub("", message, count=1)
    led = pattern_in(message, _LEADING).sub("", said, count=1) if said != message else said
    return trimmed(led, " .!,;:-") or message


def subject_of(message: str) -> str:
    """A message without the words that name a text and its place, as far as they stand at its front."""
    found = pattern_in(message, _SUBJECT).match(message)
    return message[found.end() :] if found else message


def details_of(brief: str, form: Form) -> list[str]:
    """What a brief says of its subject, clause by clause, without what is about form: "28 litres", "roll top"."""
    _, colon, rest = brief[:MOST_READ].partition(": ")
    clauses = re.split(r"[,;\n]\s*|(?<=[.!?])\s+", rest if colon else brief[:MOST_READ])
    about_form = pattern_of("|".join(f"{noun}(s)" for noun in (*form.nouns, *_BESIDE)))
    style, say = pattern_in(brief, _STYLE), pattern_in(brief, _SAY)
    found = []
    for clause in clauses if colon else clauses[1:]:
        said = say.sub("", clause.strip(" .!?"))
        if _DETAIL[0] <= len(said.split()) <= _DETAIL[1] and not style.match(said) and not about_form.search(said):
            found.append(said[:1].upper() + said[1:])
    return found
