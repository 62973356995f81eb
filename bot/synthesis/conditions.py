"""Which rows are wanted: `age > 60 and sex = F`, or in words, "only women over 60"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Column, Sort, Values, seconds
from .frame import Plan
from .table import is_missing

_EXACT = re.compile(
    r"(?P<name>\"[^\"]+\"|.+?) ?(?P<sign>!=|<>|>=|<=|=>|==|=|>|<|\bis not\b|\bis\b|\bin\b) ?(?P<value>.+)",
    re.IGNORECASE,
)
_SIGNS = {"==": "=", "is": "=", "<>": "!=", "is not": "!=", "=>": ">="}
_WORDS: dict[str, tuple[str, ...]] = {
    ">": (
        "over", "above", "older than", "more than", "greater than", "higher than", "after", "later than",
        "über", "älter als", "mehr als", "größer als", "höher als", "nach",
        "más de", "mayores de", "mayor que", "mayores que", "por encima de", "después de",
        "plus de", "plus que", "au-dessus de", "supérieur à", "après",
        "mais de", "maiores de", "maior que", "acima de", "depois de",
    ),
    "<": (
        "under", "below", "younger than", "less than", "lower than", "before", "earlier than", "fewer than",
        "unter", "jünger als", "weniger als", "kleiner als", "niedriger als", "vor",
        "menos de", "menores de", "menor que", "menores que", "por debajo de", "antes de",
        "moins de", "moins que", "en dessous de", "inférieur à", "avant", "abaixo de",
    ),
    ">=": (
        "at least", "from", "not under", "not below", "since", "mindestens", "ab", "nicht unter", "al menos", "desde", "a partir de",
        "au moins", "à partir de", "depuis", "pelo menos",
    ),
    "<=": (
        "at most", "up to", "until", "not over", "not above", "höchstens", "bis zu", "bis", "nicht über", "como máximo", "hasta",
        "au plus", "jusqu'à", "no máximo", "até",
    ),
}  # fmt: skip
_IDLE = {
    "only", "rows", "patients", "people", "persons", "those", "who", "are", "with",
    "a", "an", "the", "of", "and", "that", "have", "has", "in",
    "years", "year", "old", "aged", "whose", "is", "customers", "all", "just",
    "nur", "zeilen", "patienten", "patientinnen", "leute", "personen", "die", "der", "mit", "und", "jahre", "jahren", "jahr", "alt",
    "alle", "kunden", "ist", "sind",
    "solo", "sólo", "solamente", "filas", "pacientes", "personas", "los", "las", "el", "la", "con", "de", "y", "años", "que", "son",
    "todas", "todos", "clientes", "tienen",
    "seulement", "uniquement", "lignes", "personnes", "les", "le", "des", "avec", "et", "ans", "qui", "ont", "âgées", "âgés", "clients",
    "âge",
    "só", "somente", "apenas", "linhas", "pessoas", "os", "as", "o", "com", "e", "anos", "têm", "são",
}  # fmt: skip
# What people are called of whose sex a table has a word or a letter.
_PEOPLE = {
    "women": ("f", "female", "woman", "w", "weiblich", "femme", "féminin", "mujer", "femenino", "mulher", "feminino"),
    "men": ("m", "male", "man", "männlich", "h", "homme", "masculin", "hombre", "masculino", "homem"),
}
_ALSO = {
    "woman": "women", "female": "women", "females": "women", "girls": "women",
    "man": "men", "male": "men", "males": "men", "boys": "men",
    "frauen": "women", "mädchen": "women", "mujeres": "women", "femmes": "women", "mulheres": "women",
    "männer": "men", "jungen": "men", "hombres": "men", "hommes": "men", "homens": "men",
}  # fmt: skip
_AGE = re.compile(r"(^|[^a-z])(age|alter|edad|âge|idade)([^a-z]|$)", re.IGNORECASE)
# Characters of a condition that are read, as patterns look from each word on.
MAX_READ = 500


@dataclass(frozen=True, slots=True)
class Condition:
    """One column that is compared with a value, or with several that it may be one of."""

    name: str
    sign: str
    values: tuple[str | float, ...]

    def __str__(self) -> str:
        """As it is written exactly."""
        said = [f"{one:g}" if isinstance(one, float) else one for one in self.values]
        return f"{self.name} {self.sign} {said[0]}" if self.sign != "in" else f"{self.name} in ({', '.join(said)})"

    def holds(self, values: Values) -> Array:
        """For each row whether it holds."""
        found = values[self.name]
        match self.sign:
            case "=" | "in":
                return np.isin(found, np.array(self.values, dtype=found.dtype))
            case "!=":
                return ~np.isin(found, np.array(self.values, dtype=found.dtype))
            case ">":
                return np.asarray(found > self.values[0])
            case "<":
                return np.asarray(found < self.values[0])
            case ">=":
                return np.asarray(found >= self.values[0])
            case _:
                return np.asarray(found <= self.values[0])


def conditions_of(text: str, columns: Sequence[Column]) -> list[Condition]:
    """The conditions that a text names, which all are to hold.

    Raises:
        RefusedError: some of it names no column, or no value that its column can have.
    """
    text = " ".join(text[:MAX_READ].split())
    if not text:
        return []
    parts = _parts(text, columns)
    if all(_EXACT.fullmatch(part) for part in parts) and all(_named(part, columns) for part in parts):
        return [_exact(part, columns) for part in parts]
    return _in_words(text, columns)


def meeting(condition: str, values: Values, columns: Sequence[Column]) -> Values:
    """The rows that the condition holds for, which made-up rows that meet it are compared with; all where hardly any do."""
    which = np.ones(len(next(iter(values.values()))), dtype=bool)
    for one in conditions_of(condition, columns):
        which &= one.holds(values)
    return {name: found[which] for name, found in values.items()} if which.sum() >= 10 else values


def wanted_of(conditions: Sequence[Condition], plan: Plan) -> dict[str, list[int]]:
    """Which levels of discrete features the conditions leave."""
    wanted = dict[str, list[int]]()
    for feature in plan.features:
        if combined := plan.combined.get(feature.name):
            mine = [one for one in conditions if one.name in combined.names]
            every = np.arange(len(combined.values))
            kept = np.all([one.holds({one.name: combined.column(one.name, every)}) for one in mine], axis=0)
            if mine:
                # The last level may stand for several.
                wanted[feature.name] = sorted({min(int(at), feature.size - 1) for at in np.flatnonzero(kept)})
            continue
        mine = [one for one in conditions if one.name == feature.name]
        if not mine or not feature.size:
            continue
        levels = plan.levels[feature.name]
        cells = np.array(levels, dtype=float if plan.column(feature.name).measured else object)
        kept = np.all([one.holds({feature.name: cells}) for one in mine], axis=0)
        # The last level may stand for several.
        wanted[feature.name] = [at for at in range(feature.size) if kept[at] or levels[at] is None]
    return wanted


def sexes_in(column: Column) -> dict[str, str]:
    """What of a column's categories says that somebody is a woman (f) or a man (m); nothing unless both are said."""
    if column.sort is not Sort.CATEGORY:
        return {}
    known = {one.casefold(): one for one in column.categories}
    words = {sign: _word_of(people, known) for people, sign in (("women", "f"), ("men", "m"))}
    return {known[word]: sign for sign, word in words.items()} if all(words.values()) and len(known) <= 5 else {}


