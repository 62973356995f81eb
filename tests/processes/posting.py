"""Send due posts until killed or none are left, against a stand-in for Discord's REST:
python posting.py FOLDER URL [TEXT…].

With texts it schedules them first, each for a channel of its own. Its clock then runs ahead, so that they are due at once.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import discord

from bot.app import App
from bot.engines.scripted import build_scripted_engine
from bot.interactions.posts.poster import ChannelPoster
from bot.settings import Settings
from bot.team.calendar.posts import Actor, Target
from bot.team.workspace.roles import Role

ADA, SERVER, FIRST_CHANNEL = "7", 1, 20
ME = {"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None, "bot": True}


def build_server(channels: int) -> dict[str, object]:
    """Build a server as Discord's gateway describes it: everybody may write in its channels."""
    role = {
        "id": str(SERVER),
        "name": "@everyone",
        "permissions": str(discord.Permissions.all_channel().value),
        "position": 0,
        "color": 0,
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    places = [
        {
            "id": str(FIRST_CHANNEL + number),
            "type": 0,
            "name": f"news-{number}",
            "position": number,
            "nsfw": False,
            "parent_id": None,
            "permission_overwrites": [],
        }
        for number in range(channels)
    ]
    me = {"user": ME, "roles": [], "joined_at": "2026-01-05T09:00:00+00:00", "deaf": False, "mute": False, "flags": 0}
    return {
        "id": str(SERVER),
        "name": "Studio",
        "owner_id": "8",
        "roles": [role],
        "channels": places,
        "members": [me],
        "member_count": 2,
        "emojis": [],
        "features": [],
        "stickers": [],
    }


async def main(folder: Path, url: str, texts: list[str]) -> None:
    discord.http.Route.BASE = url
    settings = Settings(data=folder, embeddings="none", limits="none")
    async with App(settings, engines=[build_scripted_engine(lambda _messages: "Unasked.")]) as app:
        client = discord.Client(intents=discord.Intents.default())
        await client.login("token")
        client._connection.user = discord.ClientUser(state=client._connection, data=ME)  # type: ignore[arg-type]
        client._connection._add_guild_from_data(build_server(3))  # type: ignore[arg-type]
        actor = Actor(ADA, str(SERVER), str(FIRST_CHANNEL), frozenset({Role.EDITOR}))
        for number, text in enumerate(texts):
            target = Target(str(FIRST_CHANNEL + number), user_can_write=True, bot_can_write=True)
            await app.calendar.schedule(actor, target, f"in {number + 2} minutes", text)
        app.calendar.now = lambda: datetime.now(UTC) + timedelta(minutes=4.5)
        print("begins", flush=True)
        while await app.due_posts.send_due(ChannelPoster(client, app.pacer, app.workspaces), "0"):
            pass
        print("done", flush=True)
        await client.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
