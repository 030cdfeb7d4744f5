/**
 * "@Name" in a text: found, counted, and kept to what each side calls the other. Pure.
 *
 *     field      "@Boss, look"        what I call them: nobody else's business
 *     sent       "@Budi, look"  0..5  what they call themselves, with the place in code points
 *     shown      "@Pak Budi, look"    what whoever reads it calls them
 *
 * Places are looked for when a text is sent, never kept while it is written: an edit in front of a
 * name cannot shift what it points to.
 */

import { fold } from "./lists.js";
import { plainName, shortAddress } from "./names.js";
import { namesOf } from "./groups.js";

const WORD_BEFORE = /[\p{L}\p{N}_@]$/u;
const WORD_AFTER = /^[\p{L}\p{N}_]/u;
const LONGEST = 40; // characters behind an "@" in which somebody's name is looked for
const MOST = 8; // people offered at a time

export const MOST_MENTIONS = 16; // in one text; the program takes no more

const pointsIn = (text) => {
  let points = text.length;
  for (let at = 0; at < text.length; at += 1)
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      points -= 1;
      at += 1;
    }
  return points;
};

/** The same mentions with `start` and `end` in units of the text; what does not fit is left out. */
export function inUnits(text, mentions) {
  if (!mentions.length) return [];
  const found = [];
  const end = pointsIn(text);
  const order = mentions
    .filter(({ start, length }) => start >= 0 && length > 0 && start + length <= end)
    .sort((one, two) => one.start - two.start);
  let unit = 0;
  let point = 0;
  const goTo = (wanted) => {
    for (; point < wanted; point += 1) unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
    return unit;
  };
  for (const { start, length, ...rest } of order) {
    if (start < point) continue;
    const from = goTo(start);
    found.push({ start: from, end: goTo(start + length), ...rest });
  }
  return found;
}

/** Whom one can mention: `{ address, name, given }`; ourselves not. */
export function peopleIn(state, chat) {
  const names = namesOf(state, chat);
  return (state.groups?.[chat]?.members ?? [])
    .filter(({ own }) => !own)
    .map(({ address, name }) => ({
      address,
      name: names.get(address),
      given: plainName(name) || shortAddress(address),
    }));
}

/** `{ text, mentions }` as they are sent: every "@Name" of somebody here becomes a mention. */
export function addressed(text, people) {
  const longestFirst = people.toSorted((one, two) => two.name.length - one.name.length);
  const mentions = [];
  let sent = "";
  let points = 0;
  let done = 0;
  const take = (piece) => {
    sent += piece;
    points += pointsIn(piece);
  };
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (mentions.length === MOST_MENTIONS) break;
    if (at < done || WORD_BEFORE.test(text.slice(Math.max(0, at - 2), at))) continue;
    const who = longestFirst.find(
      ({ name }) =>
        text.startsWith(name, at + 1) &&
        !WORD_AFTER.test(text.slice(at + 1 + name.length, at + 3 + name.length)),
    );
    if (!who) continue;
    take(text.slice(done, at));
    const shown = `@${who.given}`;
    mentions.push({ start: points, length: pointsIn(shown), address: who.address });
    take(shown);
    done = at + 1 + who.name.length;
  }
  take(text.slice(done));
  return { text: sent, mentions };
}

/** A text as we would write it, to be changed: with our own names for whom it mentions. */
export function asWritten({ text, mentions = [] }) {
  let written = "";
  let done = 0;
  for (const { start, end, name } of inUnits(text, mentions)) {
    written += text.slice(done, start) + (name ? `@${name}` : text.slice(start, end));
    done = end;
  }
  return written + text.slice(done);
}

/** The "@bud" that is being typed at `caret`: `{ start, query }`, or null. */
export function askedAt(text, caret) {
  const from = Math.max(0, caret - LONGEST);
  const start = text.lastIndexOf("@", caret - 1);
  if (start < from || caret <= start) return null;
  const query = text.slice(start + 1, caret);
  if (query.includes("\n") || query.startsWith(" ")) return null;
  return WORD_BEFORE.test(text.slice(Math.max(0, start - 2), start)) ? null : { start, query };
}

/** Those whose name, or a word of it, begins with what is typed; accents and capitals do not count. */
export function matching(people, query) {
  const wanted = fold(query);
  const fits = ({ name, given }) =>
    [name, given].some((one) => ` ${fold(one)}`.includes(` ${wanted}`));
  return people.filter(fits).slice(0, MOST);
}
