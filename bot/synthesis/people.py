"""Fictional people: their names, e-mail addresses, numbers and addresses, in the format of their columns. Personal
data is replaced before anything is learnt. A person's replacement is derived only from a secret and their name, so a
person gets the same one in every row, and in every table pseudonymised with that secret.
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
    is_email,
    is_iban,
    load_given_names,
    load_lexicon,
    load_titles,
    split_name,
)
from .shapes import CHARACTER_ALPHABETS, classify_character
from .table import PersonalColumn, Table, find_heading, is_missing

# Returns a random integer in [0, n).
Draw = Callable[[int], int]
_MAX_SHAPES = 20
# Attempts at a unique given name before a duplicate is accepted.
_MAX_GIVEN_NAME_ATTEMPTS = 200
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
        _, comma, rest = cell.partition(",")
        tail = re.sub(r"[^\W\d_]{4,}", "{town}", re.sub(r"\d", "#", rest), count=1) if comma else ""
        # The house number may follow a comma.
        return f"{language}\t{{street}}{', ' + _build_town_part(tail).strip() if '{town}' in tail else ''}"
    parts = split_name(cell)
    title_prefix = " ".join(word for word in cell.split() if fold(word).rstrip(",.") in load_titles())
    title_prefix = f"{title_prefix} " if title_prefix and len(title_prefix) < len(cell) else ""
    family_placeholder = (
        "{FAMILY}" if len(parts) > 1 and any(part.isupper() and len(part) > 2 for part in parts) else "{family}"
    )
    eastern = language == "ja"
    if kind == PersonalKind.GIVEN or (
        kind == PersonalKind.PERSON and len(parts) == 1 and fold(parts[0]) in load_given_names()
    ):
        name_template = "{given}"
    elif kind == PersonalKind.FAMILY or (kind == PersonalKind.PERSON and len(parts) == 1 and not eastern):
        initial = re.search(r"\b[^\W\d_]\.", cell) if kind == PersonalKind.PERSON else None
        name_template = f"{{letter}}. {family_placeholder}" if initial else family_placeholder
    elif "," in cell:
        name_template = f"{family_placeholder}, {{given}}"
    elif eastern:
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
        map(classify_character, cell[prefix_length:])
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
    scores = Counter[str]()
    for cell in islice(set(cells), _MAX_LANGUAGE_CELLS):
        words = [fold(word) for word in re.findall(r"[^\W\d_]+", cell.split("@")[0])]
        for language in LANGUAGES:
            names, street_pattern = _load_name_vocabulary(language)
            scores[language] += sum(word in names for word in words) + (3 if street_pattern.search(cell) else 0)
    if not any(scores.values()):
        text = "".join(cells if isinstance(cells, list) else list(cells))
        return "ru" if re.search("[а-я]", text, re.IGNORECASE) else "ja" if re.search("[\u3040-\u9fff]", text) else "en"
    return max(LANGUAGES, key=lambda language: scores[language])


@cache
def _load_name_vocabulary(language: str) -> tuple[frozenset[str], re.Pattern[str]]:
    """Return the folded names of a language, and the pattern of its street words."""
    lexicon = load_lexicon(language)
    names = (*lexicon.women, *lexicon.men, *lexicon.surnames)
    return frozenset(map(fold, names)), re.compile(lexicon.mark, re.IGNORECASE)


class Pseudonymizer:
    """Replaces people consistently across all tables passed to it: the replacement of a cell is derived from `secret`
    and the cell. Full names of real people are never reused; given names only if there are no others.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._people: dict[str, Person] = {}
        self._replacements: dict[tuple[str, str], str] = {}
        self._used_values = set[str]()

    def pseudonymize(
        self, table: Table, personal_columns: Mapping[str, PersonalKind | None] = {}, kept_columns: Iterable[str] = ()
    ) -> Table:
        """Return the table with personal data replaced. `personal_columns` names further columns to replace, each with
        its kind, or None to guess it; those in `kept_columns` are unchanged.

        Raises:
            FileError: the table has no such column.
            RefusedError: a column is both personal and kept.
        """
        kept_headings = {find_heading(table.columns, column) for column in kept_columns}
        declared_kinds = {find_heading(table.columns, column): kind for column, kind in personal_columns.items()}
        if both := kept_headings & declared_kinds.keys():
            raise RefusedError('"{name}" cannot be personal and kept at once. Name it once.', name=min(both))
        kinds = _detect_kinds(table, declared_kinds, kept_headings)
        slots = _assign_slots(table, kinds)
        real_fingerprints = frozenset(
            _fingerprint_cell(heading, cell) for heading in kinds for cell in set(table.columns[heading])
        )
        columns = dict(table.columns)
        row_keys_by_slot = {slot: self._build_row_keys(table, kinds, slots, slot) for slot in set(slots.values())}
        languages = {
            slot: detect_language(
                [cell for heading, other in slots.items() if other == slot for cell in table.columns[heading]]
            )
            for slot in row_keys_by_slot
        }
        real_fingerprints |= {
            compute_fingerprint(f"\tperson\t{key}")
            for row_keys in row_keys_by_slot.values()
            for key in set(row_keys)
            if key
        }
        for slot, row_keys in row_keys_by_slot.items():
            given_names_only = all(
                kinds[heading] is PersonalKind.GIVEN for heading, other in slots.items() if other == slot
            )
            self._create_people(set(filter(None, row_keys)), languages[slot], given_names_only=given_names_only)
        default_language = next(iter(languages.values()), "")
        for heading, kind in kinds.items():
            slot = slots.get(heading, -1)
            row_keys = row_keys_by_slot.get(slot, [""] * table.rows)
            language = languages.get(slot) or default_language or detect_language(table.columns[heading])
            columns[heading] = [
                cell if is_missing(cell) else self._replace_cell(cell, kind, key, language, real_fingerprints, heading)
                for cell, key in zip(table.columns[heading], row_keys, strict=True)
            ]
        return replace(
            table,
            columns=columns,
            personal={heading: PersonalColumn(kind.value, slots.get(heading, -1)) for heading, kind in kinds.items()},
            real=real_fingerprints,
            kept=tuple(heading for heading in table.columns if heading in kept_headings),
        )

    def _build_row_keys(
        self, table: Table, kinds: Mapping[str, PersonalKind], slots: Mapping[str, int], slot: int
    ) -> list[str]:
        """Return the key of the person in each row: the words of their name, or else of their e-mail address, folded
        and sorted.
        """
        name_columns = [column for column, other in slots.items() if other == slot and kinds[column] in NAME_KINDS]
        email_columns = [
            column for column, other in slots.items() if other == slot and kinds[column] is PersonalKind.MAIL
        ]
        row_keys = list[str]()
        for row in range(table.rows):
            cells = [cell for column in name_columns if not is_missing(cell := table.columns[column][row])]
            if not cells:
                emails = (table.columns[column][row] for column in email_columns)
                cells = [re.sub(r"[\W_\d]+", " ", email.partition("@")[0]) for email in emails]
            row_keys.append(build_name_key(" ".join(cells)))
        return row_keys

    def _create_people(self, keys: set[str], language: str, *, given_names_only: bool) -> None:
        """Create a person for each key, in an order independent of the tables. If only given names are known, avoid
        real ones until the lexicon is exhausted.
        """
        new = sorted((self._create_seeded_draw("person", key)(2**62), key) for key in keys if key not in self._people)
        real_keys = keys | self._people.keys()
        for _, key in new:
            sex = next((load_given_names()[word][1] for word in key.split() if word in load_given_names()), "")
            for attempt in range(10_000):
                draw = self._create_seeded_draw("person", key, str(attempt))
                person = create_person(draw, language, sex)
                if attempt > 2 and not given_names_only:
                    # An initial, later a number, tells people of the same name apart.
                    person = replace(
                        person, initial=string.ascii_uppercase[draw(26)] if attempt < 100 else f"{attempt}"
                    )
                name = build_name_key(
                    person.given_name if given_names_only else f"{person.given_name} {person.family_name}"
                )
                unique_name = f"{name} {person.initial}"
                is_new = unique_name not in self._used_values and name not in real_keys
                if is_new or (given_names_only and attempt > _MAX_GIVEN_NAME_ATTEMPTS):
                    break
            self._used_values.add(unique_name)
            self._people[key] = person

    def _replace_cell(
        self, cell: str, kind: PersonalKind, key: str, language: str, real_fingerprints: frozenset[bytes], heading: str
    ) -> str:
        if kind in NAME_KINDS and key in self._people:
            return fill_template(
                build_template(cell, kind, language), self._people[key], self._create_seeded_draw(kind, cell)
            )
        cached = self._replacements.get((kind, cell))
        if cached is not None:
            return cached
        for attempt in range(10_000):
            draw = self._create_seeded_draw(kind, cell, str(attempt))
            if kind is PersonalKind.MAIL and is_email(cell):
                person = self._people.get(key) or create_person(draw, "en")
                replacement = (
                    person.email if not attempt else person.email.replace("@", f"{draw(10 ** (1 + attempt // 5))}@")
                )
            elif kind in (*NAME_KINDS, PersonalKind.ADDRESS):
                replacement = fill_template(build_template(cell, kind, language), create_person(draw, language), draw)
            else:
                replacement = fix_check_digits(fill_shape(build_number_shape(cell, kind), draw), kind)
            is_new = (
                f"{kind} {replacement}" not in self._used_values
                and _fingerprint_cell(heading, replacement) not in real_fingerprints
            )
            # Very short values have too few alternatives.
            if is_new or attempt > 50:
                break
        self._used_values.add(f"{kind} {replacement}")
        self._replacements[kind, cell] = replacement
        return replacement

    def _create_seeded_draw(self, *parts: str) -> Draw:
        """Return a random source seeded with the secret and these parts."""
        seed = hashlib.blake2b("\t".join(parts).encode(), key=self._secret[:64], digest_size=64).digest()
        state = [int.from_bytes(seed, "big")]

        def draw(below: int) -> int:
            if state[0] < below << 16:
                again = hashlib.blake2b(seed + str(state[0]).encode(), digest_size=64).digest()
                state[0] = int.from_bytes(again, "big")
            state[0], number = divmod(state[0], below)
            return number

        return draw


