"""Which shards a process serves, as a setting says it, and which servers these are."""

from __future__ import annotations

import pytest

from bot.errors import SettingsError
from bot.runtime.shards import Shards, build_all_shards, parse_shards
from bot.settings import load


@pytest.mark.parametrize(
    ("said", "host", "shards"),
    [
        ("", "any", None),
        ("0-3/16", "any", Shards(0, 3, 16)),
        (" 5/16 ", "any", Shards(5, 5, 16)),
        ("ordinal 4/16", "quillmate-2", Shards(8, 11, 16)),
        ("ordinal 3/8", "quillmate-2", Shards(6, 7, 8)),
    ],
)
def test_a_setting_is_parsed_as_shards(said: str, host: str, shards: Shards | None) -> None:
    assert parse_shards(said, host) == shards
    assert shards is None or parse_shards(str(shards)) == shards


@pytest.mark.parametrize("said", ["4-2/16", "16/16", "all", "0-3", "3/0", "ordinal 4"])
def test_malformed_settings_are_refused(said: str) -> None:
    with pytest.raises(SettingsError, match="QUILLMATE_SHARDS is "):
        load(shards=said)


def test_an_ordinal_needs_a_numbered_host_within_the_shard_count() -> None:
    with pytest.raises(ValueError, match="goes by a host name that ends in a number"):
        parse_shards("ordinal 4/16", "quillmate")
    with pytest.raises(ValueError, match="names no shard of 16"):
        parse_shards("ordinal 4/16", "quillmate-4")


def test_every_server_has_one_process_and_direct_messages_the_first() -> None:
    guild_id = str(((7 << 4) + 9) << 22)
    parts = [Shards(first, first + 3, 16) for first in range(0, 16, 4)]
    assert [guild_id in part for part in parts] == [False, False, True, False]
    assert ["" in part for part in parts] == [True, False, False, False]
    assert guild_id in build_all_shards(1)
