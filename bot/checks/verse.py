"""What lyrics sound like, as far as their spelling tells it: syllables of a line, and whether two lines can rhyme. Pure.

Spelling does not tell sounds for certain, least in English, so a vowel stands for all that it may sound like: two lines are said not to
rhyme only where no reading of them does.
"""

# ruff: noqa: E501 - tables that are easier to read in long lines
from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from .readability import syllables

if TYPE_CHECKING:
    from pyphen import Pyphen

# Lines may be a syllable longer or shorter, as they are sung.
SLACK = 1
# Signs of a line that are read, from an end of it: none that is sung has more.
MOST_OF_LINE = 1_000
# Letters of a scheme: as many as the alphabet has.
MOST_OF_SCHEME = 26
# Signs of a word that are looked at, from its end.
LONGEST_WORD = 40
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LETTERS = re.compile(r"(?<![\w-])[A-H](?:[- ]?[A-H]){1,7}(?![\w-])")
_CUE = re.compile(r"rhym|reim|rima|rime|scheme|schema|esquema|schéma", re.IGNORECASE)
_NAMED = {
    "AABB": r"rhyming couplets?|paarreim\w*|rimas? pareadas?|rimes? plates?|rimas? emparelhadas?",
    "ABAB": r"alternate rhymes?|cross rhymes?|kreuzreim\w*|rimas? (?:cruzadas?|alternas?)|rimes? croisées?",
    "ABBA": r"(?:enclosed|envelope) rhymes?|umarmende[rnm]? reim\w*|rimas? abrazadas?|rimes? embrassées?|rimas? interpoladas?",
}
_SYLLABLES = re.compile(r"(\d{1,2})[- ](?:syllables?|silben?|sílabas?|silabas?|syllabes?)\b", re.IGNORECASE)
# Metres and lines that have so many syllables by their name.
_METRES = {
    7: r"heptas[íi]labos?|heptasyllabes?|heptassílabos?",
    8: r"(?:iambic|trochaic) tetrameters?|vierhebige[nrms]? (?:jamb|troch)\w+|octos[íi]labos?|octosyllabes?|octossílabos?",
    10: r"iambic pentameters?|blank verse|fünfhebige[nrms]? jamb\w+|blankvers\w*|décasyllabes?|decassílabos?",
    11: r"hendecasyllab\w+|endecas[íi]labos?|elfsilb\w+",
    12: r"alexandrines?|alexandriner\w*|alexandrins?",
    14: r"alejandrinos?",
}
# What vowels of English may sound like before what follows them; those of more letters first.
_ENGLISH = {
    "eigh": "A", "augh": "OV", "ough": "OVUW", "igh": "I", "eau": "O", "ai": "AE", "ay": "A", "ei": "AIE", "ey": "AEI", "ea": "EAe",
    "ee": "E", "ie": "IEe", "oa": "OV", "oe": "OU", "oo": "UuV", "ou": "WUVOu", "ow": "WO", "oi": "Y", "oy": "Y", "au": "VA", "aw": "V",
    "eu": "U", "ew": "U", "ue": "U", "ui": "UI", "uy": "I", "ye": "I", "a": "AaVe", "e": "eEiA", "i": "iIE", "o": "OVuUW", "u": "uUV", "y": "IEi",
}  # fmt: skip
_ENGLISH_ENDS = (
    (r"(?<=[aeiouy])(?:ght|gh)$", lambda found: "t" if found[0].endswith("t") else ""), (r"mb$", "m"), (r"(?<=.)(?:ck|k|c|que)$", "k"),
    (r"(?:tch|ch)$", "C"), (r"(?:dge|ge)$", "J"), (r"(?:ce|sse|ss|se|s|ze|z)$", "s"), (r"ll$", "l"), (r"ff$|ph$", "f"), (r"tt$", "t"), (r"nn$", "n"),
    (r"gn$", "n"), (r"(?:rr|re)$", "r"),
)  # fmt: skip
# Words whose ending is not said as it is written, spelled as it is said.
_ENGLISH_WORDS = (
    (r"ould$", "ood"), (r"augh$", "aff"), (r"(?<=[rt])ough$|(?<=en)ough$", "uff"), (r"alf$", "aff"), (r"alk(?=$|s$|ed$)", "awk"), (r"alm$", "am"),
    (r"said$", "sed"), (r"says$", "sez"), (r"eyes$", "ies"), (r"^eye$", "igh"), (r"rhyme", "rime"),
    (r"^y(?=[aeiou])", ""), (r"(?<!s)wor(?=[dkmlst])", "wer"),
)  # fmt: skip
_FRENCH = (
    (r"(?:e?aux?|ots?|os|ôts?|ô)$", "o"), (r"(?:ées?|és?|er|ez|ai[ts]?|et|est|ed)$", "e"), (r"(?:[ae]in[gsc]?t?s?|ins?|ints?|uns?|yn|ym|im)$", "ẽ"),
    (r"(?:[ae]n[tdcgs]*|[ae]m[ps]*)$", "ã"), (r"(?:ons?|onts?|ond?s?|omb?)$", "õ"), (r"(?:oues?|oux?|outs?|ous)$", "u"), (r"(?:oies?|oix|ois|oit|oi)$", "wa"),
    (r"(?:eues?|eux?|euse)$", "ø"),
)  # fmt: skip


