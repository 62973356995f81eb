"""Cards, lessons, guides, rubrics, worksheets, cases and passages: their parts are found in finished texts."""

from __future__ import annotations

import csv
import io
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bot.content import Assignment, Content, Kind, MemorySnapshot, Request, Requirements
from bot.exports import export_content, find_fitting_formats
from bot.kinds.synthetic_data import KIND as DATA
from bot.kinds.synthetic_data import DataTable
from bot.markup import parse_document
from bot.simulation.case import build_case
from bot.team.classroom.lessons import build_lesson
from personas.persona import find_default

TEXTS = Path("tests/data/texts")
# Which files each kind can be taken away as, beside the text itself.
FILES = {
    "explanation": {"csv", "xlsx"},
    "flashcards": {"apkg", "quizlet", "csv", "xlsx"},
    "lesson_plan": {"pptx", "csv", "xlsx"},
    "rubric": {"csv", "xlsx"},
    "study_guide": {"pptx", "csv", "xlsx"},
    "worksheet": {"apkg", "quizlet", "csv", "xlsx"},
    "scenario": {"pptx"},
    "tutor": set[str](),
}


def build_assignment(kind: Kind, counts: dict[str, tuple[int, int]] | None = None) -> Assignment:
    request = Request(id="1", user_id="1", brief="one", kind=kind.name)
    return Assignment(request, kind, find_default(kind.family), Requirements(counts=counts or {}), MemorySnapshot())


def read_parts(name: str, text: str) -> dict[str, Any]:
    kind = import_module(f"bot.kinds.{name}").KIND
    found: dict[str, Any] = kind.read(parse_document(text), build_assignment(kind))
    if kind.parts:
        kind.parts.model_validate(found)
    return found


def test_rubric_with_different_levels_has_those_of_the_first_criterion() -> None:
    text = "## Style\n- Good: clear\n- Poor: unclear\n\n## Facts\n- Right: all true\n- Wrong: false ones"
    found = read_parts("rubric", text)
    assert (found["levels"], [one["name"] for one in found["criteria"]]) == (["Good", "Poor"], ["Style"])


@pytest.mark.parametrize(
    ("levels", "points"),
    [
        ("| Level 1 | Level 2 |", 0),
        ("| Stufe 1 | Stufe 2 |", 0),
        ("| 1 | 2 |", 2),
        ("| Weak (1 pt) | Good (2 pts) |", 2),
    ],
)
def test_numbered_levels_of_a_rubric_are_no_points(levels: str, points: int) -> None:
    text = f"| Criterion {levels}\n|---|---|---|\n| Style | hard to follow | easy to follow |"
    [criterion] = read_parts("rubric", text)["criteria"]
    assert criterion["points"] == points


@pytest.mark.parametrize(
    "path", [one for name in FILES for one in sorted(TEXTS.glob(f"{name}*.md"))], ids=lambda path: path.name
)
def test_files_are_made_from_finished_texts(path: Path) -> None:
    name, text = path.name.split(".")[0], path.read_text(encoding="utf-8").partition("-->\n")[2]
    content = Content(text, read_parts(name, text))
    made = {one.name for one in find_fitting_formats(content) if export_content(one.name, "Title", content)}
    assert FILES[name] <= made


CARDS = [("clavicle", "collarbone"), ("femur", "thigh bone")]


@pytest.mark.parametrize(
    "form",
    [
        "{0} | {1}\n{2} | {3}",
        "{0};{1}\n{2};{3}",
        "```\n{0}\t{1}\n{2}\t{3}\n```",
        "| Front | Back |\n|---|---|\n| {0} | {1} |\n| {2} | {3} |",
        "| # | Begriff | Bedeutung |\n|---|---|---|\n| 1 | {0} | {1} |\n| 2 | {2} | {3} |",
        "## Bones\n\n1. **{0}** ||{1}||\n2. **{2}** ||{3}||",
        "**Card 1**\n**Front:** {0}\n**Back:** {1}\n\n**Card 2**\n**Front:** {2}\n**Back:** {3}",
        "### Card 1\nQ: {0}\nA: {1}\n\n### Card 2\nQ: {2}\nA: {3}",
        "1. Vorderseite: {0}\n   Rückseite: {1}\n\n2. Vorderseite: {2}\n   Rückseite: {3}",
        "- **{0}** – {1}\n- **{2}**: {3}",
        "Here are two cards.\n\n{0} → {1}\n{2} → {3}",
        "**1. Recto :** {0} | **Verso :** {1}\n**2. Recto :** {2} | **Verso :** {3}",
        "**Card 1 – Front:** {0}\n**Card 1 – Back:** {1}\n\n---\n\n**Card 2 – Front:** {2}\n**Card 2 – Back:** {3}",
        "1. **Q:** {0} **A:** {1}\n2. **Q:** {2} **A:** {3}",
        "1. {0}\n   **Answer:** {1}\n2. {2}\n   **Answer:** {3}",
        "### {0}\n{1}\n\n### {2}\n{3}",
        "**{0}**\n{1}\n\n**{2}**\n{3}",
        "{0} :: {1}\n{2} :: {3}",
        "1. {0} — {1}\n2. {2} — {3}",
    ],
)
def test_flashcards_are_found(form: str) -> None:
    text = form.format(*(side for card in CARDS for side in card))
    parts = read_parts("flashcards", text)
    assert [(one["front"], one["back"]) for one in parts["cards"]] == CARDS
    assert [one.question.text for one in build_lesson(Content(text, parts), "Bones").items] == [
        front for front, _ in CARDS
    ]


