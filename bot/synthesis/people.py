"""People who are made up: what they are called, their mails, numbers and addresses, each as its column writes them.

What belongs to real people is replaced before anything is learnt. Who stands in place of whom follows from a secret and from the name
alone, so the same person is the same made-up one in every row, and in every table that is read with that secret.
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

from .personal import (
    LANGUAGES,
    NAMES,
    Kind,
    fold,
    givens,
    is_card,
    is_iban,
    is_mail,
    kind_of,
    lexicon,
    parts_of,
    titles,
)
from .shapes import SIGNS, mark_of
from .table import Personal, Table, is_missing, name_in

# From 0 to less than a number.
Draw = Callable[[int], int]
_MAX_SHAPES = 20
# First names that are tried before there seem to be no others.
_MAX_NAMES = 200
# Cells that a language is known by.
_MAX_READ = 2_000
_DIGITS = re.compile(r"\+\d{1,2}|00\d{2}|\(?0")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up; `number` is theirs alone."""

    given: str
    family: str
    number: int
    initial: str = ""

    @property
    def mail(self) -> str:
        """Their address, at a domain that is nobody's."""
        parts = [fold(one).replace("-", "") for one in (self.given, self.initial, self.family) if one]
        name = (
            ".".join(parts)
            if all(one.isascii() and one.isalpha() for one in parts)
            else f"person{self.number % 1_000_000}"
        )
        return f"{name}@example.org"


def person_of(draw: Draw, language: str, sex: str = "") -> Person:
    """Somebody of a language."""
    words = lexicon(language)
    women = sex == "f" if sex else draw(2) == 0
    pool = words.women if women else words.men
    family = words.roots[draw(len(words.roots))] + words.ends[draw(len(words.ends))]
    return Person(pool[draw(len(pool))], family, draw(2**40))


def template_of(cell: str, kind: str, language: str) -> str:
    """How a cell with a name, mail or address is written: its language, a tab, and what stands where."""
    if kind == Kind.MAIL:
        return f"{language}\t{{mail}}"
    if kind == Kind.ADDRESS:
        _, comma, rest = cell.partition(",")
        tail = re.sub(r"[^\W\d_]{4,}", "{town}", re.sub(r"\d", "#", rest), count=1) if comma else ""
        # A street's own number may stand behind a comma.
        return f"{language}\t{{street}}{', ' + _one_town(tail).strip() if '{town}' in tail else ''}"
    parts = parts_of(cell)
    before = " ".join(word for word in cell.split() if fold(word).rstrip(",.") in titles())
    before = f"{before} " if before and len(before) < len(cell) else ""
    family = "{FAMILY}" if len(parts) > 1 and any(one.isupper() and len(one) > 2 for one in parts) else "{family}"
    eastern = language == "ja"
    if kind == Kind.GIVEN or (kind == Kind.PERSON and len(parts) == 1 and fold(parts[0]) in givens()):
        written = "{given}"
    elif kind == Kind.FAMILY or (kind == Kind.PERSON and len(parts) == 1 and not eastern):
        initial = re.search(r"\b[^\W\d_]\.", cell) if kind == Kind.PERSON else None
        written = f"{{letter}}. {family}" if initial else family
    elif "," in cell:
        written = f"{family}, {{given}}"
    elif eastern:
        written = "{family} {given}" if len(cell.split()) > 1 else "{family}{given}"
    else:
        written = f"{{given}} {family}"
    return f"{language}\t{before}{written}"


def _one_town(tail: str) -> str:
    """What stands behind a street: a code and one town."""
    code = re.search(r"#[# -]*#", tail)
    return f" {code[0]} {{town}}" if code else " {town}"


def filled(template: str, person: Person, draw: Draw) -> str:
    """A template with what is somebody's."""
    language, _, text = template.partition("\t")
    words = lexicon(language)
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


