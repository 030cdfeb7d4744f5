/** What can be done with one message, as a menu: by mouse, by long press, by keyboard. */

import { reactionsTo } from "../emoji.js";
import { isGroup } from "../groups.js";
import { h, setChildren } from "../h.js";
import { icon } from "../icons.js";
import { isStranger } from "../lists.js";
import { asWritten } from "../mentions.js";
import { say } from "../words.js";
import { ask } from "./dialog.js";
import { createPopup } from "./popup.js";

/** Nothing reaches the others from a chat that is closed, held or not begun. */
export function mayAct(state, chat) {
  if (isGroup(state, chat)) return state.groups[chat]?.standing === "member";
  const person = state.people[chat];
  return !isStranger(state, chat) && !person?.blocked && !person?.held;
}

export const mayEdit = (state, { chat, own, kind, id, forwarded }) =>
  Boolean(own && id && kind === "text" && !forwarded && mayAct(state, chat));

/** The keys of what can be done with it, in the order of the menu. */
export function choicesOf(state, message) {
  const { chat, own, kind, id, edited_at: edited, pinned } = message;
  if (!id || kind === "system") return [];
  const acts = mayAct(state, chat);
  const isText = kind === "text";
  return [
    acts && isText && "reply",
    acts && isText && "react",
    mayEdit(state, message) && "edit",
    isText && "copy",
    isText && "forward",
    acts && isText && (pinned ? "unpin" : "pin"),
    isText && edited && "versions",
    isText && reactionsTo(message).length && "reactions",
    own && isGroup(state, chat) && kind !== "deleted" && "seen",
    "delete",
  ].filter(Boolean);
}

async function askToDelete(store, actions, message) {
  const { own, kind, chat } = message;
  const all = own && kind !== "deleted" && mayAct(store.state, chat);
  const whom = await ask({
    title: say("delete.title"),
    choices: [
      { value: "me", label: say("delete.me"), text: say("delete.me.text"), kind: all ? "" : "danger" },
      all && {
        value: "everyone",
        label: say("delete.everyone"),
        text: say("delete.everyone.text"),
        kind: "danger",
      },
    ].filter(Boolean),
  });
  if (whom) await actions.removeMessage(message, whom);
}

const toField = () => document.querySelector("[data-composer]").focus();

/** What each does; `react(message)` opens the picker, `flash(key)` says something for a moment. */
export const createActs = (store, actions, react, flash) => ({
  reply(message) {
    actions.setEdit(message.chat, null);
    actions.reply(message.chat, message);
    toField();
  },
  react,
  edit({ chat, id, ...message }) {
    actions.setEdit(chat, { id, text: asWritten(message) });
    toField();
  },
  copy: (message) =>
    navigator.clipboard
      .writeText(asWritten(message))
      .then(() => flash("copied"))
      .catch(() => flash("copy.failed")),
  forward: actions.startForward,
  pin: (message) => actions.pin(message, true),
  unpin: (message) => actions.pin(message, false),
  versions: actions.openVersions,
  reactions: actions.openReactions,
  seen: ({ chat, id, text }) => actions.openSeen({ chat, id, text }),
  delete: (message) => askToDelete(store, actions, message),
});

const ICONS = { unpin: "pin", versions: "history", reactions: "react", seen: "eye", delete: "trash" };

/** Returns `{ element, open(message, row), close(), isOpen() }`. */
export function createMenu(store, acts) {
  const popup = createPopup({
    class: "popup menu",
    role: "menu",
    "aria-label": say("menu.label"),
    onkeydown: walk,
  });

  function walk(event) {
    const items = [...popup.element.children];
    const at = items.indexOf(document.activeElement);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: -1,
      Tab: null,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to === null) popup.close();
    else items.at(to % items.length).focus();
  }

  return {
    ...popup,
    open(message, row) {
      const items = choicesOf(store.state, message).map((key) =>
        h(
          "button",
          {
            type: "button",
            role: "menuitem",
            class: "menu-item",
            tabindex: "-1",
            "data-choice": key,
            onclick() {
              popup.close();
              row.focus({ preventScroll: true });
              acts[key](message);
            },
          },
          icon(ICONS[key] ?? key),
          say(`menu.${key}`),
        ),
      );
      if (!items.length) return;
      setChildren(popup.element, items);
      popup.open(row, items[0]);
    },
  };
}
