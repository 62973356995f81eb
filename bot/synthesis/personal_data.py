"""Detection of columns with personal data: names, addresses, and personal numbers; by their cells and headings, in
eleven languages (`people.toml`).
"""

from __future__ import annotations

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

# Sample size for detection.
_MAX_SAMPLED_CELLS = 2_000
# With fewer distinct cells the heading has to name the kind.
_MIN_DISTINCT_CELLS = 5
# Sample size, languages and minimum Zipf frequency for recognising ordinary words.
_MAX_RATED_CELLS, _RATED_LANGUAGES, _MIN_COMMON_FREQUENCY = 100, ("en", "de", "es", "fr", "it", "pt"), 4.0
LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "nl", "pl", "tr", "ru", "ja")

_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^\W\d_]{2,}")
_PHONE = re.compile(r"(?=(?:\D*\d){6,15}\D*$)[+(]?[\d(][\d ()./\-–]*\d(?:\s*(?:ext|x|-)\.?\s*\d{1,5})?")
_CALLABLE_PHONE = re.compile(r"\+|00[1-9]|\(0?\d|0\d{1,5}[ /\-–]|\d{3}[\-. ]\d{3}[\-. ]\d{4}$")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_CARD = re.compile(r"[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}")
# Official numbers recognisable by their form: SSN, CPF, codice fiscale, DNI and NIE, NIR, CURP, NINO.
_OFFICIAL_NUMBER = re.compile(
    r"""\d{3}-\d{2}-\d{4} | \d{3}\.\d{3}\.\d{3}-\d{2} | [A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]
    | [XYZ]?\d{7,8}-?[TRWAGMYFPDXBNJZSQVHLCKE] | [12][ ]?\d{2}[ ]?(?:0\d|1[0-2])[ ]?\d[\dAB][ ]?\d{3}[ ]?\d{3}(?:[ ]?\d{2})?
    | [A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d | [A-Z]{2}[ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-D]""",
    re.VERBOSE,
)
_CAMEL_CASE = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])")
_EASTERN_SIGN = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々]"
_EASTERN_NAME = re.compile(rf"{_EASTERN_SIGN}{{2,8}}(?:[ \u3000]{_EASTERN_SIGN}{{1,6}})?")
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


def parse_personal_columns(named: Sequence[str]) -> dict[str, PersonalKind | None]:
    """Parse columns that a user declared personal, such as "contact" or "contact=phone number"; map each to its kind,
    if given.

    Raises:
        RefusedError: a kind is unknown.
    """
    found = dict[str, PersonalKind | None]()
    for one in named:
        name, sign, kind = one.partition("=")
        known = {value.value: value for value in PersonalKind} | {
            value.name.casefold(): value for value in PersonalKind
        }
        if sign and kind.strip().casefold() not in known:
            unknown = "I do not know “{kind}”. A personal column holds one of these: {kinds}."
            raise RefusedError(unknown, kind=kind.strip(), kinds=[value.value for value in PersonalKind])
        found[name.strip()] = known[kind.strip().casefold()] if sign else None
    return found


NAME_KINDS = (PersonalKind.PERSON, PersonalKind.GIVEN, PersonalKind.FAMILY)


@dataclass(frozen=True, slots=True)
class NameLexicon:
    """Names of people and streets in a language."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    # Parts of fictional surnames.
    roots: tuple[str, ...]
    ends: tuple[str, ...]
    # The format of an address, and a pattern for the words next to its number.
    street: str
    mark: str
    streets: tuple[str, ...]
    towns: tuple[str, ...]


@cache
def _load_data() -> dict[str, Any]:
    return tomllib.loads((files("bot.synthesis") / "people.toml").read_text(encoding="utf-8"))


@cache
def load_lexicon(language: str) -> NameLexicon:
    """Load the names of a language."""
    words: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in _load_data()[language].items()
    }
    return NameLexicon(**words)


@cache
def fold(text: str) -> str:
    """Remove case and accents; ß, ı and ł become ss, i and l."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("ı", "i").replace("ł", "l"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@cache
def load_given_names() -> Mapping[str, tuple[str, str]]:
    """Load folded first names with the first language that has them, and the sex (f or m)."""
    found = dict[str, tuple[str, str]]()
    for language in LANGUAGES:
        one = load_lexicon(language)
        for sex, names in (("f", one.women), ("m", one.men)):
            for name in names:
                found.setdefault(fold(name), (language, sex))
    return found


