"""The pages of /setup and /settings. Each component carries its state in its custom id, so it works after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import discord

from bot.admission.limits import SUBJECTS, describe_limits
from bot.admission.quotas import Quota
from bot.checks.language import NAMES
from bot.commands._countries import format_country
from bot.commands._quotas import format_quota
from bot.kinds import list_family_kinds, load_kinds
from bot.locales import localize, translate
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, ActionRow, Layout
from bot.team.workspace.roles import Role
from bot.team.workspace.settings import FAMILIES, MAX_ROLES, ChannelSettings, ReviewRules

from .state import WorkspaceState

SETUP, SETTINGS = "setup", "settings"
# The steps of /setup, in order, and the sections of /settings.
SECTIONS = ("languages", "channels", "voices", "roles", "review", "limits", "timezone")
# The end of /setup.
SUMMARY = "summary"
# A component's action, mode, and object: a channel, a section.
TEMPLATE = r"quillteam:(?P<mode>setup|settings):(?P<action>[a-z-]{1,24}):(?P<of>[\w-]{0,40})"
# The value of the option of no value, as Discord accepts no empty one.
NOTHING = "-"
TITLES = {
    "languages": "Languages",
    "channels": "Channels",
    "voices": "Persona and brand",
    "roles": "Roles",
    "review": "Review",
    "limits": "Limits and quotas",
    "timezone": "Time zone",
}
ABOUT = {
    "languages": "I write in the main language, or in one of the others if the request is in that language. A "
    "language that somebody set in their profile comes first.",
    "channels": (
        "Choose a channel to set what it is for. A mention or /ask there then makes exactly that, in the "
        "voice you choose."
    ),
    "voices": "The persona and brand I write with for people who have not chosen one. Add this server's own with "
    "/persona lend and /brand lend.",
    "roles": "Editors ask for texts and schedule them, reviewers approve them, viewers only read. Owners can do "
    "all of that and change these settings, as can everybody who can manage this server.",
    "review": "How many people must approve a team text before it can go out, and where reviews are shown. "
    "Authors cannot approve their own texts unless you let them.",
    "limits": "I accept this many requests and refuse more until there is room again. A quota is what people may "
    "use in a day or a month: requests, tokens or money.",
    "timezone": "The time zone sets what “tomorrow” and “at nine” mean here for people who have not chosen one. "
    "The country sets the public holidays in the calendar for brands that have no country of their "
    "own.",
}
FAMILY_NAMES = {
    "marketing": "Marketing",
    "education": "Teaching",
    "image": "Images",
    "media": "Scripts and music",
    "data": "Data and scenarios",
    "text": "Rewriting",
    "chat": "Questions and answers",
}
ROLE_NAMES = {Role.OWNER: "Owners", Role.EDITOR: "Editors", Role.REVIEWER: "Reviewers", Role.VIEWER: "Viewers"}
# Who has to be among the approvers.
APPROVERS = {Role.OWNER: "At least one owner must approve", Role.REVIEWER: "At least one reviewer must approve"}
_OWN_COUNTS = "Authors may approve their own texts"
_OWN_DOES_NOT = "Authors cannot approve their own texts"
_ONLY_APPROVED = "Only approved texts can be scheduled"
_NOT_MENTIONED = (
    "I cannot mention {roles}, so they are not told what waits for review. Allow anyone to mention the role in "
    "Discord's settings."
)
LIMIT_NAMES = {"person": "Each person", "channel": "Each channel", "server": "The server"}
# Offered by a menu, which holds 25; any other can be typed.
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
# Channels and roles listed by a line each; there may be more, and a view holds 4,000 characters.
_MAX_LISTED_ENTRIES = 10
# Quotas listed by a line each: /quota show has all of them. Options of a Discord menu.
_MAX_QUOTAS = 4
_MAX_OPTIONS = 25
# Channels that can have settings: threads follow their parent.
_CHANNELS = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]

Options = Iterable[tuple[str, str]]


def build_custom_id(mode: str, action: str, of: str = "") -> str:
    """Return the custom id of a component."""
    return f"quillteam:{mode}:{action}:{of}"


def build_page(state: WorkspaceState, mode: str, section: str, channel_id: str = "") -> discord.ui.LayoutView:
    """Build a step of /setup or a part of /settings: its introduction, the current values, and the menus that change
    them.

    Without a section it lists all settings; with a channel, that channel's.
    """
    locale, view = state.locale, Layout()
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    view.add_item(container)
    if section not in SECTIONS:
        container.add_item(discord.ui.TextDisplay("\n".join(_format_overview(state, ended=section == SUMMARY))))
        view.add_item(_build_section_menu(locale))
        return view
    step = f"-# {SECTIONS.index(section) + 1}/{len(SECTIONS)}\n" if mode == SETUP else ""
    lines = [f"{step}### {translate(TITLES[section], locale)}", f"-# {translate(ABOUT[section], locale)}"]
    if channel_id:
        lines = [
            f"{step}### <#{channel_id}>",
            *_format_channel(state.settings.channels.get(channel_id, ChannelSettings()), state),
        ]
    else:
        lines += SECTION_FORMATTERS[section](state) or [translate("Nothing has been set yet.", locale)]
        lines += _format_unmentionable(state) if section == "review" else []
    container.add_item(discord.ui.TextDisplay("\n".join(filter(None, lines))))
    rows = _build_channel_rows(state, mode, channel_id) if channel_id else ROW_BUILDERS[section](state, mode)
    for row in rows:
        view.add_item(row)
    view.add_item(_build_navigation(state, mode, section, within=bool(channel_id)))
    return view


def _format_overview(state: WorkspaceState, *, ended: bool) -> list[str]:
    """Return all settings, a section each."""
    locale = state.locale
    lines = [f"### {translate('That is how I work here' if ended else 'How I work in this server', locale)}"]
    if state.unreadable:
        changed = (
            "I cannot read the old settings because somebody changed them in my database. What you set now "
            "replaces them."
        )
        lines.append(translate(changed, locale))
    for section in SECTIONS:
        told = SECTION_FORMATTERS[section](state) or [translate("nothing set", locale)]
        lines += [f"**{translate(TITLES[section], locale)}**", *told]
    if ended:
        lines.append(
            f"-# {translate('Change any of it later with /settings, or walk through it again with /setup.', locale)}"
        )
    return lines


def _format_languages(state: WorkspaceState) -> list[str]:
    names = [translate(NAMES[code], state.locale) for code in state.settings.languages]
    return [", ".join(names)] if names else []


def _format_channels(state: WorkspaceState) -> list[str]:
    channels = list(state.settings.channels.items())
    lines = [
        f"- <#{channel_id}>: {' · '.join(filter(None, _format_channel(channel, state)))}"
        for channel_id, channel in channels[:_MAX_LISTED_ENTRIES]
    ]
    if more := len(channels[_MAX_LISTED_ENTRIES:]):
        lines.append(f"- {translate('{count} more', state.locale).format(count=more)}")
    return lines


def _format_channel(channel: ChannelSettings, state: WorkspaceState) -> list[str]:
    """Return a channel's settings, in short pieces."""
    locale, pieces = state.locale, []
    if channel.kind:
        pieces.append(translate(load_kinds()[channel.kind].title, locale))
    elif channel.family:
        pieces.append(translate(FAMILY_NAMES[channel.family], locale))
    return [*pieces, *_format_voice_pair(channel.persona, channel.brand, state)]


