/**
 * npm run sbom [-- --out FILE]: the list of components of this release (CycloneDX 1.5, JSON), by default as
 * release/ipvs-box-<version>.cdx.json. It needs no network. Ends with 1 if the lock file holds something that could not be shipped.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { shippedBom, type Bom, type LockedPackage } from './lib/sbom.ts';
import { ROOT } from './lib/tool.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const manifest = read('package.json') as { name: string; version: string; supportedUntil: string };
const { packages } = read('package-lock.json') as { packages: Record<string, LockedPackage> };
// NODE_ENV=production would leave out what tools of development share with the box.
const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--offline', '--include=dev'];
const listed = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20 });
const { name, version, supportedUntil } = manifest;
const bom = shippedBom(JSON.parse(listed) as Bom, packages, { name, version, supportedUntil, at: madeAt() });
const out = resolve(values.out ?? join(ROOT, 'release', `${name}-${version}.cdx.json`));
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify(bom, undefined, 2)}\n`);
console.log(`${bom.components.length} components: ${out}`);

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

/** Of what is released, so that a list that is made anew is the same (reproducible-builds.org, SOURCE_DATE_EPOCH). */
function madeAt(): string {
  const given = process.env['SOURCE_DATE_EPOCH'];
  const seconds = Number(given ?? committedAt());
  return new Date(seconds * 1000).toISOString();
}

function committedAt(): string {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return String(Math.floor(Date.now() / 1000));
  }
}
