/** The reactions to a message: each emoji once, with how many, mine pressed; a click is mine. */

import { reactionsTo } from "../emoji.js";
import { isGroup, memberName } from "../groups.js";
import { createList, h, hide, setProps, setText } from "../h.js";
import { nameOf } from "../lists.js";
import { currentLocale, say } from "../words.js";

/** Who: we ourselves first, then the others by the names they have here. */
function namesIn(state, chat, { own, people }) {
  const me = state.me?.address;
  const others = people
    .filter(({ address }) => address !== me)
    .map(({ address, name }) =>
      isGroup(state, chat) ? memberName(state, chat, address, name) : nameOf(state, address),
    );
  return own ? [say("member.you"), ...others] : others;
}

const listed = (names) => new Intl.ListFormat(currentLocale()).format(names);

/** `react(emoji)` is called with what was clicked. A screen reader is not told of each. */
export function createReactions(store, react) {
  const element = h("ul", { class: "reactions", "aria-live": "off", hidden: true });
  let chat = null;
  const draw = createList(element, ({ key: emoji }) => {
    const count = h("span", { class: "reaction-count" });
    const chip = h(
      "button",
      { type: "button", class: "reaction", tabindex: "-1", onclick: () => react(emoji) },
      h("bdi", { "aria-hidden": "true" }, emoji),
      count,
    );
    return {
      element: h("li", {}, chip),
      update(reaction) {
        const names = listed(namesIn(store.state, chat, reaction));
        setText(count, reaction.people.length > 1 ? String(reaction.people.length) : "");
        setProps(chip, {
          "aria-pressed": String(reaction.own),
          "aria-label": say("reaction.by", { emoji, names }),
          title: names,
          "data-reaction": emoji,
        });
      },
    };
  });
  return {
    element,
    update(where, message) {
      chat = where;
      const reactions = reactionsTo(message);
      draw(reactions.map((reaction) => ({ key: reaction.emoji, ...reaction })));
      hide(element, !reactions.length);
    },
  };
}

/** `{ emoji, names }` of each, for a list of who reacted how. */
export const whoReacted = (state, chat, message) =>
  reactionsTo(message).map((reaction) => ({ emoji: reaction.emoji, names: namesIn(state, chat, reaction) }));
