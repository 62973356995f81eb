"""A text that is there already, in another form or language."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, SizeBound, named, order_and_text
from bot.briefs.wording import MOST_READ
from bot.checks import Check, bounded, free_of, holding
from bot.checks.figures import names_said, numbers_said, says_figure
from bot.checks.given import loose_figures
from bot.checks.language import language
from bot.checks.readability import ease_for, hardness
from bot.checks.terms import contains
from bot.checks.units import UNITS, words
from bot.content import Assignment, Content, Example, Kind, Size
from bot.kinds._proofreading import changes, likeness, proofread


class Rewrite(BaseModel):
    """What a model writes."""

    text: Annotated[str, Size(3500, least=2, nouns=("text", "version"))]


# What is asked of the text, by what briefs say in the words before it; more than one may be.
_ASKED = {
    "shorten": "short*|cut|trim|tldr|tl;dr|condense|summar*|too long|kürz*|acort*|más cort*|court*|resum*|curto",
    "halve": "half (as long|the length|the size|the words)|halb so lang|auf die hälfte|a la mitad|la mitad de larg*|de moitié|moitié moins"
    "|pela metade|metade do tamanho",
    "lengthen": "longer|lengthen|expand|elaborate|more detail|flesh out|ausführlich*|alarg*|más larg*|développ*|rallong*",
    "proofread": "proofread|typo(s)|spelling|grammar|correct|fix (my|the|this)|korrigier*|rechtschreibung|corrige*|corrig*|ortograf*|fautes",
    "translate": "translat*|(in|into|to|auf|en|al|para o) (english|german|spanish|french|portuguese|italian|dutch|japanese|hindi|arabic"
    "|indonesian|deutsch|englisch|español|inglés|anglais|inglês)|traduc*|tradu*|übersetz*",
    "level": "simpl*|plain (english|language|words)|easier|for (kids|children)|year old(s)|a1|a2|b1|b2|c1|c2|grade (1|2|3|4|5|6|7|8|9|10|11|12)"
    "|einfacher|leichte sprache",
    "tone": "friendl*|formal*|casual|polite*|warm*|stiff|tone|nicer|confident|soften|professional|freundlich*|locker*|tono|ton",
}
# A text that is to be proofread stays this much the same, word by word.
_SAME = 0.5
_SHORTER, _LONGER = 0.6, 1.6
# "Half as long" is about so, up to this share of it.
_HALF = 0.6
# A text that readers of this US grade read is simple enough, whatever it was before.
_SIMPLE = 5
# A number, a time with the word that makes it one.


def parted(assignment: Assignment) -> tuple[str, str]:
    """(what is asked, the text that it is asked of)."""
    brief, given = assignment.request.brief.strip(), assignment.request.material or assignment.request.earlier
    return (assignment.brief, given.strip()) if given else order_and_text(brief)


def asked(assignment: Assignment) -> set[str]:
    """What is asked of the text: shorten, halve, lengthen, proofread, translate, level, tone."""
    order = " ".join([parted(assignment)[0], *assignment.request.notes, assignment.tone and "tone"])
    found = set(named(order[:MOST_READ], _ASKED))
    found |= {"shorten"} if "halve" in found else set()
    return found | {"shorten"} if any(_shortens(one, assignment) for one in assignment.reading.size) else found


def _shortens(size: SizeBound, assignment: Assignment) -> bool:
    """Whether a size leaves less than the text has: "up to 25 words" of one of 20 asks for none fewer."""
    if size.of != "all" or not size.high or size.low:
        return False
    measure = UNITS.get(size.unit)
    return measure is None or measure(parted(assignment)[1]) > size.high


def usual(assignment: Assignment) -> int:
    """As many words as the text has; fewer or more where that is asked."""
    count, wanted = words(parted(assignment)[1]), asked(assignment)
    if "halve" in wanted:
        return max(5, count // 2)
    factor = _SHORTER if "shorten" in wanted else _LONGER if "lengthen" in wanted else 1.1
    return max(5, round(count * factor))


def complete(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The draft; where a text was only to be proofread and came out as another one, the text itself, proofread by code."""
    source = parted(assignment)[1]
    if asked(assignment) == {"proofread"} and likeness(source, data["text"]) < _SAME:
        return data | {"text": proofread(source)}
    return data


