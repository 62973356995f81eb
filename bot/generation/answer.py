"""Parse a model's answer: the text, the note for the user, the passages it used, versions and changes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from personas.profile import MAX_ENTRY, make_storable

from .fences import remove_fences
from .sources import parse_used_passages, remove_passage_mark

# Maximum characters of an answer; the rest is ignored. Slightly more than a place's largest limit (limits.toml, 63,206).
MAX_ANSWER_CHARACTERS = 70_000
# Maximum characters of a note.
MAX_NOTE_CHARACTERS = 600
# Maximum blocks of one change.
_MAX_BLOCKS = 200
_NOTE, _NOTE_END = "<check>", "</check>"
_SKIP = re.compile(r"\s{0,9}<skip>([\d\s,]{0,60})</skip>\s{0,9}\Z", re.IGNORECASE)
_VERSION = re.compile(r"<version>\s{0,9}(.*?)\s{0,9}(?:</version>|(?=<version>)|\Z)", re.DOTALL | re.IGNORECASE)
_ASK = re.compile(r"<ask>(.{0,2000}?)(?:</ask>|\Z)", re.DOTALL | re.IGNORECASE)
_REFUSE = re.compile(r"<refuse\b[^<>]{0,60}>(?P<why>[^<>]{0,200})(?:</refuse>|\Z)", re.IGNORECASE)
# What a model may put around a tag that is its entire answer.
_DECORATION = re.compile(r"</?version>|[*_`#>\s]")
_VERSION_TAG = re.compile(r"</?version>", re.IGNORECASE)
_HABIT = re.compile(r"\s{0,9}<habit>(.{0,300}?)(?:</habit>|\Z)", re.DOTALL | re.IGNORECASE)
# The maximum words of a habit, two more than the prompt allows.
_MAX_HABIT_WORDS = 12
_WHITESPACE = re.compile(r"\s+")
_OLD, _SPLIT, _NEW = "<<<<<<< OLD", "=======", ">>>>>>> NEW"


@dataclass(frozen=True, slots=True)
class WriterAnswer:
    """A parsed answer: its text, the writer's note, and the numbers of the passages it used (None if it says nothing of them).

    `asks` is the question that the writer asks instead of a text, followed by likely answers; `refuses` the reason of a refusal.
    `skipped` are the numbers of the listed requirements that do not apply. `habit` is an instruction for all of the user's texts.
    """

    text: str
    to_check: str = ""
    asks: tuple[str, ...] = ()
    used: tuple[int, ...] | None = None
    skipped: tuple[int, ...] = ()
    refuses: str = ""
    habit: str = ""


def parse_answer(answer: str) -> WriterAnswer:
    """Parse a complete answer."""
    answer = unwrap(answer)
    if reason := _find_refusal(answer):
        return WriterAnswer("", refuses=reason)
    answer, habit = _split_habit(answer)
    text, to_check = _split_note(answer)
    text, skipped = _split_skipped(text)
    used = parse_used_passages(text)
    text, asks = _split_question(text)
    text = remove_passage_mark(text)
    if version := _VERSION.fullmatch(text.strip()):
        text = version[1]
    return WriterAnswer(_remove_fence(text).strip(), to_check, asks, used, skipped, habit=habit)


def render_partial(answer: str) -> str:
    """Return the text of an answer that is still being written, without an incomplete note or tag."""
    text = remove_fences(_remove_thoughts(make_storable(answer[:MAX_ANSWER_CHARACTERS])))
    text, _ = _split_note(_split_habit(text)[0])
    for tag in (_NOTE, "<skip>", "<ask>", "<refuse>", "<habit>", "<text>", "</text>", "<material>", "</material>"):
        for length in range(len(tag) - 1, 0, -1):
            if text.endswith(tag[:length]):
                text = text[:-length]
                break
    if text.lstrip().startswith(("<think>", "<ask>")) or _find_refusal(text):
        return ""
    return remove_passage_mark(_VERSION_TAG.sub("", text)).strip()


def split_versions(answer: str) -> list[str]:
    """Return the versions in an answer, each as a separate answer; the answer itself if it contains none."""
    answer = unwrap(answer)
    versions = [match[1] for match in _VERSION.finditer(answer) if match[1].strip()]
    if not versions:
        return [answer]
    _, note = _split_note(answer)
    # A note after the last version applies to all of them.
    return [_add_note(version, note) for version in versions]


def split_texts(answer: str, count: int) -> list[str]:
    """Return the `count` different texts in an answer, each as a separate answer; empty if it has fewer or more."""
    answer = unwrap(answer)
    texts = [match[1] for match in _VERSION.finditer(answer)]
    if len(texts) != count or not all(text.strip() for text in texts):
        return []
    # A note after the last text is about all of them, and shown once.
    return [_add_note(texts[0], _split_note(_VERSION.sub("", answer))[1]), *texts[1:]]


def _add_note(version: str, note: str) -> str:
    return version if not note or _NOTE in version else f"{version}\n{_NOTE}{note}{_NOTE_END}"


@dataclass(frozen=True, slots=True)
class AppliedChanges:
    """A text with applied changes, and the passages to change that were not found in it."""

    text: str
    not_found: tuple[str, ...] = ()


def apply_changes(text: str, answer: str) -> AppliedChanges:
    """Apply the change blocks of an answer to a text; an answer without blocks is the full new text."""
    blocks = _parse_blocks(answer)
    if not blocks and _OLD in answer:
        return AppliedChanges(text, (answer.partition(_OLD)[2].strip(),))  # The answer was truncated.
    if not blocks:
        return AppliedChanges(answer.strip() or text)
    not_found = []
    for old, new in blocks:
        span = _find_span(old, text)
        if span is None:
            not_found.append(old)
            continue
        start, end = span
        if not old.strip():
            new = f"\n\n{new}" if text else new
        if not new and text[:start].endswith("\n") and text[end:].startswith("\n"):
            end += 1  # Remove the line break along with the line.
        text = text[:start] + new + text[end:]
    return AppliedChanges(text.strip(), tuple(not_found))


def render_partial_change(text: str, answer: str) -> str:
    """Return a text with the complete changes of an answer that is still being written; the answer if it is a whole new text."""
    partial = render_partial(answer)
    _, mark, blocks = partial.partition(_OLD)
    is_change = mark or _OLD.startswith(partial[: len(_OLD)])
    return apply_changes(text, mark + blocks).text if is_change else partial


def _parse_blocks(answer: str) -> list[tuple[str, str]]:
    """Return the complete blocks of a change as pairs of old and new passage."""
    blocks: list[tuple[str, str]] = []
    for block in answer.split(_OLD)[1 : _MAX_BLOCKS + 1]:
        old, separator, rest = block.partition(f"\n{_SPLIT}")
        new, end, _ = rest.partition(_NEW)
        if separator and end:
            blocks.append((old.strip("\n"), new.strip("\n")))
    return blocks


def _find_span(passage: str, text: str) -> tuple[int, int] | None:
    """Return the span of a passage, allowing for different whitespace, or the end of the text for an empty one; None if it is
    not found.
    """
    if not passage.strip():
        return (len(text), len(text))
    start = text.find(passage)
    if start >= 0:
        return start, start + len(passage)
    collapsed_passage = " ".join(passage.split())
    start = _WHITESPACE.sub(" ", text).find(collapsed_passage)
    if start < 0:
        return None
    return _map_to_source(start, text), _map_to_source(start + len(collapsed_passage), text)


def _map_to_source(position: int, text: str) -> int:
    """Map a position in the text with collapsed whitespace to the original text."""
    removed_count = 0
    for match in _WHITESPACE.finditer(text):
        if match.start() - removed_count >= position:
            break
        removed_count += len(match[0]) - 1
    return position + removed_count


def unwrap(answer: str) -> str:
    """Return an answer without a model's thoughts, without the fences of its prompt and a code fence around all of it."""
    return _remove_fence(remove_fences(_remove_thoughts(make_storable(answer[:MAX_ANSWER_CHARACTERS]))).strip())


