"""Generates keys, names and codes with the shapes of a column's real cells, none of which is a real one."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Column
from .people import Draw, Person, create_person, fill_shape, fill_template, fix_check_digits
from .personal_data import PersonalKind
from .shapes import EMAIL_TEMPLATE

# After this many unique names, each gets an initial, so that there are enough.
_MIN_INITIALS_COUNT = 4_000


def generate_keys(
    column: Column, count: int, rng: np.random.Generator, is_known: Callable[[str], bool], people: Sequence[Person] = ()
) -> Array:
    """Generate the cells of a key or text column: none for which `is_known`, except scarce given names, and no
    duplicates if the column is unique. With `people`, the cells are those of these people.

    Raises:
        RefusedError: the shapes do not allow so many cells.
    """
    if not column.shapes:
        return np.array([""] * count, dtype=object)
    shapes = [shape for shape, _ in column.shapes]
    weights = np.array([shape_count for _, shape_count in column.shapes], dtype=float)
    draw = _build_draw(rng)
    if people:
        shape_indices = rng.choice(len(shapes), size=count, p=weights / weights.sum())
        return np.array(
            [fill_template(shapes[index], person, draw) for index, person in zip(shape_indices, people, strict=True)],
            dtype=object,
        )
    cells: list[str] = []
    used_cells = set[str]()
    for round_number in range(60):
        missing_count, count_before = count - len(cells), len(cells)
        for index in rng.choice(len(shapes), size=missing_count, p=weights / weights.sum()):
            cell = _generate_cell(shapes[index], draw, len(used_cells), column.kind)
            # All given names of the lexicon may be real ones.
            if cell not in used_cells and (
                not is_known(cell) or (column.kind == PersonalKind.GIVEN and round_number > 20)
            ):
                cells.append(cell)
                if column.unique:
                    used_cells.add(cell)
        if len(cells) == count:
            return np.array(cells, dtype=object)
        if len(cells) - count_before < missing_count / 2:
            # Most values of these shapes are used up: append a digit.
            shapes = [shape if "\t" in shape else f"{shape}0" for shape in shapes]
    raise RefusedError(
        'I cannot make {count:,} new values for "{name}". Leave that column out.', count=count, name=column.name
    )


def generate_people(
    languages: Sequence[str], sexes: Sequence[str], rng: np.random.Generator, is_real: Callable[[Person], bool]
) -> list[Person]:
    """Create a person for each of these sexes ("f", "m", or "" for any), with a name in one of these languages. All names
    are different, and none is that of a real person.
    """
    draw, people, used_names = _build_draw(rng), list[Person](), set[tuple[str, str, str]]()
    for sex in sexes:
        person, attempt = create_person(draw, languages[draw(len(languages))], sex), 0
        while (person.given_name, person.initial, person.family_name) in used_names or is_real(person):
            attempt += 1
            person = replace(create_person(draw, languages[0], sex), initial=_draw_initial(draw, attempt))
        used_names.add((person.given_name, person.initial, person.family_name))
        people.append(person)
    return people


def _draw_initial(draw: Draw, attempt: int) -> str:
    letters = string.ascii_uppercase
    return "".join(letters[draw(26)] for _ in range(1 + attempt // 4)) if attempt > 1 else ""


def _build_draw(rng: np.random.Generator) -> Draw:
    return lambda below: int(rng.integers(below))


def _generate_cell(shape: str, draw: Draw, number: int, kind: str) -> str:
    if "\t" in shape:
        person = create_person(draw, shape.partition("\t")[0])
        if shape == EMAIL_TEMPLATE:
            return person.email.replace("@", f"{number}@")
        return fill_template(
            shape,
            replace(person, initial=string.ascii_uppercase[draw(26)]) if number > _MIN_INITIALS_COUNT else person,
            draw,
        )
    return fix_check_digits(fill_shape(shape, draw), kind)
