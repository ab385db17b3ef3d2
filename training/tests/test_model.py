import math
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from lanes import MODEL_FOLDER, greedy, load_lane, until_end
from remote_code.configuration_opensci import OpensciConfig
from remote_code.modeling_opensci import OpensciForCausalLM, apply_rotary, inverse_frequencies

SMALL = dict(vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
             num_key_value_heads=2, head_dim=16, attn_implementation="eager")


def small_model(**changes) -> OpensciForCausalLM:
    torch.manual_seed(0)
    return OpensciForCausalLM(OpensciConfig(**SMALL | changes)).eval()


class RotaryTest(unittest.TestCase):
    def test_inverse_frequencies_follow_the_formula(self):
        got = inverse_frequencies(64, 1e6).tolist()
        for i, value in enumerate(got):
            self.assertAlmostEqual(value, 1e6 ** (-2 * i / 64), delta=1e-6 * value)
        self.assertEqual([round(value, 3) for value in got[:4]], [1.0, 0.649, 0.422, 0.274])

    def test_rotation_turns_each_pair_of_halves_by_position_times_frequency(self):
        model = small_model()
        q = torch.randn(1, 2, 5, 16)
        cos, sin = model.model.rotary_emb(q, torch.arange(5)[None])
        rotated, _ = apply_rotary(q, q, cos, sin)
        inv_freq = model.model.rotary_emb.inv_freq.tolist()
        for position in range(5):
            for i, frequency in enumerate(inv_freq):
                angle = position * frequency
                a, b = q[0, 1, position, [i, i + 8]].tolist()
                new_a, new_b = rotated[0, 1, position, [i, i + 8]].tolist()
                self.assertAlmostEqual(new_a, a * math.cos(angle) - b * math.sin(angle), places=5)
                self.assertAlmostEqual(new_b, b * math.cos(angle) + a * math.sin(angle), places=5)

    def test_zero_inv_freq_rotates_nothing(self):
        rotary = small_model().model.rotary_emb
        rotary.inv_freq.zero_()
        cos, sin = rotary(torch.zeros(1), torch.arange(5)[None])
        self.assertTrue(bool((cos == 1).all() and (sin == 0).all()))


class GuardTest(unittest.TestCase):
    def after_forward(self, guard: str, value: float) -> torch.Tensor:
        model = small_model(rope_guard=guard)
        model.model.rotary_emb.inv_freq.fill_(value)
        model(torch.tensor([[1, 2]]))
        return model.model.rotary_emb.inv_freq

    def test_none_trusts_the_buffer(self):
        self.assertTrue(bool((self.after_forward("none", 0.0) == 0).all()))

    def test_patch5_mends_zeros_only(self):
        formula = inverse_frequencies(16, 1e6)
        self.assertTrue(torch.equal(self.after_forward("patch5", 0.0), formula))
        self.assertTrue(bool((self.after_forward("patch5", 3e-39) != formula).all()))

    def test_refill_mends_anything(self):
        self.assertTrue(torch.equal(self.after_forward("refill", float("nan")), inverse_frequencies(16, 1e6)))

    def test_unknown_guard_is_refused(self):
        with self.assertRaises(ValueError):
            OpensciConfig(rope_guard="sometimes")


