import { chooseLanguage, explain, phrase, say } from "/static/js/words.js";
import { equal, test } from "./check.js";

test("the first language that the person wishes and we speak is taken", () => {
  equal(chooseLanguage(["fr-FR", "id-ID", "en-US"], ""), "id");
  equal(chooseLanguage(["en-GB", "id"], ""), "en");
  equal(chooseLanguage(["in"], ""), "id");
  equal(chooseLanguage(["fr", "de"], ""), "en");
});

test("the setting goes before the browser, unless we do not speak it", () => {
  equal(chooseLanguage(["en"], "id"), "id");
  equal(chooseLanguage(["id"], "xx"), "id");
});

test("a number chooses its plural form", () => {
  equal(say("log.new", { n: 1 }), "1 new message");
  equal(say("log.new", { n: 1_234 }), "1,234 new messages");
});

test("a hole can hold an element, and what is put in is never read as a hole", () => {
  const name = document.createElement("bdi");
  equal(
    phrase("request.who", { name }).map((part) => (part === name ? "NAME" : part)),
    ["NAME", " would like to talk to you"],
  );
  equal(phrase("request.who", { name: "{name} & <b>" })[0], "{name} & <b>");
  equal(say("request.who", { name: "$& {name}" }), "$& {name} would like to talk to you");
});

test("an unknown error speaks with the program's own words", () => {
  equal(explain({ code: "tea_cold", sentence: "The tea is cold." }), "The tea is cold.");
  equal(explain({ code: "self" }).includes("your own address"), true);
});
