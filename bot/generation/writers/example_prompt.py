"""The conversations of a model of a few billion parameters, which follows an example rather than many rules. Pure.

It is told little, and shown one worked example in the very form of what it is then asked. Instructions in the abstract come out in its
texts; facts that stand beside the brief, in the example as in the request, come out in the right places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.briefs import brief_text, order_and_text
from bot.briefs.wording import spoken
from bot.checks.language import NAMES
from bot.content import Assignment
from bot.generation.faithful import covered
from bot.generation.faults import unlike
from bot.generation.languages import language_of_brief
from bot.generation.lent import discreet, holds_cells
from bot.generation.prompt import BEFORE, GUARD, as_written, brand_lines, form, headed, liked_examples, persona_lines
from bot.generation.shape import turn_list
from bot.generation.worked import Worked, worked_like
from personas.habits import describe
from personas.style import in_brief

from .capable_form import bounds_in_brief, emoji_told
from .capable_prompt import citing, material_lines

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from .base import Spot

# Facts that are told, and earlier results that were liked that are shown: it drowns in more.
_FACTS, _LIKED = 10, 1
# Of a fact that was said so much of its words was.
_SAID = 0.7
# A brief of so many words, those on form aside, tells what its text is to say.
_MUCH = 16
_ONLY_GIVEN = (
    "You are told what is true, then a brief. Write of figures, dates, prices, names, links and claims only those that you are "
    "told, and of the facts only those that matter to the brief."
)


def messages_for(assignment: Assignment, *, tokens: int = 8000, shown: bool = True) -> list[BaseMessage]:
    """The conversation that asks for a draft, with or without a worked example; `tokens` is what the context has room for."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    assignment = discreet(assignment)
    conversation: list[BaseMessage] = [SystemMessage(_system(assignment))]
    if shown:
        worked = worked_like(assignment)
        asked = _asked(replace(worked.assignment, as_written=True), tokens)
        conversation += [HumanMessage(asked), AIMessage(_written(worked))]
    for brief, written in liked_examples(assignment, most=_LIKED, tokens=tokens):
        conversation += [HumanMessage(brief), AIMessage(written)]
    conversation.append(HumanMessage(_asked(assignment, tokens)))
    return conversation


