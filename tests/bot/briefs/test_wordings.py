"""What a brief is about, how it is to be written and for whom, in five languages."""

from __future__ import annotations

from datetime import date

import pytest

from bot.briefs import (
    Form,
    brief_text,
    budget_of,
    cities_in,
    dates_in,
    days_of,
    embargo_in,
    first_monday_of,
    kept_out_of,
    lettering_in,
    message_of,
    name_in,
    read_by_patterns,
    seen_in,
)
from bot.kinds import kind_named

TODAY = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("brief", "matter"),
    [
        ("schreib einen Post über unseren Flohmarkt", "unser Flohmarkt"),
        ("Kannst du mir einen kurzen Text über Regenwürmer schreiben?", "Regenwürmer"),
        ("Mail an unsere Mitglieder: das Bad bleibt zu", "das Bad bleibt zu"),
        ("écris un post sur notre brocante", "notre brocante"),
        ("un mail aux parents : la sortie est reportée", "la sortie est reportée"),
        ("un article sur l'entretien des couteaux", "l'entretien des couteaux"),
        ("escribe un post sobre nuestro mercadillo", "nuestro mercadillo"),
        ("correo a los socios: la piscina cierra el lunes", "la piscina cierra el lunes"),
        ("hazme un anuncio sobre las clases de cerámica", "las clases de cerámica"),
        ("escreve um post sobre a nossa feira", "a nossa feira"),
        ("e-mail aos pais: a reunião mudou", "a reunião mudou"),
        ("preciso de um artigo sobre abelhas", "abelhas"),
        ("write a post about our flea market", "our flea market"),
    ],
)
def test_what_a_text_is_about_is_told_without_its_order(brief: str, matter: str) -> None:
    assert message_of(brief) == matter


@pytest.mark.parametrize(
    ("kind", "brief", "audience"),
    [
        ("email", "mail for parents of year 5 about the trip", "parents of year 5"),
        ("explanation", "the tides for beginners", "beginners"),
        ("ad", "an ad aimed at dog owners, 3 headlines", "dog owners"),
        ("explanation", "Ebbe und Flut für Anfänger", "Anfänger"),
        ("email", "Mail an alle Eltern: die Schule fällt aus", "alle Eltern"),
        ("article", "Artikel über Moore, Zielgruppe: Rentner", "Rentner"),
        ("explanation", "las mareas para principiantes", "principiantes"),
        ("email", "un correo a los padres sobre la excursión", "los padres"),
        ("social_post", "un post sobre el taller, para jóvenes", "jóvenes"),
        ("email", "un mail pour les bénévoles sur la fête", "les bénévoles"),
        ("explanation", "les marées pour débutants", "débutants"),
        ("article", "un article sur le sel, destiné aux retraités", "retraités"),
        ("explanation", "as marés para iniciantes", "iniciantes"),
        ("email", "e-mail para clientes sobre o novo horário", "clientes"),
        ("sms", "sms para pacientes, consulta amanhã", "pacientes"),
        ("social_post", "a post about our party for children", ""),
        ("social_post", "our newsletter for members is out", ""),
        ("explanation", "the tides for A2 readers", ""),
        ("campaign", "campaign to get teens to donate blood", ""),
    ],
)
def test_whom_a_text_is_for(kind: str, brief: str, audience: str) -> None:
    reading = read_by_patterns(brief, kind_named(kind).reader)
    assert reading.audience == audience
    if audience:
        start, end = reading.spans["audience"]
        assert brief[start:end] == audience


@pytest.mark.parametrize(
    ("kind", "brief", "tone"),
    [
        ("social_post", "a post on mugs, funny but not silly", "funny but not silly"),
        ("email", "mail about the leak in a warm tone", "warm"),
        ("landing_page", "page for our vet, friendly", "friendly"),
        ("email", "Mail zur Baustelle, bitte sachlich", "sachlich"),
        ("social_post", "ein Post zum Fest, herzlich und witzig", "herzlich und witzig"),
        ("email", "eine höfliche Mail zur Rechnung", "höfliche"),
        ("email", "relance de facture, poli mais ferme", "poli mais ferme"),
        ("social_post", "un post sur nos bougies, ton doux", "doux"),
        ("email", "un mail chaleureux sur la fête", "chaleureux"),
        ("ad", "clases de cerámica, tono romántico pero no cursi", "romántico pero no cursi"),
        ("email", "respuesta de vacaciones, en un tono profesional", "profesional"),
        ("social_post", "un post sobre el taller, cercano y divertido", "cercano y divertido"),
        ("social_post", "post sobre o pão, num tom caloroso", "caloroso"),
        ("email", "um e-mail sobre a mudança, sério mas simpático", "sério mas simpático"),
        ("social_post", "um post divertido sobre canecas", "divertido"),
        ("product_description", "linen shirt, warm, calm", ""),
        ("chat", "where do i change my tone settings", ""),
        ("social_post", "our friendly dentist has moved", ""),
    ],
)
def test_how_a_text_is_to_sound(kind: str, brief: str, tone: str) -> None:
    assert read_by_patterns(brief, kind_named(kind).reader).tone == tone


