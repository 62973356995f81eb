"""Whether a number belongs to the subject of a text or to an earlier text, so that it says nothing about form."""

from __future__ import annotations

from .forms import Form
from .items import Item, get_item
from .parts import UNSIZED_PARTS
from .quantities import Quantity
from .wording import compile_for_text

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
