"""Reads tastes: from a wish in words, from an edited text beside the original, from the variant that was picked. Pure.

What can be measured is measured: length, emoji, exclamation marks, reading level, greeting and closing, words that were
taken out, who speaks, contractions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.briefs.lexicon import languages
from bot.briefs.wording import filled, spoken
from bot.checks.compare import compared
from bot.checks.readability import grade
from bot.checks.terms import norm
from bot.checks.units import emoji, exclamations, words
from personas.learning import Signal, Source, shift_emoji, shift_length, shift_level
from personas.profile import CEFR_GRADES, EmojiUse, Length

# A text counts as shorter or longer from these ratios of words on.
SHORTER, LONGER = 0.75, 1.33
# Grades by which a text has to become easier or harder before it is a sign.
GRADES = 2.0
# The share of words in a row that an edited text has in common with the original.
_ALIKE = 0.5
# An edited text keeps so much of the original; what shares less with it speaks of the same.
_KEPT = 0.35
# Characters of a wish that are read, and of a text that is measured for tastes.
MAX_WISH, MAX_MEASURED = 4_000, 12_000
# A text of fewer words is no edited one.
MIN_EDITED = 6
_GREETING = r"<lines.hello>(?![\w-])[^\n.!?]{0,40}[,!:]?"
_CLOSING = r"(?:<lines.regards>|<lines.regards_to>\b.*)[,.!]?"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
CONTRACTION = re.compile(
    r"\b(?:\w+n['’]t|\w+['’](?:re|ve|ll|d|m)|(?:it|that|there|here|what|who|let)['’]s)\b", re.IGNORECASE
)
_I, _WE = re.compile(r"\b(?:I|me|my|mine)\b"), re.compile(r"\b(?:we|us|our|ours)\b", re.IGNORECASE)
# Words that every text has: their going says nothing of taste.
_USUAL = frozenset(
    """
    about after again also because been before being could does doing every from have here into just like made make more
    most much only other over should some such than that their them then there these they this those very want well were
    what when where which while will with would your yours
    """.split()  # noqa: SIM905 - read as words
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What held when a text was made, from which "shorter" is counted."""

    length: Length = "medium"
    emoji: EmojiUse = "few"
    level: str = ""


Sign = tuple[str, Any]
Read = Callable[[Setting, str], list[Sign]]

# What people say was wrong or right, by its name in buttons: the words for it, and the taste it is a sign of.
REASONS: dict[str, dict[str, tuple[str, Read]]] = {
    "down": {
        # Faults of this one text: no taste, but told to whoever writes it again (faults.py).
        "untrue": ("Not true", lambda *_: []),
        "off": ("Not what I asked for", lambda *_: []),
        "odd": ("Sounds odd", lambda *_: []),
        "long": ("Too long", lambda was, _: [("preferred_length", shift_length(was.length, -1))]),
        "short": ("Too short", lambda was, _: [("preferred_length", shift_length(was.length, 1))]),
        "formal": ("Too formal", lambda _was, _: [("formality", "casual")]),
        "casual": ("Too casual", lambda _was, _: [("formality", "formal")]),
        "hard": ("Too hard to read", lambda was, _: [("reading_level", shift_level(was.level, -1))]),
        "easy": ("Too simple", lambda was, _: [("reading_level", shift_level(was.level, 1))]),
        "emoji": ("Too many emoji", lambda was, _: [("emoji", shift_emoji(was.emoji, -1))]),
        "plain": ("Too few emoji", lambda was, _: [("emoji", shift_emoji(was.emoji, 1))]),
        "loud": ("Too loud", lambda _was, _: [("exclamation_marks", "none")]),
    },
    "up": {
        "length": ("The length", lambda was, _: [("preferred_length", was.length)]),
        "tone": ("How formal it is", lambda _was, text: [("formality", formality(text))]),
        "level": ("Easy to read", lambda was, text: level_of(was, text)),
        "emoji": ("The emoji", lambda _was, text: [("emoji", emoji_use(text))]),
    },
}

# Wishes that are one click away, by the name of each: what is asked for, in words that `from_wish` reads.
QUICK_WISHES = {
    "casual": "Less formal",
    "formal": "More formal",
    "simple": "Simpler words",
    "emoji": "Fewer emoji",
    "calm": "No exclamation marks",
}

