/** Everything that can go wrong, by name. Each code has one thing to do next, in `ACTIONS`. */
export type ErrorCode =
  | 'model-not-found'
  | 'config-missing'
  | 'config-invalid'
  | 'config-unsupported'
  | 'weights-missing'
  | 'weights-invalid'
  | 'weights-truncated'
  | 'graph-missing'
  | 'graph-invalid'
  | 'tokenizer-missing'
  | 'tokenizer-invalid'
  | 'network'
  | 'hub-not-found'
  | 'hub-gated'
  | 'hub-busy'
  | 'hub-invalid'
  | 'not-downloaded'
  | 'download-corrupt'
  | 'offline'
  | 'memory-exceeded'
  | 'files-missing'
  | 'export-missing'
  | 'onnx-invalid'
  | 'onnx-no-rotary'
  | 'session-failed'
  | 'prompt-empty'
  | 'prompt-too-long'
  | 'context-exceeded'
  | 'lanes-invalid'
  | 'settings-invalid'
  | 'non-finite-logits'
  | 'not-loaded'
  | 'run-forgotten'
  | 'link-invalid'
  | 'link-version'
  | 'link-too-large'
  | 'bundle-invalid'
  | 'bundle-version'
  | 'bundle-too-large'
  | 'report-invalid'
  | 'report-version'
  | 'report-too-large'
  | 'busy'
  | 'cancelled'
  | 'device-lost'
  | 'worker-crashed'
  | 'storage-full'
  | 'storage-unavailable'
  | 'internal';

/** What to do about an error: one sentence for the person who meets it. */
const ACTIONS: Readonly<Record<ErrorCode, string>> = {
  'model-not-found': 'Check the path or the name of the model.',
  'config-missing': 'Try again; if it stays missing, add config.json from the model’s repository.',
  'config-invalid': 'Fetch config.json again from the model’s repository.',
  'config-unsupported': 'Choose a model of a supported family.',
  'weights-missing':
    'Try again; if it stays missing, add model.safetensors from the model’s repository.',
  'weights-invalid': 'Fetch model.safetensors again, and check that config.json belongs to it.',
  'weights-truncated': 'Fetch model.safetensors again: the file is incomplete.',
  'graph-missing': 'Export the graph again with `npm run lab -- export`.',
  'graph-invalid': 'Export the graph again with `npm run lab -- export`.',
  'tokenizer-missing':
    'Try again; if it stays missing, add tokenizer.json from the model’s repository.',
  'tokenizer-invalid': 'Fetch tokenizer.json again from the model’s repository.',
  network: 'Check the connection, then try again.',
  'hub-not-found': 'Check the repository’s name, owner/name, and the revision.',
  'hub-gated':
    'Ask for access on the model’s page, download it there, and drop its folder here: it stays on this machine.',
  'hub-busy': 'Wait a few minutes, then try again: what was downloaded is kept.',
  'hub-invalid': 'Check the hub’s address.',
  'not-downloaded': 'Fetch it with --download, or say with --model which one to take.',
  'download-corrupt': 'Download it again: the damaged part was thrown away.',
  offline: 'Connect to the network, or choose a model that is stored here.',
  'memory-exceeded': 'Choose a smaller packing, or a smaller model.',
  'files-missing': 'Choose the whole folder, or all of the model’s files at once.',
  'export-missing': 'Choose a packing that there is, or drop the files of an export on the page.',
  'onnx-invalid': 'Export the model again, or use its safetensors files.',
  'onnx-no-rotary': 'Use the model’s safetensors files instead: their graph is built here.',
  'session-failed': 'Try again, or choose the other execution provider.',
  'prompt-empty': 'Type a prompt.',
  'prompt-too-long': 'Shorten the prompt.',
  'context-exceeded': 'Shorten the prompt or ask for fewer new tokens.',
  'lanes-invalid': 'Choose between one and eight lanes, the first of them healthy.',
  'settings-invalid': 'Correct the setting.',
  'non-finite-logits': 'Check the weights: the healthy lane must compute finite logits.',
  'not-loaded': 'Load a model first.',
  'run-forgotten': 'Run it again.',
  'link-invalid': 'Ask for the link again, and copy all of it.',
  'link-version': 'Load the page again, or fetch the newest version of the project.',
  'link-too-large': 'Pass the run on as a JSON bundle instead.',
  'bundle-invalid': 'Ask for the bundle again: it is a JSON file that the page saved.',
  'bundle-version': 'Load the page again, or fetch the newest version of the project.',
  'bundle-too-large': 'Use fewer lanes or fewer new tokens.',
  'report-invalid': 'Choose the JSON file that training/reproduce.py wrote, as it wrote it.',
  'report-version': 'Load the page again, or make the report with this version of the project.',
  'report-too-large': 'Make the report again with fewer loads: --loads 3.',
  busy: 'Wait for the present run to end, or stop it.',
  cancelled: 'Run again when you like.',
  'device-lost': 'Load the model again; it can also run on WASM.',
  'worker-crashed': 'Load the model again. The prompt is kept.',
  'storage-full':
    'Delete runs from the history, or free space in the browser; download the runs that matter.',
  'storage-unavailable': 'Allow this page to keep data, or download the runs that matter.',
  internal: 'Try again. If it happens again, report it with this message.',
};

/** An error as data: it crosses the worker's boundary and the command line's alike. */
export interface AppError {
  readonly code: ErrorCode;
  /** One sentence: what is wrong, with the name or number that it is about. */
  readonly message: string;
  /** One sentence: what to do next. */
  readonly action: string;
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError };

export function appError(code: ErrorCode, message: string): AppError {
  return { code, message, action: ACTIONS[code] };
}

/** How an `AppError` travels up the stack on one side of a boundary; `settle` turns it into data at the boundary. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whatever was thrown, as an `AppError`. What is not a `Failure` is a fault of ours and says so. */
export function toAppError(thrown: unknown, otherwise: ErrorCode = 'internal'): AppError {
  if (thrown instanceof Failure) return appError(thrown.code, thrown.message);
  return appError(otherwise, thrown instanceof Error ? thrown.message : String(thrown));
}

/** Runs `work` and gives its value or its error as data. */
export async function settle<T>(work: () => T | Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, error: toAppError(thrown) };
  }
}
