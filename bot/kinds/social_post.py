"""An organic post for a social network."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form, topic_of
from bot.checks import Check, bounded
from bot.checks.limits import limits_of
from bot.checks.units import HASHTAG
from bot.content import Assignment, Content, Count, Example, Kind, Piece, Size
from bot.kinds._additions import call_for, decorated, hashtags_for
from bot.kinds._shared import bounds, paragraphs


class SocialPost(BaseModel):
    """What a model writes: the running text. Link and hashtags are added by code."""

    text: Annotated[str, Size(700, least=20, nouns=("post", "caption", "tweet"))]


HASHTAGS = Count(0, 5, 0, ("hashtag", "tag"))
# The most that any network takes (Instagram, limits.toml).
_ASKED_TAGS = Count(0, 30, 0, ("hashtag",))
SERIES = Count(
    1,
    15,
    1,
    ("post", "tweet", "part", "toot", "skeet", "pin", "caption"),
    before=("thread of", "thread with", "thread in"),
)
# Networks where hashtags help people find a post; elsewhere they come only when asked for.
_TAGGED = {"instagram": (1, 5), "tiktok": (1, 5)}
# Networks where a post has a title, and the most that it takes.
_TITLED = {"pinterest", "youtube"}
_TITLE_MOST = min(limit.max for place in _TITLED for limit in limits_of(place) if limit.field == "title")
_SERIES = {"thread": "thread|tweetstorm"}
_USUAL_THREAD = 4
# What each post of several is to say, so that no two say the same; those between first and last in turn.
_FIRST, _LAST = "Begin with what is new or odd about it.", "End with what readers can do."
_BETWEEN = ("Say why it matters.", "Say how it works.", "Give an example.", "Say what surprises people.", "Give a tip.")


def is_thread(assignment: Assignment) -> bool:
    """Whether the posts belong together and are read one after another."""
    return bool(assignment.reading.chosen("series"))


def pieces(assignment: Assignment, _own: Content | None) -> list[Piece]:
    """The posts, where the brief wants several."""
    usual = _USUAL_THREAD if is_thread(assignment) else 1
    of = bounds(replace(SERIES, default=usual), assignment.wishes)[2]
    topic = topic_of(assignment.reading.message)
    said = [_FIRST, *(_BETWEEN[at % len(_BETWEEN)] for at in range(of - 2)), _LAST][:of] if of > 1 else [""]
    return [Piece(f"post {at}", "social_post", f"post about {topic}. {one}".strip()) for at, one in enumerate(said, 1)]


def compose(output: SocialPost, assignment: Assignment) -> Content:
    """The post with the profile's link and, where they help or are asked for, hashtags; in a thread with its number.

    What a thread says once stands in its last post.
    """
    series = assignment.series if is_thread(assignment) else None
    number = f"{series.number}/{series.of}" if series else ""
    if assignment.as_written and output.text.startswith(number):
        number = ""
    closing = assignment.ends or not series
    text = paragraphs(
        " ".join(filter(None, (number, decorated(output.text, assignment) if closing else output.text))),
        call_for(assignment, output.text) if closing else "",
        hashtags_for(assignment, output.text, _TAGGED.get(assignment.place, (0, 0))) if closing else "",
    )
    parts: dict[str, object] = {"posts": [text]}
    if assignment.place in _TITLED and output.text:
        parts |= {"title": _title(output.text), "text": text}  # The limits of the two are apart.
        text = f"**{parts['title']}**\n{text}"
    return Content(text, parts)


def _title(text: str) -> str:
    """The first sentence, or as many of its words as a title takes."""
    title = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0].rstrip(".")
    while len(title) > _TITLE_MOST:
        title = title.rpartition(" ")[0] or title[:_TITLE_MOST]
    return title.rstrip(" ,;:–-")


def examine(_output: SocialPost, content: Content, assignment: Assignment) -> list[Check]:
    """As many hashtags as the brief wants, where the post stands as it was written; else code has put them there."""
    if not assignment.as_written or "hashtag" not in assignment.wishes.counts or not assignment.ends:
        return []
    low, high = assignment.wishes.counts["hashtag"]
    count = len(HASHTAG.findall(content.text))
    return [bounded("hashtags", count, low, high, "hashtags", sort="number", path="text", asked_by="brief")]


def join(_own: Content | None, made: list[tuple[Piece, Content]], _assignment: Assignment) -> Content:
    """The posts with a line between them."""
    posts = [content.text for _, content in made]
    return Content("\n\n---\n\n".join(posts), {"posts": posts})


KIND = Kind(
    name="social_post",
    family="marketing",
    needs=("date", "place"),
    title="Social post",
    description="A post or a thread for X, Instagram, LinkedIn, Facebook, Threads, Bluesky, Mastodon and others.",
    output=SocialPost,
    prompt="Write one short social media post. Say the news first. No hashtags, no links, no quotation marks.",
    examples=(
        Example(
            "tweet: the bike repair café is back on Saturday, bring your squeaky brakes",
            SocialPost(
                text="The repair café is back on Saturday. Bring the squeaky brakes, the flat tyre and the lock that "
                "never opens. We bring tools, tea and people who like bolts."
            ),
        ),
        Example(
            "instagram caption for our new reading corner in the library",
            SocialPost(
                text="Two old armchairs, one tall lamp and a window with a view of the chestnut tree. The reading corner "
                "is ready. Come early, the left chair goes fast."
            ),
        ),
    ),
    craft="Write one social media post. Say the news first. Hashtags only where the brief wants them.",
    compose=compose,
    examine=examine,
    counted=(_ASKED_TAGS,),
    series=SERIES,
    pieces=pieces,
    join=join,
    words=(30, 45, 90),
    places={
        "x": ("tweet", "twitter", "x post", "post on x", "post for x", "on x", "for x"),
        "instagram": ("instagram", "insta", "ig", "reel"),
        "linkedin": ("linkedin",),
        "facebook": ("facebook", "fb"),
        "threads": ("threads",),
        "bluesky": ("bluesky", "bsky"),
        "mastodon": ("mastodon", "toot", "fediverse"),
        "tiktok": ("tiktok", "tik tok"),
        "pinterest": ("pinterest", "pin", "pinterest pin"),
        "youtube": ("youtube", "yt"),
        "discord": ("discord",),
    },
    anywhere=True,
    emoji=True,
    levelled=True,
    form=Form(
        "post", ("post", "ad", "image"), shaped=True, choices={"series": _SERIES}, titles=("message", "announcement")
    ),
    copied=("posts",),
    utterances="""
