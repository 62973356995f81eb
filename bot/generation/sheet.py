"""The prompts that models write from. Functions here have no side effects.

A prompt is close to a plain one: what is wanted, for whom, the full profile, the brief last and verbatim. Any sentence added to it
must first improve results in a blind comparison (benchmarks/blind.py); none about style has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.checks import Check
from bot.checks.language import NAMES, WRITE_IN
from bot.checks.limits import find_limits
from bot.content import Assignment, Kind
from bot.engines import Traits
from personas.habits import describe as describe_habits
from personas.style import describe_style
from personas.voice import describe_voice

from . import prompts
from .branding import describe_book
from .faults import describe_faults
from .fences import fence, strip_tags
from .findings import describe_check, describe_for_model
from .measure import measure_stated
from .prompt_privacy import has_cells, redact_for_prompt, select_relevant_facts
from .recall import has_voice
from .sources import format_passage_id
from .tastes import Baseline, infer_from_instruction

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# Most and fewest characters of material in a prompt; the context size decides within that range.
_MAX_MATERIAL, _MIN_MATERIAL = 24_000, 400
# Most tokens that everything except material takes, and characters per token.
_SHEET_TOKENS, _CHARACTERS_PER_TOKEN = 1_500, 3
# Most liked texts in a prompt, and most characters of each of them or of a brand's samples.
_MAX_LIKED, _MAX_SAMPLE_CHARACTERS = 2, 600
# A request of fewer words asks for a short text if its kind is written for certain platforms.
_SHORT_REQUEST_WORDS = 30
# Higher limits of a platform are not mentioned.
_MAX_TIGHT_LIMIT = 1_000
_TEXT_PLACEHOLDER = "(the text below)"


def compute_material_room(context_tokens: int) -> int:
    """Return how many characters of material fit into a context window of that many tokens."""
    return min(_MAX_MATERIAL, max(_MIN_MATERIAL, (context_tokens - _SHEET_TOKENS) * _CHARACTERS_PER_TOKEN))


def build_draft_messages(assignment: Assignment, traits: Traits, *, context_tokens: int) -> list[BaseMessage]:
    """Build the messages that ask for a text, for a context window of that many tokens."""
    assignment = redact_for_prompt(assignment)
    system, sheet = _build_sheet(assignment, traits, context_tokens)
    return _build_messages(system, sheet, traits)


def build_joint_messages(
    assignments: Mapping[str, Assignment], traits: Traits, *, context_tokens: int
) -> list[BaseMessage]:
    """Build the messages that ask for several texts about one request, the first assignment's, each with its title."""
    first = redact_for_prompt(next(iter(assignments.values())))
    write = prompts.WRITE.format(kind=_format_title(first.kind))
    system = [write, prompts.TEXTS.format(count=len(assignments)), prompts.CHECK, prompts.REFUSE]
    tasks = [
        f"{number}. {title}: {' '.join([_describe_task(assignment), *_describe_platform(assignment)])}"
        for number, (title, assignment) in enumerate(assignments.items(), 1)
    ]
    context = _describe_context(first, traits, context_tokens, task=["Texts:", *tasks])
    prompt = "\n".join([*context, f"Request: {first.brief}"])
    return _build_messages("\n".join([*system, *_build_guards(first)]), prompt, traits)


def build_change_messages(assignment: Assignment, traits: Traits, *, context_tokens: int) -> list[BaseMessage]:
    """Build the messages that ask for a change to an existing text, as the request's latest note, or a button, asks."""
    assignment = redact_for_prompt(assignment)
    request = assignment.request
    assert request.before is not None
    change = request.instruction or (request.notes[-1] if request.notes else "")
    task, habit_lines, text = prompts.CHANGE, list[str](), request.before.text
    if traits.small and not assignment.kind.composer:
        return _build_small_change_messages(request.brief, text, change)
    parts = [] if traits.small else ["\n".join(_describe_context(assignment, traits, context_tokens))]
    if assignment.kind.composer:
        note_task = "" if traits.small else f" {prompts.NOTE_TASK}"
        task = f"You edit an existing version and give all of it again. {prompts.ANSWER_IN_JSON}{note_task}"
        text = json.dumps(dict(request.before.written), ensure_ascii=False)
    # Each instruction holds until a later one says otherwise; the newest is the change.
    notes = () if traits.small else (note for note in request.notes if note != request.instruction)
    parts += ["\n".join([f"The request it was written for: {request.brief}", *notes]), fence("text", text)]
    if not traits.small and not assignment.kind.composer:
        habit_lines = _build_habit_question(assignment)
        parts += (
            [prompts.EARLIER_NOTE_QUESTION.format(note=strip_tags(request.before.to_check))]
            if request.before.to_check
            else []
        )
        stated = [
            f"{number}. {describe_check(check)}" for number, check in enumerate(measure_stated(text, assignment), 1)
        ]
        parts += [prompts.MEASUREMENTS.format(stated="\n".join(stated))] if stated else []
    if request.earlier and not traits.small:
        # The text itself is included once.
        earlier = request.earlier.replace(request.before.text, _TEXT_PLACEHOLDER)[
            : compute_material_room(context_tokens)
        ]
        parts.insert(0, fence("material", earlier, "What came before in this conversation:"))
    parts.append(f"Change: {change}")
    system = "\n".join([task, *habit_lines, *_build_guards(assignment)])
    return _build_messages(system, "\n\n".join(parts), traits)


