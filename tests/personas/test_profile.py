"""What a profile takes, and the sentence it gives for what it does not take."""

from __future__ import annotations

import pytest

from personas.profile import MAX_ENTRIES, MAX_ENTRY, MAX_TEXT, CallToAction, Profile, ProfileError, clean, make_storable

FULL = {
    "display_name": "Ada",
    "role": "owner",
    "organisation": "Fern & Fog",
    "audience": "neighbours",
    "tone": ["warm"],
    "reading_level": "CEFR B1",
    "locale": "en-GB",
    "output_language": "en",
    "timezone": "Europe/London",
    "prefer_terms": ["scones"],
    "avoid_words": ["artisan"],
    "preferred_length": "short",
    "emoji": "none",
    "call_to_action": {"text": "Come by", "link": "https://fern.example"},
    "facts": ["Open 8 to 17"],
    "accessibility": ["large print"],
}


def test_every_field_survives_json() -> None:
    profile = Profile.parse(FULL)
    assert profile.model_dump(mode="json") == FULL
    assert set(FULL) == set(Profile.model_fields)


@pytest.mark.parametrize("name", ["New York", "america/new_york", " new_york "])
def test_a_time_zone_is_found_by_its_city(name: str) -> None:
    assert Profile.parse({"timezone": name}).timezone == "America/New_York"


def test_an_empty_profile_is_empty() -> None:
    assert Profile.parse({}).is_empty
    assert not Profile.parse({"role": "owner"}).is_empty


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "A profile must be a JSON object with fields such as organisation, audience and tone."),
        (None, "A profile must be a JSON object with fields such as organisation, audience and tone."),
        ({"colour": "red"}, 'The profile has no field "colour". Its fields are display_name, role,'),
        ({"call_to_action": {"url": "x"}}, 'The profile has no field "call_to_action.url"'),
        ({"role": "x" * 301}, "The profile's role is too long: the limit is 300 characters, and it has 301."),
        (
            {"tone": ["x" * 121]},
            "The profile's tone, entry 1, is too long: the limit is 120 characters, and it has 121.",
        ),
        ({"tone": [" "]}, "The profile's tone, entry 1, is empty"),
        ({"emoji": "lots"}, 'The profile\'s emoji should be one of none, few, many, not "lots".'),
        (
            {"preferred_length": "huge"},
            'The profile\'s length should be one of short, medium, long, not "huge".',
        ),
        ({"reading_level": "easy"}, 'The profile\'s reading level should be "CEFR A1" to "CEFR C2" or "US grade 1" to'),
        ({"reading_level": "US grade 13"}, "The profile's reading level should be"),
        (
            {"output_language": "English"},
            'The profile\'s language of results should be a two-letter language code such as "en"',
        ),
        ({"role": 5}, "The profile's role should be a text in quotes, not the number 5."),
        ({"role": None}, "The profile's role should be a text in quotes, not nothing."),
        ({"tone": "warm"}, 'The profile\'s tone should be a list in brackets, such as ["one", "two"], not "warm".'),
        ({"tone": ["a", {}]}, "The profile's tone, entry 2, should be a text in quotes, not a group of fields."),
        (
            {"call_to_action": "x"},
            'The profile\'s call to action should be a group of fields such as {"text": "…"}, not "x".',
        ),
        ({"call_to_action": {"link": "x y"}}, "The profile's call to action, link, should be an address such as"),
        ({"facts": ["x"] * 31}, "The profile's facts has 31 entries; the limit is 30."),
    ],
)
def test_invalid_fields_are_named(data: object, sentence: str) -> None:
    with pytest.raises(ProfileError) as told:
        Profile.parse(data)
    assert str(told.value).startswith(sentence)
    assert str(told.value).endswith(".")
    assert "\n" not in str(told.value)


def test_a_long_unknown_field_name_is_shortened_in_the_error() -> None:
    with pytest.raises(ProfileError) as told:
        Profile.parse({"k" * 5000: 1})
    assert len(str(told.value)) < 400


@pytest.mark.parametrize("length", [MAX_TEXT - 1, MAX_TEXT])
def test_a_text_may_be_as_long_as_its_limit(length: int) -> None:
    assert len(Profile.parse({"audience": "x" * length}).audience) == length


def test_lists_may_be_as_long_as_their_limits() -> None:
    profile = Profile.parse({"facts": ["é" * MAX_ENTRY] * MAX_ENTRIES})
    assert len(profile.facts) == MAX_ENTRIES


def test_what_no_file_can_contain_is_removed() -> None:
    assert make_storable("one\x0btwo\x1b three\ufffe\x00\tfour") == "one\ntwo three\tfour"


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("  a\n", "a"), ("a\x00b", "ab"), ("a\ud800b", "a\ufffdb"), ("😀", "😀"), ("\x00 ", ""), ("مرحبا", "مرحبا")],
)
def test_texts_are_cleaned(raw: str, kept: str) -> None:
    assert clean(raw) == kept
    assert Profile.parse({"role": raw}).role == kept


def test_whitespace_does_not_count_against_a_limit() -> None:
    assert len(Profile.parse({"role": " " * 50 + "x" * MAX_TEXT}).role) == MAX_TEXT


def test_the_profiles_link_is_that_of_its_call_to_action() -> None:
    assert Profile().link == ""
    assert Profile(call_to_action=CallToAction(text="Go")).link == ""
    assert Profile(call_to_action=CallToAction(link="https://a.example")).link == "https://a.example"


@pytest.mark.parametrize("code", ["", "de", "fil"])
def test_language_codes_have_two_or_three_letters(code: str) -> None:
    assert Profile.parse({"output_language": code}).output_language == code


@pytest.mark.parametrize(
    "link", ["https://fern.example", "fern.example/menu", "mailto:a@fern.example", "tel:+4930123", ""]
)
def test_an_address_can_be_a_link(link: str) -> None:
    assert Profile.parse({"call_to_action": {"text": "Come in", "link": link}}).link == link


@pytest.mark.parametrize("link", ["javascript:alert(1)", "come in", "data:text/html,x", "x](y)"])
def test_an_invalid_address_is_not_a_link(link: str) -> None:
    with pytest.raises(ProfileError, match="should be an address"):
        Profile.parse({"call_to_action": {"text": "Come in", "link": link}})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("B1", "CEFR B1"),
        ("cefr a2", "CEFR A2"),
        ("Klasse 3", "US grade 3"),
        ("4. Klasse", "US grade 4"),
        ("Year 4", "US grade 3"),
        ("grade 7", "US grade 7"),
        ("CE2", "US grade 3"),
        ("3º de primaria", "US grade 3"),
        ("5º ano", "US grade 5"),
        ("US grade 12", "US grade 12"),
        ("", ""),
    ],
)
def test_school_names_of_reading_levels_are_understood(said: str, kept: str) -> None:
    assert Profile.model_validate({"reading_level": said}).reading_level == kept


@pytest.mark.parametrize("said", ["Klasse 14", "Year 1", "easy", "C3", "13th grade"])
def test_an_unknown_reading_level_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="CEFR A1"):
        Profile.model_validate({"reading_level": said})
