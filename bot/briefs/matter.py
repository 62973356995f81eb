"""What a brief is about: the brief without what only orders a text and says its form. Pure."""

from __future__ import annotations

import re

from bot.checks.amounts import NUMBER, SMALL

from .forms import Form
from .phrases import pattern_of

# Characters of a brief that are read for what it is about.
MOST_READ = 6_000
# A part of a brief that is longer is about more than form.
LONGEST_FORM = 200
_WORDS = [*SMALL["en"], "twenty", "half a dozen", "a dozen"]
_NUMBER = rf"(?:\d{1, 24}(?:[.,]\d{1, 3}(?!\d))?|{'|'.join(sorted(_WORDS[1:], key=len, reverse=True))})"
_LIMIT = r"(?:max(?:imum)?\.?(?:\s+of)?|at most|under|below|up to|no more than|within|less than|<=?)"
_PEOPLE = (
    r"(?:parents|families|customers|clients|members|subscribers|followers|readers|staff|employees|colleagues|students|pupils|teachers"
    r"|volunteers|donors|guests|visitors|neighbou?rs|users|players|fans|(?:the |my |our )?team|everyone|everybody|(?:year|grade) \d+)"
)
# Whom a text goes to: "to our regular customers", "to Sam", "for parents". What it is for may be its matter: "ad for shoes".
_TO_WHOM = (
    rf"(?:\s+to\s+(?:(?i:(?:all|our|my|the|your|a|an|new)\s+(?:[\w'’&-]+\s+){{0,3}}?[\w'’&-]+|{_PEOPLE})|[A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){{0,2}})"
    rf"|\s+(?i:for\s+(?:(?:all|our|my|the|your|new)\s+){{0,2}}(?:[\w-]+\s+)?{_PEOPLE}))"
)
_ORDERED = re.compile(
    r"^(?i:(?:(?:please|pls|can you|could you|i need|we need|need|give me|make|write|create|draft|do)\s+)*"
    r"(?:(?:me|us|a|an|the|one|our|short|quick|new)\s+)*(?:\d{1,4}[ -]words?\s+)?"
    r"(?:[\w-]+\s+)?(?:tweet|post|caption|email|e-mail|mail|newsletter|ad|ads|announcement|message|explanation|quiz|lesson"
    r"|sms|text message|press release|release|article|slogans?|taglines?|motto|landing page|product description|campaign"
    r"|meta (?:title|description)|rewrite|letter|note|reminder|invitation)"
    r"(?:\s+(?:for|on|to)\s+(?:x|twitter|instagram|linkedin|facebook|threads|bluesky|mastodon|tiktok|pinterest|youtube))?)"
    rf"{_TO_WHOM}?\s*"
    r"(?i:(?:[:,]|-(?!\d))\s*|(?:announcing|saying|telling \w+|to say|to announce)\s+(?:that\s+)?|about\s+|that\s+"
    r"|on\s+(?!\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day))",
)
_ANNOUNCE = re.compile(
    r"^(?:please\s+)?(?:(?:announce|say)\s+(?:that\s+)?|tell\s+(?:[\w-]+\s+){1,3}?that\s+)", re.IGNORECASE
)
_ABOUT_FORM = re.compile(
    r"\b(?:max(?:imum)?|at most|words?|characters?|chars?|hashtags?|emojis?|headlines?|descriptions?|options?|preview text"
    r"|preheader|subject|links?|minutes?|negative prompt|bullets?)\b",
    re.IGNORECASE,
)


_ONLY_FORM = re.compile(
    rf"(?:(?:with|and|give me|in|at|about|please)\s+)*(?:[\w-]+\s+)?{_LIMIT}?\s*(?:{NUMBER}k?|{_NUMBER})(?:\s*(?:-|–|to)\s*{_NUMBER})?"
    r"\s*-?(?:[\w-]+\s+){0,2}?(?:char(?:acter)?s?|words?|hashtags?|emojis?|headlines?|descriptions?|options?|questions?|items?|links?"
    rf"|minutes?|variants?|variations?)(?:\s+(?:max(?:imum)?|only|each|and\s+(?:{_NUMBER})\s+[\w-]+))*",
    re.IGNORECASE,
)


