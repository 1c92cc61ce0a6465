"""What to do about an alert: pages of Markdown, and the HTML that the exporter serves of them."""
