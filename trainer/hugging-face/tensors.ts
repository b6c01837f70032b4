/** The tensors of ApertusForCausalLM: those that are trained, by name and shape, and xIELU's constants, which loaders want beside them. */
import { type ModelConfiguration, xielu } from "../model/configuration.js";

export interface ModelTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of a constant, which is in no checkpoint of ours. */
  readonly constant?: number;
}

/**
 * Fourteen a layer, and three. beta and epsilon are 0-dimensional: where they are missing, transformers leaves whatever was in memory,
 * and with shape [1] it refuses to load; the two slopes are [1].
 */
export function modelTensors({
  vocabulary,
  width,
  layers,
  heads,
  kvHeads,
  headWidth,
  hidden,
}: ModelConfiguration): readonly ModelTensor[] {
  const [query, key] = [heads * headWidth, kvHeads * headWidth];
  const layer = (index: number): readonly ModelTensor[] => {
    const named = (name: string, ...shape: number[]): ModelTensor => ({ name: `model.layers.${index}.${name}`, shape });
    return [
      named("attention_layernorm.weight", width),
      named("self_attn.q_proj.weight", query, width),
      named("self_attn.k_proj.weight", key, width),
      named("self_attn.v_proj.weight", key, width),
      named("self_attn.o_proj.weight", width, query),
      named("self_attn.q_norm.weight", headWidth),
      named("self_attn.k_norm.weight", headWidth),
      named("feedforward_layernorm.weight", width),
      named("mlp.up_proj.weight", hidden, width),
      named("mlp.down_proj.weight", width, hidden),
      named("mlp.act_fn.alpha_p", 1),
      named("mlp.act_fn.alpha_n", 1),
      { ...named("mlp.act_fn.beta"), constant: xielu.beta },
      { ...named("mlp.act_fn.eps"), constant: xielu.epsilon },
    ];
  };
  return [
    { name: "model.embed_tokens.weight", shape: [vocabulary, width] },
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    { name: "model.norm.weight", shape: [width] },
    { name: "lm_head.weight", shape: [vocabulary, width] },
  ];
}