# A word is no wish where it says something of a thing: "a formal garden", "longer opening hours".
_END = r"(?!\w)(?!\s+(?!(?:<taste.after>)(?!\w))[^\W\d_])"
# Scripts without spaces may go on.
_UNSPACED_END = r"(?![A-Za-z])(?!\s+[A-Za-z])"
# What a wish says, the first that fits of a field, with the words of a language: "less formal", "no emoji", "avoid the word artisan".
_WISHES: tuple[tuple[str, Callable[[Setting, re.Match[str]], Sign]], ...] = (
    (r"<taste.shorter>{end}", lambda was, _: ("preferred_length", shift_length(was.length, -1))),
    (r"<taste.longer>{end}", lambda was, _: ("preferred_length", shift_length(was.length, 1))),
    (r"(?:<taste.less>\s+<taste.formal>|<taste.more>\s+<taste.casual>|<taste.casual_alone>){end}", lambda *_: ("formality", "casual")),
    (r"(?:<taste.less>\s+<taste.casual>|<taste.more>\s+<taste.formal>|<taste.formal_alone>){end}", lambda *_: ("formality", "formal")),
    (r"<taste.none>\s*<taste.emoji>(?!\w)", lambda *_: ("emoji", "none")),
    (r"<taste.fewer>\s*<taste.emoji>(?!\w)", lambda was, _: ("emoji", shift_emoji(was.emoji, -1))),
    (r"<taste.add>\s*<taste.emoji>(?!\w)", lambda was, _: ("emoji", shift_emoji(was.emoji, 1))),
    (r"(?:(?:<taste.none>|<taste.fewer>)\s*<taste.shouting>|<taste.calm>)(?!\w)", lambda *_: ("exclamation_marks", "none")),
    (r"<taste.easier>{end}", lambda was, _: ("reading_level", shift_level(was.level, -1))),
    (r"<taste.harder>{end}", lambda was, _: ("reading_level", shift_level(was.level, 1))),
    (r"<taste.avoid>\s+[\"“'«„]?\s?(?P<word>[^\W\d_][\w-]{{1,40}})", lambda _was, found: ("avoid_words", found["word"])),
)  # fmt: skip
_UNSPACED = frozenset({"ja"})
# Words and characters of a wish that is too short to tell its language.
_FEW, _BRIEF = 6, 400


def from_wish(wish: str, was: Setting) -> list[Sign]:
    """The tastes that a wish names, one a field; none where it is about what the text says. In the languages that have a lexicon."""
    wish = wish[:MAX_WISH]
    if found := _wished(wish, was, spoken(wish)):
        return found
    others = languages() if len(wish) <= _BRIEF and len(wish.split()) <= _FEW else ()
    return next(filter(None, (_wished(wish, was, code) for code in others)), [])


def _wished(wish: str, was: Setting, code: str) -> list[Sign]:
    found: dict[str, Sign] = {}
    for pattern, sign in _WISHES:
        template = pattern.format(end=_UNSPACED_END if code in _UNSPACED else _END)
        if match := filled(template if code in _UNSPACED else rf"(?<!\w){template}", code).search(wish):
            name, value = sign(was, match)
            found.setdefault(name, (name, value))
    return list(found.values())


def from_vote(vote: str, reasons: Sequence[str], text: str, was: Setting) -> list[Sign]:
    """The tastes behind the reasons, by their names, that were given for a vote, "up" or "down"."""
    known = REASONS[vote]
    return [sign for reason in reasons if reason in known for sign in known[reason][1](was, text) if sign[1]]


def is_edited(original: str, text: str, brief: str = "") -> bool:
    """Whether a text is the original with changes: not a wish about it, nor its brief said again."""
    original, text, brief = original[:MAX_MEASURED], text[:MAX_MEASURED], brief[:MAX_MEASURED]
    before, after = _tokens(original), _tokens(text)
    least = max(_ALIKE * len(after), _KEPT * len(before))
    if len(after) < MIN_EDITED or original.strip() == text.strip() or least > min(len(before), len(after)):
        return False
    found = compared(before, after)
    if found.matching < least:
        return False
    said = compared(_tokens(brief), after)
    return said.ratio < found.ratio


def from_edit(original: str, text: str, was: Setting) -> list[Sign]:
    """The tastes that show where a text was changed by hand."""
    original, text = original[:MAX_MEASURED], text[:MAX_MEASURED]
    return [*_measured(original, text, was), *_lines(original, text), *_replaced(original, text)]


def from_choice(chosen: str, others: Sequence[str], was: Setting) -> list[Sign]:
    """The tastes that show where one variant was picked: only what it does unlike each of the others."""
    if not others:
        return []
    measured = [_measured(other[:MAX_MEASURED], chosen[:MAX_MEASURED], was) for other in others]
    return [sign for sign in measured[0] if all(sign in signs for signs in measured)]


