/**
 * The members of a group: who, in which role, made sure of or not, there or not. A click shows what
 * else is known of them, and what we may do; one at a time.
 */

import { createFace } from "../faces.js";
import { mayManage, memberName, membersOf } from "../groups.js";
import { bdi, button, createList, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { fold } from "../lists.js";
import { phrase, say } from "../words.js";
import { createBadge } from "./cautions.js";
import { confirm } from "./dialog.js";

const MANY = 12; // members, from where on they can be searched

export function createMembers(store, actions) {
  let open = null; // the address of whom the acts are shown
  const count = h("span", { class: "count" });
  const add = button("small", () => actions.showPanel("add"), { "data-act": "add-people" }, icon("invite"), say("group.add"));
  const search = h("input", {
    type: "search",
    class: "field",
    "aria-label": say("group.members.find"),
    placeholder: say("group.members.find"),
    autocomplete: "off",
    oninput: () => draw(),
  });
  const list = h("ul", { class: "members", "aria-label": say("group.members") });
  const title = h("h3", { tabindex: "-1" }, say("group.members"), " ", count);
  const root = h(
    "section",
    { class: "block" },
    h("div", { class: "block-head" }, title, add),
    search,
    list,
  );
  const rows = createList(list, (item) => createMember(item, store, actions, toggle));

  function toggle(key) {
    open = open === key ? null : key;
    draw();
  }

  function draw() {
    const { state } = store;
    const group = state.groups[state.selected];
    if (!group) return;
    const all = membersOf(state, state.selected);
    const wanted = all.length < MANY ? "" : fold(search.value.trim());
    const had = list.contains(document.activeElement);
    rows(
      all
        .filter(({ name }) => fold(name).includes(wanted))
        .map((item) => ({ ...item, group, isOpen: item.key === open })),
    );
    // Whoever was removed by the button in their row takes the focus along.
    if (had && !list.contains(document.activeElement)) title.focus();
    setText(count, String(all.length));
    hide(search, all.length < MANY);
    hide(add, !mayManage(group));
  }

  let chat = null;
  store.watch(
    ({ selected, groups, people, panel }) => [selected, groups[selected], people, panel],
    (selected, group, _people, panel) => {
      if (selected !== chat) {
        chat = selected;
        open = null;
        search.value = "";
      }
      if (group && panel === "details") draw();
    },
  );
  return root;
}

function createMember({ key }, store, actions, toggle) {
  const face = createFace();
  const name = h("bdi", { class: "row-name" });
  const badge = createBadge();
  const words = h("span", { class: "row-preview" });
  const who = h(
    "button",
    { type: "button", class: "row-button", onclick: () => toggle(key) },
    face.element,
    h("span", { class: "row-top" }, name, badge),
    h("span", { class: "row-bottom" }, words),
  );
  const more = h("div", { class: "member-more" });
  const element = h("li", { class: "row", "data-member": key }, who, more);

  const change = (changes) =>
    actions.changeGroup(store.state.selected, changes).catch(actions.tell);

  async function remove() {
    const shown = memberName(store.state, store.state.selected, key);
    const sure = await confirm({
      title: say("member.remove.title", { name: shown }),
      text: say("member.remove.text", { name: shown }),
      act: say("member.remove"),
    });
    if (sure) await change({ remove: [key] });
  }

  const act = (what, look, run) => button(look, run, { "data-act": `member-${what}` }, say(`member.${what}`));

  /** What else is known of them, and the acts: made only for who is open. */
  function details({ name: shown, member, group }) {
    const { address, own, role, contact, added_by: adder } = member;
    const state = store.state;
    const addedBy =
      adder === state.me?.address
        ? [say("member.added.you")]
        : phrase("member.added", { name: bdi(memberName(state, group.chat, adder)) });
    const may = member.may_change && group.standing === "member";
    const next = role === "admin" ? "member" : "admin";
    return [
      member.contradicts &&
        h(
          "p",
          { class: "caution", "data-warning": "contradicts" },
          icon("alert"),
          h("span", {}, phrase("member.contradicts", { name: () => bdi(shown) })),
        ),
      role !== "creator" && h("p", { class: "hint" }, addedBy),
      !own && h("p", { class: "hint" }, say(member.up_to_date ? "member.level" : "member.behind")),
      h(
        "div",
        { class: "buttons" },
        !own && contact && act("chat", "small", () => actions.openChat(address)),
        may && act(next, "small", () => change({ roles: { [address]: next } })),
        may && act("remove", "small danger-text", remove),
      ),
    ];
  }

  let shown = {};
  return {
    element,
    update(item) {
      const { name: called, member, group, isOpen } = item;
      const signature = JSON.stringify([called, member, isOpen, group.standing]);
      if (signature === shown) return;
      shown = signature;
      const { own, role, level, online, contact, contradicts } = member;
      face.update(key, own ? store.state.me?.name || called : called, !own && online ? "online" : "");
      setText(name, own ? say("member.you") : called);
      hide(badge, own || level < 2);
      const trust = own ? "" : say(level === 2 ? "trust.verified" : contact ? "trust.not" : "member.stranger");
      const presence = own ? "" : say(online ? "presence.online" : "presence.offline");
      const rank = role === "member" ? "" : say(`role.${role}`);
      setText(words, [rank, trust, presence].filter(Boolean).join(" · "));
      setProps(who, { "aria-expanded": String(isOpen) });
      setProps(element, { "data-role": role, "data-contradicts": contradicts });
      setChildren(more, isOpen ? details(item) : []);
      hide(more, !isOpen);
    },
  };
}
