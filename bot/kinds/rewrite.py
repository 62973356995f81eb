"""A text that is there already, in another form or language."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, SizeBound, named, order_and_text
from bot.briefs.wording import MOST_READ
from bot.checks import Check, bounded, free_of, holding
from bot.checks.figures import names_said, numbers_said, says_figure
from bot.checks.given import loose_figures
from bot.checks.language import language
from bot.checks.readability import ease_for, hardness
from bot.checks.terms import contains
from bot.checks.units import UNITS, words
from bot.content import Assignment, Content, Example, Kind, Size
from bot.kinds._proofreading import changes, likeness, proofread


class Rewrite(BaseModel):
    """What a model writes."""

    text: Annotated[str, Size(3500, least=2, nouns=("text", "version"))]


# What is asked of the text, by what briefs say in the words before it; more than one may be.
_ASKED = {
    "shorten": "short*|cut|trim|tldr|tl;dr|condense|summar*|too long|kürz*|acort*|más cort*|court*|resum*|curto",
    "halve": "half (as long|the length|the size|the words)|halb so lang|auf die hälfte|a la mitad|la mitad de larg*|de moitié|moitié moins"
    "|pela metade|metade do tamanho",
    "lengthen": "longer|lengthen|expand|elaborate|more detail|flesh out|ausführlich*|alarg*|más larg*|développ*|rallong*",
    "proofread": "proofread|typo(s)|spelling|grammar|correct|fix (my|the|this)|korrigier*|rechtschreibung|corrige*|corrig*|ortograf*|fautes",
    "translate": "translat*|(in|into|to|auf|en|al|para o) (english|german|spanish|french|portuguese|italian|dutch|japanese|hindi|arabic"
    "|indonesian|deutsch|englisch|español|inglés|anglais|inglês)|traduc*|tradu*|übersetz*",
    "level": "simpl*|plain (english|language|words)|easier|for (kids|children)|year old(s)|a1|a2|b1|b2|c1|c2|grade (1|2|3|4|5|6|7|8|9|10|11|12)"
    "|einfacher|leichte sprache",
    "tone": "friendl*|formal*|casual|polite*|warm*|stiff|tone|nicer|confident|soften|professional|freundlich*|locker*|tono|ton",
}
# A text that is to be proofread stays this much the same, word by word.
_SAME = 0.5
_SHORTER, _LONGER = 0.6, 1.6
# "Half as long" is about so, up to this share of it.
_HALF = 0.6
# A text that readers of this US grade read is simple enough, whatever it was before.
_SIMPLE = 5
# A number, a time with the word that makes it one.


def parted(assignment: Assignment) -> tuple[str, str]:
    """(what is asked, the text that it is asked of)."""
    brief, given = assignment.request.brief.strip(), assignment.request.material or assignment.request.earlier
    return (assignment.brief, given.strip()) if given else order_and_text(brief)


def asked(assignment: Assignment) -> set[str]:
    """What is asked of the text: shorten, halve, lengthen, proofread, translate, level, tone."""
    order = " ".join([parted(assignment)[0], *assignment.request.notes, assignment.tone and "tone"])
    found = set(named(order[:MOST_READ], _ASKED))
    found |= {"shorten"} if "halve" in found else set()
    return found | {"shorten"} if any(_shortens(one, assignment) for one in assignment.reading.size) else found


def _shortens(size: SizeBound, assignment: Assignment) -> bool:
    """Whether a size leaves less than the text has: "up to 25 words" of one of 20 asks for none fewer."""
    if size.of != "all" or not size.high or size.low:
        return False
    measure = UNITS.get(size.unit)
    return measure is None or measure(parted(assignment)[1]) > size.high


def usual(assignment: Assignment) -> int:
    """As many words as the text has; fewer or more where that is asked."""
    count, wanted = words(parted(assignment)[1]), asked(assignment)
    if "halve" in wanted:
        return max(5, count // 2)
    factor = _SHORTER if "shorten" in wanted else _LONGER if "lengthen" in wanted else 1.1
    return max(5, round(count * factor))


def complete(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The draft; where a text was only to be proofread and came out as another one, the text itself, proofread by code."""
    source = parted(assignment)[1]
    if asked(assignment) == {"proofread"} and likeness(source, data["text"]) < _SAME:
        return data | {"text": proofread(source)}
    return data


