"""How common words are, by the lists that ship."""

from __future__ import annotations

from importlib.resources import files

import pytest

from personas.word_frequency import RARE_ZIPF, get_zipf_frequency, load_frequencies

LANGUAGES = sorted(file.name.partition(".")[0] for file in (files("personas") / "common_words").iterdir())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_has_thousands_of_words_from_common_to_rare(language: str) -> None:
    frequencies = list(load_frequencies(language).values())
    assert 5_000 < len(frequencies) < 20_000
    assert frequencies == sorted(frequencies, reverse=True)
    assert 6.5 < frequencies[0] < 8
    assert frequencies[-1] == 4.0 > RARE_ZIPF


def test_words_are_rare_where_no_list_has_them() -> None:
    assert get_zipf_frequency("the", "en") > 7 > 5 > get_zipf_frequency("garden", "en") > 4
    assert get_zipf_frequency("die", "de") > get_zipf_frequency("die", "en")
    assert get_zipf_frequency("quillmate", "en") == get_zipf_frequency("the", "xx") == RARE_ZIPF
