"""Parts what a model wrote: the text, the note for the person, the passages that it used, versions and changes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from personas.profile import MAX_ENTRY, make_storable

from .sources import used_in_text, without_mark

# Characters of an answer that are read, and no more: what the roomiest place takes (limits.toml, 63,206) and some more.
MAX_WRITTEN = 70_000
# Characters of a note that are kept.
MAX_NOTED = 600
# Blocks of one change that are read.
_MAX_BLOCKS = 200
_CHECK, _CHECK_END = "<check>", "</check>"
_SKIP = re.compile(r"\s{0,9}<skip>([\d\s,]{0,60})</skip>\s{0,9}\Z", re.IGNORECASE)
_VERSION = re.compile(r"<version>\s{0,9}(.*?)\s{0,9}(?:</version>|(?=<version>)|\Z)", re.DOTALL | re.IGNORECASE)
_ASK = re.compile(r"<ask>(.{0,2000}?)(?:</ask>|\Z)", re.DOTALL | re.IGNORECASE)
_REFUSE = re.compile(r"<refuse\b[^<>]{0,60}>(?P<why>[^<>]{0,200})(?:</refuse>|\Z)", re.IGNORECASE)
# What a model puts around a tag that is all it says.
_BARE = re.compile(r"</?version>|[*_`#>\s]")
_VERSION_TAG = re.compile(r"</?version>", re.IGNORECASE)
_HABIT = re.compile(r"\s{0,9}<habit>(.{0,300}?)(?:</habit>|\Z)", re.DOTALL | re.IGNORECASE)
# An instruction has so many words at most, two more than a writer is told.
_MAX_IN_HABIT = 12
_RUN = re.compile(r"\s+")
_OLD, _SPLIT, _NEW = "<<<<<<< OLD", "=======", ">>>>>>> NEW"


@dataclass(frozen=True, slots=True)
class Written:
    """An answer: its text, what its writer says is to be checked, and the passages it names (None where it names none).

    `asks` is a question that its writer has in place of a text, and likely answers to it; `refuses` is why its writer writes none.
    `habit` is what a change says of all texts of its person.
    """

    text: str
    to_check: str = ""
    asks: tuple[str, ...] = ()
    used: tuple[int, ...] | None = None
    skipped: tuple[int, ...] = ()
    refuses: str = ""
    habit: str = ""


def parted(answer: str) -> Written:
    """A whole answer in its parts."""
    answer = unwrapped(answer)
    if why := _refused(answer):
        return Written("", refuses=why)
    answer, habit = _without_habit(answer)
    text, to_check = _without_note(answer)
    skipped = _SKIP.search(text)
    if skipped:
        text = text[: skipped.start()]
    used = used_in_text(text)
    numbers = tuple(int(one) for one in re.findall(r"\d{1,3}", skipped[1])) if skipped else ()
    text, asks = _without_question(text)
    text = _VERSION_TAG.sub("", without_mark(text))
    return Written(_unfenced(text).strip(), to_check, asks, used, numbers, habit=habit)


def so_far(answer: str) -> str:
    """The text of an answer that is still being written, without the beginning of a note or of a mark."""
    text = _without_thoughts(make_storable(answer[:MAX_WRITTEN]))
    text, _ = _without_note(_without_habit(text)[0])
    for mark in (_CHECK, "<skip>", "<ask>", "<refuse>", "<habit>"):
        for size in range(len(mark) - 1, 0, -1):
            if text.endswith(mark[:size]):
                text = text[:-size]
                break
    if text.lstrip().startswith(("<think>", "<ask>")) or _refused(text):
        return ""
    return without_mark(_VERSION_TAG.sub("", text)).strip()


def versions_in(answer: str) -> list[str]:
    """The versions of an answer that holds several, each as an answer of its own; the answer itself where it holds none."""
    answer = unwrapped(answer)
    found = [one[1] for one in _VERSION.finditer(answer) if one[1].strip()]
    if not found:
        return [answer]
    _, note = _without_note(answer)
    # A note behind the last version is about all of them.
    return [one if _CHECK in one or not note else f"{one}\n{_CHECK}{note}{_CHECK_END}" for one in found]


@dataclass(frozen=True, slots=True)
class Changed:
    """A text with changes in it, and the passages that were to be changed and stand nowhere in it."""

    text: str
    lost: tuple[str, ...] = ()


def changed(text: str, answer: str) -> Changed:
    """A text with the changes of an answer: its blocks put in, or the whole new text where it has none."""
    blocks = _blocks_of(answer)
    if not blocks and _OLD in answer:
        return Changed(text, (answer.partition(_OLD)[2].strip(),))  # It was cut off.
    if not blocks:
        return Changed(answer.strip() or text)
    lost = []
    for old, new in blocks:
        place = _place_of(old, text)
        if place is None:
            lost.append(old)
        else:
            start, end = place
            if not new and text[:start].endswith("\n") and text[end:].startswith("\n"):
                end += 1  # A line that goes takes its line break with it.
            text = text[:start] + new + text[end:]
    return Changed(text.strip(), tuple(lost))


def _blocks_of(answer: str) -> list[tuple[str, str]]:
    blocks: list[tuple[str, str]] = []
    for piece in answer.split(_OLD)[1 : _MAX_BLOCKS + 1]:
        old, parting, rest = piece.partition(f"\n{_SPLIT}")
        new, closing, _ = rest.partition(_NEW)
        if parting and closing:
            blocks.append((old.strip("\n"), new.strip("\n")))
    return blocks


def _place_of(old: str, text: str) -> tuple[int, int] | None:
    """Where a passage stands, also with other blanks than it was copied with; None where it stands nowhere."""
    if not old.strip():
        return (len(text), len(text))
    at = text.find(old)
    if at >= 0:
        return at, at + len(old)
    wanted = " ".join(old.split())
    at = _RUN.sub(" ", text).find(wanted)
    return (_in_source(at, text), _in_source(at + len(wanted), text)) if at >= 0 else None


def _in_source(place: int, text: str) -> int:
    """A place in a text from that in the text whose runs of blanks are one blank each."""
    gone = 0
    for run in _RUN.finditer(text):
        if run.start() - gone >= place:
            break
        gone += len(run[0]) - 1
    return place + gone


def unwrapped(answer: str) -> str:
    """An answer without a model's thoughts and without a fence of code around the whole of it."""
    return _unfenced(_without_thoughts(make_storable(answer[:MAX_WRITTEN])).strip())


