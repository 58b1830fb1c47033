#!/usr/bin/env python3
"""(c) of the benchmarks: the same body, weights and images in PyTorch. Debian: apt install python3-torch python3-pil.

    bench/pytorch.py prefix|step efficientnet_lite0|vgg16 WEIGHTS.safetensors [ROUNDS]
    bench/pytorch.py fine-tune IMAGES.csv WEIGHTS.safetensors [EPOCHS]
        All layers of efficientnet_lite0, like (b) of `Graft.Bench fine-tune`.
    bench/pytorch.py probe IMAGES.csv WEIGHTS.safetensors
        Features of plain views and a linear classifier.
    bench/pytorch.py scikit IMAGES.csv WEIGHTS.safetensors
        The same features, and scikit-learn's LogisticRegressionCV. Debian: python3-sklearn.
    bench/pytorch.py predict WEIGHTS.safetensors IMAGE TIMES
        TIMES=0: one answer of a new process.
    bench/pytorch.py decode IMAGES.csv RESIZE CROP COUNT ROUNDS
"""
import csv
import io
import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy
import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 17
MEAN, DEVIATION = 127.5, 127.5


def weights(path):
    """Reads a safetensors file; float16 becomes float32."""
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    types = {"F16": numpy.float16, "F32": numpy.float32, "I64": numpy.int64}
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            values = numpy.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
            values = values.copy() if values.dtype == numpy.int64 else values.astype(numpy.float32)
            found[name] = torch.from_numpy(values)
    return found


