"""Replaces the people of a table by fictional ones before anything is learnt, and finds which columns are about the same
person.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.errors import RefusedError

from .people import (
    Draw,
    Person,
    build_name_key,
    build_number_shape,
    build_template,
    compute_fingerprint,
    create_person,
    detect_language,
    fill_shape,
    fill_template,
    fix_check_digits,
)
from .personal_data import (
    NAME_KINDS,
    PersonalKind,
    detect_kind,
    is_email,
    load_given_names,
    split_name,
)
from .table import PersonalColumn, Table, find_heading, is_missing

# Attempts at a unique given name before a duplicate is accepted.
_MAX_GIVEN_NAME_ATTEMPTS = 200


class Pseudonymizer:
    """Replaces people consistently across all tables passed to it: a replacement is derived only from `secret` and the
    person's name, or else the cell. Full names of real people are never reused; given names only if there are no others.
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
            raise RefusedError('"{name}" cannot be both personal and kept as it is. List it only once.', name=min(both))
        kinds = _detect_kinds(table, declared_kinds, kept_headings)
        slots = _assign_slots(table, kinds)
        row_keys_by_slot = {slot: self._build_row_keys(table, kinds, slots, slot) for slot in set(slots.values())}
        real_fingerprints = _fingerprint_real_values(table, kinds, row_keys_by_slot.values())
        languages = {
            slot: detect_language([cell for heading in headings for cell in table.columns[heading]])
            for slot, headings in _group_by_slot(slots).items()
        }
        for slot, headings in _group_by_slot(slots).items():
            given_names_only = all(kinds[heading] is PersonalKind.GIVEN for heading in headings)
            keys = set(filter(None, row_keys_by_slot[slot]))
            self._create_people(keys, languages[slot], given_names_only=given_names_only)
        columns = dict(table.columns)
        default_language = next(iter(languages.values()), "")
        for heading, kind in kinds.items():
            slot = slots.get(heading, -1)
            row_keys = row_keys_by_slot.get(slot, [""] * table.row_count)
            language = languages.get(slot) or default_language or detect_language(table.columns[heading])
            columns[heading] = [
                cell if is_missing(cell) else self._replace_cell(cell, kind, key, language, real_fingerprints, heading)
                for cell, key in zip(table.columns[heading], row_keys, strict=True)
            ]
        return replace(
            table,
            columns=columns,
            personal_columns={
                heading: PersonalColumn(kind.value, slots.get(heading, -1)) for heading, kind in kinds.items()
            },
            real_fingerprints=real_fingerprints,
            kept_columns=tuple(heading for heading in table.columns if heading in kept_headings),
        )

    def _build_row_keys(
        self, table: Table, kinds: Mapping[str, PersonalKind], slots: Mapping[str, int], slot: int
    ) -> list[str]:
        """Return the key of the person in each row: the words of their name, or else of their e-mail address, folded
        and sorted.
        """
        name_columns = [
            column for column, column_slot in slots.items() if column_slot == slot and kinds[column] in NAME_KINDS
        ]
        email_columns = [
            column
            for column, column_slot in slots.items()
            if column_slot == slot and kinds[column] is PersonalKind.MAIL
        ]
        row_keys = list[str]()
        for row in range(table.row_count):
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


def _group_by_slot(slots: Mapping[str, int]) -> dict[int, list[str]]:
    """Return the columns of each slot, by slot."""
    return {
        slot: [heading for heading, column_slot in slots.items() if column_slot == slot] for slot in set(slots.values())
    }


def _fingerprint_real_values(
    table: Table, headings: Iterable[str], row_keys: Iterable[Sequence[str]]
) -> frozenset[bytes]:
    """Return the fingerprints of the real cells of columns, and of the real people."""
    cells = {_fingerprint_cell(heading, cell) for heading in headings for cell in set(table.columns[heading])}
    people = {compute_fingerprint(f"\tperson\t{key}") for keys in row_keys for key in set(keys) if key}
    return frozenset(cells | people)


def _fingerprint_cell(heading: str, cell: str) -> bytes:
    return compute_fingerprint(f"{heading}\t{cell}")


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
    rows = range(min(table.row_count, 500))
    hits = 0
    for row in rows:
        mailbox = re.sub(r"[\W_\d]+", " ", table.columns[email_column][row].partition("@")[0])
        mailbox = build_name_key(mailbox).replace(" ", "")
        words = build_name_key(" ".join(table.columns[column][row] for column in name_columns)).split()
        hits += any(len(word) > 2 and word in mailbox for word in words)
    return hits / max(len(rows), 1)
