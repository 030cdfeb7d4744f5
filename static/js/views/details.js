/** About one person: who they are, whether it is really them, what I call them, good-bye. */

import { bdi, h, setChildren, setProps, setText } from "../h.js";
import { createFace } from "../faces.js";
import { inGroups, nameOf, presence } from "../lists.js";
import { currentLocale, explain, isSaid, phrase, say } from "../words.js";
import { confirm } from "./dialog.js";
import { createCopy } from "./reach.js";
import { createSafety } from "./safety.js";

const LONGEST_NAME = 64;

export function createDetails(store, actions) {
  const face = createFace("large");
  const name = h("bdi");
  const calls = h("p", { class: "hint" });
  const status = h("p", { class: "hint" });
  const reason = h("p", { class: "hint" });
  const safety = createSafety(store, actions);
  const address = h("code", { class: "key", translate: "no" });
  const hosts = h("p", { class: "hint" });
  const rename = createRename(store, actions);
  const block = h("button", { type: "button", class: "button wide", "data-act": "block", onclick: toggleBlock });
  const forget = h("button", { type: "button", class: "button wide danger-text", "data-act": "forget", onclick: goodbye }, say("details.forget"));
  const naming = h("section", { class: "block" }, h("h3", {}, say("details.rename")), rename.element);
  const parting = h("section", { class: "block" }, block, forget);
  const root = h(
    "div",
    { class: "panel-part" },
    h("div", { class: "portrait" }, face.element, h("p", { class: "portrait-name" }, name), calls, status, reason),
    safety,
    naming,
    h(
      "section",
      { class: "block" },
      h("h3", {}, say("details.address")),
      h("p", { class: "hint" }, say("details.address.text")),
      address,
      h("div", { class: "buttons" }, createCopy(() => store.state.selected, say("copy.address"))),
      hosts,
    ),
    parting,
  );

  const who = () => store.state.selected;

  async function toggleBlock() {
    const { blocked } = store.state.people[who()];
    const shown = nameOf(store.state, who());
    if (!blocked) {
      const text = say("details.block.text", { name: shown });
      const sure = await confirm({ title: say("details.block.title", { name: shown }), text, act: say("details.block") });
      if (!sure) return;
    }
    await actions.changePerson(who(), { blocked: !blocked }).catch(actions.tell);
  }

  async function goodbye() {
    const chat = who();
    const shown = nameOf(store.state, chat);
    const sure = await confirm({
      title: say("details.forget.title", { name: shown }),
      text: say("details.forget.text", { name: shown }),
      check: say("details.forget.history"),
      act: say("details.forget"),
    });
    if (sure) await actions.forget(chat, sure.checked).catch(actions.tell);
  }

  store.watch(
    ({ selected, people, panel, now }) => [selected, people[selected], panel, now],
    (selected, person, panel, now) => {
      if (panel !== "details" || !selected) return;
      const shown = nameOf(store.state, selected);
      const { dot, key, values } = presence(store.state, selected, now, currentLocale());
      face.update(selected, shown, dot);
      setText(name, shown);
      const renamed = person?.own_name && person.own_name !== shown;
      setChildren(calls, renamed ? phrase("details.calls", { name: bdi(person.own_name) }) : []);
      // The countdown is the header's; here stands why it is needed.
      setText(status, say(key === "presence.retry" ? "presence.reconnecting" : key, values));
      const why = person && !person.online && isSaid(`reason.${person.reason}`);
      setText(reason, why ? say(`reason.${person.reason}`) : "");
      setText(address, inGroups(selected, 7));
      setText(hosts, person?.hosts?.length ? say("details.hosts", { hosts: person.hosts.join(", ") }) : "");
      rename.update(selected, person);
      setText(block, say(person?.blocked ? "details.unblock" : "details.block"));
      for (const part of [naming, parting]) setProps(part, { hidden: !person });
    },
  );
  return root;
}

function createRename(store, actions) {
  const field = h("input", { class: "field", maxlength: LONGEST_NAME, dir: "auto", autocomplete: "off", "aria-label": say("details.rename"), "data-rename": true });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const element = h("form", { class: "inline", onsubmit: submit }, field, h("button", { class: "button" }, say("save")), trouble);
  let shown = "";

  async function submit(event) {
    event.preventDefault();
    setText(trouble, "");
    try {
      await actions.changePerson(store.state.selected, { name: field.value.trim() });
      shown = "";
    } catch (error) {
      setText(trouble, explain(error));
    }
  }

  return {
    element,
    /** What is being typed is left alone by events that arrive meanwhile. */
    update(selected, person) {
      const now = `${selected} ${person?.alias ?? ""}`;
      if (now === shown) return;
      shown = now;
      field.value = person?.alias ?? "";
      setProps(field, { placeholder: person?.own_name || nameOf(store.state, selected) });
    },
  };
}
