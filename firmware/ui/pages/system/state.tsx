import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { boxNow, type Output } from '../../box/client.ts';
import { box } from '../../box/live.ts';
import { useAsked } from '../../parts/asked.ts';
import { Segments } from '../../parts/controls.tsx';
import { History } from '../../parts/history.tsx';
import { Awaited, Card, Facts, PageHead } from '../../parts/show.tsx';
import { query, setQuery } from '../../shell/route.ts';
import { bits, bytes, bytesPerS, length, number } from '../../words/format.ts';
import { Converted, NoConverter } from './conversion.tsx';
import { t } from '../../words/index.ts';

type Now = Output<'state.now'>;
const NOW_EVERY_MS = 5000;
const SPANS = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_592_000_000,
  year: 31_536_000_000,
} as const;
type Span = keyof typeof SPANS;
const COLOURS = ['acc', 'warn', 'evidence', 'ok', 't2'] as const;
/** Charts go on while one looks. */
const REDRAW_MS = 60_000;

const percent = (value: number): string => `${number(value, value < 10 ? 1 : 0)} %`;

/** How the machine is now, and how it was. */
export function StateTab(): JSX.Element {
  const now = useAsked('state.now', {}, { everyMs: NOW_EVERY_MS });
  return (
    <>
      <PageHead
        title={now.value ? verdict(now.value) : t('system.state')}
        explain={
          box.value &&
          t('state.runs', {
            length: length((boxNow() - Date.parse(box.value.startedAt)) / 1000),
            version: box.value.version,
          })
        }
      >
        <Segments
          label={t('state.span')}
          value={spanOf()}
          options={(Object.keys(SPANS) as Span[]).map((value) => ({ value, label: t(`span.${value}`) }))}
          onValue={(span) => setQuery({ span: span === 'hour' ? undefined : span })}
        />
      </PageHead>
      {now.value && <NoConverter conversion={now.value.conversion} />}
      <Charts span={spanOf()} />
      <div class="masonry">
        <Awaited asked={now}>{(value) => <Machine now={value} />}</Awaited>
        {now.value && <Converted conversion={now.value.conversion} />}
        <Card title={t('state.firmware')}>
          <Facts
            of={[
              [t('state.version'), box.value?.version ?? '–'],
              [t('state.supported'), box.value?.supportedUntil ?? '–'],
              [t('state.memoryOwn'), box.value ? bytes(box.value.process.rssBytes) : '–'],
              [t('state.mediaHeld'), box.value ? bytes(box.value.process.mediaBytesHeld) : '–'],
              [t('state.loop'), box.value ? t('unit.ms', { n: number(box.value.process.loopDelayMsP99, 1) }) : '–'],
              [
                t('state.recordLoop'),
                box.value ? t('unit.ms', { n: number(box.value.process.recordLoopDelayMsP99, 1) }) : '–',
              ],
              [t('setUp.timeZone'), box.value?.timeZone ?? '–'],
              [t('state.identity'), box.value?.box ?? '–'],
            ]}
          />
        </Card>
      </div>
    </>
  );
}

function spanOf(): Span {
  const wanted = query.value.get('span') ?? 'hour';
  return wanted in SPANS ? (wanted as Span) : 'hour';
}

function verdict({ machine }: Now): string {
  if (!machine) return t('system.state');
  const busy = machine.cpuPercent > 85;
  const tight = machine.availableBytes < machine.memoryBytes * 0.1;
  if (busy) return t('state.busy', { percent: number(machine.cpuPercent) });
  return tight ? t('state.tight') : t('state.calm', { percent: number(machine.cpuPercent) });
}

