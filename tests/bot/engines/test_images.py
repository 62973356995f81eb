"""Image engines, with servers on loopback that speak the protocols of the real ones."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from image_servers import CHECKPOINT, Automatic1111, ComfyUI, OpenAI, Server, make_picture, read_size, serve_images
from PIL import Image

from bot.composition.dialects import DIALECTS
from bot.engines import images
from bot.engines.images import MAX_ASPECT_RATIO, Edit, ImageEngine, Picture, _png, build_images, detect_dialect
from bot.engines.images._canvas import encode_png
from bot.engines.images._png import convert_to_png
from bot.errors import EngineError, SettingsError

FOX = Picture("A fox, snow", "(A fox:1.2), snow", "blurry", 96, 64, 7)
EngineStarter = Callable[..., Awaitable[ImageEngine]]


@pytest_asyncio.fixture
async def start_engine() -> AsyncIterator[EngineStarter]:
    """Yield a function that starts a server and returns an engine for it."""
    async with AsyncExitStack() as stack:

        async def begin(server: Server, name: str, *, key: str = "k1", timeout: float = 5) -> ImageEngine:
            url = await stack.enter_async_context(serve_images(server))
            path = "/v1/" if name.startswith("openai") else "/"
            return await stack.enter_async_context(build_images(name, url=url + path, key=key, timeout=timeout))

        yield begin


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.engines.images.comfyui._POLL_SECONDS", 0.01)


def test_every_module_is_a_provider() -> None:
    folder = Path(images.__file__).parent
    with pytest.raises(SettingsError) as told:
        build_images("paint")
    names = sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_"))
    assert str(told.value) == f'QUILLMATE_IMAGES is "paint"; it should begin with one of {", ".join(names)}.'


@pytest.mark.parametrize(
    ("name", "key", "sentence"),
    [
        ("openai", "k", "it should be openai:MODEL, such as openai:gpt-image-1."),
        ("openai:gpt-image-1", "", "QUILLMATE_IMAGES_KEY is empty"),
        ("diffusers", "", "it should be diffusers:FOLDER_OR_NAME."),
    ],
)
def test_an_invalid_engine_name_is_reported(name: str, key: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as told:
        build_images(name, key=key)
    assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("openai:gpt-image-1", "gpt_image"),
        ("openai:dall-e-3", "dalle"),
        ("openai:some-model", "flux"),
        ("automatic1111", "sdxl"),
        ("automatic1111:v1-5-pruned", "sd15"),
        ("comfyui:flux1-dev-fp8", "flux"),
        ("comfyui", "sdxl"),
        ("comfyui:sd3.5_large", "sd3"),
        ("diffusers:acme/tiny-xl", "sdxl"),
    ],
)
def test_each_model_has_its_dialect(name: str, dialect: str) -> None:
    assert build_images(name, key="k").traits.dialect == dialect
    assert dialect in DIALECTS
    assert detect_dialect("x", "flux") == "flux"


async def test_openai_is_asked_for_a_size_it_supports(start_engine: EngineStarter) -> None:
    server = OpenAI()
    engine = await start_engine(server, "openai:gpt-image-1")
    body = await engine.make(FOX)
    assert server.asked == [{"model": "gpt-image-1", "prompt": "A fox, snow", "n": 1, "size": "1536x1024"}]
    assert server.keys == ["Bearer k1"]
    assert read_size(body) == (1536, 1024)


@pytest.mark.parametrize(
    ("model", "asked"), [("gpt-image-1", {"background": "transparent"}), ("dall-e-3", {}), ("some-model", {})]
)
async def test_openai_is_asked_for_a_transparent_background_if_supported(
    model: str, asked: dict[str, str], start_engine: EngineStarter
) -> None:
    server = OpenAI()
    engine = await start_engine(server, f"openai:{model}")
    await engine.make(replace(FOX, transparent=True))
    assert {name: value for name, value in server.asked[0].items() if name == "background"} == asked


@pytest.mark.parametrize("form", ["b64_json", "url"])
async def test_a_compatible_server_is_asked_for_the_exact_size(form: str, start_engine: EngineStarter) -> None:
    server = OpenAI()
    server.form = form
    engine = await start_engine(server, "openai:flux-schnell")
    body = await engine.make(FOX)
    assert server.asked[0] == {
        "model": "flux-schnell",
        "prompt": "A fox, snow",
        "n": 1,
        "size": "96x64",
        "seed": 7,
        "response_format": "b64_json",
    }
    assert read_size(body) == ((96, 64) if form == "b64_json" else (8, 8))


@pytest.mark.parametrize("code", ["content_policy_violation", "moderation_blocked"])
async def test_a_refusal_is_reported_as_such(code: str, start_engine: EngineStarter) -> None:
    server = OpenAI()
    server.status, server.trouble = 400, {"error": {"code": code, "message": "your prompt was A fox"}}
    engine = await start_engine(server, "openai:dall-e-3")
    with pytest.raises(EngineError) as told:
        await engine.make(FOX)
    assert str(told.value) == "dall-e-3 declined to draw this. Put it in other words."


async def test_automatic1111_gets_weights_and_settings(start_engine: EngineStarter) -> None:
    server = Automatic1111()
    engine = await start_engine(server, "automatic1111", key="ada:secret")
    body = await engine.make(FOX)
    assert server.asked == [
        {
            "prompt": "(A fox:1.2), snow",
            "negative_prompt": "blurry",
            "seed": 7,
            "width": 96,
            "height": 64,
            "steps": 25,
            "cfg_scale": 7.0,
        }
    ]
    assert server.keys == ["Basic " + base64.b64encode(b"ada:secret").decode()]
    assert read_size(body) == (96, 64)


async def test_automatic1111_switches_to_the_named_checkpoint(start_engine: EngineStarter) -> None:
    server = Automatic1111()
    engine = await start_engine(server, "automatic1111:flux1-dev", key="")
    await engine.make(FOX)
    assert server.asked[0]["override_settings"] == {"sd_model_checkpoint": "flux1-dev"}
    assert server.asked[0]["cfg_scale"] == 1.0
    assert server.keys == [None]


SKY = Edit("change", make_picture(96, 64), FOX, part="the sky", into="storm clouds")


def add_mask(edit: Edit, box: tuple[int, int, int, int]) -> Edit:
    mask = Image.new("L", (96, 64))
    mask.paste(255, box)
    return replace(edit, mask=encode_png(mask))


async def test_automatic1111_repaints_a_picture_under_the_mask(start_engine: EngineStarter) -> None:
    server = Automatic1111()
    engine = await start_engine(server, "automatic1111", key="")
    body = await engine.edit(add_mask(SKY, (0, 0, 96, 20)))
    [asked] = server.asked
    assert (asked["prompt"], asked["denoising_strength"], asked["inpainting_fill"]) == ("(A fox:1.2), snow", 0.85, 1)
    with Image.open(io.BytesIO(body)) as made:
        assert (made.getpixel((5, 5)), made.getpixel((5, 60))) == ((7, 0, 90), (0, 0, 90)), (
            "seed 7 above, as before below"
        )
    await engine.edit(Edit("vary", make_picture(96, 64), FOX))
    assert ("mask" in server.asked[1], server.asked[1]["denoising_strength"]) == (False, 0.55)


async def test_automatic1111_enlarges_with_its_upscaler(start_engine: EngineStarter) -> None:
    server = Automatic1111()
    engine = await start_engine(server, "automatic1111", key="")
    body = await engine.edit(Edit("enlarge", make_picture(96, 64), replace(FOX, width=192, height=128)))
    assert read_size(body) == (192, 128)
    assert server.asked[0]["upscaler_1"] == "R-ESRGAN 4x+"
    assert "prompt" not in server.asked[0]


async def test_gpt_image_gets_changes_as_words(start_engine: EngineStarter) -> None:
    server = OpenAI()
    engine = await start_engine(server, "openai:gpt-image-1", timeout=30)
    body = await engine.edit(SKY)
    [asked] = server.asked
    assert asked["prompt"] == (
        "Change only this part of the picture: the sky. It becomes: storm clouds. Leave all else exactly as it is."
    )
    assert {"mask", "response_format", "seed"}.isdisjoint(asked)
    assert (asked["path"], asked["size"], asked["image"].size, read_size(body)) == (
        "edits",
        "1536x1024",
        (96, 64),
        (1536, 1024),
    )


async def test_gpt_image_fills_transparent_sides(start_engine: EngineStarter) -> None:
    server = OpenAI()
    engine = await start_engine(server, "openai:gpt-image-1", timeout=30)
    mask = Image.new("L", (96, 64), 255)
    mask.paste(0, (16, 0, 80, 64))
    await engine.edit(Edit("widen", make_picture(96, 64), FOX, encode_png(mask)))
    [asked] = server.asked
    assert asked["mask"].size == (1536, 1024)
    assert [asked["mask"].getpixel((across, 500))[3] for across in (10, 700, 1500)] == [0, 255, 0]
    assert "A fox, snow" in asked["prompt"]


async def test_dall_e_2_gets_squares_and_masks(start_engine: EngineStarter) -> None:
    server = OpenAI()
    engine = await start_engine(server, "openai:dall-e-2")
    assert not engine.traits.by_words
    await engine.edit(add_mask(SKY, (0, 0, 96, 20)))
    await engine.edit(Edit("vary", make_picture(96, 64), FOX))
    change, vary = server.asked
    assert (change["path"], change["prompt"], change["mask"].getpixel((9, 5))[3]) == ("edits", "A fox, snow", 0)
    assert (vary["path"], "prompt" in vary) == ("variations", False)


async def test_a_form_is_resent_if_the_server_was_busy(start_engine: EngineStarter) -> None:
    server = OpenAI()
    trouble = FailingServer(server, 429)
    engine = await start_engine(server, "openai:gpt-image-1", timeout=30)
    assert read_size(await engine.edit(SKY)) == (1536, 1024)
    assert trouble.failures == []


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("openai:gpt-image-1", "change vary widen"),
        ("openai:dall-e-2", "change vary"),
        ("openai:dall-e-3", ""),
        ("openai:flux-schnell", ""),
        ("openai:flux.1-kontext-dev", "change vary"),
        ("openai:qwen-image-edit", "change vary"),
        ("automatic1111", "change enlarge vary widen"),
        ("diffusers:acme/tiny-xl", "change enlarge vary widen"),
        ("comfyui", "change enlarge vary widen"),
    ],
)
def test_each_model_declares_the_alterations_it_supports(name: str, ways: str) -> None:
    traits = build_images(name, key="k").traits
    assert " ".join(sorted(traits.ways)) == ways
    assert 1 <= traits.widest <= MAX_ASPECT_RATIO


async def test_comfyui_repaints_an_uploaded_picture(start_engine: EngineStarter) -> None:
    server = ComfyUI()
    engine = await start_engine(server, "comfyui")
    body = await engine.edit(add_mask(SKY, (0, 0, 96, 20)))
    [graph] = server.asked
    sampler = graph["sampler"]["inputs"]
    assert (sampler["denoise"], sampler["latent_image"]) == (0.85, ["masked", 0])
    assert graph["source"]["class_type"] == "LoadImage"
    assert {server.sent[graph[name]["inputs"]["image"]].size for name in ("source", "mask_picture")} == {(96, 64)}
    with Image.open(io.BytesIO(body)) as made:
        assert (made.getpixel((5, 5)), made.getpixel((5, 60))) == ((7, 0, 90), (0, 0, 90))
    larger = await engine.edit(Edit("enlarge", make_picture(96, 64), replace(FOX, width=192, height=128)))
    assert read_size(larger) == (192, 128)
    assert server.asked[1]["sampler"]["inputs"]["denoise"] == 0.25


async def test_comfyui_runs_a_workflow_to_its_end(start_engine: EngineStarter) -> None:
    server = ComfyUI()
    engine = await start_engine(server, "comfyui")
    body = await engine.make(FOX)
    [graph] = server.asked
    assert graph["checkpoint"]["inputs"] == {"ckpt_name": CHECKPOINT}
    assert graph["positive"]["inputs"]["text"] == "(A fox:1.2), snow"
    assert graph["negative"]["inputs"]["text"] == "blurry"
    assert graph["sampler"]["inputs"]["seed"] == 7
    assert read_size(body) == (96, 64)
    assert server.taken_back == []


@pytest.mark.parametrize("name", ["comfyui:flux1-dev-fp8", "comfyui:flux1-dev-fp8.safetensors"])
async def test_comfyui_draws_with_the_named_checkpoint(name: str, start_engine: EngineStarter) -> None:
    server = ComfyUI()
    await (await start_engine(server, name)).make(FOX)
    assert server.asked[0]["checkpoint"]["inputs"]["ckpt_name"] == "flux1-dev-fp8.safetensors"
    assert server.asked[0]["sampler"]["inputs"]["cfg"] == 1.0


@pytest.mark.parametrize(("name", "known"), [("comfyui:nope", [CHECKPOINT]), ("comfyui", [])])
async def test_a_missing_checkpoint_is_reported(name: str, known: list[str], start_engine: EngineStarter) -> None:
    server = ComfyUI()
    server.checkpoints = known
    engine = await start_engine(server, name)
    for use in (engine.check, lambda: engine.make(FOX)):
        with pytest.raises(EngineError, match=r"ComfyUI has no checkpoint (nope|at all)\. "):
            await use()


async def test_a_failed_workflow_is_reported(start_engine: EngineStarter) -> None:
    server = ComfyUI()
    server.fails = True
    engine = await start_engine(server, "comfyui")
    with pytest.raises(EngineError, match=r"^ComfyUI could not draw this\. Try again in a moment\.$"):
        await engine.make(FOX)


async def test_a_workflow_beyond_the_time_limit_is_cancelled(
    start_engine: EngineStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(ComfyUI):
        """The time limit passes as soon as the workflow was polled."""

        async def history(self, request: web.Request) -> web.StreamResponse:
            next(limit for seconds, limit in limits if seconds == 60).reschedule(0)
            return await super().history(request)

    limits: list[tuple[float | None, asyncio.Timeout]] = []
    timeout = asyncio.timeout
    monkeypatch.setattr(asyncio, "timeout", lambda within: limits.append((within, timeout(within))) or limits[-1][1])
    server = Slow()
    server.looks = 10_000
    engine = await start_engine(server, "comfyui", timeout=60)
    with pytest.raises(EngineError, match=r"^ComfyUI did not draw within 60 seconds\. Try again in a moment\.$"):
        await engine.make(FOX)
    assert server.taken_back == ["p0", "interrupted p0"]


SERVERS: list[tuple[type[Server], str]] = [
    (OpenAI, "openai:gpt-image-1"),
    (Automatic1111, "automatic1111"),
    (ComfyUI, "comfyui"),
]


@pytest.mark.parametrize(("kind", "name"), SERVERS)
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "refused the key. My operator should check QUILLMATE_IMAGES_KEY."),
        (404, "The server does not know "),
        (429, "is too busy right now. Try again in a minute."),
        (500, "could not draw this."),
        (400, "could not draw this."),
    ],
)
async def test_an_error_is_reported_in_one_sentence(
    kind: type[Server], name: str, status: int, said: str, start_engine: EngineStarter
) -> None:
    server = kind()
    server.status = status
    engine = await start_engine(server, name)
    for use in (engine.check, lambda: engine.make(FOX)):
        with pytest.raises(EngineError) as told:
            await use()
        assert said in str(told.value)


@pytest.mark.parametrize(("kind", "name"), SERVERS)
async def test_a_hanging_or_missing_server_is_reported(
    kind: type[Server], name: str, start_engine: EngineStarter
) -> None:
    server = kind()
    server.hangs.clear()
    engine = await start_engine(server, name, timeout=0.05)
    with pytest.raises(EngineError, match="did not draw within"):
        await engine.make(FOX)
    async with build_images(name, url="http://127.0.0.1:1", key="k") as gone:
        with pytest.raises(EngineError, match="cannot be reached"):
            await gone.make(FOX)


@pytest.mark.parametrize(("kind", "name"), SERVERS)
async def test_a_healthy_server_passes_the_check(kind: type[Server], name: str, start_engine: EngineStarter) -> None:
    assert " answers" in await (await start_engine(kind(), name)).check()


def test_common_picture_formats_are_converted_to_png() -> None:
    for form in ("PNG", "JPEG", "WEBP"):
        assert read_size(convert_to_png(make_picture(9, 5, form=form))) == (9, 5)
    with pytest.raises(OSError):
        convert_to_png(b"<html>not a picture</html>")


def test_a_picture_too_large_for_discord_is_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_png, "MAX_PICTURE_BYTES", 400)
    noise = Image.effect_noise((64, 32), 90)
    body = io.BytesIO()
    noise.save(body, "PNG")
    made = convert_to_png(body.getvalue())
    assert len(made) <= 400
    width, height = read_size(made)
    assert width == 2 * height < 64


def test_a_picture_with_far_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_png, "MAX_PIXELS", 10)
    with pytest.raises(ValueError, match="too many pixels"):
        convert_to_png(make_picture())


async def test_an_invalid_picture_is_reported(start_engine: EngineStarter, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = await start_engine(Automatic1111(), "automatic1111")

    async def return_nonsense(_picture: Any) -> bytes:
        return b"nonsense"

    monkeypatch.setattr(engine._provider, "make", return_nonsense)
    with pytest.raises(EngineError, match="could not draw this"):
        await engine.make(FOX)


class FailingServer:
    """Makes a server fail with each of some statuses before it answers, either before it draws or `after` that."""

    def __init__(self, server: Server, *failures: int, path: str = "", after: bool = False) -> None:
        self.failures, self.path, self.after = list(failures), path, after
        self.guard_inner = server._guard
        server._guard = self.guard  # type: ignore[method-assign]

    def guard(self, answer: Any) -> Any:
        inner = self.guard_inner(answer)

        async def answer_or_fail(request: web.Request) -> web.StreamResponse:
            if not self.failures or self.path not in request.path:
                return await inner(request)  # type: ignore[no-any-return]
            status = self.failures.pop(0)
            if self.after:
                await inner(request)
            return web.json_response({"error": {"code": "later"}}, status=status, headers={"Retry-After": "0.01"})

        return answer_or_fail


@pytest.mark.parametrize(("kind", "name"), SERVERS)
async def test_a_busy_server_is_retried(kind: type[Server], name: str, start_engine: EngineStarter) -> None:
    server = kind()
    trouble = FailingServer(server, 429, 503)
    engine = await start_engine(server, name)
    assert read_size(await engine.make(FOX))
    assert trouble.failures == []


@pytest.mark.parametrize(("kind", "name"), SERVERS)
@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_picture_that_may_have_been_drawn_is_not_requested_again(
    kind: type[Server], name: str, status: int, start_engine: EngineStarter
) -> None:
    server = kind()
    post = {"OpenAI": "generations", "Automatic1111": "txt2img", "ComfyUI": "prompt"}[kind.__name__]
    FailingServer(server, status, path=post, after=True)
    engine = await start_engine(server, name)
    with pytest.raises(EngineError):
        await engine.make(FOX)
    assert len(server.asked) == 1


async def test_a_drawn_picture_is_fetched_again_after_an_error(start_engine: EngineStarter) -> None:
    server = ComfyUI()
    trouble = FailingServer(server, 500, 502, path="view")
    engine = await start_engine(server, "comfyui")
    assert read_size(await engine.make(FOX))
    assert (trouble.failures, len(server.asked)) == ([], 1)


async def test_an_exhausted_quota_is_reported_at_once(start_engine: EngineStarter) -> None:
    server = OpenAI()
    server.status, server.trouble = 429, {"error": {"code": "insufficient_quota"}}  # type: ignore[dict-item]
    engine = await start_engine(server, "openai:flux")
    with pytest.raises(EngineError, match="is too busy right now. Try again in a minute."):
        await engine.make(FOX)
    assert len(server.keys) == 1
