"""Messages to other systems: Monte Carlo, OpenLineage, the data contract. Built from the report alone."""