def _unfenced(text: str) -> str:
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and text.count("```") == 2:
        first, _, rest = text.partition("\n")
        if re.fullmatch(r"```\w{0,20}", first.strip()):
            return rest[:-3].strip()
    return text


def _refused(answer: str) -> str:
    """Why a writer refuses: what its tag says, which stands at the beginning or the end of the answer; empty where it does not."""
    found = next(_REFUSE.finditer(answer), None)
    if found is None:
        return ""
    before, behind = _BARE.sub("", answer[: found.start()]), _BARE.sub("", _without_note(answer[found.end() :])[0])
    return " ".join(found["why"].lower().split()) or "other" if not before or not behind else ""


def _without_habit(text: str) -> tuple[str, str]:
    """A text without what it says of all texts, and that; nothing of what is no short instruction."""
    found = _HABIT.search(text)
    if found is None:
        return text, ""
    said = " ".join(re.sub(r"[<>{}]", "", found[1]).split()).strip("\"'“” ").rstrip(".")
    fits = 3 <= len(said) <= MAX_ENTRY and 2 <= len(said.split()) <= _MAX_IN_HABIT
    return text[: found.start()] + text[found.end() :], said if fits else ""


def _without_note(text: str) -> tuple[str, str]:
    """A text without its closing note, and the note."""
    lower = text.lower()
    at = lower.find(_CHECK)
    if at < 0:
        return text, ""
    end = lower.find(_CHECK_END, at)
    note, after = (
        (text[at + len(_CHECK) :], "") if end < 0 else (text[at + len(_CHECK) : end], text[end + len(_CHECK_END) :])
    )
    kept = text[:at].rstrip()
    # A note that stands first has its text behind it.
    if not kept.strip() and after.strip():
        return after.strip(), " ".join(note.split())[:MAX_NOTED]
    # A mark that stands behind the note belongs to the text; more than that is none of it.
    mark = after.strip()
    kept = f"{kept}\n{mark}" if mark.startswith(("[used", "<skip>", "</version>")) else kept
    return kept, " ".join(note.split())[:MAX_NOTED]


def _without_question(text: str) -> tuple[str, tuple[str, ...]]:
    """A text without the question that its writer asks, and the question with its likely answers. A text goes before a question."""
    found = _ASK.search(text)
    if not found:
        return text, ()
    rest = (text[: found.start()] + text[found.end() :]).strip()
    parts = [" ".join(part.split())[:MAX_NOTED] for part in found[1].split("|")]
    return (rest, ()) if rest else ("", tuple(filter(None, parts)))


def _without_thoughts(text: str) -> str:
    """The text without what stands between <think> and </think>; a thought that does not end stays.

    A template may begin the thought, so that its end stands alone.
    """
    kept, at = [], 0
    if "<think>" not in text.partition("</think>")[0]:
        text = text.rpartition("</think>")[2]
    while (start := text.find("<think>", at)) >= 0 and (end := text.find("</think>", start)) >= 0:
        kept.append(text[at:start])
        at = end + len("</think>")
    return "".join(kept) + text[at:]
