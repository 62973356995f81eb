"""A workspace with a team at work, for first-time visitors of the playground: a fictional shop from shop_*.toml.

Everything goes through the services that commands use, so that it is checked, counted and audited like users' actions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import discord

from bot.client import QuillmateBot
from bot.content import Assignment, Content, MemorySnapshot, Request, Requirements
from bot.generation.branding import add_legal_lines
from bot.interactions.review import review_view
from bot.interactions.taste import rebuild_result
from bot.kinds import find_kind
from bot.locales import LANGUAGES
from bot.markup import parse_document
from bot.moderation.helplines import find_region
from bot.reading.titles import find_title
from bot.replies.polls import ballot_view
from bot.requests.campaigns import MAX_TITLE, PLAN
from bot.team.brands import BrandActor
from bot.team.calendar.posts import Actor, Target
from bot.team.library.library import Viewer
from bot.team.review.steps import Step
from bot.team.workspace.roles import Member, Role
from bot.team.workspace.settings import WorkspaceSettings
from personas.persona import NOBODY
from personas.profile import find_zone
from personas.style import Brand
from storage.assets import SUBMITTED
from storage.campaigns import Campaign, CampaignPiece, build_campaign_lock_name
from storage.entries import EntryFilter
from storage.generations import Generation
from storage.owners import workspace
from storage.usage import EngineUsage

_BOOK = ("about", "facts", "links", "palette", "boilerplate", "legal", "claims", "prefer", "avoid")
_SILENT = discord.AllowedMentions.none()
_HOURS = 24


@dataclass(frozen=True, slots=True)
class PlaygroundTeam:
    """A server with its members: the ids of its channels by name, and each member's roles."""

    guild_id: str
    channels: Mapping[str, str]
    people: Mapping[str, Member]
    roles: Mapping[str, Role]

    def actor(self, name: str) -> Actor:
        """Return a member who plans a post."""
        return Actor(self.people[name].user_id, self.guild_id, self.channels["news"], frozenset({self.roles[name]}))

    def viewer(self, name: str) -> Viewer:
        """Return a member who uses the library."""
        return Viewer(self.people[name], self.guild_id, frozenset({self.roles[name]}))


def load_shop(locale: str) -> dict[str, Any]:
    """Return the contents of the workspace in the language of a locale, else in English."""
    folder, language = Path(__file__).parent, locale.partition("-")[0]
    told = folder / f"shop_{language}.toml"
    file = told if told.is_file() else folder / "shop_en.toml"
    return {"language": file.stem[-2:], **tomllib.loads(file.read_text("utf-8"))}


async def fill_server(bot: QuillmateBot, team: PlaygroundTeam, locale: str, timezone: str) -> None:
    """Fill an empty server with a workspace at work."""
    told = load_shop(locale)
    filling = _ServerFiller(bot, team, locale, told, find_zone(timezone))
    await filling.settle(timezone)
    given = {await filling.give(text): text for text in told["texts"]}
    for post in told["posts"]:
        await filling.plan(post["by"], post, post["text"])
    channel = _get_channel(bot, team.channels["reviews"])
    for asset_id, text in given.items():
        if text.get("steps") and "plan" not in text:
            await show_review(bot, team, asset_id, channel)
    await filling.ask(told["poll"])
    await filling.campaign(told["campaign"])


async def show_open_work(bot: QuillmateBot, team: PlaygroundTeam) -> None:
    """Show reviews waiting for approval and running campaigns again: the messages of the last start are gone."""
    app, in_threads = bot.app, set[str]()
    for campaign in reversed(await app.store.campaigns.list_all(team.guild_id)):
        if campaign.state == "open":
            pieces = [one for one in await app.store.campaigns.list_pieces(campaign) if one.asset_id]
            in_threads |= {one.asset_id for one in pieces}
            opened = await _get_campaign_threads(bot).open(campaign)
            thread = bot.get_channel(int(opened.thread_id))
            if isinstance(thread, discord.Thread):
                for piece in pieces:
                    await show_review(bot, team, piece.asset_id, thread)
    chosen = (await app.workspaces.load_settings(team.guild_id)).review_channel or team.channels["reviews"]
    owner = next(iter(team.people))
    waiting = await app.library.load_page(team.viewer(owner), "", EntryFilter(status=SUBMITTED), 0)
    for entry in reversed(waiting.entries):
        if entry.id not in in_threads:
            await show_review(bot, team, entry.id, _get_channel(bot, chosen))


