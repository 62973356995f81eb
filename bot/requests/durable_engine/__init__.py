"""The durable engine dbos as jobs use it, behind a few classes and functions. The only package that imports dbos.

In its terms a job is a workflow, a checkpoint a step of one, and the process that runs under a slot an executor. A
workflow is ENQUEUED while it waits for any executor, PENDING from its start on also while its executor is down, and
then SUCCESS, ERROR, CANCELLED or, after too many starts, MAX_RECOVERY_ATTEMPTS_EXCEEDED.

Some of this has no public interface. Each private name of dbos that is used here has an entry in
tests/bot/requests/test_durable_engine.py, with its purpose and what to do when a release of dbos changes it. Where this
package cannot even be imported with a new release, run that file with `pytest --noconftest`.
"""

from .clients import Enqueuer, OfflineClient
from .engine import DurableEngine, DurableEngineError, SavedJob, is_engine_error
from .worker import MAX_ATTEMPTS, JobRunner, Worker, run_step

__all__ = [
    "MAX_ATTEMPTS",
    "DurableEngine",
    "DurableEngineError",
    "Enqueuer",
    "JobRunner",
    "OfflineClient",
    "SavedJob",
    "Worker",
    "is_engine_error",
    "run_step",
]