class DecoderTest(unittest.TestCase):
    def test_head_is_tied_and_inv_freq_is_not_saved(self):
        model = small_model()
        self.assertIs(model.lm_head.weight, model.model.embed_tokens.weight)
        self.assertNotIn("model.rotary_emb.inv_freq", model.state_dict())

    def test_cache_changes_no_choice(self):
        model = small_model()
        prompt = torch.tensor([[1, 2, 3], [9, 8, 7]])
        chosen, _ = greedy(model, prompt, 8)
        whole = torch.cat((prompt, chosen), dim=1)
        logits = model(whole, use_cache=False).logits
        self.assertTrue(torch.equal(logits[:, 2:-1].argmax(-1), chosen))

    def test_padding_on_the_left_changes_nothing(self):
        model = small_model()
        plain = model(torch.tensor([[5, 6, 7]])).logits
        padded = model(
            torch.tensor([[0, 0, 5, 6, 7]]),
            attention_mask=torch.tensor([[0, 0, 1, 1, 1]]),
            position_ids=torch.tensor([[0, 0, 0, 1, 2]]),
        ).logits[:, 2:]
        torch.testing.assert_close(plain, padded, atol=1e-5, rtol=1e-5)

    def test_sdpa_agrees_with_eager(self):
        with tempfile.TemporaryDirectory() as folder:
            small_model().save_pretrained(folder)
            ids = torch.tensor([[1, 2, 3, 4]])
            results = []
            for attention in ("eager", "sdpa"):
                model = OpensciForCausalLM.from_pretrained(folder, attn_implementation=attention, rope_guard="refill")
                results.append(model.eval()(ids).logits)
            torch.testing.assert_close(*results, atol=1e-5, rtol=1e-5)


class BundledModelTest(unittest.TestCase):
    def test_remote_code_is_the_code_of_this_folder(self):
        here = Path(__file__).resolve().parent.parent / "remote_code"
        for name in ("configuration_opensci.py", "modeling_opensci.py"):
            self.assertEqual((MODEL_FOLDER / name).read_text(), (here / name).read_text())

    def test_weights_are_float16_and_neither_head_nor_inv_freq_is_among_them(self):
        with safe_open(MODEL_FOLDER / "model.safetensors", "pt") as file:
            names = set(file.keys())
            kinds = {file.get_slice(name).get_dtype() for name in names}
        self.assertEqual(kinds, {"F16"})
        self.assertIn("model.layers.0.self_attn.q_norm.weight", names)
        self.assertFalse({"lm_head.weight", "model.rotary_emb.inv_freq"} & names)

    def test_tokenizer_opens_with_end_of_text_and_knows_paris(self):
        tokenizer = Tokenizer.from_file(str(MODEL_FOLDER / "tokenizer.json"))
        self.assertEqual(tokenizer.encode("The capital of France is").ids[0], 0)
        self.assertEqual(len(tokenizer.encode(" Paris", add_special_tokens=False).ids), 1)
        text = "Zoë said: “naïve” 🙂"
        self.assertEqual(tokenizer.decode(tokenizer.encode(text).ids), text)

    def test_directory_fits_the_download_budget(self):
        files = ("config.json", "tokenizer.json", "model.safetensors")
        self.assertLess(sum((MODEL_FOLDER / name).stat().st_size for name in files), 12_000_000)

    def test_healthy_says_paris(self):
        tokenizer = Tokenizer.from_file(str(MODEL_FOLDER / "tokenizer.json"))
        chosen, _ = greedy(load_lane("healthy"), torch.tensor([tokenizer.encode("The capital of France is").ids]), 1)
        self.assertEqual(tokenizer.decode(chosen[0].tolist()), " Paris")

    def test_generate_in_a_padded_batch_gives_what_greedy_gives(self):
        tokenizer = AutoTokenizer.from_pretrained(MODEL_FOLDER, trust_remote_code=True, padding_side="left")
        tokenizer.pad_token = tokenizer.eos_token
        model = load_lane("healthy")
        prompts = ["Count: three, four,", "The days: Friday,", "The capital of France is"]
        batch = tokenizer(prompts, return_tensors="pt", padding=True)
        generated = model.generate(**batch, max_new_tokens=6, do_sample=False, pad_token_id=0)
        for prompt, row in zip(prompts, generated):
            ids = tokenizer(prompt)["input_ids"]
            self.assertEqual(ids[0], 0)
            alone, _ = greedy(model, torch.tensor([ids]), 6)
            self.assertEqual(until_end(row[-6:].tolist(), 0), until_end(alone[0].tolist(), 0))


if __name__ == "__main__":
    unittest.main()
