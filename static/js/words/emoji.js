/**
 * What the 64 emoji of a verification are called, by their numbers (engine/protocol/sas_emoji.py).
 *
 * Two people read these to each other, perhaps over a bad line: each name can do without its
 * picture, and none is the beginning of another.
 */

export const emojiNames = {
  en: [
    "Dog", "Cat", "Lion", "Horse", "Unicorn", "Pig", "Elephant", "Rabbit",
    "Panda", "Rooster", "Penguin", "Turtle", "Fish", "Octopus", "Butterfly", "Flower",
    "Tree", "Cactus", "Mushroom", "Globe", "Moon", "Cloud", "Fire", "Banana",
    "Apple", "Strawberry", "Corn", "Pizza", "Cake", "Heart", "Smiley", "Robot",
    "Hat", "Glasses", "Spanner", "Santa", "Thumbs up", "Umbrella", "Hourglass", "Clock",
    "Gift", "Light bulb", "Book", "Pencil", "Paperclip", "Scissors", "Lock", "Key",
    "Hammer", "Telephone", "Flag", "Train", "Bicycle", "Aeroplane", "Rocket", "Trophy",
    "Ball", "Guitar", "Trumpet", "Bell", "Anchor", "Headphones", "Folder", "Pin",
  ],
  id: [
    "Anjing", "Kucing", "Singa", "Kuda", "Unikorn", "Babi", "Gajah", "Kelinci",
    "Panda", "Ayam jantan", "Penguin", "Kura-kura", "Ikan", "Gurita", "Kupu-kupu", "Bunga",
    "Pohon", "Kaktus", "Jamur", "Bola dunia", "Bulan", "Awan", "Api", "Pisang",
    "Apel", "Stroberi", "Jagung", "Pizza", "Kue ulang tahun", "Hati", "Senyum", "Robot",
    "Topi", "Kacamata", "Kunci inggris", "Sinterklas", "Jempol", "Payung", "Jam pasir", "Jam weker",
    "Kado", "Bohlam", "Buku", "Pensil", "Klip kertas", "Gunting", "Gembok", "Anak kunci",
    "Palu", "Telepon", "Bendera", "Kereta api", "Sepeda", "Pesawat", "Roket", "Piala",
    "Bola sepak", "Gitar", "Terompet", "Lonceng", "Jangkar", "Headphone", "Map", "Pin",
  ],
};
