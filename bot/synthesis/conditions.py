"""Conditions on the rows to generate: `age > 60 and sex = F`, or in words, "only women over 60"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Column, ColumnType, Values
from .dates import parse_date
from .frame import FramePlan
from .table import is_missing

_COMPARISON = re.compile(
    r"(?P<name>\"[^\"]+\"|.+?) ?(?P<sign>!=|<>|>=|<=|=>|==|=|>|<|\bis not\b|\bis\b|\bin\b) ?(?P<value>.+)",
    re.IGNORECASE,
)
_SIGN_ALIASES = {"==": "=", "is": "=", "<>": "!=", "is not": "!=", "=>": ">="}
_SIGN_PHRASES: dict[str, tuple[str, ...]] = {
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
_STOP_WORDS = {
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
# Categories that mean female or male.
_SEX_LABELS = {
    "women": ("f", "female", "woman", "w", "weiblich", "femme", "féminin", "mujer", "femenino", "mulher", "feminino"),
    "men": ("m", "male", "man", "männlich", "h", "homme", "masculin", "hombre", "masculino", "homem"),
}
_SEX_SYNONYMS = {
    "woman": "women", "female": "women", "females": "women", "girls": "women",
    "man": "men", "male": "men", "males": "men", "boys": "men",
    "frauen": "women", "mädchen": "women", "mujeres": "women", "femmes": "women", "mulheres": "women",
    "männer": "men", "jungen": "men", "hombres": "men", "hommes": "men", "homens": "men",
}  # fmt: skip
_AGE_HEADING = re.compile(r"(^|[^a-z])(age|alter|edad|âge|idade)([^a-z]|$)", re.IGNORECASE)
# Longer texts are truncated, as patterns are searched from each word.
MAX_CONDITION_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a column with a value, or with several alternatives."""

    name: str
    sign: str
    values: tuple[str | float, ...]

    def __str__(self) -> str:
        """Format the condition in exact notation."""
        said = [f"{value:g}" if isinstance(value, float) else value for value in self.values]
        return f"{self.name} {self.sign} {said[0]}" if self.sign != "in" else f"{self.name} in ({', '.join(said)})"

    def evaluate(self, values: Values) -> Array:
        """Return a boolean for each row: whether the condition holds."""
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


def parse_conditions(text: str, columns: Sequence[Column]) -> list[Condition]:
    """Parse a text into conditions, all of which must hold.

    Raises:
        RefusedError: a part of the text names no column, or a value that its column cannot have.
    """
    text = " ".join(text[:MAX_CONDITION_CHARACTERS].split())
    if not text:
        return []
    parts = _split_conditions(text, columns)
    if all(_COMPARISON.fullmatch(part) for part in parts) and all(_find_column(part, columns) for part in parts):
        return [_parse_comparison(part, columns) for part in parts]
    return _parse_phrases(text, columns)


def filter_rows(condition: str, values: Values, columns: Sequence[Column]) -> Values:
    """Return the rows that meet the condition, to compare generated rows with; all rows if fewer than ten do."""
    which = np.ones(len(next(iter(values.values()))), dtype=bool)
    for parsed_condition in parse_conditions(condition, columns):
        which &= parsed_condition.evaluate(values)
    return {name: found[which] for name, found in values.items()} if which.sum() >= 10 else values


def find_wanted_levels(conditions: Sequence[Condition], plan: FramePlan) -> dict[str, list[int]]:
    """Return the levels of discrete features that meet the conditions."""
    wanted = dict[str, list[int]]()
    for feature in plan.features:
        if combination := plan.combinations.get(feature.name):
            mine = [condition for condition in conditions if condition.name in combination.names]
            every = np.arange(len(combination.values))
            kept = np.all(
                [
                    condition.evaluate({condition.name: combination.get_values(condition.name, every)})
                    for condition in mine
                ],
                axis=0,
            )
            if mine:
                # The last level may represent several values.
                wanted[feature.name] = sorted({min(int(at), feature.size - 1) for at in np.flatnonzero(kept)})
            continue
        mine = [condition for condition in conditions if condition.name == feature.name]
        if not mine or not feature.size:
            continue
        levels = plan.levels[feature.name]
        cells = np.array(levels, dtype=float if plan.get_column(feature.name).is_numeric else object)
        kept = np.all([condition.evaluate({feature.name: cells}) for condition in mine], axis=0)
        # The last level may represent several values.
        wanted[feature.name] = [at for at in range(feature.size) if kept[at] or levels[at] is None]
    return wanted


