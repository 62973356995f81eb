"""The words of each language that tell of form, as data, and a search for the longest of them at a place of a text.

A file of lexicons/ is a language; any.toml holds what is the same in all. A new language is a new file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import regex

from .forms import Form

# A word, a number, or one sign. Kana and kanji stand for themselves, as no space divides them.
TOKEN = regex.compile(
    r"\d+|[\p{Han}\p{Hiragana}\p{Katakana}ー々]|(?:(?![\p{Han}\p{Hiragana}\p{Katakana}ー])[\p{L}\p{M}])+|[^\s\w]|_",
)
# What Arabic writes in one with the word behind it; the article also behind these.
_ARABIC_HEADS = ("وبال", "وال", "بال", "كال", "فال", "لل", "ال", "و", "ب", "ل", "ف", "ك")
FORM = re.compile(r"(?:[^|(]|\([^)]*\))+")
_MARKED = re.compile(r"(?<=\wn)'(?=t\b)|(?<=\bthat)'(?=s\b)|(?<=\bthere)'(?=s\b)|(?<=\bwhat)'(?=s\b)")
_OPTIONAL = re.compile(r"\(([^()]*)\)")


def normalised(text: str) -> str:
    """The text in small letters with digits of ASCII and narrow signs, each character at its place."""
    return "".join(map(_normal, text))


@cache
def _normal(character: str) -> str:
    if character.isdigit() and (value := unicodedata.digit(character, None)) is not None and character not in "¹²³":
        return str(value)
    narrow = unicodedata.normalize("NFKC", character)
    small = (narrow if len(narrow) == 1 else character).lower()
    return {"’": "'", "‘": "'", "`": "'", "´": "'", "‑": "-", "‐": "-", "−": "-"}.get(
        small, small if len(small) == 1 else character
    )


def expanded(forms: str) -> list[str]:
    """The forms that an entry stands for: "card(s)" gives "card" and "cards", "criteri(on|a)" two, divided by "|"."""
    found: list[str] = []
    for form in FORM.findall(forms):
        todo = [form]
        while todo:
            one = todo.pop()
            optional = _OPTIONAL.search(one) if "(" in one else None
            if optional is None:
                found.append(one)
                continue
            endings = optional[1].split("|")
            for ending in endings if len(endings) > 1 else ["", *endings]:
                todo.append(one[: optional.start()] + ending + one[optional.end() :])
    return found


@dataclass(slots=True)
class Node:
    """A place in the tree of forms: what may follow, and what a form that ends here means, by section."""

    after: dict[str, Node] = field(default_factory=dict)
    means: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The forms of one language, with those of all.

    `behind` is what stands behind a figure of money (a coin in one with it), of the clock or of a measure, and between the two of a
    ratio. `heads` are written in one with the word behind them.
    """

    code: str
    root: Node
    months: tuple[str, ...]
    behind: Mapping[str, tuple[str, ...]]
    heads: tuple[str, ...] = ()

    def longest(self, tokens: list[str], start: int, own: Node) -> tuple[int, dict[str, str]]:
        """How many tokens the longest form at a place has, and what it means by section; (0, {}) where there is none.

        Forms of `own` are known besides. What names a part of the kind means nothing else there: the "verso" of a card is no verse.
        """
        best = self._longest(self.root, tokens, start)
        length, means = self._longest(own, tokens, start) if own.after else (0, {})
        if not length or length < best[0]:
            return best
        if "part" in means:
            return (length, means)
        return (length, means if length > best[0] else {**best[1], **means})

    def _longest(self, root: Node, tokens: list[str], start: int) -> tuple[int, dict[str, str]]:
        best: tuple[int, dict[str, str]] = (0, {})
        for first in self._starts(tokens[start]):
            node, at = root.after.get(first), start + 1
            while node is not None:
                if node.means and at - start > best[0]:
                    best = (at - start, node.means)
                if at >= len(tokens):
                    break
                node = node.after.get(tokens[at])
                at += 1
        return best

    def means(self, word: str, wanted: Mapping[str, str]) -> bool:
        """Whether a single word means one of the things that another does."""
        known = self.root.after.get(word, Node()).means
        return any(known.get(section) == meaning for section, meaning in wanted.items())

    def _starts(self, token: str) -> list[str]:
        if not self.heads or token in self.root.after:
            return [token]
        return [
            token,
            *(token[len(head) :] for head in self.heads if token.startswith(head) and len(token) > len(head) + 1),
        ]


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages that have a lexicon."""
    folder = files(__package__) / "lexicons"
    return tuple(
        sorted(
            one.name.removesuffix(".toml")
            for one in folder.iterdir()
            if one.name.endswith(".toml") and one.name != "any.toml"
        )
    )


@cache
def meaning_of(noun: str) -> str:
    """The noun of a reading that an English one means: "tag line" is a "tagline"; empty where there is none."""
    tokens = TOKEN.findall(normalised(noun))
    length, means = lexicon("en").longest(tokens, 0, Node()) if tokens else (0, {})
    return means.get("nouns", "") if length == len(tokens) else ""


@cache
def things_to_avoid() -> tuple[str, ...]:
    """The names of what briefs forbid beside literal words, such as "emoji" or "prices"."""
    return tuple(_data("en")["avoid"])


@cache
def tongues() -> dict[str, str]:
    """Names that a language has beside its own, such as "castellano", with its code."""
    return {name: code for code, forms in _data("any")["tongue"].items() for name in expanded(forms)}


@cache
def _data(code: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "lexicons" / f"{code}.toml").read_text(encoding="utf-8"))


def forms_of(code: str, section: str, name: str) -> str:
    """The forms of an entry, divided by "|"; empty where a language has none."""
    return _data(code).get(section, {}).get(name, "")


@cache
def leading_words() -> frozenset[str]:
    """Words of any language that lead on to another, so that a phrase does not end with one."""
    return frozenset(word for code in languages() for word in forms_of(code, "leading", "leading").split("|") if word)


# Sections that name nothing in every kind, and those whose words stand in patterns (wording.py).
_APART = (
    "tongue", "word", "months", "parts", "coin", "correction", "leading", "lines", "listing", "numbered", "order",
    "picture", "taste", "wants",
)  # fmt: skip


@cache
def lexicon(code: str) -> Lexicon:
    """The lexicon of a language, English nouns and units with it, as briefs of every language use them."""
    root = Node()
    own = _data(code)
    borrowed = {} if code == "en" else _borrowed(_data("en"))
    data = [_data("any"), borrowed, own]
    # "Para" is a paragraph in English, and a small word elsewhere.
    small = frozenset(own["word"]["word"].split("|")) if code != "en" else frozenset()
    for one in data:
        for section, entries in one.items():
            for name, forms in entries.items() if section not in _APART else ():
                if section != "numbers" or name.isdigit():
                    listed = [form for form in expanded(forms) if one is not borrowed or form not in small]
                    _add(root, "number" if section == "numbers" else section, name, listed)
    _add_numbers(root, own.get("numbers", {}))
    if code != "en":  # Of a brief in two languages the English half counts in English.
        _add_numbers(root, {"units": _data("en")["numbers"]["units"]})
    months = (*_data("en")["months"]["months"].split("|"), *own.get("months", {}).get("months", "").split("|"))
    return Lexicon(
        code, root, tuple(filter(None, months)),
        {section: tuple(dict.fromkeys(_behind(data, section))) for section in ("money", "coin", "clock", "measure", "ratio")},
        _ARABIC_HEADS if code == "ar" else (),
    )  # fmt: skip


@cache
def own_words(form: Form, code: str) -> Node:
    """The forms that only one kind knows, in briefs of one language.

    They are its English nouns, in the singular and the plural, what that language calls those of its parts, and what stands
    before its numbers.
    """
    root = Node()
    for noun, name in form.own.items():
        _add(root, "own", name, [noun, f"{noun}s", f"{noun}es"])
    for noun, forms in _data(code).get("parts", {}).items():
        if noun in form.nouns:
            for section in ("own", "part"):
                _add(root, section, form.own.get(noun) or meaning_of(noun), expanded(forms))
    for words, name in form.before.items():
        _add(root, "counts", name, [words])
    for place, names in form.places.items():
        _add(root, "venue", place, [one for name in names for one in (name, f"{name}s")])
    _add(root, "time", "0", ["s"] if form.timed else [])
    return root


@cache
def nouns_of(form: Form) -> frozenset[str]:
    """What numbers of a kind's parts are of."""
    named = {form.main, *form.entries.values(), *form.called.values(), *map(meaning_of, form.nouns)}
    return frozenset(named - {"", "skip"})


