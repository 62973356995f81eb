"""Rules in every language: combinations of concepts, whose words are data (lexicons/), near each other in a text.

A rule names concepts that have to stand together and those that excuse it; which words say a concept is each language's own
matter. Languages are looked at apart, so that a word of one is none of another ("Gift"); excuses count in those that a text is in.
Time is linear in the text: each different word is looked up once, and only windows around words that matter are compared.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import groupby, islice

from bot.checks.links import INVISIBLE

# Words that stand together are so many words apart at most; those of a rule whose words are common ones ("sentence"), and those
# that stand close, so many.
_NEAR, _SENTENCE, _CLOSE = 40, 20, 10
# An excuse counts so many words around, and at the beginning of a text, which says what it is.
_AROUND, _BEGINNING = 80, 60
# A language counts where its commonest words are at least this share of the first one's.
_SPOKEN = 1 / 3
# A long text is read in parts of so many words, so that one that is refused is not read to its end.
_CHUNK = 25_000
# No word that means anything is longer; what is shortened to this costs no time.
_MAX_WORD = 40
# Words that may stand between the parts of a phrase that ".." parts.
_GAP = 4
# The concept of phrases whose words say nothing: "no appointment" is no advice to do without a doctor.
_IDLE = "idle"

_SHORT_FORM = re.compile(r"(?<=\w)['’`´](?=(?:t|s|m|re|ve|ll|d)\b)")
# Where a sentence ends, and words that it has at the least: "send. me. your. pin." is one.
_END, _MIN_WORDS = re.compile(r"(?<![.!?;])[.!?;]++(?=\s)|\n"), 4
# What stands between two sentences, among their words, and among the classes of these.
_BETWEEN, _NOTHING = "", (-1,)
# Signs within a word stand for letters in it.
_WORD = re.compile(r"[^\W_][\w@$!\u0300-\u036f\u064b-\u065f\u0900-\u0d7f\u0e31-\u0e4e]*|%")
# Scripts that put no blanks between words: each sign counts as one.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
# Amounts are said with signs too.
_CURRENCY = re.compile(r"[€£]|\$(?= ?\d)|(?<=\d)\$")
_CURRENCIES = {"€": " euro ", "£": " pounds ", "$": " dollars "}
_SPELLED_OUT = re.compile(r"(?<![^\W_])(?:[^\W_][ .*_-]){2,40}[^\W_](?![^\W_])")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f]+")
_LETTERS_OF_SIGNS = str.maketrans("013457@$!", "oieastasi")
# Letters of other scripts that look like Latin ones.
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕԁһкмтвαεορτυικνøłđıɑᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢꮪϲ",
    "aeopcyxijsdhkmtbaeoptuiknoldiaabcdefghijklmnoprstuvwyzsc",
)
_LATIN = re.compile("[a-z]")
# Digits of other scripts.
_DIGIT = re.compile(r"(?![0-9])\d")


@dataclass(frozen=True, slots=True)
class Rule:
    """A combination that is refused, by the bits of its concepts: one of each set of `needs`, and none of `excuses`."""

    category: str
    needs: tuple[int, ...]
    excuses: int
    # Concepts that excuse it only when all of a set are there.
    together: tuple[int, ...] = ()
    # How many words the concepts are apart at most.
    within: int = _NEAR
    # Whether one concept may be said in one language and another in another.
    across: bool = False
    # Whether it holds of what was made too. What only asks for something ("how do I …") does not.
    of_results: bool = True


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Classes of words one after another, with a gap before those that `loose` names, and the concepts that they say.

    The words of one that is `idle` say nothing where they stand in it; it has no gaps.
    """

    parts: tuple[int, ...]
    loose: tuple[bool, ...]
    mask: int
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything the rules are made of, as it is looked up."""

    rules: tuple[Rule, ...]
    excuses: int
    width: int
    languages: tuple[str, ...]
    # The languages that a word is a common one of, by their numbers.
    common: Mapping[str, tuple[int, ...]]
    exact: Mapping[str, tuple[int, ...]]
    beginnings: Mapping[str, tuple[tuple[str, int], ...]]
    endings: Mapping[str, tuple[tuple[str, int], ...]]
    single: Mapping[int, int]
    # By the class that they begin with: of some thousands, few begin with a word of a text.
    phrases: Mapping[int, tuple[_Phrase, ...]]

    def classes_of(self, word: str) -> tuple[int, ...]:
        """The classes that a word belongs to."""
        found = self.exact.get(word, ())
        for stems, cut in ((self.beginnings, word[:3]), (self.endings, word[-3:])):
            if cut in stems:
                at_start = stems is self.beginnings
                found += tuple(
                    number
                    for stem, number in stems[cut]
                    if (word.startswith(stem) if at_start else word.endswith(stem))
                )
        return found


class _Builder:
    """Collects the words of all lexicons."""

    def __init__(self, concepts: Mapping[str, int], languages: tuple[str, ...]) -> None:
        self._concepts, self._languages = concepts, languages
        self._classes: dict[tuple[str, ...], int] = {}
        self.exact: dict[str, list[int]] = {}
        self.beginnings: dict[str, list[tuple[str, int]]] = {}
        self.endings: dict[str, list[tuple[str, int]]] = {}
        self.single: dict[int, int] = {}
        self.phrases: dict[tuple[tuple[int, ...], tuple[bool, ...]], int] = {}

    def add(self, language: int, concept: str, entries: Iterable[str]) -> None:
        bit = 1 << (language * len(self._concepts) + self._concepts[concept])
        for entry in entries:
            parts, loose, gap = list[int](), list[bool](), False
            for part in _UNSPACED.sub(r" \g<0> ", entry).split():
                if part == "..":
                    gap = True
                    continue
                parts.append(self._class_of(part))
                loose.append(gap)
                gap = False
            if len(parts) == 1:
                self.single[parts[0]] = self.single.get(parts[0], 0) | bit
            else:
                key = tuple(parts), tuple(loose)
                self.phrases[key] = self.phrases.get(key, 0) | bit

    def _class_of(self, part: str) -> int:
        words = tuple(sorted(part.split("|")))
        if words in self._classes:
            return self._classes[words]
        number = self._classes[words] = len(self._classes)
        for word in words:
            stem = _plain(word.strip("*"))
            if word.endswith("*"):
                self.beginnings.setdefault(stem[:3], []).append((stem, number))
            elif word.startswith("*"):
                self.endings.setdefault(stem[-3:], []).append((stem, number))
            else:
                self.exact.setdefault(stem, []).append(number)
        return number


@cache
def rulebook() -> Rulebook:
    """The rules with the words of every language, read once."""
    here = files("bot.moderation")
    table = tomllib.loads((here / "rules.toml").read_text(encoding="utf-8"))
    lexicons = {
        file.name[:-5]: tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted((here / "lexicons").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
    common: dict[str, tuple[int, ...]] = {}
    for number, lexicon in enumerate(lexicons.values()):
        for word in set(_plain(lexicon.pop("common")).split()):
            common[word] = (*common.get(word, ()), number)
    concepts = {name: number for number, name in enumerate(sorted({name for one in lexicons.values() for name in one}))}
    builder = _Builder(concepts, tuple(lexicons))
    for number, lexicon in enumerate(lexicons.values()):
        for concept, entries in lexicon.items():
            builder.add(number, concept, entries)

    def bits(names: Iterable[str]) -> int:
        return sum(1 << concepts[name] for name in names)

    rules = tuple(
        Rule(
            one["category"],
            tuple(bits(names.split()) for names in one["needs"]),
            bits(name for name in one.get("excuses", "").split() if "+" not in name),
            tuple(bits(names.split("+")) for names in one.get("excuses", "").split() if "+" in names),
            _CLOSE if one.get("close") else _SENTENCE if one.get("sentence") else _NEAR,
            one.get("across", False),
            one.get("of_results", len(one["needs"]) == 1 or bool(one.get("close") or one.get("sentence"))),
        )
        for one in table["rule"]
    )
    idle = sum(1 << (number * len(concepts) + concepts[_IDLE]) for number in range(len(lexicons)))
    excuses = 0
    for rule in rules:
        excuses |= rule.excuses | _any_of(rule.together)
    return Rulebook(
        rules,
        excuses,
        len(concepts),
        tuple(lexicons),
        common,
        {word: tuple(numbers) for word, numbers in builder.exact.items()},
        {cut: tuple(stems) for cut, stems in builder.beginnings.items()},
        {cut: tuple(stems) for cut, stems in builder.endings.items()},
        builder.single,
        _by_beginning(
            _Phrase(parts, loose, mask & ~idle, bool(mask & idle)) for (parts, loose), mask in builder.phrases.items()
        ),
    )


def _by_beginning(phrases: Iterable[_Phrase]) -> dict[int, tuple[_Phrase, ...]]:
    found: dict[int, list[_Phrase]] = {}
    for phrase in phrases:
        found.setdefault(phrase.parts[0], []).append(phrase)
    return {number: tuple(begun) for number, begun in found.items()}


def category_of(text: str, *, context: str = "", result: bool = False) -> str:
    """The category of harm that a text asks for or does, empty for none. See `finding`."""
    return finding(text, context=context, result=result)[0]


def finding(text: str, *, context: str = "", result: bool = False) -> tuple[str, str]:
    """The category of harm that a text asks for or does, and the language that says so; both empty for none.

    `context` is what the text was made from: what excuses that excuses the text. `result` tells that it was made, not asked.
    """
    book, words = rulebook(), _words(text)
    given = _excuses(_words(context), book) if context else 0
    spoken = _spoken(words, book)
    beginning = _masks(words[:_BEGINNING], book)
    given |= _folded(_any_of(beginning) & spoken, book) & book.excuses
    for at in range(0, len(words), _CHUNK):
        chunk = words[max(0, at - _NEAR) : at + _CHUNK]
        masks = _masks(chunk, book) if len(words) > _BEGINNING else beginning
        ends = [place for place, word in enumerate(chunk) if word == _BETWEEN]
        for within, mask, around in _windows(masks, ends):
            excused = given | _folded(around & spoken, book) & book.excuses
            if (found := _first(mask & spoken, excused, within, result))[0]:
                return found
    return "", ""


def _excuses(words: list[str], book: Rulebook) -> int:
    return _folded(_any_of(_masks(words, book)) & _spoken(words, book), book) & book.excuses


def _spoken(words: list[str], book: Rulebook) -> int:
    """The bits of the languages that a text is in, by their commonest words; of all where there is none."""
    counts = Counter(number for word in words for number in book.common.get(word, ()))
    least = _SPOKEN * max(counts.values(), default=0)
    full, bits = (1 << book.width) - 1, 0
    for number in range(len(book.languages)):
        if counts[number] >= least:
            bits |= full << (number * book.width)
    return bits


@lru_cache(4096)
def _first(mask: int, excused: int, within: int, result: bool) -> tuple[str, str]:
    book = rulebook()
    full = (1 << book.width) - 1
    # First what may be said across languages, which is nothing that is told in any.
    for number in range(-1, len(book.languages)):
        held = _folded(mask, book) if number < 0 else mask >> (number * book.width) & full
        if not held:
            continue
        for rule in book.rules:
            if rule.across is not (number < 0) or rule.within != within:
                continue
            if (result and not rule.of_results) or rule.excuses & excused:
                continue
            if any(excused & one == one for one in rule.together):
                continue
            if all(held & one for one in rule.needs):
                return rule.category, book.languages[max(number, 0)]
    return "", ""


def _folded(mask: int, book: Rulebook) -> int:
    """The concepts of a mask, whatever language says them."""
    full, folded = (1 << book.width) - 1, 0
    while mask:
        folded |= mask & full
        mask >>= book.width
    return folded


def _any_of(masks: Iterable[int]) -> int:
    found = 0
    for mask in set(masks):
        found |= mask
    return found


def _windows(masks: list[int], ends: list[int]) -> Iterator[tuple[int, int, int]]:
    """The windows of a text that say anything: how many words each has, what is in it, and what is around it.

    The small ones lie within a sentence.
    """
    count = len(masks)
    chunks = [_any_of(masks[at : at + _AROUND]) for at in range(0, count, _AROUND)]
    for size in (_CLOSE, _SENTENCE, _NEAR):
        step = max(1, size // 2)
        starts = [0, *ends] if size < _NEAR else [0]
        seen: set[tuple[int, int]] = set()
        for start, end in zip(starts, (*starts[1:], count), strict=True):
            blocks = [_any_of(masks[at : min(at + step, end)]) for at in range(start, end, step)]
            for at, block in enumerate(blocks):
                mask = block | (blocks[at + 1] if at + 1 < len(blocks) else 0)
                if not mask:
                    continue
                chunk = (start + at * step) // _AROUND
                around = _any_of(chunks[max(0, chunk - 1) : chunk + 2])
                if (mask, around) not in seen:
                    seen.add((mask, around))
                    yield size, mask, around


def _masks(words: list[str], book: Rulebook) -> list[int]:
    """For each word the concepts that it, or a phrase that it begins, says."""
    classes = {word: book.classes_of(word) for word in set(words)}
    present = {number for numbers in classes.values() for number in numbers}
    begun = {
        number: [phrase for phrase in book.phrases.get(number, ()) if present.issuperset(phrase.parts)]
        for number in present
    }
    single = {
        word: _any_of(book.single.get(number, 0) for number in numbers) for word, numbers in classes.items() if numbers
    }
    begins = {
        word: [phrase for number in numbers for phrase in begun.get(number, ())]
        for word, numbers in classes.items()
        if numbers
    }
    masks = [single.get(word, 0) for word in words]
    of = [classes[word] if word else _NOTHING for word in words]
    for at in _said_idly(begins, words, of):
        masks[at] = 0
        of[at] = ()
    last: dict[tuple[str, ...], int] = {}
    for at, word in enumerate(words):
        if not (phrases := begins.get(word)) or not of[at]:
            continue
        # What was looked at in the same words before says the same.
        key = tuple(words[at : at + 4 * (_GAP + 1)])
        if key not in last:
            found = 0
            for phrase in phrases:
                if phrase.mask & ~found and _follows(phrase, of, at):
                    found |= phrase.mask
            last[key] = found
        masks[at] |= last[key]
    return masks


def _said_idly(begins: Mapping[str, list[_Phrase]], words: list[str], of: list[tuple[int, ...]]) -> set[int]:
    """The places of words that stand in a phrase which says nothing of harm, such as "no appointment"."""
    found: set[int] = set()
    for at, word in enumerate(words):
        for phrase in begins.get(word, ()):
            if phrase.idle and _follows(phrase, of, at):
                found.update(range(at, at + len(phrase.parts)))
    return found


def _follows(phrase: _Phrase, of: list[tuple[int, ...]], at: int) -> bool:
    for part, loose in zip(phrase.parts[1:], phrase.loose[1:], strict=True):
        reach = _GAP if loose else 0
        for step in range(at + 1, min(at + 2 + reach, len(of))):
            if of[step] is _NOTHING:
                return False
            if part in of[step]:
                at = step
                break
        else:
            return False
    return True


def _words(text: str) -> list[str]:
    """The words of a text as the lexicons write them: small, without accents, signs and other scripts' letters undone; and what
    stands between its sentences.
    """
    text = _SHORT_FORM.sub("", INVISIBLE.sub("", text))
    text = _CURRENCY.sub(lambda found: _CURRENCIES[found[0]], text)
    text = _SPELLED_OUT.sub(lambda found: re.sub(r"[ .*_-]", "", found[0]), text)
    text = _UNSPACED.sub(r" \g<0> ", text)
    raw: list[str] = []
    since = 0
    for sentence in _END.split(text):
        if since >= _MIN_WORDS:
            raw.append(_BETWEEN)
            since = 0
        # A word said on and on says no more than thrice.
        runs = groupby(word[:_MAX_WORD] for word in _WORD.findall(sentence))
        said = [word for _, run in runs for word in islice(run, 3)]
        raw += said
        since += len(said)
    different = [word for word in dict.fromkeys(raw) if word]
    plain = _plain("\n".join(different)).split("\n") if different else []
    known = {_BETWEEN: _BETWEEN} | {word: _letters(shown) for word, shown in zip(different, plain, strict=True)}
    return [known[word] for word in raw]


def folded(text: str) -> str:
    """A name as it looks: small, without accents and blanks, letters of other scripts as the Latin ones they look like."""
    return "".join(_plain(INVISIBLE.sub("", text)).translate(_LOOK_ALIKE).split())


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = _DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), text)
    return _MARKS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()))


def _letters(word: str) -> str:
    """A word with letters for the signs and the letters of other scripts in it."""
    if word.isalpha() and word.isascii():
        return word
    word = word.rstrip("!@$")
    if not word.isascii() and _LATIN.search(word):
        word = word.translate(_LOOK_ALIKE)
    return word.translate(_LETTERS_OF_SIGNS) if _LATIN.search(word) else word
