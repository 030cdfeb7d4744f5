/** Above the field: what is being answered, or that a message is being changed; and how to stop. */

import { button, h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { say } from "../words.js";
import { createQuote, whoSaid } from "./quote.js";

/** `stop()` is called when it is dropped. */
export function createAbove(store, stop) {
  const quote = createQuote(store, "div", {});
  const sign = h("span", { class: "above-sign" });
  const words = h("span", { class: "above-words" });
  const drop = button("bare", stop, { "data-act": "drop" }, icon("close"));
  const element = h("div", { class: "above", hidden: true }, sign, words, quote.element, drop);

  store.watch(
    ({ selected, replies, edits, people, groups }) => [
      selected,
      replies[selected],
      edits[selected],
      people,
      groups[selected],
    ],
    (selected, reply, edit) => {
      hide(element, !reply && !edit);
      if (element.hidden) return;
      const label = say(edit ? "edit.cancel" : "reply.cancel");
      setProps(drop, { "aria-label": label, title: label });
      setProps(element, { "data-above": edit ? "edit" : "reply" });
      sign.replaceChildren(icon(edit ? "edit" : "reply"));
      hide(words, !edit);
      setText(words, edit ? say("edit.bar") : "");
      hide(quote.element, Boolean(edit));
      if (edit) return;
      quote.update(selected, reply);
      const name = whoSaid(store.state, selected, reply);
      setProps(element, { role: "group", "aria-label": say("reply.to", { name }) });
    },
  );
  return element;
}
