import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, boxNow, type Input, type Output } from '../../box/client.ts';
import { cameras } from '../../box/live.ts';
import { ActButton, SelectField, TextField } from '../../parts/controls.tsx';
import { downloadText } from '../../parts/download.ts';
import { explain, FaultNote, type Fault } from '../../parts/fault.tsx';
import { Card, Chip, Empty, PageHead, Table, type Column } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { query, setQuery } from '../../shell/route.ts';
import { beginOf, dayOf, moment, number } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import { eventWords } from '../../words/log-words.ts';

type Entry = Output<'log.list'>['entries'][number];
type Wanted = Input<'log.list'>;

const PAGE = 100;
const SEVERITIES = ['info', 'notice', 'warning', 'error'] as const;
const TYPING_MS = 300;

/** What the address asks for; days are those of the site. */
function wantedOf(asked: URLSearchParams): Wanted {
  const text = (name: string): string | undefined => asked.get(name)?.trim() || undefined;
  const [from, to] = [text('from'), text('to')];
  const [who, camera, words] = [text('who'), text('camera'), text('q')];
  const kind = text('kind');
  const severity = SEVERITIES.find((each) => each === text('severity'));
  return {
    ...(from !== undefined && { from: beginOf(from) }),
    ...(to !== undefined && { to: beginOf(to, 1) }),
    ...(who !== undefined && { who }),
    ...(camera !== undefined && { camera }),
    ...(words !== undefined && { text: words }),
    ...((kind === 'operation' || kind === 'event') && { kind }),
    ...(severity && { severity }),
  };
}

/** Every operation of people, platform and box: who, what, when, from where. */
export function LogTab(): JSX.Element {
  const wanted = wantedOf(query.value);
  const text = JSON.stringify(wanted);
  const [entries, setEntries] = useState<readonly Entry[]>();
  const [cursor, setCursor] = useState<string>();
  const [fault, setFault] = useState<Fault>();
  useEffect(() => {
    const own = new AbortController();
    const timer = setTimeout(() => {
      ask('log.list', { ...wanted, limit: PAGE }, { signal: own.signal }).then(
        (page) => {
          setEntries(page.entries);
          setCursor(page.cursor);
          setFault(undefined);
        },
        (error: unknown) => {
          if (!own.signal.aborted) setFault(explain(error));
        },
      );
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      own.abort();
    };
  }, [text]);
  const more = async (): Promise<void> => {
    const page = await ask('log.list', { ...wanted, limit: PAGE, cursor: cursor! });
    setEntries([...(entries ?? []), ...page.entries]);
    setCursor(page.cursor);
  };
  return (
    <>
      <PageHead
        title={
          entries
            ? t('log.verdict', { n: number(entries.length), more: cursor === undefined ? '' : '+' })
            : t('system.log')
        }
        explain={t('log.explain')}
      >
        <ActButton act={verify}>{t('log.verify')}</ActButton>
        <ActButton icon="download" act={() => download(wanted)}>
          CSV
        </ActButton>
      </PageHead>
      <Card flush>
        <Filters />
        <FaultNote fault={fault} />
        {!entries && !fault && <div class="skeleton" aria-busy="true" />}
        {entries?.length === 0 && <Empty>{Object.keys(wanted).length === 0 ? t('log.none') : t('log.noMatch')}</Empty>}
        {entries && entries.length > 0 && (
          <Table
            label={t('system.log')}
            columns={columns()}
            rows={entries}
            keyOf={({ number: at }) => String(at)}
            toneOf={toneOf}
          />
        )}
      </Card>
      {cursor !== undefined && (
        <div class="row">
          <ActButton act={more}>{t('log.older')}</ActButton>
        </div>
      )}
    </>
  );
}

function toneOf({ severity, result }: Entry): 'bad' | 'warn' | undefined {
  if (severity === 'error') return 'bad';
  return severity === 'warning' || (result !== undefined && result !== 'ok') ? 'warn' : undefined;
}

function columns(): Column<Entry>[] {
  return [
    { key: 'at', head: t('log.at'), cell: ({ at }) => moment(at) },
    { key: 'who', head: t('log.who'), cell: (entry) => <Who entry={entry} /> },
    {
      key: 'what',
      head: t('log.what'),
      cell: (entry) => (
        <>
          {entry.kind === 'event' ? eventWords(entry) : tOf('operation', entry.what)}
          <span class="sub code">
            {entry.what}
            {entry.subject !== undefined && ` ${entry.subject}`}
          </span>
        </>
      ),
    },
    {
      key: 'result',
      head: t('log.result'),
      cell: ({ result }) =>
        result === undefined ? '' : result === 'ok' ? t('log.ok') : <Chip tone="warn">{result}</Chip>,
    },
    {
      key: 'detail',
      head: t('details'),
      cell: ({ detail }) => (detail ? <div class="log-detail">{JSON.stringify(detail)}</div> : ''),
      wide: true,
    },
  ];
}

function Who({ entry: { who, via, from } }: { entry: Entry }): JSX.Element {
  if (who === undefined) return <span class="quiet-text">{t('subject.box')}</span>;
  return (
    <>
      <bdi>{who}</bdi>
      <span class="sub">{[via === undefined ? '' : tOf('via', via), from].filter(Boolean).join(' · ')}</span>
    </>
  );
}

function Filters(): JSX.Element {
  const value = (name: string): string => query.value.get(name) ?? '';
  const set = (name: string) => (to: string) => setQuery({ [name]: to });
  const any = { value: '', label: t('any') };
  const known = new Map(cameras.value.map(({ id, name }) => [id, name]));
  return (
    <div class="filters">
      <TextField label={t('log.text')} type="search" value={value('q')} onValue={set('q')} />
      <TextField label={t('log.who')} value={value('who')} onValue={set('who')} />
      <SelectField
        label={t('log.kind')}
        value={value('kind')}
        onValue={set('kind')}
        options={[
          any,
          { value: 'operation', label: t('log.kind.operation') },
          { value: 'event', label: t('log.kind.event') },
        ]}
      />
      <SelectField
        label={t('log.severity')}
        value={value('severity')}
        onValue={set('severity')}
        options={[any, ...SEVERITIES.slice(1).map((each) => ({ value: each, label: t(`severity.${each}`) }))]}
      />
      <SelectField
        label={t('log.camera')}
        value={value('camera')}
        onValue={set('camera')}
        options={[any, ...Array.from(known, ([id, name]) => ({ value: id, label: name }))]}
      />
      <TextField label={t('log.from')} type="date" value={value('from')} onValue={set('from')} />
      <TextField label={t('log.to')} type="date" value={value('to')} onValue={set('to')} />
    </div>
  );
}

/** All that the filters find, piece by piece, from the oldest on. */
async function download(wanted: Wanted): Promise<void> {
  const pieces: string[] = [];
  let cursor: string | undefined;
  do {
    const piece = await ask('log.export', { ...wanted, format: 'csv', ...(cursor !== undefined && { cursor }) });
    pieces.push(piece.text);
    cursor = piece.cursor;
  } while (cursor !== undefined);
  downloadText(`ipvs-log-${dayOf(boxNow())}.csv`, pieces.join(''), 'text/csv;charset=utf-8');
}

async function verify(): Promise<void> {
  const verdict = await ask('log.verify');
  if (verdict.ok) tell(t('log.proved', { n: number(verdict.lines) }));
  else tell(t('log.notProved', { n: verdict.findings.length }), 'bad');
}
