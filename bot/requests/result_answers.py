"""Answers that show results: each is saved, learnt from and illustrated before its view is built."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.content import Assignment, Checkpoint, Request, Result
from bot.errors import Phrase
from bot.generation.reading_phrases import PLACES
from bot.locales import localize, translate
from bot.people.learning import PreferenceLearner
from bot.replies.downloads import render_requested_files
from bot.replies.ledger import build_learnt_note
from bot.replies.polls import ask_row
from bot.replies.result_views import result_view, variants_view
from bot.replies.source_lines import facts_line, sources_line
from bot.replies.welcome import welcome_section
from bot.store import Store
from personas.ledger import Entry

from .accounts import Accounts
from .answer_context import Answer, AnswerContext
from .illustrations import Illustrations
from .result_rows import build_generation, try_save

# Markup around the transcript above an answer.
_HEADING_MARKUP_CHARACTERS = 10

# Saves a rewritten text as the next version of the workspace asset that the request names.
RevisionSaver = Callable[[Request, Mapping[str, Any]], Awaitable[Phrase]]


@dataclass(slots=True)
class ResultAnswers:
    """Answers with the results of a request."""

    store: Store
    learning: PreferenceLearner
    accounts: Accounts
    illustrations: Illustrations
    save_revision: RevisionSaver

    async def show_single(self, context: AnswerContext, assignment: Assignment, result: Result) -> Answer:
        """Save one result, learn from the instruction that led to it, and build its view."""
        request, locale = context.request, context.locale
        is_saved, is_first, entries = False, False, list[Entry]()

        async def save() -> None:
            nonlocal is_saved, is_first, entries
            used = self.accounts.take_usage(context.cost, result.kind, result)
            is_only = await self.store.generations.add(build_generation(request, result, assignment), used)
            self.accounts.release_reservation(request.id)
            is_saved = True
            if not context.address.part:  # The further texts of a message come of the same instruction.
                entries = await self._learn_from_instruction(request, result.habit, context.checkpoint)
            if request.revises:
                context.hints.append(await self._apply_revision(request, result, locale, context.checkpoint))
            is_first = is_only and not request.parent_id and not assignment.memory.sources

        save_problem = await try_save(save, locale)
        # Of replies to a command's answer in a server Discord shows a bot those that mention it.
        hides_replies = bool(request.guild_id and context.address.token and not assignment.kind.is_reply)
        extra = [
            *build_learnt_note(entries, request.id, locale),
            *([welcome_section(request.user_id, locale, hides_replies=hides_replies)] if is_first else []),
        ]
        pictures, picture_note = await self.illustrations.draw(
            result, assignment, context.surface, context.checkpoint, locale
        )
        files, file_problems = await render_requested_files(
            assignment.brief, assignment.kind, result.content, request.id, locale
        )
        sources = sources_line(result, locale)
        # The version before says so already.
        facts = "" if request.before else facts_line(result, bool(request.material), locale)
        view, whole = result_view(
            result,
            assignment.profile,
            request.id,
            is_repeated=_is_repeated(result, assignment),
            place=_name_network(assignment),
            audience=request.audience,
            locale=locale,
            pictures=pictures,
            files=files,
            buttons=is_saved,
            spare=_count_reserved_characters(context),
            hint=" · ".join(filter(None, (sources, facts, picture_note, *file_problems, *context.hints, save_problem))),
            extra=extra,
            in_server=bool(request.guild_id),
        )
        return view, [*pictures, *files, *whole]

    async def show_variants(self, context: AnswerContext, assignment: Assignment, results: Sequence[Result]) -> Answer:
        """Save each variant as a result of its own and build the view to choose from."""
        request, locale = context.request, context.locale
        facts = [facts_line(result, bool(request.material), locale) for result in results[:1]]
        hints = [*context.hints, *filter(None, facts)]
        variants = [(f"{request.id}-{number}", result) for number, result in enumerate(results, 1)]
        ids = [variant_id for variant_id, _ in variants]
        if len(results) < request.variants:
            hints.append(translate("The model came up with no more different versions.", locale))

        async def save() -> None:
            for variant_id, result in variants:
                single = replace(request, id=variant_id, variants=1)
                used = self.accounts.take_usage(context.cost, result.kind, result)
                await self.store.generations.add(build_generation(single, result, assignment, ids), used)
            self.accounts.release_reservation(request.id)

        if save_problem := await try_save(save, locale):
            hints.append(save_problem)
        can_ask_team = not save_problem and len(variants) > 1
        return variants_view(
            variants,
            hint=" · ".join(hints),
            locale=locale,
            buttons=not save_problem,
            extra=[ask_row(ids[0], locale, team=bool(request.guild_id))] if can_ask_team else [],
            spare=_count_reserved_characters(context),
        )

    async def _apply_revision(self, request: Request, result: Result, locale: str, checkpoint: Checkpoint) -> str:
        """Replace the workspace text that the request revises, once; return a message about the outcome."""

        async def revise() -> str:
            content = result.content
            content_data = {
                "text": content.text,
                "parts": content.parts,
                "kind": result.kind,
                "checks": [check.to_json() for check in result.checks],
                "to_check": result.to_check,
            }
            return localize(await self.save_revision(request, content_data), locale)

        return str(await checkpoint("revise", revise))

    async def _learn_from_instruction(self, request: Request, habit: str, checkpoint: Checkpoint) -> list[Entry]:
        """Return the preferences learnt from an instruction about an earlier result; runs once per job."""
        if not request.instruction or not request.parent_id or request.faults or request.revises:
            return []  # A fault of one text is no preference, and a reviewer's instruction is not the author's.

        async def learn() -> list[str]:
            parent = await self.store.generations.get(str(request.parent_id), request.user_id)
            if parent is None:
                return []
            entries = await self.learning.learn_from_instruction(parent, request.instruction, request.id, habit)
            return [entry.id for entry in entries]

        ids = await checkpoint("learn", learn)
        return [one for one in await self.store.profiles.list_entries(request.user_id) if one.id in ids] if ids else []


def _name_network(assignment: Assignment) -> str:
    """Return the public name of the network that a text is for, "" where its kind says it."""
    kind = assignment.kind
    return PLACES.get(assignment.place, "") if len(kind.places) > 1 and assignment.place != kind.name else ""


def _is_repeated(result: Result, assignment: Assignment) -> bool:
    """Whether a change left the text as it was; the text of a picture may stay while the picture changes."""
    before = assignment.request.before
    return (
        before is not None
        and bool(before.text)
        and not assignment.kind.is_visual
        and result.written == before.written
        and result.content.text.strip() == before.text.strip()
    )


def _count_reserved_characters(context: AnswerContext) -> int:
    """Return the number of characters to leave free for the heading above an answer."""
    return len(context.heading) + _HEADING_MARKUP_CHARACTERS if context.speech else 0
