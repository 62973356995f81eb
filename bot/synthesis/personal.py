"""Which columns hold what belongs to a person: names, addresses, and numbers of theirs. Found by their cells and by their headings, in
eleven languages (`people.toml`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from bot.checks.cells import is_formula
from bot.errors import RefusedError

# Cells that are looked at.
_MAX_LOOKED_AT = 2_000
# Fewer different cells tell nothing without a heading.
_MIN_DIFFERENT = 5
# Cells and languages by which ordinary words are known, and how common these are at least.
_MAX_WEIGHED, _WEIGHED, _ORDINARY = 100, ("en", "de", "es", "fr", "it", "pt"), 4.0
LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "nl", "pl", "tr", "ru", "ja")

_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^\W\d_]{2,}")
_PHONE = re.compile(r"(?=(?:\D*\d){6,15}\D*$)[+(]?[\d(][\d ()./\-–]*\d(?:\s*(?:ext|x|-)\.?\s*\d{1,5})?")
_CALLED = re.compile(r"\+|00[1-9]|\(0?\d|0\d{1,5}[ /\-–]|\d{3}[\-. ]\d{3}[\-. ]\d{4}$")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_CARD = re.compile(r"[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}")
# Numbers of authorities that are known by their form alone: SSN, CPF, codice fiscale, DNI and NIE, NIR, CURP, NINO.
_OFFICIAL = re.compile(
    r"""\d{3}-\d{2}-\d{4} | \d{3}\.\d{3}\.\d{3}-\d{2} | [A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]
    | [XYZ]?\d{7,8}-?[TRWAGMYFPDXBNJZSQVHLCKE] | [12][ ]?\d{2}[ ]?(?:0\d|1[0-2])[ ]?\d[\dAB][ ]?\d{3}[ ]?\d{3}(?:[ ]?\d{2})?
    | [A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d | [A-Z]{2}[ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-D]""",
    re.VERBOSE,
)
_JOINED = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])")
_SIGN = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々]"
_EASTERN = re.compile(rf"{_SIGN}{{2,8}}(?:[ \u3000]{_SIGN}{{1,6}})?")
_INITIAL = re.compile(r"[^\W\d_]\.?")
_WORD = re.compile(r"""[^\W\d_][^\s\d_,;:!?@#/\\()\[\]{}<>|+*=&%$"]*""")


class Kind(StrEnum):
    """What of a person a column holds."""

    PERSON = "person"
    GIVEN = "given name"
    FAMILY = "family name"
    MAIL = "e-mail address"
    PHONE = "phone number"
    ACCOUNT = "account number"
    CARD = "card number"
    NUMBER = "personal number"
    ADDRESS = "address"


def kinds_of(named: Sequence[str]) -> dict[str, Kind | None]:
    """Columns that were said to be personal, such as "contact" or "contact=phone number", with what they hold where that was said.

    Raises:
        RefusedError: there is no such kind.
    """
    found = dict[str, Kind | None]()
    for one in named:
        name, sign, kind = one.partition("=")
        known = {value.value: value for value in Kind} | {value.name.casefold(): value for value in Kind}
        if sign and kind.strip().casefold() not in known:
            unknown = "I do not know “{kind}”. A personal column holds one of these: {kinds}."
            raise RefusedError(unknown, kind=kind.strip(), kinds=[value.value for value in Kind])
        found[name.strip()] = known[kind.strip().casefold()] if sign else None
    return found


NAMES = (Kind.PERSON, Kind.GIVEN, Kind.FAMILY)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What people and streets are called in a language."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    # Made-up surnames are put together of these.
    roots: tuple[str, ...]
    ends: tuple[str, ...]
    # How an address is written, and a pattern of what stands beside its number.
    street: str
    mark: str
    streets: tuple[str, ...]
    towns: tuple[str, ...]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("bot.synthesis") / "people.toml").read_text(encoding="utf-8"))


@cache
def lexicon(language: str) -> Lexicon:
    """The names of a language."""
    words: dict[str, Any] = {
        key: tuple(one) if isinstance(one, list) else one for key, one in _data()[language].items()
    }
    return Lexicon(**words)


