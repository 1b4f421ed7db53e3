/** The list of components of a release (CycloneDX 1.5), from what npm says of the lock file. Pure. */
import { createHash } from 'node:crypto';

export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
}

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly { readonly license?: { readonly id?: string }; readonly expression?: string }[];
}

export interface Bom {
  readonly metadata: { readonly component: Readonly<Record<string, unknown>>; readonly [more: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly [more: string]: unknown;
}

export interface Release {
  readonly name: string;
  readonly version: string;
  readonly supportedUntil: string;
  /** When it was made, ISO 8601. */
  readonly at: string;
}

/** Licences of what may be shipped: none that asks for the source of the box. */
const LICENCES = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  '0BSD',
  'Unlicense',
  'CC0-1.0',
  'Python-2.0',
]);

/**
 * What is shipped of all that npm lists: with "omit dev" npm (11) also leaves out what tools of development share with the box. The same
 * lock file and release give the same list, byte for byte. Throws if a package of the lock file is missing in it, has no digest, or a licence that the
 * box cannot be shipped with.
 */
export function shippedBom(bom: Bom, packages: Readonly<Record<string, LockedPackage>>, release: Release): Bom {
  const locked = new Map(
    Object.entries(packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, each]) => [`${path.split('node_modules/').at(-1)}@${each.version}`, each]),
  );
  const components = bom.components.filter(({ name, version }) => locked.has(`${name}@${version}`));
  const listed = new Map(components.map((each) => [`${each.name}@${each.version}`, each]));
  for (const [id, { integrity = '' }] of locked) {
    const sha512 = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
    const found = listed.get(id);
    if (!found) throw new Error(`${id} is shipped, and not in the list`);
    if (!found.hashes?.some(({ alg, content }) => alg === 'SHA-512' && content === sha512)) {
      throw new Error(`${id} has not the digest of the lock file`);
    }
    const ids = licencesOf(found);
    if (!ids.some((each) => LICENCES.has(each))) throw new Error(`${id} has the licence ${ids.join(', ') || 'none'}`);
  }
  const refs = new Set(components.map((each) => each['bom-ref']));
  const root = String(bom.metadata.component['bom-ref']);
  const digest = createHash('sha256')
    .update(JSON.stringify([release, [...locked].toSorted()]))
    .digest('hex');
  return {
    ...bom,
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    metadata: {
      ...bom.metadata,
      timestamp: release.at,
      component: {
        ...bom.metadata.component,
        type: 'firmware',
        name: release.name,
        properties: [{ name: 'ipvs:supported-until', value: release.supportedUntil }],
      },
    },
    components,
    dependencies: bom.dependencies
      .filter(({ ref }) => refs.has(ref) || ref === root)
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) })),
  };
}

function licencesOf({ licenses = [] }: Component): string[] {
  return licenses.flatMap(({ license, expression }) =>
    expression === undefined ? [license?.id ?? ''] : expression.split(/ OR |[()]/),
  );
}

/** Of a digest, as a uuid of version 8 (RFC 9562, chapter 5.8). */
function uuidOf(hex: string): string {
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20), hex.slice(20, 32)];
  return `${a}-${b}-8${c}-a${d}-${e}`;
}
