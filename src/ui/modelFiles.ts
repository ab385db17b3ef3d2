/** Files of one model, and what to call it. */
export interface ModelFiles {
  readonly name: string;
  readonly files: readonly File[];
}

/** More than any model has; of a folder that has more, the rest is left out. */
const MOST_FILES = 2000;
const DEEPEST = 6;

/** Files that a picker gave: of a folder, its name; of several files, that of the largest. */
export function modelFilesOf(files: readonly File[]): ModelFiles | null {
  const [first] = files;
  if (first === undefined) return null;
  const folder = first.webkitRelativePath.split('/')[0] ?? '';
  const largest = files.reduce((a, b) => (b.size > a.size ? b : a), first);
  return { name: folder === '' ? largest.name : folder, files: files.slice(0, MOST_FILES) };
}

/** Is this a model, rather than the file of a run: a folder, or weights? */
export function bringsModel(items: Iterable<DataTransferItem>): boolean {
  return [...items].some((item) => {
    const entry = item.webkitGetAsEntry();
    if (entry === null) return false;
    return entry.isDirectory || /\.(safetensors|onnx)$/i.test(entry.name);
  });
}

/** What was dropped, folders read through. To be called while the event is on: it takes its entries at once. */
export function droppedModel(items: Iterable<DataTransferItem>): Promise<ModelFiles | null> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return readEntries(entries);
}

async function readEntries(entries: readonly FileSystemEntry[]): Promise<ModelFiles | null> {
  const files: File[] = [];
  const visit = async (entry: FileSystemEntry, depth: number): Promise<void> => {
    if (files.length >= MOST_FILES || depth > DEEPEST) return;
    if (isFile(entry)) files.push(await fileOf(entry));
    else if (isDirectory(entry)) {
      for (const child of await childrenOf(entry)) await visit(child, depth + 1);
    }
  };
  for (const entry of entries) await visit(entry, 0);
  const found = modelFilesOf(files);
  const folder = entries.find((entry) => entry.isDirectory);
  return found && folder ? { ...found, name: folder.name } : found;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader gives a hundred at a time, and then none. */
async function childrenOf(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0 || children.length >= MOST_FILES) return children;
    children.push(...batch);
  }
}
