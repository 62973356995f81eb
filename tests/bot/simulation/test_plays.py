"""A case as it is played: its scenes and exits, its clock, hints, and the debrief by what was said; pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from writing import load_good_text

import bot.locales
from bot.generation.pipeline import read_parts
from bot.simulation import play as plays
from bot.simulation import signs
from bot.simulation.case import Case, build_case, find_builtin_case, load_builtin_cases
from bot.simulation.play import Judgement, Play

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LANGUAGES = ("en", "de", "es", "fr", "pt")


def started(name: str = "sales_call", language: str = "en") -> Play:
    case = find_builtin_case(name, language)
    assert case is not None
    return plays.start(plays.take_role(Play(case, {}), "7", case.solo_role.name), NOW)


def says(play: Play, text: str, answer: str = "Hm.") -> Play:
    """The play after Ada has said something and a role has answered, in the scene that it leads to."""
    play = plays.add_player_line(play, "7", text)
    way = plays.find_exit(play)
    play = plays.move_to_scene(play, way.to) if way else play
    return plays.add_answer(play, play.bot_roles[0].name, answer, NOW)


@pytest.mark.parametrize("name", sorted(load_builtin_cases()))
def test_a_case_that_stands_ready_is_the_same_in_every_language(name):
    by_language = load_builtin_cases()[name]
    assert sorted(by_language) == sorted(LANGUAGES)
    shapes = set()
    for language, case in by_language.items():
        assert Case.from_json(case.to_json()) == case
        assert find_builtin_case(case.title.upper(), language) is case
        assert {one.to for scene in case.scenes for one in scene.exits} <= {scene.name for scene in case.scenes}
        assert sum(scene.ends for scene in case.scenes) == 1
        assert [role.yours for role in case.roles].count(True) == 1
        assert all(one.signs and one.next for one in case.objectives)
        shapes.add(
            repr(
                [
                    len(case.facts),
                    len(case.roles),
                    [len(one.signs) for one in case.objectives],
                    case.turns,
                    case.minutes,
                    [
                        (scene.name, len(scene.hints), [(one.to, one.after, len(one.signs)) for one in scene.exits])
                        for scene in case.scenes
                    ],
                ]
            )
        )
    assert len(shapes) == 1


@pytest.mark.parametrize("name", sorted(load_builtin_cases()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_case_advises_is_found_by_its_own_signs(name, language):
    """Whoever says what the debrief tells them to try next, or what the objective says, is seen to."""
    case = load_builtin_cases()[name][language]
    for one in case.objectives:
        assert any(signs.match_groups(f"{one.next} {one.text}", one.signs)), one.text


# Words and forms that nobody in Brazil uses for what they mean in Portugal.
EUROPEAN = re.compile(
    r"(?i)\b(?:[td]?lho|fumo|carrinhas?|auscultadores|portátil|ecrãs?|telemóvel|autocarro|comboio|ficheiros?|utilizador(?:es)?|equipas?"
    r"|contactos?|factos?|registos?|tensão alta|parque de estacionamento|até (?:ao|às)|(?:está|estão|estou) a \w+r)\b"
)


def test_portuguese_is_that_of_brazil():
    catalogue = Path(bot.locales.__file__).with_name("pt.po").read_text(encoding="utf-8")
    said = re.findall(r'^(?:msgstr )?"(.+)"$', catalogue, re.MULTILINE)
    said += [text for by_language in load_builtin_cases().values() for text in strings(by_language["pt"].to_json())]
    assert len(said) > 2_000
    assert [text for text in said if EUROPEAN.search(text)] == []


def strings(data: Any) -> list[str]:
    """The texts in JSON."""
    if isinstance(data, str):
        return [data]
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list | tuple) else ()
    return [text for one in inner for text in strings(one)]


def test_scenes_follow_what_is_said_and_else_how_long_they_last():
    play = started()
    assert [line.role for line in play.lines] == ["", "Nora"]
    asked = says(play, "How far do you drive on your round?")
    assert asked.scene == "needs"
    assert asked.lines[-2].text.startswith("Nora puts you on speaker")
    for _ in range(3):
        play = says(play, "It is a wonderful van, believe me.")
    assert (play.scene, play.scene_turn_count) == ("queue", 0)
    for _ in range(3):
        play = says(play, "Truly wonderful.")
    assert (play.scene, play.state) == ("goodbye", "ending"), "the last scene ends it"


def test_the_clock_counts_turns_or_minutes_and_stands_while_paused():
    play = replace(started(), case=replace(find_builtin_case("sales_call", "en"), turns=2))
    assert says(play, "Hello.").state == "open"
    assert says(says(play, "Hello."), "Hello?").state == "ending"
    timed = plays.start(plays.take_role(Play(find_builtin_case("fire_drill", "en"), {}), "7", "Warden"), NOW)
    assert plays.compute_deadline(timed) == NOW + timedelta(minutes=12)
    paused = plays.pause(timed, NOW + timedelta(minutes=2))
    assert plays.compute_deadline(paused) is None
    assert not plays.is_over(paused, NOW + timedelta(hours=2))
    on = plays.resume(paused, NOW + timedelta(hours=2))
    assert plays.compute_deadline(on) == NOW + timedelta(hours=2, minutes=10)
    assert plays.is_over(on, NOW + timedelta(hours=3))
    assert find_builtin_case("sales_call", "en").with_minutes(5).minutes == 5


def test_hints_come_one_by_one_and_then_tell_what_is_open():
    play, first = plays.give_hint(started())
    assert first == "Ask about her mornings before you speak of the van."
    play, second = plays.give_hint(play)
    assert second.startswith("Ask one open question")
    for _ in range(10):
        play, last = plays.give_hint(play)
    assert last == ""
    done = says(started(), "What worries you on your round in winter?")
    assert "Ask one open question" not in [plays.give_hint(replace(done, hint_count=at))[1] for at in range(6)]


def test_the_debrief_quotes_the_players_own_words():
    play = started()
    for text in ("Hello Nora! How long is your round, and is the winter hard?", "It is 520 euros a month.", "Goodbye."):
        play = says(play, text)
    judged = [one for one in plays.judge_by_signs(play) if one]
    assert [one.verdict for one in judged] == ["met", "met", "missed", "missed"]
    assert plays.find_quote(judged[0], play) == "How long is your round, and is the winter hard?"
    assert plays.find_quote(judged[2], play) == ""
    assert judged[2].next.startswith("Ask who looks at")
    partly = plays.judge_by_signs(says(started(), "Come by for a test drive!"))[3]
    assert (partly.verdict, bool(partly.line)) == ("partly", True)


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("“Is the winter hard?”", (3, 1)),
        ("is the WINTER hard", (3, 1)),
        ("Hello Nora! Is the winter hard?", (3, -1)),
        ("Is the summer hard?", (0, -1)),
        ("", (0, -1)),
        ("?", (0, -1)),
        ("Hm.", (0, -1)),
        ("is", (3, 1)),
    ],
)
def test_what_nobody_said_is_no_evidence(quote, place):
    play = says(started(), "Hello Nora! Is the winter hard?", answer="Hm.")
    judged = plays.verify_quote(Judgement("x", "met"), quote, play)
    assert (judged.line, judged.sentence) == place
    assert judged.verdict == ("met" if place[0] else "missed")


def test_a_play_is_the_same_after_it_was_kept_and_knows_nothing_of_who_is_forgotten():
    play = says(says(started(), "How long is your round?"), "And the winter?")
    play = replace(play, judgements=tuple(one for one in plays.judge_by_signs(play) if one))
    value, words = play.to_json(), play.texts_to_json()
    assert "round" not in str([line["text"] for line in value["lines"] if line["theirs"]])
    assert "7" not in str([value["lines"], value["judged"]])
    assert Play.from_json(value, words) == play
    forgotten = Play.from_json(value, {place: one for place, one in words.items() if place[0] != "7"})
    assert forgotten.players == {}
    assert forgotten.player_lines == []
    assert len(forgotten.lines) == len(play.lines)


def test_a_text_of_the_kind_becomes_a_case_with_twists_and_a_secret_to_find_out(assigned):
    parts = read_parts(load_good_text("scenario"), assigned("scenario", "role play for librarians"))
    case = build_case(parts, "en")
    assert case is not None
    assert [role.name for role in case.roles] == ["Librarian", "Student"]
    assert case.solo_role.name == "Librarian"
    assert case.facts[0].text == "It is four in the afternoon, three days before exams."
    assert case.opening == "Could you lot keep it down over there?"
    assert [scene.told for scene in case.scenes][:2] == ["", "The man packs his things and complains loudly himself."]
    assert [one.hidden for one in case.objectives] == [False, True]
    assert case.questions[1] == "What would you say first next time?"
    play = plays.start(plays.take_role(Play(case, {}), "7", "Librarian"), NOW)
    for _ in range(3):
        play = says(play, "Please.")
    assert play.scene == "twist 1"
    assert build_case({"title": "x"}, "en") is None


def test_words_are_found_whole_or_by_how_they_begin():
    assert signs.mentions("Wie viele Touren fährst du?", ["tour*"])
    assert not signs.mentions("It is around ten.", ["round"])
    assert signs.mentions("Qu'est-ce qui vous inquiète ?", ["inquiet*"])
    assert signs.mentions("a  test\ndrive", ["test drive"])
    assert not signs.contains_quote("cat", "a catalogue")
