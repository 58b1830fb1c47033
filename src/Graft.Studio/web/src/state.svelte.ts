// What all pages share.
import { api, type DataImages, type DataSummary, type LabelEdit, type RunSummary, type WorkState } from './api';
import { workText } from './format';

/** Images in an order of their own, instead of all of them. */
export interface View {
  title: string;
  images: number[];
  /** Stands below a picture instead of its label. */
  notes?: ReadonlyMap<number, string>;
  /** What Enter gives an image. */
  proposals?: ReadonlyMap<number, string[]>;
  /** Every other group of pictures that belong together. */
  shaded?: ReadonlySet<number>;
}

class Studio {
  data = $state<DataSummary | null>(null);
  images = $state.raw<DataImages | null>(null);
  runs = $state<RunSummary[]>([]);
  message = $state('');
  run = $state<string | null>(null);
  view = $state.raw<View | null>(null);
  selected = $state.raw<ReadonlySet<number>>(new Set());
  // how far the work in the background is; empty: there is none
  work = $state('');

  async load(): Promise<void> {
    await this.attempt(async () => {
      await this.take(await api.data());
      await this.loadRuns();
    });
  }

  async loadRuns(): Promise<void> {
    this.runs = await api.runs();
    this.run ??= this.runs[0]?.name ?? null;
  }

  /** Takes what was opened instead of what was open. */
  async open(opened: () => Promise<DataSummary>): Promise<void> {
    await this.attempt(async () => {
      await this.take(await opened());
      [this.view, this.selected] = [null, new Set()];
    });
  }

  /** Shows images of which another page knows the names. */
  look(title: string, names: string[]): void {
    const wanted = new Set(names);
    const images = (this.images?.names ?? []).map((_, i) => i).filter((i) => wanted.has(this.images?.names[i] ?? ''));
    this.view = { title, images };
  }

  /** Waits for work in the background and shows its progress. */
  async follow(title: string, run: (report: (state: WorkState) => void) => Promise<void>): Promise<void> {
    this.work = `${title} …`;
    try {
      await this.attempt(() => run((state) => (this.work = workText(title, state))));
    } finally {
      this.work = '';
    }
  }

  async refresh(): Promise<void> {
    await this.attempt(async () => this.take(await api.data()));
  }

  async edit(edit: LabelEdit): Promise<void> {
    await this.attempt(async () => this.take(await api.edit(edit)));
  }

  /** Does something and shows why it cannot be done. */
  async attempt(work: () => Promise<void>): Promise<void> {
    this.message = '';
    try {
      await work();
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
    }
  }

  private async take(data: DataSummary | null): Promise<void> {
    this.images = data ? await api.images() : null;
    this.data = data;
  }
}

export const studio = new Studio();
