"""Tasks in which the order of the tokens is the whole question."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .item import Item
from .stories import NAMES, THINGS

LIST_WORDS = (
    "red blue green black white big small old new soft "
    "dog cat bird fox frog horse bear mouse duck fish goat owl "
    "ball book cake kite hat cup box toy drum lamp key map bell coin pear apple "
    "tree house river hill door road boat star moon sun rain snow stone leaf milk bread "
    "shoe chair table spoon"
).split()

RARE_WORDS = (
    "car pig cow hen wolf lion bus train bike sock shirt ring rope nail fork knife plate desk bed window wall roof "
    "floor flower grass sand wind fire salt egg rice tea yellow brown pink tall fast happy sad"
).split()
WIDE_WORDS = (*LIST_WORDS, *RARE_WORDS, *RARE_WORDS, *NAMES, *"one two three four five six seven ten".split())
"""Now and then a list takes its words from further afield, so that the task does not hang on the words."""
WIDE_SHARE = 0.25

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
MONTHS = tuple("January February March April May June July August September October November December".split())
NUMBERS = tuple(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty".split()
)

COPY_PHRASINGS = ("Copy: {w} ->", "Repeat: {w} ->", "Say again: {w} ->")
REVERSE_PHRASINGS = ("Reverse: {w} ->", "Backwards: {w} ->", "Turn around: {w} ->")
NTH_PHRASINGS = (
    "List: {w}. The {n} word is",
    "Words: {w}. The {n} word is",
    "List: {w}. The {n} one is",
    "Read: {w}. The {n} word was",
)


def _word_list(rng: Random, shortest: int, longest: int) -> list[str]:
    pool = WIDE_WORDS if rng.random() < WIDE_SHARE else LIST_WORDS
    length = rng.randint(shortest, longest)
    while True:
        words = rng.sample(pool, length)
        if len(set(words)) == length:
            return words


def _invented_word(rng: Random) -> str:
    """Something to say that is no word: `pilo`, `kam`."""
    return rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") + rng.choice("bdfgklmnprst") + rng.choice(("", *"aeiou"))


def _list_key(words: list[str]) -> str:
    """A list and its mirror image share a key, so that no held-out list is seen as another's reversal."""
    return " ".join(min(words, words[::-1]))


def draw_copy(rng: Random, shortest: int = 3, longest: int = 7) -> Item:
    """The same words again."""
    words = _word_list(rng, shortest, longest)
    text = " ".join(words)
    return Item("copy", (_list_key(words),), rng.choice(COPY_PHRASINGS).format(w=text), f" {text}.", "", True)


def draw_copy_invented(rng: Random, shortest: int = 3, longest: int = 5) -> Item:
    """Copying needs no vocabulary: half of these words are no words, and take several tokens each."""
    words = [_invented_word(rng) if rng.random() < 0.5 else word for word in _word_list(rng, shortest, longest)]
    text = " ".join(words)
    prompt = rng.choice(COPY_PHRASINGS).format(w=text)
    return Item("copy, invented words", (_list_key(words),), prompt, f" {text}.", "", True)


def draw_reverse(rng: Random, shortest: int = 3, longest: int = 6) -> Item:
    words = _word_list(rng, shortest, longest)
    prompt = rng.choice(REVERSE_PHRASINGS).format(w=" ".join(words))
    return Item("reverse", (_list_key(words),), prompt, f" {' '.join(words[::-1])}.", "", True)


def draw_nth(rng: Random, shortest: int = 3, longest: int = 7) -> Item:
    words = _word_list(rng, shortest, longest)
    index = rng.randrange(len(words))
    ordinal = "last" if index == len(words) - 1 and rng.random() < 0.5 else ORDINALS[index]
    prompt = rng.choice(NTH_PHRASINGS).format(w=" ".join(words), n=ordinal)
    return Item("nth word", (_list_key(words),), prompt, f" {words[index]}.", "", True)


@dataclass(frozen=True)
class Row:
    """A row that everyone knows by heart, and the ways to ask for a stretch of it.

    `open_openers` leave the length open; their items are held out by opener and start, whatever the length, because a
    longer line would give away a shorter one. `closed_openers` name the length (or the end) and are held out by
    opener, start and length. Openers ending in "backwards:" or "down:" run the other way.
    """

    task: str
    entries: tuple[str, ...]
    cyclic: bool
    longest: int
    open_openers: tuple[str, ...]
    closed_openers: tuple[str, ...]

    def stretch(self, start: int, length: int, step: int) -> list[str] | None:
        """`length` entries from `start`, or None where a row without wrap-around ends too soon."""
        last = start + step * (length - 1)
        if not self.cyclic and not 0 <= last < len(self.entries):
            return None
        return [self.entries[(start + step * i) % len(self.entries)] for i in range(length)]


