import unittest
from itertools import islice
from random import Random

from corpus import documents
from corpus.facts import capital_items
from corpus.held_out import held_out_items
from corpus.item import is_held_out
from corpus.order import ROWS, draw_copy, row_items
from corpus.stories import held_out_opening, story
from evaluate import leaked_lines

SAMPLE = 20_000


class CorpusTest(unittest.TestCase):
    def test_same_seed_same_text(self):
        self.assertEqual(list(islice(documents(3), 500)), list(islice(documents(3), 500)))

    def test_other_seed_other_text(self):
        self.assertNotEqual(list(islice(documents(3), 500)), list(islice(documents(4), 500)))

    def test_a_longer_corpus_begins_with_the_shorter_one(self):
        self.assertEqual(list(documents(3, 50)), list(documents(3, 500))[:50])

    def test_every_template_is_filled(self):
        for document in documents(5, SAMPLE):
            self.assertNotRegex(document.whole, r"[{}]|  |\bNone\b")

    def test_articles_fit(self):
        rng = Random(0)
        for _ in range(2000):
            self.assertNotRegex(story(rng), r"\b[Aa] (apple|old|owl)\b")


class SplitTest(unittest.TestCase):
    def test_the_split_is_a_fixed_function_of_the_key(self):
        self.assertEqual(
            [is_held_out("copy", f"red dog {n}") for n in range(12)],
            [is_held_out("copy", f"red dog {n}") for n in range(12)],
        )
        share = sum(is_held_out("list", str(n)) for n in range(10_000)) / 10_000
        self.assertAlmostEqual(share, 40 / 256, delta=0.02)

    def test_evaluation_items_are_all_held_out_and_different(self):
        for items in held_out_items(drawn=50).values():
            self.assertTrue(all(item.held_out for item in items))
            self.assertEqual(len({item.line for item in items}), len(items))

    def test_a_list_and_its_mirror_image_fall_on_the_same_side(self):
        item = draw_copy(Random(1))
        words = item.answer.strip(" .").split()
        self.assertEqual(item.key, (" ".join(min(words, words[::-1])),))

    def test_every_country_and_every_row_is_trained_as_well(self):
        trained = {item.key[0] for item in capital_items() if not item.held_out}
        self.assertEqual(trained, {item.key[0] for item in capital_items()})
        for row in ROWS:
            self.assertTrue(any(not item.held_out for item in row_items(row)))

    def test_no_judged_line_is_in_a_sample_of_the_corpus(self):
        lines = [item.line for items in held_out_items(drawn=50).values() for item in items]
        self.assertEqual(leaked_lines(lines, documents(count=SAMPLE)), [])

    def test_a_leak_would_be_found(self):
        sample = list(documents(count=50))
        self.assertEqual(leaked_lines([sample[17].whole], sample), [sample[17].whole])

    def test_held_out_openings_do_not_open_stories(self):
        rng = Random(2)
        openings = tuple({held_out_opening(rng) for _ in range(200)})
        self.assertFalse(any(document.whole.startswith(openings) for document in documents(count=SAMPLE)))


if __name__ == "__main__":
    unittest.main()
