// Predicts with a model of Graft in JavaScript: in a browser with onnxruntime-web, in Node with onnxruntime-node.
// It needs model.onnx and model.json, the model's card. Reference: docs/reference/model-card.md of Graft.

const VERSION = 2; // of the card
const BITS = 22; // fixed-point weights, as in Pillow's Resample.c: Graft's pixels, bit by bit
const KERNELS = {
  Bilinear: { support: 1, at: (x) => (x < 1 ? 1 - x : 0) },
  Bicubic: {
    support: 2, // Keys' cubic convolution with a = -0.5
    at: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((x - 5) * x + 8) * x * -0.5 + 2 : 0),
  },
  Lanczos: { support: 3, at: (x) => (x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** A model, ready to predict. Make one with {@link Classifier.load} and keep it. */
export class Classifier {
  #ort;
  #session;
  #last = Promise.resolve(); // onnxruntime-web runs one image at a time

  constructor(ort, session, card) {
    this.#ort = ort;
    this.#session = session;
    /** The model's card. */
    this.card = card;
  }

  /**
   * Loads a model.
   * @param ort The module onnxruntime-web or onnxruntime-node.
   * @param model URL or path of model.onnx, or its bytes.
   * @param options card: the content of model.json; without it, it is fetched from beside the model's URL.
   * session: options for ort.InferenceSession.create.
   */
  static async load(ort, model, { card, session } = {}) {
    const known = checkCard(card ?? (await fetchCard(model)));
    const bytes = model instanceof URL ? model.href : model;
    return new Classifier(ort, await ort.InferenceSession.create(bytes, session), known);
  }

  /**
   * Predicts one image.
   * @param source In a browser: File, Blob, ImageBitmap, ImageData, or an element with an image, canvas or video.
   * Everywhere: { data, width, height } with 3 or 4 bytes a pixel (RGB or RGBA), upright, in sRGB.
   */
  async predict(source) {
    const pixels = await pixelsOf(source);
    return this.predictTensor(preprocess(pixels, this.card));
  }

  /** Predicts from the values of one input tensor, 3 x H x W, as {@link preprocess} makes them. */
  async predictTensor(values) {
    const { name, width, height } = this.card.input;
    const feeds = { [name]: new this.#ort.Tensor("float32", values, [1, 3, height, width]) };
    const run = this.#last.then(() => this.#session.run(feeds));
    this.#last = run.catch(() => {}); // the caller sees the error; the next image has its own chance
    const { probabilities, unfamiliarity } = await run;
    return answer(probabilities.data, unfamiliarity?.data[0], this.card);
  }

  /** Frees the session. */
  release() {
    return this.#session.release();
  }
}

/** What a model's outputs mean, by its card: label, thresholds, and whether the answer can be trusted. */
export function answer(probabilities, unfamiliarity, card) {
  const { labels, thresholds, unsureBelow = 0 } = card;
  const scores = labels
    .map((label, i) => ({ label, probability: probabilities[i], threshold: thresholds?.[i] }))
    .sort((a, b) => b.probability - a.probability);
  const given = thresholds ? scores.filter((score) => score.probability >= score.threshold) : [scores[0]];
  const sure = given.filter((score) => score.probability >= unsureBelow).map((score) => score.label);
  const unsure = given.filter((score) => score.probability < unsureBelow).map((score) => score.label);
  return {
    label: scores[0].label,
    probability: scores[0].probability,
    labels: thresholds ? sure : [scores[0].label],
    unsureLabels: thresholds ? unsure : [],
    isSure: unsure.length === 0,
    unfamiliarity,
    isFamiliar: !(unfamiliarity > 1),
    scores: scores.map(({ label, probability }) => ({ label, probability })),
  };
}

/** Resizes, crops or pads pixels as the card says. Returns the input tensor's values, 3 x H x W, 0 to 255. */
export function preprocess({ data, width, height }, card) {
  const { input, resize } = card;
  const [across, down] = placement(width, height, input, resize);
  const columns = weights(width, across, KERNELS[resize.kernel]);
  const rows = weights(height, down, KERNELS[resize.kernel]);
  const narrow = resizeRows(data, width, height, columns, rows);
  const planes = new Float32Array(3 * input.width * input.height);
  const fill = resize.fill ? [resize.fill.red, resize.fill.green, resize.fill.blue] : [0, 0, 0];
  for (let channel = 0; channel < 3; channel++) {
    const plane = planes.subarray(channel * input.width * input.height, (channel + 1) * input.width * input.height);
    plane.fill(Math.min(255, Math.max(0, roundToEven(fill[channel]))));
    for (let y = 0; y < down.count; y++) {
      for (let x = 0; x < across.count; x++) {
        let sum = 1 << (BITS - 1);
        const at = rows.first[y] - rows.start;
        for (let i = 0; i < rows.count[y]; i++) {
          sum += narrow[((at + i) * across.count + x) * 3 + channel] * rows.weight[y * rows.stride + i];
        }
        plane[(y + down.offset) * input.width + x + across.offset] = level(sum);
      }
    }
  }
  return planes;
}

/** The pixels of whatever a browser can draw, upright and on white. */
export async function pixelsOf(source) {
  if (ArrayBuffer.isView(source.data) && source.width > 0 && source.height > 0) {
    const channels = source.data.length / (source.width * source.height);
    if (channels !== 3 && channels !== 4) {
      throw new Error(`pixels have ${channels} bytes each, not 3 (RGB) or 4 (RGBA)`);
    }
    return source;
  }

  const bitmap = await createImageBitmap(source, { imageOrientation: "from-image" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Returns a card after checking that this module does what it says. */
export function checkCard(card) {
  if (card?.version !== VERSION) {
    throw new Error(`the model's card has version ${card?.version}, and this module reads ${VERSION}; update it`);
  }

  const { input, resize } = card;
  const isKnown =
    input.layout === "NCHW" &&
    input.colour === "RGB" &&
    input.range[0] === 0 &&
    input.range[1] === 255 &&
    input.normalisation === "inside" &&
    resize.kernel in KERNELS &&
    resize.antialias === true &&
    ["ShorterSideThenCrop", "Squash", "Pad"].includes(resize.rule);
  if (!isKnown) {
    throw new Error("the model's card describes an input that this module does not make; update it");
  }

  return card;
}

async function fetchCard(model) {
  const url = model instanceof URL ? model.href : model;
  if (typeof url !== "string") {
    throw new Error("bytes of a model come without its card; pass the content of model.json as options.card");
  }

  const beside = url.replace(/(\.onnx)?(?=$|[?#])/i, ".json");
  const response = await fetch(beside);
  if (!response.ok) {
    throw new Error(`${beside} cannot be read: status ${response.status}; it lies beside the model`);
  }

  return response.json();
}

// Where the image lies in the input. scale: pixels of the image per pixel of the input; start: the first one shown of
// the resized image; offset: where it is put.
function placement(width, height, input, resize) {
  const whole = (size, count, offset) => ({ scale: size / count, start: 0, count, offset });
  if (resize.rule === "Squash") {
    return [whole(width, input.width, 0), whole(height, input.height, 0)];
  }

  if (resize.rule === "Pad") {
    const scale = Math.max(width / input.width, height / input.height);
    const across = Math.min(input.width, Math.max(1, roundToEven(width / scale)));
    const down = Math.min(input.height, Math.max(1, roundToEven(height / scale)));
    return [
      whole(width, across, Math.floor((input.width - across) / 2)),
      whole(height, down, Math.floor((input.height - down) / 2)),
    ];
  }

  const shorter = Math.min(width, height);
  const scaled = (size) => (size === shorter ? resize.shorterSide : Math.floor((resize.shorterSide * size) / shorter));
  const cropped = (size, crop) => {
    const count = scaled(size);
    return { scale: size / count, start: roundToEven((count - crop) / 2), count: crop, offset: 0 };
  };
  return [cropped(width, input.width), cropped(height, input.height)];
}

// Antialiased: where the image shrinks, the kernel is widened over all pixels that merge.
function weights(size, { scale, start, count }, kernel) {
  const widening = Math.max(scale, 1);
  const support = kernel.support * widening;
  const stride = Math.min(Math.ceil(support), size) * 2 + 1;
  const result = { stride, first: [], count: [], weight: new Int32Array(stride * count) };
  for (let i = 0; i < count; i++) {
    const centre = (start + i + 0.5) * scale;
    const low = Math.min(size - 1, Math.max(0, Math.trunc(centre - support + 0.5)));
    const high = Math.min(size, Math.max(low + 1, Math.trunc(centre + support + 0.5)));
    const exact = [];
    for (let j = 0; j < high - low; j++) {
      exact.push(kernel.at(Math.abs((low - centre + 0.5 + j) * (1 / widening))));
    }
    const sum = exact.reduce((a, b) => a + b, 0);
    exact.forEach((value, j) => {
      const one = (value / sum) * 2 ** BITS;
      result.weight[i * stride + j] = Math.trunc(one + (one < 0 ? -0.5 : 0.5));
    });
    result.first.push(low);
    result.count.push(high - low);
  }
  result.start = result.first[0];
  result.end = result.first[count - 1] + result.count[count - 1];
  return result;
}

// The rows that the second pass reads, each with its final columns.
function resizeRows(data, width, height, columns, rows) {
  const channels = data.length / (width * height);
  const count = columns.first.length;
  const narrow = new Uint8Array((rows.end - rows.start) * count * 3);
  for (let y = rows.start, to = 0; y < rows.end; y++) {
    for (let x = 0; x < count; x++, to += 3) {
      let red = 1 << (BITS - 1);
      let green = red;
      let blue = red;
      let at = (y * width + columns.first[x]) * channels;
      for (let i = 0; i < columns.count[x]; i++, at += channels) {
        const weight = columns.weight[x * columns.stride + i];
        red += data[at] * weight;
        green += data[at + 1] * weight;
        blue += data[at + 2] * weight;
      }
      narrow[to] = level(red);
      narrow[to + 1] = level(green);
      narrow[to + 2] = level(blue);
    }
  }
  return narrow;
}

function level(sum) {
  return Math.min(255, Math.max(0, sum >> BITS));
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function roundToEven(x) {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2) : Math.round(x);
}
