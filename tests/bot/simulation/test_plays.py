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
from bot.generation.drafts import read_parts
from bot.simulation import play as plays
from bot.simulation import signs
from bot.simulation.case import Case, build_case, find_builtin_case, load_builtin_cases
from bot.simulation.play import Judgement, Play

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LANGUAGES = ("en", "de", "es", "fr", "pt")


def start_play(name: str = "sales_call", language: str = "en") -> Play:
    case = find_builtin_case(name, language)
    assert case is not None
    return plays.start(plays.take_role(Play(case, {}), "7", case.solo_role.name), NOW)


def play_turn(play: Play, text: str, answer: str = "Hm.") -> Play:
    """Return the play after Ada's line, the exit that it reaches, and a role's answer."""
    play = plays.add_player_line(play, "7", text)
    scene_exit = plays.find_exit(play)
    play = plays.move_to_scene(play, scene_exit.to) if scene_exit else play
    return plays.add_answer(play, play.bot_roles[0].name, answer, NOW)


@pytest.mark.parametrize("name", sorted(load_builtin_cases()))
def test_a_built_in_case_is_the_same_in_every_language(name):
    by_language = load_builtin_cases()[name]
    assert sorted(by_language) == sorted(LANGUAGES)
    shapes = set()
    for language, case in by_language.items():
        assert Case.from_json(case.to_json()) == case
        assert find_builtin_case(case.title.upper(), language) is case
        assert {scene_exit.to for scene in case.scenes for scene_exit in scene.exits} <= {
            scene.name for scene in case.scenes
        }
        assert sum(scene.ends for scene in case.scenes) == 1
        assert [role.yours for role in case.roles].count(True) == 1
        assert all(objective.signs and objective.next for objective in case.objectives)
        shapes.add(
            repr(
                [
                    len(case.facts),
                    len(case.roles),
                    [len(objective.signs) for objective in case.objectives],
                    case.turns,
                    case.minutes,
                    [
                        (
                            scene.name,
                            len(scene.hints),
                            [(scene_exit.to, scene_exit.after, len(scene_exit.signs)) for scene_exit in scene.exits],
                        )
                        for scene in case.scenes
                    ],
                ]
            )
        )
    assert len(shapes) == 1


