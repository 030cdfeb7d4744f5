/**
 * What stands before the chats: who is not let in is told how to come in, and who comes for the
 * first time is asked for a name. And what stands above them: the program is stopped, notices.
 */

import { button, createList, h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { explain, isSaid, say } from "../words.js";
import { createReach } from "./reach.js";
import { createRestore, createRestoredBanner } from "./restore.js";

const LONGEST_NAME = 64;

export function createDoor(store, actions) {
  const title = h("h1");
  const text = h("p", { class: "lead" });
  const closed = h(
    "section",
    { class: "card" },
    h("span", { class: "sign" }, icon("lock")),
    title,
    text,
  );
  const first = createFirstRun(store, actions);
  const root = h("main", { class: "door" }, closed, first);

  store.watch(["link", "me"], (link, me) => {
    const isErased = link === "erased";
    const isLost = ["none", "used", "expired", "stopped", "crowded"].includes(link);
    const shut = isErased || (isLost && !me);
    hide(closed, !shut);
    hide(first, !me || me.name || isErased);
    if (!shut) return;
    setText(title, say(`door.${link}.title`));
    setText(text, say(`door.${link}.text`));
  });
  return root;
}

function createFirstRun(store, actions) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const field = h("input", {
    id: "first-name",
    class: "field",
    maxlength: LONGEST_NAME,
    autocomplete: "name",
    spellcheck: "false",
    required: true,
    dir: "auto",
  });
  const form = h(
    "form",
    { class: "stack", onsubmit: submit },
    h("label", { for: "first-name" }, say("first.question")),
    field,
    h("button", { class: "button primary" }, say("first.go")),
    trouble,
  );
  async function submit(event) {
    event.preventDefault();
    if (!field.value.trim()) return field.focus();
    try {
      await actions.setName(field.value.trim());
    } catch (error) {
      setText(trouble, explain(error));
    }
  }
  const root = h(
    "section",
    { class: "card" },
    h("span", { class: "mark", "aria-hidden": "true" }),
    h("h1", {}, say("first.title")),
    form,
    h("p", { class: "hint" }, say("first.kept")),
    createRestore(actions),
    createReach(store, "first.reach"),
  );
  store.watch(
    ({ me }) => [Boolean(me && !me.name)],
    (asked) => asked && setTimeout(() => field.focus()),
  );
  return root;
}

/** Losing the program for a moment (it drops a slow tab) is not worth a word. */
export function createBanner(store, actions) {
  const text = h("p", {});
  const link = h("div", { class: "banner", role: "alert", hidden: true }, icon("plug"), text);
  const notices = h("div", { class: "notices", role: "status" });
  const draw = createList(notices, (notice) => {
    const words = h("p", {});
    const close = button(
      "bare",
      () => actions.closeNotice(notice.key),
      { "aria-label": say("close") },
      icon("close"),
    );
    return {
      element: h(
        "div",
        { class: "notice", "data-notice": notice.code },
        icon("alert"),
        words,
        close,
      ),
      update: (now) =>
        setText(
          words,
          isSaid(`notice.${now.code}`) ? say(`notice.${now.code}`, now.values) : explain(now),
        ),
    };
  });

  store.watch(
    (state) => [state.link, Boolean(state.me)],
    (state, known) => {
      const shown = known && ["stopped", "expired", "crowded"].includes(state);
      setProps(link, { hidden: !shown, "data-banner": shown ? state : null });
      setText(text, shown ? `${say(`door.${state}.title`)}. ${say(`door.${state}.text`)}` : "");
    },
  );
  store.watch(({ notices: list }) => [list], draw);
  return h("div", { class: "banners" }, link, createRestoredBanner(store, actions), notices);
}
