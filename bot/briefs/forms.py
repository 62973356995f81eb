"""The form of a kind of content, as needed to read its briefs. Data of the kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Form:
    """The settings for reading the briefs of a kind.

    `main` is the noun of the entries that a result consists of ("8 of them"), `whole` the nouns that mean the full text if only
    one is wanted. `entries` maps units that are counted as entries of this kind: in a worksheet, "12 sentences" are twelve tasks.
    `called` maps nouns that mean another one here: the answers of a quiz are its options. `lasts`: it has a duration, `timed` one
    to the second. `shaped`: it has a shape. `planned`: it runs over days and weeks. `own_text`: the brief contains the text to
    work on, after a colon or a line break.

    `describing`: its briefs describe a thing in single words ("linen shirt, casual, blue"). `taught`: a level without a noun is
    that of its readers.

    `nouns` are all English singular nouns for its parts; `own` maps those specific to this kind to their name in a reading;
    `before` maps words before a number to what it counts without a noun; `places` maps its places to the words for them.
    """

    main: str = ""
    whole: tuple[str, ...] = ()
    entries: Mapping[str, str] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)
    lasts: bool = False
    timed: bool = False
    shaped: bool = False
    planned: bool = False
    own_text: bool = False
    describing: bool = False
    taught: bool = False
    nouns: tuple[str, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
