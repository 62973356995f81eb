"""What is at fault in a draft of a model that goes by example is drawn afresh, and the best of all drafts is kept.

Shown its own text, such a model writes it again word for word; told what was wrong with it, it writes that into the next. A
further draft of the same request is a text of one piece, and costs little: what was read of the prompt is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from bot.briefs import brief_text
from bot.briefs.wording import spoken
from bot.checks.language import NAMES, plainly_in
from bot.checks.terms import contains
from bot.checks.units import UNITS
from bot.content import Assignment, Size
from bot.engines import Ask
from bot.generation.draft import read, unwrapped
from bot.generation.faithful import covered
from bot.generation.languages import in_language_of_draft
from bot.generation.rank import Candidate
from bot.generation.repairs import distinct
from bot.generation.sentences import fit, sentences_of
from bot.generation.shape import Entries, Text, changed, entries_wanted, key_of, shape_of, sizes_for, texts, turn_list
from bot.generation.sized import excess
from bot.generation.worked import worked_like

from .alphabet import kept_to_signs
from .base import Desk
from .capable_form import most_characters, most_written, schema_for, slack_of, tokens_for
from .example_prompt import messages_for
from .exchange import exchanged
from .handed_on import candidate_of
from .paragraphs import in_paragraphs
from .repair import replaced
from .slips import invented, is_taken, own_text, slips
from .trim import SHORTENED

# Further drafts of the whole, at most, and characters of a text from which on one alone is worth the wait.
MOST_DRAFTS, _LONG = 2, 500
# More at chance than a first draft, so that it is another.
_TEMPERATURE = 0.7
# Characters that a heading, a subject or a preview text has at most.
_SHORT = 120
# Words of a text that a brief gives so many.
_FEW_WORDS = 25
# What a text that is whole may end with.
_ENDS = frozenset(".!?…)]»”\"'。！？।؟")
_LANGUAGE = ("language", "language of a part")
# What has more of its words from the brief is in the brief's language.
_HALF = 0.5
# A translation is to be the same text.
_FAITHFUL = 0.2


async def redrafted(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """The best of the draft and of those written after it."""
    candidate, drafted = await _translated(candidate, assignment, desk), in_language_of_draft(assignment)
    candidate = await _in_english(candidate, assignment, desk)
    if turn_list(assignment):  # What was written in turn is not in a further draft.
        return candidate
    for number in range(MOST_DRAFTS if len(candidate.content.text) <= _LONG else 1):
        if not _is_at_fault(candidate, assignment):
            break
        # What the example says comes out again as long as the model is shown it.
        ask = _ask(drafted, desk, number, shown=not is_taken(candidate, assignment))
        written = await desk.asked(f"repair draft {number}", ask)
        if not written:
            break
        anew = await asyncio.to_thread(candidate_of, read(written, assignment.kind), assignment)
        anew = await _translated(anew, assignment, desk) if drafted is not assignment else anew
        anew = await _in_english(anew, assignment, desk)
        anew = await asyncio.to_thread(in_paragraphs, anew, assignment)
        candidate = await asyncio.to_thread(_better, anew, candidate, assignment)
    candidate = await asyncio.to_thread(_without_copies, candidate, assignment)
    candidate = await asyncio.to_thread(_with_own_link, candidate, assignment)
    candidate = await asyncio.to_thread(_fitted, candidate, assignment)
    candidate = await asyncio.to_thread(_ended, candidate, assignment, slack_of(desk.engine))
    return await asyncio.to_thread(_completed, candidate, assignment)


def _better(anew: Candidate, candidate: Candidate, assignment: Assignment) -> Candidate:
    """The better of two drafts, each with lines of the other for those of its own that do not fit."""
    one, other = exchanged(anew, candidate, assignment), exchanged(candidate, anew, assignment)
    return one if _rank(one, assignment) < _rank(other, assignment) else other


async def _in_english(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """A picture's prompt with those of its phrases in English that came in the words of a brief in another language."""
    kind, data = assignment.kind, candidate.data
    if not kind.is_prompt or spoken(assignment.brief) == "en":
        return candidate
    for path, field, text in texts(shape_of(kind.output), data):
        foreign = not field.choice and " " in text.strip() and covered(text, assignment.brief) > _HALF
        if foreign and (written := await _translation(text, "en", f"translation {path}", assignment, desk)):
            data = replaced(data, path, written.rstrip(" .\n"))
    return candidate if data is candidate.data else await asyncio.to_thread(candidate_of, data, assignment)


async def _translation(text: str, language: str, name: str, assignment: Assignment, desk: Desk) -> str:
    from langchain_core.messages import HumanMessage

    messages = [HumanMessage(f"Translate into {NAMES[language]}. Give only the translation.\n\n{text}")]
    ask = replace(_ask(assignment, desk, MOST_DRAFTS), messages=messages, temperature=_FAITHFUL, schema=None)
    return unwrapped(await desk.asked(f"repair {name}", ask))


