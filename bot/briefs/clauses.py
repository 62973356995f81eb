"""Which clauses of a brief only order its form or its sound, so that they are no matter of the text. Pure.

A clause that holds a figure, a link, something quoted or a word that nothing is known of stays: better an order that leaks than a fact
that is lost.
"""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from .forms import Form
from .items import Brief, Item, items_of
from .labels import language_of_result
from .lexicon import expanded, forms_of, nouns_of
from .manner import LEAD
from .wording import filled

# What parts clauses beside the ends of sentences.
_PARTING = frozenset(",、，،;；–—")
_HIRAGANA = (0x3041, 0x3097)
_SHOUTED = frozenset("!?！？")
# Characters of a clause that may be an order alone.
_LONGEST = 200
# Words of a clause that orders the sound of a text, and those of one that keeps it to something.
_MOST_SOUND, _MOST_KEEP = 14, 5
# Items of a clause that bounds a length, those of them of which nothing is known, and what it is bounded by and in.
_MOST_SIZED, _MOST_UNKNOWN = 9, 2
_BOUNDS = ("most.before", "most.after", "least.before", "least.after")
_LENGTHS = frozenset({"words", "characters"})
# Words of a clause that says the language of the text.
_MOST_REASONED = 12
# What stands in a clause about form beside its numbers and nouns.
_AROUND = (
    "units", "most.before", "most.after", "least.before", "least.after", "about.before", "about.after", "exactly.before", "exactly.after",
    "each", "of", "is", "also", "to", "between", "text", "pronoun", "article", "keep", "please", "no.before", "no.after", "without", "avoid",
    "place", "model", "plain", "sized", "none", "portion",
)  # fmt: skip
# What every text may have beside the parts of its kind.
_BESIDE = frozenset({"hashtag", "emoji", "variant", "paragraph", "sentence", "bullet"})
# Things that a text is without in form; that there are no prices or people may be its matter.
_MATTER = frozenset({"people", "prices", "dates", "numbers", "text"})
_TONE = r"<tone.word>|<manner.formal>|<manner.casual>|<manner.stiff>|<manner.shorter>|<manner.longer>|<manner.short>|<manner.long>"
_TONED = rf"(?:(?:<manner.no>|<tone.not>)\s+)?(?:<manner.so>\s+)?(?:<manner.very>\s+)*(?:{_TONE})"
_MANNER = (
    rf"(?:<manner.please>\s+|<manner.and>\s+)*(?:<style.keep>\s+)?{LEAD}{_TONED}"
    rf"(?:(?:\s*,\s*|\s+(?:<manner.and>|<tone.and>)\s+){_TONED})*(?:\s*<manner.tone>)*"
    rf"|(?:<tone.in>\s+)?(?:<manner.article>\s+)?(?:[^\W\d_]+\s+){{0,2}}<tone.tone!>|(?:<manner.article>\s+)?<tone.tone!>\s+[^\W\d_]+(?:\s+<tone.and>\s+[^\W\d_]+)?"
)
_SOUND = r"(?:(?:<manner.please>|<manner.and>),?\s+)*<style.sound>(?!\w)(?P<tail>.*)"
_KEEP = r"(?:(?:<manner.please>|<manner.and>),?\s+)*<style.keep>(?!\w)(?P<tail>.*)"
# "Not cute": of several in a row each is a word that is not wanted.
_QUALITY = r"(?:(?:<manner.please>|<manner.and>),?\s+)*<style.not>\s+(?P<word>[^\W\d_]{3,20}(?:-[^\W\d_]{2,20})?)(?:\s+<manner.please>)?"
_WITHOUT = r"(?:(?:<manner.please>|<manner.and>),?\s+)*(?:<manner.no>|<wants.no>)\s+(?:<manner.article>\s+)?<style.quality>(?:\s+<manner.please>)?"
# Numbers that are articles too.
_ARTICLES_TOO = frozenset(["ein", "eine", "einer", "einem", "einen", "un", "une", "una", "um", "uma"])
# What asks for matter within such an order.
_MATTERS = r"(?<!\w)(?:<manner.mention>|<detail.say>|<order.tell>)(?!\w)"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with what parts it from the next; `form` where it says only form, `sound` where it only says how it is to sound.

    `ends` says that a sentence ends there.
    """

    text: str
    parting: str
    ends: bool
    form: bool = False
    sound: bool = False
    aside: bool = False


def clauses_of(text: str, form: Form) -> list[Clause]:
    """The clauses of a brief in their order; what stands behind the part that is read is one."""
    return clauses_in(items_of(text, form), text, form)


def clauses_in(brief: Brief, text: str, form: Form) -> list[Clause]:
    """The clauses of a brief that is cut into items."""
    found: list[Clause] = []
    start, first = 0, 0
    for at, item in enumerate(brief.items):
        if not _parts(item):
            continue
        behind = brief.items[at + 1].start if at + 1 < len(brief.items) else len(text)
        dotted = item.sort == "figure"
        end = item.end - 1 if dotted else item.start
        found.append(_clause(brief, text[start:end], text[end:behind], brief.items[first : at + dotted], form))
        start, first = behind, at + 1
    if start < len(text):
        found.append(_clause(brief, text[start:], "", brief.items[first:], form))
    for at in qualities_unwanted(found, brief.language):
        found[at] = replace(found[at], sound=True, aside=False)
    return found


def _parts(item: Item) -> bool:
    if item.sort == "figure":
        return item.text[-1:] == "." and item.text[-2:-1].isalpha()  # "on 5 June."
    parts = item.sort == "stop" or (item.sort == "comma" and item.text in _PARTING)
    return parts or (bool(item.text) and set(item.text) <= _SHOUTED)


def _clause(brief: Brief, text: str, parting: str, items: list[Item], form: Form) -> Clause:
    ends = not parting or parting[0] not in _PARTING
    said = text.strip()
    if not said or len(said) > _LONGEST:
        return Clause(text, parting, ends)
    about_form = is_form(items, form, brief.language) or _is_language(brief, items) or _is_chatter(said, items, brief)
    manner = not about_form and not form.describing and _is_manner(said, items, brief.language)
    aside = not (about_form or manner) and _is_sound(said, items, brief.language)
    return Clause(text, parting, ends, form=about_form, sound=manner or aside, aside=aside)


def qualities_unwanted(clauses: list[Clause], code: str) -> dict[int, str]:
    """The words that a text is not to be, as in "not cute, not perfect", by the place of their clause; one alone is a tone."""
    said = [filled(_QUALITY, code).fullmatch(one.text.strip(" .!?")) for one in clauses]
    places = {at for at, one in enumerate(said) if one}
    return {at: one["word"] for at, one in enumerate(said) if one and not places.isdisjoint((at - 1, at + 1))}


def without_orders(clauses: list[Clause]) -> str:
    """The clauses that tell of the matter, in a row."""
    kept: list[list[str]] = []
    for one in clauses:
        if not (one.form or one.sound):
            kept.append([one.text, one.parting])
        elif kept and one.ends and not _ends(kept[-1][1]):
            kept[-1][1] = one.parting if one.parting.strip() else ""
    return "".join(part for pair in kept for part in pair).strip(" ,;、，،")


def _ends(parting: str) -> bool:
    return not parting or parting[0] not in _PARTING


def is_form(items: list[Item], form: Form, code: str) -> bool:
    """Whether items say nothing but how many, how long, where, or what there is none of."""
    told = list(_told(items, form, code))
    return bool(told) and any(told) and (None not in told or _is_size(items, told.count(None)))


def _is_chatter(said: str, items: list[Item], brief: Brief) -> bool:
    """Whether a clause is said to whoever writes, as in a chat: "brb, someone's at the door", "btw my heater died again"."""
    if any(item.sort in ("figure", "literal", "link", "hashtag", "number") or item.has("when") for item in items):
        return False
    if filled(r"\W*<chatter.opens>(?!\w)", brief.language).match(said):
        return True
    own = filled(r"(?<!\w)<chatter.own>(?!\w)", brief.language).search(said)
    return bool(own and filled(r"\W*<chatter.maybe>(?!\w)", brief.language).match(said))


def _is_language(brief: Brief, items: list[Item]) -> bool:
    """Whether a clause says in which language the text is to be, and maybe why: "most of them speak Spanish, so in Spanish pls"."""
    if len(items) > _MOST_REASONED or any(
        item.sort != "word" or item.has("when", "subject", "label") for item in items
    ):
        return False
    return any(item.has("language", "plain") for item in items) and bool(language_of_result(brief, items))


def _is_size(items: list[Item], unknown: int) -> bool:
    """Whether a short clause bounds a length, by which few words can be anything else: "whole sheet under 350 words"."""
    if len(items) > _MOST_SIZED or unknown > _MOST_UNKNOWN:
        return False
    if any(item.sort not in ("word", "number") or item.has("subject", "writer", "when", "label") for item in items):
        return False
    measured = any(item.means.get("units") in _LENGTHS for item in items)
    return measured and any(item.has(*_BOUNDS) for item in items) and any(item.sort == "number" for item in items)


def _told(items: list[Item], form: Form, code: str) -> Iterator[bool | None]:
    """Of each item whether it makes its clause one about form; None for what none of these holds."""
    nouns = nouns_of(form) | _BESIDE
    number = any(item.sort == "number" and item.kind != "ordinal" for item in items)
    negated = any(item.has("no.before", "no.after", "none") for item in items)
    apart = any(item.means.get("portion") == "apart" for item in items)
    for item in items:
        counted = item.has("units") or (bool(item.noun) and (item.noun in nouns or item.has("own")))
        if item.sort in ("figure", "literal", "link", "hashtag") or item.has("subject", "writer", "when", "label"):
            yield None
        elif item.sort in ("number", "comma", "ratio"):
            yield item.sort == "ratio" and form.shaped
        elif item.has("without"):
            yield item.means["without"] not in _MATTER or form.shaped
        elif counted:
            yield number or negated
        elif apart and item.noun == "answer":
            yield True
        elif item.has("avoid"):
            yield negated and (item.means["avoid"] not in _MATTER or form.shaped)
        elif item.has("time"):
            yield (number and form.lasts) or None
        elif item.has("place"):
            yield item.means["place"] not in ("print", "screen")
        elif item.has("shape", "model"):
            yield form.shaped or None
        else:
            yield False if item.has(*_AROUND) or item.text.casefold() in _small(code) else None


@cache
def _small(code: str) -> frozenset[str]:
    """Articles, and the kana that join words."""
    kana = map(chr, range(*_HIRAGANA)) if code == "ja" else ()
    return frozenset(
        (*kana, *expanded(forms_of("en", "manner", "article")), *expanded(forms_of(code, "manner", "article")))
    )


def _is_sound(said: str, items: list[Item], code: str) -> bool:
    """Whether a clause orders how a text is to sound in words of its own: "don't let it sound like a robot", "no pity"."""
    told = (item for item in items if item.text.casefold() not in _ARTICLES_TOO)
    if any(item.sort in ("number", "figure", "literal", "link", "hashtag") for item in told):
        return False
    if filled(_WITHOUT, code).fullmatch(said):
        return True
    if filled(_MATTERS, code).search(said):
        return False
    if (found := filled(_SOUND, code).match(said)) and len(found["tail"].split()) <= _MOST_SOUND:
        return True
    found = filled(_KEEP, code).match(said)
    if found is None or not 0 < len(found["tail"].split()) <= _MOST_KEEP:
        return False
    # A day or a name is matter: "make it Friday".
    return not any(word[:1].isupper() for word in found["tail"].split()) and not any(item.has("when") for item in items)


def _is_manner(said: str, items: list[Item], code: str) -> bool:
    """Whether a clause is a tone, or how formal or long a text is to be."""
    plain = not any(item.sort in ("number", "figure", "literal", "link") for item in items)
    return plain and bool(filled(_MANNER, code).fullmatch(said))
