/**
 * An element as the readers see it: names without prefixes, because cameras use any prefix, also ones that they never
 * declare.
 */
export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  /** What the prefix stands for; empty if it is not declared. */
  readonly namespace: string;
  /** By name without prefix; declarations of namespaces are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly inside, trimmed. */
  readonly text: string;
}

/** The first child of that name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((each) => each.name === name);
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((each) => each.name === name) ?? [];
}

/** Down a path of first children. */
export function at(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((current, name) => child(current, name), element);
}

/** The text at a path; undefined where nothing or only blanks stand. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  const text = at(element, ...path)?.text;
  return text === undefined || text === '' ? undefined : text;
}

export function attribute(element: XmlElement | undefined, name: string): string | undefined {
  return element?.attributes.get(name);
}

/** Every element of that name at any depth, in order, those inside others included. */
export function findAll(element: XmlElement | undefined, name: string): XmlElement[] {
  if (!element) return [];
  const found = element.children.flatMap((each) => findAll(each, name));
  return element.name === name ? [element, ...found] : found;
}

export function find(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (!element || element.name === name) return element;
  for (const each of element.children) {
    const found = find(each, name);
    if (found) return found;
  }
  return undefined;
}
