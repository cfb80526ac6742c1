"""What every interpolation of stations is asked: a Gaussian at a target, from the stations that may be seen."""

import numpy as np

from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.temperature import TemperatureData, measured


class StationInterpolation:
    """An interpolation that reads nothing but stations; a subclass says how in `interpolate`."""

    def predict(self, data: TemperatureData, context, targets, hours) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), degC and K.

        Args:
            data: whose stations are meant.
            context: positions along `station` of those that may be seen.
            targets: positions along `station` of those to predict.
            hours: positions along `time`.
        """
        places = station_points(data.stations)
        values = measured(data.stations).values[np.asarray(hours)][:, np.asarray(context)]
        return self.interpolate(places[context], values, places[targets])

    def interpolate(self, context: Points, values: np.ndarray, targets: Points) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target); NaN in hours without any value.

        Args:
            context: where the values are.
            values: (hour, context), degC, NaN where missing.
            targets: where to predict.
        """
        raise NotImplementedError