@pytest.mark.parametrize("name", sorted(load_builtin_cases()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_following_a_cases_advice_meets_its_objectives(name, language):
    """Players who follow the advice or the wording of an objective meet it."""
    case = load_builtin_cases()[name][language]
    for objective in case.objectives:
        assert any(signs.match_groups(f"{objective.next} {objective.text}", objective.signs)), objective.text


# Words and forms that nobody in Brazil uses for what they mean in Portugal.
EUROPEAN = re.compile(
    r"(?i)\b(?:[td]?lho|fumo|carrinhas?|auscultadores|portátil|ecrãs?|telemóvel|autocarro|comboio|ficheiros?|utilizador(?:es)?|equipas?"
    r"|contactos?|factos?|registos?|tensão alta|parque de estacionamento|até (?:ao|às)|(?:está|estão|estou) a \w+r)\b"
)


def test_portuguese_texts_are_brazilian():
    catalogue = Path(bot.locales.__file__).with_name("pt.po").read_text(encoding="utf-8")
    texts = re.findall(r'^(?:msgstr )?"(.+)"$', catalogue, re.MULTILINE)
    texts += [text for by_language in load_builtin_cases().values() for text in list_texts(by_language["pt"].to_json())]
    assert len(texts) > 2_000
    assert [text for text in texts if EUROPEAN.search(text)] == []


def list_texts(data: Any) -> list[str]:
    """Return the texts in JSON data."""
    if isinstance(data, str):
        return [data]
    values = data.values() if isinstance(data, dict) else data if isinstance(data, list | tuple) else ()
    return [text for value in values for text in list_texts(value)]


def test_scenes_follow_what_players_say_or_their_length():
    play = start_play()
    assert [line.role for line in play.lines] == ["", "Nora"]
    after_question = play_turn(play, "How far do you drive on your round?")
    assert after_question.scene == "needs"
    assert after_question.lines[-2].text.startswith("Nora puts you on speaker")
    for _ in range(3):
        play = play_turn(play, "It is a wonderful van, believe me.")
    assert (play.scene, play.scene_turn_count) == ("queue", 0)
    for _ in range(3):
        play = play_turn(play, "Truly wonderful.")
    assert (play.scene, play.state) == ("goodbye", "ending"), "the last scene ends it"


def test_the_clock_counts_turns_or_minutes_and_stops_while_paused():
    play = replace(start_play(), case=replace(find_builtin_case("sales_call", "en"), turns=2))
    assert play_turn(play, "Hello.").state == "open"
    assert play_turn(play_turn(play, "Hello."), "Hello?").state == "ending"
    timed = plays.start(plays.take_role(Play(find_builtin_case("fire_drill", "en"), {}), "7", "Warden"), NOW)
    assert plays.compute_deadline(timed) == NOW + timedelta(minutes=12)
    paused = plays.pause(timed, NOW + timedelta(minutes=2))
    assert plays.compute_deadline(paused) is None
    assert not plays.is_over(paused, NOW + timedelta(hours=2))
    on = plays.resume(paused, NOW + timedelta(hours=2))
    assert plays.compute_deadline(on) == NOW + timedelta(hours=2, minutes=10)
    assert plays.is_over(on, NOW + timedelta(hours=3))
    assert find_builtin_case("sales_call", "en").with_minutes(5).minutes == 5


def test_hints_come_one_by_one_and_then_name_open_objectives():
    play, first = plays.give_hint(start_play())
    assert first == "Ask about her mornings before you speak of the van."
    play, second = plays.give_hint(play)
    assert second.startswith("Ask one open question")
    for _ in range(10):
        play, last = plays.give_hint(play)
    assert last == ""
    done = play_turn(start_play(), "What worries you on your round in winter?")
    assert "Ask one open question" not in [plays.give_hint(replace(done, hint_count=at))[1] for at in range(6)]


def test_debrief_quotes_players():
    play = start_play()
    for text in ("Hello Nora! How long is your round, and is the winter hard?", "It is 520 euros a month.", "Goodbye."):
        play = play_turn(play, text)
    judgements = [judgement for judgement in plays.judge_by_signs(play) if judgement]
    assert [judgement.verdict for judgement in judgements] == ["met", "met", "missed", "missed"]
    assert plays.find_quote(judgements[0], play) == "How long is your round, and is the winter hard?"
    assert plays.find_quote(judgements[2], play) == ""
    assert judgements[2].next.startswith("Ask who looks at")
    partly = plays.judge_by_signs(play_turn(start_play(), "Come by for a test drive!"))[3]
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
def test_an_unspoken_quote_is_not_evidence(quote, place):
    play = play_turn(start_play(), "Hello Nora! Is the winter hard?", answer="Hm.")
    judgement = plays.verify_quote(Judgement("x", "met"), quote, play)
    assert (judgement.line, judgement.sentence) == place
    assert judgement.verdict == ("met" if place[0] else "missed")


def test_a_play_survives_json_without_the_words_of_its_players():
    play = play_turn(play_turn(start_play(), "How long is your round?"), "And the winter?")
    play = replace(play, judgements=tuple(judgement for judgement in plays.judge_by_signs(play) if judgement))
    value, texts = play.to_json(), play.texts_to_json()
    assert "round" not in str([line["text"] for line in value["lines"] if line["theirs"]])
    assert "7" not in str([value["lines"], value["judged"]])
    assert Play.from_json(value, texts) == play
    forgotten = Play.from_json(value, {place: text for place, text in texts.items() if place[0] != "7"})
    assert forgotten.players == {}
    assert forgotten.player_lines == []
    assert len(forgotten.lines) == len(play.lines)


def test_a_scenario_text_becomes_a_case_with_twists_and_a_secret(assigned):
    parts = read_parts(load_good_text("scenario"), assigned("scenario", "role play for librarians"))
    case = build_case(parts, "en")
    assert case is not None
    assert [role.name for role in case.roles] == ["Librarian", "Student"]
    assert case.solo_role.name == "Librarian"
    assert case.facts[0].text == "It is four in the afternoon, three days before exams."
    assert case.opening == "Could you lot keep it down over there?"
    assert [scene.told for scene in case.scenes][:2] == ["", "The man packs his things and complains loudly himself."]
    assert [objective.hidden for objective in case.objectives] == [False, True]
    assert case.questions[1] == "What would you say first next time?"
    play = plays.start(plays.take_role(Play(case, {}), "7", "Librarian"), NOW)
    for _ in range(3):
        play = play_turn(play, "Please.")
    assert play.scene == "twist 1"
    assert build_case({"title": "x"}, "en") is None


def test_words_match_in_full_or_by_prefix():
    assert signs.mentions("Wie viele Touren fährst du?", ["tour*"])
    assert not signs.mentions("It is around ten.", ["round"])
    assert signs.mentions("Qu'est-ce qui vous inquiète ?", ["inquiet*"])
    assert signs.mentions("a  test\ndrive", ["test drive"])
    assert not signs.contains_quote("cat", "a catalogue")
