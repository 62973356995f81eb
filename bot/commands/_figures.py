"""Figures as people see them: drawings with their words, a text, and a file."""

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
from storage.usage import Sum

# Bars of a drawing, and lines of a list.
_MAX_BARS, _MAX_LINES = 8, 12
_PLACES = {"server": "What I made in this server", "own": "What I made for you in direct messages"}
_TITLES = {"kinds": "What was made", "checks": "Checks that failed most often", "cost": "What it cost"}
_FAMILIES = {"marketing": "Marketing", "education": "Teaching", "image": "Images", "media": "Media", "other": "others"}
_NOTHING = "Nothing yet."
_ESTIMATED = "If a model's server does not count tokens, I estimate them at four characters each."


def money(micro: int, currency: str, locale: str) -> str:
    """An amount in millionths of a currency; of less than a cent all that there is."""
    amount = Decimal(micro) / MICRO
    language = find_babel_locale(locale)
    if micro and abs(amount) < Decimal("0.01"):
        return str(
            format_currency(amount, currency, format="#,##0.######\u00a0¤¤", locale=language, currency_digits=False)
        )
    return str(format_currency(amount, currency, locale=language))


def number(value: int, locale: str) -> str:
    """A number with the signs of a language."""
    return str(format_decimal(value, locale=find_babel_locale(locale)))


def hours(minutes: int, locale: str) -> str:
    """How long minutes are."""
    if minutes < 90:
        return localize(Phrase("{count} min", count=minutes), locale)
    return localize(Phrase("{count:.1f} h", count=minutes / 60), locale)


def heading(report: Report, locale: str, *, own: bool) -> str:
    """Whose figures they are, and of when."""
    days = [format_skeleton("yMMMd", day, locale=find_babel_locale(locale)) for day in (report.since, report.until)]
    return f"{translate(_PLACES['own' if own else 'server'], locale)}, {' – '.join(days)}"


def assumption(report: Report, locale: str) -> str:
    """What the time that was saved is reckoned by."""
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


def saved(report: Report, locale: str) -> str:
    """How much time was saved."""
    return localize(Phrase("Estimated time saved: {time}", time=hours(report.minutes, locale)), locale)


def each_accepted(report: Report, locale: str) -> str:
    """What an accepted text cost, with what was paid for the others; empty where nothing was paid or none was accepted."""
    if not report.cost_of_accepted:
        return ""
    cost = money(report.cost_of_accepted, report.currency, locale)
    return localize(Phrase("Cost per accepted text: {cost}", cost=cost), locale)


def made_line(one: Sum, locale: str) -> str:
    """How many were made, and how many of these were accepted."""
    share = round(100 * one.accepted / one.requests) if one.requests else 0
    text = "{count:,} · {accepted:,} accepted ({share}%)"
    return localize(Phrase(text, count=one.requests, accepted=one.accepted, share=share), locale)


def took_line(one: Sum, report: Report, locale: str) -> str:
    """What something took: money where there is a price, and tokens."""
    tokens = localize(Phrase("{count:,} tokens", count=one.tokens), locale)
    return f"{money(one.cost, report.currency, locale)} · {tokens}" if report.has_costs else tokens


def kind_title(name: str, locale: str) -> str:
    """What a kind is called."""
    known = load_kinds().get(name)
    return translate(known.title if known else TITLES.get(name, name), locale)


def check_title(name: str, locale: str) -> str:
    """What fails where a check does."""
    words = shorten_name(localize(name_failure(name), locale))
    return words[:1].upper() + words[1:]


def person(name: str, names: Mapping[str, str], locale: str) -> str:
    """Who somebody is, also those who were forgotten."""
    return names.get(name, f"…{name[-4:]}") if name else translate("former members", locale)


def _most(sums: Sequence[Sum]) -> list[Sum]:
    """Those that took most, first."""
    return sorted(
        (one for one in sums if one.tokens or one.requests), key=lambda one: (-one.cost, -one.tokens, one.name)
    )


