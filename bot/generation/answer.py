"""Parse what a model wrote: the text, the note for the user, the passages it used, versions and changes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from personas.profile import MAX_ENTRY, make_storable

from .sources import parse_used_passages, remove_passage_mark

# Characters of an answer that are read: slightly more than the largest limit of a place (limits.toml, 63,206).
MAX_ANSWER_CHARACTERS = 70_000
# Characters of a note that are stored.
MAX_NOTE_CHARACTERS = 600
# Blocks of one change that are read.
_MAX_BLOCKS = 200
_CHECK, _CHECK_END = "<check>", "</check>"
_SKIP = re.compile(r"\s{0,9}<skip>([\d\s,]{0,60})</skip>\s{0,9}\Z", re.IGNORECASE)
_VERSION = re.compile(r"<version>\s{0,9}(.*?)\s{0,9}(?:</version>|(?=<version>)|\Z)", re.DOTALL | re.IGNORECASE)
_ASK = re.compile(r"<ask>(.{0,2000}?)(?:</ask>|\Z)", re.DOTALL | re.IGNORECASE)
_REFUSE = re.compile(r"<refuse\b[^<>]{0,60}>(?P<why>[^<>]{0,200})(?:</refuse>|\Z)", re.IGNORECASE)
# What a model may put around a tag that is its entire answer.
_BARE = re.compile(r"</?version>|[*_`#>\s]")
_VERSION_TAG = re.compile(r"</?version>", re.IGNORECASE)
_HABIT = re.compile(r"\s{0,9}<habit>(.{0,300}?)(?:</habit>|\Z)", re.DOTALL | re.IGNORECASE)
# The maximum words of a habit, two more than the prompt allows.
_MAX_HABIT_WORDS = 12
_RUN = re.compile(r"\s+")
_OLD, _SPLIT, _NEW = "<<<<<<< OLD", "=======", ">>>>>>> NEW"


@dataclass(frozen=True, slots=True)
class WriterAnswer:
    """A parsed answer: its text, the writer's caveat, and the passages it names (None if it names none).

    `asks` is the question that the writer asks instead of a text, followed by likely answers; `refuses` the reason of a refusal.
    `habit` is an instruction that applies to all of the user's texts.
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
    if why := _find_refusal(answer):
        return WriterAnswer("", refuses=why)
    answer, habit = _split_habit(answer)
    text, to_check = _split_note(answer)
    skipped = _SKIP.search(text)
    if skipped:
        text = text[: skipped.start()]
    used = parse_used_passages(text)
    numbers = tuple(int(one) for one in re.findall(r"\d{1,3}", skipped[1])) if skipped else ()
    text, asks = _split_question(text)
    text = _VERSION_TAG.sub("", remove_passage_mark(text))
    return WriterAnswer(_remove_fence(text).strip(), to_check, asks, used, numbers, habit=habit)


def render_partial(answer: str) -> str:
    """Return the text of an answer that is still being written, without an incomplete note or tag."""
    text = _remove_thoughts(make_storable(answer[:MAX_ANSWER_CHARACTERS]))
    text, _ = _split_note(_split_habit(text)[0])
    for mark in (_CHECK, "<skip>", "<ask>", "<refuse>", "<habit>"):
        for size in range(len(mark) - 1, 0, -1):
            if text.endswith(mark[:size]):
                text = text[:-size]
                break
    if text.lstrip().startswith(("<think>", "<ask>")) or _find_refusal(text):
        return ""
    return remove_passage_mark(_VERSION_TAG.sub("", text)).strip()


def split_versions(answer: str) -> list[str]:
    """Return the versions in an answer, each as a separate answer; the answer itself if it contains none."""
    answer = unwrap(answer)
    found = [one[1] for one in _VERSION.finditer(answer) if one[1].strip()]
    if not found:
        return [answer]
    _, note = _split_note(answer)
    # A note after the last version applies to all of them.
    return [one if _CHECK in one or not note else f"{one}\n{_CHECK}{note}{_CHECK_END}" for one in found]


@dataclass(frozen=True, slots=True)
class AppliedChanges:
    """A text with applied changes, and the passages to change that were not found in it."""

    text: str
    lost: tuple[str, ...] = ()


def apply_changes(text: str, answer: str) -> AppliedChanges:
    """Apply the change blocks of an answer to a text; an answer without blocks is the full new text."""
    blocks = _parse_blocks(answer)
    if not blocks and _OLD in answer:
        return AppliedChanges(text, (answer.partition(_OLD)[2].strip(),))  # The answer was truncated.
    if not blocks:
        return AppliedChanges(answer.strip() or text)
    lost = []
    for old, new in blocks:
        place = _find_place(old, text)
        if place is None:
            lost.append(old)
        else:
            start, end = place
            if not new and text[:start].endswith("\n") and text[end:].startswith("\n"):
                end += 1  # Remove the line break along with the line.
            text = text[:start] + new + text[end:]
    return AppliedChanges(text.strip(), tuple(lost))


