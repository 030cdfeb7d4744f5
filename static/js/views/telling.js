/** What is told of groups in words, with every name in an element of its own. */

import { countsOf, memberName, missingIn, systemLine } from "../groups.js";
import { bdi, h } from "../h.js";
import { icon } from "../icons.js";
import { currentLocale, isSaid, phrase, say } from "../words.js";

const NAMED = 3; // of many names only the first so many are told

/** "Bob, Dewi and 2 others": as children of an element. */
export function listed(names) {
  const rest = names.length - NAMED;
  const told = rest > 1 ? [...names.slice(0, NAMED), say("group.others", { n: rest })] : names;
  return new Intl.ListFormat(currentLocale())
    .formatToParts(told)
    .map(({ type, value }) => (type === "element" ? bdi(value) : value));
}

/** A line about members: `{ text, children }`; a kind that is news to this page brings its words. */
export function tellLine(state, chat, { system, text }) {
  const { key, ...names } = system ? systemLine(state, chat, system) : {};
  if (!system || !isSaid(key)) return { text, children: [text] };
  const inside = Object.entries(names).map(([hole, name]) => [hole, bdi(name)]);
  return { text: say(key, names), children: phrase(key, Object.fromEntries(inside)) };
}

/** The head's second line: where we stand, or how many are here, and whether something is missing. */
export function tellGroup({ link }, group) {
  if (!group) return "";
  if (link === "stopped" || link === "expired") return say("presence.unknown");
  if (group.standing === "left") return say("group.left");
  if (group.standing === "removed") return say("group.removed");
  const n = missingIn(group);
  const missing = n ? say("group.missing", { n }) : group.complete ? "" : say("group.incomplete");
  // What is missing goes first: a narrow screen cuts the end.
  return [missing, say("group.count", countsOf(group))].filter(Boolean).join(" · ");
}

/** "3 messages of Carol are missing; Bob has them.": as children. */
export function tellMissing(state, chat, { author, name, count, held_by: holders }) {
  const who = holders.map((one) => memberName(state, chat, one.address, one.name));
  const kind = { 0: "nobody", 1: "one" }[who.length] ?? "many";
  return phrase(`group.missing.${kind}`, {
    n: count,
    name: bdi(memberName(state, chat, author, name)),
    holders: listed(who),
  });
}

/** The sign of a muted group; it stands outside of the name. */
export const createMuted = () =>
  h(
    "span",
    { class: "muted", hidden: true, title: say("group.muted") },
    icon("muted"),
    h("span", { class: "sr" }, say("group.muted")),
  );
