"""Sound for tests: a server on loopback with OpenAI's audio, tones as files, and models of a few random or written weights."""

from __future__ import annotations

import io
import struct
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web
from image_servers import Server

from bot.waves import Wave, encode_wav

SAID = "A post that we close on Monday, back on Tuesday."


def make_tone(seconds: float, rate: int = 16_000, pitch: float = 440) -> Wave:
    at = np.arange(round(seconds * rate)) / rate
    return Wave(rate, (0.3 * np.sin(2 * np.pi * pitch * at)).astype(np.float32))


@cache
def make_voice_message(seconds: float = 1.0) -> bytes:
    """Make a voice message like Discord's: Ogg with Opus. Deterministic, though each file has a number of its own."""
    import soundfile

    body, wave = io.BytesIO(), make_tone(seconds, 48_000)
    soundfile.write(body, wave.samples, wave.rate, format="OGG", subtype="OPUS")
    return body.getvalue()


class Audio(Server):
    """`/v1/audio/transcriptions` and `/v1/audio/speech` as OpenAI documents them."""

    routes = (
        ("POST", "/v1/audio/transcriptions", "transcriptions"),
        ("POST", "/v1/audio/speech", "speech"),
        ("GET", "/v1/models", "models"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.text = SAID
        self.usage: dict[str, Any] | None = {"type": "tokens", "input_tokens": 14, "output_tokens": 11}
        self.rate = 24_000
        # As OpenAI streams it: the header does not know the length.
        self.streamed = True

    async def transcriptions(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        self.asked.append(
            {"model": form["model"], "name": file.filename, "type": file.content_type, "body": file.file.read()}
        )
        return web.json_response({"text": self.text, **({"usage": self.usage} if self.usage else {})})

    async def speech(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        assert body["response_format"] == "wav"
        made = encode_wav(make_tone(len(body["input"]) / 100, self.rate))
        if self.streamed:
            made = made[:40] + b"\xff\xff\xff\xff" + made[44:]
        return web.Response(body=made, content_type="audio/wav")

    async def models(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "list", "data": [{"id": "whisper-1"}]})


# Of a model that knows a hundred languages: the tokens that it is begun with, and that of the end.
_WORDS, _END, _BEGIN, _ENGLISH, _TASK, _NO_TIMES = 51_865, 50_257, 50_258, 50_259, 50_359, 50_363


def write_whisper_file(path: Path, words: list[str]) -> Path:
    """Write a file for whisper.cpp whose weights make it hear these words in any audio.

    Each place of the text looks at one token alone: the attention adds nothing, and the place's own vector is the token's.
    """
    tokens = [b" " + word.encode() for word in words] + [b" "]
    plan = {0: _ENGLISH, 3: 0} | {3 + at: at for at in range(len(words))} | {3 + len(words): _END}
    wide, audio, places = 64, 1500, 448
    rng = np.random.default_rng(1)
    embedding = np.zeros((_WORDS, wide), np.float32)
    position = np.zeros((places, wide), np.float32)
    for dim, (place, token) in enumerate(plan.items()):
        embedding[token, dim], position[place, dim] = 10.0, 100.0
    for place in range(4 + len(words), places):
        position[place] = position[3 + len(words)]

    weights: dict[str, np.ndarray] = {
        "encoder.positional_embedding": rng.normal(size=(audio, wide)) * 0.01,
        "encoder.conv1.weight": rng.normal(size=(wide, 80, 3)) * 0.01,
        "encoder.conv1.bias": np.zeros((wide, 1)),
        "encoder.conv2.weight": rng.normal(size=(wide, wide, 3)) * 0.01,
        "encoder.conv2.bias": np.zeros((wide, 1)),
        "encoder.ln_post.weight": np.ones(wide),
        "encoder.ln_post.bias": np.zeros(wide),
        "decoder.positional_embedding": position,
        "decoder.token_embedding.weight": embedding,
        "decoder.ln.weight": np.ones(wide),
        "decoder.ln.bias": np.zeros(wide),
    }
    for side, attentions in (("encoder", ("attn",)), ("decoder", ("attn", "cross_attn"))):
        for layer in range(4):  # whisper.cpp knows models by how many layers they have.
            block = f"{side}.blocks.{layer}"
            for name in attentions:
                for part in ("query", "key", "value", "out"):
                    weights[f"{block}.{name}.{part}.weight"] = np.zeros((wide, wide))
                    if part != "key":
                        weights[f"{block}.{name}.{part}.bias"] = np.zeros(wide)
                weights |= {f"{block}.{name}_ln.weight": np.ones(wide), f"{block}.{name}_ln.bias": np.zeros(wide)}
            weights |= {
                f"{block}.mlp.0.weight": np.zeros((4 * wide, wide)),
                f"{block}.mlp.0.bias": np.zeros(4 * wide),
                f"{block}.mlp.2.weight": np.zeros((wide, 4 * wide)),
                f"{block}.mlp.2.bias": np.zeros(wide),
                f"{block}.mlp_ln.weight": np.ones(wide),
                f"{block}.mlp_ln.bias": np.zeros(wide),
            }
    with path.open("wb") as out:
        out.write(struct.pack("<12i", 0x67676D6C, _WORDS, audio, wide, 1, 4, places, wide, 1, 4, 80, 1))
        out.write(struct.pack("<2i", 80, 201) + np.abs(rng.normal(size=(80, 201))).astype("<f4").tobytes())
        out.write(struct.pack("<i", len(tokens)))
        for token in tokens:
            out.write(struct.pack("<i", len(token)) + token)
        for name, numbers in weights.items():
            half = numbers.ndim > 1 and "positional" not in name and not name.endswith(".bias")
            out.write(struct.pack("<3i", numbers.ndim, len(name), int(half)))
            out.write(struct.pack(f"<{numbers.ndim}i", *numbers.shape[::-1]) + name.encode())
            out.write(numbers.astype("<f2" if half else "<f4").tobytes())
    return path


def write_voice_model(folder: Path, language: str = "eng") -> Path:
    """Write a tiny, untrained VITS voice."""
    import json

    import torch
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    torch.manual_seed(1)
    signs = ["<pad>", "<unk>", *"abcdefghijklmnopqrstuvwxyz '"]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({sign: at for at, sign in enumerate(signs)}))
    VitsTokenizer(str(folder / "vocab.json"), language=language, phonemize=False).save_pretrained(folder)
    config = VitsConfig(
        vocab_size=len(signs),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        ffn_dim=8,
        flow_size=8,
        spectrogram_bins=9,
        upsample_initial_channel=16,
        upsample_rates=[4, 4],
        upsample_kernel_sizes=[8, 8],
        resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1]],
        prior_encoder_num_flows=1,
        prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1,
        duration_predictor_num_flows=1,
        duration_predictor_filter_channels=8,
        depth_separable_num_layers=1,
        use_stochastic_duration_prediction=False,
        sampling_rate=4000,
    )
    VitsModel(config).save_pretrained(folder)
    return folder


