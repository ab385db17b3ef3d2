import hashlib
import json
import math
import re
import unittest
from pathlib import Path
from typing import get_type_hints, is_typeddict

from lanes import MODEL_FOLDER
from reproduce import MAX_LOADS
from reproduction import report as report_fields
from reproduction.contents import contents, float_of
from reproduction.report import MAX_BYTES, REMEDIES, problems
from reproduction.report_file import STORED, stored_reports, texts_in
from reproduction.sentences import findings, markdown, verdict
from tests.tables import squeezed

README = Path(__file__).resolve().parent.parent / "README.md"


class FieldsTest(unittest.TestCase):
    """The check of fields notices what it is for, and the README explains each of them."""

    def setUp(self):
        self.report = stored_reports()[0]

    def assert_one_problem(self, expected: str):
        self.assertEqual([line.split(":")[0] for line in problems(self.report)], [expected])

    def test_missing(self):
        del self.report["loads"][0]["forward"]["contents"]["bits"]
        self.assert_one_problem("report.loads[0].forward.contents.bits")

    def test_unknown(self):
        self.report["hostname"] = "here"
        self.assert_one_problem("report.hostname")

    def test_wrong_kinds(self):
        for path, value in ((("version",), 2), (("options", "loads"), True), (("formula", "values"), "1, 2"),
                            (("loads", 0, "after_loading", "state"), "fine"), (("environment", "allocator"), [])):
            with self.subTest(path=path):
                self.report = stored_reports()[0]
                place = self.report
                for step in path[:-1]:
                    place = place[step]
                place[path[-1]] = value
                self.assertEqual(len(problems(self.report)), 1)

    def test_readme_explains_every_field(self):
        readme = README.read_text()
        kinds = {name: kind for name, kind in vars(report_fields).items() if is_typeddict(kind)}
        self.assertIn("Report", kinds)
        for name, kind in kinds.items():
            table = readme.partition(f"\n**{name}**")[2].partition("\n**")[0]
            explained = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
            self.assertEqual(explained, list(get_type_hints(kind)), f"the README's table of {name}")


class StoredReportsTest(unittest.TestCase):
    """The reports in this repository are of the model that is bundled, and say what their numbers say."""

    def test_fields_are_as_documented(self):
        for report in stored_reports():
            self.assertEqual(problems(report), [])

    def test_are_of_these_weights_and_this_model_code(self):
        weights, code = (
            hashlib.sha256((MODEL_FOLDER / name).read_bytes()).hexdigest()
            for name in ("model.safetensors", "modeling_opensci.py")
        )
        for report in stored_reports():
            self.assertEqual((report["model"]["weights_sha256"], report["model"]["code_sha256"]), (weights, code))
            self.assertEqual(report["golden"]["weights_sha256"], weights)

    def test_both_majors_were_measured_as_they_are(self):
        plain = [item["environment"]["transformers"] for item in stored_reports() if not item["environment"]["allocator"]]
        self.assertEqual({version.split(".")[0] for version in plain}, {"4", "5"})

    def test_counts_states_and_sentences_follow_from_the_bits(self):
        for report in stored_reports():
            formula = [int(item, 16) for item in report["formula"]["bits"]]
            self.assertEqual(len(report["loads"]), report["options"]["loads"] * len(report["options"]["remedies"]))
            self.assertEqual(report["findings"], findings(report["loads"]))
            for load in report["loads"]:
                for found in (load["after_loading"], load["forward"]["contents"]):
                    bits = [int(item, 16) for item in found["bits"]]
                    self.assertEqual(contents(bits, formula, any(map(float_of, bits))), found)
                said = verdict(load["remedy"], load["after_loading"], load["forward"], load["decodings"])
                self.assertEqual(said, load["verdict"])

    def test_cosines_of_the_forward_pass_are_those_of_its_contents(self):
        for load in (load for report in stored_reports() for load in report["loads"]):
            forward = load["forward"]
            for frequency, cos, sin in zip(forward["contents"]["values"], forward["cos"], forward["sin"]):
                if frequency is None:
                    self.assertIsNone(cos)
                elif abs(frequency) < 1e4:
                    self.assertAlmostEqual(cos, math.cos(frequency), places=6)
                    self.assertAlmostEqual(sin, math.sin(frequency), places=6)

    def test_healthy_loads_decode_as_the_golden_outputs_and_zero_ones_as_the_zero_lane(self):
        lanes = {"healthy": "healthy", "zeros": "zero", "tiny": "zero"}
        for load in (load for report in stored_reports() for load in report["loads"]):
            lane = lanes.get(load["forward"]["contents"]["state"])
            if lane:
                self.assertEqual(load["decodes_like"], lane)
                self.assertLess(max(item[lane]["max_logit_difference"] for item in load["decodings"]), 1e-4)

    def test_hold_no_path_and_no_readable_memory_but_names_of_the_model(self):
        for path in STORED.glob("*.json"):
            self.assertNotRegex(path.read_text(), r"/(home|root|tmp|work|opt|usr|Users)\b|[A-Z]:\\\\")
        for report in stored_reports():
            for text in texts_in(report):
                self.assertNotRegex(text, r"[/\\@=]|hf_|token")

    def test_readme_shows_what_they_measured(self):
        shown = squeezed(README.read_text())
        self.assertEqual([line for line in squeezed(markdown(stored_reports())).splitlines() if line not in shown], [])

    def test_a_report_with_the_most_loads_is_not_too_large(self):
        largest = max(len(json.dumps(load)) for report in stored_reports() for load in report["loads"])
        self.assertLess(largest * MAX_LOADS * len(REMEDIES) + 10_000, MAX_BYTES)


if __name__ == "__main__":
    unittest.main()
