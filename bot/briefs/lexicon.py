"""Loads the words about form of each language, and finds the longest match at a position of a text.

Each file of lexicons/ is a language; any.toml holds what all languages share. A new language is a new file.
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

# A word, a number, or one sign. Each kana and kanji is a token, as no spaces divide them.
TOKEN = regex.compile(
    r"\d+|[\p{Han}\p{Hiragana}\p{Katakana}ー々]|(?:(?![\p{Han}\p{Hiragana}\p{Katakana}ー])[\p{L}\p{M}])+|[^\s\w]|_",
)
# Arabic prefixes that are joined to a word, alone and combined with the article.
_ARABIC_PREFIXES = ("وبال", "وال", "بال", "كال", "فال", "لل", "ال", "و", "ب", "ل", "ف", "ك")
# A form of an entry; a "|" within brackets does not end it.
FORM = re.compile(r"(?:[^|(]|\([^)]*\))+")
_DROPPABLE_APOSTROPHE = re.compile(r"(?<=\wn)'(?=t\b)|(?<=\bthat)'(?=s\b)|(?<=\bthere)'(?=s\b)|(?<=\bwhat)'(?=s\b)")
_BRACKETED = re.compile(r"\(([^()]*)\)")


def normalise_text(text: str) -> str:
    """Normalise a text to lower case, ASCII digits, and narrow and straight signs, keeping its length."""
    return "".join(map(_normalise_character, text))


@cache
def _normalise_character(character: str) -> str:
    if character.isdigit() and (value := unicodedata.digit(character, None)) is not None and character not in "¹²³":
        return str(value)
    narrow = unicodedata.normalize("NFKC", character)
    lower = (narrow if len(narrow) == 1 else character).lower()
    straight = {"’": "'", "‘": "'", "`": "'", "´": "'", "‑": "-", "‐": "-", "−": "-"}
    return straight.get(lower, lower if len(lower) == 1 else character)


def expand_forms(entry: str) -> list[str]:
    """Expand an entry of forms divided by "|": "card(s)" gives "card" and "cards", "criteri(on|a)" two as well."""
    forms: list[str] = []
    for form in FORM.findall(entry):
        pending = [form]
        while pending:
            partial_form = pending.pop()
            match = _BRACKETED.search(partial_form) if "(" in partial_form else None
            if match is None:
                forms.append(partial_form)
                continue
            choices = match[1].split("|")
            for choice in choices if len(choices) > 1 else ["", *choices]:
                pending.append(partial_form[: match.start()] + choice + partial_form[match.end() :])
    return forms


@dataclass(slots=True)
class Node:
    """A node in a trie of forms: the tokens that may follow, and the meanings by section of the form that ends here."""

    children: dict[str, Node] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The forms of a language, including the shared ones, as a trie.

    `figure_words` has the words of figures by section: units of money, times and measures, and the word in ratios.
    """

    code: str
    root: Node
    months: tuple[str, ...]
    figure_words: Mapping[str, tuple[str, ...]]
    # Prefixes that are joined to a word.
    prefixes: tuple[str, ...] = ()

    def find_longest(self, tokens: list[str], start: int, own_root: Node) -> tuple[int, dict[str, str]]:
        """Return the number of tokens of the longest form at an index, and its meanings by section; else (0, {}).

        The kind's own forms are included. One that names a part of the kind has no other meaning: the "verso" of a card
        is no verse.
        """
        length, meanings = self._search(self.root, tokens, start)
        own_length, own_meanings = self._search(own_root, tokens, start) if own_root.children else (0, {})
        if not own_length or own_length < length:
            return length, meanings
        if own_length > length or "part" in own_meanings:
            return own_length, own_meanings
        return length, {**meanings, **own_meanings}

    def _search(self, root: Node, tokens: list[str], start: int) -> tuple[int, dict[str, str]]:
        longest: tuple[int, dict[str, str]] = (0, {})
        for token in self._list_starts(tokens[start]):
            node, index = root.children.get(token), start + 1
            while node is not None:
                if node.meanings and index - start > longest[0]:
                    longest = (index - start, node.meanings)
                if index >= len(tokens):
                    break
                node = node.children.get(tokens[index])
                index += 1
        return longest

    def shares_meaning(self, word: str, wanted: Mapping[str, str]) -> bool:
        """Whether a single word has one of the wanted meanings."""
        meanings = self.root.children.get(word, Node()).meanings
        return any(meanings.get(section) == meaning for section, meaning in wanted.items())

    def _list_starts(self, token: str) -> list[str]:
        """Return a token and, unless a form begins with it, what it is without each prefix."""
        if token in self.root.children:
            return [token]
        prefixes = (prefix for prefix in self.prefixes if token.startswith(prefix) and len(token) > len(prefix) + 1)
        return [token, *(token[len(prefix) :] for prefix in prefixes)]


