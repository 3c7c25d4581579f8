/** Building the page: elements with text, never with markup. Nothing that a server said is read as HTML. */

type Content = Node | string | null;
type Attributes = Readonly<Record<string, string | boolean>>;

/** An element; attributes that are false are left out, those that are true are empty. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...contents: readonly Content[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  made.append(...contents.filter((content) => content !== null));
  return made;
}

export function svg(name: string, attributes: Attributes, ...contents: readonly Node[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  setAttributes(made, attributes);
  made.append(...contents);
  return made;
}

/** Writes a text only where it differs: screen readers and selections are left in peace. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** The element of the page's own markup with this id. */
export function byId(id: string): HTMLElement {
  return required(document.getElementById(id), id);
}

export function inputById(id: string): HTMLInputElement {
  const found = byId(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`#${id} is no input`);
  return found;
}

export function dialogById(id: string): HTMLDialogElement {
  const found = byId(id);
  if (!(found instanceof HTMLDialogElement)) throw new Error(`#${id} is no dialog`);
  return found;
}

function required<T>(found: T | null, id: string): T {
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

function setAttributes(to: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) to.setAttribute(name, '');
    else if (value !== false) to.setAttribute(name, value);
  }
}