def turn_messages(spot: Spot, assignment: Assignment) -> list[BaseMessage]:
    """The conversation that asks for one entry of a list that is written in turn, from the outline and what was said last."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    assignment = discreet(assignment)
    turn = turn_list(assignment)
    assert turn is not None
    name, field = turn
    system = f"{_system(assignment)}\nWrite only the text of the part that is asked for, without its heading."
    conversation: list[BaseMessage] = [SystemMessage(system)]
    shown = worked_like(assignment)
    for one in shown.written[name]:
        asked = _part_asked(shown.assignment, headed(one, field), "", len(one[field].split()))
        conversation += [HumanMessage(asked), AIMessage(one[field])]
    own = str(spot.entries[spot.number][field])
    before = own or (str(spot.entries[spot.number - 1][field]) if spot.number else "")
    heading = headed(spot.entries[spot.number], field)
    conversation.append(HumanMessage(_part_asked(assignment, heading, before, spot.missing)))
    return conversation


def _system(assignment: Assignment) -> str:
    """What holds for a kind and a person, so that an engine that keeps what it read reads it once."""
    kind, persona = assignment.kind, assignment.persona
    if _rewriting(assignment):
        return "\n".join([kind.craft or kind.prompt, *([GUARD] if holds_cells(assignment) else [])])
    lines = [kind.craft or kind.prompt, *persona_lines(assignment, [persona.voice]), _ONLY_GIVEN]
    lines += [GUARD] if material_lines(assignment, 0) or assignment.book.told or holds_cells(assignment) else []
    if assignment.style:
        lines.append(in_brief(assignment.style))
    return "\n".join([*filter(None, lines), *describe(assignment.habits), *unlike(assignment)])


def _asked(assignment: Assignment, tokens: int) -> str:
    """One turn: who asks, what is true, the brief, and the form of the answer."""
    if rewriting := _rewriting(assignment):
        return rewriting
    lines = [*_person(assignment), *material_lines(assignment, tokens)]
    return "\n".join([*lines, f"Brief: {_brief(assignment)}", *_order(assignment)])


def _part_asked(assignment: Assignment, heading: str, before: str, wanted: int) -> str:
    lines = [*_person(assignment), *material_lines(assignment, 0), f"Brief: {_brief(assignment)}"]
    lines += [f"The part before ended: …{before[-BEFORE:]}"] if before else []
    return "\n".join([*lines, f"Write the part “{heading}” in about {wanted} words."])


def _person(assignment: Assignment) -> Iterator[str]:
    """Who asks, for whom, and what is true there."""
    profile, kind = assignment.profile, assignment.kind
    if kind.shown(assignment):  # Who draws it and for whom would stand in the picture.
        return
    if writer := f"{profile.organisation}{f' ({profile.role})' if profile.role else ''}".strip():
        yield f"For: {writer}"
    if readers := assignment.readers or profile.audience:
        yield f"Readers: {readers}"
    tone = assignment.tone or ("" if kind.family in ("image", "media", "data") else ", ".join(profile.tone))
    if tone:
        yield f"Tone: {tone}"
    if kind.levelled and profile.reading_level:
        yield f"Reading level: {profile.reading_level}"
    if profile.prefer_terms:
        yield f"Words they like: {', '.join(profile.prefer_terms)}"
    if profile.avoid_words:
        yield f"Words they never use: {', '.join(profile.avoid_words)}"
    yield from brand_lines(assignment)
    if facts := _facts(assignment):
        yield "\n- ".join(["What is true:", *facts])
    # A brief that tells its own news has its own aim; told another, such a model leads there.
    if (wanted := profile.call_to_action) and kind.family == "marketing" and not _tells_much(assignment):
        told = ", ".join(filter(None, (wanted.text, wanted.link)))
        yield f"What readers may be asked to do, where it fits the brief: {told}"


def _facts(assignment: Assignment) -> list[str]:
    """The facts that are told: where the brief tells much itself those alone that touch it, and none that a series has said."""
    profile, kind = assignment.profile, assignment.kind
    if not kind.facts:
        return []
    told = [fact for fact in profile.facts if not _tells_much(assignment) or covered(fact, assignment.brief) > 0]
    said = "\n".join(assignment.series.said if assignment.series else ())
    return [fact for fact in told if covered(fact, said) < _SAID][:_FACTS]


def _tells_much(assignment: Assignment) -> bool:
    """Whether a brief tells so much itself that what else is known only leads away from it."""
    return len(brief_text(assignment.brief).split()) >= _MUCH


def _rewriting(assignment: Assignment) -> str:
    """A text that stands in the brief, then what is wanted of it; with more around it such a model gives the text back."""
    order, text = order_and_text(assignment.request.brief) if assignment.kind.needs_text else ("", "")
    if not (order and text) or assignment.request.material:
        return ""
    told = ", ".join([order.strip(" :,."), *bounds_in_brief(assignment)])
    return f"Text: {text}\n\nRewrite it: {told}"


def _brief(assignment: Assignment) -> str:
    """The brief without what it says of the form alone, which would stand in the text; the order says that."""
    kind = assignment.kind
    if kind.needs_text or holds_cells(assignment):  # Tags stay around what they hold where nothing is taken out.
        return assignment.brief
    return kind.shown(assignment) or brief_text(assignment.brief, kind.reader, assignment.readers)


def _order(assignment: Assignment) -> Iterator[str]:
    kind, usual = assignment.kind, language_of_brief(assignment)
    wanted = assignment.language
    if assignment.keeps_language:
        language = " in the language of the text"
    elif kind.is_prompt and spoken(assignment.brief) != "en":
        language = " in English"
    elif kind.family == "image" or kind.for_machines:
        language = ""
    else:
        language = f" in {NAMES.get(wanted, wanted)}"
    told = "; ".join([*bounds_in_brief(assignment), *assignment.reading.asides])
    yield f"Write the {kind.title.lower()}{language}{f': {told}' if told else ''}. {emoji_told(assignment)}".strip()
    if language and usual != wanted and not kind.is_prompt and not assignment.keeps_language:
        own, written = (NAMES.get(one, one) for one in (usual, wanted))
        yield f"The brief is in {own}, what you write is in {written}."
    if kind.family == "marketing" and (figures := assignment.wishes.figures):  # Such a model leaves the last ones out.
        yield f"It names {', '.join(figures).rstrip('.')}."
    if named := kind.heads(assignment):
        yield f"Its parts are: {'; '.join(named)}."
    yield from filter(None, (citing(assignment), form(kind)))


def _written(shown: Worked) -> str:
    kind = shown.assignment.kind
    return as_written(kind.output.model_validate(shown.written), kind)
