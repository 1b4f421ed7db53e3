import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import type { Camera } from '../../media/my-cameras.ts';
import { useAsked } from '../../parts/asked.ts';
import { Button, SelectField, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Awaited, Card, Empty, Table } from '../../parts/show.tsx';
import { bytes, length, moment } from '../../words/format.ts';
import { t } from '../../words/index.ts';
import { isoRange, RangeFields, useRange } from './range.tsx';
import { SmallPicture } from './small-picture.tsx';

type Lock = Output<'locks.list'>[number];

const EVERY_MS = 30_000;

/** What is never overwritten, with why and for how long. */
export function Locks({ cameras }: { cameras: readonly Camera[] }): JSX.Element {
  const asked = useAsked('locks.list', {}, { everyMs: EVERY_MS });
  const [adding, setAdding] = useState(false);
  const [lifting, setLifting] = useState<Lock>();
  const nameOf = (id: string): string => cameras.find((each) => each.id === id)?.name ?? id;
  return (
    <Card
      title={t('files.locks')}
      aside={
        <Button icon="lock" onPress={() => setAdding(true)}>
          {t('files.lock')}
        </Button>
      }
      flush
    >
      <Awaited asked={asked}>
        {(locks) =>
          locks.length === 0 ? (
            <Empty>{t('files.noLocks')}</Empty>
          ) : (
            <Table
              label={t('files.locks')}
              rows={locks}
              keyOf={({ id }) => id}
              columns={[
                {
                  key: 'camera',
                  head: t('files.camera'),
                  cell: ({ camera, from, to }) => (
                    <span class="with-picture">
                      <SmallPicture camera={camera} fromMs={Date.parse(from)} toMs={Date.parse(to)} />
                      <bdi>{nameOf(camera)}</bdi>
                    </span>
                  ),
                },
                { key: 'from', head: t('files.from'), cell: ({ from }) => moment(from) },
                {
                  key: 'length',
                  head: t('files.length'),
                  cell: ({ from, to }) => length((Date.parse(to) - Date.parse(from)) / 1000),
                },
                { key: 'reason', head: t('files.reason'), cell: ({ reason }) => <bdi>{reason}</bdi> },
                {
                  key: 'until',
                  head: t('files.until'),
                  cell: ({ until }) => (until === undefined ? t('files.forEver') : moment(until)),
                },
                { key: 'bytes', head: t('files.size'), number: true, cell: (lock) => bytes(lock.bytes) },
                {
                  key: 'lift',
                  head: t('files.lift'),
                  cell: (lock) => (
                    <Button kind="quiet" onPress={() => setLifting(lock)}>
                      {t('files.lift')}
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Awaited>
      {adding && <AddLock cameras={cameras} onClose={() => setAdding(false)} onDone={() => void asked.again()} />}
      {lifting && (
        <Confirm
          title={t('files.liftTitle', { name: nameOf(lifting.camera) })}
          verb={t('files.lift')}
          danger
          act={async () => {
            await ask('locks.remove', { id: lifting.id });
            await asked.again();
          }}
          onClose={() => setLifting(undefined)}
        >
          <p>{t('files.liftMeans', { size: bytes(lifting.bytes), reason: lifting.reason })}</p>
        </Confirm>
      )}
    </Card>
  );
}

function AddLock(props: { cameras: readonly Camera[]; onClose: () => void; onDone: () => void }): JSX.Element {
  const { cameras, onClose, onDone } = props;
  const range = useRange();
  const [camera, setCamera] = useState(cameras[0]?.id ?? '');
  const [reason, setReason] = useState('');
  const [days, setDays] = useState('30');
  const iso = isoRange(range);
  return (
    <Confirm
      title={t('files.lock')}
      verb={t('files.lock')}
      act={async () => {
        if (!iso) return;
        const term = Number(days) > 0 ? { days: Number(days) } : {};
        await ask('locks.add', { camera, ...iso, reason, ...term });
        onDone();
      }}
      onClose={onClose}
    >
      <div class="form">
        <SelectField
          label={t('files.camera')}
          value={camera}
          options={cameras.map(({ id, name }) => ({ value: id, label: name }))}
          onValue={setCamera}
        />
        <RangeFields range={range} />
        {!iso && <p class="hint bad">{t('files.noRange')}</p>}
        <TextField label={t('files.reason')} value={reason} onValue={setReason} required />
        <TextField label={t('files.days')} hint={t('files.days.hint')} type="number" value={days} onValue={setDays} />
      </div>
    </Confirm>
  );
}
