import { readFileSync } from 'node:fs';
import t from 'tap';
import { runProgram, skipWithout } from '../support/programs.ts';
import { places, sources } from './sources.ts';

const BOARD = new URL('../../board/', import.meta.url).pathname;

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/** What of a lock file could bring another package than the one that was looked at. */
function loose(packages: Readonly<Record<string, Locked>>): string[] {
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .filter(([, { integrity, resolved, link }]) => {
      const elsewhere = resolved !== undefined && !resolved.startsWith('https://');
      return link === true || elsewhere || !/^sha512-[A-Za-z0-9+/]{86}==/.test(integrity ?? '');
    })
    .map(([path]) => path);
}

t.test(
  '37. every package is the one whose digest is in the lock file, and runs nothing when it is installed',
  async (t) => {
    const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
    t.strictSame(loose((JSON.parse(text) as { packages: Record<string, Locked> }).packages), []);
    t.strictSame(loose({ 'node_modules/x': {} }), ['node_modules/x']);
    const whole = { integrity: `sha512-${'a'.repeat(86)}==` };
    t.strictSame(loose({ 'node_modules/x': { ...whole, resolved: 'git+ssh://git@example/x' } }), ['node_modules/x']);
    t.strictSame(loose({ 'node_modules/x': whole }), []);
    const installs = sources('scripts/**/*.{js,ts}', 'Dockerfile*', '.ci/*').flatMap((file) =>
      places(file, /(?:\bnpm (?:ci|install)\b|\['(?:ci|install)')[^\n]*/g).map(() => file),
    );
    t.ok(installs.length > 0);
    for (const { path, text: source } of installs) t.match(source, /--ignore-scripts/, path);
  },
);

/** Programs of media that could be talked into opening files and addresses of somebody's choice. */
const MEDIA_PROGRAM = /['"`](?:ffmpeg|ffprobe)['"`]/g;

/** Files that name such a program and do not bind it to the protocols that it is meant for. */
function unbound(files: readonly { readonly path: string; readonly text: string }[]): string[] {
  return files
    .filter((file) => places(file, MEDIA_PROGRAM).length > 0)
    .filter(({ text }) => !/'-protocol_whitelist'/.test(text) || /concat:|subfile:|data:|file:\$/.test(text))
    .map(({ path }) => path);
}

t.test('16. programs of media are bound to the protocols that they need', async (t) => {
  // The window runs in browsers and starts nothing; its words name programs.
  t.strictSame(unbound(sources('firmware/**/*.ts').filter(({ path }) => !path.startsWith('firmware/ui/'))), []);
  t.strictSame(unbound([{ path: 'a', text: "spawn('ffmpeg', ['-i', url])" }]), ['a']);
  t.strictSame(unbound([{ path: 'a', text: "spawn('ffmpeg', ['-protocol_whitelist', 'pipe', '-i', 'pipe:0'])" }]), []);
});

/** What has no place in what is shipped. */
const DEBUGGING: readonly [string, RegExp, string][] = [
  [
    'a key',
    /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*\n?[A-Za-z0-9+/=]{20,}/g,
    '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49',
  ],
  ['a source map', /sourceMappingURL=/g, '//# sourceMappingURL=a.js.map'],
  ['an inspector', /node:inspector|--inspect|\bdebugger;|SIGUSR1/g, "import { open } from 'node:inspector'"],
  ['a debug route', /['"`]\/(?:debug|test|trace|heap|eval|console)\b/g, "app.get('/debug/vars')"],
];

t.test('38. nothing is shipped that is there for debugging, and no key of a test', async (t) => {
  const shipped = sources('firmware/**/*', 'board/**/*');
  t.ok(shipped.length > 100);
  for (const [name, pattern, bad] of DEBUGGING) {
    t.strictSame(
      shipped.flatMap((file) => places(file, pattern)),
      [],
      name,
    );
    t.not(places({ path: 'x', text: bad }, pattern).length, 0, `${name} would be found`);
  }
  t.strictSame(sources('firmware/**/*.{map,pem,key,p12,pfx}'), []);
});

t.test('29. the services are confined', { skip: await skipWithout('systemd-analyze') }, async (t) => {
  // Points of exposure times ten, as systemd counts them: what root does for the box cannot be as narrow.
  for (const [unit, threshold] of [
    ['ipvs.service', 20],
    ['ipvs-privileged.service', 60],
  ] as const) {
    const args = ['security', '--offline=true', `--threshold=${threshold}`, `${BOARD}${unit}`];
    const { code, stdout, stderr } = await runProgram('systemd-analyze', args);
    t.equal(code, 0, `${unit}: ${stdout.trim().split('\n').at(-1)} ${stderr}`);
  }
  t.match(readFileSync(`${BOARD}ipvs.service`, 'utf8'), /\nUser=ipvs\n[^]*\nUMask=0077\n[^]*\nLimitCORE=0\n/);
});
