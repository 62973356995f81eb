"""Creates fictional people, and formats their names, e-mail addresses, numbers and addresses like the real cells of a
column (templates and shapes).
"""

from __future__ import annotations

import hashlib
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from .personal_data import (
    LANGUAGES,
    NAME_KINDS,
    PersonalKind,
    fold,
    is_card,
    is_iban,
    load_given_names,
    load_lexicon,
    load_titles,
    split_name,
)
from .shapes import CHARACTER_ALPHABETS, build_character_shape

# Returns a random integer in [0, n).
Draw = Callable[[int], int]
_MAX_SHAPES = 20
# Sample size for detecting the language.
_MAX_LANGUAGE_CELLS = 2_000
_PHONE_PREFIX = re.compile(r"\+\d{1,2}|00\d{2}|\(?0")


@dataclass(frozen=True, slots=True)
class Person:
    """A fictional person; `number` is random and names the mailbox if the name is not ASCII."""

    given_name: str
    family_name: str
    number: int
    initial: str = ""

    @property
    def email(self) -> str:
        """The e-mail address, at a reserved domain."""
        parts = [fold(name).replace("-", "") for name in (self.given_name, self.initial, self.family_name) if name]
        mailbox = (
            ".".join(parts)
            if all(part.isascii() and part.isalpha() for part in parts)
            else f"person{self.number % 1_000_000}"
        )
        return f"{mailbox}@example.org"


def create_person(draw: Draw, language: str, sex: str = "") -> Person:
    """Create a person with a name typical of `language`; a `sex` of "f" or "m" chooses the given name."""
    lexicon = load_lexicon(language)
    is_female = sex == "f" if sex else draw(2) == 0
    pool = lexicon.women if is_female else lexicon.men
    family_name = lexicon.roots[draw(len(lexicon.roots))] + lexicon.ends[draw(len(lexicon.ends))]
    return Person(pool[draw(len(pool))], family_name, draw(2**40))


def build_template(cell: str, kind: str, language: str) -> str:
    """Return the template of a cell with a name, e-mail or postal address: its language, a tab, and the text with
    placeholders.
    """
    if kind == PersonalKind.MAIL:
        return f"{language}\t{{mail}}"
    if kind == PersonalKind.ADDRESS:
        _, comma, after_street = cell.partition(",")
        tail = re.sub(r"[^\W\d_]{4,}", "{town}", re.sub(r"\d", "#", after_street), count=1) if comma else ""
        # The house number may follow a comma.
        return f"{language}\t{{street}}{', ' + _build_town_part(tail).strip() if '{town}' in tail else ''}"
    parts = split_name(cell)
    title_prefix = " ".join(word for word in cell.split() if fold(word).rstrip(",.") in load_titles())
    title_prefix = f"{title_prefix} " if title_prefix and len(title_prefix) < len(cell) else ""
    family_placeholder = (
        "{FAMILY}" if len(parts) > 1 and any(part.isupper() and len(part) > 2 for part in parts) else "{family}"
    )
    is_japanese = language == "ja"
    if kind == PersonalKind.GIVEN or (
        kind == PersonalKind.PERSON and len(parts) == 1 and fold(parts[0]) in load_given_names()
    ):
        name_template = "{given}"
    elif kind == PersonalKind.FAMILY or (kind == PersonalKind.PERSON and len(parts) == 1 and not is_japanese):
        initial = re.search(r"\b[^\W\d_]\.", cell) if kind == PersonalKind.PERSON else None
        name_template = f"{{letter}}. {family_placeholder}" if initial else family_placeholder
    elif "," in cell:
        name_template = f"{family_placeholder}, {{given}}"
    elif is_japanese:
        name_template = "{family} {given}" if len(cell.split()) > 1 else "{family}{given}"
    else:
        name_template = f"{{given}} {family_placeholder}"
    return f"{language}\t{title_prefix}{name_template}"


def _build_town_part(tail: str) -> str:
    """Return the part after a street: a postcode and one town."""
    code = re.search(r"#[# -]*#", tail)
    return f" {code[0]} {{town}}" if code else " {town}"


def fill_template(template: str, person: Person, draw: Draw) -> str:
    """Fill a template with a person's data."""
    language, _, text = template.partition("\t")
    lexicon = load_lexicon(language)
    given_name = f"{person.given_name} {person.initial}." if person.initial else person.given_name
    values = {
        "given": given_name,
        "family": person.family_name,
        "FAMILY": person.family_name.upper(),
        "letter": person.given_name[0],
        "mail": person.email,
    }
    if "{street}" in text:
        values["street"] = lexicon.street.format(
            street=lexicon.streets[draw(len(lexicon.streets))], number=1 + draw(180)
        )
        values["town"] = lexicon.towns[draw(len(lexicon.towns))]
    for placeholder, value in values.items():
        text = text.replace(f"{{{placeholder}}}", value)
    return re.sub("#", lambda _: str(draw(10)), text)


