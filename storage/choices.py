"""Users' choices of a profile, persona and brand, sealed in their row of `owners`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none

_PURPOSE = tables.build_purpose(tables.owners, {})
# The choice of no brand, even if the channel or server has a default.
NO_BRAND = "none"


@dataclass(frozen=True, slots=True)
class Choices:
    """A user's choices. The fields are stored by their names.

    `profile` is the id of the profile in use, empty for the first one; `profiles` are the names of the other profiles by id.
    `persona` is the name of a built-in persona or the id of an own one, None for each family's default. `brand` is the id
    of a brand, empty for the default, or NO_BRAND. Both belong to the profile in use; `others` has the persona and brand of
    the other profiles by id.
    """

    persona: str | None = None
    profile: str = ""
    profiles: dict[str, str] = field(default_factory=dict)
    learning: bool = True
    brand: str = ""
    others: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    def with_profile(self, profile: str) -> Choices:
        """Return the choices with another profile in use; unchanged if it does not exist."""
        if profile == self.profile or not self.has_profile(profile):
            return self
        others = {**self.others, self.profile: (self.persona, self.brand)}
        persona, brand = others.pop(profile, (None, ""))
        return replace(self, profile=profile, persona=persona, brand=brand, others=others)

    def resolve_brand(self, default: str) -> str:
        """Return the id of the brand in use, `default` if none was chosen; empty for none."""
        return "" if self.brand == NO_BRAND else self.brand or default

    def has_profile(self, profile: str) -> bool:
        """Return whether a profile exists; the first always does."""
        return not profile or profile in self.profiles

    def without_profile(self, profile: str) -> Choices:
        """Return the choices without a profile; if it was in use, the first profile is instead."""
        choices = self.with_profile("") if profile == self.profile else self
        return replace(
            choices,
            profiles={profile_id: name for profile_id, name in choices.profiles.items() if profile_id != profile},
            others={profile_id: chosen for profile_id, chosen in choices.others.items() if profile_id != profile},
        )


async def load_choices(connection: AsyncConnection, key: OwnerKey) -> Choices:
    """Return the choices of the key's owner."""
    table = tables.owners
    return open_choices(await connection.scalar(select(table.c.sealed).where(table.c.owner_id == key.owner_id)), key)


def open_choices(sealed: bytes | None, key: OwnerKey) -> Choices:
    """Decrypt choices; the defaults if there are none or they were tampered with."""
    fields = open_or_none(key, sealed, _PURPOSE) if sealed else None
    return Choices(**fields) if fields else Choices()


async def save_choices(connection: AsyncConnection, key: OwnerKey, choices: Choices) -> None:
    """Store the choices of the key's owner."""
    table = tables.owners
    sealed = key.seal({name: getattr(choices, name) for name in choices.__slots__}, _PURPOSE)
    await connection.execute(update(table).where(table.c.owner_id == key.owner_id).values(sealed=sealed))
