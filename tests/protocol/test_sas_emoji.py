"""The list of emoji is the published one: who speaks to us with it must see what we see."""

from engine.protocol.sas_emoji import EMOJI

# The code points of the Matrix specification's list, in its order.
PUBLISHED = """
1f436 1f431 1f981 1f40e 1f984 1f437 1f418 1f430 1f43c 1f413 1f427 1f422 1f41f 1f419 1f98b 1f337
1f333 1f335 1f344 1f30f 1f319 2601+fe0f 1f525 1f34c 1f34e 1f353 1f33d 1f355 1f382 2764+fe0f 1f600
1f916 1f3a9 1f453 1f527 1f385 1f44d 2602+fe0f 231b 23f0 1f381 1f4a1 1f4d5 270f+fe0f 1f4ce 2702+fe0f
1f512 1f511 1f528 260e+fe0f 1f3c1 1f682 1f6b2 2708+fe0f 1f680 1f3c6 26bd 1f3b8 1f3ba 1f514 2693
1f3a7 1f4c1 1f4cc
"""
NAMES = """
Dog Cat Lion Horse Unicorn Pig Elephant Rabbit Panda Rooster Penguin Turtle Fish Octopus Butterfly
Flower Tree Cactus Mushroom Globe Moon Cloud Fire Banana Apple Strawberry Corn Pizza Cake Heart
Smiley Robot Hat Glasses Spanner Santa Thumbs_Up Umbrella Hourglass Clock Gift Light_Bulb Book
Pencil Paperclip Scissors Lock Key Hammer Telephone Flag Train Bicycle Aeroplane Rocket Trophy Ball
Guitar Trumpet Bell Anchor Headphones Folder Pin
"""


def test_the_emoji_are_those_of_the_published_list_in_its_order():
    found = ["+".join(f"{ord(char):x}" for char in one.character) for one in EMOJI]
    assert found == PUBLISHED.split()


def test_their_names_are_those_of_the_published_list():
    assert [one.name.replace(" ", "_") for one in EMOJI] == NAMES.split()


def test_six_bits_name_each_of_them_and_no_two_are_the_same():
    assert len(EMOJI) == 2**6
    assert len({one.character.removesuffix("\ufe0f") for one in EMOJI}) == len(EMOJI)
    assert len({one.name.casefold() for one in EMOJI}) == len(EMOJI)
