import { z } from 'zod';
import { BoxError } from '../../base/index.ts';
import { jobOwner } from '../job-desk.ts';
import { operation } from '../operation.ts';
import { Id, Instant, isoOf } from '../shapes.ts';
import { theFootage } from './footage.ts';

const DAY_US = 24 * 3600e6;
/** Footage that is being exported does not go meanwhile. */
const LOCK_US = DAY_US;

const Cameras = z.array(z.string().min(1)).min(1).max(16);

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
  output: z.object({
    id: z.string(),
    /** Below the address of the box. */
    url: z.string(),
    name: z.string(),
    format: z.enum(['mp4', 'zip']),
    bytes: z.number(),
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
  }),
  cameras: ({ cameras }, known) => cameras.flatMap((camera) => theFootage({ camera }, known)),
  handle: async ({ cameras, stream, from, to, reason, format }, box, { caller }) => {
    if (to <= from) throw new BoxError('control.bad-input', { faults: ['to: must be later than from'] });
    const known = box.settings.cameras();
    const ids = [...new Set(cameras.flatMap((camera) => theFootage({ camera }, known)))];
    const prepared = await box.exports.prepare({
      cameras: ids,
      stream,
      fromUs: from,
      toUs: to,
      format: ids.length > 1 ? 'zip' : (format ?? 'mp4'),
      by: jobOwner(caller),
      reason,
    });
    const range = { stream, fromUs: from, toUs: to, forUs: LOCK_US };
    const because = `export by ${caller.name}${reason === '' ? '' : `: ${reason}`}`.slice(0, 500);
    for (const { film } of prepared.films) {
      await box.space.lock({ camera: film.range.camera, ...range, reason: because });
    }
    const { id, name, bytes, expiresUs } = prepared;
    return {
      id,
      url: `/api/exports/${id}/${encodeURIComponent(name)}`,
      name,
      format: prepared.format,
      bytes,
      expires: isoOf(expiresUs),
      parts: prepared.films.map(({ name: file, film }) => ({
        camera: film.range.camera,
        name: file,
        start: isoOf(film.startUs),
        end: isoOf(film.endUs),
        seconds: film.durationUs / 1e6,
        bytes: film.bytes,
        gaps: film.gaps.map((gap) => ({ from: isoOf(gap.fromUs), to: isoOf(gap.toUs), atSecond: gap.atUs / 1e6 })),
      })),
    };
  },
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
