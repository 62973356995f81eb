"""A paid advertisement: headlines and descriptions, and the primary text where the network shows one."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form, subject_of
from bot.checks import Check, bounded, free_of
from bot.checks.limits import limits_of
from bot.checks.units import UNITS
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._labels import label
from bot.kinds._shared import bullets, paragraphs, slug_of


class Ad(BaseModel):
    """What a model writes."""

    primary_text: Annotated[str, Size(125, least=20, nouns=("primary text", "intro"))]
    headlines: Annotated[
        list[Annotated[str, Size(40, least=4, nouns=("headline", "title"))]],
        Count(1, 15, 5, ("headline", "title", "variation", "variant", "version")),
    ]
    descriptions: Annotated[
        list[Annotated[str, Size(90, least=8, nouns=("description",))]], Count(1, 4, 3, ("description",))
    ]


# Networks that show a text above the picture; a search ad has none.
_WITH_PRIMARY_TEXT = {"meta_ads", "linkedin_ads", "x_ads"}
# What people see of a part that has a name of its own.
_LABELS = {
    "title": "Title", "subtitle": "Subtitle", "short_description": "Short description",
    "promotional_text": "Promotional text", "keywords": "Keywords", "paths": "Display paths", "primary_text": "Primary text",
}  # fmt: skip
_NOT_IN_TITLES = re.compile(r"\b(?:best|top|free|new|sale|no\.? ?1)\b|#\s?1", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    [
        "about",
        "with",
        "from",
        "that",
        "this",
        "your",
        "their",
        "they",
        "have",
        "into",
        "over",
        "than",
        "then",
        "what",
        "when",
        "where",
        "which",
        "will",
        "more",
        "most",
        "people",
        "store",
        "play",
        "google",
        "apple",
        "need",
        "want",
        "help",
        "make",
        "give",
        "text",
        "title",
        "short",
        "headline",
        "headlines",
        "description",
        "descriptions",
    ]
)


def compose(output: Ad, assignment: Assignment) -> Content:
    """The ad with the parts its network has, and the link it leads to."""
    written = assignment.as_written
    headlines = [one if written else one.rstrip(".") for one in output.headlines]
    named = _named_parts(output, headlines, assignment)
    told = [f"**{label(_LABELS[name], assignment)}**\n{_shown(part)}" for name, part in named.items() if part]
    text = paragraphs(
        *([] if assignment.place == "google_ads" else told),
        f"**{label('Headlines', assignment)}**\n{bullets(headlines)}",
        f"**{label('Descriptions', assignment)}**\n{bullets(output.descriptions)}",
        *(told if assignment.place == "google_ads" else []),
        call_for(assignment, output.primary_text, *headlines, *output.descriptions),
    )
    parts = {"headlines": headlines, "descriptions": list(output.descriptions), **named}
    return Content(text, {**parts, "network": assignment.place, "link": assignment.profile.link})


def _named_parts(output: Ad, headlines: list[str], assignment: Assignment) -> dict[str, str | list[str]]:
    """The parts that only this network has."""
    place, name = assignment.place, assignment.profile.organisation
    if place in _WITH_PRIMARY_TEXT:
        return {"primary_text": output.primary_text}
    if place == "google_ads":
        return {"paths": _paths([output.primary_text, *headlines, *output.descriptions], assignment)}
    title = name if name and len(name) <= 30 else next(iter(headlines), "")
    if place == "google_play":
        return {
            "title": title if assignment.as_written else _plain_title(title),
            "short_description": next(iter(output.descriptions), ""),
        }
    if place != "app_store":
        return {}
    subtitle = next((line for line in headlines if line != title), "")
    keywords = _keywords(f"{title} {subtitle}", assignment)
    return {"title": title, "subtitle": subtitle, "promotional_text": output.primary_text, "keywords": keywords}


def _shown(part: str | list[str]) -> str:
    return "/".join(part) if isinstance(part, list) else part


def _plain_title(title: str) -> str:
    """A title as Google Play takes it: without claims and without words in capitals."""
    words = _NOT_IN_TITLES.sub("", title).split()
    return " ".join(word.capitalize() if len(word) > 3 and word.isupper() else word for word in words).strip(" -:,")


def _words(assignment: Assignment) -> list[str]:
    """The words that the ad is about, the likeliest first."""
    profile, wishes = assignment.profile, assignment.wishes
    told = " ".join([wishes.reading.keyword, *profile.prefer_terms, subject_of(wishes.reading.message)])
    return [word for word in dict.fromkeys(_WORD.findall(told.casefold())) if word not in _COMMON]


def _paths(lines: list[str], assignment: Assignment) -> list[str]:
    """Two ends of the address that the ad shows, of 15 characters at most.

    Which words of a brief only order the ad is known of English ones; of others those count that the ad says too.
    """
    words = _words(assignment)
    if assignment.as_written and assignment.language != "en":
        said = set(_WORD.findall("\n".join(lines).casefold()))
        words = [word for word in words if word in said]
    return [path for word in words if (path := slug_of(word, 15))][:2]


def _keywords(shown: str, assignment: Assignment) -> str:
    """Search words that title and subtitle do not hold, as many as 100 bytes take, without spaces."""
    kept: list[str] = []
    for word in _words(assignment):
        if word not in shown.casefold() and len(",".join([*kept, word]).encode()) <= 100:
            kept.append(word)
    return ",".join(kept)


def examine(_output: Ad, content: Content, assignment: Assignment) -> list[Check]:
    """Each part that only this network has fits it; a title keeps to the store's rules."""
    checks = []
    for limit in limits_of(assignment.place):
        part = content.parts.get(limit.field)
        if part is None or limit.field in ("headlines", "descriptions", "primary_text"):
            continue
        value = max((UNITS[limit.unit](one) for one in ([part] if isinstance(part, str) else part)), default=0)
        label = _LABELS.get(limit.field, limit.field).lower()
        checks.append(
            bounded(
                f"{label} length", value, high=limit.max, unit=limit.unit, sort="size", of=label, asked_by="place",
                place=assignment.place,
            )
        )  # fmt: skip
    if assignment.place == "google_play":
        claim = _NOT_IN_TITLES.search(str(content.parts["title"]))
        found = [claim[0]] if claim else []
        checks.append(free_of("title without claims", found, asked_by="place", place=assignment.place))
    return checks


