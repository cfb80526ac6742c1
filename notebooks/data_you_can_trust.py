# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# (data-you-can-trust)=
# # Data you can trust
#
# :::{admonition} On this page
# **You will be able to** read a weather service's station files, and find their gaps, moves and mistakes. You can say
# which mistakes a look at the neighbours finds and which it does not.
#
# **You need** {doc}`/notebooks/temperature_from_stations`.
#
# **Time** 10 minutes to read, seconds to run, 25 minutes for the exercises.
#
# **Runs on** one CPU core. The stations are those of the synthetic twin, written to files in the format of Germany's weather
# service (DWD) and read back with the reader that reads the real ones.
# :::
#
# A network that learns from stations learns their mistakes too. Some are not in the thermometers but in the files: a code taken
# for a temperature, a unit, a clock, a place. This page plants five of them in a clean network. A look at the neighbours finds the
# code and the unit at once. It does not find a clock that is six hours late, which takes a look at time.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% [markdown]
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print.
#
# ```bash
# .venv/bin/papermill notebooks/data_you_can_trust.ipynb out.ipynb -p limit 3
# ```

# %% tags=["parameters"]
import os

# smoke (two days), lesson (ten days) or paper (all 531 days, minutes)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: weather, network and noise of the twin
hour = 14  # which hour of the run to draw, 0 to 47
limit = 6.0  # above 0: departures beyond so many standard deviations are not believed
n_stations = None  # invented stations besides VALUE's (None: the preset's)

# %% tags=["hide-input"]
from sparseobs.errors import require_number
from sparseobs.runs import settings
from sparseobs.runs.claims import say_which_hold
from sparseobs_book.checking import check
from sparseobs_book.data_you_can_trust import exercises
from sparseobs_book.data_you_can_trust import run as trusted_data

page = settings.resolve(trusted_data.PRESETS, preset, n_stations=n_stations)
require_number("seed", seed, least=0, whole=True)
require_number("hour", hour, least=0, most=47, whole=True)
require_number("limit", limit, above=0)
print(f"{page.days} days, {page.n_stations} invented stations, limit {limit:g}")

# %% [markdown]
# ## What a weather service ships
#
# One zip a station: readings, one line an hour, and where the station stood from when to when. Here are the first lines of one, written from the twin.

# %%
import tempfile
import zipfile
from pathlib import Path

from sparseobs.stations.dwd_write import write_dwd
from sparseobs.stations.twin import load_twin

data = load_twin(page, seed=seed)
folder = Path(tempfile.mkdtemp())
with zipfile.ZipFile(write_dwd(data.stations, folder)[1]) as archive:
    for name in archive.namelist():
        print(name, *archive.read(name).decode("latin-1").splitlines()[:4], sep="\n  ")

# %% [markdown]
# `MESS_DATUM` is the hour, by the clock that `Metadaten_Parameter` names for each period: UTC here, MEZ in many an older year. `QN_9` says how thoroughly somebody has looked, `TT_TU` is the temperature in degC, `RF_TU` the humidity, which the
# twin has not; `-999` stands for a missing reading.

# %%
import numpy as np
import pandas as pd
from sparseobs.stations.dwd_network import read_dwd

stations = read_dwd(folder)
print(stations.sizes, stations["quality"].attrs["flag_meanings"], sep="\n")
difference = (
    stations["temperature"].values - data.stations["temperature"].values
)  # in the same order
print(f"lost by writing and reading: at most {np.nanmax(np.abs(difference)):.2f} K")

# %% [markdown]
# :::{admonition} Check yourself: why does the reader refuse a file whose last line has no `eor`?
# :class: dropdown
# A download that was cut ends in the middle of a line, and half a number is a number: `12.` for `12.7`, or `-9` for `-999.0`. The mark of the
# line's end is the only sign. A truncated zip, another layout, or two different readings of one hour are refused as well.
# :::
#
# ## Gaps

