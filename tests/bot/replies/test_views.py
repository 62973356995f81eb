"""The views, within what Discord takes: 4,000 characters and 40 components."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import pytest
from writing import build_good_content

from bot.checks import Check, build_absence_check, build_range_check
from bot.checks.widths import measure_drawn_width
from bot.content import Content, Result
from bot.kinds import load_kinds
from bot.locales import LANGUAGES
from bot.replies.reasons import format_reasons
from bot.replies.result_views import PICTURE, build_picture_buttons, faults_line, more_view, result_view, variants_view
from bot.replies.views import button_id, draft_view, kind_question_view, note_view, note_views
from personas.errors import Phrase
from personas.profile import Profile

OK = build_range_check("length in characters", 238, high=2200, unit="characters", sort="size", asked_by="place")


def build_result(text: str, checks: tuple[Check, ...] = (OK,), **more: Any) -> Result:
    return Result("social_post", Content(text, {}), checks, "Copywriter", "SmolLM2 135M, local", 5, 1.34, **more)


def list_texts(view: discord.ui.LayoutView) -> list[str]:
    return [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]


def assert_discord_accepts(view: discord.ui.LayoutView) -> None:
    texts = list_texts(view)
    assert all(texts)
    assert sum(map(len, texts)) <= 4000
    assert sum(1 for _ in view.walk_children()) <= 40
    for item in view.walk_children():
        if isinstance(item, discord.ui.Button):
            assert len(item.label or "") <= 80
            assert len(item.custom_id or "") <= 100


# Pixels inside the frame of a message on a wide screen, beside the words of a button, of its emoji, and between two.
ROW, AROUND, SIGN, BETWEEN = 563, 23, 24, 8


def list_button_rows(view: discord.ui.LayoutView) -> list[list[discord.ui.Button[Any]]]:
    """List the rows of buttons."""
    rows = [one.children for one in view.walk_children() if isinstance(one, discord.ui.ActionRow)]
    shown = [[one for one in row if isinstance(one, discord.ui.Button)] for row in rows]
    return [row for row in shown if row]


def list_labels(view: discord.ui.LayoutView) -> list[list[str | None]]:
    return [[one.label for one in row] for row in list_button_rows(view)]


def estimate_width(row: list[discord.ui.Button[Any]]) -> float:
    """Estimate the width of a row of buttons."""
    shown = sum(measure_drawn_width(one.label or "", 14) + AROUND + (SIGN if one.emoji else 0) for one in row)
    return shown + BETWEEN * (len(row) - 1)


def build_more_view(kind: str, *, locale: str = "en", in_server: bool = True, ways: Any = (), count: int = 1) -> Any:
    """Build the view that "More…" opens for a good text of a kind."""
    altering = build_picture_buttons(ways, count)
    return more_view(load_kinds()[kind], build_good_content(kind), "g", locale, altering=altering, in_server=in_server)


@pytest.mark.parametrize("in_server", [True, False], ids=["server", "direct"])
@pytest.mark.parametrize("locale", ["en", *LANGUAGES])
def test_no_row_of_buttons_wraps(locale: str, in_server: bool) -> None:
    """Each row has room on one line, and a result has one."""
    for kind in load_kinds():
        made = replace(build_result("x"), kind=kind, content=build_good_content(kind))
        view, _ = result_view(made, Profile(), "g", locale=locale, in_server=in_server)
        [row] = list_button_rows(view)
        assert len(row) == (2 if load_kinds()[kind].is_reply else 5)
        more = build_more_view(kind, locale=locale, in_server=in_server, ways=PICTURE)
        assert_discord_accepts(more)
        behind = list_button_rows(more)
        assert max(map(len, behind)) <= 5
        assert [(kind, estimate_width(one)) for one in (row, *behind) if estimate_width(one) > ROW] == []


@pytest.mark.parametrize(
    ("kind", "in_server", "fourth"),
    [
        ("social_post", True, "Submit for review"),
        ("social_post", False, "Schedule…"),
        ("rewrite", True, "Submit for review"),
        ("worksheet", False, "Schedule…"),
        *((kind, in_server, "Play…") for kind in ("quiz", "scenario") for in_server in (True, False)),
        *((kind, in_server, "Copy") for kind in ("image_prompt", "logo") for in_server in (True, False)),
        ("synthetic_data", True, "Copy"),
    ],
)
def test_a_result_has_five_controls_and_the_fourth_is_the_likeliest_action(
    kind: str, in_server: bool, fourth: str
) -> None:
    made = replace(build_result("x"), kind=kind, content=build_good_content(kind))
    view, _ = result_view(made, Profile(), "g", in_server=in_server)
    assert list_labels(view) == [["Change…", "Another", "Download", fourth, "More…"]]
    assert not any(fourth in row for row in list_labels(build_more_view(kind, in_server=in_server))), "once is enough"


def test_several_posts_are_numbered_at_their_rules() -> None:
    posts = replace(build_result("We open.\n---\nWe close."), kind="social_post")
    posts = replace(posts, content=Content(posts.content.text, {"posts": ["We open.", "We close."]}))
    assert "**1**\nWe open.\n\n**2**\nWe close." in list_texts(result_view(posts, Profile(), "g")[0])
    ruled = replace(posts, content=Content("Before.\n---\nAfter.", {"posts": ["Before.\n---\nAfter."]}))
    assert "Before.\n---\nAfter." in list_texts(result_view(ruled, Profile(), "g")[0])
    numbered = replace(posts, content=Content("1. Up\n---\n2. Down", {"posts": ["1. Up", "2. Down"]}))
    assert "1. Up\n---\n2. Down" in list_texts(result_view(numbered, Profile(), "g")[0])


def test_an_answer_to_the_user_has_no_heading_and_two_controls() -> None:
    view, _ = result_view(
        replace(build_result("You are welcome."), kind="chat"), Profile(organisation="Fern", audience="neighbours"), "g"
    )
    assert list_labels(view) == [["Another", "More…"]]
    assert "Fern" not in str(view.to_components())


@pytest.mark.parametrize(
    ("kind", "in_server", "rows"),
    [
        ("social_post", True, [["Copy"], ["Schedule…", "Keep"]]),
        ("article", False, [["Copy", "Word"]]),
        ("quiz", True, [["Copy", "PDF", "Word"], ["Schedule…", "Submit for review", "Keep"]]),
        ("quiz", False, [["Copy", "PDF", "Word"], ["Schedule…"]]),
        ("scenario", True, [["Copy", "Word", "PDF"], ["Keep"]]),
        ("chat", False, [["Copy"]]),
    ],
)
def test_the_more_view_has_all_other_actions(kind: str, in_server: bool, rows: list[list[str]]) -> None:
    always = [
        ["Shorter", "Longer", "Variants", "Check it"],
        ["I like it", "Not for me", "Versions", "Why?"],
    ]
    view = build_more_view(kind, in_server=in_server)
    assert list_labels(view) == [*rows, *always]
    menus = [one.placeholder for one in view.walk_children() if isinstance(one, discord.ui.Select)]
    assert menus == (["Make it…"] if kind in ("social_post", "article", "quiz") else [])


def test_the_more_view_of_a_picture_has_its_alterations() -> None:
    view = build_more_view("image_prompt", ways=("vary", "enlarge"))
    opinions = ["I like it", "Not for me", "Versions", "Why?"]
    assert list_labels(view) == [["Keep"], ["Seed and settings"], ["Variations", "Larger"], opinions]
    assert list_labels(build_more_view("image_prompt", ways=("vary",), count=0))[2] == opinions, "none is kept any more"


HUGE = {
    "words": "word " * 4000,
    "letters": "x" * 20_000,
    "paragraphs": "One paragraph of it.\n\n" * 900,
    "lines": "- a\n" * 3000,
    "code": "```python\n" + "x = 1\n" * 3000 + "```",
    "emoji": "👨‍👩‍👧‍👦" * 2000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("many", [False, True])
def test_huge_results_fit_and_continue_in_a_file(text: str, many: bool) -> None:
    profile = Profile(organisation="O" * 300, audience="A" * 300) if many else Profile()
    note = (
        "SmolLM2 135M, local only writes English, so expect mistakes in German. My operator can give me a "
        "model that knows the language."
    )
    checks = tuple(build_range_check(f"check number {n}", 9999, 1000, 2000, "characters") for n in range(12))
    view, beyond = result_view(
        build_result(text, checks, note=Phrase(note)) if many else build_result(text), profile, "g" * 40, locale="de"
    )
    assert beyond
    assert_discord_accepts(view)
    draft = draft_view("quiz", text)
    assert_discord_accepts(draft)
    assert_discord_accepts(note_view(text, wrong=True))


def test_many_findings_fit() -> None:
    faults = tuple(
        build_absence_check(name, [f"{n}word" * 40 for n in range(400)])
        for name in ("avoided words", "figures from you")
    )
    view, _ = result_view(build_result("word " * 620, faults), Profile(), "g")
    assert_discord_accepts(view)


def test_the_elements_of_a_result_are_in_order() -> None:
    checks = (OK, build_absence_check("avoided words", ["artisan"]))
    view, beyond = result_view(build_result("Come by.", checks), Profile(organisation="Fern", audience="parents"), "g1")
    assert not beyond
    assert list_texts(view) == [
        "-# Social post · for Fern",
        "Come by.",
        "-# ✗ words to avoid: artisan",
    ]
    assert not any(isinstance(item, discord.ui.Separator) for item in view.walk_children())
    ids = [item.custom_id for item in view.walk_children() if isinstance(item, discord.ui.Button)]
    assert ids == [button_id(action, "g1") for action in ("change", "again", "file", "plan", "more")]


def test_passed_checks_are_not_listed() -> None:
    habit, failed = build_range_check("mood", 8, 1, 30, "characters"), build_range_check("palette", 9, 2, 4, "colours")
    brief = build_range_check("text words", 40, high=50, unit="words", sort="size", asked_by="brief")
    assert faults_line(build_result("Come by.", (habit, OK, brief, build_absence_check("avoided words", [])))) == ""
    assert faults_line(build_result("Come by.", (OK, failed, brief))) == "✗ palette: 9 (wanted: 2 to 4 colours)"


def test_the_audience_of_the_request_overrides_the_profiles() -> None:
    view, _ = result_view(build_result("x"), Profile(audience="parents"), "g", audience="teachers")
    assert list_texts(view)[0] == "-# Social post · for teachers"
    assert list_texts(result_view(build_result("x"), Profile(), "g")[0])[0] == "-# Social post"


def test_labels_are_in_the_readers_language() -> None:
    def list_first_labels(locale: str) -> list[str | None]:
        return list_labels(result_view(build_result("x"), Profile(), "g", locale=locale, in_server=True)[0])[0]

    assert list_first_labels("en-GB") == ["Change…", "Another", "Download", "Submit for review", "More…"]
    assert list_first_labels("de") == ["Ändern…", "Neue Version", "Herunterladen", "Zur Freigabe", "Mehr…"]


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (OK, ""),
        (build_range_check("headlines", 5, 5, 5, "headlines", sort="number", asked_by="brief"), ""),
        (build_range_check("headlines", 2, 3, 5, "headlines", sort="number"), "✗ 2 headlines; it should be 3 to 5"),
        (
            build_range_check("subject length", 70, 8, 60, "characters", sort="size", of="subject", asked_by="place"),
            "✗ subject: 70 characters; it should be 8 to 60",
        ),
        (Check(id="language", passed=False, value=("English",), wanted=("German",)), "✗ in English instead of German"),
    ],
)
def test_findings_are_summarised_on_one_line(check: Check, line: str) -> None:
    made = build_result("x", (check,))
    assert faults_line(made) == line
    below = list_texts(result_view(made, Profile(), "g")[0])[2:]
    assert below == ([f"-# {line}"] if line else [])


def test_everything_below_a_text_takes_two_lines() -> None:
    made = build_result(
        "x",
        (OK, build_absence_check("avoided words", ["artisan"])),
        note=Phrase("English only."),
        to_check="Is *Monday* a holiday?",
    )
    view, _ = result_view(made, Profile(), "g", hint="No facts were given. · Page 3.")
    _, text, *below = list_texts(view)
    assert (text, below) == (
        "x",
        [
            "-# To check: Is \\*Monday\\* a holiday?",
            "-# ⚠ English only. · ✗ words to avoid: artisan · No facts were given. · Page 3.",
        ],
    )


def test_a_long_draft_shows_its_end() -> None:
    shown = list_texts(draft_view("quiz", " ".join(f"word{n}" for n in range(3000))))
    assert shown[:2] == ["-# Quiz", "…"]
    assert shown[-1].endswith("word2999")


@pytest.mark.parametrize(
    ("kind", "text", "shown"), [(None, "", ["…"]), ("quiz", "", ["-# Quiz", "…"]), (None, "Hi", ["Hi"])]
)
def test_a_draft_is_shown_from_its_first_readable_text(kind: str | None, text: str, shown: list[str]) -> None:
    assert list_texts(draft_view(kind, text)) == shown


def test_the_heading_of_a_draft_is_in_the_readers_language() -> None:
    assert list_texts(draft_view("email", "Hola", "es-ES"))[0] == "-# Correo"


def test_a_question_has_a_button_for_each_likely_kind() -> None:
    view = kind_question_view("Which?", list(load_kinds()), "j" * 40)
    assert_discord_accepts(view)
    buttons = [item for item in view.walk_children() if isinstance(item, discord.ui.Button)]
    assert [button.custom_id for button in buttons] == [
        f"quill:kind-{name}:{'j' * 40}" for name in list(load_kinds())[:5]
    ]


def test_truncation_is_mentioned() -> None:
    assert "-# Der Rest hatte hier keinen Platz." in list_texts(note_view("word " * 2000, locale="de"))
    assert len(list_texts(note_view("word " * 500))) == 2, "what fits is not said to be cut"


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_a_long_list_is_shown_in_full(text: str) -> None:
    views, files = note_views(text, wrong=True, locale="de")
    assert len(views) <= 4
    for view in views:
        assert_discord_accepts(view)
    for file in files:
        assert file.fp.read().decode() == text
    if not files:
        assert " ".join(piece for view in views for piece in list_texts(view)).split() == text.split()


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_huge_variants_fit_and_continue_in_a_file(text: str, count: int) -> None:
    checks = tuple(build_range_check(f"check number {n}", 9999, 1000, 2000, "characters") for n in range(12))
    named = [(f"{'g' * 38}-{number}", build_result(text, checks)) for number in range(count)]
    view, files = variants_view(named, hint="The others were too much alike. " * 9, locale="de")
    assert_discord_accepts(view)
    assert [file.filename for file in files] == ["Varianten.md"]
    assert list_texts(view).count("-# Weiter geht es in der Datei unten.") == count


def test_checks_stored_by_an_earlier_version_are_shown() -> None:
    kept = [
        {
            "name": "length in characters",
            "passed": True,
            "measured": "238",
            "limit": "280 characters",
            "path": "text",
            "hint": "",
        },
        {"name": "avoided words", "passed": False, "measured": "artisan", "limit": "none", "path": "text", "hint": ""},
    ]
    checks = tuple(map(Check.from_json, kept))
    assert faults_line(build_result("x", checks)) == "✗ avoided words: artisan"
    assert "- avoided words: artisan\n" in format_reasons({}, "en", checks)


@pytest.mark.parametrize("length", [100, 1500, 2400])
def test_an_image_prompt_is_shown_in_full_and_copied_unchanged(length: int) -> None:
    prompt = f"a fox in a wood {'of birches ' * (length // 11)}at dawn"
    content = build_good_content("image_prompt", "a fox, sdxl", f"```\n{prompt}\n```\n\nAlt text: A fox.")
    made = replace(build_result("x"), kind="image_prompt", content=content)
    view, beyond = result_view(made, Profile(organisation="Fern", audience="parents"), "g")
    assert not beyond
    assert_discord_accepts(view)
    [shown] = [text for text in list_texts(view) if text.startswith("```")]
    assert shown.startswith(f"```\n{prompt}\n```"), "one block, uncut"
    assert content.parts["raw"] == prompt


def test_prompts_beyond_a_message_continue_in_a_file_with_a_note() -> None:
    prompts = [
        f"a {animal} in a wood {'of birches ' * 60}at dawn" for animal in ("cat", "dog", "fox", "owl", "elk", "hen")
    ]
    text = "\n\n".join(f"### Prompt {number}\n\n```\n{one}\n```" for number, one in enumerate(prompts, 1))
    made = replace(
        build_result("x"), kind="image_prompt", content=build_good_content("image_prompt", "animals, sdxl", text)
    )
    view, beyond = result_view(made, Profile(), "g")
    assert_discord_accepts(view)
    [file] = beyond
    assert file.filename == "Image-prompt.txt"
    assert "-# Continued in the file below." in list_texts(view)
    whole = file.fp.read().decode("utf-8-sig")
    assert all(prompt in whole for prompt in prompts)
    assert "```" not in whole
