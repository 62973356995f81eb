"""Parses conditions on the rows to generate: in exact notation, `age > 60 and sex = F`, or in words, "only women over 60"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Column, ColumnType, Values, count_rows, format_table, take_rows
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
# Categories that mean female or male, by the word that `_SEX_SYNONYMS` maps to.
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
# Longer texts are truncated, as some patterns search ahead from each word.
MAX_CONDITION_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a column with a value, or with several alternatives if `sign` is "in"."""

    name: str
    sign: str
    values: tuple[str | float, ...]

    def __str__(self) -> str:
        """Format the condition in exact notation."""
        texts = [f"{value:g}" if isinstance(value, float) else value for value in self.values]
        return f"{self.name} {self.sign} {texts[0]}" if self.sign != "in" else f"{self.name} in ({', '.join(texts)})"

    def evaluate(self, values: Values) -> Array:
        """Return a mask of the rows that meet the condition."""
        array = values[self.name]
        match self.sign:
            case "=" | "in":
                return np.isin(array, np.array(self.values, dtype=array.dtype))
            case "!=":
                return ~np.isin(array, np.array(self.values, dtype=array.dtype))
            case ">":
                return np.asarray(array > self.values[0])
            case "<":
                return np.asarray(array < self.values[0])
            case ">=":
                return np.asarray(array >= self.values[0])
            case _:
                return np.asarray(array <= self.values[0])


