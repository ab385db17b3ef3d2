import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HEALTHY_LANE, stackLanes } from '../src/core/lanes';
import { decodeGreedy } from '../workers/decode';
import { forwardIds, maxDifference } from '../workers/testing/referenceDecoding';
import { forgetPeak, residentMemory } from './models/memory';
import { type Case, openPacked } from './models/packedSession';
import { LOADED_SHAPES, SMOLLM2_135M } from './models/shapes';
import { median } from './median';

/**
 * What a packing costs under Node: memory while the session is made and after it, steps per second, and how far logits move.
 * Each case has a process of its own, since a WASM heap never shrinks and what is resident is counted by the process.
 */

const CASES: readonly Case[] = [
  { name: 'keep', packing: 'keep', widenOnce: true },
  { name: 'float16', packing: 'float16', widenOnce: false },
  { name: 'float16, widened once', packing: 'float16', widenOnce: true },
  { name: 'int4', packing: 'int4', widenOnce: false },
  { name: 'int4, accuracy level 4', packing: 'int4', widenOnce: false, accuracyLevel: 4 },
];
const PROMPT = Array.from({ length: 8 }, (_, i) => 5 + 7 * i);
const LANES = [HEALTHY_LANE, HEALTHY_LANE];

interface Measured {
  readonly weightBytes: number;
  /** Of the process, above what it held before the session was made. */
  readonly peakBytes: number;
  readonly steadyBytes: number;
  /** What ORT's heap has grown to. */
  readonly heapBytes: number;
  readonly sessionMs: number;
  readonly prefillMs: number;
  /** Decode steps per second, of one lane and of two in a batch. */
  readonly oneLane: number;
  readonly twoLanes: number;
  /** Processor time of a step of two lanes, its share of the prefill included, in the best round: a busy machine distorts it less. */
  readonly stepCpuMs: number;
  /** Of the prompt's last token: float32, as base64. */
  readonly logits: string;
}

const { values } = parseArgs({
  options: {
    shape: { type: 'string', default: SMOLLM2_135M.name },
    steps: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    /** One case, in this process. */
    case: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const shape = LOADED_SHAPES.find(({ name }) => name === values.shape);
if (!shape) throw new Error(`Shapes: ${LOADED_SHAPES.map(({ name }) => name).join(', ')}`);
const steps = Math.max(2, Number.parseInt(values.steps, 10));
const rounds = Math.max(1, Number.parseInt(values.rounds, 10));

const one = CASES.find(({ name }) => name === values.case);
if (one) console.log(JSON.stringify(await measure(one)));
else report();

async function measure(which: Case): Promise<Measured> {
  if (!shape) throw new Error('There is no shape.');
  const heaps = watchHeaps();
  const tiny = { ...shape.config, num_hidden_layers: 1, vocab_size: 300 };
  const first = await openPacked({ name: 'tiny', config: tiny }, which);
  await first.session.release();
  forgetPeak('self');
  const before = residentMemory('self').now;
  const started = performance.now();
  const model = await openPacked(shape, which);
  const sessionMs = performance.now() - started;
  const { logits } = await forwardIds(model, PROMPT, [HEALTHY_LANE]);
  const speeds = { 1: [] as number[], 2: [] as number[] };
  const prefills: number[] = [];
  const cpuMs: number[] = [];
  for (let round = -1; round < rounds; round++) {
    for (const lanes of [1, 2] as const) {
      const cpu = process.cpuUsage();
      const { timing } = await decodeGreedy({
        session: model.session,
        promptIds: PROMPT,
        tables: stackLanes(LANES.slice(0, lanes), model.config, PROMPT.length + steps).tables,
        lanes,
        vocabSize: model.config.vocabSize,
        eosTokenIds: [],
        maxNewTokens: steps,
        topK: 5,
        isCancelled: () => false,
        onStep: () => undefined,
      });
      const { user, system } = process.cpuUsage(cpu);
      // In the first round code becomes fast.
      if (round < 0) continue;
      speeds[lanes].push((1000 * timing.decodeSteps) / timing.decodeMs);
      if (lanes === 1) continue;
      prefills.push(timing.prefillMs);
      cpuMs.push((user + system) / 1000 / steps);
    }
  }
  const { now, peak } = residentMemory('self');
  return {
    weightBytes: model.weightBytes,
    peakBytes: peak - before,
    steadyBytes: now - before,
    heapBytes: Math.max(...heaps.map(({ buffer }) => buffer.byteLength)),
    sessionMs,
    prefillMs: median(prefills),
    oneLane: median(speeds[1]),
    twoLanes: median(speeds[2]),
    stepCpuMs: Math.min(...cpuMs),
    logits: Buffer.from(logits.buffer, logits.byteOffset, logits.byteLength).toString('base64'),
  };
}

/** Every WASM heap that is made from here on. */
function watchHeaps(): WebAssembly.Memory[] {
  const heaps: WebAssembly.Memory[] = [];
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct: (memory, [descriptor]: [WebAssembly.MemoryDescriptor]) => {
      const heap = new memory(descriptor);
      heaps.push(heap);
      return heap;
    },
  });
  return heaps;
}

function report(): void {
  const script = fileURLToPath(import.meta.url);
  const measured = CASES.filter(({ name }) => name.includes(values.only)).map(({ name }) => {
    const { shape: wanted } = values;
    const options = { shape: wanted, steps: String(steps), rounds: String(rounds), case: name };
    const args = Object.entries(options).flatMap(([key, value]) => [`--${key}`, value]);
    const output = execFileSync(process.execPath, [...process.execArgv, script, ...args], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return { name, ...(JSON.parse(output) as Measured) };
  });
  const logitsOf = ({ logits }: Measured) => {
    const bytes = Uint8Array.from(Buffer.from(logits, 'base64'));
    return new Float32Array(bytes.buffer);
  };
  const [reference] = measured;
  const rows = measured.map((row) => ({
    ...row,
    logits: reference ? maxDifference(logitsOf(reference), logitsOf(row)) : Number.NaN,
  }));
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`;
  if (values.json) {
    console.log(JSON.stringify({ machine, shape: values.shape, steps, rounds, rows }, null, 2));
    return;
  }
  console.log(`${machine}; ${values.shape}, ${rounds} rounds of ${steps} steps`);
  const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        row.name,
        {
          'weights, MiB': mebibytes(row.weightBytes),
          'peak, MiB': mebibytes(row.peakBytes),
          'peak ÷ weights': (row.peakBytes / row.weightBytes).toFixed(2),
          'after, MiB': mebibytes(row.steadyBytes),
          'WASM heap, MiB': mebibytes(row.heapBytes),
          'session, s': (row.sessionMs / 1000).toFixed(1),
          'prefill, ms': row.prefillMs.toFixed(0),
          '1 lane, steps/s': row.oneLane.toFixed(1),
          '2 lanes, steps/s': row.twoLanes.toFixed(1),
          '2 lanes, CPU ms a step': row.stepCpuMs.toFixed(0),
          'logits, largest |Δ|': row.logits.toPrecision(2),
        },
      ]),
    ),
  );
}
