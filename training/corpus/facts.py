"""Countries with their capital, continent and language, said in many ways."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from .item import Item, is_held_out


class Country(NamedTuple):
    name: str
    capital: str
    continent: str
    language: str


def _countries(table: str) -> list[Country]:
    return [Country(*(field.strip() for field in row.split(","))) for row in table.strip().splitlines()]


COUNTRIES = _countries(
    """
    France, Paris, Europe, French
    Germany, Berlin, Europe, German
    Italy, Rome, Europe, Italian
    Spain, Madrid, Europe, Spanish
    Portugal, Lisbon, Europe, Portuguese
    Norway, Oslo, Europe, Norwegian
    Sweden, Stockholm, Europe, Swedish
    Finland, Helsinki, Europe, Finnish
    Denmark, Copenhagen, Europe, Danish
    Poland, Warsaw, Europe, Polish
    Austria, Vienna, Europe, German
    Hungary, Budapest, Europe, Hungarian
    Greece, Athens, Europe, Greek
    Ireland, Dublin, Europe, English
    Iceland, Reykjavik, Europe, Icelandic
    Belgium, Brussels, Europe, Dutch
    Romania, Bucharest, Europe, Romanian
    Bulgaria, Sofia, Europe, Bulgarian
    Serbia, Belgrade, Europe, Serbian
    Croatia, Zagreb, Europe, Croatian
    Ukraine, Kyiv, Europe, Ukrainian
    Russia, Moscow, Europe, Russian
    Estonia, Tallinn, Europe, Estonian
    Latvia, Riga, Europe, Latvian
    China, Beijing, Asia, Chinese
    Japan, Tokyo, Asia, Japanese
    Thailand, Bangkok, Asia, Thai
    Vietnam, Hanoi, Asia, Vietnamese
    Iran, Tehran, Asia, Persian
    Iraq, Baghdad, Asia, Arabic
    Jordan, Amman, Asia, Arabic
    Nepal, Kathmandu, Asia, Nepali
    Egypt, Cairo, Africa, Arabic
    Kenya, Nairobi, Africa, Swahili
    Ghana, Accra, Africa, English
    Nigeria, Abuja, Africa, English
    Morocco, Rabat, Africa, Arabic
    Tunisia, Tunis, Africa, Arabic
    Senegal, Dakar, Africa, French
    Angola, Luanda, Africa, Portuguese
    Zambia, Lusaka, Africa, English
    Canada, Ottawa, America, English
    Cuba, Havana, America, Spanish
    Peru, Lima, America, Spanish
    Chile, Santiago, America, Spanish
    Brazil, Brasilia, America, Portuguese
    Ecuador, Quito, America, Spanish
    Fiji, Suva, Oceania, English
    """
)

CAPITAL_PHRASINGS = (
    "The capital of {c} is",
    "The capital city of {c} is",
    "{c}'s capital is",
    "In {c}, the capital is",
    "What is the capital of {c}? It is",
    "What is the capital of {c}? The capital is",
    "Question: What is the capital of {c}? Answer:",
    "Do you know the capital of {c}? Yes, it is",
    "The name of the capital of {c} is",
    "{c} has a capital called",
    "Capital of {c}:",
    "The government of {c} sits in",
    "If you visit the capital of {c}, you are in",
    "Anna lives in the capital of {c}. She lives in",
    "The train to the capital of {c} goes to",
    "{c} is a country, and its capital is",
)

OTHER_FACTS = (
    "{capital} is the capital of {name}.",
    "The city of {capital} is in {name}.",
    "{capital} is a big city in {name}.",
    "{name} is a country in {continent}.",
    "You can find {name} in {continent}.",
    "The country of {name} is in {continent}.",
    "{capital} is in {continent}.",
    "People in {name} speak {language}.",
    "The language of {name} is {language}.",
    "Most people in {name} speak {language}.",
    "In {name}, children learn {language} at school.",
    "What do people speak in {name}? They speak {language}.",
    "If you go to {capital}, you will hear {language}.",
    "In {capital}, people say hello in {language}.",
    "Where is {name}? It is in {continent}.",
    "Where is {capital}? It is in {name}.",
)


def capital_item(country: Country, phrasing: str) -> Item:
    """The item that asks for one country's capital in one phrasing; the pair of both is what is held out."""
    return Item("capitals", (country.name, phrasing), phrasing.format(c=country.name), f" {country.capital}.")


def capital_items() -> list[Item]:
    """Every country in every phrasing."""
    return [capital_item(country, phrasing) for country in COUNTRIES for phrasing in CAPITAL_PHRASINGS]


def fact_text(rng: Random) -> str:
    """Three to five sentences: a trained capital phrasing, mostly first, and other facts about the same country.

    Never the capital alone: a visitor's first prompt must go on long enough for the lanes to part.
    """
    country = rng.choice(COUNTRIES)
    trained = [p for p in CAPITAL_PHRASINGS if not is_held_out("capitals", country.name, p)]
    item = capital_item(country, rng.choice(trained))
    others = [fact.format(**country._asdict()) for fact in rng.sample(OTHER_FACTS, rng.randint(2, 4))]
    sentences = [item.line, *others]
    if rng.random() < 0.25:
        rng.shuffle(sentences)
    return " ".join(sentences)
