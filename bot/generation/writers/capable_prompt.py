"""The conversations that a capable model is given. Pure.

It reads for whom it writes, what is true there, and the bounds that the checks measure by; and that the brief goes before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.checks.language import NAMES
from bot.checks.units import words
from bot.content import Assignment, Kind, Request
from bot.generation.beside import composed, told_beside
from bot.generation.check import uses_figures
from bot.generation.edits import draft_of, lines_of, numbered_text
from bot.generation.faults import unlike
from bot.generation.lent import discreet, holds_cells
from bot.generation.missing import asked_and_untold
from bot.generation.own_form import MAIL
from bot.generation.piece_edits import ABOUT, NAME, NEW_TEXTS, Part, lines_of_parts, title_of
from bot.generation.prompt import (
    BEFORE,
    GUARD,
    MATERIAL_LEAST,
    SAMPLE,
    as_written,
    brand_lines,
    fenced,
    form,
    headed,
    liked_examples,
    liked_text,
    room_for_material,
    voice,
)
from bot.generation.recall import LONGER, SHORTER
from bot.generation.shape import turn_list, whole_text_sizes
from bot.generation.sources import FIELD, name_of

from .capable_form import bounds_told, part_name, style_told

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from .base import Spot

_RULES = "How it is to be:"
_STEPS = (
    'changes: each with the number of its line, how, and the text; "replace" puts text in its place, '
    '"remove" takes the line away (of an entry without text the whole entry), "before" and "after" put a sentence beside it in '
    'the same text, "entry before" and "entry after" put a new entry of its list there. The keys that begin with "new_" take new '
    "entries of that list, each before a line, 0 for its end; leave them empty where none is wanted. "
    "The text that comes out is of this kind:"
)
_EDIT = (
    "You edit a text that is there ({title}), given as numbered lines: number | where it stands | text. Change what the wish asks for, "
    "wherever it stands, and nothing else: lines that you do not name stay word for word, so never repeat one unchanged. Answer "
    f"with one JSON object. {_STEPS}"
)
_CRITIQUE = (
    "You read a text ({title}) against its brief before it is handed over. It is given as numbered lines: number | where it stands | "
    "text. Take the wishes of the brief one after another: what is to be said or shown, where and in what order; who speaks, who is "
    "quoted and as what; point of view, tense, mood, spelling; what one part of it must not say; which language stands where; what the "
    "writer alone was told. Then its statements: those that contradict the brief, the facts or each other, or are not true. How long "
    "parts are, how many there are, and single words have been measured already, and taste is not at issue. Answer with one JSON "
    "object. faults: only what is plainly so; an empty list where the text does all, as most do. Each with words, copied word for word "
    "from the brief where the text misses a wish of it, from the text where a statement is wrong; and why, in one sentence. Changes "
    f"put these faults right and touch nothing else; without faults there are none. {_STEPS}"
)
_APPEAL = (
    "Code read a brief by patterns and measured a text ({title}) that was written for it. It takes what is numbered below for faults "
    "of the text. It may be mistaken: it takes for wanted what the brief rules out or only mentions, for the whole what is said of "
    "one part, for form what is a number of the subject, for the text what its writer alone was told, one word or language for "
    "another. Judge each by brief and text. Answer with one JSON object. mistaken: the numbers of those that are no faults, as the "
    "brief does not ask for that or the text does not have it; an empty list where all are, as is the rule. What is too long, too "
    "short, too many, too few or missing by the brief's own words is a fault, however good the text is."
)
_OF_PIECES = "It consists of texts of their own, each with its name before its lines."
_PIECES = (
    "Where the wish is about one of them, the others stay. "
    'Only where the wish wants fewer texts, "remove" on the line that holds a name alone takes that text away; only where it wants '
    f"more, {NEW_TEXTS} says of each new one before which line it stands, 0 for the end, and {{what}}; somebody else writes it."
)
_WHAT = {ABOUT: f"in a few words what it is to say ({ABOUT})", NAME: f"which one it is ({NAME})"}
_SOME = "These are only some of its texts: where the wish is about others, leave everything empty."
_KEEPS = "Keep every name, figure, date and link, and the order of what is said. Add nothing that brief and facts do not give."
_LENGTH = f"Make it {{how}}. About {{wanted}} words are wanted; it has {{has}}. {_KEEPS}"
_LENGTHS = f"Make each text {{how}}. About so many words are wanted: {{each}}. {_KEEPS}"
_NUMBER = "There are {has} texts, and there are to be {wanted}."
_ANEW = "Give all changes anew, counted from the lines of the first version."
_GIVEN_FIGURES = (
    "No figures that the brief or the facts do not give, nor names, dates, prices or links, but those that the brief asks you to "
    "reckon. No placeholders unless the brief asks for them."
)
_KNOWN_FIGURES = (
    "Figures that are known to be true may stand where they teach. No names, dates, prices or links of the writer's own that the brief "
    "or the facts do not give. No placeholders unless the brief asks for them."
)
_BRIEF_FIRST = "Where the brief says otherwise than these lines, the brief holds."


def messages_for(assignment: Assignment, *, tokens: int = 8000) -> list[BaseMessage]:
    """The conversation that asks for a first draft: the task, what is known, the bounds, the brief last.

    A kind whose craft is told in words is not shown worked examples of ours: models of a few billion parameters take their
    subjects over. What the person liked before is shown. `tokens` is what the context has room for.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    assignment = discreet(assignment)
    kind = assignment.kind
    conversation: list[BaseMessage] = [SystemMessage(_system(assignment))]
    for example in () if kind.craft else kind.examples:
        conversation += [
            HumanMessage(example.brief),
            AIMessage(as_written(example.output, kind, whole=assignment.at_once)),
        ]
    for brief, written in liked_examples(assignment, most=None, tokens=tokens):
        conversation += [HumanMessage(brief), AIMessage(written)]
    asked = [citing(assignment), form(kind), told_beside(assignment), _in_turn(assignment), _order(assignment, tokens)]
    conversation.append(HumanMessage("\n".join(filter(None, asked))))
    return conversation


