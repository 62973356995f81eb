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


def seal_job(job: dict[str, Any], job_id: str, owner: str, seal: OwnerKey) -> dict[str, str]:
    """Return the row of a job."""
    return {"owner": owner, "sealed": _encode(seal.seal(job, job_id))}


def open_job(row: dict[str, str], job_id: str, seal: OwnerKey) -> dict[str, Any]:
    """Return the job of a row."""
    job: dict[str, Any] = seal.open(_decode(row["sealed"]), job_id)
    return job


def open_outcomes(outputs: dict[str, str], job_id: str, seal: OwnerKey) -> dict[str, Any]:
    """Return the outcomes of a job's checkpoints by name."""
    return {name: seal.open(_decode(output), f"{job_id}/{name}") for name, output in outputs.items()}


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
                except Exception as error:
                    # The engine would store any error as plain text, and providers' errors repeat prompts.
                    raised, outcome = error, {"failed": str(error), "told": isinstance(error, QuillmateError)}
            if cost.by_engine:
                outcome["spent"] = cost.to_json()
            return _encode(seal.seal(outcome, purpose))

        with convert_errors(UNSAVED, which=is_storage_error):  # Such as a full disk: fail as a new request would.
            sealed_outcome = await run_step(name, run_sealed)
        outcome = seal.open(_decode(sealed_outcome), purpose)
        restore_spending(outcome.get("spent", {}))
        if "failed" in outcome:
            raise raised or (EngineError if outcome["told"] else RuntimeError)(outcome["failed"])
        return outcome["value"]

    return checkpoint


def _encode(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text)
