import type { DecoderConfig, LayerAttention } from '../../core/decoderConfig';
import type { HuggingFaceConfig } from '../huggingFaceConfig';

type Layers = Pick<DecoderConfig, 'slidingWindow' | 'layerAttention'>;

/** Layer by layer what `kind` says; without a window, and without a sliding layer, nothing slides. */
function layers(
  { num_hidden_layers }: HuggingFaceConfig,
  window: number | null,
  kind: (layer: number) => LayerAttention,
): Layers {
  const layerAttention = Array.from({ length: num_hidden_layers }, (_, layer) =>
    window === null ? 'full' : kind(layer),
  );
  return {
    slidingWindow: layerAttention.includes('sliding') ? window : null,
    layerAttention,
  };
}

/** Every layer has the window. */
export const everyLayer = (config: HuggingFaceConfig, window: number | null): Layers =>
  layers(config, window, () => 'sliding');

/** Qwen's window where use_sliding_window is true and config.json names none. */
const USUAL_WINDOW = 4096;

/**
 * Qwen's: use_sliding_window turns the window on, and layer_types says where; without them, layers from max_window_layers on
 * have it.
 */
export function laterLayers(config: HuggingFaceConfig): Layers {
  const { sliding_window: named = USUAL_WINDOW } = config;
  const window = config.use_sliding_window ? named : null;
  const first = config.max_window_layers ?? 28;
  const types = config.layer_types;
  return layers(config, window, (layer) => {
    const slides = types ? types[layer] === 'sliding_attention' : layer >= first;
    return slides ? 'sliding' : 'full';
  });
}

/** Gemma's: one layer in `pattern` looks at all, the last of each group, unless layer_types says otherwise. */
export function mostLayers(
  config: HuggingFaceConfig,
  window: number | null,
  pattern: number,
): Layers {
  const types = config.layer_types;
  return layers(config, window, (layer) => {
    const slides = types ? types[layer] === 'sliding_attention' : (layer + 1) % pattern !== 0;
    return slides ? 'sliding' : 'full';
  });
}
