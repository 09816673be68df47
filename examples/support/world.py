"""The small world of the example: people, places and products. The general skills and the tickets share its words."""

import random

NAMES = [
    "Anna",
    "Bob",
    "Carla",
    "David",
    "Emma",
    "Felix",
    "Greta",
    "Hugo",
    "Ida",
    "Jonas",
    "Kira",
    "Leo",
    "Mara",
    "Nils",
    "Olga",
    "Paul",
    "Rita",
    "Sven",
    "Tina",
    "Urs",
    "Vera",
    "Willi",
    "Yara",
    "Zoe",
    "Adam",
    "Bella",
    "Colin",
    "Dora",
    "Erik",
    "Fiona",
    "Georg",
    "Hanna",
    "Igor",
    "Julia",
    "Karl",
    "Lena",
    "Milan",
    "Nora",
    "Oskar",
    "Petra",
]
CITIES = [
    "Oslo",
    "Rome",
    "Paris",
    "Berlin",
    "Madrid",
    "Vienna",
    "Prague",
    "Lisbon",
    "Dublin",
    "Athens",
    "Cairo",
    "Tokyo",
    "Lima",
    "Quito",
    "Delhi",
    "Seoul",
    "Bern",
    "Riga",
    "Turin",
    "Milan",
    "Porto",
    "Gent",
    "Lyon",
    "Basel",
]
CAPITALS = {
    "Norway": "Oslo", "Italy": "Rome", "France": "Paris", "Germany": "Berlin", "Spain": "Madrid", "Austria": "Vienna",
    "Portugal": "Lisbon", "Ireland": "Dublin", "Greece": "Athens", "Egypt": "Cairo", "Japan": "Tokyo", "Peru": "Lima",
    "Ecuador": "Quito", "India": "Delhi", "Korea": "Seoul", "Switzerland": "Bern", "Latvia": "Riga",
}  # fmt: skip
KINDS = {
    "apple": "fruit", "pear": "fruit", "plum": "fruit", "cherry": "fruit", "lemon": "fruit", "melon": "fruit",
    "dog": "animal", "cat": "animal", "horse": "animal", "cow": "animal", "goat": "animal", "fox": "animal",
    "chair": "furniture", "table": "furniture", "shelf": "furniture", "sofa": "furniture", "bed": "furniture",
    "hammer": "tool", "saw": "tool", "drill": "tool", "pliers": "tool", "wrench": "tool",
    "rain": "weather", "snow": "weather", "wind": "weather", "fog": "weather", "storm": "weather",
}  # fmt: skip
PRODUCTS = ("router", "phone", "laptop", "printer", "tablet", "camera")
OTHER_THINGS = ("lamp", "bicycle", "kettle", "jacket", "watch", "speaker", "heater", "mirror", "backpack", "tent")
THINGS = PRODUCTS + OTHER_THINGS
COLOURS = ("red", "blue", "green", "black", "white", "yellow", "brown", "grey")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GOOD = (
    "great", "excellent", "lovely", "perfect", "wonderful", "very good", "superb", "a joy", "fantastic", "brilliant",
)  # fmt: skip
BAD = ("terrible", "awful", "broken", "useless", "very bad", "a waste of money", "faulty", "poor", "horrible", "dead")
NUMBERS = ("one", "two", "three", "four", "five")


def distinct(rng: random.Random, words: tuple[str, ...] | list[str], count: int) -> list[str]:
    """`count` different words, in random order."""
    return rng.sample(list(words), count)
