/**
 * What concerns the whole page, above everything: the program is stopped, and notices.
 *
 * Losing the program for a moment (it closes a slow tab, it restarts) is not worth a word.
 */

import { createList, h, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { explain, isSaid, say } from "../words.js";

export function createBanner(store, actions) {
  const text = h("p", {});
  const link = h("div", { class: "banner", role: "alert", hidden: true }, icon("plug"), text);
  const notices = h("div", { class: "notices", role: "status" });
  const draw = createList(notices, (notice) => {
    const words = h("p", {});
    const close = h(
      "button",
      { type: "button", class: "button bare", "aria-label": say("close"), onclick: () => actions.closeNotice(notice.key) },
      icon("close"),
    );
    return {
      element: h("div", { class: "notice", "data-notice": notice.code }, icon("alert"), words, close),
      update: (now) => setText(words, isSaid(`notice.${now.code}`) ? say(`notice.${now.code}`) : explain(now)),
    };
  });

  store.watch(
    (state) => [state.link, Boolean(state.me)],
    (state, known) => {
      const shown = known && ["stopped", "expired", "crowded"].includes(state);
      setProps(link, { hidden: !shown, "data-banner": shown ? state : null });
      setText(text, shown ? say(`banner.${state}`) : "");
    },
  );
  store.watch(({ notices: list }) => [list], draw);
  return h("div", { class: "banners" }, link, notices);
}
