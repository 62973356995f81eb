"""What users read is in their words: no settings, no statistics, no names of the code."""

from __future__ import annotations

import re

import pytest
from catalogues import WHOLE, load_catalogue
from writing import build_content

from bot.errors import EngineError
from bot.exports import load_formats
from bot.exports._parts import build_table
from bot.generation.findings import _CHECK_SENTENCES, _PART_NAMES, _UNITS
from bot.kinds import load_kinds
from bot.locales import LANGUAGES, translate_error
from bot.reading.surrounding_labels import format_part_name
from personas.profile import MAX_ENTRIES, Profile, ProfileError
from personas.style import FEATURES

# Words of builders; a person would have to ask what they mean.
BUILDERS = re.compile(
    r"standard deviation|Standardabweichung|desviación típica|écart type|desvio padrão|\btokens?\b|README|grapheme|\bbody\b|_"
    r"|points of 100"
)


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_findings_and_measures_use_everyday_words(language):
    sentences = [one for said in _CHECK_SENTENCES.values() for one in ([said] if isinstance(said, str) else said)]
    shown = [
        *sentences,
        *_PART_NAMES.values(),
        *_UNITS.values(),
        *(f"{one.label} {one.unit}" for one in FEATURES.values()),
    ]
    known = load_catalogue(language)
    spoken = [re.sub(r"\{[^{}]*\}", "", known.get(one, one)) for one in shown]
    assert [one for one in spoken if BUILDERS.search(one)] == []


# Written so by whoever reads them: a time zone, and settings, which only the operator is told of.
_AS_WRITTEN = re.compile(r"America/New_York|QUILLMATE_[A-Z]+|\{[^{}]*\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_contains_an_identifier(language):
    spoken = [_AS_WRITTEN.sub("", words) for pair in load_catalogue(language).items() for words in pair]
    assert [words for words in spoken if re.search(r"\w_\w", words)] == []


@pytest.mark.parametrize(
    "data",
    [
        {"avoid_words": ["x"] * (MAX_ENTRIES + 1)},
        {"prefer_terms": "x"},
        {"reading_level": "x"},
        {"display_name": 5},
        {"preferred_length": "epic"},
        {"output_language": "x"},
        {"call_to_action": "x"},
    ],
    ids=lambda data: next(iter(data)),
)
@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_profile_fields_have_everyday_names_in_errors(language, data):
    with pytest.raises(ProfileError) as error:
        Profile.parse(data)
    shown = translate_error(error.value, language)
    assert "_" not in shown
    assert next(iter(data)) not in shown


@pytest.mark.parametrize("kind", load_kinds().values(), ids=lambda kind: kind.name)
def test_headings_of_tables_and_slides_use_everyday_words(kind, assigned):
    """Except for columns that a user named, and those that another program requires."""
    content = build_content(assigned(kind.name))
    named_by_them = "columns" in content.parts and "rows" in content.parts
    heading, *rows = build_table(content) or [[]]
    first = [str(row[0]) for row in rows] if heading[:1] == ["Part"] else []
    slides = [
        format_part_name(name)
        for name in content.parts.get("sections", ())
        if isinstance(content.parts["sections"], dict)
    ]
    shown = [*([] if named_by_them else map(str, heading)), *first, *slides]
    builders = re.compile(r"_|\b(?:cell|cta|faq|kpis?|hero|preheader|boilerplate|dateline|body)\b", re.IGNORECASE)
    assert [words for words in shown if builders.search(words)] == []
    assert all(words[:1].isupper() for words in shown if words)


def test_labels_of_formats_use_everyday_words():
    assert [one.label for one in load_formats().values() if "_" in one.label or one.label.startswith(".")] == []


@pytest.mark.parametrize("language", ["en", *WHOLE])
def test_settings_are_named_only_to_operators(language, caplog):
    error = EngineError("gpt needs a key. Set QUILLMATE_ENGINE_KEY, or QUILLMATE_ENGINE_URL for a server of your own.")
    shown = translate_error(error, language)
    assert "QUILLMATE" not in shown
    assert "QUILLMATE_ENGINE_KEY" in caplog.text
    assert language == "en" or shown != translate_error(error, "en")
