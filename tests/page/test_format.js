import { brief } from "/static/js/views/quote.js";
import { createContent } from "/static/js/views/content.js";
import { parse, plainText } from "/static/js/format.js";
import { splitLinks } from "/static/js/links.js";
import { addressed, askedAt, asWritten, inUnits, matching } from "/static/js/mentions.js";
import { equal, test } from "./check.js";

/** A tree as a line: "[bold a [italic b]]"; whatever is not marked stands for itself. */
function shape(nodes) {
  return nodes
    .map((node) => {
      if (node.kind === "text") return node.text;
      if (node.kind === "list")
        return `[list ${node.items
          .map(({ level, number, children }) => `(${level} ${number ?? "-"} ${shape(children)})`)
          .join("")}]`;
      if (node.kind === "pre") return `[pre ${node.language}|${node.text}]`;
      return `[${node.kind} ${node.children ? shape(node.children) : node.text}]`;
    })
    .join("");
}
const shaped = (text, more) => shape(parse(text, more));

test("each mark is drawn, alone and inside another", () => {
  equal(shaped("**a** *b* _c_ ~~d~~ `e`"), "[bold a] [italic b] [italic c] [strike d] [code e]");
  equal(shaped("**a *b* ~~c _d_~~**"), "[bold a [italic b] [strike c [italic d]]]");
  equal(shaped("***a***, (**b**)!"), "[bold [italic a]], ([bold b])!");
  equal(shaped("这是**粗体**字"), "这是[bold 粗体]字");
});

test("a mark without its partner stays as it was written", () => {
  for (const text of [
    "**a", "a**", "*a", "_a", "~~a", "`a", "** a **", "* a *", "a ** b", "****", "~~~~", "_", "",
    "2*3*4", "2 * 3 * 4", "snake_case_words", "__init__", "*.py and *.js", "f(*a, **b)", "a~b~c",
    "¯\\_(ツ)_/¯", "\\*a\\*", ">:(", ">_<", "-5", "-- x", "3.5 kg", "17.30", "*a\nb*", "```", "```js\nx",
  ])
    equal(shaped(text), text);
});

test("marks that cross are not both right: the inner one stays text", () => {
  equal(shaped("**a *b** c*"), "[bold a *b] c*");
  equal(shaped("~~a **b~~ c**"), "[strike a **b] c**");
});

test("inside code nothing counts, and a code may hold a backtick", () => {
  equal(shaped("`**a** http://a.example`"), "[code **a** http://a.example]");
  equal(shaped("`` a`b ``"), "[code a`b]");
  equal(shaped("**`a`**"), "[bold [code a]]");
});

test("a link is kept whole between marks, and its own signs are no marks", () => {
  equal(shaped("**https://a.example/x_y_z**"), "[bold [link https://a.example/x_y_z]]");
  equal(shaped("https://a.example/*b* _c_"), "[link https://a.example/*b]* [italic c]");
});

test("blocks of code keep their lines, and the word behind the fence", () => {
  equal(shaped("see\n```js\nif (a) {\n  **b**\n}\n```\nend"), "see[pre js|if (a) {\n  **b**\n}]end");
  equal(shaped("```\na\n\nb```"), "[pre |a\n\nb]");
  equal(shaped("```one two\nthree\n```"), "[pre |one two\nthree]");
  equal(shaped("```js\na\nb", { isCut: true }), "[pre js|a\nb]");
});

test("quotes hold what a message holds, to a floor", () => {
  equal(shaped("> **a**\n> - b\nc"), "[quote [bold a][list (0 - b)]]c");
  equal(shaped("> a\n>> b"), "[quote a[quote b]]");
  equal(shaped(">>>> a"), "[quote [quote [quote > a]]]");
});

test("lists keep their numbers and their levels", () => {
  equal(shaped("- a\n  - *b*\n3. c\n7. d"), "[list (0 - a)(1 - [italic b])(0 3 c)(0 7 d)]");
  equal(shaped("so:\n- a\n\nthen"), "so:[list (0 - a)]then");
});

test("lines and empty lines of plain text stay as they are", () => {
  equal(shaped("a\n\n  b \nc"), "a\n\n  b \nc");
});

test("mentions are kept whole, counted in code points, whatever stands around them", () => {
  const text = "😀 **@Ana_b_ hi** _x_";
  const mentions = inUnits(text, [{ start: 4, length: 7, address: "a", name: "Ana" }]);
  equal(text.slice(mentions[0].start, mentions[0].end), "@Ana_b_");
  equal(shaped(text, { mentions }), "😀 [bold [mention @Ana_b_] hi] [italic x]");
  equal(plainText(text, mentions), "😀 @Ana hi x");
});

test("mentions that do not fit the text are left out", () => {
  const wrong = [
    { start: 0, length: 99 }, { start: 9, length: 1 }, { start: 1, length: 0 }, { start: -1, length: 2 },
    { start: 0, length: 3 }, { start: 1, length: 3 },
  ];
  equal(inUnits("@ab c", wrong), [{ start: 0, end: 3 }]);
  equal(shaped("@a\nb", { mentions: [{ start: 0, end: 4 }] }), "@a\nb");
});

