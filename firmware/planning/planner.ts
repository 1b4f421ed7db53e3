import { daysByCamera } from './forecast.ts';
import { volumesFor, weekOf } from './flows.ts';
import type { PlanCamera, PlanInput } from './model.ts';
import { idOf, isApplicable, withChanges, type Change, type Effect, type Proposal } from './proposals.ts';
import { roomOf } from './room.ts';

export interface PlannedCamera {
  readonly camera: string;
  readonly name: string;
  readonly group: string;
  readonly wishDays: number | undefined;
  /** In the long run as things are, and with the recommended proposals. */
  readonly beforeDays: number;
  readonly afterDays: number;
}

export interface Plan {
  /** All wishes come true as things are. */
  readonly fits: boolean;
  /** All wishes come true with the recommended proposals that the box itself can apply. */
  readonly fitsWhenApplied: boolean;
  readonly cameras: readonly PlannedCamera[];
  /** Costs nothing but footage that nobody has wished for: to be applied together. */
  readonly recommended: readonly Proposal[];
  /** Where that is not enough: each one a way of its own, the rest as recommended. */
  readonly alternatives: readonly Proposal[];
}

/** Plans leave so much room for weeks that are fuller than those that were measured. */
const SPARE_SHARE = 0.03;
/** A wish counts as met from this share of it on. */
const MET_SHARE = 0.995;
const KBIT = 1000;
/** Below this nobody can make anything out. */
const LEAST_BITS_PER_S = 256 * KBIT;
const NOTICEABLE_DAYS = 0.1;
const LEAST_DAYS = 1;
/** Cameras that alternatives are worked out for: those that write most. */
const MOST_CAMERAS = 8;

/** Finds what must change so that every camera is kept as long as its owner wishes. */
export function propose(input: PlanInput): Plan {
  const before = daysByCamera(input);
  const fits = isMet(input, before);
  const changes = fits ? [] : [...moves(input)];
  if (!fits) changes.push(...limits(withChanges(input, changes)));
  const applied = withChanges(input, changes);
  const after = changes.length > 0 ? daysByCamera(applied) : before;
  const fitsWhenApplied = isMet(input, after);
  const proposalOf = (change: Change, base: PlanInput, days: ReadonlyMap<string, number>): Proposal => {
    const changed = daysByCamera(withChanges(base, [change]));
    const enough = isMet(concernedBy(change, input), changed);
    return { id: idOf(change), change, applicable: isApplicable(change), effects: effectsOf(days, changed), enough };
  };
  return {
    fits,
    fitsWhenApplied,
    cameras: input.cameras
      .filter(({ id }) => before.has(id))
      .map(({ id, name, wishDays, group }) => ({
        camera: id,
        name,
        group: applied.cameras.find((camera) => camera.id === id)?.group ?? group,
        wishDays,
        beforeDays: before.get(id)!,
        afterDays: after.get(id) ?? before.get(id)!,
      })),
    recommended: changes.map((change) => ({
      id: idOf(change),
      change,
      applicable: isApplicable(change),
      effects: effectsOf(before, after),
      enough: fitsWhenApplied,
    })),
    alternatives: fitsWhenApplied ? [] : alternatives(applied).map((change) => proposalOf(change, applied, after)),
  };
}

/** The same cameras, some of which are now wished to be kept otherwise. */
export function withWishes(input: PlanInput, wishes: ReadonlyMap<string, number>): PlanInput {
  return {
    ...input,
    cameras: input.cameras.map((camera) => ({ ...camera, wishDays: wishes.get(camera.id) ?? camera.wishDays })),
  };
}

