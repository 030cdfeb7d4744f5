/** About a group: whether all of it is here, who is in it, its name, quiet, and good-bye. */

import { createFace } from "../faces.js";
import { isMuted, mayManage, memberName } from "../groups.js";
import { bdi, button, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { nameOf } from "../lists.js";
import { phrase, say } from "../words.js";
import { confirm } from "./dialog.js";
import { createKeep } from "./keep.js";
import { createMembers } from "./members.js";
import { createNameForm, part } from "./parts.js";
import { tellGroup, tellMissing } from "./telling.js";
import { createTimer } from "./timer.js";

export function createGroupDetails(store, actions) {
  const face = createFace("large");
  const name = h("bdi");
  const status = h("p", { class: "hint" });
  const maker = h("p", { class: "hint" });
  const whole = createWhole(store);
  const naming = createNameForm("group.name", (wanted) => change({ name: wanted }), {
    "data-rename-group": true,
    required: true,
  });
  const rename = part("group.name", naming.form);
  const mute = button("wide", toggleMute, { "data-act": "mute" });
  const leave = button("wide danger-text", goodbye, { "data-act": "leave" }, say("group.leave"));
  const remove = button("wide danger-text", clear, { "data-act": "delete-group" }, say("group.delete"));
  const again = createAgain(store, actions);
  const root = h(
    "div",
    { class: "panel-part" },
    h(
      "div",
      { class: "portrait" },
      face.element,
      h("p", { class: "portrait-name" }, name),
      status,
      maker,
    ),
    whole,
    createMembers(store, actions),
    rename,
    createTimer(store, actions, "timer-group"),
    part("", mute, h("p", { class: "hint" }, say("group.mute.text"))),
    createKeep(store, actions),
    again,
    part("", leave, remove),
  );
  let named = ""; // for which group, and what, the field was filled

  const who = () => store.state.selected;
  const change = (changes) => actions.changeGroup(who(), changes);

  function toggleMute() {
    change({ muted: !isMuted(store.state, who()) }).catch(actions.tell);
  }

  async function goodbye() {
    const chat = who();
    const sure = await confirm({
      title: say("group.leave.title", { name: nameOf(store.state, chat) }),
      text: say("group.leave.text"),
      act: say("group.leave"),
    });
    if (sure) await actions.changeGroup(chat, { leave: true }).catch(actions.tell);
  }

  async function clear() {
    const chat = who();
    const sure = await confirm({
      title: say("group.delete.title", { name: nameOf(store.state, chat) }),
      text: say("group.delete.text"),
      act: say("group.delete"),
    });
    if (sure) await actions.deleteGroup(chat).catch(actions.tell);
  }

  store.watch(
    ({ selected, groups, people, panel, link }) => [selected, groups[selected], people, panel, link],
    (selected, group, _people, panel) => {
      if (panel !== "details" || !group) return;
      const shown = nameOf(store.state, selected);
      const { creator } = group;
      face.update(selected, shown, "", true);
      setText(name, shown);
      setText(status, tellGroup(store.state, group));
      const by = bdi(memberName(store.state, selected, creator));
      const own = creator === store.state.me?.address;
      setChildren(maker, own ? [say("group.made.you")] : phrase("group.made", { name: by }));
      const isIn = group.standing === "member";
      setProps(root, { "data-standing": group.standing });
      hide(rename, !mayManage(group));
      if (named !== `${selected} ${group.name}`) naming.field.value = group.name;
      named = `${selected} ${group.name}`;
      setText(mute, say(group.muted ? "group.unmute" : "group.mute"));
      hide(mute.parentElement, !isIn);
      hide(leave, !isIn);
      hide(remove, isIn);
    },
  );
  return root;
}

/** Whether all that was written is here, and if not, what is missing and who has it. */
function createWhole(store) {
  const sign = h("span", { class: "finding-sign" });
  const words = h("div", { class: "stack" });
  const root = h("section", { class: "block whole" }, sign, words);
  store.watch(
    ({ selected, groups, people }) => [selected, groups[selected], people],
    (selected, group) => {
      hide(root, group?.standing !== "member");
      if (!group) return;
      const { complete, missing } = group;
      const isWhole = complete && !missing.length;
      setProps(root, { "data-complete": isWhole });
      setChildren(sign, [icon(isWhole ? "check" : "info")]);
      const told = missing.map((one) => h("p", {}, tellMissing(store.state, selected, one)));
      const hint = h("p", { class: "hint" }, say("group.missing.hint"));
      if (isWhole) setChildren(words, [h("p", {}, say("group.complete"))]);
      else if (told.length) setChildren(words, [...told, hint]);
      else setChildren(words, [h("p", {}, say("group.incomplete")), hint]);
    },
  );
  return root;
}

/** Everybody but us and whoever made it. */
const othersIn = ({ members, creator }) =>
  members.filter(({ own, address }) => !own && address !== creator).map(({ address }) => address);

/** Nobody can remove whoever made a group: without their key the others begin anew. */
function createAgain(store, actions) {
  const title = h("span");
  const text = h("p", { class: "hint" });
  const root = h(
    "details",
    { class: "block fold", "data-fold": "again" },
    h("summary", {}, title),
    text,
    button("wide", start, { "data-act": "again" }, say("group.again.go")),
  );

  let chat = null;

  const maker = () => memberName(store.state, chat, store.state.groups[chat].creator);

  async function start() {
    const group = store.state.groups[chat];
    const sure = await confirm({
      title: say("group.again.title", { name: maker() }),
      text: say("group.again.sure", { name: maker() }),
      act: say("group.again.go"),
      kind: "primary",
    });
    if (!sure) return;
    await actions.makeGroup(group.name, othersIn(group)).catch(actions.tell);
  }

  store.watch(
    ({ selected, groups, people, me }) => [selected, groups[selected], people, me],
    (selected, group, _people, me) => {
      if (selected !== chat) root.open = false;
      chat = selected;
      const isOurs = group?.creator === me?.address;
      hide(root, group?.standing !== "member" || isOurs || !othersIn(group).length);
      if (root.hidden) return;
      setChildren(title, phrase("group.again", { name: bdi(maker()) }));
      setChildren(text, phrase("group.again.text", { name: bdi(maker()) }));
    },
  );
  return root;
}