def compose(output: Rewrite, assignment: Assignment) -> Content:
    """The text as it is; of a proofread one what changed too."""
    if "proofread" not in asked(assignment) or "translate" in asked(assignment) or not output.text:
        return Content(output.text, {"text": output.text})
    shown, count = changes(parted(assignment)[1], output.text)
    text = f"{shown.strip()}\n\n{output.text}" if count else output.text
    return Content(text, {"text": output.text, "changes": count})


def examine(output: Rewrite, _content: Content, assignment: Assignment) -> list[Check]:
    """It is shorter, longer, simpler or in other words where that was asked, and keeps the text's figures and names."""
    source, wanted, text = parted(assignment)[1], asked(assignment), output.text
    before, after = words(source), words(text)
    spoken = language(source) or assignment.language
    checks = []
    if "shorten" in wanted:
        most = round(_HALF * before) if "halve" in wanted else before - 1
        checks.append(bounded("shorter", after, high=most, unit="words", path="text", asked_by="brief"))
    if "lengthen" in wanted:
        checks.append(bounded("longer", after, before + 1, unit="words", path="text", asked_by="brief"))
    if "level" in wanted and "translate" not in wanted:
        checks += _simpler(source, text, spoken)
    if "tone" in wanted:
        changed = ceil(100 * (1 - likeness(source, text)))
        checks.append(bounded("in other words", changed, 1, unit="%", path="text", asked_by="brief"))
    if wanted == {"proofread"}:
        same = likeness(source, text)
        checks.append(
            Check(
                id="your words", passed=same >= _SAME, value=round(100 * same), low=round(100 * _SAME), unit="%", path="text",
                asked_by="brief",
            )
        )  # fmt: skip
    # German writes every noun as if it were a name.
    has_names = spoken != "de" and "translate" not in wanted
    kept = [*numbers_said(source), *(names_said(source) if has_names else [])]
    if kept and source != assignment.request.brief:
        kept_by = says_figure if assignment.as_written else contains
        gone = [one for one in dict.fromkeys(kept) if not kept_by(text, one)]
        hint = f"It must keep {', '.join(gone)}."
        total = len(dict.fromkeys(kept))
        checks.append(
            holding(
                "figures and names kept", gone, total, "figures and names", path="text", hint=hint, asked_by="brief"
            )
        )
    if assignment.as_written and (
        loose := loose_figures(text, assignment.sources, assignment.language, assignment.day)
    ):
        checks.append(free_of("figures from you", loose, wanted=("your text",), path="text", asked_by="house"))
    return checks


def _simpler(source: str, text: str, spoken: str) -> list[Check]:
    """That a text reads more easily than its source; nothing where one is too short to tell."""
    before, after = hardness(source, spoken, _SIMPLE), hardness(text, spoken, _SIMPLE)
    if before is None or after is None:
        return []
    passed = after < before or after <= 0
    made = partial(Check, id="simpler", passed=passed, path="text", asked_by="brief")
    if spoken == "en":
        return [made(value=round(after + _SIMPLE, 1), high=round(before + _SIMPLE, 1), unit="grade")]
    return [made(value=round(ease_for(_SIMPLE) - after), low=round(ease_for(_SIMPLE) - before), unit="ease")]