def scheme_of(brief: str) -> str:
    """The rhyme scheme that a brief asks for, such as "ABAB"; empty where it asks for none."""
    for scheme, names in _NAMED.items():
        if re.search(rf"\b(?:{names})\b", brief, re.IGNORECASE):
            return scheme
    for found in _LETTERS.finditer(brief):
        scheme = re.sub(r"[- ]", "", found[0])
        new = list(dict.fromkeys(scheme))
        if (
            new == sorted(new)
            and new[0] == "A"
            and len(new) < len(scheme) > 2
            and (scheme != "ABBA" or _CUE.search(brief))
        ):
            return scheme
    return ""


def syllables_asked(brief: str) -> int:
    """How many syllables a brief wants a line to have, as a number or by the name of a metre; 0 where it says nothing of that."""
    if found := _SYLLABLES.search(brief):
        return int(found[1])
    named = (count for count, names in _METRES.items() if re.search(rf"\b(?:{names})\b", brief, re.IGNORECASE))
    return next(named, 0)


def syllables_of(line: str, language: str) -> int:
    """The syllables of a line, about."""
    words = _WORD.findall(line[:MOST_OF_LINE])
    return sum(syllables(word) if language == "en" else _hyphenated(word, language) for word in words)


def _hyphenated(word: str, language: str) -> int:
    """The syllables of a word by the hyphenation of its language; by its vowels where there is none."""
    hyphens = _hyphens(language)
    if hyphens is None:
        return max(1, len(re.findall(r"[aeiouy]+", _bare(word.casefold()))))
    return len(hyphens.positions(word.casefold())) + 1


@cache
def _hyphens(language: str) -> Pyphen | None:
    import pyphen

    # A syllable may be a single letter, which no line is broken at.
    return pyphen.Pyphen(lang=language, left=1, right=1) if pyphen.language_fallback(language) else None


def unrhymed(lines: list[str], scheme: str, language: str) -> list[tuple[str, str]]:
    """The last words of lines that are to rhyme by a scheme and cannot; a scheme begins anew where lines are left.

    Where there are fewer lines than a scheme has, those that have none to rhyme with are found too, with nothing beside them.
    """
    scheme = scheme[:MOST_OF_SCHEME]
    found = list[tuple[str, str]]()
    for line, letter in zip(lines, scheme, strict=False) if len(lines) < len(scheme) else ():
        if scheme[: len(lines)].count(letter) < min(2, scheme.count(letter)):
            found.append((last_word(line), ""))
    for at in range(0, len(lines), len(scheme)):
        some = lines[at : at + len(scheme)]
        for letter in dict.fromkeys(scheme):
            alike = [line for line, sign in zip(some, scheme, strict=False) if sign == letter]
            found += [
                (last_word(one), last_word(other)) for one, other in pairwise(alike) if not rhymes(one, other, language)
            ]
    return found


def last_word(line: str) -> str:
    """The word that a line ends with."""
    words: list[str] = _WORD.findall(line[-MOST_OF_LINE:])
    return words[-1] if words else ""


def rhymes(one: str, other: str, language: str) -> bool:
    """Whether two lines can rhyme."""
    first, second = last_word(one).casefold().replace("’", "'"), last_word(other).casefold().replace("’", "'")
    if not first or not second or first == second:
        return True
    vowels, ends = zip(_ending(first, language), _ending(second, language), strict=True)
    return ends[0] == ends[1] and bool(set(vowels[0]) & set(vowels[1]))