def test_any_two_columns_are_front_and_back() -> None:
    for heading, example in (
        ("| French | English |\n|---|---|", ""),
        ("| French | English | Example |\n|---|---|---|", " Oui ! |"),
    ):
        table = "\n".join([heading, *(f"| {front} | {back} |{example}" for front, back in CARDS)])
        assert [(card["front"], card["back"]) for card in read_parts("flashcards", table)["cards"]] == CARDS


def test_a_gap_is_answered_by_the_back_of_its_card() -> None:
    parts = read_parts("flashcards", "The {{c1::nucleus}} holds DNA.\nThe {{c1::ribosome}} makes proteins.")
    assert parts["cards"][0] == {"front": "The _____ holds DNA.", "back": "nucleus"}
    (card, _) = read_parts("flashcards", "Nous ___ au marché. | allons\nTu ___ là. | es")["cards"]
    assert card == {"front": "Nous _____ au marché.", "back": "allons"}


@pytest.mark.parametrize(
    ("text", "names", "minutes"),
    [
        (
            "# Map\n\n## Lesson (45 minutes)\n\n### 1. Hook (5 min)\nLook.\n\n### 2. Try (40 min)\nDo.",
            ["Hook", "Try"],
            [5, 40],
        ),
        (
            "**Ablauf**\n\n| Zeit | Phase | Was |\n|---|---|---|\n| 0–10 min | Einstieg | Bild |\n| 10–30 min | Versuch | Glas |",
            ["Einstieg", "Versuch"],
            [10, 20],
        ),
        ("Procedure:\n1. **Hook (5 min):** Look at 20 maps.\n2. **Try (15 min):** Do.", ["Hook", "Try"], [5, 15]),
        (
            "# Mail\n\n**9:00–9:10 – Welcome.** Names.\n**9:10–9:40 – Model mail.** Read.",
            ["Welcome", "Model mail"],
            [10, 30],
        ),
        (
            "**Dauer:** 35 Minuten\n\n## Desarrollo\n- **Inicio (10 minutos).** Preguntas.\n- **Cierre (25 minutos).** Dibujo.",
            ["Inicio", "Cierre"],
            [10, 25],
        ),
        (
            "## Activities\n\n**Warm-up – 5 minutes**\nTalk.\n\n**Main task – 30 minutes**\nWrite.",
            ["Warm-up", "Main task"],
            [5, 30],
        ),
        ("## Déroulement\n1. Accueil : 5 min\n2. Lecture : 20 min", ["Accueil", "Lecture"], [5, 20]),
        ("## Activities\n1. Talk about it\n2. Write it down", ["Talk about it", "Write it down"], [0, 0]),
    ],
)
def test_activities_are_found_with_their_durations(text: str, names: list[str], minutes: list[int]) -> None:
    steps = read_parts("lesson_plan", text)["activities"]
    assert ([one["name"] for one in steps], [one["minutes"] for one in steps]) == (names, minutes)


def test_the_sections_of_a_lesson_are_found() -> None:
    text = (
        "# Water\n\n**Lernziele**\n- Den Kreislauf beschreiben\n- Begriffe nennen\n\n**Material:** Tafel, Glas\n\n"
        "**Ablauf**\n1. Einstieg (5 min)\n2. Versuch (20 min)\n\nHausaufgabe: keine"
    )
    parts = read_parts("lesson_plan", text)
    assert parts["objectives"] == ["Den Kreislauf beschreiben", "Begriffe nennen"]
    assert parts["materials"] == ["Tafel", "Glas"]
    assert list(parts["sections"]) == ["Lernziele", "Material", "Ablauf", "Hausaufgabe"]
    assert parts["sections"]["Material"] == "Tafel, Glas"


