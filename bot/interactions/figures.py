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

# Maximum bars of a chart, and lines of a list.
_MAX_BARS, _MAX_LINES = 8, 12
_PLACES = {"server": "What I made in this server", "own": "What I made for you in direct messages"}
_TITLES = {"kinds": "Results by kind", "checks": "Checks that failed most often", "cost": "Costs"}
_FAMILIES = {"marketing": "Marketing", "education": "Teaching", "image": "Images", "media": "Media", "other": "others"}
_NOTHING = "Nothing yet."
_ESTIMATED = "If a model's server does not count tokens, I estimate them at four characters each."


def format_money(micro: int, currency: str, locale: str) -> str:
    """Format an amount given in millionths of a currency unit; amounts below a cent keep all digits."""
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


def format_heading(report: Report, locale: str, *, is_own: bool) -> str:
    """Return the heading: the server's or the user's figures, and the period."""
    days = [format_skeleton("yMMMd", day, locale=find_babel_locale(locale)) for day in (report.since, report.until)]
    return f"{translate(_PLACES['own' if is_own else 'server'], locale)}, {' – '.join(days)}"


def format_assumption(report: Report, locale: str) -> str:
    """Return the assumption behind the saved time."""
    minutes_per_family = ", ".join(
        f"{translate(_FAMILIES[name], locale)} {count}"
        for name, count in report.minutes_by_family.items()
        if name in _FAMILIES
    )
    text = (
        "Assumed minutes saved per accepted text: {each}. A text counts as accepted if it was liked, starred or "
        "given to the server; everything else counts as zero."
    )
    return localize(Phrase(text, each=minutes_per_family), locale)


def format_saved_time(report: Report, locale: str) -> str:
    """Return how much time was saved."""
    return localize(Phrase("Estimated time saved: {time}", time=format_hours(report.minutes, locale)), locale)


def format_cost_per_accepted(report: Report, locale: str) -> str:
    """Return the cost per accepted text, rejected ones included; empty if nothing was paid or accepted."""
    if not report.cost_of_accepted:
        return ""
    cost = format_money(report.cost_of_accepted, report.currency, locale)
    return localize(Phrase("Cost per accepted text: {cost}", cost=cost), locale)


def format_counts(usage: UsageSum, locale: str) -> str:
    """Return the number of results, and how many of them were accepted."""
    share = round(100 * usage.accepted / usage.requests) if usage.requests else 0
    text = "{count:,} · {accepted:,} accepted ({share}%)"
    return localize(Phrase(text, count=usage.requests, accepted=usage.accepted, share=share), locale)


def format_usage(usage: UsageSum, report: Report, locale: str) -> str:
    """Return a usage: its cost if prices are known, and tokens."""
    tokens = localize(Phrase("{count:,} tokens", count=usage.tokens), locale)
    return f"{format_money(usage.cost, report.currency, locale)} · {tokens}" if report.has_costs else tokens


def get_kind_title(name: str, locale: str) -> str:
    """Return the title of a kind."""
    kind = load_kinds().get(name)
    return translate(kind.title if kind else TITLES.get(name, name), locale)


def get_check_title(name: str, locale: str) -> str:
    """Return the title of a failed check."""
    title = shorten_name(localize(name_failure(name), locale))
    return title[:1].upper() + title[1:]


def get_person_name(name: str, names: Mapping[str, str], locale: str) -> str:
    """Return a user's name, or a placeholder for erased users."""
    return names.get(name, f"…{name[-4:]}") if name else translate("former members", locale)


def _sort_by_usage(sums: Sequence[UsageSum]) -> list[UsageSum]:
    """Sort by usage, highest first."""
    return sorted(
        (usage for usage in sums if usage.tokens or usage.requests),
        key=lambda usage: (-usage.cost, -usage.tokens, usage.name),
    )