class _ServerFiller:
    def __init__(
        self, bot: QuillmateBot, team: PlaygroundTeam, locale: str, told: Mapping[str, Any], zone: tzinfo
    ) -> None:
        self._bot, self._app, self._team, self._locale, self._told = bot, bot.app, team, locale, told
        self._zone = zone
        self._brand, self._brand_id = Brand(name=told["brand"]["name"], samples=()), ""
        self._number = 0

    async def settle(self, timezone: str) -> None:
        """Set up the roles, channels and languages; the brand with its book."""
        team, app, owner = self._team, self._app, self._team.people["Ada"]
        scope = workspace(team.guild_id)
        held = await app.store.brands.add(scope, self._brand, scope=scope)
        book = {name: str(self._told["brand"][name]).strip() for name in _BOOK}
        written, _ = await app.brand_books.write(BrandActor(owner, team.guild_id, (scope,)), held.id, book)
        self._brand, self._brand_id = self._brand.model_copy(update={"book": written}), held.id

        def settled(known: WorkspaceSettings) -> WorkspaceSettings:
            given = {role: tuple(sorted(team.people[name].role_ids)) for name, role in team.roles.items()}
            spoken = dict.fromkeys([self._locale.partition("-")[0], "en", *LANGUAGES])
            known = known.with_values(
                languages=list(spoken),
                timezone=timezone,
                review_channel=team.channels["reviews"],
                country=find_region(timezone=timezone) or find_region(locale=self._locale),
                roles={role: ids for role, ids in given.items() if ids},
                default_role=Role.VIEWER,
            )
            known = known.with_channel(team.channels["classroom"], family="education")
            return known.with_channel(team.channels["news"], family="marketing", brand=held.id)

        await app.workspaces.change(team.guild_id, owner, settled)

    async def give(self, text: Mapping[str, Any], name: str = "") -> str:
        """Share a text with the team and take its review steps; return its id. Its result may have a `name`."""
        team, library, by = self._team, self._app.library, text["by"]
        entry, _ = await library.add_result(await self._made(text, name=name), team.viewer(by))
        place = workspace(team.guild_id), entry.id
        if text.get("collection"):
            await library.set_collection(team.viewer(by), place, text["collection"], entry.collection or None)
        if text.get("star"):
            await library.star(team.viewer(by), place, starred=True)
        for step in text.get("steps", ()):
            await self._take(entry.id, *step.split(maxsplit=2))
        if "plan" in text:
            await self.plan(by, text["plan"], entry.text, f"{entry.id}:1")
        return entry.id

    async def plan(self, by: str, post: Mapping[str, str], text: str, asset: str = "") -> None:
        """Plan a member's post."""
        target = Target(self._team.channels[post["channel"]], user_can_write=True, bot_can_write=True)
        when = _format_soon(self._app.calendar.now().astimezone(self._zone)) if post["when"] == "soon" else post["when"]
        await self._app.calendar.schedule(self._team.actor(by), target, when, text, asset=asset)

    async def ask(self, told: Mapping[str, Any]) -> None:
        """Open a member's poll, with votes."""
        team, polls, owner = self._team, self._app.polls, self._team.people[told["by"]]
        texts = [{**told, "text": one} for one in told["texts"]]
        first = self._number + 1
        names = [self._name(first + number) for number in range(len(texts))]
        made = [await self._made(one, names) for one in texts]
        channel = _get_channel(self._bot, team.channels["reviews"])
        poll = await polls.open(
            f"{made[0].id}-poll",
            team.guild_id,
            owner,
            made,
            channel_id=str(channel.id),
            hours=_HOURS,
            voter_count=len(team.people),
            locale=self._locale,
        )
        for name, place in told["votes"].items():
            await polls.vote(poll.id, team.guild_id, str(channel.id), team.people[name], place - 1)
        named = [(one.id, rebuild_result(one)) for one in made]
        view, _ = ballot_view(
            named,
            poll.id,
            counts=await polls.load_counts(poll),
            quorum=poll.quorum,
            closes_at=poll.closes_at,
            locale=self._locale,
        )
        message = await channel.send(view=view, allowed_mentions=_SILENT)
        await polls.record_messages(poll, str(message.id), str(message.id))

    async def campaign(self, told: Mapping[str, Any]) -> None:
        """Start a campaign: its thread with the plan, its texts, and its board."""
        team, by, campaign_id = self._team, told["by"], self._name(0)
        author, guild_id = team.people[by].user_id, team.guild_id
        names = [PLAN, *told["places"]]
        given = [
            await self.give({"by": by, "brief": told["brief"], **one}, f"{campaign_id}-{number}")
            for number, one in enumerate(told["pieces"])
        ]
        pieces = [
            CampaignPiece(campaign_id, guild_id, number, name, author, "shown", asset_id, made_for=1)
            for number, (name, asset_id) in enumerate(zip(names, given, strict=True))
        ]
        channel_id = team.channels[told["channel"]]
        campaign = Campaign(
            campaign_id,
            guild_id,
            find_title(told["brief"], {}, MAX_TITLE),
            told["brief"],
            tuple(told["places"]),
            channel_id,
            author,
            locale=self._locale,
        )
        async with self._app.recorder.transaction(build_campaign_lock_name(campaign_id)) as note:
            await self._app.store.campaigns.add(campaign, pieces)
            await note(guild_id, "campaign", author, campaign_id)
        threads = _get_campaign_threads(self._bot)
        campaign = await threads.open(campaign)
        for piece in pieces:
            await threads.show(campaign, piece, may_be_shown=False)

    async def _take(self, asset_id: str, by: str, step: str, more: str = "") -> None:
        team, kind = self._team, Step(step)
        to = team.people[more] if kind is Step.ASSIGN else None
        words = more if kind is Step.REQUEST_CHANGES else ""
        await self._app.reviewing.take_step(
            team.guild_id, team.people[by], asset_id, kind, 1, feedback=words, assignee=to
        )

    async def _made(self, text: Mapping[str, Any], variants: Sequence[str] = (), name: str = "") -> Generation:
        """Return a member's result written by hand: composed like any other of its kind, and counted for no engine."""
        self._number += not name
        kind, author = find_kind(text["kind"]), self._team.people[text["by"]].user_id
        request = Request(
            name or self._name(self._number),
            author,
            text["brief"],
            kind=kind.name,
            language=self._told["language"],
            guild_id=self._team.guild_id,
            channel_id=self._team.channels["news"],
            locale=self._locale,
        )
        memory = MemorySnapshot(brand=self._brand, brand_id=self._brand_id)
        assignment = Assignment(request, kind, NOBODY, Requirements(), memory)
        written = text["text"].strip()
        content = add_legal_lines(Content(written, kind.read(parse_document(written), assignment)), assignment)
        made = Generation(
            request.id,
            author,
            kind.name,
            request.to_json(),
            content.text,
            content.parts,
            [],
            persona="",
            engine="",
            seed=0,
            seconds=0.0,
            guild_id=request.guild_id,
            channel_id=request.channel_id,
            brand=self._brand_id,
            why={"variants": list(variants)} if variants else {},
        )
        await self._app.store.generations.add(made, [EngineUsage(kind.name, "", requests=1)])
        return made

    @staticmethod
    def _name(number: int) -> str:
        return f"example-{number}"