def blocks(report: Report, names: Mapping[str, str], locale: str) -> dict[str, list[ChartBlock]]:
    """The bars of each drawing, by what it is about."""
    nothing = translate(_NOTHING, locale)
    made = [ChartBar(kind_title(one.name, locale), one.requests, made_line(one, locale), min(one.accepted, one.requests))
            for one in report.figures.kinds]  # fmt: skip
    legend = (translate("made", locale), translate("of which accepted", locale))
    failed = [
        ChartBar(check_title(name, locale), count, number(count, locale))
        for name, count in report.figures.failed[:_MAX_BARS]
    ]

    def took(sums: Sequence[Sum], titles: Mapping[str, str]) -> list[ChartBar]:
        return [ChartBar(titles[one.name], one.cost if report.has_costs else one.tokens, took_line(one, report, locale))
                for one in _most(sums)[:_MAX_BARS]]  # fmt: skip

    cost = [
        ChartBlock(
            translate("By model", locale),
            took(report.figures.engines, {one.name: one.name for one in report.figures.engines}),
            nothing,
        )
    ]
    if report.shows_users:
        titles = {one.name: person(one.name, names, locale) for one in report.figures.people}
        cost.append(ChartBlock(translate("By person", locale), took(report.figures.people, titles), nothing))
    return {
        "kinds": [ChartBlock(translate("By kind", locale), made, nothing, legend)],
        "checks": [ChartBlock(translate("How often", locale), failed, nothing)],
        "cost": cost,
    }


def pictures(report: Report, names: Mapping[str, str], locale: str) -> list[tuple[str, bytes, str]]:
    """The drawings: a name, a PNG, and the same in words."""
    found = []
    for about, parts in blocks(report, names, locale).items():
        title = translate(_TITLES[about], locale)
        notes, lead = list[str](), ""
        if about == "kinds":
            notes, lead = [assumption(report, locale)], saved(report, locale)
        elif about == "cost":
            lead = each_accepted(report, locale)
            notes = [translate(_ESTIMATED, locale)] if report.has_estimates else []
        svg, height = draw_chart(title, parts, notes, lead=lead)
        words = [title, *filter(None, [lead]), *(line for block in parts for line in _told(block)), *notes]
        alt = ". ".join(line.rstrip(".") for line in words)
        found.append((about, render_png(svg, max(WIDTH, height)), alt))
    return found


def _told(block: ChartBlock) -> list[str]:
    lines = [f"{bar.label}: {bar.words}" for bar in block.bars] or [block.empty]
    return [f"{block.heading}: {'; '.join(lines)}"]


def text(report: Report, locale: str) -> str:
    """The same in words; people are named by mentions, which ring nobody's bell in a private message."""
    titles = {about: translate(title, locale) for about, title in _TITLES.items()}
    lines = [f"**{titles['kinds']}**"]
    lines += [
        f"- {kind_title(one.name, locale)}: {made_line(one, locale)}" for one in report.figures.kinds[:_MAX_LINES]
    ]
    total = translate_plural(report.requests, "{count:,} text in total", "{count:,} texts in total", locale)
    lines.append(
        localize(Phrase(total, count=report.requests), locale) if report.requests else translate(_NOTHING, locale)
    )
    lines += [f"**{saved(report, locale)}**", f"-# {assumption(report, locale)}", f"**{titles['checks']}**"]
    lines += [
        f"- {check_title(name, locale)}: {number(count, locale)}" for name, count in report.figures.failed[:_MAX_LINES]
    ]
    lines += [] if report.figures.failed else [translate(_NOTHING, locale)]
    lines.append(f"**{titles['cost']}**")
    lines += filter(None, [each_accepted(report, locale)])
    lines += [f"- {one.name}: {took_line(one, report, locale)}" for one in _most(report.figures.engines)[:_MAX_LINES]]
    for one in _most(report.figures.people)[:_MAX_LINES]:
        who = f"<@{one.name}>" if one.name else person("", {}, locale)
        lines.append(f"- {who}: {took_line(one, report, locale)}")
    lines += [f"-# {translate(_ESTIMATED, locale)}"] if report.has_estimates else []
    return "\n".join(lines)


def table(report: Report) -> bytes:
    """All of it for spreadsheets: what, its name, and its figures; people by their ids."""
    written = io.StringIO()
    rows = csv.writer(written)
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
    return written.getvalue().encode("utf-8-sig")
