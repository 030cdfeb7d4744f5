/**
 * Times as people say them. Pure: the clock and the locale are arguments.
 *
 * Times come as integer milliseconds UTC; what is shown is the local day and hour.
 */

const cache = new Map();

function format(locale, options) {
  const key = locale + JSON.stringify(options);
  if (!cache.has(key)) cache.set(key, new Intl.DateTimeFormat(locale, options));
  return cache.get(key);
}

/** Number of the local day; two times are on the same day when it is equal. */
export function dayOf(at) {
  const date = new Date(at);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

/** "03.09" where the day has 24 hours, "3:09 AM" where it has twice 12. */
export function clock(at, locale) {
  const { hourCycle } = format(locale, { hour: "numeric" }).resolvedOptions();
  const hour = hourCycle === "h23" ? "2-digit" : "numeric";
  return format(locale, { hour, minute: "2-digit" }).format(at);
}

export const fullDate = (at, locale) =>
  format(locale, { dateStyle: "full", timeStyle: "short" }).format(at);

export const plainDate = (at, locale) => format(locale, { dateStyle: "long" }).format(at);

const nearDay = (days, locale) =>
  new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");

const capital = (text, locale) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

function dayAndMonth(at, now, locale) {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) };
}

/** For a moment to come: "7 May, 12:00". */
export const until = (at, now, locale) =>
  format(locale, { ...dayAndMonth(at, now, locale), hour: "numeric", minute: "2-digit" }).format(at);

/** For a line between two days: "Today", "Yesterday", "Monday, 3 May". */
export function dayLine(at, now, locale) {
  const days = dayOf(at) - dayOf(now);
  if (days === 0 || days === -1) return capital(nearDay(days, locale), locale);
  return capital(
    format(locale, { weekday: "long", ...dayAndMonth(at, now, locale), month: "long" }).format(at),
    locale,
  );
}

/** For a narrow column: "12:04", "Yesterday", "Mon", "3 May". */
export function shortWhen(at, now, locale) {
  const days = dayOf(at) - dayOf(now);
  if (days === 0) return clock(at, locale);
  if (days === -1) return capital(nearDay(days, locale), locale);
  if (days < 0 && days > -7) return format(locale, { weekday: "short" }).format(at);
  return format(locale, dayAndMonth(at, now, locale)).format(at);
}

/** Inside a sentence: "12:04", "yesterday 12:04", "3 May". */
export function inSentence(at, now, locale) {
  const days = dayOf(at) - dayOf(now);
  if (days === 0) return clock(at, locale);
  if (days === -1) return `${nearDay(days, locale)} ${clock(at, locale)}`;
  return format(locale, dayAndMonth(at, now, locale)).format(at);
}
