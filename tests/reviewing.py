"""What tests of reviews share: a team with its roles, texts on their way, and what is seen of them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import discord
from acting import tap
from discord_texts import told, tree, walk
from planning import submit
from writing import is_change

from bot.team.workspace.audit import AuditFilter
from bot.team.workspace.roles import Member, Role

TEXT = "We close on Monday and are back on Tuesday."
BETTER = "We close on Monday and are back on Tuesday with free coffee."
ALL = AuditFilter()
WISH = "Mention the free coffee."


async def team_of(world):
    """A server whose Ada and Cleo review, whose Ben writes, whose boss owns it; Dora reads along."""
    kinds = {}
    for name in ("reviewer", "editor", "viewer"):
        kinds[name] = world.guild.create_role(name)
    manager = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))

    def member(name, *roles):
        return world.guild.add_member(world.env.create_user(name), roles=list(roles))

    people = SimpleNamespace(
        ada=member("adele", kinds["reviewer"]), cleo=member("cleo", kinds["reviewer"]),
        ben=member("benno", kinds["editor"]), dora=member("dora", kinds["viewer"]), boss=member("boss", manager),
        both=member("both", kinds["reviewer"], kinds["editor"]),
    )  # fmt: skip
    roles = {Role(name): (str(kinds[name].id),) for name in kinds}
    await set_rules(world, roles=roles, default_role=Role.VIEWER, approvals=2)
    return people


async def set_rules(world, **values):
    """An owner sets something."""
    owner = Member("1", manages=True)
    await world.app.workspaces.change(str(world.guild.id), owner, lambda known: known.with_values(**values))


async def given(world, who, text=TEXT):
    """A text that somebody has made and gives to the team; gives what they are told."""
    world.script.says(text)
    made = (
        await who.slash(
            world.channel,
            "copy",
            kind="social_post",
            brief="we close on Monday",
        )
    ).response
    return told(await who.context_menu(world.channel, "Save to the team's library", made))


async def under_review(world, who, text=TEXT):
    """A text that somebody has submitted; gives the message that shows its review."""
    await tap(who, await given(world, who, text), "Submit for review")
    return board(world)


def board(world, channel=None):
    """The newest message that shows a review, as Discord gives it."""
    found = (channel or world.channel).history()
    return [one for one in found if "quillreview:" in str(tree(one)) and not one.flags.ephemeral][-1]


def asset_id(shown):
    """The id of the text that a message is about."""
    return next(part["custom_id"] for part in walk(tree(shown)) if "quillreview:" in part.get("custom_id", "")).split(
        ":"
    )[-1]


def whispered(result):
    """What somebody was told privately, beside what changed in the message that they pressed."""
    return result.followups[-1] if result.followups else result.response


def edits(messages):
    """A model that writes the text, and where it is to change that gives the better one."""
    return BETTER if is_change(messages) else TEXT


def latest(world, message):
    return world.env.backend.messages[world.channel.id][message.id]


async def seen(world, shown, who=None):
    """A text with its review, as its service has it."""
    found = await world.app.reviewing.load_public_view(str(world.guild.id), asset_id(shown))
    assert found is not None
    return found


async def audited(world, boss):
    """What was done, oldest first, as the act and the person's id."""
    body = await world.app.auditing.export(str(world.guild.id), Member(str(boss.id), manages=True), "jsonl", ALL)
    return [(row["act"], row["person"]) for row in map(json.loads, body.decode().splitlines())]


async def verified(world, boss):
    return await world.app.auditing.verify(str(world.guild.id), Member(str(boss.id), manages=True))


async def asked(who, shown, words=WISH):
    """Somebody asks for changes."""
    form = await who.click(shown, label="Request changes…")
    return await submit(who, form, what_to_change=words)
