"""What must stand in a result as it is written, and what must not. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import takewhile

from .forms import Form
from .items import Brief, Item, clause, item_at
from .lexicon import TOKEN, Node, forms_of, leading_words
from .lexicon import normalised as _normal
from .lists import entries_of, without_remarks
from .phrases import pattern_of
from .wording import filled

# Words between a negation and what it forbids, and those of a clause that are looked at.
_REACH = 4
# Words that a negation and what it rules out are apart at most: "not in a circle".
_CLOSE = 3
# Words within which "in none of them" stands behind what is in none of them.
_NEXT = 2
# Items of a list that a negation goes on over.
_FARTHEST = 16
_CLAUSE = 6
# Words of something that must not be said, where no quotation marks stand around it.
_MAX_WORDS = 3
_MAX_KEYWORDS = 4
# Words of an entry of a list of what must not be said.
_MAX_UNSAID = 2
# Words of a phrase that stands without quotation marks.
_MIN_PHRASE, _MAX_PHRASE = 2, 9
# Parts that "no ..." wants none of; of other nouns it says nothing about form.
_PARTS = frozenset((
    "heading", "description", "chorus", "subject", "preheader", "bullet", "title", "quote", "section", "column",
    "image", "example", "activity", "headline", "option", "level", "card", "slide", "scene",
))  # fmt: skip
# Capitals that are no words to print.
_TERMS = frozenset((
    "SMS", "FAQ", "SEO", "URL", "CTA", "PDF", "HTML", "CSV", "EUR", "USD", "GBP", "AM", "PM", "UK", "US", "EU",
    "USA", "OK", "ASAP", "AGB", "DVD", "TV", "PR", "HR", "IT",
))  # fmt: skip
# What names something, and what may stand between the words of a name.
_NAMING = frozenset((
    "call it", "titled", "entitled", "title it", "headline it", "name it", "headed", "the initials", "the names",
    "the name",
))  # fmt: skip
_JOINING = frozenset((
    "of", "the", "and", "in", "on", "for", "to", "at", "a", "is", "it", "&", "de", "la", "le", "les", "el", "los",
    "las", "der", "die", "das", "und", "et", "y", "e", "do", "da", "du", "en", "no",
))  # fmt: skip
_OPENING, _CLOSING = ("(", "（"), (")", "）")
_PLAIN_LIST = re.compile(r"\s{1,3}[^\W\d][\w-]{0,40}(?:,\s{1,3}[^\W\d][\w-]{0,40}){2}")
# Names of columns and the like, as programs write them: "customer_id".
_IDENTIFIER = re.compile(r"(?<![\w.@/#-])[a-z][a-z\d]{0,30}(?:_[a-z\d]{1,30}){1,5}(?![\w@/-]|\.\w)", re.IGNORECASE)
# In German, names that must occur, with the words for it: a noun alone, as what has an article is only to be spoken of.
_OCCURRING = r"[A-ZÄÖÜ][\w-]{2,40}"
_OCCURS = (
    rf"(?<!\w)(?i:<wants.must>)\s+(?:<wants.also>\s+){{0,3}}(?P<behind>{_OCCURRING})\s+(?:<wants.also>\s+){{0,2}}<wants.occur>(?!\w)"
    rf"|[,.;:(\n]\s?(?P<named>(?i:<wants.named>)\s+)?(?P<before>(?:{_OCCURRING}(?:,\s{_OCCURRING}){{0,4}}\s<listing.and>\s)?{_OCCURRING})\s+"
    r"<wants.must>\s+(?:<wants.also>\s+){0,3}(?:<wants.occur>|(?(named)<wants.enter>|(?!)))(?!\w)"
)
_THIS = frozenset({
    "this", "that", "my", "our", "diese", "dieser", "unsere", "ce", "notre", "este", "ese", "nuestro", "esse", "nosso",
    "questo",
})  # fmt: skip
# What stands behind "none" where money or time is meant: "none on running costs".
_SPENT_ON = frozenset({"on", "for", "towards", "toward", "goes", "went"})
_COMMA = re.compile(r"[,、،/]")
_EQUALS = (":", "：", "=")
# What figures are of that are not wanted.
_ABOUT = frozenset({"on", "about", "sur", "zu", "zum", "zur", "über", "sobre", "su", "sui"})


@dataclass(slots=True)
class Unwanted:
    """What must not be in a result, and the parts of which none is wanted."""

    things: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def avoided(brief: Brief, items: list[Item], form: Form) -> Unwanted:
    """What must not be in the result.

    Of what has a shape, "nobody" says that there are no people; elsewhere it tells of the subject. What a text consists of is only
    forbidden in part: "no trick questions".
    """
    found = Unwanted()
    avoid, none = found.things, found.parts
    for at, item in enumerate(items):
        if item.sort == "literal" and any(one.has("beyond") for one in items[max(0, at - 2) : at]):
            item.used = True  # "Not just 'well done'."
        elif item.sort == "literal" and _is_forbidden(items, at):
            avoid.append(_sign_meant(brief, item.text) or item.text)
            item.used = True
        elif item.sort == "hashtag" and _is_forbidden(items, at):
            avoid.append(item.text)
            item.used = True
        elif item.has("unsaid"):
            avoid += _unsaid_list(brief, items, at) or _unsaid(brief, items, at)
        if item.has("without") and not item.used and _is_without(items, at, form):
            avoid.append(item.means["without"])
            item.used = True
        none_of = item.has("none") and item.means["none"] != "that"
        if none_of and _is_pronoun(items, at):
            things, parts = _named_last(items, at)
            avoid += things
            none += parts
        denies = (item.has("no.before") and not item.has("most.before")) or _is_none_of_them(item)
        if denies or (none_of and not _is_pronoun(items, at) and item_at(items, at + 1).text not in _SPENT_ON):
            things, parts = _behind_no(items, at, brief.language)
            avoid += things
            none += parts
    for at, item in enumerate(items):
        if item.used:
            continue
        if item.has("avoid") and _is_refused(items, at):
            avoid.append(item.means["avoid"])
            item.used = True
        elif item.means.get("nouns") in _PARTS and item_at(items, at + 1).has("no.after"):
            none.append(item.means["nouns"])
    found.things = [thing for thing in avoid if thing != f"{form.main}s"]
    return found


def _is_without(items: list[Item], at: int, form: Form) -> bool:
    """Whether "nobody" means that there are to be no people: not in texts, nor in "nobody is 'thrilled' here"."""
    _, end = clause(items, at)
    quoting = any(one.sort == "literal" for one in items[at + 1 : end])
    return items[at].means["without"] != "people" or (form.shaped and not quoting)


def _sign_meant(brief: Brief, text: str) -> str:
    """What to avoid a quoted sign means: "no '!'" wants no exclamation marks; empty for words."""
    if any(map(str.isalnum, text)):
        return ""
    tokens = TOKEN.findall(text)
    length, means = brief.lexicon.longest(tokens, 0, Node()) if tokens else (0, {})
    return means.get("avoid", "") if length == len(tokens) else ""


def _is_forbidden(items: list[Item], at: int) -> bool:
    """Whether a negation stands before or behind a literal in its clause, or in that of a list that it is in.

    What follows may rule it out as well: "'cosy' is overused, leave it out".
    """
    start, end = _listed_clause(items, at)
    before, behind = items[start:at][-_CLAUSE:], items[at + 1 : end]
    told = [one for one in behind if one.sort != "literal" and not one.has("also")][:_CLAUSE]
    return (
        any(map(_forbids, before))
        or any(one.has("no.after", "none") for one in told)
        or any(_is_none_of_them(one) for one in told[:_NEXT])
        or _is_dropped(items, end)
    )


def _listed_clause(items: list[Item], at: int) -> tuple[int, int]:
    """The clause of a literal, with those of the literals that it stands in a row with: "'cosy', 'snug' and 'homely' must go"."""
    start, end = clause(items, at)
    for _ in range(_MAX_KEYWORDS):
        if start > 1 and items[start - 2].sort == "literal" and all(map(_is_listed, items[start:at])):
            start, _ = clause(items, start - 2)
        if item_at(items, end + 1).sort == "literal" and all(map(_is_listed, items[at:end])):
            _, end = clause(items, end + 1)
    return start, end


def _is_listed(item: Item) -> bool:
    return item.sort in ("literal", "comma") or item.has("also")


def _forbids(item: Item) -> bool:
    denies = item.has("no.before", "unsaid", "none", "without") or _is_none_of_them(item)
    return denies and not item.has("most.before")


def _is_none_of_them(item: Item) -> bool:
    return item.means.get("each") == "none" and not item.has("most.before")


def _is_dropped(items: list[Item], end: int) -> bool:
    """Whether the clause behind a place says only that what was named is not wanted: "..., so leave it out please"."""
    _, stop = clause(items, end + 1) if end + 1 < len(items) else (end, end)
    said = [one for one in items[end + 1 : stop] if not one.has("please", "also")]
    return 0 < len(said) <= _CLOSE and said[-1].has("none") and not any(one.has("nouns", "avoid") for one in said)


def is_ruled_out(items: list[Item], start: int) -> bool:
    """Whether a negation stands right before a place of the brief, in its clause: "no circle badge", "not in a circle"."""
    at = bisect_left(items, start, key=lambda item: item.start)
    begins, _ = clause(items, at) if at < len(items) else (at, at)
    before = items[max(begins, at - _CLOSE) : at]
    return any(one.has("no.before") and not one.has("most.before") for one in before)


def _is_refused(items: list[Item], at: int) -> bool:
    """Whether a negation stands behind something in its clause: "superlatives are out"."""
    _, end = clause(items, at)
    behind = items[at + 1 : min(end, at + _CLAUSE)]
    other = any(one.has("nouns") and not one.has("avoid") for one in behind[:2])
    return not other and any(one.has("no.after") for one in behind)


def _is_pronoun(items: list[Item], at: int) -> bool:
    """Whether a word for none stands for what was named before it, and does not go on: "none of that 'unlock your potential'"."""
    after = item_at(items, at + 1)
    plain = after.sort in ("stop", "comma") or after.has("please")
    return plain or (" " in items[at].text and after.sort != "literal" and not after.has("avoid"))


def _named_last(items: list[Item], at: int) -> tuple[list[str], list[str]]:
    """What "so none of those" stands for: the last thing before it that there could be none of."""
    for item in reversed(items[max(0, at - 2 * _CLAUSE) : at]):
        if item.used:
            return [], []
        if item.has("avoid"):
            item.used = True
            return [item.means["avoid"]], []
        if item.means.get("nouns") in _PARTS:
            return [], [item.means["nouns"]]
    return [], []


def _unsaid(brief: Brief, items: list[Item], at: int) -> list[str]:
    """The words behind "don't say", without their article, where no quotation marks stand around them; and those in brackets."""
    _, end = clause(items, at)
    while item_at(items, end).text == "/" and end + 1 < len(items):
        _, end = clause(items, end + 1)
    behind = items[at + 1 : end]
    while behind and behind[-1].has("please"):
        behind.pop()
    named = _names_in_brackets(brief, items, end)
    words = [one for one in behind if one.text != "/"]
    if len(words) > 2 * _MAX_WORDS or any(one.sort != "word" for one in words):
        return named
    phrases: list[list[Item]] = [[]]
    for one in behind:
        if one.has("also") or one.text == "/":
            phrases.append([])
        elif phrases[-1] or not _leads(one, brief.language):
            phrases[-1].append(one)
    return [*(said for phrase in phrases if (said := _meant(phrase))), *named]


def _unsaid_list(brief: Brief, items: list[Item], at: int) -> list[str]:
    """The words in a row behind "banned words:", as far as they are single or two."""
    first = at + 1 + (item_at(items, at + 1).text in _EQUALS)
    if first == at + 1 and items[at].text[-1:] not in _EQUALS:
        return []
    end = first
    while item_at(items, end).sort in ("word", "comma") and items[end].text not in (*_EQUALS, *_OPENING):
        end += 1
    told = brief.text[items[first].start : items[end - 1].end] if end > first else ""
    article = filled(r"^<listing.article>\s+", brief.language)
    listed = (article.sub("", name) for name in _entries(told, brief.language))
    names = list(takewhile(lambda name: len(name.split()) <= _MAX_UNSAID, listed))
    for item in items[first:end]:
        item.used = item.used or any(item.text in name for name in names)
    return names


def _leads(item: Item, language: str) -> bool:
    """Whether a word leads to what is not to be said: "any prices", "the strike"."""
    return item.has("each", "article") or bool(filled("<listing.article>", language).fullmatch(item.text))


def _meant(phrase: list[Item]) -> str:
    """What is not to be said: a thing that there could be none of, or the words themselves; empty where they are many."""
    if phrase and phrase[0].has("avoid"):
        # Of "numbers of visitors" the things alone are meant, which the negation finds where it is one.
        if len(phrase) > 1 or phrase[0].used:
            return ""
        phrase[0].used = True
        return phrase[0].means["avoid"]
    if all(one.text.casefold() in leading_words() for one in phrase):
        return ""  # "Don't mention it."
    return " ".join(one.text for one in phrase) if len(phrase) <= _MAX_WORDS else ""


def _names_in_brackets(brief: Brief, items: list[Item], at: int) -> list[str]:
    """The names in brackets behind what is not to be said: "don't mention the competition (no singer, janome)"."""
    if item_at(items, at).text not in _OPENING:
        return []
    end = next((place for place in range(at + 1, len(items)) if items[place].text in _CLOSING), at)
    first = at + 1 + item_at(items, at + 1).has("no.before")
    names = _entries(brief.text[items[first].start : items[end].start], brief.language) if first < end else []
    plain = all(one.sort == "word" or one.text == "," for one in items[first:end])
    several = (
        len(names) > 1 or first > at + 1 or any(name[:1].isupper() for name in names)
    )  # "(Long story)" is no name.
    if not plain or not several or not all(map(_is_name, names)):
        return []
    for one in items[first:end]:
        one.used = True
    return names


def _behind_no(items: list[Item], at: int, language: str) -> tuple[list[str], list[str]]:
    """What a negation forbids, and the parts that it wants none of: "no emoji, hashtags or links", "no headings"."""
    avoid: list[str] = []
    after, words = at + 1, 0
    while after < min(len(items), at + _FARTHEST) and words < _REACH:
        item = items[after]
        goes_on = avoid and item_at(items, after + 1).has("avoid") and not item_at(items, after + 1).has("no.before")
        if item.sort in ("stop", "number", "figure", "literal") or (item.sort == "comma" and not goes_on):
            break
        # "Not in French!!" forbids no marks.
        if item.has("sign") and not words:
            avoid.append(item.text)  # "No km/h, no mph."
            break
        if item.has("avoid") and (item.text[:1].isalnum() or after == at + 1) and not _are_done_to(item, words):
            if item.means["avoid"] == "numbers" and _is_of_something(items, after):
                break
            if item_at(items, after + 1).has("except"):
                item.used = True  # "No text besides the name."
                break
            if not item.used:
                avoid.append(item.means["avoid"])
                item.used = True
            words = 0
        elif item.means.get("nouns") in _PARTS and not avoid:
            if _is_elsewhere(items[at + 1 : after + 1], language):
                return [], []
            item.used = True
            return [], [item.means["nouns"]]
        elif (item.has("no.before") and words) or (
            avoid and not item.has("also", "to", "no.before") and item.sort != "comma"
        ):
            break
        elif not item.has("also", "to", "no.before"):
            words += 1
        after += 1
    return avoid, []


def _is_of_something(items: list[Item], at: int) -> bool:
    """Whether numbers are some of many: "no figures on sales" may well have others, and "don't reply to this number" tells of one."""
    before, behind = item_at(items, at - 1).text.casefold(), item_at(items, at + 1)
    return behind.has("of") or behind.text in _ABOUT or before in _THIS


def _is_elsewhere(items: list[Item], language: str) -> bool:
    """Whether a part behind a negation is one that there is to be: "in the description, not in the title", "not the title"."""
    *between, part = items
    inside = any(one.has("known") or (one.has("of") and not one.has("article")) for one in between)
    return inside or bool(filled(r"^<known.the>\s", language).match(part.text))


def _are_done_to(item: Item, words: int) -> bool:
    """Whether something is not to be done to people: "don't scare people" wants a picture without nobody."""
    return item.means["avoid"] == "people" and words > 0


def included(brief: Brief, items: list[Item]) -> list[str]:
    """The literals that must stand in the result as they are."""
    found: list[str] = []
    for at, item in enumerate(items):
        told = [one.means.get("include") for one in items[max(0, at - 2) : at]]
        meaning = item.means.get("include")
        if item.used:
            continue
        if item.sort == "literal":
            found.append(item.text.strip(" .,;"))
        elif (item.sort == "hashtag" and not item.used) or (item.sort == "link" and not _is_forbidden(items, at)):
            found.append(item.text)
        elif item.sort in ("word", "number") and "code" in told and (code := _code(brief, item)):
            found.append(code)
            for one in items:
                one.used = one.used or item.start <= one.start < item.start + len(code)
        elif item.sort == "word" and any(told) and _is_shouted(brief, item):
            found.append(item.text)
        elif item.means.get("nouns") in ("level", "column", "field") and (opens := _opening(items, at)):
            found += _in_brackets(brief, items, opens)
        elif item.means.get("named") == "phrase" and (phrase := _phrase(brief, items, at)):
            found.append(phrase)
        elif meaning == "called":
            found += _called(brief, items, at)
        elif meaning in ("keyword", "list"):
            found += _listed(brief, items, at, meaning)
    found += _occurring(brief)
    named = _IDENTIFIER.findall(brief.text[: items[-1].end]) if items else []
    return [*found, *(name for name in named if name not in found)]


def _occurring(brief: Brief) -> list[str]:
    """The nouns that must occur in a text, as German says it without quotation marks; not what has a meaning of form itself."""
    matches = filled(_OCCURS, brief.language, re.NOFLAG).finditer(brief.text)
    names = (name for found in matches for name in _entries(found["behind"] or found["before"], brief.language))
    return [name for name in names if not brief.lexicon.longest(TOKEN.findall(_normal(name)), 0, Node())[1]]


def _code(brief: Brief, item: Item) -> str:
    """A code that begins at an item, empty where it is none: "GLOW30"."""
    token = brief.text[item.start :].split()[0].strip(".,;:!?)\"'")
    return token if token.isupper() or (any(map(str.isdigit, token)) and not token.isdigit()) else ""


def _is_shouted(brief: Brief, item: Item) -> bool:
    """Whether a word stands in capitals in a brief that is not all in capitals."""
    return len(item.text) > 1 and item.text.isupper() and item.text not in _TERMS and not brief.text.isupper()


def _opening(items: list[Item], at: int) -> int:
    """The place of the bracket behind a noun or its number: "3 levels (…", "levels: 3 (…"; 0 without one."""
    counted = item_at(items, at + 1).text in _EQUALS and item_at(items, at + 2).sort == "number"
    place = at + 3 if counted else at + 1
    return place if item_at(items, place).text in _OPENING else 0


def _in_brackets(brief: Brief, items: list[Item], at: int) -> list[str]:
    """The names that stand in brackets behind a count: "3 levels (emerging / secure / strong)"."""
    end = next((place for place in range(at + 1, len(items)) if items[place].text in _CLOSING), at)
    names = [name.strip() for name in re.split(r"[,/|、;]", brief.text[items[at].end : items[end].start])]
    return names if len(names) > 1 and all(map(_is_name, names)) else []


def _is_plain_list(brief: Brief, items: list[Item], at: int) -> bool:
    """Whether three single words or more stand behind an item in a row with commas: "columns id, name, post_code"."""
    return bool(_PLAIN_LIST.match(brief.text, items[at].end))


def _is_name(text: str) -> bool:
    return 0 < len(text.split()) <= _MAX_WORDS and not any(map(str.isdigit, text))


def _called(brief: Brief, items: list[Item], at: int) -> list[str]:
    """The name behind "call it", as far as it is written with capitals."""
    after = at + 1 + (item_at(items, at + 1).text in _EQUALS)
    kept: list[Item] = []
    for item in items[after : after + 3 * _MAX_WORDS]:
        if item.sort != "word" or not (item.text[:1].isupper() or (kept and item.text.casefold() in _JOINING)):
            break
        kept.append(item)
    while kept and not kept[-1].text[:1].isupper():
        kept.pop()
    capitals = sum(item.text[:1].isupper() for item in kept)
    # One capital alone may be a name that is only talked of.
    if capitals < (1 if _normal(items[at].text) in _NAMING else 2):
        return []
    for item in kept:
        item.used = True
    return [brief.text[kept[0].start : kept[-1].end]]


def _phrase(brief: Brief, items: list[Item], at: int) -> str:
    """The words behind "the button says" up to the end of the clause, where they begin with a capital; German has those everywhere."""
    after = at + 1 + (item_at(items, at + 1).text in _EQUALS)
    end = after
    while end < len(items) and items[end].sort not in ("stop", "comma", "literal"):
        end += 1
    words = items[after:end]
    if brief.language == "de" or not _MIN_PHRASE <= len(words) <= _MAX_PHRASE or not words[0].text[:1].isupper():
        return ""
    for item in words:
        item.used = True
    return brief.text[words[0].start : words[-1].end]


def _before_form(items: list[Item], start: int, end: int) -> int:
    """Where a list ends that a clause about form follows: "keyword: kayak hire, title < 60 chars"."""
    unit = next(
        (at for at in range(start, end) if items[at].has("units") and item_at(items, at - 1).sort == "number"), end
    )
    if unit == end:
        return end
    return next((at for at in range(unit, start, -1) if items[at].sort == "comma"), end)


def _entries(listed: str, code: str) -> list[str]:
    """The entries of a list, which commas and words for "and" part."""
    joins = pattern_of(f"{forms_of('any', 'also', 'also')}|{forms_of(code, 'also', 'also')}")
    parts = (part for piece in _COMMA.split(listed) for part in joins.split(piece))
    return [name for part in parts if (name := part.strip())]


def _listed(brief: Brief, items: list[Item], at: int, how: str) -> list[str]:
    """What is listed behind "keyword:", "columns are" and the like."""
    after, opens = at + 1, item_at(items, at).text.casefold().endswith((" is", " are", " to use", " be", " called"))
    if item_at(items, after).text in _EQUALS:
        after += 1
    elif not opens and not _is_plain_list(brief, items, at):
        return []
    end = after
    while end < len(items) and items[end].sort not in ("stop", "literal"):
        end += 1
    end = _before_form(items, after, end)
    if end == after or item_at(items, end).sort == "literal":
        return []
    if [item.sort for item in items[after:end]] == ["number"]:
        return []  # "Hashtags: three."
    told = brief.text[items[after].start : items[end - 1].end]
    names = _entries(told, brief.language)
    before = item_at(items, at - 1)
    if items[at].has("units") and before.sort == "number" and before.value != len(names):
        return []  # "60-80 words: our climbing hall hires" says how long it is, "4 words: la mesa, …" which.
    if how == "keyword":
        return [name for name in names[:_MAX_KEYWORDS] if len(name.split()) <= _MAX_KEYWORDS + 1]
    if (plain := without_remarks(told)) != told:
        names = entries_of(plain)
    return list(filter(_is_name, names))
