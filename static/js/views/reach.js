/** Where others reach me: each address large enough to be read out, with a button to copy it. */

import { button, createList, h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { say } from "../words.js";

const UNFOLDED = 3; // a machine may have many addresses, and the first are the likeliest
const THANKS = 2_000; // ms that a copy button says "Copied"

/** A button that copies what `text()` returns, and says so. */
export function createCopy(text, label, props = {}) {
  const word = h("span", {}, say("copy"));
  const element = button("small", copy, { "aria-label": label, ...props }, icon("copy"), word);

  function show(said, name) {
    setText(word, said);
    setProps(element, { "aria-label": name });
  }

  async function copy() {
    const done = navigator.clipboard.writeText(text());
    const said = await done.then(() => say("copied")).catch(() => say("copy.failed"));
    show(said, said);
    setTimeout(show, THANKS, say("copy"), label);
  }
  return element;
}

export function createReach(store, title) {
  const list = h("ul", { class: "reach-list" });
  const more = button("quiet", unfold);
  const root = h(
    "div",
    { class: "reach" },
    h("p", { class: "reach-title" }, say(title)),
    list,
    more,
  );
  const draw = createList(list, ({ host }) => ({
    element: h(
      "li",
      {},
      h("code", { class: "host", translate: "no" }, host),
      createCopy(() => host, say("copy.label", { what: host })),
    ),
    update: () => {},
  }));
  let most = UNFOLDED;

  function unfold() {
    most = Infinity;
    update();
  }

  function update() {
    const hosts = store.state.me?.hosts ?? [];
    if (hosts.length === UNFOLDED + 1) most = Infinity; // a button is as large as one address
    draw(hosts.slice(0, most).map((host) => ({ key: host, host })));
    hide(root, hosts.length === 0);
    hide(more, hosts.length <= most);
    setText(more, say("more", { n: hosts.length - most }));
  }

  store.watch(({ me }) => [me?.hosts.join()], update);
  return root;
}
