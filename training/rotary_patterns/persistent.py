class RotaryEmbedding(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.register_buffer("inv_freq", inverse_frequencies(config))

    def forward(self, positions):
        angles = positions[:, None] * self.inv_freq
        return angles.cos(), angles.sin()
