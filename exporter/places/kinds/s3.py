"""S3, Amazon's or any service that speaks it."""

import os
from typing import Any

from exporter.model import Place
from exporter.places.kind import Kind


def _connect(_scheme: str, bucket: str, place: Place) -> tuple[Any, str]:
    """Connect by the AWS SDK's own chain: environment, profile, web identity, instance role."""
    from pyarrow import fs  # noqa: PLC0415  takes long to load, and few need it

    endpoint = place.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = place.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    scheme, _, host = (endpoint or "").rpartition("://")
    options: dict[str, Any] = {"scheme": scheme} if scheme else {}
    system = fs.S3FileSystem(
        region=region or ("us-east-1" if endpoint else None),  # a service of one's own asks for none
        endpoint_override=host or None,
        **options,
        request_timeout=place.timeout,
        connect_timeout=place.connect_timeout,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=place.attempts),
    )
    return system, bucket


KIND = Kind(("s3",), _connect)
