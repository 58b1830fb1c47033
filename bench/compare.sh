#!/usr/bin/env bash
# Compares (a) Graft, (b) TorchSharp's modules and (c) PyTorch, if it is installed (Debian: python3-torch, python3-pil).
# Measures decoding, frozen layers, training steps, a probe, a whole training and predictions, with the same weights and
# images in one run. Prints figures and ratios. Nothing else should run on the machine. Takes 45 minutes on two cores.
#
#   bench/compare.sh [SHARED] [EPOCHS] [CURVE]
#     SHARED   the folder with data/ and weights/; default ../shared
#     EPOCHS   epochs of fine-tuning in (b) and (c); default 5
#     CURVE    where the accuracy of the best model so far against seconds is drawn; default docs/time-to-accuracy.svg
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${1:-../shared}
epochs=${2:-5}
curve=${3:-docs/time-to-accuracy.svg}
flowers=$shared/data/flowers17.csv
vgg16="weights=$shared/weights/vgg16_body.fp16.safetensors"

dotnet build -c Release bench/Graft.Bench -v quiet --nologo
dotnet build -c Release src/Graft.Cli -v quiet --nologo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GRAFT_CACHE=$work/cache
graft=src/Graft.Cli/bin/Release/net10.0/Graft.Cli

bench() {
  echo
  echo "## $*"
  dotnet bench/Graft.Bench/bin/Release/net10.0/Graft.Bench.dll "$@"
}

bench decode "$flowers"
bench prefix efficientnet_lite0
bench prefix vgg16 "$vgg16" rounds=3
bench prefix resnet50 rounds=3   # with random weights; pytorch.py has no ResNet
bench step efficientnet_lite0 blocks.5.1 blocks.5.1,blocks.5.2,blocks.5.3,blocks.6,conv_head
bench step vgg16 features.23 features.24,features.26,features.28 "$vgg16" rounds=3
bench first-probe "$flowers"
bench efforts "$flowers" efforts=quick,normal,best
bench fine-tune "$flowers" "epochs=$epochs" "curve=$curve"
$graft probe "$flowers" --views 0 --out "$work/probe" > /dev/null
bench predict "$work/probe/model.onnx" "$(dirname "$flowers")/flowers17"