/** Cameras bound to a group that is too small for them go where there is room. */
function* moves(input: PlanInput): Generator<Change> {
  const groups = [...new Set(input.volumes.map(({ group }) => group))];
  if (groups.length < 2) return;
  const left = new Map(groups.map((group) => [group, roomOf(input.volumes.filter((each) => each.group === group))]));
  const bound = input.cameras.filter(({ group, enabled }) => enabled && group !== '');
  for (const camera of bound) left.set(camera.group, (left.get(camera.group) ?? 0) - needOf(camera));
  for (const camera of [...bound].sort((a, b) => needOf(a) - needOf(b))) {
    if (left.get(camera.group)! >= 0 || camera.wishDays === undefined) continue;
    const [best, room] = [...left].reduce((a, b) => (b[1] > a[1] ? b : a));
    if (best === camera.group || room < needOf(camera)) continue;
    left.set(best, room - needOf(camera));
    left.set(camera.group, left.get(camera.group)! + needOf(camera));
    yield { kind: 'bind-group', camera: camera.id, group: best };
  }
}

/** On disks that several cameras share, those that need less make room for those that need more. */
function* limits(input: PlanInput): Generator<Change> {
  for (const { cameras, roomBytes } of pools(input)) {
    const longest = Math.max(0, ...cameras.map(({ wishDays }) => wishDays ?? 0));
    if (longest === 0) continue;
    const wished = cameras.filter(({ wishDays }) => wishDays !== undefined);
    const others = cameras.filter(({ wishDays }) => wishDays === undefined);
    const room = roomBytes * (1 - SPARE_SHARE);
    const needed = wished.reduce((sum, camera) => sum + needOf(camera), 0);
    const perDayOfOthers = others.reduce((sum, camera) => sum + perDay(camera), 0);
    const daysOfOthers = perDayOfOthers > 0 ? (room - needed) / perDayOfOthers : Infinity;
    const targets = new Map(wished.map((camera) => [camera, camera.wishDays!]));
    for (const camera of others) targets.set(camera, Math.max(LEAST_DAYS, Math.floor(daysOfOthers)));
    // Only as many as it takes, those first whose restraint gives most.
    let total = cameras.reduce((sum, camera) => sum + perDay(camera) * Math.min(longest, camera.days ?? Infinity), 0);
    const saving = (camera: PlanCamera): number =>
      perDay(camera) * Math.max(0, Math.min(longest, camera.days ?? Infinity) - targets.get(camera)!);
    for (const camera of [...cameras].sort((a, b) => saving(b) - saving(a))) {
      if (total <= room || saving(camera) <= 0) break;
      total -= saving(camera);
      yield { kind: 'retention', camera: camera.id, days: targets.get(camera)! };
    }
    for (const camera of wished) {
      // A limit below the wish breaks it by itself.
      if (camera.days !== undefined && camera.days < camera.wishDays!) {
        yield { kind: 'retention', camera: camera.id, days: camera.wishDays! };
      }
    }
  }
}

/** What else would help where the room is not enough for the wishes. */
function alternatives(input: PlanInput): Change[] {
  const changes: Change[] = [];
  for (const { group, cameras, roomBytes } of pools(input)) {
    const wished = cameras.filter(({ wishDays }) => wishDays !== undefined);
    const kept = (camera: PlanCamera): number =>
      perDay(camera) * (camera.wishDays ?? Math.min(LEAST_DAYS, camera.days ?? LEAST_DAYS));
    const needed = cameras.reduce((sum, camera) => sum + kept(camera), 0) / (1 - SPARE_SHARE);
    if (wished.length === 0 || needed <= roomBytes) continue;
    changes.push({ kind: 'bigger-disk', group, bytes: Math.ceil((needed - roomBytes) / 1e9) * 1e9 });
    const largest = [...wished].sort((a, b) => needOf(b) - needOf(a)).slice(0, MOST_CAMERAS);
    for (const camera of largest) {
      // What is left to it if only this camera gives in.
      const left = Math.max(0, 1 - (needed - roomBytes) / needOf(camera));
      changes.push(...ofCamera(camera, left));
    }
  }
  return changes;
}

