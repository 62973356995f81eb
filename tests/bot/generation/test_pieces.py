"""Texts that consist of texts of their own: threads, sequences of mails, campaigns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from bot.checks.units import sms_segments, weighted
from bot.content import Assignment
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.exports import export
from bot.generation.pipeline import Pipeline
from bot.kinds import all_kinds
from personas.profile import CallToAction, Profile

Assigned = Callable[..., Assignment]
OURS = Profile(
    organisation="Fern & Fog",
    timezone="Pacific/Auckland",
    call_to_action=CallToAction(text="Book", link="fern.example"),
)
LONG = "The dough rests for a night and a day before it meets the oven. " * 8


def obliging(messages: Any) -> Any:
    """Writes the worked example of whatever kind it is asked for."""
    asked = messages[0].text
    if messages[-1].text.startswith("You rewrite one part"):
        return messages[-1].text.partition("\nText: ")[2].partition("\n\nFault: ")[0]
    kind = next(kind for kind in all_kinds().values() if kind.prompt in asked or (kind.craft and kind.craft in asked))
    output = kind.examples[0].output
    return output.text if kind.plain else output.model_dump(mode="json")  # type: ignore[attr-defined]


async def made(assignment: Assignment, answer: Any = obliging, **traits: Any) -> tuple[Any, list[str]]:
    provider = Scripted(answer if callable(answer) else lambda _: answer, traits=Traits(**traits))
    (result, *_) = await Pipeline(Engines([Engine(provider, name="scripted")])).run(assignment)
    return result, ["\n".join(message.text for message in call) for call in provider.model.calls]


@pytest.mark.parametrize(
    ("brief", "count"),
    [
        ("a thread of 5 posts for X on slow bread", 5),
        ("thread of 3 about slow bread, for x", 3),
        ("6 tweets on slow bread", 6),
        ("a five-part thread on slow bread for X", 5),
        ("thread on slow bread for X", 4),
        ("tweet: slow bread", 1),
        ("one post for X about slow bread", 1),
    ],
)
async def test_a_thread_has_the_posts_that_are_asked_for(brief: str, count: int, assigned: Assigned) -> None:
    result, _ = await made(assigned("social_post", brief, OURS), LONG)
    posts = result.content.parts["posts"]
    assert len(posts) == count
    assert all(weighted(post) <= 280 for post in posts)
    numbered = [post.partition(" ")[0] for post in posts]
    expected = [f"{at}/{count}" for at in range(1, count + 1)] if "thread" in brief else ["The"] * count
    assert numbered == expected


async def test_a_thread_ends_with_the_link_and_each_post_knows_those_before(assigned: Assigned) -> None:
    result, prompts = await made(assigned("social_post", "a thread of 3 posts for X on slow bread", OURS), LONG)
    assert [post[:4] for post in result.content.parts["posts"]] == ["1/3 ", "2/3 ", "3/3 "]
    drafts = [prompt for prompt in prompts if "Fault:" not in prompt]
    result, _ = await made(
        assigned("social_post", "a thread of 3 posts for X on slow bread", OURS), LONG, capable=False
    )
    first, second, last = result.content.parts["posts"]
    assert "fern.example" not in first + second
    assert last.endswith("Book: fern.example")
    assert "It is part 2 of 3 of this: a thread of 3 posts for X on slow bread" in drafts[1]
    assert "1/3 The dough rests" in drafts[1]
    assert "1/3" not in drafts[0]
    rows = list(csv.reader(io.StringIO(export("csv", "Post", result.content).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("brief", "days"),
    [
        ("a welcome sequence of 3 emails for new members", [0, 2, 5]),
        ("email series: 4 mails, every 3 days", [0, 3, 6, 9]),
        ("drip of 2 emails, weekly", [0, 7]),
        ("an email sequence for new members", [0, 2, 5]),
    ],
)
async def test_a_sequence_of_mails(brief: str, days: list[int], assigned: Assigned) -> None:
    result, _ = await made(assigned("email", brief, OURS), capable=False)
    mails = result.content.parts["emails"]
    assert [mail["send_day"] for mail in mails] == days
    assert all(mail["subject"] and mail["preheader"] and mail["body"].count("fern.example") == 1 for mail in mails)
    assert f"Email 1 of {len(days)}, day 0" in result.content.text


async def test_a_single_mail_has_no_day(assigned: Assigned) -> None:
    result, prompts = await made(assigned("email", "email: we open on Monday", OURS))
    assert set(result.content.parts["emails"][0]) == {"subject", "preheader", "body"}
    assert "part 1 of" not in prompts[0]


@pytest.mark.parametrize(
    ("brief", "first"),
    [
        ("4-week campaign for slow bread, email, instagram, sms, google ads", "2026-12-07"),
        ("4-week campaign for slow bread, from 3 March, email, instagram, sms, google ads", "2027-03-03"),
        ("4-week campaign for the fair on 20 February 2027, email, instagram, sms, google ads", "2027-01-23"),
        ("4-week campaign starting 2026-12-24, email, instagram, sms, google ads", "2026-12-24"),
    ],
)
async def test_a_campaign_is_dated_and_holds_the_copy_of_every_channel(
    brief: str, first: str, assigned: Assigned
) -> None:
    # In Auckland it is the first of December already.
    result, _ = await made(assigned("campaign", brief, OURS, asked="2026-11-30T18:00:00+00:00"))
    parts = result.content.parts
    assert parts["channels"] == list(parts["copy"]) == ["email", "instagram", "google_ads", "sms"]
    assert parts["calendar"][0]["date"] == first
    assert len({entry["date"] for entry in parts["calendar"]}) == 4
    assert all(entry["time"] and entry["title"] and entry["text"] for entry in parts["calendar"])
    assert sms_segments(parts["copy"]["sms"]) == 1
    assert "**Headlines**" in parts["copy"]["google_ads"]
    assert len(parts["image_prompts"]) == 1
    assert parts["calendar"][0]["text"] == parts["copy"]["email"]
    ical = export("ics", "Campaign", result.content).decode()
    assert ical.count("BEGIN:VEVENT") == 4
    assert first.replace("-", "") in ical
    assert "Email" in result.content.text


async def test_a_fault_of_a_channel_is_named_by_its_channel(assigned: Assigned) -> None:
    def too_long(messages: Any) -> Any:
        return "word" * 100 if "Write one text message" in messages[0].text else obliging(messages)

    result, _ = await made(assigned("campaign", "campaign for slow bread, sms and email", OURS), too_long)
    assert "Text messages: length in SMS parts" in [check.name for check in result.checks if not check.passed]


async def test_pieces_are_paid_for_once(assigned: Assigned) -> None:
    kept: dict[str, Any] = {}

    async def checkpoint(name: str, step: Any) -> Any:
        if name not in kept:
            kept[name] = await step()
        return kept[name]

    provider = Scripted(lambda _: LONG)
    pipeline = Pipeline(Engines([Engine(provider, name="scripted")]))
    assignment = assigned("social_post", "a thread of 3 posts for X on slow bread", variants=2)
    first = await pipeline.run(assignment, checkpoint=checkpoint)
    calls = len(provider.model.calls)
    assert len(first) == 2
    assert await pipeline.run(assignment, checkpoint=checkpoint) != []
    assert len(provider.model.calls) == calls


async def test_what_a_thread_must_say_any_of_its_posts_says(assigned: Assigned) -> None:
    posts = iter(["Slow bread is back in the old mill.", "It costs €4.", "Come on 3 May at 9:00."])
    asked = assigned("social_post", "a thread of 3 posts for X on slow bread, €4 a loaf, 3 May 9:00")
    model = Engine(Scripted(lambda _: next(posts), traits=Traits(capable=True), label="m"), name="m")
    (whole,) = await Pipeline(Engines([model])).run(asked)
    (check,) = [one for one in whole.checks if one.id == "brief's figures"]
    assert check.passed
    assert "€4" in whole.content.text


async def test_the_last_post_is_asked_for_what_no_other_says(assigned: Assigned) -> None:
    posts = iter(["Slow bread is back.", "It rests for a night.", "Come by.", *["Come by on 3 May, €4 a loaf."] * 3])
    asked = assigned("social_post", "a thread of 3 posts for X on slow bread, €4 a loaf, 3 May")
    whole, prompts = await made(asked, lambda _: next(posts), capable=True)
    assert [one.passed for one in whole.checks if one.id == "brief's figures"] == [True]
    assert "It must hold" in prompts[-1]
