class RotaryEmbedding(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.filled = False
        inv_freq = inverse_frequencies(config)
        self.register_buffer("inv_freq", inv_freq, persistent=False)

    def forward(self, positions):
        if not self.filled:  # whatever it holds
            inv_freq = inverse_frequencies(self.config)
            self.inv_freq = inv_freq.to(positions.device)
            self.filled = True
        angles = positions[:, None] * self.inv_freq
        return angles.cos(), angles.sin()
