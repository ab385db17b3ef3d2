"""Short stories whose people, animals and things stay the same from the first sentence to the last.

A story is an opening, a plot of connected events with a few ways to say each, and a closing. The plots share a cast,
drawn once per story, from which names, pronouns and objects are filled in.
"""

from __future__ import annotations

from random import Random

from .item import is_held_out

NAMES = {
    **dict.fromkeys("Lily Anna Mia Amy Rose Eva Nora Sue Ella Kate Zoe Ruby".split(), "girl"),
    **dict.fromkeys("Tom Ben Max Tim Sam Leo Jack Dan Finn Paul Oscar Hugo".split(), "boy"),
}
THINGS = "ball book cake kite hat cup box toy drum lamp key map bell coin pear apple".split()
TOYS = "ball kite toy drum hat boat bell book".split()
LOOKS = "red blue green black white big small old new soft shiny bright".split()
PLACES = "park garden forest beach farm school river lake hill shop".split()
ANIMALS = "dog cat bird fox frog horse bear mouse duck rabbit goat owl".split()
FOODS = "soup cake bread pie".split()
ADULTS = ("mother", "father", "grandmother", "grandfather")

OPENINGS = (
    "Once upon a time, there was a little {child} named {hero}. {He} lived near the {place}.",
    "Once upon a time, a little {child} named {hero} lived near the {place}.",
    "Once upon a time, {hero} and {friend} lived near the {place}. They were good friends.",
    "There was once a {child} named {hero} who loved the {place}.",
    "One day, {hero} went to the {place} with {friend}.",
    "One sunny day, {hero} went for a walk to the {place}.",
    "It was a cold morning, and {hero} was on the way to the {place}.",
    "{hero} was a kind {child}. {He} went to the {place} every day.",
)

CLOSINGS = (
    "From that day on, {hero} and {friend} were best friends.",
    "{hero} never forgot that day.",
    "And they were happy ever after.",
    "{hero} was very happy.",
    "What a day that was!",
    "{friend} was happy too.",
    "",
)

Choice = tuple[str, ...]

