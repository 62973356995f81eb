"""The menus, buttons and modals of /setup and /settings, and their actions, which are refused to all but owners."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import discord

from bot.admission.limits import SUBJECTS, Limits, format_limits, parse_limits
from bot.client import Interaction, build_member, whisper
from bot.commands.workspace.menus import TEMPLATE, build_custom_id
from bot.commands.workspace.pages import build_page
from bot.commands.workspace.sections import LIMIT_NAMES, NOTHING, SECTIONS, SETUP
from bot.commands.workspace.state import load_state
from bot.errors import RefusedError
from bot.interactions.components import Form, PersistentItem
from bot.interactions.countries import format_country, parse_country
from bot.interactions.quotas import MAX_AMOUNT, WAYS, WHOSE, list_measure_options, parse_quota
from bot.locales import translate
from bot.replies.views import note_view
from bot.team.calendar.zones import find_zone
from bot.team.workspace.roles import Permission, Role
from bot.team.workspace.settings import WorkspaceSettings
from bot.team.workspace.workspaces import PersonaAndBrandTitles
from personas.profile import Profile

_UNKNOWN = "That button no longer works."
_CONFLICT = (
    "Somebody else changed this while you were looking at it, so your change was not saved. The page shows it as "
    "it is now."
)
_GROUPED_NUMBER, _NUMBER = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+", re.ASCII), re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_NOT_A_NUMBER = "Write the amount as a number, such as 100 or 12.50."


def _build_voice_change(name: str) -> Callable[[WorkspaceSettings, str, Sequence[str]], WorkspaceSettings]:
    """Build the change that sets a persona or brand for a channel, or for the server if there is no channel id."""

    def change(settings: WorkspaceSettings, object_id: str, values: Sequence[str]) -> WorkspaceSettings:
        return (
            settings.with_channel(object_id, **{name: values[0]})
            if object_id
            else settings.with_values(**{name: values[0]})
        )

    return change


# The change of each action: a function of the settings, the object in the custom id, and the chosen values.
CHANGES: Mapping[str, Callable[[WorkspaceSettings, str, Sequence[str]], WorkspaceSettings]] = {
    "main": lambda settings, _, values: settings.with_main_language(values[0]),
    "others": lambda settings, _, values: settings.with_other_languages(values),
    "family": lambda settings, object_id, values: settings.with_channel(object_id, family=values[0]),
    "kind": lambda settings, object_id, values: settings.with_channel(object_id, kind=values[0]),
    "clear": lambda settings, object_id, _: settings.without_channel(object_id),
    "persona": _build_voice_change("persona"),
    "own-persona": _build_voice_change("persona"),
    "brand": _build_voice_change("brand"),
    "role": lambda settings, object_id, values: settings.with_role(Role(object_id), values),
    "default-role": lambda settings, _, values: settings.with_values(default_role=values[0]),
    "zone": lambda settings, _, values: settings.with_values(timezone=values[0]),
    "approvals": lambda settings, _, values: settings.with_values(approvals=int(values[0])),
    "approver": lambda settings, _, values: settings.with_values(approver=values[0] or None),
    "own-approvals": lambda settings, object_id, _: settings.with_values(own_approvals=object_id == "yes"),
    "only-approved": lambda settings, object_id, _: settings.with_values(only_approved=object_id == "yes"),
    "review-channel": lambda settings, _, values: settings.with_values(review_channel=next(iter(values), "")),
    "unquota": lambda settings, _, values: settings.without_quota(values[0]),
}
# The section that shows the result of an action.
ACTION_SECTIONS = {
    "main": "languages",
    "others": "languages",
    "family": "channels",
    "kind": "channels",
    "clear": "channels",
    "persona": "voices",
    "own-persona": "voices",
    "brand": "voices",
    "role": "roles",
    "default-role": "roles",
    "zone": "timezone",
    "approvals": "review",
    "approver": "review",
    "own-approvals": "review",
    "only-approved": "review",
    "review-channel": "review",
    "unquota": "limits",
}


class SettingItem(PersistentItem[discord.ui.Item[Any]], template=TEMPLATE):
    """A menu or button of the pages of /setup and /settings."""

    def __init__(self, mode: str, action: str, of: str) -> None:
        super().__init__(discord.ui.Button(custom_id=build_custom_id(mode, action, of)))
        self._mode, self._action, self._object_id = mode, action, of

    async def act(self, interaction: Interaction) -> None:
        """Run the action if the user is an owner, and update the page."""
        workspaces, guild_id = interaction.client.app.workspaces, str(interaction.guild_id)
        member = build_member(interaction.user)
        await workspaces.require(guild_id, member, Permission.CONFIGURE)
        values, locale = self._list_values(), interaction.locale.value
        match self._action:
            case "limits":
                await interaction.response.send_modal(
                    LimitsModal(self._mode, await workspaces.load_limits(guild_id), locale)
                )
            case "quota":
                await interaction.response.send_modal(QuotaModal(self._mode, locale))
            case "other-zone":
                await interaction.response.send_modal(ZoneModal(self._mode, locale))
            case "country":
                country = (await workspaces.load_settings(guild_id)).country
                await interaction.response.send_modal(CountryModal(self._mode, country, locale))
            case "channel":
                await _show_page(interaction, self._mode, "channels", *values[:1])
            case "change":
                await _show_page(interaction, self._mode, *values[:1])
            case "go":
                if self._mode == SETUP:  # The step is stored, so that /setup continues there.
                    step = self._object_id if self._object_id in SECTIONS else ""
                    await workspaces.change(guild_id, member, lambda settings: settings.with_values(step=step))
                await _show_page(interaction, self._mode, self._object_id)
            case action if action in CHANGES:
                self._require_existing_voice(values, await workspaces.load_persona_and_brand_titles(guild_id))
                channel_id = self._object_id if action in ("family", "kind", "persona", "own-persona", "brand") else ""
                section = "channels" if channel_id else ACTION_SECTIONS[action]
                if await self._is_conflict(interaction, section, channel_id):
                    await _show_page(interaction, self._mode, section, channel_id)
                    await whisper(interaction, note_view(translate(_CONFLICT, locale), wrong=True, locale=locale))
                    return
                await workspaces.change(
                    guild_id, member, lambda settings: CHANGES[action](settings, self._object_id, values)
                )
                await _show_page(interaction, self._mode, section, channel_id)
            case _:
                raise RefusedError(_UNKNOWN)

    async def _is_conflict(self, interaction: Interaction, section: str, channel_id: str) -> bool:
        """Return whether another owner has changed the values since the menu was shown."""
        if isinstance(self.item, discord.ui.Button):
            return False
        view = build_page(await load_state(interaction), self._mode, section, channel_id)
        custom_id = self.item.custom_id  # type: ignore[attr-defined]
        current_menu = next(
            (component for component in view.walk_children() if getattr(component, "custom_id", "") == custom_id), None
        )
        return current_menu is None or _list_preselected(current_menu) != _list_preselected(self.item)

    def _list_values(self) -> list[str]:
        """Return the selected values or ids of a menu; the option for no value is an empty string."""
        values_or_models = getattr(self.item, "values", ())
        values = [value if isinstance(value, str) else str(value.id) for value in values_or_models]
        return ["" if value == NOTHING else value for value in values]

    def _require_existing_voice(self, values: Sequence[str], voices: PersonaAndBrandTitles) -> None:
        """Raise RefusedError for a persona or brand that the server does not have, such as a deleted one."""
        voice_titles = {"brand": voices.brands, "own-persona": voices.personas, "persona": voices.builtin_personas}.get(
            self._action
        )
        if voice_titles is not None and not set(values) <= {"", *voice_titles}:
            raise RefusedError("That no longer exists. Choose another.")


def _list_preselected(menu: discord.ui.Item[Any]) -> set[str]:
    """Return the preselected values or ids of a menu."""
    options = {option.value for option in getattr(menu, "options", ()) if option.default}
    return options | {str(option.id) for option in getattr(menu, "default_values", ())}


async def _show_page(interaction: Interaction, mode: str, section: str, channel_id: str = "") -> None:
    """Show a page in place of the current one."""
    view = build_page(await load_state(interaction), mode, section, channel_id)
    await interaction.response.edit_message(view=view)


class LimitsModal(Form):
    """Ask for the limits of each user, of each channel and of the server."""

    def __init__(self, mode: str, server_limits: Limits, locale: str) -> None:
        super().__init__(title=translate("Limits and quotas", locale))
        self._mode = mode
        self._inputs: dict[str, discord.ui.TextInput[LimitsModal]] = {}
        for subject in SUBJECTS:
            subject_limits = {name: count for name, count in server_limits.items() if name[0] == subject}
            field: discord.ui.TextInput[LimitsModal] = discord.ui.TextInput(
                custom_id=subject,
                required=False,
                max_length=60,
                default=format_limits(subject_limits).removeprefix(f"{subject} ") if subject_limits else None,
                placeholder="10/minute 60/hour 300/day",
            )
            self._inputs[subject] = field
            self.add_item(discord.ui.Label(text=translate(LIMIT_NAMES[subject], locale), component=field))

    async def act(self, interaction: Interaction) -> None:
        """Set the limits; where the input is empty, the operator's limits apply.

        Raises:
            RefusedError: a limit cannot be parsed, or exceeds the maximum.
        """
        inputs = {subject: field.value.strip() for subject, field in self._inputs.items()}
        try:
            limits = parse_limits(", ".join(f"{subject} {text}" for subject, text in inputs.items() if text) or "none")
        except ValueError:
            raise RefusedError(
                "Write each limit as a number, a slash and minute, hour or day: 10/minute 60/hour."
            ) from None
        guild_id = str(interaction.guild_id)
        await interaction.client.app.workspaces.set_limits(guild_id, build_member(interaction.user), limits)
        await _show_page(interaction, self._mode, "limits")


class QuotaModal(Form):
    """Ask for a quota: for each member, for members with a Discord role, or for the server as a whole."""

    def __init__(self, mode: str, locale: str) -> None:
        super().__init__(title=translate("Set a quota", locale))
        self._mode = mode
        self.counted = _build_choice(list_measure_options(locale))
        self.whose = _build_choice([(value, translate(label, locale)) for value, label in WHOSE.items()])
        self.role: discord.ui.RoleSelect[QuotaModal] = discord.ui.RoleSelect(required=False, min_values=0)
        self.most: discord.ui.TextInput[QuotaModal] = discord.ui.TextInput(
            custom_id="most", max_length=12, placeholder="100"
        )
        self.then = _build_choice([(value, translate(label, locale)) for value, label in WAYS.items()])
        fields: list[tuple[str, discord.ui.Item[Any]]] = [
            (translate("What to count", locale), self.counted),
            (translate("For whom", locale), self.whose),
            (translate("Only people with this role", locale), self.role),
            (translate("How much; 0 for unlimited", locale), self.most),
            (translate("When it is used up", locale), self.then),
        ]
        for label, field in fields:
            self.add_item(discord.ui.Label(text=label[:45], component=field))

    async def act(self, interaction: Interaction) -> None:
        """Set the quota.

        Raises:
            RefusedError: the amount is not a number, or the quota is for both a role and the whole server.
        """
        role_id = next((str(role.id) for role in self.role.values), "")
        measure, per = self.counted.values[0].split(":")
        quota = parse_quota(
            measure,
            per,
            _parse_amount(self.most.value),
            role_id=role_id,
            together=self.whose.values[0] == "server",
            hard=self.then.values[0] == "hard",
        )
        app = interaction.client.app
        await app.quotas.set_quota(str(interaction.guild_id), build_member(interaction.user), quota)
        await _show_page(interaction, self._mode, "limits")


def _build_choice(options: Sequence[tuple[str, str]]) -> discord.ui.Select[Any]:
    """Build a menu for a form, with its first option preselected."""
    menu: discord.ui.Select[Any] = discord.ui.Select()
    for index, (value, label) in enumerate(options):
        menu.add_option(label=label[:100], value=value, default=not index)
    return menu


def _parse_amount(text: str) -> float:
    """Parse an amount with the separators of any language: a separator before three digits groups thousands, others start the
    decimals.

    Raises:
        RefusedError: the text is not a number, or exceeds the maximum.
    """
    compact_text = "".join(text.split())
    number_text = (
        re.sub(r"[.,'’]", "", compact_text)
        if _GROUPED_NUMBER.fullmatch(compact_text)
        else compact_text.replace(",", ".")
    )
    if not _NUMBER.fullmatch(number_text) or float(number_text) > MAX_AMOUNT:
        raise RefusedError(_NOT_A_NUMBER)
    return float(number_text)


class ZoneModal(Form):
    """Ask for a time zone by its name, or by a city in it."""

    def __init__(self, mode: str, locale: str) -> None:
        super().__init__(title=translate("Time zone", locale))
        self._mode = mode
        self.zone: discord.ui.TextInput[ZoneModal] = discord.ui.TextInput(
            custom_id="zone", max_length=60, placeholder="Europe/Berlin"
        )
        self.add_item(discord.ui.Label(text=translate("Time zone", locale), component=self.zone))

    async def act(self, interaction: Interaction) -> None:
        """Set the time zone.

        Raises:
            ProfileError: there is no such time zone.
        """
        zone_name = find_zone(self.zone.value) or self.zone.value.strip().replace(" ", "_")
        zone = Profile.parse({"timezone": zone_name}).timezone
        await interaction.client.app.workspaces.change(
            str(interaction.guild_id),
            build_member(interaction.user),
            lambda settings: settings.with_values(timezone=zone),
        )
        await _show_page(interaction, self._mode, "timezone")


class CountryModal(Form):
    """Ask for the country whose public holidays the calendar shows; without one, it shows none."""

    def __init__(self, mode: str, country: str, locale: str) -> None:
        super().__init__(title=translate("Holidays", locale))
        self._mode, self._locale = mode, locale
        self.country: discord.ui.TextInput[CountryModal] = discord.ui.TextInput(
            custom_id="country",
            max_length=60,
            required=False,
            placeholder="DE",
            default=format_country(country, locale) if country else None,
        )
        self.add_item(discord.ui.Label(text=translate("Country", locale), component=self.country))

    async def act(self, interaction: Interaction) -> None:
        """Set the country.

        Raises:
            RefusedError: its holidays are unknown.
        """
        # In a thread, as importing the holidays package takes a while.
        country = await asyncio.to_thread(parse_country, self.country.value, self._locale)
        await interaction.client.app.workspaces.change(
            str(interaction.guild_id),
            build_member(interaction.user),
            lambda settings: settings.with_values(country=country),
        )
        await _show_page(interaction, self._mode, "timezone")
