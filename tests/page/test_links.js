import { splitLinks } from "/static/js/links.js";
import { equal, test } from "./check.js";

const links = (text) =>
  splitLinks(text)
    .filter(({ link }) => link)
    .map(({ text: shown }) => shown);

test("a link is found in its sentence, without the sentence's stop", () => {
  equal(links("see http://a.example/b."), ["http://a.example/b"]);
  equal(links("(https://a.example/b), or https://c.example?d=1!"), [
    "https://a.example/b",
    "https://c.example?d=1",
  ]);
});

test("a bracket that belongs to the link stays with it", () => {
  equal(links("http://a.example/x_(y) and (http://b.example/z)"), [
    "http://a.example/x_(y)",
    "http://b.example/z",
  ]);
});

test("an IPv6 address keeps its brackets", () => {
  equal(links("http://[fe80::1]:8000/x"), ["http://[fe80::1]:8000/x"]);
});

test("only http and https become links", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://a.example",
    "www.a.example",
    "http://",
    "https:///",
  ])
    equal(links(text), []);
});

test("a character that turns the direction ends the link", () => {
  equal(links("https://a.example/\u202egpj.exe"), ["https://a.example/"]);
  equal(links("https://a.example\u200b.evil.example"), ["https://a.example"]);
});

test("the parts are the whole text again, whatever it is", () => {
  const texts = [
    "",
    " ",
    "http://a.example",
    "x http://a.example y https://b.example.",
    "http://a.example,http://b.example",
    "<a href=http://a.example>",
    "😀http://a.example😀",
  ];
  for (const text of texts)
    equal(
      splitLinks(text)
        .map((part) => part.text)
        .join(""),
      text,
    );
});
