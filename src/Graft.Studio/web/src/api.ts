// The addresses of the studio's server, and what they answer.

export interface ClassCount {
  name: string;
  count: number;
}

export interface DataSummary {
  id: string;
  source: string;
  isMultiLabel: boolean;
  revision: number;
  imageCount: number;
  classes: ClassCount[];
  notes: string[];
  rejected: { path: string; reason: string }[];
  canUndo: boolean;
  canRedo: boolean;
  changedCount: number;
  unlabelledCount: number;
}

export interface DataImages {
  id: string;
  revision: number;
  names: string[];
  labels: (string[] | null)[]; // null: no training uses the image
}

export type LabelEdit =
  | { action: 'label'; images: number[]; label: string }
  | { action: 'accept'; images: number[]; labels: string[][] }
  | { action: 'leaveOut'; images: number[] }
  | { action: 'rename'; from: string; label: string }
  | { action: 'undo' }
  | { action: 'redo' };

export interface Finding {
  group: 'label' | 'duplicate' | 'odd' | 'cropped' | 'unreadable' | 'class';
  kind: string;
  name: string;
  text: string;
  image: number | null;
  other: number | null;
  suggested: string | null;
  score: number | null;
}

export interface Proposal {
  image: number;
  labels: string[];
  probability: number;
  uncertainty: number;
}

export interface MapPoint {
  image: number;
  x: number;
  y: number;
}

export interface WorkState {
  isRunning: boolean;
  hasResult: boolean;
  message: string | null;
  progress: Progress | null;
}

export type RunState = 'queued' | 'running' | 'stopped' | 'complete' | 'failed';

export interface RunSummary {
  name: string;
  state: RunState;
  message: string | null;
  hasModel: boolean;
}

export interface Score {
  label: string;
  probability: number;
}

export interface TestAnswer {
  name: string;
  truth: string[];
  answer: string[];
  probability: number;
  isSure: boolean;
  isFamiliar: boolean;
  scores: Score[];
}

export interface TestAnswers {
  classes: string[];
  isMultiLabel: boolean;
  items: TestAnswer[];
}

export interface Evaluation {
  accuracy: number;
  accuracyInterval: [number, number];
  meanAveragePrecision?: number;
  meanAveragePrecisionInterval?: [number, number];
  count: number;
  reason: string;
}

export interface PictureAnswer {
  labels: string[];
  isSure: boolean;
  isFamiliar: boolean;
  scores: Score[];
  note: string | null;
}

export interface Progress {
  phase: string;
  done: number;
  total: number;
  unit: string;
  perSecond: number;
  left: string;
}

// One line of log.jsonl; docs/reference/events.md lists the fields of each event.
export interface LogLine {
  time: string;
  event: string;
  phase?: string;
  detail?: string;
  number?: number;
  count?: number;
  left?: string | null;
  result?: string;
  seconds?: number;
  text?: string;
  isWarning?: boolean;
  epoch?: number;
  epochs?: number;
  trainLoss?: number;
  validationLoss?: number | null;
  validationAccuracy?: number | null;
  rate?: number;
  accuracy?: number;
  interval?: [number, number];
  candidate?: string;
}

async function ask<T>(address: string, request?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address, request);
  } catch {
    throw new Error('The studio does not answer. Is it still running?');
  }
  if (!response.ok) {
    throw new Error(await reasonOf(response));
  }
  return (await response.json()) as T;
}

async function done(address: string, request: RequestInit): Promise<void> {
  const response = await fetch(address, request);
  if (!response.ok) {
    throw new Error(await reasonOf(response));
  }
}

async function reasonOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? text;
  } catch {
    return text || `The studio answered with status ${response.status}.`;
  }
}

