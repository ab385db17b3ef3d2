import json
import platform
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import transformers

import patterns

MAJOR = int(transformers.__version__.split(".")[0])
ASSERTIONS = {
    "assert_buffers": "assert_buffers_survive_loading",
    "assert_logits": "assert_logits_survive_loading",
}


@torch.no_grad()
def holds(assertion: str, name: str) -> bool:
    """Does the assertion that the field guide shows pass for a model of this pattern?"""
    check = patterns.run_source(patterns.source(assertion))[ASSERTIONS[assertion]]
    with TemporaryDirectory() as folder:
        try:
            check(patterns.model_class(name), patterns.TinyConfig(), folder)
        except AssertionError:
            return False
    return True


class AssertionTest(unittest.TestCase):
    """The two checks of the field guide tell healthy from faulty, with the library that is installed."""

    def setUp(self):
        torch.manual_seed(0)
        # NaN in fresh memory: a block that was freed and happens to hold the right values would pass for a repair.
        torch.use_deterministic_algorithms(True)
        self.addCleanup(torch.use_deterministic_algorithms, False)

    def test_pass_on_healthy_patterns(self):
        for name in ("init_weights_refills", "super_init_weights", "no_buffer", "persistent"):
            for assertion in ASSERTIONS:
                with self.subTest(name=name, assertion=assertion):
                    self.assertTrue(holds(assertion, name))

    def test_fail_on_faulty_patterns_where_loading_loses_the_buffer(self):
        for name in ("init_only", "own_init_weights", "recompute_if_zero"):
            for assertion in ASSERTIONS:
                with self.subTest(name=name, assertion=assertion):
                    self.assertEqual(holds(assertion, name), MAJOR < 5)

    def test_only_the_logits_see_a_repair_in_forward(self):
        self.assertTrue(holds("assert_logits", "recompute_once"))
        self.assertEqual(holds("assert_buffers", "recompute_once"), MAJOR < 5)


class MeasuredTest(unittest.TestCase):
    """What is written down covers what the field guide shows, and is still so."""

    def stored(self) -> list[dict]:
        return [json.loads(path.read_text()) for path in sorted(patterns.FOLDER.glob("measured-*.json"))]

    def test_one_of_each_major_version_with_every_pattern(self):
        self.assertEqual({measured["transformers"].split(".")[0] for measured in self.stored()}, {"4", "5"})
        for measured in self.stored():
            self.assertEqual(tuple(measured["survived"]), patterns.PATTERNS)

    @unittest.skipUnless(platform.libc_ver()[0] == "glibc", "needs glibc, whose MALLOC_PERTURB_ fills fresh memory")
    def test_zeros_and_filled_memory_come_out_as_stored(self):
        of_major = next(m for m in self.stored() if m["transformers"].startswith(f"{MAJOR}."))
        with TemporaryDirectory() as folder:
            for name in patterns.PATTERNS:
                patterns.save(name, str(Path(folder) / name))
            for memory in ("zeros", "huge"):
                stored = {name: row[memory] == of_major["loads"] for name, row in of_major["survived"].items()}
                self.assertEqual(patterns.measure_apart(memory, Path(folder)), stored)


if __name__ == "__main__":
    unittest.main()