async def _translated(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """A text, or what of it came in another language than its own, in its own, which such a model gets by translating alone."""
    language, data = assignment.language, candidate.data
    if not _has_strayed(candidate) or language not in NAMES or assignment.keeps_language:
        return candidate
    for path, field, text in texts(shape_of(assignment.kind.output), data):
        foreign = not field.choice and (assignment.kind.plain or plainly_in(text) not in (language, None))
        if foreign and (written := await _translation(text, language, f"translation {path}", assignment, desk)):
            data = replaced(data, path, written)
    made = await asyncio.to_thread(candidate_of, data, assignment)
    return candidate if _has_strayed(made) else made


def _has_strayed(candidate: Candidate) -> bool:
    """Whether the text is in another language than it should be."""
    return any(check.id in _LANGUAGE and not check.passed for check in candidate.checks)


def _without_copies(candidate: Candidate, assignment: Assignment) -> Candidate:
    """The draft without entries of what sells that say an earlier one again, where enough are left."""
    if assignment.kind.family != "marketing":
        return candidate
    data = dict(candidate.data)
    for name, node in shape_of(assignment.kind.output).fields:
        if isinstance(node, Entries):
            kept = distinct(data[name], key_of(node))
            data[name] = kept if len(kept) >= entries_wanted(node, assignment)[0] else data[name]
    return candidate_of(data, assignment) if data != candidate.data else candidate


def _with_own_link(candidate: Candidate, assignment: Assignment) -> Candidate:
    """The draft with the person's own address where the worked example's is, which such a model takes over."""
    shown, own = worked_like(assignment).assignment.profile.link, assignment.profile.link
    if not shown or not own or any(contains(source, shown) for source in assignment.sources):
        return candidate
    data = changed(
        shape_of(assignment.kind.output), candidate.data, lambda _path, _field, text: text.replace(shown, own)
    )
    return candidate_of(data, assignment) if data != candidate.data else candidate


def _ended(candidate: Candidate, assignment: Assignment, slack: float) -> Candidate:
    """The draft whose texts that broke off where their room ended stop at their last whole sentence, else clause."""
    data = candidate.data
    for path, field, text in texts(shape_of(assignment.kind.output), candidate.data):
        room = 0 if field.choice else most_written(field, assignment, slack)
        if room and len(text) >= room - 1 and text.rstrip()[-1:] not in _ENDS:
            *whole, _ = sentences_of(text)
            data = replaced(data, path, "".join(whole).strip() or fit(text, Size(int(room / slack))))
    return candidate_of(data, assignment) if data is not candidate.data else candidate


def _fitted(candidate: Candidate, assignment: Assignment) -> Candidate:
    """The draft with short texts that no further draft had within their bounds ended where a clause or a phrase can end."""
    data = candidate.data
    for path, field, text in texts(shape_of(assignment.kind.output), candidate.data):
        if not field.choice:
            for size in _short_sizes(field, assignment, listed="." in path):
                data = replaced(data, path, fit(text, size)) if UNITS[size.unit](text) > size.most else data
    if data is candidate.data:
        return candidate
    made = replace(candidate_of(data, assignment), notes=(*candidate.notes, SHORTENED))
    return made if made.faults <= candidate.faults else candidate


def _short_sizes(field: Text, assignment: Assignment, *, listed: bool) -> Iterator[Size]:
    """The bounds that a text may be cut to: a heading's, a line's of marketing, or those by which the brief gives it a few words."""
    nouns = {noun for size in field.sizes for noun in size.nouns}
    asked = any((noun, "words") in assignment.wishes.sizes for noun in nouns)
    lines = not listed or assignment.kind.family == "marketing"  # An option of a quiz says something as a whole.
    for size in sizes_for(field, assignment):
        if (asked and size.unit == "words" and size.most <= _FEW_WORDS) or (
            lines and size.unit == "characters" and size.most <= _SHORT
        ):
            yield size


def _completed(candidate: Candidate, assignment: Assignment) -> Candidate:
    """A prompt for a picture, or a song, with what the brief wants and the draft leaves out, which code can add as well."""
    if assignment.kind.family not in ("image", "media"):
        return candidate
    data = assignment.kind.complete(candidate.data, assignment)
    made = candidate_of(data, assignment) if data != candidate.data else candidate
    return made if made.faults <= candidate.faults else candidate


def _is_at_fault(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether a further draft is worth its time: for more than a habit of the kind."""
    failed = any(
        not check.passed and check.repairable and (check.asked_by != "kind" or check.id.startswith("different"))
        for check in candidate.checks
    )
    return failed or bool(slips(candidate, assignment))


def _rank(candidate: Candidate, assignment: Assignment) -> tuple[int, float]:
    """How much is wrong with it: as many checks failed, by so much, with so much that nobody gave and without so much that they did."""
    faults = candidate.faults + slips(candidate, assignment)
    missed = 1 - covered(brief_text(assignment.brief), own_text(candidate, assignment))
    beyond = excess(candidate.data, candidate.content, assignment)
    return faults, beyond + invented(candidate, assignment) + missed


def _ask(assignment: Assignment, desk: Desk, number: int, *, shown: bool = True) -> Ask:
    """The call for a draft, once more: what it had wrong would stand in the text, were it told."""
    context, characters = desk.engine.traits.context, most_characters(assignment)
    max_tokens = tokens_for(characters, assignment, context)
    schema = None if assignment.kind.plain else schema_for(assignment, slack=slack_of(desk.engine))
    messages = messages_for(assignment, tokens=context - max_tokens, shown=shown)
    seed = (assignment.request.seed * 1009 + 7919 * (number + 1)) % 2**31
    ask = Ask(messages, schema, characters, max_tokens, seed=seed)
    return kept_to_signs(ask, assignment, temperature=_TEMPERATURE)
