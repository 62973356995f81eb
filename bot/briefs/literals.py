"""Literal text that a result must contain, and what it must not. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import takewhile

from .forms import Form
from .items import Brief, Item, find_clause, get_item
from .lexicon import TOKEN, Node, get_forms, load_leading_words, normalise_text
from .lists import remove_remarks, split_entries
from .phrases import build_pattern
from .wording import compile_template

# Words between a negation and what it forbids.
_MAX_NEGATED_WORDS = 4
# The maximum distance of a negation from what it rules out: "not in a circle".
_MAX_DISTANCE = 3
# The maximum distance of a trailing "in none of them".
_MAX_TRAILING_DISTANCE = 2
# Items of a list that a negation extends over.
_MAX_LIST_ITEMS = 16
_MAX_CLAUSE_ITEMS = 6
# Words of an unquoted phrase that must not be used.
_MAX_WORDS = 3
_MAX_KEYWORDS = 4
# Words of an entry in a list of unwanted words.
_MAX_UNSAID_WORDS = 2
# Words of an unquoted phrase.
_MIN_PHRASE, _MAX_PHRASE = 2, 9
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
# Capitalised abbreviations that are not text to print.
_TERMS = frozenset(
    (
        "SMS",
        "FAQ",
        "SEO",
        "URL",
        "CTA",
        "PDF",
        "HTML",
        "CSV",
        "EUR",
        "USD",
        "GBP",
        "AM",
        "PM",
        "UK",
        "US",
        "EU",
        "USA",
        "OK",
        "ASAP",
        "AGB",
        "DVD",
        "TV",
        "PR",
        "HR",
        "IT",
    )
)
# Phrases that introduce a name, and words allowed within a name.
_NAMING = frozenset(
    (
        "call it",
        "titled",
        "entitled",
        "title it",
        "headline it",
        "name it",
        "headed",
        "the initials",
        "the names",
        "the name",
    )
)
_JOINING = frozenset(
    (
        "of",
        "the",
        "and",
        "in",
        "on",
        "for",
        "to",
        "at",
        "a",
        "is",
        "it",
        "&",
        "de",
        "la",
        "le",
        "les",
        "el",
        "los",
        "las",
        "der",
        "die",
        "das",
        "und",
        "et",
        "y",
        "e",
        "do",
        "da",
        "du",
        "en",
        "no",
    )
)
_OPENING, _CLOSING = ("(", "（"), (")", "）")
_PLAIN_LIST = re.compile(r"\s{1,3}[^\W\d][\w-]{0,40}(?:,\s{1,3}[^\W\d][\w-]{0,40}){2}")
# Identifiers such as names of columns: "customer_id".
_IDENTIFIER = re.compile(r"(?<![\w.@/#-])[a-z][a-z\d]{0,30}(?:_[a-z\d]{1,30}){1,5}(?![\w@/-]|\.\w)", re.IGNORECASE)
# German sentences that require nouns: without an article, as one with an article is only the subject.
_REQUIRED_NOUN = r"[A-ZÄÖÜ][\w-]{2,40}"
_REQUIRED_NOUNS = (
    rf"(?<!\w)(?i:<wants.must>)\s+(?:<wants.also>\s+){{0,3}}(?P<behind>{_REQUIRED_NOUN})\s+(?:<wants.also>\s+){{0,2}}<wants.occur>(?!\w)"
    rf"|[,.;:(\n]\s?(?P<named>(?i:<wants.named>)\s+)?(?P<before>(?:{_REQUIRED_NOUN}(?:,\s{_REQUIRED_NOUN}){{0,4}}\s<listing.and>\s)?{_REQUIRED_NOUN})\s+"
    r"<wants.must>\s+(?:<wants.also>\s+){0,3}(?:<wants.occur>|(?(named)<wants.enter>|(?!)))(?!\w)"
)
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
        if item.sort == "literal" and any(one.has("beyond") for one in items[max(0, at - 2) : at]):
            item.used = True  # "Not just 'well done'."
        elif item.sort == "literal" and _is_forbidden(items, at):
            avoid.append(_find_sign_meaning(brief, item.text) or item.text)
            item.used = True
        elif item.sort == "hashtag" and _is_forbidden(items, at):
            avoid.append(item.text)
            item.used = True
        elif item.has("unsaid"):
            avoid += _read_unsaid_list(brief, items, at) or _read_unsaid(brief, items, at)
        if item.has("without") and not item.used and _is_without(items, at, form):
            avoid.append(item.meanings["without"])
            item.used = True
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
        if item.used:
            continue
        if item.has("avoid") and _is_refused(items, at):
            avoid.append(item.meanings["avoid"])
            item.used = True
        elif item.meanings.get("nouns") in _PARTS and get_item(items, at + 1).has("no.after"):
            none.append(item.meanings["nouns"])
    found.things = [thing for thing in avoid if thing != f"{form.main}s"]
    return found


def _is_without(items: list[Item], at: int, form: Form) -> bool:
    """Whether "nobody" rules out people: not in texts, nor in "nobody is 'thrilled' here"."""
    _, end = find_clause(items, at)
    quoting = any(one.sort == "literal" for one in items[at + 1 : end])
    return items[at].meanings["without"] != "people" or (form.shaped and not quoting)


def _find_sign_meaning(brief: Brief, text: str) -> str:
    """Return the thing to avoid that a quoted sign stands for: "no '!'" means exclamation marks; empty for words."""
    if any(map(str.isalnum, text)):
        return ""
    tokens = TOKEN.findall(text)
    length, meanings = brief.lexicon.find_longest(tokens, 0, Node()) if tokens else (0, {})
    return meanings.get("avoid", "") if length == len(tokens) else ""


def _is_forbidden(items: list[Item], at: int) -> bool:
    """Whether a negation precedes or follows a literal in its clause, or in its list.

    The next clause may rule it out as well: "'cosy' is overused, leave it out".
    """
    start, end = _find_listed_clause(items, at)
    before, behind = items[start:at][-_MAX_CLAUSE_ITEMS:], items[at + 1 : end]
    following = [one for one in behind if one.sort != "literal" and not one.has("also")][:_MAX_CLAUSE_ITEMS]
    return (
        any(map(_forbids, before))
        or any(one.has("no.after", "none") for one in following)
        or any(_is_none_of_them(one) for one in following[:_MAX_TRAILING_DISTANCE])
        or _is_dropped(items, end)
    )


def _find_listed_clause(items: list[Item], at: int) -> tuple[int, int]:
    """Return the clause of a literal, extended to the literals in its list: "'cosy', 'snug' and 'homely' must go"."""
    start, end = find_clause(items, at)
    for _ in range(_MAX_KEYWORDS):
        if start > 1 and items[start - 2].sort == "literal" and all(map(_is_listed, items[start:at])):
            start, _ = find_clause(items, start - 2)
        if get_item(items, end + 1).sort == "literal" and all(map(_is_listed, items[at:end])):
            _, end = find_clause(items, end + 1)
    return start, end


def _is_listed(item: Item) -> bool:
    return item.sort in ("literal", "comma") or item.has("also")


def _forbids(item: Item) -> bool:
    denies = item.has("no.before", "unsaid", "none", "without") or _is_none_of_them(item)
    return denies and not item.has("most.before")


def _is_none_of_them(item: Item) -> bool:
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


def _is_pronoun(items: list[Item], at: int) -> bool:
    """Whether a word for none refers back, without an object: unlike "none of that 'unlock your potential'"."""
    after = get_item(items, at + 1)
    plain = after.sort in ("stop", "comma") or after.has("please")
    return plain or (" " in items[at].text and after.sort != "literal" and not after.has("avoid"))


def _find_last_named(items: list[Item], at: int) -> tuple[list[str], list[str]]:
    """Return what "so none of those" refers to: the last thing before it that can be ruled out."""
    for item in reversed(items[max(0, at - 2 * _MAX_CLAUSE_ITEMS) : at]):
        if item.used:
            return [], []
        if item.has("avoid"):
            item.used = True
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
    if len(words) > 2 * _MAX_WORDS or any(one.sort != "word" for one in words):
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
    while get_item(items, end).sort in ("word", "comma") and items[end].text not in (*_EQUALS, *_OPENING):
        end += 1
    listed_text = brief.text[items[first].start : items[end - 1].end] if end > first else ""
    article = compile_template(r"^<listing.article>\s+", brief.language)
    listed = (article.sub("", name) for name in _split_entries(listed_text, brief.language))
    names = list(takewhile(lambda name: len(name.split()) <= _MAX_UNSAID_WORDS, listed))
    for item in items[first:end]:
        item.used = item.used or any(item.text in name for name in names)
    return names


def _is_leading(item: Item, language: str) -> bool:
    """Whether a word introduces what is not to be said: "any prices", "the strike"."""
    return item.has("each", "article") or bool(compile_template("<listing.article>", language).fullmatch(item.text))


def _resolve_phrase(phrase: list[Item]) -> str:
    """Return the thing that a phrase rules out, or its words; empty if there are too many."""
    if phrase and phrase[0].has("avoid"):
        # "Numbers of visitors" is more specific than the thing.
        if len(phrase) > 1 or phrase[0].used:
            return ""
        phrase[0].used = True
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
    plain = all(one.sort == "word" or one.text == "," for one in items[first:end])
    several = len(names) > 1 or first > at + 1 or any(name[:1].isupper() for name in names)  # Unlike "(long story)".
    if not plain or not several or not all(map(_is_name, names)):
        return []
    for one in items[first:end]:
        one.used = True
    return names


def _read_negated(items: list[Item], at: int, language: str) -> tuple[list[str], list[str]]:
    """Return the things and the parts that a negation rules out: "no emoji, hashtags or links", "no headings"."""
    avoid: list[str] = []
    after, words = at + 1, 0
    while after < min(len(items), at + _MAX_LIST_ITEMS) and words < _MAX_NEGATED_WORDS:
        item = items[after]
        goes_on = avoid and get_item(items, after + 1).has("avoid") and not get_item(items, after + 1).has("no.before")
        if item.sort in ("stop", "number", "figure", "literal") or (item.sort == "comma" and not goes_on):
            break
        # "Not in French!!" does not rule out marks.
        if item.has("sign") and not words:
            avoid.append(item.text)  # "No km/h, no mph."
            break
        if item.has("avoid") and (item.text[:1].isalnum() or after == at + 1) and not _are_done_to(item, words):
            if item.meanings["avoid"] == "numbers" and _is_of_something(items, after):
                break
            if get_item(items, after + 1).has("except"):
                item.used = True  # "No text besides the name."
                break
            if not item.used:
                avoid.append(item.meanings["avoid"])
                item.used = True
            words = 0
        elif item.meanings.get("nouns") in _PARTS and not avoid:
            if _is_elsewhere(items[at + 1 : after + 1], language):
                return [], []
            item.used = True
            return [], [item.meanings["nouns"]]
        elif (item.has("no.before") and words) or (
            avoid and not item.has("also", "to", "no.before") and item.sort != "comma"
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


def find_included(brief: Brief, items: list[Item]) -> list[str]:
    """Return the literals that the result must contain verbatim."""
    found: list[str] = []
    for at, item in enumerate(items):
        introductions = [one.meanings.get("include") for one in items[max(0, at - 2) : at]]
        meaning = item.meanings.get("include")
        if item.used:
            continue
        if item.sort == "literal":
            found.append(item.text.strip(" .,;"))
        elif (item.sort == "hashtag" and not item.used) or (item.sort == "link" and not _is_forbidden(items, at)):
            found.append(item.text)
        elif item.sort in ("word", "number") and "code" in introductions and (code := _read_code(brief, item)):
            found.append(code)
            for one in items:
                one.used = one.used or item.start <= one.start < item.start + len(code)
        elif item.sort == "word" and any(introductions) and _is_shouted(brief, item):
            found.append(item.text)
        elif item.meanings.get("nouns") in ("level", "column", "field") and (opens := _find_bracket(items, at)):
            found += _read_bracketed_list(brief, items, opens)
        elif item.meanings.get("named") == "phrase" and (phrase := _read_phrase(brief, items, at)):
            found.append(phrase)
        elif meaning == "called":
            found += _read_called_name(brief, items, at)
        elif meaning in ("keyword", "list"):
            found += _read_list(brief, items, at, meaning)
    found += _find_required_nouns(brief)
    named = _IDENTIFIER.findall(brief.text[: items[-1].end]) if items else []
    return [*found, *(name for name in named if name not in found)]


def _find_required_nouns(brief: Brief) -> list[str]:
    """Return the unquoted nouns that a German brief requires, except words about form."""
    matches = compile_template(_REQUIRED_NOUNS, brief.language, re.NOFLAG).finditer(brief.text)
    names = (name for found in matches for name in _split_entries(found["behind"] or found["before"], brief.language))
    return [name for name in names if not brief.lexicon.find_longest(TOKEN.findall(normalise_text(name)), 0, Node())[1]]


def _read_code(brief: Brief, item: Item) -> str:
    """Return the code that begins at an item, empty without one: "GLOW30"."""
    token = brief.text[item.start :].split()[0].strip(".,;:!?)\"'")
    return token if token.isupper() or (any(map(str.isdigit, token)) and not token.isdigit()) else ""


def _is_shouted(brief: Brief, item: Item) -> bool:
    """Whether a word is in capitals in a brief that is not entirely so."""
    return len(item.text) > 1 and item.text.isupper() and item.text not in _TERMS and not brief.text.isupper()


def _find_bracket(items: list[Item], at: int) -> int:
    """Return the place of the bracket after a noun or its number: "3 levels (…", "levels: 3 (…"; 0 without one."""
    counted = get_item(items, at + 1).text in _EQUALS and get_item(items, at + 2).sort == "number"
    place = at + 3 if counted else at + 1
    return place if get_item(items, place).text in _OPENING else 0


def _read_bracketed_list(brief: Brief, items: list[Item], at: int) -> list[str]:
    """Return the names in brackets after a count: "3 levels (emerging / secure / strong)"."""
    end = next((place for place in range(at + 1, len(items)) if items[place].text in _CLOSING), at)
    names = [name.strip() for name in re.split(r"[,/|、;]", brief.text[items[at].end : items[end].start])]
    return names if len(names) > 1 and all(map(_is_name, names)) else []


def _is_plain_list(brief: Brief, items: list[Item], at: int) -> bool:
    """Whether a comma-separated list of at least three single words follows an item: "columns id, name, post_code"."""
    return bool(_PLAIN_LIST.match(brief.text, items[at].end))


def _is_name(text: str) -> bool:
    return 0 < len(text.split()) <= _MAX_WORDS and not any(map(str.isdigit, text))


def _read_called_name(brief: Brief, items: list[Item], at: int) -> list[str]:
    """Return the capitalised name after "call it"."""
    after = at + 1 + (get_item(items, at + 1).text in _EQUALS)
    kept: list[Item] = []
    for item in items[after : after + 3 * _MAX_WORDS]:
        if item.sort != "word" or not (item.text[:1].isupper() or (kept and item.text.casefold() in _JOINING)):
            break
        kept.append(item)
    while kept and not kept[-1].text[:1].isupper():
        kept.pop()
    capitals = sum(item.text[:1].isupper() for item in kept)
    # A single capital may be another name.
    if capitals < (1 if normalise_text(items[at].text) in _NAMING else 2):
        return []
    for item in kept:
        item.used = True
    return [brief.text[kept[0].start : kept[-1].end]]


def _read_phrase(brief: Brief, items: list[Item], at: int) -> str:
    """Return the clause after "the button says" if it begins with a capital; not in German, which capitalises nouns."""
    after = at + 1 + (get_item(items, at + 1).text in _EQUALS)
    end = after
    while end < len(items) and items[end].sort not in ("stop", "comma", "literal"):
        end += 1
    words = items[after:end]
    if brief.language == "de" or not _MIN_PHRASE <= len(words) <= _MAX_PHRASE or not words[0].text[:1].isupper():
        return ""
    for item in words:
        item.used = True
    return brief.text[words[0].start : words[-1].end]


def _find_list_end(items: list[Item], start: int, end: int) -> int:
    """Return the end of a list before a clause about form: "keyword: kayak hire, title < 60 chars"."""
    unit = next(
        (at for at in range(start, end) if items[at].has("units") and get_item(items, at - 1).sort == "number"), end
    )
    if unit == end:
        return end
    return next((at for at in range(unit, start, -1) if items[at].sort == "comma"), end)


def _split_entries(listed: str, code: str) -> list[str]:
    """Split a list at commas and words for "and"."""
    joins = build_pattern(f"{get_forms('any', 'also', 'also')}|{get_forms(code, 'also', 'also')}")
    parts = (part for piece in _COMMA.split(listed) for part in joins.split(piece))
    return [name for part in parts if (name := part.strip())]


def _read_list(brief: Brief, items: list[Item], at: int, how: str) -> list[str]:
    """Return the entries listed after "keyword:", "columns are" and the like."""
    after, opens = at + 1, get_item(items, at).text.casefold().endswith((" is", " are", " to use", " be", " called"))
    if get_item(items, after).text in _EQUALS:
        after += 1
    elif not opens and not _is_plain_list(brief, items, at):
        return []
    end = after
    while end < len(items) and items[end].sort not in ("stop", "literal"):
        end += 1
    end = _find_list_end(items, after, end)
    if end == after or get_item(items, end).sort == "literal":
        return []
    if [item.sort for item in items[after:end]] == ["number"]:
        return []  # "Hashtags: three."
    listed_text = brief.text[items[after].start : items[end - 1].end]
    names = _split_entries(listed_text, brief.language)
    before = get_item(items, at - 1)
    if items[at].has("units") and before.sort == "number" and before.value != len(names):
        return []  # "60-80 words: our climbing hall hires" is a size, "4 words: la mesa, …" a list.
    if how == "keyword":
        return [name for name in names[:_MAX_KEYWORDS] if len(name.split()) <= _MAX_KEYWORDS + 1]
    if (plain := remove_remarks(listed_text)) != listed_text:
        names = split_entries(plain)
    return list(filter(_is_name, names))
