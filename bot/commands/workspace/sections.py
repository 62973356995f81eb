"""The sections of /settings, and the formatting of their current values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.admission.limits import SUBJECTS, describe_limits
from bot.admission.quotas import Quota
from bot.checks.language import NAMES
from bot.commands.workspace.state import WorkspaceState
from bot.interactions.countries import format_country
from bot.interactions.quotas import format_quota
from bot.kinds import load_kinds
from bot.locales import localize, translate
from bot.replies.ledger import plain
from bot.team.workspace.roles import Role
from bot.team.workspace.settings import ChannelSettings

SETUP, SETTINGS = "setup", "settings"
# The steps of /setup, in order, and the sections of /settings.
SECTIONS = ("languages", "channels", "voices", "roles", "review", "limits", "timezone")
# The value of an option that means no value, as Discord does not accept empty ones.
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
# Labels for the role that at least one approver must have.
APPROVERS = {Role.OWNER: "At least one owner must approve", Role.REVIEWER: "At least one reviewer must approve"}
_OWN_APPROVALS_ALLOWED = "Authors may approve their own texts"
_OWN_APPROVALS_FORBIDDEN = "Authors cannot approve their own texts"
_ONLY_APPROVED = "Only approved texts can be scheduled"
_UNMENTIONABLE = (
    "I cannot mention {roles}, so they are not notified of waiting reviews. Allow anyone to mention the role "
    "in Discord's settings."
)
LIMIT_NAMES = {"person": "Each person", "channel": "Each channel", "server": "The server"}
# Maximum channels and roles listed, as a view has room for 4,000 characters.
_MAX_LISTED_ENTRIES = 10
# Maximum quotas listed; /quota show has all of them.
_MAX_QUOTAS = 4


def _format_languages(state: WorkspaceState) -> list[str]:
    names = [translate(NAMES[code], state.locale) for code in state.settings.languages]
    return [", ".join(names)] if names else []


def _format_channels(state: WorkspaceState) -> list[str]:
    channels = list(state.settings.channels.items())
    lines = [
        f"- <#{channel_id}>: {' · '.join(filter(None, format_channel(channel, state)))}"
        for channel_id, channel in channels[:_MAX_LISTED_ENTRIES]
    ]
    if hidden_count := len(channels[_MAX_LISTED_ENTRIES:]):
        lines.append(f"- {translate('{count} more', state.locale).format(count=hidden_count)}")
    return lines


def format_channel(channel: ChannelSettings, state: WorkspaceState) -> list[str]:
    """Format each setting of a channel briefly."""
    locale, parts = state.locale, []
    if channel.kind:
        parts.append(translate(load_kinds()[channel.kind].title, locale))
    elif channel.family:
        parts.append(translate(FAMILY_NAMES[channel.family], locale))
    return [*parts, *_format_voice_pair(channel.persona, channel.brand, state)]


def _format_voices(state: WorkspaceState) -> list[str]:
    return _format_voice_pair(state.settings.persona, state.settings.brand, state)


def _format_voice_pair(persona: str, brand: str, state: WorkspaceState) -> list[str]:
    missing_text = translate("one that no longer exists", state.locale)
    lines = []
    if persona:
        name = (
            translate(state.voices.find_persona_title(persona), state.locale)
            if state.voices.find_persona_title(persona)
            else missing_text
        )
        lines.append(f"{translate('Persona', state.locale)}: {plain(name)}")
    if brand:
        name = state.voices.brands.get(brand) or missing_text
        lines.append(f"{translate('Brand voice', state.locale)}: {plain(name)}")
    return lines


def _format_roles(state: WorkspaceState) -> list[str]:
    locale, settings = state.locale, state.settings
    lines = []
    for role, label in ROLE_NAMES.items():
        if mentions := [f"<@&{role_id}>" for role_id in settings.roles.get(role, ()) if role_id in state.roles]:
            hidden_count = len(mentions[_MAX_LISTED_ENTRIES:])
            listed = [
                *mentions[:_MAX_LISTED_ENTRIES],
                *([translate("{count} more", locale).format(count=hidden_count)] if hidden_count else []),
            ]
            lines.append(f"- {translate(label, locale)}: {', '.join(listed)}")
    lines.append(f"- {translate('Everybody else', locale)}: {translate(ROLE_NAMES[settings.default_role], locale)}")
    return lines


def _format_review(state: WorkspaceState) -> list[str]:
    locale, settings = state.locale, state.settings
    lines = [translate("Approvals needed: {count}", locale).format(count=settings.approvals)]
    if settings.approver:
        lines.append(translate(APPROVERS[settings.approver], locale))
    lines.append(translate(_OWN_APPROVALS_ALLOWED if settings.own_approvals else _OWN_APPROVALS_FORBIDDEN, locale))
    if settings.only_approved:
        lines.append(translate(_ONLY_APPROVED, locale))
    if settings.review_channel:
        lines.append(
            translate("Reviews are shown in {channel}", locale).format(channel=f"<#{settings.review_channel}>")
        )
    return [f"- {line}" for line in lines]


def format_unmentionable_note(state: WorkspaceState) -> list[str]:
    """Format the note that reviewers are not notified because the bot may not mention their roles; empty if it may."""
    mentions = [
        f"<@&{role_id}>"
        for role_id in state.settings.reviewer_role_ids
        if role_id in state.roles and role_id not in state.mentionable
    ]
    if not mentions:
        return []
    return [f"⚠ {translate(_UNMENTIONABLE, state.locale).format(roles=', '.join(mentions[:_MAX_LISTED_ENTRIES]))}"]


def _format_limits(state: WorkspaceState) -> list[str]:
    lines = []
    for subject in SUBJECTS:
        limits_text = ", ".join(localize(phrase, state.locale) for phrase in describe_limits(state.limits, subject))
        limit = limits_text or translate("unlimited", state.locale)
        lines.append(f"- {translate(LIMIT_NAMES[subject], state.locale)}: {limit}")
    quotas = sort_quotas(state)
    lines += [f"- {format_quota(quota, state.currency, state.locale)}" for quota in quotas[:_MAX_QUOTAS]]
    if hidden_count := len(quotas[_MAX_QUOTAS:]):
        lines.append(f"- {translate('{count} more', state.locale).format(count=hidden_count)}")
    return lines


def sort_quotas(state: WorkspaceState) -> list[Quota]:
    """Return the quotas of a server in display order."""
    return sorted(state.settings.quotas, key=lambda quota: quota.key)


def _format_timezone(state: WorkspaceState) -> list[str]:
    lines, country = [state.settings.timezone] if state.settings.timezone else [], state.settings.country
    if country:
        lines.append(f"{translate('Holidays of', state.locale)}: {format_country(country, state.locale)}")
    return lines


# The formatter of each section's values; returns no lines if nothing is set.
SECTION_FORMATTERS: Mapping[str, Callable[[WorkspaceState], list[str]]] = {
    "languages": _format_languages,
    "channels": _format_channels,
    "voices": _format_voices,
    "roles": _format_roles,
    "review": _format_review,
    "limits": _format_limits,
    "timezone": _format_timezone,
}
