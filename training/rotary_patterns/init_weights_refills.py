class RotaryEmbedding(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        inv_freq = inverse_frequencies(config)
        self.register_buffer("inv_freq", inv_freq, persistent=False)

    def forward(self, positions):
        angles = positions[:, None] * self.inv_freq
        return angles.cos(), angles.sin()


class MyPreTrainedModel(PreTrainedModel):
    def _init_weights(self, module):
        if isinstance(module, RotaryEmbedding):
            module.inv_freq.copy_(inverse_frequencies(module.config))
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
