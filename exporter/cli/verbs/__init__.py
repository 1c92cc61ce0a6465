"""The verbs, a module each; adding one here is all that it takes. See ``exporter.cli.app.Verbs``."""
