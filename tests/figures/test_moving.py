"""Sliders and frames that need nothing but the page they stand on."""

import base64
import html
import io
import json

import pytest
from bs4 import BeautifulSoup
from matplotlib import pyplot
from PIL import Image

from sparseobs.errors import InputError
from sparseobs.figures.moving import moving

SLIDERS = {"members": (5, 10, 20), "inflation": (1.0, 1.1)}


def draw(members, inflation):
    figure, ax = pyplot.subplots(figsize=(2, 1))
    ax.plot([0, members], [0, inflation])
    return figure


@pytest.fixture
def picture():
    says = lambda members, inflation: f"{members} members, {inflation:g} < 2"  # noqa: E731
    return moving(draw, SLIDERS, (10, 1.1), alt='a "line"', says=says)


def test_there_is_a_frame_for_every_combination(picture):
    assert sorted(picture.frames) == ["0,0", "0,1", "1,0", "1,1", "2,0", "2,1"]
    assert len({frame["png"] for frame in picture.frames.values()}) == 6
    sizes = {Image.open(io.BytesIO(base64.b64decode(frame["png"]))).size for frame in picture.frames.values()}
    assert len(sizes) == 1
    assert picture.start == (1, 1)


def test_sliders_are_named_say_their_value_and_stand_where_the_figure_opens(picture):
    soup = BeautifulSoup(picture._repr_html_(), "html.parser")
    found = soup.select("input[type=range]")
    assert [slider["aria-label"] for slider in found] == ["members", "inflation"]
    assert [slider["aria-valuetext"] for slider in found] == ["10", "1.1"]
    assert [slider["max"] for slider in found] == ["2", "1"]
    assert soup.output.text == "10 members, 1.1 < 2"
    assert json.loads(soup.div["data-frames"])["0,0"]["says"] == "5 members, 1 < 2"


def test_the_page_asks_nobody_for_anything(picture):
    controls = html.unescape(picture._repr_html_())
    assert "http" not in controls and 'src="data:' in controls and "<script" not in controls


def test_the_picture_opens_with_its_frame_and_says_what_it_shows(picture):
    image = BeautifulSoup(picture._repr_html_(), "html.parser").img
    assert image["alt"] == 'a "line"'
    assert image["src"].endswith(picture.frames["1,1"]["png"])


def test_no_figure_stays_open():
    open_before = pyplot.get_fignums()
    moving(draw, SLIDERS, (5, 1.0), alt="lines")
    assert pyplot.get_fignums() == open_before


@pytest.mark.parametrize(
    "sliders, start",
    [(SLIDERS, (7, 1.1)), (SLIDERS, (5,)), ({"members": range(100)}, (0,)), ({"members": (5,)}, (5,))],
)
def test_a_start_that_is_no_value_or_too_many_frames_are_refused(sliders, start):
    with pytest.raises(InputError):
        moving(draw, sliders, start, alt="lines")


def pixels(picture, frame):
    shown = Image.open(io.BytesIO(base64.b64decode(picture.frames[frame]["png"]))).convert("RGB")
    return {colour for _, colour in shown.getcolors()}


def test_a_colour_is_the_same_in_every_frame_however_much_of_it_there_is():
    def field(share):
        figure = pyplot.figure(figsize=(1, 1))
        figure.add_axes((0, 0, 1, share)).set_facecolor("#123456")
        figure.axes[0].set_axis_off()
        figure.patches.append(pyplot.Rectangle((0, 0), 1, share, transform=figure.transFigure, color="#123456"))
        return figure

    picture = moving(field, {"share": (0.02, 0.5)}, (0.5,), alt="", colours=3)
    for frame in picture.frames:
        assert (0x12, 0x34, 0x56) in pixels(picture, frame) and (255, 255, 255) in pixels(picture, frame)
        assert len(pixels(picture, frame)) <= 3
