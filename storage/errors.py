"""Storage errors, with messages for users and operators."""

from sqlalchemy.exc import DBAPIError

from personas.errors import QuillmateError


class StorageError(QuillmateError):
    """The database cannot be used; the message says why and what to do."""


class DamagedError(StorageError):
    """Sealed data cannot be decrypted: another program changed or moved it in the database."""

    def __init__(self) -> None:
        super().__init__("Part of the database does not match its key: it was changed, or comes from another database.")


class PausedError(StorageError):
    """Nothing may be stored about a user, because they have paused storage."""

    def __init__(self) -> None:
        super().__init__("You have paused me, so I save nothing about you. Use /privacy resume to change that.")


class ForgottenError(StorageError):
    """Nothing of the current work may be stored, because its owner was forgotten after it began."""

    def __init__(self, *, is_workspace: bool = False) -> None:
        super().__init__(
            "I have since been asked to forget this server, so I have not saved this. Start over."
            if is_workspace
            else "You have since asked me to forget you, so I have not saved this. Start over."
        )


DAMAGED = "The database file is damaged. Restore it from a backup, or move it elsewhere to start from scratch."
# Our messages, by a part of the driver's message or SQLSTATE in lower case. The first match counts.
_MESSAGES = {
    "readonly": (
        "The database is read-only. Give the system user that runs Quillmate write access to the file and its folder."
    ),
    "read-only": (
        "The database is read-only. Give the system user that runs Quillmate write access to the file and its folder."
    ),
    "disk is full": "The disk is full, so nothing can be saved. Free up some space and try again.",
    "malformed": DAMAGED,
    "not a database": DAMAGED,
    "unable to open": "The database file cannot be opened. Check that its folder exists and is writable.",
    "locked": "Another program is using the database. Try again in a moment.",
    "3d000": "The database server has no database with the name given in QUILLMATE_DATABASE. Create it there first.",
    "connect": (
        "The database server is not responding. Check QUILLMATE_DATABASE and make sure that the server is running."
    ),
    "password": "The database server refused the name or password in QUILLMATE_DATABASE.",
}
_UNKNOWN_MESSAGE = "The database refused the request. Run `quillmate doctor` for details."


def build_storage_error(error: DBAPIError | OSError) -> StorageError:
    """Return the StorageError for a driver's error."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    driver_message = f"{cause} {getattr(cause, 'sqlstate', '')}".lower()
    matches = (message for part, message in _MESSAGES.items() if part in driver_message)
    return StorageError(next(matches, _UNKNOWN_MESSAGE))