def number_shape(cell: str, kind: str) -> str:
    """What a number of somebody's looks like; of a phone its country, of an account its country and of a card its first digit stay."""
    kept = 0
    if kind == Kind.PHONE and (found := _DIGITS.match(cell)):
        kept = found.end()
    elif kind == Kind.ACCOUNT and cell[:2].isalpha():
        kept = 2
    elif kind == Kind.CARD:
        kept = 1
    return "".join(f"\\{sign}" for sign in cell[:kept]) + "".join(map(mark_of, cell[kept:]))


def of_shape(shape: str, draw: Draw) -> str:
    """A text of a shape."""
    signs, at = list[str](), 0
    while at < len(shape):
        if shape[at] == "\\":
            at += 1
            signs.append(shape[at : at + 1])
        elif shape[at] in SIGNS:
            choice = SIGNS[shape[at]]
            # No number begins with a zero that has more digits behind it.
            least = 1 if shape[at] == "0" and not at and len(shape) > 1 else 0
            signs.append(choice[least + draw(len(choice) - least)])
        else:
            signs.append(shape[at])
        at += 1
    return "".join(signs)


def checked(text: str, kind: str) -> str:
    """A number with the check digits that its kind has, where it has some."""
    if kind == Kind.CARD:
        return next((one for digit in string.digits if is_card(one := f"{text[:-1]}{digit}")), text)
    if kind == Kind.ACCOUNT and re.match(r"[A-Z]{2}\d\d", text):
        return next((one for digits in range(2, 99) if is_iban(one := f"{text[:2]}{digits:02}{text[4:]}")), text)
    return text


def shapes_of_personal(cells: Iterable[str], kind: str) -> tuple[tuple[str, int], ...]:
    """The commonest templates or shapes of a column with what is somebody's, with how often each is seen."""
    cells = list(cells)
    language = language_of(cells)
    written = {
        cell: template_of(cell, kind, language) if kind in _WRITTEN else number_shape(cell, kind) for cell in set(cells)
    }
    return tuple(Counter(written[cell] for cell in cells).most_common(_MAX_SHAPES))


_WRITTEN = (*NAMES, Kind.MAIL, Kind.ADDRESS)


def language_of(cells: Iterable[str]) -> str:
    """The language that the names or addresses of these cells are most of."""
    found = Counter[str]()
    for cell in islice(set(cells), _MAX_READ):
        words = [fold(word) for word in re.findall(r"[^\W\d_]+", cell.split("@")[0])]
        for language in LANGUAGES:
            known, mark = _known(language)
            found[language] += sum(word in known for word in words) + (3 if mark.search(cell) else 0)
    if not any(found.values()):
        text = "".join(cells if isinstance(cells, list) else list(cells))
        return "ru" if re.search("[а-я]", text, re.IGNORECASE) else "ja" if re.search("[\u3040-\u9fff]", text) else "en"
    return max(LANGUAGES, key=lambda language: found[language])


@cache
def _known(language: str) -> tuple[frozenset[str], re.Pattern[str]]:
    words = lexicon(language)
    names = (*words.women, *words.men, *words.surnames)
    return frozenset(map(fold, names)), re.compile(words.mark, re.IGNORECASE)


