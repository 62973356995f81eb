"""The report of a made-up table as a picture and as PDF, and the picture in words."""

from __future__ import annotations

from bot.content import Content
from bot.exports._charts import WIDTH, Bar, Block, drawn

from .report import Report

# Of so many columns and pairs, the worst ones, bars are drawn; the PDF lists more.
_BARS, _LISTED = 12, 200


def svg(report: Report, title: str) -> tuple[str, int]:
    """The picture as SVG, and its height."""
    shapes = sorted(report.quality.shapes.items(), key=lambda one: one[1])
    trends = sorted(report.quality.trends.items(), key=lambda one: one[1])
    blocks = [
        Block("On the whole", [Bar(name, figure, f"{figure:.2f}") for name, figure in _whole(report)]),
        Block(_part("Columns", len(shapes)), [Bar(name, figure, f"{figure:.2f}") for name, figure in shapes[:_BARS]]),
        Block(
            _part("Pairs of columns", len(trends)),
            [Bar(" and ".join(pair), figure, f"{figure:.2f}") for pair, figure in trends[:_BARS]],
            empty="There is only one column.",
        ),
    ]
    return drawn(title, blocks, [*map(str, report.sentences)], lead=_lead(report))


def png(report: Report, title: str) -> bytes:
    """The picture."""
    from bot.exports._drawing import rendered

    drawing, height = svg(report, title)
    return rendered(drawing, max(WIDTH, height))


def pdf(report: Report, title: str) -> bytes:
    """All tables on paper.

    Raises:
        FileError: a heading has signs that no font has.
    """
    from bot.exports.pdf import export

    return export(title, Content(text(report, title), {}))


def alt(report: Report, title: str) -> str:
    """What the picture shows, in words."""
    return f"{title}. {_lead(report)} {' '.join(f'{name}: {figure:.2f}.' for name, figure in _whole(report))}"


def text(report: Report, title: str) -> str:
    """The report as text with its tables."""
    lines = [f"# {title}", _lead(report), *(f"- {one}" for one in (*report.sentences, *report.notes))]
    lines += [
        "## On the whole",
        *_table("Figure, from 0 to 1", "Value", [(name, f"{f:.3f}") for name, f in _whole(report)]),
    ]
    lines += ["## Columns' shapes", *_table("Column", "Likeness", _worst(report.quality.shapes.items()))]
    if report.quality.trends:
        pairs = [(f"{first} and {second}", figure) for (first, second), figure in report.quality.trends.items()]
        lines += ["## Pairs' trends", *_table("Pair", "Likeness", _worst(pairs))]
        if len(pairs) > _LISTED:
            lines.append(f"The {_LISTED} pairs that come least near, of {len(pairs)}.")
    if report.use is not None:
        use = report.use
        rows = [
            ("learnt from real rows", use.real), ("learnt from made-up rows", use.made), ("always the same answer", use.least)
        ]  # fmt: skip
        lines += [
            f"## Foreseeing {use.target} in rows held out",
            *_table("Trees", use.measure, [(n, f"{f:.3f}") for n, f in rows]),
        ]
    lines += ["## Privacy", *_table("Figure", "Value", _private(report))]
    if report.missing:
        rates = [(name, f"{one:.1%} and {two:.1%}") for name, (one, two) in report.missing.items()]
        lines += ["## Missing cells", *_table("Column", "Real and made-up", rates)]
    return "\n".join(lines)


def _lead(report: Report) -> str:
    return f"{report.rows:,} made-up rows, learnt from {report.learnt_rows:,} by {report.way}; {report.copied:,} of them are copies."


def _whole(report: Report) -> list[tuple[str, float]]:
    """The figures that matter most, each the better the nearer it is to 1."""
    found = [
        ("Columns' shapes", report.quality.shape), ("Pairs' trends", report.quality.trend),
        ("Not told apart by trees", 1 - max(0.0, 2 * report.told_apart - 1)),
    ]  # fmt: skip
    if report.use is not None and report.use.real > 0:
        found.append((f"Use for {report.use.target}", min(1.0, max(0.0, report.use.made / report.use.real))))
    return found


def _part(what: str, count: int) -> str:
    return f"{what}: the {_BARS} that come least near, of {count}" if count > _BARS else what


def _private(report: Report) -> list[tuple[str, str]]:
    rows = [("rows copied", f"{report.copied:,}"), ("rows that break what holds between columns", f"{report.broken:,}")]
    if report.nearness is not None:
        near = report.nearness
        rows += [
            ("median distance to the nearest learnt row", f"{near.made:.4f}"),
            ("the same of real rows held out", f"{near.held:.4f}"),
            ("distance that 5 % lie within", f"{near.nearest_made:.4f}"),
            ("the same of real rows held out", f"{near.nearest_held:.4f}"),
            ("nearer to a learnt row than held-out rows are (50 % is best)", f"{near.closer:.1%}"),
        ]
    if report.singling is not None:
        one = report.singling
        rows.append(
            (f"singled out, of {one.attacks} attempts: learnt and held-out", f"{one.learnt:.1%} and {one.held:.1%}")
        )
        rows.append(("risk of being singled out beyond chance", f"{one.risk:.1%}"))
    if report.epsilon:
        rows.append(("epsilon", f"{report.epsilon:g}"))
    return rows


def _worst(figures: object) -> list[tuple[str, str]]:
    ordered = sorted(dict(figures).items(), key=lambda one: one[1])  # type: ignore[call-overload]
    return [(name, f"{figure:.3f}") for name, figure in ordered[:_LISTED]]


def _table(first: str, second: str, rows: list[tuple[str, str]]) -> list[str]:
    lines = [f"| {name.replace('|', '/')} | {figure} |" for name, figure in rows]
    return [f"| {first} | {second} |", "|---|---|", *lines]
