"""Install a locked file into the environment of this Python: by uv, which is quick, or else by pip.

uv does not read pip's configuration. What decides where packages come from is handed on to it; where there is
more to it than is known here (a proxy, a client's certificate), or uv fails for any reason, pip installs.
"""

import ast
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
# pip's setting -> uv's variable, and what lies between several of its values.
HANDED_ON = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "cert": ("SSL_CERT_FILE", " "),
}
SECTIONS = ("global", "install", ":env:")  # the later one counts
# Of these no other files come; versions and hashes are the lock's.
IRRELEVANT = {
    *("break-system-packages", "cache-dir", "constraint", "default-timeout", "disable-pip-version-check"),
    *("no-cache-dir", "no-input", "progress-bar", "quiet", "retries", "root-user-action", "timeout"),
}


def for_uv(listed: str) -> dict[str, str] | None:
    """Return what ``pip config list`` says as uv's environment, ``None`` where uv might differ from pip."""
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    settings = [
        (*line.partition("=")[0].rpartition("."), line.partition("=")[2]) for line in listed.splitlines()
    ]
    for section in SECTIONS:
        for of, _, name, value in settings:
            if of != section or name in IRRELEVANT:
                continue
            if name not in HANDED_ON:
                return None
            variable, between = HANDED_ON[name]
            found[variable] = between.join(ast.literal_eval(value).split())
    return found


def locked(name: str, text: str) -> str:
    """Return the lines of one package from a locked file: its version and hashes."""
    lines = text.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = next(number for number in range(start, len(lines)) if not lines[number].rstrip().endswith("\\"))
    return "".join(lines[start : end + 1])


def main(file: Path) -> None:
    """Install all that a locked file names."""
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=True).stdout
    settings = for_uv(listed)
    if settings is None or not install_by_uv(file, settings):
        subprocess.run([*PIP, "install", "--quiet", "--require-hashes", "-r", file], check=True)


def install_by_uv(file: Path, settings: dict[str, str]) -> bool:
    """Install with uv, itself installed first by pip; say whether that went well."""
    if importlib.util.find_spec("uv") is None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as alone:
            alone.write(locked("uv", Path(__file__).with_name("dev.txt").read_text()))
            alone.flush()
            command = [*PIP, "install", "--quiet", "--require-hashes", "-r", alone.name]
            if subprocess.run(command, check=False).returncode:
                return False
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    environment = settings | os.environ
    done = subprocess.run([*command, "--require-hashes", "-r", file], env=environment, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
