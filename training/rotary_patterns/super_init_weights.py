class MyRotaryEmbedding(nn.Module):  # the name is looked at
    rope_type = "default"

    def __init__(self, config):
        super().__init__()
        self.config = config
        inv_freq, _ = self.compute_default_rope_parameters(config)
        self.register_buffer("inv_freq", inv_freq, persistent=False)
        original = inv_freq.clone()
        self.register_buffer("original_inv_freq", original, persistent=False)

    @staticmethod
    def compute_default_rope_parameters(config):
        return inverse_frequencies(config), 1.0

    def forward(self, positions):
        angles = positions[:, None] * self.inv_freq
        return angles.cos(), angles.sin()


class MyPreTrainedModel(PreTrainedModel):
    def _init_weights(self, module):
        super()._init_weights(module)
        ...  # what the model's own modules need
