"""Count the tokens of a prompt as Stable Diffusion does: by CLIP's byte-pair encoding."""

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

# The vocabulary of OpenAI's CLIP; the package's code is never imported.
_PACKAGE, _FILE = "clip", "bpe_simple_vocab_16e6.txt.gz"
_MERGES = 49152 - 256 - 2
# Parentheses and weights such as (word:1.2) are interpreted by user interfaces and never reach the model.
_WEIGHT = re.compile(r"\(([^()]*?)(?::\d+(?:\.\d+)?)?\)")
_CHARACTERS_PER_TOKEN = 3.0
# Characters that are tokenised exactly, many times any model's limit; the rest is estimated.
MAX_ENCODED_CHARACTERS = 8_000


def count_clip_tokens(prompt: str) -> int:
    """Count the tokens of a prompt without the start and end tokens; estimate them by length if the vocabulary is missing."""
    text = _WEIGHT.sub(r"\1", prompt).strip()
    tokenizer = _load_tokenizer()
    if tokenizer is None:
        return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)
    head, rest = text[:MAX_ENCODED_CHARACTERS], text[MAX_ENCODED_CHARACTERS:]
    return len(tokenizer.encode(head).ids) + math.ceil(len(rest) / _CHARACTERS_PER_TOKEN)


@cache
def _load_tokenizer() -> Tokenizer | None:
    spec = find_spec(_PACKAGE)
    folder = next(iter(spec.submodule_search_locations or []), None) if spec else None
    if folder is None or not (Path(folder) / _FILE).is_file():
        return None
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    lines = gzip.decompress((Path(folder) / _FILE).read_bytes()).decode().splitlines()[1 : _MERGES + 1]
    merges = [(first, second) for first, second in (line.split() for line in lines)]
    # In the order of the model's vocabulary, though only the count matters here.
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
