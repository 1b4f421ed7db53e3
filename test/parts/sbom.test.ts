import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { shippedBom, type Bom, type LockedPackage } from '../../scripts/lib/sbom.ts';
import { ROOT } from '../../scripts/lib/tool.ts';
import { runProgram, skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';

const RELEASE = { name: 'ipvs-box', version: '1.2.3', supportedUntil: '2031-12-31', at: '2026-05-31T00:00:00.000Z' };
const SHA512 = Buffer.alloc(64, 7);

interface Made extends Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
}

t.test('37. a release has a list of all that is shipped in it', { skip: await skipWithout('npm') }, async (t) => {
  const folder = await tempFolder(t, 'sbom');
  const make = async (name: string): Promise<string> => {
    const out = join(folder, name);
    const env = { ...process.env, SOURCE_DATE_EPOCH: '1780000000' };
    const { code, stderr } = await runProgram(process.execPath, [join(ROOT, 'scripts/sbom.ts'), '--out', out], {
      timeoutMs: 120_000,
      env,
    });
    t.equal(code, 0, stderr);
    return readFileSync(out, 'utf8');
  };
  const text = await make('one.json');
  const bom = JSON.parse(text) as Made;
  t.match(bom, { bomFormat: 'CycloneDX', specVersion: '1.5', metadata: { component: { name: 'ipvs-box' } } });
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    optionalDependencies: Record<string, string>;
  };
  const listed = new Set(bom.components.map(({ name, version }) => `${name}@${version}`));
  const direct = Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies });
  t.ok(direct.length > 10);
  for (const [name, version] of direct) t.ok(listed.has(`${name}@${version}`), `${name}, also its runtime`);
  t.notOk(
    [...listed].some((id) => id.startsWith('prettier@')),
    'no tool of development',
  );
  t.notMatch(text, /https?:\/\/(?!(?:www\.)?cyclonedx\.org)/, 'nor where a package was fetched from');
  t.equal(await make('two.json'), text, 'made again, it is the same');
});

function bomOf(component: Record<string, unknown>): Bom {
  return {
    metadata: { component: { 'bom-ref': 'box' } },
    components: [{ 'bom-ref': 'a@1', name: 'a', version: '1', ...component }],
    dependencies: [
      { ref: 'box', dependsOn: ['a@1', 'tool@1'] },
      { ref: 'tool@1', dependsOn: ['a@1'] },
    ],
  };
}

t.test('37. what could not be shipped is refused', async (t) => {
  const packages: Record<string, LockedPackage> = {
    '': {},
    'node_modules/a': { version: '1', integrity: `sha512-${SHA512.toString('base64')}` },
    'node_modules/tool': { version: '1', dev: true },
  };
  const hashes = [{ alg: 'SHA-512', content: SHA512.toString('hex') }];
  const licenses = [{ license: { id: 'MIT' } }];
  const good = shippedBom(bomOf({ hashes, licenses }), packages, RELEASE);
  t.same(good.dependencies, [{ ref: 'box', dependsOn: ['a@1'] }], 'tools are gone');
  t.doesNotThrow(() =>
    shippedBom(bomOf({ hashes, licenses: [{ expression: '(GPL-2.0-only OR MIT)' }] }), packages, RELEASE),
  );
  const refused = (component: Record<string, unknown>, why: RegExp): void => {
    t.throws(() => shippedBom(bomOf(component), packages, RELEASE), why);
  };
  refused({ hashes, licenses: [{ license: { id: 'GPL-3.0-only' } }] }, /licence GPL-3\.0-only/);
  refused({ hashes, licenses: [] }, /licence none/);
  refused({ licenses }, /digest/);
  refused({ hashes: [{ alg: 'SHA-512', content: '00' }], licenses }, /digest/);
  refused({ hashes, licenses, version: '2' }, /not in the list/);
});
