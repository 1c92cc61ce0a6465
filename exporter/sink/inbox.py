"""The messages kept: bounded, so that a forgotten sink does not grow."""

import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any

from exporter.sink.message import Channel, Message

KEPT = 200  # per channel, so that a heartbeat every minute does not displace pages


class Inbox:
    """Messages from several threads, newest first. The oldest of a full channel is dropped."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = {channel: deque[Message](maxlen=kept) for channel in Channel}
        self._received = dict.fromkeys(Channel, 0)
        self._lock = threading.Lock()

    def add(self, channel: Channel, path: str, body: Any) -> Message:
        """Keep a message and number it."""
        with self._lock:
            number = sum(self._received.values()) + 1
            message = Message(number, datetime.now(tz=UTC), channel, path, body)
            self._received[channel] += 1
            self._kept[channel].append(message)
        return message

    def newest(self, channel: Channel | None = None) -> list[Message]:
        """Return the stored messages, of one channel or all, newest first."""
        with self._lock:
            chosen = [
                message
                for name, messages in self._kept.items()
                if channel in (None, name)
                for message in messages
            ]
        return sorted(chosen, key=lambda message: message.number, reverse=True)

    def received(self) -> dict[Channel, int]:
        """Return how many messages each channel ever received."""
        with self._lock:
            return dict(self._received)
