"""A LangChain chat model over the `generate` of transformers. It imports torch, so import it only to load a model."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import llguidance
import llguidance.hf
import llguidance.torch
import torch
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)
from transformers.utils import logging as transformers_logging

MIN_P = 0.1


class _CancelCriterion(StoppingCriteria):
    """Ends a generation at the next token once nothing reads it."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: Any) -> torch.Tensor:
        return torch.full((input_ids.shape[0],), self._event.is_set(), device=input_ids.device)


class _GrammarProcessor(LogitsProcessor):
    """Excludes the tokens that an llguidance grammar does not allow next; the first `prompt_length` tokens are not matched."""

    def __init__(self, tokenizer: Any, grammar: str, prompt_length: int) -> None:
        self._matcher = llguidance.LLMatcher(tokenizer, grammar)
        self._mask = llguidance.torch.allocate_token_bitmask(1, tokenizer.vocab_size)
        self._matched_length = prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        for token in input_ids[0, self._matched_length :].tolist():
            self._matcher.consume_token(token)
        self._matched_length = input_ids.shape[1]
        llguidance.torch.fill_next_token_bitmask(self._matcher, self._mask, 0)
        llguidance.torch.apply_token_bitmask_inplace(scores, self._mask.to(scores.device))
        return scores


class _SeededSampler(LogitsProcessor):
    """Samples each token from a generator of its own, so that a seed always gives the same text.

    `generate` would sample from torch's global generator; this leaves it a single token to choose.
    """

    def __init__(self, seed: int, temperature: float) -> None:
        self._generator = torch.Generator().manual_seed(seed)
        self._temperature = temperature

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        probabilities = torch.softmax(scores.float().cpu() / self._temperature, dim=-1)
        min_probability = MIN_P * probabilities.amax(-1, keepdim=True)
        probabilities = probabilities.masked_fill(probabilities < min_probability, 0)
        token = torch.multinomial(probabilities, 1, generator=self._generator).to(scores.device)
        return torch.full_like(scores, -torch.inf).scatter(-1, token, 0.0)


class TransformersChat(BaseChatModel):
    """A causal language model with its tokenizer's chat template; `context` is in tokens.

    Calls take `max_tokens`, `temperature`, `seed`, and a `grammar` of llguidance, empty for none.
    """

    source: str
    parameters: int
    context: int
    _model: Any = PrivateAttr()
    _tokenizer: Any = PrivateAttr()
    _grammars: Any = PrivateAttr()
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @classmethod
    def load(cls, source: str, path: str, arguments: dict[str, Any]) -> Self:
        """Load weights and tokenizer from a folder or a name on the hub. Blocks; raises the errors of transformers."""
        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        tokenizer = AutoTokenizer.from_pretrained(path, **arguments)
        model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.bfloat16, **arguments).to(device).eval()
        context = int(getattr(model.config, "max_position_embeddings", 2048))
        chat = cls(source=source, parameters=model.num_parameters(), context=context)
        chat._model, chat._tokenizer = model, tokenizer
        chat._grammars = llguidance.hf.from_tokenizer(tokenizer, n_vocab=model.config.vocab_size)
        return chat

    @property
    def _llm_type(self) -> str:
        return "transformers"

    def _generate_pieces(self, messages: list[BaseMessage], cancel: threading.Event, **options: Any) -> Iterator[str]:
        """Yield pieces of the text as they are generated. Blocks; setting `cancel` ends it at the next token."""
        tokenizer = self._tokenizer
        inputs = tokenizer.apply_chat_template(
            convert_to_openai_messages(messages), add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(self._model.device)
        processors: list[LogitsProcessor] = []
        if options.get("grammar"):
            processors.append(_GrammarProcessor(self._grammars, options["grammar"], inputs["input_ids"].shape[1]))
        if options.get("temperature", 0) > 0:
            processors.append(_SeededSampler(options.get("seed", 0), options["temperature"]))
        streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
        failures: list[BaseException] = []

        def generate() -> None:
            try:
                with self._lock, torch.inference_mode():
                    self._model.generate(
                        **inputs,
                        max_new_tokens=options.get("max_tokens", 256),
                        do_sample=False,
                        pad_token_id=tokenizer.pad_token_id or tokenizer.eos_token_id,
                        logits_processor=LogitsProcessorList(processors),
                        stopping_criteria=StoppingCriteriaList([_CancelCriterion(cancel)]),
                        streamer=streamer,
                    )
            except Exception as error:  # Raised again in the thread that reads.
                failures.append(error)
            finally:
                streamer.end()

        thread = threading.Thread(target=generate, name="transformers", daemon=True)
        thread.start()
        try:
            yield ""  # LangChain needs at least one piece, even an empty one.
            yield from (text for text in streamer if text)
        finally:
            cancel.set()
            thread.join()
        if failures:
            raise failures[0]

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for text in self._generate_pieces(messages, threading.Event(), **kwargs):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        cancel, end = threading.Event(), object()
        pieces = self._generate_pieces(messages, cancel, **kwargs)
        try:
            while (piece := await asyncio.to_thread(next, pieces, end)) is not end:
                yield ChatGenerationChunk(message=AIMessageChunk(content=str(piece)))
        finally:
            cancel.set()  # If the reader was cancelled, the generation ends at the next token.

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))
