"""How simulated readers chose among variants: limitations first, then a picture and the same in words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import Phrase
from bot.exports._charts import WIDTH, ChartBar, ChartBlock, draw_chart
from bot.exports._drawing import render_png
from bot.locales import format_percentage, localize, translate, translate_plural
from bot.markup import shorten
from bot.replies.ledger import plain
from bot.simulation.panel import PanelTally, SimulatedReader

# Length of a picture's description, and of a variant's first words.
_MAX_ALT, _MAX_VARIANT_CHARACTERS = 1024, 70
NO_SURVEY = "Simulated readers are a model's guess, not a survey. Nobody has measured how well they match real people."
_TITLE = "What simulated readers chose"
_HOW = (
    "{readers} readers read every pair of variants in both orders; a choice counts only if it was the same both "
    "times. The range in brackets is the 95 % interval."
)
_CLEAR = "Number {number} has the most votes: {count} of {all}."
_TIED = "No variant came out ahead."
_NOT_CLEAR = "With so few votes this could be chance: treat it as a tie."
_UNANIMOUS = (
    "All readers chose the same variant. Readers played by one model are more alike than real people, "
    "so this says less than it seems."
)
_BY_ORDER = "In {count} of {all} pairs the choice depended on the reading order, so it does not count."
_WEAK = "The order mattered so much that the votes say little about the texts."
_UNDECIDED = "Undecided"
_VOTES = "{count} of {all} ({low} to {high})"


def _shorten_variant(text: str) -> str:
    return shorten(" ".join(text.replace("#", " ").replace("*", " ").split()), _MAX_VARIANT_CHARACTERS)


def format_votes(tally: PanelTally, place: int, locale: str) -> str:
    """Format the votes of a variant with their interval."""
    low, high = (format_percentage(end, locale) for end in tally.compute_interval(place))
    return localize(Phrase(_VOTES, count=tally.counts[place], all=len(tally.votes), low=low, high=high), locale)


def format_lead(tally: PanelTally, locale: str) -> str:
    """Return the main result in a sentence or two."""
    if tally.winner is None:
        return translate(_TIED, locale)
    count = tally.counts[tally.winner]
    line = localize(Phrase(_CLEAR, number=tally.winner + 1, count=count, all=len(tally.votes)), locale)
    return line if tally.is_clear else f"{line} {translate(_NOT_CLEAR, locale)}"


def list_warnings(tally: PanelTally, locale: str) -> list[str]:
    """Return what weakens the votes."""
    found = []
    if tally.biased_pair_count:
        by_order = localize(Phrase(_BY_ORDER, count=tally.biased_pair_count, all=tally.pair_count), locale)
        found.append(f"{by_order} {translate(_WEAK, locale)}" if tally.is_position_biased else by_order)
    if tally.is_unanimous:
        found.append(translate(_UNANIMOUS, locale))
    return found


def panel_text(tally: PanelTally, variants: Sequence[str], readers: Sequence[SimulatedReader], locale: str) -> str:
    """Return everything in words, limitations first."""
    lines = [f"### 👥 {translate(_TITLE, locale)}", f"**{translate(NO_SURVEY, locale)}**", format_lead(tally, locale)]
    lines += [f"⚠️ {one}" for one in list_warnings(tally, locale)]
    for place, text in enumerate(variants):
        lines.append(f"- **{place + 1}** · {format_votes(tally, place, locale)} · {plain(_shorten_variant(text))}")
    if tally.undecided_count:
        lines.append(f"- {translate(_UNDECIDED, locale)}: {tally.undecided_count}")
    by_number = {reader.number: reader for reader in readers}
    for vote in tally.votes:
        habits = ", ".join(translate(one, locale) for one in by_number[vote.reader].habits)
        chosen = str(vote.variant + 1) if vote.variant is not None else translate(_UNDECIDED, locale).lower()
        why = f" — {plain(vote.reason)}" if vote.reason else ""
        reader = localize(Phrase("Reader {number} ({habits})", number=vote.reader, habits=habits), locale)
        lines.append(f"-# {reader}: {chosen}{why}")
    return "\n".join([*lines, f"-# {localize(Phrase(_HOW, readers=len(tally.votes)), locale)}"])


def panel_picture(tally: PanelTally, variants: Sequence[str], locale: str) -> tuple[bytes, str]:
    """Return a PNG of the votes with the limitations as its lead, and its alternative text."""
    bars = [
        ChartBar(
            f"{place + 1} · {_shorten_variant(text)}", float(tally.counts[place]), format_votes(tally, place, locale)
        )
        for place, text in enumerate(variants)
    ]
    if tally.undecided_count:
        bars.append(ChartBar(translate(_UNDECIDED, locale), float(tally.undecided_count), str(tally.undecided_count)))
    title = translate(_TITLE, locale)
    heading = translate_plural(len(tally.votes), "{count} reader", "{count} readers", locale).format(
        count=len(tally.votes)
    )
    notes = [
        format_lead(tally, locale),
        *list_warnings(tally, locale),
        localize(Phrase(_HOW, readers=len(tally.votes)), locale),
    ]
    limits = translate(NO_SURVEY, locale)
    first, _, rest = limits.partition(". ")
    svg, height = draw_chart(title, [ChartBlock(heading, bars)], [rest, *notes], lead=f"{first}.")
    description_lines = [title, limits, *notes[:1], *(f"{one.label}: {one.value_text}" for one in bars), *notes[1:]]
    alt = "\n".join(description_lines)
    return render_png(svg, max(WIDTH, height)), shorten(alt, _MAX_ALT)
