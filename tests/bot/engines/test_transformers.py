"""The transformers engine, with a .gguf file of random weights quantised like the shipped ones, and with the shipped weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as Sort
from langchain_core.messages import HumanMessage
from tracing_control import disable_tracing

from bot.engines import Ask, Engines, build

WIDTH, WIDER, HEADS, LAYERS = 64, 128, 2, 2
SIGNS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
ASK = Ask([HumanMessage("Write a post about fresh bread.")], None, 200, 12, 5)
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"a": {"type": "string", "maxLength": 20}},
    "required": ["a"],
    "additionalProperties": False,
}


def list_byte_characters() -> list[str]:
    """Return the characters that represent the 256 bytes in a byte-level vocabulary."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in shown else next(others)) for byte in range(256)]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a tiny, untrained model of the shipped architecture."""
    with disable_tracing():
        import torch  # noqa: F401 - Loading it is not what is to be covered, and takes long when it is traced.
        import transformers

        assert transformers.LlamaForCausalLM
    file = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    tokens = [*SIGNS, *list_byte_characters(), "er"]
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(WIDER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL] * len(SIGNS) + [gguf.TokenType.NORMAL] * 257)
    writer.add_token_merges(["e r"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_chat_template(TEMPLATE)
    _add_tensors(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _add_tensors(writer: gguf.GGUFWriter, vocabulary: int) -> None:
    drawn = np.random.default_rng(1)

    def add(name: str, sort: Sort, *shape: int) -> None:
        values = drawn.normal(0, 0.1, shape).astype(np.float32)
        writer.add_tensor(name, gguf.quants.quantize(values, sort), raw_dtype=sort)

    add("token_embd.weight", Sort.Q8_0, vocabulary, WIDTH)
    add("output_norm.weight", Sort.F32, WIDTH)
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            add(f"blk.{layer}.{name}.weight", Sort.F32, WIDTH)
        for name, rows in {
            "attn_q": WIDTH,
            "attn_k": WIDTH // HEADS,
            "attn_v": WIDTH // HEADS,
            "attn_output": WIDTH,
        }.items():
            add(f"blk.{layer}.{name}.weight", Sort.Q4_1, rows, WIDTH)
        for name in ("ffn_gate", "ffn_up"):
            add(f"blk.{layer}.{name}.weight", Sort.Q4_1, WIDER, WIDTH)
        add(f"blk.{layer}.ffn_down.weight", Sort.Q4_1, WIDTH, WIDER)


@pytest.mark.nightly
async def test_transformers_follows_the_schema_streams_and_repeats_for_a_seed(weights: Path) -> None:
    async with Engines([build(f"transformers:{weights}")]) as engines:
        engine = engines.first
        assert (await engine.load()) is not None
        assert (engine.traits.capable, engine.traits.context) == (False, 2048)
        assert list(json.loads(await engine.complete(replace(ASK, schema=SCHEMA, max_tokens=200)))) == ["a"]
        first = [piece async for piece in engine.stream(ASK)]
        assert len(first) > 1
        assert "".join(first) == await engine.complete(ASK)
        assert "".join(first) != await engine.complete(replace(ASK, seed=6))
