"""Terms in several scripts."""

from __future__ import annotations

import pytest

from bot.checks.terms import find_avoided, find_spans, has_quote, has_term, normalise


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
def test_normalisation_is_idempotent(text: str, form: str) -> None:
    assert normalise(text) == form
    assert normalise(normalise(text)) == normalise(text)


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
def test_terms_match_whole_words(text: str, term: str, there: bool) -> None:
    assert has_term(text, term) is there
    assert find_avoided(text, [term]) == ([term] if there else [])


def test_all_spans_of_a_term_are_found() -> None:
    assert list(find_spans("go on, go", "GO")) == [(0, 2), (7, 9)]


def test_a_quotation_may_be_interrupted_by_its_speaker() -> None:
    words = "People queued in the rain. Now they queue in the warm"
    assert has_quote("“People queued in the rain,” said Joan Pettifer. “Now they queue in the warm.”", words)
    assert has_quote(f"'{words}.'", words)
    assert not has_quote("“Now they queue in the warm,” she said. “People queued in the rain.”", words)
    assert not has_quote("“People queued in the rain,” said Joan Pettifer.", words)
    assert not has_quote("A warm queue", "Now they queue")
