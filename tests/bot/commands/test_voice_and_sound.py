"""Voice messages that are understood, results that are read aloud, and music that is played, as people meet them in Discord."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest
import soundfile
from acting import wait_until
from discord_texts import (
    can_notify,
    find_fields,
    list_file_names,
    list_menu_values,
    list_message_bodies,
    list_texts,
    read_message,
)
from sounds import SAID, make_tone, make_voice_message

from bot.engines._http import HttpServerError
from bot.engines.sound import SoundEngine, SoundEngines, SoundTraits, SpeechText
from bot.team.workspace.settings import WorkspaceSettings
from bot.waves import Wave
from storage.owners import workspace

VOICE = 1 << 13


class Tune:
    """What plays in these tests: it tells how far it is, and goes on when it is let."""

    label = "musicgen-tiny"
    traits = SoundTraits()

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def compose(self, words: str, seconds: int, seed: int, progress: Any) -> Wave:
        self.asked.append((words, seconds))
        progress(0.5)
        await self.let_go.wait()
        return make_tone(seconds, 8_000)

    async def check(self) -> str:
        return "it plays"

    async def close(self) -> None:
        pass


class Audio:
    """What hears and speaks in these tests, as no server can while Discord's time is made up."""

    label = "whisper-1"
    traits = SoundTraits(characters=1_500)

    def __init__(self) -> None:
        self.text, self.status = SAID, 200
        self.asked: list[dict[str, Any]] = []
        self.hangs = asyncio.Event()
        self.hangs.set()

    async def hear(self, sound: bytes, name: str, _progress: Any) -> SpeechText:
        self.asked.append({"name": name, "body": sound})
        if self.status != 200:
            raise HttpServerError(self.status)
        return SpeechText(self.text)

    async def speak(self, text: str, language: str) -> Wave:
        self.asked.append({"input": text, "language": language})
        await self.hangs.wait()
        return make_tone(len(text) / 100, 24_000)

    async def close(self) -> None:
        pass


@pytest.fixture
def audio() -> Audio:
    return Audio()


@pytest.fixture
def tune() -> Tune:
    return Tune()


@pytest.fixture
def sound(audio: Audio, tune: Tune) -> SoundEngines:
    hearing = SoundEngine(audio, name="openai:whisper-1", setting="QUILLMATE_HEARING", task="hearing", timeout=60)
    speech = SoundEngine(audio, name="openai:tts-1", setting="QUILLMATE_SPEECH", task="speaking", timeout=60)
    music = SoundEngine(tune, name="musicgen:tiny", setting="QUILLMATE_MUSIC", task="composing", timeout=60)
    return SoundEngines([hearing], [speech], [music])


async def send_voice_message(
    world: Any, who: Any, *, seconds: float = 2.0, reply_to: Any = None, direct: bool = False
) -> Any:
    """Send a voice message as a phone does; return the last message of its channel."""
    backend = world.env.backend
    channel = who.user.dm_channel if direct else world.channel
    [sent] = backend.store_attachments(channel.id, [("voice-message.ogg", make_voice_message(1.0))])
    sent |= {"duration_secs": seconds, "waveform": "AAAA"}
    reference = {"channel_id": str(channel.id), "message_id": str(reply_to.id)} if reply_to else None
    backend.create_message(channel.id, who.id, "", attachments=[sent], flags=VOICE, reference=reference)
    world.env._mark_mutation()
    await world.env._settle_internal(dispatch="say")
    return channel.last_message


