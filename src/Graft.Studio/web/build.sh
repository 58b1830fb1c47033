#!/usr/bin/env bash
# Builds wwwroot/ from this folder. Needs Node 20 or later and npm.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund
npm run check
npm run build
# A test compares these hashes with the files: it sees where a source was changed and the page was not built again.
export LC_ALL=C
sha256sum build.sh index.html ./*.json ./*.js ./*.ts src/* ../wwwroot/* | sed 's,  \./,  ,' > sources.sha256
