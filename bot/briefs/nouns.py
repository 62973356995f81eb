"""Find the noun or unit that a number counts: "4 emails", "Emails: 4"; and numbers of the subject, which say nothing on form."""

from __future__ import annotations

from dataclasses import dataclass

from .forms import Form
from .items import Item, find_clause, get_item
from .parts import UNSIZED_PARTS
from .quantities import Quantity
from .wording import compile_for_text, compile_template

# Words allowed between a number and its noun, and items between a noun and a number after it.
_MAX_BETWEEN, MAX_BEHIND = 4, 4
# The maximum words of a clause before a trailing number.
_MAX_TRAILED = 2
# Items searched before a sum for its noun.
_MAX_BEFORE_SUM = 14
# The maximum of a number that trails its noun.
_MAX_TRAILING_NUMBER = 60
# Words allowed between a number and its noun: "a pair of bullets".
_OF = frozenset({"of", "de", "d", "di", "von", "do", "da", "dos", "das", "dari", "の"})
# "/20" means points, "/ 5" a part of something.
_MIN_OUT_OF = 10
_OPENING = (":", "(", "（", "：", "-", "–")
_BOUNDS_BEFORE = ("most.before", "least.before", "about.before", "exactly.before")

# Nouns of a schedule, which only count for kinds that run over days and weeks.
PLANNED_NOUNS = frozenset({"week", "day"})
# Items before a number that are searched for an earlier text.
_MAX_BEFORE = 14
# Characters before a number that are searched for the topic.
_MAX_TOPIC = 60
# Text before the number of a text's subject.
_ABOUT_THE = (
    r"(?<!\w)<order.text>(?:\s+<order.network>)?\s+(?:<order.about>|<order.on>)(?:\s+|(?<=['’]))<known.the>\s+$"
)


@dataclass(frozen=True, slots=True)
class NounFinder:
    """Finds the nouns that the numbers of a brief's items count, for a kind with some form."""

    items: list[Item]
    form: Form
    language: str

    def get_noun(self, at: int) -> str:
        """Return the noun at a place, as the kind calls it."""
        what = self.items[at].noun
        return self.form.called.get(what, what)

    def find_noun_after(self, one: Quantity) -> int | None:
        """Return the place of the unit or noun after a number."""
        at, words = one.last + 1, 0
        while at < len(self.items) and words <= _MAX_BETWEEN:
            item = self.items[at]
            if item.sort in ("stop", "comma", "number", "figure", "ratio", "link"):
                return None
            if self._is_code(at):  # "5 H2 headings"
                at, words = at + 2, words + 1
                continue
            compound = item.has("own") or self.language == "en"
            head = not compound or not self._is_compound(at)
            if item.has("units") or (item.noun and head):
                return at
            joins = item.text.casefold() in _OF and at == one.last + 1
            if item.has("time", "no.before") or (item.has("of", "is", "to") and not joins and item.text not in "-x×"):
                return None
            words += item.text != "-"
            at += 1
        return None

    def _is_code(self, at: int) -> bool:
        """Whether a word is joined to the number after it."""
        after = get_item(self.items, at + 1)
        plain = self.items[at].text.isascii() and self.items[at].text.isalpha()
        return plain and after.sort == "number" and after.start == self.items[at].end

    def _is_compound(self, at: int) -> bool:
        """Whether a noun is only the first part of a compound: "3 cloze cards" counts cards."""
        after = at + 1
        while get_item(self.items, after).text == "-":
            after += 1 if get_item(self.items, after + 1).noun else 2
        return bool(get_item(self.items, after).noun)

    def find_noun_before(self, one: Quantity) -> int | None:
        """Return the place of the noun before a number: "Emails: 4", "emoji max 2"."""
        for at in range(one.first - 1, max(-1, one.first - 1 - MAX_BEHIND), -1):
            item = self.items[at]
            is_noun = item.meanings.get("nouns", "skip") != "skip"
            if is_noun or (item.has("own") and (one.bound or get_item(self.items, one.first - 1).text in _OPENING)):
                per = get_item(self.items, at - 1).has("each") and bool(get_item(self.items, at - 2).noun)
                return at - 2 if per else at  # "Options per question: 4."
            if item.sort in ("stop", "number", "figure", "literal") or (
                item.sort == "comma" and item.text not in _OPENING
            ):
                return None
            if item.sort == "word" and not item.has("is", "each", "text", "thing", *_BOUNDS_BEFORE):
                return None
        return None

    def find_unit_before(self, one: Quantity) -> int | None:
        """Return the place of the unit before a number: "paragraphs: 3"."""
        at = one.first - 1
        before = get_item(self.items, at)
        ends = get_item(self.items, one.last + 1).sort in ("stop", "comma")
        if before.text in (":", "：", "=") or (before.has("is") and ends):  # "The word count should be 40 to 50."
            at -= 1
        elif compile_template(r"(?:<numbered.place>)", self.language).fullmatch(before.text):
            return None  # "Line 4" may be a bus.
        return at if get_item(self.items, at).has("units") else None

    def find_summed_noun(self, one: Quantity) -> str:
        """Return the last noun if a number sums up its entries: "Columns: Hot, Cold, Sweet. That's three."."""
        ends = get_item(self.items, one.last + 1).sort in ("stop", "comma")
        if not ends or not get_item(self.items, one.first - 1).has("sum") or one.bound:
            return ""
        nouns = (item for item in reversed(self.items[max(0, one.first - _MAX_BEFORE_SUM) : one.first]) if item.noun)
        named = next((item.meanings.get("nouns", "") for item in nouns), "")
        return self.form.called.get(named, named)

    def find_trailed_noun(self, one: Quantity) -> str:
        """Return the noun of a number that trails it: "then bullets, 4."."""
        ends, comma = get_item(self.items, one.last + 1), get_item(self.items, one.first - 1)
        start, _ = find_clause(self.items, max(0, one.first - 2))
        short = one.first - 1 - start <= _MAX_TRAILED
        named = get_item(self.items, one.first - 2).meanings.get("nouns", "")
        alone = ends.sort in ("stop", "comma") and comma.text == "," and short and one.high < _MAX_TRAILING_NUMBER
        return self.form.called.get(named, named) if alone and not one.bound else ""

    def find_introduced_noun(self, one: Quantity) -> str:
        """Return what a number without a noun counts, by the words before it: "out of 20"."""
        for at in (one.first, one.first - 1):
            item = get_item(self.items, at)
            ratio = item.text == "/" and (get_item(self.items, at - 1).sort == "number" or one.low < _MIN_OUT_OF)
            if item.has("counts") and not ratio:
                return item.meanings["counts"]
        return ""