def find_sex_labels(column: Column) -> dict[str, str]:
    """Map the categories of a column that mean female (f) or male (m); empty unless it has both."""
    if column.type is not ColumnType.CATEGORY:
        return {}
    known = {category.casefold(): category for category in column.categories}
    words = {sign: _find_sex_label(people, known) for people, sign in (("women", "f"), ("men", "m"))}
    return {known[word]: sign for sign, word in words.items()} if all(words.values()) and len(known) <= 5 else {}


def _split_conditions(text: str, columns: Sequence[Column]) -> list[str]:
    """Split exact notation into conditions. "salt and pepper" stays one value if a column has that category."""
    first, *rest = re.split(r"( and | und | y | et | e | ?&& ?| ?; ?)", text)
    parts = [first]
    for between, part in zip(rest[::2], rest[1::2], strict=True):
        longer = f"{parts[-1]}{between}{part}"
        found, column = _COMPARISON.fullmatch(longer), _find_column(longer, columns)
        if found and column and found["value"].strip("\"' ").casefold() in map(str.casefold, column.categories):
            parts[-1] = longer
        else:
            parts.append(part)
    return parts


def _find_column(part: str, columns: Sequence[Column]) -> Column | None:
    found = _COMPARISON.fullmatch(part)
    name = found["name"].strip('" ').casefold() if found else ""
    return next((column for column in columns if column.name.casefold() == name), None)


def _parse_comparison(part: str, columns: Sequence[Column]) -> Condition:
    found, column = _COMPARISON.fullmatch(part), _find_column(part, columns)
    assert found is not None
    assert column is not None
    sign = _SIGN_ALIASES.get(found["sign"].lower(), found["sign"].lower())
    cells = [found["value"]]
    if sign == "in":
        cells = [cell.strip() for cell in found["value"].strip("()[] ").split(",")]
    return _build_condition(column, sign, [cell.strip("\"' ") for cell in cells])


def _build_condition(column: Column, sign: str, cells: Sequence[str]) -> Condition:
    """Build a condition that some row can meet.

    Raises:
        RefusedError: no row can meet the condition.
    """
    if column.is_numeric:
        condition = Condition(column.name, sign, tuple(_parse_number(column, cell) for cell in cells))
        ends = {column.name: np.array([column.low, column.high])}
        within = [column.low <= float(value) <= column.high for value in condition.values]
        if not (condition.evaluate(ends).any() or (sign in ("=", "in") and any(within))):
            raise RefusedError(
                'No row can match {condition}: in your table "{name}" ranges from {low} to {high}.',
                condition=" ".join((column.name, sign, *cells)), name=column.name,
                low=_format_value(column, column.low), high=_format_value(column, column.high),
            )  # fmt: skip
        return condition
    if column.type is not ColumnType.CATEGORY:
        raise RefusedError(
            '"{name}" is generated for each row, so it cannot have a condition. Leave it out.', name=column.name
        )
    if sign not in ("=", "!=", "in"):
        raise RefusedError('"{name}" contains words, so use = or != with it.', name=column.name)
    return Condition(column.name, sign, tuple(_parse_category(column, cell) for cell in cells))


def _parse_number(column: Column, cell: str) -> float:
    try:
        return (
            parse_date(cell, column.form) if column.type is ColumnType.DATE else float(column.numeral.parse_input(cell))
        )
    except ValueError:
        pass
    if column.type is ColumnType.DATE:
        for form in ("%Y-%m-%d", "%Y"):
            try:
                return parse_date(cell, form)
            except ValueError:
                continue
    raise RefusedError('"{value}" is not a possible value of "{name}".', value=cell, name=column.name)


def _parse_category(column: Column, cell: str) -> str:
    known = {category.casefold(): category for category in column.categories}
    if cell.casefold() in known:
        return known[cell.casefold()]
    people = _SEX_SYNONYMS.get(cell.casefold(), cell.casefold())
    if word := _find_sex_label(people, known):
        return known[word]
    if is_missing(cell):
        return ""
    raise RefusedError(
        '"{name}" is never "{value}" in your table. Its values are: {values}.',
        value=cell, name=column.name, values=list(column.categories[:12]),
    )  # fmt: skip


