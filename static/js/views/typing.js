/** Who is typing: in words for the head and the column, and once, quietly, for a screen reader. */

import { isGroup, memberName } from "../groups.js";
import { h, setText } from "../h.js";
import { nameOf } from "../lists.js";
import { say } from "../words.js";

const AGAIN_AFTER = 60_000; // ms; who types on and off is told of once in a while

/** For the head and the column, where a direct chat has its name already; "" when nobody is. */
export function tellTyping(state, chat) {
  const isOne = !isGroup(state, chat) && state.typing[chat]?.length;
  return isOne ? say("typing.direct") : nameTyping(state, chat);
}

function nameTyping(state, chat) {
  const people = state.typing[chat] ?? [];
  const names = people.map(({ address, name }) =>
    isGroup(state, chat) ? memberName(state, chat, address, name) : nameOf(state, address),
  );
  if (!names.length) return "";
  if (names.length > 2) return say("typing.many");
  const [name, other] = names;
  return other ? say("typing.two", { name, other }) : say("typing.one", { name });
}

export function createTypingNews(store) {
  const root = h("p", { class: "sr", role: "status", "data-typing-news": true });
  const told = new Map(); // chat and words -> when
  store.watch(
    ({ selected, typing }) => [selected, typing[selected]],
    (selected) => {
      const words = nameTyping(store.state, selected);
      const what = `${selected} ${words}`;
      const isNews = words && Date.now() - (told.get(what) ?? 0) > AGAIN_AFTER;
      if (isNews) told.set(what, Date.now());
      setText(root, isNews ? words : "");
    },
  );
  return root;
}
