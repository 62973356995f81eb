"""Moderate texts by rules: combinations of concepts near each other, whose words in each language are data (lexicons/).

A rule names concepts that have to occur together and concepts that excuse it; each language defines the words of a concept.
Languages are matched separately, so that a word of one is not taken for another's ("Gift"); excuses count in the languages of the
text. Time is linear in the text: each distinct word is looked up once, and only windows around relevant words are compared.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from .words import SENTENCE_BREAK, UNSPACED, normalise, split_words

# What a text is refused for first, and what nobody overrules.
GRAVEST_CATEGORIES = ("minors", "despair")
# The most words between concepts that occur together: by default, for rules with common words ("sentence"), and for close ones.
_NEAR_WORDS, _SENTENCE_WORDS, _CLOSE_WORDS = 40, 20, 10
# The words around an excuse in which it counts, and the beginning of a text, which says what it is.
_EXCUSE_WORDS, _BEGINNING_WORDS = 80, 60
# A language counts if its common words are at least this share of the leading language's.
_MIN_LANGUAGE_SHARE = 1 / 3
# A long text is read in chunks, so that a refused one is not read to its end.
_CHUNK_WORDS = 25_000
# The most words in the place of ".." in a phrase.
_MAX_GAP_WORDS = 4
# The concept of phrases whose words are harmless: "no appointment" does not advise against doctors.
_HARMLESS_CONCEPT = "idle"
# The word classes of the mark between two sentences, which no phrase matches across.
_BREAK_CLASSES = (-1,)


@dataclass(frozen=True, slots=True)
class Rule:
    """A combination of concepts that is refused: one of each set in `needs`, and none of `excuses`. Sets are bit masks."""

    category: str
    needs: tuple[int, ...]
    excuses: int
    # Sets of concepts that excuse it only together.
    together: tuple[int, ...] = ()
    # The most words between the concepts.
    within: int = _NEAR_WORDS
    # Whether its concepts may be in different languages.
    across: bool = False
    # Whether it applies to results too; a rule for requests ("how do I …") does not.
    of_results: bool = True


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A sequence of word classes, with gaps before those marked `loose`, and its concepts.

    The words of an `idle` phrase are harmless within it; it has no gaps.
    """

    parts: tuple[int, ...]
    loose: tuple[bool, ...]
    mask: int
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules, and the words of their concepts for lookup.

    Words are grouped into classes, the alternatives at one position of a phrase. A mask has `width` bits per language, one for
    each concept.
    """

    rules: tuple[Rule, ...]
    excuses: int
    width: int
    languages: tuple[str, ...]
    # The numbers of the languages in which a word is common, by word.
    common: Mapping[str, tuple[int, ...]]
    # The classes of words, and of stems by their first or last three letters.
    exact: Mapping[str, tuple[int, ...]]
    beginnings: Mapping[str, tuple[tuple[str, int], ...]]
    endings: Mapping[str, tuple[tuple[str, int], ...]]
    # The masks of classes that are a phrase of their own.
    single: Mapping[int, int]
    # Phrases by their first two classes: of some thousands, a text has the first words of few.
    phrases: Mapping[int, Mapping[int, tuple[_Phrase, ...]]]

    def find_classes(self, word: str) -> tuple[int, ...]:
        """Return the classes of a word."""
        return (
            *self.exact.get(word, ()),
            *(number for stem, number in self.beginnings.get(word[:3], ()) if word.startswith(stem)),
            *(number for stem, number in self.endings.get(word[-3:], ()) if word.endswith(stem)),
        )


class _RulebookBuilder:
    """Collects the words of all lexicons for a rulebook."""

    def __init__(self, concepts: Mapping[str, int]) -> None:
        self._concepts = concepts
        self._classes: dict[tuple[str, ...], int] = {}
        self.exact: dict[str, list[int]] = {}
        self.beginnings: dict[str, list[tuple[str, int]]] = {}
        self.endings: dict[str, list[tuple[str, int]]] = {}
        self.single: dict[int, int] = {}
        self.phrases: dict[tuple[tuple[int, ...], tuple[bool, ...]], int] = {}

    def add(self, language: int, concept: str, entries: Iterable[str]) -> None:
        """Add the words and phrases of a concept in a language, given by its number."""
        bit = 1 << (language * len(self._concepts) + self._concepts[concept])
        for entry in entries:
            parts, loose, gap = list[int](), list[bool](), False
            for part in UNSPACED.sub(r" \g<0> ", entry).split():
                if part == "..":
                    gap = True
                    continue
                parts.append(self._add_class(part))
                loose.append(gap)
                gap = False
            if len(parts) == 1:
                self.single[parts[0]] = self.single.get(parts[0], 0) | bit
            else:
                key = tuple(parts), tuple(loose)
                self.phrases[key] = self.phrases.get(key, 0) | bit

    def _add_class(self, part: str) -> int:
        words = tuple(sorted(part.split("|")))
        if words in self._classes:
            return self._classes[words]
        number = self._classes[words] = len(self._classes)
        for word in words:
            stem = normalise(word.strip("*"))
            if word.endswith("*"):
                self.beginnings.setdefault(stem[:3], []).append((stem, number))
            elif word.startswith("*"):
                self.endings.setdefault(stem[-3:], []).append((stem, number))
            else:
                self.exact.setdefault(stem, []).append(number)
        return number


@cache
def load_rulebook() -> Rulebook:
    """Load the rules with the words of every language."""
    table = tomllib.loads((files("bot.moderation") / "rules.toml").read_text(encoding="utf-8"))
    lexicons = _load_lexicons()
    common: dict[str, tuple[int, ...]] = {}
    for number, lexicon in enumerate(lexicons.values()):
        for word in set(normalise(lexicon.pop("common")).split()):
            common[word] = (*common.get(word, ()), number)
    concepts = {name: number for number, name in enumerate(sorted(set().union(*lexicons.values())))}
    builder = _RulebookBuilder(concepts)
    for number, lexicon in enumerate(lexicons.values()):
        for concept, entries in lexicon.items():
            builder.add(number, concept, entries)
    rules = tuple(_parse_rule(row, concepts) for row in table["rule"])
    idle = sum(1 << (number * len(concepts) + concepts[_HARMLESS_CONCEPT]) for number in range(len(lexicons)))
    return Rulebook(
        rules,
        _union(rule.excuses | _union(rule.together) for rule in rules),
        len(concepts),
        tuple(lexicons),
        common,
        {word: tuple(numbers) for word, numbers in builder.exact.items()},
        {cut: tuple(stems) for cut, stems in builder.beginnings.items()},
        {cut: tuple(stems) for cut, stems in builder.endings.items()},
        builder.single,
        _group_by_first_classes(
            _Phrase(parts, loose, mask & ~idle, bool(mask & idle)) for (parts, loose), mask in builder.phrases.items()
        ),
    )


def _load_lexicons() -> dict[str, dict[str, Any]]:
    """Load the concepts with their words, and the common words, by language."""
    folder = files("bot.moderation") / "lexicons"
    return {
        file.name[:-5]: tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }


def _parse_rule(data: Mapping[str, Any], concepts: Mapping[str, int]) -> Rule:
    def bits(names: Iterable[str]) -> int:
        return sum(1 << concepts[name] for name in names)

    needs, excuses = data["needs"], data.get("excuses", "").split()
    is_near = bool(data.get("close") or data.get("sentence"))
    return Rule(
        data["category"],
        tuple(bits(names.split()) for names in needs),
        bits(name for name in excuses if "+" not in name),
        tuple(bits(names.split("+")) for names in excuses if "+" in names),
        _CLOSE_WORDS if data.get("close") else _SENTENCE_WORDS if is_near else _NEAR_WORDS,
        data.get("across", False),
        data.get("of_results", len(needs) == 1 or is_near),
    )


def _group_by_first_classes(phrases: Iterable[_Phrase]) -> dict[int, dict[int, tuple[_Phrase, ...]]]:
    groups: dict[int, dict[int, tuple[_Phrase, ...]]] = {}
    for phrase in phrases:
        first, second, *_ = phrase.parts
        group = groups.setdefault(first, {})
        group[second] = (*group.get(second, ()), phrase)
    return groups


def find_category(text: str, *, excused: int = 0, result: bool = False) -> str:
    """Return the category of harm of a text, empty for none. See `classify`."""
    return classify(text, excused=excused, result=result)[0]


def classify(text: str, *, excused: int = 0, result: bool = False) -> tuple[str, str]:
    """Return the category of harm of a text and the language in which it was found; both empty for none. The gravest come first.

    `excused` are the excuses of the request that the text was written for, as `find_excuses` returns them. `result` tells that
    the text is a result, not a request.
    """
    book, words = load_rulebook(), split_words(text)
    if not words:
        return "", ""
    language_mask = _build_language_mask(words, book)
    beginning = _build_masks(words[:_BEGINNING_WORDS], book)
    excused |= _fold_mask(_union(beginning) & language_mask, book) & book.excuses
    first_match = "", ""
    for at in range(0, len(words), _CHUNK_WORDS):
        chunk = words[max(0, at - _NEAR_WORDS) : at + _CHUNK_WORDS]
        masks = _build_masks(chunk, book) if len(words) > _BEGINNING_WORDS else beginning
        breaks = [position for position, word in enumerate(chunk) if word == SENTENCE_BREAK]
        for within, mask, around in _iter_windows(masks, breaks):
            nearby_excuses = excused | _fold_mask(around & language_mask, book) & book.excuses
            match = _match_rules(mask & language_mask, nearby_excuses, within, result)
            if match[0] in GRAVEST_CATEGORIES:
                return match
            first_match = first_match if first_match[0] else match
    return first_match


def find_excuses(text: str) -> int:
    """Return the excuses in a request for its results, as bits of concepts."""
    book, words = load_rulebook(), split_words(text)
    return _fold_mask(_union(_build_masks(words, book)) & _build_language_mask(words, book), book) & book.excuses


def _build_language_mask(words: list[str], book: Rulebook) -> int:
    """Return the mask of the languages of a text, judged by common words; of all languages if it has none."""
    counts = Counter(number for word in words for number in book.common.get(word, ()))
    min_count = _MIN_LANGUAGE_SHARE * max(counts.values(), default=0)
    full, bits = (1 << book.width) - 1, 0
    for number in range(len(book.languages)):
        if counts[number] >= min_count:
            bits |= full << (number * book.width)
    return bits


@lru_cache(4096)
def _match_rules(mask: int, excused: int, within: int, result: bool) -> tuple[str, str]:
    book = load_rulebook()
    all_concepts = (1 << book.width) - 1
    first_match = "", ""
    # First, as -1, the rules across languages.
    for number in range(-1, len(book.languages)):
        concepts = _fold_mask(mask, book) if number < 0 else mask >> (number * book.width) & all_concepts
        if not concepts:
            continue
        for rule in book.rules:
            if rule.across is not (number < 0) or rule.within != within:
                continue
            if (result and not rule.of_results) or rule.excuses & excused:
                continue
            if any(excused & combination == combination for combination in rule.together):
                continue
            if all(concepts & alternatives for alternatives in rule.needs):
                match = rule.category, book.languages[max(number, 0)]
                if rule.category in GRAVEST_CATEGORIES:
                    return match
                first_match = first_match if first_match[0] else match
    return first_match


def _fold_mask(mask: int, book: Rulebook) -> int:
    """Return the concepts of a mask, in whichever language."""
    all_concepts, concepts = (1 << book.width) - 1, 0
    while mask:
        concepts |= mask & all_concepts
        mask >>= book.width
    return concepts


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in set(masks):
        union |= mask
    return union


def _iter_windows(masks: list[int], breaks: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield the windows of a text with concepts: the size in words, the mask, and the mask of the surroundings.

    Small windows lie within a sentence.
    """
    count = len(masks)
    chunks = [_union(masks[at : at + _EXCUSE_WORDS]) for at in range(0, count, _EXCUSE_WORDS)]
    for size in (_CLOSE_WORDS, _SENTENCE_WORDS, _NEAR_WORDS):
        step = max(1, size // 2)
        starts = [0, *breaks] if size < _NEAR_WORDS else [0]
        seen: set[tuple[int, int]] = set()
        for start, end in zip(starts, (*starts[1:], count), strict=True):
            blocks = [_union(masks[at : min(at + step, end)]) for at in range(start, end, step)]
            for at, block in enumerate(blocks):
                mask = block | (blocks[at + 1] if at + 1 < len(blocks) else 0)
                if not mask:
                    continue
                chunk = (start + at * step) // _EXCUSE_WORDS
                around = _union(chunks[max(0, chunk - 1) : chunk + 2])
                if (mask, around) not in seen:
                    seen.add((mask, around))
                    yield size, mask, around


def _build_masks(words: list[str], book: Rulebook) -> list[int]:
    """Return for each word the concepts of the word and of the phrases that begin with it."""
    classes = {word: book.find_classes(word) for word in set(words)}
    present = set().union(*classes.values())
    phrases_by_class = {
        number: _list_possible_phrases(book.phrases[number], present) for number in present & book.phrases.keys()
    }
    single = {
        word: _union(book.single[number] for number in book.single.keys() & numbers)
        for word, numbers in classes.items()
    }
    phrases_by_word = {
        word: [phrase for number in phrases_by_class.keys() & numbers for phrase in phrases_by_class[number]]
        for word, numbers in classes.items()
    }
    masks = [single.get(word, 0) for word in words]
    classes_at = [classes[word] if word else _BREAK_CLASSES for word in words]
    for at in _find_harmless_positions(phrases_by_word, words, classes_at):
        masks[at] = 0
        classes_at[at] = ()
    known_masks: dict[tuple[str, ...], int] = {}
    for at, word in enumerate(words):
        if not (phrases := phrases_by_word.get(word)) or not classes_at[at]:
            continue
        # The same words give the same result.
        key = tuple(words[at : at + 4 * (_MAX_GAP_WORDS + 1)])
        if key not in known_masks:
            mask = 0
            for phrase in phrases:
                if phrase.mask & ~mask and _matches_at(phrase, classes_at, at):
                    mask |= phrase.mask
            known_masks[key] = mask
        masks[at] |= known_masks[key]
    return masks


def _list_possible_phrases(phrases: Mapping[int, tuple[_Phrase, ...]], present: set[int]) -> list[_Phrase]:
    """Return the phrases, given by their second class, whose classes are all present."""
    candidates = (phrase for second in phrases.keys() & present for phrase in phrases[second])
    return [phrase for phrase in candidates if present.issuperset(phrase.parts)]


def _find_harmless_positions(
    phrases_by_word: Mapping[str, list[_Phrase]], words: list[str], classes_at: list[tuple[int, ...]]
) -> set[int]:
    """Return the positions of words within harmless phrases such as "no appointment"."""
    positions: set[int] = set()
    for at, word in enumerate(words):
        for phrase in phrases_by_word.get(word, ()):
            if phrase.idle and _matches_at(phrase, classes_at, at):
                positions.update(range(at, at + len(phrase.parts)))
    return positions


def _matches_at(phrase: _Phrase, classes_at: list[tuple[int, ...]], at: int) -> bool:
    """Whether a phrase whose first word is at a position continues there."""
    for part, loose in zip(phrase.parts[1:], phrase.loose[1:], strict=True):
        reach = _MAX_GAP_WORDS if loose else 0
        for step in range(at + 1, min(at + 2 + reach, len(classes_at))):
            if classes_at[step] is _BREAK_CLASSES:
                return False
            if part in classes_at[step]:
                at = step
                break
        else:
            return False
    return True