def build_chart_blocks(report: Report, names: Mapping[str, str], locale: str) -> dict[str, list[ChartBlock]]:
    """Build the blocks of each chart, by topic."""
    empty_text = translate(_NOTHING, locale)
    kind_bars = [
        ChartBar(
            get_kind_title(usage.name, locale),
            usage.requests,
            format_counts(usage, locale),
            min(usage.accepted, usage.requests),
        )
        for usage in report.figures.kinds
    ]
    legend = (translate("made", locale), translate("accepted", locale))
    check_bars = [
        ChartBar(get_check_title(name, locale), count, format_number(count, locale))
        for name, count in report.figures.failed[:_MAX_BARS]
    ]

    def build_usage_bars(sums: Sequence[UsageSum], titles: Mapping[str, str]) -> list[ChartBar]:
        return [
            ChartBar(
                titles[usage.name],
                usage.cost if report.has_costs else usage.tokens,
                format_usage(usage, report, locale),
            )
            for usage in _sort_by_usage(sums)[:_MAX_BARS]
        ]

    cost_blocks = [
        ChartBlock(
            translate("By model", locale),
            build_usage_bars(report.figures.engines, {usage.name: usage.name for usage in report.figures.engines}),
            empty_text,
        )
    ]
    if report.shows_users:
        titles = {usage.name: get_person_name(usage.name, names, locale) for usage in report.figures.people}
        cost_blocks.append(
            ChartBlock(translate("By person", locale), build_usage_bars(report.figures.people, titles), empty_text)
        )
    return {
        "kinds": [ChartBlock(translate("By kind", locale), kind_bars, empty_text, legend)],
        "checks": [ChartBlock(translate("How often", locale), check_bars, empty_text)],
        "cost": cost_blocks,
    }


def render_charts(report: Report, names: Mapping[str, str], locale: str) -> list[tuple[str, bytes, str]]:
    """Render the charts; return the topic, PNG and alternative text of each."""
    charts = []
    for topic, parts in build_chart_blocks(report, names, locale).items():
        title = translate(_TITLES[topic], locale)
        notes, lead = list[str](), ""
        if topic == "kinds":
            notes, lead = [format_assumption(report, locale)], format_saved_time(report, locale)
        elif topic == "cost":
            lead = format_cost_per_accepted(report, locale)
            notes = [translate(_ESTIMATED, locale)] if report.has_estimates else []
        svg, height = draw_chart(title, parts, notes, lead=lead)
        alt_lines = [
            title,
            *filter(None, [lead]),
            *(line for block in parts for line in _describe_block(block)),
            *notes,
        ]
        alt = ". ".join(line.rstrip(".") for line in alt_lines)
        charts.append((topic, render_png(svg, max(WIDTH, height)), alt))
    return charts


def _describe_block(block: ChartBlock) -> list[str]:
    lines = [f"{bar.label}: {bar.value_text}" for bar in block.bars] or [block.empty_text]
    return [f"{block.heading}: {'; '.join(lines)}"]


def format_text(report: Report, locale: str) -> str:
    """Format the contents of the charts as Markdown. Users are mentioned, which notifies nobody in an ephemeral message."""
    titles = {topic: translate(title, locale) for topic, title in _TITLES.items()}
    lines = [f"**{titles['kinds']}**"]
    lines += [
        f"- {get_kind_title(usage.name, locale)}: {format_counts(usage, locale)}"
        for usage in report.figures.kinds[:_MAX_LINES]
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
        f"- {usage.name}: {format_usage(usage, report, locale)}"
        for usage in _sort_by_usage(report.figures.engines)[:_MAX_LINES]
    ]
    for usage in _sort_by_usage(report.figures.people)[:_MAX_LINES]:
        user = f"<@{usage.name}>" if usage.name else get_person_name("", {}, locale)
        lines.append(f"- {user}: {format_usage(usage, report, locale)}")
    lines += [f"-# {translate(_ESTIMATED, locale)}"] if report.has_estimates else []
    return "\n".join(lines)


def build_table(report: Report) -> bytes:
    """Return all figures as CSV, with users by id."""
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
    for subject, sums in (
        ("kind", report.figures.kinds),
        ("engine", report.figures.engines),
        ("person", report.figures.people),
    ):
        for usage in sums:
            cost = f"{Decimal(usage.cost) / MICRO:f}"
            rows.writerow(
                [
                    subject,
                    usage.name,
                    usage.requests,
                    usage.accepted,
                    usage.tokens_in,
                    usage.tokens_out,
                    usage.estimated,
                    cost,
                    report.currency,
                ]
            )
    rows.writerows(["failed check", name, count, *[""] * 6] for name, count in report.figures.failed)
    rows.writerow(["minutes saved, as assumed", "", report.minutes, *[""] * 6])
    return output.getvalue().encode("utf-8-sig")