@cache
def load_surnames() -> Mapping[str, str]:
    """Load folded surnames with the first language that has them."""
    found = dict[str, str]()
    for language in LANGUAGES:
        for name in load_lexicon(language).surnames:
            found.setdefault(fold(name), language)
    return found


@cache
def _load_heading_words() -> dict[str, frozenset[str]]:
    return {kind: frozenset(map(_normalise_heading, words)) for kind, words in _load_data()["headings"].items()}


@cache
def load_titles() -> frozenset[str]:
    """Load titles before names: folded, without full stops."""
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
    """Return the kinds of `people.toml` that a heading names."""
    plain = _normalise_heading(heading)
    found = set[str]()
    for kind, words in _load_heading_words().items():
        for word in words:
            # Long words also match within compounds such as Patientenname; Japanese has no spaces.
            is_long = len(word) > (1 if _EASTERN_NAME.match(word) else 5)
            within = is_long and word.replace(" ", "") in plain.replace(" ", "")
            if f" {word} " in f" {plain} " or within or (word == "name" and plain.endswith("name")):
                found.add(kind)
    return frozenset(found)


def split_name(cell: str) -> list[str]:
    """Split a name into words, without titles and initials."""
    if _EASTERN_NAME.fullmatch(cell):
        return _split_eastern_name(cell)
    words = [word for word in re.split(r"[\s,]+", cell) if word]
    kept = [word for word in words if fold(word).rstrip(".") not in load_titles()]
    return [word for word in kept if not _INITIAL.fullmatch(word)] or kept


def _split_eastern_name(cell: str) -> list[str]:
    first, _, second = cell.replace("\u3000", " ").partition(" ")
    if second:
        return [first, second]
    known = next((size for size in (3, 2, 1) if fold(cell[:size]) in load_surnames() and len(cell) > size), 0)
    return [cell[:known], cell[known:]] if known else [cell]


def has_title(cell: str) -> bool:
    """Whether a name begins with a title."""
    words = cell.split()
    return len(words) > 1 and fold(words[0]).rstrip(".") in load_titles()


def detect_kind(heading: str, cells: Iterable[str]) -> PersonalKind | None:
    """Detect the kind of personal data in a column's non-empty cells; None if there is none."""
    counts = Counter(cells)
    different = [cell for cell, _ in counts.most_common(_MAX_SAMPLED_CELLS)]
    if not different:
        return None
    heading_kinds, enough = find_heading_kinds(heading), len(different) >= _MIN_DISTINCT_CELLS
    if _compute_share(different, _MAIL.search) >= 0.5:
        return PersonalKind.MAIL
    return (
        _detect_number_kind(heading_kinds, different, enough=enough)
        or _detect_contact_kind(heading_kinds, different, enough=enough)
        or _detect_name_kind(heading_kinds, different, enough=enough)
    )


def _compute_share(cells: Sequence[str], test: Callable[[str], object]) -> float:
    """Return the share of cells that pass a test."""
    return sum(bool(test(cell)) for cell in cells) / len(cells)


def _detect_number_kind(heading_kinds: frozenset[str], cells: list[str], *, enough: bool) -> PersonalKind | None:
    """Detect numbers of accounts, cards and documents."""
    if _compute_share(cells, is_iban) >= 0.5 or (
        "account" in heading_kinds and _compute_share(cells, _has_digits) >= 0.7
    ):
        return PersonalKind.ACCOUNT
    is_named_card = "card" in heading_kinds
    if _compute_share(cells, _CARD.fullmatch) >= (0.5 if is_named_card else 0.9) and (
        is_named_card or _compute_share(cells, is_card) >= 0.9
    ):
        return PersonalKind.CARD
    if "number" in heading_kinds and _compute_share(cells, _is_short_number) >= 0.7:
        return PersonalKind.NUMBER
    if enough and _compute_share(cells, _OFFICIAL_NUMBER.fullmatch) >= 0.9:
        return PersonalKind.NUMBER
    return None