@pytest.mark.parametrize(
    ("brief", "field", "value"),
    [
        ("Mail zum Umzug, bitte förmlich", "formality", "formal"),
        ("un mail de relance, tutoiement", "formality", "casual"),
        ("un correo formal al proveedor", "formality", "formal"),
        ("uma mensagem formal ao fornecedor", "formality", "formal"),
        ("ein kurzer Text zum Fest", "length", "short"),
        ("necesito un texto corto sobre abejas", "length", "short"),
        ("Mail zum Umzug, ohne Anrede", "greeting", ""),
        ("un mail sur la fête, sans salutation", "greeting", ""),
        ("Text zum Umzug in der Ich-Form", "person", "I"),
        ("texto en primera persona del plural", "person", "we"),
        ("texto na primeira pessoa do singular", "person", "I"),
        ("texte à la première personne du pluriel", "person", "we"),
    ],
)
def test_how_a_text_is_to_be_written(brief: str, field: str, value: str) -> None:
    assert getattr(read_by_patterns(brief, kind_named("email").reader).manner, field) == value


@pytest.mark.parametrize(
    ("brief", "seen", "without", "words"),
    [
        ("ein Plakat für den Flohmarkt, kein Text", "den Flohmarkt", ("text",), ""),
        ("une image d'un renard dans la neige, sans texte", "renard dans la neige", ("texte",), ""),
        ("una ilustración de un faro, sin personas", "faro", ("personas",), ""),
        ("uma ilustração de um farol, sem texto", "farol", ("texto",), ""),
        ("Bild von einem Schild, Schriftzug „Offen“", "einem Schild", (), "Offen"),
        ("Bild für den Aushang: ein alter Ofen, Mehl", "ein alter Ofen, Mehl", (), ""),
        ("poster picture: stone oven, a cat", "stone oven, a cat", (), ""),
        ("cover for our cookbook: lemons, a blue jug", "lemons, a blue jug", (), ""),
        ("a poster of a fox: snow, night", "a fox, snow, night", (), ""),
    ],
)
def test_what_is_seen_in_a_picture(brief: str, seen: str, without: tuple[str, ...], words: str) -> None:
    assert (seen_in(brief, {}, ["flux"]), kept_out_of(brief), lettering_in(brief)) == (seen, without, words)


def test_budgets_days_and_places_of_other_languages() -> None:
    assert budget_of("Kampagne, 400 Euro zur Verfügung") == 400
    assert budget_of("campaign, no budget: get 60 people to come, tickets £5") == 0
    assert budget_of("Kampagne ohne Budget für 60 Leute") == 0
    assert budget_of("campaign, no budget over £500") == 500
    assert [day for day, _ in dates_in("das Freibad öffnet am 17. Mai", TODAY)] == [date(2027, 5, 17)]
    assert [day for day, _ in dates_in("la fête est le 1er août 2028", TODAY)] == [date(2028, 8, 1)]
    assert [day for day, _ in dates_in("cierra el 30 de enero de 2028", TODAY)] == [date(2028, 1, 30)]
    assert cities_in("slogans para uma garrafeira em Braga") == ["Braga"]
    assert cities_in("Text in Leichter Sprache über unser Fest") == []


@pytest.mark.parametrize(
    ("brief", "monday"),
    [
        ("need a plan for february and march, almost no money", date(2027, 2, 1)),
        ("campaign for may: we may open", date(2027, 5, 3)),
        ("Kampagne für die Bücherei im September", date(2027, 9, 6)),
        ("a campaign in 4 weeks", None),
        ("we may do it in November", None),
    ],
)
def test_the_month_that_a_campaign_is_for(brief: str, monday: date | None) -> None:
    assert first_monday_of(brief, date(2026, 11, 26)) == monday


def test_a_bound_that_no_sentence_has_is_the_wholes() -> None:
    (size,) = read_by_patterns("short sentences, 120 words max, one comparison", Form()).size
    assert (size.of, size.high) == ("all", 120)
    (size,) = read_by_patterns("sentences of 12 words max", Form()).size
    assert (size.of, size.high) == ("sentence", 12)