def _parts(text: str, columns: Sequence[Column]) -> list[str]:
    """The conditions of a text that is written exactly. "salt and pepper" may be one value, and is where a column has it."""
    first, *rest = re.split(r"( and | und | y | et | e | ?&& ?| ?; ?)", text)
    parts = [first]
    for between, part in zip(rest[::2], rest[1::2], strict=True):
        longer = f"{parts[-1]}{between}{part}"
        found, column = _EXACT.fullmatch(longer), _named(longer, columns)
        if found and column and found["value"].strip("\"' ").casefold() in map(str.casefold, column.categories):
            parts[-1] = longer
        else:
            parts.append(part)
    return parts


def _named(part: str, columns: Sequence[Column]) -> Column | None:
    found = _EXACT.fullmatch(part)
    name = found["name"].strip('" ').casefold() if found else ""
    return next((one for one in columns if one.name.casefold() == name), None)


def _exact(part: str, columns: Sequence[Column]) -> Condition:
    found, column = _EXACT.fullmatch(part), _named(part, columns)
    assert found is not None
    assert column is not None
    sign = _SIGNS.get(found["sign"].lower(), found["sign"].lower())
    cells = [found["value"]]
    if sign == "in":
        cells = [one.strip() for one in found["value"].strip("()[] ").split(",")]
    return _checked(column, sign, [cell.strip("\"' ") for cell in cells])


