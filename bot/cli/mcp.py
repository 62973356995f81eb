"""`quillmate mcp`: serves other assistants on behalf of one user."""

from __future__ import annotations

from pathlib import Path

from bot.app import App
from bot.errors import SettingsError
from bot.settings import Settings
from bot.team.workspace.roles import Member

from .generate import read_profile

LOCAL_USER = "local"
_PACKAGE_MISSING = "This needs another package. Run: pip install 'quillmate[mcp]'"
_BEARER_TOO_SHORT = "Set QUILLMATE_MCP_TOKEN to at least {count} characters; clients send it as a bearer token."
_TWO_PROFILES = "--profile is for a user without a stored profile; leave out --user or --profile."


async def serve(
    settings: Settings, *, user: str, server: str, roles: list[str], profile_file: Path | None, listen: str
) -> None:
    """Serve over HTTP at `listen`, or over standard input and output if that is empty.

    Raises:
        SettingsError: an option or setting cannot be used, or a package is missing.
    """
    try:
        from bot.mcp.server import MIN_TOKEN, serve_http, serve_stdio
        from bot.mcp.service import Service
    except ImportError as error:
        raise SettingsError(_PACKAGE_MISSING) from error
    if profile_file and user != LOCAL_USER:
        raise SettingsError(_TWO_PROFILES)
    token = settings.mcp_token.get_secret_value()
    if listen and len(token) < MIN_TOKEN:
        raise SettingsError(_BEARER_TOO_SHORT.format(count=MIN_TOKEN))
    profile = read_profile(profile_file) if profile_file else None
    async with App(settings) as app:
        app.warm()
        service = Service(app, Member(user, frozenset(roles)), server, profile)
        if not listen:
            await serve_stdio(service)
            return
        host, port = _parse_address(listen)
        await serve_http(service, host, port, token)


def _parse_address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 1 << 16:
        raise SettingsError(f"--listen is {listen[:40]}; it should be an address and a port such as 127.0.0.1:8765.")
    return host.strip("[]"), int(port)
