"""The diffusers engine, with a pipeline of a few thousand random weights."""

from __future__ import annotations

import builtins
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from acting import wait_until
from image_servers import read_size
from PIL import Image
from tracing_control import disable_tracing

from bot.engines.images import Edit, Picture, _clipseg, build_images, build_part_finder, diffusers
from bot.engines.images._canvas import encode_png, open_picture
from bot.errors import EngineError

FOX = Picture("a fox", "(a fox:1.2)", "blurry", 64, 40, 7)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny, untrained Stable Diffusion pipeline; tracing its code would take long."""
    with disable_tracing():
        return _save_pipeline(tmp_path_factory.mktemp("tiny"))


def _save_pipeline(made: Path) -> Path:
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(1)
    letters = [*"abcdefghijklmnopqrstuvwxyz", *(f"{letter}</w>" for letter in "abcdefghijklmnopqrstuvwxyz")]
    signs = [*letters, "<|startoftext|>", "<|endoftext|>"]
    (made / "vocab.json").write_text(json.dumps({sign: at for at, sign in enumerate(signs)}))
    (made / "merges.txt").write_text("#version: 0.2\n")
    text = CLIPTextConfig(
        vocab_size=len(signs),
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        max_position_embeddings=77,
        bos_token_id=len(signs) - 2,
        eos_token_id=len(signs) - 1,
        pad_token_id=len(signs) - 1,
    )
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL(
            block_out_channels=(4, 4),
            norm_num_groups=2,
            latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
        ),
        text_encoder=CLIPTextModel(text),
        tokenizer=CLIPTokenizer(str(made / "vocab.json"), str(made / "merges.txt"), model_max_length=77),
        unet=UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(4, 8),
            layers_per_block=1,
            norm_num_groups=2,
            cross_attention_dim=8,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=4,
        ),
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(made / "pipeline")
    return made / "pipeline"


@pytest.mark.nightly
@pytest.mark.nightly
async def test_a_seed_reproduces_the_same_picture(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffusers, "_STEPS", 2)
    async with build_images(f"diffusers:{folder}", timeout=60) as engine:
        assert (engine.label, engine.traits.dialect) == ("pipeline, in-process", "sd15")
        assert await engine.check() == "pipeline, in-process is loaded"
        first = await engine.make(FOX)
        again = await engine.make(FOX)
        other = await engine.make(Picture("a fox", width=64, height=40, seed=8))
    assert first == again != other
    assert read_size(first) == (64, 32), "sides are multiples of 16"


@pytest.mark.nightly
async def test_the_same_weights_can_edit_a_picture(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffusers, "_STEPS", 4)
    wanted, mask = Picture("a fox", width=32, height=32, seed=3), Image.new("L", (32, 32))
    mask.paste(255, (0, 0, 32, 8))
    async with build_images(f"diffusers:{folder}", timeout=60) as engine:
        source = await engine.make(wanted)
        varied = await engine.edit(Edit("vary", source, wanted))
        changed = await engine.edit(Edit("change", source, wanted, encode_png(mask)))
        larger = await engine.edit(Edit("enlarge", source, Picture("a fox", width=64, height=64, seed=3)))
    assert (read_size(varied), read_size(changed), read_size(larger)) == ((32, 32), (32, 32), (64, 64))
    assert len({source, varied, changed}) == 3
    below = [open_picture(body).crop((0, 16, 32, 32)) for body in (source, changed, varied)]
    assert below[0].tobytes() == below[1].tobytes() != below[2].tobytes(), "what the mask leaves black stays as it was"


@pytest.mark.nightly
async def test_an_overlong_prompt_is_not_logged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(diffusers, "_STEPS", 1)
    monkeypatch.setattr(logging.getLogger("diffusers"), "handlers", [caplog.handler])
    async with build_images(f"diffusers:{folder}", timeout=60) as engine:
        await engine.make(Picture("fox " * 40 + "zebrabrief", width=16, height=16))
    assert "truncated" not in caplog.text


@pytest.mark.nightly
async def test_a_picture_beyond_the_time_limit_is_cancelled_at_its_next_step(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    draw = diffusers._draw

    def draw_and_record(*arguments: Any) -> bytes:
        try:
            return draw(*arguments)
        except diffusers._CancelledError:
            ended.append("given up")
            raise

    async with build_images(f"diffusers:{folder}", timeout=60) as engine:
        await engine.check()
        monkeypatch.setattr(diffusers, "_STEPS", 900)
        monkeypatch.setattr(diffusers, "_draw", draw_and_record)
        engine._timeout = 0.05
        with pytest.raises(EngineError, match="did not draw within"):
            await engine.make(FOX)
        await wait_until(lambda: ended)
    assert ended == ["given up"]


@pytest.mark.nightly
async def test_a_picture_blocked_by_the_safety_checker_is_declined(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hiding:
        def __call__(self, prompt: str) -> Any:
            return type("Drawn", (), {"nsfw_content_detected": [True], "images": []})

    async with build_images(f"diffusers:{folder}") as engine:
        monkeypatch.setattr(engine._provider, "_pipeline", Hiding())
        with pytest.raises(EngineError, match="declined to draw this"):
            await engine.make(FOX)


async def test_a_folder_without_a_pipeline_is_reported(tmp_path: Path) -> None:
    async with build_images(f"diffusers:{tmp_path}") as engine:
        assert engine.traits.dialect == "sdxl"
        with pytest.raises(EngineError, match=r"cannot be loaded\. QUILLMATE_IMAGES should name a folder"):
            await engine.make(FOX)


async def test_a_missing_package_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    usual = builtins.__import__

    def import_without_diffusers(name: str, *arguments: Any, **more: Any) -> Any:
        if name == "diffusers":
            raise ImportError(name)
        return usual(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", import_without_diffusers)
    monkeypatch.setattr(diffusers, "find_spec", lambda _name: None)
    async with build_images(f"diffusers:{tmp_path}") as engine:
        for use in (engine.check, lambda: engine.make(FOX)):
            with pytest.raises(EngineError, match=r"Run: pip install 'quillmate\[diffusers\]'"):
                await use()


@pytest.fixture(scope="module")
def clipseg_folder(folder: Path) -> Path:
    """Return the folder of a tiny, untrained CLIPSeg model with the tokenizer of the pipeline."""
    from transformers import CLIPSegConfig, CLIPSegForImageSegmentation, CLIPSegProcessor, CLIPTokenizer
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    text = {"vocab_size": 54, "max_position_embeddings": 77, "bos_token_id": 52, "eos_token_id": 53, "pad_token_id": 53}
    small = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 1}
    tokenizer = CLIPTokenizer(str(folder.parent / "vocab.json"), str(folder.parent / "merges.txt"), model_max_length=77)
    with disable_tracing():
        model = CLIPSegForImageSegmentation(
            CLIPSegConfig(
                text_config={**text, **small, "num_hidden_layers": 1},
                vision_config={**small, "num_hidden_layers": 2, "image_size": 64, "patch_size": 16},
                projection_dim=8,
                extract_layers=[0, 1],
                reduce_dim=8,
                decoder_num_attention_heads=1,
                decoder_intermediate_size=8,
                conditional_layer=0,
            )
        )
        made = folder.parent / "parts"
        model.save_pretrained(made)
        CLIPSegProcessor(ViTImageProcessorPil(size={"height": 64, "width": 64}), tokenizer).save_pretrained(made)
    return made


@pytest.mark.nightly
async def test_a_model_finds_the_part_named_in_words(clipseg_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = build_part_finder(str(clipseg_folder))
    assert parts is not None
    assert await parts.check() == "parts finds parts by words"
    shown = encode_png(Image.linear_gradient("L").resize((96, 64)).convert("RGB"))
    monkeypatch.setattr(_clipseg, "_MIN_PART_PROBABILITY", 1.1)
    assert await parts.find_mask(shown, "her hat") is None, "nothing is as sure as that"
    monkeypatch.setattr(_clipseg, "_MIN_PART_PROBABILITY", 0.0)
    monkeypatch.setattr(_clipseg, "_MIN_PIXEL_PROBABILITY", 0.0)
    everywhere = open_picture(await parts.find_mask(shown, "her hat") or b"", "L")
    assert (everywhere.size, everywhere.getextrema()) == ((96, 64), (255, 255))
    monkeypatch.setattr(_clipseg, "_MIN_PIXEL_PROBABILITY", 1.1)
    assert open_picture(await parts.find_mask(shown, "her hat") or b"", "L").getextrema() == (0, 0)


async def test_a_missing_part_model_is_reported(tmp_path: Path) -> None:
    missing = build_part_finder(str(tmp_path))
    assert missing is not None
    with pytest.raises(EngineError, match="QUILLMATE_IMAGES_PARTS should name a folder with a CLIPSeg model"):
        await missing.find_mask(b"", "hat")
    assert build_part_finder("") is None
