"""Keys, names and codes made anew: of the shape that a column's own have, none of them twice, and none of the column's
own.
"""

from __future__ import annotations

import string
from collections.abc import Callable

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Column
from .shapes import MAIL, WORD

_SIGNS = {"0": string.digits, "A": string.ascii_uppercase, "a": string.ascii_lowercase, "h": "0123456789abcdef"}
_FIRST = (
    "Ada", "Alva", "Amir", "Anouk", "Arlo", "Bela", "Caio", "Cleo", "Dario", "Edda", "Elio", "Emre", "Enno", "Fina",
    "Gero", "Hana", "Ilja", "Imke", "Ines", "Jaro", "Juna", "Kaya", "Kian", "Lale", "Levi", "Lio", "Mara", "Milo",
    "Nael", "Nora", "Odin", "Olga", "Pia", "Quin", "Rana", "Remy", "Romy", "Sami", "Selma", "Suri", "Tara", "Theo",
    "Uma", "Vera", "Wanda", "Xenia", "Yara", "Yann", "Zeno", "Zoe",
)  # fmt: skip
_LAST = (
    "Abend", "Achat", "Birkental", "Brook", "Caldero", "Corvin", "Dornfeld", "Ebenholt", "Falkner", "Fennig", "Garnau",
    "Hainich", "Halloway", "Ibsgard", "Jarnow", "Kestrel", "Kolm", "Larkin", "Lindqvar", "Marlow", "Merid", "Nachtal",
    "Norwin", "Ostrau", "Perrin", "Quendel", "Rauhn", "Rosmer", "Sandvig", "Solveng", "Tarnow", "Thorne", "Ulmen",
    "Varga", "Wendel", "Wisper", "Yarrow", "Zander", "Zirbel",
)  # fmt: skip


def made(column: Column, count: int, rng: np.random.Generator, known: Callable[[str], bool]) -> Array:
    """So many keys or texts; none that is `known`, and none twice where the column is unique.

    Raises:
        RefusedError: the shapes do not hold so many.
    """
    if not column.shapes:
        return np.array([""] * count, dtype=object)
    shapes = [shape for shape, _ in column.shapes]
    weights = np.array([often for _, often in column.shapes], dtype=float)
    found: list[str] = []
    taken = set[str]()
    for _ in range(60):
        asked, before = count - len(found), len(found)
        for index in rng.choice(len(shapes), size=asked, p=weights / weights.sum()):
            one = _of_shape(shapes[index], rng, len(taken))
            if one not in taken and not known(one):
                found.append(one)
                if column.unique:
                    taken.add(one)
        if len(found) == count:
            return np.array(found, dtype=object)
        if len(found) - before < asked / 2:
            # Most of those that there were are used up: the next have a digit or an initial more.
            shapes = [shape if shape == MAIL else f"{shape}0" for shape in shapes]
    raise RefusedError(
        'I cannot make {count:,} new values for "{name}". Leave that column out.', count=count, name=column.name
    )


def _of_shape(shape: str, rng: np.random.Generator, number: int) -> str:
    if shape == MAIL or shape.startswith(WORD):
        first, last = _FIRST[rng.integers(len(_FIRST))], _LAST[rng.integers(len(_LAST))]
        if shape == MAIL:
            return f"{first}.{last}{number}@example.org".lower()
        initials = (f" {string.ascii_uppercase[rng.integers(26)]}." for _ in shape[len(WORD) :])
        return f"{first}{''.join(initials)} {last}"
    signs, at = list[str](), 0
    while at < len(shape):
        if shape[at] == "\\":
            at += 1
            signs.append(shape[at : at + 1])
        elif shape[at] in _SIGNS:
            choice = _SIGNS[shape[at]]
            # No number begins with a zero that has more digits behind it.
            least = 1 if shape[at] == "0" and not at and len(shape) > 1 else 0
            signs.append(choice[rng.integers(least, len(choice))])
        else:
            signs.append(shape[at])
        at += 1
    return "".join(signs)
