"""Answers of an obliging model: good texts for each kind, and what else the bot asks for. The texts are
tests/data/texts/KIND.md; for drawn kinds, the filled-in data are KIND.json.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bot.content import Assignment, Content, MemorySnapshot, Request
from bot.engines import Traits
from bot.generation import prompts
from bot.generation.drafts import build_draft
from bot.generation.recall import assign
from bot.generation.sheet import build_draft_messages
from bot.kinds import load_kinds
from personas.profile import Profile

TEXTS = Path(__file__).parent / "data" / "texts"
_COMMENT = re.compile(r"\A<!--.*?-->\s*", re.DOTALL)


@cache
def load_good_text(kind: str) -> str:
    """Load a good answer for a kind."""
    drawn = TEXTS / f"{kind}.json"
    if drawn.exists():
        return drawn.read_text(encoding="utf-8")
    return _COMMENT.sub("", (TEXTS / f"{kind}.md").read_text(encoding="utf-8")).strip()


def build_content(assignment: Assignment, text: str = "") -> Content:
    """Build the finished content of the good text, or of another one, with its parts."""
    return build_draft(text or load_good_text(assignment.kind.name), assignment).content


def build_good_content(kind: str, brief: str = "", text: str = "", profile: Profile | None = None) -> Content:
    """Build the content of a text of a kind that was written for a brief."""
    return build_content(assign(Request("1", "7", brief, kind=kind), MemorySnapshot(profile or Profile())), text)


def format_versions(*texts: str) -> str:
    """Format the answer of a model that was asked for several texts."""
    return "\n".join(f"<version>{text}</version>" for text in texts)


def find_requested_kind(messages: Sequence[Any]) -> str:
    """Return the kind that a prompt asks for; "" for other prompts."""
    last = (messages[-1].text if len(messages) <= 2 else messages[1].text).casefold()
    for kind in load_kinds().values():
        title = kind.title.casefold()
        asked = f"write the finished {title}"
        is_draft = f"is asked for ({title})," in messages[0].text.casefold()
        if (
            is_draft
            or f"what it is: {title}." in last
            or last.startswith((f"{asked}, nothing else.", f"{asked} in this layout"))
        ):
            return kind.name
    return ""


def find_joint_kinds(messages: Sequence[Any]) -> list[str]:
    """Return the kinds of the texts that a prompt asks for together; empty for other prompts."""
    listed = messages[-1].text.partition("Texts:\n")[2].partition("\nToday: ")[0]
    kinds = {kind.title.casefold(): kind.name for kind in load_kinds().values()}
    return [kinds[title.casefold()] for title in re.findall(r"^\d+\. .+?: (.+?)\.", listed, re.MULTILINE)]


_SMALL_CHANGE = prompts.CHANGE_SMALL.partition("{")[0]


def is_change(messages: Sequence[Any]) -> bool:
    """Return whether a prompt asks for a change of an existing text."""
    asked = messages[0].text
    return asked.startswith((prompts.CHANGE[:40], "You edit an existing version")) or _is_small_change(messages)


def _is_small_change(messages: Sequence[Any]) -> bool:
    return str(messages[-1].text).startswith(_SMALL_CHANGE)


def extract_text(messages: Sequence[Any]) -> str:
    """Extract the text that a prompt wants changed."""
    text = str(messages[1].text)
    return text if _is_small_change(messages) else text.partition("<text>\n")[2].rpartition("\n</text>")[0]


def extract_instruction(messages: Sequence[Any]) -> str:
    """Extract the instruction of a change from a prompt."""
    return str(messages[-1].text.rpartition(_SMALL_CHANGE if _is_small_change(messages) else "Change: ")[2])


def format_edit_block(old: str, new: str) -> str:
    """Format the answer of a model that replaces a passage of a text."""
    return f"<<<<<<< OLD\n{old}\n=======\n{new}\n>>>>>>> NEW"


def build_sheet(assignment: Assignment, traits: Traits | None = None) -> str:
    """Build the prompt for a draft, its messages joined."""
    return "\n".join(one.text for one in build_draft_messages(assignment, traits or Traits(), context_tokens=8_000))


ADDED = "The shed keeps it dry and the rain stays out of it."


def answer_change(messages: Sequence[Any]) -> str:
    """Halve the text if it should be shorter, double it if longer; else add a sentence after its last line, as an edit
    block.
    """
    before, wish = extract_text(messages), extract_instruction(messages)
    if messages[0].text.startswith("You edit an existing version"):
        return before
    if wish == "shorter":
        words = before.split(" ")
        return " ".join(words[: (len(words) + 1) // 2])
    if wish == "longer":
        return f"{before}\n\n{ADDED} {ADDED} {ADDED}"
    last = before.rstrip().rpartition("\n")[2]
    return format_edit_block(last, f"{last} {ADDED}")


def good_answer(messages: Sequence[Any]) -> str:
    """Answer like an obliging model. Asked for the kind of a text, or for a key, it is unsure."""
    if is_change(messages):
        return answer_change(messages)
    if len(messages) > 2 and messages[-1].text.startswith("I measured"):
        return str(messages[-2].text)
    if messages[0].text.startswith(prompts.PROOFREAD[:30]):
        return '{"findings": []}'
    if kinds := find_joint_kinds(messages):
        return format_versions(*map(load_good_text, kinds))
    kind = find_requested_kind(messages)
    if not kind:
        return "unsure"
    text = load_good_text(kind)
    if found := re.search(r"Write (\d) versions", messages[0].text):
        return "\n".join(f"<version>{_get_lead(number)}{text}</version>" for number in range(int(found[1])))
    return text


def _get_lead(number: int) -> str:
    return ("", "Look here. ", "One more thing. ", "And now this. ")[number % 4]
