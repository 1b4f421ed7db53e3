import { z } from 'zod';
import { RIGHTS } from '../accounts/index.ts';

/** What can be done about a problem by one operation, whatever else its advice says. */
const REPAIRS = {
  'set-clock': { title: 'Set the clock of the camera', operation: 'cameras.clock', right: 'cameras' },
  'restart-camera': { title: 'Restart the camera', operation: 'cameras.reboot', right: 'cameras' },
  'copy-off': { title: 'Copy the recordings to the other disks', operation: 'disks.evacuate', right: 'disks' },
  'overwrite-once': { title: 'Overwrite the oldest once', operation: 'space.answer', right: 'disks' },
  'keep-stopped': { title: 'Leave recording stopped', operation: 'space.answer', right: 'disks' },
  'clock-is-right': { title: 'The clock of the box is right', operation: 'space.clock', right: 'disks' },
  'clock-is-wrong': { title: 'The clock of the box is wrong', operation: 'space.clock', right: 'disks' },
  'send-test': { title: 'Send a test notice', operation: 'notices.test', right: 'settings' },
} as const;

type RepairId = keyof typeof REPAIRS;
export const REPAIR_IDS = Object.keys(REPAIRS) as RepairId[];

export const Repair = z.object({
  id: z.enum(REPAIR_IDS),
  title: z.string(),
  /** To be asked with `input`, by whoever has `right`. */
  operation: z.string(),
  right: z.enum(RIGHTS),
  input: z.record(z.string(), z.unknown()),
});
export type Repair = z.output<typeof Repair>;

/** What is wrong, as far as it says what can be done. */
export interface Broken {
  readonly code: string;
  /** `camera/<id>`, `camera-group/<id>`, `volume/<id>`, `disk/<id>`, `channel/<id>` or `box`. */
  readonly subject: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** Cameras that answer and send nothing, or answer wrongly, are often mended by a restart. */
const MENDED_BY_RESTART = new Set([
  'rtsp.camera-error',
  'rtsp.media-stopped',
  'rtsp.protocol',
  'rtsp.timeout',
  'rtsp.too-many-clients',
]);
const DYING = new Set(['disks.failing', 'disks.ailing']);

/** What can be done about a problem, the most likely first; nothing where only hands or a decision elsewhere help. */
export function repairsOf({ code, subject, context }: Broken, isRestartable: (camera: string) => boolean): Repair[] {
  const about = subject.slice(subject.indexOf('/') + 1);
  if (code === 'cameras.clock-off') return [repair('set-clock', { camera: about, set: 'now' })];
  if (MENDED_BY_RESTART.has(code)) return isRestartable(about) ? [repair('restart-camera', { camera: about })] : [];
  if (code === 'evacuation.incomplete') return [repair('copy-off', { volume: about })];
  if (DYING.has(code)) {
    const volumes = Array.isArray(context['volumes']) ? context['volumes'] : [];
    return volumes.map((volume) => repair('copy-off', { volume: String(volume) }));
  }
  if (code === 'space.ask') {
    const answer = (decision: 'overwrite-once' | 'keep-stopped'): Repair =>
      repair(decision, { group: about, decision });
    return [answer('overwrite-once'), answer('keep-stopped')];
  }
  if (code === 'space.kept-stopped') return [repair('overwrite-once', { group: about, decision: 'overwrite-once' })];
  if (code === 'space.clock-ahead') {
    return [repair('clock-is-right', { verdict: 'right' }), repair('clock-is-wrong', { verdict: 'wrong' })];
  }
  return code === 'notices.undelivered' ? [repair('send-test', { channel: about })] : [];
}

function repair(id: RepairId, input: Repair['input']): Repair {
  return { id, ...REPAIRS[id], input };
}
