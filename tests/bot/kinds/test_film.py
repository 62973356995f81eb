"""Films on paper: storyboards with their frames, prompts for video models, podcasts with their times."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
import webvtt
from image_servers import picture
from pypdf import PdfReader

from bot.content import Assignment, Content
from bot.exports import export
from bot.generation.check import run_checks
from bot.images.drawing import boarded, pictures_of
from bot.kinds import kind_named
from bot.kinds._video_dialects import VIDEO_DIALECTS
from bot.kinds.podcast import Podcast
from bot.kinds.storyboard import Shot, Storyboard

Assigned = Callable[..., Assignment]
BOARD, VIDEO, PODCAST = (kind_named(name) for name in ("storyboard", "video_prompt", "podcast"))
KITE, BOAT = BOARD.examples[0].output, VIDEO.examples[0].output


def board(brief: str, assigned: Assigned, language: str = "en") -> Content:
    return BOARD.compose(KITE, assigned("storyboard", brief, language=language))


def test_each_shot_has_its_time_and_a_prompt_in_the_models_words(assigned: Assigned) -> None:
    content = board("storyboard on a kite, 20 seconds, midjourney", assigned)
    shots = content.parts["shots"]
    assert sum(shot["seconds"] for shot in shots) == 20
    assert [shot["number"] for shot in shots] == [1, 2, 3]
    assert [shot["image_prompt"].partition(" of ")[0] for shot in shots] == ["Wide shot", "Close-up", "Full shot"]
    assert all("--ar 16:9" in shot["image_prompt"] for shot in shots)
    assert len(pictures_of(content, assigned("storyboard", "x"))) == 3, "each shot is drawn"


def test_a_shots_picture_goes_on_behind_its_size(assigned: Assigned) -> None:
    shot = KITE.shots[0].model_copy(update={"image_prompt": "A torn kite in a bare tree"})
    content = BOARD.compose(
        KITE.model_copy(update={"shots": [shot, *KITE.shots[1:]]}), assigned("storyboard", "a kite")
    )
    assert "shot of a torn kite in a bare tree" in content.text
    rows = list(csv.reader(io.StringIO(export("csv", "T", content).decode("utf-8-sig"))))
    assert rows[0] == ["Number", "Size", "Move", "Seconds", "Seen", "Heard", "Image prompt"]
    assert [row[2] for row in rows[1:]] == ["static", "dolly in", "tracking"]


@pytest.mark.parametrize(
    ("brief", "ratio"),
    [
        ("storyboard for a spot", [16, 9]), ("vertical storyboard", [9, 16]), ("storyboard, 4:3", [4, 3]),
        ("storyboard für ein Reel, hochkant", [9, 16]),
    ],
)  # fmt: skip
def test_frames_have_the_shape_of_a_screen_unless_said(brief: str, ratio: list[int], assigned: Assigned) -> None:
    assert board(brief, assigned).parts["ratio"] == ratio


# A brief, a title, and what is seen and heard in two shots, as somebody writes it who speaks the language.
TOLD = {
    "en": ("storyboard for a clip on our bakery at night, 12 seconds, 2 shots", "Before five",
           "a baker carries a tray of dark rolls past the oven", "the oven hums, a door falls shut",
           "flour drifts through the light of a single lamp", "BAKER: They will be warm when you come."),
    "de": ("Storyboard für einen Clip über unsere Backstube, 12 Sekunden, 2 Bilder", "Vor fünf",
           "eine Bäckerin trägt ein Blech mit dunklen Brötchen am Ofen vorbei", "der Ofen brummt, eine Tür fällt zu",
           "Mehl schwebt durch das Licht einer einzigen Lampe", "BÄCKERIN: Sie sind noch warm, wenn du kommst."),
    "es": ("storyboard para un clip sobre nuestra panadería, 12 segundos, 2 planos", "Antes de las cinco",
           "una panadera lleva una bandeja de panes por delante del horno", "el horno zumba, se cierra una puerta",
           "la harina flota en la luz de una sola lámpara", "PANADERA: Van a estar calientes cuando llegues."),
    "fr": ("storyboard pour un clip sur notre boulangerie, 12 secondes, 2 plans", "Avant cinq heures",
           "une boulangère porte une plaque de petits pains devant le four", "le four ronronne, une porte se ferme",
           "la farine flotte dans la lumière d'une seule lampe", "BOULANGÈRE : Ils seront chauds quand tu viendras."),
    "pt": ("storyboard para um clipe sobre a nossa padaria, 12 segundos, 2 planos", "Antes das cinco",
           "uma padeira leva uma assadeira de pãezinhos diante do forno", "o forno zumbe, uma porta se fecha",
           "a farinha flutua na luz de uma única lâmpada", "PADEIRA: Eles vão estar quentes quando você chegar."),
}  # fmt: skip
PROMPTS = (
    "a baker in a white apron carrying a tray of dark rolls past a glowing oven, night, warm side light",
    "flour dust drifting through the light of a single lamp above a wooden table, dark bakery, low angle",
)


@pytest.mark.parametrize("language", TOLD)
def test_a_storyboard_is_looked_at_in_each_language(language: str, assigned: Assigned) -> None:
    brief, title, *told = TOLD[language]
    assignment = replace(assigned("storyboard", brief, language=language), as_written=True)

    def failed(prompts: Sequence[str], told: Sequence[str] = told) -> list[str]:
        sizes, moves = ("extreme wide", "close-up"), ("pan", "crane")
        shots = [
            Shot(size=size, move=move, seen=seen, heard=heard, image_prompt=prompt)
            for size, move, seen, heard, prompt in zip(sizes, moves, told[::2], told[1::2], prompts, strict=True)
        ]
        output = Storyboard(title=title, style="grainy night photograph, amber light", shots=shots)
        content = BOARD.compose(output, assignment)
        assert content.parts["seconds"] == 12
        assert ("extreme wide · pan" in content.text) == (language == "en"), (
            "sizes and moves are in the words of the trade"
        )
        return [one.name for one in run_checks(output.model_dump(), content, assignment) if not one.passed]

    assert failed(PROMPTS) == []
    assert failed(PROMPTS, [told[0], told[1], told[0], told[3]]) == ["different shots"]
    if language != "en":
        assert failed([f"{told[0]}, {told[2]}"] * 2) == ["language of a part"], "image models read English"
        assert set(failed(PROMPTS, TOLD["en"][2:])) & {"language", "language of a part"}


def test_the_shot_list_is_in_the_words_of_its_storyboard(assigned: Assigned) -> None:
    shots = [
        Shot(
            size="wide", move="static", seen="ein roter Drachen hängt in einem kahlen Baum über dem Hügel",
            heard="Wind, eine Krähe", image_prompt="a red kite in a bare tree",
        ),
    ] * 2  # fmt: skip
    output = Storyboard(title="Wieder oben", style="ink", shots=shots)
    german = BOARD.compose(output, replace(assigned("storyboard", "Storyboard", language="de"), as_written=True))
    assert "1,Totale,fest," in export("csv", "Wieder oben", german).decode("utf-8-sig")
    assert "1,wide,static," in export("csv", "Up again", board("a kite", assigned)).decode("utf-8-sig")


def test_a_contact_sheet_has_a_frame_for_each_shot(assigned: Assigned) -> None:
    content = board("storyboard on a kite, 20 seconds", assigned, "de")
    drawn = boarded(content, "de", [picture(168, 96, 5), None])
    assert ["data:image/png" in frame for frame in drawn.parts["frames"]] == [True, False, False]
    assert "girl in a yellow coat" in drawn.parts["frames"][2], "a sketch is made from the shot's own prompt"
    (page,) = PdfReader(io.BytesIO(export("contact", "T", drawn, "de"))).pages
    text = page.extract_text()
    told = ("Up again", "1 · 0:00–0:05 · ", "two hands stretch tape", "the line hums")
    assert [said for said in told if said not in text] == []
    assert len(page.images) == 3
    (empty,) = PdfReader(io.BytesIO(export("contact", "T", content))).pages
    assert len(empty.images) == 0


@pytest.mark.parametrize(
    ("brief", "title", "seconds", "size"),
    [
        ("sora clip of a boat, 7 seconds", "Sora", 8, "1280x720"), ("veo clip of a boat, vertical", "Veo", 8, "9:16"),
        ("runway, a boat, 6 seconds, square", "Runway", 8, "960:960"), ("a boat, 5 seconds", "Sora", 8, "1280x720"),
        ("veo clip of a boat, 3 seconds, square", "Veo", 4, "9:16"),
    ],
)  # fmt: skip
def test_a_clip_is_as_long_and_large_as_its_model_makes(
    brief: str, title: str, seconds: int, size: str, assigned: Assigned
) -> None:
    parts = VIDEO.compose(BOAT, assigned("video_prompt", brief)).parts
    assert (VIDEO_DIALECTS[parts["model"]].title, parts["seconds"], parts["size"]) == (title, seconds, size)


def test_a_length_that_a_model_does_not_make_is_told_with_those_it_makes(assigned: Assigned) -> None:
    assert "8 s (Runway: 5, 8, 10 s)" in VIDEO.compose(BOAT, assigned("video_prompt", "runway clip, 6 seconds")).text
    assert "(Runway" not in VIDEO.compose(BOAT, assigned("video_prompt", "runway clip of a boat, 8 seconds")).text


def test_what_is_longer_than_a_model_makes_is_told(assigned: Assigned) -> None:
    assignment = assigned("video_prompt", "sora clip of a boat, 30 seconds")
    content = VIDEO.compose(BOAT, assignment)
    failed = [one for one in run_checks(BOAT.model_dump(), content, assignment) if not one.passed]
    assert ("clip length", 12.0) in [(one.name, one.value) for one in failed]


@pytest.mark.parametrize("place", VIDEO_DIALECTS)
def test_a_prompt_keeps_to_what_its_model_reads(place: str, assigned: Assigned) -> None:
    long = BOAT.model_copy(
        update={name: f"{value}, " + "very " * 30 + "long" for name, value in BOAT.model_dump().items()}
    )
    content = VIDEO.compose(long, assigned("video_prompt", f"{place} clip of a boat"))
    most = 2000 if place == "sora" else 1000
    assert 100 < len(content.parts["prompt"]) <= most
    assert "paper boat" in content.parts["prompt"]


def test_what_is_to_be_kept_out_stands_where_its_model_wants_it(assigned: Assigned) -> None:
    apart = VIDEO.compose(BOAT, assigned("video_prompt", "veo clip of a boat, no people, no houses")).parts
    assert apart["negative_prompt"] == "people, houses"
    assert "people" not in apart["prompt"]
    assert "houses" not in apart["prompt"]
    within = VIDEO.compose(BOAT, assigned("video_prompt", "sora clip of a boat, no people")).parts
    assert (within["negative_prompt"], "Without people." in within["prompt"]) == ("", True)
    assert "Audio:" not in VIDEO.compose(BOAT, assigned("video_prompt", "runway clip of a boat")).parts["prompt"]


def test_a_podcast_is_timed_and_can_be_shown_as_subtitles(assigned: Assigned) -> None:
    assignment = assigned("podcast", PODCAST.examples[0].brief)
    content = PODCAST.compose(PODCAST.examples[0].output, assignment)
    assert content.parts["seconds"] == sum(turn["seconds"] for turn in content.parts["turns"]) == 60
    assert [one["start"] for one in content.parts["chapters"]] == [0, 29]
    assert assignment.words == 150
    captions = list(webvtt.from_buffer(io.StringIO(export("vtt", "T", content).decode()), format="vtt"))
    assert [captions[0].voice, captions[-1].voice] == ["Ada", "Ben"]
    assert captions[-1].end_in_seconds <= 60
    rows = list(csv.reader(io.StringIO(export("csv", "T", content).decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Speaker", "Ada", "Ben", "Ada", "Ben", "Ada", "Ben"]


def test_words_that_are_few_for_their_time_are_not_torn_apart_by_silence(assigned: Assigned) -> None:
    said = (
        "The lid was on the floor this morning, as my starter had pushed it off in the night, larger than ever before."
    )
    output = Podcast.model_validate(
        {"title": "Jar", "summary": "The jar on the shelf.", "chapters": [{"heading": "It moved", "turns": [
            {"speaker": "Ada", "words": said}, {"speaker": "Ben", "words": "Good."},
        ]}]}
    )  # fmt: skip
    content = PODCAST.compose(output, assigned("podcast", "podcast on sourdough, 2 minutes"))
    first, second, third = webvtt.from_buffer(io.StringIO(export("vtt", "T", content).decode()), format="vtt")
    assert first.end_in_seconds == second.start_in_seconds, "one sentence is read in one go"
    assert third.start_in_seconds > second.end_in_seconds


def test_an_episode_without_turns_lasts_nothing(assigned: Assigned) -> None:
    content = PODCAST.compose(Podcast(title="Bees", summary="", chapters=[]), assigned("podcast", "bees"))
    assert content.parts["turns"] == []


@pytest.mark.parametrize(
    ("kind", "brief", "count", "seconds"),
    [
        ("podcast", "podcast with 1 chapter lasting 30 seconds", 1, 30), ("podcast", "30 second podcast with 1 chapter", 1, 30),
        ("podcast", "podcastfolge mit 2 kapiteln, 90 sekunden", 2, 90), ("podcast", "podcast con 2 capítulos, 90 segundos", 2, 90),
        ("podcast", "podcast avec 2 chapitres, 90 secondes", 2, 90), ("podcast", "podcast com 2 capítulos, 90 segundos", 2, 90),
        ("podcast", "Podcast über Sauerteig, zwei Sprecher, eine Minute, 2 Kapitel", 2, 60),
        ("podcast", "podcast de un minuto con 2 capítulos", 2, 60), ("podcast", "podcast d'une minute avec 2 chapitres", 2, 60),
        ("podcast", "podcast de um minuto com 2 capítulos", 2, 60), ("podcast", "eine Minute und 30 Sekunden Podcast", None, 90),
        ("podcast", "podcast on chapter 4 of our textbook, 5 minutes", None, 300),
        ("storyboard", "Storyboard für einen Werbespot mit 6 Bildern, 20 Sekunden", 6, 20),
        ("storyboard", "storyboard de 20 segundos com 4 planos, padaria", 4, 20),
        ("storyboard", "storyboard de 20 secondes en 4 vignettes, fleuriste", 4, 20),
        ("storyboard", "storyboard de 20 segundos con 4 planos, panadería", 4, 20),
    ],
)  # fmt: skip
def test_parts_and_length_are_read_beside_each_other(
    kind: str, brief: str, count: int | None, seconds: int, assigned: Assigned
) -> None:
    wishes = assigned(kind, brief).wishes
    assert (wishes.reading.lasting.seconds, [*wishes.counts.values()]) == (seconds, [(count, count)] if count else [])
