"""All stored data of a user or a workspace as ZIP files: texts as Markdown, everything else as JSON, and a README."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# An exported row of a table.
Record = Mapping[str, Any]
Files = dict[str, bytes]
# Maximum bytes that a ZIP file adds for each entry, which contains the name twice, and at its end.
_ENTRY_BYTES, _END_BYTES = 260, 200

_README = """# What is stored about {subject}

This is everything that the bot stored about {subject} on {day}, in these files:

{files}

JSON is text, so any editor opens it. Times are in UTC, the year first. The key that encrypts it in the database is not included.
Entries marked as unreadable were changed in the bot's database from outside.
"""
_NAMES = {
    "owners": "account",
    "preferences": "profile",
    "feedback": "votes",
    "own_personas": "personas",
    "guilds": "settings",
    "workspace_settings": "workspace",
    "assets": "library",
}
# Descriptions by file name, or by folder.
_DESCRIPTIONS = {
    "README.md": "this list",
    "account.json": "your settings, and when you first and last used the bot",
    "profile.json": "what you told the bot and what it learnt about you, with the source of each entry, outdated ones included",
    "votes.json": "your votes",
    "poll_votes.json": "your votes in open polls, by the number of the variant, counted from 0",
    "signals.json": "what your votes, instructions, choices and edits say about your preferences",
    "personas.json": "the personas that you made",
    "brands.json": "your brands, with the samples they were learnt from",
    "documents.json": "the names of your documents, and where you have lent them",
    "collections.json": "the names of your collections of results",
    "departures.json": "servers that you have left",
    "bulk_jobs.json": "the sheets whose rows you had texts written for, with the brief and its columns",
    "bulk_rows.json": "their rows: the cells, and the state of each",
    "made_tables.json": "the tables that you had synthetic rows made from, with your instructions, and the name of what was learnt",
    "made_table_parts.json": "the stored parts of them: the file until it has been learnt, and what was learnt",
    "schedule.json": "the posts that you scheduled, and the outcome of each",
    "games.json": "quizzes that you host or take, and homework that you set",
    "game_answers.json": "your answers in recent quizzes, and how many seconds each took",
    "courses.json": "your lessons with /learn: the questions, when each is due, and the server whose teachers may see your progress",
    "plays.json": "role plays and interviews that you started: the case or card, the bot's lines, and the outcome",
    "play_words.json": "your lines in them, and your role, by its number, counted from 0",
    "mastery.json": "your latest answers for each objective: the chance of guessing each in per cent, negative if it was wrong",
    "review_marks.json": "servers' texts that you approved, requested changes to, or are assigned to",
    "aliases.json": "the names that stand for you in servers' audit logs",
    "documents/": "the text of each document, with its sections and pages",
    "results/": "each text that was written for you, with its request, its parts and its checks",
    "pending/": "requests of the last hour, with their results so far",
    "pictures/": "pictures from the last day",
    "usage.json": "how much was made for you each day, by kind and model, and what it cost",
    "failed_checks.json": "how often each check of your results failed",
    "admissions.json": "the times of your requests in the last day, with their places and numbers of results",
    "quota_notes.json": "the notices about servers' quotas that you have received",
    "notice_ways.json": "how you have chosen to be notified of reviews in each server",
    "given.json": "what you gave to servers; it belongs to them now, so this says only that it was you",
}
_WORKSPACE_DESCRIPTIONS = {
    **_DESCRIPTIONS,
    "account.json": "when the server first gave the bot something of its own",
    "schedule.json": "the posts that are scheduled for the server's channels, with the id of the member who scheduled each",
    "usage.json": "how much was made in the server each day, by member, kind and model, and what it cost",
    "failed_checks.json": "how often each check of the server's results failed",
    "settings.json": "the server's settings, and the channels with settings of their own or with things lent to them",
    "workspace.json": "the choices made with /settings: languages, time zone, persona and brand, roles, and the channels' purposes",
    "polls.json": "open polls on variants, with the id of the member who started each",
    "games.json": "the server's quizzes and homework, with the ids of those who host, set or take each",
    "mastery.json": "members' latest answers for each objective: the chance of guessing each in per cent, negative if it was wrong",
    "personas.json": "the server's own personas, with the id of the member who gave each",
    "brands.json": "the server's own brands, with the samples they were learnt from",
    "documents.json": "the names of the server's own documents",
    "library.json": "the texts in the team's library, with the id of the member who gave each",
    "collections.json": "the names of the collections in the team's library",
    "asset_versions.json": "all versions of those texts that were changed, with the id of each version's author",
    "review_marks.json": "who approved each of those texts, requested changes, or is assigned to it",
    "campaigns.json": "campaigns: the brief of each and where it is shown, with the id of the member who started it",
    "campaign_assets.json": "their texts and pictures, the state of each, and why one no longer fits its brief",
    "webhooks.json": "the addresses that are notified of what is approved and published, without the secrets that sign the messages",
    "webhook_messages.json": "messages to these that have not been delivered yet",
    "audit.json": "the audit log, each entry with a hash over itself and the one before",
    "audit_heads.json": "the latest of those entries",
    "aliases.json": "the users whom the names in the audit log stand for",
}
# Characters that are not allowed in file names on some system.
_FORBIDDEN_CHARACTERS = re.compile(r'[\x00-\x1f\x7f`<>:"/\\|?*]+')
_MAX_STEM_CHARACTERS, _TEXT_EXTENSIONS = 80, (".md", ".txt")


def build_files(
    tables: Mapping[str, Sequence[Record]],
    jobs: Sequence[Record],
    pictures: Files,
    day: str,
    *,
    workspace: bool = False,
) -> Files:
    """Build the files of an archive by name, with a README that lists them.

    Args:
        tables: the exported rows by table name.
        jobs: the pending jobs.
        pictures: picture files by name.
        day: the time of the export, for the README.
        workspace: whether the data is that of a workspace instead of a user.
    """
    files: Files = {}
    for table, records in tables.items():
        if table == "generations":
            for record in records:
                name = f"results/{record['created_at'][:10]}-{_slugify(record['kind'] or 'question')}-{record['id']}"
                files[f"{name}.json"] = _dump_json(record)
                if record.get("text"):
                    files[f"{name}.md"] = str(record["text"]).encode("utf-8", "replace")
        elif table == "passages":  # Exported as documents.
            files |= _build_documents(tables["documents"], records)
        elif records:
            files[f"{_NAMES.get(table, table)}.json"] = _dump_json(records)
    for job in jobs:
        files[f"pending/{_slugify(str(job['id']))}.json"] = _dump_json(job)
    files |= {f"pictures/{name}": body for name, body in pictures.items()}
    descriptions, subject = (_WORKSPACE_DESCRIPTIONS, "this server") if workspace else (_DESCRIPTIONS, "you")
    readme = _README.format(day=day, files=_format_listing(["README.md", *files], descriptions), subject=subject)
    return {"README.md": readme.encode("utf-8", "replace"), **files}


def _format_listing(names: Sequence[str], descriptions: Mapping[str, str]) -> str:
    """Return a Markdown list of the files with descriptions; files in a folder are indented below it."""
    lines, listed_names = list[str](), set[str]()
    for name in sorted(names, key=lambda name: ("/" in name, name)):
        folder, slash, _ = name.rpartition("/")
        key = folder + slash if slash else name
        if key not in listed_names:
            lines.append(f"- `{key}`: {descriptions[key]}" if key in descriptions else f"- `{key}`")
            listed_names.add(key)
        if slash:
            lines.append(f"  - `{name}`")
    return "\n".join(lines)


def _build_documents(documents: Sequence[Record], passages: Sequence[Record]) -> Files:
    """Return a file with the full text for each document, named after it."""
    files: Files = {}
    for document in documents:
        document_passages = sorted(
            (passage for passage in passages if passage["document_id"] == document["id"]),
            key=lambda passage: passage["position"],
        )
        stem, extension = _sanitise_name(str(document.get("name") or document["id"]))
        name, number = f"documents/{stem}{extension}", 1
        while name.casefold() in map(str.casefold, files):
            number += 1
            name = f"documents/{stem} ({number}){extension}"
        files[name] = _join_passages(document_passages).encode("utf-8", "replace")
    return files


def _sanitise_name(name: str) -> tuple[str, str]:
    """Return a portable stem and extension for a document's name; the extension is .md unless it is one of a text file."""
    portable_name = _FORBIDDEN_CHARACTERS.sub("-", name).strip(" .") or "document"
    stem, dot, extension = portable_name.rpartition(".")
    if dot and f".{extension.lower()}" in _TEXT_EXTENSIONS:
        return stem[:_MAX_STEM_CHARACTERS] or "document", f".{extension}"
    return portable_name[:_MAX_STEM_CHARACTERS], ".md"