KIND = Kind(
    name="rewrite",
    family="text",
    title="Rewrite",
    description="Your text shorter, longer, friendlier, simpler, proofread or in another language.",
    output=Rewrite,
    prompt="Rewrite the text as asked. Keep its meaning, its names and its figures. Give only the new text.",
    examples=(
        Example(
            "make this friendlier: Payment is due. Failure to pay results in exclusion from the course.",
            Rewrite(text="Your payment is due. Please send it soon so that we can keep your place in the course."),
        ),
        Example(
            "shorter: We are writing to let you know that, due to the weather, the walk on Sunday will not take place.",
            Rewrite(text="Because of the weather there is no walk on Sunday."),
        ),
    ),
    compose=compose,
    complete=complete,
    examine=examine,
    usual=usual,
    words=(60, 90, 140),
    levelled=True,
    facts=False,
    needs_text=True,
    form=Form(whole=("variant",), own_text=True),
    likeliest=("copy", "docx"),
    utterances="""
make this sound less stiff: Dear Mrs Holm, we hereby acknowledge receipt of your enquiry of 3 May.
shorten to 20 words: Our shop will be closed next week because we are repainting the walls and replacing the old counter that has served us since 1998.
fix grammar: me and him was went to the shop for buying the new lamps yesterday
into german pls: The library opens at nine and closes at six, except on fridays.
"Buy now!!! Best shoes EVER!!! Don't miss out!!!" less shouty please
Translate to French, formal register: We regret that your application has not been successful on this occasion.
friendlier: You did not submit the form. Submit it by Friday.
same thing but for 8 year olds: Evaporation occurs when liquid water gains sufficient thermal energy to enter the gaseous phase.
tidy this up a bit. so basically the club well we meet tuesdays mostly and its like open for anyone really just come
can u cut the fluff: In today's fast-paced world, it is more important than ever to leverage synergies across our teams.
more formal: hey boss cant come in today, threw up all night, sry
proofread only, dont change my style — "Theres a new bakery in town, its crusts are to die for and there baguettes sell out by ten."
US to UK spelling: The color of the center panel was changed to gray to honor the theater's organizer.
Turn into bullet points: You'll need wool, two needles in size 5, a pair of scissors, and about three evenings of patience.
passive to active. The cake was eaten by the dog and the blame was taken by my brother.
this is our google ad, get it under 90 chars: Hand-forged kitchen knives made in our small village workshop by two sisters, delivered to your door within five days.
say it nicer -> we can't help you with that, ask someone else
Please render the following into plain English: The lessee shall indemnify the lessor against all claims arising howsoever from the use of the premises.
too long for X, trim to 100: We've spent three years restoring the old ferry by hand and this Saturday at noon she goes back in the water, so come and cheer.
my english bad, correct: I am interesting in the course of pottery what starts on october, is still place?
give me this with zero jargon: We offer an end-to-end SaaS solution to streamline your omnichannel customer journey.
spanish version for our menu: Slow-roasted pumpkin with brown butter and sage
punchier! "Our museum has a new exhibition about trains that visitors may find interesting."
swap the corporate tone for something human: Per my last email, kindly action the outstanding items at your earliest convenience.
he → they throughout: If a student loses his card he should tell his tutor and he will get a new one.
into past tense: She walks into the hall, sees the piano and starts to cry.
tl;dr this for me in one line: The committee met on Monday and after a long talk about costs, noise and parking agreed to move the market to the school yard from May.
Does this read ok? if not mend it: Looking forward to hear from you regarding the date of delivery of chairs.
rhyme it: Please wash your cup after use and do not leave it in the sink.
caption's too salesy, tone it down: 🔥 The candle that will CHANGE YOUR LIFE 🔥 only 12 left, RUN!
Simplify to B1: Notwithstanding the inclement weather, the procession proceeded undeterred through the thoroughfare.
from these quiz questions take out the double negatives: Which of these is not an animal that doesn't fly?
put in japanese, polite: Thank you for waiting, your table is ready.
expand a bit, 3 sentences: Kiln broken, classes off, back Monday.
i wrote this angry, cool it down for me: You people lost my parcel AGAIN and nobody even picks up the phone, pathetic.
reword so it doesn't say 'very' all the time: We are very happy, very proud and very tired after a very long festival.
gender neutral pls: Every chairman must bring his own laptop to the salesmen's meeting.
capitalise + punctuate: we met in paris on monday then took the train to lyon sadly it rained
Make the following sound like it comes from a pirate: The meeting room is booked until four o'clock.
could you smooth this out, it was machine translated: The our bread is made with the mother yeast and let rest for hours twenty-four.
same email, half the length, keep the date: Hello all, I hope you had a lovely weekend. I just wanted to let you know that the audit will be on 12 March.
arabic for the sign: Please take off your shoes before entering the prayer room.
i need it in second person: Visitors should store their bags in the lockers and keep the key with them.
less academic: This paper interrogates the liminal spatiality of post-industrial waterfronts.
sounds rude? soften. No dogs. No prams. No exceptions.
Convert to a numbered list of steps: First you soak the beans overnight, then rinse them, after that boil for an hour and only then add salt.
hindi me kar do: Registration closes on Sunday evening, bring one photo.
without the emojis and with full sentences: soup ready 🍲 come by 12-2 👍 cash only 💶
bring this down to grade 3 reading level: Amphibians undergo metamorphosis, a profound transformation of bodily structure.
typos?? "Recieve you're free conditonner when you by two shampoo's"
de-cringe my linkedin thing: I'm humbled and beyond blessed to announce that my journey of hustle has led me to Level 2 Excel.
keep meaning, lose the blame: You forgot to lock the shed so the mower got stolen.
one version for grandma, one for lawyers: The app stores your location only while it's open.
portuguese (brazil) please, casual - Hey folks, server's back up, sorry for the mess!
Merge into a single sentence: The farm is small. It has goats. The goats make noise. Visitors love them.
our poster line is clunky, better wording same idea: Come to the concert which is by our orchestra in the church at the evening.
indonesian, for the café door: Back in ten minutes, please wait or ring the bell
adjust to sentence case: HOW TO REPOT YOUR CACTUS WITHOUT CRYING
what's a cleaner way to put 'due to the fact that we are currently in the process of moving'
Swap every metaphor for plain facts: Our sales caught fire, the ship is steady and the sky's the limit.
from a lesson plan, make it parent-friendly: LO: SWBAT decode CVC words w/ 80% accuracy using graphemes taught.
here's my explanation, too dense, loosen it up: Interest accrues on principal plus previously accrued interest, hence growth is exponential.
acorta esto a una frase: Queríamos informarles de que, debido a las obras de la calle, la tienda abrirá un poco más tarde durante toda la semana.
pásalo a un tono más cercano: Estimados clientes, les comunicamos el cese temporal de la actividad.
corrige la ortografía: ola ke tal, emos cambiado el orario del taller, ahora enpieza a las seis
Traduce al inglés: El museo permanecerá cerrado los lunes salvo festivos.
esto suena muy a anuncio, hazlo más natural: ¡La mejor paella del universo, no te la puedes perder!
quítale lo de usted: Le rogamos que traiga su toalla y que llegue diez minutos antes.
reformule en plus court : Nous avons le plaisir de vous informer que notre établissement rouvrira ses portes à compter du lundi 4.
corrige les fautes stp : les élèves on finis leur exposé et il était très content
en anglais, ton pro : On vous rappelle que la livraison est prévue jeudi matin.
rends ça moins sec : Pas de remboursement. Lisez les conditions.
passe au tutoiement : Vous trouverez votre badge à l'accueil et vous pourrez vous servir un café.
version FALC de cette phrase : L'accès au dispositif est subordonné à la présentation d'un justificatif de domicile.
bitte kürzer: Aufgrund der derzeit anhaltenden Witterungsverhältnisse sehen wir uns leider gezwungen, das Fest zu verschieben.
auf englisch: Die Werkstatt ist vom 2. bis 5. Mai geschlossen, Notfälle bitte anrufen.
klingt zu steif, locker machen: Hiermit laden wir Sie zur ordentlichen Mitgliederversammlung ein.
rechtschreibung prüfen: das wetter ist schön, desswegen gehn wir morgen warscheinlich an see
In Leichte Sprache: Die Antragstellung erfolgt ausschließlich elektronisch über das Bürgerportal.
mach aus sie du: Bitte bringen Sie Ihre Sportschuhe mit und melden Sie sich am Eingang.
deixa mais curto: Informamos que, por motivos de força maior, a nossa feira de artesanato não será realizada neste domingo.
corrige aí: nós vai abrir a loja mais cedo amanha por causa que é véspera de feriado
passa pro inglês: O passeio sai da praça às oito, leve água e boné.
tá muito formal, deixa leve: Prezados, solicitamos a gentileza de efetuar o pagamento até sexta-feira.
Reescreva na voz ativa: O bolo foi feito pela turma do terceiro ano e foi vendido pelos pais.
simplifica pra criança: A erosão decorre da ação contínua da água sobre as rochas.
इसे छोटा करो: हमें यह बताते हुए अत्यंत हर्ष हो रहा है कि हमारी दुकान अगले सोमवार से नए पते पर खुलेगी।
english me translate kar do: कृपया जूते बाहर उतारें और शांति बनाए रखें।
thoda polite banao: paise abhi do warna order cancel
वर्तनी ठीक कर दो: विधालय मे कल छुटी रहेगि सभी बच्चे घर पर पढाई करे
simple hindi me likho ye: आवेदक को निर्धारित प्रपत्र में समस्त विवरण प्रविष्ट करना अनिवार्य है।
ye line jyada filmi lag rahi, normal karo: Aapki zindagi badal dega hamara naya sabun!
اختصر هذا: نود إعلامكم بأنه نظراً لأعمال الصيانة الجارية سيتم إغلاق المسبح لمدة أسبوع كامل
ترجم للإنجليزي: الرجاء عدم إطعام الحيوانات
صحح الأخطاء: ذهبو الطلاب الى المكتبه و قرأو قصتين
خله أخف وأقرب للناس: يتعين على السادة المراجعين الالتزام بأرقام الانتظار
حول هذا الكلام للفصحى: الشغل تأخر شوي ونعتذر منكم، بكرة ان شاء الله يخلص
بسّط العبارة لطفل: تتبخر المياه بفعل الحرارة ثم تتكاثف مكونة السحب
もっと短く:このたび弊店では、店内改装のため、来週いっぱいお休みを頂戴することとなりました。
敬語に直して:明日の会議、ちょっと遅れるわ、ごめん
英語にして→会場内での飲食はご遠慮ください
やわらかい言い方にして:返品はできません。
小学生でも読めるように:両生類は変態を経て成体となる。
誤字ないか見て直して「ご参加いただきましてありがとうこざいます、資料わ後ほど送ります」
bikin lebih singkat: Dengan ini kami sampaikan bahwa toko akan tutup sementara selama satu minggu dikarenakan renovasi.
terjemahin ke inggris: Mohon antre dan siapkan uang pas
kalimatnya kaku banget, dilemesin dong: Saudara diharapkan hadir tepat pada waktunya.
Perbaiki ejaannya: kami akan ada kan rapat di kantor besok jam 9, mohon hadir nya
ubah ke bahasa resmi: eh bro barangnya belom nyampe nih, gimana sih
sederhanakan untuk anak SD: Fotosintesis merupakan proses konversi energi cahaya menjadi energi kimia.
less robotic, same facts, max 25 words: The workshop is scheduled for Saturday. The workshop starts at ten. The workshop costs 15 euros. The workshop includes coffee.
'gonna be late soz' but for a client
my quiz question is confusing, phrase it clearer: Which one isn't the one that the frog doesn't turn into after the tadpole?
Kindly elevate the register of this sentence for a board report: We messed up the stock count and lost a bunch of chairs.
they said my post is boring: "Our library has new books. Come and see them. We are open every day." spice it, don't add facts
this prompt is a mess, straighten it: dog big, field, sun is low, make it like painting old, the dog is happy brown
no me convence cómo suena, dale una vuelta: Nuestro taller, que está en el centro, y que lleva abierto diez años, ofrece cursos, los cuales son para todos.
le texte de ma pub est trop long, 60 signes maxi : Nos savons fabriqués à la main en Bretagne respectent votre peau et la planète.
das ist für die oma, also bitte verständlich: Nach erfolgter Authentifizierung wird das Endgerät automatisch synchronisiert.
quero isso em francês, bem educado: O restaurante não aceita reservas para mais de dez pessoas.
يحتاج ترتيب: الدورة السبت وتبدأ ٤ وفيها شهادة والمكان القاعة ٢ وجيبوا دفتر
もう少し元気な感じで:当店は6月1日に開店します。ご来店をお待ちしています。
make this shorter: we are happy to announce that our shop will open on monday
rewrite this: the meeting was attended by many people
rewrite in a friendlier tone: send me the file today
make this friendlier: payment is due
shorten this text: our team has been working hard for many months
translate this into spanish: see you on friday
translate to german: the shop is closed today
fix the grammar: he go to school every days
proofread this: their going too the market
simplify this paragraph: the utilisation of resources
more formal please: hey, can't make it tmrw
less stiff: dear sir or madam, i am writing to
rephrase: we do not offer refunds
put this in plain language: the undersigned hereby agrees
correct my text: i has two cat
make it sound more confident: i think we could maybe try
turn this into bullet points: first we meet, then we eat
cut this to 50 words: our story began in a small kitchen
say this in simpler words: photosynthesis is a process by which
polish this sentence: our product is very good and very nice
traduce esto al inglés: nos vemos el lunes
acorta este texto: estamos muy contentos de anunciar
traduis en anglais: la boutique est fermée
corrige ce texte: je suis aller au marché
formuliere das freundlicher: zahlen sie sofort
kürze diesen text: wir freuen uns sehr
traduza para o inglês: a loja está fechada
terjemahkan ke inggris: toko tutup hari ini
इसे छोटा करो: हमें बताते हुए खुशी हो रही है
ترجم هذا إلى الإنجليزية: المحل مغلق اليوم
この文を丁寧にして: 明日来てください
""",
)