@pytest.mark.parametrize(
    "brief",
    [
        "we have new routes for everyone, end on a question", "wir haben neue Routen für alle, ende mit einer Frage",
        "nous avons de nouvelles voies pour tous, termine par une question",
        "tenemos vías nuevas para todos en la sala, termina con una pregunta",
        "temos vias novas para todos no salão, termina com uma pergunta",
    ],
)  # fmt: skip
def test_how_a_text_ends_is_no_news(brief: str) -> None:
    reading = read_by_patterns(brief, Form())
    assert reading.asides == (brief.partition(", ")[2],)
    assert reading.message == brief.partition(",")[0]


def test_a_campaign_begins_with_the_first_day_of_its_days() -> None:
    assert days_of("it runs 2 to 29 march 2027, goal A$18,000", TODAY) == (date(2027, 3, 2), date(2027, 3, 29))


@pytest.mark.parametrize(
    ("brief", "name"),
    [
        ("logo for a client, kayak rental called Loon Lake Paddles. loon head", "Loon Lake Paddles"),
        ("Logo für einen Verein namens Rad und Tat, grün, mit einer Speiche", "Rad und Tat"),
        ("um logo para a loja chamada Casa da Cortiça, verde e simples", "Casa da Cortiça"),
        ("logo with the name underneath", ""),
        ("logo for our kids club", ""),
    ],
)
def test_the_name_of_what_a_picture_is_for(brief: str, name: str) -> None:
    assert name_in(brief) == name


@pytest.mark.parametrize(
    "brief",
    [
        "linkedin post, opening line max 60 characters, the whole thing 90 to 140 words",
        "linkedin post, first line 60 characters or it gets folded, 90 to 140 words",
        "LinkedIn-Beitrag, erste Zeile höchstens 60 Zeichen, insgesamt 90 bis 140 Wörter",
        "post linkedin, première ligne 60 caractères max, entre 90 et 140 mots en tout",
        "post de linkedin, primera línea de 60 caracteres como máximo, entre 90 y 140 palabras",
        "post do linkedin, primeira linha com no máximo 60 caracteres, entre 90 e 140 palavras",
    ],
)
def test_the_opening_line_is_not_the_whole(brief: str) -> None:
    opening, whole = sorted(read_by_patterns(brief, kind_named("social_post").reader).size, key=lambda one: one.unit)
    assert (opening.of, opening.high) == ("opening", 60)
    assert (whole.of, whole.low, whole.high) == ("all", 90, 140)


@pytest.mark.parametrize(
    ("brief", "of", "high"),
    [
        ("press release, headline 70 characters max. one quote only", "headline", 70),
        ("mail, subject 40 characters or outlook eats it", "subject", 40),
        ("E-Mail, Betreff 40 Zeichen sonst schneidet outlook ab", "subject", 40),
        ("il reste 4 places pour le stage de juillet. 40 mots grand max", "all", 40),
    ],
)
def test_what_bounds_a_size(brief: str, of: str, high: int) -> None:
    assert [(one.of, one.high) for one in read_by_patterns(brief, kind_named("email").reader).size] == [(of, high)]


@pytest.mark.parametrize(
    ("brief", "avoid"),
    [
        ("listing for wool, not the words mystery or surprise", ("mystery", "surprise")),
        ("nobody is 'thrilled' or 'humbled' here ok", ("thrilled", "humbled")),
        ("Text zum Fest, nicht die Wörter gratis oder Highlight", ("gratis", "Highlight")),
    ],
)
def test_words_that_are_not_wanted(brief: str, avoid: tuple[str, ...]) -> None:
    assert read_by_patterns(brief, kind_named("social_post").reader).avoid == avoid


@pytest.mark.parametrize(
    ("brief", "seen"),
    [
        (
            "flux, art for a gig poster, a tram sunk in jelly, flat teal. 2 high 3 wide i.e. landscape 3:2, we print the name over it",
            "a tram sunk in jelly, flat teal",
        ),
        ("poster for the reading corner door. fox in an armchair", "fox in an armchair"),
        ("Illustration für ein Plakat, ein Fuchs im Schnee, wir drucken den Namen drüber", "ein Fuchs im Schnee"),
        ("visuel pour une affiche, un phare la nuit, on met le nom après", "un phare la nuit"),
        ("we see a fox in the snow", "we see a fox in the snow"),
        ("i want the van driving through a tunnel", "the van driving through a tunnel"),
        ("a poster for the jazz night", "the jazz night"),
        ("illustration for a poster", "a poster"),
    ],
)
def test_what_is_to_be_seen_without_what_it_is_for_and_what_becomes_of_it(brief: str, seen: str) -> None:
    assert seen_in(brief, {}, ["flux"]) == seen