def signals(signs: Sequence[Sign], source: Source, result: str, profile: str, brand: str = "") -> list[Signal]:
    """The signs as signals about a result that was made as a profile and a brand."""
    return [Signal(name, value, source, result, profile, brand=brand) for name, value in signs]


def formality(text: str) -> str:
    """ "casual" for a text with contractions or slang, else "formal"; empty for one too short to tell."""
    if CONTRACTION.search(text):
        return "casual"
    return "formal" if words(text) >= 2 * MIN_EDITED else ""


def emoji_use(text: str) -> EmojiUse:
    """How much use a text makes of emoji."""
    count = emoji(text)
    return "none" if not count else "few" if count <= 3 else "many"


def level_of(was: Setting, text: str) -> list[Sign]:
    """The reading level that a text has, where it can be told."""
    level = grade(text)
    if level is None:
        return [("reading_level", was.level)] if was.level else []
    return [("reading_level", next((f"CEFR {name}" for name, most in CEFR_GRADES.items() if level <= most), "CEFR C2"))]


def _measured(before: str, after: str, was: Setting) -> list[Sign]:
    """What can be counted in both texts and differs by much."""
    found: list[Sign] = []
    ratio = words(after) / max(1, words(before))
    if ratio <= SHORTER or ratio >= LONGER:
        found.append(("preferred_length", shift_length(was.length, -1 if ratio < 1 else 1)))
    if emoji_use(before) != emoji_use(after):
        found.append(("emoji", emoji_use(after)))
    if exclamations(before) and not exclamations(after):
        found.append(("exclamation_marks", "none"))
    contracted, contracts = len(CONTRACTION.findall(before)), len(CONTRACTION.findall(after))
    if bool(contracted) != bool(contracts):
        found.append(("formality", "casual" if contracts else "formal"))
    if (speaks := speaker(after)) and speaks != speaker(before):
        found.append(("person", speaks))
    levels = grade(before), grade(after)
    if levels[0] is not None and levels[1] is not None and abs(levels[0] - levels[1]) >= GRADES:
        found.append(("reading_level", shift_level(was.level, 1 if levels[1] > levels[0] else -1)))
    return found


def speaker(text: str) -> str:
    """Who speaks: "I", "we", or empty where it is neither or both."""
    alone, together = bool(_I.search(text)), bool(_WE.search(text))
    return "I" if alone and not together else "we" if together and not alone else ""


def _lines(before: str, after: str) -> list[Sign]:
    """A greeting or closing that was changed."""
    found: list[Sign] = []
    for name, find in (("greeting", greeting), ("closing", closing)):
        old, new = find(before), find(after)
        if new and new != old:
            found.append((name, new))
    return found


def _is_one(template: str, line: str) -> bool:
    """Whether a line is a greeting or a closing, in one of the languages that have a lexicon."""
    return any(filled(template, code).fullmatch(line) for code in languages())


def greeting(text: str) -> str:
    """The greeting that a text begins with, empty without one."""
    return _line(text, lambda line: _is_one(_GREETING, line), 0)


def closing(text: str) -> str:
    """The closing that a text ends with, empty without one."""
    return _line(text, lambda line: _is_one(_CLOSING, line), -1)


def _line(text: str, is_one: Callable[[str], bool], place: int) -> str:
    """The greeting or closing of a text: a line of its own, first or among the last two."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    near = lines[:1] if place == 0 else lines[-2:]
    return next((line for line in near if is_one(line)), "") if len(lines) > 1 else ""


def _replaced(before: str, after: str) -> list[Sign]:
    """Words that were taken out, and those that took the place of one."""
    old, new = _tokens(before), _tokens(after)
    found: list[Sign] = []
    for tag, a, b, c, d in compared(old, new).opcodes():
        if tag not in ("replace", "delete") or b - a > 2:
            continue
        gone = [word for word in old[a:b] if _tells(word) and word not in new]
        found += [("avoid_words", word) for word in gone]
        if b - a == d - c:
            pairs = zip(old[a:b], new[c:d], strict=True)
            found += [("prefer_terms", word) for was, word in pairs if was in gone and _tells(word) and word not in old]
    return found


def _tells(word: str) -> bool:
    return len(word) >= 4 and word not in _USUAL and "'" not in word


def _tokens(text: str) -> list[str]:
    return [norm(word) for word in _WORD.findall(text)]
