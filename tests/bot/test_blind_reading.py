"""Pairs to be read blind: which side is whose is in the key alone, and verdicts are counted by it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import NEEDS_CHROMIUM
from playwright.async_api import Page

from benchmarks.blind import pair_texts, render_page, score_verdicts
from bot.checks import build_range_check

BRIEFS = [
    {"id": f"b{number}", "kind": "email", "brief": f"mail number {number}", "profile": "p", "language": "en"}
    for number in range(12)
]
OURS = {one["id"]: {"text": "By the bot.", "note": "", "checks": []} for one in BRIEFS}
PLAIN = {one["id"]: {"text": "By a <b>plain</b> prompt."} for one in BRIEFS}


def build_marks(use: int, **more: bool) -> dict[str, Any]:
    return {"use": use, "invents": False, "misses_form": False, "uses_facts": False} | more


def test_sides_of_a_pair_are_random_but_reproducible() -> None:
    pairs, key = pair_texts(BRIEFS, OURS, PLAIN)
    assert {one["pair"] for one in pairs} == set(OURS)
    assert set(key.values()) == {"A", "B"}
    assert all(one[key[one["pair"]]] == "By the bot." for one in pairs)
    assert pair_texts(BRIEFS, OURS, PLAIN) == (pairs, key)


def test_a_pair_shows_what_a_user_would_see_below_the_text() -> None:
    check = build_range_check("length in words", 40, 60, 90, "words", sort="size")
    checks = [check.to_json(), replace(check, passed=True).to_json()]
    row = {"text": "By the bot.", "note": "It was longer.", "checks": checks}
    (pair,), key = pair_texts(BRIEFS[:1], {"b0": row}, PLAIN)
    assert pair[key["b0"]] == "By the bot.\n\nIt was longer.\n✗ 40 words; it should be 60 to 90"


def test_failed_or_missing_texts_make_no_pair() -> None:
    assert pair_texts(BRIEFS, OURS, {}) == ([], {})


def test_verdicts_are_counted_by_the_key() -> None:
    key = {"b0": "A", "b1": "B"}
    verdicts = [
        {"pair": "b0", "A": build_marks(3, uses_facts=True), "B": build_marks(0, invents=True), "preferred": "A"},
        {"pair": "b1", "A": build_marks(2), "B": build_marks(1, misses_form=True), "preferred": "A"},
    ]
    told = score_verdicts(verdicts, key, {"b0", "b1"})
    assert "| ours | 2.00 | 1 of 2 | 0 of 2 | 1 of 2 | 1 of 2 | 1 |" in told
    assert "| plain prompt | 1.00 | 1 of 2 | 1 of 2 | 0 of 2 | 0 of 2 | 1 |" in told
    assert told.endswith("ours preferred in 1 of 2 decided pairs (50 %)")
    assert score_verdicts(verdicts, key, set()) == "nothing read"


@NEEDS_CHROMIUM
@pytest.mark.asyncio(loop_scope="module")
async def test_the_page_can_be_filled_in_and_saved_as_a_file(page: Page, tmp_path: Path) -> None:
    pairs, _ = pair_texts(BRIEFS[:1], OURS, PLAIN)
    file = tmp_path / "page.html"
    file.write_text(render_page(pairs, {"p": {"organisation": "Fern"}}), "utf-8")
    await page.goto(file.as_uri())
    assert "A <b>plain</b>" not in await page.content()
    await page.locator('select[name="A.use"]').select_option("2")
    await page.locator('input[name="B.invents"]').check()
    await page.locator('input[name="preferred"][value="A"]').check()
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="Save verdicts").click()
    saved = await (await saving.value).path()
    (row,) = [json.loads(line) for line in saved.read_text("utf-8").splitlines()]
    assert row == {"pair": "b0", "A": build_marks(2), "B": build_marks(0, invents=True), "preferred": "A"}
