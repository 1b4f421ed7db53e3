import sax from 'sax';
import { BoxError } from '../../base/index.ts';
import { decodeXml } from './decode.ts';
import type { XmlElement } from './element.ts';

/** What no honest answer of a camera reaches. */
export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
  readonly maxAttributes: number;
  /** Places that are no XML. Each costs ten times what a right one does, and a document of nothing else holds a thread up for seconds. */
  readonly maxFaults: number;
}

const XML_LIMITS: XmlLimits = {
  maxBytes: 2 * 1024 * 1024,
  maxDepth: 48,
  maxElements: 60_000,
  maxAttributes: 400,
  maxFaults: 400,
};

interface OpenElement {
  name: string;
  namespace: string;
  attributes: Map<string, string>;
  children: XmlElement[];
  text: string;
  scope: ReadonlyMap<string, string>;
}

const NO_SCOPE: ReadonlyMap<string, string> = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);

/**
 * Reads a document that a stranger wrote. Declarations of types and entities are refused and never looked into, nothing is
 * fetched, and size, depth and number of elements are bounded. What is merely wrong (undeclared prefixes, unknown entities,
 * text around the root) is read over. Gives undefined if no whole element is there.
 * @throws BoxError onvif.hostile-xml
 */
export function readXml(bytes: Uint8Array, limits: XmlLimits = XML_LIMITS): XmlElement | undefined {
  if (bytes.length > limits.maxBytes) throw hostile('size', { bytes: bytes.length });
  const text = decodeXml(bytes);
  refuseDeclarations(text);
  const tree = new TreeBuilder(limits);
  const parser = sax.parser(true, { position: false });
  Object.assign(parser, handlersFor(tree, parser));
  parser.write(text).close();
  return tree.root;
}

/**
 * Looks for declarations before the parser sees the document; what the parser itself takes for one is refused too. The end of
 * a comment or of CDATA that has none is the end of the document.
 */
function refuseDeclarations(text: string): void {
  for (let index = text.indexOf('<!'); index >= 0; index = text.indexOf('<!', index)) {
    const end = text.startsWith('<!--', index) ? '-->' : text.startsWith('<![CDATA[', index) ? ']]>' : undefined;
    if (end === undefined) refuseDeclaration();
    const behind = text.indexOf(end, index + 4);
    if (behind < 0) return;
    index = behind + end.length;
  }
}

function handlersFor(tree: TreeBuilder, parser: sax.SAXParser): Partial<sax.SAXParser> {
  return {
    onerror: () => {
      // A fault of the document, not of ours: go on behind it.
      parser.error = null as unknown as Error;
      tree.countFault();
    },
    ondoctype: () => refuseDeclaration(),
    onsgmldeclaration: () => refuseDeclaration(),
    onattribute: () => tree.countAttribute(),
    onopentag: (tag) => tree.open(tag.name, tag.attributes as Record<string, string>),
    onclosetag: () => tree.close(),
    ontext: (text) => tree.text(text),
    oncdata: (text) => tree.text(text),
  };
}

class TreeBuilder {
  /** The first element that was closed at the outermost level. */
  root: XmlElement | undefined;
  readonly #limits: XmlLimits;
  readonly #open: OpenElement[] = [];
  #elements = 0;
  #attributes = 0;
  #faults = 0;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
  }

  countFault(): void {
    if (++this.#faults > this.#limits.maxFaults) throw hostile('faults');
  }

  countAttribute(): void {
    if (++this.#attributes > this.#limits.maxAttributes) throw hostile('attributes');
  }

  open(qualified: string, attributes: Record<string, string>): void {
    this.#attributes = 0;
    if (++this.#elements > this.#limits.maxElements) throw hostile('elements');
    if (this.#open.length >= this.#limits.maxDepth) throw hostile('depth');
    const outer = this.#open.at(-1)?.scope ?? NO_SCOPE;
    const scope = scopeOf(attributes, outer);
    const { prefix, name } = split(qualified);
    const own = Object.entries(attributes)
      .filter(([key]) => key !== 'xmlns' && !key.startsWith('xmlns:'))
      .map(([key, value]): [string, string] => [split(key).name, value.trim()]);
    this.#open.push({
      name,
      namespace: scope.get(prefix) ?? '',
      attributes: new Map(own),
      children: [],
      text: '',
      scope,
    });
  }

  text(text: string): void {
    const current = this.#open.at(-1);
    if (current) current.text += text;
  }

  close(): void {
    const closed = this.#open.pop();
    if (!closed) return;
    const { name, namespace, attributes, children, text } = closed;
    const element: XmlElement = { name, namespace, attributes, children, text: text.trim() };
    const outer = this.#open.at(-1);
    if (outer) outer.children.push(element);
    else this.root ??= element;
  }
}

function scopeOf(attributes: Record<string, string>, outer: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const declared = Object.entries(attributes).filter(([key]) => key === 'xmlns' || key.startsWith('xmlns:'));
  if (declared.length === 0) return outer;
  return new Map([...outer, ...declared.map(([key, value]): [string, string] => [key.slice(6), value.trim()])]);
}

function split(qualified: string): { prefix: string; name: string } {
  const colon = qualified.lastIndexOf(':');
  return colon < 0
    ? { prefix: '', name: qualified }
    : { prefix: qualified.slice(0, colon), name: qualified.slice(colon + 1) };
}

function refuseDeclaration(): never {
  throw hostile('declaration');
}

function hostile(what: string, context: Record<string, unknown> = {}): BoxError {
  return new BoxError('onvif.hostile-xml', { reason: what, ...context });
}
