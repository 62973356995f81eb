"""Syllables and rhymes, as far as spelling tells them."""

# ruff: noqa: E501 - tables that are easier to read in long lines
import pytest

from bot.checks.terms import placeholders
from bot.checks.verse import last_word, rhymes, scheme_of, syllables_asked, syllables_of, unrhymed

RHYME = {
    "en": [
        ("shoe", "you"), ("street", "seat"), ("cry", "by"), ("slow", "go"), ("snow", "slow"), ("would", "good"), ("yet", "get"), ("bread", "said"),
        ("flame", "name"), ("draw", "saw"), ("night", "kite"), ("word", "bird"), ("bear", "hair"), ("door", "war"), ("rain", "lane"),
        ("moon", "June"), ("light", "white"), ("tall", "crawl"), ("stone", "alone"), ("walked", "talked"), ("track", "back"), ("key", "sea"), ("laugh", "half"),
        ("rough", "stuff"), ("boat", "wrote"), ("eyes", "skies"), ("heart", "part"), ("love", "above"), ("dance", "chance"), ("time", "rhyme"), ("tears", "years"),
    ],
    "de": [("Haus", "Maus"), ("Wind", "Kind"), ("Zeit", "weit"), ("Leute", "heute"), ("Bäume", "Träume"), ("Rad", "Blatt"), ("sehen", "gehen"), ("Nacht", "lacht"), ("Tag", "lag"), ("Wald", "alt")],
    "es": [("canción", "corazón"), ("vida", "perdida"), ("mar", "cantar"), ("cielo", "anhelo"), ("noche", "coche")],
    "fr": [("bateau", "mot"), ("aimé", "chanter"), ("matin", "chemin"), ("temps", "vent"), ("maison", "chanson"), ("amour", "jour"), ("lune", "brune"), ("voix", "roi")],
    "pt": [("canção", "coração"), ("mar", "cantar"), ("vida", "ferida"), ("noite", "açoite")],
}  # fmt: skip
NOT = {
    "en": [("rain", "road"), ("door", "dog"), ("street", "stone"), ("light", "line"), ("moon", "more"), ("sky", "skip"), ("love", "lamp"), ("bed", "boat")],
    "de": [("Haus", "Hut"), ("Wind", "Wald"), ("Nacht", "Tag"), ("Leute", "Liebe"), ("Rad", "Kind")],
    "es": [("canción", "vida"), ("mar", "sol"), ("noche", "cielo")],
    "fr": [("bateau", "matin"), ("amour", "lune"), ("maison", "temps")],
    "pt": [("mar", "sol"), ("vida", "noite"), ("canção", "amor")],
}  # fmt: skip


@pytest.mark.parametrize("language", RHYME)
def test_what_rhymes_is_told_from_what_cannot(language: str) -> None:
    assert [pair for pair in RHYME[language] if not rhymes(*pair, language)] == []
    assert [pair for pair in NOT[language] if rhymes(*pair, language)] == []


@pytest.mark.parametrize(
    ("brief", "scheme"),
    [
        ("song about rain, ABAB", "ABAB"), ("lyrics, rhyme scheme a bit loose", ""), ("AABB, two verses", "AABB"), ("in rhyming couplets", "AABB"),
        ("song like ABBA would sing it", ""), ("rhyme scheme ABBA", "ABBA"), ("Lied im Kreuzreim", "ABAB"), ("A-B-C-B please", "ABCB"),
        ("song for the ABC club", ""), ("canción, rima cruzada", "ABAB"), ("a BAD day", ""), ("verses A and B", ""),
    ],
)  # fmt: skip
def test_schemes_of_briefs(brief: str, scheme: str) -> None:
    assert scheme_of(brief) == scheme


@pytest.mark.parametrize(
    ("brief", "count"),
    [
        ("8 syllables a line", 8), ("8-syllable lines", 8), ("7 Silben je Zeile", 7), ("10 sílabas", 10), ("rain", 0),
        ("a sea shanty in iambic tetrameter", 8), ("Lied in fünfhebigen Jamben", 10), ("poème en alexandrins", 12),
        ("un poema en endecasílabos", 11), ("a song about a metre of snow", 0),
    ],
)  # fmt: skip
def test_syllables_of_briefs(brief: str, count: int) -> None:
    assert syllables_asked(brief) == count


@pytest.mark.parametrize(
    ("line", "language", "count"),
    [
        ("Rain on the shelter, rain on my shoe", "en", 9), ("Twinkle twinkle little star", "en", 7), ("Der Mond ist aufgegangen", "de", 7),
        ("Hänschen klein ging allein", "de", 6), ("caminante no hay camino", "es", 8), ("Quando eu te vi", "pt", 5),
    ],
)  # fmt: skip
def test_syllables_of_lines(line: str, language: str, count: int) -> None:
    assert abs(syllables_of(line, language) - count) <= 1


def test_a_scheme_goes_over_all_lines() -> None:
    verse = ["Rain on my shoe", "the end of the street", "looking for you", "has left me a seat"]
    assert unrhymed(verse, "ABAB", "en") == []
    assert unrhymed(verse, "AABB", "en") == [("shoe", "street"), ("you", "seat")]
    assert unrhymed(verse[:2], "ABAB", "en") == [(last_word(one), "") for one in verse[:2]], (
        "they have nothing to rhyme with"
    )
    assert unrhymed([*verse, "a dog", "the moon", "a log"], "ABAB", "en") == []


def test_the_tags_of_a_song_are_no_blanks() -> None:
    assert placeholders("[Verse 1]\nRain\n\n[Chorus]\nFall, [name]") == ["[name]"]
