"""A stand-in for Slack, PagerDuty, a mail server and a webhook: it stores and shows what it receives."""
