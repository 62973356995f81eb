"""Detects columns with personal data (names, addresses and personal numbers) by their headings and cells, in the
eleven languages of `people.toml`.
"""

from __future__ import annotations

import operator
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from bot.checks.cells import is_formula
from bot.errors import RefusedError
from personas.word_frequency import get_zipf_frequency

# Sample size for detection.
_MAX_SAMPLED_CELLS = 2_000
# With fewer distinct cells the heading has to name the kind.
_MIN_DISTINCT_CELLS = 5
# Sample size and languages for rating how common words are, and the Zipf frequency from which they are ordinary words.
_MAX_RATED_CELLS, _RATED_LANGUAGES, _MIN_COMMON_FREQUENCY = 100, ("en", "de", "es", "fr", "it", "pt"), 4.0
LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "nl", "pl", "tr", "ru", "ja")

_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^\W\d_]{2,}")
_PHONE = re.compile(r"(?=(?:\D*\d){6,15}\D*$)[+(]?[\d(][\d ()./\-–]*\d(?:\s*(?:ext|x|-)\.?\s*\d{1,5})?")
_CALLABLE_PHONE = re.compile(r"\+|00[1-9]|\(0?\d|0\d{1,5}[ /\-–]|\d{3}[\-. ]\d{3}[\-. ]\d{4}$")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_CARD = re.compile(r"[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}")
# Official numbers recognisable by their format: SSN, CPF, codice fiscale, DNI and NIE, NIR, CURP, NINO.
_OFFICIAL_NUMBER = re.compile(
    r"""\d{3}-\d{2}-\d{4} | \d{3}\.\d{3}\.\d{3}-\d{2} | [A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]
    | [XYZ]?\d{7,8}-?[TRWAGMYFPDXBNJZSQVHLCKE] | [12][ ]?\d{2}[ ]?(?:0\d|1[0-2])[ ]?\d[\dAB][ ]?\d{3}[ ]?\d{3}(?:[ ]?\d{2})?
    | [A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d | [A-Z]{2}[ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-D]""",
    re.VERBOSE,
)
_CAMEL_CASE = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])")
_CJK_CHARACTER = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々]"
_CJK_NAME = re.compile(rf"{_CJK_CHARACTER}{{2,8}}(?:[ \u3000]{_CJK_CHARACTER}{{1,6}})?")
_INITIAL = re.compile(r"[^\W\d_]\.?")
_WORD = re.compile(r"""[^\W\d_][^\s\d_,;:!?@#/\\()\[\]{}<>|+*=&%$"]*""")


class PersonalKind(StrEnum):
    """A kind of personal data."""

    PERSON = "person"
    GIVEN = "given name"
    FAMILY = "family name"
    MAIL = "e-mail address"
    PHONE = "phone number"
    ACCOUNT = "account number"
    CARD = "card number"
    NUMBER = "personal number"
    ADDRESS = "address"


def parse_personal_columns(declarations: Sequence[str]) -> dict[str, PersonalKind | None]:
    """Parse columns that a user declared personal, such as "contact" or "contact=phone number"; map each to its kind,
    or to None if only the column is named.

    Raises:
        RefusedError: a kind is unknown.
    """
    kinds = dict[str, PersonalKind | None]()
    for declaration in declarations:
        name, equals_sign, kind = declaration.partition("=")
        kind_by_name = {value.value: value for value in PersonalKind} | {
            value.name.casefold(): value for value in PersonalKind
        }
        if equals_sign and kind.strip().casefold() not in kind_by_name:
            template = "I do not know “{kind}”. A personal column holds one of these: {kinds}."
            raise RefusedError(template, kind=kind.strip(), kinds=[value.value for value in PersonalKind])
        kinds[name.strip()] = kind_by_name[kind.strip().casefold()] if equals_sign else None
    return kinds


NAME_KINDS = (PersonalKind.PERSON, PersonalKind.GIVEN, PersonalKind.FAMILY)


