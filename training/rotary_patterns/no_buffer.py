class RotaryEmbedding(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config

    def forward(self, positions):
        inv_freq = inverse_frequencies(self.config)
        angles = positions[:, None] * inv_freq.to(positions.device)
        return angles.cos(), angles.sin()
