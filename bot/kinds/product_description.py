"""A product description: a short introduction and what the product offers, point by point."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, free_of
from bot.checks.terms import contains
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._shared import bullets, facts_told, paragraphs

# Where a listing has a title of its own and links are not allowed.
_MARKETS = {"amazon", "etsy", "google_play", "app_store"}
_NOT_ON_AMAZON = re.compile(r"[!$?_{}^¬¦]")
_AMAZON = {"asked_by": "place", "place": "amazon"}


class ProductDescription(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4, nouns=("title", "product name"), form="phrase")]
    intro: Annotated[
        str,
        Size(260, least=50, nouns=("intro", "introduction", "paragraph"), form="sentences"),
        Size(45, unit="words", nouns=("intro", "introduction", "paragraph")),
    ]
    bullets: Annotated[
        list[
            Annotated[
                str,
                Size(90, least=12, nouns=("bullet",), form="phrase"),
                Size(15, unit="words", nouns=("bullet",)),
            ]
        ],
        Count(1, 10, 4, ("bullet", "bullet point", "point", "feature", "benefit", "highlight"), known=True),
    ]


def compose(output: ProductDescription, assignment: Assignment) -> Content:
    """The description; with a title where the shop has one, with the profile's link where the shop is one's own."""
    market = assignment.place in _MARKETS
    written = assignment.as_written
    points = [one if written else _point(one, assignment.place) for one in output.bullets]
    intro = output.intro if written else _with_liked_words(output.intro, points, assignment)
    parts: dict[str, object] = {"intro": intro, "bullets": points}
    title = output.title if written else output.title.rstrip(".")
    if assignment.place == "amazon" and not written:
        title = _NOT_ON_AMAZON.sub("", title).strip()
    if market or written:
        parts["title"] = title
    text = paragraphs(
        f"**{title}**" if "title" in parts and title else "",
        intro,
        bullets(points),
        "" if market else call_for(assignment, output.title, intro, *points),
    )
    return Content(text, parts)


def _point(point: str, place: str) -> str:
    point = point.strip().rstrip(".")
    return _NOT_ON_AMAZON.sub("", point).strip() if place == "amazon" else point


def _with_liked_words(intro: str, points: list[str], assignment: Assignment) -> str:
    """The introduction; when no word that the brand likes is said anywhere, with a fact that says one, where there is one."""
    liked = assignment.profile.prefer_terms
    told = " ".join([intro, *points])
    if not liked or any(contains(told, term) for term in liked):
        return intro
    fitting = (fact for fact in facts_told(assignment.profile) if any(contains(fact, term) for term in liked))
    return f"{next(fitting, '')} {intro}".strip()


def examine(_output: ProductDescription, content: Content, assignment: Assignment) -> list[Check]:
    """A word that the brand likes is there; a title keeps to the market's rules."""
    liked, checks = assignment.profile.prefer_terms, []
    if liked:
        held = [term for term in liked if contains(content.text, term)]
        checks.append(
            Check(
                id="words you like",
                passed=bool(held),
                value=tuple(held),
                low=1,
                wanted=tuple(liked),
                asked_by="profile",
            )
        )
    title = str(content.parts.get("title", ""))
    if title and assignment.place == "amazon":
        words = [word.casefold() for word in re.findall(r"\w{3,}", title)]
        often = sorted({word for word in words if words.count(word) > 2})
        if assignment.as_written:
            signs = sorted(set(_NOT_ON_AMAZON.findall(title)))
            checks.append(free_of("title signs", signs, path="title", **_AMAZON))
        checks.append(free_of("title words", often, path="title", **_AMAZON))
    return checks