/** `left`: the share of what the camera needs that it may have. */
function ofCamera(camera: PlanCamera, left: number): Change[] {
  const changes: Change[] = [];
  const { id } = camera;
  const fromBitsPerS = Math.round(bitsPerS(camera));
  const wanted = Math.max(LEAST_BITS_PER_S, Math.floor((fromBitsPerS * left) / (64 * KBIT)) * 64 * KBIT);
  if (wanted < fromBitsPerS) changes.push({ kind: 'bitrate', camera: id, fromBitsPerS, bitsPerS: wanted });
  const lighter = camera.streams.find(
    (stream) => !stream.record && weekOf(camera, stream) < (perDay(camera) * 7) / camera.copies,
  );
  if (lighter) changes.push({ kind: 'record-sub', camera: id, stream: lighter.id });
  const hours = Math.floor(24 * left);
  if (camera.mode === 'continuous' && hours >= 4) {
    // As many hours as fit, around the middle of the day.
    const from = Math.max(0, 14 - Math.ceil(hours / 2));
    const text = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
    changes.push({ kind: 'schedule', camera: id, from: text(from), to: text(from + hours) });
  }
  return changes;
}

interface Pool {
  readonly group: string;
  readonly cameras: readonly PlanCamera[];
  readonly roomBytes: number;
}

/** Cameras that share room: those of a group of volumes, with those that may be anywhere counted where most of the room is. */
function pools(input: PlanInput): Pool[] {
  const cameras = input.cameras.filter(({ enabled }) => enabled);
  const groups = [...new Set(cameras.map(({ group }) => group).filter((group) => group !== ''))];
  const free = cameras.filter(({ group }) => group === '');
  const own = groups.map((group) => ({
    group,
    cameras: cameras.filter((camera) => camera.group === group),
    roomBytes: roomOf(volumesFor(input, { ...cameras[0]!, group })),
  }));
  if (free.length === 0) return own;
  const taken = (group: string): number =>
    own.find((pool) => pool.group === group)?.cameras.reduce((sum, camera) => sum + needOf(camera), 0) ?? 0;
  const room = input.volumes.reduce((sum, volume) => sum + roomOf([volume]), 0);
  const rest = room - groups.reduce((sum, group) => sum + taken(group), 0);
  return [...own, { group: '', cameras: free, roomBytes: Math.max(0, rest) }];
}

function perDay(camera: PlanCamera): number {
  const recorded = camera.streams.filter(({ record }) => record);
  return (recorded.reduce((sum, stream) => sum + weekOf(camera, stream), 0) / 7) * camera.copies;
}

function needOf(camera: PlanCamera): number {
  return perDay(camera) * (camera.wishDays ?? LEAST_DAYS);
}

/** Of all recorded streams while they are recorded. */
function bitsPerS(camera: PlanCamera): number {
  const rates = camera.streams.filter(({ record }) => record).map(({ rate }) => rate.bins);
  return rates.reduce((sum, bins) => sum + bins.reduce((all, bin) => all + bin.bytesPerS, 0) / bins.length, 0) * 8;
}

function isMet({ cameras }: PlanInput, days: ReadonlyMap<string, number>): boolean {
  return cameras.every(
    ({ id, enabled, wishDays }) => !enabled || wishDays === undefined || (days.get(id) ?? 0) >= wishDays * MET_SHARE,
  );
}

/** The cameras whose wishes a change is there for: those that share its disks. */
function concernedBy(change: Change, input: PlanInput): PlanInput {
  const group =
    change.kind === 'bigger-disk' ? change.group : input.cameras.find(({ id }) => id === change.camera)?.group;
  return { ...input, cameras: input.cameras.filter((camera) => camera.group === group) };
}

function effectsOf(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Effect[] {
  return [...after]
    .map(([camera, afterDays]) => ({ camera, beforeDays: before.get(camera) ?? 0, afterDays }))
    .filter(({ beforeDays, afterDays }) => Math.abs(afterDays - beforeDays) >= NOTICEABLE_DAYS);
}
