"""How much may be asked for: by person, channel and server, told in one sentence with the time it ends."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from acting import act_at_once, act_in_language, tap
from discord_texts import find_buttons, find_fields, get_answer, read_message
from planning import create_manager

from bot.admission import limits
from bot.admission.limits import LimitError, Meter, combine_limits, format_limits, parse_limits
from bot.settings import Settings

NOON = 1_900_000_000.0


class Clock:
    """A clock that advances only when a test sets it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def read_end(error: pytest.ExceptionInfo[LimitError]) -> int:
    found = re.search(r"<t:(\d+):R>", str(error.value))
    assert found
    return int(found[1])


def test_windows_slide_and_errors_say_when_they_end() -> None:
    clock = Clock()
    meter, allowed = Meter(clock), parse_limits("person 3/minute 5/hour")

    def ask(count: int = 1, who: str = "ada") -> None:
        meter.count_requests([(who, "person")], [allowed], count)

    for _ in range(3):
        ask()
        clock.now += 10
    with pytest.raises(LimitError) as refused:
        ask()
    assert read_end(refused) == NOON + 61
    ask(who="ben")
    clock.now = NOON + 60
    ask()
    with pytest.raises(LimitError) as refused:
        ask(count=2)
    clock.now = NOON + 200
    ask()
    with pytest.raises(LimitError) as refused:
        ask()
    assert read_end(refused) == NOON + 3601
    clock.now = NOON + 3600
    ask()


def test_a_batch_above_the_limit_is_admitted_when_the_window_is_empty() -> None:
    meter = Meter(Clock())
    meter.count_requests([("ada", "person")], [parse_limits("person 2/minute")], 3)
    with pytest.raises(LimitError):
        meter.count_requests([("ada", "person")], [parse_limits("person 2/minute")])


def test_users_inactive_for_a_day_are_forgotten() -> None:
    clock = Clock()
    meter = Meter(clock)
    for number in range(1000):
        clock.now += 1
        meter.count_requests([(number, "person")], [parse_limits("person 3/minute")])
    clock.now += 86_401
    meter.count_requests([("ada", "person")], [parse_limits("person 3/minute")])
    assert list(meter._request_times) == ["ada"]


@pytest.mark.parametrize(
    "text", ["person 3/minute 5/hour, channel 60/minute, server 600/hour 9000/day", limits.DEFAULT_LIMITS, "none"]
)
def test_limits_survive_parsing_and_formatting(text: str) -> None:
    assert format_limits(parse_limits(text)) == text


@pytest.mark.parametrize(
    "text", ["", "person", "person 0/minute", "people 3/minute", "person 3/week", "person three/hour"]
)
def test_malformed_limits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        parse_limits(text)


def test_the_lower_of_two_limits_applies() -> None:
    assert combine_limits(
        parse_limits("person 3/minute, server 9/day"), parse_limits("person 5/minute 7/hour")
    ) == parse_limits("person 3/minute 7/hour, server 9/day")


@pytest.fixture
def allowed() -> str:
    return "person 3/minute"


@pytest.fixture
def settings(tmp_path, allowed) -> Settings:
    return Settings(data=tmp_path, engine="embedded", embeddings="none", limits=allowed)


@pytest.fixture
def clock(world) -> Clock:
    world.app.rate_limiter.meter.clock = clock = Clock()
    return clock


async def count_stored_results(world) -> int:
    return (await world.app.store.generations.count_results_and_votes(str(world.ada.id)))[0]


async def test_a_user_above_the_limit_is_refused_privately_and_nothing_is_stored(world, clock):
    for _ in range(3):
        await world.post()
    refused = await world.post()
    assert get_answer(refused).ephemeral
    assert f"<t:{int(NOON) + 61}:R>" in read_message(get_answer(refused))
    assert (await count_stored_results(world), len(await world.desk.jobs.load_all(str(world.ada.id)))) == (3, 3)
    assert "Social post" in read_message(
        (await world.ben.slash(world.channel, "copy", brief="a tweet", kind="social_post")).response
    )
    clock.now += 60
    assert "Social post" in read_message((await world.post()).response)


async def test_the_refusal_is_in_the_readers_language(world, clock):
    for _ in range(3):
        await world.post()
    refused = await act_in_language(world, "de", world.post)
    assert "Du hast das Anfragelimit für eine Person erreicht. Du kannst" in read_message(get_answer(refused))


@pytest.mark.parametrize("allowed", ["person 2/minute"])
@pytest.mark.parametrize("label", ["Another", "Shorter"])
async def test_changes_count_as_requests_and_views_do_not(world, clock, label):
    result = (await world.post()).response
    for looked in ("Copy", "Why?", "Download", "Keep"):
        await tap(world.ada, result, looked)
        await world.ada.slash(world.channel, "privacy show")
    await tap(world.ada, result, label)
    refused = await world.post()
    assert get_answer(refused).ephemeral
    assert "<t:" in read_message(get_answer(refused))


async def test_variants_count_as_several(world, clock):
    result = (await world.post()).response
    refused = await tap(world.ada, result, "Variants")
    assert "<t:" in read_message(get_answer(refused))
    clock.now += 60
    await tap(world.ada, result, "Variants")
    assert "<t:" in read_message(get_answer(await world.post()))