const post = <T>(address: string, body: unknown): Promise<T> =>
  ask<T>(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

// Starts what takes its time and waits until it has ended, telling how far it is.
async function work(address: string, request: unknown, report: (state: WorkState) => void): Promise<void> {
  let state = await post<WorkState>(address, request);
  while (state.isRunning) {
    report(state);
    await new Promise((resolve) => setTimeout(resolve, 400));
    state = await ask<WorkState>(`${address}/state`);
  }
  if (state.message !== null) {
    throw new Error(state.message);
  }
}

const runAddress = (run: string): string => `/api/runs/${encodeURIComponent(run)}`;

export const api = {
  data: () => ask<DataSummary | null>('/api/data/'),
  open: (path: string) => post<DataSummary>('/api/data/open', { path }),
  images: () => ask<DataImages>('/api/data/images'),
  edit: (edit: LabelEdit) => post<DataSummary>('/api/data/edit', edit),
  write: () => post<{ path: string }>('/api/data/write', {}),
  addUnlabelled: (path: string) => post<DataSummary>('/api/data/unlabelled', { path }),
  add: (picture: Blob, label: string) =>
    ask<{ number: number; isNew: boolean }>(`/api/data/add?label=${encodeURIComponent(label)}`, {
      method: 'POST',
      body: picture,
    }),
  examine: (report: (state: WorkState) => void) => work('/api/data/findings', {}, report),
  findings: () => ask<{ items: Finding[] }>('/api/data/findings'),
  extract: (report: (state: WorkState) => void) => work('/api/data/features', {}, report),
  similar: (image: number) => ask<{ image: number; similarity: number }[]>(`/api/data/similar/${image}`),
  map: () => ask<MapPoint[]>('/api/data/map'),
  propose: (run: string, report: (state: WorkState) => void) => work('/api/data/proposals', { run }, report),
  proposals: () => ask<{ run: string; items: Proposal[]; unreadableCount: number }>('/api/data/proposals'),

  beginUpload: async () => (await post<{ name: string }>('/api/uploads/', {})).name,
  upload: (name: string, path: string, file: Blob) =>
    done(`/api/uploads/${name}?path=${encodeURIComponent(path)}`, { method: 'PUT', body: file }),
  openUpload: (name: string, how: 'open' | 'unlabelled') => post<DataSummary>(`/api/uploads/${name}/${how}`, {}),
  discardUpload: (name: string) => done(`/api/uploads/${name}`, { method: 'DELETE' }),

  picture: (id: string, image: number, side: number) => `/api/data/${id}/pictures/${image}?side=${side}`,

  runs: () => ask<RunSummary[]>('/api/runs/'),
  bodies: () => ask<string[]>('/api/runs/bodies'),
  start: (request: { effort: string; body: string | null; minutes: number | null }) =>
    post<RunSummary>('/api/runs/', request),
  stop: (run: string) => post<RunSummary>(`${runAddress(run)}/stop`, {}),
  resume: (run: string) => post<RunSummary>(`${runAddress(run)}/resume`, {}),
  events: (run: string) => `${runAddress(run)}/events`,
  report: (run: string) => `${runAddress(run)}/report`,
  model: (run: string) => `${runAddress(run)}/model`,
  evaluation: (run: string) => ask<Evaluation>(`${runAddress(run)}/evaluation`),
  options: (run: string) => ask<Record<string, unknown>>(`${runAddress(run)}/options`),

  test: (run: string) => ask<TestAnswers>(`${runAddress(run)}/test`),
  testPicture: (run: string, image: number, side: number) => `${runAddress(run)}/test/${image}/picture?side=${side}`,
  testHeat: (run: string, image: number, label: string) =>
    `${runAddress(run)}/test/${image}/heat?label=${encodeURIComponent(label)}`,

  predict: (run: string, picture: Blob) =>
    ask<PictureAnswer>(`${runAddress(run)}/predict`, { method: 'POST', body: picture }),
  heat: async (run: string, picture: Blob, label: string): Promise<Blob> => {
    const address = `${runAddress(run)}/heat?label=${encodeURIComponent(label)}`;
    const response = await fetch(address, { method: 'POST', body: picture });
    if (!response.ok) {
      throw new Error(await reasonOf(response));
    }
    return response.blob();
  },
};
