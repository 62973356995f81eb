"""Literal text that a result must contain, and what it must not: words, things such as emoji or prices, and parts. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import takewhile

from .forms import Form
from .items import Brief, Item, find_clause, get_item
from .lexicon import TOKEN, Node, get_forms, load_leading_words
from .phrases import build_pattern
from .wording import compile_template

# Items before a code that may introduce it: "the code is GLOW30".
_MAX_INTRODUCTION = 2
# The maximum distance of a negation from what it rules out: "not in a circle".
_MAX_DISTANCE = 3
# The maximum distance of a trailing "in none of them".
_MAX_TRAILING_DISTANCE = 2
_MAX_CLAUSE_ITEMS = 6
# Literals of a list that one negation rules out together.
_MAX_LISTED_LITERALS = 4
# Words between a negation and what it forbids.
_MAX_NEGATED_WORDS = 4
# Items of a list that a negation extends over.
_MAX_LIST_ITEMS = 16
# Words of an unquoted phrase that must not be used.
_MAX_WORDS = 3
# Words of an entry in a list of unwanted words.
_MAX_UNSAID_WORDS = 2
# Parts that "no ..." rules out; with other nouns it does not concern form.
_PARTS = frozenset(
    (
        "heading",
        "description",
        "chorus",
        "subject",
        "preheader",
        "bullet",
        "title",
        "quote",
        "section",
        "column",
        "image",
        "example",
        "activity",
        "headline",
        "option",
        "level",
        "card",
        "slide",
        "scene",
    )
)
_OPENING, _CLOSING = ("(", "（"), (")", "）")
_THIS = frozenset(
    {
        "this",
        "that",
        "my",
        "our",
        "diese",
        "dieser",
        "unsere",
        "ce",
        "notre",
        "este",
        "ese",
        "nuestro",
        "esse",
        "nosso",
        "questo",
    }
)
# Words after "none" that refer to money or time: "none on running costs".
_SPENT_ON = frozenset({"on", "for", "towards", "toward", "goes", "went"})
_COMMA = re.compile(r"[,、،/]")
_EQUALS = (":", "：", "=")
# Prepositions after figures that are ruled out only in part.
_ABOUT = frozenset({"on", "about", "sur", "zu", "zum", "zur", "über", "sobre", "su", "sui"})


@dataclass(slots=True)
class UnwantedContent:
    """Things that must not be in a result, and the parts that are ruled out."""

    things: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def find_unwanted(brief: Brief, items: list[Item], form: Form) -> UnwantedContent:
    """Return what must not be in the result.

    For kinds with a shape, "nobody" rules out people; otherwise it describes the subject. The main entries of a kind are only
    ruled out in part: "no trick questions".
    """
    found = UnwantedContent()
    avoid, none = found.things, found.parts
    for at, item in enumerate(items):
        if item.type == "literal" and any(one.has("beyond") for one in items[max(0, at - 2) : at]):
            item.is_used = True  # "Not just 'well done'."
        elif item.type == "literal" and _is_forbidden(items, at):
            avoid.append(_find_sign_meaning(brief, item.text) or item.text)
            item.is_used = True
        elif item.type == "hashtag" and _is_forbidden(items, at):
            avoid.append(item.text)
            item.is_used = True
        elif item.has("unsaid"):
            avoid += _read_unsaid_list(brief, items, at) or _read_unsaid(brief, items, at)
        if item.has("without") and not item.is_used and _is_without(items, at, form):
            avoid.append(item.meanings["without"])
            item.is_used = True
        none_of = item.has("none") and item.meanings["none"] != "that"
        if none_of and _is_pronoun(items, at):
            things, parts = _find_last_named(items, at)
            avoid += things
            none += parts
        denies = (item.has("no.before") and not item.has("most.before")) or _is_none_of_them(item)
        if denies or (none_of and not _is_pronoun(items, at) and get_item(items, at + 1).text not in _SPENT_ON):
            things, parts = _read_negated(items, at, brief.language)
            avoid += things
            none += parts
    for at, item in enumerate(items):
        if item.is_used:
            continue
        if item.has("avoid") and _is_refused(items, at):
            avoid.append(item.meanings["avoid"])
            item.is_used = True
        elif item.meanings.get("nouns") in _PARTS and get_item(items, at + 1).has("no.after"):
            none.append(item.meanings["nouns"])
    found.things = [thing for thing in avoid if thing != f"{form.main}s"]
    return found


def _is_without(items: list[Item], at: int, form: Form) -> bool:
    """Whether "nobody" rules out people: not in texts, nor in "nobody is 'thrilled' here"."""
    _, end = find_clause(items, at)
    quoting = any(one.type == "literal" for one in items[at + 1 : end])
    return items[at].meanings["without"] != "people" or (form.shaped and not quoting)


def _find_sign_meaning(brief: Brief, text: str) -> str:
    """Return the thing to avoid that a quoted sign stands for: "no '!'" means exclamation marks; empty for words."""
    if any(map(str.isalnum, text)):
        return ""
    tokens = TOKEN.findall(text)
    length, meanings = brief.lexicon.find_longest(tokens, 0, Node()) if tokens else (0, {})
    return meanings.get("avoid", "") if length == len(tokens) else ""


def _is_pronoun(items: list[Item], at: int) -> bool:
    """Whether a word for none refers back, without an object: unlike "none of that 'unlock your potential'"."""
    after = get_item(items, at + 1)
    plain = after.type in ("stop", "comma") or after.has("please")
    return plain or (" " in items[at].text and after.type != "literal" and not after.has("avoid"))


def _find_last_named(items: list[Item], at: int) -> tuple[list[str], list[str]]:
    """Return what "so none of those" refers to: the last thing before it that can be ruled out."""
    for item in reversed(items[max(0, at - 2 * _MAX_CLAUSE_ITEMS) : at]):
        if item.is_used:
            return [], []
        if item.has("avoid"):
            item.is_used = True
            return [item.meanings["avoid"]], []
        if item.meanings.get("nouns") in _PARTS:
            return [], [item.meanings["nouns"]]
    return [], []


def _read_unsaid(brief: Brief, items: list[Item], at: int) -> list[str]:
    """Return the unquoted words after "don't say", without their article, and those in brackets."""
    _, end = find_clause(items, at)
    while get_item(items, end).text == "/" and end + 1 < len(items):
        _, end = find_clause(items, end + 1)
    behind = items[at + 1 : end]
    while behind and behind[-1].has("please"):
        behind.pop()
    named = _read_bracketed_names(brief, items, end)
    words = [one for one in behind if one.text != "/"]
    if len(words) > 2 * _MAX_WORDS or any(one.type != "word" for one in words):
        return named
    phrases: list[list[Item]] = [[]]
    for one in behind:
        if one.has("also") or one.text == "/":
            phrases.append([])
        elif phrases[-1] or not _is_leading(one, brief.language):
            phrases[-1].append(one)
    return [*(wording for phrase in phrases if (wording := _resolve_phrase(phrase))), *named]


def _read_unsaid_list(brief: Brief, items: list[Item], at: int) -> list[str]:
    """Return the list after "banned words:", as long as its entries have one or two words."""
    first = at + 1 + (get_item(items, at + 1).text in _EQUALS)
    if first == at + 1 and items[at].text[-1:] not in _EQUALS:
        return []
    end = first
    while get_item(items, end).type in ("word", "comma") and items[end].text not in (*_EQUALS, *_OPENING):
        end += 1
    listed_text = brief.text[items[first].start : items[end - 1].end] if end > first else ""
    article = compile_template(r"^<listing.article>\s+", brief.language)
    listed = (article.sub("", name) for name in _split_entries(listed_text, brief.language))
    names = list(takewhile(lambda name: len(name.split()) <= _MAX_UNSAID_WORDS, listed))
    for item in items[first:end]:
        item.is_used = item.is_used or any(item.text in name for name in names)
    return names


def _is_leading(item: Item, language: str) -> bool:
    """Whether a word introduces what is not to be said: "any prices", "the strike"."""
    return item.has("each", "article") or bool(compile_template("<listing.article>", language).fullmatch(item.text))


def _resolve_phrase(phrase: list[Item]) -> str:
    """Return the thing that a phrase rules out, or its words; empty if there are too many."""
    if phrase and phrase[0].has("avoid"):
        # "Numbers of visitors" is more specific than the thing.
        if len(phrase) > 1 or phrase[0].is_used:
            return ""
        phrase[0].is_used = True
        return phrase[0].meanings["avoid"]
    if all(one.text.casefold() in load_leading_words() for one in phrase):
        return ""  # "Don't mention it."
    return " ".join(one.text for one in phrase) if len(phrase) <= _MAX_WORDS else ""


def _read_bracketed_names(brief: Brief, items: list[Item], at: int) -> list[str]:
    """Return names in brackets after what is not to be said: "don't mention the competition (no singer, janome)"."""
    if get_item(items, at).text not in _OPENING:
        return []
    end = next((place for place in range(at + 1, len(items)) if items[place].text in _CLOSING), at)
    first = at + 1 + get_item(items, at + 1).has("no.before")
    names = _split_entries(brief.text[items[first].start : items[end].start], brief.language) if first < end else []
    plain = all(one.type == "word" or one.text == "," for one in items[first:end])
    several = len(names) > 1 or first > at + 1 or any(name[:1].isupper() for name in names)  # Unlike "(long story)".
    if not plain or not several or not all(map(_is_name, names)):
        return []
    for one in items[first:end]:
        one.is_used = True
    return names


def _read_negated(items: list[Item], at: int, language: str) -> tuple[list[str], list[str]]:
    """Return the things and the parts that a negation rules out: "no emoji, hashtags or links", "no headings"."""
    avoid: list[str] = []
    after, words = at + 1, 0
    while after < min(len(items), at + _MAX_LIST_ITEMS) and words < _MAX_NEGATED_WORDS:
        item = items[after]
        goes_on = avoid and get_item(items, after + 1).has("avoid") and not get_item(items, after + 1).has("no.before")
        if item.type in ("stop", "number", "figure", "literal") or (item.type == "comma" and not goes_on):
            break
        # "Not in French!!" does not rule out marks.
        if item.has("sign") and not words:
            avoid.append(item.text)  # "No km/h, no mph."
            break
        if item.has("avoid") and (item.text[:1].isalnum() or after == at + 1) and not _are_done_to(item, words):
            if item.meanings["avoid"] == "numbers" and _is_of_something(items, after):
                break
            if get_item(items, after + 1).has("except"):
                item.is_used = True  # "No text besides the name."
                break
            if not item.is_used:
                avoid.append(item.meanings["avoid"])
                item.is_used = True
            words = 0
        elif item.meanings.get("nouns") in _PARTS and not avoid:
            if _is_elsewhere(items[at + 1 : after + 1], language):
                return [], []
            item.is_used = True
            return [], [item.meanings["nouns"]]
        elif (item.has("no.before") and words) or (
            avoid and not item.has("also", "to", "no.before") and item.type != "comma"
        ):
            break
        elif not item.has("also", "to", "no.before"):
            words += 1
        after += 1
    return avoid, []


def _is_of_something(items: list[Item], at: int) -> bool:
    """Whether only certain numbers are meant: "no figures on sales", "don't reply to this number"."""
    before, behind = get_item(items, at - 1).text.casefold(), get_item(items, at + 1)
    return behind.has("of") or behind.text in _ABOUT or before in _THIS


def _is_elsewhere(items: list[Item], language: str) -> bool:
    """Whether a negated part is only a location: "in the description, not in the title", "not the title"."""
    *between, part = items
    inside = any(one.has("known") or (one.has("of") and not one.has("article")) for one in between)
    return inside or bool(compile_template(r"^<known.the>\s", language).match(part.text))


def _are_done_to(item: Item, words: int) -> bool:
    """Whether people are only the object of a negated verb: "don't scare people"."""
    return item.meanings["avoid"] == "people" and words > 0


def _is_name(text: str) -> bool:
    return 0 < len(text.split()) <= _MAX_WORDS and not any(map(str.isdigit, text))


def _split_entries(listed: str, code: str) -> list[str]:
    """Split a list at commas and words for "and"."""
    joins = build_pattern(f"{get_forms('any', 'also', 'also')}|{get_forms(code, 'also', 'also')}")
    parts = (part for piece in _COMMA.split(listed) for part in joins.split(piece))
    return [name for part in parts if (name := part.strip())]


def _is_forbidden(items: list[Item], at: int) -> bool:
    """Whether a negation precedes or follows a literal in its clause, or in its list.

    The next clause may rule it out as well: "'cosy' is overused, leave it out".
    """
    start, end = _find_listed_clause(items, at)
    before, behind = items[start:at][-_MAX_CLAUSE_ITEMS:], items[at + 1 : end]
    following = [one for one in behind if one.type != "literal" and not one.has("also")][:_MAX_CLAUSE_ITEMS]
    return (
        any(map(_forbids, before))
        or any(one.has("no.after", "none") for one in following)
        or any(_is_none_of_them(one) for one in following[:_MAX_TRAILING_DISTANCE])
        or _is_dropped(items, end)
    )


def _find_listed_clause(items: list[Item], at: int) -> tuple[int, int]:
    """Return the clause of a literal, extended to the literals in its list: "'cosy', 'snug' and 'homely' must go"."""
    start, end = find_clause(items, at)
    for _ in range(_MAX_LISTED_LITERALS):
        if start > 1 and items[start - 2].type == "literal" and all(map(_is_listed, items[start:at])):
            start, _ = find_clause(items, start - 2)
        if get_item(items, end + 1).type == "literal" and all(map(_is_listed, items[at:end])):
            _, end = find_clause(items, end + 1)
    return start, end


def _is_listed(item: Item) -> bool:
    return item.type in ("literal", "comma") or item.has("also")


def _forbids(item: Item) -> bool:
    denies = item.has("no.before", "unsaid", "none", "without") or _is_none_of_them(item)
    return denies and not item.has("most.before")


def _is_none_of_them(item: Item) -> bool:
    """Whether an item is "none of them" as a negation, not a bound: "none of them longer than 30 characters"."""
    return item.meanings.get("each") == "none" and not item.has("most.before")


def _is_dropped(items: list[Item], end: int) -> bool:
    """Whether the clause after a place only rules out what was named: "..., so leave it out please"."""
    _, stop = find_clause(items, end + 1) if end + 1 < len(items) else (end, end)
    remaining = [one for one in items[end + 1 : stop] if not one.has("please", "also")]
    return (
        0 < len(remaining) <= _MAX_DISTANCE
        and remaining[-1].has("none")
        and not any(one.has("nouns", "avoid") for one in remaining)
    )


def is_ruled_out(items: list[Item], start: int) -> bool:
    """Whether a negation directly precedes a place in its clause: "no circle badge", "not in a circle"."""
    at = bisect_left(items, start, key=lambda item: item.start)
    begins, _ = find_clause(items, at) if at < len(items) else (at, at)
    before = items[max(begins, at - _MAX_DISTANCE) : at]
    return any(one.has("no.before") and not one.has("most.before") for one in before)


def _is_refused(items: list[Item], at: int) -> bool:
    """Whether a negation follows something in its clause: "superlatives are out"."""
    _, end = find_clause(items, at)
    behind = items[at + 1 : min(end, at + _MAX_CLAUSE_ITEMS)]
    other = any(one.has("nouns") and not one.has("avoid") for one in behind[:2])
    return not other and any(one.has("no.after") for one in behind)


def find_included(brief: Brief, items: list[Item]) -> list[str]:
    """Return the literals that the result must contain verbatim."""
    found: list[str] = []
    for at, item in enumerate(items):
        if item.is_used:
            continue
        if item.type == "literal":
            found.append(item.text.strip(" .,;"))
        elif item.type == "hashtag" or (item.type == "link" and not _is_forbidden(items, at)):
            found.append(item.text)
        elif item.type in ("word", "number") and (code := _read_code(brief, items, at)):
            found.append(code)
            for one in items:
                one.is_used = one.is_used or item.start <= one.start < item.start + len(code)
    return found


def _read_code(brief: Brief, items: list[Item], at: int) -> str:
    """Return the code that begins at a place, empty without one: "with the code GLOW30"."""
    if not any(one.has("code") for one in items[max(0, at - _MAX_INTRODUCTION) : at]):
        return ""
    token = brief.text[items[at].start :].split()[0].strip(".,;:!?)\"'")
    return token if token.isupper() or (any(map(str.isdigit, token)) and not token.isdigit()) else ""
