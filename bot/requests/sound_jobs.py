"""Sound jobs: a voice message becomes a request, a result is read aloud or its music played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import discord

from bot.admission.fair import FairSemaphore
from bot.checks.language import identify_language
from bot.content import AttachedFile, Checkpoint, Request
from bot.errors import EngineError, Phrase, RefusedError
from bot.generation.route import is_noise
from bot.kinds import find_kind
from bot.locales import LANGUAGES, localize, translate
from bot.moderation import DespairError, HarmError, build_error, refuse
from bot.people.results import Results
from bot.replies.files import attachment
from bot.replies.queue_position import Turnover, wait_in_line
from bot.replies.surface import Surface
from bot.replies.views import note_view
from bot.runtime.active_requests import stage
from bot.sound.aloud import MAX_READ_ALOUD_CHARACTERS, extract_speakable_text
from bot.sound.sounds import TEXT_TOO_LONG, SoundService, encode_file
from personas.profile import clean
from storage.generations import Generation

from .answer_context import Answer, AnswerContext, SpokenRequest
from .changes import build_change_request

# The sounds made from a result, and the kinds whose music can be played.
ALOUD, MUSIC = "aloud", "music"
MUSIC_KINDS = ("music", "lead_sheet")
# The usage names of sounds, next to the kinds of texts, and their titles.
USAGE_KINDS = {ALOUD: "aloud", MUSIC: "played"}
TITLES = {"aloud": "Read aloud", "played": "Music"}
# Texts read aloud at once; music is made one piece at a time, as it takes all of the machine.
_MAX_CONCURRENT_READINGS = 4
_DEFAULT_SECONDS = 10
_NO_WORDS = "I heard no words in that voice message. Record it again, or type your message."
_GONE = "Discord no longer has that voice message. Send it again."
_NOTHING = "There is nothing in that to read aloud."
_READING = "Reading it aloud: {number} of {count}."
_PLAYING = "Making the music: {share:.0%}."
# The shortest useful interval between progress updates in Discord.
_PROGRESS_INTERVAL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SoundJobs:
    """Sound in the jobs of a client. `speech_slots` and `music_slots` limit what is made at once."""

    bot: discord.Client
    results: Results
    sounds: SoundService
    speech_slots: FairSemaphore = field(default_factory=lambda: FairSemaphore(_MAX_CONCURRENT_READINGS))
    music_slots: FairSemaphore = field(default_factory=lambda: FairSemaphore(1))
    turnover: Turnover = field(default_factory=Turnover)

    @asynccontextmanager
    async def hold_slot(self, context: AnswerContext) -> AsyncIterator[None]:
        """Wait for a slot while the user sees their place in line, and hold it."""
        request, surface = context.request, context.surface
        room = self.music_slots if request.sound == MUSIC else self.speech_slots
        async with AsyncExitStack() as held:
            with stage("wait"):
                await held.enter_async_context(wait_in_line(room, request.user_id, request.id, surface, self.turnover))
            yield

    async def transcribe(self, request: Request, surface: Surface, checkpoint: Checkpoint) -> SpokenRequest:
        """Transcribe the voice message of a request into a request in words. The sound is not saved.

        Raises:
            RefusedError: it holds no words, or moderation refuses them.
            EngineError: it cannot be transcribed.
        """
        voice = request.file
        assert voice is not None
        await surface.show_waiting(Phrase("Listening…"))
        outcome = await checkpoint("heard", lambda: self._transcribe_checked(voice))
        if "harm" in outcome:
            raise build_error(outcome["harm"], outcome["language"])
        if "refused" in outcome:
            raise RefusedError(Phrase.from_json(outcome["refused"]))
        if "failed" in outcome:
            raise EngineError(Phrase.from_json(outcome["failed"]))
        text, language = str(outcome["text"]), str(outcome["language"])
        return SpokenRequest(await self._build_request(request, text), text, language)

    async def _transcribe_checked(self, voice: AttachedFile) -> dict[str, Any]:
        """Return the transcript and its language, or why it is refused; nothing of a refused one is stored."""
        try:
            body = await self.bot.http.get_from_cdn(voice.url)
        except discord.HTTPException:
            return {"refused": Phrase(_GONE).to_json()}
        try:
            transcript = await self.sounds.transcribe(body, voice)
            text = clean(transcript.text).strip()
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
        detected = identify_language(text) or transcript.language
        return {"text": text, "language": detected if detected in ("en", *LANGUAGES) else ""}

    async def _build_request(self, request: Request, text: str) -> Request:
        """Use a transcript as an instruction about the result it replies to, as material next to a brief, else as the
        brief.
        """
        if request.parent_id:
            earlier = await self.results.find(request.parent_id, request.user_id)
            if earlier is not None and earlier.text:
                again = build_change_request(earlier, request.id, note=text)
                return replace(
                    again,
                    guild_id=request.guild_id,
                    channel_id=request.channel_id,
                    thread_of=request.thread_of,
                    asked=request.asked,
                    locale=request.locale,
                )
        if request.brief:
            return replace(request, material=text, file=None)
        return replace(request, brief=text, file=None, parent_id=None)

    def engine(self, sound: str) -> str:
        """Return the name of the engine that makes a sound."""
        engines = self.sounds.engines.music if sound == MUSIC else self.sounds.engines.speech
        return engines[0].name if engines else ""

    async def run(self, context: AnswerContext) -> Answer:
        """Make the sound of a result, as a file.

        Raises:
            RefusedError: the result is gone, or has no sound.
            EngineError: it cannot be made.
        """
        request = context.request
        of = await self.results.get(request.parent_id or "", request.user_id, request.channel_id)
        return await (self._play_music if request.sound == MUSIC else self._read_aloud)(of, context)

    async def _read_aloud(self, of: Generation, context: AnswerContext) -> Answer:
        request, surface, locale = context.request, context.surface, context.locale
        if len(of.text) > MAX_READ_ALOUD_CHARACTERS:
            raise RefusedError(TEXT_TOO_LONG, count=len(of.text), most=MAX_READ_ALOUD_CHARACTERS)
        text = extract_speakable_text(of.text)
        if not text:
            raise RefusedError(_NOTHING)
        language = identify_language(text) or Request.from_json(of.request).language or "en"

        async def report_progress(number: int, count: int) -> None:
            surface.show_position(Phrase(_READING, number=number + 1, count=count))

        wave, by = await self.sounds.read_aloud(
            request.user_id, f"{request.id}-aloud", text, language, context.checkpoint, report_progress
        )
        ending, body = await asyncio.to_thread(encode_file, wave)
        title = translate(find_kind(of.kind).title, locale)
        words = Phrase("{title}, read aloud ({time})", title=title, time=_format_duration(wave.seconds))
        return _build_view(localize(words, locale), by, f"{title} {of.id[-6:]}.{ending}", body)

    async def _play_music(self, of: Generation, context: AnswerContext) -> Answer:
        request, surface, locale, share = context.request, context.surface, context.locale, [0.0]

        async def report_progress() -> None:
            while True:
                surface.show_position(Phrase(_PLAYING, share=share[0]))
                await asyncio.sleep(_PROGRESS_INTERVAL_SECONDS)

        progress_task = asyncio.create_task(report_progress(), name="music")
        try:
            wave, by = await self.sounds.compose(
                request.user_id,
                f"{request.id}-music",
                find_music_prompt(of),
                request.seconds or _DEFAULT_SECONDS,
                request.seed,
                context.checkpoint,
                lambda done: share.__setitem__(0, done),
            )
        finally:
            progress_task.cancel()
        ending, body = await asyncio.to_thread(encode_file, wave, lossless=True)
        title = translate(find_kind(of.kind).title, locale)
        words = Phrase(
            "{title}: {prompt} ({time})", title=title, prompt=find_music_prompt(of), time=_format_duration(wave.seconds)
        )
        return _build_view(localize(words, locale), by, f"{title} {of.id[-6:]}.{ending}", body)


def find_music_prompt(of: Generation) -> str:
    """Return the prompt for a music model; for a lead sheet, its style, tempo, key and metre."""
    parts = of.parts
    if prompt := str(parts.get("prompt", "")):
        return prompt
    details = (
        parts.get("style"),
        f"{parts['bpm']} bpm" if parts.get("bpm") else "",
        parts.get("key"),
        parts.get("metre"),
    )
    return ", ".join(str(one) for one in details if one and isinstance(one, str | int))


def _build_view(words: str, by: str, name: str, body: bytes) -> Answer:
    """Return a view with a sentence and the file, whose description repeats the sentence."""
    file = attachment(name, body, words)
    view = note_view(f"🔊 {discord.utils.escape_markdown(words)}\n-# {discord.utils.escape_markdown(by)}")
    view.add_item(discord.ui.File(file.uri))
    return view, [file]


def _format_duration(seconds: float) -> str:
    minutes, rest = divmod(max(1, round(seconds)), 60)
    return f"{minutes}:{rest:02}"
