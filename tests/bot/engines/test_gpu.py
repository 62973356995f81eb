"""Layers on a GPU if llama.cpp's binding has one, with a stand-in for the binding; no model is loaded."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.engines.embedded import Embedded, list_binding_gpus, list_gpus


class Device(Enum):
    """The device types of the binding."""

    GGML_BACKEND_DEVICE_TYPE_CPU = 0
    GGML_BACKEND_DEVICE_TYPE_GPU = 1
    GGML_BACKEND_DEVICE_TYPE_IGPU = 2
    GGML_BACKEND_DEVICE_TYPE_ACCEL = 3


class Binding:
    """The part of xllamacpp that is used, on a machine with some devices; with `failing`, no model fits on a GPU."""

    ggml_backend_dev_type = Device
    llama_load_mode = SimpleNamespace(LLAMA_LOAD_MODE_NONE=0)

    def __init__(self, *devices: Device, failing: bool = False) -> None:
        self._devices, self._failing = devices, failing
        self.loaded: list[Any] = []

    def get_device_info(self) -> list[dict[str, Any]]:
        return [
            {"name": f"D{at}", "description": f"Device {at}", "type": device} for at, device in enumerate(self._devices)
        ]

    def CommonParams(self) -> SimpleNamespace:  # noqa: N802 - the binding's name
        named = {name: SimpleNamespace() for name in ("model", "cpuparams", "cpuparams_batch")}
        return SimpleNamespace(n_gpu_layers=-1, fit_params=True, **named)

    def Server(self, parameters: SimpleNamespace) -> str:  # noqa: N802 - the binding's name
        self.loaded.append(parameters)
        if self._failing and parameters.n_gpu_layers != 0:
            raise RuntimeError("out of memory")
        return "server"


CPU, GPU = Device.GGML_BACKEND_DEVICE_TYPE_CPU, Device.GGML_BACKEND_DEVICE_TYPE_GPU
IGPU, ACCEL = Device.GGML_BACKEND_DEVICE_TYPE_IGPU, Device.GGML_BACKEND_DEVICE_TYPE_ACCEL


def list_loaded_layers(binding: Binding) -> list[tuple[int, bool]]:
    """Return the layers on a GPU (-1 for as many as fit) and `fit_params` of each attempt to load a model."""
    assert Embedded(Path("x.gguf"))._load_server(binding) == "server"  # type: ignore[arg-type]
    return [(parameters.n_gpu_layers, parameters.fit_params) for parameters in binding.loaded]


@pytest.mark.parametrize("devices", [(), (CPU,), (CPU, ACCEL)])
def test_without_a_gpu_the_processor_is_used(devices: tuple[Device, ...]) -> None:
    assert list_loaded_layers(Binding(*devices)) == [(0, False)]


@pytest.mark.parametrize("devices", [(GPU, CPU), (CPU, IGPU), (GPU, GPU, CPU)])
def test_a_gpu_gets_every_layer(devices: tuple[Device, ...]) -> None:
    assert list_loaded_layers(Binding(*devices)) == [(-1, True)]


def test_a_model_the_gpu_cannot_load_is_loaded_on_the_processor(caplog: pytest.LogCaptureFixture) -> None:
    assert list_loaded_layers(Binding(GPU, CPU, failing=True)) == [(-1, True), (0, False)]
    assert "cannot load the model on Device 0: RuntimeError" in caplog.text


def test_only_devices_that_take_layers_are_named() -> None:
    assert list_binding_gpus(Binding(CPU, GPU, ACCEL, IGPU)) == ["Device 1", "Device 3"]  # type: ignore[arg-type]


def test_the_installed_binding_can_be_queried() -> None:
    assert all(list_gpus())