async def test_a_voice_message_is_a_request(world: Any, audio: Audio) -> None:
    await world.ada.send_dm("hello")
    shown = await send_voice_message(world, world.ada, direct=True)
    first, *_ = list_texts(shown)
    assert first == f"-# 🎙️ Heard: “{SAID}”\n-# Social post"
    kept = await world.generation(shown)
    assert (kept.request["brief"], kept.request["file"], kept.user_id) == (SAID, None, str(world.ada.id))
    assert world.script.drafts[-1].endswith(SAID)
    assert audio.asked[0]["body"] == make_voice_message(1.0)
    assert not (world.app.settings.data / "pictures").exists(), "nothing of the sound is kept"
    [job] = [one for one in await world.desk.jobs.load_all(str(world.ada.id)) if one["id"] == kept.id]
    assert job["checkpoints"]["heard"]["value"] == {"text": SAID, "language": "en"}

    # Said as a reply, it is what should change of the result, which is routed to by nothing else in a server.
    await world.ada.send(world.channel, f"{world.me} write a tweet that we close on Monday")
    first = world.last
    audio.text = "say that dogs are welcome"
    child = await world.generation(shown := await send_voice_message(world, world.ada, reply_to=first))
    assert (child.parent_id, child.kind) == ((await world.generation(first)).id, "social_post")
    assert any(one.endswith("Change: say that dogs are welcome") for one in world.script.prompts)
    assert "Heard: “say that dogs are welcome”" in list_texts(shown)[0]

    # Of a reply to what a command has made Discord shows nothing but that it is a voice message.
    made = len(audio.asked)
    shown = await send_voice_message(world, world.ada, reply_to=(await world.post()).response)
    assert "Discord does not let me listen to that reply. Send me your voice" in read_message(shown)
    assert len(audio.asked) == made

    # A greeting is answered as one, and what was heard is shown however the answer looks.
    audio.text = "Hello!"
    made = len(world.script.drafts)
    shown = await send_voice_message(world, world.ada, direct=True)
    assert "Heard: “Hello!”" in list_texts(shown)[0]
    assert "or start with one of these." in read_message(shown)
    assert len(world.script.drafts) == made

    # In another language the answer is in that.
    audio.text = "Schreib bitte einen Tweet, dass wir am Montag geschlossen haben und am Dienstag wieder da sind."
    shown = await send_voice_message(world, world.ada, direct=True)
    assert list_texts(shown)[0].startswith("-# 🎙️ Gehört: „Schreib bitte einen Tweet")
    assert not any(map(can_notify, list_message_bodies(world.env)))


async def test_an_unreadable_voice_message_is_refused_with_a_reason(world: Any, audio: Audio) -> None:
    await world.ada.send_dm("hello")

    async def answer(**options: Any) -> str:
        return read_message(await send_voice_message(world, world.ada, direct=True, **options))

    assert "is 301 seconds long; the limit is 300" in await answer(seconds=301)
    assert not audio.asked
    for nothing in ("", "[BLANK_AUDIO]", "..."):
        audio.text = nothing
        assert "I heard no words in that voice message" in await answer()
    audio.text = "my key is sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
    said = await answer()
    assert "sk-proj" not in said
    jobs = await world.desk.jobs.load_all(str(world.ada.id))
    assert "sk-proj" not in str(jobs), "nothing of what is refused is kept"
    audio.status = 401
    assert "Something I need is not set up correctly. Only my operator can fix" in await answer()
    assert not world.script.drafts


class TestWithoutAnEngine:
    @pytest.fixture
    def sound(self) -> None:
        return None

    async def test_without_an_engine_a_voice_message_is_answered_with_advice(self, world: Any) -> None:
        await world.ada.send(world.channel, f"{world.me} write a tweet that we close on Monday")
        first = world.last
        shown = await send_voice_message(world, world.ben, reply_to=first)
        assert "I cannot listen to voice messages here, so type your message" in read_message(shown)
        offered = (await world.ada.click(first, label="Download")).response
        assert not {"aloud", "music"} & set(list_menu_values(offered))


async def aloud(world: Any, who: Any, result: Any) -> Any:
    offered = (await who.click(result, label="Download")).response
    assert list_menu_values(offered)[-1] == "aloud"
    return await who.select(offered, values=["aloud"])


async def test_any_member_can_have_a_result_read_aloud(world: Any, audio: Audio) -> None:
    world.script.says(
        "Closed on **Monday** 🥐, back on Tuesday with warm scones. More: https://bakery.example/news #bakery"
    )
    result = (await world.post()).response
    for who in (world.ada, world.ben):
        shown = (await aloud(world, who, result)).response
        assert shown.ephemeral
        assert "Social post, read aloud (0:0" in read_message(shown)
        [name] = list_file_names(shown)
        assert name.startswith("Social-post-")
        assert name.endswith(".mp3")
        sent = world.env.backend.cdn.get(shown.attachments[0].url)
        with soundfile.SoundFile(io.BytesIO(sent)) as file:
            assert file.format == "MP3"
        assert "read aloud" in (shown.attachments[0].description or "")
    words = "Closed on Monday, back on Tuesday with warm scones. More: bakery.example bakery."
    assert [one["input"] for one in audio.asked] == [words, words]

    since = world.app.quotas.now().date()
    figures = await world.app.store.usage.load_figures(workspace(str(world.guild.id)), since, since)
    assert {one.name: one.requests for one in figures.kinds} == {"social_post": 1, "aloud": 2}

    # While it is read it can be cancelled.
    audio.hangs.clear()
    offered = (await world.ada.click(result, label="Download")).response
    asking = asyncio.create_task(world.ada.select(offered, values=["aloud"]))
    await wait_until(lambda: len(audio.asked) == 3)
    [job] = [
        one["id"]
        for one in await world.desk.jobs.load_all(str(world.ada.id))
        if one["job"]["request"]["sound"] == "aloud"
    ][-1:]
    assert await world.desk.jobs.cancel(job, str(world.ada.id))
    assert "Cancelled" in read_message((await asking).response)
    audio.hangs.set()


