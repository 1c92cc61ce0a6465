"""One streaming pass over a file: bytes in, a mergeable tally out, sealed as a profile."""
