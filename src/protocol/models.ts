import type { DecoderConfig } from '../core/decoderConfig';
import type { Packing } from '../core/packing';

export { type Packing, PACKINGS } from '../core/packing';

/** Which model: where its files are. */
export type ModelReference =
  /**
   * Under an address of the page's own origin, ending in '/'. Under Node, a path: of a directory, or of an ONNX file, whose
   * tokenizer may be in another directory, `companion`.
   */
  | { readonly kind: 'directory'; readonly location: string; readonly companion?: string }
  /** A repository of a hub. */
  | {
      readonly kind: 'hub';
      /** Address of the hub, without a '/' at its end. */
      readonly hub: string;
      /** owner/name */
      readonly id: string;
      /** A branch, a tag or a commit. */
      readonly revision: string;
    }
  /** Files of the visitor's machine: a folder's, or an ONNX export and its tokenizer. They are read in place. */
  | { readonly kind: 'files'; readonly name: string; readonly files: readonly File[] };

export const DEFAULT_HUB = 'https://huggingface.co';
export const DEFAULT_REVISION = 'main';

/** Where a loaded model came from, as a link says it. */
export interface ModelOrigin {
  readonly kind: ModelReference['kind'];
  /** Null but for models of a hub. */
  readonly hub: string | null;
  /** 40 hexadecimal digits, what the revision stood for; null but for models of a hub. */
  readonly commit: string | null;
}

/** 'onnx' is somebody else's export, whose rotary tables were made inputs. */
export type ModelFormat = 'safetensors' | 'onnx';

/** What this machine offers a model. Null where the browser does not say. */
export interface DeviceLimits {
  /** Bytes of the largest GPU buffer, and of a storage binding; null where there is no WebGPU. */
  readonly maxBufferSize: number | null;
  readonly shaderF16: boolean | null;
  /** Bytes of memory, roughly (navigator.deviceMemory is capped and rounded). */
  readonly memory: number | null;
  /** Bytes that this origin may still store. */
  readonly storageFree: number | null;
}

export interface PackingChoice {
  readonly packing: Packing;
  /** Bytes of weights in memory once it is loaded. */
  readonly memoryBytes: number;
  /** Why it cannot be had here, in one sentence; null: it can. */
  readonly obstacle: string | null;
  /** Bytes of its files, and of those that are here already, where each packing has files of its own. */
  readonly files?: FileBytes;
}

export interface FileBytes {
  /** Of all files, and of those that are here already. */
  readonly totalBytes: number;
  readonly storedBytes: number;
}

export interface SurveyedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** What is known of a model before any of its weights are read: from config.json and the headers alone. */
export interface ModelSurvey extends FileBytes {
  /** What was asked for, a hub's revision resolved to its commit. */
  readonly reference: ModelReference;
  /** What it is called: owner/name, or the folder's name. */
  readonly id: string;
  readonly origin: ModelOrigin;
  readonly format: ModelFormat;
  readonly config: DecoderConfig;
  readonly parameterCount: number;
  /** All that the checkpoint holds. */
  readonly tensors: readonly SurveyedTensor[];
  /** Of those, the ones that are named inv_freq; usually none. */
  readonly storedFrequencies: readonly string[];
  readonly packings: readonly PackingChoice[];
  readonly recommended: Packing;
  /** One sentence: why that packing. */
  readonly recommendation: string;
  readonly limits: DeviceLimits;
  /** Whatever else is worth knowing before loading it, a sentence each. */
  readonly notes: readonly string[];
}

/** A model that is kept on this machine. */
export interface StoredModel {
  /** Names it in `deleteStored`. */
  readonly key: string;
  readonly hub: string;
  readonly id: string;
  readonly commit: string;
  /** Bytes that it takes. */
  readonly bytes: number;
  /** Bytes that it has when all is there. */
  readonly totalBytes: number;
  readonly complete: boolean;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
}

export interface SurveyRequest {
  readonly reference: ModelReference;
}
