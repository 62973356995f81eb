"""Renders the report on a generated table as a picture with alternative text, as PDF and as Markdown, in the reader's
language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.content import Content
from bot.errors import FileError, Phrase
from bot.exports._charts import WIDTH, ChartBar, ChartBlock, draw_chart
from bot.locales import localize, translate

from .comparison import Usefulness
from .report import Report

# Only the least similar columns and pairs get bars; the PDF lists more of them.
_MAX_BARS, _MAX_LISTED_FIGURES = 12, 200
_TITLE = "Made-up data based on {name}"
_LEAD = "{rows:,} made-up rows, learnt from {learnt:,} real ones with the model {model}. Copies among them: {copied:,}."
_WORST_COLUMNS = "Columns: the {most} least similar, of {count:,}"
_WORST_PAIRS = "Pairs of columns: the {most} least similar, of {count:,}"
_ROW_TO_ROW = "Change from row to row for the same {entity}"
# Headings of the measures of `Usefulness`.
_MEASURES = {"accuracy": "Share correct", "R2": "R²"}
_PAIR = "{first} and {second}"
# Characters that cannot be typeset or extracted reliably.
_UNPRINTABLE = re.compile("[^\n -~\u00a0-\u024f\u2013\u2014\u2018-\u201d\u2026\u202f]+")


def format_title(name: str, locale: str) -> str:
    """Format the title of the report on a table."""
    return localize(Phrase(_TITLE, name=name), locale)


def draw_svg(report: Report, name: str, locale: str = "en") -> tuple[str, int]:
    """Draw the report as SVG; return it with its height in pixels."""
    shapes = sorted(report.quality.shapes.items(), key=lambda item: item[1])
    trends = sorted(report.quality.trends.items(), key=lambda item: item[1])

    def build_bars(figures: Iterable[tuple[str, float]]) -> list[ChartBar]:
        return [ChartBar(label, figure, _format_figure(figure, locale)) for label, figure in figures]

    columns, pairs = translate("Columns", locale), translate("Pairs of columns", locale)
    if len(shapes) > _MAX_BARS:
        columns = localize(Phrase(_WORST_COLUMNS, most=_MAX_BARS, count=len(shapes)), locale)
    if len(trends) > _MAX_BARS:
        pairs = localize(Phrase(_WORST_PAIRS, most=_MAX_BARS, count=len(trends)), locale)
    blocks = [
        ChartBlock(translate("Overall", locale), build_bars(_list_overall_figures(report, locale))),
        ChartBlock(columns, build_bars(shapes[:_MAX_BARS])),
        ChartBlock(
            pairs,
            build_bars((_format_pair(pair, locale), figure) for pair, figure in trends[:_MAX_BARS]),
            empty_text=translate("There is only one column.", locale),
        ),
    ]
    sentences = [localize(sentence, locale) for sentence in report.sentences]
    return draw_chart(format_title(name, locale), blocks, sentences, lead=_format_lead(report, locale))


def render_report_png(report: Report, name: str, locale: str = "en") -> bytes:
    """Render the report as PNG."""
    from bot.exports._drawing import render_png

    drawing, height = draw_svg(report, name, locale)
    return render_png(drawing, max(WIDTH, height))


def render_pdf(report: Report, name: str, locale: str = "en") -> bytes:
    """Render the report with all tables as PDF. If it cannot be typeset, non-Latin characters are replaced by "?"."""
    from bot.exports.pdf import export

    title, text = format_title(name, locale), format_text(report, name, locale)
    try:
        return export(title, Content(text, {}))
    except (FileError, AssertionError):
        return export(_UNPRINTABLE.sub("?", title), Content(_UNPRINTABLE.sub("?", text), {}))


def format_alt_text(report: Report, name: str, locale: str = "en") -> str:
    """Format the alternative text of the report's picture."""
    figures = " ".join(
        f"{label}: {_format_figure(figure, locale)}." for label, figure in _list_overall_figures(report, locale)
    )
    return f"{format_title(name, locale)}. {_format_lead(report, locale)} {figures}"


def format_text(report: Report, name: str, locale: str = "en") -> str:
    """Format the report with all tables as Markdown."""
    sentences = (localize(sentence, locale) for sentence in (*report.sentences, *report.notes))
    value = translate("Value", locale)
    lines = [
        f"# {format_title(name, locale)}",
        _format_lead(report, locale),
        *(f"- {sentence}" for sentence in sentences),
        f"## {translate('Overall', locale)}",
        *_render_table(
            (translate("Measure, from 0 to 1", locale), value),
            _format_figures(_list_overall_figures(report, locale), locale),
        ),
        *_format_similarities(report, locale),
        *(_format_usefulness(report.usefulness, locale) if report.usefulness is not None else ()),
        f"## {translate('Privacy', locale)}",
        *_render_table((translate("Figure", locale), value), _list_privacy_figures(report, locale)),
        *(_format_missing_cells(report, locale) if report.missing_shares else ()),
    ]
    return "\n".join(lines)


