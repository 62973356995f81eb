"""What jobs do with sound: a voice message becomes a request, a result is read aloud or played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import discord

from bot.admission.fair import FairRoom
from bot.checks.language import identify_language
from bot.content import AttachedFile, Checkpoint, Request
from bot.errors import EngineError, Phrase, RefusedError
from bot.generation.route import is_noise
from bot.kinds import kind_named
from bot.locales import LANGUAGES, localize, translate
from bot.moderation import DespairError, HarmError, build_error, refuse
from bot.people.results import Results
from bot.replies.address import Address
from bot.replies.files import attachment
from bot.replies.line import Turnover, in_line
from bot.replies.surface import Surface
from bot.replies.views import note_view
from bot.runtime.progress import stage
from bot.sound.aloud import MAX_ALOUD, extract_speech
from bot.sound.sounds import TOO_LONG, Sounds, encode_file
from personas.profile import clean
from storage.generations import Generation

from .changes import changed_request

# What can be heard of a result, and the kinds whose music can be played.
ALOUD, MUSIC = "aloud", "music"
PLAYED = ("music", "lead_sheet")
# What a sound counts as beside the kinds of texts, and what that is called.
COUNTED = {ALOUD: "aloud", MUSIC: "played"}
TITLES = {"aloud": "Read aloud", "played": "Music"}
# Texts that are read aloud at once; of music one piece at a time is made, as it takes all of the machine.
_READ_AT_ONCE = 4
# Characters of what was heard that are shown above the answer.
MAX_SHOWN = 400
_USUAL_SECONDS = 10
_NO_WORDS = "I heard no words in that voice message. Record it again, or type your message."
_GONE = "Discord no longer has that voice message. Send it again."
_NOTHING = "There is nothing in that to read aloud."
_READING = "Reading it aloud: {number} of {count}."
_PLAYING = "Making the music: {share:.0%}."
# Discord shows a change at most so often.
_TELL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Said:
    """A request as it was said, with what was heard and the language of that, empty where it is not plain."""

    request: Request
    text: str
    language: str = ""

    def shown(self, locale: str) -> str:
        """What was heard, for whoever said it."""
        told = discord.utils.escape_markdown(" ".join(self.text.split()))
        told = told if len(told) <= MAX_SHOWN else f"{told[:MAX_SHOWN].rpartition(' ')[0] or told[:MAX_SHOWN]}…"
        return f"🎙️ {translate('Heard: “{words}”', locale).format(words=told)}"


@dataclass(frozen=True, slots=True)
class Sounding:
    """Sound in the jobs of a client. `reading` and `playing` have a place for each that is made at once."""

    bot: discord.Client
    results: Results
    sounds: Sounds
    reading: FairRoom = field(default_factory=lambda: FairRoom(_READ_AT_ONCE))
    playing: FairRoom = field(default_factory=lambda: FairRoom(1))
    turnover: Turnover = field(default_factory=Turnover)

    @asynccontextmanager
    async def place(self, request: Request, surface: Surface) -> AsyncIterator[None]:
        """Waits for a place, while the person sees theirs in line, and holds it."""
        room = self.playing if request.sound == MUSIC else self.reading
        async with AsyncExitStack() as held:
            with stage("wait"):
                await held.enter_async_context(in_line(room, request.user_id, request.id, surface, self.turnover))
            yield

    async def heard(self, request: Request, surface: Surface, checkpoint: Checkpoint) -> Said:
        """Listens to the voice message of a request, and makes it a request in words. Nothing of the sound is kept.

        Raises:
            RefusedError: there are no words in it, or they may not be worked with.
            EngineError: it cannot be heard.
        """
        voice = request.file
        assert voice is not None
        await surface.show_waiting(Phrase("Listening…"))
        found = await checkpoint("heard", lambda: self._listen(voice))
        if "harm" in found:
            raise build_error(found["harm"], found["language"])
        if "refused" in found:
            raise RefusedError(Phrase.from_json(found["refused"]))
        if "failed" in found:
            raise EngineError(Phrase.from_json(found["failed"]))
        text, language = str(found["text"]), str(found["language"])
        return Said(await self._asked(request, text), text, language)

    async def _listen(self, voice: AttachedFile) -> dict[str, Any]:
        """What a voice message says, or why that is not worked with; nothing of what is refused is kept."""
        try:
            body = await self.bot.http.get_from_cdn(voice.url)
        except discord.HTTPException:
            return {"refused": Phrase(_GONE).to_json()}
        try:
            heard = await self.sounds.transcribe(body, voice)
            text = clean(heard.text).strip()
            if not text or is_noise(text):
                raise RefusedError(_NO_WORDS)
            refuse(text, source="message")
        except HarmError as error:
            return {"harm": error.category, "language": ""}
        except DespairError as error:
            return {"harm": error.category, "language": error.language}
        except RefusedError as error:
            return {"refused": error.phrase.to_json()}
        except EngineError as error:
            return {"failed": error.phrase.to_json()}
        plain = identify_language(text) or heard.language
        return {"text": text, "language": plain if plain in ("en", *LANGUAGES) else ""}

    async def _asked(self, request: Request, text: str) -> Request:
        """What was said as a wish about the result that it replies to, as material where there is a brief, else as the brief."""
        if request.parent_id:
            earlier = await self.results.seen(request.parent_id, request.user_id)
            if earlier is not None and earlier.text:
                again = changed_request(earlier, request.id, note=text)
                return replace(
                    again, guild_id=request.guild_id, channel_id=request.channel_id, thread_of=request.thread_of,
                    asked=request.asked, locale=request.locale,
                )  # fmt: skip
        if request.brief:
            return replace(request, material=text, file=None)
        return replace(request, brief=text, file=None, parent_id=None)

    def engine(self, sound: str) -> str:
        """The name of the engine that makes a sound."""
        engines = self.sounds.engines.music if sound == MUSIC else self.sounds.engines.speech
        return engines[0].name if engines else ""

    async def made(
        self, request: Request, address: Address, surface: Surface, checkpoint: Checkpoint
    ) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
        """What is to be heard of a result, as a file.

        Raises:
            RefusedError: it is gone, or cannot be heard.
            EngineError: it cannot be made.
        """
        of = await self.results.kept(request.parent_id or "", request.user_id, request.channel_id)
        make = self._music if request.sound == MUSIC else self._aloud
        return await make(of, request, address, surface, checkpoint)

    async def _aloud(
        self, of: Generation, request: Request, address: Address, surface: Surface, checkpoint: Checkpoint
    ) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
        if len(of.text) > MAX_ALOUD:
            raise RefusedError(TOO_LONG, count=len(of.text), most=MAX_ALOUD)
        text, locale = extract_speech(of.text), address.locale
        if not text:
            raise RefusedError(_NOTHING)
        language = identify_language(text) or Request.from_json(of.request).language or "en"

        async def told(number: int, count: int) -> None:
            surface.in_line(Phrase(_READING, number=number + 1, count=count), request.id)

        wave, by = await self.sounds.read_aloud(
            request.user_id, f"{request.id}-aloud", text, language, checkpoint, told
        )
        ending, body = await asyncio.to_thread(encode_file, wave)
        title = translate(kind_named(of.kind).title, locale)
        words = Phrase("{title}, read aloud ({time})", title=title, time=_time(wave.seconds))
        return _shown(localize(words, locale), by, f"{title} {of.id[-6:]}.{ending}", body)

    async def _music(
        self, of: Generation, request: Request, address: Address, surface: Surface, checkpoint: Checkpoint
    ) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
        locale, far = address.locale, [0.0]

        async def tell() -> None:
            while True:
                surface.in_line(Phrase(_PLAYING, share=far[0]), request.id)
                await asyncio.sleep(_TELL_SECONDS)

        telling = asyncio.create_task(tell(), name="music")
        try:
            wave, by = await self.sounds.compose(
                request.user_id, f"{request.id}-music", music_prompt(of), request.seconds or _USUAL_SECONDS, request.seed,
                checkpoint, lambda done: far.__setitem__(0, done),
            )  # fmt: skip
        finally:
            telling.cancel()
        ending, body = await asyncio.to_thread(encode_file, wave, lossless=True)
        title = translate(kind_named(of.kind).title, locale)
        words = Phrase("{title}: {prompt} ({time})", title=title, prompt=music_prompt(of), time=_time(wave.seconds))
        return _shown(localize(words, locale), by, f"{title} {of.id[-6:]}.{ending}", body)


def music_prompt(of: Generation) -> str:
    """What a model that makes music is asked for: the prompt, of a lead sheet its style, tempo, key and metre."""
    parts = of.parts
    if prompt := str(parts.get("prompt", "")):
        return prompt
    told = (parts.get("style"), f"{parts['bpm']} bpm" if parts.get("bpm") else "", parts.get("key"), parts.get("metre"))
    return ", ".join(str(one) for one in told if one and isinstance(one, str | int))


def _shown(words: str, by: str, name: str, body: bytes) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
    """A sentence and the file; what it is stands with the file too, for those who do not see the sentence."""
    file = attachment(name, body, words)
    view = note_view(f"🔊 {discord.utils.escape_markdown(words)}\n-# {discord.utils.escape_markdown(by)}")
    view.add_item(discord.ui.File(file.uri))
    return view, [file]


def _time(seconds: float) -> str:
    minutes, rest = divmod(max(1, round(seconds)), 60)
    return f"{minutes}:{rest:02}"
