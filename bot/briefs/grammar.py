"""Joins the numbers of a brief to the nouns that they count and the units that they measure."""

from __future__ import annotations

from dataclasses import dataclass

from .durations import find_duration
from .forms import Form
from .items import Brief, Item, find_clause, get_item
from .nouns import (
    SCHEDULE_NOUNS,
    NounFinder,
    belongs_to_topic,
    counts_topic,
    describes_earlier_text,
    introduces_line,
)
from .parts import COLON_PARTS, applies_to_each, find_part_before
from .portions import mark_portions
from .quantities import Quantity, find_quantities
from .statements import StatementBuilder, Statements

# The maximum number of quantities of a brief that are joined.
_MAX_NUMBERS = 60
# Words for "from" before a time of day.
_WORDS_FOR_SINCE = ("from", "ab", "desde", "dès", "partir")
# Words for "in" before the days until a due date.
_WORDS_FOR_IN = ("in", "en", "em", "dans")
# The maximum number of texts counted far from their noun.
_MAX_TEXTS = 10
# A number in a clause without a noun must be below this to count something.
_LONE_NUMBER_LIMIT = 60
# The maximum number of other items in such a clause, and their meanings.
_MAX_LONE_NUMBER_ITEMS = 3
_LONE_NUMBER_SECTIONS = (
    "no.before",
    "rather",
    "keep",
    "pronoun",
    "to",
    "each",
    "is",
    "exactly.before",
    "most.before",
    "least.before",
    "about.before",
    "exactly.after",
    "most.after",
    "least.after",
    "about.after",
)
# Signs before a number that counts what precedes them: "our new routes are up: 11 of them".
_APPOSITION_SIGNS = frozenset({":", "：", "(", "–", "—"})


def read_statements(brief: Brief, form: Form, end: int) -> Statements:
    """Return the counts, the sizes and the duration that the items before `end` state."""
    items = brief.items[:end]
    quantities = find_quantities(items)
    duration = find_duration(brief, items, quantities) if form.lasts else None
    mark_portions(items, form, quantities)
    nouns = NounFinder(items, form, brief.language)
    builder = StatementBuilder(brief.text, items, form, nouns)
    joiner = _NumberJoiner(brief.text, items, form, brief.language, nouns, builder)
    for quantity in quantities[:_MAX_NUMBERS]:
        if not quantity.is_used:
            joiner.join(quantity)
    builder.statements.duration = duration
    return builder.statements


