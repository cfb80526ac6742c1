"""Pictures that a reader moves: every frame is drawn beforehand, sliders choose one, no kernel or network is needed."""

import base64
import html
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib import pyplot
from matplotlib.figure import Figure
from PIL import Image

from sparseobs.errors import InputError

DPI, COLOURS = 110, 64  # of a frame: a tenth of the size of a figure at 150 dots an inch and with all colours
MOST_FRAMES = 64
# Exchanges the figure above the sliders for the frame they choose. A page and a notebook hold that figure in
# different elements; where neither is found, the frame is shown below the sliders.
CHOOSE = """
const box = this.closest('.moving'), sliders = [...box.querySelectorAll('input')];
const frame = JSON.parse(box.dataset.frames)[sliders.map(slider => slider.value).join()];
for (const slider of sliders) {
  const said = JSON.parse(slider.dataset.values)[slider.value];
  slider.setAttribute('aria-valuetext', said);
  slider.previousElementSibling.textContent = said;
}
const around = box.closest('.cell_output, .jp-OutputArea, .output');
let image = (around || box).querySelector('figure img, .jp-RenderedImage img, .output_png img, .moving img');
if (!image) { image = box.appendChild(document.createElement('img')); image.alt = ''; }
image.src = 'data:image/png;base64,' + frame.png;
image.removeAttribute('srcset');
box.querySelector('output').textContent = frame.says;
"""


@dataclass(frozen=True)
class Moving:
    """A figure and the sliders that change it.

    Attributes:
        frames: `png` (base64) and `says`, by the positions of the sliders, joined by commas.
        sliders: the values that each stands for, by its label.
        start: the positions at which it opens.
        first: the figure there, its static twin.
    """

    frames: Mapping[str, Mapping[str, str]]
    sliders: Mapping[str, Sequence[str]]
    start: tuple[int, ...]
    first: Figure = field(repr=False)

    def show(self) -> None:
        """Display the static twin, which a page numbers and captions, and the sliders below it."""
        from IPython.display import HTML, display  # notebooks have it; the library does without

        display(self.first)
        pyplot.close(self.first)
        display(HTML(self.controls()))

    def controls(self) -> str:
        """Return the sliders as HTML that is whole in itself."""
        handler = html.escape(" ".join(CHOOSE.split()), quote=True)
        rows = []
        for position, (label, values) in zip(self.start, self.sliders.items(), strict=True):
            quoted = {name: html.escape(text, quote=True) for name, text in (
                ("label", label), ("value", values[position]), ("values", json.dumps(values))
            )}  # fmt: skip
            rows.append(
                f"<label>{html.escape(label)}: <span>{html.escape(values[position])}</span>"
                f'<input type="range" min="0" max="{len(values) - 1}" step="1" value="{position}" '
                f'aria-label="{quoted["label"]}" aria-valuetext="{quoted["value"]}" '
                f'data-values="{quoted["values"]}" oninput="{handler}"></label>'
            )
        frames = html.escape(json.dumps(self.frames), quote=True)
        says = self.frames[",".join(map(str, self.start))]["says"]
        return (
            f'<div class="moving" data-frames="{frames}">{"".join(rows)}'
            f'<output aria-live="polite">{html.escape(says)}</output></div>'
        )


def moving(
    draw: Callable[..., Figure],
    sliders: Mapping[str, Sequence],
    start: tuple,
    says: Callable[..., str] = lambda *values: "",
) -> Moving:
    """Draw a frame for every combination of the sliders' values.

    Args:
        draw: takes one value of each slider, in their order, and returns a figure; all of one size and with the same
            axes, or the picture jumps.
        sliders: the values of each by its label, which names the unit; 64 combinations at most.
        start: the values at which it opens: the static twin, for print and for readers without a mouse or script.
        says: takes the same values and returns the sentence that stands below, with the numbers that the frame shows.

    Raises:
        InputError: too many frames, or a start that is none of the values.
    """
    n_frames = 1
    for values in sliders.values():
        n_frames *= len(values)
    if not 2 <= n_frames <= MOST_FRAMES:
        raise InputError("sliders", f"{n_frames} frames", f"2 to {MOST_FRAMES}", "fewer values")
    among = [value in values for value, values in zip(start, sliders.values(), strict=False)]
    if len(start) != len(sliders) or not all(among):
        raise InputError("start", start, f"one of the values of each of {', '.join(sliders)}", "others")
    frames, first = {}, None
    for combination in itertools.product(*(enumerate(values) for values in sliders.values())):
        positions, values = zip(*combination, strict=True)
        figure = draw(*values)
        frames[",".join(map(str, positions))] = {"png": _png(figure), "says": says(*values)}
        if values == tuple(start):
            first, at = figure, positions
        else:
            pyplot.close(figure)
    shown = {label: [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
             for label, values in sliders.items()}  # fmt: skip
    return Moving(frames, shown, at, first)


def _png(figure: Figure) -> str:
    """Return a figure as a small PNG with few colours, in base64."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(small, format="png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()
