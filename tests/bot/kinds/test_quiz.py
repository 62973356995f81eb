"""Quizzes: their questions, options and keys are found in whatever form they stand."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.content import Assignment, Content, MemorySnapshot, Request, Requirements
from bot.exports import export_content, find_fitting_formats
from bot.kinds.quiz import KIND, find_differing_questions, format_questions
from bot.markup import parse_document
from bot.team.classroom.quiz_items import parse_items
from personas.persona import find_default

TEXTS = Path("tests/data/texts")
ASKED = ("Which planet is the largest?", "Which planet is red?")
OPTIONS = ["Earth", "Jupiter", "Mars", "Venus"]


def read_parts(text: str, language: str = "") -> dict[str, Any]:
    request = Request(id="1", user_id="1", brief="quiz", kind=KIND.name, language=language)
    found = KIND.read(
        parse_document(text), Assignment(request, KIND, find_default(KIND.family), Requirements(), MemorySnapshot())
    )
    assert KIND.parts is not None
    KIND.parts.model_validate(found)
    return found


def list_keys(parts: dict[str, Any]) -> list[tuple[str, int, list[str]]]:
    """List each question with its number of options and those that are correct."""
    return [
        (one["question"], len(one["options"]), [one["options"][at] for at in one["correct"]]) for one in parts["items"]
    ]


def format_quiz(options: str, number: str = "{}. ", key: str = "**Answer key**\n1. B\n2. C") -> str:
    return "\n\n".join([*(f"{number.format(n)}{asked}\n{options}" for n, asked in enumerate(ASKED, 1)), key])


PLAIN = "A) Earth\nB) Jupiter\nC) Mars\nD) Venus"
NUMBERS = [
    "{}. ",
    "{}) ",
    "Q{}: ",
    "**Q{}.** ",
    "### {}. ",
    "## Question {}\n\n",
    "**Question {}**\n",
    "{}️⃣ ",
    "({}) ",
    "#{} ",
    "Frage {}: ",
    "**Question {} of 2**\n\n",
    "- **Q{}:** ",
    "Question {} (1 point)\n",
    "{} - ",
    "Pregunta {}. ",
    "Question {} : ",
]
FORMS = [
    PLAIN,
    "a. Earth\nb. Jupiter\nc. Mars\nd. Venus",
    "A - Earth\nB - Jupiter\nC - Mars\nD - Venus",
    "A Earth\nB Jupiter\nC Mars\nD Venus",
    "A) Earth   B) Jupiter\nC) Mars   D) Venus",
    "(a) Earth (b) Jupiter (c) Mars (d) Venus",
    "- **A)** Earth\n- **B)** Jupiter\n- **C)** Mars\n- **D)** Venus",
    "   - [ ] A) Earth\n   - [ ] B) Jupiter\n   - [ ] C) Mars\n   - [ ] D) Venus",
    "🅰️ Earth\n🅱️ Jupiter\n🅲 Mars\n🅳 Venus",
    "**A.** Earth\n\n**B.** Jupiter\n\n**C.** Mars\n\n**D.** Venus",
    "Options: A) Earth, B) Jupiter, C) Mars, D) Venus",
    "[A] Earth\n[B] Jupiter\n[C] Mars\n[D] Venus",
]
KEYS = [
    "Answers: 1 B, 2 C",
    "Answer key: 1. (b); 2. (c)",
    "**Answer Key:** 1-B · 2-C",
    "Key: 1b 2c",
    "KEY: 1=b 2=c",
    "(Answers: 1B, 2C)",
    "Answers: B, C",
    "**Answers**\n\n**1. B**\n\n**2. C**",
    "#### Réponses\nQ1 → B\nQ2 → C",
    "## Lösungen\n\n1b: Er ist riesig.\n2c: Eisen.",
    "Soluciones: 1. b) Jupiter; 2. c) Mars",
    "**Gabarito:** 1 – B, 2 – C",
    "||Answers: 1 B, 2 C||",
    "**Answer key**\n\n||1. B) Jupiter. It is huge.||\n\n||2. C) Mars. Iron.||",
    "## Key\n\n| # | Answer | Why |\n|---|---|---|\n| 1 | B | huge |\n| 2 | C | iron |",
    "**Answers**\n\n| 1 | 2 |\n|---|---|\n| B | C |",
    "**Answer key**\n- B) Jupiter\n- C) Mars",
    "3. **Answer key:**\n   1. B\n   2. C",
    "Solutions\n1. Jupiter: it is huge.\n2. Mars: iron.",
    "**Solutions**\n1. B – because it is huge\n2. C because iron rusts",
    "### 🔑 Answer Key (for the host)\n**Question 1:** B) Jupiter\n**Question 2:** C) Mars",
    "Die richtigen Antworten: 1 b, 2 c",
    "*Answers: 1. B; 2. C.*\n*Good luck!*",
    "# Answer key\n\n**1. Which planet is the largest?**\nB) Jupiter. It is huge.\n\n**2. Which planet is red?**\nC) Mars.",
    "## Teacher version\n\n"
    + format_quiz(PLAIN.replace("B) Jupiter", "**B) Jupiter**"), key="").split("\n\n")[0]
    + "\n\n2. Which planet is red?\n"
    + PLAIN.replace("C) Mars", "C) Mars ✓"),
]
WANTED = [(asked, 4, [right]) for asked, right in zip(ASKED, ("Jupiter", "Mars"), strict=True)]


@pytest.mark.parametrize(("options", "number"), list(product(FORMS, NUMBERS[:3])))
def test_options_are_found(options: str, number: str) -> None:
    assert list_keys(read_parts(format_quiz(options, number))) == WANTED


@pytest.mark.parametrize("number", NUMBERS)
def test_questions_are_found(number: str) -> None:
    assert (
        list_keys(read_parts(format_quiz(PLAIN, number, "**Answer key**\n1. B – It is huge.\n2. C – Iron."))) == WANTED
    )


@pytest.mark.parametrize("key", KEYS)
def test_keys_are_found(key: str) -> None:
    assert list_keys(read_parts(format_quiz(PLAIN, key=key))) == WANTED


@pytest.mark.parametrize(
    "key",
    [
        "Answer key: 1 B, 2 C",
        "**Answer key**\n1. B\n2. C",
        "## Answer key\n1. B – huge\n2. C – iron\n\n## Questions",
        "**Key: 1 B, 2 C**\n\n---",
    ],
)
def test_an_answer_key_may_come_first(key: str) -> None:
    assert list_keys(read_parts(f"{key}\n\n{format_quiz(PLAIN, key='')}")) == WANTED


@pytest.mark.parametrize(
    "options",
    [
        "A) Earth\nB) **{}**\nC) Mars",
        "A) Earth\n**B) {}**\nC) Mars",
        "A) Earth\nB) {} ✓\nC) Mars",
        "A) Earth\n*B) {}\nC) Mars",
        "A) Earth\nB) {}*\nC) Mars",
        "A) Earth\n✅ B) {}\nC) Mars",
        "- [ ] Earth\n- [x] {}\n- [ ] Mars",
        "- Earth\n- **{}**\n- Mars",
        "• Earth\n• {} (correct)\n• Mars",
        "A) Earth\nB) {} (richtig)\nC) Mars",
        "A) Earth\nB) {} ← correct\nC) Mars",
        "A) Earth ❌\nB) {} ✅\nC) Mars ❌",
    ],
)
@pytest.mark.parametrize("number", ["{}. ", "**Question {}:** ", ""])
def test_a_mark_indicates_the_correct_option(options: str, number: str) -> None:
    text = "\n\n".join(f"{number.format(n)}{asked}\n{options.format('Jupiter')}" for n, asked in enumerate(ASKED, 1))
    assert list_keys(read_parts(text)) == [(asked, 3, ["Jupiter"]) for asked in ASKED]


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize(
    "answer",
    [
        "**Answer: {0}** — {2}",
        "Correct answer: {0}) {1}. {2}",
        "*Answer: {0} ({1}). {2}*",
        "> **Correct: {0}**\n> {2}",
        "✅ **{0}) {1}**\n{2}",
        "**Correct Answer:** {0}\n**Explanation:** {2}",
        "Answer: {1} – {2}",
        "Ans: {0} | Why: {2}",
        "||{0} – {2}||",
        "||**Answer:** {0}) {1}||\n||**Why:** {2}||",
        "Bonne réponse : {0}) {1}\nExplication : {2}",
        "**Lösung: {0})** {2}",
        "Respuesta: {0}) {1}. {2}",
        "Resposta correta: letra {0}) {1}. {2}",
        "→ **{0}.** {2}",
        "- **Answer:** {0}\n- **Feedback:** {2}",
        "**Answer:**\n{0}) {1}\n\n**Explanation:**\n{2}",
        "<details>\n<summary>Answer</summary>\n\n**{0}. {1}** – {2}\n\n</details>",
    ],
)
def test_an_answer_may_come_below_its_question(answer: str, numbered: bool) -> None:
    told = (("B", "Jupiter", "It is huge."), ("C", "Mars", "Iron rusts."))
    heads = [f"{n}. {asked}" if numbered else f"**{asked}**\n" for n, asked in enumerate(ASKED, 1)]
    text = "\n\n".join(f"{head}\n{PLAIN}\n\n{answer.format(*one)}" for head, one in zip(heads, told, strict=True))
    found = read_parts(f"{text}\n\nHow many did you get right?")
    assert list_keys(found) == WANTED
    assert [one["feedback"] for one in found["items"]] == ["It is huge.", "Iron rusts."]


@pytest.mark.parametrize("answer", ["Answer: {0} {1}", "**Answer:** {0}. {1}", "Answer: {0}{1}", "Correct: {0}) {1})"])
def test_the_number_of_its_question_may_stand_before_an_answer(answer: str) -> None:
    heads = [f"Question {n}: {asked}\n{PLAIN}\n\n" for n, asked in enumerate(ASKED, 1)]
    text = "\n\n".join(
        head + answer.format(n, letter) for n, (head, letter) in enumerate(zip(heads, "BC", strict=True), 1)
    )
    assert list_keys(read_parts(text)) == WANTED


MIXED = """
# Science check

