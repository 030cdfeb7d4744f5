/**
 * How long a message still stays: a small clock and a countdown.
 *
 * One timer serves all of them, and only while there are some on the page. A screen reader hears
 * until when, once, and not every second of it.
 */

import { inSentence } from "../dates.js";
import { changesEvery, inShort, inWords } from "../durations.js";
import { h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { currentLocale, say } from "../words.js";

const shown = new Set();
let timer = 0;

function tick() {
  clearTimeout(timer);
  const now = Date.now();
  let next = Infinity;
  for (const one of shown) {
    if (one.element.isConnected) next = Math.min(next, changesEvery(one.draw(now)));
    else if (one.wasThere) shown.delete(one);
    one.wasThere ||= one.element.isConnected;
  }
  if (shown.size) timer = setTimeout(tick, Math.min(next, 30) * 1_000);
}

/** Returns `{ element, update(message) }`. */
export function createRemaining() {
  const left = h("span", { "aria-hidden": "true" });
  const words = h("span", { class: "sr" });
  const element = h("span", { class: "remaining", "aria-live": "off", hidden: true }, icon("timer"), left, words);
  let endsAt = null;
  const self = {
    element,
    wasThere: false,
    draw(now) {
      const seconds = Math.max(0, (endsAt - now) / 1_000);
      setText(left, inShort(seconds));
      return seconds;
    },
  };
  return {
    element,
    update({ timer: seconds = 0, ends_at: at = null }) {
      hide(element, !seconds);
      if (!seconds) return;
      endsAt = at;
      const said =
        at === null
          ? say("timer.waits", { time: inWords(seconds) })
          : say("timer.until", { when: inSentence(at, Date.now(), currentLocale()) });
      setText(words, said);
      setProps(element, { title: said, "data-running": at !== null });
      if (at === null) {
        shown.delete(self);
        return setText(left, inShort(seconds));
      }
      self.draw(Date.now());
      shown.add(self);
      clearTimeout(timer);
      timer = setTimeout(tick);
    },
  };
}
