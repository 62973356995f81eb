"""MusicGen in this process: "musicgen:FOLDER_OR_NAME". On a GPU if there is one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.errors import EngineError, SettingsError
from bot.waves import Wave

from . import Progress, SoundTraits
from ._weights import LocalWeights, silence_transformers

_NOT_LOADED_MESSAGE = (
    "The model {source} cannot be loaded. QUILLMATE_MUSIC should name a folder with a MusicGen model, or one that this machine "
    "can download."
)
# How strictly it follows the words; its authors' value.
_GUIDANCE = 3.0
# Steps between two progress reports; a second of music has about fifty.
_STEPS_PER_REPORT = 10


def composing(model: str) -> MusicGen:
    """Build the provider for "musicgen:FOLDER_OR_NAME".

    Raises:
        SettingsError: no folder or name follows the colon.
    """
    if not model:
        raise SettingsError('QUILLMATE_MUSIC is "musicgen"; it should be musicgen:FOLDER_OR_NAME.')
    return MusicGen(model)


class MusicGen(LocalWeights):
    """A model that composes one piece after the other, off the event loop. Loaded at the first piece."""

    traits = SoundTraits()

    def __init__(self, source: str) -> None:
        super().__init__(source, _load, lambda name: EngineError(_NOT_LOADED_MESSAGE, source=name))

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        """Compose one piece; when cancelled, the thread stops at its next step."""
        model, tokenizer = await self.load_parts()
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(
                _generate_music, model, tokenizer, words, seconds, seed, progress, given_up.is_set
            )
        except asyncio.CancelledError:
            given_up.set()
            raise


def _load(source: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoTokenizer, MusicgenForConditionalGeneration

    silence_transformers()
    here, gpu = Path(source).is_dir(), torch.cuda.is_available()
    tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=here)
    model = MusicgenForConditionalGeneration.from_pretrained(
        source, dtype=torch.float16 if gpu else torch.float32, local_files_only=here
    )
    return model.eval().to("cuda" if gpu else "cpu"), tokenizer


class _ProgressCriterion:
    """Looks at each step: tells how far it is, and ends what was given up."""

    def __init__(self, steps: int, progress: Progress, given_up: Callable[[], bool]) -> None:
        self._steps, self._progress, self._given_up, self._at = steps, progress, given_up, 0

    def __call__(self, tokens: Any, _scores: Any, **_: Any) -> Any:
        import torch

        self._at += 1
        if self._at % _STEPS_PER_REPORT == 0:
            self._progress(min(1.0, self._at / self._steps))
        return torch.full((tokens.shape[0],), self._given_up(), dtype=torch.bool, device=tokens.device)


def _generate_music(
    model: Any, tokenizer: Any, words: str, seconds: int, seed: int, progress: Progress, given_up: Callable[[], bool]
) -> Wave:
    import numpy as np
    import torch
    from transformers import StoppingCriteriaList

    audio = model.config.audio_encoder
    steps = max(1, round(seconds * audio.frame_rate))
    tokens = tokenizer([words], return_tensors="pt", truncation=True, max_length=256).to(model.device)
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(seed)
        made = model.generate(
            **tokens,
            do_sample=True,
            guidance_scale=_GUIDANCE,
            max_new_tokens=steps,
            stopping_criteria=StoppingCriteriaList([_ProgressCriterion(steps, progress, given_up)]),
        )
    channels = made[0].float().cpu().numpy()
    return Wave(int(audio.sampling_rate), np.ascontiguousarray(channels.mean(axis=0), np.float32))