def compose(output: Rewrite, assignment: Assignment) -> Content:
    """The text as it is; of a proofread one what changed too."""
    if "proofread" not in asked(assignment) or "translate" in asked(assignment) or not output.text:
        return Content(output.text, {"text": output.text})
    shown, count = changes(parted(assignment)[1], output.text)
    text = f"{shown.strip()}\n\n{output.text}" if count else output.text
    return Content(text, {"text": output.text, "changes": count})


def examine(output: Rewrite, _content: Content, assignment: Assignment) -> list[Check]:
    """It is shorter, longer, simpler or in other words where that was asked, and keeps the text's figures and names."""
    source, wanted, text = parted(assignment)[1], asked(assignment), output.text
    before, after = words(source), words(text)
    spoken = language(source) or assignment.language
    checks = []
    if "shorten" in wanted:
        most = round(_HALF * before) if "halve" in wanted else before - 1
        checks.append(bounded("shorter", after, high=most, unit="words", path="text", asked_by="brief"))
    if "lengthen" in wanted:
        checks.append(bounded("longer", after, before + 1, unit="words", path="text", asked_by="brief"))
    if "level" in wanted and "translate" not in wanted:
        checks += _simpler(source, text, spoken)
    if "tone" in wanted:
        changed = ceil(100 * (1 - likeness(source, text)))
        checks.append(bounded("in other words", changed, 1, unit="%", path="text", asked_by="brief"))
    if wanted == {"proofread"}:
        same = likeness(source, text)
        checks.append(
            Check(
                id="your words", passed=same >= _SAME, value=round(100 * same), low=round(100 * _SAME), unit="%", path="text",
                asked_by="brief",
            )
        )  # fmt: skip
    # German writes every noun as if it were a name.
    has_names = spoken != "de" and "translate" not in wanted
    kept = [*numbers_said(source), *(names_said(source) if has_names else [])]
    if kept and source != assignment.request.brief:
        kept_by = says_figure if assignment.as_written else contains
        gone = [one for one in dict.fromkeys(kept) if not kept_by(text, one)]
        hint = f"It must keep {', '.join(gone)}."
        total = len(dict.fromkeys(kept))
        checks.append(
            holding(
                "figures and names kept", gone, total, "figures and names", path="text", hint=hint, asked_by="brief"
            )
        )
    if assignment.as_written and (
        loose := loose_figures(text, assignment.sources, assignment.language, assignment.day)
    ):
        checks.append(free_of("figures from you", loose, wanted=("your text",), path="text", asked_by="house"))
    return checks


def _simpler(source: str, text: str, spoken: str) -> list[Check]:
    """That a text reads more easily than its source; nothing where one is too short to tell."""
    before, after = hardness(source, spoken, _SIMPLE), hardness(text, spoken, _SIMPLE)
    if before is None or after is None:
        return []
    passed = after < before or after <= 0
    made = partial(Check, id="simpler", passed=passed, path="text", asked_by="brief")
    if spoken == "en":
        return [made(value=round(after + _SIMPLE, 1), high=round(before + _SIMPLE, 1), unit="grade")]
    return [made(value=round(ease_for(_SIMPLE) - after), low=round(ease_for(_SIMPLE) - before), unit="ease")]


KIND = Kind(
    name="rewrite",
    family="text",
    title="Rewrite",
    description="Your text shorter, longer, friendlier, simpler, proofread or in another language.",
    output=Rewrite,
    prompt="Rewrite the text as asked. Keep its meaning, its names and its figures. Give only the new text.",
    examples=(
        Example(
            "make this friendlier: Payment is due. Failure to pay results in exclusion from the course.",
            Rewrite(text="Your payment is due. Please send it soon so that we can keep your place in the course."),
        ),
        Example(
            "shorter: We are writing to let you know that, due to the weather, the walk on Sunday will not take place.",
            Rewrite(text="Because of the weather there is no walk on Sunday."),
        ),
    ),
    compose=compose,
    complete=complete,
    examine=examine,
    usual=usual,
    words=(60, 90, 140),
    levelled=True,
    facts=False,
    needs_text=True,
    form=Form(whole=("variant",), own_text=True),
    likeliest=("copy", "docx"),
)
