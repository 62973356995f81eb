"""Helpers for tests of reviews: a team with roles, submitted texts, and what members see of them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import discord
from acting import tap
from discord_texts import get_answer, get_components, walk_components
from planning import submit
from writing import is_change

from bot.team.workspace.audit import AuditFilter
from bot.team.workspace.roles import Member, Role

TEXT = "We close on Monday and are back on Tuesday."
BETTER = "We close on Monday and are back on Tuesday with free coffee."
ALL = AuditFilter()
WISH = "Mention the free coffee."


async def create_team(world):
    """Create a server where Ada and Cleo review, Ben writes, Dora reads, and the boss is the owner."""
    kinds = {}
    for name in ("reviewer", "editor", "viewer"):
        kinds[name] = world.guild.create_role(name)
    manager = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))

    def member(name, *roles):
        return world.guild.add_member(world.env.create_user(name), roles=list(roles))

    people = SimpleNamespace(
        ada=member("adele", kinds["reviewer"]),
        cleo=member("cleo", kinds["reviewer"]),
        ben=member("benno", kinds["editor"]),
        dora=member("dora", kinds["viewer"]),
        boss=member("boss", manager),
        both=member("both", kinds["reviewer"], kinds["editor"]),
    )
    roles = {Role(name): (str(kinds[name].id),) for name in kinds}
    await set_rules(world, roles=roles, default_role=Role.VIEWER, approvals=2)
    return people


async def set_rules(world, **values):
    """Change settings as an owner."""
    owner = Member("1", manages=True)
    await world.app.workspaces.change(str(world.guild.id), owner, lambda known: known.with_values(**values))


async def give_text(world, who, text=TEXT):
    """Generate a text and save it to the team's library; return the answer."""
    world.script.says(text)
    made = (
        await who.slash(
            world.channel,
            "copy",
            kind="social_post",
            brief="we close on Monday",
        )
    ).response
    return get_answer(await who.context_menu(world.channel, "Save to the team's library", made))


async def submit_text(world, who, text=TEXT):
    """Submit a text for review; return the message of its review."""
    await tap(who, await give_text(world, who, text), "Submit for review")
    return find_review_message(world)


def find_review_message(world, channel=None):
    """Return the newest message of a review."""
    found = (channel or world.channel).history()
    return [one for one in found if "quillreview:" in str(get_components(one)) and not one.flags.ephemeral][-1]


def get_asset_id(shown):
    """Return the id of the text that a message is about."""
    return next(
        part["custom_id"]
        for part in walk_components(get_components(shown))
        if "quillreview:" in part.get("custom_id", "")
    ).split(":")[-1]


def get_private_answer(result):
    """Return the private answer, besides changes of the message with the button."""
    return result.followups[-1] if result.followups else result.response


def answer_edits(messages):
    """Answer as a model that writes the text, or the better one if asked for a change."""
    return BETTER if is_change(messages) else TEXT


def get_stored_message(world, message):
    return world.env.backend.messages[world.channel.id][message.id]


async def load_review(world, shown, who=None):
    """Load a text with its review from its service."""
    found = await world.app.reviewing.load_public_view(str(world.guild.id), get_asset_id(shown))
    assert found is not None
    return found


async def list_audit_acts(world, boss):
    """List audit entries, oldest first, as act and user id."""
    body = await world.app.auditing.export(str(world.guild.id), Member(str(boss.id), manages=True), "jsonl", ALL)
    return [(row["act"], row["person"]) for row in map(json.loads, body.decode().splitlines())]


async def verify_audit(world, boss):
    return await world.app.auditing.verify(str(world.guild.id), Member(str(boss.id), manages=True))


async def request_changes(who, shown, words=WISH):
    """Request changes."""
    form = await who.click(shown, label="Request changes…")
    return await submit(who, form, what_to_change=words)