test("names are found when a text is sent, the longer one first, in what they call themselves", () => {
  const people = [
    { address: "b", name: "Boss", given: "Budi 😀" },
    { address: "a", name: "Ana", given: "Ana" },
    { address: "c", name: "Ana Maria", given: "Ana Maria" },
  ];
  equal(addressed("😀 @Boss, @Ana Maria and @Ana! x@Ana @Anal @Nobody", people), {
    text: "😀 @Budi 😀, @Ana Maria and @Ana! x@Ana @Anal @Nobody",
    mentions: [
      { start: 2, length: 7, address: "b" },
      { start: 11, length: 10, address: "c" },
      { start: 26, length: 4, address: "a" },
    ],
  });
  equal(addressed("nobody here", people), { text: "nobody here", mentions: [] });
});

test("a text to be changed has our own names in it", () => {
  const message = {
    text: "hi @Budi 😀!",
    mentions: [{ start: 3, length: 7, address: "b", name: "Boss" }],
  };
  equal(asWritten(message), "hi @Boss!");
  equal(asWritten({ text: "plain" }), "plain");
});

test("what is typed behind an @ asks for somebody", () => {
  equal(askedAt("hi @bu", 6), { start: 3, query: "bu" });
  equal(askedAt("@", 1), { start: 0, query: "" });
  equal(askedAt("hi @bu there", 6), { start: 3, query: "bu" });
  for (const [text, at] of [["a@bu", 4], ["hi", 2], ["@ x", 3], ["@a\nb", 4], ["@a", 0], ["", 0]])
    equal(askedAt(text, at), null);
  const people = ["André", "Budi Santoso", "Sandra"].map((name) => ({ name, given: name }));
  equal(matching(people, "and").map(({ name }) => name), ["André"]);
  equal(matching(people, "SAN").map(({ name }) => name), ["Budi Santoso", "Sandra"]);
});

test("sixty thousand hostile characters are read in one go, as a tree of few levels", () => {
  const size = 60_000;
  const fill = (piece) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
  const hostile = [
    "*", "**", "_", "~~", "`", "**a *b ~~c _d ", "a*", "*a", "*a ", "> ", ">", "- ", "- a\n", "1. ", "```\n", "```a\n",
    "\n", "> ```\n", "`a``b```c", "http://a.example/)", "http://a(", "@", "[", "* _ ~~ ", "a** *b", "**a** ",
  ].map(fill);
  // Many beginnings of what never ends, and long stretches of one sign before what does not fit.
  hostile.push(
    `\`\` ${fill("x")}\`x\`\``, `\`\` ${fill(" ")}\`x\`\``, `\`\`${fill(" x")}\`\``,
    `\`\`\`${fill(" ")}x`, `${fill(" ")}\`\`\` x`, `${fill("``` ")}x`, `\`\`\`${fill(" a")}\`\`\`x`,
    `-${fill(" ")}`, `${fill(" ")}-`, `${fill(" ")}1.`, `1.${fill(" ")}`, `1${fill(" 1. ")}`, `>${fill(" ")}`,
    `http://${fill("[")}`, `https://[${fill(":")}`, `http://a${fill(".")}`, `http://a${fill("(]")}`,
    `${fill("http://")}`, `${fill("http://a ")}`, `${fill("https:/")}`, `x${fill("\u2028")}x`, `x${fill("\r")}x`,
    fill("\u0301"), fill("\u200d"), fill("😀*"), fill("字**"), fill("\\*"), fill("***a*** "), fill("* *a"),
  );
  hostile.push(`http://a.example/${")".repeat(size)}`, Array.from({ length: 340 }, (_, at) => "`".repeat(at)).join(" "));
  const deepest = (nodes) =>
    Math.max(0, ...nodes.map((node) =>
      node.children ? 1 + deepest(node.children) : node.items ? 1 + deepest(node.items) : 0));
  for (const text of hostile) {
    const nodes = parse(text);
    equal(deepest(nodes) <= 9, true);
    // Each level of text makes no more nodes than it has characters.
    equal(nodes.length <= text.length + 1, true);
    plainText(text);
    splitLinks(text);
  }
});

test("of a folded text, and of a quoted one, only what is shown is read", () => {
  // Counted: each text tells how many of its characters were taken out of it.
  const counted = (text) => {
    const read = { units: 0 };
    const slice = (from = 0, to = text.length) => {
      read.units += Math.max(0, to - from);
      return text.slice(from, to);
    };
    return { read, text: Object.assign(Object(text), { slice }) };
  };
  const long = counted("**a** `b` ".repeat(6_000));
  equal(brief({ kind: "text", text: long.text }).startsWith("a b a b "), true);
  equal(long.read.units <= 400, true);
  const folded = counted("*a* http://a.example ".repeat(3_000));
  const content = createContent(() => {});
  content.write(folded.text, [], null);
  equal(folded.read.units <= 1_600, true);
  equal(content.element.textContent.length <= 1_600, true);
});
