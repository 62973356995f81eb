"""A version that is there is edited: what the wish names changes, all else stays word for word."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from drafts import CASES, Case

from bot.briefs import Reading, corrected, correction_of, read_by_patterns, resized
from bot.content import Assignment, Remembered, Request, Result, Version
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.changes import MOST_SHOWN, changes
from bot.generation.edits import Edit, Line, Step, edit_of, edited, lines_of, numbered_text, pieces
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.generation.rendered import statements
from bot.generation.shape import completed, shape_of, texts
from bot.generation.understood import same_part
from bot.generation.writers.capable import CAPABLE
from bot.generation.writers.edit import BROKEN, UNCHANGED
from bot.kinds import kind_named

MAIL = {
    "subject": "We close at noon on 3 May",
    "preheader": "Come early",
    "greeting": "Hello all,",
    "body": ["We close at noon on 3 May. Ada stays till 14:00. Bread is £4.50 a loaf.", "Come early!",
             "See https://fern.example/hours for the rest."],
}  # fmt: skip
QUIZ_BRIEF = "3 questions on magnets"


def version(kind: str, written: dict[str, Any], failed: tuple[str, ...] = ()) -> Version:
    return Version("", 0, completed(shape_of(kind_named(kind).output), written), failed)


def request(kind: str, brief: str, wish: str, before: Version, **more: Any) -> Request:
    notes = () if wish in ("shorter", "longer") else (wish,)
    scale = {"shorter": 0.6, "longer": 1.6}.get(wish, 1.0)
    return Request(
        "2", "7", brief, kind=kind, wish=wish, notes=notes, scale=scale, before=before, parent_id="1", **more
    )


class Editor:
    """Answers an edit with one answer after another, the last one again and again."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), list[str]()

    def __call__(self, messages: Any) -> Any:
        assert messages[0].text.startswith("You edit")
        self.asked.append(messages[-1].text)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def made(asked: Request, editor: Any, **traits: Any) -> Result:
    engine = Engine(Scripted(editor, traits=Traits(**traits)), name="model")
    (result,) = await Pipeline(Engines([engine])).run(assign(asked, Remembered()))
    return result


def step(line: int, how: str, text: str = "") -> dict[str, Any]:
    return {"line": line, "how": how, "text": text}


def mail() -> Version:
    return version("email", MAIL)


async def test_a_wish_about_one_part_leaves_every_other_byte_as_it_was() -> None:
    editor = Editor({"changes": [step(1, "replace", "Noon, and the ovens are off on 3 May")]})
    result = await made(
        request("email", "mail: we close at noon on 3 May", "make the subject line funnier", mail()), editor
    )
    assert result.written == mail().written | {"subject": "Noon, and the ovens are off on 3 May"}
    assert len(editor.asked) == 1
    assert [text for tag, text in result.changed if tag == "out"] == ["We close at noon "]


async def test_sentences_and_entries_are_named_by_their_lines() -> None:
    lines = {line.text.strip(): line.number for line in lines_of(mail().written, assigned_edit("email", mail()))}
    editor = Editor(
        {
            "changes": [
                step(lines["Come early!"], "remove"),
                step(lines["Bread is £4.50 a loaf."], "replace", "Bread is £5.00 a loaf."),
            ]
        }
    )
    result = await made(
        request(
            "email", "mail: 3 May, 14:00, bread is £4.50", "price is £5.00 now, and remove the second paragraph", mail()
        ),
        editor,
    )
    body = [
        "We close at noon on 3 May. Ada stays till 14:00. Bread is £5.00 a loaf.",
        "See https://fern.example/hours for the rest.",
    ]
    assert result.written == mail().written | {"body": body}
    assert result.outdated == ("£4.50",)
    assert [check.name for check in result.checks if not check.passed and "figures" in check.name] == []


def assigned_edit(kind: str, before: Version, brief: str = "mail", wish: str = "warmer") -> Assignment:
    return CAPABLE.assigned(assign(request(kind, brief, wish, before), Remembered()))


async def test_an_outdated_figure_of_the_brief_is_not_wanted_again() -> None:
    asked = request("email", "mail: bread is £4.50", "make it warmer", mail(), outdated=("£4.50",))
    assert assign(asked, Remembered()).wishes.figures == ()