def _join_passages(passages: Sequence[Record]) -> str:
    """Join passages into Markdown, with headings for sections and lines for page numbers."""
    lines, page, section = list[str](), 0, ""
    for passage in passages:
        if passage.get("unreadable"):
            lines.append("*(Here is a passage that cannot be read.)*")
            continue
        if passage["page"] != page:
            page = passage["page"]
            lines.append(f"*Page {page}*")
        if passage["section"] != section:
            section = passage["section"]
            lines.append(f"## {section}")
        lines.append(passage["text"])
    return "\n\n".join(lines) + "\n"


def pack_archives(files: Mapping[str, bytes], max_bytes: int) -> tuple[list[bytes], list[str]]:
    """Return ZIP files of at most `max_bytes` with the files, and the names of the files that are too large for one."""
    single_archives = {name: _pack({name: body}) for name, body in files.items()}
    too_large = [name for name, body in single_archives.items() if len(body) > max_bytes]
    parts: list[list[str]] = [[]]
    room = max_bytes - _END_BYTES
    for name in files:
        size = len(single_archives[name]) + _ENTRY_BYTES
        if name in too_large:
            continue
        if parts[-1] and size > room:
            parts.append([])
            room = max_bytes - _END_BYTES
        parts[-1].append(name)
        room -= size
    return [_pack({name: files[name] for name in names}) for names in parts if names], too_large


def _pack(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()  # In memory, as a temporary file would be another copy of private text.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def _dump_json(value: Record | Iterable[Record]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str).encode("utf-8", "replace")


def _slugify(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name)
