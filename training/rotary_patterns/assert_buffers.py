def assert_buffers_survive_loading(model_class, config, folder):
    built = model_class(config)  # __init__ on the CPU: what is meant
    built.save_pretrained(folder)
    loaded = model_class.from_pretrained(folder)
    meant = dict(built.named_buffers())
    assert all(torch.equal(loaded.get_buffer(name), meant[name]) for name in meant)
