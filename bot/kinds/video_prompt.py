"""A prompt for a video model: one clip, put into the words, length and size of the model that will make it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, kept_out_in_english, kept_out_of
from bot.checks import Check, bounded, free_of
from bot.checks.limits import limits_of
from bot.checks.terms import has_term
from bot.checks.units import UNITS
from bot.content import MOST_MINUTES, Assignment, Content, Example, Kind, Size
from bot.kinds._dialects import film_ratio, nearest
from bot.kinds._labels import label_around
from bot.kinds._shared import paragraphs, seconds_of
from bot.kinds._video_dialects import VIDEO_DIALECTS, VIDEO_PLACES, Clip, prompt_of

USUAL_SECONDS = 8


class Video(BaseModel):
    """What a model writes: what is seen and heard in one clip, in words that can be filmed."""

    subject: Annotated[str, Size(100, least=4, form="phrase", called="motif")]
    action: Annotated[str, Size(110, least=6, form="phrase")]
    setting: Annotated[str, Size(100, least=6, form="phrase")]
    camera: Annotated[str, Size(80, least=4, form="phrase")]
    light: Annotated[str, Size(60, least=4, form="phrase")]
    style: Annotated[str, Size(60, least=4, form="phrase")]
    sound: Annotated[str, Size(110, least=3, form="phrase")]


def seconds_wanted(assignment: Assignment) -> int:
    """How long the clip is to be."""
    return seconds_of(assignment, USUAL_SECONDS)


def compose(output: Video, assignment: Assignment) -> Content:
    """The prompt to paste, what is to be kept out where the model takes that apart, and what to choose beside it."""
    place, out = assignment.place, kept_out_in_english(assignment.brief)
    dialect = VIDEO_DIALECTS[place]
    told = {name: _without(value, out) for name, value in output.model_dump().items()}
    prompt = prompt_of(place, Clip(**told, negatives=out))
    seconds, size = dialect.length(seconds_wanted(assignment)), nearest(film_ratio(assignment), dialect.sizes)
    negative = ", ".join(out) if dialect.apart else ""
    parts: dict[str, Any] = {
        "prompt": prompt, "raw": prompt, "negative_prompt": negative, "model": place, "seconds": seconds, "size": size,
    }  # fmt: skip
    avoided = f"**{label_around('Negative prompt', assignment)}**\n```\n{negative}\n```" if negative else ""
    lengths = f"{seconds} s"
    if assignment.wishes.reading.lasting and seconds != seconds_wanted(assignment):
        lengths += f" ({dialect.title}: {', '.join(map(str, dialect.lengths))} s)"
    settings = [("Model", dialect.title), ("Length", lengths), ("Size", size)]
    lines = "\n".join(f"**{label_around(name, assignment)}:** {value}" for name, value in settings)
    return Content(paragraphs(f"```\n{prompt}\n```", avoided, lines), parts)


def _without(said: str, out: tuple[str, ...]) -> str:
    """A phrase, left out where it names what is to be kept out."""
    return "" if any(has_term(said, word) for word in out) else said.strip(" .,")


def examine(_output: Video, content: Content, assignment: Assignment) -> list[Check]:
    """The prompt and the length keep to what the model takes, and nothing is asked for that is to be kept out."""
    place, out = assignment.place, kept_out_of(assignment.brief)
    dialect = VIDEO_DIALECTS[place]
    checks = [
        bounded("fits the model", UNITS[limit.unit](content.parts["prompt"]), high=limit.max, unit=limit.unit, path="action", wanted=(dialect.title,), asked_by="place", place=place)
        for limit in limits_of(place)
    ]  # fmt: skip
    checks.append(
        bounded("clip length", content.parts["seconds"], low=seconds_wanted(assignment), unit="seconds", wanted=(dialect.title,), asked_by="place", place=place, repairable=False)
    )  # fmt: skip
    if out and dialect.apart:
        seen = [word for word in out if has_term(content.parts["prompt"], word)]
        checks.append(free_of("kept out", seen, path="subject", asked_by="brief"))
    return checks


KIND = Kind(
    name="video_prompt",
    family="media",
    title="Video prompt",
    description="A prompt for Sora, Runway or Veo, within the length and size of the clips that each makes.",
    output=Video,
    prompt="Describe one video clip for a model that makes videos. One subject, one action that fits into a few seconds, one camera "
    "move. Only what can be seen and heard. English words. No cuts.",
    examples=(
        Example(
            "8 second video of a paper boat in a gutter, for veo",
            Video(
                subject="a small paper boat",
                action="sails down a rain-filled gutter and tips over a leaf",
                setting="a cobbled street after a storm, houses blurred behind",
                camera="low tracking shot at water level",
                light="soft grey daylight, glints on the water",
                style="cinematic, 35mm, shallow focus",
                sound="running water, a distant tram bell",
            ),
        ),
        Example(
            "runway clip, vertical, potter at the wheel, 10 seconds",
            Video(
                subject="a potter with clay up to her elbows",
                action="pulls a bowl upwards on a spinning wheel",
                setting="a narrow workshop with shelves of unfired cups",
                camera="slow push in from the doorway",
                light="warm window light from the left",
                style="documentary, natural colours",
                sound="the hum of the wheel",
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    places=VIDEO_PLACES,
    facts=False,
    for_machines=True,
    minutes=(1, MOST_MINUTES),
    seconds=1,
    exports=("md", "txt"),
    form=Form(lasts=True, timed=True, shaped=True, describing=True, titles=("video prompt", "clip prompt")),
    copied=("raw", "negative_prompt"),
    utterances="""
