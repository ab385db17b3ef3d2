class RotaryEmbedding(nn.Module):
    def __init__(self, config):
        super().__init__()
        inv_freq = inverse_frequencies(config)
        self.register_buffer("inv_freq", inv_freq, persistent=False)

    def forward(self, positions):
        angles = positions[:, None] * self.inv_freq
        return angles.cos(), angles.sin()
