"""How far a share of rows moves by chance alone.

Sources: Wilson, "Probable inference", JASA 22 (1927); Agresti and Coull, "Approximate is better than exact",
The American Statistician 52 (1998).
"""

import numpy as np

from exporter.history.lags import Array

PRIOR_HITS, PRIOR_ROWS = 2.0, 4.0  # Agresti and Coull: a history without a single hit does not prove zero


def standard_error(share: Array, rows_before: Array, rows: Array) -> Array:
    """Return the standard error of the difference between a day's share and the share of the days before.

    ``rows_before`` are those of all these days, ``rows`` the day's own. The arrays broadcast; NaN where
    either has none.
    """
    prior = (share * rows_before + PRIOR_HITS) / (rows_before + PRIOR_ROWS)
    error: Array = np.sqrt(prior * (1 - prior) * (1 / rows + 1 / rows_before))
    return error
