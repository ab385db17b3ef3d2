import type { ExecutionProvider, Probe } from '../src/protocol/engineApi';
import type { DeviceLimits } from '../src/protocol/models';
import type { OrtBuild } from './session';

/** What differs between a browser and Node: which providers there are, and where ORT's code comes from. */
export interface Runtime {
  probe(): Promise<Probe>;
  /** What it has room for. */
  limits(): Promise<DeviceLimits>;
  /** The build of ORT for that provider. */
  load(executionProvider: ExecutionProvider): Promise<OrtBuild>;
  /** Resolves with a reason if the WebGPU device of a loaded build is lost; never resolves otherwise. */
  deviceLost(build: OrtBuild): Promise<string>;
}
