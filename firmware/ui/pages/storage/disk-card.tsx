import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import type { VolumeStatus } from '../../box/live.ts';
import { may } from '../../box/session.ts';
import { Button } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Bar, Chip, Facts } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { bytes, day, length, number } from '../../words/format.ts';
import { diskVerdict, type Disk, type DiskHealth, type Volume } from '../../words/disk-words.ts';
import { t } from '../../words/index.ts';

interface DiskCardProps {
  readonly volume: Volume;
  readonly status: VolumeStatus | undefined;
  readonly disk: Disk | undefined;
  readonly health: DiskHealth | undefined;
  readonly space: Output<'space.show'>['volumes'][number] | undefined;
  readonly fillsAt: string | undefined;
  readonly again: () => Promise<void>;
}

/** A place for recordings: how it is in a word and a sentence, what is on it, and what can be done. */
export function DiskCard({ volume, status, disk, health, space, fillsAt, again }: DiskCardProps): JSX.Element {
  const [removes, setRemoves] = useState(false);
  const { tone, word, says } = diskVerdict(status?.state, health, volume.readOnly);
  const name = volume.name === '' ? volume.id : volume.name;
  const used = status?.usedBytes ?? 0;
  const held = Math.min(space?.heldBytes ?? 0, used);
  const whole = Math.max(1, status?.budgetBytes ?? 0, used);
  const usedWords = t('storage.used', { used: bytes(used), of: bytes(status?.budgetBytes ?? 0) });
  return (
    <section class={`card disk ${tone}`} aria-label={name}>
      <div class="title">
        <Icon name="storage" />
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <Chip tone={tone} icon={tone === 'plain' ? 'check' : 'warning'}>
          {word}
        </Chip>
        <span class="sub">
          {disk ? [bytes(disk.sizeBytes), disk.model, disk.device].filter(Boolean).join(' · ') : volume.folder}
        </span>
      </div>
      <p class="says">
        {says} {fillsAt !== undefined && t('storage.fillsAt', { day: day(fillsAt) })}
      </p>
      <Bar
        label={usedWords}
        segments={[
          { kind: 'used', share: (used - held) / whole },
          { kind: 'locked', share: held / whole },
        ]}
      />
      <p class="sub">
        {usedWords}
        {held > 0 && `${t('comma')}${t('storage.held', { bytes: bytes(held) })}`}
      </p>
      <Facts
        columns
        of={[
          [
            t('disk.temperature'),
            health?.temperatureC === undefined ? '–' : `${number(health.temperatureC)} °C`,
            health?.temperatureC !== undefined && health.temperatureC > (health.temperatureMaxC ?? Infinity)
              ? 'warn'
              : undefined,
          ],
          [t('disk.runs'), health?.hours === undefined ? '–' : length(health.hours * 3600)],
          [
            t('disk.write'),
            status ? t('unit.ms', { n: number(status.writeMsP99, status.writeMsP99 < 10 ? 1 : 0) }) : '–',
          ],
          [t('disk.perDay'), space ? bytes(space.bytesPerS * 86_400) : '–'],
        ]}
      />
      <div class="row">
        {health && (
          <a class="button" href={`/storage/disks/${encodeURIComponent(health.id)}`}>
            {t('disk.history')}
          </a>
        )}
        {may('disks') && (
          <Button kind="quiet" onPress={() => setRemoves(true)}>
            {t('storage.remove')}
          </Button>
        )}
      </div>
      {removes && (
        <Confirm
          title={t('storage.removeThis', { name })}
          verb={t('storage.remove')}
          act={async () => {
            await ask('disks.remove', { what: volume.id });
            tell(t('storage.removed', { name }));
            await again();
          }}
          onClose={() => setRemoves(false)}
        >
          <p>{t('storage.removeMeans')}</p>
        </Confirm>
      )}
    </section>
  );
}
