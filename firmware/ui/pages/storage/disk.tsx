import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { ask, boxNow } from '../../box/client.ts';
import { volumes } from '../../box/live.ts';
import { may } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, Button } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { lazily } from '../../parts/lazily.tsx';
import { Awaited, Card, Chip, Empty, Facts, NotFound, PageHead, Table } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { diskName, diskVerdict, inLanguage, type DiskHealth } from '../../words/disk-words.ts';
import { ago, bytes, day, length, moment, number } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import { DiskJobs } from './jobs.tsx';
import { LabelField } from './label-field.tsx';

const HISTORY_DAYS = 90;
const DAY_MS = 86_400_000;
const LazyChart = lazily(async () => (await import('../../parts/chart.tsx')).Chart);

/** One disk: what it says of itself, now and over the weeks, and what can be done. */
export function DiskPage({ id }: { id: string }): JSX.Element {
  const asked = useAsked('disks.health', { historyDays: HISTORY_DAYS }, { everyMs: 60_000 });
  return (
    <Awaited asked={asked}>
      {({ disks }) => {
        const disk = disks.find((each) => each.id === id);
        return disk ? <OneDisk disk={disk} /> : <NotFound back="/storage">{t('nav.storage')}</NotFound>;
      }}
    </Awaited>
  );
}

function OneDisk({ disk }: { disk: DiskHealth }): JSX.Element {
  const status = volumes.value.find(({ id }) => disk.volumes.includes(id));
  const { tone, word, says } = diskVerdict(status?.state, disk);
  return (
    <>
      <PageHead
        title={
          <>
            <bdi>{diskName(disk)}</bdi>
            {t('colon')}
            <span class={tone}>{word}</span>
          </>
        }
        explain={says}
      >
        <a class="button" href="/storage">
          {t('nav.storage')}
        </a>
      </PageHead>
      {disk.reasons.length > 0 && (
        <Card title={t('disk.reasons')}>
          {disk.reasons.map(({ code, level, text, advice }) => (
            <p key={code}>
              <Chip tone={level === 'failing' ? 'bad' : level === 'warning' ? 'warn' : 'plain'}>
                {tOf('disk', level)}
              </Chip>{' '}
              <strong>{inLanguage(text)}</strong> {inLanguage(advice)}
            </p>
          ))}
        </Card>
      )}
      <div class="split">
        <div class="stack">
          <Figures disk={disk} />
        </div>
        <div class="stack">
          <Card title={t('disk.about')}>
            <Facts
              of={[
                [t('disk.device'), disk.device],
                [t('disk.serial'), disk.serial === '' ? '–' : disk.serial],
                [t('disk.kind'), [disk.kind, disk.medium].filter(Boolean).join(', ').toUpperCase()],
                [t('disk.size'), bytes(disk.sizeBytes)],
                [t('disk.temperature'), disk.temperatureC === undefined ? '–' : `${number(disk.temperatureC)} °C`],
                [t('disk.runs'), disk.hours === undefined ? '–' : length(disk.hours * 3600)],
                [t('disk.wear'), disk.wearPercent === undefined ? '–' : `${number(disk.wearPercent)} %`],
                [t('disk.wearEnds'), disk.wearEnds === undefined ? '–' : day(disk.wearEnds)],
                [t('disk.read'), disk.sleeping ? t('disk.sleeping') : ago(disk.read)],
              ]}
            />
          </Card>
          {may('disks') && disk.volumes.map((volume) => <VolumeActs key={volume} volume={volume} />)}
        </div>
      </div>
      <DiskJobs />
    </>
  );
}

/** The counters that the disk tells: one chart each for temperature and wear, all of them as a table. */
function Figures({ disk }: { disk: DiskHealth }): JSX.Element {
  const names = useMemo(
    () => [...new Set(disk.history.flatMap(({ figures }) => Object.keys(figures)))].toSorted(),
    [disk],
  );
  const to = useMemo(() => boxNow(), [disk]);
  const from = to - Math.max(1, Math.min(HISTORY_DAYS, disk.trend.days)) * DAY_MS;
  const lines = useMemo(
    () => [
      {
        name: t('disk.temperature'),
        colour: 'acc',
        points: disk.history.flatMap(({ at, figures }) =>
          figures['temperatureC'] === undefined ? [] : [{ at: Date.parse(at), value: figures['temperatureC'] }],
        ),
      },
    ],
    [disk],
  );
  if (names.length === 0) {
    return (
      <Card title={t('disk.history')}>
        <Empty>{t('disk.noHistory')}</Empty>
      </Card>
    );
  }
  const first = disk.history[0]?.figures ?? {};
  const last = disk.history.at(-1)?.figures ?? {};
  return (
    <>
      {lines[0]!.points.length > 0 && (
        <Card>
          <LazyChart
            title={t('disk.temperature')}
            lines={lines}
            stepS={DAY_MS / 1000}
            format={(value) => `${number(value)} °C`}
            from={from}
            to={to}
          />
        </Card>
      )}
      <Card
        title={t('disk.history')}
        aside={t('disk.historyOf', { from: moment(disk.history[0]?.at), n: disk.history.length })}
        flush
      >
        <Table
          label={t('disk.history')}
          rows={names}
          keyOf={(name) => name}
          columns={[
            { key: 'name', head: t('disk.figure'), cell: (name) => tOf('smart', name) },
            { key: 'first', head: t('disk.before'), cell: (name) => figure(first[name]), number: true },
            { key: 'last', head: t('disk.now'), cell: (name) => figure(last[name]), number: true },
            { key: 'grew', head: t('disk.grew'), cell: (name) => grewBy(disk, name), number: true },
          ]}
          toneOf={(name) => (disk.trend.grew.some((each) => each.figure === name) ? 'warn' : undefined)}
        />
      </Card>
    </>
  );
}

function figure(value: number | undefined): string {
  return value === undefined ? '–' : number(value);
}

function grewBy({ trend }: DiskHealth, name: string): string {
  const found = trend.grew.find((each) => each.figure === name);
  return found ? `+${number(found.to - found.from)}` : '–';
}

function VolumeActs({ volume }: { volume: string }): JSX.Element {
  const [name, setName] = useState('');
  const [empties, setEmpties] = useState(false);
  const check = async (deep: boolean): Promise<void> => {
    await ask('disks.check', { volume, deep });
    tell(t('disk.checking'));
  };
  const rename = async (): Promise<void> => {
    await ask('disks.label', { volume, name: name.trim() });
    tell(t('saved'));
  };
  return (
    <Card title={<bdi>{volume}</bdi>}>
      <LabelField value={name} onValue={setName} />
      <div class="row">
        <ActButton act={rename} disabled={name.trim() === ''}>
          {t('disk.rename')}
        </ActButton>
      </div>
      <div class="row">
        <ActButton act={() => check(false)}>{t('disk.check')}</ActButton>
        <ActButton act={() => check(true)}>{t('disk.checkDeep')}</ActButton>
      </div>
      <div class="row">
        <Button onPress={() => setEmpties(true)}>{t('disk.evacuate')}</Button>
      </div>
      {empties && (
        <Confirm
          title={t('disk.evacuateThis', { name: volume })}
          verb={t('disk.evacuate')}
          act={async () => {
            await ask('disks.evacuate', { volume, what: 'all' });
            tell(t('disk.evacuating'));
          }}
          onClose={() => setEmpties(false)}
        >
          <p>{t('disk.evacuateMeans')}</p>
        </Confirm>
      )}
    </Card>
  );
}
