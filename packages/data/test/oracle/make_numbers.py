"""Writes ../numbers.json (resized and cropped images by Pillow and PyTorch) and ../fixtures (image files written by Pillow, with
the pixels that Pillow reads out of them in fixtures.json).

Run with a Python that has torch, numpy and pillow:  python make_numbers.py
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, PngImagePlugin

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
rng = np.random.default_rng(7)


def rounded(array):
    return [float(np.float32(v)) for v in np.asarray(array, dtype=np.float64).ravel()]


def torch_resize(image, size, **options):
    x = torch.from_numpy(image.astype(np.float64)).permute(2, 0, 1)[None]
    return torch.nn.functional.interpolate(x, size=size, **options)[0].permute(1, 2, 0).numpy()


def pillow_resize(image, size, method):
    planes = [Image.fromarray(image[..., c].astype(np.float32)) for c in range(image.shape[2])]
    return np.stack([np.asarray(p.resize((size[1], size[0]), method)) for p in planes], axis=-1)


def resize_cases():
    cases = []
    for height, width, channels, target in [
        (7, 9, 3, (4, 5)),
        (7, 9, 3, (14, 20)),
        (16, 11, 1, (5, 30)),
        (5, 5, 4, (5, 5)),
        (1, 8, 3, (3, 3)),
        (23, 31, 2, (1, 1)),
    ]:
        image = rng.integers(0, 256, (height, width, channels)).astype(np.float32)
        cases.append(
            {
                "shape": [height, width, channels],
                "input": rounded(image),
                "size": list(target),
                "torch": {
                    "bilinear": rounded(torch_resize(image, target, mode="bilinear", align_corners=False)),
                    "antialias": rounded(
                        torch_resize(image, target, mode="bilinear", align_corners=False, antialias=True)
                    ),
                    "nearest": rounded(torch_resize(image, target, mode="nearest-exact")),
                },
                "pillow": {
                    "antialias": rounded(pillow_resize(image, target, Image.Resampling.BILINEAR)),
                    "nearest": rounded(pillow_resize(image, target, Image.Resampling.NEAREST)),
                },
            }
        )
    return cases


def cover_cases():
    cases = []
    for height, width, target, scaled in [(20, 30, (8, 8), (8, 12)), (31, 17, (10, 6), (11, 6)), (6, 4, (9, 9), (14, 9))]:
        image = rng.integers(0, 256, (height, width, 3)).astype(np.float32)
        whole = torch_resize(image, scaled, mode="bilinear", align_corners=False, antialias=True)
        top, left = (scaled[0] - target[0]) // 2, (scaled[1] - target[1]) // 2
        cut = whole[top : top + target[0], left : left + target[1]]
        cases.append({"shape": [height, width, 3], "input": rounded(image), "size": list(target), "result": rounded(cut)})
    return cases


def crop_cases():
    cases = []
    image = rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    for top, left, height, width in [(0, 0, 6, 8), (1, 2, 3, 4), (5, 7, 1, 1)]:
        cut = Image.fromarray(image).crop((left, top, left + width, top + height))
        box = {"top": top, "left": left, "height": height, "width": width}
        cases.append({"box": box, "result": rounded(np.asarray(cut))})
    colour = Image.fromarray(image)
    others = {
        "flipHorizontal": rounded(np.asarray(ImageOps.mirror(colour))),
        "flipVertical": rounded(np.asarray(ImageOps.flip(colour))),
        "grey": rounded(np.asarray(colour.convert("L"))),
    }
    return {"shape": [6, 8, 3], "input": rounded(image), "crops": cases, **others}


def scene(height, width, channels):
    """A picture with slopes, edges and noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        (x * 255 / (width - 1)),
        (y * 255 / (height - 1)),
        np.where((x > width // 2) ^ (y > height // 3), 240, 15) + rng.integers(-15, 16, (height, width)),
        255 * (x + y) / (height + width - 2),
    ]
    return np.clip(np.stack(planes[:channels], axis=-1), 0, 255).astype(np.uint8)


def save_fixtures():
    FIXTURES.mkdir(exist_ok=True)
    expected = {}

    def keep(name, image, reference=None, **options):
        path = FIXTURES / name
        image.save(path, **options)
        with Image.open(path) as opened:
            pixels = reference(opened) if reference else np.asarray(opened)
        pixels = pixels if pixels.ndim == 3 else pixels[..., None]
        expected[name] = {
            "shape": list(pixels.shape),
            "bits": pixels.dtype.itemsize * 8,
            "pixels": base64.b64encode(pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()).decode(),
        }

    def to(mode):
        return lambda image: np.asarray(image.convert(mode))

    colour = Image.fromarray(scene(21, 37, 3))
    grey = Image.fromarray(scene(21, 37, 3)[..., 2])
    cmyk = Image.merge("CMYK", [Image.fromarray(plane) for plane in np.moveaxis(scene(21, 37, 4), -1, 0)])
    keep("baseline-444.jpg", colour, quality=90, subsampling=0)
    keep("baseline-422.jpg", colour, quality=90, subsampling=1)
    keep("baseline-420.jpg", colour, quality=90, subsampling=2)
    keep("baseline-420-narrow.jpg", colour.resize((4, 9)), quality=90, subsampling=2)
    keep("restart-420.jpg", colour, quality=80, subsampling=2, restart_marker_blocks=2)
    keep("progressive-420.jpg", colour, quality=80, subsampling=2, progressive=True)
    keep("progressive-444.jpg", colour, quality=95, subsampling=0, progressive=True)
    keep("rgb.jpg", colour, quality=90, keep_rgb=True)
    keep("grey.jpg", grey, quality=80)
    keep("grey-progressive.jpg", grey, quality=80, progressive=True)
    keep("cmyk.jpg", cmyk, to("RGB"), quality=90)
    keep("cmyk-progressive.jpg", cmyk, to("RGB"), quality=90, progressive=True)

    alpha = Image.fromarray(scene(13, 10, 4))
    keep("rgb.png", colour)
    keep("rgba.png", alpha)
    keep("grey.png", grey)
    keep("grey-alpha.png", Image.merge("LA", [alpha.getchannel(0), alpha.getchannel(3)]))
    keep("grey-1bit.png", grey.convert("1"), to("L"))
    keep("grey-keyed.png", grey, to("LA"), transparency=int(np.asarray(grey)[0, 0]))
    keep("rgb-keyed.png", colour, to("RGBA"), transparency=colour.getpixel((3, 4)))
    keep("grey-16bit.png", Image.fromarray(rng.integers(0, 65536, (11, 9)).astype(np.uint16)))
    keep("palette-8bit.png", colour.quantize(100), to("RGB"))
    keep("palette-4bit.png", colour.quantize(16), to("RGB"), bits=4)
    keep("palette-2bit.png", colour.quantize(4), to("RGB"), bits=2)
    keep("palette-1bit.png", colour.quantize(2), to("RGB"), bits=1)
    keep("palette-alpha.png", alpha.quantize(50), to("RGBA"))

    def upright(image):
        return np.asarray(ImageOps.exif_transpose(image))

    picture = Image.fromarray(scene(10, 19, 3))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        keep(f"orientation-{orientation}.jpg", picture, upright, quality=92, subsampling=0, exif=exif)
        keep(f"orientation-{orientation}.png", picture, upright, exif=exif)
    (HERE.parent / "fixtures.json").write_text(json.dumps(expected, indent=1) + "\n")


def main():
    numbers = {
        "made_with": {"pillow": PngImagePlugin.Image.__version__, "torch": torch.__version__},
        "resize": resize_cases(),
        "cover": cover_cases(),
        "arrange": crop_cases(),
    }
    text = json.dumps(numbers, separators=(",", ":"))
    (HERE.parent / "numbers.json").write_text(text.replace('{"shape"', '\n{"shape"') + "\n")
    save_fixtures()


if __name__ == "__main__":
    main()
