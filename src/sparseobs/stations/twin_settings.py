"""Every constant of the synthetic twin of Germany, with its unit."""

from dataclasses import dataclass, fields

from sparseobs.errors import require_number

SHARES = ("cloud_damping", "summit_damping", "daily_season", "winter_stillness", "settled_calming") + (
    "view_range_loss",
    "view_night_loss",
)


@dataclass(frozen=True)
class Weather:
    """A Gaussian random field with covariance std^2 exp(-r^2 / 2 length^2), carried by the wind.

    Attributes:
        std: K (cloud and front fields: dimensionless).
        length: km.
        memory: hours until the pattern itself, seen from the moving air, has lost 1 - 1/e of its correlation.
    """

    std: float
    length: float
    memory: float


@dataclass(frozen=True)
class TwinSettings:
    """The nature run, its reanalysis-like view and its station network.

    Amplitudes were chosen by hand so that stations differ with distance about as much as 493 German stations
    did on 2020-06-09 at 12 UTC, and vary in time about as much as one of them did in March 2020 (DWD open data); and
    so that in settled weather 178 stations below 600 m are as hard to predict from each other, hour by hour, and as
    different by night, as SYNOP stations were on four days of February 2019 (`data/real_nights.csv`).

    Raises:
        InputError: a size, spacing or standard deviation that makes no sense.
    """

    # Size
    start: str = "2001-03-01"  # UTC; the Sun of March, the weather of no real year
    days: int = 31
    spacing: float = 0.05  # degrees between grid points of the nature run, about 4 km
    coarse: int = 5  # nature grid points per reanalysis cell edge: 0.25 degrees

    # Air over flat land at sea level
    mean: float = 6.5  # degC at 51 N
    per_degree_north: float = -0.25  # K
    trend: float = 0.1  # K per day: spring
    season: float = 0.0  # K, half the yearly range over land; 0 leaves one season, with its trend
    warmest_day: float = 200.0  # of the year
    synoptic: Weather = Weather(std=2.8, length=350.0, memory=72.0)
    front: Weather = Weather(std=1.0, length=260.0, memory=72.0)
    front_jump: float = 1.5  # K either side of a front
    front_sharpness: float = 5.0  # the jump is tanh(sharpness x front field): about 50 km wide
    mesoscale: tuple[Weather, ...] = (
        Weather(std=0.6, length=28.0, memory=10.0),
        Weather(std=0.35, length=12.0, memory=5.0),
    )

    # Wind that carries the weather: mean and random part, eastward and northward
    wind_mean: tuple[float, float] = (4.0, 1.0)  # m/s
    wind_std: float = 3.0  # m/s
    wind_memory: float = 24.0  # hours
    calm: float = 4.0  # m/s: wind near the ground at which night-time contrasts have fallen to 1/e

    # Settled weather: highs with clear skies and little wind near the ground
    settled_share: float = 0.2  # of all hours
    settled_memory: float = 72.0  # hours
    settled_calming: float = 0.85  # share of the wind near the ground that settled weather takes away
    settled_clearing: float = 3.5  # by which settled weather lowers the cloud field (dimensionless)

    # Cloud and the daily cycle
    cloud: Weather = Weather(std=1.5, length=160.0, memory=12.0)
    cloudiness: float = 0.4  # mean of the cloud field (dimensionless): above 0, cloud covers more than half
    cloud_winter: float = 0.0  # more of it at midwinter
    daily_amplitude: float = 5.0  # K, half the daily range over land under a clear sky
    cloud_damping: float = 0.8  # share of that range an overcast sky takes away
    warmest_hour: float = 15.0  # local solar time
    dusk: float = 2.0  # hours by which night-time contrasts follow the Sun
    daily_season: float = 0.0  # share by which the daily range is wider at midsummer and narrower at midwinter
    sea_amplitude: float = 0.3  # K

    # Height
    lapse_rate: float = 6.5  # K per km
    lapse_rate_std: float = 0.7  # K per km, from one air mass to the next
    lapse_rate_memory: float = 48.0  # hours
    lapse_rate_season: float = 0.0  # K per km, steeper at midsummer and gentler at midwinter
    winter_inversion: float = 0.0  # K per km, what a calm midwinter hour takes off the lapse rate
    winter_stillness: float = 0.0  # share of a night's stillness that lasts through a midwinter day
    cold_pool: float = 4.0  # K below the slopes, deep valley, clear calm night
    cold_pool_depth: float = 120.0  # m below the surroundings at which a valley counts as deep
    hollow_cold: float = 2.5  # K that a hollow of the 4 km terrain is colder, and a crest warmer, in such a night
    hollow: tuple[float, float] = (2.5, 12.0)  # km over which its ground and the ground around are averaged
    hollow_depth: float = 30.0  # m below the ground around at which a hollow counts as one
    slope_warmth: float = 6.0  # K that slopes above the plain's cold air are warmer in such a night
    slope_height: float = 150.0  # m above the surroundings by which most of that is reached
    surroundings: float = 20.0  # km over which "the surroundings" are averaged
    summit_damping: float = 0.5  # share of the daily range missing on a summit

    # What a kind of soil does: dry sand is colder in a clear calm night and warmer on a clear day
    soil_night: float = 1.0  # K, standard deviation
    soil_day: float = 0.7  # K, standard deviation
    # Patches of still air that come and go, in a clear calm night
    night_patches: Weather = Weather(std=1.5, length=22.0, memory=10.0)
    night_cooling: float = 4.0  # K that all land is colder in a clear calm night

    # Sea, coast and cities
    sea_temperature: float = 5.0  # degC
    sea_season: float = 0.0  # K, half the yearly range of the sea
    sea_delay: float = 35.0  # days by which the sea follows the land
    sea_share: float = 0.4  # share of the synoptic anomaly that the air over the sea follows
    coast_width: float = 8.0  # km over which sea air gives way to land air
    city_warmth: float = 0.6  # K, by day and night
    city_night_warmth: float = 2.0  # K more in a clear calm night

    # The reanalysis-like view: cell means, further smoothed, with errors of its own
    view_smoothing: float = 14.0  # km, standard deviation of the kernel
    view_bias: Weather = Weather(std=0.35, length=400.0, memory=480.0)
    view_error: Weather = Weather(std=0.8, length=130.0, memory=6.0)
    view_range_loss: float = 0.15  # share of the daily range that it lacks
    view_night_loss: float = 0.5  # share of a night's contrasts between places that it lacks
    view_night_bias: float = 0.4  # K too warm in a clear calm night
    view_winter_bias: float = 0.5  # share by which that is more at midwinter and less at midsummer

    # The station network
    n_stations: int = 180  # besides the VALUE stations
    least_distance: float = 12.0  # km between two stations
    height_scatter: float = 20.0  # m by which a station lies off the terrain's grid
    siting: float = 0.25  # K, what is peculiar to a site and stays
    turbulence: float = 0.2  # K, what is peculiar to a site and passes
    turbulence_memory: float = 3.0  # hours
    obs_error_std: float = 0.15  # K, thermometer noise, independent from hour to hour
    missing_share: float = 0.02  # of all hours, in spells
    missing_spell: float = 8.0  # hours, mean length of a spell
    move_rate: float = 0.0  # moves a station and year, of the invented stations
    move_distance: float = 2.0  # km to the former place

    def __post_init__(self):
        require_number("days", self.days, least=1, whole=True)
        require_number("coarse", self.coarse, least=2, whole=True)
        require_number("n_stations", self.n_stations, least=0, whole=True)
        require_number("spacing", self.spacing, least=0.02, most=0.1)
        require_number("missing_share", self.missing_share, least=0, most=0.5)
        require_number("missing_spell", self.missing_spell, least=1)
        for name in ("season", "sea_season", "move_rate", "move_distance", "winter_inversion"):
            require_number(name, getattr(self, name), least=0)
        for field in fields(self):
            if field.name.endswith("_std") or field.name in ("siting", "turbulence", "height_scatter"):
                require_number(field.name, getattr(self, field.name), least=0)
        for name in SHARES:
            require_number(name, getattr(self, name), least=0, most=1)
        require_number("settled_share", self.settled_share, above=0, most=0.99)


