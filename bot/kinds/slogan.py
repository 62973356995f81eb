"""Slogans and taglines: short lines to choose from."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, free_of
from bot.checks.terms import contains
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import forbids_name
from bot.kinds._shared import bullets

_NOUNS = ("slogan", "tagline", "tag line", "motto", "claim", "strapline", "catchphrase", "line")
# What a brief says of the organisation's name.
_NAME = {
    "none": "(without|no|not|don't|dont|leave out|skip) … name",
    "asked": "(with|includ*|contain*|mention*|use|using) … name",
}


class Slogans(BaseModel):
    """What a model writes."""

    slogans: Annotated[
        # The empty noun takes limits that name no part: a brief for slogans means each of them.
        list[Annotated[str, Size(60, least=8, nouns=("slogan", "")), Size(8, unit="words", nouns=("slogan", ""))]],
        Count(1, 15, 5, _NOUNS, apart=True),
    ]


def wants_name(assignment: Assignment) -> bool | None:
    """Whether the brief wants the organisation's name in the lines; None when it says nothing of it."""
    named = assignment.reading.chosen("name")
    return "none" not in named if named else None


def compose(output: Slogans, assignment: Assignment) -> Content:
    """The lines as a list, with or without the organisation's name where the brief says so."""
    if assignment.as_written:
        return Content(bullets(output.slogans), {"variants": list(output.slogans)})
    name, wanted = assignment.profile.organisation, wants_name(assignment)
    lines = [line.strip(' ."') for line in output.slogans]
    if name and wanted is False:
        lines = [_without(line, name) for line in lines]
    elif name and wanted:
        lines = [line if contains(line, name) else f"{name}: {line}" for line in lines]
    lines = [line[:1].upper() + line[1:] for line in lines if line]
    return Content(bullets(lines), {"variants": lines})


def _without(line: str, name: str) -> str:
    shorter = re.sub(
        rf"(?:\b(?:at|by|from|with|for|in)\s+)?{re.escape(name)}(?:'s)?\s*[:,-]?", "", line, flags=re.IGNORECASE
    )
    return re.sub(r"(?<!\s)\s++([,.?!])", r"\1", re.sub(r" {2,}", " ", shorter)).strip(" ,:-")


def examine(_output: Slogans, content: Content, assignment: Assignment) -> list[Check]:
    """All lines differ and have two words or more; the name stands where it is wanted."""
    lines, name = content.parts["variants"], assignment.profile.organisation
    short = [] if assignment.as_written else [line for line in lines if len(line.split()) < 2]
    checks = [free_of("a whole line each", short)] if short else []
    if name and (wants_name(assignment) is False or (assignment.as_written and forbids_name(assignment))):
        named = [line for line in lines if contains(line, name)]
        checks.append(free_of("without the name", named, asked_by="brief"))
    return checks


KIND = Kind(
    name="slogan",
    family="marketing",
    title="Slogan",
    description="Slogans, taglines and mottos: short lines to choose from.",
    output=Slogans,
    prompt="Write one slogan: three to six words that say what people get there, with a picture or a wink. "
    "No exclamation marks.",
    examples=(
        Example(
            "tagline for our bike repair shop, people who ride to work",
            Slogans(slogans=["Roll in, ride out", "Your brakes, our business", "Flat today, fast tomorrow"]),
        ),
        Example(
            "slogans for a piano teacher who teaches adults",
            Slogans(slogans=["Late start, lovely sound", "Ten fingers, no hurry", "Play the song you hum"]),
        ),
        Example(
            "motto for the night train of a small railway",
            Slogans(slogans=["Fall asleep, wake up there", "Dream past the border"]),
        ),
    ),
    craft="Write slogans: short lines that say what people get there, with a picture or a wink, each of another kind.",
    compose=compose,
    examine=examine,
    words=(6, 20, 40),
    form=Form("tagline", choices={"name": _NAME}),
    likeliest=("copy", "docx"),
    copied=("variants",),
    utterances="""
a tagline for a bakery that opens at four in the morning
5 slogans, none longer than six words, roofing firm
we need a motto for the rowing club, latin-ish but english
catchy line to go under our logo, vet practice
something short for the side of the van. plumber, honest, on time
claim for a cargo bike startup
what could stand on the tote bags of our bookshop, a few words only
strapline ideas, wedding florist, no puns please
Rework the theme for our charity run into three words people can chant
brand line for an oat drink, dry wit
give me ten options for the line beneath the name of our law office
punchy one-liner for the t-shirts, debate team
our old slogan is "quality since 1950". find us a fresher one
campaign motto for the school council election
a phrase that people will remember for our lost-property app
four words for the shop window, second-hand kids' clothes
Tagline for a podcast about bridges
hook line for a yoga studio that doesn't take itself seriously
how would you sum up a hostel for cyclists in one breath
short brand promise for a dentist kids aren't afraid of
slogan for my lemonade stand
slogans for a recycling week, rhyme ok
team motto, it helpdesk, self-deprecating
write taglines, product is a reusable coffee cup
need a line that says we're slow on purpose, cheese maker
one sentence max, the one that goes on every business card, locksmith
10 claims for a solar installer, tone bold, max 5 words each
tagline without our name in it, for the museum cafe
name's fixed, now we want the words that go under it
come up with a rallying cry for the neighbourhood garden
pithy line for a fire-safety sticker, not the design, only the words
fun motto for grade 4, class of owls
slogan generator pls, hot sauce
Three-word statement of what our hospice stands for
swap our boring claim for something with a smile, insurance broker
un eslogan para una panadería de barrio
necesito un lema corto para el club de ajedrez
frase que vaya debajo del logo, clínica veterinaria, que no suene a broma
5 eslóganes de máximo seis palabras para una marca de zapatos veganos
qué pongo en las bolsas de tela de la librería, pocas palabras
une accroche pour une marque de savon artisanal
slogan court pour notre boulangerie, pas de jeu de mots
une devise pour l'équipe de handball
il nous faut la petite phrase sous le nom du garage
trouve 6 signatures de marque pour un torréfacteur
ein claim für unsere fahrradwerkstatt
werbespruch für einen hofladen, frech aber nett
Motto für den Abiball, bitte kein Wortspiel mit Abi
was könnte auf dem lieferwagen stehen, drei, vier wörter, malerbetrieb
zehn slogans für eine zahnarztpraxis
Unterzeile zum Logo eines Verlags
um slogan para a nossa cafeteria
preciso de um lema para a feira de ciências
frase de efeito pra camiseta do time
5 taglines curtas pra marca de sabonete, sem exclamação
हमारी बेकरी के लिए एक नारा
चाय की दुकान के लिए छोटी सी टैगलाइन
gym ke liye catchy line chahiye, 4-5 shabd
logo ke neeche likhne ke liye ek line, mithai ki dukaan
स्वच्छता अभियान का नारा, तुकबंदी हो तो अच्छा
شعار قصير لمقهى هادئ
أبغى جملة قوية تحت الشعار لمحل عطور
خمس عبارات دعائية لا تزيد عن ست كلمات لمخبز
パン屋のキャッチコピーを5つ
ロゴの下に入れる短い一言、歯医者です
文化祭のスローガン考えて
slogan buat warung kopi, singkat
tagline untuk toko buku bekas, jangan lebay
moto kelas 6 yang keren
kata-kata pendek buat di kaos panitia
""",
)
