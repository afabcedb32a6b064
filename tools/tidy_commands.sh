#!/usr/bin/env bash
# Writes build/tidy/compile_commands.json: the release's command lines as clang-tidy can read them, without g++'s precompiled
# headers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/tidy
sed 's# -Winvalid-pch -include [^ "]*cmake_pch.hxx##g' build/release/compile_commands.json >build/tidy/compile_commands.json
