"""Users' profiles: the one in use, what is known in it, and the voices it writes with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import RefusedError
from bot.store import Store
from personas.ledger import ME, Entry, KnownProfile, Origin, brand
from personas.persona import Persona, get_chosen
from personas.persona import is_known as is_shipped
from personas.profile import Profile
from personas.style import Brand
from storage.owned_items import OwnedItem, OwnedItemStore
from storage.profiles import Choices

MAIN = "main"
MAX_PROFILES = 10
_NO_SUCH = 'You have no profile called "{name}". Your profiles: {names}.'
_GONE = "That profile no longer exists."


@dataclass(frozen=True, slots=True)
class VoiceNames:
    """The names of the persona and brand in use; empty where there is none, or it no longer exists."""

    persona: str = ""
    brand: str = ""
    brand_scope: str = ""

    @property
    def brands(self) -> dict[str, str]:
        """The brand's name by its scope."""
        return {self.brand_scope: self.brand} if self.brand else {}


def list_names(choices: Choices) -> dict[str, str]:
    """Return the names of all profiles by id; the first profile has the empty id."""
    return {"": MAIN, **choices.profiles}


def find_profile(choices: Choices, name: str) -> str | None:
    """Return the id of the profile with a name, ignoring case; None where there is none."""
    query = name.casefold()
    return next(
        (profile_id for profile_id, profile_name in list_names(choices).items() if profile_name.casefold() == query),
        None,
    )


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of users. `scopes` are those in force where they act, narrowest first."""

    store: Store

    @property
    def brands(self) -> OwnedItemStore[Brand]:
        """Brands: a user's own, shared ones and those of a server."""
        return self.store.brands

    @property
    def personas(self) -> OwnedItemStore[Persona]:
        """Personas: a user's own, shared ones and those of a server."""
        return self.store.personas

    async def load(self, user_id: str) -> Profile:
        """Return the profile of a user that holds everywhere."""
        return (await self.store.profiles.load_known(user_id, (ME,)))[0].profile

    async def load_scoped(self, user_id: str, scopes: Sequence[str] = (ME,)) -> tuple[KnownProfile, Choices]:
        """Return what is known for exactly these scopes, and the user's choices."""
        return await self.store.profiles.load_known(user_id, scopes, exactly=True)

    async def load_choices(self, user_id: str) -> Choices:
        """Return a user's choices."""
        return await self.store.profiles.get_choices(user_id)

    async def tell(
        self,
        user_id: str,
        values: Mapping[str, Any],
        scopes: Sequence[str] = (ME,),
        *,
        origin: Origin = "told",
        evidence: str = "",
    ) -> list[Entry]:
        """Store what a user states about themselves; return the new entries."""
        return await self.store.profiles.add_entries(user_id, values, scopes, origin=origin, evidence=evidence)

    async def load_history(self, user_id: str) -> list[Entry]:
        """Return all entries of the profile in use, newest first, including ended ones."""
        using = (await self.load_choices(user_id)).profile
        return [entry for entry in await self.store.profiles.list_entries(user_id) if entry.profile == using]

    async def use(self, user_id: str, name_or_id: str, *, known_only: bool = False) -> tuple[Choices, bool]:
        """Switch to a profile by name, creating it where it is new, or with `known_only` by id.

        Returns the choices then, and whether the profile is new.

        Raises:
            RefusedError: the id is unknown, or there are too many profiles.
        """
        new_id = secrets.token_hex(4)

        def change(choices: Choices) -> Choices:
            names = list_names(choices)
            if known_only:
                if name_or_id not in names:
                    raise RefusedError(_GONE)
                return choices.with_profile(name_or_id)
            existing_id = find_profile(choices, name_or_id)
            if existing_id is not None:
                return choices.with_profile(existing_id)
            if len(names) >= MAX_PROFILES:
                message = "You have {count} profiles; you can have at most {most}. Use or delete one of these: {names}."
                raise RefusedError(message, count=len(names), most=MAX_PROFILES, names=", ".join(names.values()))
            return replace(choices, profiles={**choices.profiles, new_id: name_or_id}).with_profile(new_id)

        new_choices = await self.store.profiles.change_choices(user_id, change)
        return new_choices, new_choices.profile == new_id

    async def rename(self, user_id: str, name: str, to: str) -> None:
        """Rename a profile; the first one can be renamed too.

        Raises:
            RefusedError: the name is unknown, or the new one is taken.
        """

        def change(choices: Choices) -> Choices:
            profile = _get_profile(choices, name)
            if find_profile(choices, to) not in (None, profile):
                raise RefusedError('You already have a profile called "{name}". Choose another name.', name=to)
            return replace(choices, profiles={**choices.profiles, profile: to})

        await self.store.profiles.change_choices(user_id, change)

    async def get_deletable(self, user_id: str, name: str) -> tuple[str, Choices]:
        """Return the id of a profile that may be deleted, and the user's choices.

        Raises:
            RefusedError: the name is unknown, or it is the first profile.
        """
        choices = await self.load_choices(user_id)
        profile = _get_profile(choices, name)
        if not profile:
            raise RefusedError(
                "Your first profile cannot be deleted. Rename it with /profile rename, or delete everything "
                "about you with /profile forget."
            )
        return profile, choices

    async def delete(self, user_id: str, profile: str) -> Choices:
        """Delete a profile by id; return the choices then.

        Raises:
            RefusedError: the id is unknown.
        """
        choices = await self.store.profiles.delete(user_id, profile)
        if choices is None:
            raise RefusedError(_GONE)
        return choices

    async def set_learning(self, user_id: str, *, on: bool) -> None:
        """Turn learning from a user's actions on or off."""
        await self.store.profiles.change_choices(user_id, lambda choices: replace(choices, learning=on))

    async def use_brand(self, user_id: str, brand_id: str) -> None:
        """Choose a brand by id; `NO_BRAND` for none, empty for the default of a place."""
        await self.store.profiles.change_choices(user_id, lambda choices: replace(choices, brand=brand_id))

    async def use_persona(self, user_id: str, persona_id: str | None) -> None:
        """Choose a persona by id or name; None for the one that fits each kind."""
        await self.store.profiles.use_persona(user_id, persona_id)

    async def get_persona(self, user_id: str) -> str | None:
        """Return the id or name of the persona that a user has chosen."""
        return await self.store.profiles.get_persona(user_id)

    async def save_persona(self, user_id: str, new_id: Persona, older: OwnedItem[Persona] | None) -> None:
        """Save a user's own persona, replacing an `older` one if it still exists, and use it from now on.

        Raises:
            StorageError: the maximum number is reached.
        """
        personas = self.store.personas
        replaced = older is not None and await personas.put(user_id, older.id, new_id)
        kept_id = older.id if older and replaced else (await personas.add(user_id, new_id)).id
        await self.use_persona(user_id, kept_id)

    async def find_brand(self, user_id: str, scopes: Sequence[str] = ()) -> OwnedItem[Brand] | None:
        """Return the brand a user has in use, if it exists and may be used in these scopes."""
        brand_id = (await self.load_choices(user_id)).brand
        return await self.store.brands.get(user_id, brand_id, scopes) if brand_id else None

    async def list_brand_names(self, user_id: str, scopes: Sequence[str]) -> dict[str, str]:
        """Return the names of the brands that a user can use, by brand scope."""
        return {brand(one.id): one.value.name for one in await self.store.brands.list_all(user_id, scopes)}

    async def load_voice_names(self, user_id: str, choices: Choices, scopes: Sequence[str]) -> VoiceNames:
        """Return the names of a user's voices that may be used in these scopes."""
        title = ""
        if choices.persona and is_shipped(choices.persona):
            title = get_chosen(choices.persona).title
        elif choices.persona:
            persona_item = await self.store.personas.get(user_id, choices.persona, scopes)
            title = persona_item.value.title if persona_item else ""
        brand_item = await self.store.brands.get(user_id, choices.brand, scopes) if choices.brand else None
        return VoiceNames(title, brand_item.value.name, brand(brand_item.id)) if brand_item else VoiceNames(title)


def _get_profile(choices: Choices, name: str) -> str:
    profile = find_profile(choices, name)
    if profile is None:
        raise RefusedError(_NO_SUCH, name=name, names=", ".join(list_names(choices).values()))
    return profile
