"""Postal addresses in a text: a street with its number, as five languages write it, and which of them no source gives. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import regex

from .terms import norm

# Characters of a text, and of each source, that are read.
MOST_READ = 16_000
_WORD = r"\p{Lu}[\p{L}'’-]{0,24}"
_SMALL = (
    r"(?:(?:de\ la|de\ los|de\ las|de\ l['’]|du|des|dos|das|del|de|da|do|d['’]|la|le|les|los|las|el|l['’])\ ?){0,2}"
)
# A number of a house that is no hour, sum, share, measure or day.
_NUMBER = (
    r"\d{1,5}\s?(?:[a-hA-H]\b)?(?![\d:%€£$]|[.,]\d|\s?(?:%|€|£|\$|Uhr|h\b|km|m\b|Meter|Min|min|Stund|Euro|euros?\b|horas?\b|Personen|personas?"
    r"|pessoas?|Plätze|de\ \p{Ll}|et\ \d|y\ \d|e\ \d|bis\ \d|[-–]\s?\d+\s?Uhr))"
)
_ENGLISH = (
    r"Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Close|Court|Terrace|Boulevard|Blvd|Crescent|Gardens|Row|Quay|Mews|Highway|Hwy|Parkway"
    r"|Square|Way|Place|Grove|Walk"
)
_GERMAN = r"straße|strasse|str\.|gasse|allee|chaussee|weg|platz|ring|damm|ufer|steig"
# Words that end like streets and are none.
_NO_STREET = (
    r"(?:Park|Sitz|Arbeits|Spiel|Stell|Steh|Zelt|Camping|Heim|Hin|Rück|Um|Aus|Lehr|Schul|Rad|Fuß|Wander|Abstell|Ausbildungs|Studien|Kita"
    r"|Sport|Schlaf|Liege|Fenster|Tisch|Stammt|Ehe|Boxen|Finger|Lade|Kurs|Rettungs|Lern|Bahn|Flug)"
)
_GERMAN_WORDS = (
    r"[Mm]arkt|[Aa]nger|[Bb]ahnhof|[Rr]athaus|[Hh]afen|[Dd]om|[Ww]all|[Gg]raben|[Bb]erg|[Mm]ühle|[Kk]irche|[Tt]or"
)
_IBERIAN = (
    r"calle|c/|avenida|avda\.?|av\.|plaza|paseo|ronda|camino|carretera|travesía|gran\ vía|rua|r\.|praça|travessa|largo|alameda|estrada"
    r"|rodovia"
)
_FRENCH = r"rue|avenue|av\.|boulevard|bd|place|quai|impasse|allée|chemin|passage|square|route|faubourg"
_STREETS = (
    rf"(?<![\d.,:/])\d{{1,5}}[a-hA-H]?,?\ (?:{_WORD}\ ){{1,3}}(?:{_ENGLISH})\b",
    rf"(?<!\p{{L}})(?!{_NO_STREET}(?:weg|platz|steig))\p{{Lu}}[\p{{L}}-]{{1,30}}(?:{_GERMAN})\s{_NUMBER}",
    rf"(?<!\p{{L}})\p{{Lu}}\p{{L}}{{2,24}}(?:er|e)\s(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Chaussee)\s{_NUMBER}",
    rf"(?<!\p{{L}})(?:Am|An\ der|An\ den|Im|Zum|Zur|Beim)\s(?:\p{{Lu}}\p{{L}}{{0,20}})?(?:{_GERMAN_WORDS})\s{_NUMBER}",
    rf"(?<!\p{{L}})(?i:{_IBERIAN})\ ?{_SMALL}(?:{_WORD}|\d{{1,2}}\ de\ {_WORD})(?:\ {_SMALL}{_WORD}){{0,4}}"
    rf"(?:,|,?\ n\.?[ºo°]|,?\ número)?\ {_NUMBER}",
    rf"(?<![\d.,:/])\d{{1,4}}(?:\ ?(?:bis|ter))?,?\ (?:{_FRENCH})\ {_SMALL}{_WORD}(?:\ {_SMALL}{_WORD}){{0,3}}",
    r"(?<![\w])(?:PO\ Box|P\.O\.\ Box|Postfach|Apartado)\ \d{1,6}\b",
    r"(?<![\w])[A-Z]{1,2}\d[A-Z\d]?\ \d[A-Z]{2}\b",
)
_STREET = tuple(regex.compile(one) for one in _STREETS)
# What streets are called in general, which tells none from another.
_TYPES = frozenset(
    {
        *(
            "street",
            "st",
            "road",
            "rd",
            "avenue",
            "ave",
            "lane",
            "ln",
            "drive",
            "close",
            "court",
            "terrace",
            "boulevard",
            "blvd",
        ),
        *(
            "crescent",
            "gardens",
            "row",
            "quay",
            "mews",
            "highway",
            "hwy",
            "parkway",
            "square",
            "way",
            "place",
            "grove",
            "walk",
        ),
        *(
            "strasse",
            "str",
            "weg",
            "platz",
            "allee",
            "gasse",
            "ring",
            "damm",
            "chaussee",
            "am",
            "an",
            "der",
            "den",
            "im",
            "zum",
        ),
        *(
            "zur",
            "beim",
            "calle",
            "c",
            "avenida",
            "avda",
            "av",
            "plaza",
            "paseo",
            "ronda",
            "camino",
            "carretera",
            "rua",
            "r",
        ),
        *(
            "praca",
            "travessa",
            "largo",
            "alameda",
            "estrada",
            "rue",
            "bd",
            "quai",
            "impasse",
            "chemin",
            "passage",
            "route",
        ),
        *(
            "faubourg",
            "bis",
            "ter",
            "de",
            "la",
            "los",
            "las",
            "le",
            "les",
            "du",
            "des",
            "dos",
            "das",
            "del",
            "da",
            "do",
            "d",
            "l",
        ),
        *("el", "n", "no", "o", "numero"),
    }
)
_PART = re.compile(r"[^\W_]+")
_GERMAN_END = re.compile(r"(?:strasse|str)$")


def streets(text: str) -> list[str]:
    """The postal addresses of a text as it writes them, each once."""
    found = [(one.start(), one.group().strip()) for pattern in _STREET for one in pattern.finditer(text[:MOST_READ])]
    return list(dict.fromkeys(said for _, said in sorted(found)))


def ungrounded_streets(text: str, sources: Iterable[str]) -> list[str]:
    """The postal addresses of a text whose name and number no source has."""
    found = streets(text)
    if not found:
        return []
    told = frozenset().union(*(_told(source[:MOST_READ]) for source in sources))
    return [one for one in found if not _parts(one) <= told]


@lru_cache(maxsize=64)
def _told(source: str) -> frozenset[str]:
    return _parts(source)


def _parts(text: str) -> frozenset[str]:
    """The words and numbers of a text without accents and without what streets are called in general."""
    plain = "".join(one for one in unicodedata.normalize("NFD", norm(text)) if not unicodedata.combining(one))
    return frozenset(_GERMAN_END.sub("", word) for word in _PART.findall(plain)) - _TYPES - {""}