def _system(assignment: Assignment) -> str:
    """What holds for a draft and for its rewrites alike: whoever keeps what was read of a prompt reads it once for all of them."""
    kind = assignment.kind
    lines = [_task(kind), GUARD if _has_material(assignment) else ""]
    # Whoever says how they sound is not to sound like our copywriter as well.
    lines += [
        voice(assignment, samples=not kind.craft, usual=not assignment.profile.tone),
        *_known(assignment),
        *unlike(assignment),
    ]
    lines += [_RULES, *_bounds(assignment), *bounds_told(assignment), _BRIEF_FIRST]
    return "\n".join(filter(None, lines))


def turn_messages(spot: Spot, assignment: Assignment) -> list[BaseMessage]:
    """The conversation that asks for one entry of a list that is written in turn, from the outline and what was said last.

    The entry's own text so far, if any, is what it goes on from.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    assignment = discreet(assignment)
    turn = turn_list(assignment)
    assert turn is not None
    kind, (name, field) = assignment.kind, turn
    system = [_task(kind), "Write only the text of the part that is asked for, without its heading."]
    system += [voice(assignment), *_known(assignment), *_bounds(assignment, part=True)]
    system.append(f"About {spot.missing} words for this part. It begins where the last one ends and repeats nothing.")
    conversation: list[BaseMessage] = [SystemMessage("\n".join(filter(None, [*system, _BRIEF_FIRST])))]
    for example in kind.examples[:1]:
        for one in example.output.model_dump(mode="json")[name]:
            conversation += [HumanMessage(f"{example.brief}\n{headed(one, field)}"), AIMessage(one[field])]
    heads = [headed(one, field) for one in spot.entries]
    own = str(spot.entries[spot.number][field])
    before = own or (str(spot.entries[spot.number - 1][field]) if spot.number else "")
    parts = [f"Outline of “{next(iter(spot.data.values()))}”:", *(f"{at}. {one}" for at, one in enumerate(heads, 1))]
    parts.append(assignment.brief)
    if before:
        parts.append(f"{'This part so far' if own else 'The part before ended'}: …{before[-BEFORE:]}")
    parts.append(f"Go on with: {heads[spot.number]}" if own else heads[spot.number])
    conversation.append(HumanMessage("\n".join(parts)))
    return conversation


def repair_messages(assignment: Assignment, parts: Sequence[tuple[str, str, list[str]]]) -> list[BaseMessage]:
    """The conversation that asks for parts anew: the path of each, empty for the whole, its text, and what is wrong with it."""
    from langchain_core.messages import HumanMessage, SystemMessage

    assignment = discreet(assignment)
    title = assignment.kind.title.lower()
    path, text, _ = parts[0]
    several = len(parts) > 1
    what = f"{len(parts)} parts of a {title}" if several else f"one part of a {title}" if path else f"a {title}"
    order = f"You rewrite {what}. Keep the meaning, and all that is not at fault. Give only the new text."
    if not assignment.kind.plain and (several or not path or text.startswith(("{", "["))):
        form = "with its parts by their names" if several else "of the same form"
        order = f"You rewrite {what}. Keep all that is not at fault. Answer with JSON {form}."
    told = [order, f"Brief: {assignment.brief}"]
    for number, (path, text, faults) in enumerate(parts):
        label = path.replace("_", " ").replace(".", " ")
        named = f"Part: {label}\n" if path else ""
        if several:
            named = f"{part_name(number)}, {label}\n"
        told.append(f"{named}Text: {text}\n\n" + "\n".join(f"Fault: {fault}" for fault in faults))
    told[-1] += "\nWrite them without the faults." if several else "\nWrite it without the fault."
    return [SystemMessage(_system(assignment)), HumanMessage("\n\n".join(told))]


def edit_messages(data: Mapping[str, Any], assignment: Assignment, *, tokens: int) -> list[BaseMessage]:
    """The conversation that asks what is to change in a version that is there, by the numbers of its lines."""
    told = [_task(assignment.kind), GUARD]
    version, wish = numbered_text(lines_of(data, assignment)), _wish(data, assignment)
    return _edit_messages(_EDIT, told, bounds_told(assignment), version, wish, assignment, tokens)


def critique_messages(data: Mapping[str, Any], assignment: Assignment, *, tokens: int) -> list[BaseMessage]:
    """The conversation that asks what a draft misses of its brief, and what is to change for it, by the numbers of its lines."""
    told = [_task(assignment.kind), GUARD]
    return _edit_messages(
        _CRITIQUE, told, bounds_told(assignment), numbered_text(lines_of(data, assignment)), "", assignment, tokens
    )


def appeal_messages(text: str, faults: Sequence[str], assignment: Assignment, *, tokens: int) -> list[BaseMessage]:
    """The conversation that asks which of the faults that code found in a text are none."""
    from langchain_core.messages import HumanMessage, SystemMessage

    known = discreet(assignment)
    limit = room_for_material(tokens)
    parts = [f"Brief: {known.brief[:limit]}", fenced(text[:limit], "The text:")]
    parts.append("\n".join(f"{number}. {fault}" for number, fault in enumerate(faults, 1)))
    return [
        SystemMessage(f"{_APPEAL.format(title=known.kind.title.lower())}\n{GUARD}"),
        HumanMessage("\n\n".join(parts)),
    ]


def edit_messages_of_parts(
    parts: Sequence[Part], assignment: Assignment, *, named: bool, some: bool, wanted: int | None, tokens: int
) -> list[BaseMessage]:
    """The conversation that asks what is to change in a text of pieces, by the numbers of their lines.

    New ones are `named` or told by what they are about; `some` says that these are not all of them, and `wanted` how many
    there are to be where that is told.
    """
    pieces = f"{_OF_PIECES} {_PIECES.format(what=_WHAT[NAME if named else ABOUT])}"
    told = [pieces, *([_SOME] if some else []), GUARD]
    wish = _wish_for_parts(parts, assignment)
    there = sum(part.loose for part in parts)
    wish = wish if wanted in (None, there) else f"{wish}\n{_NUMBER.format(has=there, wanted=wanted)}"
    return _edit_messages(
        _EDIT, told, _bounds_of_parts(parts), numbered_text(lines_of_parts(parts)), wish, assignment, tokens
    )


def critique_messages_of_parts(parts: Sequence[Part], assignment: Assignment, *, tokens: int) -> list[BaseMessage]:
    """The conversation that asks what a text of pieces misses of its brief, and what is to change in which of them for it."""
    lines = numbered_text(lines_of_parts(parts))
    return _edit_messages(_CRITIQUE, [_OF_PIECES, GUARD], _bounds_of_parts(parts), lines, "", assignment, tokens)


def _bounds_of_parts(parts: Sequence[Part]) -> list[str]:
    """What is asked of each piece, said once for those of which the same is."""
    bounds: dict[str, list[str]] = {}
    for part in parts:
        its = part.assignment
        bounds.setdefault("\n".join([_task(its.kind), *bounds_told(its)]), []).append(title_of(part.name))
    return [f"{', '.join(names)}: {one}" for one, names in bounds.items()]


def _edit_messages(
    task: str, told: Sequence[str], bounds: Sequence[str], version: str, wish: str, assignment: Assignment, tokens: int
) -> list[BaseMessage]:
    from langchain_core.messages import HumanMessage, SystemMessage

    assignment = discreet(assignment)
    kind, request = assignment.kind, assignment.request
    system = [task.format(title=kind.title.lower()), *told]
    system += [voice(assignment), *_known(assignment), *_bounds(assignment, part=True), *bounds]
    system += [*unlike(assignment), _BRIEF_FIRST, "The wish goes before the brief." if wish else ""]
    limit = room_for_material(tokens)
    parts = [f"Readers: {assignment.readers}."] if assignment.readers else []
    parts += [fenced(request.material[:limit])] if request.material else []
    parts += [fenced(one.text, f"From {one.source}:") for one in assignment.memory.passages]
    earlier = request.notes[:-1] if request.notes[-1:] == (request.wish,) else request.notes
    parts += [
        "\n".join(["Brief:", request.brief, *earlier]),
        fenced(version, "The version so far:"),
    ]
    parts += [f"Wish: {wish}"] if wish else []
    return [SystemMessage("\n".join(filter(None, system))), HumanMessage("\n".join(parts))]


def anew_messages(asked: Sequence[BaseMessage], answer: str, faults: Sequence[str]) -> list[BaseMessage]:
    """The conversation that sends an edit back with what is wrong."""
    from langchain_core.messages import AIMessage, HumanMessage

    said = "\n".join(f"Fault: {fault}" for fault in faults)
    return [*asked, AIMessage(answer), HumanMessage(f"{said}\n{_ANEW}")]


def length_step(request: Request) -> float:
    """How many times as long a version is to be by the buttons Shorter and Longer; 1 where something else is wanted."""
    return {"shorter": SHORTER, "longer": LONGER}.get(request.wish, 1.0)


def _wish(data: Mapping[str, Any], assignment: Assignment) -> str:
    if length_step(assignment.request) == 1.0:
        return assignment.request.wish
    has, wanted = _has_and_wanted(data, assignment)
    return _LENGTH.format(how=assignment.request.wish, has=has, wanted=wanted)


def _wish_for_parts(parts: Sequence[Part], assignment: Assignment) -> str:
    if length_step(assignment.request) == 1.0:
        return assignment.request.wish
    lengths = [(title_of(part.name), *_has_and_wanted(draft_of(part.assignment), part.assignment)) for part in parts]
    each = "; ".join(f"{name} {wanted}, it has {has}" for name, has, wanted in lengths)
    return _LENGTHS.format(how=assignment.request.wish, each=each)


def _has_and_wanted(data: Mapping[str, Any], assignment: Assignment) -> tuple[int, int]:
    """How many words a text has, and how many it is to have by a button."""
    has = words(composed(data, assignment).text)
    return has, max(1, round(has * length_step(assignment.request)))


def _task(kind: Kind) -> str:
    return kind.craft or kind.prompt


def _in_turn(assignment: Assignment) -> str:
    """That what is written in turn is no part of a first draft; empty where nothing is."""
    turn = turn_list(assignment)
    return (
        f"The {turn[1]} of each of {turn[0]} is asked for afterwards, one by one: give only what heads it."
        if turn
        else ""
    )


def citing(assignment: Assignment) -> str:
    """How a writer says which passages it used; empty where it is shown none."""
    if not assignment.memory.passages:
        return ""
    if assignment.kind.plain:
        return (
            "Behind the text, on a line of its own, name the passages whose statements stand in it, and no others: [used: P1, P2], or "
            "[used: none]. That line is taken off before anybody reads the text."
        )
    return f"One more key, {FIELD}, lists the ids of the passages whose statements stand in your text, and no others."


def _known(assignment: Assignment) -> list[str]:
    """What the profile knows, and what of it is for the writer alone."""
    profile, lines = assignment.profile, brand_lines(assignment)
    if profile.facts:
        lines.append("Use these facts where they matter to the brief, and no others but the brief's.")
    if profile.accessibility:
        needs = "; ".join(profile.accessibility)
        lines.append(f"What their readers need, to write by; mention it only where the brief does: {needs}.")
    if profile.audience or profile.role:
        lines.append("Who readers and writer are tells you how to write; it does not belong in the text by itself.")
    if assignment.kind.name == MAIL and assignment.kind.any_form:
        # Elsewhere code signs a mail.
        sender = ", ".join(filter(None, [profile.display_name, profile.organisation]))
        lines.append(f"Who sends it, for its end: {sender}." if sender else "")
    if wanted := profile.call_to_action:
        asked = ": ".join(filter(None, (wanted.text, wanted.link)))
        lines.append(
            f"What readers are mostly asked to do: {asked}. Ask it once, in the language of the text, where it fits what "
            "this text is for. A text with another aim asks for that; one that sells nothing asks for nothing."
        )
    return lines


def _bounds(assignment: Assignment, *, part: bool = False) -> list[str]:
    profile, kind = assignment.profile, assignment.kind
    lines = [_language(assignment)]
    if not part and not kind.for_machines and not kind.any_form and kind.family != "image":
        if assignment.wishes.words:
            lines.append("It is as long as the brief says.")
        elif ("", "characters") not in assignment.wishes.sizes and not any(
            size.unit == "words" for size in whole_text_sizes(assignment)
        ):
            lines.append(f"About {assignment.words} words of running text, unless the brief says otherwise.")
    if profile.avoid_words:
        lines.append(f"These words must not occur: {', '.join(profile.avoid_words)}.")
    lines += style_told(assignment)
    if kind.levelled and profile.reading_level:
        lines.append(f"Reading level: {profile.reading_level}.")
    if untold := asked_and_untold(assignment):
        named = ", ".join(fact.title for fact in untold)
        lines.append(
            f"The brief asks for what nobody has told: {named}. Do without, make nothing up, and leave no gap for it."
        )
    lines.append(_KNOWN_FIGURES if kind.family == "education" and not uses_figures(assignment) else _GIVEN_FIGURES)
    return lines


def _language(assignment: Assignment) -> str:
    spoken = NAMES.get(assignment.language, assignment.language)
    if assignment.keeps_language:
        return "Keep the language of the text."
    if assignment.kind.family == "image" or assignment.kind.for_machines:
        return ""
    if assignment.request.language or assignment.wishes.language:
        return f"Write in {spoken}."
    return f"Write in {spoken}, unless the brief asks for another language."


def _has_material(assignment: Assignment) -> bool:
    request = assignment.request
    return bool(
        request.material
        or request.earlier
        or assignment.style
        or assignment.book.told
        or _liked_sample(assignment)
        or assignment.memory.passages
        or (assignment.parent and assignment.parent.said)
        or holds_cells(assignment)
    )


def _liked_sample(assignment: Assignment) -> str:
    """The nearest liked text that is in no form a model could write it in, as somebody's own version may be."""
    return next((one.text for one in assignment.memory.liked if not liked_text(one, assignment.kind)), "")[:SAMPLE]


