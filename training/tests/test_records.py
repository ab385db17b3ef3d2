import hashlib
import json
import unittest
from pathlib import Path

from safetensors import safe_open

from evaluate import RESULTS, markdown, missed_targets
from golden import FOLDER, TENSOR_NAMES
from lanes import LANES, MODEL_FOLDER
from tests.tables import squeezed


class RecordsTest(unittest.TestCase):
    """What was written down belongs to the model that is bundled."""

    def test_recorded_results_reach_every_target(self):
        self.assertEqual(missed_targets(json.loads(RESULTS.read_text())), [])

    def test_readme_shows_the_recorded_results(self):
        readme = (Path(__file__).resolve().parent.parent / "README.md").read_text()
        self.assertIn(squeezed(markdown(json.loads(RESULTS.read_text()))), squeezed(readme))

    def test_results_and_golden_outputs_are_of_these_weights(self):
        weights = hashlib.sha256((MODEL_FOLDER / "model.safetensors").read_bytes()).hexdigest()
        self.assertEqual(json.loads(RESULTS.read_text())["weights_sha256"], weights)
        self.assertEqual(json.loads((FOLDER / "nano-opensci.json").read_text())["weights_sha256"], weights)

    def test_golden_tensors_have_the_documented_names_and_shapes(self):
        record = json.loads((FOLDER / "nano-opensci.json").read_text())
        config = json.loads((MODEL_FOLDER / "config.json").read_text())
        layers, heads = config["num_hidden_layers"], config["num_attention_heads"]
        length = len(record["tensors"]["prompt_ids"])
        rotated = [layers, heads, length, config["head_dim"]]
        shapes = dict.fromkeys(("q_before", "k_before", "q_after", "k_after"), rotated) | {
            "logits": [length, config["vocab_size"]], "attention": [layers, heads, length, length],
        }
        with safe_open(FOLDER / "nano-opensci.safetensors", "pt") as file:
            self.assertEqual(set(file.keys()), {f"{lane}.{name}" for lane in LANES for name in TENSOR_NAMES})
            for name in file.keys():
                self.assertEqual(file.get_slice(name).get_shape(), shapes[name.split(".")[1]])

    def test_zero_lane_of_the_golden_outputs_is_not_rotated(self):
        with safe_open(FOLDER / "nano-opensci.safetensors", "pt") as file:
            for lane, unchanged in (("healthy", False), ("zero", True)):
                for name in ("q", "k"):
                    before, after = (file.get_tensor(f"{lane}.{name}_{when}") for when in ("before", "after"))
                    self.assertEqual(before.equal(after), unchanged)


if __name__ == "__main__":
    unittest.main()