async def test_a_refused_instruction_can_be_sent_again(world, clock):
    result = (await world.post()).response
    shown = await world.ada.click(result, label="Change…")
    for _ in range(2):
        await world.post()
    refused = await world.ada.submit_modal(
        shown, {find_fields(shown.modal)["What you would like changed"]["custom_id"]: "Mention the coffee."}
    )
    assert "<t:" in read_message(get_answer(refused))
    assert "Edit again" in find_buttons(get_answer(refused))


async def test_refused_mentions_are_answered_once_a_minute(world, clock):
    for _ in range(3):
        await world.post()
    before = len(world.channel.history(viewer=world.ben))
    for _ in range(4):
        await world.ada.send(world.channel, f"{world.me} a tweet that we close on Monday")
    said = [one for one in world.channel.history(viewer=world.ben) if "<t:" in read_message(one)]
    assert len(said) == 1
    assert len(world.channel.history(viewer=world.ben)) == before + 5
    clock.now += 59.9
    await world.ada.send(world.channel, f"{world.me} a tweet that we close on Monday")
    assert len([one for one in world.channel.history(viewer=world.ben) if "<t:" in read_message(one)]) == 1


@pytest.mark.parametrize(("allowed", "who"), [("channel 2/minute", "This channel"), ("server 2/hour", "This server")])
async def test_a_channel_and_a_server_have_their_own_limits(world, clock, allowed, who):
    await world.post()
    await world.ben.slash(world.channel, "copy", brief="a tweet", kind="social_post")
    assert who in read_message(get_answer(await world.post()))
    if who == "This channel":
        elsewhere = world.guild.create_text_channel("elsewhere")
        assert "Social post" in read_message(
            (await world.ada.slash(elsewhere, "copy", brief="a tweet", kind="social_post")).response
        )


@pytest.mark.parametrize("allowed", ["person 1000/minute"])
async def test_the_concurrent_requests_of_a_user_are_limited(world, monkeypatch):
    monkeypatch.setattr(limits, "MAX_IN_PROGRESS", 10)
    results = await act_at_once(world.env, *[world.post] * (limits.MAX_IN_PROGRESS + 5))
    refused = [one for one in results if "are in progress" in read_message(get_answer(one))]
    assert len(refused) == 5
    assert not world.desk.jobs.count_pending(str(world.ada.id))


async def test_managers_can_lower_the_limits_of_their_server(world, clock):
    cara = create_manager(world, "cara")
    shown = await cara.slash(world.channel, "limits set", who="person", most=1, per="minute")
    assert "Each person: 1 per minute" in read_message(get_answer(shown))
    assert get_answer(shown).ephemeral
    await world.post()
    assert "You have reached the request" in read_message(get_answer(await world.post()))
    await cara.slash(world.channel, "limits set", who="person", most=0, per="minute")
    assert "Each person: 3 per minute" in read_message(get_answer(await cara.slash(world.channel, "limits show")))
    assert "Social post" in read_message((await world.post()).response)


async def test_no_limit_can_exceed_the_operators(world):
    refused = await create_manager(world, "cara").slash(world.channel, "limits set", who="person", most=4, per="minute")
    assert "at most 3 per minute" in read_message(get_answer(refused))


async def test_members_can_see_limits_but_not_set_them(world):
    refused = await world.ada.slash(world.channel, "limits set", who="person", most=1, per="minute")
    assert "Only owners can set that: people who can manage this" in read_message(get_answer(refused))
    assert "Each person: 3 per minute" in read_message(get_answer(await world.ada.slash(world.channel, "limits show")))


@pytest.mark.parametrize("allowed", ["none"])
async def test_a_result_whose_file_has_expired_asks_for_it_again(world):
    shown = (await world.ada.slash(world.channel, "copy", kind="social_post", file=("a.txt", b"Bees dance."))).response
    result = await world.generation(shown)
    assert result.request["material"] == "Bees dance."
    await world.app.store.generations.add(replace(result, request={**result.request, "material": None}))
    for label in ("Another", "Variants"):
        refused = await tap(world.ada, shown, label)
        assert get_answer(refused).ephemeral
        assert "Attach it again" in read_message(get_answer(refused))
    assert result.text[:20] in (await tap(world.ada, shown, "Copy")).response.content


async def test_users_see_how_much_is_stored_about_them(world):
    page = read_message(get_answer(await world.ada.slash(world.channel, "privacy show")))
    assert "I keep up to 50 MB of your results" in page
    assert "20 newest large results" in page


async def test_the_oldest_results_of_a_user_are_deleted(world, monkeypatch):
    monkeypatch.setattr(world.app.rate_limiter, "operator_limits", limits.NONE)
    monkeypatch.setattr(world.app.store.generations, "_max_bytes", 5000)
    results = [(await world.post()).response for _ in range(6)]
    await world.ben.slash(world.channel, "copy", brief="a tweet", kind="social_post")
    there = [await world.generation(result) is not None for result in results]
    assert there[-1]
    assert not there[0]
    assert there == sorted(there)
