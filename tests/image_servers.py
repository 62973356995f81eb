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


def make_picture(width: int = 8, height: int = 8, seed: int = 0, form: str = "PNG") -> bytes:
    """Draw a picture of a single colour."""
    body = io.BytesIO()
    Image.new("RGB", (width, height), (seed % 256, seed // 256 % 256, 90)).save(body, form)
    return body.getvalue()


def read_size(body: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(body)) as opened:
        assert opened.format == "PNG"
        return opened.size


class Server:
    """The common part of all servers: requests, their keys, and a status that it answers instead."""

    routes: tuple[tuple[str, str, str], ...] = ()

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.status, self.trouble = 200, {"detail": "no"}
        self.hangs = asyncio.Event()
        self.hangs.set()
        self.url = ""

    def build_app(self) -> web.Application:
        app = web.Application(client_max_size=60_000_000)
        for method, path, name in self.routes:
            app.router.add_route(method, path, self._guard(getattr(self, name)))
        return app

    def _guard(self, answer: Any) -> Any:
        async def check_and_answer(request: web.Request) -> web.StreamResponse:
            self.keys.append(request.headers.get("Authorization"))
            await self.hangs.wait()
            if self.status != 200:
                return web.json_response(self.trouble, status=self.status)
            made: web.StreamResponse = await answer(request)
            return made

        return check_and_answer


class OpenAI(Server):
    """`/v1/images/generations` as OpenAI documents it; `form` is what a data entry holds."""

    routes = (
        ("POST", "/v1/images/generations", "generations"),
        ("POST", "/v1/images/edits", "edits"),
        ("POST", "/v1/images/variations", "variations"),
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
        made = base64.b64encode(make_picture(width, height, body.get("seed", 0))).decode()
        entry = (
            {"b64_json": made}
            if self.form == "b64_json"
            else {"url": self.address or f"{self.url}/files/{body.get('seed', 0)}.webp"}
        )
        return web.json_response({"created": 1, "data": [entry]})

    async def edits(self, request: web.Request) -> web.StreamResponse:
        return await self._answer_edit(request, "edits")

    async def variations(self, request: web.Request) -> web.StreamResponse:
        return await self._answer_edit(request, "variations")

    async def _answer_edit(self, request: web.Request, path: str) -> web.StreamResponse:
        fields: dict[str, Any] = {"path": path}
        async for part in await request.multipart():
            body = await part.read()
            assert (part.filename is None) == (part.name not in ("image", "mask"))
            fields[part.name or ""] = Image.open(io.BytesIO(body)) if part.filename else body.decode()
        self.asked.append(fields)
        if "mask" in fields:
            assert fields["mask"].mode == "RGBA"
            assert fields["mask"].size == fields["image"].size
        if fields["model"] == "dall-e-2":
            assert fields["image"].width == fields["image"].height, "it knows squares alone"
        width, height = map(int, fields["size"].split("x"))
        return web.json_response({"data": [{"b64_json": base64.b64encode(make_picture(width, height, 3)).decode()}]})

    async def elsewhere(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(self.moved)

    async def models(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "list", "data": [{"id": "gpt-image-1"}]})

    async def file(self, request: web.Request) -> web.StreamResponse:
        assert self.keys[-1] is None, "the key is for the server alone"
        return web.Response(
            body=make_picture(seed=int(request.match_info["seed"]), form="WEBP"), content_type="image/webp"
        )


class Automatic1111(Server):
    """`/sdapi/v1` as the web UI has it with --api."""

    routes = (
        ("POST", "/sdapi/v1/txt2img", "txt2img"),
        ("POST", "/sdapi/v1/img2img", "img2img"),
        ("POST", "/sdapi/v1/extra-single-image", "extra"),
        ("GET", "/sdapi/v1/sd-models", "models"),
    )

    async def txt2img(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        made = base64.b64encode(make_picture(body["width"], body["height"], body["seed"])).decode()
        return web.json_response({"images": [made], "parameters": body, "info": f'{{"seed": {body["seed"]}}}'})

    async def img2img(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        source = Image.open(io.BytesIO(base64.b64decode(body["init_images"][0])))
        assert 0 < body["denoising_strength"] <= 1
        drawn = Image.new("RGB", source.size, (body["seed"] % 256, body["seed"] // 256 % 256, 90))
        if "mask" in body:  # As the server does: what is black of the mask stays as it is.
            mask = Image.open(io.BytesIO(base64.b64decode(body["mask"]))).convert("L")
            assert mask.size == source.size
            drawn = Image.composite(drawn, source.convert("RGB"), mask)
        self.asked.append(body)
        written = io.BytesIO()
        drawn.resize((body["width"], body["height"])).save(written, "PNG")
        return web.json_response({"images": [base64.b64encode(written.getvalue()).decode()]})

    async def extra(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        assert body["resize_mode"] == 1, "0 would go by upscaling_resize, how many times as large"
        made = make_picture(body["upscaling_resize_w"], body["upscaling_resize_h"], 9)
        return web.json_response({"html_info": "", "image": base64.b64encode(made).decode()})

    async def models(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response([{"title": f"{CHECKPOINT} [31e35c80fc]", "model_name": "sd_xl_base_1.0"}])


class ComfyUI(Server):
    """A queue of workflows. `looks` is how often one finds it still at work; `fails` ends a workflow with an error."""

    routes = (
        ("POST", "/prompt", "prompt"),
        ("POST", "/upload/image", "upload"),
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
        self.sent: dict[str, Image.Image] = {}

    async def upload(self, request: web.Request) -> web.StreamResponse:
        name, folder = "", ""
        async for part in await request.multipart():
            body = await part.read()
            if part.name == "type":
                folder = body.decode()
            else:
                name = part.filename or ""
        self.sent[f"{name} [{folder}]"] = Image.open(io.BytesIO(body))
        return web.json_response({"name": name, "subfolder": "", "type": folder})

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
        seed = graph["sampler"]["inputs"]["seed"]
        if "source" in graph:
            return web.Response(body=self._draw_over(graph, seed), content_type="image/png")
        size = graph["size"]["inputs"]
        return web.Response(body=make_picture(size["width"], size["height"], seed), content_type="image/png")

    def _draw_over(self, graph: dict[str, Any], seed: int) -> bytes:
        """Draw like the server: the picture in its new size, drawn over where its mask is white."""
        nodes = {name: node["inputs"] for name, node in graph.items()}
        size = nodes["sized"]["width"], nodes["sized"]["height"]
        source = self.sent[nodes["source"]["image"]].convert("RGB").resize(size)
        drawn = Image.new("RGB", size, (seed % 256, seed // 256 % 256, 90))
        if nodes["file"]["images"][0] == "whole":
            mask = self.sent[nodes["mask_picture"]["image"]].convert("L").resize(size)
            drawn = Image.composite(drawn, source, mask)
        written = io.BytesIO()
        drawn.save(written, "PNG")
        return written.getvalue()

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
async def serve_images(server: Server) -> AsyncIterator[str]:
    """Run a server; yield its address."""
    runner = web.AppRunner(server.build_app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server.url
    finally:
        server.hangs.set()
        await runner.cleanup()


@contextmanager
def serve_in_thread(server: Server) -> Iterator[str]:
    """Run a server in a thread, for programs with their own event loop; yield its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = serve_images(server)
    try:
        yield asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(5)
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
