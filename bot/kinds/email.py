"""An email: subject, preview text and body."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form, Reading, topic_of
from bot.content import Assignment, Content, Count, Example, Kind, Piece, Size
from bot.kinds._additions import call_for, decorated, signature_for
from bot.kinds._labels import label
from bot.kinds._shared import bounds, paragraphs


class Email(BaseModel):
    """What a model writes; link and signature are added by code."""

    subject: Annotated[str, Size(60, least=8, nouns=("subject", "subject line"))]
    preheader: Annotated[str, Size(70, least=30, nouns=("preheader", "preview", "preview text"))]
    greeting: Annotated[str, Size(40, least=3)]
    body: Annotated[
        list[Annotated[str, Size(300, least=40)]],
        Count(1, 6, 2, ("paragraph",)),
        Size(180, unit="words", nouns=("body", "email", "mail")),
    ]


SERIES = Count(1, 10, 1, ("email", "e-mail", "mail", "message", "part"), before=("sequence of", "series of"))
_SEQUENCE = {"sequence": "sequence|series|drip|flow|nurtur*|follow ups"}
_USUAL_SEQUENCE = 3
# Days after the first mail on which those of a sequence go out when the brief says nothing, then one a week.
_DAYS = (0, 2, 5, 9, 14)
# What each mail of a sequence is for, so that no two say the same.
_FIRST, _LAST = "Say hello and what comes next.", "Remind readers and name one clear step."
_BETWEEN = (
    "how to get started",
    "answers to what people ask first",
    "a story of somebody like the reader",
    "a useful tip",
)


def pieces(assignment: Assignment, _own: Content | None) -> list[Piece]:
    """The mails, where the brief wants several."""
    usual = _USUAL_SEQUENCE if assignment.reading.chosen("series") else 1
    of = bounds(replace(SERIES, default=usual), assignment.wishes)[2]
    topic = topic_of(assignment.reading.message)
    said = [_FIRST, *(_BETWEEN[at % len(_BETWEEN)] for at in range(of - 2)), _LAST][:of] if of > 1 else [""]
    return [Piece(f"mail {at}", "email", f"email about {topic}. {one}".strip()) for at, one in enumerate(said, 1)]


def send_day(number: int, reading: Reading) -> int:
    """The day on which mail `number` of a sequence is sent: as the brief tells, else from the first on every so many, or as is usual."""
    if number <= len(reading.days):
        return reading.days[number - 1]
    if reading.every is not None:
        return (number - 1) * reading.every
    return _DAYS[number - 1] if number <= len(_DAYS) else _DAYS[-1] + 7 * (number - len(_DAYS))


def compose(output: Email, assignment: Assignment) -> Content:
    """The mail with the profile's one link and its sender; in a sequence with the day on which it is sent."""
    series = assignment.series
    written = [*output.body[:-1], decorated(output.body[-1], assignment)] if output.body else []
    body = paragraphs(
        output.greeting, *written, call_for(assignment, *output.body), signature_for(assignment, output.body)
    )
    mail: dict[str, object] = {"subject": output.subject, "preheader": output.preheader, "body": body}
    head = ""
    if series:
        mail["send_day"] = send_day(series.number, assignment.reading)
        email, of, day = (label(word, assignment) for word in ("Email", "of", "day"))
        head = f"**{email} {series.number} {of} {series.of}, {day} {mail['send_day']}**"
    lines = [head, f"**{label('Subject', assignment)}:** {output.subject}"]
    lines.append(f"**{label('Preview', assignment)}:** {output.preheader}")
    return Content(paragraphs("\n".join(filter(None, lines)), body), {"emails": [mail]})


def join(_own: Content | None, made: list[tuple[Piece, Content]], _assignment: Assignment) -> Content:
    """The mails with a line between them."""
    mails = [mail for _, content in made for mail in content.parts["emails"]]
    return Content("\n\n---\n\n".join(content.text for _, content in made), {"emails": mails})