PLOTS: tuple[tuple[Choice, ...], ...] = (
    # A lost thing is found again.
    (
        ("{hero} had a {look} {toy} that {he} loved very much.",
         "{hero} had a {look} {toy} that went with {him} everywhere."),
        ("But that day, the {toy} was gone.", "When {he} looked into {his} bag, the {toy} was not there.",
         "On the way, {he} lost the {toy}."),
        ("\"Where is my {toy}?\" asked {hero}.", "\"Oh no! I lost my {toy},\" said {hero}.",
         "{hero} was sad and began to cry."),
        ("{friend} heard {him} and came to help.", "\"Do not cry. I will help you,\" said {friend}."),
        ("They looked under the table, but it was not there.", "They looked behind the door and found nothing.",
         "First they looked near the {place2}, but found nothing."),
        ("Then {friend} saw something {look} under a tree.", "At last, {friend} looked under a big stone."),
        ("It was the {toy}!", "There was the {toy}!"),
        ("\"Thank you, {friend}!\" said {hero}.", "{hero} was so happy that {he} gave {friend} a hug."),
    ),
    # An animal runs away with something.
    (
        ("{hero} had a {look} {toy} in {his} hand.", "{hero} put {his} {look} {toy} on the grass."),
        ("A {animal} came out of the trees.", "Just then, a hungry {animal} came by.",
         "A little {animal} was watching."),
        ("The {animal} took the {toy} and ran away.", "It took the {toy} and ran to the {place2}."),
        ("\"Stop!\" said {hero}. \"That is my {toy}!\"", "\"Come back!\" said {hero}.",
         "{hero} ran after the {animal}."),
        ("At the {place2}, {he} found the {animal} with the {toy}.",
         "{He} found the {animal} behind a tree near the {place2}."),
        ("The {animal} was sorry. It only wanted to play.",
         "\"I am sorry,\" said the {animal}. \"I only wanted to play.\""),
        ("{hero} was not angry any more.", "{hero} smiled. \"Then let us play together,\" {he} said."),
        ("So {hero} and the {animal} played with the {toy} until the sun went down.",
         "They played with the {toy} all day, and {friend} played too."),
    ),
    # Sharing.
    (
        ("{hero} found a {look} {toy} there.", "{hero} had a new {toy}. It was {look}."),
        ("{friend} saw the {toy} and wanted to play with it too.", "{friend} had no {toy} and looked sad."),
        ("\"Can I have a turn?\" asked {friend}.", "\"Can I play with it?\" asked {friend}."),
        ("\"No, it is mine,\" said {hero}.", "{hero} did not want to share. \"It is my {toy},\" {he} said."),
        ("{friend} went away and sat under a tree.", "So {friend} sat down alone."),
        ("Soon {hero} saw that it was no fun to play alone.", "But {hero} did not like to play alone."),
        ("{He} went to {friend} and gave {fhim} the {toy}.", "\"I am sorry,\" said {hero}. \"Here, you can have it.\""),
        ("{friend} smiled, and they played with the {toy} together.", "Now both of them played with the {look} {toy}."),
    ),
    # Rain.
    (
        ("The sky was blue and the birds were singing.", "At first, the sun was warm."),
        ("Then the sky turned black, and it began to rain.", "But soon it began to rain, and the wind was strong."),
        ("\"We will get wet!\" said {friend}.", "\"I am cold,\" said {friend}."),
        ("{hero} saw an old house and ran to it.", "\"Look, there is an old house,\" said {hero}."),
        ("Inside they found a {animal}, wet and cold.", "In the house sat a {animal}. It was wet too."),
        ("{hero} gave the {animal} some bread.", "{friend} put {fhis} coat around the {animal}."),
        ("They told stories and waited for the sun.", "The three of them waited by the fire."),
        ("When the rain stopped, the {animal} went with them to the {place2}.",
         "At last, the sun came back, and the {animal} ran home."),
    ),
    # A birthday present.
    (
        ("It was the birthday of {friend}.", "Soon it was {friend}'s birthday."),
        ("{hero} wanted to give {fhim} something nice.", "\"What can I give {fhim}?\" thought {hero}."),
        ("{He} had one coin, and with it {he} got a {look} {toy}.", "In a shop {he} saw a {look} {toy}.",
         "{He} made a {look} {toy} out of wood."),
        ("{hero} put the {toy} in a box.", "{He} put it in a small box."),
        ("\"This is for you,\" said {hero}.", "{He} gave the box to {friend}."),
        ("{friend} opened the box and saw the {toy}.", "\"What is in the box?\" asked {friend}, and opened it."),
        ("\"A {look} {toy}! I love it!\" said {friend}.", "\"Thank you! It is just what I wanted,\" {fhe} said."),
        ("Then they ate cake, and {friend} gave the biggest piece to {hero}.",
         "They played with the {toy} and ate cake."),
    ),
    # Something breaks and is mended.
    (
        ("{friend} had a {look} {toy} and let {hero} play with it.",
         "{friend} gave {hero} a {look} {toy} to play with."),
        ("{hero} ran too fast and fell.", "{hero} did not look and fell over a stone."),
        ("The {toy} broke.", "Now the {toy} was broken."),
        ("{hero} was afraid to tell {friend}.", "\"What will {friend} say?\" thought {hero}."),
        ("But {he} went to {friend} and told the truth.", "\"I broke your {toy},\" said {hero}. \"I am sorry.\""),
        ("\"Thank you for telling me,\" said {friend}.", "{friend} was sad, but {fhe} was not angry."),
        ("They asked {his} {adult} for help.", "\"Let us fix it together,\" said {friend}."),
        ("In the evening, the {toy} was as good as new.", "Soon the {toy} was fixed, and they could play again."),
    ),
    # A noise in the night.
    (
        ("In the night, {hero} heard a noise.", "When it was dark, there was a strange noise at the door."),
        ("{hero} was afraid and called {his} {adult}.", "\"Who is there?\" asked {hero}, but no one said a word."),
        ("\"It is only the wind,\" said {his} {adult}.", "{His} {adult} came with a lamp."),
        ("But the noise came again.", "There it was again!"),
        ("{hero} took a lamp and opened the door.", "Together they opened the door."),
        ("There sat a little {animal} that was lost.", "It was only a small {animal}, cold and hungry."),
        ("{hero} gave it some milk.", "\"Do not be afraid,\" {he} said to the {animal}."),
        ("The {animal} slept next to {his} bed, and the night was quiet.",
         "In the morning, {hero} took the {animal} home to the {place2}."),
    ),
    # A seed.
    (
        ("One day, {hero}'s {adult} gave {him} a seed.", "{hero} found a small seed."),
        ("\"What is it?\" asked {friend}. \"It is a tree,\" said {hero}.",
         "{friend} laughed. \"That is so small,\" {fhe} said."),
        ("{hero} put the seed in the ground.", "They put it in the ground and gave it water."),
        ("Every day, {he} gave it water, but nothing came.", "One day went by, then two, then three."),
        ("\"You have to wait,\" said {his} {adult}.", "{friend} did not want to wait any more, but {hero} did."),
        ("Then, one morning, there was a green leaf.", "At last, a small green leaf came out."),
        ("The leaf turned into a little tree.", "It was small at first, but soon it was as big as {hero}."),
        ("When summer came, there was an apple on it, and {hero} gave half of it to {friend}.",
         "Now birds sing in that tree, and {hero} sits under it with {friend}."),
    ),
    # Cooking with what is missing.
    (
        ("{hero} wanted to make {food} for {his} {adult}.", "\"Let us make some {food},\" said {hero}."),
        ("But there was no milk in the house.", "But they had no salt."),
        ("So {he} went to {friend}'s house.", "{hero} went to ask {friend}."),
        ("\"I have some,\" said {friend}, \"but I am hungry too.\"",
         "\"You can have it,\" said {friend}. \"Can I help you?\""),
        ("\"Then come and eat with us,\" said {hero}.", "So the two of them made the {food} together."),
        ("A {animal} smelled the {food} and came to the door.", "The {food} smelled so good that a {animal} came in."),
        ("There was enough for everyone.", "They gave some of it to the {animal}."),
        ("\"This is the best {food} I ever had,\" said {his} {adult}.",
         "{His} {adult} ate all of it and asked for more."),
    ),
    # A wish that goes too far.
    (
        ("In the grass, {hero} found a {look} stone.", "A {animal} gave {hero} a {look} stone."),
        ("\"I can give you three wishes,\" said the stone.", "The stone could talk. \"Make three wishes,\" it said."),
        ("First, {hero} wanted a {toy}, and there it was.",
         "\"I want a {toy},\" said {hero}, and a {toy} fell from the sky."),
        ("Then {he} wanted a big house, and there it was too.", "Then {he} asked for a house full of cake."),
        ("But {he} was alone in it.", "{He} had all of it, but {friend} was not there."),
        ("{hero} thought for a long time about the last wish.", "\"One more,\" said the stone."),
        ("\"I want {friend} to be here,\" {he} said.", "\"I want to be with {friend} again,\" said {hero}."),
        ("The house was gone, but {friend} stood at {his} side.", "And there stood {friend}, with a smile."),
    ),
    # A race.
    (
        ("That day there was a race to the {place2}.", "\"Let us run to the {place2},\" said {friend}."),
        ("{hero} was fast, and soon {he} was first.", "{friend} ran fast, but {hero} was faster."),
        ("Then {he} saw a little {animal} in the water.", "But on the way a {animal} called for help."),
        ("\"Help me!\" said the {animal}.", "It could not get out."),
        ("{hero} stopped and pulled it out.", "{hero} thought about the race. Then {he} stopped and helped."),
        ("So {friend} came first and {hero} was last.", "When {he} got to the {place2}, the race was over."),
        ("\"Why were you so slow?\" asked {friend}, and {hero} told {fhim}.",
         "\"I won!\" said {friend}. \"Where were you?\""),
        ("{friend} gave {him} the {look} {toy}. \"You are the real winner,\" {fhe} said.",
         "When {friend} saw the {animal}, {fhe} said, \"You did the right thing.\""),
    ),
    # A lost young animal.
    (
        ("Under a tree sat a baby {animal}.", "There {hero} saw a small {animal} all alone."),
        ("\"I can not find my mother,\" it said.", "It was lost and could not find its mother."),
        ("\"We will find her,\" said {hero}.", "{hero} took it in {his} arms."),
        ("First they went to the {place2}, but she was not there.", "They asked a {animal2}, but it did not know."),
        ("Then they asked an old {animal2}. \"She is at the river,\" it said.",
         "Then {friend} heard something near the river."),
        ("There she was! The mother ran to her baby.", "At the river stood a big {animal}. It was the mother!"),
        ("\"Thank you, {hero},\" said the mother.", "The baby {animal} was so happy that it jumped."),
        ("She gave {him} a {look} {toy}, and {he} has it to this day.",
         "Every week, {hero} and {friend} went to see them."),
    ),
    # A kite in a tree.
    (
        ("{hero} made a {look} kite with {friend}.", "{friend} had a {look} kite, and {hero} wanted to fly it."),
        ("The wind was strong, and the kite went up and up.",
         "They ran over the grass, and the kite went up into the sky."),
        ("\"Look how high it is!\" said {friend}.", "\"It can see the {place2} from there,\" said {hero}."),
        ("Then the wind took it into a tree.", "But the wind pulled hard, and the kite fell into a tall tree."),
        ("{hero} was too small to get it.", "{hero} jumped and jumped, but the tree was too high."),
        ("\"I can climb,\" said a {animal}.", "A {animal} sat in the tree and saw it all."),
        ("The {animal} took the kite and brought it down.",
         "It went to the kite and gave it a push, and down it came."),
        ("\"Thank you,\" said {hero}, and gave the {animal} an apple.",
         "{hero} and {friend} gave the {animal} a piece of bread and said thank you."),
    ),
    # A letter.
    (
        ("{hero} found a letter under a stone.", "One morning, there was a letter for {hero}."),
        ("\"Come to the {place2},\" it said. \"A friend.\"", "It said, \"Look under the big tree near the {place2}.\""),
        ("{hero} did not know who it was from.", "\"Who can it be?\" thought {hero}."),
        ("{He} put on {his} coat and ran to the {place2}.", "So {he} went to the {place2} to see."),
        ("On the way {he} asked a {animal}, but it only laughed.",
         "A {animal} sat by the road and said, \"Go on, go on!\""),
        ("At the {place2} {he} found another letter. \"Turn around,\" it said.",
         "Under the tree {he} found a small box."),
        ("There stood {friend} with a {look} {toy}.", "And behind the tree was {friend}, with a {look} {toy}."),
        ("\"It was me!\" said {friend}, and gave {him} the {toy}.", "\"The {toy} is for you,\" said {friend}."),
    ),
    # A boat.
    (
        ("{friend} had an old boat near the water.", "{hero} and {friend} found a little boat near the water."),
        ("\"Let us go and see the other side,\" said {hero}.", "They wanted to see the other side."),
        ("{hero} took some bread, and {friend} took a lamp.", "They put bread and milk in the boat."),
        ("At first the water was quiet.", "The sun was warm, and the boat went slowly."),
        ("Then the wind came, and water came into the boat.",
         "But there was a hole in the boat, and the water came in."),
        ("\"What can we do?\" asked {friend}.", "{friend} was afraid, but {hero} was not."),
        ("{hero} took off {his} hat and threw the water out with it.",
         "A big fish came and pushed the boat to the land."),
        ("On the other side a {animal} showed them the way home.",
         "They walked home, wet and tired, and ate hot soup."),
    ),
)