caption for the sourdough we just pulled out, something cosy, 2 hashtags max
Please draft a LinkedIn post announcing that our clinic now offers evening physiotherapy appointments.
turn my lesson notes into a post for our school page
need a thread abt why we rewrote our sync engine in rust, 6 tweets, not braggy
insta text for the reel where mateo the cat knocks over the mugs
we hit 500 members!! something for #announcements that thanks everyone and pings the mods nicely
bluesky post, under 300 chars: our seed library opens again on saturday
What would you put under a photo of our volunteers packing 1,200 food parcels? warm but not preachy
yt description for the video on rebuilding a 1974 moped carburetor, with chapters
facebook update: pool closed tmrw morning bc of a broken pump, sorry folks
3 options to go with the carousel on kintsugi mugs, casual, one w/ a question at the end
Mastodon toot about our new accessibility statement, add content-warning-free alt text
our robotics team got silver in the regional, parents will read it, so keep it proud and short
pinterest pin title + description, crochet octopus pattern for beginners
hey can u make smth for tiktok, us trying the spiciest ramen on the menu, gen z vibe
I wrote a long email to our donors about the well in Kisanda, make it into something for our insta followers
Threads: hot take from a bookshop owner on dog-eared pages
announce patch 0.9.2 in our game's discord. new: co-op fishing, fixed: save bug on steam deck
say something for world bee day from a honey farm w/ 40 hives
the quiz winners are in! tell our facebook group who won (team Lazy Llamas) and when the next round is
short n punchy for X: beta sign-ups close friday 6pm
Formal LinkedIn text, 150 words, on our foundation joining the coastal restoration alliance
something to go under this pic of the empty theatre the night before opening
tweet that our office dog has been promoted to head of morale
we're hiring a second barista, not a job board thing, just for our followers, friendly
holiday hours for the hardware shop, post it on fb, closed 24-26
can you do a five-part thread explaining how tide pools form, for the aquarium's account
hook + body + cta for a linkedin story about the day our biggest client left
i want folks on our page to tell us their fav grandma recipe. how do i word that
museum account, throwback thursday, a 1920s tram ticket, max 220 characters
Write an Instagram caption in British English for a knitwear label launching an undyed wool range.
new mural done on mill street, tag-worthy text pls, 🎨 ok
post for parents' page: year 4 made volcanoes today, lots of mess, lots of joy
game jam starts in 48h, hype up the server, mention the theme reveal at 20:00 utc
our ad campaign won a prize, how do we share that on linkedin without sounding smug
reminder for the running club group, sunday 7am, bring a headtorch, its gonna be dark
Community post on YouTube asking which vintage synth I should repair next, with four poll choices
text for the photo dump from the retreat, 10 pics, yoga + rain + soup
sth about our apple harvest numbers but fun, for the farm's feed
recap of last night's open mic that makes the ones who stayed home jealous
Lost our lead dev to a sabbatical (happy!). Goodbye words for the company page, with a bit of humour.
pinned message for the new book club channel: what we read, when we meet, how to join
vet clinic, fireworks night, tips for dog owners, 4 lines each w an emoji
a week's worth of captions, mon to fri, for a tiny plant shop, diff mood each day
we've just gone carbon neutral at the brewery. followers hate greenwashing so be honest abt offsets
tease the new menu without saying what's on it
tiktok caption + 5 tags: blacksmith forging a bottle opener in 30 secs
Could you phrase our statement about the cancelled open-air concert for Facebook? Storm warning, tickets stay valid.
scout group did 60kg of litter on the beach. brag a lil for us
nothing fancy, just tell people on our feed that the kiln is fixed and classes resume monday
story text for 3 slides: before, during, after the attic conversion
thank our moderators publicly, there's six of them, they deal w a lot of spam
linkedin: lessons i learned teaching excel to nurses, first person, no cringe one-line paragraphs
what do i write so people share our missing tortoise notice in the neighbourhood group
our planetarium has a new dome! 280 chars incl. the opening date 3 may and site dome.example
milestone: 10 yrs of the repair cafe, 4,312 toasters and lamps saved, want smth heartfelt
Discord announcement for the maths study server: exam-week quiet hours, voice rooms stay open
cheeky reply-bait for our taco truck, monday, everyone's grumpy
the poster is done, now i need the words that go with it when i put it on insta
share the article on soil microbes w/ our followers, one sentence why it matters + link soil.example
ice hockey u12 girls looking for new players, post in local fb groups, no experience needed
explain in a linkedin post why our app dropped passwords for passkeys, devs are the audience
snow day pics from the donkey sanctuary need a line or two
Un texto para Instagram de nuestra heladería, sabor nuevo de higo y queso, tono divertido
oye me armas un hilo de 5 tuits sobre cómo limpiamos el río el sábado?
¿Qué pongo debajo de la foto del equipo infantil con la copa? que se note el orgullo
publicación para facebook: la biblioteca abre también los domingos desde octubre
necesito contarle a la comunidad del server que se retrasa el torneo, sin drama
descripción de youtube para un tutorial de encuadernación japonesa, con hashtags
Une légende Insta pour nos nouvelles bougies à la figue, ton doux, pas plus de 30 mots
tu peux me faire un post linkedin sur notre premier recrutement en alternance ?
on a récolté 3 000 € pour le refuge, faut le dire à nos abonnés et remercier tt le monde
petit mot pour la page facebook de l'école : kermesse samedi, on cherche des gâteaux
Annonce pour le salon #infos : serveur en maintenance jeudi de 2h à 4h
le texte qui accompagne la vidéo du potier, tiktok, un peu mystérieux
Bitte einen Insta-Text zum Hoffest am Sonntag, locker, mit Traktor-Emoji
linkedin beitrag: unser azubi hat die prüfung mit 1,0 bestanden, stolz aber nicht peinlich
was schreib ich unter das bild vom neuen lastenrad der stadtbücherei?
mastodon, 400 zeichen, warum wir als verein auf open source umgestiegen sind
Für unsere Facebookseite: Das Freibad öffnet wegen Kälte erst am 20. Mai
unser podcast hat folge 100 erreicht, brauch was knackiges für x
Legenda pro insta: pão de queijo saindo do forno às 6h, bem descontraída
faz um post no linkedin contando que nossa startup de reciclagem virou empresa B
o que eu escrevo na foto do mutirão da horta? quero chamar mais gente pro próximo
aviso pra galera do discord: campeonato de xadrez começa sexta 19h, inscrições até quinta
post de facebook da escola sobre a feira de ciências, agradecendo as famílias
uma thread curtinha sobre o que aprendemos restaurando azulejos antigos
हमारी मिठाई की दुकान के लिए दिवाली वाला इंस्टा कैप्शन, थोड़ा मज़ेदार
insta caption chahiye, hamare yoga studio ki nayi subah wali batch k liye, short
linkedin पर डालना है कि हमारी संस्था ने 200 लड़कियों को साइकिल दी, सादा और सच्चा लगे
bhai discord server pe announce karna hai ki scrims saturday ko shift ho gaye, hype wala
गाँव के पुस्तकालय की फेसबुक पोस्ट: रविवार को कहानी सुनाने का कार्यक्रम
reel ke neeche kya likhu, dadi ne pehli baar pizza banaya 😂
اكتب لي كابشن انستقرام لمقهى افتتح فرع جديد بجدة، بسيط وعفوي
منشور لينكدإن عن حصول فريقنا على شهادة الجودة، رسمي ومختصر
ابي شي انزله مع صور تطوعنا في تنظيف الشاطئ
تغريدة عن انطلاق معرض الخط العربي يوم الخميس، أقل من 250 حرف
إعلان لأعضاء السيرفر: تم تغيير موعد بطولة البلوت إلى الأحد
وصف فيديو يوتيوب عن طريقة عمل المعمول في البيت مع فصول
インスタ用の一言、新作の抹茶マフィンの写真に合わせて、ゆるめで
Xに投稿する文、140字以内で陶芸教室の体験会のお知らせ
サーバーのお知らせチャンネルに流す文章お願い、来週メンテで3時間止まります
少年サッカーの優勝報告をFacebookに載せたい、保護者にも感謝を入れて
この猫の写真につける文、ちょっと笑えるやつ3案
YouTubeの概要欄、革財布の手縫い動画、チャプター付きで
bikinin caption ig dong buat kedai kopi, tema hujan sore, santai aja
Tolong buatkan unggahan LinkedIn tentang program magang kami yang baru selesai
utas 4 tweet soal kenapa kita nanam mangrove, bahasanya jangan kaku
mau ngumumin di grup fb warga, kerja bakti pindah ke minggu depan
foto anak-anak TK panen kangkung, enaknya ditulis apa ya buat ig sekolah
deskripsi video youtube: servis kipas angin sendiri di rumah, plus tagar
we filmed the whole barn roof being lifted in one go by forty neighbours, and i need words under that video that make people watch to the very end, max two sentences
bake sale made 412
the newsletter went out this morning but half our people only look at facebook, so give me the gist of it there: new hours, new chef, no more cash
Our choir director retires on Sunday after twenty-six years; the page followers should hear it from us first, with dignity and a small joke about her metronome.
from the quiz results (most ppl thought whales are fish) do me a funny threads thing for the nature centre
folks keep asking in #general when the wiki moves, so pin-worthy wording, date is 9 feb, old links redirect
llevamos tres meses con el local cerrado por la inundación y por fin abrimos el viernes, quiero que la gente del barrio lo vea en su muro y se emocione un poco
le plan de cours a cartonné auprès des collègues, j'aimerais le raconter sur linkedin en dix lignes sans me jeter des fleurs
wir haben im newsletter schon alles zum tag der offenen tür erklärt, jetzt nochmal knapp für unsere follower mit fragezeichen am schluss
terminamos o painel da quadra com 32 crianças e dois baldes de tinta, bota em palavras pra galera que segue a gente
poster ban gaya, ab uske saath daalne ke liye do line likh do, followers ko mela me bulana hai
ابغى كلام يطلع مع فيديو الجدة وهي تخبز، الناس اللي يتابعونا يحبون الحنين
tweet: we close on monday
tweet: new opening hours from june
write a tweet about our new menu
a tweet for the book launch please
tweet that the workshop is full
write an instagram caption for the new cakes
instagram post about our team
insta caption, photo of the garden
linkedin post about our first year
write a linkedin post on hiring two people
facebook post for the flea market
facebook update: parking closed on friday
social media post about the sale
write a social post for our open day
post for x: tickets are out
bluesky post about the new zine
a short post that says we are hiring
threads post, behind the scenes
mastodon toot about the bug fix
tiktok caption for the dough video
publicación para instagram sobre la feria
un tuit para anunciar el horario nuevo
post instagram pour la fête de la musique
un tweet pour dire qu'on ferme lundi
instagram-post zum sommerfest
ein tweet zur neuen speisekarte
post para o instagram sobre a promoção
post instagram untuk menu baru
इंस्टाग्राम पोस्ट बना दो नए केक के लिए
منشور انستغرام عن الافتتاح
新メニューのインスタ投稿を書いて
""",
)
