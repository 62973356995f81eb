"""The database and its repositories, opened together."""

from __future__ import annotations

from typing import Self

from bot.settings import Settings
from storage.admissions import Admissions
from storage.assets import Assets
from storage.audit import Audit
from storage.bulk import BulkJobs
from storage.byte_limits import MEGABYTE, UNLIMITED, ByteLimits
from storage.campaigns import Campaigns
from storage.courses import Courses
from storage.crypto import Keyring
from storage.database import Database
from storage.documents import Documents
from storage.entries import Entries
from storage.games import Games
from storage.generations import Generations
from storage.leases import Leases
from storage.notifications import Notifications
from storage.people import People
from storage.plays import Plays
from storage.polls import Polls
from storage.profiles import Profiles
from storage.retention import Retention
from storage.reviews import Reviews
from storage.schedule import Schedule
from storage.shelves import Shelves
from storage.signals import Signals
from storage.table_jobs import TableJobs
from storage.usage import Usage
from storage.voices import Brands, OwnPersonas
from storage.webhooks import Webhooks
from storage.workspace_settings import WorkspaceSettings
from storage.workspaces import Workspaces

KEY_FILE, PARENTS_FILE = "operator.key", "parents.key"


class Store:
    """The database and its repositories. Use as `async with Store(url, keys) as store:`."""

    def __init__(self, url: str, keys: Keyring | None = None, *, byte_limits: ByteLimits = UNLIMITED) -> None:
        """`byte_limits` limit what is stored for each user and workspace."""
        self.database = Database(url, keys)
        self.profiles = Profiles(self.database)
        self.generations = Generations(self.database, byte_limits.person)
        self.people = People(self.database)
        self.workspaces = Workspaces(self.database)
        self.workspace_settings = WorkspaceSettings(self.database)
        self.plays = Plays(self.database)
        self.polls = Polls(self.database)
        self.games = Games(self.database)
        self.courses = Courses(self.database)
        self.retention = Retention(self.database)
        self.schedule = Schedule(self.database)
        self.signals = Signals(self.database)
        self.personas = OwnPersonas(self.database)
        self.brands = Brands(self.database)
        self.documents = Documents(self.database, byte_limits)
        self.assets = Assets(self.database, byte_limits=byte_limits)
        self.bulk = BulkJobs(self.database)
        self.made_tables = TableJobs(self.database, byte_limits)
        self.campaigns = Campaigns(self.database)
        self.webhooks = Webhooks(self.database)
        self.entries = Entries(self.database)
        self.reviews = Reviews(self.database, byte_limits)
        self.audit = Audit(self.database)
        self.notices = Notifications(self.database)
        self.shelves = Shelves(self.database)
        self.leases = Leases(self.database)
        self.usage = Usage(self.database)
        self.admissions = Admissions(self.database)

    async def __aenter__(self) -> Self:
        await self.database.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.database.__aexit__(*exc)


def open_store(settings: Settings) -> Store:
    """Open the store that the settings name, with the operator's keys.

    Raises:
        StorageError: the keys cannot be used.
    """
    byte_limits = ByteLimits(settings.keep_person_mb * MEGABYTE, settings.keep_server_mb * MEGABYTE)
    return Store(settings.database_url, load_keyring(settings), byte_limits=byte_limits)


def load_keyring(settings: Settings) -> Keyring:
    """Load the operator's keys: from QUILLMATE_KEY, else from a file in the data folder.

    Parent keys are in a file next to it. Only processes on several machines, which share a database server and a key
    from the environment, have none, unless a setting names a shared file.
    """
    text = settings.key.get_secret_value()
    shared = text.strip() and settings.database.startswith("postgres")
    parents = settings.parents or (None if shared else settings.data / PARENTS_FILE)
    return Keyring.load(text, settings.data / KEY_FILE, parents)
