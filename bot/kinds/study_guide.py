"""A study guide: key ideas, key terms, common mistakes, and questions to check oneself."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, bounded, differing
from bot.checks.terms import norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import bullets, paragraphs


class Term(BaseModel):
    """A word to know."""

    term: Annotated[str, Size(36, least=2, form="phrase")]
    explanation: Annotated[str, Size(100, least=8, form="phrase")]


class StudyGuide(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    key_terms: Annotated[
        list[Term],
        Count(3, 16, 8, ("key term", "term", "key word", "vocab word", "vocabulary word", "definition", "vocabulary")),
    ]
    key_ideas: Annotated[
        list[Annotated[str, Size(130, least=15, form="sentences")]],
        Count(2, 8, 4, ("key idea", "idea", "main point", "key point", "point")),
    ]
    common_mistakes: Annotated[
        list[Annotated[str, Size(120, least=15, form="sentences")]],
        Count(2, 6, 3, ("mistake", "misconception", "trap")),
    ]
    self_check: Annotated[
        list[
            Annotated[
                str, Size(110, least=12, form="question", starts=("What", "Why", "How", "Which", "Where", "When"))
            ]
        ],
        Count(2, 10, 3, ("question", "self-check", "check")),
    ]


def compose(output: StudyGuide, assignment: Assignment) -> Content:
    """The guide, section by section."""
    sections = {
        "key_ideas": bullets(output.key_ideas),
        "key_terms": "\n".join(f"- **{one.term}**: {one.explanation}" for one in output.key_terms),
        "common_mistakes": bullets(output.common_mistakes),
        "self_check": "\n".join(f"{n}. {question}" for n, question in enumerate(output.self_check, 1)),
    }
    shown = (f"**{label(name.replace('_', ' ').capitalize(), assignment)}**\n{text}" for name, text in sections.items())
    terms = [one.model_dump() for one in output.key_terms]
    parts = {"title": output.title, "sections": sections, "key_terms": terms}
    return Content(paragraphs(f"## {output.title}", *shown), parts)


def examine(output: StudyGuide, _content: Content, _assignment: Assignment) -> list[Check]:
    """Terms differ and are explained by other words than themselves."""
    names = len({norm(one.term) for one in output.key_terms})
    bare = [
        n for n, one in enumerate(output.key_terms) if not one.explanation or norm(one.explanation) == norm(one.term)
    ]
    where = f"key_terms.{bare[0]}.explanation" if bare else ""
    count = len(output.key_terms)
    return [
        differing("terms", names, count, path="key_terms"),
        bounded("explained terms", count - len(bare), count, count, "terms", path=where),
    ]


KIND = Kind(
    name="study_guide",
    family="education",
    title="Study guide",
    description="Key ideas, key terms, common mistakes and questions to check yourself.",
    output=StudyGuide,
    prompt="Write a study guide for a test. Key ideas are short true sentences. Every key term is another word of the "
    "topic, explained in a few easy words. A common mistake says what is wrong and what is right. End with questions.",
    examples=(
        Example(
            "study guide on the seasons, 4 key terms",
            StudyGuide(
                title="The four seasons",
                key_ideas=[
                    "The Earth is tilted as it goes round the Sun.",
                    "The half that leans to the Sun has summer.",
                    "Days are long in summer and short in winter.",
                ],
                key_terms=[
                    Term(term="tilt", explanation="the way the Earth leans to one side"),
                    Term(term="orbit", explanation="the path round the Sun"),
                    Term(term="equator", explanation="a line round the middle of the Earth"),
                    Term(term="solstice", explanation="the longest or shortest day of the year"),
                ],
                common_mistakes=[
                    "Summer does not come from being nearer to the Sun.",
                    "It is not winter everywhere at the same time.",
                ],
                self_check=["Why are summer days long?", "What would happen without the tilt?"],
            ),
        ),
        Example(
            "revision sheet: how banks work, 3 terms, 2 questions",
            StudyGuide(
                title="How a bank works",
                key_ideas=[
                    "A bank keeps money for some people.",
                    "It lends that money to others.",
                    "Who borrows pays back more than they got.",
                ],
                key_terms=[
                    Term(term="loan", explanation="money that you get now and pay back later"),
                    Term(term="interest", explanation="the price of a loan"),
                    Term(term="deposit", explanation="money that you leave at the bank"),
                ],
                common_mistakes=[
                    "The bank does not put your own coins in a box.",
                    "A card is not money, it only moves it.",
                ],
                self_check=["Where does the money of a loan come from?", "Why does a bank want your deposit?"],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    levelled=True,
    facts=False,
    words=(120, 200, 320),
    form=Form("section", lasts=True, titles=("guide", "summary")),
    unstated=("common_mistakes", "self_check"),
    likeliest=("pdf", "docx", "pptx"),
    utterances="""
