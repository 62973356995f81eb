"""Which number counts what: joins quantities to the nouns and units around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast, get_args

from .durations import lasting_of
from .forms import Form
from .items import Brief, Item, clause, item_at
from .parts import BESIDE, SHORT_PARTS, TEXTS, Counted, is_each, named_before, part_of
from .portions import portions_of
from .quantities import Quantity, bounded_after, quantities_of, takes_back
from .reading import CountBound, Lasting, SizeBound, Unit
from .wording import filled, pattern_in

# Words that may stand between a number and what it counts, and items between a noun and the number behind it.
_MAX_BETWEEN, _MAX_BEHIND = 4, 4
# Parts whose length is meant in characters where no unit stands, from so many on.
_MIN_CHARACTERS = 15
_MIN_CARRIED = 3
# Units of which a bare number is exact, not about so many.
_EXACT = frozenset({"paragraphs", "sentences", "lines", "pages"})
# Numbers of a brief that are joined; no more are about form.
_MAX_NUMBERS = 60
# Fewer words than this are no length of a whole text, but for lines that are read alone.
_MIN_WORDS = 6
# Words of a clause that a number may trail.
_MAX_TRAILED = 2
# Before a time of day, where nothing is counted.
_SINCE = ("from", "ab", "desde", "dès", "partir")
# Texts that somebody has made at once, where they are counted far from their noun.
_MAX_TEXTS = 10
# Items before a sum that are looked at for what it is of.
_FAR = 14
# What may stand right behind a number before its noun: "a pair of bullets".
_OF = frozenset({"of", "de", "d", "di", "von", "do", "da", "dos", "das", "dari", "の"})
# "/20" are points, "/ 5" is a part of something.
_MIN_OUT_OF = 10
# Units that a text is cut into, each of which may have a size.
_PIECES = frozenset({"paragraphs", "sentences", "lines"})
_PLANNED = frozenset({"week", "day"})
# A number that is a clause of its own is no more than this.
_MAX_LONE = 60
# Items that may stand beside it.
_MAX_BESIDE = 3
# What stands before the number of what a text is about.
_ABOUT_THE = (
    r"(?<!\w)<order.text>(?:\s+<order.network>)?\s+(?:<order.about>|<order.on>)(?:\s+|(?<=['’]))<known.the>\s+$"
)
# What may stand beside such a number.
# Signs behind which a number tells how many there are of what stands before them.
_APPOSED = frozenset({":", "：", "(", "–", "—"})
_LONE = (
    "no.before", "rather", "keep", "pronoun", "to", "each", "is", "exactly.before", "most.before", "least.before", "about.before",
    "exactly.after", "most.after", "least.after", "about.after",
)  # fmt: skip
_OPENING = (":", "(", "（", "：", "-", "–")
_BOUNDS_BEFORE = ("most.before", "least.before", "about.before", "exactly.before")


@dataclass(slots=True)
class Statements:
    """What the numbers of a brief say."""

    counts: list[CountBound] = field(default_factory=list)
    sizes: list[SizeBound] = field(default_factory=list)
    lasting: Lasting | None = None


def statements_of(brief: Brief, form: Form, end: int) -> tuple[Statements, list[Quantity]]:
    """The counts, sizes and the duration that the items before `end` say, and the numbers that say something else."""
    items = brief.items[:end]
    quantities = quantities_of(items)
    lasting = lasting_of(brief, items, quantities) if form.lasts else None
    portions_of(items, form, quantities)  # Their numbers are used then.
    joiner = _Joiner(brief.text, items, form, brief.language)
    for one in quantities[:_MAX_NUMBERS]:
        if not one.used:
            joiner.join(one)
    joiner.found.lasting = lasting
    return joiner.found, [one for one in quantities if not one.used]


@dataclass(slots=True)
class _Joiner:
    """Joins one number after another, and remembers what those before said."""

    text: str
    items: list[Item]
    form: Form
    language: str
    found: Statements = field(default_factory=Statements)
    counted: list[Counted] = field(default_factory=list)
    last_size: SizeBound | None = None
    # Where the last size stood, and the last count.
    sized_at: int = -1
    counted_at: int = -1
    # The unit or noun of a number that told of an earlier text.
    earlier: int | None = None

    def join(self, one: Quantity) -> None:
        """Joins a number to what it counts or measures, if there is anything."""
        right, left = self._noun_behind(one), self._noun_before(one)
        if right is not None and self._is_earlier(one, right):
            one.used, self.earlier = True, right
            return
        if self._is_tolerance(one, right) or (right is not None and self._is_known(one)):
            one.used = True
            return
        if right is None and self.earlier is None and self.items[one.number].has("sole"):
            self._join_sole(one)
            return
        if right is None and left is not None and self._is_heading(one, left):
            left = None
        if right is None and left != one.number - 1 and item_at(self.items, one.number - 1).has("label"):
            return  # "From chapter 4."
        measures = right is not None and self.items[right].has("units")
        if self.language == "ja" and left is not None and not measures:
            if self.items[left].has("units") and not self._is_entry(one, left):
                self._size(one, left)
            else:
                self._count(one, self._called(left), left)
        elif right is not None:
            self._join_right(one, right)
        elif left is None and (what := self._told_before(one)):
            one.bound = "range" if one.bound == "range" else ""
            self._count(one, what, one.last)
        elif left is None and (what := self._summed(one) or self._trailed(one)):
            if not self._is_of_people(one, what, one.last):
                self._count(one, what, one.last)
        elif not self._carried(one, left):
            if (unit := self._unit_before(one)) is not None:
                self._size(one, unit)
            elif left is not None:
                if not self._is_of_people(one, self._called(left), left):
                    self._count(one, self._called(left), left)
            elif self._corrects_size(one):
                self._note(one, self.found.sizes.pop().of, cast(SizeBound, self.last_size).unit)
            elif self._corrects_count(one):
                self._count(one, self.found.counts[-1].what, one.last, again=True)
            elif self.earlier is not None and self._is_instead(one):
                self._join_left(one, self.earlier)
            elif what := (self.form.main if self._is_pronoun(one) else self._alone(one)):
                if not self._is_of_people(one, what, one.last):
                    self._count(one, what, one.last, again=True)
            elif self.found.counts and any(item.has("pronoun") for item in self.items[one.last + 1 : one.last + 3]):
                one.used = True  # "Ten questions, three of them true or false."

    def _join_right(self, one: Quantity, at: int) -> None:
        item = self.items[at]
        if item.has("units") and not self._is_entry(one, at):
            # "Our 3 lines run daily", but not "our 90 words".
            if not self._is_subject(one) or item.means["units"] in ("characters", "words"):
                self._size(one, at)
            return
        what = self.form.entries[item.means["units"]] if item.has("units") else self._called(at)
        # "Zero waste questions": a word for none means the noun right behind it.
        empty = one.high == 0 and not self.items[one.number].text.isdigit() and at != one.last + 1
        if not empty and not self._is_subject(one) and (what not in _PLANNED or self._is_plan(one)):
            self._count(one, what, at)

    def _join_sole(self, one: Quantity) -> None:
        """Joins "just the one" to what its clause, or the one before, is of: "a quote from the CEO (just the one)"."""
        one.used = True
        start, _ = clause(self.items, one.first)
        before, _ = clause(self.items, max(0, start - 2))
        near = [*reversed(range(start, one.first)), *range(before, start)]
        at = next((place for place in near if self.items[place].noun or self.items[place].has("units")), None)
        if at is not None and not self.items[at].has("units"):
            self._count(one, self._called(at), at)

    def _join_left(self, one: Quantity, at: int) -> None:
        if self.items[at].has("units"):
            self._size(one, at)
        else:
            self._count(one, self._called(at), at)

    def _corrects_size(self, one: Quantity) -> bool:
        """Whether a number takes the place of that of the size right before it: "4 words, sorry, no, three"."""
        newest = self.last_size is not None and self.last_size == self.found.sizes[-1]
        return newest and self.sized_at > self.counted_at and takes_back(self.items, self.sized_at, one)

    def _corrects_count(self, one: Quantity) -> bool:
        """Whether a number takes the place of that of the count right before it: "5 headlines, hang on, 8"."""
        return self.counted_at > self.sized_at and takes_back(self.items, self.counted_at, one)

    def _is_heading(self, one: Quantity, left: int) -> bool:
        """Whether a noun before a colon only tells what the line is about: "our rehoming day: 17 cats"."""
        noun, word = self.items[left], item_at(self.items, one.last + 1)
        single = self.language == "en" and not noun.text.casefold().endswith("s") and noun.noun != self.form.main
        plain = word.sort == "word" and not word.means and word.text.isalpha()
        colon = item_at(self.items, one.first - 1).text in (":", "：")
        return colon and plain and one.bound == "" and one.low > 1 and (single or noun.noun in _PLANNED)

    def _is_earlier(self, one: Quantity, at: int) -> bool:
        """Whether a number is of a text that there was before: "the old one was 400 words", "last week's post had 6 hashtags"."""
        if one.bound in ("most", "least") or item_at(self.items, one.first - 1).means.get("earlier") != "was":
            return False
        item = self.items[at]
        if item.has("units") and item.means["units"] not in self.form.entries:
            return True
        start = max(0, one.first - _FAR)
        return item.noun in BESIDE or any(
            known.means.get("earlier") == "text" for known in self.items[start : one.first]
        )

    def _is_known(self, one: Quantity) -> bool:
        """Whether a number tells how many there are of what a text is about: "post about the three steps of our repair"."""
        before = self.text[: self.items[one.number].start]
        return pattern_in(self.text, _ABOUT_THE).search(before[-_MAX_LONE:]) is not None

    def _is_tolerance(self, one: Quantity, right: int | None) -> bool:
        """Whether a number says how rough the one before is: "1000 words give or take a hundred"."""
        near = self.items[one.first : one.number] or self.items[one.number - 1 : one.number]
        if self.last_size is None or (
            right is not None and self.items[right].means.get("units") != self.last_size.unit
        ):
            return False
        rough = any(item.has("tolerance") for item in near)
        return rough and not any(item.sort == "stop" for item in self.items[self.sized_at : one.first])

    def _is_instead(self, one: Quantity) -> bool:
        """Whether a number stands for what an earlier text had otherwise: "it was 300 words, this time 80"."""
        if one.bound not in ("", "exactly"):
            return True
        start, end = clause(self.items, one.number)
        now = any(item.means.get("earlier") == "now" or item.has("rather") for item in self.items[start:end])
        return now or (end == one.last + 1 and self.items[one.number].kind == "")

    def _called(self, at: int) -> str:
        what = self.items[at].noun
        return self.form.called.get(what, what)

    def _summed(self, one: Quantity) -> str:
        """What was named last where a number only sums it up: "Columns: Hot, Cold, Sweet. That's three."."""
        ends = item_at(self.items, one.last + 1).sort in ("stop", "comma")
        if not ends or not item_at(self.items, one.first - 1).has("sum") or one.bound:
            return ""
        nouns = (item for item in reversed(self.items[max(0, one.first - _FAR) : one.first]) if item.noun)
        named = next((item.means.get("nouns", "") for item in nouns), "")
        return self.form.called.get(named, named)

    def _trailed(self, one: Quantity) -> str:
        """What a number counts that trails a noun: "then bullets, 4."."""
        ends, comma = item_at(self.items, one.last + 1), item_at(self.items, one.first - 1)
        start, _ = clause(self.items, max(0, one.first - 2))
        short = one.first - 1 - start <= _MAX_TRAILED
        named = item_at(self.items, one.first - 2).means.get("nouns", "")
        alone = ends.sort in ("stop", "comma") and comma.text == "," and short and one.high < _MAX_LONE
        return self.form.called.get(named, named) if alone and not one.bound else ""

    def _told_before(self, one: Quantity) -> str:
        """What a number counts by the words before it, where no noun follows: "out of 20"."""
        for at in (one.first, one.first - 1):
            item = item_at(self.items, at)
            ratio = item.text == "/" and (item_at(self.items, at - 1).sort == "number" or one.low < _MIN_OUT_OF)
            if item.has("counts") and not ratio:
                return item.means["counts"]
        return ""

    def _is_entry(self, one: Quantity, at: int) -> bool:
        """Whether a unit is what this kind has entries of: "12 sentences to complete"."""
        if self.items[at].means["units"] not in self.form.entries or one.bound not in ("", "exactly", "range"):
            return False
        if item_at(self.items, at + 1).has("most.after", "least.after"):
            return False  # "6 words tops"
        if item_at(self.items, one.first - 1).text in (":", "："):
            told = item_at(self.items, one.first - 2)
            if told.noun != self.form.main and (told.noun in TEXTS or told.has("part")):
                return False  # "Answer: one sentence."
            return not is_each(self.items, one, at)  # "Worksheet: 5 sentences to complete."
        itself = ("", self.form.entries[self.items[at].means["units"]])
        return named_before(self.items, one, self.counted) in itself and not is_each(self.items, one, at)

    def _noun_behind(self, one: Quantity) -> int | None:
        """The place of the unit or noun behind a number."""
        at, words = one.last + 1, 0
        while at < len(self.items) and words <= _MAX_BETWEEN:
            item = self.items[at]
            if item.sort in ("stop", "comma", "number", "figure", "ratio", "link"):
                return None
            if self._is_code(at):  # "5 H2 headings"
                at, words = at + 2, words + 1
                continue
            compound = item.has("own") or self.language == "en"
            head = not compound or not self._goes_on(at)
            if item.has("units") or (item.noun and head):
                return at
            joins = item.text.casefold() in _OF and at == one.last + 1
            if item.has("time", "no.before") or (item.has("of", "is", "to") and not joins and item.text not in "-x×"):
                return None
            words += item.text != "-"
            at += 1
        return None

    def _is_code(self, at: int) -> bool:
        """Whether a word is written in one with the number behind it."""
        after = item_at(self.items, at + 1)
        plain = self.items[at].text.isascii() and self.items[at].text.isalpha()
        return plain and after.sort == "number" and after.start == self.items[at].end

    def _goes_on(self, at: int) -> bool:
        """Whether a noun is only the first part of another: the cards of "3 cloze cards" are counted."""
        after = at + 1
        while item_at(self.items, after).text == "-":
            after += 1 if item_at(self.items, after + 1).noun else 2
        return bool(item_at(self.items, after).noun)

    def _noun_before(self, one: Quantity) -> int | None:
        """The place of the noun that a number stands behind: "Emails: 4", "emoji max 2"."""
        for at in range(one.first - 1, max(-1, one.first - 1 - _MAX_BEHIND), -1):
            item = self.items[at]
            told = item.means.get("nouns", "skip") != "skip"
            if told or (item.has("own") and (one.bound or item_at(self.items, one.first - 1).text in _OPENING)):
                per = item_at(self.items, at - 1).has("each") and bool(item_at(self.items, at - 2).noun)
                return at - 2 if per else at  # "Options per question: 4."
            if item.sort in ("stop", "number", "figure", "literal") or (
                item.sort == "comma" and item.text not in _OPENING
            ):
                return None
            if item.sort == "word" and not item.has("is", "each", "text", "thing", *_BOUNDS_BEFORE):
                return None
        return None

    def _unit_before(self, one: Quantity) -> int | None:
        """The place of the unit that a number stands behind: "paragraphs: 3"."""
        at = one.first - 1
        told = item_at(self.items, at)
        ends = item_at(self.items, one.last + 1).sort in ("stop", "comma")
        if told.text in (":", "：", "=") or (told.has("is") and ends):  # "The word count should be 40 to 50."
            at -= 1
        elif filled(r"(?:<numbered.place>)", self.language).fullmatch(told.text):
            return None  # "Line 4" is that of a bus.
        return at if item_at(self.items, at).has("units") else None

    def _alone(self, one: Quantity) -> str:
        """What a number counts that is a clause of its own: "slogans for a van. four, no make that five."."""
        start, end = clause(self.items, one.number)
        others = [item for item in self.items[start:end] if item.sort != "number"]
        if one.low >= _MAX_LONE or len(others) > _MAX_BESIDE or not all(item.has(*_LONE) for item in others):
            return ""
        if one.bound == "least" and any(item.text.casefold() in _SINCE for item in others):
            return ""  # "A post: the rye loaf is back, from 7."
        nouns = (item.means.get("nouns", "") for item in self.items[:start] if not item.has("units"))
        named = [noun for noun in dict.fromkeys(nouns) if noun not in ("", "skip")]
        if self.form.main in named:
            return self.form.main
        wanted = any(item.has("rather") for item in others) and len(named) == 1
        return self.form.called.get(named[0], named[0]) if wanted else ""  # "Subject lines, I need 5."

    def _is_pronoun(self, one: Quantity) -> bool:
        """Whether a number stands for entries that were named before: "8 of them"."""
        if any(known.what == self.form.main for known in self.found.counts):
            return False  # "Ten questions, three of them true or false."
        if item_at(self.items, one.first - 1).text in _APPOSED and not self._is_named(one):
            return False  # "Our new routes are up: 11 of them."
        return not self._is_subject(one) and any(
            item.has("pronoun") for item in self.items[one.last + 1 : one.last + 3]
        )

    def _is_named(self, one: Quantity) -> bool:
        """Whether what the kind consists of is named before a number."""
        return any(item.means.get("nouns") == self.form.main for item in self.items[: one.first])

    def _is_plan(self, one: Quantity) -> bool:
        """Whether days and weeks are how long something runs, not when it is due: "in 3 days"."""
        return self.form.planned and item_at(self.items, one.first - 1).text.casefold() not in (
            "in",
            "en",
            "em",
            "dans",
        )

    def _is_of_people(self, one: Quantity, what: str, at: int) -> bool:
        """Whether a number is too large to be that of texts that stand elsewhere: "an email to all holders (62 of them)"."""
        near = bool(self.items[at].noun) and one.first - 2 <= at <= one.last + 3
        single = what == self.form.main and what in self.form.whole
        return single and one.low > _MAX_TEXTS and not near

    def _is_subject(self, one: Quantity) -> bool:
        """Whether words before a number make it one of the subject: "our 3 sections", "we have two columns"."""
        before = [at for at in range(max(0, one.first - 2), one.first) if self.items[at].has("subject")]
        # "12 questions, each of which has 3 options."
        told = any(not item_at(self.items, at - 1).has("each") for at in before)
        return one.bound not in ("most", "least", "about") and told

    def _count(self, one: Quantity, what: str, at: int, *, again: bool = False) -> None:
        """Notes a count, of each noun the first; with `again` a later one takes its place."""
        if what == "skip":
            return
        said = self._said(one, what, at)
        bounded_after(self.items, one, max(at, one.last))
        one.used = True
        if not one.whole or one.minus:
            return  # Half of one, or fewer than none: what is meant is not certain.
        if what in _PLANNED and one.bound == "least" and self.items[one.first].text.casefold() == "over":
            one.bound = ""  # "Spread over 14 days."
        low, high = 0 if one.bound == "most" else one.low, None if one.bound == "least" else one.high
        if what == "level" and one.bound == "range" and low == 1:
            low = one.high  # "A scale from 1 to 5."
        bound = CountBound(what=what, low=low, high=high, said=said)
        places = [place for place, known in enumerate(self.found.counts) if known.what == what]
        again = again or self._corrects_count(one)  # "5 slogans, no wait, 8 slogans"
        if not places:
            self.found.counts.append(bound)
            self.counted.append(Counted(what, at, several=high is None or high > 1))
        elif again:
            self.found.counts[places[0]] = bound
        if self.found.counts[-1] is bound:
            self.counted_at = one.number

    def _said(self, one: Quantity, what: str, at: int) -> str:
        """The words that give a number of something, from the number on."""
        start, end = self.items[one.number].start, self._end(one)
        behind = at > one.last and self.items[at].noun
        said = self.text[start : self.items[at].end] if behind else f"{self.text[start:end]} {what}s"
        return " ".join(f"-{said}".split()) if one.minus else " ".join(said.split())

    def _end(self, one: Quantity) -> int:
        """Where the last of a quantity's numbers ends."""
        last = max(at for at in range(one.number, one.last + 1) if self.items[at].sort == "number")
        return self.items[last].end

    def _size(self, one: Quantity, at: int) -> None:
        if not one.whole or one.minus:
            one.used = one.used or one.minus
            return
        bounded_after(self.items, one, at)
        if not one.bound:
            bounded_after(self.items, one, self._end_of_part(at))
        unit = self.items[at].means["units"]
        each = is_each(self.items, one, at)
        part = part_of(self.items, one, at, self.form, self.counted) if unit != "pages" or each else "all"
        if part.split()[-1] == unit.removesuffix("s") and not each:
            self._count(one, part, at)  # "A glossary of 8 words."
            return
        if part == "all" and unit == "words" and one.bound == "" and 0 < one.high < _MIN_WORDS:
            return  # "Say 2 words on it."
        if self._corrects_size(one) and (self.found.sizes[-1].of, self.found.sizes[-1].unit) == (part, unit):
            self.found.sizes.pop()  # "300 words, sorry, 400 words"
        self._note(one, part, unit)
        if part == "chorus" and each and [known.what for known in self.counted[-2:]] == ["verse", "chorus"]:
            self._note(one, "verse", unit)  # "3 verses 1 chorus, four lines each"

    def _end_of_part(self, at: int) -> int:
        """The last word of what a size is of, behind its unit: "12 words of text max"."""
        end = at
        while end < at + _MAX_BETWEEN:
            item = item_at(self.items, end + 1)
            if not (item.has("of", "each", "article", "text") or item.noun) or item.sort != "word":
                break
            end += 1
        return end

    def _note(self, one: Quantity, part: str, unit: str) -> None:
        if unit in get_args(Unit):
            one.used = True
            self.last_size, self.sized_at = _bounded(part, cast(Unit, unit), one), one.number
            self.found.sizes.append(self.last_size)
            if part == "all" and unit in _PIECES and self.last_size.low == self.last_size.high != 1:
                # "Three paragraphs, none longer than 50 words."
                self.counted.append(Counted(unit.removesuffix("s"), one.first, several=True))

    def _carried(self, one: Quantity, left: int | None) -> bool:
        """Notes a number that takes its unit from the size before: "headline max 30 characters, description 90"."""
        noun = self._called(left) if left is not None else self._before_it(one)
        if (not noun or (left is not None and self.items[left].has("units"))) and self._closes(one):
            return True
        if not noun and one.bound in ("range", "most") and item_at(self.items, one.first - 1).text == ",":
            noun = item_at(self.items, one.first - 2).noun
        before = self.last_size
        unit = before.unit if before is not None else "characters"
        is_part = noun in SHORT_PARTS or (left is not None and self.items[left].has("part"))
        if not is_part or one.high < (_MIN_CARRIED if unit == "words" else _MIN_CHARACTERS):
            return False
        bounded_after(self.items, one, one.last)
        if before is not None and before.high and before.low is None and one.bound in ("", "exactly", "about"):
            one.bound = "most"
        self._note(one, noun, unit)
        return True

    def _before_it(self, one: Quantity) -> str:
        """What was counted last, where brackets or a pronoun say that a number is of that: "2 descriptions (90 max)"."""
        near = self.items[max(0, one.first - 3) : one.first]
        opened = item_at(self.items, one.first - 1).text in ("(", "（")
        return self.counted[-1].what if self.counted and (opened or any(item.has("each") for item in near)) else ""

    def _closes(self, one: Quantity) -> bool:
        """Gives the bound before its other end: "at least 800 characters but never beyond 4000"."""
        size, counts = self.last_size, self.found.counts
        if one.bound == "least" and size is not None and not size.low and one.low < (size.high or 0):
            self.found.sizes[self.found.sizes.index(size)] = size.model_copy(update={"low": one.low})
            one.used = True
            return True
        if one.bound != "most":
            return False
        near = item_at(self.items, one.first - 1).text == "," and one.first - self.sized_at <= _MAX_BEHIND
        if size is not None and near and (least := _wanted(size)) < one.high and least:
            stretched = size.model_copy(update={"low": least, "high": one.high, "about": None})
            self.found.sizes[self.found.sizes.index(size)] = stretched  # "15 words, 20 at a push"
        elif size is not None and size.high is None and 0 < (size.low or 0) < one.high:
            self.found.sizes[self.found.sizes.index(size)] = size.model_copy(update={"high": one.high})
        elif counts and counts[-1].high is None and one.high > counts[-1].low:
            counts[-1] = counts[-1].model_copy(update={"high": one.high})
        else:
            return False
        one.used = True
        return True


def _wanted(size: SizeBound) -> int:
    """How long something should be where that is said without bounds, else 0."""
    return size.about or (size.low or 0 if size.low == size.high else 0)


def _bounded(part: str, unit: Unit, one: Quantity) -> SizeBound:
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
