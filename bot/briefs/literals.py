"""Finds the literals that a result must contain, and what it must not: words, things such as prices, and parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile

from .forms import Form
from .items import Brief, Item, find_clause, get_item
from .lexicon import TOKEN, Node, get_forms, load_leading_words
from .negations import is_negated, is_negated_after, is_none_of_them
from .phrases import build_pattern
from .wording import compile_template

# The maximum number of items before a code that may introduce it: "the code is GLOW30".
_MAX_INTRODUCTION_ITEMS = 2
_MAX_CLAUSE_ITEMS = 6
# The maximum number of words between a negation and what it rules out.
_MAX_NEGATED_WORDS = 4
# The maximum number of items of a list that a negation rules out.
_MAX_LIST_ITEMS = 16
# The maximum number of words of an unquoted phrase that is banned.
_MAX_PHRASE_WORDS = 3
# The maximum number of words of an entry in a list of banned words.
_MAX_ENTRY_WORDS = 2
# The parts that "no …" rules out; with other nouns it does not concern form.
_REFUSABLE_PARTS = frozenset(
    {
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
    }
)
_OPENING, _CLOSING = ("(", "（"), (")", "）")
_WORDS_FOR_THIS = frozenset(
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
_WORDS_AFTER_NONE_SPENT = frozenset({"on", "for", "towards", "toward", "goes", "went"})
_COMMA = re.compile(r"[,、،/]")
_LIST_OPENERS = (":", "：", "=")
# Most items from one of several quotations in a list to the next.
_MAX_ITEMS_BETWEEN_LITERALS = 3
# Prepositions after figures that are ruled out only in part.
_WORDS_FOR_ABOUT = frozenset({"on", "about", "sur", "zu", "zum", "zur", "über", "sobre", "su", "sui"})


@dataclass(slots=True)
class UnwantedContent:
    """What must not be in a result: literals and things, and parts by their nouns."""

    things: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def find_unwanted(brief: Brief, items: list[Item], form: Form) -> UnwantedContent:
    """Return what must not be in the result; mark its items as used.

    For kinds with a shape, "nobody" rules out people; otherwise it describes the subject. A kind's main entries are
    never ruled out, as "no trick questions" means only some.
    """
    unwanted, edge_end = UnwantedContent(), -1
    for index, item in enumerate(items):
        preceding = items[max(0, index - 2) : index]
        is_edge = bool(preceding) and preceding[-1].has("edge") and is_negated(items, index)
        if item.type == "literal" and any(earlier.has("beyond") for earlier in preceding):
            item.is_used = True  # "Not just 'well done'."
        elif item.type == "literal" and (is_edge or index <= edge_end):
            # "No sentence begins with 'we' or 'our'": it may have them elsewhere.
            item.is_used, edge_end = True, index + _MAX_ITEMS_BETWEEN_LITERALS
        elif item.type in ("literal", "hashtag") and is_negated(items, index):
            sign_meaning = _find_sign_meaning(brief, item.text) if item.type == "literal" else ""
            unwanted.things.append(sign_meaning or item.text)
            item.is_used = True
        elif item.has("unsaid"):
            unwanted.things += _read_banned_list(brief, items, index) or _read_banned_words(brief, items, index)
        if item.has("without") and not item.is_used and _rules_out_people(items, index, form):
            unwanted.things.append(item.meanings["without"])
            item.is_used = True
        _read_negation(items, index, brief.language, unwanted)
    for index, item in enumerate(items):
        if item.is_used:
            continue
        if item.has("avoid") and is_negated_after(items, index):
            unwanted.things.append(item.meanings["avoid"])
            item.is_used = True
        elif item.meanings.get("nouns") in _REFUSABLE_PARTS and get_item(items, index + 1).has("no.after"):
            unwanted.parts.append(item.meanings["nouns"])
    unwanted.things = [thing for thing in unwanted.things if thing != f"{form.main}s"]
    return unwanted


def _read_negation(items: list[Item], index: int, language: str, unwanted: UnwantedContent) -> None:
    """Add what a negation at an index rules out, after it or, if it refers back, before it."""
    item = items[index]
    is_none = item.has("none") and item.meanings["none"] != "that"
    refers_back = is_none and _refers_back(items, index)
    if refers_back:
        _add_last_refusable(items, index, unwanted)
    is_negation = (item.has("no.before") and not item.has("most.before")) or is_none_of_them(item)
    is_spent = get_item(items, index + 1).text in _WORDS_AFTER_NONE_SPENT
    if is_negation or (is_none and not refers_back and not is_spent):
        things, parts = _read_negated(items, index, language)
        unwanted.things += things
        unwanted.parts += parts


def _rules_out_people(items: list[Item], index: int, form: Form) -> bool:
    """Whether a word such as "nobody" rules something out; people only for pictures, and not with a quotation."""
    _, end = find_clause(items, index)
    has_quotation = any(item.type == "literal" for item in items[index + 1 : end])
    return items[index].meanings["without"] != "people" or (form.shaped and not has_quotation)


def _find_sign_meaning(brief: Brief, text: str) -> str:
    """Return the thing that a quoted sign stands for, as "no '!'" means exclamation marks; empty for words."""
    if any(map(str.isalnum, text)):
        return ""
    tokens = TOKEN.findall(text)
    length, meanings = brief.lexicon.find_longest(tokens, 0, Node()) if tokens else (0, {})
    return meanings.get("avoid", "") if length == len(tokens) else ""


def _refers_back(items: list[Item], index: int) -> bool:
    """Whether a word for none has no object and so refers back, unlike "none of that 'unlock your potential'"."""
    after = get_item(items, index + 1)
    is_at_end = after.type in ("stop", "comma") or after.has("please")
    return is_at_end or (" " in items[index].text and after.type != "literal" and not after.has("avoid"))


def _add_last_refusable(items: list[Item], index: int, unwanted: UnwantedContent) -> None:
    """Add what "so none of those" refers to: the last thing or part before it that can be ruled out."""
    for item in reversed(items[max(0, index - 2 * _MAX_CLAUSE_ITEMS) : index]):
        if item.is_used:
            return
        if item.has("avoid"):
            item.is_used = True
            unwanted.things.append(item.meanings["avoid"])
            return
        if item.meanings.get("nouns") in _REFUSABLE_PARTS:
            unwanted.parts.append(item.meanings["nouns"])
            return


def _read_banned_words(brief: Brief, items: list[Item], index: int) -> list[str]:
    """Return the unquoted words after "don't say", without their article, and those in brackets after them."""
    _, end = find_clause(items, index)
    while get_item(items, end).text == "/" and end + 1 < len(items):
        _, end = find_clause(items, end + 1)
    following = items[index + 1 : end]
    while following and following[-1].has("please"):
        following.pop()
    names = _read_bracketed_names(brief, items, end)
    words = [item for item in following if item.text != "/"]
    if len(words) > 2 * _MAX_PHRASE_WORDS or any(word.type != "word" for word in words):
        return names
    phrases: list[list[Item]] = [[]]
    for item in following:
        if item.has("also") or item.text == "/":
            phrases.append([])
        elif phrases[-1] or not _is_introducing(item, brief.language):
            phrases[-1].append(item)
    return [*filter(None, map(_resolve_phrase, phrases)), *names]


def _read_banned_list(brief: Brief, items: list[Item], index: int) -> list[str]:
    """Return the entries of the list after "banned words:", up to one of more than two words."""
    start = index + 1 + (get_item(items, index + 1).text in _LIST_OPENERS)
    if start == index + 1 and items[index].text[-1:] not in _LIST_OPENERS:
        return []
    end = start
    while get_item(items, end).type in ("word", "comma") and items[end].text not in (*_LIST_OPENERS, *_OPENING):
        end += 1
    text = brief.text[items[start].start : items[end - 1].end] if end > start else ""
    article = compile_template(r"^<listing.article>\s+", brief.language)
    entries = (article.sub("", entry) for entry in _split_entries(text, brief.language))
    words = list(takewhile(lambda entry: len(entry.split()) <= _MAX_ENTRY_WORDS, entries))
    for item in items[start:end]:
        item.is_used = item.is_used or any(item.text in word for word in words)
    return words


def _is_introducing(item: Item, language: str) -> bool:
    """Whether a word introduces what is banned: "any prices", "the strike"."""
    return item.has("each", "article") or bool(compile_template("<listing.article>", language).fullmatch(item.text))


def _resolve_phrase(phrase: list[Item]) -> str:
    """Return the thing that a banned phrase stands for, else its words; empty if these are too many or too vague."""
    if phrase and phrase[0].has("avoid"):
        # "Numbers of visitors" is more specific than the thing.
        if len(phrase) > 1 or phrase[0].is_used:
            return ""
        phrase[0].is_used = True
        return phrase[0].meanings["avoid"]
    if all(item.text.casefold() in load_leading_words() for item in phrase):
        return ""  # "Don't mention it."
    return " ".join(item.text for item in phrase) if len(phrase) <= _MAX_PHRASE_WORDS else ""


def _read_bracketed_names(brief: Brief, items: list[Item], index: int) -> list[str]:
    """Return the names in brackets after what is banned: "don't mention the competition (no singer, janome)"."""
    if get_item(items, index).text not in _OPENING:
        return []
    end = next((place for place in range(index + 1, len(items)) if items[place].text in _CLOSING), index)
    start = index + 1 + get_item(items, index + 1).has("no.before")
    names = _split_entries(brief.text[items[start].start : items[end].start], brief.language) if start < end else []
    has_only_words = all(item.type == "word" or item.text == "," for item in items[start:end])
    # Unlike "(long story)".
    are_names = len(names) > 1 or start > index + 1 or any(name[:1].isupper() for name in names)
    if not has_only_words or not are_names or not all(map(_is_name, names)):
        return []
    for item in items[start:end]:
        item.is_used = True
    return names


def _read_negated(items: list[Item], index: int, language: str) -> tuple[list[str], list[str]]:
    """Return the things and the parts that the negation at an index rules out: "no emoji or links", "no headings"."""
    things: list[str] = []
    item_index, word_count = index + 1, 0
    while item_index < min(len(items), index + _MAX_LIST_ITEMS) and word_count < _MAX_NEGATED_WORDS:
        item = items[item_index]
        following = get_item(items, item_index + 1)
        continues = things and following.has("avoid") and not following.has("no.before")
        if item.type in ("stop", "number", "figure", "literal") or (item.type == "comma" and not continues):
            break
        if item.has("sign") and not word_count:
            things.append(item.text)  # "No km/h, no mph."
            break
        is_joining = item.has("also", "to", "no.before")
        # "Not in French!!" does not rule out marks.
        is_meant = item.text[:1].isalnum() or item_index == index + 1
        if item.has("avoid") and is_meant and not _is_object_of_verb(item, word_count):
            if item.meanings["avoid"] == "numbers" and _is_specific(items, item_index):
                break
            if following.has("except"):
                item.is_used = True  # "No text besides the name."
                break
            if not item.is_used:
                things.append(item.meanings["avoid"])
                item.is_used = True
            word_count = 0
        elif item.meanings.get("nouns") in _REFUSABLE_PARTS and not things:
            if _is_location(items[index + 1 : item_index + 1], language):
                return [], []
            item.is_used = True
            return [], [item.meanings["nouns"]]
        elif (item.has("no.before") and word_count) or (things and not is_joining and item.type != "comma"):
            break
        elif not is_joining:
            word_count += 1
        item_index += 1
    return things, []


def _is_specific(items: list[Item], index: int) -> bool:
    """Whether only certain numbers are ruled out: "no figures on sales", "don't reply to this number"."""
    before, following = get_item(items, index - 1).text.casefold(), get_item(items, index + 1)
    return following.has("of") or following.text in _WORDS_FOR_ABOUT or before in _WORDS_FOR_THIS


def _is_location(items: list[Item], language: str) -> bool:
    """Whether a negated part, the last item, is only a location: "in the text, not in the title", "not the title"."""
    *between, part = items
    is_inside = any(item.has("known") or (item.has("of") and not item.has("article")) for item in between)
    return is_inside or bool(compile_template(r"^<known.the>\s", language).match(part.text))


def _is_object_of_verb(item: Item, word_count: int) -> bool:
    """Whether an item is the object of a negated verb and not ruled out itself: "don't scare people"."""
    return item.meanings["avoid"] == "people" and word_count > 0


def _is_name(text: str) -> bool:
    return 0 < len(text.split()) <= _MAX_PHRASE_WORDS and not any(map(str.isdigit, text))


def _split_entries(text: str, language: str) -> list[str]:
    """Split a list at commas and words for "and"."""
    conjunctions = build_pattern(f"{get_forms('any', 'also', 'also')}|{get_forms(language, 'also', 'also')}")
    entries = (entry.strip() for piece in _COMMA.split(text) for entry in conjunctions.split(piece))
    return list(filter(None, entries))


def find_included(brief: Brief, items: list[Item]) -> list[str]:
    """Return the literals that the result must contain: quoted texts, hashtags, links and codes."""
    literals: list[str] = []
    for index, item in enumerate(items):
        if item.is_used:
            continue
        if item.type == "literal":
            literals.append(item.text.strip(" .,;"))
        elif item.type == "hashtag" or (item.type == "link" and not is_negated(items, index)):
            literals.append(item.text)
        elif item.type in ("word", "number") and (code := _read_code(brief, items, index)):
            literals.append(code)
            for other in items:
                other.is_used = other.is_used or item.start <= other.start < item.start + len(code)
    return literals


def _read_code(brief: Brief, items: list[Item], index: int) -> str:
    """Return the code that begins at an index, as in "with the code GLOW30"; empty without one."""
    if not any(item.has("code") for item in items[max(0, index - _MAX_INTRODUCTION_ITEMS) : index]):
        return ""
    token = brief.text[items[index].start :].split()[0].strip(".,;:!?)\"'")
    return token if token.isupper() or (any(map(str.isdigit, token)) and not token.isdigit()) else ""