def _build_small_change_messages(brief: str, text: str, change: str) -> list[BaseMessage]:
    """Build the messages that ask a small model for a change, as a conversation: from a single prompt it copies the labels too."""
    from langchain_core.messages import AIMessage, HumanMessage

    question = prompts.CHANGE_SMALL.format(change=change)
    return [HumanMessage(brief), AIMessage(strip_tags(text)), HumanMessage(question)]


def _build_messages(system: str, prompt: str, traits: Traits) -> list[BaseMessage]:
    """Build the messages of a system message and a prompt; for a small model a single one.

    With a system message other than the one it was trained with, a small model refuses plain requests (docs/quality.md).
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    if traits.small:
        return [HumanMessage(f"{system}\n\n{prompt}")]
    return [SystemMessage(system), HumanMessage(prompt)]


def _build_habit_question(assignment: Assignment) -> list[str]:
    """Return the lines that ask whether the instruction holds for all of the user's texts.

    There are none if habits are not learnt or code can already tell.
    """
    instructions = assignment.memory.standing_instructions
    if (
        instructions is None
        or not assignment.request.instruction
        or infer_from_instruction(assignment.request.instruction, Baseline())
    ):
        return []
    known = "\n".join(f"- {strip_tags(instruction)}" for instruction in instructions)
    return [prompts.HABIT, *([prompts.KNOWN_HABITS.format(known=known)] if instructions else [])]


def build_revision_messages(messages: Sequence[BaseMessage], draft: str, checks: Sequence[Check]) -> list[BaseMessage]:
    """Build the messages that ask the model to fix the failed checks of its text."""
    from langchain_core.messages import AIMessage, HumanMessage

    faults = "\n".join(f"{number}. {describe_for_model(check)}" for number, check in enumerate(checks, 1))
    return [*messages, AIMessage(draft), HumanMessage(prompts.REVISE.format(faults=faults))]


def build_extraction_messages(text: str) -> list[BaseMessage]:
    """Build the messages that ask for the parts of a finished text."""
    from langchain_core.messages import HumanMessage, SystemMessage

    return [SystemMessage(prompts.EXTRACT), HumanMessage(fence("text", text))]


def build_key_messages(questions: str) -> list[BaseMessage]:
    """Build the messages that ask a model to answer questions whose key it does not see."""
    from langchain_core.messages import HumanMessage, SystemMessage

    return [SystemMessage(prompts.ANSWER_QUESTIONS), HumanMessage(fence("text", questions))]


def build_proofreading_messages(text: str, assignment: Assignment, *, context_tokens: int) -> list[BaseMessage]:
    """Build the messages that ask what is wrong with an existing text."""
    from langchain_core.messages import HumanMessage, SystemMessage

    assignment = redact_for_prompt(assignment)
    parts = [
        *_describe_context(assignment, Traits(), context_tokens),
        f"Request: {assignment.brief}",
        fence("text", text),
    ]
    return [
        SystemMessage("\n".join([prompts.PROOFREAD, *_build_guards(assignment)])),
        HumanMessage("\n\n".join(parts)),
    ]


def _build_sheet(assignment: Assignment, traits: Traits, context_tokens: int) -> tuple[str, str]:
    if traits.small:
        return _build_small_sheet(assignment, context_tokens)
    request, kind = assignment.request, assignment.kind
    write = prompts.WRITE.format(kind=_format_title(kind))
    system = [write]
    if kind.composer:
        system = [write.rpartition(" Give")[0], prompts.ANSWER_IN_JSON, prompts.NOTE_TASK]
    if request.variants > 1:
        versions = prompts.VERSIONS_IN_JSON if kind.composer else prompts.VERSIONS
        system.append(versions.format(count=request.variants))
    system += [prompts.CHECK] if not kind.composer else []
    # Only if a user can answer.
    system += [prompts.ASK] if request.channel_id and not kind.composer else []
    system += [prompts.REFUSE] if not kind.composer else []
    system += _build_guards(assignment)
    if assignment.memory.passages and not kind.composer:
        system.append(prompts.CITE)
    task = [*filter(None, [kind.build_task(assignment)]), *_describe_platform(assignment)]
    user = [*_describe_context(assignment, traits, context_tokens, task=task), f"Request: {assignment.brief}"]
    return "\n".join(system), "\n".join(user)


def _describe_context(
    assignment: Assignment, traits: Traits, context_tokens: int, *, task: Sequence[str] | None = None
) -> list[str]:
    """Return the context before the request: the task, by default the kind with its limits, day, profile, voice, brand, material."""
    request, memory = assignment.request, assignment.memory
    day = assignment.day
    lines = [
        *([f"What it is: {_describe_task(assignment)}", *_describe_platform(assignment)] if task is None else task),
        *_describe_options(assignment),
        f"Today: {day:%A} {day.day} {day:%B} {day.year}",
        f"Profile: {render_profile(assignment)}",
        *_describe_voice(assignment),
        *_describe_brand(assignment),
        *_describe_things_to_avoid(assignment),
    ]
    if assignment.plan:
        lines.append(fence("material", assignment.plan, "The plan of the campaign that this belongs to:"))
    limit = compute_material_room(context_tokens)
    if request.material:
        lines.append(fence("material", request.material[:limit]))
    for index, passage in enumerate(memory.passages):
        lines.append(fence("material", passage.text, f"{format_passage_id(index)}, from {passage.source}:"))
    if request.earlier and request.before is None:
        lines.append(fence("material", request.earlier[:limit], "What came before in this conversation:"))
    liked = [result for result in memory.liked_results[:_MAX_LIKED] if result.text]
    if liked and not assignment.kind.composer:
        lines += [
            fence("material", result.text[:_MAX_SAMPLE_CHARACTERS], "An earlier text that they liked:")
            for result in liked
        ]
    return lines


def _describe_task(assignment: Assignment) -> str:
    return f"{_format_title(assignment.kind)}. {assignment.kind.build_task(assignment)}".strip()


def _format_title(kind: Kind) -> str:
    return kind.title if kind.title[1:2].isupper() else kind.title[:1].lower() + kind.title[1:]


def render_profile(assignment: Assignment) -> str:
    """Render the profile with the habits as JSON: only fields that are set."""
    profile = assignment.profile.model_dump(mode="json", exclude_unset=True, exclude_defaults=False)
    stated = {name: value for name, value in profile.items() if value not in ("", [], None)}
    habits = assignment.habits.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({**stated, **habits}, ensure_ascii=False)


def _describe_options(assignment: Assignment) -> list[str]:
    """Return the lines for the request's options."""
    request = assignment.request
    lines = [f"Language: {language}"] if (language := _name_language(assignment)) else []
    lines += [f"Length: {request.length}"] if request.length else []
    lines += [f"Tone: {request.tone}"] if request.tone else []
    return [*lines, *([f"Readers: {request.audience}"] if request.audience else [])]


