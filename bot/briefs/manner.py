"""How a brief or a wish wants a text to be written: how formal, how long, how hard, by whom; its greeting and its closing. Pure.

A wish added later is about the result, so it is read loosely. A brief is mostly about a matter: "a formal garden" is no wish
for a formal text, so there a word counts only where it is a clause of its own or stands before a name of what is made.
"""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from .forms import Form
from .lexicon import languages
from .orders import order_in
from .reading import Manner
from .wording import filled, pattern_in, spoken, words

# Characters that are read for manner.
_MOST_READ = 6_000
_ALWAYS_CALLED = ("text", "version", "copy", "draft")
# What stands after such a name and makes another thing of it: a post office, a mail order.
NO_NAME = r"(?!['’-]\w|\s+<manner.compounds>\b)"
# What may stand between a word and the name of the thing.
_BETWEEN = r"(?:(?:<manner.and>|<manner.between>|{places}),?\s+){{0,3}}"
_NOT = r"(?P<no>\b<manner.no>\s+(?:<manner.article>\s+)?(?:<manner.so>\s+)?)?"

_QUOTED = re.compile(r"[\"“«„][^\"“”«»„\n]{0,300}[\"”»“]")
_CLAUSES = r"[,.;:!?\n()–—]+|\s-+\s|\s(?:<manner.and>|n|&|\+)\s"
LEAD = r"(?:(?P<kept><manner.kept>(?:\s+|(?<=['’])))|<manner.please>\s+)*(?:<manner.article>\s+)?(?:<manner.very>\s+)*"
_TRAIL = r"(?:\s+<manner.tone>)*"
# Whatever is less of the one is the other.
_FORMALITY = (
    r"(?P<formal>(?:<manner.more>\s+)?<manner.formal>|<manner.less>\s+<manner.casual>)"
    r"|(?P<casual>(?:<manner.more>\s+)?<manner.casual>|<manner.less>\s+(?:<manner.formal>|<manner.stiff>))"
)
_LENGTH = r"(?P<shorter><manner.shorter>)|(?P<longer><manner.longer>)|(?P<short><manner.short>)|(?P<long><manner.long>)"
_STEPS = r"(?:\b<manner.within>\s+|^|[.,;:]\s*)(?:(?P<easier><manner.easier>)|(?P<harder><manner.harder>))\b|\b(?P<read><manner.easier_to_read>)\b"
_MENTIONED = r"\b<manner.mention>\b.*?(?=\b<manner.but>\s+<manner.unmentioned>\b|[.;\n]|$)"

# An order, and no clause about somebody who starts with something.
_ORDER = r"(?:^|[.,;:!?\n(–—-]\s{0,8}|\b<lines.opens>\s+)"
_WITH = r"(?:\s+<lines.it>)?\s+<lines.with>\b"
_GREETED = rf"{_ORDER}(?:<lines.greets>|<lines.greet>(?:\s+\w+){{0,3}}?){_WITH}|\b(?:<lines.the>\s+)?<lines.greeting>\b(?=\s*[:=]|\s+<lines.is>\b)"
_CLOSED = rf"{_ORDER}<lines.closes>{_WITH}|\b<lines.closing>(?=\s*[:=]|\s+(?:<lines.line>\s+)?<lines.is>\b)"
_IS = r"(?:\s+(?:<lines.line>|<lines.is>|<lines.of>))*\s*[:=]?\s*"
_LINE = (
    r"(?:[\"“«„]\s?(?P<quoted>[^\"“”«»„\n]{1,80})[\"”»“]|['‘](?P<single>[^'‘’\"\n]{1,80})['’](?!\w)"
    r"|(?P<bare>(?:\b<lines.title>\.|[^\"“«„\n.;:!?]){1,80}))"
)
_TITLE = r"\b(<lines.title>)\."
_GREETING, _CLOSING = f"(?:{_GREETED}){_IS}{_LINE}", f"(?:{_CLOSED}){_IS}{_LINE}"
_NO_GREETING, _NO_CLOSING = r"\b<lines.no>\s+<lines.greeting>\b", r"\b<lines.no>\s+<lines.closing>\b"
_GREET_HOW = r"(?:^|[.,;:\n]\s{0,8}|\b<manner.and>\s+)<lines.greet>\s+<lines.them>\b"
# Where the line that is named ends.
_LINE_ENDS = r"\s<manner.and_then>\s|,\s"

