"""Monte Carlo's SDK and the HTTP library under it, under the names used by the client."""

from pycarlo.common.retries import ExponentialBackoff as Backoff
from pycarlo.core import Client, Session
from pycarlo.features.ingestion import IngestionService
from requests import HTTPError, RequestException, Timeout

__all__ = ["Backoff", "Client", "HTTPError", "IngestionService", "RequestException", "Session", "Timeout"]