def _parse_blocks(answer: str) -> list[tuple[str, str]]:
    blocks: list[tuple[str, str]] = []
    for piece in answer.split(_OLD)[1 : _MAX_BLOCKS + 1]:
        old, parting, rest = piece.partition(f"\n{_SPLIT}")
        new, closing, _ = rest.partition(_NEW)
        if parting and closing:
            blocks.append((old.strip("\n"), new.strip("\n")))
    return blocks


def _find_place(old: str, text: str) -> tuple[int, int] | None:
    """Return the span of a passage, allowing for different whitespace; None if it is not found."""
    if not old.strip():
        return (len(text), len(text))
    at = text.find(old)
    if at >= 0:
        return at, at + len(old)
    wanted = " ".join(old.split())
    at = _RUN.sub(" ", text).find(wanted)
    return (_map_to_source(at, text), _map_to_source(at + len(wanted), text)) if at >= 0 else None


def _map_to_source(place: int, text: str) -> int:
    """Map a position in the text with collapsed whitespace to the original text."""
    gone = 0
    for run in _RUN.finditer(text):
        if run.start() - gone >= place:
            break
        gone += len(run[0]) - 1
    return place + gone


def unwrap(answer: str) -> str:
    """Return an answer without a model's thoughts and without a code fence around all of it."""
    return _remove_fence(_remove_thoughts(make_storable(answer[:MAX_ANSWER_CHARACTERS])).strip())


def _remove_fence(text: str) -> str:
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and text.count("```") == 2:
        first, _, rest = text.partition("\n")
        if re.fullmatch(r"```\w{0,20}", first.strip()):
            return rest[:-3].strip()
    return text


def _find_refusal(answer: str) -> str:
    """Return the reason in a refusal tag at the beginning or end of an answer; empty without one."""
    found = next(_REFUSE.finditer(answer), None)
    if found is None:
        return ""
    before, behind = _BARE.sub("", answer[: found.start()]), _BARE.sub("", _split_note(answer[found.end() :])[0])
    return " ".join(found["why"].lower().split()) or "other" if not before or not behind else ""


def _split_habit(text: str) -> tuple[str, str]:
    """Split off the habit of a text; one that is no short instruction is dropped."""
    found = _HABIT.search(text)
    if found is None:
        return text, ""
    said = " ".join(re.sub(r"[<>{}]", "", found[1]).split()).strip("\"'“”. ")
    fits = 3 <= len(said) <= MAX_ENTRY and 2 <= len(said.split()) <= _MAX_HABIT_WORDS
    return text[: found.start()] + text[found.end() :], said if fits else ""


def _split_note(text: str) -> tuple[str, str]:
    """Split off the closing note of a text."""
    lower = text.lower()
    at = lower.find(_CHECK)
    if at < 0:
        return text, ""
    end = lower.find(_CHECK_END, at)
    note, after = (
        (text[at + len(_CHECK) :], "") if end < 0 else (text[at + len(_CHECK) : end], text[end + len(_CHECK_END) :])
    )
    text_part = text[:at].rstrip()
    # A note may come before the text.
    if not text_part.strip() and after.strip():
        return after.strip(), " ".join(note.split())[:MAX_NOTE_CHARACTERS]
    # A tag after the note belongs to the text; anything else is dropped.
    mark = after.strip()
    text_part = f"{text_part}\n{mark}" if mark.startswith(("[used", "<skip>", "</version>")) else text_part
    return text_part, " ".join(note.split())[:MAX_NOTE_CHARACTERS]


def _split_question(text: str) -> tuple[str, tuple[str, ...]]:
    """Split off the writer's question with its likely answers. If there is a text, the question is dropped."""
    found = _ASK.search(text)
    if not found:
        return text, ()
    rest = (text[: found.start()] + text[found.end() :]).strip()
    parts = [" ".join(part.split())[:MAX_NOTE_CHARACTERS] for part in found[1].split("|")]
    return (rest, ()) if rest else ("", tuple(filter(None, parts)))


def _remove_thoughts(text: str) -> str:
    """Remove the text between <think> and </think>; an unclosed thought is kept.

    A template may open the thought, so that only its end occurs.
    """
    pieces, at = [], 0
    if "<think>" not in text.partition("</think>")[0]:
        text = text.rpartition("</think>")[2]
    while (start := text.find("<think>", at)) >= 0 and (end := text.find("</think>", start)) >= 0:
        pieces.append(text[at:start])
        at = end + len("</think>")
    return "".join(pieces) + text[at:]
