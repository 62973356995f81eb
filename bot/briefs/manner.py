"""How a brief or a wish wants a text to be written: how formal, how long, how hard, by whom; its greeting and its closing. Pure.

A wish added later is about the result, so it is read loosely. A brief is mostly about a matter: "a formal garden" is no wish
for a formal text, so there a word counts only where it is a clause of its own or stands before a name of what is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from bot.checks.language import NAMES

from .forms import Form
from .reading import Manner

# Characters that are read for manner.
_MOST_READ = 6_000
_ALWAYS_CALLED = ("text", "version", "copy", "draft")
# What stands after such a name and makes another thing of it: a post office, a mail order.
_NO_NAME = r"(?!['’-]\w|\s+(?:office|box|code|production|order|boy|book)\b)"
# What may stand between a word and the name of the thing.
_BETWEEN = (
    r"(?:(?:and|but|friendly|warm|formal|informal|casual|funny|simple|plain|short|long|brief|clear|polite|honest|social|media"
    r"|punchy|snappy|crisp|thank[- ]you|welcome|{places}),?\s+){{0,3}}"
)
# A text is somebody's own, or another: "read our short post".
_ANOTHERS = r"(?<!\bour )(?<!\bmy )(?<!\byour )(?<!\btheir )(?<!\bhis )(?<!\bher )(?<!\bits )(?<!\bthat )(?<!\blast )"
_NOT = (
    r"(?P<no>\b(?:no|not|without|avoid|never|do(?:n['’]?t| not) (?:be|sound|make it|write))\s+"
    r"(?:an?\s+)?(?:(?:too|so|that|very)\s+)?)?"
)

_QUOTED = re.compile(r"[\"“«„][^\"“”«»„\n]{0,300}[\"”»“]")
_CLAUSES = re.compile(r"[,.;:!?\n()–—]+|\s-+\s|\s(?:and|but|n|&|\+)\s", re.IGNORECASE)
_LEAD = (
    r"(?:(?P<kept>(?:keep|make|write|have)\s+(?:it|this|that|them)\s+|(?:be|sound|stay|write)\s+)|(?:please|pls|use|using|in|with)\s+)*"
    r"(?:an?\s+|the\s+)?(?:(?:very|rather|quite|really|fairly|a bit|a little|bit|slightly|much|nice)\s+)*"
)
_TRAIL = r"(?:\s+(?:tone|style|language|register|voice|wording|english|way|manner|please|pls))*"
_FORMALITY = (
    r"(?P<formal>(?:more\s+)?formal(?:ly)?|(?:less|not so|not too|not)\s+(?:casual|informal)(?:ly)?)"
    r"|(?P<casual>(?:more\s+)?(?:casual|informal)(?:ly)?|(?:less|not so|not too|not)\s+(?:formal(?:ly)?|stiff))"
)
_LENGTH = r"(?P<shorter>shorter|briefer|more concise)|(?P<longer>longer)|(?P<short>short|brief|concise)|(?P<long>long|lengthy)"
_EASY = re.compile(
    r"(?:\b(?:in|into|use|using|with)\s+(?:very\s+)?|^|[.,;:]\s*)"
    r"(?P<how>simple|simpler|easy|easier|plain|plainer|hard|harder|more difficult"
    r"|more advanced)\s+(?:words|language|terms|vocabulary|english)\b|\b(?P<read>easy|easier) to (?:read|understand)\b",
    re.IGNORECASE | re.MULTILINE,
)
_CEFR = r"(?P<{0}>[ABC][12])(?:\s*(?:-|–|/|to|or)\s*[ABC][12])?"
_READERS = (
    r"(?:readers?|learners?|students?|pupils?|speakers?|beginners|class(?:es)?(?! licen[cs]e)|adults|children|kids)"
)
_LEVEL = re.compile(
    rf"\bCEFR[\s:-]*(?:level\s*)?{_CEFR.format('a')}\b"
    rf"|(?<!\bon )\b(?:level|niveau|nivel|nível|livello)\s*(?:of\s+|is\s+|:\s*)?{_CEFR.format('b')}\b"
    rf"|\b{_CEFR.format('c')}[\s-]*(?:reading |language )?level\b"
    rf"|(?:\b(?:for|to|with)\s+(?:[^\W\d_]+\s+){{0,2}}?|^|[,;:]\s*){_CEFR.format('d')}\s+(?:[^\W\d_]+\s+)?{_READERS}\b"
    rf"|\b(?:simplif\w+|down|adapt\w*)\s+(?:\w+\s+)?to\s+{_CEFR.format('k')}\b"
    r"|\bgrade\s+(?P<j>1[0-2]|[1-9])\s+(?:reading )?level\b"
    rf"|\bin\s+{_CEFR.format('e')}\s+(?:{'|'.join(map(re.escape, NAMES.values()))})\b"
    rf"|^\W*(?:for |at |in |to |make it )?{_CEFR.format('f')}(?: please)?\W*$"
    r"|\bUS grade\s+(?P<g>1[0-2]|[1-9])\b"
    r"|\bfor\s+(?:[^\W\d_]+\s+){0,2}?(?P<h>1[0-2]|[1-9])(?:st|nd|rd|th)[- ]graders?\b"
    rf"|\bfor\s+(?:[^\W\d_]+\s+){{0,2}}?grade\s+(?P<i>1[0-2]|[1-9])\s+{_READERS}\b",
    re.IGNORECASE,
)  # fmt: skip
# Of teaching material a level alone is that of its readers.
_LEVEL_OF_CLASS = re.compile(
    r"(?:^|[,;])\s*(?P<a>[ABC][12])\s*(?=[,;.]|$)|\bfor\s+(?:\w+\s+)?grade\s+(?P<g>1[0-2]|[1-9])\b", re.IGNORECASE
)
_MENTIONED = re.compile(
    r"\b(?:mention(?:ing)?|point out|say that|saying that|tell (?:\w+ ){1,2}that|announce)\b"
    r".*?(?=\b(?:and|but) (?:make|keep|use|no|with|without|more|less|be|shorter|longer)\b|[.;\n]|$)",
    re.IGNORECASE,
)

# An order, and no clause about somebody who starts with something.
_ORDER = r"(?:^|[.,;:!?\n(–—-]\s{0,8}|\b(?:and|please|pls|should|must|to|it)\s+)"
_WITH = r"(?:\s+(?:it|the (?:text|e-?mail|mail|letter|message|post)))?\s+(?:with|as)\b"
_GREETED = rf"{_ORDER}(?:begins?|starts?|opens?|greet(?:\s+\w+){{0,3}}?){_WITH}|\b(?:the )?(?:greeting|salutation)\b(?=\s*[:=]|\s+is\b)"
_CLOSED = rf"{_ORDER}(?:sign off|end|close|finish){_WITH}|\b(?:closing|sign-off)(?=\s*[:=]|\s+(?:line\s+)?is\b)"
_IS = r"(?:\s+(?:line|is|should be|of|the words?))*\s*[:=]?\s*"
_LINE = (
    r"(?:[\"“«„](?P<quoted>[^\"“”«»„\n]{1,80})[\"”»“]|['‘](?P<single>[^'‘’\"\n]{1,80})['’](?!\w)"
    r"|(?P<bare>(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St)\.|[^\"“«„\n.;:!?]){1,80}))"
)
_TITLE = re.compile(r"\b(Mr|Mrs|Ms|Dr|Prof|St)\.")
_GREETING = re.compile(rf"(?:{_GREETED}){_IS}{_LINE}", re.IGNORECASE)
_CLOSING = re.compile(rf"(?:{_CLOSED}){_IS}{_LINE}", re.IGNORECASE)
_NO_LINE = r"\b(?:no|without(?: an?| any)?|drop the|leave out the|skip the) {0}\b"
_GREET_HOW = re.compile(
    r"(?:^|[.,;:\n]\s{0,8}|\band )greet (?:them|him|her|everyone|everybody|readers|people|the \w+)\b", re.I
)

_WHO = re.compile(
    r"\b(?:in|from)\s+(?:the\s+)?[\"“']?(?P<a>I|we)[\"”']?[- ](?:form|person|voice|perspective)\b"
    r"|(?:\b(?:in|from|use)\s+(?:the\s+)?|^|[,;.]\s*)(?:first[- ]person (?P<b>singular|plural)|(?P<c>third)[- ]person)\b"
    r"|\b(?:say|use|(?:speak|write|speaking|written) as)\s+"
    r"(?:[\"“'](?P<d>I|we)[\"”']|(?P<e>I|we)(?=\s*(?:$|[,.;!\n]|(?:and |, )?not\b|instead\b)))",
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip


_IS_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day|evening)|hola|bonjour|hallo|liebe|olá)\b[^\n.!?]{0,40}[,!:]?",
    re.IGNORECASE,
)
_IS_CLOSING = re.compile(
    r"(?:(?:kind|best|warm|many)\s+(?:regards|wishes|thanks)|regards|cheers|yours\b.*"
    r"|love|thanks|thank you|see you\b.*|take care)[,.!]?",
    re.IGNORECASE,
)


def manner_of(text: str, form: Form) -> Manner:
    """What a brief or a wish says of manner. Somebody's own text says nothing of it: only the order before it does."""
    text = text[:_MOST_READ]
    about = re.split(r":\s|\n|\s[-–—]\s", text, maxsplit=1)[0] if form.own_text else text
    plain = _MENTIONED.sub(" ", _QUOTED.sub(" ", about))  # What is quoted or to be mentioned says nothing of manner.
    return Manner(
        formality=_formality(plain, form),
        length=_length(plain, form),
        level=_level(plain, form),
        person=_person(about),
        greeting=_greeting(about),
        closing=_closing(about),
        told=about,
        plain=plain,
    )