KIND = Kind(
    name="product_description",
    family="marketing",
    needs=("price",),
    title="Product description",
    description="Text for a shop, menu or listing: a short introduction and bullet points.",
    output=ProductDescription,
    prompt="Write a product description. The introduction says what the thing is and how it feels to use it. Each bullet "
    "is four to ten words about one thing that a buyer gets. No claims that the facts do not give.",
    examples=(
        Example(
            "shop text for our wool blanket, 3 bullets",
            ProductDescription(
                title="Wool Blanket",
                intro="A heavy blanket for cold rooms and long films. It is woven on an old loom and gets softer with "
                "every winter.",
                bullets=[
                    "Warm wool that does not scratch",
                    "Big enough for two and a cat",
                    "Wash it cold, dry it flat",
                ],
            ),
        ),
        Example(
            "product page for a desk lamp made by a small workshop",
            ProductDescription(
                title="Brass Desk Lamp",
                intro="A small lamp for the last hour of work. Turn the brass knob and the light goes from bright to "
                "candle.",
                bullets=[
                    "Warm light that does not tire the eyes",
                    "Brass that gets darker with the years",
                    "Mended by us when it breaks",
                ],
            ),
        ),
    ),
    craft="Write a product description. The introduction says what the thing is and how it feels to use it. Each bullet is about "
    "one thing that a buyer gets. No claims that the facts do not give. Use one at least of the words they like.",
    compose=compose,
    examine=examine,
    words=(60, 90, 150),
    places={
        "shop": (),
        "amazon": ("amazon",),
        "etsy": ("etsy",),
        "google_play": ("google play", "play store", "android"),
        "app_store": ("app store", "ios"),
    },
    levelled=True,
    form=Form(
        "description", ("description", "tagline"), titles=("description", "listing"), describing=True, measured=True
    ),
    likeliest=("copy", "docx"),
    utterances="""
shop text for a linen apron, 80 words and four bullets
product page copy: ceramic pour-over dripper
amazon listing for a bamboo lunch box, title + 5 bullet points
etsy description for knitted frog mittens, cosy but not twee
what do i write under the price of our honey
menu blurb for the mushroom pie
google play store text for my metronome app, short and full
app store description, habit tracker without streaks
ebay: used cello, scratches on the back, honest
features and benefits of our standing desk as bullets w/ a short intro
describe this backpack for the webshop: 28 l, roll top, recycled sails
wine list entry, two lines a bottle, 6 bottles
text for the box of our card game
listing on airbnb for a tiny house by a lake
steam page "about this game", a farming sim at night
small text next to the sourdough in our online store
one paragraph + bullet list for refurbished laptops, no tech jargon
write copy for the soap's product card. ingredients: olive oil, laurel
our bestseller needs better wording on its page
catalogue entry for a children's bike helmet, 50 words
gift voucher description for a spa's shop
hardware store item: cordless drill set, who it's for, what's in the box
marketplace ad? no, the permanent item text. vintage radio, works
course description that sits beside the "enrol" button, watercolour basics
etsy shop, 3 candles, one text each, same structure
spec sheet into something a human wants to buy, espresso machine
label text on the back of the jam jar
tasting notes + brewing tips for a bag of ethiopian beans
we sell tents. the two-person one needs an intro and key points
the kit's contents and why parents love it, for the toy shop page
woocommerce short description and long description, dog lead
rental listing on our site: cargo trailer, per day
nice words for the dessert card, five desserts, allergens stay
describe the subscription box so that people see what's inside
supplement text w/out health claims, magnesium
product bullets max 18 words each, rain jacket
dish descriptions for a vegan tasting menu
descripción de producto para una mochila de lona, con viñetas
ficha de la tienda online: queso curado, 60 palabras
qué pongo debajo del precio de las velas
texto de amazon para una botella térmica, título y cinco puntos
carta del restaurante, descripción corta de cada postre
fiche produit pour une théière en fonte
texte sous le prix, savon au lait de chèvre
annonce etsy pour des boucles d'oreilles en bois, ton doux
description play store d'une appli de randonnée
la carte : deux lignes par plat, cinq plats
produktbeschreibung für einen wollpullover, mit stichpunkten
text für den onlineshop, handgemachte messer
amazon listing trinkflasche, titel und 5 bullets
was schreib ich zum honigglas im shop
speisekarte, kurze texte für drei suppen
descrição de produto para uma rede de dormir
texto da lojinha virtual, geleia de jabuticaba, curto
anúncio permanente do mercado livre, furadeira usada, ficha do item
cardápio: descreve os 4 hambúrgueres em uma linha
उत्पाद विवरण: हाथ से बनी मिट्टी की कुल्हड़
दुकान की वेबसाइट पर अचार के नीचे क्या लिखूँ
saree ka product description chahiye, 5 bullets ke saath
flipkart listing ke liye text, steel tiffin
وصف منتج لعطر رجالي مع نقاط
نص تحت السعر في المتجر لشمعة برائحة العود
وصف أطباق قائمة المطعم، سطر لكل طبق
商品説明文、手作りの革財布、箇条書きも
通販サイトに載せる文章、りんごジュース
メニューの料理説明、カレー三種
deskripsi produk tas rotan buat toko online
teks shopee untuk sambal botol, pakai poin
keterangan menu kopi susu, dua baris aja
""",
)