def quiz() -> Version:
    shape, known = shape_of(kind_named("quiz").output), kind_named("quiz").examples[0].output.model_dump(mode="json")
    data = completed(shape, known)
    items = [{**data["items"][0], "question": f"What does magnet {name} do?"} for name in ("one", "two", "three")]
    return Version("", 0, data | {"items": items})


async def test_one_question_of_a_quiz_is_swapped() -> None:
    before = quiz()
    lines = lines_of(before.written, assigned_edit("quiz", before, QUIZ_BRIEF))
    number = next(line.number for line in lines if line.path == "items.2.question")
    editor = Editor({"changes": [step(number, "replace", "Which metal does a magnet pull?")]})
    result = await made(request("quiz", QUIZ_BRIEF, "swap question 3", before), editor)
    assert result.written["items"][:2] == before.written["items"][:2]
    assert result.written["items"][2] == before.written["items"][2] | {"question": "Which metal does a magnet pull?"}
    assert "3 questions" in [str(phrase) for phrase in result.understood]


def test_entries_come_and_go_where_they_are_named() -> None:
    before = quiz()
    assignment = assigned_edit("quiz", before, QUIZ_BRIEF)
    lines = {line.path: line.number for line in lines_of(before.written, assignment) if not line.text}
    new = before.written["items"][0] | {"question": "What is new?"}
    answer = {
        "changes": [step(lines["items.1"], "remove")],
        "new_items": [{"before": lines["items.2"], "entry": new}, {"before": 0, "entry": new}],
    }
    edit = edit_of(answer, before.written, assignment)
    items = edited(before.written, edit, assignment)["items"]
    assert [one["question"] for one in items] == [
        "What does magnet one do?",
        "What is new?",
        "What does magnet three do?",
        "What is new?",
    ]


@pytest.mark.parametrize(
    "answer",
    ["", "no", [], {"changes": "x"},
     {"changes": [{"line": 99, "how": "replace", "text": "x"}]}, {"changes": [{"line": True, "how": "remove"}]},
     {"changes": [{"line": 1, "how": "explode", "text": "x"}]}, {"changes": [{"line": 1, "how": "replace", "text": " "}]},
     {"new_body": [{"before": 0, "entry": " "}]}],
)  # fmt: skip
async def test_an_answer_that_means_nothing_changes_nothing_and_is_told(answer: Any) -> None:
    editor = Editor(answer if isinstance(answer, str) else json.dumps(answer))
    result = await made(request("email", "mail", "warmer", mail()), editor)
    assert result.written == mail().written
    assert (result.note, result.changed) == (UNCHANGED, ())
    assert len(editor.asked) == 3
    assert editor.asked[1].startswith("Fault: Nothing was changed.")


async def test_what_breaks_a_check_is_sent_back_and_the_better_answer_kept() -> None:
    bad = {"changes": [step(1, "replace", "We close at noon on 9 May, and 47 of you know")]}
    good = {"changes": [step(1, "replace", "Noon it is on 3 May")]}
    editor = Editor(bad, good)
    result = await made(
        request("email", "mail: we close at noon on 3 May, bread £4.50 at 14:00", "funnier subject", mail()), editor
    )
    assert result.written["subject"] == "Noon it is on 3 May"
    assert "Fault: " in editor.asked[1]
    assert result.note is None


async def test_what_stays_broken_is_told_after_two_returns() -> None:
    editor = Editor({"changes": [step(1, "replace", "We close at noon on 9 May, and 47 of you know")]})
    result = await made(
        request("email", "mail: we close at noon on 3 May, bread £4.50 at 14:00", "funnier subject", mail()), editor
    )
    assert str(result.note) == str(BROKEN)
    assert len(editor.asked) == 3


async def test_shorter_keeps_names_figures_and_links() -> None:
    cut = {"changes": [step(5, "remove"), step(7, "remove"), step(8, "remove")]}
    lines = lines_of(mail().written, assigned_edit("email", mail()))
    kept = [line.text.strip() for line in lines if line.number not in (5, 7, 8)]
    assert "Ada stays till 14:00." not in kept, "the answer takes a name away"
    editor = Editor(cut, {"changes": [step(7, "remove")]})
    result = await made(request("email", "mail: we close at noon on 3 May", "shorter", mail()), editor)
    assert "Fault: These must stay: 14:00, " in editor.asked[1]
    assert "14:00" in result.content.text