_WHO = (
    r"\b<manner.from>\s+[\"“'«„]?(?:(?P<i><manner.i>)|(?P<we><manner.we>))[\"”'»“]?[- ]?<manner.voice>\b"
    r"|(?:\b<manner.from>\s+|\b<manner.use>\s+(?:<lines.the>\s+)?|^|[,;.]\s*)"
    r"(?:(?P<singular><manner.first_singular>)|(?P<plural><manner.first_plural>)|(?P<third><manner.third>))\b"
    r"|\b<manner.speak>\s+(?:[\"“'«„]\s?(?:(?P<quoted_i><manner.i>)|(?P<quoted_we><manner.we>))\s?[\"”'»“]"
    r"|(?:(?P<said_i><manner.i>)|(?P<said_we><manner.we>))(?=\s*(?:$|[,.;!\n]|(?:<manner.and>\s+|, )?<manner.not>\b|<manner.instead>\b)))"
)

_IS_GREETING = r"<lines.hello>(?![\w-])[^\n.!?]{0,40}[,!:]?"
_IS_CLOSING = r"(?:<lines.regards>|<lines.regards_to>\b.*)[,.!]?"


def manner_of(text: str, form: Form, level: str) -> Manner:
    """What a brief or a wish says of manner. Somebody's own text says nothing of it: only the order before it does."""
    text = text[:_MOST_READ]
    code = spoken(text)
    about = order_in(text, form)
    plain = pattern_in(text, _MENTIONED).sub(
        " ", _QUOTED.sub(" ", about)
    )  # What is quoted or to be mentioned says nothing of manner.
    return Manner(
        formality=_formality(plain, form, code),
        length=_length(plain, form, code),
        level=_step(plain, code) or level,
        person=_person(about, code),
        greeting=_greeting(about, code),
        closing=_closing(about, code),
        told=about,
        plain=plain,
    )


def _formality(text: str, form: Form, code: str) -> str:
    found = _told(text, form, _FORMALITY, code)
    if found is None:
        return ""
    return "formal" if bool(found["formal"]) != bool(found["no"]) else "casual"


def _length(text: str, form: Form, code: str) -> str:
    found = _told(text, form, _LENGTH, code)
    if found is None:
        return ""
    down, relative = bool(found["shorter"] or found["short"]), bool(found["shorter"] or found["longer"])
    if found["no"]:
        down = not down
    return ("shorter" if down else "longer") if relative else "short" if down else "long"


@cache
def _things(form: Form, said: str, code: str) -> tuple[re.Pattern[str], ...]:
    """What finds some words before a name of what is made, behind one, and in a clause of their own."""
    places = "|".join(re.escape(name) for said in form.places.values() for name in said) or "online"
    named = "|".join(re.escape(name) for name in sorted({*_ALWAYS_CALLED, *form.titles}, key=len, reverse=True))
    # A text is somebody's own, or another: "read our short post".
    another = "".join(rf"(?<!\b{word} )" for word in words("manner.anothers", code))
    thing = filled(
        rf"{another}{_NOT}\b(?:{said}),?\s+{_BETWEEN.format(places=places)}(?:(?:{named})s?|<order.text!>)\b{NO_NAME}",
        code,
    )
    behind = filled(
        rf"{another}\b<order.text!>(?:\s+<order.behind>)?\s+(?P<no>\b<manner.no>\s+(?:<manner.so>\s+)?)?(?:{said})(?!\w)",
        code,
    )
    clause = filled(rf"{LEAD}{_NOT}(?:{said})(?P<manner>{_TRAIL})(?P<to>\s+<manner.to>\b.*)?", code)
    return thing, behind, clause


