"""simcord's page made Quillmate's: what its HTML says otherwise, and pages of plain words.

Everything else that differs is in playground.js, typing.js and playground.css.
"""

from __future__ import annotations

from html import escape

_HEAD = '<link rel="icon" type="image/svg+xml" href="/quillmate.svg"><link rel="stylesheet" href="/playground.css">'
_SCRIPTS = '<script src="/playground.js" defer></script><script src="/typing.js" defer></script>'
# What simcord 3.2's index.html says, and what this page says instead.
_WORDS = (
    ("<title>SimCord Preview</title>", "<title>Quillmate</title>"),
    ("</head>", f"{_HEAD}{_SCRIPTS}</head>"),
    ('aria-label="SimCord preview"', 'aria-label="Playground"'),
    (
        '<span class="brand-mark" aria-hidden="true">S</span>',
        '<img class="brand-mark" src="/quillmate.svg" alt="">',
    ),
    ("<strong>SimCord</strong><small>Preview</small>", "<strong>Quillmate</strong><small>Playground</small>"),
    ('aria-expanded="false">Messages</button>', 'aria-expanded="false">Channels</button>'),
    ('viewer-control">Viewing as', 'viewer-control">You are'),
    ('aria-label="Viewing as"', 'aria-label="You are"'),
    ("Refresh preview</button>", "Refresh</button>"),
    ("End preview session</button>", "End the playground</button>"),
    (
        ">No messages in this channel.</p>",
        ">Nothing here yet. Type “/” for the commands, or @Quillmate and what you need.</p>",
    ),
    ('aria-label="Preview viewport"', 'aria-label="Conversation"'),
)


def dressed(html: str) -> str:
    """simcord's index.html with Quillmate's name, mark and words.

    Raises:
        LookupError: another version of simcord says something else there.
    """
    for theirs, ours in _WORDS:
        if html.count(theirs) != 1:
            raise LookupError(f"simcord's page has {theirs!r} {html.count(theirs)} times, not once")
        html = html.replace(theirs, ours)
    return html


def words_page(title: str, *paragraphs: str) -> str:
    """A page of plain words, complete in itself: it is shown where nothing else may be."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – Quillmate</title>{_HEAD}</head>"
        f'<body class="playground-words"><main><img src="/quillmate.svg" alt=""><h1>{escape(title)}</h1>{text}</main></body></html>'
    )
