/** The least a test needs. Every test file calls test(); modules.html runs what was called. */

export const tests = [];

export const test = (name, run) => tests.push({ name, run });

const shown = (value) => JSON.stringify(value) ?? String(value);

/** Equal when they look the same as JSON; objects by content. */
export function equal(found, wanted) {
  if (shown(found) !== shown(wanted))
    throw new Error(`found ${shown(found)}, wanted ${shown(wanted)}`);
}

/** The very same object: a view that compares by identity has nothing to do. */
export function same(found, wanted) {
  if (found !== wanted) throw new Error(`another object than before: ${shown(found)}`);
}
