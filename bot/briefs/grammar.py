"""Joins the numbers of a brief to the nouns that they count and the units that they measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast, get_args

from .durations import find_duration
from .forms import Form
from .items import Brief, Item, find_clause, get_item
from .nouns import (
    MAX_ITEMS_AFTER_NOUN,
    SCHEDULE_NOUNS,
    NounFinder,
    belongs_to_topic,
    counts_topic,
    describes_earlier_text,
    introduces_line,
)
from .parts import COLON_PARTS, SHORT_PARTS, CountedNoun, applies_to_each, find_part, find_part_before
from .portions import mark_portions
from .quantities import Quantity, find_quantities, is_correction, read_bound_after
from .reading import CountBound, Duration, SizeBound, Unit

# The maximum number of items that name a size's part after its unit.
_MAX_PART_ITEMS = 4
# The minimum of a number without a unit that is a size of a short part, in characters and in words.
_MIN_CHARACTERS = 15
_MIN_CARRIED_WORDS = 3
# Units whose bare numbers are exact rather than approximate.
_EXACT_UNITS = frozenset({"paragraphs", "sentences", "lines", "pages"})
# The maximum number of quantities of a brief that are joined.
_MAX_NUMBERS = 60
# The minimum number of words that is the length of a full text.
_MIN_WORDS = 6
# Words for "from" before a time of day.
_WORDS_FOR_SINCE = ("from", "ab", "desde", "dès", "partir")
# Words for "in" before the days until a due date.
_WORDS_FOR_IN = ("in", "en", "em", "dans")
# The maximum number of texts counted far from their noun.
_MAX_TEXTS = 10
# Units that divide a text into pieces, which may have a size themselves.
_DIVIDING_UNITS = frozenset({"paragraphs", "sentences", "lines"})
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


@dataclass(slots=True)
class Statements:
    """The statements that the numbers of a brief make."""

    counts: list[CountBound] = field(default_factory=list)
    sizes: list[SizeBound] = field(default_factory=list)
    duration: Duration | None = None


def read_statements(brief: Brief, form: Form, end: int) -> Statements:
    """Return the counts, the sizes and the duration that the items before `end` state."""
    items = brief.items[:end]
    quantities = find_quantities(items)
    duration = find_duration(brief, items, quantities) if form.lasts else None
    mark_portions(items, form, quantities)
    joiner = _NumberJoiner(brief.text, items, form, brief.language, NounFinder(items, form, brief.language))
    for quantity in quantities[:_MAX_NUMBERS]:
        if not quantity.is_used:
            joiner.join(quantity)
    joiner.statements.duration = duration
    return joiner.statements


@dataclass(slots=True)
class _NumberJoiner:
    """Joins the numbers of a brief one after another, as each may refer to the statements of earlier ones."""

    text: str
    items: list[Item]
    form: Form
    language: str
    nouns: NounFinder
    statements: Statements = field(default_factory=Statements)
    counted_nouns: list[CountedNoun] = field(default_factory=list)
    last_size: SizeBound | None = None
    # The indexes of the numbers of the last size and of the last count.
    last_size_index: int = -1
    last_count_index: int = -1
    # The index of the unit or noun of a number that described an earlier text.
    earlier_noun_index: int | None = None

    def join(self, quantity: Quantity) -> None:
        """Join a number to what it counts or measures, if anything."""
        right, left = self.nouns.find_noun_after(quantity), self.nouns.find_noun_before(quantity)
        number = self.items[quantity.number_index]
        if right is not None and describes_earlier_text(self.items, quantity, right, self.form):
            quantity.is_used, self.earlier_noun_index = True, right
            return
        if self._is_tolerance(quantity, right) or (right is not None and counts_topic(self.text, number)):
            quantity.is_used = True
            return
        if right is None and self.earlier_noun_index is None and number.has("sole"):
            self._join_sole(quantity)
            return
        if right is None and left is not None and introduces_line(self.items, quantity, left, self.form, self.language):
            left = None
        before = get_item(self.items, quantity.number_index - 1)
        if right is None and left != quantity.number_index - 1 and before.has("label"):
            return  # "From chapter 4."
        measures_right = right is not None and self.items[right].has("units")
        if self.language == "ja" and left is not None and not measures_right:
            if self.items[left].has("units") and not self._is_entry(quantity, left):
                self._add_size(quantity, left)
            else:
                self._add_count(quantity, self.nouns.get_noun(left), left)
        elif right is not None:
            self._join_right(quantity, right)
        elif left is None and (noun := self.nouns.infer_counted_noun(quantity)):
            quantity.bound = "range" if quantity.bound == "range" else ""
            self._add_count(quantity, noun, quantity.last)
        elif left is None and (noun := self._find_distant_noun(quantity)):
            self._add_text_count(quantity, noun, quantity.last)
        elif not self._carry_unit(quantity, left):
            self._join_preceding(quantity, left)

    def _find_distant_noun(self, quantity: Quantity) -> str:
        return self.nouns.find_tallied_noun(quantity) or self.nouns.find_noun_before_trailing_number(quantity)

    def _join_preceding(self, quantity: Quantity, left: int | None) -> None:
        """Join a number without a noun after it to a unit, a noun or a statement before it."""
        if (unit_index := self.nouns.find_unit_before(quantity)) is not None:
            self._add_size(quantity, unit_index)
        elif left is not None:
            self._add_text_count(quantity, self.nouns.get_noun(left), left)
        elif self._corrects_size(quantity):
            self._append_size(quantity, self.statements.sizes.pop().of, cast(SizeBound, self.last_size).unit)
        elif self._corrects_count(quantity):
            self._add_count(quantity, self.statements.counts[-1].what, quantity.last, replaces=True)
        elif self.earlier_noun_index is not None and self._replaces_earlier_number(quantity):
            self._join_left(quantity, self.earlier_noun_index)
        elif noun := (self.form.main if self._has_pronoun(quantity) else self._find_lone_noun(quantity)):
            self._add_text_count(quantity, noun, quantity.last, replaces=True)
        elif self.statements.counts and self._precedes_pronoun(quantity):
            quantity.is_used = True  # "Ten questions, three of them true or false."

    def _add_text_count(self, quantity: Quantity, noun: str, index: int, *, replaces: bool = False) -> None:
        """Add the count of a noun at a distance, unless it is too large to be that of texts."""
        if not self._is_too_large(quantity, noun, index):
            self._add_count(quantity, noun, index, replaces=replaces)

    def _precedes_pronoun(self, quantity: Quantity) -> bool:
        return any(item.has("pronoun") for item in self.items[quantity.last + 1 : quantity.last + 3])

    def _join_right(self, quantity: Quantity, index: int) -> None:
        """Join a number to the unit or noun at an index after it."""
        item = self.items[index]
        if item.has("units") and not self._is_entry(quantity, index):
            # "Our 3 lines run daily", but not "our 90 words".
            if not belongs_to_topic(self.items, quantity) or item.meanings["units"] in ("characters", "words"):
                self._add_size(quantity, index)
            return
        noun = self.form.entries[item.meanings["units"]] if item.has("units") else self.nouns.get_noun(index)
        if quantity.high == 0 and not self.items[quantity.number_index].text.isdigit() and index != quantity.last + 1:
            return  # "Zero waste questions": a word for none counts only the noun right after it.
        if not belongs_to_topic(self.items, quantity) and (noun not in SCHEDULE_NOUNS or self._is_plan(quantity)):
            self._add_count(quantity, noun, index)

    def _join_sole(self, quantity: Quantity) -> None:
        """Join "just the one" to the noun in its clause or the one before: "a quote from the CEO (just the one)"."""
        quantity.is_used = True
        start, _ = find_clause(self.items, quantity.first)
        previous_start, _ = find_clause(self.items, max(0, start - 2))
        indexes = [*reversed(range(start, quantity.first)), *range(previous_start, start)]
        index = next((index for index in indexes if self.items[index].noun or self.items[index].has("units")), None)
        if index is not None and not self.items[index].has("units"):
            self._add_count(quantity, self.nouns.get_noun(index), index)

    def _join_left(self, quantity: Quantity, index: int) -> None:
        if self.items[index].has("units"):
            self._add_size(quantity, index)
        else:
            self._add_count(quantity, self.nouns.get_noun(index), index)

    def _corrects_size(self, quantity: Quantity) -> bool:
        """Whether a number replaces that of the preceding size: "4 words, sorry, no, three"."""
        is_latest = self.last_size is not None and self.last_size == self.statements.sizes[-1]
        return (
            is_latest
            and self.last_size_index > self.last_count_index
            and is_correction(self.items, self.last_size_index, quantity)
        )

    def _corrects_count(self, quantity: Quantity) -> bool:
        """Whether a number replaces that of the preceding count: "5 headlines, hang on, 8"."""
        return self.last_count_index > self.last_size_index and is_correction(
            self.items, self.last_count_index, quantity
        )

    def _is_tolerance(self, quantity: Quantity, right: int | None) -> bool:
        """Whether a number is the tolerance of the previous one: "1000 words give or take a hundred"."""
        nearby_items = (
            self.items[quantity.first : quantity.number_index]
            or self.items[quantity.number_index - 1 : quantity.number_index]
        )
        if self.last_size is None or (
            right is not None and self.items[right].meanings.get("units") != self.last_size.unit
        ):
            return False
        is_rough = any(item.has("tolerance") for item in nearby_items)
        return is_rough and not any(item.type == "stop" for item in self.items[self.last_size_index : quantity.first])

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
        if self.items[index].meanings["units"] not in self.form.entries or quantity.bound not in (
            "",
            "exactly",
            "range",
        ):
            return False
        if get_item(self.items, index + 1).has("most.after", "least.after"):
            return False  # "6 words tops"
        if get_item(self.items, quantity.first - 1).text in (":", "："):
            labelled = get_item(self.items, quantity.first - 2)
            if labelled.noun != self.form.main and (labelled.noun in COLON_PARTS or labelled.has("part")):
                return False  # "Answer: one sentence."
            return not applies_to_each(self.items, quantity, index)  # "Worksheet: 5 sentences to complete."
        own_parts = ("", self.form.entries[self.items[index].meanings["units"]])
        return find_part_before(self.items, quantity, self.counted_nouns) in own_parts and not applies_to_each(
            self.items, quantity, index
        )

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
        if any(count.what == self.form.main for count in self.statements.counts):
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

    def _add_count(self, quantity: Quantity, noun: str, index: int, *, replaces: bool = False) -> None:
        """Add the count of a noun, given the index of its word or of the number's end.

        A further count of the same noun is ignored, or takes the place of the first if it `replaces` or corrects it.
        """
        if noun == "skip":
            return
        wording = self._quote_count(quantity, noun, index)
        read_bound_after(self.items, quantity, max(index, quantity.last))
        quantity.is_used = True
        if not quantity.is_whole or quantity.is_negative:
            return  # Fractions and negative numbers are not certain.
        first_word = self.items[quantity.first].text.casefold()
        if noun in SCHEDULE_NOUNS and quantity.bound == "least" and first_word == "over":
            quantity.bound = ""  # "Spread over 14 days."
        low = 0 if quantity.bound == "most" else quantity.low
        high = None if quantity.bound == "least" else quantity.high
        if noun == "level" and quantity.bound == "range" and low == 1:
            low = quantity.high  # "A scale from 1 to 5."
        count = CountBound(what=noun, low=low, high=high, said=wording)
        counts = self.statements.counts
        earlier_index = next((index for index, known in enumerate(counts) if known.what == noun), None)
        if earlier_index is None:
            counts.append(count)
            self.counted_nouns.append(CountedNoun(noun, index, is_plural=high is None or high > 1))
        elif replaces or self._corrects_count(quantity):  # "5 slogans, no wait, 8 slogans"
            counts[earlier_index] = count
        if counts[-1] is count:
            self.last_count_index = quantity.number_index

    def _quote_count(self, quantity: Quantity, noun: str, index: int) -> str:
        """Return the words of a count, from the number onwards; the noun is added if its word is not after the number."""
        start = self.items[quantity.number_index].start
        if index > quantity.last and self.items[index].noun:
            wording = self.text[start : self.items[index].end]
        else:
            wording = f"{self.text[start : self._find_end(quantity)]} {noun}s"
        return " ".join((f"-{wording}" if quantity.is_negative else wording).split())

    def _find_end(self, quantity: Quantity) -> int:
        """Return the position in the text after a quantity's last number."""
        last = max(
            index for index in range(quantity.number_index, quantity.last + 1) if self.items[index].type == "number"
        )
        return self.items[last].end

    def _add_size(self, quantity: Quantity, unit_index: int) -> None:
        """Add the size that a number states with the unit at an index."""
        if not quantity.is_whole or quantity.is_negative:
            quantity.is_used = quantity.is_used or quantity.is_negative
            return
        read_bound_after(self.items, quantity, unit_index)
        if not quantity.bound:
            read_bound_after(self.items, quantity, self._find_part_end(unit_index))
        unit = self.items[unit_index].meanings["units"]
        is_each = applies_to_each(self.items, quantity, unit_index)
        part = (
            find_part(self.items, quantity, unit_index, self.form, self.counted_nouns)
            if unit != "pages" or is_each
            else "all"
        )
        if part.split()[-1] == unit.removesuffix("s") and not is_each:
            self._add_count(quantity, part, unit_index)  # "A glossary of 8 words."
            return
        if part == "all" and unit == "words" and quantity.bound == "" and 0 < quantity.high < _MIN_WORDS:
            return  # "Say 2 words on it."
        if self._corrects_size(quantity) and (self.statements.sizes[-1].of, self.statements.sizes[-1].unit) == (
            part,
            unit,
        ):
            self.statements.sizes.pop()  # "300 words, sorry, 400 words"
        self._append_size(quantity, part, unit)
        if (
            part == "chorus"
            and is_each
            and [counted.noun for counted in self.counted_nouns[-2:]] == ["verse", "chorus"]
        ):
            self._append_size(quantity, "verse", unit)  # "3 verses 1 chorus, four lines each"

    def _find_part_end(self, unit_index: int) -> int:
        """Return the index of the last word of a size's part, after its unit: "12 words of text max"."""
        end = unit_index
        while end < unit_index + _MAX_PART_ITEMS:
            item = get_item(self.items, end + 1)
            if not (item.has("of", "each", "article", "text") or item.noun) or item.type != "word":
                break
            end += 1
        return end

    def _append_size(self, quantity: Quantity, part: str, unit: str) -> None:
        if unit in get_args(Unit):
            quantity.is_used = True
            self.last_size, self.last_size_index = (
                _build_size_bound(part, cast(Unit, unit), quantity),
                quantity.number_index,
            )
            self.statements.sizes.append(self.last_size)
            if part == "all" and unit in _DIVIDING_UNITS and self.last_size.low == self.last_size.high != 1:
                # "Three paragraphs, none longer than 50 words."
                self.counted_nouns.append(CountedNoun(unit.removesuffix("s"), quantity.first, is_plural=True))

    def _carry_unit(self, quantity: Quantity, left: int | None) -> bool:
        """Add a size whose number takes its unit from the previous size: "headline max 30 characters, description 90"."""
        noun = self.nouns.get_noun(left) if left is not None else self._find_last_counted(quantity)
        if (not noun or (left is not None and self.items[left].has("units"))) and self._close_bound(quantity):
            return True
        if not noun and quantity.bound in ("range", "most") and get_item(self.items, quantity.first - 1).text == ",":
            noun = get_item(self.items, quantity.first - 2).noun
        previous_size = self.last_size
        unit = previous_size.unit if previous_size is not None else "characters"
        is_part = noun in SHORT_PARTS or (left is not None and self.items[left].has("part"))
        if not is_part or quantity.high < (_MIN_CARRIED_WORDS if unit == "words" else _MIN_CHARACTERS):
            return False
        read_bound_after(self.items, quantity, quantity.last)
        if (
            previous_size is not None
            and previous_size.high
            and previous_size.low is None
            and quantity.bound in ("", "exactly", "about")
        ):
            quantity.bound = "most"
        self._append_size(quantity, noun, unit)
        return True

    def _find_last_counted(self, quantity: Quantity) -> str:
        """Return the last counted noun if brackets or a word for each refer to it: "2 descriptions (90 max)"."""
        nearby_items = self.items[max(0, quantity.first - 3) : quantity.first]
        is_in_brackets = get_item(self.items, quantity.first - 1).text in ("(", "（")
        refers_back = is_in_brackets or any(item.has("each") for item in nearby_items)
        return self.counted_nouns[-1].noun if self.counted_nouns and refers_back else ""

    def _close_bound(self, quantity: Quantity) -> bool:
        """Add the other end of the previous bound, if that is open: "at least 800 characters but never beyond 4000"."""
        size, sizes, counts = self.last_size, self.statements.sizes, self.statements.counts
        update = self._find_other_end(quantity, size) if size is not None else None
        if size is not None and update is not None:
            sizes[sizes.index(size)] = size.model_copy(update=update)
        elif quantity.bound == "most" and counts and counts[-1].high is None and quantity.high > counts[-1].low:
            counts[-1] = counts[-1].model_copy(update={"high": quantity.high})
        else:
            return False
        quantity.is_used = True
        return True

    def _find_other_end(self, quantity: Quantity, size: SizeBound) -> dict[str, int | None] | None:
        """Return the fields of a size that a number completes; None if it does not."""
        if quantity.bound == "least" and not size.low and quantity.low < (size.high or 0):
            return {"low": quantity.low}
        if quantity.bound != "most":
            return None
        follows_comma = get_item(self.items, quantity.first - 1).text == ","
        exact_size = _get_exact_size(size)
        if (
            follows_comma
            and quantity.first - self.last_size_index <= MAX_ITEMS_AFTER_NOUN
            and 0 < exact_size < quantity.high
        ):
            return {"low": exact_size, "high": quantity.high, "about": None}  # "15 words, 20 at a push"
        if size.high is None and 0 < (size.low or 0) < quantity.high:
            return {"high": quantity.high}
        return None


def _get_exact_size(size: SizeBound) -> int:
    """Return the number of a size without bounds, else 0."""
    return size.about or (size.low or 0 if size.low == size.high else 0)


def _build_size_bound(part: str, unit: Unit, quantity: Quantity) -> SizeBound:
    match quantity.bound:
        case "most":
            return SizeBound(of=part, unit=unit, high=quantity.high)
        case "least":
            return SizeBound(of=part, unit=unit, low=quantity.low)
        case "range" | "exactly":
            return SizeBound(of=part, unit=unit, low=quantity.low, high=quantity.high)
        case "" if unit in _EXACT_UNITS:
            return SizeBound(of=part, unit=unit, low=quantity.low, high=quantity.high)
        case _:
            return SizeBound(of=part, unit=unit, about=quantity.low)
