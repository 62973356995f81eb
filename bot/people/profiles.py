"""The profiles of people: which is in use, what is known as it, and whose voices it writes with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import RefusedError
from bot.store import Store
from personas.ledger import ME, Entry, Known, Origin, brand
from personas.persona import Persona, chosen
from personas.persona import known as ships
from personas.profile import Profile
from personas.style import Brand
from storage.owned import Owned, OwnedThings
from storage.profiles import Choices

MAIN = "main"
MAX_PROFILES = 10
_NO_SUCH = 'You have no profile called "{name}". Your profiles: {names}.'
_GONE = "That profile no longer exists."


@dataclass(frozen=True, slots=True)
class Voices:
    """What the persona and the brand in use are called; empty where there is none, or it is not there any more."""

    persona: str = ""
    brand: str = ""
    brand_scope: str = ""

    @property
    def brands(self) -> dict[str, str]:
        """The name of the brand by its scope."""
        return {self.brand_scope: self.brand} if self.brand else {}


def names_of(choices: Choices) -> dict[str, str]:
    """The names of all profiles by id; the first has none of its own."""
    return {"": MAIN, **choices.profiles}


def named(choices: Choices, name: str) -> str | None:
    """The id of the profile of that name, whatever its case; None where there is none."""
    wanted = name.casefold()
    return next((one for one, known in names_of(choices).items() if known.casefold() == wanted), None)


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every call names the person; `scopes` are those in force where they act, the narrowest first."""

    store: Store

    @property
    def brands(self) -> OwnedThings[Brand]:
        """Brands, a person's own and those that are lent or a server's."""
        return self.store.brands

    @property
    def personas(self) -> OwnedThings[Persona]:
        """Voices, a person's own and those that are lent or a server's."""
        return self.store.personas

    async def of(self, user_id: str) -> Profile:
        """What is known of somebody everywhere."""
        return (await self.store.profiles.known(user_id, (ME,)))[0].profile

    async def told(self, user_id: str, scopes: Sequence[str] = (ME,)) -> tuple[Known, Choices]:
        """What was told or learnt for exactly these scopes, and what somebody has chosen."""
        return await self.store.profiles.known(user_id, scopes, exactly=True)

    async def choices(self, user_id: str) -> Choices:
        """What somebody has chosen."""
        return await self.store.profiles.choices(user_id)

    async def tell(
        self,
        user_id: str,
        values: Mapping[str, Any],
        scopes: Sequence[str] = (ME,),
        *,
        origin: Origin = "told",
        evidence: str = "",
    ) -> list[Entry]:
        """Notes what somebody says of themselves; gives what of it was new."""
        return await self.store.profiles.tell(user_id, values, scopes, origin=origin, evidence=evidence)

    async def history(self, user_id: str) -> list[Entry]:
        """What was told or learnt as the profile in use, newest first, what has ended too."""
        using = (await self.choices(user_id)).profile
        return [one for one in await self.store.profiles.history(user_id) if one.profile == using]

    async def use(self, user_id: str, wanted: str, *, known_only: bool = False) -> tuple[Choices, bool]:
        """Uses a profile by its name, which makes a new one where there is none, or `known_only` by its id.

        Gives what is chosen then, and whether the profile is new.

        Raises:
            RefusedError: there is none of that id, or there are too many.
        """
        made = secrets.token_hex(4)

        def change(choices: Choices) -> Choices:
            names = names_of(choices)
            if known_only:
                if wanted not in names:
                    raise RefusedError(_GONE)
                return choices.using(wanted)
            same = named(choices, wanted)
            if same is not None:
                return choices.using(same)
            if len(names) >= MAX_PROFILES:
                said = "You have {count} profiles; you can have at most {most}. Use or delete one of these: {names}."
                raise RefusedError(said, count=len(names), most=MAX_PROFILES, names=", ".join(names.values()))
            return replace(choices, profiles={**choices.profiles, made: wanted}).using(made)

        after = await self.store.profiles.choose(user_id, change)
        return after, after.profile == made

    async def rename(self, user_id: str, name: str, to: str) -> None:
        """Gives a profile another name; the first can have one, too.

        Raises:
            RefusedError: there is none of that name, or another has the new one.
        """

        def change(choices: Choices) -> Choices:
            profile = _of_name(choices, name)
            if named(choices, to) not in (None, profile):
                raise RefusedError('You already have a profile called "{name}". Choose another name.', name=to)
            return replace(choices, profiles={**choices.profiles, profile: to})

        await self.store.profiles.choose(user_id, change)

    async def deletable(self, user_id: str, name: str) -> tuple[str, Choices]:
        """The id of a profile that may be deleted, and what is chosen.

        Raises:
            RefusedError: there is none of that name, or it is the first.
        """
        choices = await self.choices(user_id)
        profile = _of_name(choices, name)
        if not profile:
            raise RefusedError(
                "Your first profile cannot be deleted. Rename it with /profile rename, or delete everything "
                "about you with /profile forget."
            )
        return profile, choices

    async def delete(self, user_id: str, profile: str) -> Choices:
        """Deletes a profile by its id; gives what is chosen then.

        Raises:
            RefusedError: there is none of that id.
        """
        left = await self.store.profiles.delete(user_id, profile)
        if left is None:
            raise RefusedError(_GONE)
        return left

    async def learn(self, user_id: str, *, on: bool) -> None:
        """Learns from what somebody does, or not."""
        await self.store.profiles.choose(user_id, lambda choices: replace(choices, learning=on))

    async def use_brand(self, user_id: str, brand_id: str) -> None:
        """Chooses a brand by its id; `NO_BRAND` for none, empty for the one that is usual in a place."""
        await self.store.profiles.choose(user_id, lambda choices: replace(choices, brand=brand_id))

    async def use_persona(self, user_id: str, persona_id: str | None) -> None:
        """Chooses a persona by its id or name; None for the one that fits each kind."""
        await self.store.profiles.use_persona(user_id, persona_id)

    async def persona(self, user_id: str) -> str | None:
        """The id or name of the persona that somebody has chosen."""
        return await self.store.profiles.persona(user_id)

    async def keep_persona(self, user_id: str, made: Persona, older: Owned[Persona] | None) -> None:
        """Keeps somebody's own voice, in the place of an `older` one where that is still there, and uses it from then on.

        Raises:
            StorageError: there are as many as are kept.
        """
        personas = self.store.personas
        replaced = older is not None and await personas.put(user_id, older.id, made)
        kept_id = older.id if older and replaced else (await personas.add(user_id, made)).id
        await self.use_persona(user_id, kept_id)

    async def brand(self, user_id: str, scopes: Sequence[str] = ()) -> Owned[Brand] | None:
        """The brand that somebody has in use, where it is still there and may be used in these scopes."""
        brand_id = (await self.choices(user_id)).brand
        return await self.store.brands.get(user_id, brand_id, scopes) if brand_id else None

    async def brand_names(self, user_id: str, scopes: Sequence[str]) -> dict[str, str]:
        """The names of the brands that somebody can use, by the scopes of what is told for them."""
        return {brand(one.id): one.value.name for one in await self.store.brands.all(user_id, scopes)}

    async def voices(self, user_id: str, choices: Choices, scopes: Sequence[str]) -> Voices:
        """The voices that somebody has chosen, as they are called in a place: own ones and those that are lent to it."""
        title = ""
        if choices.persona and ships(choices.persona):
            title = chosen(choices.persona).title
        elif choices.persona:
            found = await self.store.personas.get(user_id, choices.persona, scopes)
            title = found.value.title if found else ""
        used = await self.store.brands.get(user_id, choices.brand, scopes) if choices.brand else None
        return Voices(title, used.value.name, brand(used.id)) if used else Voices(title)


def _of_name(choices: Choices, name: str) -> str:
    profile = named(choices, name)
    if profile is None:
        raise RefusedError(_NO_SUCH, name=name, names=", ".join(names_of(choices).values()))
    return profile
