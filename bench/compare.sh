#!/usr/bin/env bash
# (a) Graft, (b) what a TorchSharp user would write, (c) PyTorch where it is installed (Debian: apt install python3-torch python3-pil): decoding, frozen layers, training steps, a probe, a whole
# training, predictions. One run, the same weights and images, ratios beside the figures. Nothing else should run on the machine.
#
#   bench/compare.sh [SHARED] [EPOCHS]      SHARED: the folder with data/ and weights/ (../shared); EPOCHS of (b)'s and (c)'s fine-tuning (5): with 5 about 45 minutes on two cores
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${1:-../shared}
epochs=${2:-5}
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
bench prefix resnet50 rounds=3   # its weights are drawn, and PyTorch's script has no ResNet
bench step efficientnet_lite0 blocks.5.1 blocks.5.1,blocks.5.2,blocks.5.3,blocks.6,conv_head
bench step vgg16 features.23 features.24,features.26,features.28 "$vgg16" rounds=3
bench first-probe "$flowers"
bench fine-tune "$flowers" "epochs=$epochs"
$graft probe "$flowers" --views 0 --out "$work/probe" > /dev/null
bench predict "$work/probe/model.onnx" "$(dirname "$flowers")/flowers17"