def _remove_fence(text: str) -> str:
    """Return a text without a code fence around all of it."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and text.count("```") == 2:
        first, _, rest = text.partition("\n")
        if re.fullmatch(r"```\w{0,20}", first.strip()):
            return rest[:-3].strip()
    return text


def _find_refusal(answer: str) -> str:
    """Return the reason in a refusal tag at the beginning or end of an answer; empty without one."""
    match = _REFUSE.search(answer)
    if match is None:
        return ""
    text_before = _DECORATION.sub("", answer[: match.start()])
    text_after = _DECORATION.sub("", _split_note(answer[match.end() :])[0])
    if text_before and text_after:
        return ""
    return " ".join(match["why"].lower().split()) or "other"


def _split_skipped(text: str) -> tuple[str, tuple[int, ...]]:
    """Split off the numbers of skipped requirements at the end of a text."""
    match = _SKIP.search(text)
    if match is None:
        return text, ()
    return text[: match.start()], tuple(map(int, re.findall(r"\d{1,3}", match[1])))


def _split_habit(text: str) -> tuple[str, str]:
    """Split off the habit of a text; one that is no short instruction is dropped."""
    match = _HABIT.search(text)
    if match is None:
        return text, ""
    habit = " ".join(re.sub(r"[<>{}]", "", match[1]).split()).strip("\"'“”. ")
    is_instruction = 3 <= len(habit) <= MAX_ENTRY and 2 <= len(habit.split()) <= _MAX_HABIT_WORDS
    return text[: match.start()] + text[match.end() :], habit if is_instruction else ""


def _split_note(text: str) -> tuple[str, str]:
    """Split off the notes of a text, as one with single spaces; they may stand anywhere, and the last may lack its end tag."""
    notes = list[str]()
    while (start := text.lower().find(_NOTE)) >= 0:
        end = text.lower().find(_NOTE_END, start)
        end = len(text) if end < 0 else end
        notes.append(text[start + len(_NOTE) : end])
        text_before, text_after = text[:start].rstrip(), text[end + len(_NOTE_END) :].strip()
        is_tag = text_after.startswith(("[used", "<skip>", "</version>"))
        text = ("\n" if is_tag else "\n\n").join(filter(None, (text_before, text_after)))
    return text, " ".join(" ".join(notes).split())[:MAX_NOTE_CHARACTERS]


def _split_question(text: str) -> tuple[str, tuple[str, ...]]:
    """Split off the writer's question with its likely answers. If there is a text, the question is dropped."""
    match = _ASK.search(text)
    if match is None:
        return text, ()
    rest = (text[: match.start()] + text[match.end() :]).strip()
    if rest:
        return rest, ()
    parts = [" ".join(part.split())[:MAX_NOTE_CHARACTERS] for part in match[1].split("|")]
    return "", tuple(filter(None, parts))


def _remove_thoughts(text: str) -> str:
    """Remove the text between <think> and </think>; an unclosed thought is kept.

    A model's template may open the thought, so that only its end occurs.
    """
    if "<think>" not in text.partition("</think>")[0]:
        text = text.rpartition("</think>")[2]
    pieces, position = [], 0
    while (start := text.find("<think>", position)) >= 0 and (end := text.find("</think>", start)) >= 0:
        pieces.append(text[position:start])
        position = end + len("</think>")
    return "".join(pieces) + text[position:]