@cache
def list_languages() -> tuple[str, ...]:
    """Return the codes of the languages that have a lexicon."""
    names = (file.name for file in (files(__package__) / "lexicons").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml") and name != "any.toml"))


@cache
def find_meaning(noun: str) -> str:
    """Return the noun of a reading for an English noun: "tag line" is a "tagline"; empty if there is none."""
    tokens = TOKEN.findall(normalise_text(noun))
    length, meanings = load_lexicon("en").find_longest(tokens, 0, Node()) if tokens else (0, {})
    return meanings.get("nouns", "") if length == len(tokens) else ""


@cache
def list_avoidable_things() -> tuple[str, ...]:
    """Return the names of the things that briefs rule out besides literal words, such as "emoji" or "prices"."""
    return tuple(_load_data("en")["avoid"])


@cache
def load_language_aliases() -> dict[str, str]:
    """Load the codes of languages by alternative names, such as "castellano"."""
    return {name: code for code, forms in _load_data("any")["tongue"].items() for name in expand_forms(forms)}


@cache
def _load_data(code: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "lexicons" / f"{code}.toml").read_text(encoding="utf-8"))


def get_forms(code: str, section: str, name: str) -> str:
    """Return an entry of a language's lexicon: its forms, divided by "|"; empty if there is none."""
    return _load_data(code).get(section, {}).get(name, "")


@cache
def load_leading_words() -> frozenset[str]:
    """Load the words of all languages that cannot end a phrase."""
    return frozenset(
        word for code in list_languages() for word in get_forms(code, "leading", "leading").split("|") if word
    )


# Sections whose words have no meaning as items: they are used in patterns (wording.py), or separately.
_PATTERN_SECTIONS = (
    "tongue",
    "word",
    "months",
    "parts",
    "coin",
    "correction",
    "leading",
    "lines",
    "listing",
    "numbered",
    "order",
    "picture",
    "taste",
)


@cache
def load_lexicon(code: str) -> Lexicon:
    """Load the lexicon of a language, with the shared words and the English nouns and units that all briefs use."""
    root = Node()
    english, own_data = _load_data("en"), _load_data(code)
    borrowed_data = {} if code == "en" else _borrow_english(english)
    data = [_load_data("any"), borrowed_data, own_data]
    # "Para" is a paragraph in English, but a preposition elsewhere.
    function_words = frozenset(own_data["word"]["word"].split("|")) if code != "en" else frozenset()
    for source in data:
        excluded = function_words if source is borrowed_data else frozenset()
        for section, entries in source.items():
            for name, entry in entries.items() if section not in _PATTERN_SECTIONS else ():
                if section == "numbers" and not name.isdigit():
                    continue
                forms = [form for form in expand_forms(entry) if form not in excluded]
                _add_forms(root, "number" if section == "numbers" else section, name, forms)
    _add_numbers(root, own_data.get("numbers", {}))
    if code != "en":  # Briefs may be partly in English.
        _add_numbers(root, {"units": english["numbers"]["units"]})
    months = (*english["months"]["months"].split("|"), *own_data.get("months", {}).get("months", "").split("|"))
    return Lexicon(
        code,
        root,
        tuple(filter(None, months)),
        {section: tuple(dict.fromkeys(_list_figure_words(data, section))) for section in _FIGURE_SECTIONS},
        _ARABIC_PREFIXES if code == "ar" else (),
    )


@cache
def build_own_words(form: Form, code: str) -> Node:
    """Build the trie of the forms specific to one kind, for briefs in one language.

    They are its English nouns in singular and plural, the language's words for its parts, the words before its numbers,
    and the names of its places.
    """
    root = Node()
    for noun, name in form.own.items():
        _add_forms(root, "own", name, [noun, f"{noun}s", f"{noun}es"])
    for noun, forms in _load_data(code).get("parts", {}).items():
        if noun in form.nouns:
            for section in ("own", "part"):
                _add_forms(root, section, form.own.get(noun) or find_meaning(noun), expand_forms(forms))
    for preceding_words, name in form.before.items():
        _add_forms(root, "counts", name, [preceding_words])
    for place, names in form.places.items():
        _add_forms(root, "venue", place, [*names, *(f"{name}s" for name in names)])
    _add_forms(root, "time", "0", ["s"] if form.timed else [])
    return root


@cache
def list_nouns(form: Form) -> frozenset[str]:
    """Return the nouns of a kind's parts, as named in readings."""
    nouns = {form.main, *form.entries.values(), *form.called.values(), *map(find_meaning, form.nouns)}
    return frozenset(nouns - {"", "skip"})


# Sections of the words of figures.
_FIGURE_SECTIONS = ("money", "coin", "clock", "measure", "ratio")
# Sections whose words have different meanings before and after a number.
_SIDED_SECTIONS = ("most", "least", "about", "exactly", "no")
# Sections whose English words are used in every language.
_BORROWED_SECTIONS = ("nouns", "units", "model", "language")


