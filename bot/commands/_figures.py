"""Figures for users: charts with labels, a text, and a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal

from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal

from bot.admission.prices import MICRO
from bot.errors import Phrase
from bot.exports._charts import WIDTH, ChartBar, ChartBlock, draw_chart
from bot.exports._drawing import render_png
from bot.generation.findings import name_failure, shorten_name
from bot.kinds import load_kinds
from bot.locales import find_babel_locale, localize, translate, translate_plural
from bot.requests.sound_jobs import TITLES
from bot.team.figures.reports import Report
from storage.usage import UsageSum

# Bars of a chart, and lines of a list.
_MAX_BARS, _MAX_LINES = 8, 12
_PLACES = {"server": "What I made in this server", "own": "What I made for you in direct messages"}
_TITLES = {"kinds": "What was made", "checks": "Checks that failed most often", "cost": "What it cost"}
_FAMILIES = {"marketing": "Marketing", "education": "Teaching", "image": "Images", "media": "Media", "other": "others"}
_NOTHING = "Nothing yet."
_ESTIMATED = "If a model's server does not count tokens, I estimate them at four characters each."


def format_money(micro: int, currency: str, locale: str) -> str:
    """Format an amount in millionths of a currency; amounts below a cent with all digits."""
    amount = Decimal(micro) / MICRO
    language = find_babel_locale(locale)
    if micro and abs(amount) < Decimal("0.01"):
        return str(
            format_currency(amount, currency, format="#,##0.######\u00a0¤¤", locale=language, currency_digits=False)
        )
    return str(format_currency(amount, currency, locale=language))


def format_number(value: int, locale: str) -> str:
    """Format a number in a language."""
    return str(format_decimal(value, locale=find_babel_locale(locale)))


def format_hours(minutes: int, locale: str) -> str:
    """Format a duration in minutes."""
    if minutes < 90:
        return localize(Phrase("{count} min", count=minutes), locale)
    return localize(Phrase("{count:.1f} h", count=minutes / 60), locale)


def format_heading(report: Report, locale: str, *, own: bool) -> str:
    """Return the heading: whose figures these are, and for which period."""
    days = [format_skeleton("yMMMd", day, locale=find_babel_locale(locale)) for day in (report.since, report.until)]
    return f"{translate(_PLACES['own' if own else 'server'], locale)}, {' – '.join(days)}"


def format_assumption(report: Report, locale: str) -> str:
    """Return the assumption behind the saved time."""
    each = ", ".join(
        f"{translate(_FAMILIES[name], locale)} {count}"
        for name, count in report.minutes_by_family.items()
        if name in _FAMILIES
    )
    text = (
        "Assumed minutes saved per accepted text: {each}. A text counts as accepted if it was liked, starred or "
        "given to the server; everything else counts as zero."
    )
    return localize(Phrase(text, each=each), locale)


def format_saved_time(report: Report, locale: str) -> str:
    """Return how much time was saved."""
    return localize(Phrase("Estimated time saved: {time}", time=format_hours(report.minutes, locale)), locale)


def format_cost_per_accepted(report: Report, locale: str) -> str:
    """Return the cost of an accepted text, including that of the others; empty if nothing was paid or none was
    accepted.
    """
    if not report.cost_of_accepted:
        return ""
    cost = format_money(report.cost_of_accepted, report.currency, locale)
    return localize(Phrase("Cost per accepted text: {cost}", cost=cost), locale)


def format_counts(one: UsageSum, locale: str) -> str:
    """Return how many were made, and how many of these were accepted."""
    share = round(100 * one.accepted / one.requests) if one.requests else 0
    text = "{count:,} · {accepted:,} accepted ({share}%)"
    return localize(Phrase(text, count=one.requests, accepted=one.accepted, share=share), locale)


def format_usage(one: UsageSum, report: Report, locale: str) -> str:
    """Return what something used: money if there is a price, and tokens."""
    tokens = localize(Phrase("{count:,} tokens", count=one.tokens), locale)
    return f"{format_money(one.cost, report.currency, locale)} · {tokens}" if report.has_costs else tokens


def get_kind_title(name: str, locale: str) -> str:
    """Return the title of a kind."""
    known = load_kinds().get(name)
    return translate(known.title if known else TITLES.get(name, name), locale)


def get_check_title(name: str, locale: str) -> str:
    """Return a check's failure in words."""
    words = shorten_name(localize(name_failure(name), locale))
    return words[:1].upper() + words[1:]


def get_person_name(name: str, names: Mapping[str, str], locale: str) -> str:
    """Return a user's name, or a placeholder for erased users."""
    return names.get(name, f"…{name[-4:]}") if name else translate("former members", locale)


def _sort_by_usage(sums: Sequence[UsageSum]) -> list[UsageSum]:
    """Sort by usage, highest first."""
    return sorted(
        (one for one in sums if one.tokens or one.requests), key=lambda one: (-one.cost, -one.tokens, one.name)
    )


