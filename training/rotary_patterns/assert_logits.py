def assert_logits_survive_loading(model_class, config, folder):
    built = model_class(config).eval()
    built.save_pretrained(folder)
    loaded = model_class.from_pretrained(folder).eval()
    ids = torch.arange(8)[None]  # position 0 is never turned: one token would not do
    assert torch.allclose(loaded(ids).logits, built(ids).logits, atol=1e-5)
