"""One answer that makes something clear; where the brief wants something to read with a glossary, a passage with one."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, holding
from bot.checks.terms import contains, norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs


class Explanation(BaseModel):
    """What a model writes."""

    text: Annotated[str, Size(1800, least=80, nouns=("explanation", "text", "passage"))]


def compose(output: Explanation, _assignment: Assignment) -> Content:
    """The text as it is."""
    return Content(output.text, {})


class Word(BaseModel):
    """A word of the passage, and what it means."""

    term: Annotated[str, Size(36, least=2, form="phrase")]
    explanation: Annotated[str, Size(100, least=8, form="phrase")]


class ReadingPassage(BaseModel):
    """A text at the readers' level, and the words of it that they may not know."""

    title: Annotated[str, Size(60, least=4)]
    passage: Annotated[
        list[Annotated[str, Size(420, least=60, form="sentences")]],
        Count(1, 5, 2, ("paragraph",)),
        Size(260, unit="words", nouns=("passage", "text", "reading")),
    ]
    glossary: Annotated[list[Word], Count(2, 12, 4, ("glossary word", "glossary", "word", "term", "entry", "entries"))]


def compose_passage(output: ReadingPassage, assignment: Assignment) -> Content:
    """The passage, the words of its glossary in bold where they stand first."""
    text = "\n\n".join(output.passage)
    for word in output.glossary:
        text = re.sub(
            rf"(?<![\w*])({re.escape(word.term)}\w{{0,2}})(?![\w*])", r"**\1**", text, count=1, flags=re.IGNORECASE
        )
    meanings = "\n".join(f"- **{word.term}**: {word.explanation}" for word in output.glossary)
    terms = [word.model_dump() for word in output.glossary]
    parts = {"title": output.title, "source_text": "\n\n".join(output.passage), "key_terms": terms}
    return Content(
        paragraphs(f"## {output.title}", text, f"**{label('Glossary', assignment)}**\n{meanings}" if terms else ""),
        parts,
    )


def examine_passage(output: ReadingPassage, _content: Content, assignment: Assignment) -> list[Check]:
    """Every word of the glossary stands in the passage."""
    text = "\n".join(output.passage)
    holds = stands_in if assignment.as_written else contains
    strange = [n for n, word in enumerate(output.glossary) if not holds(text, word.term)]
    where = f"glossary.{strange[0]}.term" if strange else ""
    hint = "It must be a word of the passage."
    return [
        holding(
            "glossary", [output.glossary[n].term for n in strange], len(output.glossary), "words of the passage",
            path=where, hint=hint,
        )
    ]  # fmt: skip


def stands_in(text: str, term: str) -> bool:
    """Whether a text holds a term, also in another form of it and without its article: "der Turm" stands in "zwei Türme"."""
    plain = _without_marks(text)
    words = [word for word in _without_marks(term).split() if len(word) > 3] or _without_marks(term).split()[-1:]
    return bool(words) and all(word[: max(3, len(word) - 3)] in plain for word in words)


def _without_marks(text: str) -> str:
    spelled = unicodedata.normalize("NFKD", norm(text))
    return "".join(sign for sign in spelled if not unicodedata.combining(sign))


def with_words_of_the_passage(data: dict[str, Any], _assignment: Assignment) -> dict[str, Any]:
    """The glossary without words that the passage does not hold, as long as some are left."""
    text = "\n".join(data["passage"])
    held = [word for word in data["glossary"] if word["term"] and contains(text, word["term"])]
    return data | {"glossary": held} if len(held) > 1 else data


_DESCRIPTION = "Makes one thing clear at the reader's level, with an example from daily life."
PASSAGE = Kind(
    name="explanation",
    family="education",
    title="Explanation",
    description=_DESCRIPTION,
    output=ReadingPassage,
    prompt="Write a passage for your readers to read. Short sentences and easy words. Then a glossary: words of the passage "
    "that they may not know, each explained in a few easy words.",
    examples=(
        Example(
            "reading passage on lighthouses with a glossary of 2 words",
            ReadingPassage(
                title="A light for ships",
                passage=[
                    "A lighthouse stands where the sea is dangerous. At night its lamp turns and sends a beam far out. "
                    "The crew of a ship sees the light and knows where the rocks are."
                ],
                glossary=[
                    Word(term="beam", explanation="a long line of light"),
                    Word(term="crew", explanation="the people who work on a ship"),
                ],
            ),
        ),
        Example(
            "text with glossary, 2 words, on baking for beginners",
            ReadingPassage(
                title="Why dough grows",
                passage=[
                    "Bakers put yeast into their dough. The yeast eats sugar and makes small bubbles of gas. The bubbles "
                    "cannot get out, so the dough grows."
                ],
                glossary=[
                    Word(term="yeast", explanation="tiny living things that make bread rise"),
                    Word(term="dough", explanation="flour and water, mixed and kneaded"),
                ],
            ),
        ),
    ),
    compose=compose_passage,
    examine=examine_passage,
    complete=with_words_of_the_passage,
    levelled=True,
    facts=False,
    form=Form(whole=("explanation",), lasts=True, titles=("answer", "passage", "reading text", "summary")),
    utterances="",
)