# %% mystnb={"figure": {"caption": "Which station has no reading when (dark), synthetic.", "name": "fig-trust-gaps"}, "image": {"alt": "A chart of stations against days, white but for short dark dashes scattered over all stations."}}
from sparseobs.figures import style
from sparseobs_book.data_you_can_trust import figures as trust

style.use()
figure = trust.gap_chart(stations["temperature"])

# %%
missing = np.isnan(stations["temperature"])
reporting = (~missing).sum("station")
print(f"{float(missing.mean()):.1%} of the readings are missing")
print(
    f"stations that report in an hour: {int(reporting.min())} to {int(reporting.max())}"
)

# %% [markdown]
# Gaps come in spells ({numref}`fig-trust-gaps`). So the stations of an hour are never quite the same, and a method that wants a full table has to invent
# readings or throw hours away. Everything in this book takes a mask instead.
#
# ## A code taken for a temperature
#
# What if a reader does not know the code?

# %% mystnb={"figure": {"caption": "Inverse-distance maps of one hour, synthetic: missing readings taken for -999 degrees (left), and left out (right). Circles are readings; crosses are missing.", "name": "fig-trust-code"}, "image": {"alt": "Two maps of Germany on one scale of colours. Left, most of the map is far too cold because of a few missing readings. Right, a smooth field."}}
gaps = np.isnan(stations["temperature"]).sum("station")
at = hour if int(gaps[hour]) else int(gaps.argmax())
unread = stations.assign(temperature=stations["temperature"].fillna(-999))
both = {"-999 taken as read": unread, "-999 left out": stations}
hours = {name: network.isel(time=at) for name, network in both.items()}
maps = {
    name: (trusted_data.interpolated(part, data.region), part)
    for name, part in hours.items()
}
figure = trust.maps_of(data.region, maps)

# %% [markdown]
# {numref}`fig-trust-code`: a hole for every gap. This mistake is easy to see in an hour, and in a day, whose mean falls by 42 K. A
# monthly mean that holds one such reading falls by 1.4 K, and that looks like weather.
#
# ## Ask the neighbours
#
# Reduce all readings to sea level and compare each with the median of its eight nearest stations. Departures have a spread of their own; what lies far outside
# of it is not believed.

# %%
from sparseobs.stations.neighbour_check import implausible, neighbour_departures

lowland = np.flatnonzero(
    (stations["height"] < 150) & (stations["latitude"] < 52.5)
)  # away from coast and hills
first, second = (int(index) for index in lowland[:2])


def with_readings(station, values):
    """The network with other readings (time,) at one station."""
    temperature = stations["temperature"].copy()
    temperature[:, station] = values
    return stations.assign(temperature=temperature)


# %% mystnb={"figure": {"caption": "Departures from the neighbours of two synthetic stations: one whose clock is six hours late, and one whose readings are in degrees Fahrenheit. Circles: not believed.", "name": "fig-trust-departures"}, "image": {"alt": "Two lines over days. The upper one swings by several degrees about zero with hardly a circle. The lower one lies far above zero, circled nearly everywhere."}}
late = np.roll(stations["temperature"][:, first], 6)
fahrenheit = 1.8 * stations["temperature"][:, second] + 32
wrong = with_readings(first, late)
wrong["temperature"][:, second] = fahrenheit
departures = neighbour_departures(wrong)
suspicious = implausible(departures, limit)
figure = trust.departures(departures, suspicious, [first, second])

# %%
shares = suspicious.mean("time")
rest = shares.drop_isel(station=[first, second])
print(f"not believed, clock late:  {float(shares[first]):.1%}")
print(f"not believed, Fahrenheit:  {float(shares[second]):.1%}")
print(f"not believed, all others:  {float(rest.mean()):.2%}")

