"""Fictional people: their names, e-mail addresses, numbers and addresses, in the format of their columns. Personal
data is replaced before anything is learnt. The replacement of a person follows only from a secret and the name, so
a person gets the same one in every row, and in every table that is read with that secret.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from bot.errors import RefusedError

from .personal_data import (
    LANGUAGES,
    NAME_KINDS,
    PersonalKind,
    detect_kind,
    fold,
    is_card,
    is_iban,
    is_mail,
    load_given_names,
    load_lexicon,
    load_titles,
    split_name,
)
from .shapes import SIGN_ALPHABETS, classify_sign
from .table import PersonalColumn, Table, find_heading, is_missing

# Draws an integer from 0 to below a number.
Draw = Callable[[int], int]
_MAX_SHAPES = 20
# First names tried before duplicates are accepted.
_MAX_NAME_ATTEMPTS = 200
# Sample size for detecting the language.
_MAX_LANGUAGE_CELLS = 2_000
_PHONE_PREFIX = re.compile(r"\+\d{1,2}|00\d{2}|\(?0")


@dataclass(frozen=True, slots=True)
class Person:
    """A fictional person with a unique `number`."""

    given: str
    family: str
    number: int
    initial: str = ""

    @property
    def mail(self) -> str:
        """The e-mail address, at a reserved domain."""
        parts = [fold(one).replace("-", "") for one in (self.given, self.initial, self.family) if one]
        name = (
            ".".join(parts)
            if all(one.isascii() and one.isalpha() for one in parts)
            else f"person{self.number % 1_000_000}"
        )
        return f"{name}@example.org"


def create_person(draw: Draw, language: str, sex: str = "") -> Person:
    """Create a person with a name of a language."""
    words = load_lexicon(language)
    women = sex == "f" if sex else draw(2) == 0
    pool = words.women if women else words.men
    family = words.roots[draw(len(words.roots))] + words.ends[draw(len(words.ends))]
    return Person(pool[draw(len(pool))], family, draw(2**40))


def build_template(cell: str, kind: str, language: str) -> str:
    """Return the template of a cell with a name, e-mail or postal address: its language, a tab, and the text with
    placeholders.
    """
    if kind == PersonalKind.MAIL:
        return f"{language}\t{{mail}}"
    if kind == PersonalKind.ADDRESS:
        _, comma, rest = cell.partition(",")
        tail = re.sub(r"[^\W\d_]{4,}", "{town}", re.sub(r"\d", "#", rest), count=1) if comma else ""
        # The number of a street may follow a comma.
        return f"{language}\t{{street}}{', ' + _build_town_part(tail).strip() if '{town}' in tail else ''}"
    parts = split_name(cell)
    before = " ".join(word for word in cell.split() if fold(word).rstrip(",.") in load_titles())
    before = f"{before} " if before and len(before) < len(cell) else ""
    family = "{FAMILY}" if len(parts) > 1 and any(one.isupper() and len(one) > 2 for one in parts) else "{family}"
    eastern = language == "ja"
    if kind == PersonalKind.GIVEN or (
        kind == PersonalKind.PERSON and len(parts) == 1 and fold(parts[0]) in load_given_names()
    ):
        written = "{given}"
    elif kind == PersonalKind.FAMILY or (kind == PersonalKind.PERSON and len(parts) == 1 and not eastern):
        initial = re.search(r"\b[^\W\d_]\.", cell) if kind == PersonalKind.PERSON else None
        written = f"{{letter}}. {family}" if initial else family
    elif "," in cell:
        written = f"{family}, {{given}}"
    elif eastern:
        written = "{family} {given}" if len(cell.split()) > 1 else "{family}{given}"
    else:
        written = f"{{given}} {family}"
    return f"{language}\t{before}{written}"


def _build_town_part(tail: str) -> str:
    """Return the part after a street: a postcode and one town."""
    code = re.search(r"#[# -]*#", tail)
    return f" {code[0]} {{town}}" if code else " {town}"


def fill_template(template: str, person: Person, draw: Draw) -> str:
    """Fill a template with a person's data."""
    language, _, text = template.partition("\t")
    words = load_lexicon(language)
    given = f"{person.given} {person.initial}." if person.initial else person.given
    parts = {
        "given": given,
        "family": person.family,
        "FAMILY": person.family.upper(),
        "letter": person.given[0],
        "mail": person.mail,
    }
    if "{street}" in text:
        parts["street"] = words.street.format(street=words.streets[draw(len(words.streets))], number=1 + draw(180))
        parts["town"] = words.towns[draw(len(words.towns))]
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return re.sub("#", lambda _: str(draw(10)), text)