def _checked(column: Column, sign: str, cells: Sequence[str]) -> Condition:
    """A condition on a column, whose values can be met at all.

    Raises:
        RefusedError: they cannot.
    """
    if column.measured:
        condition = Condition(column.name, sign, tuple(_number(column, cell) for cell in cells))
        ends = {column.name: np.array([column.low, column.high])}
        within = [column.low <= float(one) <= column.high for one in condition.values]
        if not (condition.holds(ends).any() or (sign in ("=", "in") and any(within))):
            raise RefusedError(
                'No row can match {condition}: in your table "{name}" ranges from {low} to {high}.',
                condition=" ".join((column.name, sign, *cells)), name=column.name,
                low=_said(column, column.low), high=_said(column, column.high),
            )  # fmt: skip
        return condition
    if column.sort is not Sort.CATEGORY:
        raise RefusedError(
            '"{name}" is generated for each row, so it cannot have a condition. Leave it out.', name=column.name
        )
    if sign not in ("=", "!=", "in"):
        raise RefusedError('"{name}" contains words, so use = or != with it.', name=column.name)
    return Condition(column.name, sign, tuple(_category(column, cell) for cell in cells))


def _number(column: Column, cell: str) -> float:
    try:
        return seconds(cell, column.form) if column.sort is Sort.DATE else float(column.numeral.said(cell))
    except ValueError:
        pass
    if column.sort is Sort.DATE:
        for form in ("%Y-%m-%d", "%Y"):
            try:
                return seconds(cell, form)
            except ValueError:
                continue
    raise RefusedError('"{value}" is not a possible value of "{name}".', value=cell, name=column.name)


def _category(column: Column, cell: str) -> str:
    known = {one.casefold(): one for one in column.categories}
    if cell.casefold() in known:
        return known[cell.casefold()]
    people = _ALSO.get(cell.casefold(), cell.casefold())
    if word := _word_of(people, known):
        return known[word]
    if is_missing(cell):
        return ""
    raise RefusedError(
        '"{name}" is never "{value}" in your table. Its values are: {values}.',
        value=cell, name=column.name, values=list(column.categories[:12]),
    )  # fmt: skip


def _word_of(people: str, known: Collection[str]) -> str:
    """What women or men are called in a column that knows these words; empty where it has none for them."""
    # Of H and M it is hombres y mujeres.
    if {"h", "m"} <= set(known) and not {"f", "w"} & set(known):
        return {"women": "m", "men": "h"}.get(people, "")
    return next((word for word in _PEOPLE.get(people, ()) if word in known), "")


def _said(column: Column, value: float) -> str:
    from .columns import table_of

    return table_of({column.name: np.array([value])}, [column]).columns[column.name][0]


