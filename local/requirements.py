"""Installs requirements files into the Python that runs this: `python -m local.requirements requirements.txt`.

uv installs in seconds what takes pip a minute and more, so a machine without uv gets it from the package index first.
Only the standard library is imported here: nothing else is installed yet.
"""

import ast
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

# Not one version: what is installed is pinned, and a company's mirror of the index may have another uv.
UV = "uv>=0.7"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
TOLD_LINES = 20  # of a program that failed
PACKAGES_A_LINE = 25  # of pip's progress

# pip's setting: uv's variables for the same, any of which wins when it is set, and what separates several values.
SAME_SETTING = {
    "index-url": (("UV_DEFAULT_INDEX", "UV_INDEX_URL"), " "),
    "extra-index-url": (("UV_INDEX", "UV_EXTRA_INDEX_URL"), " "),
    "find-links": (("UV_FIND_LINKS",), ","),
    "constraint": (("UV_CONSTRAINT",), " "),
    "trusted-host": (("UV_INSECURE_HOST",), " "),
    "cert": (("SSL_CERT_FILE",), " "),
    "client-cert": (("SSL_CLIENT_CERT",), " "),
    "proxy": (("ALL_PROXY",), " "),
    "timeout": (("UV_HTTP_TIMEOUT",), " "),
}


def main(files: list[str]) -> int:
    """Install; gives an exit code."""
    requirements = [word for file in files for word in ("--requirement", file)]
    pins = sum(len(re.findall("^[^#\\s].*==", Path(file).read_text(), re.MULTILINE)) for file in files)
    if _works("uv"):  # the machine's own is set up by whoever installed it
        return _run(["uv", "pip", "install", "--python", sys.executable, *requirements], uv_progress, os.environ)
    if not _works(*PIP):
        _run([sys.executable, "-m", "ensurepip"], lambda line: None, os.environ)
    own = Path(sys.executable).with_name("uv")
    if not _works(own):
        print("Getting uv from the package index", flush=True)
        _run([*PIP, "install", "--retries", "1", UV], lambda line: None, os.environ)
    if _works(own):
        settings = pip_settings()
        options = ["--no-index"] if settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else []
        environment = {**os.environ, **uv_settings(settings, os.environ)}
        command = [own, "pip", "install", "--python", sys.executable, *options, *requirements]
        if _run(command, uv_progress, environment) == 0:
            return 0
    print("Installing with pip, which takes longer than uv", flush=True)
    return _run([*PIP, "install", "--progress-bar", "off", *requirements], pip_progress(pins), os.environ)


def pip_settings() -> dict[str, str]:
    """What pip's files and environment set, by long option; of several places the one that pip takes."""
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=False).stdout
    found = {key: ast.literal_eval(value) for key, _, value in (line.partition("=") for line in listed.splitlines())}
    settings = {}
    for section in ("global.", "install.", ":env:."):
        settings |= {key.removeprefix(section): value for key, value in found.items() if key.startswith(section)}
    if "default-timeout" in settings:  # the option's other name
        settings["timeout"] = settings.pop("default-timeout")
    return settings


def uv_settings(settings: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """pip's settings as variables of uv, which reads none of pip's; what `environ` sets already is left out."""
    # pip takes the best version of all its indexes, and newer ones trust what the system trusts.
    made = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "true"}
    for name, (variables, separator) in SAME_SETTING.items():
        if settings.get(name) and not any(environ.get(variable) for variable in variables):
            made[variables[0]] = separator.join(settings[name].split())
    return {name: value for name, value in made.items() if not environ.get(name)}


def uv_progress(line: str) -> str | None:
    """uv's phases with their numbers and the large files, but not the list of all packages."""
    return line if re.match("(Resolved|Prepared|Installed|Audited|Checked) | *(Download|Build)", line) else None


def pip_progress(pins: int) -> Callable[[str], str | None]:
    """A line for some packages that are found, of about `pins`, and for each phase that follows."""
    found = 0

    def told(line: str) -> str | None:
        nonlocal found
        if line.startswith("Collecting "):
            found += 1
            return f"Found {found} of {pins} packages" if found % PACKAGES_A_LINE == 0 else None
        phase, _, packages = line.partition(": ")
        if phase == "Installing collected packages":
            return f"Installing {len(packages.split(', '))} packages"
        return "Installed them" if line.startswith("Successfully installed ") else None

    return told


def _run(command: list, told: Callable[[str], str | None], environment: Mapping[str, str]) -> int:
    """Run a program and print what `told` makes of its lines; the last lines as they are when it fails."""
    last: deque[str] = deque(maxlen=TOLD_LINES)
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as program:
        for line in program.stdout:
            last.append(line)
            if shown := told(line.rstrip()):
                print(shown, flush=True)
    if program.returncode:
        print("".join(last), end="", file=sys.stderr, flush=True)
    return program.returncode


def _works(*program: str | Path) -> bool:
    """Whether a program is there and runs: a shim may be there without what it stands for."""
    try:
        return subprocess.run([*program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