@cache
def _ending(word: str, language: str) -> tuple[str, str]:
    """What the last vowel of a word may sound like, and the sounds behind it."""
    word = word[-LONGEST_WORD:]
    match language:
        case "en":
            return _english(word)
        case "fr":
            return _french(word)
        case "de":
            return _german(word)
        case _:
            return _as_written(word)


def _english(word: str) -> tuple[str, str]:
    bare = word.replace("'", "")
    for pattern, spelling in _ENGLISH_WORDS:
        bare = re.sub(pattern, spelling, bare)
    silent = len(bare) > 2 and bool(re.search(r"[aeiouy][^aeiouy]+e$", bare)) and not bare.endswith("le")
    stem = bare[:-1] if silent else bare
    if not silent and bare.endswith("ed") and not re.search(r"[td]ed$", bare) and len(bare) > 3:
        stem, silent = f"{bare[:-2]}d", True
    found = re.fullmatch(r"(.*?)([aeiouy]+(?:w|gh|igh)?)([^aeiouy]*)", stem) or re.fullmatch(
        r"(.*?)([aeiouy]+)(.*)", stem
    )
    if found is None:
        return "e", bare
    vowel, end = found[2], found[3]
    for pattern, sound in _ENGLISH_ENDS:
        end = (
            re.sub(pattern, sound, end + ("e" if silent and re.search(r"[cgsz]$", end) else ""), count=1)
            if end
            else end
        )
    sounds = next((_ENGLISH[one] for one in _ENGLISH if vowel.endswith(one)), "e")
    if end.startswith("r"):  # Before r they run together: word and bird, bear and hair, door and war.
        sounds += {"A": "r", "a": "rq", "e": "rp", "E": "rp", "i": "p", "u": "p", "O": "q", "V": "q", "W": "q"}.get(
            sounds[0], ""
        )
    return sounds, re.sub("e$", "", end)


def _german(word: str) -> tuple[str, str]:
    plain = word.replace("ß", "ss")
    for pattern, sound in (
        ("äu|eu", "Y"),
        ("ei|ai|ey|ay", "I"),
        ("ie|ih", "i"),
        ("ä|ö", "e"),
        ("ü|y", "i"),
        (r"([aeou])\1", r"\1"),
        (r"(?<=[aeiouYI])h", ""),
    ):
        plain = re.sub(pattern, sound, plain)
    vowel, end = _split(plain, "aeiouYI", ("", "n", "r", "l", "s"))
    for pattern, sound in (
        (r"d(?=s?$)|dt|tt|th", "t"),
        (r"g(?=s?$)(?<!ng)|ck", "k"),
        (r"b(?=s?$)", "p"),
        (r"([lmnrs])\1", r"\1"),
        ("v", "f"),
    ):
        end = re.sub(pattern, sound, end)
    return vowel, end


def _french(word: str) -> tuple[str, str]:
    for pattern, sound in _FRENCH:
        if re.search(pattern, word):
            return sound, ""
    stem = re.sub(r"(?<=[^aeiouyéè])es?$", "", word)
    stem = re.sub(r"(?<=[aeiouyéèêâîôûl])[stdxzp]+$", "", stem) if stem == word else stem
    vowel, end = _split(_bare(re.sub("ai|ei|è|ê", "e", stem)), "aeiouy", ())
    return vowel, re.sub(r"(.)\1", r"\1", end)


def _as_written(word: str) -> tuple[str, str]:
    return _split(_bare(word).replace("v", "b").replace("ll", "y").replace("z", "s"), "aeiou", ("", "s"))


def _split(word: str, vowels: str, weak_ends: tuple[str, ...]) -> tuple[str, str]:
    """The last vowel of a word that is stressed, about, and what follows it: a weak ending such as -en goes with what is before it."""
    found = re.search(rf"([{vowels}])([^{vowels}]*)$", word)
    if found is None:
        return "", word
    weak = (
        found[1] in "aeo"
        and found[2] in weak_ends
        and re.search(rf"([{vowels}])([^{vowels}]+)$", word[: found.start()])
    )
    return (weak[1], f"{weak[2]}{found[0]}") if weak else (found[1], found[2])


def _bare(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))