def _name_language(assignment: Assignment) -> str:
    """Return the name of the language the user chose; empty if the brief's language, or the kind, decides."""
    is_named = (
        assignment.has_chosen_language and not assignment.kind.form.own_text and not assignment.kind.is_for_machines
    )
    return NAMES.get(assignment.language, "") if is_named else ""


def _describe_platform(assignment: Assignment) -> list[str]:
    """Return the platform's limits that are tight. Loose ones, such as 63,206 characters, only make texts longer."""
    platform = assignment.place
    rows = [
        f"{limit.field.replace('_', ' ') if limit.field != 'text' else 'the text'} at most {limit.max:,} {limit.unit}"
        for limit in find_limits(platform, assignment.language)
        if not limit.advice and limit.unit != "hashtags" and limit.max <= _MAX_TIGHT_LIMIT
    ]
    return [f"Limits of {platform.replace('_', ' ')}: {'; '.join(rows)}"] if rows else []


def _describe_voice(assignment: Assignment) -> list[str]:
    """Return the lines for a chosen persona and the brand's voice."""
    lines = []
    if has_voice(assignment):
        persona = "\n".join(describe_voice(assignment.persona))
        is_own_persona = assignment.persona is assignment.memory.own_persona
        lines.append(f"Write in the voice of {assignment.persona.title}:")
        lines.append(f"<voice>\n{strip_tags(persona)}\n</voice>" if is_own_persona else persona)
    if assignment.style:
        lines.append(f"The brand's voice, before all else: {describe_style(assignment.style)}")
        samples = assignment.memory.brand.samples[:2] if assignment.memory.brand else ()
        lines += [fence("material", sample[:_MAX_SAMPLE_CHARACTERS], "How the brand writes:") for sample in samples]
    return lines


