"""Runs a command transparently: its streams, its signals, its exit code."""

import contextlib
import os
import signal
from collections.abc import Iterator, Sequence

from exporter.errors import reason_of

SIGNALLED = 128  # added to a signal's number, as a shell does
CANNOT_RUN = 126
NOT_FOUND = 127
FROM_KERNEL = 0x80  # si_code of signals from a terminal, which go to the whole process group

FORWARDED = frozenset(
    {
        signal.SIGTERM,
        signal.SIGINT,
        signal.SIGHUP,
        signal.SIGQUIT,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGALRM,
    }
)


LOOK_SECONDS = (
    1.0  # between checks on the command, in case a library's thread has taken the signal of its end
)


@contextlib.contextmanager
def without_signals() -> Iterator[None]:
    """Block signals while libraries are loaded, so that threads that they start never receive them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*FORWARDED, signal.SIGCHLD})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class UnstartableError(Exception):
    """A command that cannot be run; ``exit_code`` is what a shell would return."""

    def __init__(self, command: str, error: OSError) -> None:
        super().__init__(f"{command}: {reason_of(error)}")
        self.exit_code = NOT_FOUND if isinstance(error, FileNotFoundError) else CANNOT_RUN


def run_command(command: Sequence[str]) -> int:
    """Run a command to its end; return its exit code, 128 + n if signal n ended it.

    Signals sent to this process reach the command. Raises UnstartableError.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a parent may have set it to be ignored
    watched = {number for number in FORWARDED if signal.getsignal(number) != signal.SIG_IGN}
    watched.add(signal.SIGCHLD)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    try:
        return _attend(_start(command, before), watched)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(command: Sequence[str], mask: set[signal.Signals | int]) -> int:
    try:
        return os.posix_spawnp(
            command[0],
            list(command),
            os.environ,
            setsigmask=mask,
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],  # which Python ignores
        )
    except OSError as error:
        raise UnstartableError(command[0], error) from None


def _attend(child: int, watched: set[signal.Signals]) -> int:
    while True:
        heard = signal.sigtimedwait(watched, LOOK_SECONDS)
        if heard is None or heard.si_signo == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else SIGNALLED - code
        elif heard.si_code != FROM_KERNEL:  # Ctrl-C on a terminal has already reached the command
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, heard.si_signo)