KIND = Kind(
    name="explanation",
    family="education",
    title="Explanation",
    description=_DESCRIPTION,
    output=Explanation,
    prompt="Explain it to your readers. Short sentences and easy words. Use one example from daily life. Start with the "
    "answer.",
    examples=(
        Example(
            "why does bread go hard?",
            Explanation(
                text="Bread goes hard because it loses water. Fresh bread is soft, as it holds a lot of water inside. Day "
                "by day some of that water leaves and goes into the air. The rest moves from the soft middle to the "
                "crust.\n\nThink of a wet sponge on the sink. In the evening it is soft. In the morning it is stiff. "
                "Bread does the same, only slower. A box with a lid keeps the water in."
            ),
        ),
        Example(
            "what is an echo",
            Explanation(
                text="An echo is a sound that comes back to you. When you shout, the sound flies away from you like a "
                "ball. If it meets a big hard wall, it bounces and comes home.\n\nTry it in an empty room. Clap once "
                "and listen. In a room full of beds and coats the sound gets lost, as soft things swallow it."
            ),
        ),
    ),
    compose=compose,
    variants=(("glossar*|word list|glosario*|wörterliste*|lexique", PASSAGE),),
    words=(70, 110, 180),
    levelled=True,
    facts=False,
    form=Form(whole=("explanation",)),
    likeliest=("copy", "docx", "pdf"),
    utterances="""
kids keep mixing up weather and climate, how would you put it
Explain compound interest as if I were twelve.
why does bread go stale faster in the fridge
what's the difference between a virus and a bacterium, 80 words
eli5 how noise cancelling headphones work
inflation. simple words. 100 words. for our youth club channel
Reading passage about volcanoes, about grade 4 level, 150 words
how come the moon looks bigger near the horizon? guest asked, i had no clue
I need a clear account of how vaccines train the immune system, suitable for our clinic's waiting room leaflet.
recursion, but for ppl who knit
difference bw cold brew and iced coffee, baristas keep asking
whats a dns record, my boss thinks it's a person
Walk me through why the Roman Republic collapsed, in about 200 words for sixteen-year-olds.
affect vs effect, one trick to remember pls
text at A2 level on how bees make honey
how do google ads auctions actually work? i don't get why the highest bid can lose
why r my tomatoes splitting
what does 'open rate' in an email report really tell me
so kiln firing: bisque versus glaze, what happens to the clay, no jargon
Please clarify the distinction between a charity and a social enterprise in plain language.
our members ask what gluten does in dough. short answer w a comparison
explain the offside rule to my nan
how is steel different from iron, two paragraphs, museum label style
photosynthesis for year 3, no more than 5 sentences
what is a git rebase & when would i not want it
students think heavier things fall faster. what do i say to them
Could you make clear what a lesson plan's 'success criteria' are versus its objectives? New teacher here.
why do cats knead
Describe, for visitors aged 60 and over, how a loom produces a pattern.
one para on why salt melts ice, then one on why it stops working when its really cold
what even is an llm, tell it to me like im a carpenter
ReadingPassage for B1 learners: the history of tea, with 5 words in bold
explain to a patient what a root canal is, calm
the thing with leap years and century years, somebody in chat doesn't buy it
is there a reason why mirrors flip left-right and not up-down
pH scale using lemonade and soap, 120 words
whats the point of an index in a database, 3 sentences, junior dev
why do we have time zones and who decided
How do tides work? Keep it at the level of a curious eight-year-old and use one everyday comparison.
monads. i've tried. please.
tell me in plain words what the parents' council is allowed to decide and what not
black holes without maths, for the planetarium's kids corner
what makes an ad 'native'? never got that
sourdough starter, what's actually alive in there
my apprentices don't see why you let concrete cure wet. give me words for it
difference between empathy, sympathy and compassion, examples from a care home
Short informative text on the Hanseatic League, ninth grade, neutral tone, roughly 180 words
how does a heat pump get warmth out of cold air?? sounds like a scam lol
i before e except after c, true or not, and why do people still teach it
quick one: why is the sky blue but sunsets red
in chess what does 'tempo' mean, the newbies in our club get lost
explain like a pirate how compost works
can't wrap my head around why 0.999… equals 1
Summarise for lay readers how a bill becomes law in a two-chamber parliament
what do the quiz scores percentile and percent mean, parents confuse them
what's happening in the body when you get hiccups
Stoicism in a nutshell, and how it's not just 'having no feelings'
subnet masks pls, w/ the street address analogy
why do we say 'o'clock'
loan word vs calque, with three examples each, linguistics 101
someone on the server asked how vinyl holds two channels in one groove, i want to answer properly
why does aspect ratio matter when i upload a picture, 16:9 and so on
¿Por qué el mar es salado? para niños de 7 años, cortito
explícame la diferencia entre ser y estar, mis alumnos ingleses se lían siempre
qué es la inflación pero con ejemplo de la panadería
Texto de lectura nivel A2 sobre los volcanes, unas 120 palabras
no entiendo cómo funciona una hipoteca variable, en cristiano porfa
los chavales creen que las plantas comen tierra, cómo se lo aclaro
Explique-moi la photosynthèse comme si j'avais 8 ans
c'est quoi la différence entre un psychologue et un psychiatre ?
pourquoi le pain rassis ramollit pas pareil que les biscuits, un truc simple
texte niveau B1 sur l'histoire du chocolat, 150 mots
mes élèves confondent poids et masse, comment tu leur dirais
la TVA en trois phrases pour un auto-entrepreneur perdu
Warum ist der Himmel blau? bitte kindgerecht, fünf Sätze
was ist der unterschied zwischen brutto und netto, azubi fragt
erklär mal docker für leute die nur excel kennen
Lesetext Klasse 4 über Igel im Winter, etwa 120 Wörter
die kursteilnehmer kapieren nicht wann man dativ nimmt, wie würdest dus sagen
wieso geht hefeteig im kühlschrank trotzdem auf
o que é buraco negro, explica pra criança de 10 anos
por que o café dá sono em algumas pessoas? resposta curta
qual a diferença entre CPF e CNPJ pra quem tá começando um negócio
Texto informativo sobre a Mata Atlântica, nível 6º ano, 150 palavras
a galera sempre confunde mas e mais, como eu deixo claro de uma vez
me explica juros compostos usando uma plantação de feijão
प्रकाश संश्लेषण क्या है, कक्षा 5 के बच्चों को समझ आए ऐसे बताओ
blockchain kya hota hai, meri mummy ko samajh aaye aise
मौसम और जलवायु में क्या फ़र्क है, दो उदाहरण के साथ
gst simple me batao, choti dukan hai meri, 5 lines
भूकंप पर सरल पाठ, लगभग 120 शब्द, कक्षा 6 का स्तर
samajh nahi aata ki doodh ubalte hi upar kyun aa jata hai aur pani nahi
ليش السماء زرقاء؟ أبي جواب بسيط لطفل عمره ست سنين
وضح لي الفرق بين الهمزة المتوسطة على واو وعلى ياء بمثالين
ما هو التضخم الاقتصادي؟ شرح مبسط في مئة كلمة
نص قراءة للمستوى المتوسط عن تاريخ القهوة
الطلاب يخلطون بين الكتلة والوزن، كيف أوصلها لهم
كيف يشتغل مكيف الهواء بدون مصطلحات صعبة
なんで海はしょっぱいの?小学3年生にわかるように
「は」と「が」の違い、留学生に聞かれたのでやさしく
インフレって何?パン屋さんのたとえで短く
中学生向けの読みもの、江戸の暮らし、400字くらい
発酵と腐敗ってどう違うのか、うちの店のお客さんに伝えたい
量子コンピュータを文系の私にもわかるように頼む
kenapa langit biru? buat anak TK, pendek aja
jelasin bedanya virus sama bakteri pake contoh sehari-hari
apa itu bunga majemuk, orang awam, jangan pake rumus
Teks bacaan kelas 4 tentang gunung berapi, sekitar 150 kata
murid saya masih bingung di- dipisah atau disambung, cara ngomongnya gimana biar paham
cara kerja kulkas itu sebenernya gimana sih
our guests at the planetarium always ask why we only ever see one side of the moon, and my answer gets longer every time, so give me something tidy that takes thirty seconds
magnets, but gently
i teach the email module and nobody gets the difference between cc and bcc, put it so it sticks
Kindly outline, in no more than 120 words, how an insulin pump differs from injections, for relatives with no medical background.
new volunteers mix up compost, mulch and manure. what do i say
what makes a good quiz question 'discriminating', our training lead keeps using that word
los del club preguntan por qué las bicis no se caen cuando van rápido y yo siempre acabo haciendo gestos con las manos, dame una respuesta corta que entienda cualquiera
mes apprentis boulangers ne voient pas à quoi sert l'autolyse, dis-le avec des mots simples et une image
warum steht bei unseren anzeigen immer 'reichweite' und 'impressionen', ist das nicht dasselbe?
a turma jura que verão é quando a terra fica mais perto do sol, como desfaço isso numa fala de um minuto
ليه إعلاناتنا يطلع عليها CTR و CPC؟ وش يعنون وش الفرق بينهم
pelanggan sering nanya kenapa kopi arabika lebih asam dari robusta, kasih jawaban yang gampang dicerna
explain tides
explain photosynthesis to a ten year old
explain how a fridge works
explain inflation simply
what is a black hole
what is a metaphor, with an example
why is the sky blue
why do leaves change colour
why do things float
why does ice melt faster with salt
how does a vaccine work
how do magnets work
how do bees make honey
what's the difference between weather and climate
what does entropy mean
explain compound interest in easy words
explain the water cycle
what causes earthquakes
how come the moon changes shape
tell me how batteries work
explica qué es la fotosíntesis
por qué el cielo es azul
explique-moi les marées
pourquoi la glace flotte
erklär mir wie ein motor funktioniert
warum ist der himmel blau
explica como funciona uma vacina
jelaskan kenapa langit biru
प्रकाश संश्लेषण समझाओ
اشرح لي كيف تعمل البطارية
なぜ空は青いのか説明して
""",
)
