"""The menus and buttons that change a section of /settings. Their custom ids have all they need, so that they work after
a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import discord

from bot.checks.language import NAMES
from bot.commands.workspace.sections import APPROVERS, FAMILY_NAMES, NOTHING, ROLE_NAMES, sort_quotas
from bot.commands.workspace.state import WorkspaceState
from bot.interactions.quotas import format_quota
from bot.kinds import list_family_kinds
from bot.locales import translate
from bot.replies.views import ActionRow
from bot.team.workspace.roles import Role
from bot.team.workspace.settings import FAMILIES, MAX_ROLES, ChannelSettings

# A component's mode, action and object, such as a channel or a section.
TEMPLATE = r"quillteam:(?P<mode>setup|settings):(?P<action>[a-z-]{1,24}):(?P<of>[\w-]{0,40})"
# The time zones in the menu, which has room for 25 options; others can be typed.
ZONES = (
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Zurich",
    "Europe/Vienna",
    "Europe/Athens",
    "Europe/Istanbul",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
)
# Maximum options of a Discord menu.
_MAX_OPTIONS = 25
# Types of channels that can have settings; threads follow their parent.
_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]

Options = Iterable[tuple[str, str]]


def build_custom_id(mode: str, action: str, object_id: str = "") -> str:
    """Return the custom id of a component."""
    return f"quillteam:{mode}:{action}:{object_id}"


def build_menu(
    mode: str,
    action: str,
    hint: str,
    options: Options,
    selected: Sequence[str],
    *,
    object_id: str = "",
    several: bool = False,
) -> ActionRow:
    """Build a menu of options with the current ones preselected; `several` allows any number of them. With nothing selected,
    the menu shows `hint`.
    """
    choices = list(options)
    menu: discord.ui.Select[discord.ui.LayoutView] = discord.ui.Select(
        custom_id=build_custom_id(mode, action, object_id),
        placeholder=hint[:150],
        min_values=0 if several else 1,
        max_values=len(choices) if several else 1,
    )
    for value, label in choices:
        menu.add_option(label=label[:100], value=value, default=value in selected)
    return ActionRow(menu)


def build_button(
    mode: str, action: str, label: str, object_id: str = "", *, main: bool = False
) -> discord.ui.Button[Any]:
    """Build a button; `main` highlights it."""
    style = discord.ButtonStyle.primary if main else discord.ButtonStyle.secondary
    return discord.ui.Button(label=label, style=style, custom_id=build_custom_id(mode, action, object_id))


def _build_language_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    locale, languages = state.locale, state.settings.languages
    known_languages = sorted(
        ((code, translate(name, locale)) for code, name in NAMES.items()), key=lambda language: language[1]
    )
    no_language = (NOTHING, translate("No main language", locale))
    main = build_menu(mode, "main", translate("Main language", locale), [no_language, *known_languages], languages[:1])
    if not languages:
        return [main]
    others = [language for language in known_languages if language[0] != languages[0]]
    other_menu = build_menu(mode, "others", translate("Other languages", locale), others, languages[1:], several=True)
    return [main, other_menu]


def _build_channel_picker(state: WorkspaceState, mode: str) -> list[ActionRow]:
    picker: discord.ui.ChannelSelect[discord.ui.LayoutView] = discord.ui.ChannelSelect(
        custom_id=build_custom_id(mode, "channel"),
        channel_types=_CHANNEL_TYPES,
        placeholder=translate("Choose a channel", state.locale),
    )
    return [ActionRow(picker)]


def build_channel_rows(state: WorkspaceState, mode: str, channel_id: str) -> list[ActionRow]:
    """Build the menus of a channel's settings."""
    locale, channel = state.locale, state.settings.channels.get(channel_id, ChannelSettings())
    any_family = (NOTHING, translate("Anything people ask for", locale))
    families = [any_family, *((name, translate(FAMILY_NAMES[name], locale)) for name in FAMILIES)]
    rows = [
        build_menu(
            mode, "family", translate("What I make here", locale), families, [channel.family], object_id=channel_id
        )
    ]
    kinds = [(kind.name, translate(kind.title, locale)) for kind in list_family_kinds(channel.family)]
    if len(kinds) > 1:
        any_of = (NOTHING, translate("Any of these kinds", locale))
        rows.append(
            build_menu(mode, "kind", translate("Kind", locale), [any_of, *kinds], [channel.kind], object_id=channel_id)
        )
    rows += _build_voice_menus(state, mode, channel.persona, channel.brand, channel_id)
    if channel != ChannelSettings():
        rows.append(ActionRow(build_button(mode, "clear", translate("Reset this channel", locale), channel_id)))
    return rows


def _build_voice_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    return _build_voice_menus(state, mode, state.settings.persona, state.settings.brand)


