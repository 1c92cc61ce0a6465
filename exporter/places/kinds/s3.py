"""S3, Amazon's or any compatible service."""

import os
from dataclasses import fields
from typing import Any

from exporter.model import Place
from exporter.places.kind import Kind


def _connect(_scheme: str, bucket: str, place: Place) -> tuple[Any, str]:
    """Connect with the AWS SDK's credential chain: environment, profile, web identity, instance role."""
    from pyarrow import fs  # noqa: PLC0415  slow to load, and rarely needed

    endpoint = place.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = place.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    scheme, _, host = (endpoint or "").rpartition("://")
    options: dict[str, Any] = {"scheme": scheme} if scheme else {}
    system = fs.S3FileSystem(
        region=region or ("us-east-1" if endpoint else None),  # a custom service needs none
        endpoint_override=host or None,
        **options,
        request_timeout=place.timeout,
        connect_timeout=place.connect_timeout,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=place.attempts),
    )
    return system, bucket


KIND = Kind(("s3",), frozenset(field.name for field in fields(Place)), _connect)
