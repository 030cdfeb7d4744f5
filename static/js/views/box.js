/**
 * One box for finding and for reaching: typing filters the lists and is looked for in messages, an
 * address connects.
 *
 *     192.168.1.7:6000 ─ Enter ─> "Connecting to ..." ─> the chat, or what went wrong in words
 */

import { button, h, hide, setChildren, setProps } from "../h.js";
import { icon } from "../icons.js";
import { asTarget, sections } from "../lists.js";
import { shortAddress } from "../names.js";
import { explainTarget } from "../targets.js";
import { phrase, say } from "../words.js";

// What the connection check can say more about.
const UNREACHED = new Set(["refused", "timeout", "unreachable"]);

/** How a target is shown: an invite is long and holds a pass, its beginning is enough. */
const shown = (target) =>
  target.length > 44 ? `${shortAddress(target.replace(/^p2pchat:/i, ""))}…` : target;

export function createBox(store, actions) {
  const field = h("input", {
    type: "search",
    class: "field",
    "data-box": true,
    "aria-label": say("box.label"),
    placeholder: say("box.hint"),
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    enterkeyhint: "go",
    oninput: () => actions.search(field.value),
    onkeydown: toList,
  });
  const go = h("button", { class: "go", hidden: true });
  const status = h("div", { class: "box-status", role: "status" });
  const form = h(
    "form",
    { class: "box", role: "search", "aria-label": say("box.label"), onsubmit: submit },
    h("span", { class: "box-field" }, icon("search"), field),
    go,
    status,
  );

  function submit(event) {
    event.preventDefault();
    const target = asTarget(field.value);
    if (target) return void actions.connect(target);
    const { chats, people, nearby } = sections(store.state);
    const [found] = field.value.trim() ? [...chats, ...people, ...nearby] : [];
    const [hit] = store.state.found?.hits ?? [];
    if (found) {
      actions.search("");
      actions.openChat(found.key);
    } else if (hit) actions.jumpTo(hit.chat, hit.id);
  }

  function toList(event) {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    form.parentElement.querySelector("[data-row] button, [data-hit] button")?.focus();
  }

  store.watch(["query", "connecting"], (query, connecting) => {
    if (field.value !== query) field.value = query;
    const target = asTarget(query);
    hide(go, !target || (connecting && !connecting.error));
    setChildren(
      go,
      target ? [icon("plug"), h("span", {}, phrase("box.connect", { target: shown(target) }))] : [],
    );
    setProps(status, {
      "data-connect": connecting ? (connecting.error?.code ?? "running") : null,
    });
    setChildren(status, connecting ? news(connecting) : []);
  });

  function news({ target, error }) {
    if (!error) {
      const words = h("p", {}, phrase("box.connecting", { target: shown(target) }));
      return [words, h("span", { class: "running", "aria-hidden": "true" })];
    }
    const title = say("box.failed", { target: shown(target) });
    const why = button(
      "link",
      () => actions.openCheck(target),
      { "data-act": "why" },
      say("around.why"),
    );
    return [
      h("p", { class: "box-failed" }, title),
      h("p", {}, explainTarget(error, shown(target))),
      UNREACHED.has(error.code) && why,
    ];
  }

  return form;
}
