"""The root of every error whose text is meant for the person who reads it.

    QuillmateError
    ├── personas.profile.ProfileError          a profile that cannot be used
    ├── personas.persona.UnknownPersonaError   no persona has that name
    ├── storage.errors.StorageError            the database cannot be used
    └── bot.errors                             what people ask, engines, settings

Anything else that is raised is a fault of ours: its traceback goes to the log and its reader gets a reference id.
"""


class QuillmateError(Exception):
    """Something the reader can act on; `str(error)` is a sentence: what happened, and what to do."""