def build_name_key(name: str) -> str:
    """Return the words of a name, folded and sorted: the same for "Anna Schmidt", "Schmidt, Anna" and "anna.schmidt"."""
    words = (fold(word).replace("ue", "u").replace("ae", "a").replace("oe", "o") for word in split_name(name))
    return " ".join(sorted(part for word in words for part in re.findall(r"[^\W\d_]+", word)))


def _fingerprint_cell(heading: str, cell: str) -> bytes:
    return compute_fingerprint(f"{heading}\t{cell}")


def compute_fingerprint(text: str) -> bytes:
    """Return a hash that identifies a text without storing it."""
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _detect_kinds(
    table: Table, declared_kinds: Mapping[str, PersonalKind | None], kept_headings: set[str]
) -> dict[str, PersonalKind]:
    """Return the kinds of the columns to be replaced, as declared by the user or detected."""
    kinds = dict[str, PersonalKind]()
    for heading, cells in table.columns.items():
        filled_cells = [cell for cell in cells if not is_missing(cell)]
        if heading in kept_headings or not filled_cells:
            continue
        kind = detect_kind(heading, filled_cells)
        if heading in declared_kinds:
            kind = declared_kinds[heading] or kind or _guess_kind(filled_cells)
        if kind is not None:
            kinds[heading] = kind
    return kinds


