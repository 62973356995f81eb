"""Markdown tables, which Discord does not render, as lists."""

from __future__ import annotations

from bot.replies.tables import list_tables

PLAN = """# Tag games

| Time | Activity | Bring |
|---|---|---|
| 0–5 min | **Warm-up**: stuck in the mud | |
| 5–15 min | Bulldog \\| two teams | bibs |

Then cool down."""


def test_each_row_is_a_bullet_below_its_headings() -> None:
    assert list_tables(PLAN) == (
        "# Tag games\n\n**Time · Activity · Bring**\n- 0–5 min · **Warm-up**: stuck in the mud · ____\n"
        "- 5–15 min · Bulldog | two teams · bibs\n\n\nThen cool down."
    )


def test_several_tables_and_the_text_between_them_stay_in_order() -> None:
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n\nbetween\n\n| c |\n|---|\n| 3 |\n"
    listed = list_tables(text)
    assert [line for line in listed.splitlines() if line] == ["**a · b**", "- 1 · 2", "between", "**c**", "- 3"]


def test_what_is_no_table_stays_word_for_word() -> None:
    for text in ("a | b", "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```", "Mon | Tue\nWed", "plain"):
        assert list_tables(text) == text
