import matplotlib.pyplot as plt
import pandas as pd

from sparseobs.figures.style import LOOKS
from sparseobs_book.two_systems import figures as draw


def test_settings_of_one_method_are_told_apart_without_colour():
    errors = pd.DataFrame({"AmEnF": [1, 2], "LETKF, tuned": [1, 3], "LETKF, 1.2": [1, 2.5], "LETKF, 1.4": [2, 2.5]})
    axes = draw.errors_by_heating(errors, climatology=4.0).axes[0]
    lines = {line.get_label(): line for line in axes.lines}
    assert {lines[name].get_color() for name in errors if name.startswith("LETKF")} == {LOOKS["LETKF"].color}
    assert len({(lines[name].get_marker(), lines[name].get_linestyle()) for name in errors}) == 4
    assert axes.get_ylim()[0] == 0
    plt.close("all")
