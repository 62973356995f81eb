"""What a brand holds, as it is written: a line an entry, read back as it was, refused by a sentence that names the line."""

from __future__ import annotations

import json
import time
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.book import (
    FIELDS,
    MAX_FACTS,
    AvoidedWord,
    Book,
    BookError,
    BrandFact,
    BrandLink,
    Colour,
    LegalLine,
    is_address,
)
from personas.book_fields import format_field, format_toml, list_changes, merge_data, set_field, to_data
from personas.style import Brand, add_samples

PLACES = ("ads", "mails", "sms", "google_ads")
# Texts with the signs that the forms go by.
TYPED = st.text(
    st.one_of(st.sampled_from("ab :-–•*#,.\n\r\t/@\\0fF\u200b\u2028"), st.characters(exclude_categories=("Cs",))),
    max_size=80,
) | st.lists(
    st.sampled_from(
        ["all:", "ads,", "sms", "AT", "https://a.example", "Shop:", "#1a2b3c", "fff", "- ", ": ", "\n", "x"]
    ),
    max_size=12,
).map(" ".join)


def build_book(**fields):
    book = Book()
    for name, text in fields.items():
        book = set_field(book, name, text, PLACES)
    return book


def read(name, text):
    """Return the book with the typed text, or the sentence that explains why it is refused."""
    try:
        return set_field(Book(), name, text, PLACES), ""
    except BookError as error:
        return Book(), str(error)


@pytest.mark.parametrize("name", FIELDS)
@given(text=TYPED)
def test_any_text_survives_formatting_or_is_refused(name, text):
    book, said = read(name, text)
    assert said == "" or said[-1] == "."
    again = set_field(Book(), name, format_field(book, name), PLACES)
    assert getattr(again, name) == getattr(book, name)
    # It is kept and taken along as it is.
    assert Book.parse(json.loads(book.model_dump_json())) == book
    assert merge_data(Book(), json.loads(json.dumps(to_data(book))), PLACES) == book
    assert tomllib.loads(format_toml(to_data(book))) == to_data(book)


def test_each_field_has_its_own_format():
    book = build_book(
        facts="Opening hours: Mon–Fri 8–18\n\n• We repair zips",
        links="Shop: https://fern.example/shop?x=1\nhttps://fern.example",
        palette="Moss: #4a5d23\nCream #fff\n#000000",
        legal="Drink responsibly.\nads, mails: Terms apply.\nsms, AT: Nur in Österreich.\nall: ads: so called.\nNote: never alone.",
        avoid="cheap: good value\nhustle",
    )
    assert book.facts == (BrandFact(label="Opening hours", value="Mon–Fri 8–18"), BrandFact(value="We repair zips"))
    assert [str(one) for one in book.links] == ["Shop: https://fern.example/shop?x=1", "https://fern.example"]
    assert book.palette == (
        Colour(name="Moss", hex="#4A5D23"),
        Colour(name="Cream", hex="#FFFFFF"),
        Colour(hex="#000000"),
    )
    assert [(one.where, one.text) for one in book.legal] == [
        ((), "Drink responsibly."),
        (("ads", "mails"), "Terms apply."),
        (("sms", "AT"), "Nur in Österreich."),
        ((), "ads: so called."),
        ((), "Note: never alone."),
    ]
    assert (book.legal[2].forms, book.legal[2].countries) == (("sms",), ("AT",))
    assert book.avoid == (AvoidedWord(word="cheap", instead="good value"), AvoidedWord(word="hustle"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("facts", "Hours: 8–18\nPrices:", "Line 2 has nothing after the colon. Write it as “label: value”."),
        ("facts", "a\n\n" + "b" * 241, "Line 3 is too long. The limit is 240 characters."),
        ("facts", "\n".join(map(str, range(61))), f"There are 61 entries; the limit is {MAX_FACTS}."),
        (
            "facts",
            "\n".join(f"{n} {'x' * 100}" for n in range(50)),
            "That is 5,189 characters in total; the limit is 4,000.",
        ),
        ("palette", "Moss: green", "Line 1 needs a six-digit colour code, such as “Moss: #4A5D23”."),
        ("boilerplate", "x" * 1501, "That is 1,501 characters in total; the limit is 1,500."),
        ("claims", "ok\n" + "c" * 161, "Line 2 is too long. The limit is 160 characters."),
        ("legal", "ads:", "Line 1 has nothing after the colon. Write it as “label: value”."),
    ],
)
def test_errors_are_readable_sentences(name, text, said):
    with pytest.raises(BookError) as told:
        set_field(Book(), name, text, PLACES)
    assert str(told.value) == said


def test_oversized_input_is_refused_quickly():
    begun = time.thread_time()
    for line in ("•-" * 32_000, "-" * 64_000 + "5", "a: " * 20_000, "#" * 64_000, "https://" * 8_000):
        for name in FIELDS:
            book, said = read(name, line)
            assert said or len(format_field(book, name)) <= 4_000
    for line in ("•-" * 2_000, "-" * 3_999 + "5", "a: " * 1_300, "- " * 2_000):
        for name in FIELDS:
            read(name, line)
    assert time.thread_time() - begun < 2


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://a.example",
        "https://",
        "https://user@a.example",
        "https:/\\a.example",
        "https://a.example:99999",
        "https://localhost",
        "a.example",
        "https://a b.example",
        "https://-a.example/",
        "https://[::1",
        "data:text/html,https://a.example",
    ],
)
def test_only_web_addresses_are_links(address):
    assert not is_address(address)
    with pytest.raises(BookError, match="Line 1 needs an address that begins with https://"):
        set_field(Book(), "links", f"Shop: {address}")
    with pytest.raises(ValueError, match="no address"):
        BrandLink(address=address)


def test_brands_of_other_releases_can_be_read():
    older = Brand.model_validate({"name": "Fern", "samples": ["We mend."], "style": None})
    assert older.book == Book()
    assert not older.book.has_content
    newer = {"facts": [{"value": "We mend."}], "palette": [{"hex": "blue"}], "moods": ["calm"], "open_to": "all"}
    read = Brand.model_validate({"name": "Fern", "samples": [], "book": newer}).book
    assert read == Book(facts=(BrandFact(value="We mend."),))
    assert Brand.model_validate({"name": "Fern", "samples": [], "book": "damaged"}).book == Book()


def test_adding_samples_to_a_brand_keeps_its_book():
    book = build_book(facts="We mend.", legal="Terms apply.")
    assert add_samples(Brand(name="Fern", samples=(), book=book), ["We mend."]).book == book


def test_a_file_changes_only_the_fields_it_names():
    book = build_book(facts="We mend.", claims="Best in town")
    taken = merge_data(book, {"facts": ["Hours: 8–18", "We sew."], "about": "Repairs", "voice": "ignored"})
    assert format_field(taken, "facts") == "Hours: 8–18\nWe sew."
    assert (taken.about, taken.claims) == ("Repairs", book.claims)
    for wrong in ([], "x", {"facts": [1]}, {"facts": {"a": "b"}}, {"links": ["nowhere"]}):
        with pytest.raises(BookError):
            merge_data(book, wrong)


def test_changes_are_listed_by_line():
    before, after = build_book(facts="Hours: 8–18\nWe mend."), build_book(facts="Hours: 9–18\nWe mend.")
    assert list_changes(before, after, ["facts"]) == ["- Hours: 8–18", "+ Hours: 9–18"]


def test_a_legal_line_says_where_it_applies():
    assert str(LegalLine(text="Terms apply.")) == "all: Terms apply."
    assert Book(legal=(LegalLine(text="Terms apply."),)).statements == ("Terms apply.",)
