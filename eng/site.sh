#!/usr/bin/env bash
# Builds the site of README, docs/ and the API into artifacts/site. A dead link ends it with an error.
#
#   eng/site.sh [FOLDER]    where the built assemblies lie [default: src/Graft.Cli/bin/Release/net10.0]
set -euo pipefail
cd "$(dirname "$0")/.."

assemblies=${1:-src/Graft.Cli/bin/Release/net10.0}
[ -f "$assemblies/Graft.Training.xml" ] || { echo "site: '$assemblies' has no assemblies; build them first" >&2; exit 1; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
stage=artifacts/site-input
rm -rf "$stage" artifacts/site
mkdir -p "$stage"

# The pages, and what they link to, as they lie in the repository.
git ls-files -co --exclude-standard -z -- '*.md' '*.svg' docs bench deploy js LICENSE NOTICE 'samples/*.cs' 'src/*.cs' \
  | xargs -0 cp --parents -t "$stage"
cp eng/site/* "$stage"
cp README.md "$stage/index.md"
ln -s "$PWD/$assemblies" "$stage/assemblies"

# Comments on the API may repeat what they inherit: docfx warns of that, and it is no mistake.
dotnet tool restore > /dev/null
dotnet docfx metadata "$stage/docfx.json" --logLevel error
dotnet docfx build "$stage/docfx.json" --warningsAsErrors --logLevel warning
echo "site: $(find artifacts/site -name '*.html' | wc -l) pages are in artifacts/site"
