#!/bin/sh
# Make .venv and install the given requirements files into it; does nothing when they are installed as they are.
# Usage: sh local/install.sh requirements.txt [requirements-dev.txt]
set -eu
cd "$(dirname "$0")/.."

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

fail() {
    printf 'make: %s\n' "$1" >&2
    exit 1
}

# A broken or outdated .venv is made anew; one that works stays.
if [ -e .venv ] && ! .venv/bin/python -c "$supported" 2>/dev/null; then
    echo "The Python of .venv is gone or not one of 3.11 to 3.13: making .venv anew."
    rm -rf .venv
fi

changed=""
for file in "$@"; do
    [ "$(cat ".venv/.installed-$file" 2>/dev/null)" = "$(cksum < "$file")" ] || changed=yes
done
[ -n "$changed" ] || exit 0

free_kb=$(df -Pk . | awk 'NR == 2 { print $4 }')
[ "$free_kb" -ge 1500000 ] || fail "only $((free_kb / 1024)) MB are free here, and installing takes 1.5 GB.
Remedy: free some disk space and try again."

if [ ! -e .venv ]; then
    python="" seen=""
    for candidate in ${PYTHON:-python3 python3.12 python3.13 python3.11 python}; do
        found=$("$candidate" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue
        seen="$seen $candidate is $found;"
        if "$candidate" -c "$supported"; then python=$candidate; break; fi
    done
    [ -n "$python" ] || fail "Python 3.11, 3.12 or 3.13 is needed; found:${seen:- no Python at all}
Remedy: install one of them (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 ..."
    echo "Making .venv with $python ($found)"
    if uv --version >/dev/null 2>&1; then
        # uv follows a shim such as pyenv's only by the path of the real interpreter.
        uv venv --quiet --python "$("$python" -c 'import sys; print(sys.executable)')" .venv
    else
        "$python" -m venv .venv || { rm -rf .venv; fail "$python -m venv failed.
Remedy: install its venv module (Debian, Ubuntu: apt install python3-venv), or uv."; }
    fi
fi

echo "Installing $*"
.venv/bin/python -m local.requirements "$@" || fail "installing failed, see above.
Remedy: check the network and the package index (pip.conf, PIP_INDEX_URL, UV_DEFAULT_INDEX), then try again."

for file in "$@"; do cksum < "$file" > ".venv/.installed-$file"; done
