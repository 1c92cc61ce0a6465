"""What other systems are told: Monte Carlo, OpenLineage, the data contract. Built from the report alone."""
