/**
 * Every sentence on the page, in the language of the person.
 *
 * The catalogues in words/ have the same keys; a test compares them. A value is a sentence with
 * `{holes}`, or one sentence for each plural form, chosen by `{n}` with the language's own rules.
 */

export const LANGUAGES = ["en", "id"];
const PARTS = ["acts", "chat", "find", "groups", "people", "reach", "safe", "sure", "trouble"];
const SETTING = "language";

let words = {};
let language = "en";
let locale = "en";
let plurals = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");

/** The first of `wished` (as in navigator.languages) that we speak; the setting goes before. */
export function chooseLanguage(wished, setting) {
  const tags = setting ? [setting, ...wished] : wished;
  const spoken = tags.map((tag) => tag.toLowerCase().split("-")[0].replace(/^in$/, "id"));
  return spoken.find((tag) => LANGUAGES.includes(tag)) ?? "en";
}

export const languageSetting = () => localStorage.getItem(SETTING) ?? "";

/** "" follows the browser. The page is built in one language, so a change loads it anew. */
export function setLanguage(tag) {
  if (tag) localStorage.setItem(SETTING, tag);
  else localStorage.removeItem(SETTING);
  location.reload();
}

export async function loadWords() {
  language = chooseLanguage(navigator.languages, languageSetting());
  const parts = PARTS.map((part) => import(`./words/${language}-${part}.js`));
  words = Object.assign({}, ...(await Promise.all(parts)).map((part) => part.words));
  // "en-GB" writes its dates unlike "en-US": the browser's own kind of the language is kept.
  locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
  plurals = new Intl.PluralRules(locale);
  numbers = new Intl.NumberFormat(locale);
  document.documentElement.lang = language;
}

export const currentLocale = () => locale;
export const currentLanguage = () => language;
export const isSaid = (key) => key in words;

function template(key, values) {
  const word = words[key] ?? key;
  return typeof word === "string" ? word : (word[plurals.select(values.n ?? 0)] ?? word.other);
}

function shown(value) {
  if (typeof value === "function") return value();
  return typeof value === "number" ? numbers.format(value) : value;
}

/** One string, for titles and labels. */
export function say(key, values = {}) {
  return template(key, values).replace(/\{(\w+)\}/g, (hole, name) => shown(values[name] ?? hole));
}

/**
 * The same as children of an element, so that a hole may hold one (a name in its <bdi>), or a
 * function that makes one where a sentence has the hole twice.
 */
export function phrase(key, values = {}) {
  return template(key, values)
    .split(/\{(\w+)\}/)
    .map((piece, at) => (at % 2 ? shown(values[piece] ?? "") : piece))
    .filter((piece) => piece !== "");
}

/** What an error code means for a person; a code that is news to this page brings its own words. */
export function explain({ code, sentence }, values = {}) {
  const key = `error.${code}`;
  return isSaid(key) ? say(key, values) : sentence || say("error.unknown");
}
