"""From a brief to what it says about form: one typed reading that prompt, schema and checks take their bounds from."""

from __future__ import annotations

from .campaigns import budget_of, campaigned, days_of, first_monday_of
from .cities import cities_in
from .corrections import (
    changes_number,
    corrected,
    correction_of,
    is_about_form,
    is_relative,
    names_length,
    parts_named,
    resized,
)
from .dates import dates_in, embargo_in
from .durations import lasting_in
from .forms import Form
from .items import figures_written
from .lexicon import leading_words, meaning_of, things_to_avoid
from .lists import listed, listed_between_commas, listed_with
from .names import name_in
from .orders import order_and_text
from .patterns import numbers_in, read_by_patterns
from .phrases import named, pattern_of, says, without
from .pictures import (
    colours_named,
    colours_refused,
    contrast_in,
    facets_in,
    grid_in,
    is_aside,
    kept_out_in_english,
    kept_out_of,
    lettering_in,
    seed_in,
    seen_in,
    shown_of,
)
from .positions import address_in, ends_in
from .reading import OPENING, CountBound, Impossible, Lasting, Manner, Reading, SizeBound
from .replaced import moved_days, still_said
from .subject import brief_text, details_of, message_of, subject_of, topic_of, trimmed

__all__ = [
    "OPENING",
    "CountBound",
    "Form",
    "Impossible",
    "Lasting",
    "Manner",
    "Reading",
    "SizeBound",
    "address_in",
    "brief_text",
    "budget_of",
    "campaigned",
    "changes_number",
    "cities_in",
    "colours_named",
    "colours_refused",
    "contrast_in",
    "corrected",
    "correction_of",
    "dates_in",
    "days_of",
    "details_of",
    "embargo_in",
    "ends_in",
    "facets_in",
    "figures_written",
    "first_monday_of",
    "grid_in",
    "is_about_form",
    "is_aside",
    "is_relative",
    "kept_out_in_english",
    "kept_out_of",
    "lasting_in",
    "leading_words",
    "lettering_in",
    "listed",
    "listed_between_commas",
    "listed_with",
    "meaning_of",
    "message_of",
    "moved_days",
    "name_in",
    "named",
    "names_length",
    "numbers_in",
    "order_and_text",
    "parts_named",
    "pattern_of",
    "read_by_patterns",
    "resized",
    "says",
    "seed_in",
    "seen_in",
    "shown_of",
    "still_said",
    "subject_of",
    "things_to_avoid",
    "topic_of",
    "trimmed",
    "without",
]
