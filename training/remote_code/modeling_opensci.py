"""A decoder of the open-sci-ref architecture, in one file that loads under transformers 4.57 and 5.x.

Pre-norm blocks with RMSNorm (Zhang and Sennrich 2019), attention with an RMSNorm over head_dim on queries and keys
(QK norm, after Henry et al. 2020), rotary positions (RoFormer, Su et al. 2021) that rotate halves, a SwiGLU MLP
(Shazeer 2020), biases on every projection, and an output head tied to the token embedding.

The rotary embedding carries a fault on purpose, because showing it is what this model is for: `inv_freq` is a
non-persistent buffer that only `__init__` fills. transformers 4.x runs `__init__` on the CPU and the values survive.
transformers 5.x runs it on the meta device and afterwards gives the buffer fresh memory that nobody fills: it is in no
checkpoint, and the `_init_weights` below does not know about it. Set `rope_guard="refill"` in the configuration for a
model that is right under both.
"""

import torch
import transformers
from torch import nn
from transformers.activations import ACT2FN
from transformers.cache_utils import DynamicCache
from transformers.generation import GenerationMixin
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS, PreTrainedModel

from .configuration_opensci import OpensciConfig

TRANSFORMERS_MAJOR = int(transformers.__version__.split(".")[0])


def inverse_frequencies(head_dim, theta, device=None):
    """theta^(-2i / head_dim) for i = 0 .. head_dim/2 - 1, after RoFormer, section 3.2.2. [head_dim / 2], float32."""
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float32, device=device) / head_dim
    return 1.0 / (theta**exponents)


def rotate_half(x):
    """(a, b) -> (-b, a) for the two halves of the last dimension."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((-b, a), dim=-1)


def apply_rotary(q, k, cos, sin):
    """Rotates q and k [batch, heads, S, head_dim] by tables [batch, S, head_dim]: RoFormer, eq. 34, in halves."""
    cos, sin = cos.unsqueeze(1), sin.unsqueeze(1)
    return q * cos + rotate_half(q) * sin, k * cos + rotate_half(k) * sin


def eager_attention(module, query, key, value, attention_mask, scaling, dropout=0.0, **kwargs):
    """softmax(q k^T * scaling + mask) v. Returns [batch, S, heads, head_dim] and the weights [batch, heads, S, T]."""
    key = key.repeat_interleave(module.num_key_value_groups, dim=1)
    value = value.repeat_interleave(module.num_key_value_groups, dim=1)
    scores = query @ key.transpose(2, 3) * scaling + attention_mask
    weights = scores.softmax(dim=-1, dtype=torch.float32).to(query.dtype)
    weights = nn.functional.dropout(weights, p=dropout, training=module.training)
    return (weights @ value).transpose(1, 2), weights


def causal_mask(attention_mask, batch, past, length, dtype, device):
    """What every query may see, as a number to add to its scores: 0 or the least of `dtype`. [batch, 1, S, past + S].

    `attention_mask` is None, a padding mask [batch, past + S], or a ready mask [batch, 1, S, past + S] (boolean, true
    where visible, or already additive).
    """
    if attention_mask is not None and attention_mask.dim() == 4:
        if attention_mask.dtype != torch.bool:
            return attention_mask
        visible = attention_mask
    else:
        keys = torch.arange(past + length, device=device)
        visible = (keys <= keys[past:, None]).expand(batch, 1, -1, -1)
        if attention_mask is not None:
            visible = visible & attention_mask[:, None, None, :].to(torch.bool)
    return torch.zeros(visible.shape, dtype=dtype, device=device).masked_fill(~visible, torch.finfo(dtype).min)


class OpensciRMSNorm(nn.Module):
    """x / rms(x) * weight over the last dimension, the mean of squares taken in float32."""

    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        wide = x.float()
        return self.weight * (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)).to(x.dtype)


class OpensciRotaryEmbedding(nn.Module):
    """The cos and sin tables of the positions at hand, each [batch, S, head_dim]."""

    def __init__(self, config, device=None):
        super().__init__()
        self.config = config
        self.refilled = False
        # Here is the fault of the published model: filled once, saved never, and lost when 5.x materialises the buffer.
        self.register_buffer("inv_freq", self._compute(device), persistent=False)

    def _compute(self, device):
        return inverse_frequencies(self.config.head_dim, self.config.rope_theta, device)

    def _guard(self, device):
        guard = self.config.rope_guard
        all_zero = guard == "patch5" and not self.inv_freq.any()
        first = guard == "refill" and not self.refilled
        if all_zero or first:
            self.register_buffer("inv_freq", self._compute(device), persistent=False)
            self.refilled = True

    @torch.no_grad()
    def forward(self, x, position_ids):
        self._guard(x.device)
        with torch.autocast(device_type=x.device.type, enabled=False):
            angles = position_ids[..., None].float() * self.inv_freq.float()
            angles = torch.cat((angles, angles), dim=-1)
            return angles.cos().to(x.dtype), angles.sin().to(x.dtype)


class OpensciAttention(nn.Module):
    def __init__(self, config, layer_idx):
        super().__init__()
        self.config = config
        self.layer_idx = layer_idx
        self.head_dim = config.head_dim
        self.num_key_value_groups = config.num_attention_heads // config.num_key_value_heads
        self.scaling = config.head_dim**-0.5
        self.is_causal = True
        query_size = config.num_attention_heads * config.head_dim
        key_size = config.num_key_value_heads * config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, query_size, bias=config.attention_bias)
        self.k_proj = nn.Linear(config.hidden_size, key_size, bias=config.attention_bias)
        self.v_proj = nn.Linear(config.hidden_size, key_size, bias=config.attention_bias)
        self.o_proj = nn.Linear(query_size, config.hidden_size, bias=config.attention_bias)
        self.q_norm = OpensciRMSNorm(config.head_dim, config.rms_norm_eps)
        self.k_norm = OpensciRMSNorm(config.head_dim, config.rms_norm_eps)

    def forward(self, hidden, cos, sin, mask, cache):
        batch, length, _ = hidden.shape
        split = (batch, length, -1, self.head_dim)
        query = self.q_norm(self.q_proj(hidden).view(split)).transpose(1, 2)
        key = self.k_norm(self.k_proj(hidden).view(split)).transpose(1, 2)
        value = self.v_proj(hidden).view(split).transpose(1, 2)
        query, key = apply_rotary(query, key, cos, sin)
        if cache is not None:
            key, value = cache.update(key, value, self.layer_idx)
        implementation = self.config._attn_implementation
        attend = eager_attention if implementation == "eager" else ALL_ATTENTION_FUNCTIONS[implementation]
        dropout = self.config.attention_dropout if self.training else 0.0
        mixed, weights = attend(self, query, key, value, mask, scaling=self.scaling, dropout=dropout)
        return self.o_proj(mixed.reshape(batch, length, -1)), weights


class OpensciMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=config.mlp_bias)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=config.mlp_bias)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=config.mlp_bias)
        self.act_fn = ACT2FN[config.hidden_act]

    def forward(self, x):
        return self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))


class OpensciDecoderLayer(nn.Module):
    def __init__(self, config, layer_idx):
        super().__init__()
        self.self_attn = OpensciAttention(config, layer_idx)
        self.mlp = OpensciMLP(config)
        self.input_layernorm = OpensciRMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = OpensciRMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, hidden, cos, sin, mask, cache):
        attended, weights = self.self_attn(self.input_layernorm(hidden), cos, sin, mask, cache)
        hidden = hidden + attended
        return hidden + self.mlp(self.post_attention_layernorm(hidden)), weights


class OpensciPreTrainedModel(PreTrainedModel):
    config_class = OpensciConfig
    base_model_prefix = "model"
    _no_split_modules = ["OpensciDecoderLayer"]
    _supports_sdpa = True
    _supports_attention_backend = True

    def _init_weights(self, module):
        """Weights only. It takes the place of the library's own method, which would have refilled `inv_freq`."""
        if isinstance(module, (nn.Linear, nn.Embedding)):
            module.weight.data.normal_(mean=0.0, std=self.config.initializer_range)
        if isinstance(module, nn.Linear) and module.bias is not None:
            module.bias.data.zero_()
        if isinstance(module, OpensciRMSNorm):
            module.weight.data.fill_(1.0)