function Machine({ now }: { now: Now }): JSX.Element {
  const { machine, identity } = now;
  return (
    <Card title={t('state.machine')}>
      <Facts
        of={[
          [t('state.model'), identity ? [identity.maker, identity.model].filter(Boolean).join(' ') || '–' : '–'],
          [t('state.processor'), identity ? `${identity.processor}, ${t('state.cores', { n: identity.cores })}` : '–'],
          [t('state.system'), identity ? `${identity.system}, ${identity.kernel}` : '–'],
          [t('state.load'), machine ? machine.load.map((each) => number(each, 2)).join(' · ') : '–'],
          [
            t('state.memory'),
            machine
              ? t('state.memoryFree', { free: bytes(machine.availableBytes), of: bytes(machine.memoryBytes) })
              : '–',
          ],
          [t('disk.temperature'), machine?.temperatureC === undefined ? '–' : `${number(machine.temperatureC)} °C`],
          ...(machine?.networks ?? []).map(
            ({ name, receivedBytesPerS, sentBytesPerS }) =>
              [name, `↓ ${bits(receivedBytesPerS * 8)}  ↑ ${bits(sentBytesPerS * 8)}`] as const,
          ),
          ...(machine?.disks ?? []).map(
            ({ device, readBytesPerS, writtenBytesPerS, busyPercent }) =>
              [
                device,
                t('state.diskNow', {
                  read: bytesPerS(readBytesPerS),
                  written: bytesPerS(writtenBytesPerS),
                  busy: percent(busyPercent),
                }),
              ] as const,
          ),
        ]}
      />
    </Card>
  );
}

interface Drawn {
  readonly title: string;
  readonly series: readonly { series: string; name: string; colour: string }[];
  readonly format: (value: number) => string;
  readonly most?: number;
  readonly of?: (value: number) => number;
}

function Charts({ span }: { span: Span }): JSX.Element {
  const asked = useAsked('state.series', {});
  // In steps, so that the charts are not asked for again with every second.
  const to = Math.ceil(boxNow() / REDRAW_MS) * REDRAW_MS;
  const from = to - SPANS[span];
  const drawn = useMemo(() => chartsOf(asked.value?.series ?? []), [asked.value]);
  return (
    <Awaited asked={asked}>
      {() => (
        <div class="charts">
          {drawn.map((each) => (
            <Card key={each.title}>
              <History {...each} from={from} to={to} />
            </Card>
          ))}
        </div>
      )}
    </Awaited>
  );
}

/** Which charts there are, by what the box has figures of. */
function chartsOf(known: readonly string[]): Drawn[] {
  const one = (name: string, words: string): Drawn['series'] =>
    known.includes(name) ? [{ series: name, name: words, colour: 'acc' }] : [];
  const several = (pattern: RegExp, words: (match: RegExpExecArray) => string): Drawn['series'] =>
    known
      .flatMap((name) => {
        const match = pattern.exec(name);
        return match ? [{ series: name, name: words(match), colour: '' }] : [];
      })
      .slice(0, COLOURS.length)
      .map((each, at) => ({ ...each, colour: COLOURS[at]! }));
  const all: Drawn[] = [
    { title: t('state.cpu'), series: one('cpu.percent', t('state.cpu')), format: percent, most: 100 },
    { title: t('state.memory'), series: one('memory.percent', t('state.memory')), format: percent, most: 100 },
    {
      title: t('disk.temperature'),
      series: one('temperature', t('disk.temperature')),
      format: (value) => `${number(value)} °C`,
      most: 100,
    },
    {
      title: t('state.network'),
      series: several(
        /^network\.(?!lo\.)(.+)\.(received|sent)$/,
        ([, name, way]) => `${name} ${way === 'sent' ? '↑' : '↓'}`,
      ),
      format: bits,
      of: (value) => value * 8,
    },
    {
      title: t('state.written'),
      series: several(/^disk\.(.+)\.written$/, ([, name]) => name ?? ''),
      format: bytesPerS,
    },
    {
      title: t('state.diskBusy'),
      series: several(/^disk\.(.+)\.busy$/, ([, name]) => name ?? ''),
      format: percent,
      most: 100,
    },
    {
      title: t('system.terminals'),
      series: (['recording', 'failing', 'offline'] as const)
        .filter((each) => known.includes(`terminals.${each}`))
        .map((each, at) => ({
          series: `terminals.${each}`,
          name: t(`terminal.${each}`),
          colour: ['acc', 'bad', 'warn'][at]!,
        })),
      format: (value) => number(value),
    },
    { title: t('state.memoryOwn'), series: one('process.rss', t('state.memoryOwn')), format: bytes },
  ];
  return all.filter(({ series }) => series.length > 0);
}
