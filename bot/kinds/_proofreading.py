"""Proofreading by code: what changed between two texts, and mistakes that need no model to repair. Pure."""

from __future__ import annotations

import re
from functools import partial

from bot.checks.compare import compared

_MISSPELT = {
    "recieve": "receive", "recieved": "received", "definately": "definitely", "seperate": "separate", "occured": "occurred",
    "untill": "until", "wich": "which", "teh": "the", "adress": "address", "accomodate": "accommodate", "begining": "beginning",
    "beleive": "believe", "calender": "calendar", "enviroment": "environment", "goverment": "government", "happend": "happened",
    "neccessary": "necessary", "ocasion": "occasion", "publically": "publicly", "refered": "referred", "tommorow": "tomorrow",
    "tomorow": "tomorrow", "truely": "truly", "wierd": "weird", "alot": "a lot", "dont": "don't", "cant": "can't",
    "doesnt": "doesn't", "didnt": "didn't", "isnt": "isn't", "wasnt": "wasn't", "wont": "won't", "couldnt": "couldn't",
    "im": "I'm", "ive": "I've", "youre": "you're", "theyre": "they're", "theres": "there's", "thats": "that's",
}  # fmt: skip
_GRAMMAR = (
    (re.compile(r"\b(\w+)(\s+)\1\b(?<!\bthat that)(?<!\bhad had)", re.IGNORECASE), r"\1"),
    (re.compile(r"\b(he|she|it) (?:have)\b", re.IGNORECASE), r"\1 has"),
    (re.compile(r"\b(he|she|it) don't\b", re.IGNORECASE), r"\1 doesn't"),
    (re.compile(r"\b(we|you|they) was\b", re.IGNORECASE), r"\1 were"),
    (re.compile(r"\b(we|you|they) has\b", re.IGNORECASE), r"\1 have"),
    (re.compile(r"\b(could|should|would) of\b", re.IGNORECASE), r"\1 have"),
    (re.compile(r"\btheir (going|coming|not)\b", re.IGNORECASE), r"they're \1"),
    (re.compile(r"\ba ([aeio]\w+)", re.IGNORECASE), r"an \1"),
    (re.compile(r"\bi\b(?![.'’]?e\.)"), "I"),
    (re.compile(r"(?<![ \t])[ \t]++([,.;:!?])(?=\s|$)"), r"\1"),
    (re.compile(r"[ \t]{2,}"), " "),
)
_KEPT_A = ("one", "once", "eu", "uni", "use", "usu")


# Characters that are proofread by code; what stands behind them stays as it is.
MOST_READ = 20_000


def proofread(text: str) -> str:
    """An English text without the mistakes that are mistakes wherever they stand."""
    text, rest = text[:MOST_READ], text[MOST_READ:]
    text = re.sub(r"[A-Za-z]+", lambda found: _spelt(found[0]), text)
    for wrong, right in _GRAMMAR:
        text = wrong.sub(partial(_put, right), text)
    return re.sub(r"(?:^|(?<=[.!?]\s)(?<!\.[a-z]\.\s))[a-z](?!\.)", lambda found: found[0].upper(), text.strip()) + rest


def _put(right: str, found: re.Match[str]) -> str:
    if right.startswith("an ") and found[1].casefold().startswith(_KEPT_A):
        return found[0]
    put = found.expand(right)
    return put[:1].upper() + put[1:] if found[0][:1].isupper() else put


def _spelt(word: str) -> str:
    right = _MISSPELT.get(word.casefold(), word)
    return right[:1].upper() + right[1:] if word[:1].isupper() and word.casefold() in _MISSPELT else right


def likeness(before: str, after: str) -> float:
    """How much of two texts is the same, word by word, from 0 to 1; case and punctuation do not count."""
    one, other = (re.findall(r"[\w'’]+", text.casefold()) for text in (before, after))
    return compared(one, other).ratio


def changes(before: str, after: str) -> tuple[str, int]:
    """The text after with what went ~~struck~~ and what came **bold**, and how many places changed."""
    old, new = _tokens(before), _tokens(after)
    shown, count = [], 0
    for what, one, to, other, end in compared(old, new).opcodes():
        gone, come = "".join(old[one:to]), "".join(new[other:end])
        if what == "equal":
            shown.append(come)
        else:
            count += 1
            shown.append(
                f"{_marked(gone, '~~')}{' ' if gone.strip() and come.strip() and not gone[-1:].isspace() else ''}{_marked(come, '**')}"
            )
    return "".join(shown), count


def _tokens(text: str) -> list[str]:
    """The words, each with the space behind it."""
    return re.findall(r"\S+\s*|\s+", text)


def _marked(text: str, sign: str) -> str:
    """The text between signs, which stand next to its words, line by line."""
    return re.sub(r"\S[^\n]*\S|\S", lambda found: f"{sign}{found[0]}{sign}", text)