def _find_sex_label(people: str, known: Collection[str]) -> str:
    """Return the label of women or men in a column with these categories, or ""."""
    # H and M are hombres and mujeres.
    if {"h", "m"} <= set(known) and not {"f", "w"} & set(known):
        return {"women": "m", "men": "h"}.get(people, "")
    return next((word for word in _SEX_LABELS.get(people, ()) if word in known), "")


def _format_value(column: Column, value: float) -> str:
    from .columns import format_table

    return format_table({column.name: np.array([value])}, [column]).columns[column.name][0]


def _parse_phrases(text: str, columns: Sequence[Column]) -> list[Condition]:
    rest, found = f" {text.strip().rstrip('.')} ", list[Condition]()
    rest = _parse_ranges(rest, columns, found)
    for sign, words in sorted(_SIGN_PHRASES.items(), key=lambda item: -max(map(len, item[1]))):
        for word in sorted(words, key=len, reverse=True):
            pattern = re.compile(rf"(?<!\w)(?<!not ){re.escape(word)}\s+(?P<value>\d[\d.,:\-/]*)(?!\w)", re.IGNORECASE)
            while hit := pattern.search(rest):
                column, start = _find_preceding_column(rest[: hit.start()], columns)
                found.append(_build_condition(column, sign, [hit["value"].rstrip(".,")]))
                rest = f"{rest[:start]} {rest[hit.end() :]}"
    for column in (column for column in columns if column.type is ColumnType.CATEGORY):
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
        people = _SEX_SYNONYMS.get(word.casefold(), word.casefold())
        sexed = people in _SEX_LABELS and next((column for column in columns if _has_sex_label(column, people)), None)
        if sexed:
            found.append(_build_condition(sexed, "=", [people]))
        elif word.casefold() not in _STOP_WORDS:
            left.append(word)
    if left or not found:
        raise RefusedError(
            ('I do not know what "{words}" means for these columns. Write it like {example}. The columns are: '
            "{columns}."),
            words=" ".join(left) or text.strip(), example=_build_example(columns), columns=[column.name for column in columns][:30],
        )  # fmt: skip
    return found


def _build_example(columns: Sequence[Column]) -> str:
    """Return a condition that some rows of the table meet."""
    numbers = (column for column in columns if column.type is ColumnType.NUMBER)
    words = (column for column in columns if column.type is ColumnType.CATEGORY and column.categories)
    parts = [
        f"{column.name} > {_format_value(column, (column.low + column.high) / 2)}" for column in islice(numbers, 1)
    ]
    return (
        " and ".join(parts + [f"{column.name} = {column.categories[0]}" for column in islice(words, 1)])
        or "age > 60 and sex = F"
    )


def _parse_ranges(rest: str, columns: Sequence[Column], found: list[Condition]) -> str:
    pattern = re.compile(
        r"\b(?:between|zwischen|entre)\s+(\d[\d.,\-/]*)\s+(?:and|und|y|et|e)\s+(\d[\d.,\-/]*)", re.IGNORECASE
    )
    while hit := pattern.search(rest):
        column, start = _find_preceding_column(rest[: hit.start()], columns)
        found += [
            _build_condition(column, ">=", [hit[1].rstrip(".,")]),
            _build_condition(column, "<=", [hit[2].rstrip(".,")]),
        ]
        rest = f"{rest[:start]} {rest[hit.end() :]}"
    return rest


def _find_preceding_column(before: str, columns: Sequence[Column]) -> tuple[Column, int]:
    """Return the column named right before a comparison, else the age column; and where its name starts."""
    lower = before.casefold()
    for column in sorted(
        (column for column in columns if column.name.casefold() in lower), key=lambda column: -len(column.name)
    ):
        said = re.search(rf"(?<!\w){re.escape(column.name)}\s*(is|of)?\s*$", before, re.IGNORECASE)
        if said and column.is_numeric:
            return column, said.start()
    for column in columns:
        if column.type is ColumnType.NUMBER and _AGE_HEADING.search(column.name):
            return column, len(before)
    raise RefusedError(
        "Which column does that number belong to? Write it like age > 60. The columns are: {columns}.",
        columns=[column.name for column in columns if column.is_numeric][:30],
    )


def _has_sex_label(column: Column, people: str) -> bool:
    known = {category.casefold() for category in column.categories}
    return column.type is ColumnType.CATEGORY and bool(_find_sex_label(people, known))
