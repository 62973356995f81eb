"""Words in several scripts, blanks, and figures that nobody gave."""

from __future__ import annotations

import pytest

from bot.checks.terms import avoided, contains, has_term, norm, placeholders, says_numbers, spans, ungrounded_numbers


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", ""),
        ("Straße", "strasse"),
        ("don’t “stop”", 'don\'t "stop"'),
        ("a \n\t b", "a b"),
        ("٣٠٪", "30%"),
        ("30 %", "30%"),
        ("ＡＢＣ１", "abc1"),
        ("co\u00adop", "coop"),
        ("ﬁne", "fine"),
        ("İstanbul", "i̇stanbul"),
    ],
)
def test_norm(text: str, form: str) -> None:
    assert norm(text) == form
    assert norm(norm(text)) == norm(text)


@pytest.mark.parametrize(
    ("text", "term", "there"),
    [
        ("A curated list", "curated", True),
        ("CURATED!", "curated", True),
        ("uncurated", "curated", False),
        ("curatedly", "curated", False),
        ("a must-have bag", "must-have", True),
        ("food  lover", "food lover", True),
        ("it’s", "it's", True),
        ("anything", "", False),
        ("anything", "  ", False),
        ("C++ rocks", "c++", True),
        ("(free)", "free", True),
        ("free2", "free", False),
        ("groß", "GROSS", True),
        ("größer", "groß", False),
        ("дешёвый хлеб", "дешёвый", True),
        ("недешёвый", "дешёвый", False),
        ("新商品の案内", "商品", True),
        ("カタカナ", "タカ", True),
        ("مجاني الآن", "مجاني", True),
        ("والمجاني", "مجاني", True),
        ("غيرمجاني", "مجاني", False),
        ("मुफ़्त में", "मुफ़्त", True),
        ("cafe\u0301s", "café", False),
        ("cafe\u0301", "café", True),
    ],
)
def test_terms_stand_as_whole_words(text: str, term: str, there: bool) -> None:
    assert has_term(text, term) is there
    assert avoided(text, [term]) == ([term] if there else [])


def test_all_places_of_a_term() -> None:
    assert list(spans("go on, go", "GO")) == [(0, 2), (7, 9)]


@pytest.mark.parametrize(
    ("text", "part", "there"),
    [("It costs 30 %", "30%", True), ("5 March", "5 MARCH ", True), ("50", "5", True), ("", "a", False)],
)
def test_parts_stand_anywhere(text: str, part: str, there: bool) -> None:
    assert contains(text, part) is there


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dear [Name], hi", ["[Name]"]),
        ("{{first_name}}", ["{{first_name}}"]),
        ("<Your Name>", ["<Your Name>"]),
        ("Lorem ipsum dolor", ["Lorem ipsum"]),
        ("TODO and TBD", ["TODO", "TBD"]),
        ("Insert your shop here", ["Insert your shop here"]),
        ("[a](https://a.com)", []),
        ("[x]", []),
        ("a < b and c > d", []),
        ("plain words", []),
        ("", []),
    ],
)
def test_placeholders(text: str, found: list[str]) -> None:
    assert placeholders(text) == found


@pytest.mark.parametrize("text", ["Todo está listo para el sábado.", "O mundo todo está aqui."])
def test_everything_is_no_placeholder(text: str) -> None:
    assert placeholders(text) == []


@pytest.mark.parametrize(
    ("text", "source", "loose"),
    [
        ("Two of 10", "", []),
        ("All 11 of us", "", ["11"]),
        ("All 11 of us", "we are 11", []),
        ("0 to 10, then 99", "", ["99"]),
        ("1,000 fans", "1000 fans", []),
        ("1.000 Fans", "1,000 fans", []),
        ("10000", "1000", ["10000"]),
        ("2.5 kg", "25 kg", ["2.5"]),
        ("20%", "20 percent", []),
        ("٢٥ ريال", "25", []),
        ("at 21:00", "at 9 pm", []),
        ("at 9:00 pm", "from 21:00", []),
        ("at 9:30 pm", "from 21:30", []),
        ("at 09:30", "at 9:30", []),
        ("at 9:30", "at 21:45", ["9:30"]),
        ("at 17", "at 5 pm", []),
        ("at 25:00", "at 1:00", ["25:00"]),
        ("see https://a.com/2026", "", []),
        ("in 2026", "2025", ["2026"]),
        ("12 and 12", "", ["12", "12"]),
        ("", "5", []),
    ],
)
def test_figures_come_from_a_source(text: str, source: str, loose: list[str]) -> None:
    assert ungrounded_numbers(text, [source]) == loose


def test_figures_may_come_from_any_source() -> None:
    assert ungrounded_numbers("31 or 42 or 53", ["31", "", "42."]) == ["53"]


@pytest.mark.parametrize(
    ("text", "figure", "said"),
    [
        ("from 25. Mai, 9 Uhr", "25 May, 9 am", True),
        ("it costs 12,50 €", "€12.50", True),
        ("the hall closes at 10 pm", "22 h", True),
        ("jusqu'à 20 h 30", "20:30", True),
        ("until 8.30 pm", "20h30", True),
        ("it costs £30", "£3", False),
        ("open at 18:00", "8:00", False),
        ("it costs 4.80", "480", False),
        ("22 chairs", "2", False),
        ("in room 22, at noon", "21 h", False),
    ],
)
def test_figures_may_be_said_in_another_way(text: str, figure: str, said: bool) -> None:
    assert says_numbers(text, figure) is said