def build_chart_blocks(report: Report, names: Mapping[str, str], locale: str) -> dict[str, list[ChartBlock]]:
    """Return the bars of each chart, by topic."""
    nothing = translate(_NOTHING, locale)
    kind_bars = [
        ChartBar(
            get_kind_title(one.name, locale), one.requests, format_counts(one, locale), min(one.accepted, one.requests)
        )
        for one in report.figures.kinds
    ]
    legend = (translate("made", locale), translate("of which accepted", locale))
    check_bars = [
        ChartBar(get_check_title(name, locale), count, format_number(count, locale))
        for name, count in report.figures.failed[:_MAX_BARS]
    ]

    def build_usage_bars(sums: Sequence[UsageSum], titles: Mapping[str, str]) -> list[ChartBar]:
        return [
            ChartBar(titles[one.name], one.cost if report.has_costs else one.tokens, format_usage(one, report, locale))
            for one in _sort_by_usage(sums)[:_MAX_BARS]
        ]

    cost_blocks = [
        ChartBlock(
            translate("By model", locale),
            build_usage_bars(report.figures.engines, {one.name: one.name for one in report.figures.engines}),
            nothing,
        )
    ]
    if report.shows_users:
        titles = {one.name: get_person_name(one.name, names, locale) for one in report.figures.people}
        cost_blocks.append(
            ChartBlock(translate("By person", locale), build_usage_bars(report.figures.people, titles), nothing)
        )
    return {
        "kinds": [ChartBlock(translate("By kind", locale), kind_bars, nothing, legend)],
        "checks": [ChartBlock(translate("How often", locale), check_bars, nothing)],
        "cost": cost_blocks,
    }


def render_charts(report: Report, names: Mapping[str, str], locale: str) -> list[tuple[str, bytes, str]]:
    """Return the charts: a name, a PNG, and the same in words."""
    charts = []
    for about, parts in build_chart_blocks(report, names, locale).items():
        title = translate(_TITLES[about], locale)
        notes, lead = list[str](), ""
        if about == "kinds":
            notes, lead = [format_assumption(report, locale)], format_saved_time(report, locale)
        elif about == "cost":
            lead = format_cost_per_accepted(report, locale)
            notes = [translate(_ESTIMATED, locale)] if report.has_estimates else []
        svg, height = draw_chart(title, parts, notes, lead=lead)
        words = [title, *filter(None, [lead]), *(line for block in parts for line in _describe_block(block)), *notes]
        alt = ". ".join(line.rstrip(".") for line in words)
        charts.append((about, render_png(svg, max(WIDTH, height)), alt))
    return charts


def _describe_block(block: ChartBlock) -> list[str]:
    lines = [f"{bar.label}: {bar.words}" for bar in block.bars] or [block.empty]
    return [f"{block.heading}: {'; '.join(lines)}"]


def format_text(report: Report, locale: str) -> str:
    """Return the same in words; users are mentioned, which pings nobody in a private message."""
    titles = {about: translate(title, locale) for about, title in _TITLES.items()}
    lines = [f"**{titles['kinds']}**"]
    lines += [
        f"- {get_kind_title(one.name, locale)}: {format_counts(one, locale)}"
        for one in report.figures.kinds[:_MAX_LINES]
    ]
    total = translate_plural(report.requests, "{count:,} text in total", "{count:,} texts in total", locale)
    lines.append(
        localize(Phrase(total, count=report.requests), locale) if report.requests else translate(_NOTHING, locale)
    )
    lines += [
        f"**{format_saved_time(report, locale)}**",
        f"-# {format_assumption(report, locale)}",
        f"**{titles['checks']}**",
    ]
    lines += [
        f"- {get_check_title(name, locale)}: {format_number(count, locale)}"
        for name, count in report.figures.failed[:_MAX_LINES]
    ]
    lines += [] if report.figures.failed else [translate(_NOTHING, locale)]
    lines.append(f"**{titles['cost']}**")
    lines += filter(None, [format_cost_per_accepted(report, locale)])
    lines += [
        f"- {one.name}: {format_usage(one, report, locale)}"
        for one in _sort_by_usage(report.figures.engines)[:_MAX_LINES]
    ]
    for one in _sort_by_usage(report.figures.people)[:_MAX_LINES]:
        who = f"<@{one.name}>" if one.name else get_person_name("", {}, locale)
        lines.append(f"- {who}: {format_usage(one, report, locale)}")
    lines += [f"-# {translate(_ESTIMATED, locale)}"] if report.has_estimates else []
    return "\n".join(lines)


def build_table(report: Report) -> bytes:
    """Return all figures as rows of a spreadsheet: subject, name, figures; users by their ids."""
    output = io.StringIO()
    rows = csv.writer(output)
    rows.writerow(
        [
            "what",
            "name",
            "results",
            "accepted",
            "tokens in",
            "tokens out",
            "tokens estimated",
            "cost",
            "currency",
        ]
    )
    for what, sums in (
        ("kind", report.figures.kinds),
        ("engine", report.figures.engines),
        ("person", report.figures.people),
    ):
        for one in sums:
            cost = f"{Decimal(one.cost) / MICRO:f}"
            rows.writerow(
                [
                    what,
                    one.name,
                    one.requests,
                    one.accepted,
                    one.tokens_in,
                    one.tokens_out,
                    one.estimated,
                    cost,
                    report.currency,
                ]
            )
    rows.writerows(["failed check", name, count, *[""] * 6] for name, count in report.figures.failed)
    rows.writerow(["minutes saved, as assumed", "", report.minutes, *[""] * 6])
    return output.getvalue().encode("utf-8-sig")
