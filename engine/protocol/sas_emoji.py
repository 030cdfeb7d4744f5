"""The 64 emoji that people compare, in the order that gives each its number.

This is the list of the Matrix specification (client-server API, "SAS method: emoji"), chosen
because it was made to be told apart and named by people, and many know it. The number is what the
protocol derives; the name is the list's own English one. What the page says for it in each
language is in static/js/words/emoji.js, in the same order.

>>> EMOJI[10]
Emoji(character='🐧', name='Penguin')
"""

from typing import Final, NamedTuple


class Emoji(NamedTuple):
    character: str
    name: str


EMOJI: Final = (
    Emoji("🐶", "Dog"),
    Emoji("🐱", "Cat"),
    Emoji("🦁", "Lion"),
    Emoji("🐎", "Horse"),
    Emoji("🦄", "Unicorn"),
    Emoji("🐷", "Pig"),
    Emoji("🐘", "Elephant"),
    Emoji("🐰", "Rabbit"),
    Emoji("🐼", "Panda"),
    Emoji("🐓", "Rooster"),
    Emoji("🐧", "Penguin"),
    Emoji("🐢", "Turtle"),
    Emoji("🐟", "Fish"),
    Emoji("🐙", "Octopus"),
    Emoji("🦋", "Butterfly"),
    Emoji("🌷", "Flower"),
    Emoji("🌳", "Tree"),
    Emoji("🌵", "Cactus"),
    Emoji("🍄", "Mushroom"),
    Emoji("🌏", "Globe"),
    Emoji("🌙", "Moon"),
    Emoji("☁️", "Cloud"),
    Emoji("🔥", "Fire"),
    Emoji("🍌", "Banana"),
    Emoji("🍎", "Apple"),
    Emoji("🍓", "Strawberry"),
    Emoji("🌽", "Corn"),
    Emoji("🍕", "Pizza"),
    Emoji("🎂", "Cake"),
    Emoji("❤️", "Heart"),
    Emoji("😀", "Smiley"),
    Emoji("🤖", "Robot"),
    Emoji("🎩", "Hat"),
    Emoji("👓", "Glasses"),
    Emoji("🔧", "Spanner"),
    Emoji("🎅", "Santa"),
    Emoji("👍", "Thumbs Up"),
    Emoji("☂️", "Umbrella"),
    Emoji("⌛", "Hourglass"),
    Emoji("⏰", "Clock"),
    Emoji("🎁", "Gift"),
    Emoji("💡", "Light Bulb"),
    Emoji("📕", "Book"),
    Emoji("✏️", "Pencil"),
    Emoji("📎", "Paperclip"),
    Emoji("✂️", "Scissors"),
    Emoji("🔒", "Lock"),
    Emoji("🔑", "Key"),
    Emoji("🔨", "Hammer"),
    Emoji("☎️", "Telephone"),
    Emoji("🏁", "Flag"),
    Emoji("🚂", "Train"),
    Emoji("🚲", "Bicycle"),
    Emoji("✈️", "Aeroplane"),
    Emoji("🚀", "Rocket"),
    Emoji("🏆", "Trophy"),
    Emoji("⚽", "Ball"),
    Emoji("🎸", "Guitar"),
    Emoji("🎺", "Trumpet"),
    Emoji("🔔", "Bell"),
    Emoji("⚓", "Anchor"),
    Emoji("🎧", "Headphones"),
    Emoji("📁", "Folder"),
    Emoji("📌", "Pin"),
)