def _build_voice_menus(
    state: WorkspaceState, mode: str, persona: str, brand: str, channel_id: str = ""
) -> list[ActionRow]:
    """Build the menus of personas and brands for the server, or for a channel if there is a channel id: the server's own
    personas, the built-in ones, and the brands.
    """
    locale, voices, selected = state.locale, state.voices, [persona]
    as_server = translate("Same as the whole server", locale)
    default_option = (NOTHING, as_server if channel_id else translate("The best fit for each kind", locale))
    rows = []
    if voices.personas:
        rows.append(
            build_menu(
                mode,
                "own-persona",
                translate("Personas of this server", locale),
                [default_option, *voices.personas.items()],
                selected,
                object_id=channel_id,
            )
        )
    builtin_options = [
        default_option,
        *((name, translate(title, locale)) for name, title in voices.builtin_personas.items()),
    ]
    rows.append(
        build_menu(
            mode, "persona", translate("My built-in personas", locale), builtin_options, selected, object_id=channel_id
        )
    )
    if voices.brands:
        no_brand = (NOTHING, as_server if channel_id else translate("No brand", locale))
        options = [no_brand, *voices.brands.items()]
        rows.append(
            build_menu(
                mode, "brand", translate("Brands of this server", locale), options, [brand], object_id=channel_id
            )
        )
    return rows


def _build_role_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    locale, rows = state.locale, []
    for role, label in ROLE_NAMES.items():
        role_ids = [role_id for role_id in state.settings.roles.get(role, ()) if role_id in state.roles]
        menu: discord.ui.RoleSelect[discord.ui.LayoutView] = discord.ui.RoleSelect(
            custom_id=build_custom_id(mode, "role", role.value),
            placeholder=translate(label, locale),
            min_values=0,
            max_values=MAX_ROLES,
            default_values=[discord.SelectDefaultValue.from_role(discord.Object(int(role_id))) for role_id in role_ids],
        )
        rows.append(ActionRow(menu))
    others = [(role.value, translate(label, locale)) for role, label in ROLE_NAMES.items() if role is not Role.OWNER]
    hint = translate("Everybody else", locale)
    return [*rows, build_menu(mode, "default-role", hint, others, [state.settings.default_role.value])]


def _build_review_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    locale, settings = state.locale, state.settings
    counts = [(str(count), translate("Approvals needed: {count}", locale).format(count=count)) for count in range(1, 6)]
    anybody = (NOTHING, translate("Any of them", locale))
    approvers = [anybody, *((role.value, translate(label, locale)) for role, label in APPROVERS.items())]
    picker: discord.ui.ChannelSelect[discord.ui.LayoutView] = discord.ui.ChannelSelect(
        custom_id=build_custom_id(mode, "review-channel"),
        channel_types=_CHANNEL_TYPES[:2],
        placeholder=translate("The channel where reviews are shown", locale),
        min_values=0,
        default_values=[discord.SelectDefaultValue.from_channel(discord.Object(int(settings.review_channel)))]
        if settings.review_channel
        else [],
    )
    only_approved_label = "Allow any text to be scheduled" if settings.only_approved else "Schedule only approved texts"
    own_approvals_label = "Forbid approving own texts" if settings.own_approvals else "Allow approving own texts"
    return [
        build_menu(mode, "approvals", translate("How many must approve", locale), counts, [str(settings.approvals)]),
        build_menu(
            mode, "approver", translate("Who has to approve", locale), approvers, [settings.approver or NOTHING]
        ),
        ActionRow(picker),
        ActionRow(
            build_button(
                mode, "own-approvals", translate(own_approvals_label, locale), "no" if settings.own_approvals else "yes"
            ),
            build_button(
                mode, "only-approved", translate(only_approved_label, locale), "no" if settings.only_approved else "yes"
            ),
        ),
    ]


def _build_limit_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    """Build the buttons that change the limits and set a quota and, if there are quotas, the menu that removes one."""
    locale = state.locale
    rows = [
        ActionRow(
            build_button(mode, "limits", translate("Change…", locale)),
            build_button(mode, "quota", translate("Set a quota…", locale)),
        )
    ]
    if quotas := sort_quotas(state)[:_MAX_OPTIONS]:
        choices = [
            (quota.menu_value, format_quota(quota, state.currency, locale, state.roles.get(quota.role_id, "")))
            for quota in quotas
        ]
        rows.append(build_menu(mode, "unquota", translate("Remove a quota", locale), choices, []))
    return rows


def _build_zone_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    locale, zone = state.locale, state.settings.timezone
    no_zone = (NOTHING, translate("No time zone", locale))
    choices = [
        no_zone,
        *((zone_name, zone_name.replace("_", " ")) for zone_name in dict.fromkeys(filter(None, (zone, *ZONES)))),
    ]
    other_row = ActionRow(
        build_button(mode, "other-zone", translate("Another…", locale)),
        build_button(mode, "country", translate("Holidays of…", locale)),
    )
    return [build_menu(mode, "zone", translate("Time zone", locale), choices, [zone]), other_row]


# The menus and buttons of each section.
ROW_BUILDERS: Mapping[str, Callable[[WorkspaceState, str], list[ActionRow]]] = {
    "languages": _build_language_rows,
    "channels": _build_channel_picker,
    "voices": _build_voice_rows,
    "roles": _build_role_rows,
    "review": _build_review_rows,
    "limits": _build_limit_rows,
    "timezone": _build_zone_rows,
}
