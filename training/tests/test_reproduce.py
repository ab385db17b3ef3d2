import json
import platform
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import transformers

import reproduce
from lanes import MODEL_FOLDER
from reproduction.model_folder import CannotStart, read_config
from reproduction.report import SCHEMA, VERSION, Report, problems
from reproduction.report_file import save, stored_reports, written

TRAINING = Path(reproduce.__file__).resolve().parent
MAJOR = int(transformers.__version__.split(".")[0])


def run(options: list[str]) -> subprocess.CompletedProcess:
    command = [sys.executable, str(TRAINING / "reproduce.py"), *options]
    return subprocess.run(command, capture_output=True, text=True)


class RefusalTest(unittest.TestCase):
    """What cannot be measured is said in one sentence, with exit status 2."""

    def refusal(self, **changes) -> str:
        given = reproduce.arguments([])
        for name, value in changes.items():
            setattr(given, name, value)
        with self.assertRaises(CannotStart) as caught:
            reproduce.reproduce(given)
        return str(caught.exception)

    def test_missing_model(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn("has no config.json, model.safetensors, tokenizer.json", self.refusal(model=Path(folder)))

    def test_model_of_another_kind(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("model.safetensors", "tokenizer.json"):
                (Path(folder) / name).touch()
            for text in ("{", "[]", "{}", '{"head_dim":64,"rope_theta":1e4,"auto_map":{"AutoModelForCausalLM":"gone.Model"}}'):
                (Path(folder) / "config.json").write_text(text)
                self.assertIn("give --model a folder", self.refusal(model=Path(folder)))

    def test_missing_library(self):
        with mock.patch("importlib.util.find_spec", lambda name: None if name == "torch" else object()):
            self.assertEqual(self.refusal(), "torch is not installed: run `pip install torch`.")

    def test_old_library(self):
        with mock.patch("importlib.metadata.version", lambda name: "4.47.1"):
            self.assertIn("4.47.1 is too old", self.refusal())

    def test_filled_memory_without_glibc(self):
        with mock.patch("platform.libc_ver", lambda: ("", "")):
            self.assertIn("glibc", self.refusal(memory="zeros"))

    def test_guard_that_the_model_does_not_have(self):
        config = {name: value for name, value in read_config(MODEL_FOLDER).items() if name != "rope_guard"}
        self.assertEqual(reproduce.options_of(reproduce.arguments([]), config)["remedies"], ["none", "init_weights"])
        with self.assertRaises(CannotStart):
            reproduce.options_of(reproduce.arguments(["--remedies", "patch5"]), config)

    def test_exit_status(self):
        for options in (["--model", "nowhere"], ["--json", "nowhere/report.json"], ["--loads", "0"]):
            process = run(options)
            self.assertEqual((process.returncode, process.stdout), (2, ""))
            self.assertNotIn("Traceback", process.stderr)


class InstalledVersionTest(unittest.TestCase):
    """The command itself, with the transformers that is installed: about ten seconds a load."""

    def report(self, *options: str) -> Report:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.json"
            process = run(["--loads", "1", "--json", str(path), *options])
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertIn(f"Report: {path}", process.stdout)
            text = path.read_text()
        report = json.loads(text)
        self.assertEqual(problems(report), [])
        self.assertEqual((report["schema"], report["version"]), (SCHEMA, VERSION))
        self.assertEqual(written(report), text)
        self.assertEqual(report["environment"]["transformers"], transformers.__version__)
        self.assertTrue(all(item["prompt_ids_as_golden"] for load in report["loads"] for item in load["decodings"]))
        return report

    def test_as_it_is(self):
        none, refill = self.report("--remedies", "none", "refill")["loads"]
        self.assertEqual(refill["forward"]["contents"]["state"], "healthy")
        self.assertTrue(refill["forward"]["guard_fired"])
        init = none["lifecycle"]["init"]
        if MAJOR < 5:
            self.assertEqual((init["device"], init["reading_raises"]), ("cpu", None))
            self.assertTrue(none["lifecycle"]["same_tensor_as_in_init"])
            self.assertEqual((none["after_loading"]["state"], none["decodes_like"]), ("healthy", "healthy"))
        else:
            self.assertEqual(init["device"], "meta")
            self.assertIn("meta tensor", init["reading_raises"])
            self.assertFalse(none["lifecycle"]["same_tensor_as_in_init"])
            self.assertNotEqual(none["after_loading"]["state"], "healthy")
            self.assertEqual(none["forward"]["contents"]["bits"], none["after_loading"]["bits"])

    @unittest.skipUnless(platform.libc_ver()[0] == "glibc", "MALLOC_PERTURB_ is glibc's")
    def test_zeros(self):
        report = self.report("--memory", "zeros", "--remedies", "none", "patch5", "init_weights")
        none, patch5, init_weights = report["loads"]
        self.assertEqual(report["environment"]["allocator"]["MALLOC_PERTURB_"], "255")
        lost = MAJOR >= 5
        self.assertEqual(none["decodes_like"], "zero" if lost else "healthy")
        self.assertEqual((patch5["forward"]["guard_fired"], patch5["decodes_like"]), (lost, "healthy"))
        self.assertEqual(patch5["after_loading"]["state"], "zeros" if lost else "healthy")
        self.assertEqual((init_weights["after_loading"]["state"], init_weights["decodes_like"]), ("healthy", "healthy"))

    def test_nan(self):
        (patch5,) = self.report("--memory", "nan", "--remedies", "patch5")["loads"]
        self.assertFalse(patch5["forward"]["guard_fired"])
        self.assertEqual(patch5["after_loading"]["not_finite"], 32 if MAJOR >= 5 else 0)


class SaveTest(unittest.TestCase):
    def test_a_place_that_cannot_be_written_loses_no_report(self):
        report = stored_reports()[0]
        with tempfile.TemporaryDirectory() as folder, mock.patch("tempfile.gettempdir", lambda: folder):
            path, trouble = save(report, Path(folder))
            self.assertEqual(json.loads(path.read_text()), report)
            self.assertIn("cannot be written", trouble)


if __name__ == "__main__":
    unittest.main()
