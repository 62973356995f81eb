"""A script: scenes with what is seen and what is said, timed by code."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import AskedBy, Check, bounded
from bot.content import MOST_MINUTES, Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs, seconds_of, shared_out, span


class Scene(BaseModel):
    """One scene."""

    picture: Annotated[str, Size(90, least=6, form="phrase")]
    speaker: Annotated[str, Size(24, least=2, form="phrase")]
    words: Annotated[str, Size(170, least=8, nouns=("line",), form="sentences")]


class Script(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    scenes: Annotated[list[Scene], Count(2, 12, 4, ("scene", "shot", "beat", "part"))]


# What a script lasts when the brief does not say it.
USUAL_SECONDS = 60


def seconds_wanted(assignment: Assignment) -> int:
    """How long it lasts: the brief's seconds or minutes."""
    return seconds_of(assignment, USUAL_SECONDS)


def compose(output: Script, assignment: Assignment) -> Content:
    """The scenes with their times, longer lines getting more of it, and the call to action at the end."""
    total = seconds_wanted(assignment)
    times = shared_out(total, [len(scene.words.split()) + 2 for scene in output.scenes])
    shown, scenes, at = [], [], 0
    for scene, seconds in zip(output.scenes, times, strict=True):
        shown.append(
            f"**{span(at, at + seconds, assignment)}**\n*{scene.picture}*\n{scene.speaker.upper()}: {scene.words}"
        )
        scenes.append({**scene.model_dump(), "seconds": seconds})
        at += seconds
    closing = call_for(assignment, *(scene.words for scene in output.scenes))
    text = paragraphs(
        f"## {output.title}", *shown, f"**{label('On screen', assignment)}:** {closing}" if closing else ""
    )
    return Content(text, {"title": output.title, "scenes": scenes, "seconds": sum(times)})


def examine(_output: Script, content: Content, assignment: Assignment) -> list[Check]:
    """The scenes fill the time."""
    wanted = seconds_wanted(assignment)
    asked_by: AskedBy = "brief" if assignment.reading.lasting else "kind"
    return [bounded("seconds", content.parts["seconds"], wanted, wanted, "seconds", asked_by=asked_by)]


KIND = Kind(
    name="script",
    family="media",
    title="Script",
    description="Scenes for a film, podcast or stage, with pictures, spoken lines and times.",
    output=Script,
    prompt="Write a short script. Each scene has a picture that can be filmed, who speaks, and spoken words in short natural "
    "sentences. The scenes follow each other as one story.",
    examples=(
        Example(
            "20 second clip for a plant shop, 2 scenes",
            Script(
                title="The last fern",
                scenes=[
                    Scene(
                        picture="a dry fern on a window sill",
                        speaker="Fern",
                        words="I have seen things. Mostly radiators.",
                    ),
                    Scene(
                        picture="a hand waters the fern and moves it to the shade",
                        speaker="Gardener",
                        words="Water on Sunday, shade all week. That is the whole trick.",
                    ),
                ],
            ),
        ),
        Example(
            "radio spot for a night market, 15 seconds, 2 voices",
            Script(
                title="After dark",
                scenes=[
                    Scene(
                        picture="a quiet street at night with one lamp",
                        speaker="Neighbour",
                        words="Everything is shut by now.",
                    ),
                    Scene(
                        picture="stalls full of light behind the corner",
                        speaker="Cook",
                        words="Not behind the church. Come and taste the dumplings.",
                    ),
                ],
            ),
        ),
    ),
    compose=compose,
    minutes=(1, MOST_MINUTES),
    seconds=5,
    examine=examine,
    words=(60, 120, 240),
    form=Form("scene", lasts=True, timed=True, shaped=True, titles=("video script",)),
    likeliest=("docx", "pdf", "copy"),
    utterances="""
30 second radio spot for the garden centre
script for a tiktok about our new scones, 3 shots
podcast intro, two hosts, banter
what do i say in the welcome video, 1 minute
short film scene, two brothers sell a boat
storyboard text for the explainer, visuals left, voice right
voiceover for a museum audio guide, 90 seconds, steam pump
Please write a three-minute stage sketch for the staff party, four characters.
youtube video on pruning roses, spoken text with shots
ad film, bakery at 5 am, no dialogue till the end
dialogue for beginners, at the chemist's
puppet show, crocodile learns to share
hook + body + outro for a reel on budgeting
phone hold message, friendly, 20 secs
speech for the opening of the new library wing
trailer narration for our game, 45 s
skit on phishing for the all hands
scene by scene for a charity clip, with times
talk track for my webinar's first two minutes
school assembly play on recycling, 6 parts
wedding toast, 2 minutes, warm, one joke
screenplay page: detective returns the wrong umbrella
audio drama, lighthouse, two voices and wind
what the narrator says while we see the factory
tutorial voice over, how to fold a paper crane
monologue of a tired vending machine
interview questions and intro for my podcast guest
commercial, 15 seconds, bike lights
live stream opening, say hi, rules, today's plan
tour guide patter for the old town, stop 1
sales call opener and pitch, spoken, natural
video invite for the summer party, me talking to camera
role: newsreader. absurd bulletin for the youth club
radio play scene for the history project
animated clip dialogue, cloud and puddle argue
eulogy for a goldfish, school theatre
presenter's cue cards for the awards night
how-to reel, descaling a kettle, 4 shots with captions to speak
one minute pitch to say on stage
bedtime audio story told by an owl, five minutes
guion de 30 segundos para radio, floristería
diálogo entre dos vecinos para la obra del cole
texto hablado para un vídeo de recetas, tres tomas
script vidéo d'une minute, atelier de poterie
dialogue de théâtre, deux pirates et un perroquet
spot radio, 20 secondes, marché de noël
Drehbuch für einen 60-Sekunden-Clip, Fahrradladen
schreib ein drehbuch für einen kurzen clip über unsere werkstatt
sprechertext für das museumsvideo
sketch für die weihnachtsfeier, drei rollen
roteiro de reels, 30 segundos, brigadeiro
fala de abertura do podcast, duas apresentadoras
cena curta, avó ensina neto a pescar
30 सेकंड का रेडियो विज्ञापन, मिठाई की दुकान
youtube video ki script, chai banane ka tarika
नुक्कड़ नाटक, पानी बचाओ, चार पात्र
سكربت فيديو دقيقة عن مشروع القهوة
حوار مسرحي قصير لطلاب المدرسة
動画の台本、1分、パン屋の朝
ラジオCM20秒、花屋のセリフ
naskah video 30 detik, kedai kopi
skrip podcast pembuka, dua penyiar
dialog drama kelas, tiga tokoh, tema jujur
""",
)