# Sections whose words mean something else before a number, or what they are about, and behind it.
_SIDED = ("most", "least", "about", "exactly", "no")
# Sections whose English words are used in every language: trade terms.
_BORROWED = ("nouns", "units", "model", "language")


def _behind(data: list[dict[str, dict[str, str]]], section: str) -> Iterator[str]:
    for one in data:
        for name, forms in one.get(section, {}).items():
            if name != "before":
                yield from map(normalised, expanded(forms))


@cache
def _telling(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words that tell a language: its small ones, and those of the trade, where a brief has hardly a small word."""
    data = _data(code)
    sections = (data.get(section, {}) for section in ("nouns", "units", "most", "least", "no", "numbers", "time"))
    forms = (
        form
        for entries in sections
        for name, value in entries.items()
        if name not in _PLAIN
        for form in expanded(value)
    )
    # Of several words each may be of another trade: "spot colours".
    numbers = data.get("numbers", {})
    spelled = {*numbers.get("units", "").split(), *numbers.get("tens", "").split()}
    trade = frozenset(form for form in (*forms, *spelled) if len(form) > 2 and len(TOKEN.findall(form)) == 1)
    small = frozenset(data["word"]["word"].split("|"))
    # What every language or English has as well tells nothing; a small word does, though names hold it: "anuncio de google".
    everywhere = _everywhere()
    if code == "en":
        return small, trade - everywhere
    shared = _telling("en")[1] | everywhere
    return small - shared, trade - shared


# Sections of any.toml that list words of each language.
_OF_EACH_LANGUAGE = ("also", "please")


@cache
def _everywhere() -> frozenset[str]:
    """The single words that are the same in all languages."""
    shared = (entries for section, entries in _data("any").items() if section not in (*_OF_EACH_LANGUAGE, *_APART))
    forms = (form for entries in shared for value in entries.values() for form in expanded(value))
    return frozenset(normalised(form) for form in forms if len(TOKEN.findall(form)) == 1)


# Keys of numbers that are no forms.
_PLAIN = frozenset({"join", "units", "tens"})


def _borrowed(english: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    found = {section: dict(english[section]) for section in _BORROWED if section in english}
    # Small words of other languages are these, or they mean something else there; things are called otherwise there.
    found["nouns"].pop("skip", None)
    things = frozenset(expanded(english["thing"]["thing"]))
    for noun, forms in found["nouns"].items():
        found["nouns"][noun] = "|".join(form for form in expanded(forms) if form not in things)
    return found


def _add(root: Node, section: str, name: str, forms: list[str]) -> None:
    name = "before" if (section, name) == ("no", "no") else name
    key = f"{section}.{name}" if section in _SIDED else section
    for form in (*forms, *filter(None, map(_unmarked, forms))):
        node = root
        for token in TOKEN.findall(normalised(form)):
            node = node.after.setdefault(token, Node())
        if node is not root:
            node.means.setdefault(key, name)


def _unmarked(form: str) -> str:
    """An English form as people type it in a hurry, without the apostrophe that no other word needs: "thats it", "dont"."""
    return _MARKED.sub("", form) if "'" in form and _MARKED.search(form) else ""


def _add_numbers(root: Node, numbers: dict[str, str]) -> None:
    units = numbers.get("units", "").split()
    tens = numbers.get("tens", "").split()
    for value, word in enumerate(units):
        if word != "_":
            _add(root, "number", str(value), [word])
    joins = numbers.get("join", "").split("|") if numbers.get("join") else []
    for ten, word in enumerate(tens, 2):
        _add(root, "number", str(10 * ten), [word])
        for unit, small in enumerate(units[1:10], 1):
            for join in joins:
                _add(root, "number", str(10 * ten + unit), [f"{word}{join}{small}"] if small != "_" else [])
    for name in ("dozen", "hundred"):
        if name in numbers:
            _add(root, "times", {"dozen": "12", "hundred": "100"}[name], expanded(numbers[name]))


def language_of(text: str, tokens: list[str]) -> str:
    """The language a brief is written in, by its script and its small words; English where nothing tells."""
    if regex.search(r"[\p{Hiragana}\p{Katakana}]", text) or regex.search(r"\p{Han}", text):
        return "ja" if "ja" in languages() else "en"
    for script, code in (("Arabic", "ar"), ("Devanagari", "hi")):
        if code in languages() and len(regex.findall(rf"\p{{{script}}}", text)) > 3:
            return code
    said = set(tokens)

    def score(code: str) -> int:
        small, trade = _telling(code)
        return sum(2 * (token in small) + (token in trade) for token in said)

    # Of equals the first one wins: English.
    return max(["en", *(code for code in languages() if code != "en")], key=score)
