/** What is wrong with a text that should lead to somebody, told apart in words. */

import { explain, say } from "./words.js";

// The program has one code for all of these; its sentences tell them apart.
const TORN = {
  "The end of this invite is missing": "invite.cut",
  "Something in this invite was changed": "invite.changed",
  "This invite was changed, or its end": "invite.torn",
};

export function explainTarget(error, target) {
  const found = Object.keys(TORN).find((beginning) => error.sentence?.startsWith(beginning));
  return found ? say(TORN[found]) : explain(error, { target });
}
