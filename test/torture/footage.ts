/** What was sent, what is on the disk, and the difference. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CameraFarm } from '../support/camera/farm.ts';
import { decodeErrors, probe } from '../support/ffprobe.ts';
import { picturesOf } from '../support/ordinals.ts';
import { command } from './box-process.ts';
import type { Lab, Outcome } from './lab.ts';

type Ranges = readonly (readonly [first: number, last: number])[];

/** Pictures that left the cameras up to an instant, by camera, of sessions from a number on. */
export class Sent {
  readonly byCamera: ReadonlyMap<string, Ranges>;

  constructor(byCamera: Iterable<readonly [string, Ranges]>) {
    this.byCamera = new Map(byCamera);
  }

  /** At this very instant. `since` is the number of sessions that each camera had before. */
  static now(farm: CameraFarm, since: ReadonlyMap<string, number> = new Map()): Sent {
    return new Sent(
      farm.cameras.map(({ path, sessions }) => {
        const ranges = sessions.slice(since.get(path) ?? 0).flatMap((each) => each.ledger('video')?.ranges ?? []);
        return [path, ranges.map(([first, last]) => [first, last] as const)] as const;
      }),
    );
  }

  ordinals(camera: string): number[] {
    return (this.byCamera.get(camera) ?? []).flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
  }
}

export function sessionCounts(farm: CameraFarm): Map<string, number> {
  return new Map(farm.cameras.map(({ path, sessions }) => [path, sessions.length]));
}

export interface Film {
  /** Relative to the folder that was looked at. */
  readonly path: string;
  readonly camera: string;
  readonly ordinals: readonly number[];
  /** Complaints of ffprobe and of a full decode. */
  readonly complaints: readonly string[];
}

/** Looks at files with ffprobe and ffmpeg; a content that it has seen before is not looked at again. */
export class Projector {
  readonly #seen = new Map<string, Omit<Film, 'path' | 'camera'>>();

  /** All segments below a volume's folder, or those of some cameras only. */
  async watch(volume: string, cameras?: readonly string[]): Promise<Film[]> {
    const films: Film[] = [];
    for (const file of await segmentFiles(volume)) {
      const path = relative(volume, file);
      const camera = path.split('/')[1] ?? '';
      if (cameras && !cameras.includes(camera)) continue;
      films.push({ path, camera, ...(await this.#look(file)) });
    }
    return films;
  }

  /** These files only. */
  async look(files: readonly { readonly file: string; readonly camera: string }[]): Promise<Film[]> {
    const films: Film[] = [];
    for (const { file, camera } of files) films.push({ path: file, camera, ...(await this.#look(file)) });
    return films;
  }

  async #look(file: string): Promise<Omit<Film, 'path' | 'camera'>> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const key = hash.digest('hex');
    const known = this.#seen.get(key);
    if (known) return known;
    const told = await probe(file);
    const pictures = await picturesOf(file, told);
    const complaints = [...told.warnings, ...(await decodeErrors(file))];
    if (pictures.length === 0) complaints.push('there is no picture in it');
    if (complaints.length > 0) await copyFile(file, await evidence(file));
    const film = { ordinals: pictures.flatMap(({ ordinal }) => ordinal ?? []), complaints };
    this.#seen.set(key, film);
    return film;
  }
}

/** Where a film that does not play is kept for those who want to know why. */
async function evidence(file: string): Promise<string> {
  const folder = join(tmpdir(), 'torture-evidence');
  await mkdir(folder, { recursive: true });
  return join(folder, `${Date.now()}-${basename(file)}`);
}

export async function segmentFiles(volume: string): Promise<string[]> {
  const names = await readdir(join(volume, 'video'), { recursive: true }).catch(() => [] as string[]);
  return names
    .filter((name) => name.endsWith('.mp4'))
    .sort()
    .map((name) => join(volume, 'video', name));
}

/** Pictures of all films by camera. Notes films that do not play and pictures that are in two places. */
export function recordedIn(films: readonly Film[], outcome: Outcome): Map<string, Set<number>> {
  const recorded = new Map<string, Set<number>>();
  for (const { path, camera, ordinals, complaints } of films) {
    outcome.expect(complaints.length === 0, `${path} does not play: ${complaints[0]}`);
    const known = recorded.get(camera) ?? new Set<number>();
    recorded.set(camera, known);
    for (const ordinal of ordinals) {
      outcome.expect(!known.has(ordinal), `${path}: picture ${ordinal} was recorded twice`);
      known.add(ordinal);
    }
  }
  return recorded;
}

/** Disks and cameras begin together; what comes before the disk is open is not recorded. */
const EARLY_S = 1.5;

/**
 * What a brief run, beside whatever else the machine has to do, may lose beyond the promise: threads that get no processor
 * write late. The long run, on a machine that is left alone, holds the bare promise.
 */
const BUSY_S = 1;
/** ... and a disk that others keep busy opens late. */
const SLOW_START_S = 4;

export interface LossOptions {
  readonly fps: number;
  /** A camera may lose this much at the end, once it is being recorded. */
  readonly limitS: number;
  readonly what: string;
}

/** Counts what is missing of what was sent: at the end up to the limit, elsewhere nothing. */
export function countLoss(
  sent: Sent,
  recorded: ReadonlyMap<string, ReadonlySet<number>>,
  options: LossOptions,
  outcome: Outcome,
): void {
  for (const camera of sent.byCamera.keys()) {
    const ordinals = sent.ordinals(camera);
    if (ordinals.length === 0) continue;
    const have = recorded.get(camera) ?? new Set<number>();
    const firstKept = ordinals.find((ordinal) => have.has(ordinal));
    const lastKept = ordinals.findLast((ordinal) => have.has(ordinal)) ?? -1;
    const inside = ordinals.filter((ordinal) => ordinal > (firstKept ?? 0) && ordinal < lastKept && !have.has(ordinal));
    const atEnd = ordinals.filter((ordinal) => ordinal > lastKept).length;
    const lostS = atEnd / options.fps;
    // Pictures that come before the first disk is open cannot be kept; there are few of them.
    const early = firstKept === undefined ? 0 : ordinals.indexOf(firstKept) / options.fps;
    outcome.expect(
      early <= EARLY_S + (outcome.brief ? SLOW_START_S : 0),
      `${options.what}: ${camera} was recorded ${early.toFixed(2)} s too late`,
    );
    outcome.lost(lostS);
    outcome.expect(inside.length === 0, `${options.what}: ${camera} misses ${inside.length} pictures in the middle`);
    // Killed before its first fragment was due: what a start takes comes before the promise.
    const limitS = options.limitS + (firstKept === undefined ? EARLY_S : 0) + (outcome.brief ? BUSY_S : 0);
    outcome.expect(lostS <= limitS, `${options.what}: ${camera} lost ${lostS.toFixed(2)} s at the end`);
  }
}

/** `ipvs verify` finds nothing but notes. */
export async function expectSound(lab: Lab, data: string, what: string, outcome: Outcome, deep = false): Promise<void> {
  const { code, stdout, stderr } = await command(lab, data, 'verify', ...(deep ? ['--deep'] : []));
  outcome.expect(code === 0, `${what}: verify ended with ${code}: ${(stdout + stderr).slice(0, 600)}`);
}
