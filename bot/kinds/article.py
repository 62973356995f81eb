"""An article or blog post: title, introduction, and sections with headings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.units import words
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._shared import facts_told, paragraphs

# How far an article may be from the length that the brief asks for.
TOLERANCE = 0.13


class Section(BaseModel):
    """A part of an article."""

    heading: Annotated[str, Size(60, least=6, form="phrase")]
    text: Annotated[
        str,
        Size(3000, least=80, form="sentences"),
        # One may be longer than its share where another fell short; the whole is measured too.
        Size(140, least=45, unit="words", nouns=("section", "tip", "reason"), spread="sections", form="sentences"),
    ]


class Article(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(65, least=10, nouns=("title", "headline"), form="phrase")]
    intro: Annotated[str, Size(240, least=60, nouns=("intro", "introduction"), form="sentences")]
    sections: Annotated[
        list[Section],
        Count(
            1,
            10,
            3,
            (
                "section",
                "heading",
                "subheading",
                "sub-heading",
                "tip",
                "thing",
                "reason",
                "mistake",
                "myth",
                "question",
            ),
            apart=True,
            turn="text",
            each=110,
        ),
    ]


def compose(output: Article, assignment: Assignment) -> Content:
    """The article with headings; one that is too short is filled up with what the profile says."""
    if assignment.as_written:
        return _as_written(output, assignment)
    title = output.title.rstrip(".")
    sections = {"intro": output.intro}
    for section in output.sections:
        sections.setdefault(section.heading.rstrip("."), _in_paragraphs(section.text))
    end = call_for(assignment)
    headings = [name for name in sections if name != "intro"]
    shown = [f"### {heading}\n{sections[heading]}" for heading in headings]
    text = paragraphs(f"## {title}", output.intro, *shown, end)
    wanted = assignment.wishes.words
    if wanted and shown:
        missing = round(wanted * (1 - TOLERANCE)) - words(text)
        more = []
        for fact in facts_told(assignment.profile):
            if missing > 0 and fact not in text:
                more.append(fact)
                missing -= words(fact)
        if more:
            sections[headings[-1]] = paragraphs(sections[headings[-1]], " ".join(more))
            shown[-1] = f"### {headings[-1]}\n{sections[headings[-1]]}"
            text = paragraphs(f"## {title}", output.intro, *shown, end)
    return Content(text, {"title": title, "headings": headings, "sections": sections})


def _as_written(output: Article, assignment: Assignment) -> Content:
    shown = [f"### {section.heading}\n{section.text}" for section in output.sections]
    end = call_for(assignment, output.intro, *(section.text for section in output.sections))
    parts = {
        "title": output.title,
        "headings": [section.heading for section in output.sections],
        "sections": {"intro": output.intro} | {section.heading: section.text for section in output.sections},
    }
    return Content(paragraphs(f"## {output.title}", output.intro, *shown, end), parts)


def _in_paragraphs(text: str) -> str:
    """A long text in paragraphs of about three sentences."""
    sentences = text.replace("? ", "?\n").replace("! ", "!\n").replace(". ", ".\n").split("\n")
    return paragraphs(*(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3)))


KIND = Kind(
    name="article",
    family="marketing",
    needs=("link",),
    title="Article",
    description="A blog post or article with title, introduction, headings and sections.",
    output=Article,
    prompt="Write an article. The introduction says what readers will learn. Each section has a heading and explains one "
    "thing in plain sentences with an example. Do not repeat yourself.",
    examples=(
        Example(
            "blog post: how to keep a bike going through winter",
            Article(
                title="Your bike can like the winter too",
                intro="Salt and rain are hard on a bike. With a little care each week it runs until spring.",
                sections=[
                    Section(
                        heading="Oil the chain before it squeaks",
                        text="Rain washes the oil out of a chain. Wipe it with an old cloth, put one drop on every link and "
                        "turn the pedals. Then wipe off what is too much, because oil that stays outside only collects dirt. "
                        "If you ride every day, do it on Sunday evening. It takes as long as boiling an egg.",
                    ),
                    Section(
                        heading="Let a little air out of the tyres",
                        text="Soft tyres grip better on wet leaves and ice. Let out a little air and press with your thumb, "
                        "the tyre should give a bit. Too soft is not good, you would feel the rim on every stone. Look for "
                        "glass while you are there. A small splinter works its way in slowly and gives you a flat a week later.",
                    ),
                ],
            ),
        ),
        Example(
            "article for new volunteers on how a first evening at the shelter goes, 2 sections",
            Article(
                title="Your first evening at the shelter",
                intro="Nobody knows everything on the first evening. You need to know two things, and both are easy to learn.",
                sections=[
                    Section(
                        heading="Say hello before you help",
                        text="People who come in have often spoken to nobody all day. Tell them your name and ask for theirs. "
                        "Offer a cup of tea before you offer advice. If somebody wants to sit alone, let them, and look over "
                        "now and then. You will notice soon who likes to talk while you fold blankets together.",
                    ),
                    Section(
                        heading="Ask when you are not sure",
                        text="There is always one person on duty who has done this for years. They wear a green badge and like "
                        "questions. Ask where things are, ask what a word means, ask whether a door should be open. A wrong "
                        "guess costs more time than a short question, and nobody has ever been sent home for asking.",
                    ),
                ],
            ),
        ),
    ),
    craft="Write an article. The introduction says what readers will learn. Each section has a heading and explains one thing with "
    "an example. Paragraphs have an empty line between them. Do not repeat yourself.",
    compose=compose,
    words=(200, 320, 500),
    levelled=True,
    form=Form("", ("post",), lasts=True, titles=("blog post", "blog", "post", "essay")),
    likeliest=("docx", "copy", "pdf", "md"),
    utterances="""
