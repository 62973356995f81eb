"""The form of a kind of content, as needed to parse its briefs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Form:
    """What the parser of briefs needs to know about a kind of content."""

    # The noun of the entries that a result consists of: "8 of them".
    main: str = ""
    # The nouns that mean the full text if only one is wanted.
    whole: tuple[str, ...] = ()
    # The noun for each unit that is counted as entries of this kind: in a worksheet, "12 sentences" are twelve tasks.
    entries: Mapping[str, str] = field(default_factory=dict)
    # The noun for each noun that means another one here: the answers of a quiz are its options.
    called: Mapping[str, str] = field(default_factory=dict)
    # Whether a result has a duration, and whether that is given to the second.
    lasts: bool = False
    timed: bool = False
    # Whether a result has an aspect ratio.
    shaped: bool = False
    # Whether a result runs over days and weeks.
    planned: bool = False
    # Whether a brief contains the text to work on, after a colon or a line break.
    own_text: bool = False
    # Whether briefs describe a thing in single words: "linen shirt, casual, blue".
    describing: bool = False
    # Whether a result is for teaching, so that a printed thing may be its subject: "rubric for a group poster".
    taught: bool = False
    # The English singular nouns for the parts of a result.
    nouns: tuple[str, ...] = ()
    # The name in a reading of each noun that is specific to this kind.
    own: Mapping[str, str] = field(default_factory=dict)
    # What a number without a noun counts after certain words.
    before: Mapping[str, str] = field(default_factory=dict)
    # The words for each place of this kind.
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
