"""The playground with a model that answers like a good writer, from texts written by hand: python good_writer.py FOLDER PORT."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from langchain_core.messages import BaseMessage
from writing import extract_text, format_edit_block, is_change

from bot.engines import Traits
from bot.engines.scripted import build_scripted_engine
from bot.generation.prompts import PROOFREAD
from bot.preview import serve_playground
from bot.settings import Settings

PAUSE_SECONDS = 0.005
MAIL = """**Subject:** A sourdough class on 14 March
**Preview text:** Mix, fold, bake, and take a starter home.

Hello members,

We are holding a sourdough class on 14 March, in our bakery on Mill Lane. It costs 45 euros.

You will mix, fold and shape a loaf of your own, and we bake it while you have tea. \
Bring an apron and a jar. You take home your loaf and a spoonful of our starter.

Book your place: ryeandshine.example"""
QUIZ = """# The water cycle

1. What turns water in a lake into water vapor?
A) the pull of the moon
B) heat from the sun
C) salt in the water
D) the color of the sky

2. What is it called when water vapor cools and becomes tiny drops?
A) condensation
B) evaporation
C) precipitation
D) collection

3. What are clouds made of?
A) smoke from chimneys
B) cotton
C) tiny drops of water or bits of ice
D) empty air

4. Which of these is precipitation?
A) wind
B) fog on a mirror
C) a rainbow
D) snow

5. Where does most of the rain that falls on a hill go?
A) straight back to the sun
B) into streams and the ground
C) into space
D) nowhere, it stays on the leaves

**Answer key**
1. B) heat from the sun – The sun warms the water until some of it rises into the air as a gas. This is called evaporation.
2. A) condensation – Cool air cannot hold as much vapor, so it gathers into drops. You see it on a cold glass.
3. C) tiny drops of water or bits of ice – The drops are so small that moving air holds them up.
4. D) snow – Rain, snow, sleet and hail all fall from clouds, so all of them are precipitation.
5. B) into streams and the ground – It runs downhill or soaks in, and in time it reaches rivers and the sea."""
GERMAN_MAIL = """**Betreff:** Sauerteigkurs am 14. März
**Vorschautext:** Kneten, falten, backen, und dann nimmst du einen Ansatz mit.

Liebe Mitglieder,

am 14. März lernt ihr bei uns, wie ein Sauerteigbrot gelingt. Der Kurs in der Mühlgasse kostet 45 Euro.

Jeder knetet, faltet und formt einen Laib, und während er im Ofen ist, trinken wir Tee. Bringt eine Schürze mit."""
GERMAN_QUIZ = """# Der Wasserkreislauf

1. Was macht aus dem Wasser eines Sees Wasserdampf?
A) die Kraft des Mondes
B) die Wärme der Sonne
C) das Salz im Wasser
D) die Farbe des Himmels

2. Wie heißt es, wenn Wasserdampf abkühlt und zu kleinen Tropfen wird?
A) Kondensation
B) Verdunstung
C) Niederschlag
D) Versickerung

**Lösungen**
1. B) die Wärme der Sonne – Die Sonne erwärmt das Wasser, bis ein Teil davon als Gas aufsteigt.
2. A) Kondensation – Kalte Luft hält weniger Dampf, also sammelt er sich zu Tropfen."""
POST = (
    "Am Samstag wird die Turnhalle zum Basar! Von 10 bis 14 Uhr gibt es Kuchen, Flohmarkt und eine Bastelecke. "
    "Wer noch einen Kuchen mitbringen mag: Darüber freuen sich alle. Wir freuen uns auf euch."
)
PICTURE = """A long table with cakes and flea market finds in a bright school gym with paper garlands. \
Soft morning light, flat illustration with visible brush strokes, free space at the top, in sunny yellow, brick red and cream.

Format: 3:2
Alt text: Ein langer Tisch voller Kuchen in der Turnhalle."""
TWEET = "We are closed next Monday. The ovens are warm again on Tuesday, and so is the bread."
# What an order says that only this text answers.
TEXTS = (
    ("sourdough", MAIL),
    ("water cycle", QUIZ),
    ("Bild", PICTURE),
    ("Basar", POST),
    ("Wasserkreislauf", GERMAN_QUIZ),
    ("Sauerteigkurs", GERMAN_MAIL),
    ("closed next Monday", TWEET),
)
SAID_SHORTER = {
    "You will mix, fold and shape a loaf of your own, and we bake it while you have tea.": "You shape a loaf, and we bake it.",
    " Wir freuen uns auf euch.": "",
}
LACKING = "I have no text for that."


def answer(messages: Sequence[BaseMessage]) -> str:
    """Return the text that is asked for, or the change of one."""
    order = messages[-1].text
    if is_change(messages):
        return shorten(extract_text(messages))
    if messages[0].text.startswith(PROOFREAD[:40]):
        return '{"findings": []}'
    if order.startswith("I measured"):
        return messages[-2].text
    if order.startswith("Which one of these does the message ask for?"):
        return "image_prompt" if "Bild" in order else "unsure"
    return next((text for word, text in TEXTS if word in order), LACKING)


def shorten(text: str) -> str:
    """Return the changes by which a good editor shortens one of these texts."""
    steps = [(long, short) for long, short in SAID_SHORTER.items() if long in text]
    return "\n".join(format_edit_block(long, short) for long, short in steps) or text


async def main(folder: str, port: int) -> None:
    settings = Settings(data=Path(folder), embeddings="none")
    engine = build_scripted_engine(answer, pause=PAUSE_SECONDS, traits=Traits(), label="A good writer")
    await serve_playground(settings, port=port, browser=False, engines=[engine])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
