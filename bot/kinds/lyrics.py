"""Lyrics: verses and a chorus, put in order by code."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.briefs.wording import MOST_READ
from bot.checks import Check, bounded, differing, free_of
from bot.checks.limits import limits_of
from bot.checks.terms import norm
from bot.checks.units import UNITS
from bot.checks.verse import SLACK, scheme_of, syllables_asked, syllables_of, unrhymed
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
    parts: dict[str, Any] = {"title": output.title, "sections": sections}
    if not assignment.wishes.place:
        return Content(paragraphs(f"## {output.title}", *blocks), parts)
    parts["lyrics"] = _tagged(output)
    return Content(f"## {output.title}\n```\n{parts['lyrics']}\n```", parts)


def _tagged(output: Lyrics) -> str:
    """The song as models that sing read it, its sections under tags in English."""
    chorus = ["[Chorus]", *output.chorus, ""] if output.chorus else []
    verses = [
        ["[Verse]" if len(output.verses) == 1 else f"[Verse {n}]", *verse.lines, ""]
        for n, verse in enumerate(output.verses, 1)
    ]
    return "\n".join(line for verse in verses for line in (*verse, *chorus)).strip()


def examine(output: Lyrics, content: Content, assignment: Assignment) -> list[Check]:
    """No line of a verse stands in another; rhymes and syllables are as the brief wants them."""
    lines = [norm(line) for verse in output.verses for line in verse.lines]
    checks = _verse_checks(output, assignment)
    if "lyrics" in content.parts:
        checks += [
            bounded("fits the model", UNITS[limit.unit](content.parts["lyrics"]), high=limit.max, unit=limit.unit, path="verses", wanted=(assignment.wishes.place.capitalize(),), asked_by="place", place=assignment.wishes.place)
            for limit in limits_of(assignment.wishes.place)
            if limit.field == "lyrics"
        ]  # fmt: skip
    if assignment.as_written:  # Lines that come back are a refrain.
        return checks
    return [differing("lines", len(set(lines)), len(lines), path="verses"), *checks]


def _verse_checks(output: Lyrics, assignment: Assignment) -> list[Check]:
    """What of rhyme and metre the brief asks for, as far as spelling tells it."""
    brief, spoken, checks = assignment.brief[:MOST_READ], assignment.language, list[Check]()
    if scheme := scheme_of(brief):
        pairs = [pair for verse in output.verses for pair in unrhymed(verse.lines, scheme, spoken)]
        found = [f"{one} / {other or '–'}" for one, other in pairs]
        hint = (
            f"The {len(scheme)} lines of each verse are to rhyme {scheme}; these do not: {', '.join(found[:_NAMED])}."
        )
        checks.append(free_of("rhyme scheme", found, wanted=(scheme,), path="verses", hint=hint, asked_by="brief"))
    if wanted := syllables_asked(brief):
        lines = [line for verse in output.verses for line in verse.lines]
        off = [line for line in lines if abs(syllables_of(line, spoken) - wanted) > SLACK]
        hint = f"Each line is to have {wanted} syllables; these have about: " + "; ".join(
            f"{line} ({syllables_of(line, spoken)})" for line in off[:_NAMED]
        )
        checks.append(free_of("syllables", off, wanted=(str(wanted),), path="verses", hint=hint, asked_by="brief"))
    return checks


# So many lines are named to whoever writes them anew.
_NAMED = 6


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
    places={"suno": ("suno",), "udio": ("udio",)},
    anywhere=True,
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
