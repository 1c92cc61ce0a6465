"""Data contracts: a feed as it is written down in the Open Data Contract Standard."""
