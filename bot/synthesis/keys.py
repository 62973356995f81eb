"""Keys, names and codes made anew: of the shape that a column's own have, none of them twice, and none of the column's
own.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Column
from .people import Draw, Person, checked, filled, of_shape, person_of
from .personal import Kind
from .shapes import MAIL

# From so many made-up names on each has an initial, so that there are enough.
_MANY_NAMES = 4_000


def made(
    column: Column, count: int, rng: np.random.Generator, known: Callable[[str], bool], people: Sequence[Person] = ()
) -> Array:
    """So many keys or texts; none that is `known`, and none twice where the column is unique. Names are those of `people` where there
    are some, one for each.

    Raises:
        RefusedError: the shapes do not hold so many.
    """
    if not column.shapes:
        return np.array([""] * count, dtype=object)
    shapes = [shape for shape, _ in column.shapes]
    weights = np.array([often for _, often in column.shapes], dtype=float)
    draw = _draw(rng)
    if people:
        chosen = rng.choice(len(shapes), size=count, p=weights / weights.sum())
        return np.array([filled(shapes[at], one, draw) for at, one in zip(chosen, people, strict=True)], dtype=object)
    found: list[str] = []
    taken = set[str]()
    for turn in range(60):
        asked, before = count - len(found), len(found)
        for index in rng.choice(len(shapes), size=asked, p=weights / weights.sum()):
            one = _of_shape(shapes[index], draw, len(taken), column.kind)
            # There may be no first name that nobody has.
            if one not in taken and (not known(one) or (column.kind == Kind.GIVEN and turn > 20)):
                found.append(one)
                if column.unique:
                    taken.add(one)
        if len(found) == count:
            return np.array(found, dtype=object)
        if len(found) - before < asked / 2:
            # Most of those that there were are used up: the next have a digit more.
            shapes = [shape if "\t" in shape else f"{shape}0" for shape in shapes]
    raise RefusedError(
        'I cannot make {count:,} new values for "{name}". Leave that column out.', count=count, name=column.name
    )


def people(
    languages: Sequence[str], sexes: Sequence[str], rng: np.random.Generator, is_real: Callable[[Person], bool]
) -> list[Person]:
    """Somebody for each of these sexes (f, m, or "" for any), of one of these languages; no two are called alike, and nobody as one
    who is real.
    """
    draw, found, taken = _draw(rng), list[Person](), set[tuple[str, str, str]]()
    for sex in sexes:
        one, attempt = person_of(draw, languages[draw(len(languages))], sex), 0
        while (one.given, one.initial, one.family) in taken or is_real(one):
            attempt += 1
            one = replace(person_of(draw, languages[0], sex), initial=_initial(draw, attempt))
        taken.add((one.given, one.initial, one.family))
        found.append(one)
    return found


def _initial(draw: Draw, attempt: int) -> str:
    letters = string.ascii_uppercase
    return "".join(letters[draw(26)] for _ in range(1 + attempt // 4)) if attempt > 1 else ""


def _draw(rng: np.random.Generator) -> Draw:
    return lambda below: int(rng.integers(below))


def _of_shape(shape: str, draw: Draw, number: int, kind: str) -> str:
    if "\t" in shape:
        one = person_of(draw, shape.partition("\t")[0])
        if shape == MAIL:
            return one.mail.replace("@", f"{number}@")
        return filled(
            shape, replace(one, initial=string.ascii_uppercase[draw(26)]) if number > _MANY_NAMES else one, draw
        )
    return checked(of_shape(shape, draw), kind)
