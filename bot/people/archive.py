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

_README = """# What is kept of {whom}

This is everything that the bot keeps of {whom}, as it was on {day}. These files hold it:

{files}

JSON is text: any editor opens it. Times are in UTC (Greenwich), the year first. The key that it is encrypted with is not among it.
What is marked as unreadable was changed in the bot's database by somebody else.
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
    "account.json": "what you chose, when it first met you, and when it last did",
    "profile.json": "what you told it and what it learnt of you, with the origin of each, and what no longer holds",
    "votes.json": "your votes",
    "poll_votes.json": "your votes in polls that are not closed, by the number of the variant, counted from 0",
    "signals.json": "what your votes, wishes, choices and edits have said of your taste",
    "personas.json": "the personas that you made",
    "brands.json": "your brands, with the samples they were learnt from",
    "documents.json": "what your documents are called, and where they are lent to",
    "collections.json": "what you call your collections of results",
    "departures.json": "servers that you were found to have left",
    "bulk_jobs.json": "the sheets that you had texts made for, with the brief and its columns",
    "bulk_rows.json": "their rows: the cells, and how far each is",
    "made_tables.json": "the tables that you had rows made up after, with what you asked of each and what was learnt is kept as",
    "made_table_parts.json": "which parts are kept of them: the file until it is learnt, and what was learnt",
    "schedule.json": "the posts that you planned, and what became of each",
    "games.json": "quizzes that you host or work on, and homework that you set",
    "game_answers.json": "your answers in quizzes that were played lately, and how many seconds each took",
    "courses.json": "what you learn from with /learn: the questions, when each is due, and the server where who teaches may see it",
    "plays.json": "cases that you had played and personas that you interviewed: the case or card, what I said, how it went",
    "play_words.json": "what you said in them, and the role that you took, counted as 0",
    "mastery.json": "your last answers to each objective, each its chance to be guessed in per cent, below 0 where it was wrong",
    "review_marks.json": "texts of servers that you approved, asked for changes of, or are assigned to",
    "aliases.json": "the names by which the audits of servers know you",
    "documents/": "the text of each document, with its sections and pages",
    "results/": "each text that was made for you, and beside it the request it was made from, its parts and its checks",
    "pending/": "requests of the last hour, with what was made for them",
    "pictures/": "pictures of the last day",
    "usage.json": "how much was made for you each day, of which kind and by which model, and what it took",
    "failed_checks.json": "how often checks of what was made for you failed",
    "admissions.json": "when you asked for something in the last day, where, and for how many results",
    "quota_notes.json": "which notes on a server's quotas you were given",
    "notice_ways.json": "how you want to be told of reviews in each server, where you have chosen",
    "given.json": "what you gave to servers, which is theirs now: no more than that it was you",
}
_WORKSPACE_DESCRIPTIONS = {
    **_DESCRIPTIONS,
    "account.json": "when the bot was first given something of the server's own",
    "schedule.json": "the posts that are planned for the server's channels, with the id of who planned each",
    "usage.json": "how much was made in the server each day, for whom, of which kind and by which model, and what it took",
    "failed_checks.json": "how often checks of what was made in the server failed",
    "settings.json": "what was set for the server, and the channels that something was told for or lent to",
    "workspace.json": "what was set with /settings: languages, time zone, persona and brand, roles, and what channels are for",
    "polls.json": "polls on variants that are not closed, with the id of who asked",
    "games.json": "quizzes that are played in the server and homework, with the ids of who hosts, set or works on each",
    "mastery.json": "the last answers of members to each objective, each its chance to be guessed in per cent, below 0 where wrong",
    "personas.json": "the personas that are the server's own, with the id of who gave each",
    "brands.json": "the brands that are the server's own, with the samples they were learnt from",
    "documents.json": "what the documents that are the server's own are called",
    "library.json": "the texts of the team's library, with the id of who gave each",
    "collections.json": "what the collections of the team's library are called",
    "asset_versions.json": "all versions of those texts that were changed, with the id of who made each",
    "review_marks.json": "who has approved which of those texts, asked for changes, or is assigned to it",
    "campaigns.json": "campaigns: the brief of each and where it is shown, with the id of who began it",
    "campaign_assets.json": "what they consist of, how far each is, and why one does not fit its brief any more",
    "webhooks.json": "the addresses that are told what is approved and published, without the secrets that messages are signed with",
    "webhook_messages.json": "what these are still to be told",
    "audit.json": "what was done in the server, entry by entry, each with a hash over itself and the one before",
    "audit_heads.json": "the last of those entries",
    "aliases.json": "whom the names in the audit stand for",
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
    readme = _README.format(day=day, files=_format_listing(["README.md", *files], descriptions), whom=subject)
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
