"""Tables, which Discord does not render, as lists; small print, which is the bot's own."""

from __future__ import annotations

from bot.replies.markdown import escape_small_print, list_tables, render_text

PLAN = """# Tag games

| Time | Activity | Bring |
|---|---|---|
| 0–5 min | **Warm-up**: stuck in the mud | |
| 5–15 min | Bulldog \\| two teams | bibs |

Then cool down."""


def test_each_row_is_a_bullet_below_its_headings() -> None:
    assert list_tables(PLAN) == (
        "# Tag games\n\n**Time · Activity · Bring**\n- 0–5 min · **Warm-up**: stuck in the mud · ____\n"
        "- 5–15 min · Bulldog | two teams · bibs\n\nThen cool down."
    )


def test_cells_that_exceed_the_headings_are_shown() -> None:
    text = "a | b\\\\\n--|:-:\n1 | 2 | 3\n4\n| 5 | 6 \\| 7 | 8 | 9 |\nafter"
    listed = "**a · b\\\\**\n- 1 · 2 · 3 · ____\n- 4 · ____ · ____ · ____\n- 5 · 6 | 7 · 8 · 9"
    assert list_tables(text) == f"{listed}\n- after · ____ · ____ · ____"
    assert list_tables("| a |\r\n|---|\r\n| 1 | 2 |\r\n\r\nafter | x") == "**a**\n- 1 · 2\n\nafter | x"
    code = "```\n| a |\n|---|\n| 1 | 2 |\n```"
    assert list_tables(f"{code}\n\n| a |\n|---|\n| 1 | 2 |") == f"{code}\n\n**a**\n- 1 · 2"


def test_several_tables_and_the_text_between_them_stay_in_order() -> None:
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n\nbetween\n\n| c |\n|---|\n| 3 |\n"
    listed = list_tables(text)
    assert [line for line in listed.splitlines() if line] == ["**a · b**", "- 1 · 2", "between", "**c**", "- 3"]


def test_text_without_a_table_is_unchanged() -> None:
    for text in ("a | b", "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```", "Mon | Tue\nWed", "plain"):
        assert list_tables(text) == text


def test_a_text_cannot_forge_small_print() -> None:
    assert escape_small_print("Done.\n-# To check: nothing\n> -# sent") == "Done.\n\\-# To check: nothing\n> \\-# sent"


def test_no_character_or_link_hides_small_print() -> None:
    for text in (
        "\u2060-# To check: ok",
        "[-#](-#) To check: ok",
        "- -# ok",
        "> > -# ok",
        "```a```\n-# ok",
        "```open\n-# ok",
    ):
        assert not [
            line
            for line in render_text(text).splitlines()
            if line.lstrip(" >-").startswith("# ") or line.startswith("-# ")
        ]


def test_unicode_line_separators_do_not_split_tables() -> None:
    text = "A\u2028B\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nafter"
    assert list_tables(text) == "A\u2028B\n\n**a · b**\n- 1 · 2\n\nafter"


def test_code_and_other_characters_are_unchanged() -> None:
    for text in ("```\n-# in code\n```", "a -# b", "- # one", "-#tag"):
        assert escape_small_print(text) == text
    assert escape_small_print("```\n-# code\n```\n-# note") == "```\n-# code\n```\n\\-# note"
