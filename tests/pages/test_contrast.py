"""The colours of the stylesheet keep their contrast, in light and in dark."""

import math
import re
from pathlib import Path

import pytest

STYLESHEET = Path(__file__).parents[2] / "assets" / "singleuse.css"
TEXT, SHAPE = 4.5, 3.0

# What stands on what, and the ratio that WCAG 2.2 asks for: 1.4.3 for text, 1.4.11 for what marks a control or a state.
PAIRS = [
    *[("ink", behind, TEXT) for behind in ("ground", "paper", "sunken", "accent-wash", "amber-wash", "red-wash")],
    *[("ink-soft", behind, TEXT) for behind in ("ground", "paper", "sunken")],
    *[("accent", behind, TEXT) for behind in ("ground", "paper")],
    *[("amber", behind, TEXT) for behind in ("ground", "paper")],
    *[("red", behind, TEXT) for behind in ("ground", "paper", "red-wash")],
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-deep", TEXT),
    ("accent-deep", "accent-wash", TEXT),
    ("ground", "ink", TEXT),
    *[("line-strong", behind, SHAPE) for behind in ("ground", "paper")],
    *[(f"edge-{name}", "paper", SHAPE) for name in ("sea", "moss", "clay", "plum", "sun", "stone")],
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "behind", "least"), PAIRS)
def test_contrast(theme, front, behind, least):
    colours = themes()[theme]
    ratio = contrast(srgb(colours[front]), srgb(colours[behind]))
    assert ratio >= least, f"--{front} on --{behind} is {ratio:.2f} : 1 in {theme}, at least {least} is needed"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_shown(theme):
    """Outside sRGB a screen would show another colour than the one measured here."""
    for name, value in themes()[theme].items():
        assert all(-0.0005 <= channel <= 1.0005 for channel in srgb(value)), f"--{name}: {value} is outside sRGB"


def test_the_measure():
    assert contrast(srgb("oklch(0% 0 0)"), srgb("oklch(100% 0 0)")) == pytest.approx(21, abs=0.01)
    assert srgb("oklch(62.796% 0.25768 29.234)") == pytest.approx((1, 0, 0), abs=0.001)


def themes() -> dict[str, dict[str, str]]:
    """The custom properties that are opaque colours: those of :root, and with those of the dark block over them."""
    css = STYLESHEET.read_text()
    light, dark = re.findall(r":root\s*\{(.*?)\}", css, re.DOTALL)[:2]
    read = [dict(re.findall(r"--([\w-]+):\s*(oklch\([^)/]*\));", block)) for block in (light, dark)]
    return {"light": read[0], "dark": {**read[0], **read[1]}}


def srgb(colour: str) -> tuple[float, float, float]:
    """Linear-light sRGB, each channel 0–1, of ``oklch(L% C H)`` (CSS Color 4, section 18)."""
    lightness, chroma, hue = (float(part) for part in re.findall(r"[\d.]+", colour))
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    lms = (
        (lightness / 100 + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (lightness / 100 - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (lightness / 100 - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    )
    return (
        4.0767416621 * lms[0] - 3.3077115913 * lms[1] + 0.2309699292 * lms[2],
        -1.2684380046 * lms[0] + 2.6097574011 * lms[1] - 0.3413193965 * lms[2],
        -0.0041960863 * lms[0] - 0.7034186147 * lms[1] + 1.7076147010 * lms[2],
    )


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """The ratio of WCAG 2.2 between two colours of linear-light channels."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(channels: tuple[float, float, float]) -> float:
    red, green, blue = (min(max(channel, 0), 1) for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