# Ranges as (height above the plain in m, half-width in km, crest as (latitude, longitude) points).
# Crests and heights are rounded from common geographical knowledge.
RIDGES = {
    "Alps": (2100, 38, ((46.9, 8.3), (47.0, 9.8), (47.1, 11.0), (47.15, 12.5), (47.3, 15.3))),
    "Northern Limestone Alps": (1300, 11, ((47.4, 9.9), (47.42, 11.1), (47.6, 12.0), (47.6, 13.0))),
    "Jura": (900, 16, ((46.9, 6.2), (47.4, 7.6))),
    "Vosges": (900, 14, ((47.8, 6.95), (48.5, 7.15))),
    "Black Forest": (850, 14, ((47.75, 8.0), (48.75, 8.3))),
    "Feldberg": (450, 8, ((47.87, 8.0), (47.88, 8.05))),
    "Swabian Jura": (420, 13, ((47.95, 8.7), (48.75, 10.1))),
    "Franconian Jura": (170, 18, ((48.9, 10.8), (49.9, 11.4))),
    "Bavarian Forest": (750, 18, ((48.6, 13.9), (49.1, 13.1), (49.8, 12.4))),
    "Fichtelgebirge": (420, 12, ((50.0, 11.8), (50.05, 11.9))),
    "Ore Mountains": (700, 17, ((50.25, 12.2), (50.45, 12.95), (50.75, 13.9))),
    "Thuringian Forest": (600, 9, ((50.95, 10.3), (50.66, 10.77), (50.4, 11.3))),
    "Rhoen": (600, 11, ((50.3, 9.9), (50.6, 9.95))),
    "Spessart and Odenwald": (280, 14, ((49.6, 8.8), (50.1, 9.4))),
    "Vogelsberg": (480, 13, ((50.5, 9.2), (50.55, 9.25))),
    "Taunus": (500, 9, ((50.1, 8.0), (50.3, 8.5))),
    "Hunsrueck": (420, 13, ((49.6, 6.8), (49.95, 7.5))),
    "Eifel and Ardennes": (420, 22, ((50.1, 5.6), (50.2, 6.4), (50.5, 6.8))),
    "Westerwald": (350, 14, ((50.6, 8.0), (50.65, 8.1))),
    "Sauerland": (580, 16, ((51.0, 8.1), (51.2, 8.5))),
    "Harz": (520, 12, ((51.7, 10.4), (51.7, 10.9))),
    "Brocken": (480, 6, ((51.8, 10.6), (51.8, 10.63))),
    "Weser Hills": (220, 14, ((51.7, 9.4), (52.1, 9.2))),
    "Sudetes": (750, 13, ((50.85, 14.6), (50.75, 15.3))),
}
# Broad valleys as (depth below the plain in m, half-width in km, course).
VALLEYS = {
    "Upper Rhine": (270, 20, ((47.6, 7.6), (48.6, 7.8), (49.4, 8.4), (50.0, 8.4))),
    "Middle Rhine": (190, 7, ((50.0, 8.0), (50.35, 7.6), (50.8, 7.1))),
    "Lower Rhine Bay": (190, 38, ((50.8, 6.9), (51.4, 6.7), (52.0, 6.0))),
    "Moselle": (180, 8, ((49.4, 6.4), (49.8, 6.7), (50.35, 7.6))),
    "Main": (130, 9, ((50.0, 8.4), (49.8, 9.9), (50.0, 10.9))),
    "Neckar": (200, 9, ((48.5, 9.2), (48.85, 9.2), (49.4, 8.8))),
    "Danube": (90, 13, ((48.4, 10.0), (48.8, 11.4), (49.0, 12.1), (48.5, 13.5))),
    "Elbe": (140, 10, ((50.6, 14.1), (51.1, 13.7), (51.9, 12.7))),
    "Leipzig Bay": (80, 40, ((51.2, 12.2), (51.6, 12.2))),
    "Saale": (110, 10, ((50.6, 11.5), (51.5, 11.9))),
}
# Height of the plain (m) by latitude: from the Baltic up to the foot of the Alps.
PLAIN = ((47.0, 48.0, 49.0, 50.0, 51.0, 52.0, 52.6, 54.0, 55.0), (560, 500, 410, 330, 230, 90, 45, 22, 15))
# Cities as (latitude, longitude, radius in km, size: 1 for Berlin).
CITIES = {
    "Berlin": (52.52, 13.40, 14, 1.0),
    "Hamburg": (53.55, 10.00, 11, 0.9),
    "Munich": (48.14, 11.58, 10, 0.9),
    "Cologne": (50.94, 6.96, 10, 0.8),
    "Ruhr": (51.50, 7.10, 18, 0.8),
    "Frankfurt": (50.11, 8.68, 9, 0.8),
    "Stuttgart": (48.78, 9.18, 8, 0.7),
    "Leipzig": (51.34, 12.37, 8, 0.6),
    "Dresden": (51.05, 13.74, 8, 0.6),
    "Hanover": (52.37, 9.73, 8, 0.6),
    "Nuremberg": (49.45, 11.08, 8, 0.6),
    "Bremen": (53.08, 8.80, 8, 0.6),
}