def _guess_kind(cells: list[str]) -> PersonalKind:
    """Guess the kind of a column that a user calls personal and that was not recognised."""
    if sum(map(is_email, cells)) > len(cells) / 2:
        return PersonalKind.MAIL
    if sum(any(map(str.isdigit, cell)) for cell in cells) > len(cells) / 2:
        return PersonalKind.NUMBER
    full_name_count = sum(len(split_name(cell)) > 1 for cell in cells)
    return PersonalKind.PERSON if full_name_count > len(cells) / 2 else PersonalKind.FAMILY


def _assign_slots(table: Table, kinds: Mapping[str, PersonalKind]) -> dict[str, int]:
    """Map columns with names and e-mail addresses to slots, the numbers of the persons that a row is about: a full
    name, or a given name and the following surname; an e-mail column belongs to the person whose name it most often
    contains.
    """
    slots, open_slots = dict[str, int](), dict[PersonalKind, int]()
    count = 0
    for column, kind in kinds.items():
        if kind is PersonalKind.PERSON:
            slots[column], count = count, count + 1
        elif kind in (PersonalKind.GIVEN, PersonalKind.FAMILY):
            other = PersonalKind.FAMILY if kind is PersonalKind.GIVEN else PersonalKind.GIVEN
            if other in open_slots:
                slots[column] = open_slots.pop(other)
            else:
                slots[column] = open_slots[kind] = count
                count += 1
    slots_with_name = set(slots.values())
    for column, kind in kinds.items():
        if kind is not PersonalKind.MAIL:
            continue
        overlaps = {
            slot: _measure_overlap(
                table, column, [name_column for name_column, other_slot in slots.items() if other_slot == slot]
            )
            for slot in slots_with_name
        }
        best = max(overlaps, key=lambda slot: (overlaps[slot], -slot), default=-1)
        if best < 0:
            best, count = count, count + 1
        slots[column] = best
    return slots


def _measure_overlap(table: Table, email_column: str, name_columns: list[str]) -> float:
    """Return the share of rows in which an e-mail address contains a word of a name."""
    rows = range(min(table.rows, 500))
    hits = 0
    for row in rows:
        mailbox = re.sub(r"[\W_\d]+", " ", table.columns[email_column][row].partition("@")[0])
        mailbox = build_name_key(mailbox).replace(" ", "")
        words = build_name_key(" ".join(table.columns[column][row] for column in name_columns)).split()
        hits += any(len(word) > 2 and word in mailbox for word in words)
    return hits / max(len(rows), 1)
