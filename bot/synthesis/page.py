"""The report of a made-up table as a picture and as PDF, and the picture in words: in the language of whoever reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.content import Content
from bot.errors import FileError, Phrase
from bot.exports._charts import WIDTH, ChartBar, ChartBlock, draw_chart
from bot.locales import localize, translate

from .report import Report

# Of so many columns and pairs, the worst ones, bars are drawn; the PDF lists more.
_BARS, _LISTED = 12, 200
_TITLE = "Made-up data based on {name}"
_LEAD = "{rows:,} made-up rows, learnt from {learnt:,} real ones with the model {model}. Copies among them: {copied:,}."
_WORST_COLUMNS = "Columns: the {most} least similar, of {count:,}"
_WORST_PAIRS = "Pairs of columns: the {most} least similar, of {count:,}"
_ROW_TO_ROW = "Change from row to row for the same {entity}"
# What accuracy and the explained part of variance are called in tables.
_MEASURES = {"accuracy": "Share correct", "R2": "R²"}
_AND = "{first} and {second}"
# What is not sure to be set, and read again, as it is written.
_UNSET = re.compile("[^\n -~\u00a0-\u024f\u2013\u2014\u2018-\u201d\u2026\u202f]+")


def title_of(name: str, locale: str) -> str:
    """What the report of a table of that name is called."""
    return localize(Phrase(_TITLE, name=name), locale)


def svg(report: Report, name: str, locale: str = "en") -> tuple[str, int]:
    """The picture as SVG, and its height."""
    shapes = sorted(report.quality.shapes.items(), key=lambda one: one[1])
    trends = sorted(report.quality.trends.items(), key=lambda one: one[1])

    def bars(figures: Iterable[tuple[str, float]]) -> list[ChartBar]:
        return [ChartBar(what, figure, _short(figure, locale)) for what, figure in figures]

    columns, pairs = translate("Columns", locale), translate("Pairs of columns", locale)
    if len(shapes) > _BARS:
        columns = localize(Phrase(_WORST_COLUMNS, most=_BARS, count=len(shapes)), locale)
    if len(trends) > _BARS:
        pairs = localize(Phrase(_WORST_PAIRS, most=_BARS, count=len(trends)), locale)
    blocks = [
        ChartBlock(translate("Overall", locale), bars(_whole(report, locale))),
        ChartBlock(columns, bars(shapes[:_BARS])),
        ChartBlock(
            pairs, bars((_pair(pair, locale), figure) for pair, figure in trends[:_BARS]),
            empty=translate("There is only one column.", locale),
        ),
    ]  # fmt: skip
    sentences = [localize(one, locale) for one in report.sentences]
    return draw_chart(title_of(name, locale), blocks, sentences, lead=_lead(report, locale))


def png(report: Report, name: str, locale: str = "en") -> bytes:
    """The picture."""
    from bot.exports._drawing import render_png

    drawing, height = svg(report, name, locale)
    return render_png(drawing, max(WIDTH, height))


def pdf(report: Report, name: str, locale: str = "en") -> bytes:
    """All tables on paper. Of headings that cannot be set as they are, only what is Latin is left."""
    from bot.exports.pdf import export

    title, words = title_of(name, locale), text(report, name, locale)
    try:
        return export(title, Content(words, {}))
    except (FileError, AssertionError):
        return export(_UNSET.sub("?", title), Content(_UNSET.sub("?", words), {}))


def alt(report: Report, name: str, locale: str = "en") -> str:
    """What the picture shows, in words."""
    figures = " ".join(f"{what}: {_short(figure, locale)}." for what, figure in _whole(report, locale))
    return f"{title_of(name, locale)}. {_lead(report, locale)} {figures}"


def text(report: Report, name: str, locale: str = "en") -> str:
    """The report as text with its tables."""
    told = (localize(one, locale) for one in (*report.sentences, *report.notes))
    lines = [f"# {title_of(name, locale)}", _lead(report, locale), *(f"- {one}" for one in told)]
    likeness, value = translate("Similarity", locale), translate("Value", locale)
    shapes, trends = translate("Column distributions", locale), translate("Relations between columns", locale)
    lines += [
        f"## {translate('Overall', locale)}",
        *_table((translate("Measure, from 0 to 1", locale), value), _written(_whole(report, locale), locale)),
        f"## {shapes}",
        *_table((translate("Column", locale), likeness), _worst(report.quality.shapes.items(), locale)),
    ]
    if report.quality.trends:
        pairs = [(_pair(pair, locale), figure) for pair, figure in report.quality.trends.items()]
        lines += [
            f"## {trends}",
            *_table((translate("Pair", locale), likeness), _worst(pairs, locale)),
        ]
        if len(pairs) > _LISTED:
            lines.append(localize(Phrase(_WORST_PAIRS, most=_LISTED, count=len(pairs)), locale))
    if report.along:
        lines += [
            f"## {localize(Phrase(_ROW_TO_ROW, entity=report.entity), locale)}",
            *_table((translate("Column", locale), likeness), _worst(report.along.items(), locale)),
        ]
    if report.use is not None:
        use = report.use
        rows = [
            (translate("learnt from real rows", locale), use.real), (translate("learnt from made-up rows", locale), use.made),
            (translate("always the same answer", locale), use.least),
        ]  # fmt: skip
        lines += [
            f"## {localize(Phrase('Predicting {target} in held-out rows', target=use.target), locale)}",
            *_table(
                (translate("Decision trees", locale), translate(_MEASURES[use.measure], locale)),
                _written(rows, locale),
            ),
        ]
    lines += [
        f"## {translate('Privacy', locale)}",
        *_table((translate("Figure", locale), value), _private(report, locale)),
    ]
    if report.missing:
        rates = [
            (what, localize(Phrase("{real:.1%}; {made:.1%}", real=real, made=made), locale))
            for what, (real, made) in report.missing.items()
        ]
        lines += [
            f"## {translate('Missing cells', locale)}",
            *_table((translate("Column", locale), translate("Real and made-up", locale)), rates),
        ]
    return "\n".join(lines)


def _lead(report: Report, locale: str) -> str:
    values = {"rows": report.rows, "learnt": report.learnt_rows, "model": report.way, "copied": report.copied}
    return localize(Phrase(_LEAD, **values), locale)


def _whole(report: Report, locale: str) -> list[tuple[str, float]]:
    """The figures that matter most, each the better the nearer it is to 1."""
    found = [
        (translate("Column distributions", locale), report.quality.shape),
        (translate("Relations between columns", locale), report.quality.trend),
        (translate("Hard for trees to tell apart", locale), 1 - max(0.0, 2 * report.told_apart - 1)),
    ]
    if report.along:
        found.append((translate("Change from row to row", locale), report.row_to_row))
    if report.use is not None and report.use.real > 0:
        use = min(1.0, max(0.0, report.use.made / report.use.real))
        found.append((localize(Phrase("Usefulness for {target}", target=report.use.target), locale), use))
    return found


def _pair(pair: tuple[str, str], locale: str) -> str:
    return localize(Phrase(_AND, first=pair[0], second=pair[1]), locale)


def _private(report: Report, locale: str) -> list[tuple[str, str]]:
    def far(figure: float) -> str:
        return localize(Phrase("{figure:.4f}", figure=figure), locale)

    def share(figure: float) -> str:
        return localize(Phrase("{figure:.1%}", figure=figure), locale)

    def count(figure: int) -> str:
        return localize(Phrase("{figure:,}", figure=figure), locale)

    rows = [
        (translate("rows copied", locale), count(report.copied)),
        (translate("rows that break the rules between columns", locale), count(report.broken)),
    ]
    if (near := report.nearness) is not None:
        held_out = translate("the same for real held-out rows", locale)
        nearer = translate("closer to a learnt row than held-out rows are (50 % is best)", locale)
        rows += [
            (translate("median distance to the nearest learnt row", locale), far(near.made)),
            (held_out, far(near.held)),
            (translate("distance within which 5 % of rows lie", locale), far(near.nearest_made)),
            (held_out, far(near.nearest_held)),
            (nearer, share(near.closer)),
        ]
    if (one := report.singling) is not None:
        singled = localize(
            Phrase("singled out in {count:,} attempts: learnt and held-out rows", count=one.attacks), locale
        )
        rows += [
            (singled, localize(Phrase(_AND, first=share(one.learnt), second=share(one.held)), locale)),
            (translate("risk of being singled out, beyond chance", locale), share(one.risk)),
        ]
    if report.epsilon:
        rows.append(("epsilon", localize(Phrase("{epsilon:g}", epsilon=report.epsilon), locale)))
    return rows


def _worst(figures: Iterable[tuple[str, float]], locale: str) -> list[tuple[str, str]]:
    return _written(sorted(figures, key=lambda one: one[1])[:_LISTED], locale)


def _written(figures: Iterable[tuple[str, float]], locale: str) -> list[tuple[str, str]]:
    return [(what, localize(Phrase("{figure:.3f}", figure=figure), locale)) for what, figure in figures]


def _short(figure: float, locale: str) -> str:
    return localize(Phrase("{figure:.2f}", figure=figure), locale)


def _table(heads: Sequence[str], rows: Sequence[tuple[str, str]]) -> list[str]:
    lines = [f"| {what.replace('|', '/')} | {figure} |" for what, figure in rows]
    return [f"| {heads[0]} | {heads[1]} |", "|---|---|", *lines]
