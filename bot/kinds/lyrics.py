"""Lyrics: verses and a chorus, put in order by code."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, differing
from bot.checks.terms import norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs


class Verse(BaseModel):
    """Lines that are sung once."""

    lines: Annotated[list[Annotated[str, Size(55, least=6, form="phrase")]], Count(2, 8, 4, ("line",))]


class Lyrics(BaseModel):
    """What a model writes. Code repeats the chorus after each verse."""

    title: Annotated[str, Size(45, least=3)]
    chorus: Annotated[list[Annotated[str, Size(55, least=6, form="phrase")]], Count(2, 6, 3)]
    verses: Annotated[list[Verse], Count(1, 6, 2, ("verse", "stanza", "strophe"))]


def compose(output: Lyrics, assignment: Assignment) -> Content:
    """Verse, chorus, verse, chorus, with the marks that singers and song models read."""
    chorus = "\n".join(output.chorus)
    sections = {f"verse_{n}": "\n".join(verse.lines) for n, verse in enumerate(output.verses, 1)} | {"chorus": chorus}
    blocks = [
        block
        for n, verse in enumerate(output.verses, 1)
        for block in (
            f"**{label('Verse', assignment)} {n}**\n" + "\n".join(verse.lines),
            f"**{label('Chorus', assignment)}**\n{chorus}" if chorus else "",
        )
    ]
    return Content(paragraphs(f"## {output.title}", *blocks), {"title": output.title, "sections": sections})


def examine(output: Lyrics, _content: Content, assignment: Assignment) -> list[Check]:
    """No line of a verse stands in another."""
    lines = [norm(line) for verse in output.verses for line in verse.lines]
    if assignment.as_written:  # Lines that come back are a refrain.
        return []
    return [differing("lines", len(set(lines)), len(lines), path="verses")]


KIND = Kind(
    name="lyrics",
    family="media",
    title="Lyrics",
    description="Words to sing: verses and a chorus that comes back.",
    output=Lyrics,
    prompt="Write song lyrics. Short lines that can be sung, with pictures instead of big words. The chorus says what the "
    "song is about. Lines of a verse rhyme where they can.",
    examples=(
        Example(
            "song about a late bus, 2 verses",
            Lyrics(
                title="Number nine",
                chorus=["Oh number nine, you are never on time", "but you carry me home", "in a window of mine"],
                verses=[
                    Verse(lines=["Rain on the shelter, rain on my shoe", "everyone waiting is looking for you"]),
                    Verse(
                        lines=["Here come your lights at the end of the street", "somebody kindly has left me a seat"]
                    ),
                ],
            ),
        ),
        Example(
            "a round for the kitchen choir, one verse",
            Lyrics(
                title="Soup is on",
                chorus=["Stir it low, stir it slow", "pass the bread and let it go"],
                verses=[Verse(lines=["Onions make the baker cry", "carrots laugh as they go by"])],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    facts=False,
    form=Form("verse", lasts=True),
    likeliest=("copy", "docx", "pdf"),
    utterances="""
song about the last bus, two verses and a chorus
lyrics for a birthday song, grandma turns 90
write me a chorus i can sing at the demo
words to sing for the goodbye assembly
sea shanty on debugging
rap verse, 16 bars, my bicycle
lullaby text for twins
love song w/o the word love
A hymn-like text for the reopening of our community hall, four stanzas.
country ballad, lost dog comes home
punk song about parking tickets
kids song to learn the planets
chorus hook, rainy summer, three lines
something we could sing to the tune of an old folk song at the reunion
school anthem, 3 verses
words for my lofi track, sparse
christmas song for the office choir, funny
breakup song from the view of the cat
bridge for my song about trains
blues lyrics, empty fridge
campfire song, call and response
rhyme i can rap over the beat, theme courage
football chant for the under 10s
theme song words for our podcast
musical number, villain explains the plan
folk song about a lighthouse keeper, refrain after each verse
k-pop style lyrics, english with simple hooks
round for three voices, short, about soup
song text teaching the times tables
carol about the harbour
verse two is missing, keep the mood: leaving town
metal lyrics, glacier
wedding song for two gardeners
lyrics in the style of a waltz, old cinema
jazz standard words, sleepless city
protest song on the closing of the pool
my daughter wants a song about axolotls
reggae, slow sunday, chorus first
poem-like song for a funeral, gentle
sing along for the care home, spring
letra de una canción sobre el mar, dos estrofas
una nana para mi sobrina
letra de rap, mi barrio, 16 compases
paroles d'une chanson sur la pluie, refrain simple
une comptine pour compter jusqu'à dix
texte de rap, la nuit en ville
Liedtext über den letzten Sommer, zwei Strophen
schlaflied für zwillinge
vereinshymne, drei strophen und refrain
letra de samba sobre segunda-feira
música de ninar, só a letra
refrão pra uma canção de despedida
बारिश पर गीत लिखो, दो अंतरे
gaane ke bol chahiye, dosti par
बच्चों के लिए गिनती का गीत
كلمات أغنية عن البحر، مقطعين ولازمة
نشيد للمدرسة، ثلاث مقاطع
雨の日の歌詞、サビつき
子守唄の歌詞を書いて
lirik lagu tentang hujan, dua bait
lagu anak tentang gosok gigi, liriknya aja
lirik rap soal macet jakarta
""",
)
