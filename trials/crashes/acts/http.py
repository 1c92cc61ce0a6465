"""Acknowledgements over HTTP, by JSON and by form, while the server is killed."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import bcrypt
import httpx
from running import Exporter, until

from crashes.act import Outcome, Stage
from crashes.acts.serve import PATIENCE, start
from crashes.checks import log_faults, lost
from crashes.strike import Phase
from crashes.world import BAD, World

USER, PASSWORD = "ann", "pw"
LONGEST = 0.5  # seconds from the first request, or from the first answer, to the kill
ANSWERED = 0.7  # of the kills come after the first answer


class Http:
    """Two clients acknowledge continuously: whatever was answered by 201 or 303 is on record."""

    name: ClassVar[str] = "POST (JSON, form)"
    share: ClassVar[int] = 6

    def begin(self, stage: Stage) -> None:
        """Make a world with held days and a user."""
        self.world = world = World.make(stage.folder / "world")
        for day in BAD:
            world.change(day)
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        (world.folder / "web.yml").write_text(json.dumps({"basic_auth_users": {USER: hashed}}))
        self.round = 0

    def perform(self, stage: Stage) -> Outcome:
        """Kill the server while its clients are sending."""
        world, log = self.world, self.world.log()
        self.round += 1
        exporter = start(world, "--web.config.file", str(world.folder / "web.yml"))
        with exporter:
            clients = [
                Client(exporter, f"json {self.round}", send_json),
                Client(exporter, f"form {self.round}", send_form),
            ]
            moment = stage.chance.uniform(0, LONGEST)
            until(lambda: _is_ready(exporter), PATIENCE)
            for client in clients:
                client.start()
            if stage.chance.random() < ANSWERED:
                until(lambda: any(client.told for client in clients), PATIENCE)
            time.sleep(moment)
            exporter.process.kill()
            exporter.process.wait()
            for client in clients:
                client.join()
        told = [reason for client in clients for reason in client.told]
        phase = Phase.WRITING if world.log() != log else Phase.BEFORE
        outcome = Outcome(phase, len(told), lost(world, told))
        for client in clients:
            outcome.faults += client.refused
        outcome.faults += log_faults(world, log)
        world.do(*world.run)
        outcome.lost += lost(world, told)
        outcome.faults += world.leftovers()
        return outcome


def _is_ready(exporter: Exporter) -> bool:
    """Return whether the first pass is over, which only a logged-in user can see."""
    address = f"http://127.0.0.1:{exporter.port}/-/ready"
    return httpx.get(address, auth=(USER, PASSWORD), trust_env=False, timeout=PATIENCE).status_code == 200


def send_json(client: httpx.Client, reason: str) -> int:
    """Acknowledge a day by JSON; return the status."""
    fields = {"partition": str(BAD[0]), "by": USER, "reason": reason}
    return client.post("/api/v1/gate/ack", json=fields).status_code


def send_form(client: httpx.Client, reason: str) -> int:
    """Acknowledge a day by its form; return the status."""
    path = f"/partitions/{BAD[1]}/acknowledge"
    page = client.get(path)
    token = page.text.partition('name="token" value="')[2].partition('"')[0]
    return client.post(path, data={"token": token, "reason": reason}).status_code


@dataclass
class Client:
    """It sends until the server is gone."""

    exporter: Exporter
    name: str
    send: Callable[[httpx.Client, str], int]
    told: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start sending on a thread of its own."""
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def join(self) -> None:
        """Wait until it has noticed."""
        self.thread.join(PATIENCE)

    def _work(self) -> None:
        address = f"http://127.0.0.1:{self.exporter.port}"
        auth = httpx.BasicAuth(USER, PASSWORD)
        number = 0
        with httpx.Client(base_url=address, auth=auth, trust_env=False, timeout=PATIENCE) as client:
            while True:
                number += 1
                reason = f"{self.name}.{number}"
                try:
                    status = self.send(client, reason)
                except httpx.TransportError:
                    return
                if status in (201, 303):
                    self.told.append(reason)
                else:
                    self.refused.append(f"{reason} was answered by {status}")
                    return


ACT = Http