class OpensciModel(OpensciPreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(OpensciDecoderLayer(config, i) for i in range(config.num_hidden_layers))
        self.norm = OpensciRMSNorm(config.hidden_size, config.rms_norm_eps)
        self.rotary_emb = OpensciRotaryEmbedding(config)
        self.post_init()

    def get_input_embeddings(self):
        return self.embed_tokens

    def set_input_embeddings(self, value):
        self.embed_tokens = value

    def forward(
        self,
        input_ids=None,
        attention_mask=None,
        position_ids=None,
        past_key_values=None,
        inputs_embeds=None,
        use_cache=None,
        output_attentions=False,
        **kwargs,
    ):
        hidden = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        batch, length, _ = hidden.shape
        use_cache = self.config.use_cache if use_cache is None else use_cache
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache()
        past = 0 if past_key_values is None else past_key_values.get_seq_length()
        if position_ids is None:
            position_ids = torch.arange(past, past + length, device=hidden.device).expand(batch, -1)
        mask = causal_mask(attention_mask, batch, past, length, hidden.dtype, hidden.device)
        cos, sin = self.rotary_emb(hidden, position_ids)
        attentions = ()
        for layer in self.layers:
            hidden, weights = layer(hidden, cos, sin, mask, past_key_values)
            attentions += (weights,)
        return BaseModelOutputWithPast(
            last_hidden_state=self.norm(hidden),
            past_key_values=past_key_values if use_cache else None,
            attentions=attentions if output_attentions else None,
        )


class OpensciForCausalLM(OpensciPreTrainedModel, GenerationMixin):
    # 5.x wants to know what the head is tied to; with the 4.x list it would leave the head uninitialised.
    _tied_weights_keys = (
        {"lm_head.weight": "model.embed_tokens.weight"} if TRANSFORMERS_MAJOR >= 5 else ["lm_head.weight"]
    )

    def __init__(self, config):
        super().__init__(config)
        self.model = OpensciModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self):
        return self.model.embed_tokens

    def set_input_embeddings(self, value):
        self.model.embed_tokens = value

    def get_output_embeddings(self):
        return self.lm_head

    def set_output_embeddings(self, value):
        self.lm_head = value

    def forward(self, input_ids=None, labels=None, logits_to_keep=0, **kwargs):
        output = self.model(input_ids, **kwargs)
        kept = output.last_hidden_state[:, -logits_to_keep:] if logits_to_keep else output.last_hidden_state
        logits = self.lm_head(kept)
        loss = None
        if labels is not None:
            loss = nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), labels[:, 1:].flatten())
        return CausalLMOutputWithPast(
            loss=loss, logits=logits, past_key_values=output.past_key_values, attentions=output.attentions
        )
