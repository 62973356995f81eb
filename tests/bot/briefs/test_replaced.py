"""Figures of a brief that another takes the place of: a text need not tell them, and need tell the other one."""

from __future__ import annotations

import pytest

from bot.briefs.patterns import read_by_patterns
from bot.kinds import kind_named


@pytest.mark.parametrize(("brief", "left", "wanted"), [
    ("text to choir, door code changed AGAIN was 4471 now 8205#, rehearsal at 7.15", {"4471"}, {"8205#"}),
    ("elternabend verschoben von di 10.11. auf do 12.11., 19 statt 19.30 uhr", {"10.11.", "19.30 uhr"}, {"12.11."}),
    ("insta padaria: a partir do dia 3 abrimos 6h em vez de 6h30", {"6h30"}, {"6h"}),
    ("mail alumnos: la clase pasa a 18:30 en vez de 19:15", {"19:15"}, {"18:30"}),
    ("email: the fee goes from £12 to £14 as of May", set(), {"£12", "£14"}),
    ("insta de la librería: la firma es a las 12h, con un descuento del 15% no perdón 5%", {"15%"}, {"5%"}),
    ("post médiathèque : boîte retour 24/24, ouvert 10h-17h", {"24/24"}, {"10h"}),
    ("dental practice email: bus 7 and 31 stop outside, not the 13", {"13"}, {"7", "31"}),
    ("mail an die eltern: das treffen ist in raum B104, pw plum-Tractor-88", set(), {"B104", "plum-Tractor-88"}),
    ("sms an frau brandl: termin di 1.12. um 14:15 fällt aus, angebot: do 3.12. 9:40", {"14:15"}, {"1.12.", "3.12.", "9:40"}),
    ("mail: choir at 7.30pm is off this week, the one on 9 may at 8pm is on", {"7.30pm"}, {"9 may", "8pm"}),
    ("mail to plot holders: it cost us 340 quid last year but dont mention the money. skip on 12 may", {"340 quid"}, {"12 may"}),
    ("un mail aux bénévoles : la mairie nous coupe 15% on n'en parle pas, concert le 4 mai à 18h", {"15%"}, {"4 mai"}),
    ("mail: jigsaw 16.95, friends 10% off = 15.25", {"10%"}, {"16.95", "15.25"}),
    ("correo a rubén: examen el jueves 17 dic 8.45, clase el miércoles 16 a las 7 de la tarde", {"16 a las 7"}, {"17 dic"}),
    ("email pras alunas: a partir de fev 2x por semana sai R$ 310", {"fev 2"}, {"R$ 310"}),
    ("bat box for the site: 33 cm high, 9.6kg.. hang on no thats the big one, this is 5.8kg", {"9.6kg"}, {"5.8kg"}),
    ("email to mrs adeyemi: her son's cello, the 3/4 one, is ready on 9/12", {"3/4"}, {"9/12"}),
    ("press release: a relay in june. 6 volunteers trained as pilots, dated 30 nov", {"june. 6"}, {"30 nov"}),
    ("fb post: tag der offenen tür 3. advent, am 13.12. ab 10 uhr", {"3"}, {"13.12.", "10 uhr"}),
    ("mail an alle: die premiere ist am sa 23.1. 19.30 im gemeindesaal", {"23.1. 19"}, {"23.1."}),
])  # fmt: skip
def test_what_was_before_need_not_be_told(brief: str, left: set[str], wanted: set[str]) -> None:
    kind = "product_description" if brief.startswith("bat box") else "email"
    read = set(read_by_patterns(brief, kind_named(kind).reader).exact)
    assert not left & read
    assert wanted <= read


def test_a_day_on_which_the_text_comes_out_is_none_of_it() -> None:
    read = read_by_patterns(
        "insta padaria: abrimos às 6h. 4 hashtags. quero postar até sábado", kind_named("email").reader
    )
    assert read.exact == ("6h",)


def test_what_looks_like_an_order_of_form_is_none() -> None:
    kind = kind_named("social_post").reader
    read = read_by_patterns(
        "tweet from the line 4 riders: line 4 skips Mill Rd, line 14 is normal. 3 hashtags, no #yum", kind
    )
    assert (read.size, read.include, read.avoid) == ((), (), ("#yum",))
    assert {"4", "14"} <= set(read.exact)
    read = read_by_patterns("linkedin : 3e boutique à nantes le 6 février. pas de chiffres de CA, pas d'emoji", kind)
    assert read.avoid == ("emoji",)
    read = read_by_patterns(
        "text for turkey customers: collect on 23 dec. bring order no. dont reply to this number", kind
    )
    assert read.avoid == ()
    read = read_by_patterns("post: it all goes on a car for the night nurses, none on running costs. no emoji", kind)
    assert read.avoid == ("emoji",)
    read = read_by_patterns("produkttext brotmesser, 79 euro. nix von 'messer fürs leben' oder so", kind)
    assert (read.include, read.avoid) == ((), ("messer fürs leben",))


def test_hours_without_a_unit_are_told() -> None:
    kind = kind_named("email").reader
    read = read_by_patterns("mail to tenants: lift inspection on Wednesday, 9 to 11, use the stairs", kind)
    assert read.exact == ("9 to 11", "Wednesday")