def _formality(text: str, form: Form) -> str:
    found = _told(text, form, _FORMALITY)
    if found is None:
        return ""
    return "formal" if bool(found["formal"]) != bool(found["no"]) else "casual"


def _length(text: str, form: Form) -> str:
    found = _told(text, form, _LENGTH)
    if found is None:
        return ""
    down, relative = bool(found["shorter"] or found["short"]), bool(found["shorter"] or found["longer"])
    if found["no"]:
        down = not down
    return ("shorter" if down else "longer") if relative else "short" if down else "long"


@cache
def _things(form: Form, words: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds some words before a name of what is made, and in a clause of their own."""
    places = "|".join(re.escape(name) for said in form.places.values() for name in said) or "online"
    things = "|".join(re.escape(name) for name in sorted({*_ALWAYS_CALLED, *form.titles}, key=len, reverse=True))
    thing = re.compile(
        rf"{_ANOTHERS}{_NOT}\b(?:{words}),?\s+{_BETWEEN.format(places=places)}(?:{things})s?\b{_NO_NAME}", re.IGNORECASE
    )
    clause = re.compile(
        rf"{_LEAD}{_NOT}(?:{words})(?P<manner>{_TRAIL})(?P<to>\s+(?:for|to|this time)\b.*)?", re.IGNORECASE
    )
    return thing, clause


def _told(text: str, form: Form, words: str) -> re.Match[str] | None:
    """Where a text says one of some words of what is made, the last place: before a name of it, or in a clause of its own."""
    if not re.search(words, text, re.IGNORECASE):
        return None
    thing, clause = _things(form, words)
    found = [(one.start(), one) for one in thing.finditer(text)]
    starts = [0, *(gap.end() for gap in _CLAUSES.finditer(text))]
    for start, part in zip(starts, _CLAUSES.split(text), strict=True):
        one = clause.fullmatch(part.strip())
        plain = one and not one["to"] and not form.describing
        if one and (plain or one["kept"] or one["manner"]):
            found.append((start, one))
    last = max(found, key=lambda each: each[0])[1] if found else None
    # "A short description and a long description" names two parts.
    parts = {one.lastgroup for _, one in found if one.re is thing and not one["no"]}
    return None if len(parts) > 1 else last


def _level(text: str, form: Form) -> str:
    """The reading level that is named, or that simpler or harder words have: "easier", "harder", "easy"."""
    found = [one.groupdict() for one in _LEVEL.finditer(text)]
    if not found and form.taught:
        found = [one.groupdict() for one in _LEVEL_OF_CLASS.finditer(text)]
    if found:
        name = next(value for value in found[-1].values() if value)
        return f"US grade {name}" if name.isdigit() else f"CEFR {name.upper()}"
    easy = _EASY.search(text)
    if easy is None:
        return ""
    how = (easy["how"] or easy["read"]).casefold()
    if how in ("hard", "harder", "more difficult", "more advanced"):
        return "harder"
    return "easier" if how in ("simpler", "easier", "plainer") else "easy"


def _greeting(text: str) -> str | None:
    """The greeting that a text names; empty where it names one that is no line, or wants none; None where it says nothing."""
    for found in _QUOTED.finditer(text):
        line = found.group()[1:-1].strip()
        if line.endswith(",") and is_greeting(_TITLE.sub(r"\1", line)):
            return line
    if re.search(_NO_LINE.format("(?:greeting|salutation)"), text, re.I):
        return ""
    named = _line(_GREETING, text, is_greeting)
    return "" if named is None and _GREET_HOW.search(text) else named


def _closing(text: str) -> str | None:
    """The closing that a text names, as `_greeting`."""
    for found in _QUOTED.finditer(text):
        line = found.group()[1:-1].strip()
        if line.endswith(",") and not is_greeting(_TITLE.sub(r"\1", line)) and is_closing(line):
            return line
    if re.search(_NO_LINE.format("(?:closing|sign[- ]?off)"), text, re.I):
        return ""
    return _line(_CLOSING, text, is_closing)


def _line(pattern: re.Pattern[str], text: str, is_one: Callable[[str], bool]) -> str | None:
    """The line that a text names; None where it names none: "start with the news" names no greeting."""
    for found in pattern.finditer(text):
        if quoted := found["quoted"] or found["single"]:
            line = quoted.strip()
            return line if is_one(_TITLE.sub(r"\1", line)) or pattern is _CLOSING else ""
        said = re.split(r"\s(?:and|but|then)\s|,\s", found["bare"].strip(), maxsplit=1)[0].strip(" ,")
        if said and is_one(_TITLE.sub(r"\1", said)):
            return f"{said},"
    return None


def _person(text: str) -> str | None:
    """Who speaks: "I", "we", empty for neither; None where a text does not say."""
    said: str | None = None
    for found in _WHO.finditer(text):
        name = next((found[group] for group in "ade" if found[group]), "")
        if found["b"]:
            name = "I" if found["b"].casefold() == "singular" else "we"
        said = {"i": "I", "we": "we"}.get(name.casefold(), "")
    return said


def is_greeting(line: str) -> bool:
    """Whether a line is a greeting."""
    return bool(_IS_GREETING.fullmatch(line))


def is_closing(line: str) -> bool:
    """Whether a line is a closing."""
    return bool(_IS_CLOSING.fullmatch(line))