async def test_what_code_does_by_the_seed_stays_as_it_was() -> None:
    before, brief = quiz(), QUIZ_BRIEF
    first = assigned_edit("quiz", before, brief)
    old = first.kind.compose(first.kind.output.model_validate(before.written), first).text
    known = Version(old, 0, before.written)
    number = next(line.number for line in lines_of(before.written, first) if line.path == "items.2.question")
    editor = Editor({"changes": [step(number, "replace", "Which metal does a magnet pull?")]})
    result = await made(request("quiz", brief, "swap question 3", known, seed=4711), editor)
    assert result.content.text == old.replace("What does magnet three do?", "Which metal does a magnet pull?")
    assert result.seed == 0


async def test_the_answer_is_seen_in_the_text_as_it_grows() -> None:
    class Seen:
        watching, drafts = True, list[str]()

        async def waiting(self, why: Any) -> None: ...

        async def draft(self, render: Callable[[], str]) -> None:
            self.drafts.append(render())

    seen = Seen()
    engine = Engine(Scripted(Editor({"changes": [step(1, "replace", "Noon it is on 3 May")]})), name="model")
    await Pipeline(Engines([engine])).run(
        assign(request("email", "mail", "funnier subject", mail()), Remembered()), watcher=seen
    )
    assert "Noon it is on 3 May" in seen.drafts[-1]
    assert "changes" not in seen.drafts[-1].casefold()
    assert all("Come early!" in draft for draft in seen.drafts)


async def test_a_small_model_writes_it_anew() -> None:
    asked: list[str] = []

    def small(messages: Any) -> str:
        asked.append(messages[0].text)
        return "We close at noon."

    await made(
        request(
            "social_post", "we close at noon", "shorter", version("social_post", {"text": "We close at noon today."})
        ),
        small,
        capable=False,
    )
    assert not any(text.startswith("You edit") for text in asked)


async def test_what_has_no_room_in_the_context_is_written_anew() -> None:
    asked: list[str] = []

    def writer(messages: Any) -> str:
        asked.append(messages[0].text)
        return "We close at noon."

    before = version("social_post", {"text": "We close at noon today. " * 200})
    await made(request("social_post", "we close at noon", "warmer", before), writer, context=4_000)
    assert asked
    assert not any(text.startswith("You edit") for text in asked)


SINGLE = [case for case in CASES if len(case.drafts) == 1 and not case.misread]


@pytest.mark.parametrize("case", SINGLE, ids=[case.id for case in SINGLE])
def test_every_draft_can_be_taken_apart_and_one_line_of_it_changed(case: Case) -> None:
    kind = case.assignment().kind
    data = completed(shape_of(kind.output), case.drafts[0])
    assignment = case.assignment()
    lines = lines_of(data, assignment)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert edited(data, Edit(), assignment) == data
    line = max(lines, key=lambda one: len(one.text))
    changed = edited(data, Edit((Step(line.number, "replace", "Quite another thing."),)), assignment)
    shape = shape_of(kind.output)
    before, after = dict(at_paths(shape, data)), dict(at_paths(shape, changed))
    assert {path for path in before if before[path] != after[path]} == {line.path}
    assert after[line.path].replace("Quite another thing.", line.text.strip()) == before[line.path]


def at_paths(shape: Any, data: Any) -> list[tuple[str, str]]:
    return [(path, text) for path, _, text in texts(shape, data)]


@pytest.mark.parametrize(
    ("kind", "brief", "wish", "line"),
    [
        ("slogan", "8 slogans, 4 to 7 words each", "5 options instead", ["5 options", "tagline: 4 to 7 words"]),
        ("email", "mail, about 200 words, 2 paragraphs", "max 40 words", ["2 paragraphs", "at most 40 words"]),
        ("email", "mail in German, 2 paragraphs", "in Spanish", ["2 paragraphs", "in Spanish"]),
        ("social_post", "tweet with 3 hashtags", "without hashtags", ["for X", "without hashtags"]),
        ("social_post", "tweet, no hashtags", "with 2 hashtags please", ["2 hashtags", "for X"]),
        ("quiz", "5 questions on magnets", "swap question 3", ["5 questions"]),
        ("quiz", "5 questions on magnets", "make question three harder", ["5 questions"]),
        ("quiz", "5 questions on magnets", "add two questions", []),
        ("quiz", "5 Fragen zu Magneten", "entferne die letzte Frage", []),
        ("quiz", "5 questions", "no more than 4 questions", ["at most 4 questions"]),
        ("email", "mail, 2 paragraphs", "mention our menus in Spanish", ["2 paragraphs"]),
        ("email", "mail, 2 paragraphs", "auf Französisch bitte", ["2 paragraphs", "in French"]),
        ("lesson_plan", "45 minutes on magnets", "30 minutes only", ["30 minutes"]),
    ],
)  # fmt: skip
def test_words_about_the_form_correct_the_same_item_of_what_was_understood(
    kind: str, brief: str, wish: str, line: list[str]
) -> None:
    assignment = assign(Request("1", "7", brief, kind=kind, notes=(wish,)), Remembered())
    assert [str(phrase) for phrase in statements(assignment.wishes.reading)] == line


