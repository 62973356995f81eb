"""A text message that fits into one SMS."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.units import sms_segments
from bot.content import Assignment, Content, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._shared import call_to_action

# Signs that would make a phone send the whole text in the wide alphabet, and what stands for them.
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "`": "'"}
)
_ONE = 160


class Sms(BaseModel):
    """What a model writes: the message. Sender and link are added by code."""

    text: Annotated[str, Size(300, least=10, nouns=("message", "sms", "text"))]


def compose(output: Sms, assignment: Assignment) -> Content:
    """The message, begun with who sends it and ended with the profile's link, where they fit."""
    if assignment.as_written:
        whole = " ".join(filter(None, (output.text, call_for(assignment, output.text))))
        plain = whole.translate(_PLAIN)
        # A curly quotation mark costs half of the room that there is.
        whole = plain if sms_segments(plain) < sms_segments(whole) else whole
        return Content(whole, {"messages": [whole]})
    profile = assignment.profile
    text = output.text.translate(_PLAIN).replace("\n", " ").strip()
    link = (
        call_to_action(profile) if not output.text or len(f"{text} {call_to_action(profile)}") <= _ONE else profile.link
    )
    whole = " ".join(filter(None, (text, link.translate(_PLAIN))))
    named = f"{profile.organisation}: {whole}" if profile.organisation and profile.organisation not in whole else whole
    if output.text and sms_segments(named) <= 1:
        whole = named
    return Content(whole, {"messages": [whole]})


KIND = Kind(
    name="sms",
    family="marketing",
    needs=("date", "phone"),
    title="Text message",
    description="An SMS that fits into one message, with the sender and a link.",
    output=Sms,
    prompt="Write one text message of one or two short sentences. Say the news first. No links, no quotation marks.",
    examples=(
        Example(
            "sms: your bike is ready, we close at six", Sms(text="Your bike is ready. Come by before we close at 6.")
        ),
        Example(
            "text pupils that the lesson moves to Friday", Sms(text="Your piano lesson moves to Friday, same time.")
        ),
    ),
    craft="Write one text message of one or two short sentences that fits into one SMS. Say the news first, and who sends it.",
    compose=compose,
    words=(14, 16, 20),
    places={"sms": (), "whatsapp": ("whatsapp", "whats app", "signal group", "telegram group")},
    exports=("txt",),
    form=Form("", ("post", "email", "message"), titles=("message", "reminder")),
    copied=("messages",),
    utterances="""
sms: your table is ready
text message to members, pool closed today
160 characters to remind patients of the appointment tomorrow
send-out by phone: the concert moves indoors
one sms, parcel at the shop, bring id
short text to all parents' phones, school closed because of snow
flash sale text for customers who gave us their number
whatsapp broadcast to the team, training starts at six instead of five
write a text that tells people their bike is repaired
sms reminder for the blood donation, polite, with opt-out
delivery update text, two hours late, sorry
single-segment message, clinic, results are in, call us
mobile message for loyalty club, free coffee this week
text alert: water is off until noon in elm street
what do i text the guests so they find the cabin
booking confirmation by sms, hairdresser, 3 pm friday
phone text to no-shows, kind, new date?
an sms with our link for the survey
bulk text to volunteers, meet at gate b
something that fits in one text, last day of the sale
push to phones, under 160 signs, museum night is on
text customers about the recall, serious
appointment moved, let mrs klein know by text
birthday sms with a small voucher
payment reminder over sms, second one, firm
lineup change, text all ticket holders, keep to one segment
garage texts: car passed inspection, pick up till 5
message for the phone chain, practice is cancelled
verification style text with code blank
sms to say thanks after the visit
gate change for the group trip, text now
reply text to someone who asks if we're open on sunday
sms para clientes: mañana cerramos
mensaje de texto corto, su pedido está listo
recordatorio por móvil de la cita del dentista
texto de whatsapp para los socios, partido aplazado
sms aux adhérents, cours annulé ce soir
texto pour rappeler le rendez-vous chez le véto
message court sur les portables, livraison retardée
un sms de 160 signes pour la vente privée
sms an alle eltern, schule fällt aus
kurznachricht aufs handy, paket liegt bereit
terminerinnerung per sms, physio
eine sms an die kunden, heute nur bis 14 uhr
sms para pacientes, consulta amanhã
torpedo curto avisando que o carro está pronto
mensagem de texto pros alunos, aula cancelada
zap curtinho pros clientes, promoção acaba hoje
ग्राहकों को एसएमएस, कल दुकान बंद
मरीज को अपॉइंटमेंट याद दिलाने का मैसेज
sms likho, order ready hai
phone pe chhota message bhejna hai, class cancel
رسالة نصية قصيرة: طلبك جاهز
رسالة جوال للمرضى تذكير بالموعد
رسالة واتساب قصيرة للأعضاء، التمرين ملغى
お客様へのショートメール、修理完了
SMSで予約のリマインド、70字以内
保護者の携帯に送る短文、休校
sms pengingat janji dokter gigi
pesan singkat ke pelanggan, toko tutup besok
wa pendek buat anggota, latihan diundur
""",
)