class Same(nn.Module):
    """A convolution without bias with TensorFlow's padding, batch normalisation and ReLU6."""

    def __init__(self, conv, norm, is_linear=False):
        super().__init__()
        self.conv, self.norm, self.is_linear = conv, norm, is_linear

    def forward(self, x):
        size, stride, kernel = x.shape[2], self.conv.stride[0], self.conv.kernel_size[0]
        missing = max(0, (-(-size // stride) - 1) * stride + kernel - size)
        before = missing // 2
        x = self.norm(self.conv(F.pad(x, [before, missing - before] * 2) if missing else x))
        return x if self.is_linear else F.relu6(x)


class Residual(nn.Module):
    def __init__(self, layers, is_residual):
        super().__init__()
        self.layers, self.is_residual = nn.Sequential(*layers), is_residual

    def forward(self, x):
        return self.layers(x) + x if self.is_residual else self.layers(x)


def lite0(values):
    def part(conv, norm, source, target, kernel, stride=1, groups=1, is_linear=False):
        convolution = nn.Conv2d(source, target, kernel, stride, groups=groups, bias=False)
        made = Same(convolution, nn.BatchNorm2d(target, eps=1e-3), is_linear)
        with torch.no_grad():
            made.conv.weight.copy_(values[conv + ".weight"])
            for kind in ("weight", "bias", "running_mean", "running_var"):
                getattr(made.norm, kind).copy_(values[f"{norm}.{kind}"])
        return made

    layers, source = [part("conv_stem", "bn1", 3, 32, 3, 2)], 32
    stages = [   # repeats, kernel, stride, expansion, channels
        (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
    ]
    for s, (repeats, kernel, stride, expansion, target) in enumerate(stages):
        for i in range(repeats):
            name, step, wide = f"blocks.{s}.{i}", stride if i == 0 else 1, source * expansion
            if expansion == 1:
                block = [part(f"{name}.conv_dw", f"{name}.bn1", source, source, kernel, step, source),
                         part(f"{name}.conv_pw", f"{name}.bn2", source, target, 1, is_linear=True)]
            else:
                block = [part(f"{name}.conv_pw", f"{name}.bn1", source, wide, 1),
                         part(f"{name}.conv_dw", f"{name}.bn2", wide, wide, kernel, step, wide),
                         part(f"{name}.conv_pwl", f"{name}.bn3", wide, target, 1, is_linear=True)]
            layers.append(Residual(block, step == 1 and source == target))
            source = target
    # training begins at the second block of the stage blocks.5
    return nn.Sequential(*layers, part("conv_head", "bn2", source, 1280, 1)), 1280, 13


def vgg16(values):
    layers, source = [], 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if width:
            conv = nn.Conv2d(source, width, 3, padding=1)
            with torch.no_grad():
                conv.weight.copy_(values[f"features.{len(layers)}.weight"])
                conv.bias.copy_(values[f"features.{len(layers)}.bias"])
            layers += [conv, nn.ReLU(inplace=True)]
            source = width
        else:
            layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers), 512, 24   # training begins at block 5


def best(work, rounds):
    work()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def training(body, head, images, labels, optimizer):
    optimizer.zero_grad()
    F.cross_entropy(head(body(images).mean((2, 3))), labels).backward()
    optimizer.step()


def measure(what, name, path, rounds):
    batch = 16 if what == "prefix" else 32
    for title, layout in (("N,C,H,W float32", torch.contiguous_format), ("channels-last float32", torch.channels_last)):
        body, features, first = (lite0 if name == "efficientnet_lite0" else vgg16)(weights(path))
        body = body.eval().to(memory_format=layout)
        images = torch.rand(batch, 3, 224, 224).to(memory_format=layout)
        if what == "prefix":
            with torch.inference_mode():
                seconds = best(lambda: body(images), rounds)
        else:
            head, labels = nn.Linear(features, CLASSES), torch.arange(batch) % CLASSES
            for parameter in body[:first].parameters():
                parameter.requires_grad = False
            trained = [*(p for p in body.parameters() if p.requires_grad), *head.parameters()]
            optimizer = torch.optim.SGD(trained, 0.001, momentum=0.9, nesterov=True, weight_decay=1e-4)
            seconds = best(lambda: training(body, head, images, labels, optimizer), rounds)
        print(f"(c) PyTorch {torch.__version__}, {title}, {what}, batch {batch}: {batch / seconds:.1f} images/s")


def pixels(path, rng):
    """A random crop (0.35 to 1 of the area) and flip. Without rng: resize and centre crop."""
    from PIL import Image
    image = Image.open(path).convert("RGB")
    width, height = image.size
    if rng is None:
        side = min(width, height) * 0.875
        box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    else:
        side = (rng.uniform(0.35, 1) * width * height) ** 0.5
        wide, high = min(side, width), min(side, height)
        left, top = rng.uniform(0, width - wide), rng.uniform(0, height - high)
        box = (left, top, left + wide, top + high)
    values = numpy.asarray(image.resize((224, 224), Image.BICUBIC, box), numpy.float32)
    values = values[:, ::-1] if rng is not None and rng.random() < 0.5 else values
    return torch.from_numpy(((values - MEAN) / DEVIATION).transpose(2, 0, 1).copy())


class Pictures:
    """The rows of a CSV file, in batches."""

    def __init__(self, path):
        self.folder = os.path.dirname(os.path.abspath(path))
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        self.labels = {label: i for i, label in enumerate(sorted({row["label"] for row in rows}))}
        self.train = [row for row in rows if row.get("split") != "test"]
        self.test = [row for row in rows if row.get("split") == "test"]

    def batches(self, some, rng, size=32):
        def make(i):
            part = some[i:i + size]
            images = torch.stack([pixels(os.path.join(self.folder, row["path"]), rng) for row in part])
            return images, torch.tensor([self.labels[row["label"]] for row in part])
        with ThreadPoolExecutor(1) as pool:   # one batch ahead
            ahead = pool.submit(make, 0)
            for i in range(0, len(some), size):
                current, ahead = ahead, pool.submit(make, i + size) if i + size < len(some) else None
                yield current.result()


def fine_tune(path, weight_file, epochs):
    pictures = Pictures(path)
    body, features, _ = lite0(weights(weight_file))
    head = nn.Linear(features, len(pictures.labels))
    trained = [*body.parameters(), *head.parameters()]
    optimizer = torch.optim.SGD(trained, 0.01, momentum=0.9, nesterov=True, weight_decay=1e-4)
    spent = 0.0
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        rng = random.Random(epoch)
        rng.shuffle(pictures.train)
        body.train()
        for images, targets in pictures.batches(pictures.train, rng):
            training(body, head, images, targets, optimizer)
        spent += time.perf_counter() - start
        body.eval()
        correct = 0
        with torch.inference_mode():
            for images, targets in pictures.batches(pictures.test, None):
                correct += int((head(body(images).mean((2, 3))).argmax(1) == targets).sum())
        accuracy = correct / len(pictures.test)
        print(f"(c) PyTorch, all layers, epoch {epoch}: {spent:.0f} s, accuracy {accuracy:.3f}", flush=True)


def probe(path, weight_file):
    start = time.perf_counter()
    pictures = Pictures(path)
    body, features, _ = lite0(weights(weight_file))
    body.eval()

    def frozen(rows):
        with torch.no_grad():
            found = [(body(images).mean((2, 3)), labels) for images, labels in pictures.batches(rows, None, 16)]
        return torch.cat([values for values, _ in found]), torch.cat([labels for _, labels in found])

    values, labels = frozen(pictures.train)
    mean, deviation = values.mean(0), values.std(0).clamp_min(1e-6)
    standard, head = (values - mean) / deviation, nn.Linear(features, len(pictures.labels))
    optimizer = torch.optim.SGD(head.parameters(), 0.01, momentum=0.9, nesterov=True, weight_decay=1e-4)
    for _ in range(500):
        optimizer.zero_grad()
        F.cross_entropy(head(standard), labels).backward()
        optimizer.step()
    values, labels = frozen(pictures.test)
    correct = int((head((values - mean) / deviation).argmax(1) == labels).sum())
    seconds = time.perf_counter() - start
    accuracy = correct / len(labels)
    print(f"(c) PyTorch, probe, one view at 224 pixels, one penalty: {seconds:.1f} s, accuracy {accuracy:.3f}")


def scikit(path, weight_file):
    try:
        import sklearn
        from sklearn.linear_model import LogisticRegressionCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError:
        print("(c) scikit-learn is skipped: python3 has no module sklearn")
        return
    start = time.perf_counter()
    torch.set_num_threads(os.cpu_count())
    pictures = Pictures(path)
    body, _, _ = lite0(weights(weight_file))
    body.eval()

    def frozen(rows):
        with torch.no_grad():
            found = [(body(images).mean((2, 3)), labels) for images, labels in pictures.batches(rows, None, 16)]
        return tuple(torch.cat(parts).numpy() for parts in zip(*found))

    values, labels = frozen(pictures.train)
    model = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=10, cv=5, max_iter=1000, n_jobs=os.cpu_count()))
    model.fit(values, labels)
    accuracy = model.score(*frozen(pictures.test))
    seconds = time.perf_counter() - start
    print(f"(c) scikit-learn {sklearn.__version__}, features by PyTorch at 224 pixels, ten penalties in five folds: "
          f"{seconds:.1f} s, accuracy {accuracy:.3f}")


def predict(weight_file, image, times):
    body, features, _ = lite0(weights(weight_file))
    head = nn.Linear(features, CLASSES)
    body.eval()

    def answer():
        start = time.perf_counter()
        with torch.inference_mode():
            head(body(pixels(image, None)[None]).mean((2, 3))).softmax(1).argmax(1).item()
        return 1000 * (time.perf_counter() - start)

    first = answer()
    if times == 0:
        print(f"(c) PyTorch, first answer: {first:.1f} ms")
    else:
        median = sorted(answer() for _ in range(times))[times // 2]
        print(f"(c) PyTorch, warm, median of {times}: {median:.1f} ms")


def decode(path, resize, crop, count, rounds):
    from PIL import Image
    pictures = Pictures(path)
    rows = (pictures.train + pictures.test)[:count]
    files = [open(os.path.join(pictures.folder, row["path"]), "rb").read() for row in rows]

    def one(data):
        image = Image.open(io.BytesIO(data)).convert("RGB")
        factor = resize / min(image.size)
        image = image.resize([round(side * factor) for side in image.size], Image.BICUBIC)
        left, top = (image.width - crop) // 2, (image.height - crop) // 2
        return numpy.asarray(image.crop((left, top, left + crop, top + crop)))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seconds = best(lambda: list(pool.map(one, files)), rounds)
    print(f"(c) Pillow, decoded in full, then resized and cropped: {len(files) / seconds:.1f} images/s")


if __name__ == "__main__":
    what, *rest = sys.argv[1:] or [""]
    if what in ("prefix", "step") and len(rest) in (2, 3):
        measure(what, rest[0], rest[1], int(rest[2]) if len(rest) > 2 else 5)
    elif what == "fine-tune" and len(rest) in (2, 3):
        fine_tune(rest[0], rest[1], int(rest[2]) if len(rest) > 2 else 5)
    elif what == "probe" and len(rest) == 2:
        probe(*rest)
    elif what == "scikit" and len(rest) == 2:
        scikit(*rest)
    elif what == "predict" and len(rest) == 3:
        predict(rest[0], rest[1], int(rest[2]))
    elif what == "decode" and len(rest) == 5:
        decode(rest[0], *map(int, rest[1:]))
    else:
        sys.exit(__doc__)