# %% [markdown]
# **What to see** in {numref}`fig-trust-departures`: the wrong unit stands out by itself. The late clock swings about zero by
# several degrees, which an eye sees and the check hardly does. Every reading of that station is wrong, and nearly all of them
# are believed. What is not believed among *all others* is a false alarm, and false alarms are not spread evenly: the last section
# before the exercises counts them in the mountains.
#
# The late clock needs another question: at which shift in time does a station agree best with its neighbours?

# %%
own = pd.Series(wrong["temperature"].values[:, first])
around = own - departures.values[:, first]  # up to a constant, what the neighbours read
agreement = pd.Series(
    {shift: own.corr(around.shift(shift)) for shift in range(-12, 13)}
)
print(
    f"best at {agreement.idxmax()} h: correlation {agreement.max():.3f}; at 0 h {agreement[0]:.3f}"
)

# %% [markdown]
# What does each mistake cost? Every station is interpolated from the others, as given and after the check, and judged by what it truly read:

# %%
heights = stations["height"].values.copy()
heights[second] += 1000
mistakes = {
    "none": stations,
    "missing readings taken for -999 °C": unread,
    "one station in degrees Fahrenheit": with_readings(second, fahrenheit),
    "one station's clock six hours late": with_readings(first, late),
    "one station 1,000 m too high on paper": stations.assign_coords(
        height=("station", heights)
    ),
}
table = trusted_data.costs(mistakes, stations, limit)
table.round(2)

# %% [markdown]
# **What to see.** The unknown code costs most by far, the check finds it and gives the map back. One wrong station among
# many costs a map of the whole country little, but ask what it costs the ten kilometres around it. A check that throws away what departs
# cannot find what is wrong by as much as weather varies.
#
# ## The checks of a weather service
#
# Norway's weather service publishes its checks as a library, [titanlib](https://github.com/metno/titanlib). The *buddy check* compares a
# reading with the mean of the stations within 100 km and 200 m of height. The *spatial consistency test* asks whether optimal interpolation of
# the other stations expects it. The *isolation check* marks who has fewer than five others within 100 km. Which of the wrong readings does each find?

# %%
from sparseobs.stations import titan

found_by = trusted_data.found_by(mistakes, stations, limit)
if not titan.available():
    print("titanlib is not installed: the look at the neighbours stands alone")
found_by.round(1).rename(index={"none": "none: right readings marked"})

# %% [markdown]
# **What to see.** All three that judge readings find the unit, and none finds the late clock in most hours. The wrong height hides from both of
# titanlib's: they compare within some 200 m of height, and up there the station has no neighbours left. The buddy check leaves codes where fewer
# than five neighbours of that height stand around, or where several codes do, whose spread hides each. Right readings are marked in less than 1 % of cases. The
# isolation check says which stations nobody can vouch for: it judges places, not readings.
#
# ## A station that moved
#
# Stations move, and a list of stations has their last place only. DWD's metadata tell every place with its dates. The reader makes one station of each:

# %%
from sparseobs.stations.dwd_write import write_zip