def parse_conditions(text: str, columns: Sequence[Column]) -> list[Condition]:
    """Parse a text into conditions, all of which must hold; an empty text has none.

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
    """Return the real rows that meet a condition, to compare generated rows with; all rows if fewer than ten do."""
    is_selected = np.ones(count_rows(values), dtype=bool)
    for parsed_condition in parse_conditions(condition, columns):
        is_selected &= parsed_condition.evaluate(values)
    return take_rows(values, is_selected) if is_selected.sum() >= 10 else values


def find_wanted_levels(conditions: Sequence[Condition], plan: FramePlan) -> dict[str, list[int]]:
    """Return the levels that meet the conditions, for each discrete feature with conditions."""
    wanted = dict[str, list[int]]()
    for feature in plan.features:
        if combination := plan.combinations.get(feature.name):
            feature_conditions = [condition for condition in conditions if condition.name in combination.names]
            all_indices = np.arange(len(combination.values))
            is_wanted = np.all(
                [
                    condition.evaluate({condition.name: combination.get_values(condition.name, all_indices)})
                    for condition in feature_conditions
                ],
                axis=0,
            )
            if feature_conditions:
                # The last level may represent several values.
                wanted[feature.name] = sorted(
                    {min(int(index), feature.size - 1) for index in np.flatnonzero(is_wanted)}
                )
            continue
        feature_conditions = [condition for condition in conditions if condition.name == feature.name]
        if not feature_conditions or not feature.size:
            continue
        levels = plan.levels[feature.name]
        cells = np.array(levels, dtype=float if plan.get_column(feature.name).is_numeric else object)
        is_wanted = np.all([condition.evaluate({feature.name: cells}) for condition in feature_conditions], axis=0)
        # The last level may represent several values.
        wanted[feature.name] = [level for level in range(feature.size) if is_wanted[level] or levels[level] is None]
    return wanted


def find_sex_labels(column: Column) -> dict[str, str]:
    """Map the categories of a column that mean female or male to "f" and "m"; empty unless it has both."""
    if column.type is not ColumnType.CATEGORY:
        return {}
    category_by_folded = {category.casefold(): category for category in column.categories}
    labels = {code: _find_sex_label(sex_word, category_by_folded) for sex_word, code in (("women", "f"), ("men", "m"))}
    return (
        {category_by_folded[label]: code for code, label in labels.items()}
        if all(labels.values()) and len(category_by_folded) <= 5
        else {}
    )


def _split_conditions(text: str, columns: Sequence[Column]) -> list[str]:
    """Split exact notation into conditions, except within a category such as "salt and pepper"."""
    first, *rest = re.split(r"( and | und | y | et | e | ?&& ?| ?; ?)", text)
    parts = [first]
    for separator, part in zip(rest[::2], rest[1::2], strict=True):
        joined = f"{parts[-1]}{separator}{part}"
        match, column = _COMPARISON.fullmatch(joined), _find_column(joined, columns)
        if match and column and match["value"].strip("\"' ").casefold() in map(str.casefold, column.categories):
            parts[-1] = joined
        else:
            parts.append(part)
    return parts


def _find_column(part: str, columns: Sequence[Column]) -> Column | None:
    match = _COMPARISON.fullmatch(part)
    name = match["name"].strip('" ').casefold() if match else ""
    return next((column for column in columns if column.name.casefold() == name), None)


def _parse_comparison(part: str, columns: Sequence[Column]) -> Condition:
    match, column = _COMPARISON.fullmatch(part), _find_column(part, columns)
    assert match is not None
    assert column is not None
    sign = _SIGN_ALIASES.get(match["sign"].lower(), match["sign"].lower())
    cells = [match["value"]]
    if sign == "in":
        cells = [cell.strip() for cell in match["value"].strip("()[] ").split(",")]
    return _build_condition(column, sign, [cell.strip("\"' ") for cell in cells])


def _build_condition(column: Column, sign: str, cells: Sequence[str]) -> Condition:
    """Build a condition from the texts of its values.

    Raises:
        RefusedError: no row can meet the condition, or the column has no conditions.
    """
    if column.is_numeric:
        condition = Condition(column.name, sign, tuple(_parse_number(column, cell) for cell in cells))
        ends = {column.name: np.array([column.low, column.high])}
        is_in_range = [column.low <= float(value) <= column.high for value in condition.values]
        if not (condition.evaluate(ends).any() or (sign in ("=", "in") and any(is_in_range))):
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
    category_by_folded = {category.casefold(): category for category in column.categories}
    if cell.casefold() in category_by_folded:
        return category_by_folded[cell.casefold()]
    sex_word = _SEX_SYNONYMS.get(cell.casefold(), cell.casefold())
    if label := _find_sex_label(sex_word, category_by_folded):
        return category_by_folded[label]
    if is_missing(cell):
        return ""
    raise RefusedError(
        '"{name}" is never "{value}" in your table. Its values are: {values}.',
        value=cell, name=column.name, values=list(column.categories[:12]),
    )  # fmt: skip


def _find_sex_label(sex_word: str, categories: Collection[str]) -> str:
    """Return the folded category that means "women" or "men"; "" if there is none."""
    # With both, H and M mean hombres and mujeres.
    if {"h", "m"} <= set(categories) and not {"f", "w"} & set(categories):
        return {"women": "m", "men": "h"}.get(sex_word, "")
    return next((label for label in _SEX_LABELS.get(sex_word, ()) if label in categories), "")


def _format_value(column: Column, value: float) -> str:
    return format_table({column.name: np.array([value])}, [column]).columns[column.name][0]


def _parse_phrases(text: str, columns: Sequence[Column]) -> list[Condition]:
    """Parse conditions in words: ranges, then comparisons, categories, and words for women and men.

    Raises:
        RefusedError: a word is unknown, or there is no condition.
    """
    unparsed, conditions = f" {text.strip().rstrip('.')} ", list[Condition]()
    for parse in (_parse_ranges, _parse_comparison_phrases, _parse_categories):
        unparsed = parse(unparsed, columns, conditions)
    unknown_words = list[str]()
    for word in re.findall(r"[\w'-]+", unparsed):
        sex_word = _SEX_SYNONYMS.get(word.casefold(), word.casefold())
        sex_column = sex_word in _SEX_LABELS and next(
            (column for column in columns if _has_sex_label(column, sex_word)), None
        )
        if sex_column:
            conditions.append(_build_condition(sex_column, "=", [sex_word]))
        elif word.casefold() not in _STOP_WORDS:
            unknown_words.append(word)
    if unknown_words or not conditions:
        raise RefusedError(
            ('I do not know what "{words}" means for these columns. Write it like {example}. The columns are: '
            "{columns}."),
            words=" ".join(unknown_words) or text.strip(), example=_build_example(columns),
            columns=[column.name for column in columns[:30]],
        )  # fmt: skip
    return conditions


def _build_example(columns: Sequence[Column]) -> str:
    """Return an example of exact notation for these columns."""
    number_columns = (column for column in columns if column.type is ColumnType.NUMBER)
    category_columns = (column for column in columns if column.type is ColumnType.CATEGORY and column.categories)
    parts = [
        f"{column.name} > {_format_value(column, (column.low + column.high) / 2)}"
        for column in islice(number_columns, 1)
    ]
    return (
        " and ".join(parts + [f"{column.name} = {column.categories[0]}" for column in islice(category_columns, 1)])
        or "age > 60 and sex = F"
    )


def _parse_ranges(unparsed: str, columns: Sequence[Column], conditions: list[Condition]) -> str:
    """Append the conditions of ranges such as "between 20 and 30"; return the text without them."""
    pattern = re.compile(
        r"\b(?:between|zwischen|entre)\s+(\d[\d.,\-/]*)\s+(?:and|und|y|et|e)\s+(\d[\d.,\-/]*)", re.IGNORECASE
    )
    while match := pattern.search(unparsed):
        column, start = _find_preceding_column(unparsed[: match.start()], columns)
        conditions += [
            _build_condition(column, ">=", [match[1].rstrip(".,")]),
            _build_condition(column, "<=", [match[2].rstrip(".,")]),
        ]
        unparsed = f"{unparsed[:start]} {unparsed[match.end() :]}"
    return unparsed


def _parse_comparison_phrases(unparsed: str, columns: Sequence[Column], conditions: list[Condition]) -> str:
    """Append the conditions of comparisons such as "over 60"; return the text without them."""
    for sign, phrases in sorted(_SIGN_PHRASES.items(), key=lambda item: -max(map(len, item[1]))):
        for phrase in sorted(phrases, key=len, reverse=True):
            pattern = re.compile(
                rf"(?<!\w)(?<!not ){re.escape(phrase)}\s+(?P<value>\d[\d.,:\-/]*)(?!\w)", re.IGNORECASE
            )
            while match := pattern.search(unparsed):
                column, start = _find_preceding_column(unparsed[: match.start()], columns)
                conditions.append(_build_condition(column, sign, [match["value"].rstrip(".,")]))
                unparsed = f"{unparsed[:start]} {unparsed[match.end() :]}"
    return unparsed


def _parse_categories(unparsed: str, columns: Sequence[Column], conditions: list[Condition]) -> str:
    """Append a condition for each column of which the text contains a category; return the text without these."""
    for column in columns:
        if column.type is not ColumnType.CATEGORY:
            continue
        folded = unparsed.casefold()
        for category in sorted(column.categories, key=len, reverse=True):
            if category.casefold() not in folded:
                continue
            pattern = re.compile(
                rf"(?<!\w)({re.escape(column.name)}\s+(is\s+)?)?{re.escape(category)}(?!\w)", re.IGNORECASE
            )
            if (match := pattern.search(unparsed)) and (len(category) > 1 or match[1]):
                conditions.append(Condition(column.name, "=", (category,)))
                unparsed = f"{unparsed[: match.start()]} {unparsed[match.end() :]}"
                break
    return unparsed


def _find_preceding_column(preceding: str, columns: Sequence[Column]) -> tuple[Column, int]:
    """Return the column named right before a comparison and the position of its name, or else the age column.

    Raises:
        RefusedError: there is neither.
    """
    folded = preceding.casefold()
    for column in sorted(
        (column for column in columns if column.name.casefold() in folded), key=lambda column: -len(column.name)
    ):
        mention = re.search(rf"(?<!\w){re.escape(column.name)}\s*(is|of)?\s*$", preceding, re.IGNORECASE)
        if mention and column.is_numeric:
            return column, mention.start()
    for column in columns:
        if column.type is ColumnType.NUMBER and _AGE_HEADING.search(column.name):
            return column, len(preceding)
    raise RefusedError(
        "Which column does that number belong to? Write it like age > 60. The columns are: {columns}.",
        columns=[column.name for column in columns if column.is_numeric][:30],
    )


def _has_sex_label(column: Column, sex_word: str) -> bool:
    categories = {category.casefold() for category in column.categories}
    return column.type is ColumnType.CATEGORY and bool(_find_sex_label(sex_word, categories))
