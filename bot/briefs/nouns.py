"""Find the noun or unit that a number counts: "4 emails", "Emails: 4".

Also recognise numbers that belong to the topic ("our 3 sections") and say nothing about the text's form.
"""

from __future__ import annotations

from dataclasses import dataclass

from .forms import Form
from .items import Item, find_clause, get_item
from .parts import UNSIZED_PARTS
from .quantities import Quantity
from .wording import compile_for_text, compile_template

# Most words between a number and the noun after it, and most items from a noun to the number after it.
_MAX_WORDS_BEFORE_NOUN, MAX_ITEMS_AFTER_NOUN = 4, 4
# Most words a clause may have before a trailing number.
_MAX_WORDS_BEFORE_TRAILING_NUMBER = 2
# How many items before a total are searched for its noun.
_MAX_ITEMS_BEFORE_TOTAL = 14
# A trailing number must be below this.
_TRAILING_NUMBER_LIMIT = 60
# Words for "of" that may join a number to its noun: "a pair of bullets".
_OF_WORDS = frozenset({"of", "de", "d", "di", "von", "do", "da", "dos", "das", "dari", "の"})
# "/20" means points, "/ 5" a part of something.
_MIN_OUT_OF = 10
_OPENING = (":", "(", "（", "：", "-", "–")
_BOUNDS_BEFORE = ("most.before", "least.before", "about.before", "exactly.before")

# Nouns of a schedule, ignored except for kinds that span days or weeks.
SCHEDULE_NOUNS = frozenset({"week", "day"})
# How many items before a number are searched for an earlier text.
_MAX_ITEMS_BEFORE_NUMBER = 14
# How many characters before a number are searched for the topic.
_MAX_TOPIC_CHARACTERS = 60
# What precedes a number that belongs to the topic: "post about the …".
_ABOUT_THE = (
    r"(?<!\w)<order.text>(?:\s+<order.network>)?\s+(?:<order.about>|<order.on>)(?:\s+|(?<=['’]))<known.the>\s+$"
)


@dataclass(frozen=True, slots=True)
class NounFinder:
    """Finds the nouns that the numbers of a brief's items count, for a kind that has the given form."""

    items: list[Item]
    form: Form
    language: str

    def get_noun(self, index: int) -> str:
        """Return the noun at an index, as the kind calls it."""
        noun = self.items[index].noun
        return self.form.called.get(noun, noun)

    def find_noun_after(self, quantity: Quantity) -> int | None:
        """Return the index of the unit or noun after a number."""
        index, word_count = quantity.last + 1, 0
        while index < len(self.items) and word_count <= _MAX_WORDS_BEFORE_NOUN:
            item = self.items[index]
            if item.type in ("stop", "comma", "number", "figure", "ratio", "link"):
                return None
            if self._is_joined_to_number(index):  # "5 H2 headings"
                index, word_count = index + 2, word_count + 1
                continue
            may_be_compound = item.has("own") or self.language == "en"
            is_head = not may_be_compound or not self._starts_compound(index)
            if item.has("units") or (item.noun and is_head):
                return index
            is_joining = item.text.casefold() in _OF_WORDS and index == quantity.last + 1
            if item.has("time", "no.before") or (
                item.has("of", "is", "to") and not is_joining and item.text not in "-x×"
            ):
                return None
            word_count += item.text != "-"
            index += 1
        return None

    def _is_joined_to_number(self, index: int) -> bool:
        """Whether a word runs straight into the number following it, as in "H2"."""
        following = get_item(self.items, index + 1)
        is_plain = self.items[index].text.isascii() and self.items[index].text.isalpha()
        return is_plain and following.type == "number" and following.start == self.items[index].end

    def _starts_compound(self, index: int) -> bool:
        """Whether a noun is only the first part of a compound: "3 cloze cards" counts cards."""
        next_index = index + 1
        while get_item(self.items, next_index).text == "-":
            next_index += 1 if get_item(self.items, next_index + 1).noun else 2
        return bool(get_item(self.items, next_index).noun)

    def find_noun_before(self, quantity: Quantity) -> int | None:
        """Return the index of the noun before a number: "Emails: 4", "emoji max 2"."""
        for index in range(quantity.first - 1, max(-1, quantity.first - 1 - MAX_ITEMS_AFTER_NOUN), -1):
            item = self.items[index]
            is_noun = item.meanings.get("nouns", "skip") != "skip"
            if is_noun or (
                item.has("own") and (quantity.bound or get_item(self.items, quantity.first - 1).text in _OPENING)
            ):
                has_each = get_item(self.items, index - 1).has("each") and bool(get_item(self.items, index - 2).noun)
                return index - 2 if has_each else index  # "Options per question: 4."
            if item.type in ("stop", "number", "figure", "literal") or (
                item.type == "comma" and item.text not in _OPENING
            ):
                return None
            if item.type == "word" and not item.has("is", "each", "text", "thing", *_BOUNDS_BEFORE):
                return None
        return None

    def is_label(self, quantity: Quantity, index: int) -> bool:
        """Whether a number names the noun at an index, right before it: "question 1", unlike "questions 5" or "question: 5"."""
        is_singular = self.items[index].text.casefold() == self.items[index].noun != "emoji"
        return is_singular and index == quantity.first - 1 and not quantity.bound

    def find_unit_before(self, quantity: Quantity) -> int | None:
        """Return the index of the unit before a number: "paragraphs: 3"."""
        index = quantity.first - 1
        before = get_item(self.items, index)
        is_last = get_item(self.items, quantity.last + 1).type in ("stop", "comma")
        if before.text in (":", "：", "=") or (before.has("is") and is_last):  # "The word count should be 40 to 50."
            index -= 1
        elif compile_template(r"(?:<numbered.place>)", self.language).fullmatch(before.text):
            return None  # "Line 4" may be a bus.
        return index if get_item(self.items, index).has("units") else None

    def find_tallied_noun(self, quantity: Quantity) -> str:
        """Return the last noun before a number that states how many entries were just listed, else "".

        An example is "Columns: Hot, Cold, Sweet. That's three.".
        """
        is_last = get_item(self.items, quantity.last + 1).type in ("stop", "comma")
        if not is_last or not get_item(self.items, quantity.first - 1).has("sum") or quantity.bound:
            return ""
        nouns = (
            item
            for item in reversed(self.items[max(0, quantity.first - _MAX_ITEMS_BEFORE_TOTAL) : quantity.first])
            if item.noun
        )
        noun = next((item.meanings.get("nouns", "") for item in nouns), "")
        return self.form.called.get(noun, noun)

    def find_noun_before_trailing_number(self, quantity: Quantity) -> str:
        """Return the noun of a number set after it by a comma, else "": "then bullets, 4."."""
        following, comma = get_item(self.items, quantity.last + 1), get_item(self.items, quantity.first - 1)
        start, _ = find_clause(self.items, max(0, quantity.first - 2))
        is_short = quantity.first - 1 - start <= _MAX_WORDS_BEFORE_TRAILING_NUMBER
        noun = get_item(self.items, quantity.first - 2).meanings.get("nouns", "")
        stands_alone = (
            following.type in ("stop", "comma")
            and comma.text == ","
            and is_short
            and quantity.high < _TRAILING_NUMBER_LIMIT
        )
        return self.form.called.get(noun, noun) if stands_alone and not quantity.bound else ""

    def infer_counted_noun(self, quantity: Quantity) -> str:
        """Infer what a number without a noun counts from the words before it: "out of 20"."""
        for index in (quantity.first, quantity.first - 1):
            item = get_item(self.items, index)
            is_ratio = item.text == "/" and (
                get_item(self.items, index - 1).type == "number" or quantity.low < _MIN_OUT_OF
            )
            if item.has("counts") and not is_ratio:
                return item.meanings["counts"]
        return ""


