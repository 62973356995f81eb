"""A lesson plan: objectives, materials, timed activities, assessment, differentiation."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import AskedBy, Check, bounded
from bot.content import MOST_MINUTES, Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import bullets, paragraphs

# What a lesson lasts when neither brief nor profile says it.
USUAL_MINUTES = 45
# A shorter duration in a brief is one of its parts ("start with a 3 minute warm-up").
SHORTEST_MINUTES = 10


# What learners do at each step of Bloom's revised taxonomy (Anderson, Krathwohl 2001), one can see whether they do it.
BLOOM = {
    "remember": ("Name", "List", "Recall", "Identify", "Label", "Define", "State", "Recognise", "Recognize", "Match"),
    "understand": (
        "Explain",
        "Describe",
        "Summarise",
        "Summarize",
        "Classify",
        "Retell",
        "Give",
        "Say",
        "Show",
        "Tell",
        "Discuss",
    ),
    "apply": (
        "Use",
        "Solve",
        "Apply",
        "Calculate",
        "Measure",
        "Carry",
        "Demonstrate",
        "Practise",
        "Practice",
        "Read",
        "Follow",
        "Draw",
    ),
    "analyse": ("Compare", "Sort", "Order", "Contrast", "Analyse", "Analyze", "Distinguish", "Test", "Find", "Group"),
    "evaluate": ("Judge", "Choose", "Check", "Defend", "Argue", "Rate", "Evaluate", "Assess", "Justify"),
    "create": ("Build", "Write", "Design", "Plan", "Make", "Invent", "Create", "Perform", "Compose", "Present"),
}
VERBS = tuple(verb for verbs in BLOOM.values() for verb in verbs)
# Those that a small model begins with: two of each step.
_STARTS = tuple(verb for verbs in BLOOM.values() for verb in verbs[:2])


class Activity(BaseModel):
    """One step of a lesson; its minutes are shared out by code so that they add up."""

    name: Annotated[str, Size(40, least=4)]
    description: Annotated[str, Size(180, least=20)]


class LessonPlan(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(70, least=6)]
    objectives: Annotated[
        list[Annotated[str, Size(110, least=12, form="phrase", starts=_STARTS)]], Count(2, 5, 3, ("objective", "goal"))
    ]
    materials: Annotated[list[Annotated[str, Size(50, least=3)]], Count(2, 8, 4, ("material",))]
    activities: Annotated[list[Activity], Count(3, 7, 4, ("activity", "activities", "step", "phase", "part"))]
    assessment: Annotated[str, Size(180, least=20)]
    support: Annotated[str, Size(160, least=20)]
    challenge: Annotated[str, Size(160, least=20)]


def lesson_minutes(assignment: Assignment) -> int:
    """The lesson's length in minutes, as the brief or the profile says it, else 45."""
    return max(SHORTEST_MINUTES, assignment.wishes.minutes or USUAL_MINUTES)


def shares(total: int, count: int) -> list[int]:
    """`total` minutes over `count` activities: short at both ends, in steps of five where that adds up, none below one."""
    if not count:
        return []
    total = max(total, count)
    weights = [1 if index in (0, count - 1) else 2 for index in range(count)]
    step = 5 if total >= 5 * count else 1
    minutes = [max(step, round(total * weight / sum(weights) / step) * step) for weight in weights]
    while sum(minutes) != total:
        longest = minutes.index(max(minutes))
        minutes[longest] += max(1 - minutes[longest], total - sum(minutes))
    return minutes


def compose(output: LessonPlan, assignment: Assignment) -> Content:
    """The plan with minutes that add up and the access needs that the profile names."""
    total = lesson_minutes(assignment)
    timed = list(zip(output.activities, shares(total, len(output.activities)), strict=True))
    steps = [f"{n}. **{one.name}** ({minutes} min): {one.description}" for n, (one, minutes) in enumerate(timed, 1)]
    differentiation = [
        f"{label('Support', assignment)}: {output.support}",
        f"{label('Challenge', assignment)}: {output.challenge}",
        # Who can write was told of them and has planned for them; as they stand they are a note to the teacher.
        *(f"Access: {need}" for need in assignment.profile.accessibility if not assignment.as_written),
    ]
    sections = {
        "objectives": bullets(output.objectives),
        "materials": bullets(output.materials),
        "activities": "\n".join(steps),
        "assessment": output.assessment,
        "differentiation": bullets(differentiation),
    }
    shown = [f"**{label(name.capitalize(), assignment)}**\n{text}" for name, text in sections.items()]
    activities = [{"name": one.name, "minutes": minutes} for one, minutes in timed]
    text = paragraphs(f"## {output.title}\n{total} {label('minutes', assignment)}", *shown)
    return Content(text, {"title": output.title, "sections": sections, "activities": activities})


