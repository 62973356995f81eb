"""What the form of a kind of content is like, as far as reading a brief for it needs to know. Data of the kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Form:
    """How the briefs of a kind are read.

    `main` is what one result consists of ("8 of them"), `whole` the nouns that mean the whole text where only one is wanted.
    `entries` are units that are counted as entries in this kind: of a worksheet, "12 sentences" are twelve things to do. `called`
    are nouns that mean another one here: the answers of a quiz are its options. `lasts`: it has a duration, `timed` one to the
    second. `shaped`: it has a shape. `planned`: it runs over days and weeks. `own_text`: the brief holds the text that is worked
    on, behind a colon or a line break.

    A kind is `describing` whose briefs describe a thing in single words ("linen shirt, casual, blue"), and `taught` where a level
    alone is that of its readers.

    `nouns` are all that briefs call its parts, in English and the singular; `own` those of them that only this kind knows, with
    the name that they have in a reading; `before` the words before a number that say what it counts where no noun follows;
    `places` what briefs call each of its places.
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
