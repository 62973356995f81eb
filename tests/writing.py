"""What an obliging model answers: the text that a good writer made for a kind, and what the bot asks besides.

The texts are tests/data/texts/KIND.md; of kinds that code draws, what a model fills in is KIND.json there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bot.content import Assignment, Content, MemorySnapshot, Request
from bot.generation import sheet
from bot.generation.pipeline import build_draft
from bot.generation.recall import assign
from bot.kinds import load_kinds
from personas.profile import Profile

TEXTS = Path(__file__).parent / "data" / "texts"
_COMMENT = re.compile(r"\A<!--.*?-->\s*", re.DOTALL)


@cache
def good_text(kind: str) -> str:
    """What a good writer, or a good filler-in, answers when it is asked for a kind."""
    drawn = TEXTS / f"{kind}.json"
    if drawn.exists():
        return drawn.read_text(encoding="utf-8")
    return _COMMENT.sub("", (TEXTS / f"{kind}.md").read_text(encoding="utf-8")).strip()


def content_of(assignment: Assignment, text: str = "") -> Content:
    """The finished content of a good text, or of another one, with the parts that are read or drawn of it."""
    return build_draft(text or good_text(assignment.kind.name), assignment).content


def good_content(kind: str, brief: str = "", text: str = "", profile: Profile | None = None) -> Content:
    """What becomes of a text of a kind, or of the good one, that was written for a brief."""
    return content_of(assign(Request("1", "7", brief, kind=kind), MemorySnapshot(profile or Profile())), text)


def versions(*texts: str) -> str:
    """The answer of a model that was asked for several texts."""
    return "\n".join(f"<version>{text}</version>" for text in texts)


def kind_asked(messages: Sequence[Any]) -> str:
    """The kind that a prompt asks a text of; empty for any other prompt."""
    last = (messages[-1].text if len(messages) <= 2 else messages[1].text).casefold()
    for kind in load_kinds().values():
        title = kind.title.casefold()
        if f"what it is: {title}." in last or last.startswith(f"write the finished {title}, nothing else."):
            return kind.name
    return ""


def is_change(messages: Sequence[Any]) -> bool:
    """Whether a prompt asks for a change of a text that is there."""
    asked = messages[0].text
    return asked.startswith((sheet.CHANGE[:40], "You change what is there", "Here is a text. Change it"))


def text_before(messages: Sequence[Any]) -> str:
    """The text that a prompt wants changed."""
    return str(messages[1].text.partition("<text>\n")[2].rpartition("\n</text>")[0])


def wish_of(messages: Sequence[Any]) -> str:
    """The change that a prompt wants."""
    return str(messages[1].text.rpartition("Change: ")[2])


ADDED = "The shed keeps it dry and the rain stays out of it."


def obliging_change(messages: Sequence[Any]) -> str:
    """Half of the text where it is to be shorter, twice of it where longer; else a sentence behind its last line, as a block."""
    before, wish = text_before(messages), wish_of(messages)
    if messages[0].text.startswith("You change what is there"):
        return before
    if wish == "shorter":
        words = before.split(" ")
        return " ".join(words[: (len(words) + 1) // 2])
    if wish == "longer":
        return f"{before}\n\n{ADDED} {ADDED} {ADDED}"
    last = before.rstrip().rpartition("\n")[2]
    return f"<<<<<<< OLD\n{last}\n=======\n{last} {ADDED}\n>>>>>>> NEW"


def good_answer(messages: Sequence[Any]) -> str:
    """The answer of an obliging model. Asked which kind a text wants, or for a key, it is unsure."""
    if is_change(messages):
        return obliging_change(messages)
    if len(messages) > 2 and messages[-1].text.startswith("I measured"):
        return str(messages[-2].text)
    if messages[0].text.startswith(sheet.PROOFREAD[:30]):
        return '{"findings": []}'
    kind = kind_asked(messages)
    if not kind:
        return "unsure"
    text = good_text(kind)
    if found := re.search(r"Write (\d) versions", messages[0].text):
        return "\n".join(f"<version>{_lead(number)}{text}</version>" for number in range(int(found[1])))
    return text


def _lead(number: int) -> str:
    return ("", "Look here. ", "One more thing. ", "And now this. ")[number % 4]
