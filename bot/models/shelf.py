"""The folder of models: which are present, which is in use, and what an engine's name stands for."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bot.errors import FileError
from bot.runtime.files import write_file

from .catalogue import SMALL_MODEL, Model, find_model, load_models
from .choice import ModelChoice
from .machine import get_available_memory, is_within_memory

ENGINE = "embedded"
# The suffix of a model's file while it is fetched; and the file with the chosen model: its name, or a ModelChoice.
PARTIAL, CHOSEN = ".part", "in-use"


class ModelShelf:
    """The models of a folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, model: Model) -> Path:
        """Return the path of its file, whether or not it exists."""
        return self.folder / model.file

    def partial_of(self, model: Model) -> Path:
        """Return the path of its partial file while it is fetched."""
        return self.folder / (model.file + PARTIAL)

    def has(self, model: Model) -> bool:
        """Whether it is here and complete; shipped models always are."""
        if model.shipped:
            return True
        path = self.path_of(model)
        return path.is_file() and (model.bytes is None or path.stat().st_size == model.bytes)

    @property
    def chosen(self) -> Model | None:
        """The model chosen with `quillmate model use` if it is here, None for the best one."""
        name = self.read_choice()
        found = next((model for model in load_models() if model.name == name), None)
        return found if found and self.has(found) else None

    @property
    def service(self) -> ModelChoice | None:
        """The chosen model behind a service or server, None if "embedded" stands for one of this folder."""
        return ModelChoice.from_json(self.read_choice())

    def read_choice(self) -> str:
        """Return the choice as it is stored: a model's name or a `ModelChoice`; empty if there is none."""
        try:
            return (self.folder / CHOSEN).read_text("utf-8").strip()
        except (OSError, UnicodeError):
            return ""

    def choose(self, model: Model | ModelChoice | None) -> None:
        """Store the model to use; None for the best that is here. A running bot follows (`App.follow_choice`).

        Raises:
            FileError: the folder cannot be written.
        """
        try:
            if model is None:
                (self.folder / CHOSEN).unlink(missing_ok=True)
                return
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"{self.folder} cannot be written: {error.strerror}.") from error
        name = model.to_json() if isinstance(model, ModelChoice) else model.name
        write_file(self.folder / CHOSEN, f"{name}\n".encode())
        (self.folder / CHOSEN).chmod(0o600)  # It may contain a key.

    def remove(self, model: Model) -> int:
        """Delete its file and any partial download; return the number of bytes freed.

        Raises:
            FileError: it cannot be deleted.
        """
        freed = 0
        try:
            for path in (self.path_of(model), self.partial_of(model)):
                with contextlib.suppress(FileNotFoundError):
                    freed += path.stat().st_size
                    path.unlink()
        except OSError as error:
            raise FileError(f"{self.path_of(model)} cannot be deleted: {error.strerror}.") from error
        return freed

    def writing(self, memory: int | None = None) -> Model:
        """Return the model that "embedded" stands for: the chosen one, else the best that is here and fits the memory (in
        bytes).
        """
        if chosen := self.chosen:
            return chosen
        room = get_available_memory() if memory is None else memory
        here = (
            one for one in reversed(load_models()) if not one.shipped and self.has(one) and is_within_memory(one, room)
        )
        return next(here, find_model(SMALL_MODEL))

    def engine_name(self, name: str) -> str:
        """Return the name of an engine with its file: "embedded" and "embedded:NAME" of the catalogue become
        "embedded:FILE.gguf".

        The shipped model is "embedded:small"; other names are unchanged.
        """
        prefix, _, rest = name.partition(":")
        if prefix != ENGINE:
            return name
        found = (
            next((one for one in load_models() if one.name == rest.strip().lower()), None) if rest else self.writing()
        )
        if found is None:
            return name
        return f"{ENGINE}:{SMALL_MODEL}" if found.shipped else f"{ENGINE}:{self.path_of(found)}"
