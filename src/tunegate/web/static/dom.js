// Builds nodes from data. Text goes into text nodes only: what a row says can never become markup.

/** A new element: attributes (null or false: left out), then children: nodes, strings, or null for none. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** One of the page's icons; it says nothing that words beside it do not say. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  picture.append(use);
  return picture;
}

export const find = (id) => document.getElementById(id);

/** "just now", "5 min ago", "3 h ago", or the day. */
export function ago(when) {
  const minutes = Math.floor((Date.now() - new Date(when).getTime()) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return new Date(when).toLocaleDateString();
}

/** A number with its thousands apart. */
export const count = (number) => number.toLocaleString("en");