def _detect_contact_kind(heading_kinds: frozenset[str], cells: list[str], *, enough: bool) -> PersonalKind | None:
    """Detect telephone numbers, columns that mix these with e-mail addresses, and postal addresses."""
    if "phone" in heading_kinds and _compute_share(cells, _PHONE.fullmatch) >= 0.5:
        return PersonalKind.PHONE
    if enough and _compute_share(cells, _is_callable_phone) >= 0.9:
        return PersonalKind.PHONE
    if _compute_share(cells, lambda cell: _MAIL.search(cell) or _is_callable_phone(cell)) >= 0.8:
        return PersonalKind.MAIL
    if _compute_share(cells, lambda cell: _has_digits(cell) and _build_street_pattern().search(cell)) >= 0.5:
        return PersonalKind.ADDRESS
    is_named_address = "address" in heading_kinds and "mail" not in heading_kinds
    if (
        is_named_address
        and _compute_share(cells, lambda cell: len(cell) > 4 and not cell.isdigit() and " " in cell) >= 0.5
    ):
        return PersonalKind.ADDRESS
    return None


def _detect_name_kind(heading_kinds: frozenset[str], cells: list[str], *, enough: bool) -> PersonalKind | None:
    parts = [split_name(cell) if _is_like_name(cell) else [] for cell in cells]
    count = len(cells)
    like = sum(map(bool, parts)) / count
    several = sum(len(words) > 1 for words in parts) / count
    given = sum(any(fold(word) in load_given_names() for word in words) for words in parts) / count
    family = sum(any(fold(word) in load_surnames() for word in words) for words in parts) / count
    known = (
        sum(any(fold(word) in load_given_names() or fold(word) in load_surnames() for word in words) for words in parts)
        / count
    )
    titled = sum(map(has_title, cells)) / count
    if like < 0.6:
        return None
    if heading_kinds & {"person", "who"} and sum(bool(_EASTERN_NAME.fullmatch(cell)) for cell in cells) >= 0.6 * count:
        return PersonalKind.PERSON
    if ("person" in heading_kinds and several >= 0.5) or (titled >= 0.5 and (enough or "who" in heading_kinds)):
        return PersonalKind.PERSON
    if "given" in heading_kinds and several < 0.7 and not heading_kinds & {"family", "person"}:
        return PersonalKind.GIVEN
    if "family" in heading_kinds and several < 0.7:
        return PersonalKind.FAMILY
    if several >= 0.5:
        if heading_kinds & {"name", "who", "given", "family"} and known >= 0.2:
            return PersonalKind.PERSON
        # The heading decides for names that no list has, unless they are ordinary words.
        is_name = "who" in heading_kinds or ("name" in heading_kinds and _rate_frequency(cells) < _MIN_COMMON_FREQUENCY)
        if is_name and count >= 2 * _MIN_DISTINCT_CELLS and several >= 0.7:
            return PersonalKind.PERSON
        return PersonalKind.PERSON if enough and several >= 0.7 and given >= 0.35 else None
    if heading_kinds & {"name", "who", "given"} and max(given, family) >= 0.3:
        return PersonalKind.GIVEN if given >= family else PersonalKind.FAMILY
    if enough and count >= 2 * _MIN_DISTINCT_CELLS and max(given, family) >= 0.6:
        return PersonalKind.GIVEN if given >= family else PersonalKind.FAMILY
    return None


def _rate_frequency(cells: Sequence[str]) -> float:
    """Rate how common the words of cells are on the Zipf scale, from 0 to 8: the mean of each word's maximum over
    languages.
    """
    from wordfreq import zipf_frequency

    words = [word.casefold() for cell in cells[:_MAX_RATED_CELLS] for word in cell.split()]
    return sum(max(zipf_frequency(word, language) for language in _RATED_LANGUAGES) for word in words) / max(
        len(words), 1
    )


def _is_like_name(cell: str) -> bool:
    if _EASTERN_NAME.fullmatch(cell):
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
    plain = cell.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_card(cell: str) -> bool:
    """Whether a cell is a card number with a valid check digit (Luhn)."""
    digits = [int(sign) for sign in cell if sign.isdigit()][::-1]
    return (
        12 < len(digits) < 20
        and sum(digit if not at % 2 else (2 * digit) % 9 if digit < 9 else 9 for at, digit in enumerate(digits)) % 10
        == 0
    )


def _is_short_number(cell: str) -> bool:
    return _has_digits(cell) and len(cell) <= 40 and len(cell.split()) <= 8


def _is_callable_phone(cell: str) -> bool:
    return bool(_PHONE.fullmatch(cell) and _CALLABLE_PHONE.match(cell)) and not _is_day(cell)


def _has_digits(cell: str) -> bool:
    return sum(sign.isdigit() for sign in cell) >= 3


def _is_day(cell: str) -> bool:
    return bool(re.fullmatch(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}", cell))
