"""The verbs, one module each; a new one needs no change elsewhere. See ``exporter.cli.app.Verbs``."""
