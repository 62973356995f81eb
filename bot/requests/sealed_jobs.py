"""What the durable engine stores of a job: its row and the outcomes of its checkpoints, sealed with the owner's key."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

from bot.content import Checkpoint
from bot.engines.spending import restore_spending, track_spending
from bot.errors import EngineError, QuillmateError
from storage.crypto import OwnerKey

from .durable_engine import run_step
from .job_errors import UNSAVED, convert_errors, is_storage_error

# Returns the key of a user, created on first use.
SealOf = Callable[[str], Awaitable[OwnerKey]]
# Returns the key of a user, None when nothing is stored for them.
KnownSealOf = Callable[[str], Awaitable[OwnerKey | None]]


def seal_text(value: Any, purpose: str, seal: OwnerKey) -> str:
    """Return a JSON value sealed for a purpose: a job for its id, an outcome for the id and the checkpoint's name."""
    return base64.b64encode(seal.seal(value, purpose)).decode()


def open_text(text: str, purpose: str, seal: OwnerKey) -> Any:
    """Return the JSON value that was sealed for a purpose."""
    return seal.open(base64.b64decode(text), purpose)


def build_checkpoint(job_id: str, seal: OwnerKey) -> Checkpoint:
    """Return the function by which a job runs what may happen only once, such as a paid call of a model.

    The outcome is saved, a failure as well as a value, together with what it cost. When the job is resumed after a
    crash, the saved outcome is returned or raised again. The function raises JobsError where it cannot be saved.
    """

    async def checkpoint(name: str, step: Callable[[], Awaitable[Any]]) -> Any:
        purpose, raised = f"{job_id}/{name}", None

        async def run_sealed() -> str:
            nonlocal raised
            with track_spending() as cost:
                try:
                    outcome = {"value": await step()}
                except (
                    Exception
                ) as error:  # The engine would store it as plain text, and providers' errors repeat prompts.
                    raised, outcome = error, {"failed": str(error), "told": isinstance(error, QuillmateError)}
            if cost.by_engine:
                outcome["spent"] = cost.to_json()
            return seal_text(outcome, purpose, seal)

        with convert_errors(UNSAVED, which=is_storage_error):  # Such as a full disk: fail as a new request would.
            sealed_outcome = await run_step(name, run_sealed)
        outcome = open_text(sealed_outcome, purpose, seal)
        restore_spending(outcome.get("spent", {}))
        if "failed" in outcome:
            raise raised or (EngineError if outcome["told"] else RuntimeError)(outcome["failed"])
        return outcome["value"]

    return checkpoint
