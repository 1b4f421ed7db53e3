import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { Button, SelectField, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Card, Chip, Table, type Column } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { LabelField } from './label-field.tsx';
import { diskName, type Disk } from '../../words/disk-words.ts';
import { bytes } from '../../words/format.ts';
import { faultWords, t, tOf } from '../../words/index.ts';

type List = Output<'disks.list'>;
type Again = () => Promise<void>;

/** Disks of the machine that hold no volume of the box: what is on them, and whether they may be used. */
export function OtherDisks({ list, again }: { list: List; again: Again }): JSX.Element | null {
  const [formats, setFormats] = useState<Disk>();
  const [adopts, setAdopts] = useState<Disk>();
  const others = list.disks.filter(({ volumes }) => volumes.length === 0);
  if (others.length === 0 && !list.limited) return null;
  const columns: readonly Column<Disk>[] = [
    {
      key: 'name',
      head: t('disk'),
      cell: (disk) => (
        <>
          <bdi>{diskName(disk)}</bdi>
          <span class="sub">{[disk.device, disk.serial].filter(Boolean).join(' · ')}</span>
        </>
      ),
    },
    { key: 'size', head: t('disk.size'), cell: ({ sizeBytes }) => bytes(sizeBytes), number: true },
    { key: 'holds', head: t('disk.holds'), cell: (disk) => holds(disk) },
    {
      key: 'act',
      head: '',
      cell: (disk) => (
        <div class="row end">
          {may('disks') && disk.fileSystems.some(({ footage }) => footage === 'ours' || footage === 'other-box') && (
            <Button onPress={() => setAdopts(disk)}>{t('disk.adopt')}</Button>
          )}
          {may('erase') && !disk.obstacle && <Button onPress={() => setFormats(disk)}>{t('disk.format')}</Button>}
          {disk.obstacle && <span class="sub">{faultWords(disk.obstacle).what}</span>}
        </div>
      ),
    },
  ];
  return (
    <Card title={t('storage.others')} aside={list.limited ? t('storage.limited') : undefined} flush>
      {others.length > 0 && (
        <Table
          label={t('storage.others')}
          columns={columns}
          rows={others}
          keyOf={({ id, device }) => `${id}${device}`}
        />
      )}
      {formats && <FormatDialog disk={formats} again={again} onClose={() => setFormats(undefined)} />}
      {adopts && <AdoptDialog disk={adopts} again={again} onClose={() => setAdopts(undefined)} />}
    </Card>
  );
}

function holds({ system, fileSystems }: Disk): JSX.Element {
  if (system) return <Chip>{t('disk.system')}</Chip>;
  if (fileSystems.length === 0) return <span class="quiet-text">{t('disk.empty')}</span>;
  return (
    <span>
      {fileSystems.map(({ device, kind, label, sizeBytes, footage }) => (
        <span key={device} class="sub">
          {[kind, label, bytes(sizeBytes)].filter(Boolean).join(' · ')} <Chip>{tOf('footage', footage)}</Chip>
        </span>
      ))}
    </span>
  );
}

/** What it takes away never comes back, so the disk is named by typing. */
function FormatDialog({ disk, again, onClose }: { disk: Disk; again: Again; onClose: () => void }): JSX.Element {
  const [label, setLabel] = useState('');
  const name = disk.serial === '' ? disk.id : disk.serial;
  return (
    <Confirm
      title={t('disk.formatThis', { name: diskName(disk), bytes: bytes(disk.sizeBytes) })}
      verb={t('disk.format')}
      danger
      name={name}
      act={async () => {
        await ask('disks.format', { disk: disk.id, confirm: disk.id, label });
        tell(t('disk.formatted', { name: diskName(disk) }));
        await again();
      }}
      onClose={onClose}
    >
      <p>{t('disk.formatMeans')}</p>
      <LabelField value={label} onValue={setLabel} />
    </Confirm>
  );
}

/** A disk with footage on it, or a folder, joins with what it holds. */
export function AdoptDialog({ disk, again, onClose }: { disk?: Disk; again: Again; onClose: () => void }): JSX.Element {
  const [what, setWhat] = useState(disk?.id ?? '');
  const [mode, setMode] = useState('use');
  const [label, setLabel] = useState('');
  return (
    <Confirm
      title={disk ? t('disk.adoptThis', { name: diskName(disk) }) : t('storage.adopt')}
      verb={t('disk.adopt')}
      act={async () => {
        const volume = await ask('disks.adopt', {
          what: what.trim(),
          mode: mode === 'use' ? 'use' : 'read-only',
          label,
        });
        tell(t('disk.adopted', { name: volume.name === '' ? volume.id : volume.name }));
        await again();
      }}
      onClose={onClose}
    >
      <p>{t('disk.adoptMeans')}</p>
      {!disk && (
        <TextField
          label={t('disk.what')}
          hint={t('disk.what.hint')}
          value={what}
          onValue={setWhat}
          autocomplete="off"
          code
          required
          autofocus
        />
      )}
      <SelectField
        label={t('disk.mode')}
        value={mode}
        onValue={setMode}
        options={[
          { value: 'use', label: t('disk.mode.use') },
          { value: 'read-only', label: t('disk.mode.read-only') },
        ]}
      />
      <LabelField value={label} onValue={setLabel} />
    </Confirm>
  );
}
