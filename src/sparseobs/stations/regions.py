"""The boxes of the Earth that the book maps."""

from dataclasses import dataclass

from sparseobs.errors import InputError


@dataclass(frozen=True)
class Region:
    """A latitude-longitude box, all edges in degrees (north and east positive).

    Args:
        name: what it is called.
        south: southern edge.
        north: northern edge, above the southern.
        west: western edge.
        east: eastern edge, above the western.

    Raises:
        InputError: an edge is not on the globe, or the box is empty.
    """

    name: str
    south: float
    north: float
    west: float
    east: float

    def __post_init__(self):
        if not (-90 <= self.south < self.north <= 90 and -180 <= self.west < self.east <= 180):
            raise InputError(
                "region",
                (self.south, self.north, self.west, self.east),
                "-90 <= south < north <= 90 and -180 <= west < east <= 180 degrees, for no box reaches across 180",
                "Region('germany', 47.2, 54.95, 5.8, 15.05)",
            )

    def contains(self, latitude, longitude):
        """Return, elementwise, whether points (degrees) lie inside or on the edge."""
        inside_rows = (latitude >= self.south) & (latitude <= self.north)
        return inside_rows & (longitude >= self.west) & (longitude <= self.east)


# Germany is the box of Scholz et al. (2023).
# `uk_ireland` reaches past ERA5's edge at 10 W to take in Valentia (10.24 W).
REGIONS = {
    "germany": Region("germany", 47.2, 54.95, 5.8, 15.05),
    "uk_ireland": Region("uk_ireland", 50.0, 58.0, -10.5, 2.0),
    # SYNOP's: the box of that ERA5 itself; and Germany with List, which lies north of the other box, and a margin.
    "british_isles": Region("british_isles", 50.0, 58.0, -10.0, 2.0),
    "germany_synop": Region("germany_synop", 47.1, 55.2, 5.7, 15.2),
    # British Columbia to California, with the ships off the coast.
    "northwest": Region("northwest", 40.5, 52.0, -132.5, -114.5),
}