@cache
def fold(text: str) -> str:
    """A text without case and accents; German ä, ö and ü as those who write ae, oe and ue mean them."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("ı", "i").replace("ł", "l"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@cache
def givens() -> Mapping[str, tuple[str, str]]:
    """First names, folded, with the first language that has them, and whether they are women's (f) or men's (m)."""
    found = dict[str, tuple[str, str]]()
    for language in LANGUAGES:
        one = lexicon(language)
        for sex, names in (("f", one.women), ("m", one.men)):
            for name in names:
                found.setdefault(fold(name), (language, sex))
    return found


@cache
def surnames() -> Mapping[str, str]:
    """Surnames, folded, with the first language that has them."""
    found = dict[str, str]()
    for language in LANGUAGES:
        for name in lexicon(language).surnames:
            found.setdefault(fold(name), language)
    return found


@cache
def _headings() -> dict[str, frozenset[str]]:
    return {kind: frozenset(map(_plain, words)) for kind, words in _data()["headings"].items()}


@cache
def titles() -> frozenset[str]:
    """What stands before names: folded, without points."""
    return frozenset(fold(part).rstrip(".") for one in _data()["signs"]["titles"] for part in one.split())


@cache
def _particles() -> frozenset[str]:
    return frozenset(_data()["signs"]["particles"])


@cache
def _street() -> re.Pattern[str]:
    return re.compile("|".join(lexicon(one).mark for one in LANGUAGES), re.IGNORECASE)


def _plain(heading: str) -> str:
    words = re.findall(r"[^\W_]+", fold(_JOINED.sub(" ", heading)))
    return " ".join(f"{one[:-2]}nummer" if one.endswith("nr") else one for one in words)


@cache
def said_by(heading: str) -> frozenset[str]:
    """Which kinds of `people.toml` a heading names."""
    plain = _plain(heading)
    found = set[str]()
    for kind, words in _headings().items():
        for word in words:
            # Long words stand within compounds too, as Patientenname does; Japanese has no blanks between them.
            is_long = len(word) > (1 if _EASTERN.match(word) else 5)
            within = is_long and word.replace(" ", "") in plain.replace(" ", "")
            if f" {word} " in f" {plain} " or within or (word == "name" and plain.endswith("name")):
                found.add(kind)
    return frozenset(found)


def parts_of(cell: str) -> list[str]:
    """The words of a name, without titles and initials; the family name first where a comma says so, or as it is written so."""
    if _EASTERN.fullmatch(cell):
        return _eastern(cell)
    words = [one for one in re.split(r"[\s,]+", cell) if one]
    kept = [one for one in words if fold(one).rstrip(".") not in titles()]
    return [one for one in kept if not _INITIAL.fullmatch(one)] or kept


def _eastern(cell: str) -> list[str]:
    first, _, second = cell.replace("\u3000", " ").partition(" ")
    if second:
        return [first, second]
    known = next((size for size in (3, 2, 1) if fold(cell[:size]) in surnames() and len(cell) > size), 0)
    return [cell[:known], cell[known:]] if known else [cell]


def is_titled(cell: str) -> bool:
    """Whether a title stands before a name."""
    words = cell.split()
    return len(words) > 1 and fold(words[0]).rstrip(".") in titles()


def kind_of(heading: str, cells: Iterable[str]) -> Kind | None:
    """What of a person a column's filled cells are; None where they are nothing of the kind."""
    counts = Counter(cells)
    different = [cell for cell, _ in counts.most_common(_MAX_LOOKED_AT)]
    if not different:
        return None
    said, enough = said_by(heading), len(different) >= _MIN_DIFFERENT

    def share(good: Any) -> float:
        return sum(bool(good(cell)) for cell in different) / len(different)

    if share(_MAIL.search) >= 0.5:
        return Kind.MAIL
    if share(is_iban) >= 0.5 or ("account" in said and share(_has_digits) >= 0.7):
        return Kind.ACCOUNT
    if share(_CARD.fullmatch) >= (0.5 if "card" in said else 0.9) and ("card" in said or share(is_card) >= 0.9):
        return Kind.CARD
    if "number" in said and share(lambda cell: _has_digits(cell) and len(cell) <= 40 and len(cell.split()) <= 8) >= 0.7:
        return Kind.NUMBER
    if enough and share(_OFFICIAL.fullmatch) >= 0.9:
        return Kind.NUMBER
    if "phone" in said and share(_PHONE.fullmatch) >= 0.5:
        return Kind.PHONE
    if enough and share(lambda cell: _PHONE.fullmatch(cell) and _CALLED.match(cell) and not _is_day(cell)) >= 0.9:
        return Kind.PHONE
    if (
        share(lambda cell: _MAIL.search(cell) or (_PHONE.fullmatch(cell) and _CALLED.match(cell) and not _is_day(cell)))
        >= 0.8
    ):
        return Kind.MAIL
    if share(lambda cell: any(map(str.isdigit, cell)) and _street().search(cell)) >= 0.5:
        return Kind.ADDRESS
    if (
        "address" in said
        and "mail" not in said
        and share(lambda cell: len(cell) > 4 and not cell.isdigit() and " " in cell) >= 0.5
    ):
        return Kind.ADDRESS
    return _name_kind(said, different, enough=enough)