def test_a_wish_goes_before_the_language_that_was_picked() -> None:
    asked = Request("1", "7", "mail", kind="email", language="de", notes=("in Spanish",))
    assert assign(asked, Remembered()).language == "es"


def test_the_buttons_change_the_length_that_the_brief_gives_and_no_other_bound() -> None:
    assignment = assign(
        Request("1", "7", "mail, about 100 words, subject max 40 characters", kind="email", scale=0.6), Remembered()
    )
    assert [str(phrase) for phrase in statements(assignment.wishes.reading)] == [
        "about 60 words",
        "subject: at most 40 characters",
    ]
    assert assignment.wishes.sizes[("body", "words")].most == 69
    assert assignment.wishes.sizes[("subject", "characters")].most == 40


def test_a_reading_without_a_correction_stays() -> None:
    reading = read_by_patterns("3 options, 4 to 7 words each, no emoji, in Spanish", kind_named("slogan").reader)
    assert corrected(reading, Reading(), same_part(kind_named("slogan"))) == reading
    assert (
        corrected(reading, correction_of("funnier", kind_named("slogan").reader), same_part(kind_named("slogan")))
        == reading
    )
    assert resized(reading, 1.0) is reading


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("Same words.", "Same words.", ()),
        ("It costs £12.50 today.", "It costs £14.50 today.",
         (("same", "It costs £"), ("out", "12.50 "), ("in", "14.50 "), ("same", "today."))),
        ("Come in.", "Come in. We wait.", (("same", "Come in. "), ("in", "We wait."))),
        ("A b c.", "", (("out", "A b c."),)),
    ],
)  # fmt: skip
def test_changes_word_by_word(before: str, after: str, found: tuple[tuple[str, str], ...]) -> None:
    assert [(tag, text.strip()) for tag, text in changes(before, after)] == [(tag, text.strip()) for tag, text in found]


def test_long_texts_are_cut_to_the_sentences_that_changed() -> None:
    filler = " ".join(f"Sentence number {number} stays as it is." for number in range(200))
    found = changes(f"{filler} The price is low. {filler}", f"{filler} The price is fair. {filler}")
    assert sum(len(text) for _, text in found) <= MOST_SHOWN
    assert [tag for tag, _ in found] == ["gap", "same", "out", "in", "same", "gap"]
    assert ("out", "low") in [(tag, text.strip(" .")) for tag, text in found]


def test_what_comes_stands_in_the_line_of_what_goes_and_layout_is_no_change() -> None:
    before, after = (
        "**Subject:** It is ready\n**Preview:** Come by.",
        "**Subject:** It misses you\n**Preview:** Come by.",
    )
    told = (("same", "Subject: It "), ("out", "is ready "), ("in", "misses you\n"), ("same", "Preview: Come by."))
    assert changes(before, after) == told


def test_rows_of_a_table_and_entries_of_a_list_are_lines_of_their_own() -> None:
    table = "| Week | What |\n|---|---|\n| 1 | Spins. At the gate. |"
    text = f"Two weeks. One table.\n\n{table}\n\n1. Count spins. All of them.\n2. Then ask.\n\nThat is all."
    found = pieces(text)
    assert "".join(found) == text
    assert [one.strip() for one in found] == [
        "Two weeks.", "One table.", "| Week | What |", "|---|---|", "| 1 | Spins. At the gate. |", "1. Count spins. All of them.",
        "2. Then ask.", "That is all.",
    ]  # fmt: skip
    assert numbered_text([Line(1, "text", found[4])]) == "1 | text | | 1 | Spins. At the gate. |"