_FEW = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)"
_TEXTS = r"(?:posts?|tweets?|toots?|parts?|e-?mails?|mails?|messages?)"
_SEVERAL = re.compile(
    rf"\b(?:{_FEW}[- ])?(?:{_TEXTS}[- ])?(?:thread|sequence|series)\b(?:\s+(?:of|with|in)\s+{_FEW}(?:\s+{_TEXTS})?)?"
    rf"|\b{_FEW}[- ](?:[a-z]+\s)?{_TEXTS}\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?![-−]\d)\W)*(?:(?:write|make|draft|give me|i need|please)\s+)*(?:an?\s|the\s)?\s*"
    r"(?:(?:for|on)\s+(?:x|twitter|threads|bluesky|mastodon|linkedin|instagram|facebook)\b)?[\s:,]*(?:(?:on|about|for|that)\s+)?",
    re.IGNORECASE,
)


# Words that a detail may have, and what is about form in every kind.
_DETAIL = (2, 14)
_BESIDE = ("word", "character", "tone", "quote", "budget", "keyword")
_STYLE = re.compile(
    r"^(?:no|not|but|and not|tone|keep|make|don'?t|please|pls|with|without|use|using|each|for|max|about|around|honest|short"
    r"|friendly|dry|plain|warm|one|two|three|four|five|six|\d+)\b",
    re.IGNORECASE,
)
_SAY = re.compile(
    r"^(?:and\s+)?(?:mention|say|include|add|point out)\s+(?:that\s+)?(?:we\s+are\s+|it\s+is\s+)?", re.IGNORECASE
)


def message_of(brief: str) -> str:
    """The brief without the words that only order it: "tweet: we're closed on Monday" gives "we're closed on Monday"."""
    brief = brief[:MOST_READ]
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", brief.strip()) if part.strip()]
    about_matter = [part for part in sentences if not _ABOUT_FORM.search(_ORDERED.sub("", part, count=1))]
    kept = " ".join(about_matter or sentences[:1])
    said = trimmed(_ORDERED.sub("", kept, count=1), " ,;:-") or kept
    return _ANNOUNCE.sub("", said, count=1) or said


def matter_of(brief: str) -> str:
    """The brief without the parts between commas that are only about form, which code sees to: "3 hashtags", "max 60 chars"."""
    brief = brief[:MOST_READ]
    sentences = re.split(r"(?<=[.!?])\s+|\n+", brief.strip())
    kept = []
    for sentence in sentences:
        parts = re.split(r"(,\s+)", sentence)
        matter = [
            part for part in parts[::2] if len(part) > LONGEST_FORM or not _ONLY_FORM.fullmatch(part.strip(" .!?"))
        ]
        if matter:
            kept.append(", ".join(matter))
    return " ".join(kept) or brief.strip()


def trimmed(text: str, signs: str) -> str:
    """The text without some signs around it, but for the one that makes its first number negative."""
    return re.sub(rf"^(?:(?![-−]\d)[{re.escape(signs)}])+", "", text.rstrip(signs))


def topic_of(message: str) -> str:
    """What several texts are about: "a thread of 5 posts for X on why bread is slow" gives "why bread is slow"."""
    message = message[:MOST_READ]
    said = _SEVERAL.sub("", message, count=1)
    return trimmed(_LEADING.sub("", said, count=1) if said != message else said, " .!,;:-") or message


def subject_of(message: str) -> str:
    """A message without the words that name a text and its place, as far as they stand at its front."""
    found = re.match(r"^.{0,60}?\b(?:for|about|on|:)\s+(?:an?\s|our\s|the\s|my\s)?(?=\w)", message, re.IGNORECASE)
    return message[found.end() :] if found else message


def details_of(brief: str, form: Form) -> list[str]:
    """What a brief says of its subject, clause by clause, without what is about form: "28 litres", "roll top"."""
    _, colon, rest = brief[:MOST_READ].partition(": ")
    clauses = re.split(r"[,;\n]\s*|(?<=[.!?])\s+", rest if colon else brief[:MOST_READ])
    about_form = pattern_of("|".join(f"{noun}(s)" for noun in (*form.nouns, *_BESIDE)))
    found = []
    for clause in clauses if colon else clauses[1:]:
        said = _SAY.sub("", clause.strip(" .!?"))
        if _DETAIL[0] <= len(said.split()) <= _DETAIL[1] and not _STYLE.match(said) and not about_form.search(said):
            found.append(said[:1].upper() + said[1:])
    return found