async def test_music_is_played_for_the_chosen_number_of_seconds(world: Any, tune: Tune) -> None:
    result = (await world.ada.slash(world.channel, "ask", question="musicgen prompt for tense strings")).response
    prompt = (await world.generation(result)).parts["prompt"]

    async def play(seconds: str) -> Any:
        offered = (await world.ada.click(result, label="Download")).response
        assert list_menu_values(offered)[-2:] == ["aloud", "music"]
        form = await world.ada.select(offered, values=["music"])
        [(label, asked)] = find_fields(form.modal).items()
        assert label == "How many seconds, from 1 to 30"
        return await world.ada.submit_modal(form, {asked["custom_id"]: seconds})

    for wrong in ("31", "0", "²", "x"):
        assert "Type a number of seconds from 1 to 30." in read_message((await play(wrong)).response)
    shown = (await play("3")).response
    assert tune.asked == [(prompt, 3)]
    assert "(0:03)" in read_message(shown)
    assert list_file_names(shown)[0].endswith(".wav")
    sent = world.env.backend.cdn.get(shown.attachments[0].url)
    with soundfile.SoundFile(io.BytesIO(sent)) as file:
        assert (file.format, file.frames / file.samplerate) == ("WAV", 3)

    question = "compose a melody with chords for recorder class"
    sheet = (await world.ada.slash(world.channel, "ask", question=question)).response
    offered = (await world.ada.click(sheet, label="Download")).response
    assert "music" in list_menu_values(offered)
    post = (await world.post()).response
    assert "music" not in list_menu_values((await world.ada.click(post, label="Download")).response)


async def test_the_message_menu_uses_a_voice_message_as_material(world: Any, audio: Audio) -> None:
    audio.text = "Bees dance to tell where flowers are."
    said = await send_voice_message(world, world.ben)
    assert not audio.asked, "what is not meant for the bot is not listened to"
    made = (await world.ada.context_menu(world.channel, "Make a quiz", said)).response
    assert list_texts(made)[0] == f"-# 🎙️ Heard: “{audio.text}”\n-# Quiz"
    assert "<material>\nBees dance to tell where flowers are.\n</material>" in world.script.drafts[-1]
    refused = (await world.ada.context_menu(world.channel, "Use as brand sample", said)).response
    assert "I can read .txt" in read_message(refused)


async def test_users_cannot_listen_to_results_they_may_not_read(world: Any, audio: Audio) -> None:
    world.script.says("A swim at dawn with a quagga for you all.")
    private = world.guild.create_text_channel("adas")
    hers = await world.generation((await world.ada.slash(private, "copy", kind="social_post", brief="a swim")).response)
    bens = (await world.post()).response
    offered = (await world.ben.click(bens, label="Download")).response
    stored = world.env.backend.messages[world.channel.id][offered.id]
    mine = (await world.generation(bens)).id
    stored.components = json.loads(json.dumps(stored.components).replace(mine, hers.id))
    assert "I no longer have" in read_message((await world.ben.select(offered, values=["aloud"])).response)
    assert not audio.asked

    role = world.guild.create_role("readers")
    await world.app.store.workspace_settings.change(
        str(world.guild.id),
        lambda data: WorkspaceSettings.from_json(data).with_values(roles={"viewer": [str(role.id)]}).to_json(),
    )
    vera = world.guild.add_member(world.env.create_user("vera"), roles=[role])
    refused = (await aloud(world, vera, bens)).response
    assert refused.ephemeral
    assert "In this server I write only" in read_message(refused)
    assert not list_file_names(refused)
    assert not audio.asked
