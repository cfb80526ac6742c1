"""Pictures that a reader moves: every frame is drawn beforehand, sliders choose one, no kernel or network is needed."""

import base64
import html
import io
import itertools
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import pyplot
from matplotlib.figure import Figure
from PIL import Image

from sparseobs.errors import InputError

DPI, COLOURS = 130, 32  # of the frames: a tenth of the size of figures with all colours
MOST_FRAMES = 64
CHOOSE = """
const box = this.closest('.moving'), sliders = [...box.querySelectorAll('input')];
const frame = JSON.parse(box.dataset.frames)[sliders.map(slider => slider.value).join()];
for (const slider of sliders) {
  const said = JSON.parse(slider.dataset.values)[slider.value];
  slider.setAttribute('aria-valuetext', said);
  slider.previousElementSibling.textContent = said;
}
box.querySelector('img').src = 'data:image/png;base64,' + frame.png;
box.querySelector('output').textContent = frame.says;
"""


@dataclass(frozen=True)
class Moving:
    """A figure with the sliders that change it; a notebook and a page show it as HTML that is whole in itself.

    Attributes:
        frames: `png` (base64) and `says`, by the positions of the sliders, joined by commas.
        sliders: the values that each stands for, by its label.
        start: the positions at which it opens: what paper shows, and readers without script.
        alt: what the picture shows, whatever the sliders say.
    """

    frames: Mapping[str, Mapping[str, str]]
    sliders: Mapping[str, Sequence[str]]
    start: tuple[int, ...]
    alt: str

    def _repr_html_(self) -> str:
        handler, rows = _quoted(" ".join(CHOOSE.split())), []
        for position, (label, values) in zip(self.start, self.sliders.items(), strict=True):
            rows.append(
                f"<label>{html.escape(label)}: <span>{html.escape(values[position])}</span>"
                f'<input type="range" min="0" max="{len(values) - 1}" step="1" value="{position}" '
                f'aria-label="{_quoted(label)}" aria-valuetext="{_quoted(values[position])}" '
                f'data-values="{_quoted(json.dumps(values))}" oninput="{handler}"></label>'
            )
        first = self.frames[",".join(map(str, self.start))]
        return (
            f'<div class="moving" data-frames="{_quoted(json.dumps(self.frames))}">'
            f'<img alt="{_quoted(self.alt)}" src="data:image/png;base64,{first["png"]}">'
            f'{"".join(rows)}<output aria-live="polite">{html.escape(first["says"])}</output></div>'
        )


def _quoted(text: str) -> str:
    return html.escape(text, quote=True)


def moving(
    draw: Callable[..., Figure],
    sliders: Mapping[str, Sequence],
    start: tuple,
    *,
    alt: str,
    says: Callable[..., str] = lambda *values: "",
    colours: int = COLOURS,
) -> Moving:
    """Draw a frame for every combination of the sliders' values.

    Args:
        draw: takes one value of each slider, in their order, and returns a figure; all of one size and with the same
            axes, or the picture jumps.
        sliders: the values of each by its label, which names the unit; 64 combinations at most.
        start: the values at which it opens.
        alt: what the picture shows, for whoever does not see it.
        says: takes the same values and returns the sentence that stands below, with the numbers that the frame shows.
        colours: that occur in the frames, the commonest, 256 at most; all others become the nearest of them. Maps
            with several scales need more, and scales of few steps.

    Raises:
        InputError: too many frames, or a start that is none of the values.
    """
    n_frames = math.prod(map(len, sliders.values()))
    if not 2 <= n_frames <= MOST_FRAMES:
        raise InputError("sliders", f"{n_frames} frames", f"2 to {MOST_FRAMES}", "fewer values")
    among = [value in values for value, values in zip(start, sliders.values(), strict=False)]
    if len(start) != len(sliders) or not all(among):
        raise InputError("start", start, f"one of the values of each of {', '.join(sliders)}", "others")
    drawn, frames = {}, {}
    for combination in itertools.product(*(enumerate(values) for values in sliders.values())):
        positions, values = zip(*combination, strict=True)
        figure = draw(*values)
        place = ",".join(map(str, positions))
        drawn[place], frames[place] = _pixels(figure), {"says": says(*values)}
        pyplot.close(figure)
        if values == tuple(start):
            opens = positions
    palette = _commonest(drawn.values(), colours)
    for place, pixels in drawn.items():
        frames[place]["png"] = _png(pixels, palette)
    shown = {
        label: [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
        for label, values in sliders.items()
    }
    return Moving(frames, shown, opens, alt)


def _pixels(figure: Figure) -> np.ndarray:
    """Return what a figure shows, (row, column), each pixel's colour as one number, 65536 red + 256 green + blue."""
    drawn = io.BytesIO()
    with pyplot.rc_context({"savefig.bbox": None}):  # not cut to what a frame shows: all have one size
        figure.savefig(drawn, format="png", dpi=DPI)
    return np.asarray(Image.open(drawn).convert("RGB")) @ [65536, 256, 1]


def _commonest(frames: Iterable[np.ndarray], colours: int) -> np.ndarray:
    """Return the commonest colours (colour, 3) of all frames: a colour means the same in each."""
    counts = Counter()
    for frame in frames:
        counts.update(dict(zip(*(each.tolist() for each in np.unique(frame, return_counts=True)), strict=True)))
    return _parts(np.array([colour for colour, _ in counts.most_common(colours)]))


def _parts(colours: np.ndarray) -> np.ndarray:
    """Return red, green and blue (colour, 3) of colours (colour,) that are one number each."""
    return np.stack([colours // 65536, colours // 256 % 256, colours % 256], 1)


def _png(pixels: np.ndarray, palette: np.ndarray) -> str:
    """Return a frame as a small PNG in the nearest colours of a palette, in base64."""
    found, where = np.unique(pixels, return_inverse=True)
    nearest = ((_parts(found)[:, None] - palette) ** 2).sum(-1).argmin(1).astype(np.uint8)
    frame, small = Image.fromarray(nearest[where].reshape(pixels.shape), mode="P"), io.BytesIO()
    frame.putpalette(palette.astype(np.uint8).tobytes())
    frame.save(small, format="png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()
