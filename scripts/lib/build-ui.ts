import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, type Plugin } from 'vite';
import { blocksOf } from './guide-blocks.ts';
import { ROOT } from './tool.ts';

const SOURCES = join(ROOT, 'firmware/ui');
const DOCS = join(ROOT, 'docs');
/** Where the web door looks for it. */
const BUILT = join(SOURCES, 'dist');
/** What else goes into it. */
const TABLES = [
  'firmware/notices/words-zh.ts',
  'firmware/base/error-codes.ts',
  'package.json',
  'scripts/lib/guide-blocks.ts',
  ...globSync('docs/{window*.md,images/guide-*}', { cwd: ROOT }).sort(),
];
const STAMP = 'sources.sha256';
/** Smaller ones gain nothing that a packet would show. */
const LEAST_COMPRESSED_BYTES = 256;

const compressions = [
  ['.br', (text: Buffer) => promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })],
  ['.gz', (text: Buffer) => promisify(gzip)(text, { level: 9 })],
] as const;

/**
 * Builds the operator's window for browsers, unless what is there was made of the same sources; true if it was built.
 * What is there is replaced as a whole, so a box that starts meanwhile finds the old one or the new.
 */
export async function buildUi(): Promise<boolean> {
  const stamp = await stampOfSources();
  const built = await readFile(join(BUILT, STAMP), 'utf8').catch(() => '');
  if (built === stamp) return false;
  const folder = await mkdtemp(join(SOURCES, 'dist-'));
  try {
    // The box may run as somebody else.
    await chmod(folder, 0o755);
    await bundle(folder);
    await compressAll(folder);
    await writeFile(join(folder, STAMP), stamp);
    await rm(BUILT, { recursive: true, force: true });
    await rename(folder, BUILT);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return true;
}

async function bundle(folder: string): Promise<void> {
  await build({
    configFile: false,
    root: SOURCES,
    logLevel: 'warn',
    plugins: [faultWords(), guide()],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      // Everything in files of its own: the policy of the box lets nothing else run.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
}

/** Words for the codes of the box, made of the firmware's own tables: the window knows no second ones. */
function faultWords(): Plugin {
  const tables = new Map([
    ['virtual:faults-en', async () => (await import('../../firmware/base/error-codes.ts')).ERROR_CODES],
    ['virtual:faults-zh', async () => (await import('../../firmware/notices/words-zh.ts')).WORDS_ZH],
  ]);
  return {
    name: 'fault-words',
    resolveId: (asked) => (tables.has(asked) ? `\0${asked}` : null),
    load: async (asked) => {
      const table = await tables.get(asked.slice(1))?.();
      if (!table) return null;
      const words = Object.entries(table).map(([code, { what, advice }]) => [code, { what, advice }]);
      return `export default ${JSON.stringify(Object.fromEntries(words))};`;
    },
  };
}

/** The guide of the window in both languages, with its pictures as files beside the scripts. */
function guide(): Plugin {
  const files = new Map([
    ['virtual:guide-en', 'window.md'],
    ['virtual:guide-zh', 'window.zh-CN.md'],
  ]);
  return {
    name: 'guide',
    resolveId: (asked) => (files.has(asked) ? `\0${asked}` : null),
    async load(asked) {
      const file = files.get(asked.slice(1));
      if (file === undefined) return null;
      const blocks = blocksOf(await readFile(join(DOCS, file), 'utf8'));
      const told: string[] = [];
      for (const block of blocks) {
        if (block.kind !== 'picture') told.push(JSON.stringify(block));
        else {
          const source = await readFile(join(DOCS, block.file));
          const reference = this.emitFile({ type: 'asset', name: block.file.replace(/^.*\//, ''), source });
          told.push(`{...${JSON.stringify(block)},file:import.meta.ROLLUP_FILE_URL_${reference}}`);
        }
      }
      return `export default [${told.join(',')}];`;
    },
  };
}

async function compressAll(folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.(?:js|css|html|svg)$/.test(file));
  for (const file of files) {
    const text = await readFile(join(folder, file));
    if (text.length < LEAST_COMPRESSED_BYTES) continue;
    for (const [ending, compress] of compressions) {
      const small = await compress(text);
      await writeFile(join(folder, `${file}${ending}`), small);
    }
  }
}

/** Of everything that the result depends on; times of files say nothing after a checkout. */
async function stampOfSources(): Promise<string> {
  const own = globSync('**/*', { cwd: SOURCES, withFileTypes: true, exclude: (entry) => entry.name.startsWith('dist') })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of [...own, import.meta.filename, ...TABLES.map((table) => join(ROOT, table))]) {
    hash
      .update(`${file.slice(ROOT.length)}\0`)
      .update(await readFile(file))
      .update('\0');
  }
  return hash.digest('hex');
}
