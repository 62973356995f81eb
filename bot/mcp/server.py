"""The tools and resources that other assistants see, and the two ways they are served: standard input and output, and HTTP."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import BlobResourceContents, EmbeddedResource, ToolAnnotations
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import __version__
from bot.checks.limits import find_limits, load_limits
from bot.errors import QuillmateError, describe_error
from bot.kinds import load_kinds
from bot.markup import shorten
from storage.entries import LibraryEntry

from .service import MAX_VARIANTS, Service, Text

MIN_TOKEN = 16
_EXCERPT = 300
_INSTRUCTIONS = (
    "Quillmate writes marketing copy, teaching material and image prompts for one user, with their profile, their brand and the "
    "limits of the place where a text goes. Pass the user's request as the brief, word for word; do not write the text yourself. "
    "Show `to_check` beside the text, never inside of it."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


class TextResult(BaseModel):
    """A text that was written."""

    id: str = Field(description="Id of the text, for change_text and export_text.")
    kind: str = Field(description="What it is, such as social_post or quiz.")
    text: str = Field(description="The text itself, in Markdown.")
    to_check: str = Field(description="What its reader should check before it is used; not part of the text.")
    not_as_requested: list[str] = Field(description="Requirements that were measured and are not met.")
    formats: list[str] = Field(description="File formats it can be exported as.")
    stored: bool = Field(description="Whether it was stored, so that it can be changed and exported later.")
    notice: str = Field(description="What the user should be told about it; often empty.")


class TextSummary(BaseModel):
    """A text of the library as a search lists it."""

    id: str
    kind: str
    title: str
    excerpt: str
    status: str
    shared: bool = Field(description="Whether it belongs to the server rather than to the user.")
    created: str = Field(description="When it was written, in ISO 8601.")


class SearchResult(BaseModel):
    """A page of texts."""

    texts: list[TextSummary]
    more: bool = Field(description="Whether the next page has more.")


def build_server(service: Service) -> MCPServer[Any]:
    """The server that acts for a service's user."""
    server: MCPServer[Any] = MCPServer(
        "quillmate", title="Quillmate", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING"
    )
    _add_writing(server, service)
    _add_export(server, service)
    _add_library(server, service)
    _add_resources(server, service)
    return server


def _add_writing(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="Write a text", annotations=_WRITES)
    async def generate(
        brief: Annotated[str, Field(description="What to write, in the user's own words.")],
        kind: Annotated[str, Field(description="A kind of quillmate://kinds; found from the brief when empty.")] = "",
        language: Annotated[
            str, Field(description="Language of the text, such as German; that of the profile when empty.")
        ] = "",
        tone: str = "",
        audience: str = "",
        length: Annotated[str, Field(description="short, medium or long.")] = "",
        material: Annotated[
            str, Field(description="Text that it is to be made from, such as notes or an article.")
        ] = "",
        variants: Annotated[int, Field(description=f"How many different versions, 1 to {MAX_VARIANTS}.")] = 1,
    ) -> list[TextResult]:
        """Write marketing copy, teaching material, an image prompt or any other text, made for the user."""
        with _reported():
            texts = await service.generate(
                brief,
                kind=kind,
                language=language,
                tone=tone,
                audience=audience,
                length=length,
                material=material,
                variants=variants,
            )
        return [_result(text) for text in texts]

    @server.tool(title="Change a text", annotations=_WRITES)
    async def change_text(
        id: Annotated[str, Field(description="Id of a text of the user's own.")],  # noqa: A002  # The tool's argument.
        instruction: Annotated[str, Field(description="What should be different; the rest stays as it is.")],
    ) -> TextResult:
        """Change a text that was written; the change is stored as a new text."""
        with _reported():
            return _result(await service.change(id, instruction))


def _add_export(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="Export a text", annotations=_READS)
    async def export_text(
        id: Annotated[str, Field(description="Id of a text the user may read.")],  # noqa: A002
        format: Annotated[str, Field(description="One of the text's formats, such as docx, pdf or gift.")],  # noqa: A002
    ) -> EmbeddedResource:
        """Make a file of a text: a document, slides, a quiz for a learning platform, flashcards and so on."""
        with _reported():
            name, body = await service.export(id, format)
        return EmbeddedResource(
            type="resource",
            resource=BlobResourceContents(uri=f"quillmate://files/{id}/{name}", blob=b64encode(body).decode("ascii")),
        )


