"""A stand-in for Slack, PagerDuty, a mail server and a webhook: it keeps and shows what it is sent."""