def _in_words(text: str, columns: Sequence[Column]) -> list[Condition]:
    rest, found = f" {text.strip().rstrip('.')} ", list[Condition]()
    rest = _between(rest, columns, found)
    for sign, words in sorted(_WORDS.items(), key=lambda one: -max(map(len, one[1]))):
        for word in sorted(words, key=len, reverse=True):
            pattern = re.compile(rf"(?<!\w)(?<!not ){re.escape(word)}\s+(?P<value>\d[\d.,:\-/]*)(?!\w)", re.IGNORECASE)
            while hit := pattern.search(rest):
                column, start = _column_before(rest[: hit.start()], columns)
                found.append(_checked(column, sign, [hit["value"].rstrip(".,")]))
                rest = f"{rest[:start]} {rest[hit.end() :]}"
    for column in (one for one in columns if one.sort is Sort.CATEGORY):
        said = rest.casefold()
        for category in sorted(column.categories, key=len, reverse=True):
            if category.casefold() not in said:
                continue
            pattern = re.compile(
                rf"(?<!\w)({re.escape(column.name)}\s+(is\s+)?)?{re.escape(category)}(?!\w)", re.IGNORECASE
            )
            if (hit := pattern.search(rest)) and (len(category) > 1 or hit[1]):
                found.append(Condition(column.name, "=", (category,)))
                rest = f"{rest[: hit.start()]} {rest[hit.end() :]}"
                break
    left = list[str]()
    for word in re.findall(r"[\w'-]+", rest):
        people = _ALSO.get(word.casefold(), word.casefold())
        sexed = people in _PEOPLE and next((one for one in columns if _has_people(one, people)), None)
        if sexed:
            found.append(_checked(sexed, "=", [people]))
        elif word.casefold() not in _IDLE:
            left.append(word)
    if left or not found:
        raise RefusedError(
            ('I do not know what "{words}" means for these columns. Write it like {example}. The columns are: '
            "{columns}."),
            words=" ".join(left) or text.strip(), example=_example(columns), columns=[one.name for one in columns][:30],
        )  # fmt: skip
    return found


def _example(columns: Sequence[Column]) -> str:
    """A condition that some rows of the table meet."""
    numbers = (one for one in columns if one.sort is Sort.NUMBER)
    words = (one for one in columns if one.sort is Sort.CATEGORY and one.categories)
    parts = [f"{one.name} > {_said(one, (one.low + one.high) / 2)}" for one in islice(numbers, 1)]
    return (
        " and ".join(parts + [f"{one.name} = {one.categories[0]}" for one in islice(words, 1)])
        or "age > 60 and sex = F"
    )


def _between(rest: str, columns: Sequence[Column], found: list[Condition]) -> str:
    pattern = re.compile(
        r"\b(?:between|zwischen|entre)\s+(\d[\d.,\-/]*)\s+(?:and|und|y|et|e)\s+(\d[\d.,\-/]*)", re.IGNORECASE
    )
    while hit := pattern.search(rest):
        column, start = _column_before(rest[: hit.start()], columns)
        found += [_checked(column, ">=", [hit[1].rstrip(".,")]), _checked(column, "<=", [hit[2].rstrip(".,")])]
        rest = f"{rest[:start]} {rest[hit.end() :]}"
    return rest


def _column_before(before: str, columns: Sequence[Column]) -> tuple[Column, int]:
    """The column that stands right before a comparison, else that of the age; and where its name starts."""
    lower = before.casefold()
    for column in sorted((one for one in columns if one.name.casefold() in lower), key=lambda one: -len(one.name)):
        said = re.search(rf"(?<!\w){re.escape(column.name)}\s*(is|of)?\s*$", before, re.IGNORECASE)
        if said and column.measured:
            return column, said.start()
    for column in columns:
        if column.sort is Sort.NUMBER and _AGE.search(column.name):
            return column, len(before)
    raise RefusedError(
        "Which column does that number belong to? Write it like age > 60. The columns are: {columns}.",
        columns=[one.name for one in columns if one.measured][:30],
    )


def _has_people(column: Column, people: str) -> bool:
    known = {one.casefold() for one in column.categories}
    return column.sort is Sort.CATEGORY and bool(_word_of(people, known))