@dataclass(slots=True)
class _NumberJoiner:
    """Joins the numbers of a brief one after another, as each may refer to the statements of earlier ones."""

    text: str
    items: list[Item]
    form: Form
    language: str
    nouns: NounFinder
    builder: StatementBuilder
    # The index of the unit or noun of a number that described an earlier text.
    earlier_noun_index: int | None = None

    def join(self, quantity: Quantity) -> None:
        """Join a number to what it counts or measures, if anything."""
        after_index, before_index = self.nouns.find_noun_after(quantity), self.nouns.find_noun_before(quantity)
        number = self.items[quantity.number_index]
        if after_index is not None and describes_earlier_text(self.items, quantity, after_index, self.form):
            quantity.is_used, self.earlier_noun_index = True, after_index
            return
        if self._is_tolerance(quantity, after_index) or (after_index is not None and counts_topic(self.text, number)):
            quantity.is_used = True
            return
        if after_index is None and self.earlier_noun_index is None and number.has("sole"):
            self._join_sole(quantity)
            return
        if (
            after_index is None
            and before_index is not None
            and introduces_line(self.items, quantity, before_index, self.form, self.language)
        ):
            before_index = None
        before = get_item(self.items, quantity.number_index - 1)
        if after_index is None and before_index != quantity.number_index - 1 and before.has("label"):
            return  # "From chapter 4."
        measures_after = after_index is not None and self.items[after_index].has("units")
        if self.language == "ja" and before_index is not None and not measures_after:
            if self.items[before_index].has("units") and not self._is_entry(quantity, before_index):
                self.builder.add_size(quantity, before_index)
            else:
                self.builder.add_count(quantity, self.nouns.get_noun(before_index), before_index)
        elif after_index is not None:
            self._join_after(quantity, after_index)
        elif before_index is None and (noun := self.nouns.infer_counted_noun(quantity)):
            quantity.bound = "range" if quantity.bound == "range" else ""
            self.builder.add_count(quantity, noun, quantity.last)
        elif before_index is None and (noun := self._find_distant_noun(quantity)):
            self._add_text_count(quantity, noun, quantity.last)
        elif not self.builder.carry_unit(quantity, before_index):
            self._join_preceding(quantity, before_index)

    def _find_distant_noun(self, quantity: Quantity) -> str:
        """Return the noun of entries just listed, or of a clause that ends with the number; empty without one."""
        return self.nouns.find_tallied_noun(quantity) or self.nouns.find_noun_before_trailing_number(quantity)

    def _join_preceding(self, quantity: Quantity, before_index: int | None) -> None:
        """Join a number without a noun after it to a unit, a noun or a statement before it."""
        if (unit_index := self.nouns.find_unit_before(quantity)) is not None:
            self.builder.add_size(quantity, unit_index)
        elif before_index is not None:
            if not self.nouns.is_label(quantity, before_index):
                self._add_text_count(quantity, self.nouns.get_noun(before_index), before_index)
        elif self.builder.corrects_size(quantity):
            size = self.builder.statements.sizes.pop()
            self.builder.append_size(quantity, size.of, size.unit)
        elif self.builder.corrects_count(quantity):
            self.builder.add_count(quantity, self.builder.statements.counts[-1].what, quantity.last, replaces=True)
        elif self.earlier_noun_index is not None and self._replaces_earlier_number(quantity):
            self._join_before(quantity, self.earlier_noun_index)
        elif noun := (self.form.main if self._has_pronoun(quantity) else self._find_lone_noun(quantity)):
            self._add_text_count(quantity, noun, quantity.last, replaces=True)
        elif self.builder.statements.counts and self._precedes_pronoun(quantity):
            quantity.is_used = True  # "Ten questions, three of them true or false."

    def _add_text_count(self, quantity: Quantity, noun: str, index: int, *, replaces: bool = False) -> None:
        """Add the count of a noun at a distance, unless it is too large to be that of texts."""
        if not self._is_too_large(quantity, noun, index):
            self.builder.add_count(quantity, noun, index, replaces=replaces)

    def _precedes_pronoun(self, quantity: Quantity) -> bool:
        """Whether a pronoun is one of the two items after a number."""
        return any(item.has("pronoun") for item in self.items[quantity.last + 1 : quantity.last + 3])

    def _join_after(self, quantity: Quantity, index: int) -> None:
        """Join a number to the unit or noun at an index after it."""
        item = self.items[index]
        if item.has("units") and not self._is_entry(quantity, index):
            # "Our 3 lines run daily", but not "our 90 words".
            if not belongs_to_topic(self.items, quantity) or item.meanings["units"] in ("characters", "words"):
                self.builder.add_size(quantity, index)
            return
        noun = self.form.entries[item.meanings["units"]] if item.has("units") else self.nouns.get_noun(index)
        if quantity.high == 0 and not self.items[quantity.number_index].text.isdigit() and index != quantity.last + 1:
            return  # "Zero waste questions": a word for none counts only the noun right after it.
        if not belongs_to_topic(self.items, quantity) and (noun not in SCHEDULE_NOUNS or self._is_plan(quantity)):
            self.builder.add_count(quantity, noun, index)

    def _join_sole(self, quantity: Quantity) -> None:
        """Join "just the one" to the noun in its clause or the one before: "a quote from the CEO (just the one)"."""
        quantity.is_used = True
        start, _ = find_clause(self.items, quantity.first)
        previous_start, _ = find_clause(self.items, max(0, start - 2))
        indexes = [*reversed(range(start, quantity.first)), *range(previous_start, start)]
        index = next((index for index in indexes if self.items[index].noun or self.items[index].has("units")), None)
        if index is not None and not self.items[index].has("units"):
            self.builder.add_count(quantity, self.nouns.get_noun(index), index)

    def _join_before(self, quantity: Quantity, index: int) -> None:
        """Join a number to the unit or noun at an index before it."""
        if self.items[index].has("units"):
            self.builder.add_size(quantity, index)
        else:
            self.builder.add_count(quantity, self.nouns.get_noun(index), index)

    def _is_tolerance(self, quantity: Quantity, after_index: int | None) -> bool:
        """Whether a number is the tolerance of the previous one: "1000 words give or take a hundred"."""
        last_size = self.builder.last_size
        if last_size is None:
            return False
        if after_index is not None and self.items[after_index].meanings.get("units") != last_size.unit:
            return False
        start = min(quantity.first, quantity.number_index - 1)
        is_rough = any(item.has("tolerance") for item in self.items[start : quantity.number_index])
        between = self.items[self.builder.last_size_index : quantity.first]
        return is_rough and not any(item.type == "stop" for item in between)

    def _replaces_earlier_number(self, quantity: Quantity) -> bool:
        """Whether a number replaces the one of an earlier text: "it was 300 words, this time 80"."""
        if quantity.bound not in ("", "exactly"):
            return True
        start, end = find_clause(self.items, quantity.number_index)
        has_word_for_now = any(
            item.meanings.get("earlier") == "now" or item.has("rather") for item in self.items[start:end]
        )
        return has_word_for_now or (end == quantity.last + 1 and self.items[quantity.number_index].kind == "")

    def _is_entry(self, quantity: Quantity, index: int) -> bool:
        """Whether a unit means entries of this kind: "12 sentences to complete"."""
        unit = self.items[index].meanings["units"]
        if unit not in self.form.entries or quantity.bound not in ("", "exactly", "range"):
            return False
        if get_item(self.items, index + 1).has("most.after", "least.after"):
            return False  # "6 words tops"
        if get_item(self.items, quantity.first - 1).text in (":", "："):
            label = get_item(self.items, quantity.first - 2)
            if label.noun != self.form.main and (label.noun in COLON_PARTS or label.has("part")):
                return False  # "Answer: one sentence.", unlike "Worksheet: 5 sentences to complete."
        elif find_part_before(self.items, quantity, self.builder.counted_nouns) not in ("", self.form.entries[unit]):
            return False
        return not applies_to_each(self.items, quantity, index)

    def _find_lone_noun(self, quantity: Quantity) -> str:
        """Return what a number in a clause without a noun counts: "slogans for a van. four, no make that five."."""
        start, end = find_clause(self.items, quantity.number_index)
        others = [item for item in self.items[start:end] if item.type != "number"]
        if quantity.low >= _LONE_NUMBER_LIMIT or len(others) > _MAX_LONE_NUMBER_ITEMS:
            return ""
        if not all(item.has(*_LONE_NUMBER_SECTIONS) for item in others):
            return ""
        if quantity.bound == "least" and any(item.text.casefold() in _WORDS_FOR_SINCE for item in others):
            return ""  # "A post: the rye loaf is back, from 7."
        nouns = {item.meanings.get("nouns", "") for item in self.items[:start] if not item.has("units")} - {"", "skip"}
        if self.form.main in nouns:
            return self.form.main
        if len(nouns) == 1 and any(item.has("rather") for item in others):
            noun = nouns.pop()  # "Subject lines, I need 5."
            return self.form.called.get(noun, noun)
        return ""

    def _has_pronoun(self, quantity: Quantity) -> bool:
        """Whether a number counts the main entries by a pronoun: "8 of them"."""
        if any(count.what == self.form.main for count in self.builder.statements.counts):
            return False  # "Ten questions, three of them true or false."
        if get_item(self.items, quantity.first - 1).text in _APPOSITION_SIGNS and not self._follows_main_noun(quantity):
            return False  # "Our new routes are up: 11 of them."
        return not belongs_to_topic(self.items, quantity) and self._precedes_pronoun(quantity)

    def _follows_main_noun(self, quantity: Quantity) -> bool:
        """Whether the kind's main noun occurs before a number."""
        return any(item.meanings.get("nouns") == self.form.main for item in self.items[: quantity.first])

    def _is_plan(self, quantity: Quantity) -> bool:
        """Whether days or weeks are those of a plan rather than a due date, as in "in 3 days"."""
        preposition = get_item(self.items, quantity.first - 1).text.casefold()
        return self.form.planned and preposition not in _WORDS_FOR_IN

    def _is_too_large(self, quantity: Quantity, noun: str, index: int) -> bool:
        """Whether a number far from its noun is too large to count texts: "an email to all holders (62 of them)"."""
        is_near = bool(self.items[index].noun) and quantity.first - 2 <= index <= quantity.last + 3
        is_single = noun == self.form.main and noun in self.form.whole
        return is_single and quantity.low > _MAX_TEXTS and not is_near