def _list_figure_words(data: list[dict[str, dict[str, str]]], section: str) -> Iterator[str]:
    for source in data:
        for name, forms in source.get(section, {}).items():
            if name != "before":
                yield from map(normalise_text, expand_forms(forms))


@cache
def _load_distinctive_words(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Load the words that identify a language: its function words, and its terms for form."""
    data = _load_data(code)
    sections = (data.get(section, {}) for section in ("nouns", "units", "most", "least", "no", "numbers", "time"))
    forms = (
        form
        for entries in sections
        for name, value in entries.items()
        if name not in _NUMBER_KEYS
        for form in expand_forms(value)
    )
    # Single words only: those of "spot colours" may be unrelated.
    numbers = data.get("numbers", {})
    spelled_numbers = {*numbers.get("units", "").split(), *numbers.get("tens", "").split()}
    terms = frozenset(form for form in (*forms, *spelled_numbers) if len(form) > 2 and len(TOKEN.findall(form)) == 1)
    function_words = frozenset(data["word"]["word"].split("|"))
    # English terms and those of all languages identify no other language.
    shared_words = _load_shared_words()
    if code == "en":
        return function_words, terms - shared_words
    ambiguous_words = _load_distinctive_words("en")[1] | shared_words
    return function_words - ambiguous_words, terms - ambiguous_words


# Sections of any.toml that list words of several languages.
_MULTILINGUAL_SECTIONS = ("also", "please")


@cache
def _load_shared_words() -> frozenset[str]:
    """Load the single words shared by all languages."""
    sections = (
        entries
        for section, entries in _load_data("any").items()
        if section not in (*_MULTILINGUAL_SECTIONS, *_PATTERN_SECTIONS)
    )
    forms = (form for entries in sections for value in entries.values() for form in expand_forms(value))
    return frozenset(normalise_text(form) for form in forms if len(TOKEN.findall(form)) == 1)


# Entries of the section [numbers] that are not forms divided by "|".
_NUMBER_KEYS = frozenset({"join", "units", "tens"})


def _borrow_english(english: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    borrowed = {section: dict(english[section]) for section in _BORROWED_SECTIONS if section in english}
    # English words to skip and names of things may be other words elsewhere.
    borrowed["nouns"].pop("skip", None)
    things = frozenset(expand_forms(english["thing"]["thing"]))
    for noun, forms in borrowed["nouns"].items():
        borrowed["nouns"][noun] = "|".join(form for form in expand_forms(forms) if form not in things)
    return borrowed


def _add_forms(root: Node, section: str, name: str, forms: list[str]) -> None:
    name = "before" if (section, name) == ("no", "no") else name
    key = f"{section}.{name}" if section in _SIDED_SECTIONS else section
    for form in (*forms, *filter(None, map(_drop_apostrophe, forms))):
        node = root
        for token in TOKEN.findall(normalise_text(form)):
            node = node.children.setdefault(token, Node())
        if node is not root:
            node.meanings.setdefault(key, name)


def _drop_apostrophe(form: str) -> str:
    """Return an English form without its apostrophe if that is unambiguous: "thats it", "dont"."""
    return _DROPPABLE_APOSTROPHE.sub("", form) if "'" in form and _DROPPABLE_APOSTROPHE.search(form) else ""


def _add_numbers(root: Node, numbers: dict[str, str]) -> None:
    """Add the words for numbers that a lexicon gives: units from 0 on, tens from 20 on, and how these are joined."""
    units = numbers.get("units", "").split()
    tens = numbers.get("tens", "").split()
    for value, word in enumerate(units):
        if word != "_":
            _add_forms(root, "number", str(value), [word])
    joins = numbers.get("join", "").split("|") if numbers.get("join") else []
    for ten, word in enumerate(tens, 2):
        _add_forms(root, "number", str(10 * ten), [word])
        for unit, unit_word in enumerate(units[1:10], 1):
            if unit_word != "_":
                _add_forms(root, "number", str(10 * ten + unit), [f"{word}{join}{unit_word}" for join in joins])
    for name in ("dozen", "hundred"):
        if name in numbers:
            _add_forms(root, "times", {"dozen": "12", "hundred": "100"}[name], expand_forms(numbers[name]))


def detect_language(text: str, tokens: list[str]) -> str:
    """Return the code of a normalised text's language, by its script and its words; English if that is inconclusive."""
    if regex.search(r"[\p{Hiragana}\p{Katakana}]", text) or regex.search(r"\p{Han}", text):
        return "ja" if "ja" in list_languages() else "en"
    for script, code in (("Arabic", "ar"), ("Devanagari", "hi")):
        if code in list_languages() and len(regex.findall(rf"\p{{{script}}}", text)) > 3:
            return code
    distinct_tokens = set(tokens)

    def compute_score(code: str) -> int:
        function_words, terms = _load_distinctive_words(code)
        return sum(2 * (token in function_words) + (token in terms) for token in distinct_tokens)

    # English wins ties.
    return max(["en", *(code for code in list_languages() if code != "en")], key=compute_score)