# What no one can see learners do.
_UNSEEN = re.compile(
    r"(?:to |learners (?:will|can) |students (?:will|can) |pupils (?:will|can) |(?:be )?able to )*"
    r"(?:understand|know|learn|appreciate|grasp|become|be (?:aware|familiar)|get to know|realise|realize|familiari[sz]e)\b",
    re.IGNORECASE,
)


def unseen(objectives: list[str]) -> list[int]:
    """The objectives that begin with what nobody can see, such as "Understand that ..."."""
    return [n for n, one in enumerate(objectives) if _UNSEEN.match(one.strip())]


def vague(objectives: list[str]) -> list[int]:
    """The objectives that do not begin with a verb of Bloom's, such as "Understand that ..."."""
    words = (
        re.match(r"(?:to |learners (?:will|can) |(?:be )?able to )*([a-z]+)", one.strip(), re.IGNORECASE)
        for one in objectives
    )
    return [n for n, word in enumerate(words) if not word or word[1].capitalize() not in VERBS]


def examine(output: LessonPlan, content: Content, assignment: Assignment) -> list[Check]:
    """The minutes add up; each objective begins with what learners do, where that can be told."""
    total, wanted = sum(one["minutes"] for one in content.parts["activities"]), lesson_minutes(assignment)
    asked_by: AskedBy = "brief" if assignment.reading.lasting or assignment.reading.minutes else "kind"
    checks = [bounded("minutes", total, wanted, wanted, "minutes", asked_by=asked_by)]
    if assignment.language == "en":
        found = (unseen if assignment.as_written else vague)(output.objectives)
        where = f"objectives.{found[0]}" if found else ""
        hint = "It must begin with a verb that one can see, such as name, explain, use, compare, judge or build."
        checks.append(
            bounded("objectives' verbs", len(found), high=0, unit="objectives", path=where, hint=hint, asked_by="house")
        )
    return checks