def build_number_shape(cell: str, kind: str) -> str:
    """Return the shape of a personal number; the country of a phone or account and the first digit of a card are
    literal.
    """
    kept = 0
    if kind == PersonalKind.PHONE and (found := _PHONE_PREFIX.match(cell)):
        kept = found.end()
    elif kind == PersonalKind.ACCOUNT and cell[:2].isalpha():
        kept = 2
    elif kind == PersonalKind.CARD:
        kept = 1
    return "".join(f"\\{sign}" for sign in cell[:kept]) + "".join(map(classify_sign, cell[kept:]))


def fill_shape(shape: str, draw: Draw) -> str:
    """Generate a text of a shape."""
    signs, at = list[str](), 0
    while at < len(shape):
        if shape[at] == "\\":
            at += 1
            signs.append(shape[at : at + 1])
        elif shape[at] in SIGN_ALPHABETS:
            choice = SIGN_ALPHABETS[shape[at]]
            # A number with several digits has no leading zero.
            least = 1 if shape[at] == "0" and not at and len(shape) > 1 else 0
            signs.append(choice[least + draw(len(choice) - least)])
        else:
            signs.append(shape[at])
        at += 1
    return "".join(signs)


def add_check_digits(text: str, kind: str) -> str:
    """Set the check digits of a number, if its kind has any."""
    if kind == PersonalKind.CARD:
        return next((one for digit in string.digits if is_card(one := f"{text[:-1]}{digit}")), text)
    if kind == PersonalKind.ACCOUNT and re.match(r"[A-Z]{2}\d\d", text):
        return next((one for digits in range(2, 99) if is_iban(one := f"{text[:2]}{digits:02}{text[4:]}")), text)
    return text


def collect_personal_shapes(cells: Iterable[str], kind: str) -> tuple[tuple[str, int], ...]:
    """Return the most frequent templates or shapes of a column with personal data, with their counts."""
    cells = list(cells)
    language = detect_language(cells)
    written = {
        cell: build_template(cell, kind, language) if kind in _TEMPLATE_KINDS else build_number_shape(cell, kind)
        for cell in set(cells)
    }
    return tuple(Counter(written[cell] for cell in cells).most_common(_MAX_SHAPES))


_TEMPLATE_KINDS = (*NAME_KINDS, PersonalKind.MAIL, PersonalKind.ADDRESS)


def detect_language(cells: Iterable[str]) -> str:
    """Return the language that matches most names or addresses."""
    found = Counter[str]()
    for cell in islice(set(cells), _MAX_LANGUAGE_CELLS):
        words = [fold(word) for word in re.findall(r"[^\W\d_]+", cell.split("@")[0])]
        for language in LANGUAGES:
            known, mark = _load_language_names(language)
            found[language] += sum(word in known for word in words) + (3 if mark.search(cell) else 0)
    if not any(found.values()):
        text = "".join(cells if isinstance(cells, list) else list(cells))
        return "ru" if re.search("[а-я]", text, re.IGNORECASE) else "ja" if re.search("[\u3040-\u9fff]", text) else "en"
    return max(LANGUAGES, key=lambda language: found[language])


@cache
def _load_language_names(language: str) -> tuple[frozenset[str], re.Pattern[str]]:
    words = load_lexicon(language)
    names = (*words.women, *words.men, *words.surnames)
    return frozenset(map(fold, names)), re.compile(words.mark, re.IGNORECASE)


