"""Image servers on loopback that speak the protocols of the real ones. What they draw is one colour, made from the seed."""

from __future__ import annotations

import asyncio
import base64
import io
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiohttp import web
from PIL import Image

CHECKPOINT = "sd_xl_base_1.0.safetensors"


def picture(width: int = 8, height: int = 8, seed: int = 0, form: str = "PNG") -> bytes:
    """A picture of one colour."""
    body = io.BytesIO()
    Image.new("RGB", (width, height), (seed % 256, seed // 256 % 256, 90)).save(body, form)
    return body.getvalue()


def size_of(body: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(body)) as opened:
        assert opened.format == "PNG"
        return opened.size


class Server:
    """What all have in common: what it was asked, with which key, and a status that it answers instead."""

    routes: tuple[tuple[str, str, str], ...] = ()

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.status, self.trouble = 200, {"detail": "no"}
        self.hangs = asyncio.Event()
        self.hangs.set()
        self.url = ""

    def app(self) -> web.Application:
        app = web.Application()
        for method, path, name in self.routes:
            app.router.add_route(method, path, self._guarded(getattr(self, name)))
        return app

    def _guarded(self, answer: Any) -> Any:
        async def guarded(request: web.Request) -> web.StreamResponse:
            self.keys.append(request.headers.get("Authorization"))
            await self.hangs.wait()
            if self.status != 200:
                return web.json_response(self.trouble, status=self.status)
            made: web.StreamResponse = await answer(request)
            return made

        return guarded


class OpenAI(Server):
    """`/v1/images/generations` as OpenAI documents it; `form` is what a data entry holds."""

    routes = (
        ("POST", "/v1/images/generations", "generations"),
        ("GET", "/v1/models", "models"),
        ("GET", "/files/{seed}.webp", "file"),
        ("GET", "/moved", "elsewhere"),
    )
    form = "b64_json"
    # The address that it answers with, where it is to be another than its own file's; and where that leads.
    address, moved = "", ""

    async def generations(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        if body["model"].startswith("gpt-image") and "response_format" in body:
            return web.json_response({"error": {"code": "unknown_parameter"}}, status=400)
        width, height = map(int, body["size"].split("x"))
        made = base64.b64encode(picture(width, height, body.get("seed", 0))).decode()
        entry = (
            {"b64_json": made}
            if self.form == "b64_json"
            else {"url": self.address or f"{self.url}/files/{body.get('seed', 0)}.webp"}
        )
        return web.json_response({"created": 1, "data": [entry]})

    async def elsewhere(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(self.moved)

    async def models(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "list", "data": [{"id": "gpt-image-1"}]})

    async def file(self, request: web.Request) -> web.StreamResponse:
        assert self.keys[-1] is None, "the key is for the server alone"
        return web.Response(body=picture(seed=int(request.match_info["seed"]), form="WEBP"), content_type="image/webp")


class Automatic1111(Server):
    """`/sdapi/v1` as the web UI has it with --api."""

    routes = (("POST", "/sdapi/v1/txt2img", "txt2img"), ("GET", "/sdapi/v1/sd-models", "models"))

    async def txt2img(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        made = base64.b64encode(picture(body["width"], body["height"], body["seed"])).decode()
        return web.json_response({"images": [made], "parameters": body, "info": f'{{"seed": {body["seed"]}}}'})

    async def models(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response([{"title": f"{CHECKPOINT} [31e35c80fc]", "model_name": "sd_xl_base_1.0"}])


class ComfyUI(Server):
    """A queue of workflows. `looks` is how often one finds it still at work; `fails` ends a workflow with an error."""

    routes = (
        ("POST", "/prompt", "prompt"),
        ("GET", "/history/{id}", "history"),
        ("GET", "/view", "view"),
        ("GET", "/object_info/CheckpointLoaderSimple", "loader"),
        ("POST", "/queue", "queue"),
        ("POST", "/interrupt", "interrupt"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.looks, self.fails = 1, False
        self.checkpoints = [CHECKPOINT, "flux1-dev-fp8.safetensors"]
        self.taken_back: list[str] = []

    async def prompt(self, request: web.Request) -> web.StreamResponse:
        graph = (await request.json())["prompt"]
        for (
            node
        ) in graph.values():  # As the server does, look whether every input that is another node's output is there.
            for value in node["inputs"].values():
                if isinstance(value, list) and value[0] not in graph:
                    return web.json_response({"error": {"type": "prompt_no_outputs"}, "node_errors": {}}, status=400)
        if graph["checkpoint"]["inputs"]["ckpt_name"] not in self.checkpoints:
            return web.json_response({"error": {"type": "value_not_in_list"}, "node_errors": {}}, status=400)
        self.asked.append(graph)
        return web.json_response({"prompt_id": f"p{len(self.asked) - 1}", "number": 1, "node_errors": {}})

    async def history(self, request: web.Request) -> web.StreamResponse:
        if self.looks:
            self.looks -= 1
            return web.json_response({})
        prompt_id = request.match_info["id"]
        if self.fails:
            failed = {"status_str": "error", "completed": False, "messages": [["execution_error", {}]]}
            return web.json_response({prompt_id: {"outputs": {}, "status": failed}})
        saved = {"filename": f"quillmate_{prompt_id[1:]}.png", "subfolder": "", "type": "output"}
        done = {"status_str": "success", "completed": True, "messages": []}
        return web.json_response({prompt_id: {"outputs": {"file": {"images": [saved]}}, "status": done}})

    async def view(self, request: web.Request) -> web.StreamResponse:
        assert request.query["type"] == "output"
        graph = self.asked[int(request.query["filename"].removeprefix("quillmate_").removesuffix(".png"))]
        size, seed = graph["size"]["inputs"], graph["sampler"]["inputs"]["seed"]
        return web.Response(body=picture(size["width"], size["height"], seed), content_type="image/png")

    async def loader(self, _request: web.Request) -> web.StreamResponse:
        taken = {"required": {"ckpt_name": [self.checkpoints, {"tooltip": "The name of the checkpoint."}]}}
        return web.json_response({"CheckpointLoaderSimple": {"input": taken, "output": ["MODEL", "CLIP", "VAE"]}})

    async def queue(self, request: web.Request) -> web.StreamResponse:
        self.taken_back += (await request.json())["delete"]
        return web.Response()

    async def interrupt(self, request: web.Request) -> web.StreamResponse:
        self.taken_back.append("interrupted " + (await request.json())["prompt_id"])
        return web.Response()


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[str]:
    """Runs a server; gives its address."""
    runner = web.AppRunner(server.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server.url
    finally:
        server.hangs.set()
        await runner.cleanup()


@contextmanager
def in_a_thread(server: Server) -> Iterator[str]:
    """Runs a server beside a program that has no loop of its own to share; gives its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = serving(server)
    try:
        yield asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(5)
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