def _add_library(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="Search the library", annotations=_READS)
    async def search_library(
        query: Annotated[str, Field(description="Words or meaning to look for; the newest texts when empty.")] = "",
        kind: str = "",
        page: Annotated[int, Field(description="Counts from 0.", ge=0)] = 0,
    ) -> SearchResult:
        """Search the texts that were written for the user and those their team keeps."""
        with _reported():
            entries, more = await service.search(query, kind=kind, page=page)
        return SearchResult(texts=[_summary(entry) for entry in entries], more=more)

    @server.resource("quillmate://texts/{id}", name="text", mime_type="text/markdown")
    async def read_text(id: str) -> str:  # noqa: A002
        """A text of the user's own or of their team's library, in full."""
        with _reported(ResourceError):
            return (await service.read(id)).text


def _add_resources(server: MCPServer[Any], service: Service) -> None:
    @server.resource("quillmate://profile", name="profile", mime_type="application/json")
    async def profile() -> str:
        """What the user told Quillmate about themselves, and the habits it learnt."""
        with _reported(ResourceError):
            known = await service.recall()
        habits = {name: value for name, value in known.habits.model_dump(mode="json").items() if value}
        return _json(
            known.profile.model_dump(mode="json", exclude_defaults=True) | ({"habits": habits} if habits else {})
        )

    @server.resource("quillmate://brand", name="brand", mime_type="application/json")
    async def brand() -> str:
        """The brand texts are written for now: its voice, its facts, its legal lines."""
        with _reported(ResourceError):
            known = await service.recall()
        return _json(known.brand.model_dump(mode="json", exclude_defaults=True) if known.brand else {})

    @server.resource("quillmate://kinds", name="kinds", mime_type="application/json")
    def kinds() -> str:
        """Every kind of text by name."""
        return _json({kind.name: {"title": kind.title, "family": kind.family} for kind in load_kinds().values()})

    @server.resource("quillmate://limits/{place}", name="limits", mime_type="application/json")
    def limits(place: str) -> str:
        """The limits of a place such as x, linkedin or google_ads."""
        rows = find_limits(place)
        if not rows:
            known = ", ".join(dict.fromkeys(limit.place for limit in load_limits()))
            raise ResourceError(f"There is no place of that name; choose one of {known}.")
        return _json([{"field": row.field, "max": row.max, "unit": row.unit, "source": row.source} for row in rows])


async def serve_stdio(service: Service) -> None:
    """Serve one client over standard input and output, until it closes them."""
    await build_server(service).run_stdio_async()


async def serve_http(service: Service, host: str, port: int, token: str) -> None:
    """Serve clients that send a bearer token, at http://host:port/mcp, until the process is stopped.

    Raises:
        OSError: the port is taken.
    """
    application = RequireToken(build_server(service).streamable_http_app(host=host), token)
    server = uvicorn.Server(uvicorn.Config(application, host=host, port=port, log_config=None))
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True  # Where this call is cancelled, the open connections are closed all the same.
        await serving


class RequireToken:
    """ASGI middleware that answers 401 to requests without the bearer token, RFC 6750."""

    def __init__(self, application: ASGIApp, token: str) -> None:
        self._application, self._expected = application, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http" and not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            refusal = PlainTextResponse("A bearer token is required.", 401, {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
            return
        await self._application(scope, receive, send)


@contextmanager
def _reported(kind: type[ToolError | ResourceError] = ToolError) -> Iterator[None]:
    """Passes an error whose text is for the user on as one that the client shows."""
    try:
        yield
    except QuillmateError as error:
        raise kind(describe_error(error)) from error


def _result(text: Text) -> TextResult:
    return TextResult(
        id=text.id,
        kind=text.kind,
        text=text.text,
        to_check=text.to_check,
        not_as_requested=list(text.findings),
        formats=list(text.formats),
        stored=text.stored,
        notice=text.notice,
    )


def _summary(entry: LibraryEntry) -> TextSummary:
    excerpt = shorten(entry.text, _EXCERPT)
    return TextSummary(
        id=entry.id,
        kind=entry.kind,
        title=entry.title,
        excerpt=excerpt,
        status=entry.status,
        shared=entry.is_workspace_owned,
        created=entry.created_at.isoformat(),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
