"""What users read is in their words: no settings, no statistics, no names of the code."""

from __future__ import annotations

import re

import pytest

from bot.errors import EngineError
from bot.generation.findings import _ENTRIES, _SAID, _UNITS
from bot.locales import LANGUAGES, catalogue, told
from personas.style import FEATURES

# Words of builders; a person would have to ask what they mean.
BUILDERS = re.compile(
    r"standard deviation|Standardabweichung|desviación típica|écart type|desvio padrão|\btokens?\b|README|grapheme|\bbody\b|_"
    r"|points of 100"
)


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_findings_and_measures_are_in_words_of_users(language):
    sentences = [one for said in _SAID.values() for one in ([said] if isinstance(said, str) else said)]
    shown = [
        *sentences,
        *_ENTRIES.values(),
        *_UNITS.values(),
        *(f"{one.label} {one.unit}" for one in FEATURES.values()),
    ]
    known = catalogue(language)
    spoken = [re.sub(r"\{[^{}]*\}", "", known.get(one, one)) for one in shown]
    assert [one for one in spoken if BUILDERS.search(one)] == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_a_setting_is_named_to_whoever_runs_the_bot_alone(language, caplog):
    error = EngineError("gpt needs a key. Set QUILLMATE_ENGINE_KEY, or QUILLMATE_ENGINE_URL for a server of your own.")
    shown = told(error, language)
    assert "QUILLMATE" not in shown
    assert "QUILLMATE_ENGINE_KEY" in caplog.text
    assert language == "en" or shown != told(error, "en")
