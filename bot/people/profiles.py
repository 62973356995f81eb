"""The service for users' profiles: the active one, the preferences in it, and its persona and brand."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import RefusedError
from bot.store import Store
from personas.ledger import ME, Entry, KnownProfile, Origin, brand
from personas.persona import Persona, get_chosen
from personas.persona import is_known as is_builtin
from personas.profile import Profile
from personas.style import Brand
from storage.choices import Choices
from storage.owned_items import OwnedItem, OwnedItemStore

MAIN_NAME = "main"
MAX_PROFILES = 10
_NO_SUCH = 'You have no profile called "{name}". Your profiles: {names}.'
_GONE = "That profile no longer exists."


@dataclass(frozen=True, slots=True)
class VoiceNames:
    """The names of the active persona and brand; empty if there is none, or it no longer exists."""

    persona: str = ""
    brand: str = ""
    brand_scope: str = ""

    @property
    def brands(self) -> dict[str, str]:
        """The brand's name by its scope."""
        return {self.brand_scope: self.brand} if self.brand else {}


def list_profile_names(choices: Choices) -> dict[str, str]:
    """Return the names of all profiles by id; the first profile has the empty id."""
    return {"": MAIN_NAME, **choices.profiles}


def find_profile(choices: Choices, name: str) -> str | None:
    """Return the id of the profile with a name, ignoring case; None if there is none."""
    query = name.casefold()
    return next(
        (
            profile_id
            for profile_id, profile_name in list_profile_names(choices).items()
            if profile_name.casefold() == query
        ),
        None,
    )


@dataclass(frozen=True, slots=True)
class Profiles:
    """The service for profiles. Parameters `scopes` are those in force where the user acts, narrowest first."""

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
        """Return a user's profile without the preferences of a server, a channel or a brand."""
        return (await self.store.profiles.load_known(user_id, (ME,)))[0].profile

    async def load_scoped(self, user_id: str, scopes: Sequence[str] = (ME,)) -> tuple[KnownProfile, Choices]:
        """Return the preferences in exactly these scopes, and the user's choices."""
        return await self.store.profiles.load_known(user_id, scopes, ignores_brand=True)

    async def load_choices(self, user_id: str) -> Choices:
        """Return a user's choices."""
        return await self.store.profiles.get_choices(user_id)

    async def state(
        self,
        user_id: str,
        values: Mapping[str, Any],
        scopes: Sequence[str] = (ME,),
        *,
        origin: Origin = "told",
        evidence: str = "",
    ) -> list[Entry]:
        """Store the values of profile fields or habits that a user has stated; return the new entries."""
        return await self.store.profiles.add_entries(user_id, values, scopes, origin=origin, evidence=evidence)

    async def load_history(self, user_id: str) -> list[Entry]:
        """Return all entries of the active profile, newest first, including ended ones."""
        profile_id = (await self.load_choices(user_id)).profile
        return [entry for entry in await self.store.profiles.list_entries(user_id) if entry.profile == profile_id]

    async def use(self, user_id: str, name_or_id: str, *, by_id: bool = False) -> tuple[Choices, bool]:
        """Switch to the profile with a name, which is created if it does not exist; or, with `by_id`, to one with an id.

        Returns the updated choices, and whether the profile is new.

        Raises:
            RefusedError: the id is unknown, or the user has the maximum number of profiles.
        """
        new_id = secrets.token_hex(4)

        def change(choices: Choices) -> Choices:
            names = list_profile_names(choices)
            if by_id:
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

    async def rename(self, user_id: str, name: str, new_name: str) -> None:
        """Rename a profile, which can be the first one.

        Raises:
            RefusedError: the name is unknown, or the new one is taken.
        """

        def change(choices: Choices) -> Choices:
            profile = _get_profile(choices, name)
            if find_profile(choices, new_name) not in (None, profile):
                raise RefusedError('You already have a profile called "{name}". Choose another name.', name=new_name)
            return replace(choices, profiles={**choices.profiles, profile: new_name})

        await self.store.profiles.change_choices(user_id, change)

    async def get_deletable(self, user_id: str, name: str) -> tuple[str, Choices]:
        """Return the id of the profile with a name, which may be deleted, and the user's choices.

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
        """Delete a profile by id; return the updated choices.

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
        """Choose a brand by id; `NO_BRAND` for none, empty for the default of the channel or server."""
        await self.store.profiles.change_choices(user_id, lambda choices: replace(choices, brand=brand_id))

    async def use_persona(self, user_id: str, persona_id: str | None) -> None:
        """Choose a persona by id or name; None for the default persona of each kind."""
        await self.store.profiles.use_persona(user_id, persona_id)

    async def get_persona(self, user_id: str) -> str | None:
        """Return the id or name of the persona that a user has chosen."""
        return await self.store.profiles.get_persona(user_id)

    async def save_persona(self, user_id: str, persona: Persona, existing: OwnedItem[Persona] | None) -> None:
        """Save a user's own persona, replacing an existing one if it has not been deleted meanwhile, and choose it.

        Raises:
            StorageError: the user has the maximum number of personas.
        """
        personas = self.store.personas
        is_replaced = existing is not None and await personas.put(user_id, existing.id, persona)
        persona_id = existing.id if existing and is_replaced else (await personas.add(user_id, persona)).id
        await self.use_persona(user_id, persona_id)

    async def find_brand(self, user_id: str, scopes: Sequence[str] = ()) -> OwnedItem[Brand] | None:
        """Return a user's active brand; None if there is none, it no longer exists, or it may not be used in these scopes."""
        brand_id = (await self.load_choices(user_id)).brand
        return await self.store.brands.get(user_id, brand_id, scopes) if brand_id else None

    async def list_brand_names(self, user_id: str, scopes: Sequence[str]) -> dict[str, str]:
        """Return the names of the brands that a user can use, by brand scope."""
        return {brand(item.id): item.value.name for item in await self.store.brands.list_all(user_id, scopes)}

    async def load_voice_names(self, user_id: str, choices: Choices, scopes: Sequence[str]) -> VoiceNames:
        """Return the names of a user's chosen persona and brand, as far as they may be used in these scopes."""
        title = ""
        if choices.persona and is_builtin(choices.persona):
            title = get_chosen(choices.persona).title
        elif choices.persona:
            persona_item = await self.store.personas.get(user_id, choices.persona, scopes)
            title = persona_item.value.title if persona_item else ""
        brand_item = await self.store.brands.get(user_id, choices.brand, scopes) if choices.brand else None
        return VoiceNames(title, brand_item.value.name, brand(brand_item.id)) if brand_item else VoiceNames(title)


def _get_profile(choices: Choices, name: str) -> str:
    profile = find_profile(choices, name)
    if profile is None:
        raise RefusedError(_NO_SUCH, name=name, names=", ".join(list_profile_names(choices).values()))
    return profile
