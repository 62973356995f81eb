"""What a text claims, whom it names and which addresses it gives that no source does.

grounded/*.toml hold short texts in five languages with what their sources give: good ones, of which none may be found fault with,
and bad ones with the words that are made up. The kept files were written before the data and looked at after them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.checks.claims import claims, said_of, ungrounded_claims
from bot.checks.people import people, ungrounded_people
from bot.checks.streets import streets, ungrounded_streets
from bot.checks.terms import norm

FOLDER = Path(__file__).parent / "grounded"
LANGUAGES = {"en", "de", "es", "fr", "pt"}
# The share of what is made up that has to be found, and how many texts there are at least.
LEAST, FEWEST_GOOD, FEWEST_BAD = 0.9, 60, 100


def found(language: str, text: str, sources: list[str]) -> list[tuple[str, str]]:
    """All that no source gives: what it is, and its words."""
    return [
        *(("claim", one.said) for one in ungrounded_claims(text, sources, language)),
        *(("name", one) for one in ungrounded_people(text, sources, language)),
        *(("address", one) for one in ungrounded_streets(text, sources)),
    ]


def parts(words: str) -> set[str]:
    """The words of some words, as they are compared."""
    return set(re.findall(r"[^\W_]+", norm(words)))


def good(name: str) -> Iterator[tuple[str, str, list[str]]]:
    for language, rows in tomllib.loads((FOLDER / name).read_text(encoding="utf-8")).items():
        yield from ((language, text, [source, *more]) for source, text, *more in rows)


def bad(name: str) -> Iterator[tuple[str, str, str, str, str]]:
    for sort, languages in tomllib.loads((FOLDER / name).read_text(encoding="utf-8")).items():
        for language, rows in languages.items():
            yield from ((sort, language, text, source, words) for source, text, words in rows)


GOOD = [*good("good.toml"), *good("good_kept.toml")]
BAD = {name: list(bad(name)) for name in ("bad.toml", "bad_kept.toml")}


@pytest.mark.parametrize(("language", "text", "sources"), GOOD)
def test_a_good_text_is_left_alone(language: str, text: str, sources: list[str]) -> None:
    assert found(language, text, sources) == []


@pytest.mark.parametrize("name", BAD)
def test_what_is_made_up_is_found(name: str) -> None:
    missed = []
    for sort, language, text, source, words in BAD[name]:
        said = {
            one for kind, found_words in found(language, text, [source]) if kind == sort for one in parts(found_words)
        }
        if said.isdisjoint(parts(words)):
            missed.append(text)
    assert len(missed) <= (1 - LEAST) * len(BAD[name]), missed


@pytest.mark.parametrize("name", BAD)
def test_what_is_made_up_is_given_by_a_source_that_says_it(name: str) -> None:
    for _sort, language, text, source, _words in BAD[name]:
        assert found(language, text, [source, text]) == []


def test_there_are_texts_enough_in_five_languages() -> None:
    every = [one for several in BAD.values() for one in several]
    assert len(GOOD) >= FEWEST_GOOD
    assert len(every) >= FEWEST_BAD
    assert {language for language, *_ in GOOD} == {language for _, language, *_ in every} == LANGUAGES


def test_one_family_does_not_give_another() -> None:
    (found,) = ungrounded_claims("A free look and free shipping.", ["a free look at your bike"])
    assert (found.family, found.said, said_of(found.family)) == ("delivered", "free shipping", "that delivery is free")


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("It is guaranteed.", "en", ["guaranteed"]),
        ("It is not guaranteed.", "en", []),
        ("Nothing here is guaranteed.", "en", []),
        ("Is it guaranteed?", "en", []),
        ("Not only guaranteed, also cheap.", "en", ["guaranteed"]),
        ("Don't miss our special offer.", "en", ["special offer"]),
        ("It isn't cheap but guaranteed.", "en", ["guaranteed"]),
        ("Garantiert ist hier nichts.", "de", []),
        ("Das ist keine Garantie.", "de", []),
        ("No sábado o frete é grátis.", "pt", ["frete é grátis", "grátis"]),
        ("El envío no es gratis.", "es", []),
        ("Rien n'est garanti.", "fr", []),
        ("Guaranteed\nNo, really", "en", ["guaranteed"]),
        ("GUARANTEED", "en", ["guaranteed"]),
        ("Feel free to ask, and bring the sugar-free jam.", "en", []),
        ("She has the leading role.", "en", []),
        ("", "en", []),
    ],
)
def test_what_is_denied_or_asked_claims_nothing(text: str, language: str, said: list[str]) -> None:
    assert [one.said for one in claims(text, language)] == said


def test_a_source_that_denies_a_claim_does_not_give_it() -> None:
    assert [one.said for one in ungrounded_claims("With a discount.", ["we give no discount"])] == ["discount"]


def test_a_source_may_lack_its_accents() -> None:
    assert ungrounded_claims("Con garantía.", ["reparacion con garantia"], "es") == []


@pytest.mark.parametrize(
    ("text", "language", "named"),
    [
        ("Ask Dr. Ida Brandt or Ms Patel.", "en", ["Ida Brandt", "Patel"]),
        ("“I came back,” says Emily Carter.", "en", ["Emily Carter"]),
        ("„Toll“, sagt Leiterin Sabine Krüger.", "de", ["Sabine Krüger"]),
        ("Bring Frau Weber Kuchen mit.", "de", ["Weber"]),
        ("Come for tea.\nYours,\nSarah", "en", ["Sarah"]),
        ("“Best hour of my week.” – Thomas K.", "en", ["Thomas K."]),
        ("« Bravo », raconte Sophie Martin.", "fr", ["Sophie Martin"]),
        ("Meet us on Charlotte Street or at Saint Thomas Hall.", "en", []),
        ("Nos vemos en la calle Juan Bravo.", "es", []),
        ("Avenue Victor Hugo, à Paris.", "fr", []),
        ("Im Herbst gibt es Kürbis und Kuchen im Café Rosa.", "de", []),
        ("The new shop, says the Guardian, is loud.", "en", []),
        ("Santa Monica Pier, São Paulo Fashion and King George Hall", "en", []),
        ("A night with Jane Austen and Aloe Vera Gel.", "en", []),
        ("“I love it,” says Jane Austen.", "en", ["Jane Austen"]),
        ("Open Jan Feb Mar, closed for Martin Luther King Day.", "en", []),
        ("See you in San Francisco in May, before Easter Monday.", "en", []),
        ("Dear Sir or Madam, the team says Thank You.", "en", []),
    ],
)
def test_who_is_named(text: str, language: str, named: list[str]) -> None:
    assert people(text, language) == named


@pytest.mark.parametrize(
    ("source", "loose"),
    [
        ("Dr Amara Osei leads it", []),
        ("AMARA OSEI", []),
        ("our Amara", ["Amara Osei"]),
        ("", ["Amara Osei"]),
    ],
)
def test_a_name_is_given_with_all_its_words(source: str, loose: list[str]) -> None:
    assert ungrounded_people("“Sit down,” says Amara Osei.", [source]) == loose


@pytest.mark.parametrize(
    ("text", "language", "loose"),
    [
        ("Paint With Anna Tonight", "en", []),
        ("Paint With Tom Tonight", "en", ["Tom Tonight"]),
        ("Bring Anna Lopez a cake.", "en", ["Anna Lopez"]),
        ("Am Freitag kocht Anna Suppe.", "de", []),
    ],
)
def test_a_noun_behind_a_given_first_name_is_no_other_name(text: str, language: str, loose: list[str]) -> None:
    assert ungrounded_people(text, ["Anna runs it"], language) == loose


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Find us at 12 High Street.", ["12 High Street"]),
        ("Find us at 221b Baker St from May.", ["221b Baker St"]),
        ("Hauptstraße 5, gleich links", ["Hauptstraße 5"]),
        ("Berliner Str. 12a", ["Berliner Str. 12a"]),
        ("Calle Mayor 3", ["Calle Mayor 3"]),
        ("Av. de la Constitución, nº 21", ["Av. de la Constitución, nº 21"]),
        ("12 bis, rue de la Paix", ["12 bis, rue de la Paix"]),
        ("Rua das Flores, 10", ["Rua das Flores, 10"]),
        ("Marktplatz 10 Uhr, Hauptstraße 9:30 Uhr", []),
        ("Parkplatz 3 bleibt frei", []),
        ("Der Heimweg 5 km", []),
        ("Plaza Mayor 20 de mayo", []),
        ("Plaza Mayor, 20 horas", []),
        ("3 places de parking, 2 cours de yoga", []),
        ("In 5 days we move", []),
    ],
)
def test_addresses(text: str, said: list[str]) -> None:
    assert streets(text) == said


@pytest.mark.parametrize("source", ["Hauptstrasse 5", "HAUPTSTR. 5", "in der Hauptstraße Nr. 5"])
def test_an_address_may_be_written_in_another_way(source: str) -> None:
    assert ungrounded_streets("In der Hauptstraße 5.", [source]) == []
    assert ungrounded_streets("In der Hauptstraße 6.", [source]) == ["Hauptstraße 6"]
