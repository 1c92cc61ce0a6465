"""OpenLineage: run events with quality metrics and assertions, one for each partition."""