def _format_voices(state: WorkspaceState) -> list[str]:
    return _format_voice_pair(state.settings.persona, state.settings.brand, state)


def _format_voice_pair(persona: str, brand: str, state: WorkspaceState) -> list[str]:
    gone = translate("one that no longer exists", state.locale)
    lines = []
    if persona:
        called = (
            translate(state.voices.find_persona_title(persona), state.locale)
            if state.voices.find_persona_title(persona)
            else gone
        )
        lines.append(f"{translate('Persona', state.locale)}: {plain(called)}")
    if brand:
        called = state.voices.brands.get(brand) or gone
        lines.append(f"{translate('Brand voice', state.locale)}: {plain(called)}")
    return lines


def _format_roles(state: WorkspaceState) -> list[str]:
    locale, settings = state.locale, state.settings
    lines = []
    for role, words in ROLE_NAMES.items():
        if given := [f"<@&{one}>" for one in settings.roles.get(role, ()) if one in state.roles]:
            more = len(given[_MAX_LISTED_ENTRIES:])
            told = [
                *given[:_MAX_LISTED_ENTRIES],
                *([translate("{count} more", locale).format(count=more)] if more else []),
            ]
            lines.append(f"- {translate(words, locale)}: {', '.join(told)}")
    lines.append(f"- {translate('Everybody else', locale)}: {translate(ROLE_NAMES[settings.default_role], locale)}")
    return lines