def _format_similarities(report: Report, locale: str) -> Iterator[str]:
    """Yield the lines of tables of columns, pairs of columns, and steps from row to row, the least similar first."""
    column, similarity = translate("Column", locale), translate("Similarity", locale)
    yield f"## {translate('Column distributions', locale)}"
    yield from _render_table((column, similarity), _format_worst(report.quality.shapes.items(), locale))
    if report.quality.trends:
        pairs = [(_format_pair(pair, locale), figure) for pair, figure in report.quality.trends.items()]
        yield f"## {translate('Relations between columns', locale)}"
        yield from _render_table((translate("Pair", locale), similarity), _format_worst(pairs, locale))
        if len(pairs) > _MAX_LISTED_FIGURES:
            yield localize(Phrase(_WORST_PAIRS, most=_MAX_LISTED_FIGURES, count=len(pairs)), locale)
    if report.step_similarity:
        yield f"## {localize(Phrase(_ROW_TO_ROW, entity=report.entity), locale)}"
        yield from _render_table((column, similarity), _format_worst(report.step_similarity.items(), locale))


def _format_usefulness(usefulness: Usefulness, locale: str) -> Iterator[str]:
    yield f"## {localize(Phrase('Predicting {target} in held-out rows', target=usefulness.target), locale)}"
    rows = [
        (translate("learnt from real rows", locale), usefulness.real_score),
        (translate("learnt from made-up rows", locale), usefulness.generated_score),
        (translate("always the same answer", locale), usefulness.baseline_score),
    ]
    heads = translate("Decision trees", locale), translate(_MEASURES[usefulness.measure], locale)
    yield from _render_table(heads, _format_figures(rows, locale))


def _format_missing_cells(report: Report, locale: str) -> Iterator[str]:
    yield f"## {translate('Missing cells', locale)}"
    rows = [
        (label, localize(Phrase("{real:.1%}; {made:.1%}", real=real, made=made), locale))
        for label, (real, made) in report.missing_shares.items()
    ]
    yield from _render_table((translate("Column", locale), translate("Real and made-up", locale)), rows)


def _format_lead(report: Report, locale: str) -> str:
    values = {
        "rows": report.row_count,
        "learnt": report.learnt_row_count,
        "model": report.method,
        "copied": report.copy_count,
    }
    return localize(Phrase(_LEAD, **values), locale)


def _list_overall_figures(report: Report, locale: str) -> list[tuple[str, float]]:
    """Return the most important figures with their labels, from 0 (bad) to 1."""
    figures = [
        (translate("Column distributions", locale), report.quality.shape),
        (translate("Relations between columns", locale), report.quality.trend),
        (translate("Hard for trees to tell apart", locale), 1 - max(0.0, 2 * report.separability - 1)),
    ]
    if report.step_similarity:
        figures.append((translate("Change from row to row", locale), report.mean_step_similarity))
    if report.usefulness is not None and report.usefulness.real_score > 0:
        usefulness = min(1.0, max(0.0, report.usefulness.generated_score / report.usefulness.real_score))
        figures.append(
            (localize(Phrase("Usefulness for {target}", target=report.usefulness.target), locale), usefulness)
        )
    return figures


def _format_pair(pair: tuple[str, str], locale: str) -> str:
    return localize(Phrase(_PAIR, first=pair[0], second=pair[1]), locale)


def _list_privacy_figures(report: Report, locale: str) -> list[tuple[str, str]]:
    def format_distance(figure: float) -> str:
        return localize(Phrase("{figure:.4f}", figure=figure), locale)

    def format_share(figure: float) -> str:
        return localize(Phrase("{figure:.1%}", figure=figure), locale)

    def format_count(figure: int) -> str:
        return localize(Phrase("{figure:,}", figure=figure), locale)

    rows = [
        (translate("rows copied", locale), format_count(report.copy_count)),
        (translate("rows that break the rules between columns", locale), format_count(report.violation_count)),
    ]
    if (nearness := report.nearness) is not None:
        held_out = translate("the same for real held-out rows", locale)
        nearer = translate("closer to a learnt row than held-out rows are (50 % is best)", locale)
        rows += [
            (
                translate("median distance to the nearest learnt row", locale),
                format_distance(nearness.generated_median),
            ),
            (held_out, format_distance(nearness.held_out_median)),
            (translate("distance within which 5 % of rows lie", locale), format_distance(nearness.generated_p5)),
            (held_out, format_distance(nearness.held_out_p5)),
            (nearer, format_share(nearness.closer_share)),
        ]
    if (singling_out := report.singling_out) is not None:
        singled_out = localize(
            Phrase("singled out in {count:,} attempts: learnt and held-out rows", count=singling_out.attack_count),
            locale,
        )
        rows += [
            (
                singled_out,
                localize(
                    Phrase(
                        _PAIR,
                        first=format_share(singling_out.learnt_share),
                        second=format_share(singling_out.held_out_share),
                    ),
                    locale,
                ),
            ),
            (translate("risk of being singled out, beyond chance", locale), format_share(singling_out.risk)),
        ]
    if report.epsilon:
        rows.append(("epsilon", localize(Phrase("{epsilon:g}", epsilon=report.epsilon), locale)))
    return rows


def _format_worst(figures: Iterable[tuple[str, float]], locale: str) -> list[tuple[str, str]]:
    return _format_figures(sorted(figures, key=lambda item: item[1])[:_MAX_LISTED_FIGURES], locale)


def _format_figures(figures: Iterable[tuple[str, float]], locale: str) -> list[tuple[str, str]]:
    return [(label, localize(Phrase("{figure:.3f}", figure=figure), locale)) for label, figure in figures]


def _format_figure(figure: float, locale: str) -> str:
    return localize(Phrase("{figure:.2f}", figure=figure), locale)


def _render_table(heads: Sequence[str], rows: Sequence[tuple[str, str]]) -> list[str]:
    lines = [f"| {label.replace('|', '/')} | {figure} |" for label, figure in rows]
    return [f"| {heads[0]} | {heads[1]} |", "|---|---|", *lines]