def _told(text: str, form: Form, said: str, code: str) -> re.Match[str] | None:
    """Where a text says one of some words of what is made, the last place: by a name of it, or in a clause of its own."""
    if not filled(said, code).search(text):
        return None
    thing, behind, clause = _things(form, said, code)
    found = [(one.start(), one) for pattern in (thing, behind) for one in pattern.finditer(text)]
    gaps = filled(_CLAUSES, code)
    starts = [0, *(gap.end() for gap in gaps.finditer(text))]
    for start, part in zip(starts, gaps.split(text), strict=True):
        one = clause.fullmatch(part.strip())
        plain = one and not one["to"] and not form.describing
        if one and (plain or one["kept"] or one["manner"]):
            found.append((start, one))
    last = max(found, key=lambda each: each[0])[1] if found else None
    # "A short description and a long description" names two parts.
    parts = {one.lastgroup for _, one in found if one.re is not clause and not one["no"]}
    return None if len(parts) > 1 else last


def _step(text: str, code: str) -> str:
    """Whether words are to be "easier" or "harder" than they are; empty where nothing is said of it."""
    found = filled(_STEPS, code, re.IGNORECASE | re.MULTILINE).search(text)
    return "" if found is None else "harder" if found["harder"] else "easier"


def _greeting(text: str, code: str) -> str | None:
    """The greeting that a text names; empty where it names one that is no line, or wants none; None where it says nothing."""
    for found in _QUOTED.finditer(text):
        line = found.group()[1:-1].strip()
        if line.endswith(",") and is_greeting(_untitled(line)):
            return line
    if filled(_NO_GREETING, code).search(text):
        return ""
    named = _line(_GREETING, text, code, is_greeting)
    return "" if named is None and filled(_GREET_HOW, code).search(text) else named


def _closing(text: str, code: str) -> str | None:
    """The closing that a text names, as `_greeting`."""
    for found in _QUOTED.finditer(text):
        line = found.group()[1:-1].strip()
        if line.endswith(",") and not is_greeting(_untitled(line)) and is_closing(line):
            return line
    if filled(_NO_CLOSING, code).search(text):
        return ""
    return _line(_CLOSING, text, code, is_closing)


def _untitled(line: str) -> str:
    """A line without the points behind titles: "Dear Mr Brown"."""
    return filled(_TITLE, "en").sub(r"\1", line)


def _line(template: str, text: str, code: str, is_one: Callable[[str], bool]) -> str | None:
    """The line that a text names; None where it names none: "start with the news" names no greeting."""
    for found in filled(template, code).finditer(text):
        if quoted := found["quoted"] or found["single"]:
            line = quoted.strip()
            return line if is_one(_untitled(line)) or template is _CLOSING else ""
        said = filled(_LINE_ENDS, code).split(found["bare"].strip(), maxsplit=1)[0].strip(" ,")
        if said and is_one(_untitled(said)):
            return f"{said},"
    return None


def _person(text: str, code: str) -> str | None:
    """Who speaks: "I", "we", empty for neither; None where a text does not say."""
    said: str | None = None
    for found in filled(_WHO, code, re.IGNORECASE | re.MULTILINE).finditer(text):
        one, several = (any(found[group] for group in groups) for groups in (_ONE, _SEVERAL))
        said = "I" if one else "we" if several else ""
    return said


_ONE, _SEVERAL = ("i", "singular", "quoted_i", "said_i"), ("we", "plural", "quoted_we", "said_we")


def is_greeting(line: str) -> bool:
    """Whether a line is a greeting, in one of the languages that have a lexicon."""
    return any(filled(_IS_GREETING, code).fullmatch(line) for code in languages())


def is_closing(line: str) -> bool:
    """Whether a line is a closing, in one of the languages that have a lexicon."""
    return any(filled(_IS_CLOSING, code).fullmatch(line) for code in languages())