@dataclass(frozen=True, slots=True)
class NameLexicon:
    """Names of people, streets and towns in a language."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    # Beginnings and endings of fictional surnames.
    roots: tuple[str, ...]
    ends: tuple[str, ...]
    # The format of an address, and a pattern of the words that occur in street names. The field names are keys of
    # `people.toml`.
    street: str
    mark: str
    streets: tuple[str, ...]
    towns: tuple[str, ...]


@cache
def _load_data() -> dict[str, Any]:
    return tomllib.loads((files("bot.synthesis") / "people.toml").read_text(encoding="utf-8"))


@cache
def load_lexicon(language: str) -> NameLexicon:
    """Load the lexicon of a language."""
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in _load_data()[language].items()
    }
    return NameLexicon(**fields)


@cache
def fold(text: str) -> str:
    """Remove the case and accents of a text; ß, ı and ł become ss, i and l."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("ı", "i").replace("ł", "l"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@cache
def load_given_names() -> Mapping[str, tuple[str, str]]:
    """Load folded given names with the first language that has them, and the sex (f or m)."""
    given_names = dict[str, tuple[str, str]]()
    for language in LANGUAGES:
        lexicon = load_lexicon(language)
        for sex, names in (("f", lexicon.women), ("m", lexicon.men)):
            for name in names:
                given_names.setdefault(fold(name), (language, sex))
    return given_names


@cache
def load_surnames() -> Mapping[str, str]:
    """Load folded surnames with the first language that has them."""
    surnames = dict[str, str]()
    for language in LANGUAGES:
        for name in load_lexicon(language).surnames:
            surnames.setdefault(fold(name), language)
    return surnames


@cache
def _load_heading_words() -> dict[str, frozenset[str]]:
    return {kind: frozenset(map(_normalise_heading, words)) for kind, words in _load_data()["headings"].items()}


@cache
def load_titles() -> frozenset[str]:
    """Load the words of titles before names, folded and without full stops."""
    return frozenset(fold(part).rstrip(".") for title in _load_data()["signs"]["titles"] for part in title.split())


@cache
def _load_particles() -> frozenset[str]:
    return frozenset(_load_data()["signs"]["particles"])


@cache
def _build_street_pattern() -> re.Pattern[str]:
    return re.compile("|".join(load_lexicon(language).mark for language in LANGUAGES), re.IGNORECASE)


def _normalise_heading(heading: str) -> str:
    words = re.findall(r"[^\W_]+", fold(_CAMEL_CASE.sub(" ", heading)))
    return " ".join(f"{word[:-2]}nummer" if word.endswith("nr") else word for word in words)


@cache
def find_heading_kinds(heading: str) -> frozenset[str]:
    """Return the kinds of headings (keys of `people.toml`) that a heading matches."""
    plain = _normalise_heading(heading)
    kinds = set[str]()
    for kind, heading_words in _load_heading_words().items():
        for word in heading_words:
            # Long words also match within compounds such as Patientenname; Japanese has no spaces.
            is_long = len(word) > (1 if _CJK_NAME.match(word) else 5)
            is_in_compound = is_long and word.replace(" ", "") in plain.replace(" ", "")
            if f" {word} " in f" {plain} " or is_in_compound or (word == "name" and plain.endswith("name")):
                kinds.add(kind)
    return frozenset(kinds)


def split_name(cell: str) -> list[str]:
    """Split a name into words without titles and, unless nothing else is left, initials."""
    if _CJK_NAME.fullmatch(cell):
        return _split_cjk_name(cell)
    words = [word for word in re.split(r"[\s,]+", cell) if word]
    words_without_titles = [word for word in words if fold(word).rstrip(".") not in load_titles()]
    return [word for word in words_without_titles if not _INITIAL.fullmatch(word)] or words_without_titles


def _split_cjk_name(cell: str) -> list[str]:
    first, _, second = cell.replace("\u3000", " ").partition(" ")
    if second:
        return [first, second]
    surname_length = next((size for size in (3, 2, 1) if fold(cell[:size]) in load_surnames() and len(cell) > size), 0)
    return [cell[:surname_length], cell[surname_length:]] if surname_length else [cell]


def has_title(cell: str) -> bool:
    """Whether a name begins with a title."""
    words = cell.split()
    return len(words) > 1 and fold(words[0]).rstrip(".") in load_titles()


