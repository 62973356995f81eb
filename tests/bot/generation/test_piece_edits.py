"""A text of pieces is edited: what the wish is about changes, every other piece stays word for word."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from editing import numbered_lines

from bot.checks.units import words
from bot.content import Remembered, Request, Result, Version
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.generation.writers.edit import NOTHING, UNCHANGED
from bot.kinds import all_kinds

THREAD = "a thread of 3 posts for X on slow bread"
MAILS = "a welcome sequence of 3 emails for new members"
CAMPAIGN = "4-week campaign for slow bread, email, instagram and sms"
POSTS = [
    "Slow bread begins the day before. Flour and water meet at noon.",
    "A long rest makes it easy to digest. The crust sings as it cools.",
    "Come by and taste it. We keep the first loaf for you.",
    "Rye takes its time too. It keeps for a week.",
    "Feed the starter at dusk. It will thank you in the morning.",
]
ASKED = "2026-11-30T18:00:00+00:00"

Edit = Callable[[dict[int, tuple[str, str]]], Any]


class Model:
    """Writes each new text another way, and edits as it is told; keeps what it was asked."""

    def __init__(self, edit: Edit | None = None) -> None:
        self.edit, self.wrote, self.edits, self.drafts = edit, 0, list[Any](), list[str]()

    def __call__(self, messages: Any) -> Any:
        asked = messages[0].text
        if asked.startswith("You edit"):
            assert self.edit, "nothing was to be edited"
            self.edits.append(messages)
            return self.edit(numbered_lines(messages))
        self.drafts.append(messages[-1].text)
        self.wrote += 1
        kind = next(
            kind for kind in all_kinds().values() if kind.prompt in asked or (kind.craft and kind.craft in asked)
        )
        if kind.name == "social_post":
            return POSTS[(self.wrote - 1) % len(POSTS)]
        return kind.examples[(self.wrote - 1) % len(kind.examples)].output.model_dump(mode="json")


async def run(request: Request, model: Model, checkpoint: Any = None, **traits: Any) -> Result:
    engine = Engine(Scripted(model, traits=Traits(**traits)), name="model")
    more = {"checkpoint": checkpoint} if checkpoint else {}
    (result,) = await Pipeline(Engines([engine])).run(assign(request, Remembered()), **more)
    return result


async def first(kind: str, brief: str) -> Result:
    return await run(Request("1", "7", brief, kind=kind, asked=ASKED), Model())


def change(kind: str, brief: str, wish: str, result: Result, *earlier: str) -> Request:
    """The request that the buttons make of a kept result, as it comes back from a durable job."""
    failed = tuple(check.name for check in result.checks if not check.passed)
    length = {"shorter": 0.6, "longer": 1.6}
    notes = earlier if wish in length else (*earlier, wish)
    before = Version(result.content.text, result.seed, result.written, failed)
    request = Request(
        "2", "7", brief, kind=kind, wish=wish, notes=notes, scale=length.get(wish, 1.0), before=before, parent_id="1",
        earlier="" if wish in length else result.content.text, seed=99, asked=ASKED,
    )  # fmt: skip
    return Request.from_json(json.loads(json.dumps(request.as_json())))


def at(lines: dict[int, tuple[str, str]], label: str, text: str = "") -> int:
    return next(number for number, (where, line) in lines.items() if where == label and text in line)


def head(lines: dict[int, tuple[str, str]], name: str) -> int:
    """The line that holds the name of a piece alone."""
    return next(number for number, line in lines.items() if line == (name, ""))


def step(line: int, how: str, text: str = "") -> dict[str, Any]:
    return {"line": line, "how": how, "text": text}


def swaps(label: str, old: str, new: str) -> Edit:
    return lambda lines: {"changes": [step(at(lines, label, old), "replace", new)]}


async def test_one_post_is_changed_and_the_others_stay_word_for_word() -> None:
    old = await first("social_post", THREAD)
    model = Model(swaps("post 2 text", "crust", "The crust hums a tune."))
    new = await run(change("social_post", THREAD, "make the second post funnier", old), model)
    before, after = old.content.parts["posts"], new.content.parts["posts"]
    assert [before[0], before[2]] == [after[0], after[2]]
    assert after[1] == before[1].replace("The crust sings as it cools.", "The crust hums a tune.")
    assert after[1].startswith("2/3 ")
    assert (len(model.edits), model.drafts, new.note) == (1, [], None)
    assert [text.strip() for tag, text in new.changed if tag == "out"] == ["sings as it cools"]
    assert new.seed == old.seed
    again = Model(swaps("post 3 text", "Come by", "Come in and taste it."))
    newest = await run(change("social_post", THREAD, "say come in", new, "make the second post funnier"), again)
    assert newest.content.parts["posts"][:2] == after[:2]
    assert newest.content.parts["posts"][2] == after[2].replace("Come by", "Come in")


async def test_every_post_is_to_be_shorter_and_which_is_not_is_sent_back() -> None:
    old = await first("social_post", THREAD)
    ends = {"post 1 text": "meet at noon", "post 2 text": "crust", "post 3 text": "We keep"}
    tries = iter([["post 1 text"], list(ends)])

    def cut(lines: dict[int, tuple[str, str]]) -> Any:
        return {"changes": [step(at(lines, label, ends[label]), "remove") for label in next(tries)]}

    model = Model(cut)
    new = await run(change("social_post", THREAD, "shorter", old), model)
    assert [text.count(".") for text in new.content.parts["posts"]] == [1, 1, 1]
    assert all(
        text[:20] == kept[:20]
        for text, kept in zip(new.content.parts["posts"], old.content.parts["posts"], strict=True)
    )
    assert "post 2: It has" in model.edits[1][-1].text
    assert "post 1: It has" not in model.edits[1][-1].text
    has = words(old.content.parts["posts"][0])
    assert f"post 1 {round(0.6 * has)}, it has {has}; post 2" in model.edits[0][-1].text


async def test_a_fourth_post_is_written_as_posts_are_and_the_others_stay() -> None:
    old = await first("social_post", THREAD)
    model = Model(lambda _: {"changes": [], "new_texts": [{"before": 0, "about": "Rye bread."}]})
    model.wrote = 3
    new = await run(change("social_post", THREAD, "add a fourth post, about rye", old), model)
    texts = [text.partition(" ")[2] for text in new.content.parts["posts"]]
    assert texts == POSTS[:4]
    assert [text[:4] for text in new.content.parts["posts"]] == ["1/4 ", "2/4 ", "3/4 ", "4/4 "]
    assert model.drafts[0].endswith("post about slow bread. Rye bread.")
    assert "It is part 4 of 4" in model.drafts[0]
    assert POSTS[2] in model.drafts[0]
    # What is kept of it has all four, so that the next wish finds them.
    swap = Model(swaps("post 4 text", "week", "It keeps for a fortnight."))
    newest = await run(change("social_post", THREAD, "longer keeping rye", new, "add a fourth post, about rye"), swap)
    assert newest.content.parts["posts"] == [
        *new.content.parts["posts"][:3], new.content.parts["posts"][3].replace("a week", "a fortnight"),
    ]  # fmt: skip


async def test_a_post_is_removed_and_those_behind_it_move_up() -> None:
    old = await first("social_post", THREAD)
    model = Model(lambda lines: {"changes": [step(head(lines, "post 2"), "remove")]})
    new = await run(change("social_post", THREAD, "remove the second post", old), model)
    assert new.content.parts["posts"] == [f"1/2 {POSTS[0]}", f"2/2 {POSTS[2]}"]
    assert model.drafts == []
    one = await run(
        change("social_post", THREAD, "remove the first post too", new, "remove the second post"),
        Model(lambda lines: {"changes": [step(head(lines, "post 1"), "remove")]}),
    )
    assert one.content.parts["posts"] == [POSTS[2]]


@pytest.mark.parametrize("obliging", [True, False])
async def test_only_so_many_mails(obliging: bool) -> None:
    """Which of them go the model says; where it does not, those go that stand before the last."""
    old = await first("email", MAILS)
    model = Model(lambda lines: {"changes": [step(head(lines, "mail 1"), "remove")] if obliging else []})
    new = await run(change("email", MAILS, "only 2 mails", old), model)
    before, after = old.content.parts["emails"], new.content.parts["emails"]
    kept = before[1:] if obliging else [before[0], before[2]]
    assert [mail["body"] for mail in after] == [mail["body"] for mail in kept]
    assert [mail["send_day"] for mail in after] == [0, 2]
    assert "There are 3 texts, and there are to be 2." in model.edits[0][-1].text
    assert len(model.edits) == (1 if obliging else 3)
    assert "2 emails" in [str(phrase) for phrase in new.understood]


async def test_more_mails_stand_before_the_last_where_the_model_does_not_say() -> None:
    old = await first("email", MAILS)
    model = Model(lambda _: {"changes": []})
    new = await run(change("email", MAILS, "4 mails instead", old), model)
    before, after = old.content.parts["emails"], new.content.parts["emails"]
    assert [mail["body"] for mail in (after[0], after[1], after[3])] == [mail["body"] for mail in before]
    assert "It is part 3 of 4" in model.drafts[0]
    assert not any("It is part 4 of 4" in draft for draft in model.drafts)


async def test_one_mail_of_a_sequence_is_changed() -> None:
    old = await first("email", MAILS)
    model = Model(swaps("mail 2 subject", "", "Your first three packets"))
    new = await run(change("email", MAILS, "the second subject: say what waits", old), model)
    before, after = old.content.parts["emails"], new.content.parts["emails"]
    assert after == [before[0], before[1] | {"subject": "Your first three packets"}, before[2]]


async def test_one_channel_of_a_campaign_is_changed_and_its_channels_stay() -> None:
    old = await first("campaign", CAMPAIGN)
    model = Model(swaps("email subject", "", "Bread that sleeps in"))
    new = await run(change("campaign", CAMPAIGN, "make the subject of the email funnier", old), model)
    assert new.content.parts["channels"] == old.content.parts["channels"] == ["email", "instagram", "sms"]
    copy, kept = new.content.parts["copy"], old.content.parts["copy"]
    assert "Bread that sleeps in" in copy["email"]
    assert {**copy, "email": ""} == {**kept, "email": ""}
    assert new.content.parts["sections"] == old.content.parts["sections"]
    assert new.content.parts["image_prompts"] == old.content.parts["image_prompts"]
    assert model.drafts == []
    assert "Bread that sleeps in" in "".join(text for tag, text in new.changed if tag == "in")


async def test_the_plan_of_a_campaign_is_changed_and_its_copy_stays() -> None:
    old = await first("campaign", CAMPAIGN)
    model = Model(swaps("campaign goal", "", "More people taste bread that takes its time."))
    new = await run(change("campaign", CAMPAIGN, "another goal", old), model)
    assert new.content.parts["sections"]["goal"] == "More people taste bread that takes its time."
    assert new.content.parts["copy"] == old.content.parts["copy"]


async def test_a_channel_of_a_campaign_goes_and_another_comes() -> None:
    old = await first("campaign", CAMPAIGN)
    model = Model(
        lambda lines: {
            "changes": [step(head(lines, "sms"), "remove")],
            "new_texts": [{"before": 0, "name": "linkedin"}],
        }
    )
    new = await run(change("campaign", CAMPAIGN, "linkedin instead of sms", old), model)
    assert new.content.parts["channels"] == ["email", "instagram", "linkedin"]
    copy, kept = new.content.parts["copy"], old.content.parts["copy"]
    assert [copy["email"], copy["instagram"]] == [kept["email"], kept["instagram"]]
    assert new.content.parts["image_prompts"][0] == old.content.parts["image_prompts"][0]
    assert len(model.drafts) == 2  # The copy and the picture.


async def test_what_changes_nothing_is_told() -> None:
    old = await first("social_post", THREAD)
    model = Model(lambda _: "no")
    new = await run(change("social_post", THREAD, "warmer", old), model)
    assert (new.content, new.note, new.changed) == (old.content, UNCHANGED, ())
    assert model.edits[1][-1].text.startswith(f"Fault: {NOTHING}")


@pytest.mark.parametrize(
    "edit",
    [
        lambda lines: {"changes": [step(number, "remove") for number, (_, text) in lines.items() if not text]},
        lambda lines: {"changes": [step(1, "replace", "x"), step(len(lines) + 1, "remove")], "new_texts": [{"about": 3}]},
        lambda _: {"changes": "x", "new_texts": {"before": 0}},
    ],
    ids=["nothing stays", "no such lines", "no lists"],
)  # fmt: skip
async def test_what_nobody_can_mean_changes_nothing(edit: Edit) -> None:
    old = await first("social_post", THREAD)
    new = await run(change("social_post", THREAD, "remove them", old), Model(edit))
    assert (new.content, new.note) == (old.content, UNCHANGED)


async def test_a_channel_that_nobody_knows_or_that_is_there_does_not_come() -> None:
    old = await first("campaign", CAMPAIGN)
    new_texts = [{"before": 0, "name": name} for name in ("billboards", "sms", "x", "x")]
    new = await run(
        change("campaign", CAMPAIGN, "add X", old), Model(lambda _: {"changes": [], "new_texts": new_texts})
    )
    assert new.content.parts["channels"] == ["email", "instagram", "sms", "x"]


async def test_a_campaign_made_shorter_keeps_its_prompts_for_pictures() -> None:
    old = await first("campaign", CAMPAIGN)
    model = Model(lambda _: {"changes": []})
    new = await run(change("campaign", CAMPAIGN, "shorter", old), model)
    assert new.content.text == old.content.text
    assert "instagram picture" not in model.edits[0][-1].text
    assert "sms: It has" in model.edits[1][-1].text


async def test_what_has_no_room_in_one_call_is_edited_in_several() -> None:
    brief = "a thread of 5 posts for LinkedIn on slow bread"
    old = await first("social_post", brief)
    size = len(json.dumps({"text": POSTS[0]})) // 3
    # Half of the context holds the instructions and two posts.
    model = Model(
        lambda lines: (
            {"changes": [step(at(lines, "post 4 text", "Rye"), "replace", "Rye is slow too.")]}
            if any(where == "post 4 text" for where, _ in lines.values())
            else {"changes": []}
        )
    )
    new = await run(change("social_post", brief, "post 4: say slow", old), model, context=2 * (1_500 + 2 * size + 8))
    assert len(model.edits) > 1
    assert "These are only some of its texts" in model.edits[0][0].text
    assert new.content.text == old.content.text.replace("Rye takes its time too.", "Rye is slow too.")


async def test_an_edit_is_paid_for_once() -> None:
    old = await first("social_post", THREAD)
    kept: dict[str, Any] = {}

    async def checkpoint(name: str, work: Any) -> Any:
        if name not in kept:
            kept[name] = json.dumps(await work())
        return json.loads(kept[name])

    model = Model(
        lambda _: {"changes": [], "new_texts": [{"before": 0, "about": "Rye."}, {"before": 1, "about": "Oats."}]}
    )
    request = change("social_post", THREAD, "add two more posts", old)
    new = await run(request, model, checkpoint)
    calls = (len(model.edits), len(model.drafts))
    assert calls == (1, 2)
    again = await run(request, model, checkpoint)
    assert (again.content, again.written, again.changed) == (new.content, new.written, new.changed)
    assert (len(model.edits), len(model.drafts)) == calls
    assert [text.partition(" ")[0] for text in new.content.parts["posts"]] == ["1/5", "2/5", "3/5", "4/5", "5/5"]


@pytest.mark.parametrize(
    "traits", [{"capable": False}, {"by_example": True}, {"context": 3_000}], ids=["small", "by example", "no room"]
)
async def test_what_a_model_is_not_to_edit_is_written_anew(traits: dict[str, Any]) -> None:
    old = await first("social_post", THREAD)
    model = Model()
    new = await run(change("social_post", THREAD, "warmer", old), model, **traits)
    assert len(new.content.parts["posts"]) == 3
    assert model.drafts
    assert new.changed == ()


async def test_a_version_whose_pieces_are_not_kept_is_written_anew() -> None:
    old = await first("social_post", THREAD)
    old.written.clear()
    model = Model()
    new = await run(change("social_post", THREAD, "warmer", old), model)
    assert len(model.drafts) == 3
    assert len(new.content.parts["posts"]) == 3