@pytest.mark.parametrize(
    "terms",
    [
        "## Key terms\n- **Axis**: a line\n- **Orbit**: a path",
        "**Wichtige Begriffe**\n\n| Begriff | Bedeutung |\n|---|---|\n| Axis | a line |\n| Orbit | a path |",
        "## 2. Vocabulary\n**Axis** – a line\n**Orbit** – a path",
        "### Glossaire\n\n#### Axis\na line\n\n#### Orbit\na path",
        "## Términos clave\n1. Axis: a line\n2. Orbit: a path",
    ],
)
def test_terms_are_found(terms: str) -> None:
    text = f"# Seasons\n\n## Key ideas\n- The axis is tilted.\n\n{terms}\n\n## Test yourself\n1. Why?\n2. How?"
    parts = read_parts("study_guide", text)
    assert parts["key_terms"] == [{"term": "Axis", "explanation": "a line"}, {"term": "Orbit", "explanation": "a path"}]
    assert (parts["title"], parts["key_ideas"], parts["self_check"]) == (
        "Seasons",
        ["The axis is tilted."],
        ["Why?", "How?"],
    )
    passage = f"# Seasons\n\nThe axis is tilted.\n\nSo is the orbit.\n\n{terms}"
    assert read_parts("explanation", passage) == {
        "title": "Seasons",
        "source_text": "The axis is tilted.\n\nSo is the orbit.",
        "key_terms": parts["key_terms"],
    }


def test_the_passage_of_a_worksheet_ends_before_its_first_task() -> None:
    sentence = "The tide comes in twice a day and leaves shells, weed and small crabs on the sand. "
    text = (
        f"# Tides\n\n\n\n{sentence * 6}\n\n1. What does the tide leave?\n\n{sentence * 6}\n\n2. How often does it come?"
    )
    assert read_parts("worksheet", text)["source_text"] == (sentence * 6).strip()


def test_a_plain_explanation_has_no_parts() -> None:
    assert read_parts("explanation", "Bread goes hard because it loses water.\n\nThink of a sponge.") == {}


@pytest.mark.parametrize(
    ("text", "levels", "points", "total"),
    [
        (
            (
                "| Criterion | Good (2) | Weak (1) |\n|---|---|---|\n| Thesis | clear | vague |\n| Style | neat | rough |\n\n"
                "**Total: 4 points**"
            ),
            ["Good (2)", "Weak (1)"],
            [2, 2],
            4,
        ),
        (
            (
                "| Kriterium | Good | Weak | Punkte |\n|---|---|---|---|\n| Thesis | clear | vague | 10 |\n"
                "| Style | neat | rough | 5 |\n| Gesamt | | | 15 |"
            ),
            ["Good", "Weak"],
            [10, 5],
            15,
        ),
        (
            (
                "| Criterion | Weight | Good | Weak | Score |\n|---|---|---|---|---|\n"
                "| **Thesis** | 40% | clear | vague | ___ |\n| **Style** | 60% | neat | rough | ___ |"
            ),
            ["Good", "Weak"],
            [40, 60],
            100,
        ),
        (
            "| Level | Thesis | Style |\n|---|---|---|\n| 2 – Good | clear | neat |\n| 1 – Weak | vague | rough |",
            ["2 – Good", "1 – Weak"],
            [2, 2],
            4,
        ),
        (
            (
                "### Thesis (8 points)\n- **Good (8):** clear\n- **Weak (2):** vague\n\n### Style (2 points)\n"
                "- **Good (2):** neat\n- **Weak (1):** rough\n\nTotal: 10"
            ),
            ["Good", "Weak"],
            [8, 2],
            10,
        ),
        (
            "**1. Thesis (5 pts)**\n5 – clear\n1 – vague\n\n**2. Style (5 pts)**\n5 – neat\n1 – rough",
            ["5", "1"],
            [5, 5],
            10,
        ),
        (
            "1. **Thesis**\n   - Good: clear\n   - Weak: vague\n2. **Style**\n   - Good: neat\n   - Weak: rough",
            ["Good", "Weak"],
            [0, 0],
            0,
        ),
    ],
)
def test_criteria_are_found(text: str, levels: list[str], points: list[int], total: int) -> None:
    parts = read_parts("rubric", text)
    assert [(one["name"], one["cells"]) for one in parts["criteria"]] == [
        ("Thesis", ["clear", "vague"]),
        ("Style", ["neat", "rough"]),
    ]
    assert (parts["levels"], [one["points"] for one in parts["criteria"]], parts.get("points_total", 0)) == (
        levels,
        points,
        total,
    )


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "1. What is 3 + 4?\n2. Name a metal.\n\n**Answer key**\n1. 7\n2. Iron",
            [("What is 3 + 4?", "7"), ("Name a metal.", "Iron")],
        ),
        (
            (
                "**Aufgabe 1**\nBerechne:\na) 3 · 4\nb) 12 : 3\n\n**Aufgabe 2**\nWarum?\n\n**Lösungen**\n\n**Aufgabe 1**\n"
                "a) 12\nb) 4\n\n**Aufgabe 2**\nDarum."
            ),
            [("Berechne:\na) 3 · 4\nb) 12 : 3", "a) 12\nb) 4"), ("Warum?", "Darum.")],
        ),
        (
            (
                "## Exercice 1 : Complète\n1. Je ___ là.\n2. Tu ___ ici.\n\n## Exercice 2 : Choisis\n1. Il ___\n   a) vas\n"
                "   b) va\n\n## Corrigé\n**Exercice 1 :** 1. suis 2. es\n**Exercice 2 :** 1. b) va"
            ),
            [("Je ___ là.", "suis"), ("Tu ___ ici.", "es"), ("Il ___\na) vas\nb) va", "b) va")],
        ),
        ("1. Add 2 and 2.\n2. Draw a leaf.", [("Add 2 and 2.", None), ("Draw a leaf.", None)]),
    ],
)
def test_tasks_are_found_with_their_answers(text: str, items: list[tuple[str, str | None]]) -> None:
    assert [(one["question"], one.get("answer")) for one in read_parts("worksheet", text)["items"]] == items