KIND = Kind(
    name="email",
    family="marketing",
    needs=("date", "contact"),
    title="Email",
    description="A newsletter, announcement, welcome or sequence of mails, with subject and preview text.",
    output=Email,
    prompt="Write an email. The first sentence says why it comes. Short paragraphs. No links and no signature.",
    examples=(
        Example(
            "mail to members: the climbing hall closes for new holds from Monday to Wednesday",
            Email(
                subject="Closed Monday to Wednesday for new holds",
                preheader="On Thursday there are forty new routes to try.",
                greeting="Hello climbers,",
                body=[
                    "The hall is closed from Monday to Wednesday. We take down every hold, wash it and set new routes.",
                    "On Thursday we open at the usual time. Come and try the new wall first, it is the steep one.",
                ],
            ),
        ),
        Example(
            "welcome email for new members of our seed library",
            Email(
                subject="Welcome to the seed library",
                preheader="Your first three packets are waiting for you.",
                greeting="Hello and welcome,",
                body=[
                    "Thank you for joining us. You can take three packets of seeds today and three more each month.",
                    "Start with beans or sunflowers. They grow fast and forgive a lot. Tell us how they do in summer.",
                ],
            ),
        ),
    ),
    craft="Write an email. The first sentence says why it comes. Short paragraphs. The sender's name is added below it; a "
    "closing line only where the brief wants one of its own.",
    compose=compose,
    series=SERIES,
    pieces=pieces,
    join=join,
    words=(70, 110, 170),
    places={"email": ()},
    emoji=True,
    levelled=True,
    form=Form(
        "email",
        ("email", "post"),
        choices={"series": _SEQUENCE},
        titles=(
            "newsletter",
            "announcement",
            "invitation",
            "invite",
            "reply",
            "reminder",
            "letter",
            "note",
            "complaint",
        ),
    ),
    likeliest=("copy", "docx"),
    copied=("emails",),
    utterances="""
mail to parents: swimming is moved to thursday, towels + goggles, reply by monday
Dear team-style message to all staff about the new badge system, starts 1 June, formal please
auto reply while i'm off 3-14 aug, urgent stuff goes to the front desk
write the mail that asks them to take our quiz
3-part welcome sequence for new subscribers of a tea shop, day 0, 3, 7
how do i tell a supplier in writing we won't renew, politely, they've been nice for 8 yrs
Subject line and body for a donor thank-you after the winter shelter campaign
newsletter for april, bike co-op: new tools, volunteer night, lost glove section
need sth to send to the landlord, heating has been out since tuesday, firm not rude
follow-up after the job interview at a museum, 100 words
cold outreach to independent bookshops about stocking our card game, short, no hype
letter home about the nits in year 2, sent via the school mailing system, calm tone
reply to a customer whose mug arrived in pieces, offer refund or new one
Invite our alumni to the 50-year jubilee; it goes out by mail merge, so leave {first_name}.
explain to our users by mail why the price goes up in january, honest, give them a way out
ppl who signed up for the trial but never logged in. nudge them, 5 sentences
out-of-office, funny but ok for clients, christmas week
answer to a recruiter, not interested now but maybe next year
please draft a reminder for unpaid invoice #2231, second notice, 10 days overdue
mail the poster designer that we want the blue version and by friday
to: the whole choir. rehearsal room changed, church hall flooded
what can i write to the council about the broken crossing light outside our kindergarten
Announcement to beta testers incl. build link build.example, known issues and where to report
confirmation that gets sent once somebody books a pottery class, w/ address + what to wear
win-back for customers we haven't seen in 6 months, dog grooming salon
hi can u help me ask my professor for an extension, flu, 4 days, respectful
event reminder 24h before the webinar, link placeholder, one line on the speaker
Apology to subscribers who got the same message four times last night
fundraising appeal for the owl rescue centre, plain text, ends with p.s.
monthly round-up for a linux user group, dry humour ok
introduce me (new accountant) to the clients of the firm, inbox-friendly length
someone asked for a discount on 60 chairs. we can do 8% if they pay upfront. what do i send back
the parents of 9B need to know abt the phone rule from monday, keep it kind, it's going out through the office account
abandoned basket series, 2 messages, candle brand, gentle
Request for quotation to three printing companies for 5,000 folded maps
say no to a speaker who applied for our conference but leave the door open
press contact: pitch our tiny film festival to a local journalist, subject max 50 chars
tell the tenants the lift will be serviced on 4 & 5 march, both languages english/german
feedback request two weeks after purchase, hiking boots, one question only
onboarding drip for new volunteers, 4 of them, first is just hello and parking info
resignation mail to my boss, two weeks' notice, no drama, grateful
sending the lesson plan to a substitute teacher, need the covering note w/ the login and seating quirks
thx to the ad agency for the pitch but we go with someone else, nice n short
password reset text for our customer portal, plain and safe-sounding
Write to all exhibitors: set-up times, power sockets, the no-glitter rule.
school trip consent thing to go out to year 6 families, zoo, 14 june, £12, deadline may 30
ask an author if she'd read at our library for a small fee
heads up to customers: we migrate servers sunday night, 2h downtime, status page status.example
they never answered my first one. second try to the venue, still want 12 october, be breezy
subject lines only, 8 of them, for the spring seed catalogue mailing
reply-all fix: i sent the wrong spreadsheet to 40 people
formal complaint to an airline about a cello damaged in the hold
member renewal for the astronomy club, fee stays 30, mention the new telescope
happy birthday message w/ a 10% code, auto-sent, toy store
can you word sth for the inbox of our b2b clients on the new VAT rule and what they need to do
HR wants a note to all about flu jabs, voluntary, wed 10-12 in room 3
the club's members don't get why the kitchen closes earlier now. i'll send it to the list, so explain it well
Re: your question about allergens. i need a proper answer to a guest, we do handle sesame
thank my kid's coach at season end, lands in her inbox from all the mums and dads, sincere
newsletter intro para, 60 words, theme 'mud', allotment association
waiting list: tell 20 families there is no nursery place for september, with compassion
Shipping delay notice, two weeks, board game pledge backers, container stuck in port
correo a los padres: la excursión se pasa al viernes, traer almuerzo y gorra
Respuesta automática de vacaciones, del 5 al 20 de agosto, tono profesional
cómo le digo por escrito al proveedor que las cajas llegaron mojadas, que nos abone
boletín de mayo para la asociación de vecinos, huerto, ruidos y fiesta
secuencia de 3 mensajes para los que se apuntaron al curso de fotografía y no pagaron
escríbele a una clienta que su vestido ya está arreglado y puede pasar desde mañana
Mail aux parents de CM2 pour la classe verte, départ 7h30, affaires à prévoir
réponse d'absence du 1er au 15, urgent voir avec l'accueil
relance facture impayée, deuxième fois, poli mais ferme
la newsletter de juin de notre brasserie, trois rubriques, un brin d'humour
il faut prévenir les adhérents par courriel que le cours d'aquagym saute cette semaine
candidature spontanée dans une librairie, objet + corps, 120 mots
Elternbrief per Mail: Laternenumzug fällt wegen Sturm aus, neuer Termin 16.11.
abwesenheitsnotiz bis 9. september, vertretung macht das sekretariat
Angebot an einen Kunden schicken, 40 Tische, Lieferzeit sechs Wochen, höfliches Anschreiben
wie sag ich dem vermieter schriftlich dass die heizung schon wieder spinnt, geht an seine adresse bei der hausverwaltung
rundmail an alle helfer vom sommerfest, danke und fotos sind unter fotos.example
willkommensserie für neue newsletter abonnenten, 3 teile, kaffeerösterei
E-mail pros pais: reunião mudou pra quarta 19h, tragam o boletim
resposta automática de férias, volto dia 22, assunto urgente com a recepção
preciso cobrar um cliente atrasado há 15 dias sem perder a amizade, vai pela caixa de entrada dele
newsletter de setembro da ONG de tartarugas, com números e um agradecimento
sequência de boas-vindas pra quem baixou o e-book de finanças, 4 mensagens
Redija uma mensagem formal ao fornecedor pedindo a troca do lote com defeito, com assunto
स्कूल की ओर से अभिभावकों को मेल: शनिवार को पीटीएम, 9 से 12 बजे
boss ko mail likhna hai, kal se 3 din ki chutti chahiye, shaadi hai ghar me
ग्राहक को जवाब भेजना है, ऑर्डर देर से पहुँचा, माफ़ी और 10% कूपन
out of office laga do, 10 tarikh tak, diwali wala touch
हमारे एनजीओ का मासिक न्यूज़लेटर, वृक्षारोपण और नई कक्षाएँ, छोटा रखना
client ko yaad dilana hai ki payment pending hai, inbox me dusri baar bhej rahe, polite
رسالة بريد لأولياء الأمور عن تأجيل الرحلة إلى الأحد القادم
رد تلقائي خلال إجازة العيد، نرجع يوم ٨، للطوارئ كلموا الاستقبال
ابي ارد على عميل وصلته القطعة مكسورة، اعتذار واستبدال، ع الايميل
النشرة البريدية لشهر رمضان لجمعية خيرية، فقرتين ونداء للتبرع
إيميل متابعة بعد مقابلة عمل، شكر واهتمام، ٨٠ كلمة
خطاب رسمي بالبريد الإلكتروني للمورد نطلب فيه عرض سعر لخمسين مكتب
保護者あてのメール、遠足が雨で延期、お弁当は必要です
不在の自動返信、8月10日から16日まで、丁寧めで
取引先に納期遅れのお詫びを送りたい、件名も
メルマガ5月号、小さな花屋、母の日の話と営業時間
面接のお礼を今日中に送りたいんだけど文面作って、件名は短く
体験レッスンに来た人へ3通のステップメール、英会話教室
email ke wali murid, besok sekolah libur karena banjir, tugas tetap ada
balasan otomatis cuti 2 minggu, yang penting hubungi resepsionis
Surat elektronik resmi kepada dinas untuk izin peminjaman lapangan
gimana ya bilang ke klien lewat email kalo desainnya telat 3 hari, jangan sampe marah
buletin bulanan komunitas lari, rute baru, jadwal, ucapan selamat
rangkaian 3 surel buat yang daftar webinar tapi ga hadir
twelve families still owe the deposit for the ski week and i don't want to shame anyone, so write me one thing i can bcc to all of them with the bank date
inbox-ready: clinic moved, new door code
we posted about the recall on instagram, but buyers of the blue kettle deserve a personal message to the address they ordered with, so draft that, refund in 5 days
Kindly prepare a letter of invitation to the heads of the partner schools, to be dispatched electronically, regarding the joint science day on 21 October.
he asked 'why is your quote so much higher', need to hit reply with a reasoned answer, handmade oak, local labour
attach the poster and say pls print it A3 and hang it by the lifts, to the facilities guy, two lines + subject
llevan dos semanas sin contestarme sobre la reserva del salón y la boda es en junio, quiero insistir con educación, pon asunto y que quede breve
je dois répondre à un parent qui m'a écrit hier soir, fâché à cause de la note du quiz, rester calme et proposer un rendez-vous
die werbeagentur hat sich verrechnet, schreib denen dass wir die rechnung so nicht zahlen, mit betreff, sachlich
preciso explicar aos assinantes da revista, direto na caixa de entrada de cada um, por que a edição de maio atrasou
お客様から「届いた花瓶が割れていた」と連絡が来たので返信したい、交換で対応します
العملاء اللي اشتروا النسخة القديمة لازم يوصلهم على بريدهم شرح التحديث الجديد وخطواته
write an email to our customers about the move
welcome email for new members
email to parents about the school trip
newsletter for march
a newsletter about our new classes
write a mail to a supplier about late delivery
reminder email for the webinar
follow-up email after a demo
email announcing new prices
thank-you email to donors
apology email for the outage
an email inviting people to the opening
cold email to a local shop
email to the team about the new tool
reply to a customer who wants a refund
order confirmation email text
email sequence for new users
an email about our summer hours
draft an e-mail to the landlord
birthday email with a discount
correo de bienvenida para clientes nuevos
un correo a los padres sobre la excursión
email de relance pour un devis
un mail aux parents pour la sortie scolaire
e-mail an alle kunden wegen umzug
newsletter über unsere neuen kurse
e-mail para clientes sobre o novo horário
email ke pelanggan soal pengiriman telat
ग्राहकों को ईमेल लिखो नई कीमतों के बारे में
بريد إلكتروني للعملاء عن العرض
新規会員へのウェルカムメールを書いて
""",
)
