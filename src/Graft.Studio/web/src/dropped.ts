// What is dropped or chosen on the page, on its way to the studio.
import { api } from './api';

export interface DroppedFile {
  path: string;
  file: File;
}

const together = 4;

/** The files of a drop, those in folders with their paths. */
export async function filesOf(transfer: DataTransfer): Promise<DroppedFile[]> {
  // the entries must be taken before the first pause: the browser forgets them
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) {
    return chosen(transfer.files);
  }
  const found: DroppedFile[] = [];
  for (const entry of entries) {
    await walk(entry, found);
  }
  return found;
}

/** The files of a field, those of a folder with their paths. */
export const chosen = (files: Iterable<File> | null): DroppedFile[] =>
  [...(files ?? [])]
    .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
    .filter(({ path }) => !isHidden(path));

/** Whether all of it are pictures without a folder, which have no class. */
export const isLoose = (files: DroppedFile[]): boolean =>
  files.every(({ path, file }) => !path.includes('/') && file.type.startsWith('image/'));

/** Sends files to the studio. */
export async function send(files: DroppedFile[], report: (done: number) => void): Promise<string> {
  const name = await api.beginUpload();
  let next = 0;
  let sent = 0;
  const worker = async (): Promise<void> => {
    for (let one = files[next++]; one; one = files[next++]) {
      await api.upload(name, one.path, one.file);
      report(++sent);
    }
  };
  try {
    await Promise.all(Array.from({ length: together }, worker));
  } catch (error) {
    next = files.length; // the others stop
    await api.discardUpload(name);
    throw error;
  }
  return name;
}

const isHidden = (path: string): boolean => path.split('/').some((name) => name.startsWith('.'));

async function walk(entry: FileSystemEntry, found: DroppedFile[]): Promise<void> {
  if (isHidden(entry.fullPath.slice(1))) {
    return;
  }
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path: entry.fullPath.slice(1), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const some = (): Promise<FileSystemEntry[]> => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  for (let entries = await some(); entries.length > 0; entries = await some()) { // at most 100 at a time
    for (const one of entries) {
      await walk(one, found);
    }
  }
}
