"""Shell completion: the result of pressing the tab key."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import clean_environment

PROGRAM = Path(sys.executable).with_name("puffy-exporter")


def asked(*words: str) -> dict[str, str]:
    """Return bash's environment for completing the last of these words."""
    typed = {"COMP_WORDS": " ".join(("puffy-exporter", *words)), "COMP_CWORD": str(len(words))}
    return clean_environment() | typed | {"_PUFFY_EXPORTER_COMPLETE": "complete_bash"}


def completed(*words: str) -> list[str]:
    """Return bash's completions of the last of these words."""
    done = subprocess.run(
        [PROGRAM],
        env=asked(*words),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("che",), ["check-config"]),
        (("re",), ["report"]),
        (("gate", "w"), ["wait"]),
        (("gate", "wait", "--par"), ["--partition"]),
        (("serve", "--web.t"), ["--web.telemetry-path"]),
        (("nothing-like-it",), []),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_verbs_and_options_are_completed(words: tuple[str, ...], offered: list[str]) -> None:
    """Only those with that prefix."""
    assert completed(*words) == offered


def test_completing_a_verb_loads_none() -> None:
    """The tab key must not wait for pandas."""
    code = """
import sys
from exporter.cli import main
sys.argv[0] = "puffy-exporter"
try:
    main([])
finally:
    print(",".join(name for name in sys.modules if name.startswith("exporter.cli.verbs.")))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=asked(""), capture_output=True, text=True, check=False, timeout=60
    )
    *offered, loaded = done.stdout.split("\n")[:-1]
    assert "serve" in offered
    assert loaded == ""


def test_bash_completes_with_the_script_that_is_shown() -> None:
    """The script is read as the manual says, and a tab finishes the word."""
    bash = shutil.which("bash")
    assert bash
    commands = """
        eval "$(puffy-exporter --show-completion)"
        function=$(complete -p puffy-exporter | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        COMP_WORDS=(puffy-exporter gate hist) COMP_CWORD=2
        "$function" puffy-exporter
        echo "${COMPREPLY[@]}"
    """
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [bash, "--norc", "-c", commands],
        env=clean_environment() | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("history\n", "")
