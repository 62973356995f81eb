"""A bot that waits holds no heavy package: each is loaded by what asks for it first."""

import subprocess
import sys

HEAVY = (
    "PIL",
    "fitz",
    "langchain_core",
    "matplotlib",
    "music21",
    "numpy",
    "openai",
    "openpyxl",
    "opentelemetry",
    "pandas",
    "prometheus_client",
    "reportlab",
    "scipy",
    "sdmetrics",
    "sklearn",
    "tokenizers",
    "torch",
    "transformers",
    "verovio",
    "xllamacpp",
)
LOADED = """
import importlib, sys
import bot.cli.run
import bot.requests.jobs
from bot.client import list_extensions
from bot.kinds import load_kinds
load_kinds()
for name in list_extensions():
    importlib.import_module(name)
print(*sys.modules, sep="\\n")
"""


def test_commands_and_kinds_import_no_heavy_package():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.splitlines())
    assert "bot.commands.data" in loaded
    assert not loaded.intersection(HEAVY)
