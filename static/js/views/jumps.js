/**
 * The two buttons over the messages: up to the first unread one, until it was seen; and down to the
 * newest, with how much is new there. After a jump the second one is also the way back.
 */

import { h, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { say } from "../words.js";

const button = (name, act, ...children) =>
  h("button", { type: "button", class: `jump jump-${name}`, hidden: true, onclick: act }, children);

export function createJumps({ toEnd, toUnread }) {
  const count = h("span");
  const end = button("end", toEnd, count, icon("down"));
  const unread = button("unread", toUnread, h("span", {}, say("log.first_unread")), icon("up"));
  setProps(end, { "data-jump": true });
  setProps(unread, { "data-jump-unread": true });
  let seen = null; // the first unread message whose line was in view

  return {
    elements: [unread, end],

    /** `line`: where that line is: "seen", "above", or "" (further below, or nobody knows). */
    update({ following, news, divider, line }) {
      setProps(end, {
        hidden: following,
        "aria-label": news ? say("log.new", { n: news }) : say("log.end"),
      });
      setText(count, news ? say("log.new", { n: news }) : "");
      if (line === "seen") seen = divider;
      setProps(unread, { hidden: line !== "above" || divider === seen });
    },
  };
}
