"""What a request carries along while it is being answered, shared by all jobs that answer one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import discord

from bot.admission.fair import Urgency
from bot.content import Checkpoint, Request
from bot.engines.spending import Spending
from bot.locales import translate
from bot.markup import shorten
from bot.replies.address import Address
from bot.replies.surface import Surface
from bot.runtime.active_requests import TrackedRequest

# Length of the transcript above the answer.
MAX_TRANSCRIPT_CHARACTERS = 400

# A finished view and its files.
Answer = tuple[discord.ui.LayoutView, Sequence[discord.File]]


@dataclass(frozen=True, slots=True)
class SpokenRequest:
    """A transcribed request, with the transcript and its language, empty where that is unclear."""

    request: Request
    text: str
    language: str = ""

    def format_heading(self, locale: str) -> str:
        """Format the transcript for the heading of the answer."""
        words = discord.utils.escape_markdown(" ".join(self.text.split()))
        words = shorten(words, MAX_TRANSCRIPT_CHARACTERS)
        return f"🎙️ {translate('Heard: “{words}”', locale).format(words=words)}"


@dataclass(slots=True)
class AnswerContext:
    """The state of a request while it is being answered: its address, surface, cost and hints.

    `speech` is the transcribed request when it was spoken; `others` are changes of further texts, each shown in a
    message of its own. `again` says that an earlier process had begun the job.
    """

    request: Request
    address: Address
    surface: Surface
    checkpoint: Checkpoint
    cost: Spending
    work: TrackedRequest
    urgency: Urgency = Urgency.COMMAND
    speech: SpokenRequest | None = None
    hints: list[str] = field(default_factory=list)
    others: list[Request] = field(default_factory=list)
    again: bool = False

    @property
    def locale(self) -> str:
        """The Discord locale of the answer."""
        return self.address.locale

    @property
    def heading(self) -> str:
        """The heading above the answer; empty for a written request."""
        return self.speech.format_heading(self.locale) if self.speech else ""
