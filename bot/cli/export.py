"""`quillmate export`: a file of a result that is there already, without a model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.content import Content
from bot.errors import FileError, SettingsError
from bot.exports import ExportFormat, export_content, find_format, load_formats
from bot.kinds import load_kinds
from bot.runtime.files import write_file

from .generate import text_of

# Ids that are named where a file holds several results.
_SHOWN = 5


def export_result(file: Path, form: str, out: Path | None, *, row: str) -> None:
    """Writes a result in a format, of a file that `generate --json` or `batch` wrote.

    Where no file is named, it is named after the result, and is not written over another.

    Raises:
        QuillmateError: there is no such result, it does not fit the format, or a file cannot be read or written.
    """
    wanted = _format(form)
    found = _in_file(file, row)
    if out is None:
        out = Path(f"{file.stem}{f'-{_file_name(row)}' if row else ''}.{wanted.suffix}")
        if out.exists():
            raise FileError(f"{out} is there already. Name the file to write behind the format.")
    kind, parts = str(found.get("kind") or ""), found.get("parts")
    known = load_kinds().get(kind)
    content = Content(str(found.get("text") or ""), parts if isinstance(parts, dict) else {})
    try:
        made = export_content(wanted.name, known.title if known else kind, content)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise FileError(f"{file} was changed, or is of another release: its parts cannot be read.") from error
    write_file(out, made)
    print(f"Written to {out}.")


def _file_name(row: str) -> str:
    """An id, reduced to what a file may be called."""
    return re.sub(r"[^\w-]+", "-", row).strip("-") or "row"


def _format(form: str) -> ExportFormat:
    name = form.lower().removeprefix(".")
    if (found := find_format(f".{name}")) is None:
        raise SettingsError(f"There is no format {form[:40]}; choose one of {', '.join(load_formats())}.")
    return found


def _in_file(file: Path, row: str) -> Mapping[str, Any]:
    """The result of a file that holds one, or the one of an id where it holds several."""
    found = list(_results(text_of(file)))
    if not found:
        raise FileError(
            f"{file} holds no result. `quillmate generate … --json` and `quillmate batch` write such files."
        )
    named = {str(one.get("id", "")): one for one in found}
    if row and row not in named:
        raise FileError(f"{file} holds no result with the id {row[:40]}.")
    if not row and len(found) > 1:
        ids = ", ".join(list(named)[:_SHOWN]) + ("…" if len(named) > _SHOWN else "")
        raise SettingsError(f"{file} holds {len(found)} results. Say with --id which of them: {ids}.")
    return named[row] if row else found[0]


def _results(text: str) -> Iterator[Mapping[str, Any]]:
    """The results of a text that is one object, or has one on some of its lines."""
    for piece in (text, *text.split("\n")):
        try:
            read = json.loads(piece)
        except (ValueError, RecursionError):
            continue
        if isinstance(read, dict) and isinstance(read.get("kind"), str) and "parts" in read:
            yield read
            if piece is text:
                return