def detect_kind(heading: str, cells: Iterable[str]) -> PersonalKind | None:
    """Detect the kind of personal data in a column, given its non-empty cells; None if there is none."""
    counts = Counter(cells)
    distinct_cells = [cell for cell, _ in counts.most_common(_MAX_SAMPLED_CELLS)]
    if not distinct_cells:
        return None
    heading_kinds, has_enough_cells = find_heading_kinds(heading), len(distinct_cells) >= _MIN_DISTINCT_CELLS
    if _compute_share(distinct_cells, _MAIL.search) >= 0.5:
        return PersonalKind.MAIL
    return (
        _detect_number_kind(heading_kinds, distinct_cells, has_enough_cells=has_enough_cells)
        or _detect_contact_kind(heading_kinds, distinct_cells, has_enough_cells=has_enough_cells)
        or _detect_name_kind(heading_kinds, distinct_cells, has_enough_cells=has_enough_cells)
    )


def _compute_share(cells: Sequence[str], test: Callable[[str], object]) -> float:
    """Return the share of cells that pass a test."""
    return sum(bool(test(cell)) for cell in cells) / len(cells)


def _detect_number_kind(
    heading_kinds: frozenset[str], cells: list[str], *, has_enough_cells: bool
) -> PersonalKind | None:
    """Detect account, card and personal numbers."""
    if _compute_share(cells, is_iban) >= 0.5 or (
        "account" in heading_kinds and _compute_share(cells, _has_several_digits) >= 0.7
    ):
        return PersonalKind.ACCOUNT
    is_named_card = "card" in heading_kinds
    if _compute_share(cells, _CARD.fullmatch) >= (0.5 if is_named_card else 0.9) and (
        is_named_card or _compute_share(cells, is_card) >= 0.9
    ):
        return PersonalKind.CARD
    if "number" in heading_kinds and _compute_share(cells, _is_number_like) >= 0.7:
        return PersonalKind.NUMBER
    if has_enough_cells and _compute_share(cells, _OFFICIAL_NUMBER.fullmatch) >= 0.9:
        return PersonalKind.NUMBER
    return None


def _detect_contact_kind(
    heading_kinds: frozenset[str], cells: list[str], *, has_enough_cells: bool
) -> PersonalKind | None:
    """Detect phone numbers, columns that mix these with e-mail addresses (as `MAIL`), and postal addresses."""
    if "phone" in heading_kinds and _compute_share(cells, _PHONE.fullmatch) >= 0.5:
        return PersonalKind.PHONE
    if has_enough_cells and _compute_share(cells, _is_callable_phone) >= 0.9:
        return PersonalKind.PHONE
    if _compute_share(cells, lambda cell: _MAIL.search(cell) or _is_callable_phone(cell)) >= 0.8:
        return PersonalKind.MAIL
    if _compute_share(cells, lambda cell: _has_several_digits(cell) and _build_street_pattern().search(cell)) >= 0.5:
        return PersonalKind.ADDRESS
    is_named_address = "address" in heading_kinds and "mail" not in heading_kinds
    if (
        is_named_address
        and _compute_share(cells, lambda cell: len(cell) > 4 and not cell.isdigit() and " " in cell) >= 0.5
    ):
        return PersonalKind.ADDRESS
    return None