class Register:
    """Who stands in place of whom, for as many tables as are read with it: what is made of a cell follows from `secret` and the cell.
    Nobody in it has the name of one who is real.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._people: dict[str, Person] = {}
        self._made: dict[tuple[str, str], str] = {}
        self._taken = set[str]()

    def replaced(self, table: Table, personal: Mapping[str, Kind | None] = {}, kept: Iterable[str] = ()) -> Table:
        """The table with what belongs to people replaced. Columns that are named in `personal` hold it too, of a kind where one is
        given; those in `kept` stay as they are.

        Raises:
            FileError: it has no such column.
            RefusedError: a column is named as both.
        """
        stay = {name_in(table.columns, one) for one in kept}
        named = {name_in(table.columns, one): kind for one, kind in personal.items()}
        if both := stay & named.keys():
            raise RefusedError('"{name}" cannot be personal and kept at once. Name it once.', name=min(both))
        kinds = dict[str, Kind]()
        for name, cells in table.columns.items():
            filled_cells = [cell for cell in cells if not is_missing(cell)]
            if name in stay or not filled_cells:
                continue
            kind = kind_of(name, filled_cells)
            if name in named:
                kind = named[name] or kind or _likeliest(filled_cells)
            if kind is not None:
                kinds[name] = kind
        slots = _slots(table, kinds)
        real = frozenset(_mark(name, cell) for name in kinds for cell in set(table.columns[name]))
        columns = dict(table.columns)
        keys = {slot: self._keys(table, kinds, slots, slot) for slot in set(slots.values())}
        languages = {
            slot: language_of([c for n, s in slots.items() if s == slot for c in table.columns[n]]) for slot in keys
        }
        real |= {mark(f"\tperson\t{key}") for rows in keys.values() for key in set(rows) if key}
        for slot, rows in keys.items():
            is_short = all(kinds[name] is Kind.GIVEN for name, one in slots.items() if one == slot)
            self._introduce({key for key in rows if key}, languages[slot], is_short=is_short)
        everywhere = next(iter(languages.values()), "")
        for name, kind in kinds.items():
            rows = keys.get(slots.get(name, -1), [""] * table.rows)
            language = languages.get(slots.get(name, -1)) or everywhere or language_of(table.columns[name])
            columns[name] = [
                cell if is_missing(cell) else self._cell(cell, kind, key, language, real, name)
                for cell, key in zip(table.columns[name], rows, strict=True)
            ]
        about = {name: Personal(kind.value, slots.get(name, -1)) for name, kind in kinds.items()}
        return replace(
            table, columns=columns, personal=about, real=real, kept=tuple(one for one in table.columns if one in stay)
        )

    def _keys(self, table: Table, kinds: Mapping[str, Kind], slots: Mapping[str, int], slot: int) -> list[str]:
        """For each row whom the columns of a slot are about: the words of their name, folded and in order; of a mail those of its
        address.
        """
        names = [name for name, one in slots.items() if one == slot and kinds[name] in NAMES]
        mails = [name for name, one in slots.items() if one == slot and kinds[name] is Kind.MAIL]
        rows = list[str]()
        for at in range(table.rows):
            cells = [cell for name in names if not is_missing(cell := table.columns[name][at])]
            if not cells:
                cells = [re.sub(r"[\W_\d]+", " ", table.columns[name][at].partition("@")[0]) for name in mails]
            rows.append(key_of(" ".join(cells)))
        return rows

    def _introduce(self, keys: set[str], language: str, *, is_short: bool) -> None:
        """Finds somebody for each, in an order that no table has a part in. Of first names alone none is a real one, as long as there
        are others.
        """
        new = sorted((self._draw("person", key)(2**62), key) for key in keys if key not in self._people)
        real = keys | self._people.keys()
        for _, key in new:
            sex = next((givens()[word][1] for word in key.split() if word in givens()), "")
            for attempt in range(10_000):
                draw = self._draw("person", key, str(attempt))
                one = person_of(draw, language, sex)
                if attempt > 2 and not is_short:  # Those who share a name tell themselves apart by an initial.
                    one = replace(one, initial=string.ascii_uppercase[draw(26)] if attempt < 100 else f"{attempt}")
                name = key_of(one.given if is_short else f"{one.given} {one.family}")
                called = f"{name} {one.initial}"
                if (called not in self._taken and name not in real) or (is_short and attempt > _MAX_NAMES):
                    break
            self._taken.add(called)
            self._people[key] = one

    def _cell(self, cell: str, kind: Kind, key: str, language: str, real: frozenset[bytes], name: str) -> str:
        if kind in NAMES and key in self._people:
            return filled(template_of(cell, kind, language), self._people[key], self._draw(kind, cell))
        known = self._made.get((kind, cell))
        if known is not None:
            return known
        for attempt in range(10_000):
            draw = self._draw(kind, cell, str(attempt))
            if kind is Kind.MAIL and is_mail(cell):
                one = self._people.get(key) or person_of(draw, "en")
                made = one.mail if not attempt else one.mail.replace("@", f"{draw(10 ** (1 + attempt // 5))}@")
            elif kind in (*NAMES, Kind.ADDRESS):
                made = filled(template_of(cell, kind, language), person_of(draw, language), draw)
            else:
                made = checked(of_shape(number_shape(cell, kind), draw), kind)
            # Of what has hardly any signs there are not enough others.
            if (f"{kind} {made}" not in self._taken and _mark(name, made) not in real) or attempt > 50:
                break
        self._taken.add(f"{kind} {made}")
        self._made[kind, cell] = made
        return made

    def _draw(self, *parts: str) -> Draw:
        """Numbers that follow from the secret and these parts."""
        body = hashlib.blake2b("\t".join(parts).encode(), key=self._secret[:64], digest_size=64).digest()
        state = [int.from_bytes(body, "big")]

        def draw(below: int) -> int:
            if state[0] < below << 16:
                again = hashlib.blake2b(body + str(state[0]).encode(), digest_size=64).digest()
                state[0] = int.from_bytes(again, "big")
            state[0], one = divmod(state[0], below)
            return one

        return draw


def key_of(name: str) -> str:
    """The words of a name, folded and in order, by which somebody is known: the same of "Anna Schmidt", "Schmidt, Anna" and
    "anna.schmidt".
    """
    words = (fold(word).replace("ue", "u").replace("ae", "a").replace("oe", "o") for word in parts_of(name))
    return " ".join(sorted(part for word in words for part in re.findall(r"[^\W\d_]+", word)))


def _mark(name: str, cell: str) -> bytes:
    return mark(f"{name}\t{cell}")


def mark(text: str) -> bytes:
    """What a text is known by without being kept."""
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _likeliest(cells: list[str]) -> Kind:
    """What a column is that somebody calls personal and that looks like nothing known."""
    if sum(map(is_mail, cells)) > len(cells) / 2:
        return Kind.MAIL
    if sum(any(map(str.isdigit, cell)) for cell in cells) > len(cells) / 2:
        return Kind.NUMBER
    several = sum(len(parts_of(cell)) > 1 for cell in cells)
    return Kind.PERSON if several > len(cells) / 2 else Kind.FAMILY


def _slots(table: Table, kinds: Mapping[str, Kind]) -> dict[str, int]:
    """Which columns with names and mails are about the same person: a full name, or a first name and the surname after it; a mail is
    whose words it has.
    """
    slots, open_ = dict[str, int](), dict[Kind, int]()
    count = 0
    for name, kind in kinds.items():
        if kind is Kind.PERSON:
            slots[name], count = count, count + 1
        elif kind in (Kind.GIVEN, Kind.FAMILY):
            other = Kind.FAMILY if kind is Kind.GIVEN else Kind.GIVEN
            if other in open_:
                slots[name] = open_.pop(other)
            else:
                slots[name] = open_[kind] = count
                count += 1
    named = set(slots.values())
    for name, kind in kinds.items():
        if kind is not Kind.MAIL:
            continue
        alike = {slot: _shared(table, name, [one for one, at in slots.items() if at == slot]) for slot in named}
        best = max(alike, key=lambda slot: (alike[slot], -slot), default=-1)
        if best < 0:
            best, count = count, count + 1
        slots[name] = best
    return slots


def _shared(table: Table, mail: str, names: list[str]) -> float:
    """In how many rows a mail has a word of a name."""
    rows = range(min(table.rows, 500))
    hits = 0
    for at in rows:
        local = key_of(re.sub(r"[\W_\d]+", " ", table.columns[mail][at].partition("@")[0])).replace(" ", "")
        words = key_of(" ".join(table.columns[name][at] for name in names)).split()
        hits += any(len(word) > 2 and word in local for word in words)
    return hits / max(len(rows), 1)
