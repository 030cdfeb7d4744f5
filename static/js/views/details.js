/** About one person: who they are, whether it is really them, what I call them, good-bye. */

import { bdi, button, h, hide, setChildren, setProps, setText } from "../h.js";
import { inSentence } from "../dates.js";
import { createFace } from "../faces.js";
import { isGroup } from "../groups.js";
import { inGroups, nameOf, presence } from "../lists.js";
import { currentLocale, isSaid, phrase, say } from "../words.js";
import { plainName } from "../names.js";
import { createCautions } from "./cautions.js";
import { confirm } from "./dialog.js";
import { createKeep } from "./keep.js";
import { createNameForm, part } from "./parts.js";
import { createCopy } from "./reach.js";
import { createSafety } from "./safety.js";
import { createTimer } from "./timer.js";

/** The countdown is the header's; here stands since when they are gone, and below it why. */
function standing(person, key, values, now) {
  if (key !== "presence.retry" && key !== "presence.reconnecting") return say(key, values);
  if (!person.last_seen_at) return say("presence.reconnecting");
  return say("presence.since", { when: inSentence(person.last_seen_at, now, currentLocale()) });
}

export function createDetails(store, actions) {
  const face = createFace("large");
  const name = h("bdi");
  const [calls, status, reason, hosts] = Array.from({ length: 4 }, () => h("p", { class: "hint" }));
  const cautions = createCautions();
  const address = h("code", { class: "key", translate: "no" });
  const block = button("wide", toggleBlock, { "data-act": "block" });
  const forget = button(
    "wide danger-text",
    goodbye,
    { "data-act": "forget" },
    say("details.forget"),
  );
  const alias = createNameForm("details.rename", rename, { "data-rename": true });
  const naming = part("details.rename", alias.form);
  const parting = part("", block, forget);
  const title = h("p", { class: "portrait-name" }, name);
  const root = h(
    "div",
    { class: "panel-part" },
    h("div", { class: "portrait" }, face.element, title, calls, status, reason),
    cautions.element,
    createSafety(store, actions),
    naming,
    createTimer(store, actions, "timer-person"),
    part(
      "details.address",
      h("p", { class: "hint" }, say("details.address.text")),
      address,
      h("div", { class: "buttons" }, createCopy(who, say("copy.address"))),
      hosts,
    ),
    createKeep(store, actions),
    parting,
  );
  let named = ""; // for whom, and what, the field was filled

  function who() {
    return store.state.selected;
  }

  async function rename(wanted) {
    await actions.changePerson(who(), { name: wanted });
    named = "";
  }

  /** What is being typed is left alone by events that arrive meanwhile. */
  function fillAlias(selected, person) {
    const now = `${selected} ${person?.alias ?? ""}`;
    if (now === named) return;
    named = now;
    alias.field.value = person?.alias ?? "";
    setProps(alias.field, { placeholder: person?.own_name || nameOf(store.state, selected) });
  }

  async function toggleBlock() {
    const { blocked } = store.state.people[who()];
    const shown = nameOf(store.state, who());
    if (!blocked) {
      const sure = await confirm({
        title: say("details.block.title", { name: shown }),
        text: say("details.block.text", { name: shown }),
        act: say("details.block"),
      });
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
      if (panel !== "details" || !selected || isGroup(store.state, selected)) return;
      const shown = nameOf(store.state, selected);
      const { dot, key, values } = presence(store.state, selected, now, currentLocale());
      face.update(selected, shown, dot);
      setText(name, shown);
      const own = plainName(person?.own_name ?? "");
      setChildren(calls, own && own !== shown ? phrase("details.calls", { name: bdi(own) }) : []);
      cautions.update(person?.warnings);
      setText(status, standing(person, key, values, now));
      const why = person && !person.online && isSaid(`reason.${person.reason}`);
      setText(reason, why ? say(`reason.${person.reason}`) : "");
      setText(address, inGroups(selected, 7));
      setText(
        hosts,
        person?.hosts?.length ? say("details.hosts", { hosts: person.hosts.join(", ") }) : "",
      );
      fillAlias(selected, person);
      setText(block, say(person?.blocked ? "details.unblock" : "details.block"));
      hide(naming, !person || person.relation === "none");
      hide(parting, !person);
      // A stranger on this network is nobody to forget.
      hide(forget, person?.relation === "none" && !store.state.chats[selected]);
    },
  );
  return root;
}
