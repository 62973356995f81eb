"""Tokens of a prompt as Stable Diffusion counts them: CLIP's byte-pair encoding, with the vocabulary that a package ships."""

from __future__ import annotations

import gzip
import math
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# The file of OpenAI's CLIP; the package's code is never imported.
_PACKAGE, _FILE = "clip", "bpe_simple_vocab_16e6.txt.gz"
_MERGES = 49152 - 256 - 2
# Weights such as (word:1.2) are read by the programs around the model and never reach it.
_WEIGHT = re.compile(r"\(([^()]*?)(?::\d+(?:\.\d+)?)?\)")
_CHARACTERS_A_TOKEN = 3.0
# Characters that are told apart exactly, many times what any model takes; those behind them are estimated.
MAX_ENCODED = 8_000


def clip_tokens(prompt: str) -> int:
    """Tokens without the two that begin and end every prompt; an estimate from above where the vocabulary is missing."""
    text = _WEIGHT.sub(r"\1", prompt).strip()
    tokenizer = _tokenizer()
    if tokenizer is None:
        return math.ceil(len(text) / _CHARACTERS_A_TOKEN)
    head, rest = text[:MAX_ENCODED], text[MAX_ENCODED:]
    return len(tokenizer.encode(head).ids) + math.ceil(len(rest) / _CHARACTERS_A_TOKEN)


@cache
def _tokenizer() -> Tokenizer | None:
    spec = find_spec(_PACKAGE)
    folder = next(iter(spec.submodule_search_locations or []), None) if spec else None
    if folder is None or not (Path(folder) / _FILE).is_file():
        return None
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    lines = gzip.decompress((Path(folder) / _FILE).read_bytes()).decode().splitlines()[1 : _MERGES + 1]
    merges = [(first, second) for first, second in (line.split() for line in lines)]
    # In the order in which the model's vocabulary is numbered; only the count matters here.
    letters = pre_tokenizers.ByteLevel.alphabet()
    tokens = [*letters, *(letter + "</w>" for letter in letters), *(first + second for first, second in merges)]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, end_of_word_suffix="</w>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    words = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer
