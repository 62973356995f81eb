"""Syllables, sentences and the grade made of them."""

from __future__ import annotations

import pytest

from bot.checks.readability import MIN_WORDS, cefr, ease, ease_for, grade, hardness, sentences, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("a", 1), ("bread", 1), ("the", 1), ("make", 1), ("table", 2), ("little", 2), ("water", 2), ("banana", 3),
        ("Readability", 5), ("well-known", 2), ("rhythm", 1), ("hmm", 1), ("queue", 1), ("MAKE", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("... !", []),
        ("One two. Three!", [["One", "two"], ["Three"]]),
        ("One\ntwo", [["One"], ["two"]]),
        ('He said "go." Then left', [["He", "said", "go"], ["Then", "left"]]),
        ("It costs 3.50 now", [["It", "costs", "now"]]),
        ("See https://a.com/b.c #tag now.", [["See", "now"]]),
        ("Don't stop", [["Don't", "stop"]]),
    ],
)
def test_sentences(text: str, found: list[list[str]]) -> None:
    assert sentences(text) == found


def test_the_formula() -> None:
    text = "The cat sat on the mat. " * 3
    assert grade(text) == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)


def test_hard_words_and_long_sentences_raise_it() -> None:
    easy = "We bake bread. You can buy it. It is good. We like it a lot. Come and see."
    hard = "Comprehensive institutional accountability necessitates extraordinarily considerate administrative collaboration"
    assert grade(easy) < grade(easy.replace(". ", " ")) < grade(f"{easy} {hard}")  # type: ignore[operator]


@pytest.mark.parametrize(("words", "told"), [(MIN_WORDS - 1, False), (MIN_WORDS, True)])
def test_short_texts_have_none(words: int, told: bool) -> None:
    assert (grade("go " * words) is not None) is told
    assert (grade("go " * words + "#tag https://a.com") is not None) is told


def test_other_scripts_have_none() -> None:
    assert grade("パンを焼きます。" * 50) is None


LESSON = (
    "Plants take in light with their leaves. They use it to make sugar from water and air. This is how they grow. "
    "At night they rest. In the day they work hard, and we all breathe the air that they give us. A tree in the sun "
    "makes food for itself, for birds and for us. When you sit under a big tree, you can thank it for the cool air."
)
JARGON = (
    "Procurement ecosystems accelerate heterogeneous interdisciplinary organisational transformation frameworks. " * 9
)


@pytest.mark.parametrize(
    ("language", "easy", "hard"),
    [
        (
            "de",
            "Wir haben am Montag zu. Komm am Dienstag. Dann gibt es Brot. Der Hund darf mit. Wir sind nett.",
            "Betriebswirtschaftliche Rahmenbedingungen erfordern grundsätzliche Umstrukturierungsmaßnahmen innerhalb "
            "organisationsübergreifender Verantwortungsbereiche sowie nachhaltige Unternehmensentwicklungsstrategien "
            "einschließlich umfangreicher Qualitätssicherungsmaßnahmen für alle betroffenen Mitarbeiterinnen.",
        ),
        (
            "es",
            "El pan es bueno. Ven hoy. El sol es gran luz. Tu té va con miel. Ya hay pan y té.",
            "Las consideraciones organizativas fundamentales requieren transformaciones interdisciplinarias significativas "
            "mediante procedimientos administrativos extraordinariamente complicados y responsabilidades compartidas.",
        ),
    ],
)
def test_ease_in_other_languages(language: str, easy: str, hard: str) -> None:
    simple, difficult = ease(easy, language), ease(hard, language)
    assert simple is not None
    assert difficult is not None
    assert simple > 80 > 20 > difficult
    assert (hardness(easy, language, 7) or 0) <= 0 < (hardness(hard, language, 7) or 0)


def test_amstads_formula() -> None:
    """Two sentences of eight words of one syllable: 180 - 8 - 58.5."""
    assert ease("Der Hund ist da und frisst das Brot. Ich seh ihn an und geb ihm Wurst.", "de") == pytest.approx(113.5)


@pytest.mark.parametrize(("text", "language"), [("Kurz ist gut.", "de"), ("kore wa hon desu " * 9, "ja")])
def test_ease_says_nothing_where_it_cannot(text: str, language: str) -> None:
    assert ease(text, language) is None
    assert hardness(text, language, 5) is None


@pytest.mark.parametrize(("limit", "least"), [(3, 90), (5, 90), (6, 80), (8, 60), (12, 50), (15, 30), (16, 0)])
def test_ease_of_grades(limit: float, least: float) -> None:
    assert ease_for(limit) == least


def test_words_of_a_level() -> None:
    assert (cefr(LESSON, "en") or ("", []))[0] == "A1"
    level, rare = cefr(JARGON, "en") or ("", [])
    assert level == "C2"
    assert rare[-1] == "procurement"


def test_names_and_terms_that_were_given_do_not_count() -> None:
    with_term = LESSON + " Photosynthesis " * 6
    assert (cefr(with_term, "en") or ("", []))[0] != "A1"
    assert (cefr(with_term, "en", ["a text about photosynthesis"]) or ("", []))[0] == "A1"


@pytest.mark.parametrize(("text", "language"), [("Easy words.", "en"), (LESSON, "ja"), (LESSON, "xx")])
def test_words_say_nothing_where_they_cannot(text: str, language: str) -> None:
    assert cefr(text, language) is None


# Easy German of 66 words.
ALLTAG = (
    "Heute gehe ich in die Stadt. Ich kaufe Brot und Milch. Dann fahre ich mit dem Bus nach Hause. Meine Mutter ist da, und mein "
    "Vater kommt am Abend. Wir essen zusammen und sprechen über den Tag. Morgen ist Sonntag, da haben wir Zeit. Wir gehen in den "
    "Park und spielen dort mit den Kindern. Das Wetter ist gut, und alle sind froh. Am Abend sehen wir noch einen Film."
)


@pytest.mark.parametrize(
    ("more", "fine"),
    [
        ("Die Lehrerin und die Freundin fahren mit der Buslinie, der Papierkorb steht in der Wohnungstür.", True),
        ("Amir und Fatima sind da. Amir liest, Fatima schreibt. Amir fragt Fatima, und Fatima lacht.", True),
        ("Da ist eine Tonne. Die Tonne ist gelb. Ist die Tonne voll? Nein, die Tonne ist leer.", True),
        ("Der Kalorimeter, das Barometer, die Zentrifuge, der Oszillator und der Transistor stehen da.", False),
    ],
    ids=["compounds and persons", "first names", "said again", "hard words"],
)
def test_words_of_german_are_known_by_their_parts_and_learnt_where_they_are_said_again(more: str, fine: bool) -> None:
    level, _ = cefr(f"{ALLTAG} {more}", "de", inflected=True) or ("", [])
    assert (level in ("A1", "A2")) == fine
