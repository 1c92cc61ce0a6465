"""When to look again: file events, settling, due times, rescans."""
