#!/usr/bin/env bash
# Makes the packages of a release in a folder, and publishes them where it is told to.
#
#   eng/release.sh --dry-run            everything but publishing, for any commit
#   eng/release.sh                      the same for a commit that has a tag such as v0.1.0 and a clean working tree
#   eng/release.sh --push SOURCE        and pushes the packages; the key is in NUGET_API_KEY
#
#   --out FOLDER         where the packages, SHA256SUMS and notes.md go [default: artifacts/release]
#   --only "NAME NAME"   some projects of src/ instead of all
#   --platforms "A;B"    platforms of the tool instead of all; each takes hundreds of megabytes
#
# Needs git, unzip, sha256sum and the .NET SDK. The version comes from the tags, by MinVer.
set -euo pipefail
cd "$(dirname "$0")/.."

out=artifacts/release
only=""
platforms=""
source=""
dry=0
stop() { echo "release: $1" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case "$1" in
    --dry-run) dry=1; shift ;;
    --out) out=$2; shift 2 ;;
    --only) only=$2; shift 2 ;;
    --platforms) platforms=$2; shift 2 ;;
    --push) source=$2; shift 2 ;;
    *) stop "no option $1" ;;
  esac
done
for tool in git unzip sha256sum dotnet; do
  command -v "$tool" > /dev/null || stop "'$tool' is missing; install it"
done
[ $dry = 1 ] && [ -n "$source" ] && stop "'--push' cannot be used: it has no effect beside '--dry-run'"
[ -n "$source" ] && [ -z "${NUGET_API_KEY:-}" ] && stop "'NUGET_API_KEY' is missing: it holds the key of $source"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 CI=true

# 1. The version.
dotnet tool restore > /dev/null
version=$(dotnet minver --tag-prefix v --minimum-major-minor 0.1 --verbosity error)
if [ $dry = 0 ]; then
  [ -z "$(git status --porcelain)" ] || stop "the working tree has changes; commit them first"
  case "$version" in *-alpha.0*) stop "this commit has no tag; tag it, for example: git tag v0.1.0" ;; esac
fi

# 2. The notes: the version's part of the changelog, or what is not released yet.
mkdir -p "$out"
[ -z "$(ls -A "$out")" ] || stop "'$out' is not empty; name another folder with --out"
part() { awk -v head="## [$1]" 'index($0, head) == 1 { on = 1; next } /^## / { on = 0 } on' CHANGELOG.md | sed '/./,$!d'; }
part "$version" > "$out/notes.md"
if [ ! -s "$out/notes.md" ]; then
  [ $dry = 1 ] || stop "CHANGELOG.md has no part '## [$version]'"
  part Unreleased > "$out/notes.md"
fi
[ -s "$out/notes.md" ] || stop "CHANGELOG.md has no part '## [Unreleased]'"

# 3. The packages. Packing validates what they offer.
targets=(Graft.slnx)
[ -z "$only" ] || read -ra targets <<< "$only"
for target in "${targets[@]}"; do
  [ "$target" = Graft.slnx ] || target="src/$target"
  dotnet pack "$target" -c Release -o "$out" -p:Version="$version" -p:ContinuousIntegrationBuild=true -nologo -v:quiet \
    ${platforms:+"-p:ToolPackageRuntimeIdentifiers=\"$platforms\""}
done

# 4. What a package must say of itself.
commit=$(git rev-parse HEAD)
count=0
for package in "$out"/*.nupkg; do
  [ -e "$package" ] || stop "nothing was packed"
  spec=$(unzip -p "$package" '*.nuspec')
  name=$(basename "$package")
  for part in "<version>$version</version>" '<readme>README.md</readme>' '<icon>icon.png</icon>' '<description>' \
    '<tags>' '<license type="expression">Apache-2.0'; do
    grep -qF "$part" <<< "$spec" || stop "'$name' lacks $part"
  done
  grep -qF "commit=\"$commit\"" <<< "$spec" || stop "'$name' does not name the commit $commit"
  grep -qx README.md <<< "$(unzip -Z1 "$package")" || stop "'$name' has no README.md"
  count=$((count + 1))
done

# 5. Checksums.
(cd "$out" && sha256sum -- *.nupkg $(ls -- *.snupkg 2> /dev/null) > SHA256SUMS && sha256sum --check --quiet SHA256SUMS)
echo "$count packages of version $version are in $out, with notes.md and SHA256SUMS"
if [ -n "$source" ]; then
  dotnet nuget push "$out/*.nupkg" --source "$source" --api-key "$NUGET_API_KEY" --skip-duplicate
  echo "They are pushed to $source. Push the tag too: git push origin v$version"
fi