def write_music_model(folder: Path) -> Path:
    """Write a tiny, untrained MusicGen model: fifty steps a second, like the real one."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        EncodecConfig,
        MusicgenConfig,
        MusicgenDecoderConfig,
        MusicgenForConditionalGeneration,
        PreTrainedTokenizerFast,
        T5Config,
    )

    torch.manual_seed(1)
    words = {word: at for at, word in enumerate(["<pad>", "</s>", "<unk>", "calm", "piano", "bpm"])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    text = T5Config(vocab_size=len(words), d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    sound = EncodecConfig(
        sampling_rate=800,
        upsampling_ratios=[4, 4],
        num_filters=2,
        hidden_size=8,
        codebook_size=16,
        codebook_dim=8,
        num_lstm_layers=1,
        target_bandwidths=[0.8],
        num_residual_layers=1,
        kernel_size=3,
        last_kernel_size=3,
    )
    writer = MusicgenDecoderConfig(
        vocab_size=16,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        ffn_dim=8,
        num_codebooks=4,
        pad_token_id=16,
        bos_token_id=16,
        max_position_embeddings=2048,
    )
    model = MusicgenForConditionalGeneration(MusicgenConfig(text_encoder=text, audio_encoder=sound, decoder=writer))
    model.generation_config.update(pad_token_id=16, decoder_start_token_id=16, bos_token_id=16)
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder
