"""When to make a pass: file events, settling, due times, rescans."""
