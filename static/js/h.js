/**
 * Make elements without HTML strings, and keep lists of them by key.
 *
 * Everything on the page is made here, so text can only ever become text: there is no way to
 * hand a string to the parser. An element is built once; later only what changed is touched.
 */

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  setProps(element, props);
  element.append(...children.flat(2).filter((child) => child != null && child !== false));
  return element;
}

/** Functions become listeners, true and false become present and absent, the rest attributes. */
export function setProps(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === false || value == null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value))
      element.setAttribute(name, value === true ? "" : value);
  }
}

/** A button that is not the one its form sends: `look` is its classes beside "button". */
export const button = (look, act, props, ...children) =>
  h("button", { type: "button", class: `button ${look}`, onclick: act, ...props }, ...children);

export const hide = (element, hidden) => element.toggleAttribute("hidden", Boolean(hidden));

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Like replaceChildren, but leaves alone what is there already. */
export function setChildren(element, children) {
  const now = children.flat(2).filter((child) => child != null && child !== false);
  const same =
    now.length === element.childNodes.length &&
    now.every((child, at) =>
      typeof child === "string"
        ? element.childNodes[at].nodeType === Node.TEXT_NODE &&
          element.childNodes[at].data === child
        : element.childNodes[at] === child,
    );
  if (!same) element.replaceChildren(...now);
}

/** A name as people wrote it, kept from turning the text around it. */
export const bdi = (name) => h("bdi", {}, name);

/**
 * Returns draw(items): `parent` shows one element per item, in that order.
 * `create(item)` returns `{ element, update(item) }`; items are told apart by `item.key`.
 */
export function createList(parent, create) {
  let rows = new Map();
  return (items) => {
    const focused = parent.contains(document.activeElement) ? document.activeElement : null;
    const next = new Map();
    for (const item of items) {
      const row = rows.get(item.key) ?? create(item);
      row.update(item);
      next.set(item.key, row);
    }
    for (const [key, row] of rows) if (!next.has(key)) row.element.remove();
    let at = parent.firstChild;
    for (const { element } of next.values()) {
      if (element === at) at = at.nextSibling;
      else parent.insertBefore(element, at);
    }
    rows = next;
    // Moving an element takes the focus from it; whoever was there stays there.
    if (focused?.isConnected && document.activeElement !== focused) focused.focus();
  };
}
