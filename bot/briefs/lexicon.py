"""The words about form of each language, as data, and a search for the longest match at a place of a text.

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
# Arabic prefixes, alone and combined with the article.
_ARABIC_HEADS = ("وبال", "وال", "بال", "كال", "فال", "لل", "ال", "و", "ب", "ل", "ف", "ك")
FORM = re.compile(r"(?:[^|(]|\([^)]*\))+")
_MARKED = re.compile(r"(?<=\wn)'(?=t\b)|(?<=\bthat)'(?=s\b)|(?<=\bthere)'(?=s\b)|(?<=\bwhat)'(?=s\b)")
_OPTIONAL = re.compile(r"\(([^()]*)\)")


def normalise_text(text: str) -> str:
    """Normalise a text to lower case, ASCII digits and narrow signs, keeping the positions of characters."""
    return "".join(map(_normalise_character, text))


@cache
def _normalise_character(character: str) -> str:
    if character.isdigit() and (value := unicodedata.digit(character, None)) is not None and character not in "¹²³":
        return str(value)
    narrow = unicodedata.normalize("NFKC", character)
    small = (narrow if len(narrow) == 1 else character).lower()
    return {"’": "'", "‘": "'", "`": "'", "´": "'", "‑": "-", "‐": "-", "−": "-"}.get(
        small, small if len(small) == 1 else character
    )


def expand_forms(forms: str) -> list[str]:
    """Expand an entry into its forms: "card(s)" gives "card" and "cards", "criteri(on|a)" two; alternatives are divided by "|"."""
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
    """A node in the trie of forms: the tokens that may follow, and the meanings by section of a form that ends here."""

    children: dict[str, Node] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The forms of one language, including the shared ones.

    `behind` holds the suffixes of figures of money, coins, times and measures, and the words within ratios. `heads` are prefixes
    joined to the word after them.
    """

    code: str
    root: Node
    months: tuple[str, ...]
    behind: Mapping[str, tuple[str, ...]]
    heads: tuple[str, ...] = ()

    def find_longest(self, tokens: list[str], start: int, own: Node) -> tuple[int, dict[str, str]]:
        """Return the number of tokens of the longest form at a place, and its meanings by section; (0, {}) without one.

        Forms of `own` are included. A form that names a part of the kind has no other meaning: the "verso" of a card is no verse.
        """
        best = self._search(self.root, tokens, start)
        length, meanings = self._search(own, tokens, start) if own.children else (0, {})
        if not length or length < best[0]:
            return best
        if "part" in meanings:
            return (length, meanings)
        return (length, meanings if length > best[0] else {**best[1], **meanings})

    def _search(self, root: Node, tokens: list[str], start: int) -> tuple[int, dict[str, str]]:
        best: tuple[int, dict[str, str]] = (0, {})
        for first in self._list_starts(tokens[start]):
            node, at = root.children.get(first), start + 1
            while node is not None:
                if node.meanings and at - start > best[0]:
                    best = (at - start, node.meanings)
                if at >= len(tokens):
                    break
                node = node.children.get(tokens[at])
                at += 1
        return best

    def shares_meaning(self, word: str, wanted: Mapping[str, str]) -> bool:
        """Whether a single word has one of the wanted meanings."""
        known = self.root.children.get(word, Node()).meanings
        return any(known.get(section) == meaning for section, meaning in wanted.items())

    def _list_starts(self, token: str) -> list[str]:
        if not self.heads or token in self.root.children:
            return [token]
        return [
            token,
            *(token[len(head) :] for head in self.heads if token.startswith(head) and len(token) > len(head) + 1),
        ]


@cache
def list_languages() -> tuple[str, ...]:
    """Return the codes of the languages that have a lexicon."""
    folder = files(__package__) / "lexicons"
    return tuple(
        sorted(
            one.name.removesuffix(".toml")
            for one in folder.iterdir()
            if one.name.endswith(".toml") and one.name != "any.toml"
        )
    )


