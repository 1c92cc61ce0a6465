"""The postmortem of an incident with all known facts filled in, as Markdown to download."""

from exporter.errors import UserError
from exporter.pages.site import Document, Kind, NotFoundError, Site, Visit
from exporter.triage.aftermath import Aftermath

MARKDOWN = "text/markdown; charset=utf-8"


def _make(site: Site, visit: Visit) -> Document:
    known = Aftermath(site.snapshot, site.audit.parent, site.links)
    try:
        text = known.of_incident(visit.values["id"])
    except UserError as error:
        raise NotFoundError(str(error)) from None
    return Document(text.encode("utf-8", "replace"), MARKDOWN)


PAGE: Kind[Site] = Kind("incidents/{id}/postmortem.md", _make)
