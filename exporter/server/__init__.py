"""HTTP: ready bytes, health, reload, JSON API."""