@cache
def find_meaning(noun: str) -> str:
    """Return the noun of a reading for an English one: "tag line" is a "tagline"; empty if there is none."""
    tokens = TOKEN.findall(normalise_text(noun))
    length, meanings = lexicon("en").find_longest(tokens, 0, Node()) if tokens else (0, {})
    return meanings.get("nouns", "") if length == len(tokens) else ""


@cache
def list_avoidable_things() -> tuple[str, ...]:
    """Return the names of things that briefs rule out besides literal words, such as "emoji" or "prices"."""
    return tuple(_load_data("en")["avoid"])


@cache
def load_language_aliases() -> dict[str, str]:
    """Load alternative names of languages, such as "castellano", with their codes."""
    return {name: code for code, forms in _load_data("any")["tongue"].items() for name in expand_forms(forms)}


@cache
def _load_data(code: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "lexicons" / f"{code}.toml").read_text(encoding="utf-8"))


def get_forms(code: str, section: str, name: str) -> str:
    """Return the forms of an entry, divided by "|"; empty if a language has none."""
    return _load_data(code).get(section, {}).get(name, "")


@cache
def load_leading_words() -> frozenset[str]:
    """Load words of any language that cannot end a phrase."""
    return frozenset(
        word for code in list_languages() for word in get_forms(code, "leading", "leading").split("|") if word
    )


# Sections without meanings for all kinds, and those whose words are used in patterns (wording.py).
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
def lexicon(code: str) -> Lexicon:
    """Load the lexicon of a language, with English nouns and units, which briefs of every language use."""
    root = Node()
    own = _load_data(code)
    borrowed = {} if code == "en" else _borrow_english(_load_data("en"))
    data = [_load_data("any"), borrowed, own]
    # "Para" is a paragraph in English, but a preposition elsewhere.
    small = frozenset(own["word"]["word"].split("|")) if code != "en" else frozenset()
    for one in data:
        for section, entries in one.items():
            for name, forms in entries.items() if section not in _PATTERN_SECTIONS else ():
                if section != "numbers" or name.isdigit():
                    listed = [form for form in expand_forms(forms) if one is not borrowed or form not in small]
                    _add_forms(root, "number" if section == "numbers" else section, name, listed)
    _add_numbers(root, own.get("numbers", {}))
    if code != "en":  # Briefs may be partly in English.
        _add_numbers(root, {"units": _load_data("en")["numbers"]["units"]})
    months = (*_load_data("en")["months"]["months"].split("|"), *own.get("months", {}).get("months", "").split("|"))
    return Lexicon(
        code,
        root,
        tuple(filter(None, months)),
        {
            section: tuple(dict.fromkeys(_list_suffixes(data, section)))
            for section in ("money", "coin", "clock", "measure", "ratio")
        },
        _ARABIC_HEADS if code == "ar" else (),
    )


@cache
def build_own_words(form: Form, code: str) -> Node:
    """Build the forms specific to one kind, for briefs of one language.

    They are its English nouns in singular and plural, that language's words for its parts, and the words before its numbers.
    """
    root = Node()
    for noun, name in form.own.items():
        _add_forms(root, "own", name, [noun, f"{noun}s", f"{noun}es"])
    for noun, forms in _load_data(code).get("parts", {}).items():
        if noun in form.nouns:
            for section in ("own", "part"):
                _add_forms(root, section, form.own.get(noun) or find_meaning(noun), expand_forms(forms))
    for words, name in form.before.items():
        _add_forms(root, "counts", name, [words])
    for place, names in form.places.items():
        _add_forms(root, "venue", place, [one for name in names for one in (name, f"{name}s")])
    _add_forms(root, "time", "0", ["s"] if form.timed else [])
    return root


@cache
def list_nouns(form: Form) -> frozenset[str]:
    """Return the nouns that numbers of a kind's parts may count."""
    named = {form.main, *form.entries.values(), *form.called.values(), *map(find_meaning, form.nouns)}
    return frozenset(named - {"", "skip"})