600 word blog post on why our bread takes two days
article about night trains for a travel magazine, 5 headings
write a listicle, seven walks near the city for rainy days
thought-leadership piece: what remote teams get wrong about meetings
long-form text for our website's journal, the history of the mill
blog entry, behind the scenes of the costume workshop
how-to guide for the magazine, pruning apple trees, with intro and subheads
an op-ed against plastic turf, 800 words
a post for medium about learning the cello at forty
column for the parish magazine on loneliness
beginner's guide to composting, for our blog
interview-style feature on a beekeeper, made up from these notes
3 myths about electric cars, blog, about 500 words
content for the news section: what we learnt from a year of open books
a piece comparing oat milk and cow's milk for baristas, headings please
explainer article for our company blog, heat pumps, seo friendly
guest post on accessible events, friendly expert voice
something readable of a page or two about our trip to the salt mines for the club magazine
the ten questions new members ask, answered as an article
evergreen content on caring for leather boots
substack essay about slow games
case study for the site: how a school saved half its paper
write-up of our hackathon for the blog
end-of-year review article, co-op supermarket, honest numbers left out
trend piece: what people will plant in the next years
draft 1000 words on sleep and shift work with sources marked as needed
opinion piece for a trade journal, why standards matter
feature story on the oldest barber in town
blog outline and full text: packing for a week with one bag
newsletter? no, the long read it links to: repairing a canoe
pillar page text on home fermentation, many sections
text for the school magazine about the exchange trip
our blog is empty. first post, who we are and why we make globes
a 700-word story on volunteers at the lifeboat station
artículo de blog sobre cómo elegir un colchón, 600 palabras
post para el blog: cinco errores al regar las plantas
escribe una columna de opinión sobre el ruido en la ciudad
reportaje para la revista del colegio sobre el huerto
article de blog sur le zéro déchet, 500 mots, intertitres
un billet pour notre site : pourquoi réparer plutôt que jeter
dossier pour le magazine municipal, les marchés d'hiver
tribune sur le temps de travail
blogartikel über fermentieren, 800 wörter, mit zwischenüberschriften
ratgebertext fürs magazin: balkon im herbst
beitrag für die vereinszeitung über das sommerlager
fachartikel über dämmung, verständlich, drei abschnitte
artigo para o blog sobre café coado, 600 palavras
texto longo pro site: como escolher uma bicicleta
crônica sobre a feira de domingo pro jornal do bairro
post de blog com 5 dicas de viagem de trem
ब्लॉग लेख: बारिश में पौधों की देखभाल, 500 शब्द
पत्रिका के लिए लेख, गाँव के मेले पर
blog post likho, ghar se kaam karne ke 5 tareeke
website ke liye lamba article, millet khane ke fayde
مقال مدونة عن القهوة المختصة، ٦٠٠ كلمة
مقالة رأي عن المدن الهادئة
تدوينة طويلة عن العناية بالنباتات مع عناوين فرعية
ブログ記事、革靴の手入れ、見出しつき
コラムを800字で、商店街の朝について
読み物としての記事、はじめての登山
artikel blog tentang merawat tanaman hias, 500 kata
tulisan panjang buat majalah kampus soal kantin sehat
opini tentang sampah plastik, 700 kata
""",
)