def introduces_line(items: list[Item], one: Quantity, left: int, form: Form, language: str) -> bool:
    """Whether a noun before a colon only introduces the line: "our rehoming day: 17 cats"."""
    noun, word = items[left], get_item(items, one.last + 1)
    single = language == "en" and not noun.text.casefold().endswith("s") and noun.noun != form.main
    plain = word.sort == "word" and not word.meanings and word.text.isalpha()
    colon = get_item(items, one.first - 1).text in (":", "：")
    return colon and plain and one.bound == "" and one.low > 1 and (single or noun.noun in PLANNED_NOUNS)


def describes_earlier_text(items: list[Item], one: Quantity, at: int, form: Form) -> bool:
    """Whether a number describes an earlier text: "the old one was 400 words", "last week's post had 6 hashtags"."""
    if one.bound in ("most", "least") or get_item(items, one.first - 1).meanings.get("earlier") != "was":
        return False
    item = items[at]
    if item.has("units") and item.meanings["units"] not in form.entries:
        return True
    start = max(0, one.first - _MAX_BEFORE)
    return item.noun in UNSIZED_PARTS or any(
        known.meanings.get("earlier") == "text" for known in items[start : one.first]
    )


def counts_the_topic(text: str, number: Item) -> bool:
    """Whether a number counts what a text is about: "post about the three steps of our repair"."""
    before = text[: number.start]
    return compile_for_text(text, _ABOUT_THE).search(before[-_MAX_TOPIC:]) is not None


def belongs_to_subject(items: list[Item], one: Quantity) -> bool:
    """Whether words before a number make it part of the subject: "our 3 sections", "we have two columns"."""
    before = [at for at in range(max(0, one.first - 2), one.first) if items[at].has("subject")]
    # "12 questions, each of which has 3 options."
    is_subject = any(not get_item(items, at - 1).has("each") for at in before)
    return one.bound not in ("most", "least", "about") and is_subject
