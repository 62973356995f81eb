"""What can go wrong with the database, in sentences."""

from sqlalchemy.exc import DBAPIError

from personas.errors import QuillmateError


class StorageError(QuillmateError):
    """The database cannot be used; the text says why and what to do."""


class DamagedError(StorageError):
    """A row does not open: it was changed or moved in the database by something else than Quillmate."""

    def __init__(self) -> None:
        super().__init__("A part of the database does not fit its key: it was changed, or comes from another database.")


class PausedError(StorageError):
    """Somebody has asked that nothing more be kept of them."""

    def __init__(self) -> None:
        super().__init__("You have paused me: I keep nothing of you. /privacy resume changes that.")


class ForgottenError(StorageError):
    """An owner was forgotten after what is being done was begun, so nothing of it may be kept."""

    def __init__(self, *, workspace: bool = False) -> None:
        super().__init__(
            "I was asked to forget this server since then, so I keep nothing of this. Begin anew."
            if workspace
            else "You have asked me to forget you since then, so I keep nothing of this. Begin anew."
        )


DAMAGED = "The database file is damaged. Restore it from a backup, or move it away to start afresh."
# What the drivers say, in lower case, and what its reader should know.
_SENTENCES = {
    "readonly": "The database is read-only. Give Quillmate's user the right to write the file and its folder.",
    "read-only": "The database is read-only. Give Quillmate's user the right to write the file and its folder.",
    "disk is full": "The disk is full, so nothing can be saved. Free some space and try again.",
    "malformed": DAMAGED,
    "not a database": DAMAGED,
    "unable to open": "The database file cannot be opened. Check that its folder exists and may be written.",
    "locked": "The database is busy with another program. Try again in a moment.",
    "3d000": "The server has no database of the name in QUILLMATE_DATABASE. Create it there once.",
    "connect": "The database server does not answer. Check QUILLMATE_DATABASE and that the server is running.",
    "password": "The database server refused the name or password in QUILLMATE_DATABASE.",
}
_UNKNOWN = "The database refused the request. `quillmate doctor` tells more."


def storage_error(error: DBAPIError | OSError) -> StorageError:
    """The sentence for a driver's error; the driver's own words stay in the cause."""
    told = error.orig if isinstance(error, DBAPIError) else error
    said = f"{told} {getattr(told, 'sqlstate', '')}".lower()
    known = (sentence for words, sentence in _SENTENCES.items() if words in said)
    return StorageError(next(known, _UNKNOWN))