@pytest.mark.parametrize(
    "roles",
    [
        "## Roles\n- **Ann**: wants quiet. ||Secret: a room is free||\n- **Ben**: wants to work. ||Secret: they were late||",
        (
            "## Characters\n\n| Role | Wants | Hides |\n|---|---|---|\n| Ann | wants quiet | a room is free |\n"
            "| Ben | wants to work | they were late |"
        ),
        (
            "**Role 1: Ann**\n- Goal: wants quiet\n- Secret: a room is free\n\n**Role 2: Ben**\n- Goal: wants to work\n"
            "- Secret: they were late"
        ),
        "### Rollen\n\n**Ann**\nZiel: wants quiet\nGeheim: a room is free\n\n**Ben**\nZiel: wants to work\nGeheim: they were late",
        (
            "## Papeles\n\n### Ann\n**Quiere:** wants quiet\n**Secreto:** a room is free\n\n### Ben\n"
            "**Quiere:** wants to work\n**Secreto:** they were late"
        ),
    ],
)
def test_a_scenario_is_read_as_a_playable_case(roles: str) -> None:
    text = (
        f"# Noise\n\n## Situation\nIt is loud.\n\n{roles}\n\n## Opening\n“Keep it down!”\n\n## Twists\n"
        "1. A man leaves.\n2. One films.\n\n## Debrief\n- When did it change?"
    )
    case = build_case(read_parts("scenario", text), "en")
    assert case is not None
    assert [(one.name, one.wants, one.hides) for one in case.roles] == [
        ("Ann", "wants quiet", "a room is free"),
        ("Ben", "wants to work", "they were late"),
    ]
    assert (case.title, case.situation, case.opening, case.questions) == (
        "Noise",
        "It is loud.",
        "Keep it down!",
        ("When did it change?",),
    )
    assert [one.told for one in case.scenes] == ["", "A man leaves.", "One films."]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Words.",
        "# A\n## B\n### C",
        "|a|\n|-|\n|b|",
        "- \n- **",
        "||||",
        "1.\n2.\n",
        "(" * 3000 + "a: " * 3000,
    ],
)
def test_any_text_is_read(name: str, text: str) -> None:
    read_parts(name, text)


def test_synthetic_data_has_the_requested_rows() -> None:
    columns = [{"name": "name", "type": "name", "values": []}, {"name": "Mail", "type": "choice", "values": []}]
    output, drawn = DataTable.model_validate({"columns": columns, "rows": 3}), DATA.composer
    assert drawn is not None
    assert {"row", "column"} <= {count.nouns[0] for count in DATA.counts}
    for assignment, wanted in ((build_assignment(DATA), 3), (build_assignment(DATA, {"row": (25, 25)}), 25)):
        content = drawn.compose(output, assignment)
        header, *rows = csv.reader(io.StringIO(content.parts["csv"]))
        assert (header, len(rows)) == (["name", "mail"], wanted)
        assert all(row[1].endswith("@example.com") for row in rows)
        assert all(check.passed for check in drawn.examine(output, content, assignment))
        assert content == drawn.compose(output, assignment)
