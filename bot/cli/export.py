"""`quillmate export`: renders a stored result as a file, without a model."""

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

from .generate import read_text

# Ids listed in the error if a file has several results.
_MAX_LISTED_IDS = 5


def export_result(file: Path, file_format: str, out: Path | None, *, result_id: str) -> None:
    """Export a result from a file that `generate --json` or `batch` wrote. Without `out`, the file is named after the
    result, and no existing file is overwritten.

    Raises:
        QuillmateError: there is no such result, it does not fit the format, or a file cannot be read or written.
    """
    export_format = _parse_format(file_format)
    found = _find_result(file, result_id)
    if out is None:
        out = Path(f"{file.stem}{f'-{_build_file_name(result_id)}' if result_id else ''}.{export_format.suffix}")
        if out.exists():
            raise FileError(f"{out} already exists. Name the file to write after the format.")
    kind, parts = str(found.get("kind") or ""), found.get("parts")
    known = load_kinds().get(kind)
    content = Content(str(found.get("text") or ""), parts if isinstance(parts, dict) else {})
    try:
        body = export_content(export_format.name, known.title if known else kind, content)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise FileError(f"{file} was modified or comes from another release: its parts cannot be read.") from error
    write_file(out, body)
    print(f"Written to {out}.")


def _build_file_name(result_id: str) -> str:
    """Reduce an id to characters that are valid in a file name."""
    return re.sub(r"[^\w-]+", "-", result_id).strip("-") or "row"


def _parse_format(form: str) -> ExportFormat:
    name = form.lower().removeprefix(".")
    if (found := find_format(f".{name}")) is None:
        raise SettingsError(f"There is no format {form[:40]}; choose one of {', '.join(load_formats())}.")
    return found


def _find_result(file: Path, result_id: str) -> Mapping[str, Any]:
    """Return the result of a file, or the one with an id if there are several."""
    found = list(_parse_results(read_text(file)))
    if not found:
        raise FileError(
            f"{file} contains no result. `quillmate generate … --json` and `quillmate batch` write such files."
        )
    results_by_id = {str(one.get("id", "")): one for one in found}
    if result_id and result_id not in results_by_id:
        raise FileError(f"{file} contains no result with the ID {result_id[:40]}.")
    if not result_id and len(found) > 1:
        ids = ", ".join(list(results_by_id)[:_MAX_LISTED_IDS]) + ("…" if len(results_by_id) > _MAX_LISTED_IDS else "")
        raise SettingsError(f"{file} contains {len(found)} results. Choose one with --id: {ids}.")
    return results_by_id[result_id] if result_id else found[0]


def _parse_results(text: str) -> Iterator[Mapping[str, Any]]:
    """Parse the results of a text: a single object, or an object on each of some lines."""
    for piece in (text, *text.split("\n")):
        try:
            data = json.loads(piece)
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict) and isinstance(data.get("kind"), str) and "parts" in data:
            yield data
            if piece is text:
                return