def _detect_name_kind(
    heading_kinds: frozenset[str], cells: list[str], *, has_enough_cells: bool
) -> PersonalKind | None:
    """Detect full names, given names and surnames."""
    words_by_cell = [split_name(cell) if _is_name_like(cell) else [] for cell in cells]
    has_given_name = [any(fold(word) in load_given_names() for word in words) for words in words_by_cell]
    has_surname = [any(fold(word) in load_surnames() for word in words) for words in words_by_cell]
    count = len(cells)
    name_like_share = sum(map(bool, words_by_cell)) / count
    multi_word_share = sum(len(words) > 1 for words in words_by_cell) / count
    given_name_share, surname_share = sum(has_given_name) / count, sum(has_surname) / count
    known_share = sum(map(operator.or_, has_given_name, has_surname)) / count
    title_share = _compute_share(cells, has_title)
    if name_like_share < 0.6:
        return None
    if heading_kinds & {"person", "who"} and _compute_share(cells, _CJK_NAME.fullmatch) >= 0.6:
        return PersonalKind.PERSON
    if ("person" in heading_kinds and multi_word_share >= 0.5) or (
        title_share >= 0.5 and (has_enough_cells or "who" in heading_kinds)
    ):
        return PersonalKind.PERSON
    if "given" in heading_kinds and multi_word_share < 0.7 and not heading_kinds & {"family", "person"}:
        return PersonalKind.GIVEN
    if "family" in heading_kinds and multi_word_share < 0.7:
        return PersonalKind.FAMILY
    if multi_word_share >= 0.5:
        if heading_kinds & {"name", "who", "given", "family"} and known_share >= 0.2:
            return PersonalKind.PERSON
        # Names missing from the lexicons are recognised by the heading, unless they are ordinary words.
        is_name = "who" in heading_kinds or (
            "name" in heading_kinds and _compute_mean_frequency(cells) < _MIN_COMMON_FREQUENCY
        )
        if is_name and count >= 2 * _MIN_DISTINCT_CELLS and multi_word_share >= 0.7:
            return PersonalKind.PERSON
        return (
            PersonalKind.PERSON if has_enough_cells and multi_word_share >= 0.7 and given_name_share >= 0.35 else None
        )
    if heading_kinds & {"name", "who", "given"} and max(given_name_share, surname_share) >= 0.3:
        return PersonalKind.GIVEN if given_name_share >= surname_share else PersonalKind.FAMILY
    if has_enough_cells and count >= 2 * _MIN_DISTINCT_CELLS and max(given_name_share, surname_share) >= 0.6:
        return PersonalKind.GIVEN if given_name_share >= surname_share else PersonalKind.FAMILY
    return None


def _compute_mean_frequency(cells: Sequence[str]) -> float:
    """Return how common the words of cells are on the Zipf scale from 0 to 8: the mean over words of the maximum over
    languages.
    """
    words = [word.casefold() for cell in cells[:_MAX_RATED_CELLS] for word in cell.split()]
    return sum(max(get_zipf_frequency(word, language) for language in _RATED_LANGUAGES) for word in words) / max(
        len(words), 1
    )


def _is_name_like(cell: str) -> bool:
    if _CJK_NAME.fullmatch(cell):
        return True
    words = [word for word in re.split(r"[\s,]+", cell) if word]
    if not 1 <= len(words) <= 8 or len(cell) > 70 or is_formula(cell):
        return False
    return (
        all(_WORD.fullmatch(word) or _INITIAL.fullmatch(word) for word in words)
        and len([word for word in words if word not in _load_particles()]) <= 6
    )


def is_email(cell: str) -> bool:
    """Whether a cell contains an e-mail address."""
    return bool(_MAIL.search(cell))


def is_iban(cell: str) -> bool:
    """Whether a cell is an IBAN with valid check digits."""
    if not _IBAN.fullmatch(cell):
        return False
    compact = cell.replace(" ", "")
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def is_card(cell: str) -> bool:
    """Whether a cell is a card number with a valid check digit (Luhn)."""
    digits = [int(character) for character in cell if character.isdigit()][::-1]
    return (
        12 < len(digits) < 20
        and sum(digit if not index % 2 else (2 * digit) % 9 if digit < 9 else 9 for index, digit in enumerate(digits))
        % 10
        == 0
    )


def _is_number_like(cell: str) -> bool:
    return _has_several_digits(cell) and len(cell) <= 40 and len(cell.split()) <= 8


def _is_callable_phone(cell: str) -> bool:
    return bool(_PHONE.fullmatch(cell) and _CALLABLE_PHONE.match(cell)) and not _is_date_like(cell)


def _has_several_digits(cell: str) -> bool:
    return sum(character.isdigit() for character in cell) >= 3


def _is_date_like(cell: str) -> bool:
    return bool(re.fullmatch(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}", cell))