class PersonRegister:
    """The fictional replacements of people for all tables that are read with it: the replacement of a cell follows
    from `secret` and the cell. No person in it has the name of a real one.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._people: dict[str, Person] = {}
        self._replacements: dict[tuple[str, str], str] = {}
        self._used_names = set[str]()

    def replace_people(
        self, table: Table, personal: Mapping[str, PersonalKind | None] = {}, kept: Iterable[str] = ()
    ) -> Table:
        """Return the table with personal data replaced. Columns in `personal` hold such data, too, of the given kind;
        those in `kept` are unchanged.

        Raises:
            FileError: the table has no such column.
            RefusedError: a column is both personal and kept.
        """
        kept_names = {find_heading(table.columns, one) for one in kept}
        named = {find_heading(table.columns, one): kind for one, kind in personal.items()}
        if both := kept_names & named.keys():
            raise RefusedError('"{name}" cannot be personal and kept at once. Name it once.', name=min(both))
        kinds = dict[str, PersonalKind]()
        for name, cells in table.columns.items():
            filled_cells = [cell for cell in cells if not is_missing(cell)]
            if name in kept_names or not filled_cells:
                continue
            kind = detect_kind(name, filled_cells)
            if name in named:
                kind = named[name] or kind or _guess_kind(filled_cells)
            if kind is not None:
                kinds[name] = kind
        slots = _assign_slots(table, kinds)
        real = frozenset(_fingerprint_cell(name, cell) for name in kinds for cell in set(table.columns[name]))
        columns = dict(table.columns)
        keys = {slot: self._build_keys(table, kinds, slots, slot) for slot in set(slots.values())}
        languages = {
            slot: detect_language([c for n, s in slots.items() if s == slot for c in table.columns[n]]) for slot in keys
        }
        real |= {compute_fingerprint(f"\tperson\t{key}") for rows in keys.values() for key in set(rows) if key}
        for slot, rows in keys.items():
            is_short = all(kinds[name] is PersonalKind.GIVEN for name, one in slots.items() if one == slot)
            self._create_people({key for key in rows if key}, languages[slot], is_short=is_short)
        default_language = next(iter(languages.values()), "")
        for name, kind in kinds.items():
            rows = keys.get(slots.get(name, -1), [""] * table.rows)
            language = languages.get(slots.get(name, -1)) or default_language or detect_language(table.columns[name])
            columns[name] = [
                cell if is_missing(cell) else self._replace_cell(cell, kind, key, language, real, name)
                for cell, key in zip(table.columns[name], rows, strict=True)
            ]
        about = {name: PersonalColumn(kind.value, slots.get(name, -1)) for name, kind in kinds.items()}
        return replace(
            table,
            columns=columns,
            personal=about,
            real=real,
            kept=tuple(one for one in table.columns if one in kept_names),
        )

    def _build_keys(
        self, table: Table, kinds: Mapping[str, PersonalKind], slots: Mapping[str, int], slot: int
    ) -> list[str]:
        """Return the key of the person in each row: the words of their name, or else of their e-mail address, folded
        and sorted.
        """
        names = [name for name, one in slots.items() if one == slot and kinds[name] in NAME_KINDS]
        mails = [name for name, one in slots.items() if one == slot and kinds[name] is PersonalKind.MAIL]
        rows = list[str]()
        for at in range(table.rows):
            cells = [cell for name in names if not is_missing(cell := table.columns[name][at])]
            if not cells:
                cells = [re.sub(r"[\W_\d]+", " ", table.columns[name][at].partition("@")[0]) for name in mails]
            rows.append(build_name_key(" ".join(cells)))
        return rows

    def _create_people(self, keys: set[str], language: str, *, is_short: bool) -> None:
        """Create a person for each key, in an order independent of the tables. If only first names are known, none is
        a real one, as long as there are others.
        """
        new = sorted((self._derive_draw("person", key)(2**62), key) for key in keys if key not in self._people)
        real = keys | self._people.keys()
        for _, key in new:
            sex = next((load_given_names()[word][1] for word in key.split() if word in load_given_names()), "")
            for attempt in range(10_000):
                draw = self._derive_draw("person", key, str(attempt))
                one = create_person(draw, language, sex)
                if attempt > 2 and not is_short:  # An initial distinguishes people with the same name.
                    one = replace(one, initial=string.ascii_uppercase[draw(26)] if attempt < 100 else f"{attempt}")
                name = build_name_key(one.given if is_short else f"{one.given} {one.family}")
                called = f"{name} {one.initial}"
                if (called not in self._used_names and name not in real) or (is_short and attempt > _MAX_NAME_ATTEMPTS):
                    break
            self._used_names.add(called)
            self._people[key] = one

    def _replace_cell(
        self, cell: str, kind: PersonalKind, key: str, language: str, real: frozenset[bytes], name: str
    ) -> str:
        if kind in NAME_KINDS and key in self._people:
            return fill_template(build_template(cell, kind, language), self._people[key], self._derive_draw(kind, cell))
        known = self._replacements.get((kind, cell))
        if known is not None:
            return known
        for attempt in range(10_000):
            draw = self._derive_draw(kind, cell, str(attempt))
            if kind is PersonalKind.MAIL and is_mail(cell):
                one = self._people.get(key) or create_person(draw, "en")
                made = one.mail if not attempt else one.mail.replace("@", f"{draw(10 ** (1 + attempt // 5))}@")
            elif kind in (*NAME_KINDS, PersonalKind.ADDRESS):
                made = fill_template(build_template(cell, kind, language), create_person(draw, language), draw)
            else:
                made = add_check_digits(fill_shape(build_number_shape(cell, kind), draw), kind)
            # Very short values have too few alternatives.
            if (f"{kind} {made}" not in self._used_names and _fingerprint_cell(name, made) not in real) or attempt > 50:
                break
        self._used_names.add(f"{kind} {made}")
        self._replacements[kind, cell] = made
        return made

    def _derive_draw(self, *parts: str) -> Draw:
        """Return random numbers derived from the secret and these parts."""
        body = hashlib.blake2b("\t".join(parts).encode(), key=self._secret[:64], digest_size=64).digest()
        state = [int.from_bytes(body, "big")]

        def draw(below: int) -> int:
            if state[0] < below << 16:
                again = hashlib.blake2b(body + str(state[0]).encode(), digest_size=64).digest()
                state[0] = int.from_bytes(again, "big")
            state[0], one = divmod(state[0], below)
            return one

        return draw


def build_name_key(name: str) -> str:
    """Return the words of a name, folded and sorted: the same for "Anna Schmidt", "Schmidt, Anna" and "anna.schmidt"."""
    words = (fold(word).replace("ue", "u").replace("ae", "a").replace("oe", "o") for word in split_name(name))
    return " ".join(sorted(part for word in words for part in re.findall(r"[^\W\d_]+", word)))


def _fingerprint_cell(name: str, cell: str) -> bytes:
    return compute_fingerprint(f"{name}\t{cell}")


def compute_fingerprint(text: str) -> bytes:
    """Return a hash that identifies a text without storing it."""
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _guess_kind(cells: list[str]) -> PersonalKind:
    """Guess the kind of a column that a user calls personal and that was not recognised."""
    if sum(map(is_mail, cells)) > len(cells) / 2:
        return PersonalKind.MAIL
    if sum(any(map(str.isdigit, cell)) for cell in cells) > len(cells) / 2:
        return PersonalKind.NUMBER
    several = sum(len(split_name(cell)) > 1 for cell in cells)
    return PersonalKind.PERSON if several > len(cells) / 2 else PersonalKind.FAMILY


def _assign_slots(table: Table, kinds: Mapping[str, PersonalKind]) -> dict[str, int]:
    """Map columns with names and e-mail addresses to persons: a full name, or a first name and the following surname;
    an e-mail address belongs to the name whose words it has.
    """
    slots, open_slots = dict[str, int](), dict[PersonalKind, int]()
    count = 0
    for name, kind in kinds.items():
        if kind is PersonalKind.PERSON:
            slots[name], count = count, count + 1
        elif kind in (PersonalKind.GIVEN, PersonalKind.FAMILY):
            other = PersonalKind.FAMILY if kind is PersonalKind.GIVEN else PersonalKind.GIVEN
            if other in open_slots:
                slots[name] = open_slots.pop(other)
            else:
                slots[name] = open_slots[kind] = count
                count += 1
    named = set(slots.values())
    for name, kind in kinds.items():
        if kind is not PersonalKind.MAIL:
            continue
        overlaps = {
            slot: _measure_overlap(table, name, [one for one, at in slots.items() if at == slot]) for slot in named
        }
        best = max(overlaps, key=lambda slot: (overlaps[slot], -slot), default=-1)
        if best < 0:
            best, count = count, count + 1
        slots[name] = best
    return slots


def _measure_overlap(table: Table, mail: str, names: list[str]) -> float:
    """Return the share of rows in which an e-mail address has a word of a name."""
    rows = range(min(table.rows, 500))
    hits = 0
    for at in rows:
        local = build_name_key(re.sub(r"[\W_\d]+", " ", table.columns[mail][at].partition("@")[0])).replace(" ", "")
        words = build_name_key(" ".join(table.columns[name][at] for name in names)).split()
        hits += any(len(word) > 2 and word in local for word in words)
    return hits / max(len(rows), 1)