def introduces_line(items: list[Item], quantity: Quantity, noun_index: int, form: Form, language: str) -> bool:
    """Whether a noun before a colon only introduces the line: "our rehoming day: 17 cats"."""
    item, following = items[noun_index], get_item(items, quantity.last + 1)
    is_singular = language == "en" and not item.text.casefold().endswith("s") and item.noun != form.main
    is_plain = following.type == "word" and not following.meanings and following.text.isalpha()
    has_colon = get_item(items, quantity.first - 1).text in (":", "：")
    return (
        has_colon
        and is_plain
        and quantity.bound == ""
        and quantity.low > 1
        and (is_singular or item.noun in SCHEDULE_NOUNS)
    )


def describes_earlier_text(items: list[Item], quantity: Quantity, index: int, form: Form) -> bool:
    """Whether a number describes an earlier text: "the old one was 400 words", "last week's post had 6 hashtags"."""
    if quantity.bound in ("most", "least") or get_item(items, quantity.first - 1).meanings.get("earlier") != "was":
        return False
    item = items[index]
    if item.has("units") and item.meanings["units"] not in form.entries:
        return True
    start = max(0, quantity.first - _MAX_ITEMS_BEFORE_NUMBER)
    return item.noun in UNSIZED_PARTS or any(
        item.meanings.get("earlier") == "text" for item in items[start : quantity.first]
    )


def counts_topic(text: str, number: Item) -> bool:
    """Whether a number counts what a text is about: "post about the three steps of our repair"."""
    before = text[: number.start]
    return compile_for_text(text, _ABOUT_THE).search(before[-_MAX_TOPIC_CHARACTERS:]) is not None


def belongs_to_topic(items: list[Item], quantity: Quantity) -> bool:
    """Whether words before a number make it part of the topic: "our 3 sections", "we have two columns"."""
    indices = [index for index in range(max(0, quantity.first - 2), quantity.first) if items[index].has("subject")]
    # "12 questions, each of which has 3 options."
    is_topic = any(not get_item(items, index - 1).has("each") for index in indices)
    return quantity.bound not in ("most", "least", "about") and is_topic
