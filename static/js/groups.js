/**
 * What a group is from here: who is in it and under which name, who is there, what is missing, and
 * what its lines say. Pure.
 */

import { inWords } from "./durations.js";
import { plainName, shortAddress } from "./names.js";

export const isGroup = ({ chats, groups = {} }, chat) =>
  chat in groups || chats[chat]?.kind === "group";

/** Somebody who is no contact added us: it is asked, as for a person. */
export const isInvited = ({ groups = {} }, chat) => groups[chat]?.standing === "invited";

export const isMuted = ({ chats, groups = {} }, chat) =>
  Boolean(groups[chat]?.muted ?? chats[chat]?.muted);

export const mayManage = (group) =>
  group.standing === "member" && ["creator", "admin"].includes(group.role);

const NOBODY = new Map();
const cache = new WeakMap(); // group -> { people, names }; asked for each bubble

/**
 * What each member is called, by address. A contact goes by our name for them; two who go by the
 * same name are told apart by their keys.
 */
export function namesOf({ people, groups }, chat) {
  const group = groups[chat];
  if (!group) return NOBODY;
  const known = cache.get(group);
  if (known?.people === people) return known.names;
  const plain = group.members.map(({ address, name }) => [
    address,
    plainName(people[address]?.contact ? people[address].name : name) || shortAddress(address),
  ]);
  const times = new Map();
  for (const [, name] of plain) times.set(fold(name), (times.get(fold(name)) ?? 0) + 1);
  const told = ([address, name]) =>
    times.get(fold(name)) > 1 ? `${name} (${shortAddress(address)})` : name;
  const names = new Map(plain.map((one) => [one[0], told(one)]));
  cache.set(group, { people, names });
  return names;
}

const fold = (name) => name.normalize("NFKC").toLowerCase();

/** Somebody's name in a group; `given` is the one that came with what they did, for who left. */
export const memberName = (state, chat, address, given = "") =>
  namesOf(state, chat).get(address) ||
  plainName(state.people[address]?.contact ? state.people[address].name : given) ||
  shortAddress(address);

const RANKS = ["creator", "admin", "member"];

/** `{ key, name, member }`: we ourselves, then who made it, the admins, and everybody by name. */
export function membersOf(state, chat) {
  const names = namesOf(state, chat);
  const rank = ({ member }) => (member.own ? -1 : RANKS.indexOf(member.role));
  return (state.groups[chat]?.members ?? [])
    .map((member) => ({ key: member.address, name: names.get(member.address), member }))
    .sort((one, two) => rank(one) - rank(two) || one.name.localeCompare(two.name));
}

/** How many are in it, and how many of them are there, with us. */
export const countsOf = ({ members }) => ({
  n: members.length,
  online: members.filter(({ own, online }) => own || online).length,
});

export const missingIn = ({ missing }) => missing.reduce((sum, { count }) => sum + count, 0);

/** Contacts who can be added: `{ key, name }`, by name; without a group all of them. */
export function candidates({ people, groups }, chat) {
  const inside = new Set(groups[chat]?.members.map(({ address }) => address));
  return Object.values(people)
    .filter(({ address, contact, blocked }) => contact && !blocked && !inside.has(address))
    .map((person) => ({
      key: person.address,
      name: plainName(person.name) || shortAddress(person.address),
      person,
    }))
    .sort((one, two) => one.name.localeCompare(two.name));
}

/** What a line of the group says: the key of a sentence, and the names in it. */
export function systemLine(state, chat, system) {
  const own = state.me?.address;
  const isOff = system.what === "timer" && !system.seconds;
  const what = isOff ? "timer_off" : system.what === "role" ? system.role : system.what;
  const form = system.by === own ? "you" : system.who === own ? "me" : "other";
  const alone = what === "added" && !system.history ? "_new" : "";
  const name = (address, given) => address && memberName(state, chat, address, given);
  return {
    key: `system.${what}.${form}${alone}`,
    by: name(system.by, system.by_name),
    who: name(system.who, system.who_name),
    name: plainName(system.name ?? ""),
    time: system.what === "timer" ? inWords(system.seconds) : "",
  };
}