sora prompt: a fox crosses a frozen lake
veo 3 prompt for a latte being poured, slow motion
runway prompt, drone over a pine forest at dawn
prompt for a text to video model, paper planes in an office
ai video of a lighthouse in a storm, 8 seconds
generate a video prompt for our sneaker, vertical
what do i type into veo for a street musician at night
gen-4 prompt, camera circles a vase
text-to-video: an astronaut waters tomatoes
I need a prompt for Sora: an old tram climbs a hill in fog, ten seconds.
cinematic ai clip of horses in the surf, prompt
video generator prompt, product rotates on a turntable
prompt for kling style ai video of rain on glass
8 sec veo clip, a baker dusts flour, with sound
loop of a candle for the background, runway
ai b-roll prompt: hands typing, close
sora, one shot, cat jumps from shelf to shelf
prompt to animate a still lake at sunrise
vertical ai video for tiktok, dumplings steaming, prompt
stop motion look, clay snail, video model prompt
handheld clip of a market for a video ai
ai generated video of our mascot dancing, prompt please
establishing shot of a desert town, veo
slow push in on a chess player, sora 2
hyperlapse prompt of clouds over a harbour
prompt: time lapse of a flower opening, video model
underwater video prompt with turtles, no people
fpv drone dive down a waterfall, runway gen 4
text to video prompt, noir detective lights a match
veo with dialogue: a gardener says hello to the camera
square video clip prompt, marble run
a short ai video of snow falling in a library
video prompt anime style, train passes a rice field
12 second sora clip, kite over the dunes
image to video prompt, make the portrait blink
veo-prompt für einen bäcker, der mehl stäubt, 8 sekunden
prompt für ein ki-video: straßenbahn im nebel
sora prompt, drohnenflug über den see
KI-Clip hochkant, dampfende Knödel, Prompt für Runway
videoprompt ohne menschen, unterwasser
prompt para sora, un zorro cruza un lago helado
prompt de vídeo para veo, café en cámara lenta
vídeo con ia de un faro en la tormenta, el prompt
clip vertical para runway, tranvía en la niebla
prompt pour sora, un renard traverse un lac gelé
prompt vidéo pour veo, café au ralenti
vidéo par ia d'un phare dans la tempête, le prompt
clip vertical pour runway, tramway dans le brouillard
prompt para o sora, raposa num lago congelado
prompt de vídeo para o veo, café em câmera lenta
vídeo de ia de um farol na tempestade, o prompt
clipe vertical no runway, bonde na neblina
veo ke liye video prompt, chai girti hui slow motion
सोरा के लिए वीडियो प्रॉम्प्ट, बर्फीली झील पर लोमड़ी
एआई वीडियो का प्रॉम्प्ट, तूफान में लाइटहाउस
برومبت فيديو لسورا، ثعلب يعبر بحيرة متجمدة
برومبت لفيديو بالذكاء الاصطناعي، منارة في عاصفة
Sora用の動画プロンプト、凍った湖を渡る狐
Veoで作る動画のプロンプト、ラテを注ぐ
prompt video veo, kopi dituang slow motion
prompt sora: rubah melintasi danau beku
""",
)
