"""Every kind of page. New ones are added here."""

from exporter.pages import (
    day,
    day_answer,
    day_explained,
    day_rows,
    feeds_incident,
    feeds_incidents,
    front,
    incident,
    incidents,
    index,
    postmortem,
)
from exporter.pages.answer import Form
from exporter.pages.index import Index
from exporter.pages.site import Kind, Site

FEED_PAGES: tuple[Kind[Site], ...] = (
    front.PAGE,
    day_explained.JSON_PAGE,  # before the day's page, whose address matches any single name
    day_explained.TEXT_PAGE,
    day_rows.PAGE,
    day.PAGE,
    incidents.PAGE,
    incident.PAGE,
    postmortem.PAGE,
    day_answer.PAGE,
)
"""Of one feed, below its folder."""

FORMS: tuple[Form, ...] = (incident.FORM, day_answer.FORM)
"""What people can answer with, below a feed's folder."""

INDEX_PAGES: tuple[Kind[Index], ...] = (index.PAGE, feeds_incidents.PAGE, feeds_incident.PAGE)
"""Of several feeds together, below the exporter's root."""