study guide for the unit on ecosystems
i have a test on the reformation thursday, what do i need to know, all in one place
one-pager to revise from: key terms, main ideas, typical errors. topic statistics
review sheet before the midterm, organic chemistry
summary of everything for the driving theory exam, sorted by topic, with self check
Prepare a revision guide on the causes of the First World War, including key terms and common misconceptions.
exam prep notes, photosynthesis, y9
what to revise for macbeth, themes quotes characters
crash overview of contract law before finals
cheat sheet style guide for the networking cert, terms and traps
help my class get ready for the test on matter, big ideas plus words to know
final review: plate tectonics, key points and questions to test themselves
learn-this-first guide to music theory grade 5
what are the main things about cells i should know by friday
guide to study from for the citizenship test
condensed notes on supply and demand with glossary
unit summary, ancient egypt, vocabulary and check-yourself questions
everything on quadratic functions for revision, incl. mistakes people make
reading guide to chapter 6, main ideas and terms
revision notes for food hygiene level 2
our trainees sit the exam monday, make an overview they can learn from
study sheet, human digestive system, common mistakes section pls
my kid has a test on fractions, what should we go over, point by point
guide for the vocab and ideas in unit 4, ESL
an overview of the french revolution to revise with, terms explained
prep pack for the first aid exam: key ideas, terms, check questions
topic summary sheet: electricity, grade 8
so much stuff on the cold war, boil it down to what the exam wants
knowledge organiser for rivers and coasts
review guide w/ 10 key terms, genetics
notes to cram the night before, sociology of the family
a map of what matters in the philosophy module: thinkers, terms, pitfalls
how do i get ready for the sommelier level 1, outline what to learn
revision aid for dyslexic learners, volcano topic, short lines
compile the essentials of sql joins for our interns' exam
sum up unit 2 so they can revise at home, with things people get wrong
learning overview for the boat licence
pre-test guide on the water cycle, key words and self test
end of term review of shapes and angles
bar exam outline, evidence, terms and traps
guía de estudio para el examen de la célula
resumen para repasar la guerra civil, conceptos clave y errores comunes
qué tengo que saber para el examen de química, ordenado
fiche de révision sur la photosynthèse, notions clés
guide d'étude pour le contrôle de géographie, mots à connaître
récap pour le brevet, seconde guerre mondiale
Lernzettel für die Klausur in Genetik, Begriffe und typische Fehler
zusammenfassung zum lernen, weimarer republik
was muss ich für den test über optik können, übersicht bitte
guia de estudos para a prova de história, termos e erros comuns
resumo pra estudar pra prova de biologia, sistema nervoso
roteiro de revisão de trigonometria
परीक्षा के लिए प्रकाश संश्लेषण की अध्ययन गाइड
exam ke liye notes, mughal samrajya, main points aur shabd
कल टेस्ट है, विद्युत अध्याय का सार बना दो
دليل مذاكرة لاختبار الأحياء، المصطلحات والأخطاء الشائعة
ملخص للمراجعة قبل الامتحان، الحرب العالمية الأولى
期末テスト対策まとめ、江戸時代、用語つき
化学の復習ガイド、重要語句とよくある間違い
rangkuman belajar untuk ujian IPA, istilah penting
panduan belajar bab ekosistem, ide pokok dan kesalahan umum
ringkasan materi buat ulangan sejarah besok
""",
)
