/** How long something takes, in words: "1 day", "23 s". Pure but for the language. */

import { currentLocale } from "./words.js";

const UNITS = [
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

const format = (unit, n, unitDisplay) =>
  new Intl.NumberFormat(currentLocale(), { style: "unit", unit, unitDisplay }).format(n);

/** Exactly, in as few units as it needs: 90 is "1 minute 30 seconds", 86400 "1 day". */
export function inWords(seconds) {
  const parts = [];
  let rest = seconds;
  for (const [unit, size] of UNITS) {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n) parts.push(format(unit, n, "long"));
  }
  return parts.join(" ") || format("second", 0, "long");
}

/** About, for a countdown: the largest unit that is full, rounded up. */
export function inShort(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const [unit, size] = UNITS.find(([, each]) => left >= each) ?? UNITS.at(-1);
  return format(unit, unit === "second" ? left : Math.round(left / size), "narrow");
}

/** How often a countdown that shows this much changes, in seconds. */
export const changesEvery = (seconds) => (seconds < 60 ? 1 : 30);
