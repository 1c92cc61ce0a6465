"""The address at which people reach a running exporter."""

import ipaddress
from dataclasses import dataclass, replace

from exporter.config.schema import LinksSpec
from exporter.errors import UserError
from exporter.links import Links
from exporter.rules.address import server_address
from exporter.server.listen import parse_address


def external_url(text: str | None) -> str | None:
    """Read ``--web.external-url``; as in Prometheus, an empty one counts as unset. Raises UserError."""
    try:
        return server_address(text) if text else None
    except ValueError as error:
        raise UserError(f"--web.external-url {text!r}: {error}") from None


@dataclass(slots=True)
class Reach:
    """Where the links of a running exporter lead: ``given``, else as configured, else the listen address."""

    given: str | None
    listen_address: str
    secure: bool
    port: int | None = None  # the one chosen by the system, once known

    def links(self, written: LinksSpec) -> Links:
        """Return the links for this configuration."""
        links = written.links()
        if self.given is None and written.names_exporter:
            return links
        return replace(links, exporter=self.given or self.own)

    @property
    def own(self) -> str:
        """The exporter's own address.

        Prometheus uses the host name. With a loopback listener, and in a container, that leads
        nowhere; ``localhost`` works at least on the machine itself.
        """
        address = parse_address(self.listen_address)
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{_host(address.host)}:{self.port or address.port}"


def _host(host: str) -> str:
    try:
        found = ipaddress.ip_address(host or "::")
    except ValueError:
        return host
    if found.is_unspecified:
        return "localhost"
    return f"[{host.replace('%', '%25')}]" if found.version == 6 else host  # noqa: PLR2004  the protocol's number