def _describe_brand(assignment: Assignment) -> list[str]:
    heading, lines = describe_book(assignment)
    return [fence("material", "\n".join(lines), heading)] if lines else []


def _describe_things_to_avoid(assignment: Assignment) -> list[str]:
    """Return the faults of an earlier version, and what the user disliked in earlier texts."""
    return [*describe_faults(assignment), *assignment.memory.avoid]


def _build_guards(assignment: Assignment) -> list[str]:
    request, memory = assignment.request, assignment.memory
    material = (
        request.material
        or request.earlier
        or memory.passages
        or memory.liked_results
        or assignment.plan
        or has_cells(assignment)
        or describe_book(assignment)[1]
        or assignment.style
    )
    is_own_persona = has_voice(assignment) and assignment.persona is memory.own_persona
    return [*([prompts.GUARD] if material else []), *([prompts.VOICE_GUARD] if is_own_persona else [])]


def _build_small_sheet(assignment: Assignment, context_tokens: int) -> tuple[str, str]:
    """Build the sheet of a small model, in sentences: irrelevant facts only mislead it (docs/quality.md)."""
    profile, request, kind = assignment.profile, assignment.request, assignment.kind
    names = ", ".join(filter(None, (profile.display_name, profile.organisation)))
    client = " ".join(filter(None, (names, f"({profile.role})" if profile.role else "")))
    call = profile.call_to_action
    audience, tone = assignment.audience or profile.audience, assignment.tone or ", ".join(profile.tone)
    facts = select_relevant_facts(profile.facts, assignment.brief)
    system = [
        f"You write for {client}." if client else "You write what people ask for." if not kind.is_reply else "",
        f"Readers: {audience}." if audience else "",
        f"Tone: {tone}." if tone else "",
        f"Language: {_name_language(assignment) or NAMES.get(assignment.language, 'English')}."
        if not kind.is_for_machines
        else "",
        f"Facts you may use: {'; '.join(facts)}." if facts else "",
        f"Usual call to action: {', '.join(filter(None, (call.text, call.link)))}."
        if call and kind.is_marketing
        else "",
        f"Words they like: {', '.join(profile.prefer_terms)}." if profile.prefer_terms else "",
        f"Never use these words: {', '.join(profile.avoid_words)}." if profile.avoid_words else "",
        *describe_habits(assignment.habits),
        *_describe_voice(assignment),
        *_describe_brand(assignment),
        *_describe_things_to_avoid(assignment),
        *_build_guards(assignment),
        f"Write {request.variants} versions, each between <version> and </version>."
        if request.variants > 1 and not kind.composer
        else "",
        prompts.ANSWER_IN_JSON if kind.composer else "",
        prompts.VERSIONS_IN_JSON.format(count=request.variants) if request.variants > 1 and kind.composer else "",
    ]
    limit = compute_material_room(context_tokens)
    lines = [
        *_describe_platform(assignment),
        *([f"Length: {request.length}"] if request.length else []),
        *([fence("material", assignment.plan)] if assignment.plan else []),
        *([fence("material", request.material[:limit])] if request.material else []),
        *(
            [fence("material", request.earlier[-_MAX_SAMPLE_CHARACTERS:], "What came before:")]
            if request.earlier
            else []
        ),
        *(fence("material", passage.text, f"From {passage.source}:") for passage in assignment.memory.passages),
        assignment.brief if kind.is_reply else f"Request: {assignment.brief}",
    ]
    user = _order_small_prompt(assignment, lines)
    return "\n".join(filter(None, system)), "\n\n".join(filter(None, user))


def _order_small_prompt(assignment: Assignment, lines: Sequence[str]) -> list[str]:
    """Return the prompt for a small model with its task: first for a composer or a reply, else last.

    What comes last decides how such a model begins and in which language.
    """
    kind, title = assignment.kind, _format_title(assignment.kind)
    if kind.composer:
        return [f"Write the finished {title}, nothing else. {kind.build_task(assignment)}", *lines]
    if kind.is_reply:  # Told to write a finished chat, it writes a dialogue, or refuses.
        return [kind.build_task(assignment), *lines]
    is_short = kind.places and not assignment.request.length and len(assignment.brief.split()) < _SHORT_REQUEST_WORDS
    brevity = ", in few words," if is_short and not kind.layout else ""
    task = [
        "Make up no facts." if kind.is_announcement else "",
        f"Write the finished {title}{brevity} and nothing before or after it.",
        kind.build_layout(assignment),
        "" if kind.is_for_machines else WRITE_IN.get(assignment.language, ""),
    ]
    return [f"What it is: {title}.", *lines, " ".join(filter(None, task))]
