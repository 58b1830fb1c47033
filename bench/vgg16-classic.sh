#!/usr/bin/env bash
# The classic experiment: VGG16 on Flowers-17 with a random head of 256 ReLU units and dropout 0.5.
# RMSprop trains the head with a frozen body, then SGD trains block 5.
# The weights are those of Graft.Weights.Vgg16; the images come from ../shared. Prints the curve; docs/results.md has the results.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/vgg16-classic}
time dotnet run -c Release --project src/Graft.Cli -- train ../shared/data/flowers17.csv --out "$out" --body vgg16 \
  --head 256 --dropout 0.5 --start random --pooling flatten --head-optimizer rmsprop --head-epochs 12 \
  --train 0.1 --views 2 --epochs 12 --body-rate 0.003 --head-rate 0.001 --seed 1
