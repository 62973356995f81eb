"""A Discord in memory that runs in real time, for the real bot to live in."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import discord
from simcord._clock import Clock
from simcord._dpy_internals import real_monotonic
from simcord._settlement import _active_callbacks
from simcord.backend import Backend
from simcord.backend.models import User
from simcord.builders import UserHandle
from simcord.env import Env

from bot.errors import QuillmateError

log = logging.getLogger(__name__)

# Discord's own limit for the first answer to an interaction.
ANSWER_SECONDS = 3.0
# Lets a quick callback finish before its action is reported.
GRACE_SECONDS = 0.05
# The maximum number of request log entries and errors.
MAX_RECORDS = 500


class RealClock(Clock):
    """simcord's clock, ticking with the wall clock."""

    @property
    def elapsed(self) -> float:
        """The bot's time.monotonic() and loop.time()."""
        return real_monotonic()

    @elapsed.setter
    def elapsed(self, value: float) -> None:
        pass

    def now(self) -> datetime:
        """Return the moment that timestamps and ids are derived from."""
        return datetime.now(UTC)


class _ObservedLog(deque[Any]):
    """A bounded record list that also reports when something was appended."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__(maxlen=MAX_RECORDS)
        self._changed = changed

    def append(self, item: Any) -> None:
        super().append(item)
        self._changed()


def _is_refusal(error: BaseException | None) -> bool:
    """Whether an error is a message for the user, as raised to refuse a command."""
    return error is not None and (isinstance(error, QuillmateError) or _is_refusal(error.__cause__))


def choose_discord_locale(accepted: str) -> str:
    """Return Discord's name for the first language that a browser requests, as in "de-AT,de;q=0.9"; else American English."""
    wanted = accepted.partition(",")[0].partition(";")[0].strip().casefold()
    known = [one.value for one in discord.Locale]
    language = wanted.partition("-")[0]
    exact = next((one for one in known if one.casefold() in (wanted, language)), "")
    return exact or next((one for one in known if language and one.startswith(f"{language}-")), "en-US")


def get_translation(told: Mapping[str, Any], field: str, locale: str) -> str:
    """Return the name or description of a command, an option or a choice in the language of a locale, if it has one."""
    translations = told.get(f"{field}_localizations") or {}
    return str(translations.get(locale) or told.get(field) or "")


def _translate_description(told: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Return a command or an option with its description in the language of a locale, including nested ones."""
    options = [_translate_description(one, locale) for one in told.get("options") or ()]
    choices = [{**one, "name": get_translation(one, "name", locale)} for one in told.get("choices") or ()]
    parts = {"options": options, **({"choices": choices} if choices else {})}
    return {**told, "description": get_translation(told, "description", locale), **parts}


class LiveBackend(Backend):
    """A Discord whose users share one language, in which they see its commands, and which each interaction states."""

    locale = "en-US"
    # The id of the next object, 0 for a new one.
    next_id = 0

    def snowflake(self) -> int:
        """Return an id for a new object."""
        wanted, self.next_id = self.next_id, 0
        return self.reserve_id(wanted) if wanted else super().snowflake()

    def visible_commands(self, **of: Any) -> list[dict[str, Any]]:
        """Return the commands as a reader sees them."""
        return [_translate_description(one, self.locale) for one in super().visible_commands(**of)]

    def emit(self, event: str, payload: Mapping[str, Any]) -> None:
        """Send an event to the bot."""
        if event == "INTERACTION_CREATE":
            payload = {**payload, "locale": self.locale}
        super().emit(event, payload)


class LiveEnv(Env):
    """An Env in real time: timers fire by the wall clock and an action returns as soon as
    the bot has answered it, whatever the bot keeps doing in the background."""

    def __init__(self, bot: discord.Client, *, bot_name: str) -> None:
        sharded = isinstance(bot, discord.AutoShardedClient) and bot.shard_count is None
        super().__init__(bot, check_errors=False, shard_count=1 if sharded else None)
        self.changes = 0
        self._interaction: Any = None
        self.backend: LiveBackend = LiveBackend(clock=RealClock())
        self.backend.bot_user.name = bot_name
        # Lists that report additions; simcord names its own list types.
        self.backend.transcript = _ObservedLog(self._change)  # type: ignore[assignment]
        self.backend.http_requests = _ObservedLog(self._change)  # type: ignore[assignment]

    def person(self, name: str, user_id: int) -> UserHandle:
        """Create a user with a fixed id, so that the bot's data about them is kept until the next start."""
        user = User(id=user_id, name=name.lower(), global_name=name)
        self.backend.users[user_id] = user
        return UserHandle(self, user)

    def _change(self) -> None:
        self.changes += 1

    def _notify_dispatch_observers(self, interaction: Any) -> None:
        self._interaction = interaction
        super()._notify_dispatch_observers(interaction)

    async def _settle_internal(self, *, dispatch: str | None = None, **_: Any) -> None:
        self._last_dispatch = dispatch
        if dispatch == "INTERACTION_CREATE" and self._interaction is not None:
            interaction, cursor = self._interaction, self.error_cursor
            deadline = real_monotonic() + ANSWER_SECONDS
            while not interaction.responded and self.error_cursor == cursor and real_monotonic() < deadline:
                await asyncio.sleep(0.01)
        await asyncio.sleep(GRACE_SECONDS)

    def _schedule_timer(self, record: Any, callback: Any, args: Any, schedule_context: Any) -> None:
        runtime, work = self._runtime, self._work
        assert runtime is not None

        def fire() -> None:
            if record.handle is not None and not record.handle.cancelled():
                record.handle._run()
            elif record in work.callbacks:
                work.callbacks.remove(record)

        record.real_handle = runtime.call_at(record.when, fire)

    def _record_error(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):  # a stream that was stopped
            return
        if _is_refusal(error):
            self._change()
            return
        if id(error) not in self._error_ids:
            log.error("the bot raised %s", type(error).__name__, exc_info=error)
        super()._record_error(error)
        self._change()

    def tidy(self) -> None:
        """Drop what a long session would otherwise collect without bound."""
        _active_callbacks(self._settlement_state())
        if self._operation_task is None and len(self._errors) > MAX_RECORDS:
            del self._errors[:-MAX_RECORDS]
            self._error_ids = {id(error) for error in self._errors}
        self._process_resource_deadlines()  # polls and scheduled events that are due
