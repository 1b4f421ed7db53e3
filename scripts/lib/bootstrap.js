/**
 * Plain JavaScript that any Node from 14 on can run: makes sure that the dependencies are there, then runs a script in the
 * exact Node that the project pins through npm.
 */
import { spawn, spawnSync } from 'child_process';
import { accessSync, constants, copyFileSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { delimiter, dirname, join } from 'path';
import { fileURLToPath } from 'url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const OLDEST_NODE = 26;
/** One Ctrl-C reaches this process from the terminal and again from npm; what comes within this time is the same one. */
const SAME_SIGNAL_MS = 300;

/**
 * Runs a TypeScript file of the repository with the arguments of this process, and ends this process as that one ends.
 * @param {string} script path from the root of the repository
 * @param {{ forProduct?: boolean, args?: string[] }} [options] `forProduct`: the tools of development may be missing, and each
 * Ctrl-C reaches the script once (a second one would end the box in the middle of its files)
 */
export function runPinned(script, options = {}) {
  const forProduct = options.forProduct === true;
  // Without a built window the tools that build it are needed, too.
  install(forProduct && existsSync(join(ROOT, 'firmware/ui/dist/index.html')));
  const file = join(ROOT, script);
  if (!existsSync(file)) fail(`There is no ${script}.`);
  const args = [file].concat(options.args || process.argv.slice(2));
  // The channel lets the script notice that this process is gone.
  const child = forProduct
    ? spawn(findNode(), args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: true })
    : spawn(findNode(), args, { stdio: 'inherit' });
  const passOn = forProduct ? once((signal) => child.kill(signal)) : (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, passOn);
  if (forProduct && process.env.npm_lifecycle_event) whenOrphaned(() => child.kill('SIGTERM'));
  child.on('error', (error) => fail(`The pinned Node does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 1 : code;
    if (!signal) return;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Passes a signal on unless the same one came just before. A closed terminal asks for the same as SIGTERM. */
function once(passOn) {
  const last = {};
  return (signal) => {
    const now = Date.now();
    const isSame = now - (last[signal] || 0) < SAME_SIGNAL_MS;
    last[signal] = now;
    if (!isSame) passOn(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  };
}

/** npm passes SIGTERM on to its shell only, which dies of it and tells nobody. */
function whenOrphaned(end) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 1000);
  timer.unref();
}

function install(forProduct) {
  if (isInstalled(forProduct)) return;
  try {
    accessSync(ROOT, constants.W_OK);
  } catch (error) {
    fail(
      `The dependencies have to be installed, but ${ROOT} cannot be written (${error.code}). ` +
        'Work in a copy of the repository that belongs to you.',
    );
  }
  const modules = join(ROOT, 'node_modules');
  // npm would empty what the link leads to, which belongs to somebody else.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail(`${modules} is a link, and does not fit package-lock.json. Remove the link, or install where it leads to.`);
  }
  console.error('Installing dependencies (npm ci --ignore-scripts) ...');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'].concat(
    forProduct ? ['--omit=dev'] : [],
  );
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  const byFile = npm !== undefined && npm.endsWith('.js');
  check(byFile ? spawnSync(process.execPath, [npm].concat(args), options) : spawnSync('npm', args, options));
  // npm leaves out what says that it does not run on the Node that runs npm, though another one will run it.
  if (byFile && lacksOwnPlatform(forProduct)) check(installWithPinned(npm, args, options));
}

function check(result) {
  if (result.error) fail(`npm does not start: ${result.error.message}. Install npm beside Node.`);
  if (result.status !== 0) {
    fail(
      'npm could not install the dependencies: its words are above. Is there a way to the package registry, and space?',
    );
  }
}

/** The pinned Node lies where npm empties the folder, so a copy of it runs npm. */
function installWithPinned(npm, args, options) {
  const folder = mkdtempSync(join(tmpdir(), 'ipvs-node-'));
  const node = join(folder, 'node');
  try {
    copyFileSync(findNode(), node);
    // Debian keeps the modules of its npm where only its own Node looks.
    const paths = [process.env.NODE_PATH, '/usr/share/nodejs', '/usr/lib/nodejs'].filter(Boolean);
    const env = Object.assign({}, process.env, { NODE_PATH: paths.join(delimiter) });
    return spawnSync(node, [npm].concat(args), Object.assign({}, options, { env }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether something is missing that is made for just this kind of machine. */
function lacksOwnPlatform(forProduct) {
  const { wanted, present } = packages();
  return Object.keys(wanted).some((path) => {
    const { optional, dev, devOptional, cpu, os, libc } = wanted[path];
    if (!optional || present[path] || (forProduct && (dev || devOptional))) return false;
    return (
      Boolean(cpu && cpu.includes(process.arch) && os && os.includes(process.platform)) &&
      (!libc || libc.includes(isMusl() ? 'musl' : 'glibc'))
    );
  });
}

function isMusl() {
  const { header } = process.report ? process.report.getReport() : { header: {} };
  return process.platform === 'linux' && header.glibcVersionRuntime === undefined;
}

function packages() {
  const read = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages;
  return { wanted: read('package-lock.json'), present: read('node_modules/.package-lock.json') };
}

/** Compares what npm noted in node_modules with the lock file; times of files say nothing after a checkout. */
function isInstalled(forProduct) {
  if (!existsSync(join(ROOT, 'node_modules', '.package-lock.json'))) return false;
  const { wanted, present } = packages();
  return Object.keys(wanted).every((path) => {
    if (path === '') return true;
    if (present[path]) return present[path].version === wanted[path].version;
    return wanted[path].optional || wanted[path].devOptional || (forProduct && wanted[path].dev) || false;
  });
}

function findNode() {
  const pinned = join(ROOT, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  const major = Number(process.version.slice(1).split('.')[0]);
  if (major >= OLDEST_NODE) return process.execPath;
  return fail(
    `Node ${OLDEST_NODE} is needed. npm brings it for Linux on x64 and arm64; ` +
      `this is ${process.platform} on ${process.arch} with Node ${process.version}.`,
  );
}

function fail(message) {
  console.error(message);
  return process.exit(1);
}
