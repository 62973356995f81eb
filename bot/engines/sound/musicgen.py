"""MusicGen in this process, on a GPU if there is one: "musicgen:FOLDER_OR_NAME"."""

from __future__ import annotations

import asyncio
import threading
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
# How strictly it follows the words: the value of its authors.
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
    """A model that composes one piece after the other in a thread. It is loaded at the first piece."""

    traits = SoundTraits()

    def __init__(self, source: str) -> None:
        super().__init__(source, _load, lambda name: EngineError(_NOT_LOADED_MESSAGE, source=name))

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        """Compose a piece. If cancelled, the thread stops at its next step."""
        model, tokenizer = await self.load_model()
        cancel = threading.Event()
        try:
            return await asyncio.to_thread(_generate_music, model, tokenizer, words, seconds, seed, progress, cancel)
        except asyncio.CancelledError:
            cancel.set()
            raise


def _load(source: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoTokenizer, MusicgenForConditionalGeneration

    silence_transformers()
    is_local, has_gpu = Path(source).is_dir(), torch.cuda.is_available()
    tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=is_local)
    model = MusicgenForConditionalGeneration.from_pretrained(
        source, dtype=torch.float16 if has_gpu else torch.float32, local_files_only=is_local
    )
    return model.eval().to("cuda" if has_gpu else "cpu"), tokenizer


class _ProgressCriterion:
    """A stopping criterion that is called at each step: it reports progress, and stops the generation when cancelled."""

    def __init__(self, step_count: int, progress: Progress, cancel: threading.Event) -> None:
        self._step_count, self._progress, self._cancel, self._step = step_count, progress, cancel, 0

    def __call__(self, tokens: Any, _scores: Any, **_: Any) -> Any:
        import torch

        self._step += 1
        if self._step % _STEPS_PER_REPORT == 0:
            self._progress(min(1.0, self._step / self._step_count))
        return torch.full((tokens.shape[0],), self._cancel.is_set(), dtype=torch.bool, device=tokens.device)


def _generate_music(
    model: Any, tokenizer: Any, words: str, seconds: int, seed: int, progress: Progress, cancel: threading.Event
) -> Wave:
    """Return mono music. Blocks."""
    import numpy as np
    import torch
    from transformers import StoppingCriteriaList

    audio = model.config.audio_encoder
    step_count = max(1, round(seconds * audio.frame_rate))
    tokens = tokenizer([words], return_tensors="pt", truncation=True, max_length=256).to(model.device)
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(seed)
        output = model.generate(
            **tokens,
            do_sample=True,
            guidance_scale=_GUIDANCE,
            max_new_tokens=step_count,
            stopping_criteria=StoppingCriteriaList([_ProgressCriterion(step_count, progress, cancel)]),
        )
    channels = output[0].float().cpu().numpy()
    return Wave(int(audio.sampling_rate), np.ascontiguousarray(channels.mean(axis=0), np.float32))
