"""Builds the statements on counts and sizes from numbers that were joined to nouns and units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast, get_args

from .forms import Form
from .items import Item, get_item
from .nouns import MAX_ITEMS_AFTER_NOUN, SCHEDULE_NOUNS, NounFinder
from .parts import SHORT_PARTS, CountedNoun, applies_to_each, find_part
from .quantities import Quantity, is_correction, read_bound_after
from .reading import CountBound, Duration, SizeBound, Unit

# The maximum number of items that name a size's part after its unit.
_MAX_PART_ITEMS = 4
# The minimum of a number without a unit that is a size of a short part, in characters and in words.
_MIN_CHARACTERS = 15
_MIN_CARRIED_WORDS = 3
# Units whose bare numbers are exact rather than approximate.
_EXACT_UNITS = frozenset({"paragraphs", "sentences", "lines", "pages"})
# The minimum number of words that is the length of a full text.
_MIN_WORDS = 6
# Units that divide a text into pieces, which may have a size themselves.
_DIVIDING_UNITS = frozenset({"paragraphs", "sentences", "lines"})


@dataclass(slots=True)
class Statements:
    """The statements that the numbers of a brief make."""

    counts: list[CountBound] = field(default_factory=list)
    sizes: list[SizeBound] = field(default_factory=list)
    duration: Duration | None = None


@dataclass(slots=True)
class StatementBuilder:
    """Adds counts and sizes one after another, as each may correct, complete or refer to earlier ones."""

    text: str
    items: list[Item]
    form: Form
    nouns: NounFinder
    statements: Statements = field(default_factory=Statements)
    counted_nouns: list[CountedNoun] = field(default_factory=list)
    last_size: SizeBound | None = None
    # The indexes of the numbers of the last size and of the last count.
    last_size_index: int = -1
    last_count_index: int = -1

    def add_count(self, quantity: Quantity, noun: str, index: int, *, replaces: bool = False) -> None:
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
        elif replaces or self.corrects_count(quantity):  # "5 slogans, no wait, 8 slogans"
            counts[earlier_index] = count
        if counts[-1] is count:
            self.last_count_index = quantity.number_index

    def _quote_count(self, quantity: Quantity, noun: str, index: int) -> str:
        """Return the words of a count, from the number on; the noun is added if its word is not after the number."""
        start = self.items[quantity.number_index].start
        if index > quantity.last and self.items[index].noun:
            wording = self.text[start : self.items[index].end]
        else:
            wording = f"{self.text[start : self._find_end(quantity)]} {noun}s"
        return " ".join((f"-{wording}" if quantity.is_negative else wording).split())

    def _find_end(self, quantity: Quantity) -> int:
        """Return the position in the text after a quantity's last number."""
        items = self.items[quantity.number_index : quantity.last + 1]
        return max(item.end for item in items if item.type == "number")

    def corrects_count(self, quantity: Quantity) -> bool:
        """Whether a number replaces that of the preceding count: "5 headlines, hang on, 8"."""
        is_latest = self.last_count_index > self.last_size_index
        return is_latest and is_correction(self.items, self.last_count_index, quantity)

    def add_size(self, quantity: Quantity, unit_index: int) -> None:
        """Add the size that a number states with the unit at an index."""
        if not quantity.is_whole or quantity.is_negative:
            quantity.is_used = quantity.is_used or quantity.is_negative
            return
        read_bound_after(self.items, quantity, unit_index)
        if not quantity.bound:
            read_bound_after(self.items, quantity, self._find_part_end(unit_index))
        unit = self.items[unit_index].meanings["units"]
        is_each = applies_to_each(self.items, quantity, unit_index)
        part = "all"
        if unit != "pages" or is_each:
            part = find_part(self.items, quantity, unit_index, self.form, self.counted_nouns)
        if part.split()[-1] == unit.removesuffix("s") and not is_each:
            self.add_count(quantity, part, unit_index)  # "A glossary of 8 words."
            return
        if part == "all" and unit == "words" and quantity.bound == "" and 0 < quantity.high < _MIN_WORDS:
            return  # "Say 2 words on it."
        if self.corrects_size(quantity):
            size = self.statements.sizes[-1]
            if (size.of, size.unit) == (part, unit):
                self.statements.sizes.pop()  # "300 words, sorry, 400 words"
        self.append_size(quantity, part, unit)
        last_nouns = [counted_noun.noun for counted_noun in self.counted_nouns[-2:]]
        if part == "chorus" and is_each and last_nouns == ["verse", "chorus"]:
            self.append_size(quantity, "verse", unit)  # "3 verses 1 chorus, four lines each"

    def _find_part_end(self, unit_index: int) -> int:
        """Return the index of the last word of a size's part, after its unit: "12 words of text max"."""
        end = unit_index
        while end < unit_index + _MAX_PART_ITEMS:
            item = get_item(self.items, end + 1)
            if not (item.has("of", "each", "article", "text") or item.noun) or item.type != "word":
                break
            end += 1
        return end

    def corrects_size(self, quantity: Quantity) -> bool:
        """Whether a number replaces that of the preceding size: "4 words, sorry, no, three"."""
        if self.last_size is None or self.last_size != self.statements.sizes[-1]:
            return False
        is_latest = self.last_size_index > self.last_count_index
        return is_latest and is_correction(self.items, self.last_size_index, quantity)

    def append_size(self, quantity: Quantity, part: str, unit: str) -> None:
        """Add the size of a part, if the unit is one of sizes."""
        if unit in get_args(Unit):
            quantity.is_used = True
            self.last_size = _build_size_bound(part, cast(Unit, unit), quantity)
            self.last_size_index = quantity.number_index
            self.statements.sizes.append(self.last_size)
            if part == "all" and unit in _DIVIDING_UNITS and self.last_size.low == self.last_size.high != 1:
                # "Three paragraphs, none longer than 50 words."
                self.counted_nouns.append(CountedNoun(unit.removesuffix("s"), quantity.first, is_plural=True))

    def carry_unit(self, quantity: Quantity, noun_index: int | None) -> bool:
        """Add a size with the unit of the previous one: "headline max 30 characters, description 90"."""
        noun = self.nouns.get_noun(noun_index) if noun_index is not None else self._find_last_counted(quantity)
        if (not noun or (noun_index is not None and self.items[noun_index].has("units"))) and self._close_bound(
            quantity
        ):
            return True
        if not noun and quantity.bound in ("range", "most") and get_item(self.items, quantity.first - 1).text == ",":
            noun = get_item(self.items, quantity.first - 2).noun
        previous_size = self.last_size
        unit = previous_size.unit if previous_size is not None else "characters"
        is_part = noun in SHORT_PARTS or (noun_index is not None and self.items[noun_index].has("part"))
        if not is_part or quantity.high < (_MIN_CARRIED_WORDS if unit == "words" else _MIN_CHARACTERS):
            return False
        read_bound_after(self.items, quantity, quantity.last)
        is_upper_bound = previous_size is not None and previous_size.high and previous_size.low is None
        if is_upper_bound and quantity.bound in ("", "exactly", "about"):
            quantity.bound = "most"
        self.append_size(quantity, noun, unit)
        return True

    def _find_last_counted(self, quantity: Quantity) -> str:
        """Return the last counted noun if brackets or a word for each refer to it: "2 descriptions (90 max)"."""
        nearby_items = self.items[max(0, quantity.first - 3) : quantity.first]
        is_in_brackets = get_item(self.items, quantity.first - 1).text in ("(", "（")
        refers_back = is_in_brackets or any(item.has("each") for item in nearby_items)
        return self.counted_nouns[-1].noun if self.counted_nouns and refers_back else ""

    def _close_bound(self, quantity: Quantity) -> bool:
        """Add the other end of the previous bound: "at least 800 characters but never beyond 4000"."""
        size, sizes, counts = self.last_size, self.statements.sizes, self.statements.counts
        update = self._find_other_end(quantity, size) if size is not None else None
        if size is not None and update is not None:
            self.last_size = sizes[sizes.index(size)] = size.model_copy(update=update)
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
        exact_size = _get_exact_size(size)
        is_near = quantity.first - self.last_size_index <= MAX_ITEMS_AFTER_NOUN
        follows_comma = get_item(self.items, quantity.first - 1).text == ","
        if is_near and follows_comma and 0 < exact_size < quantity.high:
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
