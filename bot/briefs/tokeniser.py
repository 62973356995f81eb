"""Parses a brief into items: literals, figures, numbers and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import takewhile

import regex

from bot.checks.dates import find_weekday
from bot.checks.links import find_links

from .figure_pattern import build_figure_pattern
from .forms import Form
from .items import Brief, Item, ItemType, find_clause, get_item, has_second
from .lexicon import TOKEN, Lexicon, Node, build_own_words, detect_language, list_nouns, load_lexicon, normalise_text

# The maximum number of characters of a brief that are parsed; the rest is taken as its subject.
_MAX_CHARACTERS = 4_000
# The maximum number of items; longer briefs contain a text after the request.
_MAX_ITEMS = 1_000
_MAX_HOURS = 24
# The maximum number of items before an article or a range of hours that are searched.
_MAX_NEAR_ITEMS = 8
# Words between a day and an hour: "miércoles 16 a las 7".
_WORDS_BEFORE_HOURS = frozenset({"a la", "a las", "às", "as", "à", "alle"})
# The maximum number of digits of a number that are parsed.
_MAX_DIGITS = 15
_ORDINAL_SUFFIXES = ("st", "nd", "rd", "th", "er", "ere", "eme", "ème", "e", "º", "ª", "°")
# The kind, the factor and the addend of a number with each suffix.
_SUFFIXES: Mapping[str, tuple[str, int, float]] = {
    **dict.fromkeys(_ORDINAL_SUFFIXES, ("ordinal", 1, 0.0)),
    **dict.fromkeys(("k", "tsd"), ("", 1000, 0.0)),
    "½": ("", 1, 0.5),
}
_LITERAL = re.compile(
    r"\"(?P<a>[^\"\n]{1,120})\"|“(?P<b>[^”\n]{1,120})”|„(?P<c>[^“”\n]{1,120})[“”]|«\s?(?P<d>[^»\n]{1,120}?)\s?»|»(?P<e>[^«\n]{1,120})«"
    r"|「(?P<f>[^」\n]{1,120})」|『(?P<g>[^』\n]{1,120})』|‘(?P<h>[^’\n]{1,120})’(?!\w)|(?<![\w'])'(?P<i>[^'\n]{1,120})'(?!\w)"
    r"|(?<![\w'])'(?P<j>[^'\n]{1,40}'[a-z]{1,2}(?: [^'\n]{1,60})?)'(?!\w)"
)
_RATIO_NUMBER = re.compile(r"[\d.]+")
_HASHTAG = regex.compile(r"(?<![\w#])#[\p{L}\p{M}\d_]*[\p{L}\p{M}][\p{L}\p{M}\d_]*")
_SENTENCE_ENDS = frozenset("!?。！？।؟\n;；")
_BREAKS = ("stop", "comma")
# Parts before which an article may be the number one.
_NOUNS_OF_ONE = frozenset(
    {"quote", "objective", "example", "chorus", "emoji", "hashtag", "tagline", "color", "question"}
)
# Bounds that may follow what they bound.
_TRAILING_BOUNDS = ("most.after", "least.after", "about.after")
_COMMAS = frozenset(",、，،:：()（）/|·•–—")
# The position, the position after it, and the text of a token.
_Token = tuple[int, int, str]
_DEFAULT_FORM = Form()


def parse_brief(text: str, form: Form = _DEFAULT_FORM) -> Brief:
    """Parse a brief into items for a kind with a form."""
    text = text[:_MAX_CHARACTERS]
    normal = normalise_text(text)
    tokens = TOKEN.findall(normal)
    language_lexicon = load_lexicon(detect_language(normal, tokens))
    own_words = build_own_words(form, language_lexicon.code)
    marked_items = list(_find_marked_items(text, normal, language_lexicon))
    items: list[Item] = []
    position = 0
    for item in marked_items:
        items += _parse_words(normal, text, position, item.start, language_lexicon, own_words)
        items.append(item)
        position = item.end
    items += _parse_words(normal, text, position, len(normal), language_lexicon, own_words)
    items = _add_abbreviation_stops(_add_dual_numbers(items, language_lexicon))
    _drop_noun_meanings(items, form)
    _convert_articles(items, form, language_lexicon.code)
    _convert_named_words(items)
    items = _merge_hours(text, items)
    return Brief(text, normal, language_lexicon.code, language_lexicon, items[:_MAX_ITEMS])


def _drop_noun_meanings(items: list[Item], form: Form) -> None:
    """Remove the noun meanings of words that are things, unless the kind has such a part: "3 bands play"."""
    for item in items:
        if item.has("thing") and not item.has("own") and item.meanings.get("nouns") not in list_nouns(form):
            item.meanings.pop("nouns", None)


def _convert_articles(items: list[Item], form: Form, code: str) -> None:
    """Turn articles into numbers where they are bounded or per entry: "a sentence per level", "one page at most".

    Outside of English an article is also the number one, which counts at the beginning or end of a clause: ", ein Zitat
    vom Bürgermeister".
    """
    for index, item in enumerate(items):
        before, noun, following = (get_item(items, place) for place in (index - 1, index + 1, index + 2))
        if item.type != "word" or not item.has("article") or not noun.has("units", "nouns"):
            continue
        if before.meanings.get("portion") == "share":
            continue  # "Half a page."
        is_bounded = before.has("most.before", "least.before") or following.has("most.after", "least.after")
        is_at_break = before.type in _BREAKS or following.type in _BREAKS
        can_be_one = code != "en" and noun.noun in _NOUNS_OF_ONE and noun.noun not in (form.main, *form.whole)
        is_per_entry = noun.has("units") and (following.has("each") or before.has("each"))
        if (
            is_bounded
            or is_per_entry
            or (can_be_one and is_at_break)
            or _is_limited(items, index)
            or has_second(items, index + 1)
        ):
            item.type, item.value = "number", 1


def _is_limited(items: list[Item], index: int) -> bool:
    """Whether an instruction limits something to what the article at an index introduces: "keep it to a paragraph"."""
    start, _ = find_clause(items, index)
    follows_to = get_item(items, index - 1).text.casefold() == "to"
    return follows_to and any(item.has("keep") for item in items[max(start, index - _MAX_NEAR_ITEMS) : index - 1])


def _convert_named_words(items: list[Item]) -> None:
    """Turn words introduced by "the word" into literals: "include the word vegan"."""
    for index, item in enumerate(items):
        word = get_item(items, index + 1)
        is_plain = word.type == "word" and not word.meanings and word.text[:1].isalpha()
        # "The English word 'splash'" quotes its word itself.
        if item.meanings.get("named") == "word" and is_plain and get_item(items, index + 2).type != "literal":
            word.type = "literal"


def _merge_hours(text: str, items: list[Item]) -> list[Item]:
    """Merge each range of hours into a figure: "Saturday, 10 to 2", "open 9-17"."""
    merged_items: list[Item] = []
    index = 0
    while index < len(items):
        if _is_hour_range(items, index):
            start, end = items[index].start, items[index + 2].end
            merged_items.append(Item(start, end, text[start:end], "figure", kind="hours"))
            index += 3
            continue
        merged_items.append(items[index])
        index += 1
    return merged_items


def _is_hour_range(items: list[Item], index: int) -> bool:
    """Whether a range of two small numbers without a noun is near words about time."""
    first, joining_item, second, following = (get_item(items, index + distance) for distance in range(4))
    if first.type != "number" or not joining_item.has("to") or second.type != "number" or first.kind or second.kind:
        return False
    if not all(value == int(value) and value <= _MAX_HOURS for value in (first.value, second.value)):
        return False
    if following.has("units", "nouns", "own", "time", "pronoun", "each", "times"):
        return False
    follows_weekday = find_weekday(get_item(items, index - 1).text) is not None
    if follows_weekday and normalise_text(joining_item.text) in _WORDS_BEFORE_HOURS:
        return False
    before, after = items[max(0, index - _MAX_NEAR_ITEMS) : index], items[index + 3 : index + 6]
    nearby_items = [
        *takewhile(lambda item: item.type != "stop", reversed(before)),
        *takewhile(lambda item: item.type not in _BREAKS, after),
    ]
    return any(item.has("when") or item.kind in ("date", "time", "hours") for item in nearby_items)


def _add_abbreviation_stops(items: list[Item]) -> list[Item]:
    """Add a stop where the full stop of an abbreviation also ends a sentence: "3 words max. goes on one page"."""
    result: list[Item] = []
    for index, item in enumerate(items):
        result.append(item)
        before, after = get_item(items, index - 1), get_item(items, index + 1)
        is_abbreviation = (
            item.text.endswith(".") and item.has(*_TRAILING_BOUNDS) and before.has("units", "nouns", "own")
        )
        if is_abbreviation and after.type == "word" and not after.has("article", "of", *_TRAILING_BOUNDS):
            result.append(Item(item.end, item.end, "", "stop"))
    return result


def _add_dual_numbers(items: list[Item], lexicon: Lexicon) -> list[Item]:
    """Add the number two before each Arabic dual, which is a single word: سطرين, two lines."""
    if lexicon.code != "ar":
        return items
    result: list[Item] = []
    for item in items:
        singular = _find_singular(item.text) if item.has("units", "nouns") else ""
        if singular and lexicon.shares_meaning(singular, item.meanings):
            result.append(Item(item.start, item.start, "2", "number", value=2))
        result.append(item)
    return result


def _find_singular(word: str) -> str:
    """Return the singular of an Arabic dual; empty for other words."""
    if not word.endswith(("ين", "ان")):
        return ""
    stem = word[:-2]
    return f"{stem[:-1]}ة" if stem.endswith("ت") else stem


def _find_marked_items(text: str, normal: str, lexicon: Lexicon) -> Iterator[Item]:
    """Yield literals, links, hashtags, ratios and figures by position, without overlap; literals take precedence."""
    candidates: list[tuple[int, int, Item]] = []
    for match in _LITERAL.finditer(text):
        literal = match[match.lastgroup or "a"].strip()
        candidates.append((match.start(), 0, Item(*match.span(), literal, "literal")))
    for link in find_links(text):
        candidates.append((link.start, 1, Item(link.start, link.end, text[link.start : link.end], "link")))
    for hashtag in _HASHTAG.finditer(text):
        candidates.append((hashtag.start(), 1, Item(*hashtag.span(), hashtag.group(), "hashtag")))
    for figure in _compile_figures(lexicon).finditer(normal):
        kind = figure.lastgroup or ""
        if kind == "ratio":
            ratio = ":".join(_RATIO_NUMBER.findall(figure["ratio"]))
            candidates.append((figure.start(), 2, Item(*figure.span(), ratio, "ratio")))
        elif kind != "measure" or text[figure.end() - 1] != "G":  # "5G" is a network, no weight.
            figure_text = text[figure.start() : figure.end()].strip()
            candidates.append((figure.start(), 2, Item(*figure.span(), figure_text, "figure", kind=kind)))
    position = 0
    for start, _, item in sorted(candidates, key=lambda candidate: (*candidate[:2], candidate[2].end)):
        if start >= position and item.end > start:
            yield item
            position = item.end


@cache
def _compile_figures(lexicon: Lexicon) -> re.Pattern[str]:
    sections = ("money", "coin", "clock", "measure", "ratio")
    return build_figure_pattern(lexicon.months, *(lexicon.figure_words[section] for section in sections))


def _parse_words(normal: str, text: str, start: int, end: int, lexicon: Lexicon, own_words: Node) -> list[Item]:
    """Return the items of a span without literals and figures."""
    tokens = [(match.start(), match.end(), match.group()) for match in TOKEN.finditer(normal, start, end)]
    token_texts = [token_text for _, _, token_text in tokens]
    items: list[Item] = []
    index = 0
    while index < len(tokens):
        begin, _, token_text = tokens[index]
        if token_text.isdigit():
            item, index = _parse_numeral(tokens, index, text)
            items.append(item)
            continue
        length, meanings = lexicon.find_longest(token_texts, index, own_words)
        if length > 1 and token_texts[index + length - 1] == "." and _ends_with_size(items):
            length -= 1  # The full stop of "60 words max." ends a sentence, that of "max. 60 words" does not.
        item_end = tokens[index + max(length, 1) - 1][1]
        item_type = _choose_type(token_text, normal, begin, length, meanings)
        item = Item(begin, item_end, text[begin:item_end], item_type, dict(meanings))
        if item.type == "number":
            item.value = float(meanings["number"] if "number" in meanings else meanings["ordinal"])
            item.kind = "" if "number" in meanings else "ordinal"
        items.append(item)
        index += max(length, 1)
        # "Max. 60": the full stop belongs to the abbreviation.
        precedes_stop = index < len(tokens) and tokens[index][::2] == (item_end, ".")
        begins_bound = item.has("most.before", "least.before", "about.before") and not _ends_with_size(items[:-1])
        if precedes_stop and begins_bound and not text[item_end + 1 :].lstrip()[:1].isupper():
            index += 1
    return _add_line_stops(items, normal)


def _ends_with_size(items: list[Item]) -> bool:
    """Whether items end with a number and its unit."""
    return len(items) > 1 and items[-1].has("units") and items[-2].type == "number"


def _choose_type(text: str, normal: str, position: int, length: int, meanings: Mapping[str, str]) -> ItemType:
    if "number" in meanings or "ordinal" in meanings:
        return "number"
    if text in _COMMAS and length < 2:
        return "comma"
    ends_sentence = text in _SENTENCE_ENDS or (text == "." and normal[position + 1 : position + 2].strip() == "")
    return "stop" if ends_sentence and not length else "word"


def _add_line_stops(items: list[Item], normal: str) -> list[Item]:
    """Add a stop at each line break."""
    result: list[Item] = []
    for item in items:
        if result and "\n" in normal[result[-1].end : item.start] and result[-1].type != "stop":
            result.append(Item(result[-1].end, result[-1].end, "", "stop"))
        result.append(item)
    return result


def _parse_numeral(tokens: list[_Token], index: int, text: str) -> tuple[Item, int]:
    """Parse a number in digits with its thousands, fraction and suffix; return it and the index after it."""
    start, end, digits = tokens[index]
    fraction, after = "", index + 1
    while _continues_number(tokens, after, end):
        sign, more_digits = tokens[after][2], tokens[after + 1][2]
        if len(more_digits) == 3 and not fraction and digits != "0":
            digits += more_digits
        elif sign in ".," and not fraction:
            fraction = more_digits
        else:
            break
        end, after = tokens[after + 1][1], after + 2
    # "1 200" is one number.
    next_start, next_end, next_text = tokens[after] if after < len(tokens) else (end, end, "")
    is_spaced = text[end:next_start] in (" ", "\u00a0", "\u202f")
    if is_spaced and len(digits) <= 2 and not fraction and len(next_text) == 3 and next_text.isdigit():
        digits, end, after = digits + next_text, next_end, after + 1
    item = Item(start, end, "", "number", value=float(f"{digits[:_MAX_DIGITS]}.{fraction[:_MAX_DIGITS] or 0}"))
    if after < len(tokens) and tokens[after][0] == end and tokens[after][2] in _SUFFIXES:
        item.kind, factor, addend = _SUFFIXES[tokens[after][2]]
        item.value, item.end, after = item.value * factor + addend, tokens[after][1], after + 1
    elif _is_multiplication_sign(tokens, after, end):
        item.end, after = tokens[after][1], after + 1
    item.text = text[item.start : item.end]
    return item, after


def _is_multiplication_sign(tokens: list[_Token], index: int, number_end: int) -> bool:
    """Whether a multiplication sign is joined to the number before it only: "3x posts"."""
    next_start = tokens[index + 1][0] if index + 1 < len(tokens) else -1
    return (
        index < len(tokens)
        and tokens[index][0] == number_end
        and tokens[index][2] in ("x", "×")
        and next_start != tokens[index][1]
    )


def _continues_number(tokens: list[_Token], index: int, number_end: int) -> bool:
    """Whether a sign and digits continue a number without a space."""
    if index + 1 >= len(tokens):
        return False
    (begin, end, sign), (start, _, digits) = tokens[index : index + 2]
    return begin == number_end and sign in ".,'" and start == end and digits.isdigit()