def material_lines(assignment: Assignment, tokens: int) -> list[str]:
    """What a text is to be made from or to sound like, each under a heading of ours."""
    request, parent = assignment.request, assignment.parent
    limit = room_for_material(tokens)
    room = max(MATERIAL_LEAST, limit - len(assignment.brief))
    parts = [fenced(request.material[:room])] if request.material else []
    parts += [
        fenced(one.text, f"Passage {name_of(number)}, from {one.source}:")
        for number, one in enumerate(assignment.memory.passages)
    ]
    if parent:
        said = "\n\n".join(parent.said)[-room // 2 :]
        parts.append(f"It is part {parent.number} of {parent.of} of this: {parent.brief[:limit]}")
        parts.append(fenced(said, "The parts before it:") if said else "It is the first.")
    if request.earlier:
        parts.append(fenced(request.earlier[:room], "The version so far:"))
    if assignment.style and assignment.memory.brand and assignment.memory.brand.samples:
        parts.append(
            fenced(assignment.memory.brand.samples[-1][:SAMPLE], "A text in the brand's voice, not about this:")
        )
    if liked := _liked_sample(assignment):
        title = assignment.kind.title.lower()
        parts.append(fenced(liked, f"This {title} they liked for how it sounds; it is not about this:"))
    return parts


def _order(assignment: Assignment, tokens: int) -> str:
    readers = [f"Readers: {assignment.readers}."] if assignment.readers else []
    brief = assignment.brief[: room_for_material(tokens)]
    if assignment.kind.craft and not assignment.parent:
        brief = f"Write the {assignment.kind.title.lower()} for this brief: {brief}"
    return "\n".join([*readers, *material_lines(assignment, tokens), brief])