# Sections whose words have different meanings before and after a number.
_SIDED_SECTIONS = ("most", "least", "about", "exactly", "no")
# Sections whose English words are used in every language.
_BORROWED_SECTIONS = ("nouns", "units", "model", "language")


def _list_suffixes(data: list[dict[str, dict[str, str]]], section: str) -> Iterator[str]:
    for one in data:
        for name, forms in one.get(section, {}).items():
            if name != "before":
                yield from map(normalise_text, expand_forms(forms))


@cache
def _load_telling_words(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Load the words that identify a language: its function words, and technical terms for briefs that have few of those."""
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
    spelled = {*numbers.get("units", "").split(), *numbers.get("tens", "").split()}
    trade = frozenset(form for form in (*forms, *spelled) if len(form) > 2 and len(TOKEN.findall(form)) == 1)
    small = frozenset(data["word"]["word"].split("|"))
    # Words shared with English or all languages are ambiguous, but function words count even within names.
    everywhere = _load_shared_words()
    if code == "en":
        return small, trade - everywhere
    shared = _load_telling_words("en")[1] | everywhere
    return small - shared, trade - shared


# Sections of any.toml that list words of several languages.
_PER_LANGUAGE_SECTIONS = ("also", "please")


@cache
def _load_shared_words() -> frozenset[str]:
    """Load the single words shared by all languages."""
    shared = (
        entries
        for section, entries in _load_data("any").items()
        if section not in (*_PER_LANGUAGE_SECTIONS, *_PATTERN_SECTIONS)
    )
    forms = (form for entries in shared for value in entries.values() for form in expand_forms(value))
    return frozenset(normalise_text(form) for form in forms if len(TOKEN.findall(form)) == 1)


# Keys of the numbers section that are no forms.
_NUMBER_KEYS = frozenset({"join", "units", "tens"})


def _borrow_english(english: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    found = {section: dict(english[section]) for section in _BORROWED_SECTIONS if section in english}
    # English words to skip and names of things may be other words elsewhere.
    found["nouns"].pop("skip", None)
    things = frozenset(expand_forms(english["thing"]["thing"]))
    for noun, forms in found["nouns"].items():
        found["nouns"][noun] = "|".join(form for form in expand_forms(forms) if form not in things)
    return found


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
    return _MARKED.sub("", form) if "'" in form and _MARKED.search(form) else ""


def _add_numbers(root: Node, numbers: dict[str, str]) -> None:
    units = numbers.get("units", "").split()
    tens = numbers.get("tens", "").split()
    for value, word in enumerate(units):
        if word != "_":
            _add_forms(root, "number", str(value), [word])
    joins = numbers.get("join", "").split("|") if numbers.get("join") else []
    for ten, word in enumerate(tens, 2):
        _add_forms(root, "number", str(10 * ten), [word])
        for unit, small in enumerate(units[1:10], 1):
            for join in joins:
                _add_forms(root, "number", str(10 * ten + unit), [f"{word}{join}{small}"] if small != "_" else [])
    for name in ("dozen", "hundred"):
        if name in numbers:
            _add_forms(root, "times", {"dozen": "12", "hundred": "100"}[name], expand_forms(numbers[name]))


def detect_language(text: str, tokens: list[str]) -> str:
    """Return the language of a brief by its script and function words; English if inconclusive."""
    if regex.search(r"[\p{Hiragana}\p{Katakana}]", text) or regex.search(r"\p{Han}", text):
        return "ja" if "ja" in list_languages() else "en"
    for script, code in (("Arabic", "ar"), ("Devanagari", "hi")):
        if code in list_languages() and len(regex.findall(rf"\p{{{script}}}", text)) > 3:
            return code
    said = set(tokens)

    def score(code: str) -> int:
        small, trade = _load_telling_words(code)
        return sum(2 * (token in small) + (token in trade) for token in said)

    # English wins ties.
    return max(["en", *(code for code in list_languages() if code != "en")], key=score)
