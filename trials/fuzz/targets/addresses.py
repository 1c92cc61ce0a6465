"""Hosts of addresses and kinds of referrers, compared with a parser that reads from left to right."""

import addresses as second
import reference
from target import Target, agree

from exporter.profiling.referrer import is_synthetic
from exporter.profiling.strings import look, text_array
from exporter.profiling.types.url import hosts


def run(data: bytes) -> None:
    """Parse each line both ways."""
    texts = [text.strip() for text in data.decode("utf-8", "replace").split("\n")]
    agree(hosts(look(text_array(texts))), [(second.read(text) or ("", False))[0] for text in texts], "hosts")
    for text in texts:
        agree(is_synthetic(text), reference.synthetic(text), f"a referrer {text!r}")


TARGET = Target(
    name="addresses",
    run=run,
    seeds=(
        b"https://www.example.com/a?b=c#d\n//example.com:80\nexample.com",
        b"http://user:pw@[::1%25eth0]:8080/\nhttps://source-1a2b3c4d.com/x\nsource-1a2b3c4d.com",
        b"android-app://com.x.y/\n192.168.0.1:80/x\nlocalhost\nwww.x.de.",
        b"https:\\\\a.b\n\xc3\xa9.de\nmailto:a@b.c\nhttps://a@b@c/",
    ),
    words=(
        b"https://",
        b"//",
        b"source-1a2b3c4d.com",
        b"@",
        b":80",
        b"[::1]",
        b"localhost",
        b"127.0.0.1",
        b"%",
        b"\\",
    ),
    longest=120,
)
