"""Somebody's own version of a result, read back into the parts that a model writes."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from bot.commands import _taste
from bot.generation.own_version import read_back
from bot.kinds import all_kinds, kind_named

MAIL: dict[str, Any] = {
    "subject": "Closed on Monday",
    "preheader": "We are back on Tuesday with warm scones.",
    "greeting": "Hello neighbours,",
    "body": ["We are closed on Monday. The oven is being mended.", "Come by on Tuesday! The coffee is on the house."],
}
SHOWN = (
    "**Subject:** Closed on Monday\n**Preview:** We are back on Tuesday with warm scones.\n\nHello neighbours,\n\n"
    "We are closed on Monday. The oven is being mended.\n\nCome by on Tuesday! The coffee is on the house. ☕\n\n"
    "Pop in: fern.example\n\nSee you soon,\n\nFern & Fog"
)


def mail(*changes: tuple[str, str]) -> dict[str, Any]:
    text = SHOWN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_back(kind_named("email"), MAIL, SHOWN, text)


def test_a_change_is_read_into_the_part_that_it_was_made_in() -> None:
    assert mail(("Hello neighbours,", "Dear all,"))["greeting"] == "Dear all,"
    changed = mail(("Closed on Monday\n", "A day off on Monday\n"), ("Come by on Tuesday!", "Drop in on Tuesday."))
    assert changed["subject"] == "A day off on Monday"
    assert changed["body"] == [
        MAIL["body"][0],
        "Drop in on Tuesday. The coffee is on the house. ☕".removesuffix(" ☕"),
    ]
    assert changed["greeting"] == MAIL["greeting"]


def test_a_text_that_was_copied_without_its_marks_is_the_same() -> None:
    changed = mail(("**", ""), ("The oven is being mended.", "The oven needs a rest."))
    assert changed == {**MAIL, "body": ["We are closed on Monday. The oven needs a rest.", MAIL["body"][1]]}


def test_paragraphs_go_and_come() -> None:
    assert mail((f"{MAIL['body'][0]}\n\n", ""))["body"] == MAIL["body"][1:]
    more = mail(("being mended.", "being mended.\n\nThe tables outside stay."))["body"]
    assert more == [MAIL["body"][0], "The tables outside stay.", MAIL["body"][1]]


def test_what_is_left_out_and_no_entry_stays_as_it_was() -> None:
    changed = mail((SHOWN.partition("Hello")[0], ""), ("Come by on", "See you"))
    assert (changed["subject"], changed["preheader"]) == (MAIL["subject"], MAIL["preheader"])
    assert changed["body"][1].startswith("See you Tuesday!")


def test_what_code_puts_there_is_no_part() -> None:
    changed = mail(("See you soon,", "Cheers,"), ("Hello neighbours,", "Hi all,"))
    assert changed == {**MAIL, "greeting": "Hi all,"}


@pytest.mark.parametrize(
    "text",
    [
        SHOWN,
        SHOWN + "\n\nAnd now a paragraph of its own, which stands after all that and belongs to none of the parts.",
        "Another text about another matter, by another person, for other people, with no word from before.",
        "",
    ],
    ids=["the same", "a paragraph outside", "another text", "nothing"],
)
def test_what_cannot_be_told_gives_no_parts(text: str) -> None:
    assert read_back(kind_named("email"), MAIL, SHOWN, text) == {}


def test_an_item_that_was_taken_out_goes_whole() -> None:
    kind = kind_named("flashcards")
    written = kind.examples[0].output.model_dump(mode="json")
    name = next(name for name, value in written.items() if isinstance(value, list))
    lines = ["\n".join(str(part) for part in entry.values()) for entry in written[name]]
    changed = read_back(kind, written, "\n\n".join(lines), "\n\n".join(lines[1:]))
    assert changed[name] == written[name][1:]


def test_a_text_is_a_text() -> None:
    assert read_back(kind_named("social_post"), {"text": "a"}, "a", "b") == {"text": "b"}


@pytest.mark.parametrize("name", [name for name, kind in all_kinds().items() if not kind.plain])
def test_every_kind_is_read_back_or_left(name: str) -> None:
    """Whatever a kind's parts are: a changed word gives parts of the same form that differ, or none."""
    kind = kind_named(name)
    written = kind.examples[0].output.model_dump(mode="json")
    texts = [text for _, text in _texts(written)]
    shown = "\n\n".join(texts)
    longest = max(texts, key=len)
    changed = read_back(kind, written, shown, shown.replace(longest, f"{longest} And more"))
    assert changed == {} or (kind.output.model_validate(changed) and changed != written)


def _texts(node: Any) -> list[tuple[str, str]]:
    if isinstance(node, str):
        return [("", node)] if node.strip() else []
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [found for child in children for found in _texts(child)]


def test_a_long_version_is_read_at_once() -> None:
    """Seconds of the processor, as others may be at work beside it; with gaps among what is compared it took 2."""
    kind = kind_named("article")
    said = "we bake fresh bread rolls and warm scones on most mornings while the town sleeps and the river goes by"
    words = said.split()
    lines = [" ".join(words[(3 * at + step * 7) % len(words)] for step in range(24)) + f" {at}." for at in range(60)]
    written = {"title": "Bread", "sections": [{"heading": "All", "paragraphs": lines}]}
    shown = "\n\n".join(lines)
    assert len(shown) > 7_100
    begun = time.thread_time()
    read_back(kind, written, shown, shown.replace("scones", "buns").replace("bread", "loaf"))
    assert time.thread_time() - begun < 0.9


def test_a_paragraph_that_was_parted_is_two() -> None:
    changed = mail(("on Monday. The oven", "on Monday.\n\nThe oven"))
    assert changed["body"] == ["We are closed on Monday.", "The oven is being mended.", MAIL["body"][1]]


async def test_the_bot_goes_on_while_a_version_is_read(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[threading.Thread] = []

    def reading(*told: Any) -> dict[str, Any]:
        where.append(threading.current_thread())
        return read_back(*told)

    monkeypatch.setattr(_taste, "read_back", reading)
    world.script.says("We are closed on Monday, as the oven is being mended. On Tuesday we are back at eight.")
    result = (await world.post("we close on Monday")).response
    edited = "We are closed on Monday, as the oven is being cleaned. On Tuesday we are back at eight."
    await world.ada.send(world.channel, f"{world.me} {edited}", reply_to=result)
    assert where
    assert threading.main_thread() not in where