times = pd.DatetimeIndex(stations["time"].values)
middle = times[len(times) // 2].normalize()
history = pd.DataFrame({"name": ["Valley", "Hill"], "height": [120.0, 420.0]})
history[["latitude", "longitude"]] = [[50.00, 9.0], [50.05, 9.0]]
history["start"] = [pd.Timestamp("1990-01-01"), middle]
history["stop"] = [middle - pd.Timedelta(days=1), pd.NaT]
moved = Path(tempfile.mkdtemp())
readings = stations["temperature"].isel(station=first).to_series()
write_zip(moved / "stundenwerte_TU_00001_akt.zip", 1, readings, history)
places = read_dwd(moved)
counts = np.isfinite(places["temperature"]).sum("time").values
print("readings at each place:", *counts)
places[["name", "height"]].to_dataframe()[["name", "height"]]

# %% [markdown]
# With the last height for all of its years, this station would read two degrees too warm for its height until the day it moved. A
# network would learn an inversion that never was. Both places have readings of their own now, and no hour has two.
#
# ## Break it, repair it
#
# Leave out the reduction to sea level, and the check throws away the mountains:

# %%
as_they_are = implausible(neighbour_departures(stations, lapse_rate=0.0), limit)
reduced = implausible(neighbour_departures(stations), limit)
high = stations["height"].values > 800
for name, found in (("as they are", as_they_are), ("at sea level", reduced)):
    share = found.mean("time").values
    print(
        f"{name:13}: {share[high].mean():6.1%} of the readings above 800 m, {share[~high].mean():.1%} below"
    )

# %% [markdown]
# Compare what remains above 800 m after the reduction with what remains below: one lapse rate for all hours is not the weather's.
#
# ## With real files
#
# ```bash
# python -m sparseobs data fetch germany --start 2020-06-01 --end 2020-06-30 --station 44 --part dwd
# ```
#
# fetches a station (optional extra `real`); {doc}`/book/data_and_licences` says where everything comes from, and what your own files must look like. If
# the folder `SPARSEOBS_DATA` has DWD's files, the next cell counts one station's quality levels and gaps.

# %%
from sparseobs.stations.dwd import QUALITY, read_product
from sparseobs.stations.dwd_network import find_files
from sparseobs.stations.germany import folders

real = find_files(folders()["dwd"].parent)
for number, files in list(real.items())[:1]:
    product = read_product(files.products[0])
    print(
        f"real: station {number}, {len(product)} hours, {int(product['temperature'].isna().sum())} missing"
    )
    print(product["quality"].map(QUALITY).value_counts().to_string(header=False))
if not real:
    print("no real files here: nothing to count")

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-trust-limit
# Halve the limit, to three standard deviations. Are most readings of the late clock found now, `"yes"` or `"no"`? What becomes of the
# false alarms?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# A Gaussian lies beyond three standard deviations once in 370 times. Are departures Gaussian?
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "yes" or "no"
doubted = implausible(departures, 3.0).mean("time")
false_alarms = float(doubted.drop_isel(station=[first, second]).mean())
check(exercises.judge_limit, prediction, false_alarms, float(doubted[first]))

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: no. More true readings are lost than a Gaussian's one in 370, and most of the late clock's are still believed.
check(exercises.judge_limit, "no", false_alarms, float(doubted[first]))

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 5 minutes · one line
# :name: exercise-trust-shift
# How far must a station's thermometer be off, always by the same amount, until half of its readings are not believed?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# What is not believed lies beyond the limit times the spread of all departures. How large is that spread here?
# :::


# %% tags=["exercise"]
def not_believed(offset):
    off = with_readings(second, stations["temperature"][:, second] + offset)
    return float(implausible(neighbour_departures(off), limit)[:, second].mean())


offset = ...  # YOUR TURN: K
check(exercises.judge_offset, offset, not_believed)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: about the limit times the robust spread of all departures, less what this station reads above its neighbours anyway.
clean = neighbour_departures(stations).values
spread = 1.4826 * np.nanmedian(np.abs(clean - np.nanmedian(clean)))
own_middle = np.nanmedian(clean[:, second]) - np.nanmedian(clean)
half_way = limit * spread - own_middle
print(
    f"spread {spread:.2f} K, limit {limit * spread:.1f} K; asked for {half_way:.1f} K"
)
check(exercises.judge_offset, half_way, not_believed)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 15 minutes · five lines
# :name: exercise-trust-stuck
# A thermometer can be stuck: it reads the same for hours, and near enough to its neighbours. Write the check that finds it: mark every reading that belongs
# to a spell of $n$ or more equal ones. Missing readings are not stuck.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Look at each window of $n$ readings in turn. `(window == window[0]).all()` is false if one of them is NaN.
# :::


# %% tags=["exercise"]
def stuck(readings, n):
    """Return booleans (time,): which readings (time,) belong to a spell of n."""
    ...  # YOUR TURN


check(exercises.judge_stuck, stuck)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: a window of n readings that slides over time. Planted here, a thermometer that is stuck for a day: the look at the neighbours
# believes it, and this check finds all of it. With n = 2 it would mark 2.5 % of right readings: in tenths of a degree they repeat by chance.


def is_stuck(readings, n):
    marked = np.zeros(len(readings), dtype=bool)
    for begin in range(len(readings) - n + 1):
        window = readings[begin : begin + n]
        marked[begin : begin + n] |= (window == window[0]).all()
    return marked


right = stations["temperature"][:, second].values
held = right.copy()
held[12:36] = np.nanmean(right[12:36]).round(1)
by_neighbours = implausible(neighbour_departures(with_readings(second, held)), limit)
share_by_neighbours = float(by_neighbours[12:36, second].mean())
share_by_time = is_stuck(held, 6)[12:36].mean()
print(f"found of the stuck day: neighbours {share_by_neighbours:.0%}", end=", ")
print(f"a look at time {share_by_time:.0%}")
for n in (2, 4, 6):
    print(f"right readings marked with n = {n}: {is_stuck(right, n).mean():.1%}")
check(exercises.judge_stuck, is_stuck)

# %% [markdown]
# ## Summary
#
# - Codes, units, clocks and places can be wrong in a file while the thermometer is right. Look for them before noise.
# - A look at the neighbours finds what is impossible, at the price of some true readings in the mountains. It does not find a
#   late clock; a correlation at shifted hours does.
# - A moved station is two stations.
#
# **Not shown:** real mistakes and how often they happen; checks in time, or against a reanalysis; drifting sensors.
#
# **Next:** {doc}`/notebooks/length_scales` asks for the shortest wave that comes back.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that quality control makes data right. Let a group plant a mistake that the check does not find.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}; synthetic stations, in the format of real ones"
)