async def show_review(
    bot: QuillmateBot, team: PlaygroundTeam, asset_id: str, channel: discord.TextChannel | discord.Thread
) -> None:
    """Post a message that shows a text's review."""
    reviewing = bot.app.reviewing
    seen = await reviewing.load_public_view(team.guild_id, asset_id)
    if seen is not None:
        locale = channel.guild.preferred_locale.value
        message = await channel.send(view=review_view(seen, locale), allowed_mentions=_SILENT)
        await reviewing.store_message(team.guild_id, asset_id, str(channel.id), str(message.id))
        if seen := await reviewing.load_public_view(team.guild_id, asset_id):  # Comments become possible then.
            await message.edit(view=review_view(seen, locale), allowed_mentions=_SILENT)


def _format_soon(now: datetime) -> str:
    """Return the start of the next minute but one, in words that are parsed without locale data."""
    then = now + timedelta(minutes=2)
    return f"{'today' if then.date() == now.date() else 'tomorrow'} {then:%H:%M}"


def _get_campaign_threads(bot: QuillmateBot) -> Any:
    """Return the module that shows campaigns, by name, as its module is run again when a bot loads it."""
    found = bot.get_cog("CampaignThreads")
    assert found is not None
    return found


def _get_channel(bot: QuillmateBot, channel_id: str) -> discord.TextChannel:
    channel = bot.get_channel(int(channel_id))
    assert isinstance(channel, discord.TextChannel)
    return channel