ROWS = (
    Row(
        "days", DAYS, True, 8,
        ("The days:", "Days:", "The days of the week:", "Say the days:", "Name the days in order:",
         "The days backwards:"),
        ("{n} days from {a}:", "{n} days, first {a}:", "The days from {a} to {b}:", "From {a} to {b} backwards:"),
    ),
    Row(
        "months", MONTHS, True, 9,
        ("The months:", "Months:", "The months of the year:", "Say the months:", "Name the months in order:",
         "The months backwards:"),
        ("{n} months from {a}:", "{n} months, first {a}:", "The months from {a} to {b}:", "From {a} to {b} backwards:"),
    ),
    Row(
        "count", NUMBERS, False, 9,
        ("Count:", "Count up:", "Count on:", "Numbers:", "Say the numbers:", "Count down:"),
        ("Count from {a} to {b}:", "{n} numbers from {a}:", "Start at {a} and stop at {b}:",
         "Count from {a} down to {b}:"),
    ),
)

_OPEN_JUDGED = 4
_OPEN_SHORTEST = 7
_CLOSED_SHORTEST = 4


def _step(opener: str) -> int:
    return -1 if "backwards" in opener or "down" in opener else 1


def open_item(row: Row, opener: str, start: int, given: int, length: int) -> Item | None:
    """`Count: three, four,` asks for the next four entries; the corpus goes on to `length` entries and a full stop."""
    entries = row.stretch(start, length, _step(opener))
    if entries is None:
        return None
    answer_end = given + _OPEN_JUDGED
    prompt = f"{opener} {', '.join(entries[:given])},"
    answer = f" {', '.join(entries[given:answer_end])}"
    tail = "".join(f", {entry}" for entry in entries[answer_end:]) + "."
    return Item(row.task, (opener, entries[0]), prompt, answer, tail)


def closed_item(row: Row, opener: str, start: int, length: int) -> Item | None:
    """`Five days from Friday:` asks for all five and the full stop."""
    entries = row.stretch(start, length, _step(opener))
    if entries is None:
        return None
    prompt = opener.format(n=NUMBERS[length].capitalize(), a=entries[0], b=entries[-1])
    return Item(row.task, (opener, entries[0], str(length)), prompt, f" {', '.join(entries)}.")


def row_items(row: Row) -> list[Item]:
    """Every item of a row: openers × starts × given or length."""
    starts = range(len(row.entries))
    longest = min(row.longest, len(row.entries))
    items = [
        open_item(row, opener, start, given, _OPEN_SHORTEST)
        for opener in row.open_openers for start in starts for given in (1, 2, 3)
    ] + [
        closed_item(row, opener, start, length)
        for opener in row.closed_openers for start in starts for length in range(_CLOSED_SHORTEST, longest + 1)
    ]
    return [item for item in items if item is not None]


def draw_row(rng: Random, row: Row) -> Item:
    while True:
        start = rng.randrange(len(row.entries))
        if rng.random() < 0.5:
            opener, length = rng.choice(row.open_openers), rng.randint(_OPEN_SHORTEST, row.longest)
            item = open_item(row, opener, start, rng.randint(1, 3), length)
        else:
            longest = min(row.longest, len(row.entries))
            item = closed_item(row, rng.choice(row.closed_openers), start, rng.randint(_CLOSED_SHORTEST, longest))
        if item is not None:
            return item


def draw_gave(rng: Random) -> Item:
    """A thing goes from hand to hand; who gave it, who got it, who has it? Held out by giver, thing and receiver."""
    giver, middle, last = rng.sample(sorted(NAMES), 3)
    thing = rng.choice(THINGS)
    story = f"{giver} gave the {thing} to {middle}. {middle} gave"
    passed_on = f"{story} the {thing} to {last}."
    prompt, answer, tail = rng.choice((
        (story, f" the {thing} to", f" {last}. Now {last} has the {thing}."),
        (f"{passed_on} Now the {thing} is with", f" {last}.", ""),
        (f"{passed_on} Who has the {thing}?", f" {last}.", ""),
        (f"{passed_on} Who had the {thing} first?", f" {giver}.", ""),
        (f"{passed_on} Who gave the {thing} to {middle}?", f" {giver}.", ""),
        (f"{passed_on} Who gave the {thing} to {last}?", f" {middle}.", ""),
    ))
    return Item("who gave", (giver, thing, middle), prompt, answer, tail, True)


def draw_order(rng: Random) -> Item:
    """Any order task, in the proportions of the corpus."""
    (maker,) = rng.choices(
        (draw_copy, draw_copy_invented, draw_reverse, draw_nth, draw_gave, _draw_any_row), weights=(4, 1, 8, 8, 5, 10)
    )
    return maker(rng)


def _draw_any_row(rng: Random) -> Item:
    return draw_row(rng, rng.choice(ROWS))
