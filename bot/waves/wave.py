"""Sound as samples: read from files and written to them.

WAV needs no library; all other formats need libsndfile, which is loaded on first use.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bot.errors import FileError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

# Seconds of silence between two joined pieces.
_PAUSE_SECONDS = 0.35
# The share of the lower Nyquist frequency that passes, the filter's reach in output samples, and samples per block.
_PASS_BAND, _REACH, _BLOCK = 0.93, 16, 1 << 20
# The size in a header that was written before the length was known.
_UNKNOWN_SIZE = 0xFFFFFFFF
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MISSING = "I need another package to read that sound. My operator can install it: pip install 'quillmate[voice]'"
_UNREADABLE = "That file contains no sound that I can read."
_LONG = "That is longer than {most} seconds. Split it into several messages."


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """Mono sound: the rate in samples per second, and the samples from -1 to 1."""

    rate: int
    samples: Samples

    @property
    def seconds(self) -> float:
        """The duration in seconds."""
        return len(self.samples) / self.rate


def join_waves(waves: Sequence[Wave]) -> Wave:
    """Join sounds with short pauses between them."""
    import numpy as np

    rate = waves[0].rate
    pause = np.zeros(round(rate * _PAUSE_SECONDS), np.float32)
    parts = [part for one in waves for part in (resample(one, rate).samples, pause)]
    return Wave(rate, np.concatenate(parts[:-1]))


def resample(wave: Wave, rate: int) -> Wave:
    """Return the sound at another rate; frequencies above the new limit are filtered out."""
    import numpy as np

    if wave.rate == rate or not len(wave.samples):
        return Wave(rate, wave.samples)
    samples = _low_pass(wave, rate) if rate < wave.rate else wave.samples
    count, step = round(len(samples) * rate / wave.rate), wave.rate / rate
    output, last = np.empty(count, np.float32), len(samples) - 1
    for start in range(0, count, _BLOCK):  # In blocks, as positions need twice the memory of samples.
        places = np.arange(start, min(count, start + _BLOCK)) * step
        before = np.minimum(places.astype(np.int64), last)
        share = (places - before).astype(np.float32)
        output[start : start + _BLOCK] = samples[before] * (1 - share) + samples[np.minimum(before + 1, last)] * share
    return Wave(rate, output)


def _low_pass(wave: Wave, rate: int) -> Samples:
    """Filter out frequencies above half of a lower rate, with a windowed sinc."""
    import numpy as np

    reach = round(_REACH * wave.rate / rate)
    at = np.arange(-reach, reach + 1)
    taps = np.sinc(at * (_PASS_BAND * rate / wave.rate)) * np.hamming(len(at))
    found = np.convolve(wave.samples, (taps / taps.sum()).astype(np.float32), "same")
    return found[: len(wave.samples)].astype(np.float32, copy=False)


def read_sound(body: bytes, *, most: float) -> Wave:
    """Read the sound of a file of at most so many seconds.

    Raises:
        FileError: it contains no sound, or lasts longer.
    """
    return read_wav(body, most) or _read_with_libsndfile(body, most)


def encode_wav(wave: Wave) -> bytes:
    """Encode as WAV with 16 bits per sample."""
    data = _to_16_bit(wave).tobytes()
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(data),
        b"WAVE",
        b"fmt ",
        16,
        _PCM,
        1,
        wave.rate,
        wave.rate * 2,
        2,
        16,
        b"data",
        len(data),
    )
    return head + data


def encode_mp3(wave: Wave) -> bytes | None:
    """Encode as MP3, a sixth of the size of WAV; return None if libsndfile is not installed."""
    if not can_compress():
        return None
    import soundfile

    body = io.BytesIO()
    soundfile.write(body, _to_16_bit(wave), wave.rate, format="MP3", subtype="MPEG_LAYER_III")
    return body.getvalue()


def can_compress() -> bool:
    """Return whether libsndfile is installed, which reads other formats and writes MP3."""
    return find_spec("soundfile") is not None


def _to_16_bit(wave: Wave) -> NDArray[np.int16]:
    import numpy as np

    output: NDArray[np.int16] = (np.clip(wave.samples, -1, 1) * 32767).astype("<i2")
    return output


def read_wav(body: bytes, most: float) -> Wave | None:
    """Read a plain WAV, also a streamed one without a length in its header; return None for any other file."""
    import numpy as np

    if body[:4] != b"RIFF":
        return None
    at = 12
    form: tuple[int, ...] | None = None
    while at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        at += 8
        if name == b"fmt " and size >= 16 and at + 16 <= len(body):
            form = struct.unpack_from("<HHIIHH", body, at)
        if name == b"data" and form:
            kind, channels, rate, _, _, bits = form
            known = {(_PCM, 16): "<i2", (_EXTENSIBLE, 16): "<i2", (_FLOAT, 32): "<f4"}.get((kind, bits))
            if known is None or not channels or not rate:
                return None
            data = body[at:] if size in (0, _UNKNOWN_SIZE) else body[at : at + size]
            frame = channels * bits // 8
            if len(data) // frame > most * rate:
                raise FileError(_LONG, most=round(most))
            numbers: Any = np.frombuffer(data[: len(data) // frame * frame], known).astype(np.float32)
            numbers = numbers / 32768 if bits == 16 else numbers
            return _to_mono(rate, numbers.reshape(-1, channels))
        at += size + size % 2
    return None


def _read_with_libsndfile(body: bytes, most: float) -> Wave:
    if not can_compress():
        raise FileError(_MISSING)
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(body)) as file:
            # The length in the header may be wrong, so reading is limited.
            wanted = int(most * file.samplerate) + 1
            samples = file.read(wanted, dtype="float32", always_2d=True)
            rate = int(file.samplerate)
    except (soundfile.SoundFileError, ValueError, MemoryError) as error:
        raise FileError(_UNREADABLE) from error
    if len(samples) >= wanted:
        raise FileError(_LONG, most=round(most))
    return _to_mono(rate, samples)


def _to_mono(rate: int, samples: Samples) -> Wave:
    import numpy as np

    if not len(samples):
        raise FileError(_UNREADABLE)
    return Wave(rate, np.ascontiguousarray(np.nan_to_num(samples).mean(axis=1), np.float32))
