/**
 * Doing something with a message: the rows as one stop for the keyboard, the small bar beside the
 * bubble that is pointed at, the menu, the picker.
 *
 *     Up, Down      from message to message          Enter, Menu   the menu
 *     Right, Left   what can be pressed in it        R, E, Delete  reply, edit, delete
 *
 * Bar, menu and picker stand outside of the log: within it, a screen reader would be told of each.
 */

import { button, h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { say } from "../words.js";
import { choicesOf, createActs, createMenu } from "./menu.js";

const LONG_PRESS = 450; // ms
const SLIP = 10; // px a finger may move meanwhile
const MOMENT = 2_000; // ms
const KEYS = { r: "reply", e: "edit", Delete: "delete" };
const INSIDE = "button, a, [tabindex]";

/** Returns `{ element, touch() }`; touch() is to be called whenever rows were drawn. */
export function createTools(store, actions, list) {
  let held = null; // the row that is pointed at, or has the focus
  let stop = null; // the row that Tab leads to
  let focused = null; // the row where the focus was last
  let order = [];
  let press = null;

  let picker = null; // nobody reacts first: it is fetched when it is needed
  const acts = createActs(store, actions, react, flash);
  const menu = createMenu(store, acts);
  const tool = (key, act) =>
    button("bare", act, { tabindex: "-1", "data-tool": key, title: say(`menu.${key}`), "aria-label": say(`menu.${key}`) }, icon(key));
  const bar = h(
    "div",
    { class: "tools", role: "group", "aria-label": say("menu.label"), hidden: true },
    tool("react", () => acts.react(messageOf(held))),
    tool("reply", () => acts.reply(messageOf(held))),
    tool("more", () => openMenu(held)),
  );
  const flashed = h("p", { class: "flash", role: "status" });
  const element = h("div", { class: "tools-frame" }, bar, menu.element, flashed);

  async function react(message) {
    const { createPicker } = await import("./picker.js").catch(() => ({}));
    if (!createPicker) return actions.tell({ code: "stopped" });
    if (!picker) element.append((picker = createPicker(actions)).element);
    picker.open(message, rowOf(message));
  }

  const isBusy = () => menu.isOpen() || Boolean(picker?.isOpen());

  let flashTimer = 0;
  function flash(key) {
    setText(flashed, say(key));
    clearTimeout(flashTimer);
    flashTimer = setTimeout(setText, MOMENT, flashed, "");
  }

  const rows = () => [...list.querySelectorAll("li.message")];
  const rowAt = (target) => target?.closest?.("li.message");
  const rowOf = ({ id }) => rows().find((row) => row.dataset.message === id);

  function messageOf(row) {
    const id = row?.dataset.message;
    return id ? actions.messageOf(store.state.selected, id) : undefined;
  }

  function hold(row) {
    if (row !== held) setProps(held ?? list, { "data-held": null });
    held = row;
    const message = messageOf(row);
    const choices = message ? choicesOf(store.state, message) : [];
    hide(bar, !choices.length);
    if (!choices.length) return;
    setProps(row, { "data-held": true });
    setProps(bar, { "data-own": message.own });
    for (const key of ["react", "reply"])
      hide(bar.querySelector(`[data-tool="${key}"]`), !choices.includes(key));
  }

  function openMenu(row) {
    const message = messageOf(row);
    if (!message) return;
    hold(row);
    menu.open(message, row);
  }

  function walk(event, row) {
    const { key, target } = event;
    const by = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
    if (key === "ArrowUp" || key === "ArrowDown") {
      const all = rows();
      const next = all[all.indexOf(row) + by];
      next?.focus();
      return Boolean(next);
    }
    if (target.matches("pre")) return false; // it is scrolled by them
    const inside = [...row.querySelectorAll(INSIDE), ...bar.children];
    const stops = [row, ...inside.filter((each) => each.checkVisibility())];
    const at = stops.indexOf(bar.contains(target) ? target.closest(INSIDE) : target.closest(INSIDE) ?? row);
    stops[Math.max(0, at + by)]?.focus();
    return true;
  }

  function pressed(event) {
    const row = bar.contains(event.target) ? held : rowAt(event.target);
    if (!row || event.defaultPrevented) return;
    const isMenu = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
    const isOnRow = event.target === row;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isMenu || (isOnRow && event.key === "Enter")) openMenu(row);
    else if (isOnRow && isPlain && KEYS[event.key] && row.matches(":focus-visible")) {
      const message = messageOf(row);
      const choice = KEYS[event.key];
      if (!message || !choicesOf(store.state, message).includes(choice)) return;
      acts[choice](message);
    } else if (event.key === "Escape" && !isOnRow) row.focus();
    else if (!walk(event, row)) return;
    event.preventDefault();
    event.stopPropagation();
  }
  list.addEventListener("keydown", pressed);
  bar.addEventListener("keydown", pressed);

  list.addEventListener("focusin", ({ target }) => {
    const row = rowAt(target);
    if (!row) return;
    stop = row;
    touch();
    hold(row);
  });
  document.addEventListener("focusin", ({ target }) => {
    const isHere = list.contains(target) || element.contains(target);
    focused = isHere ? (rowAt(target) ?? focused) : null;
    if (!isHere && !isBusy()) hold(null);
  });

  list.addEventListener("pointerover", ({ target, pointerType }) => {
    const row = rowAt(target);
    if (row && pointerType === "mouse" && !isBusy()) hold(row);
  });
  for (const each of [list, bar])
    each.addEventListener("pointerleave", ({ relatedTarget }) => {
      if (bar.contains(relatedTarget) || list.contains(relatedTarget)) return;
      if (!isBusy()) hold(rowAt(document.activeElement) ?? null);
    });

  // A finger: held down on a message, or tapped on its time.
  list.addEventListener("pointerdown", ({ target, pointerType, clientX, clientY }) => {
    cancel();
    if (pointerType === "mouse" || !rowAt(target)) return;
    const timer = setTimeout(() => {
      press = null;
      openMenu(rowAt(target));
      // Lifting the finger is a click on whatever is below it now, which may be the menu.
      document.addEventListener("click", swallow, true);
      document.addEventListener("pointerdown", forgive, true);
    }, LONG_PRESS);
    press = { timer, clientX, clientY };
  });
  function swallow(event) {
    event.preventDefault();
    event.stopPropagation();
    forgive();
  }
  function forgive() {
    document.removeEventListener("click", swallow, true);
    document.removeEventListener("pointerdown", forgive, true);
  }
  function cancel() {
    clearTimeout(press?.timer);
    press = null;
  }
  list.addEventListener("pointermove", ({ clientX, clientY }) => {
    const by = press && Math.hypot(clientX - press.clientX, clientY - press.clientY);
    if (by > SLIP) cancel();
  });
  for (const name of ["pointerup", "pointercancel"]) list.addEventListener(name, cancel);
  list.addEventListener("contextmenu", (event) => {
    if (event.pointerType === "touch" && rowAt(event.target)) event.preventDefault();
  });
  list.addEventListener("click", ({ target, pointerType }) => {
    const isTime = target.closest("[data-meta]") && !target.closest("button");
    if (isTime && pointerType === "touch") openMenu(rowAt(target));
  });

  /** One stop for Tab; whoever's message went away from under them is at the next one. */
  function touch() {
    const all = rows();
    const isLost = focused && !focused.isConnected && document.activeElement === document.body;
    if (isLost || (stop && !stop.isConnected)) {
      const at = order.indexOf(isLost ? focused : stop);
      const near = order.slice(at + 1).find((row) => row.isConnected);
      stop = near ?? order.slice(0, Math.max(at, 0)).findLast((row) => row.isConnected) ?? null;
      if (isLost) {
        focused = null;
        stop?.focus({ preventScroll: true });
      }
    }
    // Until somebody was in it, the log is entered at its end.
    const here = stop?.contains(document.activeElement) ? stop : (focused ?? all.at(-1));
    for (const row of all) {
      const index = row === here ? 0 : -1;
      if (row.tabIndex !== index) row.tabIndex = index;
    }
    order = all;
    if (held && !held.isConnected) hold(null);
    else if (held) hold(held);
  }
  return { element, touch };
}
