"""What to do about an alert: Markdown pages, served by the exporter as HTML."""
