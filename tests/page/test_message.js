import { foldAt } from "/static/js/views/content.js";
import { equal, test } from "./check.js";

test("a short text is shown whole, and so is one that is hardly longer than the fold", () => {
  equal(foldAt("hello"), 0);
  equal(foldAt("word ".repeat(310)), 0);
});

test("a long text is folded between two words", () => {
  const text = "word ".repeat(1_000);
  const end = foldAt(text);
  equal(end > 1_400 && end <= 1_500, true);
  equal(text[end], " ");
});

test("many short lines are folded by lines", () => {
  const text = Array.from({ length: 60 }, (_, at) => `line ${at}`).join("\n");
  equal(text.slice(0, foldAt(text)).split("\n").length <= 25, true);
  equal(foldAt(text) > 0, true);
});

test("the fold cuts no character in two", () => {
  const text = "x" + "😀".repeat(2_000);
  equal(/[\ud800-\udbff]$/.test(text.slice(0, foldAt(text))), false);
});