# %% tags=["remove-cell", "claims"]
found_all = suspicious.mean("time")
given, after = table["error as given (K)"], table["error after the check (K)"]
say_which_hold(
    {
        "a tenth of a degree is all that is lost": lambda: (
            np.nanmax(np.abs(difference)) < 0.051
        ),
        "the wrong unit stands out": lambda: (
            float(found_all[second]) > max(0.9, 20 * float(rest.mean()))
        ),
        "the late clock is nearly always believed": lambda: (
            float(found_all[first]) < 0.2
        ),
        "a shift of six hours is found": lambda: agreement.idxmax() == 6,
        "the code costs most, and the check gives the map back": lambda: (
            given.idxmax() == "missing readings taken for -999 °C"
            and abs(after[given.idxmax()] - after["none"]) < 0.05
        ),
        "all find the unit, and none the late clock": lambda: (
            (found_by.iloc[2, :3] > 90).all() and (found_by.iloc[3] < 50).all()
        ),
        "titanlib's checks do not find the height": lambda: (
            (found_by.iloc[4, 1:] < 1).all()
            and found_by.iloc[4, 0] >= found_by.iloc[4].max()
        ),
        "hardly a right reading is marked": lambda: (found_by.iloc[0, :3] < 1).all(),
        "two places, and no hour has two readings": lambda: (
            places.sizes["station"] == 2
            and not np.isfinite(places["temperature"]).all("station").any()
        ),
        "mountains are thrown away without the reduction": lambda: (
            as_they_are.values[:, high].mean() > reduced.values[:, high].mean()
        ),
        "more is lost above 800 m than below": lambda: (
            reduced.values[:, high].mean() > reduced.values[:, ~high].mean()
        ),
        "at three deviations more false alarms than a Gaussian's": lambda: (
            false_alarms > 1 / 370 and float(doubted[first]) < 0.5
        ),
        "the stuck day is found by time and not by the neighbours": lambda: (
            share_by_neighbours < 0.5 and share_by_time == 1
        ),
    }
)
