"""Every kind of page. One that is added is listed here."""

from exporter.pages import day, day_explained, day_rows, front, index
from exporter.pages.index import Index
from exporter.pages.site import Kind, Site

FEED_PAGES: tuple[Kind[Site], ...] = (
    front.PAGE,
    day_explained.JSON_PAGE,  # before the day's page, whose address is any one name
    day_explained.TEXT_PAGE,
    day_rows.PAGE,
    day.PAGE,
)
"""Of one feed, below its folder."""

INDEX_PAGES: tuple[Kind[Index], ...] = (index.PAGE,)
"""Of several feeds together, below the exporter's root."""
