"""Ten conversations of four turns, as people have them in Discord: python -m benchmarks.conversations OUT [TALKS.jsonl]

The turns are those of benchmarks/quality/conversations/first.jsonl or of another file. Each is sent as a direct message, a mention, a
reply to the bot's last message or to the answer of turn `to`, a slash command or a press of a button, in the simulated Discord of
the tests. OUT/transcript.md contains the turns and the answers; a reader judges whether a conversation went as its user expects.
The model's answers are written by hand in OUT/<id>/answers.jsonl, for the prompts in wanted.jsonl beside it
(benchmarks/played.py); run it again until no prompt is open. Needs the packages of the tests.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import discord
import pytest

from benchmarks.blind import HERE
from benchmarks.jsonl import Row, load_rows
from benchmarks.played import Played
from bot.client import QuillmateBot
from bot.settings import Settings
from personas.profile import Profile

TESTS = Path(__file__).parents[1] / "tests"
sys.path.append(str(TESTS))  # The helpers of the tests are no package.
from acting import tap  # noqa: E402

# Simcord's plugin is loaded after the tests' own and would hide it.
from conftest import simcord_bot as simcord_bot  # noqa: E402
from discord_texts import find_buttons, find_fields, read_message  # noqa: E402

OUT, TALKS = "QUILLMATE_CONVERSATIONS", "QUILLMATE_TALKS"


class Talk:
    """One conversation of Ada's in a simulated world, first in its channel."""

    def __init__(self, world: Any) -> None:
        self.world, self.person, self.place = world, world.ada, world.channel
        # What came back in each turn.
        self._shown: list[list[Any]] = []

    async def take(self, turn: Row) -> list[Any]:
        """Take a turn; return the messages that came back, as they are when the turn ends."""
        if turn["by"] == "dm":
            self.place = self.person.user.dm_channel
        known = {one.id for one in self.place.history()}
        private = await self._act(turn)
        me = self.world.bot.user.id
        new = [one for one in self.place.history() if one.id not in known and one.author.id == me]
        self._shown.append(new or ([private] if private else [self.place.last_message]))
        return self._shown[-1]

    async def _act(self, turn: Row) -> Any:
        """Carry out a turn; return the answer to a command, which may be private."""
        text = turn["text"]
        match turn["by"]:
            case "dm":
                await self.person.send_dm(text)
            case "mention":
                await self.person.send(self.place, f"{self.world.me} {text}")
            case "reply":
                answered = self._shown[turn["to"] - 1][-1] if "to" in turn else self.place.last_message
                await self.person.send(self.place, text, reply_to=answered)
            case "press":
                await self._press(turn)
            case command:
                text_option = {"question" if command == "ask" else "brief": text}
                shown = await self.person.slash(self.place, command, **text_option)
                return shown.response or shown.followups[-1]
        return None

    async def _press(self, turn: Row) -> None:
        pressed = await tap(self.person, self.place.last_message, turn["text"])
        [field] = find_fields(pressed.modal).values()
        await self.person.submit_modal(pressed, {field["custom_id"]: turn["field"]})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with a capable model and no embeddings; all conversations share what routing is trained to."""
    cache = Path(os.environ[OUT]) / "cache"
    cache.mkdir(exist_ok=True)
    (tmp_path / "cache").symlink_to(cache)
    return Settings(data=tmp_path, engine="embedded", embeddings="none", limits="none")


@pytest.fixture(autouse=True)
def _grant_message_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grant the message content intent, as the README advises to do in the Developer Portal."""
    granted = discord.ApplicationFlags(gateway_message_content_limited=True)
    monkeypatch.setattr(QuillmateBot, "application_flags", granted)


@pytest.fixture
def script() -> Played:
    """Return the model of the tests' world: the answers that are written by hand."""
    return Played(Path(os.environ[OUT]) / os.environ["PYTEST_CURRENT_TEST"].partition("[")[2].partition("]")[0])


@pytest.mark.parametrize(
    "talk",
    load_rows(Path(os.environ.get(TALKS, HERE / "conversations" / "first.jsonl"))),
    ids=lambda talk: str(talk["id"]),
)
async def test_conversation(world: Any, script: Played, talk: Row) -> None:
    """Play one conversation as far as its prompts are answered."""
    known = Profile.model_validate(talk["profile"])
    await world.app.store.profiles.update(str(world.ada.id), lambda _: known)
    lines, spoken = [f"## {talk['id']}: {talk['about']}", "", f"Expected: {talk['expected']}"], Talk(world)
    for number, turn in enumerate(talk["turns"], 1):
        lines += ["", f"**{number}. {turn['by']}:** {turn['text']} {turn.get('field', '')}".rstrip(), ""]
        for shown in await spoken.take(turn):
            said = [*read_message(shown).splitlines(), f"[{' | '.join(find_buttons(shown))}]", ""]
            lines += [f"> {line}".rstrip() for line in said[:-1]] + said[-1:]
        if script.open_count:
            lines += ["", f"{script.open_count} prompts wait for an answer."]
            break
    (Path(os.environ[OUT]) / f"{talk['id']}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(out: Path, file: Path) -> int:
    """Play all conversations and join their transcripts; return pytest's exit code."""
    out.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, OUT: str(out.resolve()), TALKS: str(file.resolve()), "PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-m", "pytest", __file__, "-p", "conftest", "-q"]
    ended = subprocess.run(command, env=environment, check=False).returncode
    talks = [(out / f"{row['id']}.md").read_text("utf-8") for row in load_rows(file)]
    (out / "transcript.md").write_text("\n".join(talks), encoding="utf-8")
    waiting = sum(len(file.read_text("utf-8").splitlines()) for file in out.glob("*/wanted.jsonl"))
    print(f"{out / 'transcript.md'}; {waiting} prompts wait for an answer")
    return ended


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("file", type=Path, nargs="?", default=HERE / "conversations" / "first.jsonl")
    sys.exit(main(**vars(parser.parse_args())))