KIND = Kind(
    name="ad",
    family="marketing",
    needs=("link",),
    title="Ad",
    description="Copy for Google search, Meta, LinkedIn and X ads, the App Store and Google Play.",
    output=Ad,
    prompt="Write a paid ad. Each headline is three to five words and says one thing. Each description is one short "
    "sentence. All different.",
    examples=(
        Example(
            "search ads for our bike repair shop, people with a flat tyre today",
            Ad(
                primary_text="Flat tyre on the way to work? Roll it in and ride on after lunch.",
                headlines=["Flat Tyre? Come In Now", "Bike Repair While You Wait", "Fixed Before Lunch"],
                descriptions=["Roll in with a flat, ride out with a smile.", "No booking needed. We see you at once."],
            ),
        ),
        Example(
            "google ad for a piano teacher, adults who start late",
            Ad(
                primary_text="You always wanted to play. One calm hour a week is all it takes to start.",
                headlines=["Piano Lessons for Adults", "Start Late, Play Well", "Your First Song in May"],
                descriptions=["Calm lessons for adults who never played.", "One hour a week, at your own pace."],
            ),
        ),
    ),
    craft="Write a paid ad. Each headline says one thing in a few words, each description is one short sentence, all of them "
    "different: any of them may stand beside any other.",
    compose=compose,
    examine=examine,
    places={
        "google_ads": ("google", "search ad", "search ads", "responsive", "rsa"),
        "meta_ads": ("facebook", "instagram", "meta", "tiktok"),
        "linkedin_ads": ("linkedin",),
        "x_ads": ("twitter", "x ad", "x ads", "promoted tweet", "on x", "for x"),
        "app_store": ("app store", "apple search", "ios"),
        "google_play": ("google play", "play store", "android"),
    },
    levelled=True,
    form=Form(
        "ad", ("ad", "post", "block"), shaped=True, called={"title": "headline", "heading": "headline"}, describing=True
    ),
    likeliest=("copy", "google_ads", "meta_ads", "csv"),
    utterances="""
google search ads for a locksmith, 5 headlines max 30 chars and 2 descriptions
what should it say above the link we pay google for
Facebook ad, primary text + headline, for our weekend pottery intensive, budget 200 euros
need 3 variations to a/b test in meta, same offer: first box free, vegan snacks
We're sponsoring a slot on LinkedIn aimed at HR managers; write the copy for our payroll software, 150 characters intro.
leaderboard banner text for a garden centre spring sale, 6 words tops
apple search ads custom page line, meditation app for shift workers
we're putting 50 bucks behind something for the burger place, target is students within 3km, give me words
tiktok spark ad script, 12 sec, hook in the first 2, reusable lunch bags
ad for our quiz app in the play store, short n playful
Responsive search ad set for an orthodontist in a mid-size town, no medical promises pls
boost copy for the open day, fb, 30€, parents of 5 yr olds
30-sec radio spot for a tyre shop before winter
retarget people who left boots in their cart, one line + button label
pls write a sponsored insta story for our climbing gym's day pass, 3 frames
Sell our lesson plan subscription to primary teachers on facebook, paid, cost per click is killing us so make it sharp
youtube pre-roll, must land before the skip button shows, budget hotel chain
headline/description pairs for performance max, handmade leather dog collars
got 90 chars in the paper's classifieds, looking to sell honey from our orchard
linkedin sponsored message to CTOs, cloud cost tool, one proof point: 31% saved
how would you get someone scrolling at 11pm to click on our mattress? it's a paid slot
Bing ads for emergency plumber, include phone ext + callout texts
reddit promoted post, must not smell like marketing, mechanical keyboard kits
copy for the side of the bus we rented, city zoo, penguins are back
text for display 300x250, charity, sponsor a guide dog puppy
5 diff angles for the same meal kit, price / time / taste / health / waste, for our paid campaign
Amazon sponsored brand headline, stainless straw set, 50 characters
spotify audio spot, 25 words, indie cinema late shows
we run a promo in the email newsletter of another company (they charge us), need the 40 word blurb for our budgeting course
meta lead form intro + headline, free roof check, homeowners 45+
snap ad for a thrift store, teens, 34 chars brand/headline limit
Advert for a part-time piano teacher service in the parish magazine, quarter page, dignified tone
our cpc is awful. new wording for 'online excel course', people search for 'excel for beginners'
the audience is dentists, product is quieter drills, we pay per impression, one killer sentence
app store screenshots captions + promo text to drive installs, bird ID app
Pinterest promoted pin wording for wedding stationery, elegant
quora ads text, answer-style, hosting for wordpress
cinema slide before the film, local optician, max 12 words, pun welcome
X promoted tweet for a fintech card, must carry 'capital at risk'
carousel ad, 4 cards, each one a bike model from our e-bike line, cta shop now
make ppl click: free trial of our invoice tool, 7 days no card, this goes in the fb campaign
local service ads bio for a pet groomer, 2 vans, open sundays
Paid partnership w/ a gaming newsletter: 60 words on our dice set, kickstarter ends in 9 days
sitelinks for our museum's search campaign, 4x 25 chars + two 35-char lines each
podcast host-read, 45 secs, for a magnesium-free sleep tea, conversational
recruitment campaign on meta, care home nurses, night shift bonus, short lines that fit mobile
something for the billboard at the motorway exit, farm shop w/ strawberries, drivers have 3 secs
black friday, all knives -20%, ggl shopping promo text plus 3 short headlines
twitch overlay banner, energy bar, 8 words
Compose ad copy to promote our explanation videos for chemistry students ahead of finals; TikTok, in-feed.
ppl see it on the lift screens in office buildings, 7 seconds, lunch delivery, we pay monthly
yelp ads snippet for an iranian restaurant, mention the courtyard
donation drive on google grants, refugee tutoring, three headlines and a description, no guilt-tripping
Conversion campaign for a B2B webinar on cold-chain logistics, sponsored content, two lengths
give me the 25-char headline, 27-char body thing for a nail salon, for that sponsored widget
waze ad for a petrol station with really good croissants
dating app for dog owners, ua campaign, 6 hooks for short video ads
ok so the rec centre has 80€ left for instagram this month, swim lessons age 4+, what goes in
native ad title for taboola style feeds, hearing aids, not clickbaity
playful line for the pizza box flap another brand pays us to print on: their streaming service
Write an English and a Spanish version of a Meta advert for our walk-in flu vaccinations
demand gen campaign, camper van rental, summer's sold out so push september
Anuncio para Google Ads de una academia de conducir, 4 títulos de 30 caracteres
necesito copy para facebook pagado, clases de cerámica para parejas, tono romántico pero no cursi
Pauta en TikTok para zapatillas hechas con redes de pesca, gancho de 2 segundos
vamos a meterle 40 € a instagram para la ruta de tapas, ¿qué texto ponemos?
cuña de radio de 20 segundos, óptica de barrio, gafas graduadas desde 59
dame tres variantes cortas para probar en meta, software de citas para veterinarios
Annonce Google Ads pour un serrurier à Lyon, titres de 30 caractères max, sans promesse de prix
on sponsorise sur facebook l'atelier de poterie, budget 50 €, il me faut l'accroche et le texte
bannière pub pour un site de graines bio, huit mots pas plus
pub tiktok de 15 s pour une appli de covoiturage étudiant, ton complice
texte sponsorisé linkedin, formation cybersécurité pour pme, sobre
qu'est-ce qu'on met sur le panneau 4x3 qu'on loue à l'entrée de la ville ? c'est pour la fromagerie
Google Anzeige für Fahrradwerkstatt, drei Titel je 30 Zeichen, zwei Beschreibungen
wir schalten auf insta für 60 euro, thema yogakurs für schwangere, was soll da drinstehen
Werbetext fürs Kinodia, örtliche Bäckerei, höchstens zehn Wörter, darf witzig sein
gesponserter beitrag linkedin, zielgruppe steuerberater, unser scan-tool spart zeit
brauche 4 varianten zum testen für die facebook kampagne, hundefutter abo, erste box gratis
Kleinanzeige im Gemeindeblatt: Nachhilfe Mathe und Physik, bezahlt pro Zeile also kurz
anúncio no meta pra clínica de pilates, primeira aula grátis, texto principal e título
preciso de 5 títulos pro google ads, encanador 24h em campinas, 30 caracteres
vou impulsionar no insta com 100 reais, brechó infantil, escreve o texto
Spot de 15 segundos para rádio local, padaria artesanal a celebrar 20 anos
criativo pra tiktok ads: app de controle de gastos, linguagem jovem, cta baixar agora
o que pôr no outdoor da marginal? escola de música, motorista lê em 3 segundos
गूगल ऐड चाहिए, कोचिंग सेंटर के लिए, 3 हेडलाइन 30 अक्षर तक
fb pe paise laga ke chalana hai, ghar ke achar ka business, 2 line ka text do
इंस्टाग्राम पर स्पॉन्सर्ड विज्ञापन, हैंडलूम साड़ी, त्योहार पर 15% छूट
app install campaign ke liye hooks do, kirana delivery app, hinglish me
अख़बार में छोटा विज्ञापन देना है, सिलाई मशीन मरम्मत, 20 शब्द
hoarding pe kya likhe? highway dhaba, truck wale 5 sec me padh le
إعلان ممول على انستقرام لمحل عطور، خصم 20% لنهاية الأسبوع، نص قصير
أحتاج عناوين لحملة جوجل، شركة نقل عفش في الرياض، كل عنوان 30 حرف
وش نكتب بالإعلان المدفوع في سناب حق مطعم برجر جديد؟ الميزانية ٣٠٠ ريال
نص إعلاني على لينكدإن لبرنامج محاسبة موجه لأصحاب الشركات الصغيرة
سبوت إذاعي ٢٠ ثانية لمركز صيانة سيارات قبل الصيف
ثلاث صيغ مختلفة نجربها في حملة فيسبوك، دورة خياطة للمبتدئات
Google広告の見出し15文字×5本、地域の歯医者さん
インスタ広告の文、予算5000円、手作り石けんのお試しセット
リスティング用の説明文2つ、引っ越し業者、最安とは言わない
電車の中吊りに載せるコピー、温泉旅館、10文字くらいで
TikTok広告の15秒台本、語学アプリ、最初の2秒でつかむ
課金してる枠の文言変えたい、会計ソフト、クリックが全然来ない
iklan meta buat laundry kiloan, headline sama teks utama, promo cuci 5 gratis 1
Buatkan teks Google Ads jasa sedot WC, 4 judul maks 30 karakter
mau boost di ig 50rb, kelas melukis anak, kata-katanya apa ya
skrip iklan tiktok 15 detik, sambal rumahan, pembukaannya harus nendang
spanduk digital berbayar untuk toko sepeda, 7 kata aja
tiga versi copy buat dites di fb ads, aplikasi kasir UMKM, gratis 30 hari
we've bought the back cover of the theatre programme for the whole season and the shop sells hearing-friendly headphones, so the wording must be short, classy and make older visitors come by
sold-out risk angle, paid, lido season passes
those little lines under the blue search result that cost us 1.20 a click, redo them for a bike insurance, new from scratch, three sets
People who watched half our trailer get shown a second thing on youtube; please write that follow-up, 15 seconds, for a narrative puzzle game about lighthouses.
the media agency wants assets by noon: long headline 90, short headline 30, description 90, product is a foldable kayak
our newsletter needs more readers so we're sponsoring a slot on facebook, what should folks see there, topic is urban beekeeping
tenemos contratada la pantalla del metro durante dos semanas y solo salen ocho palabras cada vez, somos una escuela de idiomas y queremos que se apunten ya
on paie pour apparaître au-dessus des autres quand les gens tapent « plombier urgent », il faut dire quoi ?
unser quiz zur altersvorsorge soll über bezahlte instagram stories laufen, drei bilder, je ein satz, dann hochwischen
a gente paga por clique e ninguém clica, me dá outra chamada pro curso de confeitaria, mais direta
hamari poster company ke liye linkedin sponsored chahiye, HR walo ko target karna hai, 150 akshar
kita udah bayar slot di podcast, 30 detik, produknya sepatu gunung buatan bandung, enaknya host ngomong apa
write a google ad for a plumber
google ads for our language school
search ad headlines for a hotel
a facebook ad for the spring sale
write a facebook ad for yoga classes
meta ads for our online shop
instagram ad for handmade candles
linkedin ad for an accounting tool
an ad for our bakery
ad copy for a running shoe
write ads for a vet clinic
responsive search ad for a florist
ad headlines and descriptions for a gym
paid ad for a podcast app
sponsored post text for a course
app store ad for a puzzle game
banner ad text, winter tyres
short ad for a moving company
advert for a garden centre
ad variations for a meal kit
anuncio de google para una clínica dental
un anuncio para facebook de nuestra academia
annonce google ads pour un serrurier
une pub facebook pour notre boutique
google-anzeige für einen dachdecker
werbeanzeige für unser café
anúncio no google para uma pizzaria
iklan facebook untuk toko sepatu
गूगल ऐड चाहिए हमारी कोचिंग के लिए
إعلان جوجل لعيادة أسنان
整体院のGoogle広告を作って
""",
)
