"""The playground with a model that answers as a good writer would, from drafts made by hand: python good_writer.py FOLDER PORT."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from editing import numbered_lines
from langchain_core.messages import BaseMessage

from bot.engines import Traits
from bot.engines.scripted import scripted
from bot.preview import playground
from bot.settings import Settings

PAUSE_SECONDS = 0.005
MAIL = {
    "subject": "A sourdough class on 14 March",
    "preheader": "Mix, fold, bake, and take a starter home.",
    "greeting": "Hello members,",
    "body": [
        "We are holding a sourdough class on 14 March, in our bakery on Mill Lane. It costs 45 euros.",
        "You will mix, fold and shape a loaf of your own, and we bake it while you have tea. "
        "Bring an apron and a jar. You take home your loaf and a spoonful of our starter.",
        "Book your place: ryeandshine.example",
    ],
}
QUIZ = {
    "title": "The water cycle",
    "items": [
        {
            "question": "What turns water in a lake into water vapor?",
            "right": "heat from the sun",
            "wrong": ["the pull of the moon", "salt in the water", "the color of the sky"],
            "feedback": "The sun warms the water until some of it rises into the air as a gas. This is called evaporation.",
        },
        {
            "question": "What is it called when water vapor cools and becomes tiny drops?",
            "right": "condensation",
            "wrong": ["evaporation", "precipitation", "collection"],
            "feedback": "Cool air cannot hold as much vapor, so it gathers into drops. You see it on a cold glass.",
        },
        {
            "question": "What are clouds made of?",
            "right": "tiny drops of water or bits of ice",
            "wrong": ["smoke from chimneys", "cotton", "empty air"],
            "feedback": "The drops are so small that moving air holds them up.",
        },
        {
            "question": "Which of these is precipitation?",
            "right": "snow",
            "wrong": ["wind", "fog on a mirror", "a rainbow"],
            "feedback": "Rain, snow, sleet and hail all fall from clouds, so all of them are precipitation.",
        },
        {
            "question": "Where does most of the rain that falls on a hill go?",
            "right": "into streams and the ground",
            "wrong": ["straight back to the sun", "into space", "nowhere, it stays on the leaves"],
            "feedback": "It runs downhill or soaks in, and in time it reaches rivers and the sea. Then it starts again.",
        },
    ],
}
GERMAN_MAIL = {
    "subject": "Sauerteigkurs am 14. März",
    "preheader": "Kneten, falten, backen, und dann nimmst du einen Ansatz mit.",
    "greeting": "Liebe Mitglieder,",
    "body": [
        "am 14. März lernt ihr bei uns, wie ein Sauerteigbrot gelingt. Der Kurs in der Mühlgasse kostet 45 Euro.",
        "Jeder knetet, faltet und formt einen Laib, und während er im Ofen ist, trinken wir Tee. Bringt eine Schürze mit.",
    ],
}
GERMAN_QUIZ = {
    "title": "Der Wasserkreislauf",
    "items": [
        {
            "question": "Was macht aus dem Wasser eines Sees Wasserdampf?",
            "right": "die Wärme der Sonne",
            "wrong": ["die Kraft des Mondes", "das Salz im Wasser", "die Farbe des Himmels"],
            "feedback": "Die Sonne erwärmt das Wasser, bis ein Teil davon als Gas aufsteigt.",
        },
        {
            "question": "Wie heißt es, wenn Wasserdampf abkühlt und zu kleinen Tropfen wird?",
            "right": "Kondensation",
            "wrong": ["Verdunstung", "Niederschlag", "Versickerung"],
            "feedback": "Kalte Luft hält weniger Dampf, also sammelt er sich zu Tropfen.",
        },
    ],
}
POST = (
    "Am Samstag wird die Turnhalle zum Basar! Von 10 bis 14 Uhr gibt es Kuchen, Flohmarkt und eine Bastelecke. "
    "Wer noch einen Kuchen mitbringen mag: Darüber freuen sich alle. Wir freuen uns auf euch."
)
PICTURE = {
    "subject": "a long table with cakes and flea market finds",
    "setting": "a bright school gym with paper garlands",
    "light": "soft morning light",
    "mood": "cheerful",
    "style": "flat illustration with visible brush strokes",
    "composition": "table in the lower half, free space at the top",
    "palette": ["sunny yellow", "brick red", "cream"],
}
TWEET = "We are closed next Monday. The ovens are warm again on Tuesday, and so is the bread."
# What an order or its task says that only this draft answers.
DRAFTS: tuple[tuple[str, Any], ...] = (
    ("sourdough", MAIL),
    ("water cycle", QUIZ),
    ("Bild", PICTURE),
    ("Basar", POST),
    ("Wasserkreislauf", GERMAN_QUIZ),
    ("Sauerteigkurs", GERMAN_MAIL),
    ("closed next Monday", TWEET),
)
SAID_SHORTER = {
    "You will mix, fold and shape a loaf of your own, and we bake it while you have tea.": "You shape a loaf, and we bake it."
}
DISPENSABLE = ("Wir freuen uns auf euch.",)
LACKING = "I have no draft for that."


def answer(messages: Sequence[BaseMessage]) -> Any:
    """The draft for what is asked, or the edit of one."""
    order = messages[-1].text
    if messages[0].text.startswith("You edit a text that is there"):
        return edit(messages)
    if order.startswith("Which one of these does the message ask for?"):
        return "image_prompt" if "Bild" in order else "unsure"
    if messages[0].text.startswith("You note down what a brief says"):
        return {"count": [], "size": [], "place": "", "avoid": []}
    return next((draft for word, draft in DRAFTS if word in order), LACKING)


def edit(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """What a good editor changes to make one of these drafts shorter."""
    lines = {text: number for number, (_, text) in numbered_lines(messages).items()}
    steps = [
        {"line": lines[text], "how": "replace", "text": less} for text, less in SAID_SHORTER.items() if text in lines
    ]
    return {"changes": steps + [{"line": lines[text], "how": "remove"} for text in DISPENSABLE if text in lines]}


async def main(folder: str, port: int) -> None:
    settings = Settings(data=Path(folder), embeddings="none")
    engine = scripted(answer, pause=PAUSE_SECONDS, traits=Traits(capable=True), label="A good writer")
    await playground(settings, port=port, browser=False, engines=[engine])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
