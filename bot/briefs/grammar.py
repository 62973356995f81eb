"""Join the numbers of a brief to the nouns and units that they count."""

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
from .portions import find_portions
from .quantities import Quantity, find_quantities, is_correction, read_bound_after
from .reading import CountBound, Duration, SizeBound, Unit

# Items of a size's part after its unit.
_MAX_PART = 4
# The minimum of a number without a unit that means characters of a short part.
_MIN_CHARACTERS = 15
_MIN_CARRIED = 3
# Units whose bare numbers are exact rather than approximate.
_EXACT = frozenset({"paragraphs", "sentences", "lines", "pages"})
# Numbers of a brief that are joined.
_MAX_NUMBERS = 60
# The minimum words for the length of a full text.
_MIN_WORDS = 6
# Words before a time of day.
_SINCE = ("from", "ab", "desde", "dès", "partir")
# The maximum number of texts counted far from their noun.
_MAX_TEXTS = 10
# Units that divide a text, each of which may have a size.
_PIECES = frozenset({"paragraphs", "sentences", "lines"})
# The maximum of a number in a clause without a noun.
_MAX_LONE = 60
# Items allowed next to such a number.
_MAX_BESIDE = 3
# Signs before a number that counts what precedes them.
_APPOSED = frozenset({":", "：", "(", "–", "—"})
_LONE = (
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


@dataclass(slots=True)
class Statements:
    """The statements made by the numbers of a brief."""

    counts: list[CountBound] = field(default_factory=list)
    sizes: list[SizeBound] = field(default_factory=list)
    lasting: Duration | None = None


def read_statements(brief: Brief, form: Form, end: int) -> Statements:
    """Return the counts, sizes and duration stated by the items before `end`."""
    items = brief.items[:end]
    quantities = find_quantities(items)
    lasting = find_duration(brief, items, quantities) if form.lasts else None
    find_portions(items, form, quantities)  # Marks their numbers as used.
    joiner = _Joiner(brief.text, items, form, brief.language, NounFinder(items, form, brief.language))
    for one in quantities[:_MAX_NUMBERS]:
        if not one.is_used:
            joiner.join(one)
    joiner.statements.lasting = lasting
    return joiner.statements


@dataclass(slots=True)
class _Joiner:
    """Joins the numbers in order, keeping the statements of the previous ones."""

    text: str
    items: list[Item]
    form: Form
    language: str
    nouns: NounFinder
    statements: Statements = field(default_factory=Statements)
    counted: list[CountedNoun] = field(default_factory=list)
    last_size: SizeBound | None = None
    # The places of the last size and the last count.
    sized_at: int = -1
    counted_at: int = -1
    # The unit or noun of a number that described an earlier text.
    earlier: int | None = None

    def join(self, one: Quantity) -> None:
        """Join a number to what it counts or measures, if anything."""
        right, left = self.nouns.find_noun_after(one), self.nouns.find_noun_before(one)
        if right is not None and describes_earlier_text(self.items, one, right, self.form):
            one.is_used, self.earlier = True, right
            return
        if self._is_tolerance(one, right) or (
            right is not None and counts_topic(self.text, self.items[one.number_index])
        ):
            one.is_used = True
            return
        if right is None and self.earlier is None and self.items[one.number_index].has("sole"):
            self._join_sole(one)
            return
        if right is None and left is not None and introduces_line(self.items, one, left, self.form, self.language):
            left = None
        if right is None and left != one.number_index - 1 and get_item(self.items, one.number_index - 1).has("label"):
            return  # "From chapter 4."
        measures = right is not None and self.items[right].has("units")
        if self.language == "ja" and left is not None and not measures:
            if self.items[left].has("units") and not self._is_entry(one, left):
                self._add_size(one, left)
            else:
                self._add_count(one, self.nouns.get_noun(left), left)
        elif right is not None:
            self._join_right(one, right)
        elif left is None and (what := self.nouns.infer_counted_noun(one)):
            one.bound = "range" if one.bound == "range" else ""
            self._add_count(one, what, one.last)
        elif left is None and (
            what := self.nouns.find_tallied_noun(one) or self.nouns.find_noun_before_trailing_number(one)
        ):
            if not self._is_of_people(one, what, one.last):
                self._add_count(one, what, one.last)
        elif not self._carry_unit(one, left):
            if (unit := self.nouns.find_unit_before(one)) is not None:
                self._add_size(one, unit)
            elif left is not None:
                if not self._is_of_people(one, self.nouns.get_noun(left), left):
                    self._add_count(one, self.nouns.get_noun(left), left)
            elif self._corrects_size(one):
                self._append_size(one, self.statements.sizes.pop().of, cast(SizeBound, self.last_size).unit)
            elif self._corrects_count(one):
                self._add_count(one, self.statements.counts[-1].what, one.last, again=True)
            elif self.earlier is not None and self._is_instead(one):
                self._join_left(one, self.earlier)
            elif what := (self.form.main if self._is_pronoun(one) else self._find_lone_noun(one)):
                if not self._is_of_people(one, what, one.last):
                    self._add_count(one, what, one.last, again=True)
            elif self.statements.counts and self._precedes_pronoun(one):
                one.is_used = True  # "Ten questions, three of them true or false."

    def _precedes_pronoun(self, one: Quantity) -> bool:
        return any(item.has("pronoun") for item in self.items[one.last + 1 : one.last + 3])

    def _join_right(self, one: Quantity, at: int) -> None:
        item = self.items[at]
        if item.has("units") and not self._is_entry(one, at):
            # "Our 3 lines run daily", but not "our 90 words".
            if not belongs_to_topic(self.items, one) or item.meanings["units"] in ("characters", "words"):
                self._add_size(one, at)
            return
        what = self.form.entries[item.meanings["units"]] if item.has("units") else self.nouns.get_noun(at)
        # "Zero waste questions": a word for none means the noun right behind it.
        empty = one.high == 0 and not self.items[one.number_index].text.isdigit() and at != one.last + 1
        if not empty and not belongs_to_topic(self.items, one) and (what not in SCHEDULE_NOUNS or self._is_plan(one)):
            self._add_count(one, what, at)

    def _join_sole(self, one: Quantity) -> None:
        """Join "just the one" to the noun of its clause or the previous one: "a quote from the CEO (just the one)"."""
        one.is_used = True
        start, _ = find_clause(self.items, one.first)
        before, _ = find_clause(self.items, max(0, start - 2))
        near = [*reversed(range(start, one.first)), *range(before, start)]
        at = next((place for place in near if self.items[place].noun or self.items[place].has("units")), None)
        if at is not None and not self.items[at].has("units"):
            self._add_count(one, self.nouns.get_noun(at), at)

    def _join_left(self, one: Quantity, at: int) -> None:
        if self.items[at].has("units"):
            self._add_size(one, at)
        else:
            self._add_count(one, self.nouns.get_noun(at), at)

    def _corrects_size(self, one: Quantity) -> bool:
        """Whether a number replaces that of the preceding size: "4 words, sorry, no, three"."""
        newest = self.last_size is not None and self.last_size == self.statements.sizes[-1]
        return newest and self.sized_at > self.counted_at and is_correction(self.items, self.sized_at, one)

    def _corrects_count(self, one: Quantity) -> bool:
        """Whether a number replaces that of the preceding count: "5 headlines, hang on, 8"."""
        return self.counted_at > self.sized_at and is_correction(self.items, self.counted_at, one)

    def _is_tolerance(self, one: Quantity, right: int | None) -> bool:
        """Whether a number is the tolerance of the previous one: "1000 words give or take a hundred"."""
        near = self.items[one.first : one.number_index] or self.items[one.number_index - 1 : one.number_index]
        if self.last_size is None or (
            right is not None and self.items[right].meanings.get("units") != self.last_size.unit
        ):
            return False
        rough = any(item.has("tolerance") for item in near)
        return rough and not any(item.type == "stop" for item in self.items[self.sized_at : one.first])

    def _is_instead(self, one: Quantity) -> bool:
        """Whether a number replaces that of an earlier text: "it was 300 words, this time 80"."""
        if one.bound not in ("", "exactly"):
            return True
        start, end = find_clause(self.items, one.number_index)
        now = any(item.meanings.get("earlier") == "now" or item.has("rather") for item in self.items[start:end])
        return now or (end == one.last + 1 and self.items[one.number_index].kind == "")

    def _is_entry(self, one: Quantity, at: int) -> bool:
        """Whether a unit means entries of this kind: "12 sentences to complete"."""
        if self.items[at].meanings["units"] not in self.form.entries or one.bound not in ("", "exactly", "range"):
            return False
        if get_item(self.items, at + 1).has("most.after", "least.after"):
            return False  # "6 words tops"
        if get_item(self.items, one.first - 1).text in (":", "："):
            labelled = get_item(self.items, one.first - 2)
            if labelled.noun != self.form.main and (labelled.noun in COLON_PARTS or labelled.has("part")):
                return False  # "Answer: one sentence."
            return not applies_to_each(self.items, one, at)  # "Worksheet: 5 sentences to complete."
        itself = ("", self.form.entries[self.items[at].meanings["units"]])
        return find_part_before(self.items, one, self.counted) in itself and not applies_to_each(self.items, one, at)

    def _find_lone_noun(self, one: Quantity) -> str:
        """Return what a number in a clause without a noun counts: "slogans for a van. four, no make that five."."""
        start, end = find_clause(self.items, one.number_index)
        others = [item for item in self.items[start:end] if item.type != "number"]
        if one.low >= _MAX_LONE or len(others) > _MAX_BESIDE or not all(item.has(*_LONE) for item in others):
            return ""
        if one.bound == "least" and any(item.text.casefold() in _SINCE for item in others):
            return ""  # "A post: the rye loaf is back, from 7."
        nouns = (item.meanings.get("nouns", "") for item in self.items[:start] if not item.has("units"))
        named = [noun for noun in dict.fromkeys(nouns) if noun not in ("", "skip")]
        if self.form.main in named:
            return self.form.main
        wanted = any(item.has("rather") for item in others) and len(named) == 1
        return self.form.called.get(named[0], named[0]) if wanted else ""  # "Subject lines, I need 5."

    def _is_pronoun(self, one: Quantity) -> bool:
        """Whether a number refers to entries named before: "8 of them"."""
        if any(known.what == self.form.main for known in self.statements.counts):
            return False  # "Ten questions, three of them true or false."
        if get_item(self.items, one.first - 1).text in _APPOSED and not self._is_named(one):
            return False  # "Our new routes are up: 11 of them."
        return not belongs_to_topic(self.items, one) and self._precedes_pronoun(one)

    def _is_named(self, one: Quantity) -> bool:
        """Whether the main noun of the kind occurs before a number."""
        return any(item.meanings.get("nouns") == self.form.main for item in self.items[: one.first])

    def _is_plan(self, one: Quantity) -> bool:
        """Whether days and weeks are a duration, not a due date: "in 3 days"."""
        return self.form.planned and get_item(self.items, one.first - 1).text.casefold() not in (
            "in",
            "en",
            "em",
            "dans",
        )

    def _is_of_people(self, one: Quantity, what: str, at: int) -> bool:
        """Whether a number far from its noun is too large to count texts: "an email to all holders (62 of them)"."""
        near = bool(self.items[at].noun) and one.first - 2 <= at <= one.last + 3
        single = what == self.form.main and what in self.form.whole
        return single and one.low > _MAX_TEXTS and not near

    def _add_count(self, one: Quantity, what: str, at: int, *, again: bool = False) -> None:
        """Add the first count of each noun; with `again` a later one replaces it."""
        if what == "skip":
            return
        wording = self._quote_count(one, what, at)
        read_bound_after(self.items, one, max(at, one.last))
        one.is_used = True
        if not one.is_whole or one.is_negative:
            return  # Fractions and negative numbers are not certain.
        if what in SCHEDULE_NOUNS and one.bound == "least" and self.items[one.first].text.casefold() == "over":
            one.bound = ""  # "Spread over 14 days."
        low, high = 0 if one.bound == "most" else one.low, None if one.bound == "least" else one.high
        if what == "level" and one.bound == "range" and low == 1:
            low = one.high  # "A scale from 1 to 5."
        bound = CountBound(what=what, low=low, high=high, said=wording)
        places = [place for place, known in enumerate(self.statements.counts) if known.what == what]
        again = again or self._corrects_count(one)  # "5 slogans, no wait, 8 slogans"
        if not places:
            self.statements.counts.append(bound)
            self.counted.append(CountedNoun(what, at, is_plural=high is None or high > 1))
        elif again:
            self.statements.counts[places[0]] = bound
        if self.statements.counts[-1] is bound:
            self.counted_at = one.number_index

    def _quote_count(self, one: Quantity, what: str, at: int) -> str:
        """Return the words of a count, from the number onwards."""
        start, end = self.items[one.number_index].start, self._find_end(one)
        behind = at > one.last and self.items[at].noun
        wording = self.text[start : self.items[at].end] if behind else f"{self.text[start:end]} {what}s"
        return " ".join(f"-{wording}".split()) if one.is_negative else " ".join(wording.split())

    def _find_end(self, one: Quantity) -> int:
        """Return the end of a quantity's last number."""
        last = max(at for at in range(one.number_index, one.last + 1) if self.items[at].type == "number")
        return self.items[last].end

    def _add_size(self, one: Quantity, at: int) -> None:
        if not one.is_whole or one.is_negative:
            one.is_used = one.is_used or one.is_negative
            return
        read_bound_after(self.items, one, at)
        if not one.bound:
            read_bound_after(self.items, one, self._find_part_end(at))
        unit = self.items[at].meanings["units"]
        each = applies_to_each(self.items, one, at)
        part = find_part(self.items, one, at, self.form, self.counted) if unit != "pages" or each else "all"
        if part.split()[-1] == unit.removesuffix("s") and not each:
            self._add_count(one, part, at)  # "A glossary of 8 words."
            return
        if part == "all" and unit == "words" and one.bound == "" and 0 < one.high < _MIN_WORDS:
            return  # "Say 2 words on it."
        if self._corrects_size(one) and (self.statements.sizes[-1].of, self.statements.sizes[-1].unit) == (part, unit):
            self.statements.sizes.pop()  # "300 words, sorry, 400 words"
        self._append_size(one, part, unit)
        if part == "chorus" and each and [known.noun for known in self.counted[-2:]] == ["verse", "chorus"]:
            self._append_size(one, "verse", unit)  # "3 verses 1 chorus, four lines each"

    def _find_part_end(self, at: int) -> int:
        """Return the place of the last word of a size's part, after its unit: "12 words of text max"."""
        end = at
        while end < at + _MAX_PART:
            item = get_item(self.items, end + 1)
            if not (item.has("of", "each", "article", "text") or item.noun) or item.type != "word":
                break
            end += 1
        return end

    def _append_size(self, one: Quantity, part: str, unit: str) -> None:
        if unit in get_args(Unit):
            one.is_used = True
            self.last_size, self.sized_at = _build_size_bound(part, cast(Unit, unit), one), one.number_index
            self.statements.sizes.append(self.last_size)
            if part == "all" and unit in _PIECES and self.last_size.low == self.last_size.high != 1:
                # "Three paragraphs, none longer than 50 words."
                self.counted.append(CountedNoun(unit.removesuffix("s"), one.first, is_plural=True))

    def _carry_unit(self, one: Quantity, left: int | None) -> bool:
        """Add a size whose number takes its unit from the previous size: "headline max 30 characters, description 90"."""
        noun = self.nouns.get_noun(left) if left is not None else self._find_last_counted(one)
        if (not noun or (left is not None and self.items[left].has("units"))) and self._close_bound(one):
            return True
        if not noun and one.bound in ("range", "most") and get_item(self.items, one.first - 1).text == ",":
            noun = get_item(self.items, one.first - 2).noun
        before = self.last_size
        unit = before.unit if before is not None else "characters"
        is_part = noun in SHORT_PARTS or (left is not None and self.items[left].has("part"))
        if not is_part or one.high < (_MIN_CARRIED if unit == "words" else _MIN_CHARACTERS):
            return False
        read_bound_after(self.items, one, one.last)
        if before is not None and before.high and before.low is None and one.bound in ("", "exactly", "about"):
            one.bound = "most"
        self._append_size(one, noun, unit)
        return True

    def _find_last_counted(self, one: Quantity) -> str:
        """Return the last counted noun if brackets or a pronoun refer to it: "2 descriptions (90 max)"."""
        near = self.items[max(0, one.first - 3) : one.first]
        opened = get_item(self.items, one.first - 1).text in ("(", "（")
        return self.counted[-1].noun if self.counted and (opened or any(item.has("each") for item in near)) else ""

    def _close_bound(self, one: Quantity) -> bool:
        """Add the other end of the previous bound: "at least 800 characters but never beyond 4000"."""
        size, counts = self.last_size, self.statements.counts
        if one.bound == "least" and size is not None and not size.low and one.low < (size.high or 0):
            self.statements.sizes[self.statements.sizes.index(size)] = size.model_copy(update={"low": one.low})
            one.is_used = True
            return True
        if one.bound != "most":
            return False
        near = get_item(self.items, one.first - 1).text == "," and one.first - self.sized_at <= MAX_ITEMS_AFTER_NOUN
        if size is not None and near and (least := _get_exact_size(size)) < one.high and least:
            stretched = size.model_copy(update={"low": least, "high": one.high, "about": None})
            self.statements.sizes[self.statements.sizes.index(size)] = stretched  # "15 words, 20 at a push"
        elif size is not None and size.high is None and 0 < (size.low or 0) < one.high:
            self.statements.sizes[self.statements.sizes.index(size)] = size.model_copy(update={"high": one.high})
        elif counts and counts[-1].high is None and one.high > counts[-1].low:
            counts[-1] = counts[-1].model_copy(update={"high": one.high})
        else:
            return False
        one.is_used = True
        return True


def _get_exact_size(size: SizeBound) -> int:
    """Return the size stated without bounds, else 0."""
    return size.about or (size.low or 0 if size.low == size.high else 0)


def _build_size_bound(part: str, unit: Unit, one: Quantity) -> SizeBound:
    match one.bound:
        case "most":
            return SizeBound(of=part, unit=unit, high=one.high)
        case "least":
            return SizeBound(of=part, unit=unit, low=one.low)
        case "range" | "exactly":
            return SizeBound(of=part, unit=unit, low=one.low, high=one.high)
        case "" if unit in _EXACT:
            return SizeBound(of=part, unit=unit, low=one.low, high=one.high)
        case _:
            return SizeBound(of=part, unit=unit, about=one.low)
