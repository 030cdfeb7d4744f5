/**
 * What the left column shows, in which order, and in which words. Pure.
 */

import { inSentence } from "./dates.js";
import { isGroup, isInvited, isMuted } from "./groups.js";
import { plainName, shortAddress } from "./names.js";

const MARKS = /\p{M}/gu;

/** For searching: without accents and capitals, so that "andre" finds "André". */
export const fold = (text) => text.normalize("NFKD").replace(MARKS, "").toLowerCase();

export const inGroups = (text, size) =>
  text.match(new RegExp(`.{1,${size}}`, "g"))?.join(" ") ?? "";

export function nameOf({ people, chats, requests, groups = {} }, chat) {
  const known =
    people[chat]?.name || groups[chat]?.name || chats[chat]?.name || requests[chat]?.name;
  return plainName(known ?? "") || shortAddress(chat);
}

/** A request stands under the name it came with: another they announce elsewhere was not checked. */
export const requestName = ({ name, address }) => plainName(name) || shortAddress(address);

/** Whom somebody who asks could be taken for, by the name they ask with and the one they announce. */
export function cautionsOf({ people }, { address, warnings = [] }) {
  const all = [...warnings, ...(people[address]?.warnings ?? [])];
  return [...new Map(all.map((one) => [`${one.code} ${one.address}`, one])).values()];
}

/** Nothing can be sent to them but a contact request. */
export const isStranger = (state, chat) =>
  !isGroup(state, chat) && (state.people[chat]?.relation ?? "none") === "none";

/** Where a text can be somebody's address: returns it as it can be connected to, or "". */
export function asTarget(text) {
  const trimmed = text.trim();
  const plain = trimmed.replace(/[\s-]/g, "").toLowerCase();
  if (/^p2pchat:/i.test(trimmed) || /^[a-z2-7]{56}$/.test(plain)) return trimmed;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(trimmed)) return `${trimmed}:6000`; // the usual port
  return /^(\[[^\]\s]+\]|[^\s:/]+):\d{1,5}$/.test(trimmed) ? trimmed : "";
}

const there = (dot, key, values = {}) => ({ dot, key: `presence.${key}`, values });

/** Returns `{ dot, key, values }`: a dot's colour, and the words that say the same. */
export function presence({ people, link }, chat, now, locale) {
  const person = people[chat];
  if (link === "stopped" || link === "expired") return there("", "unknown");
  if (!person) return there("", "offline");
  if (person.blocked) return there("", "blocked");
  if (person.relation === "asked") {
    const name = nameOf({ people, chats: {}, requests: {} }, chat);
    return there(person.online ? "online" : "away", "asked", { name });
  }
  if (person.relation === "none") return there("", person.nearby ? "nearby" : "left");
  if (person.held) return there("away", "held");
  if (person.online) return there("online", "online");
  if (person.link === "connecting") return there("busy", "connecting");
  if (person.link === "reconnecting") {
    const n = Math.ceil((person.next_try_at - now) / 1000);
    return n > 0 ? there("busy", "retry", { n }) : there("busy", "reconnecting");
  }
  if (!person.last_seen_at) return there("away", "offline");
  return there("away", "seen", { when: inSentence(person.last_seen_at, now, locale) });
}

/** How sure we are of somebody: held, verified, invite, or not. */
export function trustOf(person) {
  if (person?.held) return "held";
  return ["not", "invite", "verified"][person?.level ?? 0];
}

/** Emoji can be compared with a contact who is there now. */
export function mayCompare({ people, link }, chat) {
  const person = people[chat];
  const isThere = link === "open" && Boolean(person?.contact && person.online);
  return isThere && !person.blocked && ["not", "invite"].includes(trustOf(person));
}

/** What the badge shows: a chat that is being looked at has nothing unread. */
export const unreadOf = (state, chat) =>
  state.attentive && state.selected === chat ? 0 : (state.chats[chat]?.unread ?? 0);

/** What wants attention: a muted group does not, nor one that we have not accepted yet. */
export const unreadInAll = (state) =>
  Object.keys(state.chats)
    .filter((chat) => !isMuted(state, chat) && !isInvited(state, chat))
    .reduce((sum, chat) => sum + unreadOf(state, chat), 0);

const newestFirst = (one, two) => two.at - one.at || one.name.localeCompare(two.name);
const byName = (one, two) => one.name.localeCompare(two.name);

/** The sections of the column, each a list of `{ key, name, at }`, filtered by the query. */
export function sections(state) {
  const { people, chats, requests, groups, outgoing, query } = state;
  const wanted = fold(query.trim());
  const match = ({ name, key }) => !wanted || fold(name).includes(wanted) || key.startsWith(wanted);
  const row = (key, at) => ({ key, name: nameOf(state, key), at });
  const lastAt = (chat) => Math.max(chats[chat]?.last?.at ?? 0, outgoing[chat]?.at(-1)?.at ?? 0);
  const startedAt = (chat) => lastAt(chat) || people[chat]?.first_seen_at || 0;
  const isBlocked = (key) => Boolean(people[key]?.blocked);
  const others = Object.keys(people).filter((key) => !(key in chats) && !isBlocked(key));
  const list = (keys, order) =>
    keys
      .map((key) => row(key, startedAt(key)))
      .filter(match)
      .sort(order);
  const invited = Object.keys(groups).filter((key) => isInvited(state, key));
  return {
    invitations: invited
      .map((key) => row(key, groups[key].made_at))
      .filter(match)
      .sort(newestFirst),
    requests: Object.values(requests)
      .filter((request) => match({ key: request.address, name: requestName(request) }))
      .sort((one, two) => two.at - one.at),
    chats: list(
      Object.keys(chats).filter((key) => !isBlocked(key) && !isInvited(state, key)),
      newestFirst,
    ),
    people: list(
      others.filter((key) => people[key].relation !== "none"),
      byName,
    ),
    nearby: list(
      others.filter(
        // Whoever asks us stands above, with what they say.
        (key) => people[key].relation === "none" && people[key].nearby && !(key in requests),
      ),
      byName,
    ),
    blocked: list(Object.keys(people).filter(isBlocked), byName),
  };
}
