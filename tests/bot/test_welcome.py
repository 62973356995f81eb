"""The first things to try: the same in the welcome and in README, and in each language what they are meant to be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from catalogues import WHOLE, load_catalogue
from router_cache import restore_router

from bot.composition.dialects import choose_ratio
from bot.interactions.families import COMMANDS
from bot.kinds import list_family_kinds
from bot.locales import LANGUAGES, translate
from bot.preview.typed import COMMAND
from bot.preview.welcome import MENU, NOTES, TYPED, build_welcome_text
from bot.replies.downloads import COPY_BUTTON
from bot.replies.result_views import CONTROLS, MORE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
FAMILIES = {f"/{one.name}": one.family for one in COMMANDS}
everywhere = pytest.mark.parametrize("language", ["en", *LANGUAGES])


def test_readme_lists_the_same_five_examples() -> None:
    section = README.partition("## The first five things to try")[2].partition("\n## ")[0]
    items = re.findall(r"^\d\. (.+(?:\n   .+)*)", section, re.MULTILINE)
    assert len(items) == 5
    for item, typed in zip(items, TYPED, strict=False):
        assert item.startswith(f"`{typed}`")
    assert items[-1].startswith(NOTES.format(quiz=f"**{MENU}**"))


def test_readme_is_short_and_names_the_controls_of_a_result() -> None:
    assert len(README.split()) <= 900
    controls = {label for _, label, _ in (*CONTROLS, COPY_BUTTON, MORE)}
    assert {"Change…", "Copy", "More…"} <= controls
    assert set(re.findall(r"\*\*([A-Z][^*]*…)\*\*", README)) <= controls


def test_readme_and_docs_name_only_existing_files() -> None:
    texts = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for text in texts:
        for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text.read_text("utf-8")):
            assert link.startswith("http") or (text.parent / link).exists(), f"{text.name}: {link}"


@everywhere
def test_the_welcome_shows_the_examples_in_the_readers_language(language: str) -> None:
    lines = build_welcome_text(language).splitlines()
    told = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    assert told[:-1] == [f"`{translate(typed, language)}`" for typed in TYPED]
    assert f"**{translate(MENU, language)}**" in told[-1]


@pytest.mark.parametrize("language", WHOLE)
def test_translated_examples_remain_commands(language: str) -> None:
    for typed in TYPED:
        there = load_catalogue(language)[typed]
        assert COMMAND.match(there)
        assert there.partition(" ")[0] == typed.partition(" ")[0]


@everywhere
def test_each_example_is_routed_to_the_intended_kind(language: str, trained: Path) -> None:
    router = restore_router(trained)
    found = []
    for typed in TYPED:
        command, _, brief = translate(typed, language).partition(" ")
        if family := FAMILIES.get(command):
            within = {kind.name for kind in list_family_kinds(family)}
            found.append(next(name for name, _ in router.route(brief).shares if name in within))
    assert found == ["social_post", "sms", "image_prompt"]


@everywhere
def test_the_picture_example_is_tall_without_people_and_for_midjourney(language: str, assigned: Any) -> None:
    brief = translate(TYPED[-1], language).partition(" ")[2]
    assignment = assigned("image_prompt", brief)
    width, height = choose_ratio(assignment)
    assert width < height
    assert assignment.place == "midjourney"
    assert assignment.reading.avoid == ("people",)