@pytest.mark.parametrize(
    ("kind", "brief", "everywhere"),
    [
        ("slogan", "6 slogans with the word sea in each", ("sea",)),
        ("slogan", "huit pistes, 28 caractères, et chaque fois le mot mer dedans", ("mer",)),
        ("slogan", "6 eslóganes, la palabra mar en cada uno", ("mar",)),
        ("seo_meta", "two titles, one description, 'beer labels' in the lot", ("beer labels",)),
        ("seo_meta", "titel bis 55 zeichen, beschreibung bis 150, 'schulreise' in beiden", ("schulreise",)),
        ("slogan", "6 slogans, one of them with the word sea", ()),
        ("slogan", "6 slogans for them that say 'come in'", ()),
    ],
)
def test_words_that_are_wanted_in_each(kind: str, brief: str, everywhere: tuple[str, ...]) -> None:
    assert read_by_patterns(brief, kind_named(kind).reader).everywhere == everywhere


@pytest.mark.parametrize(
    ("brief", "avoid", "matter"),
    [
        ("text for the mending kit, and please not cute, not perfect", ("cute", "perfect"), "text for the mending kit"),
        ("Post zum Fest, nicht kitschig, nicht laut", ("kitschig", "laut"), "Post zum Fest"),
        ("the kit is small, not heavy", (), "the kit is small, not heavy"),
    ],
)
def test_what_a_text_is_not_to_be(brief: str, avoid: tuple[str, ...], matter: str) -> None:
    form = kind_named("product_description").reader
    assert read_by_patterns(brief, form).avoid == avoid
    assert brief_text(brief, form) == matter


@pytest.mark.parametrize(
    ("kind", "brief", "barred"),
    [
        ("product_description", "text for our cordial, title without the word ginger", (("title", "ginger"),)),
        ("email", "mail about the fair, no 'sale' in the subject line", (("subject", "sale"),)),
        ("email", "Mail an alle, im Betreff bitte nicht „dringend“", (("subject", "dringend"),)),
        ("email", "mail aux parents, pas de « urgent » dans l'objet", (("subject", "urgent"),)),
        ("press_release", "release on the well, headline must not contain 'first'", (("headline", "first"),)),
        ("ad", "3 headlines without 'cheap'", ()),
        ("social_post", "post without the word 'deal'", ()),
    ],
)
def test_words_that_are_kept_out_of_one_part(kind: str, brief: str, barred: tuple[tuple[str, str], ...]) -> None:
    reading = read_by_patterns(brief, kind_named(kind).reader)
    assert reading.barred == barred
    assert not {words for _, words in barred} & {*reading.avoid, *reading.include}


@pytest.mark.parametrize(
    ("kind", "brief"),
    [
        ("seo_meta", "title and description, how long it takes goes in the description, not in the title"),
        ("seo_meta", "the price goes in the description, not the title"),
        ("seo_meta", "Preis in die Beschreibung, nicht in den Titel"),
        ("social_post", "post about the three questions parents ask us most"),
        ("social_post", "Post über die drei Varianten unserer Marmelade"),
        ("social_post", "un post sur nos trois versions de la soupe"),
        ("quiz", "a quiz on bread, each comment says why, not just 'well done'"),
        ("quiz", "un qcm, chaque commentaire explique, pas juste « bravo »"),
        ("quiz", "ein Quiz, jeder Kommentar erklärt, nicht nur „super“"),
    ],
)
def test_what_is_only_spoken_of_is_neither_counted_nor_wanted_nor_ruled_out(kind: str, brief: str) -> None:
    reading = read_by_patterns(brief, kind_named(kind).reader)
    assert (reading.count, reading.include, reading.avoid) == ((), (), ())


@pytest.mark.parametrize(
    ("brief", "until"),
    [
        ("press release, embargoed until 6 May 00:01. Co-op bakery opens", "6 May 00:01"),
        ("Pressemitteilung, Sperrfrist: 6. Mai 10 Uhr, Bäckerei", "6. Mai 10 Uhr"),
        ("communiqué sous embargo jusqu'au 5 décembre 8h, théâtre", "5 décembre 8h"),
        ("nota de prensa, embargo hasta el 3 de mayo, panadería", "3 de mayo"),
        ("not for release before 3 June, please", "3 June"),
        ("release under embargo, we open a shop", ""),
        ("a post on the oil embargo and what it did to us", ""),
    ],
)
def test_until_when_a_text_is_kept_back(brief: str, until: str) -> None:
    assert embargo_in(brief) == until