def build_number_shape(cell: str, kind: str) -> str:
    """Return the shape of a personal number; the country code of a phone number or IBAN and the first digit of a card
    number are kept literally.
    """
    prefix_length = 0
    if kind == PersonalKind.PHONE and (prefix := _PHONE_PREFIX.match(cell)):
        prefix_length = prefix.end()
    elif kind == PersonalKind.ACCOUNT and cell[:2].isalpha():
        prefix_length = 2
    elif kind == PersonalKind.CARD:
        prefix_length = 1
    return "".join(f"\\{char}" for char in cell[:prefix_length]) + "".join(
        map(build_character_shape, cell[prefix_length:])
    )


def fill_shape(shape: str, draw: Draw) -> str:
    """Generate a random string that matches a shape."""
    chars, position = list[str](), 0
    while position < len(shape):
        if shape[position] == "\\":
            position += 1
            chars.append(shape[position : position + 1])
        elif shape[position] in CHARACTER_ALPHABETS:
            alphabet = CHARACTER_ALPHABETS[shape[position]]
            # A number with several digits has no leading zero.
            first_index = 1 if shape[position] == "0" and not position and len(shape) > 1 else 0
            chars.append(alphabet[first_index + draw(len(alphabet) - first_index)])
        else:
            chars.append(shape[position])
        position += 1
    return "".join(chars)


def fix_check_digits(text: str, kind: str) -> str:
    """Replace the check digits of a number with valid ones, if its kind has any."""
    if kind == PersonalKind.CARD:
        return next((candidate for digit in string.digits if is_card(candidate := f"{text[:-1]}{digit}")), text)
    if kind == PersonalKind.ACCOUNT and re.match(r"[A-Z]{2}\d\d", text):
        return next(
            (candidate for digits in range(2, 99) if is_iban(candidate := f"{text[:2]}{digits:02}{text[4:]}")), text
        )
    return text


def collect_personal_shapes(cells: Iterable[str], kind: str) -> tuple[tuple[str, int], ...]:
    """Return the most frequent templates or shapes of a column with personal data, with their counts."""
    cells = list(cells)
    language = detect_language(cells)
    shape_by_cell = {
        cell: build_template(cell, kind, language) if kind in _TEMPLATE_KINDS else build_number_shape(cell, kind)
        for cell in set(cells)
    }
    return tuple(Counter(shape_by_cell[cell] for cell in cells).most_common(_MAX_SHAPES))


_TEMPLATE_KINDS = (*NAME_KINDS, PersonalKind.MAIL, PersonalKind.ADDRESS)


def detect_language(cells: Iterable[str]) -> str:
    """Return the language that matches most names or addresses."""
    cells = list(dict.fromkeys(cells))
    scores = Counter[str]()
    for cell in cells[:_MAX_LANGUAGE_CELLS]:
        words = [fold(word) for word in re.findall(r"[^\W\d_]+", cell.split("@")[0])]
        for language in LANGUAGES:
            names, street_pattern = _load_name_vocabulary(language)
            scores[language] += sum(word in names for word in words) + (3 if street_pattern.search(cell) else 0)
    if not any(scores.values()):
        text = "".join(cells)
        return "ru" if re.search("[а-я]", text, re.IGNORECASE) else "ja" if re.search("[\u3040-\u9fff]", text) else "en"
    return max(LANGUAGES, key=lambda language: scores[language])


@cache
def _load_name_vocabulary(language: str) -> tuple[frozenset[str], re.Pattern[str]]:
    """Return the folded names of a language, and the pattern of its street words."""
    lexicon = load_lexicon(language)
    names = (*lexicon.women, *lexicon.men, *lexicon.surnames)
    return frozenset(map(fold, names)), re.compile(lexicon.mark, re.IGNORECASE)


def build_name_key(name: str) -> str:
    """Return the words of a name, folded and sorted: the same for "Anna Schmidt", "Schmidt, Anna" and "anna.schmidt"."""
    words = (fold(word).replace("ue", "u").replace("ae", "a").replace("oe", "o") for word in split_name(name))
    return " ".join(sorted(part for word in words for part in re.findall(r"[^\W\d_]+", word)))


def compute_fingerprint(text: str) -> bytes:
    """Return a hash that identifies a text without storing it."""
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
