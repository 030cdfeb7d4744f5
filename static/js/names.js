/**
 * Names as they are shown: without the signs by which the page itself says how far somebody is
 * trusted. Whoever is called "Budi ✓" is called "Budi" here. Pure.
 */

// Ticks, boxes with a tick, shields, locks and rosettes, with whatever chooses their look.
const SIGNS =
  /[\u221a\u2310\u237b\u2610-\u2612\u26c9\u26ca\u26e8\u2705\u2713\u2714\u2bbd\u{10102}\u{1f3c5}\u{1f396}\u{1f4ae}\u{1f50f}-\u{1f513}\u{1f5f8}-\u{1f5f9}\u{1f6e1}\u{1f947}][\ufe0e\ufe0f\u20e3]*/gu;

/** The beginning of a key: enough to tell people apart, never enough to trust. */
export const shortAddress = (address) => address.slice(0, 7);

/** "Budi ✔️" is "Budi"; a name that is nothing else is "". */
export const plainName = (name) => name.replace(SIGNS, " ").replace(/\s+/gu, " ").trim();