PRONOUNS = {"girl": ("she", "her", "her"), "boy": ("he", "him", "his")}


def _cast(rng: Random) -> dict[str, str]:
    hero, friend = rng.sample(sorted(NAMES), 2)
    he, him, his = PRONOUNS[NAMES[hero]]
    fhe, fhim, fhis = PRONOUNS[NAMES[friend]]
    place, place2 = rng.sample(PLACES, 2)
    animal, animal2 = rng.sample(ANIMALS, 2)
    return {
        "hero": hero, "friend": friend, "child": NAMES[hero],
        "he": he, "him": him, "his": his, "He": he.capitalize(), "His": his.capitalize(),
        "fhe": fhe, "fhim": fhim, "fhis": fhis,
        "place": place, "place2": place2, "animal": animal, "animal2": animal2,
        "toy": rng.choice(TOYS), "look": rng.choice(LOOKS), "food": rng.choice(FOODS), "adult": rng.choice(ADULTS),
    }


def _opening_held_out(opening: str, cast: dict[str, str]) -> bool:
    return is_held_out("story", opening, cast["hero"], cast["place"])


def _articles(text: str) -> str:
    """`a old house`, `a apple` become `an old house`, `an apple`."""
    for vowel in "aeio":
        text = text.replace(f" a {vowel}", f" an {vowel}").replace(f"A {vowel}", f"An {vowel}")
    return text


def story(rng: Random) -> str:
    """One story of about 7 to 12 sentences whose opening is not held out."""
    while True:
        cast, opening = _cast(rng), rng.choice(OPENINGS)
        if not _opening_held_out(opening, cast):
            break
    plot = rng.choice(PLOTS)
    parts = [opening, *(rng.choice(event) for event in plot), rng.choice(CLOSINGS)]
    return _articles(" ".join(part for part in parts if part).format(**cast))


def held_out_opening(rng: Random) -> str:
    """The first sentence or sentences of a story that the corpus never begins with these people at this place."""
    while True:
        cast, opening = _cast(rng), rng.choice(OPENINGS)
        if _opening_held_out(opening, cast):
            return _articles(opening.format(**cast))
