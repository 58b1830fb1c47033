// Turns what the studio found into views of the images.
import type { DataImages, Finding, Proposal } from './api';
import { percent, plural } from './format';
import type { View } from './state.svelte';

export type FindingGroup = Finding['group'];

export const groupTitles: Record<FindingGroup, string> = {
  label: 'Likely wrong labels',
  duplicate: 'Near duplicates',
  odd: 'Odd pictures',
  cropped: 'Cropped',
  unreadable: 'Unreadable',
  class: 'Classes',
};

const words = (kind: string): string => kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export function viewOf(group: FindingGroup, findings: Finding[], { labels }: DataImages, isMulti: boolean): View {
  const title = groupTitles[group];
  const shown = findings.filter((one) => one.group === group && one.image !== null);
  if (group === 'duplicate') {
    return clustersOf(title, shown);
  }
  const notes = new Map<number, string>();
  const proposals = new Map<number, string[]>();
  for (const finding of shown) {
    const image = finding.image ?? 0;
    const before = notes.get(image);
    notes.set(image, before ? `${before}, ${noteOf(finding, isMulti)}` : noteOf(finding, isMulti));
    const label = finding.suggested;
    if (label !== null) {
      const own = proposals.get(image) ?? labels[image] ?? [];
      const others = own.filter((one) => one !== label);
      proposals.set(image, !isMulti ? [label] : finding.kind === 'wrongLabel' ? others : [...others, label]);
    }
  }
  return { title, images: [...notes.keys()], notes, proposals };
}

// With several labels an image, the suggestion is the label in doubt.
function noteOf({ kind, suggested, score }: Finding, isMulti: boolean): string {
  if (suggested !== null) {
    return !isMulti ? `${suggested}?` : kind === 'wrongLabel' ? `not ${suggested}?` : `also ${suggested}?`;
  }
  return kind === 'croppedAway' && score ? `${percent(score, 0)} cut off` : words(kind);
}

// Pictures that are alike stand side by side; every other group is shaded.
function clustersOf(title: string, findings: Finding[]): View {
  const parents = new Map<number, number>();
  const rootOf = (image: number): number => {
    let root = image;
    for (let parent = parents.get(root); parent !== undefined && parent !== root; parent = parents.get(root)) {
      root = parent;
    }
    parents.set(image, root);
    return root;
  };
  const notes = new Map<number, string>();
  for (const { image, other, kind } of findings) {
    if (image !== null && other !== null) {
      parents.set(rootOf(other), rootOf(image));
      [image, other].forEach((one) => notes.set(one, kind === 'copy' ? 'copy' : (notes.get(one) ?? 'alike')));
    }
  }
  const clusters = new Map<number, number[]>();
  for (const image of notes.keys()) {
    const root = rootOf(image);
    clusters.set(root, [...(clusters.get(root) ?? []), image]);
  }
  const lists = [...clusters.values()];
  return { title, images: lists.flat(), notes, shaded: new Set(lists.filter((_, i) => i % 2 === 1).flat()) };
}

export const viewOfProposals = (run: string, items: Proposal[]): View => ({
  title: `${plural(items.length, 'unlabelled image')}, the most useful first (${run})`,
  images: items.map(({ image }) => image),
  notes: new Map(
    items.map(({ image, labels, probability }) => [image, `${labels.join(', ') || 'none'}? ${percent(probability, 0)}`]),
  ),
  proposals: new Map(items.map(({ image, labels }) => [image, labels])),
});
