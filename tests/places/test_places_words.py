"""An object store's errors are reported in a few words, without secrets."""

import pytest

from exporter.places.readable import PlaceError
from exporter.places.remote import short_errors


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            (
                "When listing objects under key 'a/' in bucket 'b': AWS Error ACCESS_DENIED during "
                "ListObjectsV2 operation: Access Denied (key AKIAHUNTER2)"
            ),
            "access denied (ListObjectsV2)",
        ),
        (
            (
                "When reading: AWS Error UNKNOWN (HTTP status 403) during GetObject operation: Unable to "
                "parse ExceptionName: ExpiredToken Message: The provided token has expired."
            ),
            "expired token (GetObject)",
        ),
        (
            "When listing: AWS Error NO_SUCH_BUCKET during ListObjectsV2 operation",
            "there is no such bucket or folder",
        ),
        (
            "GET https://a.blob.core.windows.net/c?sig=HUNTER2 failed",
            "GET https://a.blob.core.windows.net/c?… failed",
        ),
    ],
)
def test_its_errors_are_reported_in_few_words(said: str, words: str) -> None:
    """They say what failed and why."""
    with pytest.raises(PlaceError) as caught, short_errors():
        raise OSError(said)
    assert caught.value.strerror == words
    assert "HUNTER2" not in str(caught.value)