KIND = Kind(
    name="lesson_plan",
    family="education",
    title="Lesson plan",
    description="Objectives, materials, timed activities, assessment and differentiation.",
    output=LessonPlan,
    prompt="Write a lesson plan. Objectives begin with a verb such as name, explain, compare or build. Materials are "
    "cheap things. Each activity says what learners do.",
    examples=(
        Example(
            "40 minute lesson on how plants drink, cheap materials",
            LessonPlan(
                title="How plants drink",
                objectives=["Explain how water moves up a stem", "Draw the path of water in a plant"],
                materials=["celery sticks", "food colouring", "cups of water"],
                activities=[
                    Activity(name="Guess first", description="Pairs say where they think the water in a vase goes."),
                    Activity(name="Colour the celery", description="Groups put celery in coloured water and watch it."),
                    Activity(name="Draw what happened", description="Everybody draws the stem and marks the colour."),
                ],
                assessment="Each learner explains the drawing to a partner in two sentences.",
                support="Give a drawing of the stem with the words root, stem and leaf to place.",
                challenge="Ask what would happen if the stem was cut in half lengthways.",
            ),
        ),
        Example(
            "one hour for adults who write their first job application, B1",
            LessonPlan(
                title="A letter that gets you invited",
                objectives=[
                    "Sort the parts of a letter",
                    "Write an opening of two sentences",
                    "Check a letter for mistakes",
                ],
                materials=["two sample letters", "a job advert for each pair", "paper and pens"],
                activities=[
                    Activity(
                        name="Two letters",
                        description="Pairs read both letters and say whom they would invite, and why.",
                    ),
                    Activity(
                        name="Cut and sort",
                        description="Groups put the cut-up parts of a letter into an order that works.",
                    ),
                    Activity(
                        name="My opening", description="Everybody writes two sentences for the advert they like best."
                    ),
                    Activity(
                        name="Swap and check",
                        description="Partners swap openings and mark one thing to keep and one to mend.",
                    ),
                ],
                assessment="Each learner hands in an opening that names the job and one thing they are good at.",
                support="Give sentence starters such as I saw your advert and I am good at.",
                challenge="Ask for a closing sentence that says when they could start.",
            ),
        ),
    ),
    craft="Write a lesson plan. Objectives begin with a verb for what one can see learners do. Activities say what learners do, "
    "step by step; their minutes are shared out by code and stand beside them. Support and challenge fit these learners.",
    compose=compose,
    minutes=(SHORTEST_MINUTES, MOST_MINUTES),
    examine=examine,
    facts=False,
    form=Form("activity", lasts=True, planned=True),
    likeliest=("docx", "pdf", "pptx"),
    utterances="""
45 min on fractions for 9 yr olds, pizza theme, group work pls
Lesson plan on photosynthesis for grade 7, with objectives, timings and a hands-on activity
i've got 20 five-year-olds tmrw and the topic is shadows, what do we do minute by minute
workshop outline, 2 hrs, teaching cafe staff latte art, max 6 ppl
unit on the water cycle, 4 sessions, year 4, ends with a poster the kids make
sub cover for period 3, french revolution, no tech in the room
ESL B1, present perfect vs past simple, 60 minutes, lots of speaking
Plan a half-day training for museum guides on handling difficult visitors.
how should i fill 90 mins with adults who've never touched a sewing machine
scratch club session 1, ages 8-10, make the cat dance, step by step for the teacher
need objectives, starter, main, plenary. topic: persuasive ads, year 8
kindergarten circle time about feelings, 25 mins, puppets available
a class where students design their own quiz on ancient egypt, 2 periods, with roles
PE, y6, intro to badminton, 14 rackets for 28 kids, one hall
first aid course for scout leaders, saturday 9-1, breaks included
we're teaching seniors at the library to spot phishing mails, one afternoon, structure it w/ exercises
Bloom's-aligned lesson for high school on supply & demand, include differentiation and assessment
Six-week unit for A-level biology on gene expression, weekly goals + practicals
so friday's double period: macbeth act 2, they're noisy, low reading level. ideas in order w/ timings
one-hour onboarding class for new nurses on our charting software
art, grade 3, paper weaving, materials list and timing
online lesson via zoom, 50 mins, teen beginners in german, ordering food
outdoor learning morning in the woods, reception class, sticks + mud, risk notes
teach my volunteers how to write good alt text, 40 min over lunch, want a run sheet with practice
a 5E plan for density, 8th grade, oil and water demo
Draft a scheme for an evening course in Italian cooking, eight evenings, 3 hrs each.
music, y5, body percussion, no instruments, 35 mins
i want them to leave the room able to write a decent email to a boss. business english, 75 min, A2
teacher pd day: 90 minutes on formative assessment, active not lecture
drama club warm-ups then a mini scene, 1hr, ages 12+, shy group
computing, binary numbers, unplugged activity, 11 y/o, bell rings after 40
lesson about explaining things clearly, speech class, 9th grade, pair work
beekeeping taster for families, sat 2h, split by age, what happens when
History double on the Silk Road, include source work, a map task and homework
montessori-ish morning, counting beads, 3-4 yrs, 3 stations
next week i teach tax basics to 17 y/os, 2x45, never done it before, help me organise it
geography fieldwork day at a river, year 9, kit, groups, schedule, safety
kids yoga class, animal poses, half hour, story thread running through
mini course on caption writing for small shops, two evenings, with homework
stop-motion workshop at the youth centre, 3 hours, ipads + clay, 12 participants
how to run a seminar on kant's categorical imperative w/ first-years who haven't read it, 90min
Remedial reading session, grade 2, short vowels, 20 minutes, multisensory
intro to soldering at our makerspace, one evening, ppl go home with a blinking badge
phonics week 3, s a t p i n, mon–fri 15 min a day, map it out
media literacy, 10th graders, spotting ai images, hook + task + debrief
chem practical on titration, 70 mins, technician list, common slip-ups to watch for
sunday school, ages 6-8, the good samaritan, craft + game + snack
plan for teaching a chess opening to club kids, 30 min talk, 30 play
Create a differentiated lesson on area and perimeter for a mixed-ability class, three tiers.
debate lesson: should zoos exist? 2 periods, prep sheet, roles, timing for speeches
spanish yr 7, family words, they've got 50 min and hate worksheets
farm visit follow up, back in the classroom, grade 1, an hour to use what they saw
our devs need to learn code review properly. 2h, hands on, i lead it. agenda w/ learning goals
pottery for blind participants, 2.5 hours, tactile cues, helper ratio
sex ed, age 11, mixed class, changes in puberty, sensitive, anonymous question box
stats for psychology undergrads, t-tests, lecture + lab, 2h total
a rainy-day version of the bug hunt for 7s, indoors, 45 minutes, what they do & what i say
swim instructors course day 2, lesson structure, lifeguard theory plus pool time
Personal finance bootcamp for apprentices: three mornings, outcomes per morning, one case study
debugging week for ap cs, every day diff bug type, warmup & exit task
class on fairy tales where grade 5 rewrites the ending, 80 mins, i have no projector
i have the slides already, just need how to spend the hour w/ 30 freshmen on citation rules, incl. activities
Clase de 50 minutos sobre ecosistemas para 4º de primaria, con objetivos y materiales
tengo que dar un taller de compostaje a vecinos, dos horas, cómo lo organizo?
unidad de 5 sesiones, romanticismo, bachillerato, con evaluación
mañana sustituyo en 2º de eso, toca porcentajes, dime qué hago en cada tramo de la hora
Planificación de una sesión de español A1, presentarse, 12 alumnos adultos
sesión de psicomotricidad con niños de 4 años, media hora, aros y música
Fiche de préparation : les fractions en CM1, 45 min, matériel et différenciation
j'ai deux heures avec des retraités pour leur apprendre le smartphone, comment je découpe ?
séquence de 4 séances sur la poésie, 6e, avec production finale
atelier cirque, 8-10 ans, une matinée, échauffement compris
cours FLE B2, débat sur le télétravail, 90 minutes, objectifs langagiers
lundi c'est moi qui prends les apprentis, sécurité sur échelle, une heure, déroulé avec mises en pratique
Unterrichtsentwurf Klasse 5, Wasserkreislauf, 45 Minuten, mit Lernzielen
morgen vertretung in der 8b, bio, thema herz, was mach ich mit denen die 90 minuten?
Workshop Nähen für Anfänger, Samstag 10 bis 14 Uhr, Ablauf mit Pausen
daf kurs a2, dativ, doppelstunde, viel bewegung, wenig blätter
unterrichtsreihe 6 stunden balladen klasse 7, am ende vortrag
kita projektwoche zum thema regenwurm, was machen wir an welchem tag
Plano de aula de 50 min, sistema solar, 5º ano, com atividade prática
oficina de horta pra crianças de 6 anos, uma manhã, como divido o tempo?
sequência didática de 4 aulas sobre crônica, 9º ano, com avaliação
vou dar um treino de atendimento pra equipe da loja, 2h, monta o passo a passo com dinâmicas
aula de inglês A1, rotina diária, turma de adultos cansados depois do trabalho, 60 min
Planificação de uma sessão de educação física, 7.º ano, iniciação ao andebol
कक्षा 6 के लिए प्रकाश पर 40 मिनट की पाठ योजना, प्रयोग के साथ
kal 3rd class ko jod ghatav padhana hai, 35 min, kya kya karau, khel bhi ho
महिला समूह के लिए बचत पर दो घंटे की कार्यशाला, चरण दर चरण
workshop plan karo, college students, resume writing, 90 mins, activities ke saath
हिंदी व्याकरण, संज्ञा, कक्षा 4, उद्देश्य और गतिविधियाँ समय सहित
yoga ki 45 minute ki class, bachche 7-9 saal, shuru se end tak ka schedule
خطة درس عن دورة الماء للصف الرابع، ٤٥ دقيقة، مع الأهداف والتقويم
عندي ورشة تصوير بالجوال للمبتدئين ساعتين، كيف أقسم الوقت والتمارين؟
وحدة من خمس حصص عن الكسور، صف خامس، نشاط لكل حصة
بكرة حصة احتياط أول متوسط، علوم، وش أسوي معهم ٤٠ دقيقة بدون جهاز عرض
درس عربي للناطقين بغيرها مستوى مبتدئ، التحية والتعارف، ٦٠ دقيقة
تحضير حصة تربية فنية، طباعة بأوراق الشجر، ثالث ابتدائي
小4理科、水のすがた、45分の指導案、ねらいと評価も
明日の2時間目、算数の分数、流れを考えてほしい、おはじきあります
大人向け書道体験90分、初心者8人、進行表つくって
単元計画、中2英語、比較級、全6時間
老人会でスマホ教室やるんだけど、2時間どう進めたらいい?実習多め
保育園の5歳児、色水あそびの活動案、30分くらい
RPP kelas 5, siklus air, 2x35 menit, ada percobaan sederhana
besok ngajar paud tema warna, 30 menit, enaknya ngapain aja urut dari awal
modul ajar bahasa Inggris SMP, descriptive text, 3 pertemuan
pelatihan ibu-ibu PKK bikin ecoprint, setengah hari, susun acaranya plus alat
Rencana sesi pelatihan keselamatan kerja untuk operator baru, 3 jam dengan simulasi
kelas memasak anak 8-12 th, 90 menit, bikin onigiri, pembagian waktunya gimana
got thirty teenagers, one kitchen, two teachers and exactly three hours to get from raw pumpkins to soup plus a talk on seasonal food, who does what when, and what should they have learnt
tuesday, hour 4, volcanoes, grade 5
write me what i should do with the reception kids from 9 to 9:40 if the aim is that everybody can name four shapes and nobody cries
A two-day facilitator guide is required for our NGO's training on water hygiene in rural schools, including learning outcomes, energisers and evaluation.
my quiz showed half the class can't do long division, so build me the next two periods to fix that
how would you spend the hour if they have to make a poster on recycling and also learn the word classes
me toca dar la última clase antes de navidad a un grupo de adultos que aprende español y quiero que hablen todo el rato, noventa minutos, sin fotocopias
il me reste deux séances avant le contrôle et ils n'ont rien compris aux volumes, qu'est-ce que je fais faire, dans quel ordre
die eltern kommen zum schnuppertag, 30 minuten chemie zum mitmachen, was passiert wann und was brauch ich
quero que no fim da manhã as crianças saibam diferenciar réptil de anfíbio, tenho lupa, massinha e um quintal
email likhna sikhana hai 9th class ko, do period, pehle kya karau phir kya, group kaam bhi
さんすうが苦手な子が多いクラスで、時計の読み方を1時間で。導入、活動、まとめの順に
plan a lesson on volcanoes
lesson plan on fractions for grade 4
lesson plan: the water cycle
45 minute lesson on magnets
a lesson plan about recycling
plan a class on persuasive writing
plan a workshop on podcasting
a 60 minute lesson about the romans
write a lesson plan for year 7 geography
lesson on healthy food for first graders
unit plan on poetry, two weeks
plan a pe lesson, ball games
lesson plan photosynthesis with activities
plan a training session on data protection
lesson with a warm-up on adjectives
music lesson plan on rhythm
art lesson for ten year olds, collage
lesson about shadows, cheap materials
plan my lesson on the solar system
a lesson on reading maps
plan de clase sobre los volcanes
una clase de 50 minutos sobre fracciones
plan de cours sur la révolution
une séance de 45 minutes sur les aimants
unterrichtsentwurf zum wasserkreislauf
stundenplanung bruchrechnen klasse 6
plano de aula sobre reciclagem
rpp tentang siklus air kelas 5
भिन्न पर 40 मिनट का लेसन प्लान
خطة درس عن البراكين
分数の授業案を作って
""",
)
