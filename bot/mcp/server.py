"""Serve tools and resources to other assistants, over standard input and output or over HTTP."""

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
_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


class TextResult(BaseModel):
    """A finished text."""

    id: str = Field(description="Id of the text, for change_text and export_text.")
    kind: str = Field(description="The kind of text, such as social_post or quiz.")
    text: str = Field(description="The text itself, in Markdown.")
    to_check: str = Field(description="What the user should check before using it; not part of the text.")
    not_as_requested: list[str] = Field(description="Requirements that were measured and are not met.")
    formats: list[str] = Field(description="File formats it can be exported as.")
    stored: bool = Field(description="Whether it was stored, so that it can be changed and exported later.")
    notice: str = Field(description="A sentence to show to the user; often empty.")


class TextSummary(BaseModel):
    """An entry in a list of texts."""

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
    """Build the server that acts for the user of a service."""
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
        material: Annotated[str, Field(description="Source text to write from, such as notes or an article.")] = "",
        variants: Annotated[int, Field(description=f"How many different versions, 1 to {MAX_VARIANTS}.")] = 1,
    ) -> list[TextResult]:
        """Write marketing copy, teaching material, an image prompt or any other text for the user."""
        with _report_errors():
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
        return [_build_result(text) for text in texts]

    @server.tool(title="Change a text", annotations=_WRITES)
    async def change_text(
        id: Annotated[str, Field(description="Id of a text of the user's own.")],  # noqa: A002  # The tool's argument.
        instruction: Annotated[str, Field(description="What should be different; the rest stays as it is.")],
    ) -> TextResult:
        """Change a text; the changed text is stored as a new one."""
        with _report_errors():
            return _build_result(await service.change(id, instruction))


def _add_export(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="Export a text", annotations=_READ_ONLY)
    async def export_text(
        id: Annotated[str, Field(description="Id of a text the user may read.")],  # noqa: A002
        format: Annotated[str, Field(description="One of the text's formats, such as docx, pdf or gift.")],  # noqa: A002
    ) -> EmbeddedResource:
        """Make a file of a text: a document, slides, a quiz for a learning platform, flashcards and so on."""
        with _report_errors():
            name, body = await service.export(id, format)
        return EmbeddedResource(
            type="resource",
            resource=BlobResourceContents(uri=f"quillmate://files/{id}/{name}", blob=b64encode(body).decode("ascii")),
        )


def _add_library(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="Search the library", annotations=_READ_ONLY)
    async def search_library(
        query: Annotated[str, Field(description="Words or meaning to look for; the newest texts when empty.")] = "",
        kind: str = "",
        page: Annotated[int, Field(description="Counts from 0.", ge=0)] = 0,
    ) -> SearchResult:
        """Search the texts that were written for the user and those their team keeps."""
        with _report_errors():
            entries, more = await service.search(query, kind=kind, page=page)
        return SearchResult(texts=[_build_summary(entry) for entry in entries], more=more)

    @server.resource("quillmate://texts/{id}", name="text", mime_type="text/markdown")
    async def read_text(id: str) -> str:  # noqa: A002
        """The full text of one of the user's own texts or of their team's library."""
        with _report_errors(ResourceError):
            return (await service.read(id)).text


def _add_resources(server: MCPServer[Any], service: Service) -> None:
    @server.resource("quillmate://profile", name="profile", mime_type="application/json")
    async def profile() -> str:
        """The user's profile, and the habits learned from their votes and changes."""
        with _report_errors(ResourceError):
            memory = await service.recall()
        habits = {name: value for name, value in memory.habits.model_dump(mode="json").items() if value}
        return _format_json(
            memory.profile.model_dump(mode="json", exclude_defaults=True) | ({"habits": habits} if habits else {})
        )

    @server.resource("quillmate://brand", name="brand", mime_type="application/json")
    async def brand() -> str:
        """The active brand: its voice, its facts, its legal lines."""
        with _report_errors(ResourceError):
            memory = await service.recall()
        return _format_json(memory.brand.model_dump(mode="json", exclude_defaults=True) if memory.brand else {})

    @server.resource("quillmate://kinds", name="kinds", mime_type="application/json")
    def kinds() -> str:
        """All kinds of text, by name."""
        return _format_json({kind.name: {"title": kind.title, "family": kind.family} for kind in load_kinds().values()})

    @server.resource("quillmate://limits/{place}", name="limits", mime_type="application/json")
    def limits(place: str) -> str:
        """The limits of a place such as x, linkedin or google_ads."""
        rows = find_limits(place)
        if not rows:
            names = ", ".join(dict.fromkeys(limit.place for limit in load_limits()))
            raise ResourceError(f"There is no place of that name; choose one of {names}.")
        return _format_json(
            [{"field": row.field, "max": row.max, "unit": row.unit, "source": row.source} for row in rows]
        )


async def serve_stdio(service: Service) -> None:
    """Serve one client over standard input and output, until it closes them."""
    await build_server(service).run_stdio_async()


async def serve_http(service: Service, host: str, port: int, token: str) -> None:
    """Serve clients that send a bearer token, at http://host:port/mcp, until the process is stopped.

    Raises:
        OSError: The port is in use.
    """
    application = BearerTokenMiddleware(build_server(service).streamable_http_app(host=host), token)
    server = uvicorn.Server(uvicorn.Config(application, host=host, port=port, log_config=None))
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True  # Open connections are closed even if this call is cancelled.
        await serving


class BearerTokenMiddleware:
    """ASGI middleware that answers 401 to requests without the bearer token, RFC 6750."""

    def __init__(self, application: ASGIApp, token: str) -> None:
        self._application, self._expected = application, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401."""
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http" and not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            refusal = PlainTextResponse("A bearer token is required.", 401, {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
            return
        await self._application(scope, receive, send)


@contextmanager
def _report_errors(kind: type[ToolError | ResourceError] = ToolError) -> Iterator[None]:
    """Raise an error with a message for users as one that the client shows to the model."""
    try:
        yield
    except QuillmateError as error:
        raise kind(describe_error(error)) from error


def _build_result(text: Text) -> TextResult:
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


def _build_summary(entry: LibraryEntry) -> TextSummary:
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


def _format_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