## Part A: Choice
1. Which are planets? (Choose two.)
A) Earth
B) the Moon
C) Mars
D) Pluto

2. Match the animals with their sounds.

1) cow
2) dog
3) cat

A) bark
B) meow
C) moo

## Part B: True or false
1. The Sun is a star.
2. The Moon makes its own light. (True / False)

## Part C: Short answers
1. What is the capital of France?
2. In which year did people first land on the Moon?
3. How many people live in Iceland?

## Answer key
**Part A:**
1. A and C – the Moon circles a planet.
2. 1-C, 2-A, 3-B

**Part B:** 1. True 2. F

**Part C:**
1. Paris / the city of Paris
2. 1969. In July.
3. 390,000
"""


def test_a_key_that_counts_from_zero_is_no_key() -> None:
    quiz = "1. Match the sounds.\n\n| Animal | Sound |\n|---|---|\n| 1. cow | A. bark |\n| 2. dog | B. moo |\n\nAnswers: 1. 0-A, 1-B"
    assert not any(item.get("correct") for item in read_parts(quiz).get("items", ()))


def test_circled_numbers_are_the_left_hand_items_of_a_matching_question() -> None:
    quiz = "1. Match the sounds.\n\n| Animal | Sound |\n|---|---|\n| 1. cow | A. bark |\n| 2. dog | B. moo |\n\nAnswers: 1. ①-B, ②-A"
    assert [item["correct"] for item in read_parts(quiz)["items"]] == [[1, 0]]


def test_each_question_type_is_recognised() -> None:
    found = read_parts(MIXED)
    assert [one.get("type", "single") for one in found["items"]] == [
        "multiple",
        "matching",
        "true_false",
        "true_false",
        "short_answer",
        "numeric",
        "short_answer",
    ]
    assert [right for _, _, right in list_keys(found)] == [
        ["Earth", "Mars"],
        ["moo", "bark", "meow"],
        ["True"],
        ["False"],
        ["Paris", "the city of Paris"],
        ["1969"],
        ["390,000"],
    ]
    assert found["items"][1]["lefts"] == ["cow", "dog", "cat"]
    assert found["items"][3]["question"] == "The Moon makes its own light."
    assert found["items"][5]["feedback"] == "In July."
    items, skipped = parse_items(Content(MIXED, found), "science")
    assert (len(items), skipped) == (7, 0)


@pytest.mark.parametrize(
    ("text", "language", "pair", "right"),
    [
        ("# Richtig oder falsch?\n\n1. A b.\n2. C d.\n\nLösung: 1 R, 2 F", "de", ["Richtig", "Falsch"], [0, 1]),
        (
            "1. A b. Vrai ou faux ?\n2. C d. Vrai ou faux ?\n\nCorrigé : 1. Vrai, 2. Faux",
            "fr",
            ["Vrai", "Faux"],
            [0, 1],
        ),
        ("1. A b.\n2. C d.\n\nRespuestas: 1. F, 2. V", "es", ["Verdadero", "Falso"], [1, 0]),
        ("1. A b. **True**\n2. C d. **False**", "en", ["True", "False"], [0, 1]),
        ("1. A b.\nA) False\nB) True\n\n2. C d.\nA) False\nB) True\n\nKey: 1 B, 2 A", "en", ["True", "False"], [0, 1]),
    ],
)
def test_the_true_option_comes_first_in_true_false_questions(
    text: str, language: str, pair: list[str], right: list[int]
) -> None:
    items = read_parts(text, language)["items"]
    assert [one["question"] for one in items] == ["A b.", "C d."]
    assert [(one["type"], one["options"], one["correct"]) for one in items] == [
        ("true_false", pair, [at]) for at in right
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "| Frage | Antworten | Lösung |\n|---|---|---|\n| Wer? | A) du<br>B) ich | B |\n| Wo? | A) da<br>B) hier | A |",
            [("Wer?", 2, ["ich"]), ("Wo?", 2, ["da"])],
        ),
        (
            "| Question | Answer 1 | Answer 2 | Correct |\n|---|---|---|---|\n| Who? | you | me | 2 |\n| Where? | there | here | 1 |",
            [("Who?", 2, ["me"]), ("Where?", 2, ["there"])],
        ),
        (
            "| # | Question | A | B |\n|---|---|---|---|\n| 1 | Who? | you | **me** |\n| 2 | Where? | **there** | here |",
            [("Who?", 2, ["me"]), ("Where?", 2, ["there"])],
        ),
        (
            "| # | Question | Answer |\n|---|---|---|\n| 1 | Who? | me |\n| 2 | Where? | here |",
            [("Who?", 1, ["me"]), ("Where?", 1, ["here"])],
        ),
        ("1. Who? (Answer: me)\n2. Where? (Answer: here)", [("Who?", 1, ["me"]), ("Where?", 1, ["here"])]),
        ("**Q: Who?**\nA: me\n\n**Q: Where?**\nA: here", [("Who?", 1, ["me"]), ("Where?", 1, ["here"])]),
        (
            "**问1** 谁？\nA. 你\nB. 我\n\n**问2** 哪里？\nA. 那里\nB. 这里\n\n答案：1. B  2. A",
            [("谁？", 2, ["我"]), ("哪里？", 2, ["那里"])],
        ),
        (
            "**प्रश्न 1:** कौन?\n(क) तुम\n(ख) मैं\n\n**प्रश्न 2:** कहाँ?\n(क) वहाँ\n(ख) यहाँ\n\n**उत्तर कुंजी:** 1. (ख), 2. (क)",
            [("कौन?", 2, ["मैं"]), ("कहाँ?", 2, ["वहाँ"])],
        ),
        (
            "1. Кто?\nа) ты\nб) я\n\n2. Где?\nа) там\nб) здесь\n\nОтветы: 1б, 2а",
            [("Кто?", 2, ["я"]), ("Где?", 2, ["там"])],
        ),
        (
            "```\nQUIZ\n\n1. Who?\nA) you\nB) me\n\n2. Where?\nA) there\nB) here\n\nANSWERS\n1. B\n2. A\n```",
            [("Who?", 2, ["me"]), ("Where?", 2, ["there"])],
        ),
        (
            (
                "**Rules**\n1. Read.\n2. Choose.\n\n## Questions\n1. Who?\nA) you\nB) me\n\n## Answers\n1. B\n\n## Scoring\n"
                "- 1 right: good"
            ),
            [("Who?", 2, ["me"])],
        ),
        (
            "# Match\n\n**Column A**\n1. cow\n2. dog\n\n**Column B**\nA. bark\nB. moo\n\n**Key:** 1-B, 2-A",
            [("Match", 2, ["moo", "bark"])],
        ),
        ("1. What is it?\nA) x\nB) y", [("What is it?", 2, [])]),
        (
            "1. How much is 2 times 6? (12)\n2. And 7 times 7? (49)\n\nRound 2\n\n3. And 6 times 6? (36)\n\nWell done!",
            [("How much is 2 times 6?", 1, ["12"]), ("And 7 times 7?", 1, ["49"]), ("And 6 times 6?", 1, ["36"])],
        ),
        ("1. Who? *me*\n2. Where? *here*", [("Who?", 1, ["me"]), ("Where?", 1, ["here"])]),
        ("1. Who? — me\n2. Where? — here", [("Who?", 1, ["me"]), ("Where?", 1, ["here"])]),
        ("1. Who?\n   *me*\n2. Where?\n   *here*", [("Who?", 1, ["me"]), ("Where?", 1, ["here"])]),
        (
            (
                "## Round 1\n1. Who?\n2. Why?\n\n## Round 2\n1. Where?\n2. When?\n\n## Answers\n"
                "**Round 1:** 1. me 2. joy\n**Round 2:** 1. here, 2. now"
            ),
            [("Who?", 1, ["me"]), ("Why?", 1, ["joy"]), ("Where?", 1, ["here"]), ("When?", 1, ["now"])],
        ),
        (
            "1. Who?\n2. Where?\n\n| No. | Answer |\n|---|---|\n| 1 | me |\n| 2 | here |",
            [("Who?", 1, ["me"]), ("Where?", 1, ["here"])],
        ),
        ("1. Who? (2 points)\n2. Where? (3 points)", [("Who? (2 points)", 0, []), ("Where? (3 points)", 0, [])]),
        (
            "1. Who?\n☐ A  you\n☐ B  me\n\n2. Where?\n☐ A  there\n☐ B  here\n\nAnswers\n1. B\n2. A",
            [("Who?", 2, ["me"]), ("Where?", 2, ["there"])],
        ),
        (
            "1. Tea is a leaf.\n☐ right ☐ wrong\nReason: ________\n\n2. Tea is a stone.\n☐ right ☐ wrong\nReason: ________\n\n"
            "Answers\n1. Right: it grows.\n2. Wrong: it grows.",
            [("Tea is a leaf.", 2, ["right"]), ("Tea is a stone.", 2, ["wrong"])],
        ),
    ],
)
def test_other_layouts_are_read(text: str, wanted: list[tuple[str, int, list[str]]]) -> None:
    assert list_keys(read_parts(text)) == wanted


def test_space_to_write_on_is_no_feedback() -> None:
    [item] = read_parts("1. Tea is a leaf.\nA) right\nB) wrong\nReason: ________\n\nAnswers\n1. A: it grows.")["items"]
    assert item["feedback"] == "It grows."


def test_feedback_on_each_option_is_kept() -> None:
    text = (
        "1. Which planet is red?\nA) Earth\nB) Mars\n\n**Answer key**\n1. B\n   - A: It is blue.\n   - B: Iron rusts."
    )
    assert read_parts(text)["items"][0]["feedback"] == ["It is blue.", "Iron rusts."]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "A text.\n\nWith two paragraphs: one, and another.",
        "# Title\n\n- a\n- b",
        "| a |\n|---|\n| b |",
        "1. a\n" * 3,
    ],
)
def test_a_text_that_is_not_a_quiz_has_no_answers(text: str) -> None:
    assert not any(one["correct"] for one in read_parts(text).get("items", []))


def test_questions_without_answers_reveal_none() -> None:
    items = read_parts(MIXED)["items"]
    alone = format_questions(items)
    assert alone.startswith("1. Which are planets? (Choose two.)\nA) Earth\nB) the Moon\n")
    assert "2. Match the animals with their sounds.\n1) cow\n2) dog\n3) cat\nA) bark\nB) meow\nC) moo\n" in alone
    assert not any(told in alone for told in ("Paris", "1969", "circles a planet", "In July"))
    assert read_parts(MIXED)["player_text"] == f"Science check\n\n{alone}"


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        (["A, C", "1-C, 2-A, 3-B", "A", "False", "Paris", "1969", "390,000"], []),
        (
            [
                "C) Mars and A) Earth",
                "cow: moo, dog: bark, cat: meow",
                "True",
                "B",
                "It is Paris",
                "in 1969",
                "about 390,000",
            ],
            [],
        ),
        (["A, C", "1-C, 2-A, 3-B", "A", "True", "Lyon", "1969"], [3]),
        (["A", "1-A, 2-C, 3-B", "B", "True", "Lyon", "1970", ""], [0, 1, 2, 3]),
        ([], [0, 1, 2, 3]),
    ],
)
def test_an_answer_key_is_compared_with_other_answers(answers: list[str], wanted: list[int]) -> None:
    assert find_differing_questions(read_parts(MIXED)["items"], answers) == wanted


@pytest.mark.parametrize("path", sorted(TEXTS.glob("quiz*.md")), ids=lambda path: path.stem)
def test_files_are_made_from_finished_texts(path: Path) -> None:
    text = path.read_text(encoding="utf-8").partition("-->\n")[2]
    content = Content(text, read_parts(text))
    made = {one.name for one in find_fitting_formats(content) if export_content(one.name, "Quiz", content)}
    assert {"gift", "qti", "qti12", "apkg", "quizlet", "csv", "xlsx"} <= made
    assert ("kahoot" in made) is all(
        one.get("type", "single") in ("single", "true_false", "multiple") for one in content.parts["items"]
    )


def test_long_texts_are_read_quickly() -> None:
    text = format_quiz(PLAIN, key="") * 600 + "(" * 5000 + "**" * 5000 + "A) " * 5000
    assert len(read_parts(text)["items"]) > 1


def test_question_numbers_are_removed_in_a_text_that_opens_with_a_list() -> None:
    text = (
        "# Test\n\nLee cada pregunta.\n\n**Palabras que necesitas**\n\n- **EPI**: equipo de protección.\n- **Tensión**: voltaje.\n\n"
        "## Preguntas\n\n**1. ¿Cuál es la primera regla?**\n\na) Comprobar.\nb) Desconectar.\n\n**2. ¿Para qué pones un candado?**\n\n"
        "a) Para proteger.\nb) Para que nadie conecte.\n\n## Respuestas\n\n"
        "| N.º | Letra | Por qué |\n|---|---|---|\n| 1 | b | Primero. |\n| 2 | b | Nadie conecta. |"
    )
    items = read_parts(text)["items"]
    assert [one["question"] for one in items] == ["¿Cuál es la primera regla?", "¿Para qué pones un candado?"]
