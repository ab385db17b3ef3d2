/** A public thread about a buffer that loading lost, or about the loading that loses it. */
interface Thread {
  /** owner/name on GitHub. */
  readonly project: string;
  readonly number: number;
}

/** What the thread says, in our words. All of it was read there; what it leaves open is said to be open. */
export interface ReadInstance extends Thread {
  readonly read: true;
  readonly kind: 'issue' | 'pull request';
  /** When it was opened. */
  readonly opened: string;
  /** As it stood in the copy that was read. */
  readonly status: 'open' | 'closed' | 'merged';
  readonly symptom: string;
  readonly cause: string;
  readonly fix: string;
}

/** A thread that nobody of us could read. Nothing is claimed of it. */
interface UnreadInstance extends Thread {
  readonly read: false;
}

export type Instance = ReadInstance | UnreadInstance;

export const NOT_READ = 'not read: listed by the case file';

/** An address that GitHub leads on to the pull request, where it is one. */
export function threadUrl(instance: Instance): string {
  const folder = instance.read && instance.kind === 'pull request' ? 'pull' : 'issues';
  return `https://github.com/${instance.project}/${folder}/${instance.number}`;
}

/** Newest first; what was not read at the end. The threads of the case file, and others that were found on the way. */
export const INSTANCES: readonly Instance[] = [
  {
    project: 'pytorch/torchtitan',
    number: 4817,
    read: true,
    kind: 'pull request',
    opened: '2026-09-21',
    status: 'open',
    symptom: 'The one of #4783: nothing raises, and RoPE turns by whatever the memory held.',
    cause:
      'The backend replaces the library’s _init_weights as a whole, so the branch that refills rotary buffers never runs; its own repair looked for an attribute that 5.0.0 made a local variable.',
    fix: 'Refill inv_freq and original_inv_freq in the replaced _init_weights, and test on a CPU: meta, to_empty, initialise, compare with a module that was built there.',
  },
  {
    project: 'huggingface/transformers',
    number: 48932,
    read: true,
    kind: 'pull request',
    opened: '2026-09-18',
    status: 'closed',
    symptom: 'The one of #48892.',
    cause: 'The loader gives every non-persistent buffer new memory by empty_like.',
    fix: 'Proposed: keep the values of buffers that are not on meta. A maintainer answered that the model’s own _init_weights is what should change; closed without merging.',
  },
  {
    project: 'pytorch/torchtitan',
    number: 4783,
    read: true,
    kind: 'issue',
    opened: '2026-09-18',
    status: 'open',
    symptom:
      'Loss starts near random: 11.08 where 3.63 was right, as measured in an earlier thread. No error.',
    cause:
      'inv_freq is computed in __init__ on meta and then materialised by to_empty. A loop that recomputed it reads rope_init_fn of the module; since transformers 5.0.0 there is no such attribute, and the loop does nothing.',
    fix: 'Pull request #4817.',
  },
  {
    project: 'huggingface/transformers',
    number: 48892,
    read: true,
    kind: 'issue',
    opened: '2026-09-17',
    status: 'open',
    symptom:
      'A toy model with a non-persistent buffer holds garbage after from_pretrained (5.17.0).',
    cause: '_move_missing_keys_from_meta_to_device leaves such buffers uninitialised.',
    fix: 'None when read; see #48932 for what the maintainers want instead.',
  },
  {
    project: 'hiyouga/LlamaFactory',
    number: 10820,
    read: true,
    kind: 'pull request',
    opened: '2026-09-08',
    status: 'merged',
    symptom: 'Training goes on with wrong RoPE frequencies, and raises nothing.',
    cause:
      'to_empty gives parameters and buffers new memory; the state dict brings back only what is persistent.',
    fix: 'Save the non-persistent buffers on rank 0 before, restore them after loading, then broadcast them to all ranks; with a regression test.',
  },
  {
    project: 'NVIDIA-BioNeMo/bionemo-recipes',
    number: 1724,
    read: true,
    kind: 'pull request',
    opened: '2026-08-29',
    status: 'merged',
    symptom: 'A test of inv_freq after from_pretrained fails in continuous integration.',
    cause:
      'Transformer Engine registers inv_freq as persistent; loading under transformers 5 registers it again as non-persistent.',
    fix: 'The model registers it as non-persistent itself. (The same change excludes transformers 5.16 for another reason.)',
  },
  {
    project: 'Synthyra/FastPLMs',
    number: 47,
    read: true,
    kind: 'pull request',
    opened: '2026-08-25',
    status: 'merged',
    symptom:
      'inv_freq[0] read 6.93e-18 where 1.0 is right: mostly finite, so the model runs on; now and then NaN in every head.',
    cause:
      'ESM3’s rotary module fills a non-persistent inv_freq only in __init__, which now runs on meta.',
    fix: 'Compute the frequencies again after a load through meta, as a sister module of the project already did.',
  },
  {
    project: 'PrimeIntellect-ai/prime-rl',
    number: 3378,
    read: true,
    kind: 'pull request',
    opened: '2026-08-24',
    status: 'open',
    symptom: 'Buffers were left wrong by accident more than once.',
    cause:
      'One method of the whole model initialised the buffers after meta, far from the modules that own them; 2 of 12 architectures were tested that way.',
    fix: 'Every module that owns a buffer must initialise it itself, or an error is raised; a test per architecture builds on meta, calls to_empty and wants every buffer finite.',
  },
  {
    project: 'macwiatrak/Bacformer',
    number: 36,
    read: true,
    kind: 'pull request',
    opened: '2026-07-27',
    status: 'merged',
    symptom: 'The one of #33: inference fails loudly, or gives finite and wrong outputs.',
    cause: 'Non-persistent RoPE tables are materialised with empty storage.',
    fix: 'Compute them again in the hook that transformers calls for initialisation; tests through meta and through save and load. Copies of the code on the Hub need the same patch.',
  },
  {
    project: 'unslothai/unsloth',
    number: 6907,
    read: true,
    kind: 'pull request',
    opened: '2026-07-06',
    status: 'merged',
    symptom: 'Loss in training on long contexts three to five times too high.',
    cause:
      'The repair after loading computed plain frequencies, and so overwrote what __init__ had scaled as the configuration says (llama3, yarn).',
    fix: 'One function for both: __init__ and the repair compute the same frequencies.',
  },
  {
    project: 'NovaSky-AI/SkyRL',
    number: 1725,
    read: true,
    kind: 'pull request',
    opened: '2026-05-28',
    status: 'merged',
    symptom: 'Attention is NaN with sequence parallelism.',
    cause:
      'A relative of this fault: building on meta cast inv_freq to bf16 on some ranks, where rank 0 kept float32; the broadcast read the bytes of one as the other.',
    fix: 'Cast parameters and persistent buffers only.',
  },
  {
    project: 'pytorch/executorch',
    number: 19627,
    read: true,
    kind: 'pull request',
    opened: '2026-05-18',
    status: 'merged',
    symptom: 'The model repeats itself in a cycle. cos = 1 and sin = 0 at every position.',
    cause:
      'All buffers that were on meta were filled with zeros, inv_freq with them; moving it to the device afterwards changed nothing.',
    fix: 'Compute inv_freq of every layer from its own settings, and check the output in continuous integration.',
  },
  {
    project: 'huggingface/transformers',
    number: 45902,
    read: true,
    kind: 'issue',
    opened: '2026-05-11',
    status: 'closed',
    symptom:
      'Entries of inv_freq read −1.468e34 in worker processes; angles overflow from position 23,173 on, and cos and sin become NaN.',
    cause:
      'Qwen3_5MoeTextRotaryEmbedding fills inv_freq and original_inv_freq in __init__; meta and then to_empty does not run it again.',
    fix: 'Proposed in the thread: refill them when to_empty is called. How it was closed is not in what was read.',
  },
  {
    project: 'OpenMOSS/MOSS-TTS-Nano',
    number: 28,
    read: true,
    kind: 'issue',
    opened: '2026-04-17',
    status: 'open',
    symptom: 'No finite logit; inv_freq is corrupt after from_pretrained of the remote code.',
    cause:
      'Open. The report names transformers 4.57.1; the project could not reproduce it and asked whether that version really ran.',
    fix: 'A workaround in the report, of which a second user says that it helps.',
  },
  {
    project: 'vllm-project/vllm',
    number: 39176,
    read: true,
    kind: 'pull request',
    opened: '2026-04-07',
    status: 'merged',
    symptom: 'NaN from the reference model in a test of Jina ColBERT.',
    cause:
      'Its rotary embedding has a non-persistent inv_freq, which loading under transformers 5 leaves uninitialised.',
    fix: 'The test computes inv_freq again after it has loaded the reference.',
  },
  {
    project: 'macwiatrak/Bacformer',
    number: 33,
    read: true,
    kind: 'issue',
    opened: '2026-03-20',
    status: 'open',
    symptom:
      'NaN, zeros or extreme values in freqs_cos, freqs_sin and inv_freq. A later comment: also finite and wrong, so that a check for finite outputs sees nothing.',
    cause: 'The tables are persistent=False, and loading does not fill them.',
    fix: 'Compute them after loading, or stay with transformers 4.56.2, to which the repaired model is equal to the bit.',
  },
  {
    project: 'unslothai/unsloth',
    number: 4112,
    read: true,
    kind: 'pull request',
    opened: '2026-02-25',
    status: 'merged',
    symptom: 'Training loss five to eleven times too high under transformers 5.',
    cause:
      'empty_like replaces the buffer; the library’s repair wants original_inv_freq, which these rotary classes do not have.',
    fix: 'Compute inv_freq again after loading.',
  },
  {
    project: 'ByteDance-Seed/VeOmni',
    number: 414,
    read: true,
    kind: 'issue',
    opened: '2026-01-20',
    status: 'closed',
    symptom: 'inv_freq is right when the model is built, and all zero while it trains.',
    cause: 'Not in what was read.',
    fix: 'A patch of the reporter’s own; the main branch is said to be right.',
  },
  {
    project: 'huggingface/transformers',
    number: 42309,
    read: true,
    kind: 'pull request',
    opened: '2025-11-20',
    status: 'merged',
    symptom: 'None: this is the change that prepared loading through meta.',
    cause:
      'Until then nothing could fill a non-persistent buffer again, so buffers stayed on the CPU.',
    fix: '_init_weights now sets buffers too, for all models of the library. Code outside the library has to follow.',
  },
  {
    project: 'PrimeIntellect-ai/prime-rl',
    number: 937,
    read: true,
    kind: 'pull request',
    opened: '2025-09-17',
    status: 'merged',
    symptom: 'The reward went wrong.',
    cause:
      'Non-persistent buffers were not initialised after meta; tied weights were copied wrongly as well.',
    fix: 'Initialise them after materialisation.',
  },
  {
    project: 'huggingface/transformers',
    number: 34234,
    read: true,
    kind: 'issue',
    opened: '2024-10-18',
    status: 'closed',
    symptom:
      'inv_freq of LlamaRotaryEmbedding is uninitialised, with transformers 4.46 and accelerate.',
    cause: 'The script calls to_empty, which gives up the values that init_empty_weights had kept.',
    fix: 'None in the library at that time: the reply names to_empty as the reason.',
  },
  { project: 'huggingface/transformers', number: 43021, read: false },
];