def _format_review(state: WorkspaceState) -> list[str]:
    locale, settings = state.locale, state.settings
    lines = [translate("Approvals needed: {count}", locale).format(count=settings.approvals)]
    if settings.approver:
        lines.append(translate(APPROVERS[settings.approver], locale))
    lines.append(translate(_OWN_COUNTS if settings.own_approvals else _OWN_DOES_NOT, locale))
    if settings.only_approved:
        lines.append(translate(_ONLY_APPROVED, locale))
    if settings.review_channel:
        lines.append(
            translate("Reviews are shown in {channel}", locale).format(channel=f"<#{settings.review_channel}>")
        )
    return [f"- {line}" for line in lines]


def _format_unmentionable(state: WorkspaceState) -> list[str]:
    """Return the note that reviewers are not notified, if the bot may not mention their roles."""
    silent = [f"<@&{one}>" for one in state.settings.reviewer_role_ids if one in state.roles.keys() - state.mentionable]
    if not silent:
        return []
    return [f"⚠ {translate(_NOT_MENTIONED, state.locale).format(roles=', '.join(silent[:_MAX_LISTED_ENTRIES]))}"]


def _format_limits(state: WorkspaceState) -> list[str]:
    lines = []
    for subject in SUBJECTS:
        figures = ", ".join(localize(phrase, state.locale) for phrase in describe_limits(state.limits, subject))
        told = figures or translate("unlimited", state.locale)
        lines.append(f"- {translate(LIMIT_NAMES[subject], state.locale)}: {told}")
    quotas = _format_quotas(state)
    lines += [f"- {format_quota(one, state.currency, state.locale)}" for one in quotas[:_MAX_QUOTAS]]
    if more := len(quotas[_MAX_QUOTAS:]):
        lines.append(f"- {translate('{count} more', state.locale).format(count=more)}")
    return lines


def _format_quotas(state: WorkspaceState) -> list[Quota]:
    return sorted(state.settings.quotas, key=lambda one: one.key)


def _format_timezone(state: WorkspaceState) -> list[str]:
    lines, country = [state.settings.timezone] if state.settings.timezone else [], state.settings.country
    if country:
        lines.append(f"{translate('Holidays of', state.locale)}: {format_country(country, state.locale)}")
    return lines


# Each section's settings, in lines; none if there are none.
SECTION_FORMATTERS: Mapping[str, Callable[[WorkspaceState], list[str]]] = {
    "languages": _format_languages,
    "channels": _format_channels,
    "voices": _format_voices,
    "roles": _format_roles,
    "review": _format_review,
    "limits": _format_limits,
    "timezone": _format_timezone,
}


def _build_menu(
    mode: str, action: str, hint: str, options: Options, chosen: Sequence[str], *, of: str = "", several: bool = False
) -> ActionRow:
    """Build a menu of values with the current ones chosen; with `several` of any number of them. Without values it
    shows its hint.
    """
    known = list(options)
    menu: discord.ui.Select[discord.ui.LayoutView] = discord.ui.Select(
        custom_id=build_custom_id(mode, action, of),
        placeholder=hint[:150],
        min_values=0 if several else 1,
        max_values=len(known) if several else 1,
    )
    for value, label in known:
        menu.add_option(label=label[:100], value=value, default=value in chosen)
    return ActionRow(menu)


def _build_button(mode: str, action: str, words: str, of: str = "", *, main: bool = False) -> discord.ui.Button[Any]:
    style = discord.ButtonStyle.primary if main else discord.ButtonStyle.secondary
    return discord.ui.Button(label=words, style=style, custom_id=build_custom_id(mode, action, of))