def _name_kind(said: frozenset[str], cells: list[str], *, enough: bool) -> Kind | None:
    parts = [parts_of(cell) if _is_like_name(cell) else [] for cell in cells]
    count = len(cells)
    like = sum(map(bool, parts)) / count
    several = sum(len(one) > 1 for one in parts) / count
    given = sum(any(fold(word) in givens() for word in one) for one in parts) / count
    family = sum(any(fold(word) in surnames() for word in one) for one in parts) / count
    known = sum(any(fold(word) in givens() or fold(word) in surnames() for word in one) for one in parts) / count
    titled = sum(map(is_titled, cells)) / count
    if like < 0.6:
        return None
    if said & {"person", "who"} and sum(bool(_EASTERN.fullmatch(cell)) for cell in cells) >= 0.6 * count:
        return Kind.PERSON
    if ("person" in said and several >= 0.5) or (titled >= 0.5 and (enough or "who" in said)):
        return Kind.PERSON
    if "given" in said and several < 0.7 and not said & {"family", "person"}:
        return Kind.GIVEN
    if "family" in said and several < 0.7:
        return Kind.FAMILY
    if several >= 0.5:
        if said & {"name", "who", "given", "family"} and known >= 0.2:
            return Kind.PERSON
        # Whom a heading names is called so, and so is what a "name" has that no dictionary knows: names from elsewhere.
        is_name = "who" in said or ("name" in said and _commonness(cells) < _ORDINARY)
        if is_name and count >= 2 * _MIN_DIFFERENT and several >= 0.7:
            return Kind.PERSON
        return Kind.PERSON if enough and several >= 0.7 and given >= 0.35 else None
    if said & {"name", "who", "given"} and max(given, family) >= 0.3:
        return Kind.GIVEN if given >= family else Kind.FAMILY
    if enough and count >= 2 * _MIN_DIFFERENT and max(given, family) >= 0.6:
        return Kind.GIVEN if given >= family else Kind.FAMILY
    return None


def _commonness(cells: Sequence[str]) -> float:
    """How common the words of cells are on the scale of Zipf, from 0 to 8: on the mean, each in the language where it is commonest."""
    from wordfreq import zipf_frequency

    words = [word.casefold() for cell in cells[:_MAX_WEIGHED] for word in cell.split()]
    return sum(max(zipf_frequency(word, language) for language in _WEIGHED) for word in words) / max(len(words), 1)


def _is_like_name(cell: str) -> bool:
    if _EASTERN.fullmatch(cell):
        return True
    words = [one for one in re.split(r"[\s,]+", cell) if one]
    if not 1 <= len(words) <= 8 or len(cell) > 70 or is_formula(cell):
        return False
    return (
        all(_WORD.fullmatch(one) or _INITIAL.fullmatch(one) for one in words)
        and len([one for one in words if one not in _particles()]) <= 6
    )


def is_mail(cell: str) -> bool:
    """Whether an e-mail address stands in it."""
    return bool(_MAIL.search(cell))


def is_iban(cell: str) -> bool:
    """Whether it is an IBAN with its check digits."""
    if not _IBAN.fullmatch(cell):
        return False
    plain = cell.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_card(cell: str) -> bool:
    """Whether it is a number with the check digit of cards (Luhn)."""
    digits = [int(sign) for sign in cell if sign.isdigit()][::-1]
    return (
        12 < len(digits) < 20
        and sum(one if not at % 2 else (2 * one) % 9 if one < 9 else 9 for at, one in enumerate(digits)) % 10 == 0
    )


def _has_digits(cell: str) -> bool:
    return sum(sign.isdigit() for sign in cell) >= 3


def _is_day(cell: str) -> bool:
    return bool(re.fullmatch(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}", cell))
