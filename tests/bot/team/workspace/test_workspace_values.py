"""The value of what is set for a workspace: kept and read again, changed by its ways alone, and what of it holds where."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.errors import RefusedError
from bot.kinds import load_kinds
from bot.team.workspace.roles import Role
from bot.team.workspace.settings import FAMILIES, MAX_CHANNELS, ChannelSettings, WorkspaceSettings, resolve_defaults

GERMAN = "Schreib bitte einen Beitrag darüber, dass wir am Montag geschlossen haben und am Dienstag wieder öffnen."
FRENCH = "Écris une publication pour dire que nous sommes fermés lundi et que nous rouvrons mardi matin."
ENGLISH = "Write a post to say that we are closed on Monday and that we open again on Tuesday morning."

names = some.text(max_size=12)
channels = some.builds(
    ChannelSettings,
    family=some.sampled_from(["", *FAMILIES]),
    kind=some.sampled_from(["", *load_kinds()]),
    persona=names,
    brand=names,
)
settings = some.builds(
    WorkspaceSettings,
    languages=some.lists(some.sampled_from(["en", "de", "fr", "xx"]), max_size=4).map(tuple),
    persona=names,
    brand=names,
    timezone=some.sampled_from(["", "Europe/Berlin", "Mars/Olympus"]),
    roles=some.dictionaries(some.sampled_from(Role), some.lists(some.sampled_from(["1", "2"])).map(tuple)),
    default_role=some.sampled_from(Role),
    channels=some.dictionaries(some.sampled_from(["5", "6"]), channels),
    step=some.sampled_from(["", "roles"]),
)


@given(settings)
def test_settings_survive_json(one: WorkspaceSettings) -> None:
    assert WorkspaceSettings.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert "xx" not in one.languages
    assert one.timezone in ("", "Europe/Berlin")


def test_invalid_values_of_another_release_do_not_discard_the_rest() -> None:
    kept = {
        "languages": ["de", "klingon"],
        "default_role": "emperor",
        "timezone": "Europe/Berlin",
        "channels": {"5": 7},
        "new": 1,
    }
    found = WorkspaceSettings.from_json(kept)
    assert (found.languages, found.default_role, found.timezone, found.channels) == (
        ("de",),
        Role.EDITOR,
        "Europe/Berlin",
        {},
    )


def test_the_kind_of_a_channel_belongs_to_its_family() -> None:
    one = WorkspaceSettings().with_channel("5", family="marketing").with_channel("5", kind="ad")
    assert one.channels["5"] == ChannelSettings(family="marketing", kind="ad")
    moved = one.with_channel("5", family="education")
    assert moved.channels["5"] == ChannelSettings(family="education"), "no kind of the other family stays"
    assert one.with_channel("5", kind="quiz").channels["5"].kind == ""
    assert moved.with_channel("5", family="").channels == {}, "nothing is kept for a channel that is for nothing"
    assert one.without_channel("5").channels == {}


def test_the_number_of_channels_is_limited_but_known_ones_can_change() -> None:
    one = WorkspaceSettings()
    for number in range(MAX_CHANNELS):
        one = one.with_channel(str(number), family="image")
    assert one.with_channel("0", family="data").channels["0"].family == "data"
    with pytest.raises(RefusedError, match="100 channels"):
        one.with_channel("more", family="image")


def test_languages_are_a_main_one_and_further_ones() -> None:
    one = WorkspaceSettings().with_main_language("de").with_other_languages(["fr", "de"])
    assert one.languages == ("de", "fr")
    assert one.with_main_language("en").languages == ("en", "fr")
    assert one.with_other_languages([]).languages == ("de",)
    assert one.with_main_language("").languages == ()


def test_channel_settings_override_the_servers_and_apply_to_threads() -> None:
    one = WorkspaceSettings(
        persona="teacher", brand="ours", timezone="Asia/Tokyo", channels={"5": ChannelSettings(persona="host")}
    )
    here, there = resolve_defaults(one, "5", ""), resolve_defaults(one, "6", "")
    assert (here.persona, here.find_origin("persona"), here.brand, here.find_origin("brand")) == (
        "host",
        "channel",
        "ours",
        "guild",
    )
    assert (there.persona, there.find_origin("persona"), there.timezone) == ("teacher", "guild", "Asia/Tokyo")
    assert resolve_defaults(one, "thread", "5") == here


@pytest.mark.parametrize(
    ("languages", "brief", "expected"),
    [
        ((), GERMAN, ""),
        (("de",), ENGLISH, "de"),
        (("de", "fr"), FRENCH, "fr"),
        (("de", "fr"), ENGLISH, "de"),
        (("fr", "de"), GERMAN, "de"),
    ],
)
def test_texts_are_in_the_main_language_or_that_of_their_brief(languages, brief, expected) -> None:
    assert resolve_defaults(WorkspaceSettings(languages=languages)).choose_language(brief) == expected