def _build_language_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    locale, languages = state.locale, state.settings.languages
    known = sorted(((code, translate(name, locale)) for code, name in NAMES.items()), key=lambda one: one[1])
    none = (NOTHING, translate("No main language", locale))
    main = _build_menu(mode, "main", translate("Main language", locale), [none, *known], languages[:1])
    if not languages:
        return [main]
    others = [one for one in known if one[0] != languages[0]]
    more = _build_menu(mode, "others", translate("Other languages", locale), others, languages[1:], several=True)
    return [main, more]


def _build_channel_picker(state: WorkspaceState, mode: str) -> list[ActionRow]:
    picker: discord.ui.ChannelSelect[discord.ui.LayoutView] = discord.ui.ChannelSelect(
        custom_id=build_custom_id(mode, "channel"),
        channel_types=_CHANNELS,
        placeholder=translate("Choose a channel", state.locale),
    )
    return [ActionRow(picker)]


def _build_channel_rows(state: WorkspaceState, mode: str, channel_id: str) -> list[ActionRow]:
    """Build the menus of a channel's settings."""
    locale, channel = state.locale, state.settings.channels.get(channel_id, ChannelSettings())
    anything = (NOTHING, translate("Anything people ask for", locale))
    families = [anything, *((name, translate(FAMILY_NAMES[name], locale)) for name in FAMILIES)]
    rows = [
        _build_menu(mode, "family", translate("What is made here", locale), families, [channel.family], of=channel_id)
    ]
    kinds = [(kind.name, translate(kind.title, locale)) for kind in list_family_kinds(channel.family)]
    if len(kinds) > 1:
        any_of = (NOTHING, translate("Any of these kinds", locale))
        rows.append(
            _build_menu(mode, "kind", translate("Kind", locale), [any_of, *kinds], [channel.kind], of=channel_id)
        )
    rows += _build_voice_menus(state, mode, channel.persona, channel.brand, channel_id)
    if channel != ChannelSettings():
        rows.append(ActionRow(_build_button(mode, "clear", translate("Reset this channel", locale), channel_id)))
    return rows


def _build_voice_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    return _build_voice_menus(state, mode, state.settings.persona, state.settings.brand)


def _build_voice_menus(state: WorkspaceState, mode: str, persona: str, brand: str, of: str = "") -> list[ActionRow]:
    """Build the menus of personas and brands, for the server or `of` a channel: the server's own if it has some, and
    those that ship.
    """
    locale, voices, chosen = state.locale, state.voices, [persona]
    as_server = translate("Same as the whole server", locale)
    each = (NOTHING, as_server if of else translate("The best fit for each kind", locale))
    rows = []
    if voices.personas:
        rows.append(
            _build_menu(
                mode,
                "own-persona",
                translate("Personas of this server", locale),
                [each, *voices.personas.items()],
                chosen,
                of=of,
            )
        )
    shipped = [each, *((name, translate(title, locale)) for name, title in voices.builtin_personas.items())]
    rows.append(_build_menu(mode, "persona", translate("My built-in personas", locale), shipped, chosen, of=of))
    if voices.brands:
        none = (NOTHING, as_server if of else translate("No brand", locale))
        options = [none, *voices.brands.items()]
        rows.append(_build_menu(mode, "brand", translate("Brands of this server", locale), options, [brand], of=of))
    return rows


def _build_role_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    locale, rows = state.locale, []
    for role, words in ROLE_NAMES.items():
        given = [one for one in state.settings.roles.get(role, ()) if one in state.roles]
        menu: discord.ui.RoleSelect[discord.ui.LayoutView] = discord.ui.RoleSelect(
            custom_id=build_custom_id(mode, "role", role.value),
            placeholder=translate(words, locale),
            min_values=0,
            max_values=MAX_ROLES,
            default_values=[discord.SelectDefaultValue.from_role(discord.Object(int(one))) for one in given],
        )
        rows.append(ActionRow(menu))
    others = [(role.value, translate(words, locale)) for role, words in ROLE_NAMES.items() if role is not Role.OWNER]
    hint = translate("Everybody else", locale)
    return [*rows, _build_menu(mode, "default-role", hint, others, [state.settings.default_role.value])]


