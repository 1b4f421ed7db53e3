import { z } from 'zod';
import { BoxError } from '../../base/index.ts';
import type { PreparedExport } from '../../playback/index.ts';
import { jobOwner } from '../job-desk.ts';
import { operation, type KnownCamera } from '../operation.ts';
import { Id, Instant, isoOf } from '../shapes.ts';
import { theFootage } from './footage.ts';

const DAY_US = 24 * 3600e6;
/** Footage that is being exported does not go meanwhile. */
const LOCK_US = DAY_US;

const Cameras = z.array(z.string().min(1)).min(1).max(16);

const Prepared = z.object({
  id: z.string(),
  /** Below the address of the box. */
  url: z.string(),
  name: z.string(),
  format: z.enum(['mp4', 'zip']),
  bytes: z.number(),
  prepared: z.string(),
  reason: z.string(),
  expires: z.string(),
  parts: z.array(
    z.object({
      camera: z.string(),
      name: z.string(),
      start: z.string(),
      end: z.string(),
      seconds: z.number(),
      bytes: z.number(),
      /** What is not recorded within: the film goes on without a pause. */
      gaps: z.array(z.object({ from: z.string(), to: z.string(), atSecond: z.number() })),
    }),
  ),
});

export const exportsPrepare = operation({
  name: 'exports.prepare',
  title: 'Make a range of one or more cameras ready to be downloaded, and keep it for a day',
  effect: 'change',
  right: 'export',
  offline: false,
  input: z.object({
    cameras: Cameras,
    stream: Id.default('main'),
    from: Instant,
    to: Instant,
    /** For the manifest and the audit log. */
    reason: z.string().trim().max(500).default(''),
    /** One camera: a film, unless an archive with manifest and check sums is asked for. Several: always an archive. */
    format: z.enum(['mp4', 'zip']).optional(),
  }),
  output: Prepared,
  cancellable: true,
  cameras: ({ cameras }, known) => cameras.flatMap((camera) => theFootage({ camera }, known)),
  handle: async ({ cameras, stream, from, to, reason, format }, box, { caller, task }) => {
    if (to <= from) throw new BoxError('control.bad-input', { faults: ['to: must be later than from'] });
    const known = (): readonly KnownCamera[] => box.settings.cameras();
    const ids = [...new Set(cameras.flatMap((camera) => theFootage({ camera }, known)))];
    task?.tell({ subject: ids.join(' ') });
    const wish = {
      cameras: ids,
      stream,
      fromUs: from,
      toUs: to,
      format: ids.length > 1 ? ('zip' as const) : (format ?? 'mp4'),
      by: jobOwner(caller),
      reason,
    };
    const progress = (share: number): void => task?.tell({ progress: share });
    const prepared = await box.exports.prepare(wish, { signal: task?.signal, progress });
    try {
      box.exportQuota.check(caller, prepared.bytes);
    } catch (error) {
      // Better said now than in the middle of a download, where a browser shows no words.
      box.exports.discard(prepared.id, jobOwner(caller));
      throw error;
    }
    const range = { stream, fromUs: from, toUs: to, forUs: LOCK_US };
    const because = `export by ${caller.name}${reason === '' ? '' : `: ${reason}`}`.slice(0, 500);
    for (const { film } of prepared.films) {
      await box.space.lock({ camera: film.range.camera, ...range, reason: because });
    }
    return preparedOf(prepared);
  },
});

function preparedOf(prepared: PreparedExport): z.input<typeof Prepared> {
  const { id, name, format, bytes, reason, atUs, expiresUs, films } = prepared;
  return {
    id,
    url: `/api/exports/${id}/${encodeURIComponent(name)}`,
    name,
    format,
    bytes,
    reason,
    prepared: isoOf(atUs),
    expires: isoOf(expiresUs),
    parts: films.map(({ name: file, film }) => ({
      camera: film.range.camera,
      name: file,
      start: isoOf(film.startUs),
      end: isoOf(film.endUs),
      seconds: film.durationUs / 1e6,
      bytes: film.bytes,
      gaps: film.gaps.map((gap) => ({ from: isoOf(gap.fromUs), to: isoOf(gap.toUs), atSecond: gap.atUs / 1e6 })),
    })),
  };
}

export const exportsList = operation({
  name: 'exports.list',
  title: 'What you have prepared and can download, the newest first',
  effect: 'read',
  right: 'export',
  offline: false,
  input: z.object({}),
  output: z.array(Prepared),
  // What cannot be downloaded any more, for want of a right, is not offered.
  seen: (all, { caller, sees }) =>
    all.filter(({ parts }) => parts.every(({ camera }) => sees(camera) && caller.may('export', camera))),
  handle: async (_input, box, { caller }) => box.exports.list(jobOwner(caller)).map(preparedOf),
});

export const exportsDiscard = operation({
  name: 'exports.discard',
  title: 'Take something that you have prepared off the list; recordings are not touched',
  effect: 'change',
  right: 'export',
  offline: false,
  input: z.object({ id: z.string().min(1).max(100) }),
  output: z.object({ id: z.string() }),
  subject: ({ id }) => id,
  handle: async ({ id }, box, { caller }) => {
    if (!box.exports.discard(id, jobOwner(caller))) throw new BoxError('exports.no-such-export', { export: id });
    return { id };
  },
});

export const exportsAllowance = operation({
  name: 'exports.allowance',
  title: 'How much you may still download: each user has an amount for a day, by the setting exports.userDailyBytes',
  effect: 'read',
  right: 'export',
  offline: false,
  input: z.object({}),
  output: z.object({
    /** Bytes in any 24 hours; absent, as all else, for those whom nothing holds. */
    mostBytes: z.number().optional(),
    leftBytes: z.number().optional(),
    /** When more is left, ISO 8601. */
    moreAt: z.string().optional(),
  }),
  handle: async (_input, box, { caller }) => box.exportQuota.allowed(caller) ?? {},
});

export const exportsKey = operation({
  name: 'exports.key',
  title: 'The key with which the box signs exported archives',
  effect: 'read',
  right: 'export',
  offline: false,
  input: z.object({}),
  output: z.object({
    /** SHA-256 of the public key, hexadecimal: what the guide inside an archive asks people to compare. */
    fingerprint: z.string(),
    /** SubjectPublicKeyInfo, PEM. */
    pem: z.string(),
  }),
  handle: (_input, box) => box.exports.key(),
});
