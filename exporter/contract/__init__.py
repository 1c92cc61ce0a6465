"""Data contracts: a feed described in the Open Data Contract Standard."""
