"""Generated keys, names and codes: of the shapes that a column's own have, unique, and none of the real ones."""

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

# From this many generated names on, each gets an initial, so that there are enough.
_MIN_INITIALS_COUNT = 4_000


def generate_keys(
    column: Column, count: int, rng: np.random.Generator, known: Callable[[str], bool], people: Sequence[Person] = ()
) -> Array:
    """Generate keys or texts; none that is `known`, and no duplicates if the column is unique. Names are those of
    `people`, if given, one for each.

    Raises:
        RefusedError: the shapes do not allow that many.
    """
    if not column.shapes:
        return np.array([""] * count, dtype=object)
    shapes = [shape for shape, _ in column.shapes]
    weights = np.array([often for _, often in column.shapes], dtype=float)
    draw = _build_draw(rng)
    if people:
        chosen = rng.choice(len(shapes), size=count, p=weights / weights.sum())
        return np.array(
            [fill_template(shapes[at], person, draw) for at, person in zip(chosen, people, strict=True)], dtype=object
        )
    found: list[str] = []
    taken = set[str]()
    for turn in range(60):
        asked, before = count - len(found), len(found)
        for index in rng.choice(len(shapes), size=asked, p=weights / weights.sum()):
            one = _generate_cell(shapes[index], draw, len(taken), column.kind)
            # All first names may be in use.
            if one not in taken and (not known(one) or (column.kind == PersonalKind.GIVEN and turn > 20)):
                found.append(one)
                if column.unique:
                    taken.add(one)
        if len(found) == count:
            return np.array(found, dtype=object)
        if len(found) - before < asked / 2:
            # Most values of these shapes are used up: add a digit.
            shapes = [shape if "\t" in shape else f"{shape}0" for shape in shapes]
    raise RefusedError(
        'I cannot make {count:,} new values for "{name}". Leave that column out.', count=count, name=column.name
    )


def generate_people(
    languages: Sequence[str], sexes: Sequence[str], rng: np.random.Generator, is_real: Callable[[Person], bool]
) -> list[Person]:
    """Create a person for each of these sexes (f, m, or "" for any), of one of these languages; all have different
    names, and none that of a real person.
    """
    draw, found, taken = _build_draw(rng), list[Person](), set[tuple[str, str, str]]()
    for sex in sexes:
        one, attempt = create_person(draw, languages[draw(len(languages))], sex), 0
        while (one.given_name, one.initial, one.family_name) in taken or is_real(one):
            attempt += 1
            one = replace(create_person(draw, languages[0], sex), initial=_draw_initial(draw, attempt))
        taken.add((one.given_name, one.initial, one.family_name))
        found.append(one)
    return found


def _draw_initial(draw: Draw, attempt: int) -> str:
    letters = string.ascii_uppercase
    return "".join(letters[draw(26)] for _ in range(1 + attempt // 4)) if attempt > 1 else ""


def _build_draw(rng: np.random.Generator) -> Draw:
    return lambda below: int(rng.integers(below))


def _generate_cell(shape: str, draw: Draw, number: int, kind: str) -> str:
    if "\t" in shape:
        one = create_person(draw, shape.partition("\t")[0])
        if shape == EMAIL_TEMPLATE:
            return one.email.replace("@", f"{number}@")
        return fill_template(
            shape, replace(one, initial=string.ascii_uppercase[draw(26)]) if number > _MIN_INITIALS_COUNT else one, draw
        )
    return fix_check_digits(fill_shape(shape, draw), kind)
