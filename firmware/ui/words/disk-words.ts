import type { Output } from '../box/client.ts';
import type { VolumeStatus } from '../box/live.ts';
import type { Tone } from '../parts/show.tsx';
import { bytes, days } from './format.ts';
import { language, t, tOf } from './index.ts';

export type Disk = Output<'disks.list'>['disks'][number];
export type DiskHealth = Output<'disks.health'>['disks'][number];
export type Volume = Output<'disks.list'>['volumes'][number];
type Change = Output<'plan.propose'>['recommended'][number]['change'];

/** A sentence that the box tells in both languages. */
export function inLanguage({ en, zh }: { en: string; zh: string }): string {
  return language.value === 'zh-CN' ? zh : en;
}

const VERDICT_TONES = { ok: 'plain', notice: 'plain', warning: 'warn', failing: 'bad', unknown: 'plain' } as const;

/** How a place for recordings is, in a word and a sentence: what it does now counts before what may come. */
export function diskVerdict(
  state: VolumeStatus['state'] | undefined,
  health: DiskHealth | undefined,
  readOnly = false,
): { tone: Tone; word: string; says: string } {
  if (state !== undefined && !['ready', 'opening', 'full', 'read-only'].includes(state)) {
    return { tone: 'bad', word: tOf('volume', state), says: tOf('volumeSays', state, tOf('volume', state)) };
  }
  const reason = health?.reasons.find(({ level }) => level !== 'unknown');
  if (health && reason) {
    return { tone: VERDICT_TONES[health.verdict], word: t(`disk.${health.verdict}`), says: inLanguage(reason.text) };
  }
  if (readOnly || state === 'read-only')
    return { tone: 'plain', word: t('volume.read-only'), says: t('volumeSays.read-only') };
  if (state === 'full') return { tone: 'plain', word: t('volume.full'), says: t('volumeSays.full') };
  if (!health || health.verdict === 'unknown')
    return { tone: 'plain', word: t('volume.ready'), says: t('disk.unknownSays') };
  return { tone: 'plain', word: t('disk.ok'), says: t('disk.okSays') };
}

export function diskName({ model, device }: Pick<Disk, 'model' | 'device'>): string {
  return model === '' ? device : model;
}

/** What a proposal would change, as one sentence. */
export function changeWords(change: Change, nameOf: (camera: string) => string): string {
  switch (change.kind) {
    case 'retention':
      return t('change.retention', { name: nameOf(change.camera), days: days(change.days) });
    case 'bind-group':
      return t('change.bind-group', { name: nameOf(change.camera), group: change.group });
    case 'record-sub':
      return t('change.record-sub', { name: nameOf(change.camera) });
    case 'schedule':
      return t('change.schedule', { name: nameOf(change.camera), from: change.from, to: change.to });
    case 'bitrate':
      return t('change.bitrate', {
        name: nameOf(change.camera),
        from: (change.fromBitsPerS / 1e6).toFixed(1),
        to: (change.bitsPerS / 1e6).toFixed(1),
      });
    case 'bigger-disk':
      return t('change.bigger-disk', { bytes: bytes(change.bytes), group: change.group });
  }
}
