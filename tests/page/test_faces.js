import { TONES, initials, toneOf } from "/static/js/faces.js";
import { equal, test } from "./check.js";

test("two words give two letters, one word gives one", () => {
  equal(initials("Budi Santoso"), "BS");
  equal(initials("dewi"), "D");
  equal(initials("  Siti  Nur   Haliza "), "SH");
});

test("signs before a word are not its letter", () => {
  equal(initials("(Budi) -- [Santoso]"), "BS");
});

test("a letter with its marks, and an emoji of many parts, stay whole", () => {
  equal(initials("e\u0301lan"), "E\u0301");
  equal(initials("👩‍🚀 Ana"), "👩‍🚀A");
});

test("a name without any letter still has a face", () => {
  equal(initials("***"), "*");
  equal(initials(""), "·");
});

test("a key has the same colour every time, and keys share them out", () => {
  const keys = Array.from({ length: 240 }, (_, at) => `key${at}`.repeat(11).slice(0, 56));
  equal(toneOf(keys[0]), toneOf(keys[0]));
  const used = new Set(keys.map(toneOf));
  equal(used.size, TONES);
  equal(Math.max(...used) < TONES, true);
});
