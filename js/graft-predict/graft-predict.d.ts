/** Pixels of an upright image in sRGB, 3 or 4 bytes each: RGB or RGBA. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export interface Score {
  readonly label: string;
  /** Calibrated, 0 to 1. */
  readonly probability: number;
}

export interface Answer {
  /** The most probable label, even where an image may have several, or none. */
  readonly label: string;
  readonly probability: number;
  /** One label; or those that reach their threshold and are sure, where an image may have several. */
  readonly labels: readonly string[];
  /** The labels that reach their threshold and are not sure. Empty where an image has exactly one label. */
  readonly unsureLabels: readonly string[];
  /** False below the confidence that the training chose. */
  readonly isSure: boolean;
  /** Distance from the training images; undefined where the model does not measure it. */
  readonly unfamiliarity?: number;
  /** False where the image is farther from the training images than 99 % of the held-out ones. */
  readonly isFamiliar: boolean;
  /** All labels, the most probable first. */
  readonly scores: readonly Score[];
}

/** The content of model.json; members that this module does not need are not listed. */
export interface Card {
  readonly version: number;
  readonly task: "single" | "multi";
  readonly labels: readonly string[];
  readonly input: {
    readonly name: string;
    readonly layout: string;
    readonly colour: string;
    readonly range: readonly number[];
    readonly normalisation: string;
    readonly width: number;
    readonly height: number;
  };
  readonly resize: {
    readonly rule: string;
    readonly shorterSide?: number;
    readonly kernel: string;
    readonly antialias: boolean;
    readonly crop: string;
    readonly fill?: { readonly red: number; readonly green: number; readonly blue: number };
    readonly exifOrientation: string;
  };
  readonly thresholds?: readonly number[];
  readonly unsureBelow?: number;
}

/** What this module needs of onnxruntime-web or onnxruntime-node. */
export interface Ort {
  readonly InferenceSession: { create(model: any, options?: any): Promise<any> };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => any;
}

export interface LoadOptions {
  /** The content of model.json. Without it, it is fetched from beside the model's URL. */
  readonly card?: Card;
  /** Options for `ort.InferenceSession.create`. */
  readonly session?: unknown;
}

export class Classifier {
  static load(ort: Ort, model: string | URL | ArrayBuffer | Uint8Array, options?: LoadOptions): Promise<Classifier>;
  readonly card: Card;
  /** Predicts one image: pixels, or what `createImageBitmap` takes. */
  predict(source: Pixels | ImageBitmapSource): Promise<Answer>;
  /** Predicts from the values of one input tensor, 3 x H x W. */
  predictTensor(values: Float32Array): Promise<Answer>;
  release(): Promise<void>;
}

export function answer(probabilities: ArrayLike<number>, unfamiliarity: number | undefined, card: Card): Answer;
export function preprocess(pixels: Pixels, card: Card): Float32Array;
export function pixelsOf(source: Pixels | ImageBitmapSource): Promise<Pixels>;
export function checkCard(card: unknown): Card;