def _build_review_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    locale, settings = state.locale, state.settings
    counts = [(str(one), translate("Approvals needed: {count}", locale).format(count=one)) for one in range(1, 6)]
    anybody = (NOTHING, translate("Any of them", locale))
    approvers = [anybody, *((role.value, translate(words, locale)) for role, words in APPROVERS.items())]
    picker: discord.ui.ChannelSelect[discord.ui.LayoutView] = discord.ui.ChannelSelect(
        custom_id=build_custom_id(mode, "review-channel"),
        channel_types=_CHANNELS[:2],
        placeholder=translate("The channel where reviews are shown", locale),
        min_values=0,
        default_values=[discord.SelectDefaultValue.from_channel(discord.Object(int(settings.review_channel)))]
        if settings.review_channel
        else [],
    )
    only = "Allow any text to be scheduled" if settings.only_approved else "Schedule only approved texts"
    own = "Forbid approving own texts" if settings.own_approvals else "Allow approving own texts"
    return [
        _build_menu(mode, "approvals", translate("How many must approve", locale), counts, [str(settings.approvals)]),
        _build_menu(
            mode, "approver", translate("Who has to approve", locale), approvers, [settings.approver or NOTHING]
        ),
        ActionRow(picker),
        ActionRow(
            _build_button(mode, "own-approvals", translate(own, locale), "no" if settings.own_approvals else "yes"),
            _build_button(mode, "only-approved", translate(only, locale), "no" if settings.only_approved else "yes"),
        ),
    ]


def _build_limit_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    """Build the buttons that change limits and set a quota, and a menu that removes one, if some are set."""
    locale = state.locale
    rows = [
        ActionRow(
            _build_button(mode, "limits", translate("Change…", locale)),
            _build_button(mode, "quota", translate("Set a quota…", locale)),
        )
    ]
    if quotas := _format_quotas(state)[:_MAX_OPTIONS]:
        named = [
            (one.menu_value, format_quota(one, state.currency, locale, state.roles.get(one.role_id, "")))
            for one in quotas
        ]
        rows.append(_build_menu(mode, "unquota", translate("Remove a quota", locale), named, []))
    return rows


def _build_zone_rows(state: WorkspaceState, mode: str) -> list[ActionRow]:
    locale, zone = state.locale, state.settings.timezone
    none = (NOTHING, translate("No time zone", locale))
    known = [none, *((one, one.replace("_", " ")) for one in dict.fromkeys(filter(None, (zone, *ZONES))))]
    other = ActionRow(
        _build_button(mode, "other-zone", translate("Another…", locale)),
        _build_button(mode, "country", translate("Holidays of…", locale)),
    )
    return [_build_menu(mode, "zone", translate("Time zone", locale), known, [zone]), other]


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


def _build_navigation(state: WorkspaceState, mode: str, section: str, *, within: bool) -> ActionRow:
    """Build the navigation: back and on in /setup, back to the overview in /settings."""
    locale = state.locale
    if within:
        return ActionRow(_build_button(mode, "go", translate("All channels", locale), section))
    if mode == SETTINGS:
        return ActionRow(_build_button(mode, "go", translate("All settings", locale), SUMMARY))
    at = SECTIONS.index(section)
    before = [_build_button(mode, "go", translate("Back", locale), SECTIONS[at - 1])] if at else []
    after = next(iter(SECTIONS[at + 1 :]), SUMMARY)
    words = "Next" if _is_set(state, section) else "Skip"
    return ActionRow(*chain(before, [_build_button(mode, "go", translate(words, locale), after, main=True)]))


def _is_set(state: WorkspaceState, section: str) -> bool:
    """Return whether a section holds something that an owner has set."""
    if section == "review":
        return state.settings.review_rules != ReviewRules() or bool(state.settings.review_channel)
    if section == "roles":
        return bool(any(state.settings.roles.values()) or state.settings.default_role is not Role.EDITOR)
    return (
        bool(state.own_limits or state.settings.quotas)
        if section == "limits"
        else bool(SECTION_FORMATTERS[section](state))
    )


def _build_section_menu(locale: str) -> ActionRow:
    sections = [(section, translate(TITLES[section], locale)) for section in SECTIONS]
    return _build_menu(SETTINGS, "change", translate("What would you like to change?", locale), sections, [])
