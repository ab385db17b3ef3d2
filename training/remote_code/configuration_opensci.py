"""Configuration of the nano model: the open-sci-ref architecture, small."""

from transformers.configuration_utils import PretrainedConfig

ROPE_GUARDS = ("none", "patch5", "refill")


class OpensciConfig(PretrainedConfig):
    """Sizes and switches of the decoder.

    `rope_guard` says what the rotary embedding does about an `inv_freq` that was lost between construction and use:
    "none" trusts the buffer, "patch5" recomputes it when every entry is zero, "refill" recomputes it once in the first
    forward pass, whatever it holds.
    """

    model_type = "opensci"
    keys_to_ignore_at_inference = ["past_key_values"]

    def __init__(
        self,
        vocab_size=2048,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=3,
        num_key_value_heads=3,
        head_dim=64,
        hidden_act="silu",
        max_position_embeddings=256,
        rms_norm_eps=1e-5,
        rope_theta=1_000_000.0,
        rope_scaling=None,
        rope_guard="none",
        attention_bias=True,
        mlp_bias=True,
        qk_layernorm=True,
        attention_dropout=0.0,
        initializer_range=0.02,
        use_cache=True,
        bos_token_id=0,
        eos_token_id=0,
        tie_word_embeddings=True,
        **kwargs,
    ):
        if rope_guard not in ROPE_GUARDS:
            raise ValueError(f"rope_guard is {rope_guard!r}; it has to be one of {', '.join(ROPE_GUARDS)}")
        # 5.x turns an absent rope_scaling into {"rope_type": "default", ...}, which still means no scaling.
        if rope_scaling is not None and rope_scaling.get("rope_type", "default") != "default":
            raise ValueError(f"this code does not scale rotary positions, but rope_scaling is {rope_scaling}")
        if not qk_layernorm:
            raise ValueError("this code always normalises queries and keys, but qk_layernorm is false")
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.intermediate_size = intermediate_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.num_key_value_heads = num_key_value_heads
        self.head_dim = head_dim
        self.hidden_act = hidden_act
        self.max_position_embeddings = max_position_embeddings
        self.rms_norm_eps = rms_norm_eps
        self.rope_theta = rope_theta
        self.rope_scaling = rope_scaling
        self.rope_guard = rope_guard
        self.attention_bias = attention_bias
        self.mlp_bias = mlp_bias
        self.qk_layernorm = qk_layernorm
        self.attention_dropout = attention_dropout
        self.initializer_range = initializer_range
        self.use_cache = use_cache
        super().__init__(
            bos_token_id=bos_token_id, eos_token_id=eos_token_id, tie_word_embeddings=tie_word_embeddings, **kwargs
        )
