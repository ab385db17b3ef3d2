import math
import unittest

from reproduction.contents import bits_of, classify, contents, decimal, float_of, text_in
from reproduction.sentences import verdict

FORMULA = [1.0, 0.25, 0.0625, 1e-6]


def held(values: list[float], formula: list[float] = FORMULA) -> dict:
    return contents([bits_of(value) for value in values], [bits_of(value) for value in formula], any(values))


class ClassifyTest(unittest.TestCase):
    def test_equal_in_every_bit_is_healthy(self):
        self.assertEqual(classify(FORMULA, FORMULA), "healthy")

    def test_rounded_is_near_and_no_garbage(self):
        self.assertEqual(classify([1.0, 0.2505, 0.0625, 1e-6], FORMULA), "near")

    def test_one_wrong_entry_is_garbage(self):
        self.assertEqual(classify([1.0, 0.25, 0.0625, 2e-6], FORMULA), "garbage")

    def test_exact_zeros_of_either_sign_are_zeros(self):
        self.assertEqual(classify([0.0, -0.0, 0.0, 0.0], FORMULA), "zeros")

    def test_the_least_float_above_zero_is_tiny_and_not_zero(self):
        self.assertEqual(classify([0.0, 0.0, 0.0, float_of(1)], FORMULA), "tiny")

    def test_an_entry_of_a_millionth_is_no_longer_tiny(self):
        self.assertEqual(classify([0.0, 9.9e-7, -9.9e-7, 0.0], FORMULA), "tiny")
        self.assertEqual(classify([0.0, 9.9e-7, -1.1e-6, 0.0], FORMULA), "garbage")

    def test_left_over_addresses_are_garbage(self):
        self.assertEqual(classify([float_of(0x7B0DA008), float_of(0x7FD8), 0.0, 0.0], FORMULA), "garbage")

    def test_one_nan_or_infinity_is_not_finite(self):
        for value in (math.nan, math.inf, -math.inf):
            self.assertEqual(classify([1.0, 0.25, value, 1e-6], FORMULA), "not_finite")
        self.assertEqual(classify([math.nan] * 4, FORMULA), "not_finite")


class ContentsTest(unittest.TestCase):
    def test_counts(self):
        found = held([1.0, -0.0, math.nan, 5e-7])
        counts = {name: found[name] for name in ("zeros", "equal_to_formula", "not_finite", "below_1e_6", "any")}
        self.assertEqual(
            counts, {"zeros": 1, "equal_to_formula": 1, "not_finite": 1, "below_1e_6": 2, "any": True}
        )
        self.assertEqual(found["values"], [1.0, 0.0, None, 4.99999999e-07])
        self.assertEqual(found["bits"][:2], ["3f800000", "80000000"])

    def test_nine_digits_give_every_bit_back(self):
        for bits in (1, 0x00800000, 0x3F263DE0, 0x3F263DE1, 0x7F7FFFFF, 0xE1B7C049):
            self.assertEqual(bits_of(decimal(float_of(bits))), bits)

    def test_text_in_left_over_memory_is_found(self):
        words = [f"{int.from_bytes(b'layers.0'[i : i + 4], 'little'):08x}" for i in (0, 4)]
        self.assertEqual(text_in(["00000000", *words, "00007fd8"]), "layers.0")
        self.assertIsNone(text_in(["e1b7c049", "00007ffc", words[0], "00000000"]))
        self.assertIsNone(text_in(["5a5a5a5a"] * 32))


class VerdictTest(unittest.TestCase):
    def verdict(self, remedy: str, loaded: list[float], used: list[float], fired: bool, broken: int = 0) -> str:
        forward = {"guard_fired": fired, "contents": held(used), "cos": [], "sin": []}
        return verdict(remedy, held(loaded), forward, [{"not_finite_steps": broken}])

    def test_names_what_was_used_and_who_mended_it(self):
        zeros, tiny = [0.0] * 4, [0.0, 0.0, 1e-30, 0.0]
        self.assertIn("Healthy", self.verdict("none", FORMULA, FORMULA, False))
        self.assertTrue(self.verdict("none", zeros, zeros, False).startswith("Identity rotation: "))
        self.assertIn("Patch 5 fired; after loading: exact zeros", self.verdict("patch5", zeros, FORMULA, True))
        blind = self.verdict("patch5", tiny, tiny, False)
        self.assertIn("Identity rotation in effect", blind)
        self.assertIn("Patch 5 did not fire", blind)
        self.assertIn("2 of 4 entries are not zero", self.verdict("none", [9.0, 9.0, 0.0, 0.0], [9.0, 9.0, 0.0, 0.0], False))
        self.assertIn("NaN: 4 of 4", self.verdict("none", [math.nan] * 4, [math.nan] * 4, False))
        self.assertIn("in 1 of 1 prompts", self.verdict("none", [3e38] * 4, [3e38] * 4, False, broken=1))


if __name__ == "__main__":
    unittest.main()
