"""Every kind of page. One that is added is listed here."""

from exporter.pages import front, index
from exporter.pages.index import Index
from exporter.pages.site import Kind, Site

FEED_PAGES: tuple[Kind[Site], ...] = (front.PAGE,)
"""Of one feed, below its folder."""

INDEX_PAGES: tuple[Kind[Index], ...] = (index.PAGE,)
"""Of several feeds together, below the exporter's root."""
