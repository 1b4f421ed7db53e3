import type { JSX } from 'preact';
import { cameras, known, type CameraStatus } from '../../box/live.ts';
import { may } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { Icon } from '../../parts/icon.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { Card, Empty, PageHead, Table, type Column } from '../../parts/show.tsx';
import { query, setQuery } from '../../shell/route.ts';
import { cameraState, isOff, pictureOf, recordingCounts, streamName } from '../../words/camera-words.ts';
import { bits, bytes, hours, number } from '../../words/format.ts';
import { box } from '../../box/live.ts';
import { t } from '../../words/index.ts';
import { CameraInspector } from './inspector.tsx';

const FILTERS = ['all', 'look', 'recording', 'off'] as const;
type Filter = (typeof FILTERS)[number];

function fits(camera: CameraStatus, filter: Filter): boolean {
  if (filter === 'look') return ['bad', 'warn'].includes(cameraState(camera).tone);
  if (filter === 'recording') return camera.recording === 'recording';
  return filter === 'all' || isOff(camera);
}

function columns(): Column<CameraStatus>[] {
  return [
    { key: 'name', head: t('cameras.name'), cell: (camera) => <bdi>{streamName(camera)}</bdi>, by: streamName },
    {
      key: 'state',
      head: t('cameras.state'),
      cell: (camera) => <State camera={camera} />,
      by: (camera) => cameraState(camera).tone,
    },
    { key: 'picture', head: t('cameras.picture'), cell: (camera) => pictureOf(camera) ?? '–', wide: true },
    {
      key: 'rate',
      head: t('cameras.rate'),
      cell: ({ bitsPerSecond }) => bits(bitsPerSecond),
      number: true,
      by: ({ bitsPerSecond }) => bitsPerSecond,
    },
    {
      key: 'lost',
      head: t('cameras.lost'),
      cell: ({ packetsLost }) => number(packetsLost),
      number: true,
      wide: true,
      by: ({ packetsLost }) => packetsLost,
    },
    {
      key: 'today',
      head: t('cameras.today'),
      cell: ({ recordedTodayS }) => hours(recordedTodayS),
      number: true,
      by: ({ recordedTodayS }) => recordedTodayS,
    },
    {
      key: 'size',
      head: t('cameras.size'),
      cell: ({ bytesToday }) => bytes(bytesToday),
      number: true,
      wide: true,
      by: ({ bytesToday }) => bytesToday,
    },
  ];
}

function State({ camera }: { camera: CameraStatus }): JSX.Element {
  const { tone, text, more } = cameraState(camera);
  return (
    <span class="with-icon">
      {tone !== 'plain' && <Icon name="warning" size="s" />}
      <span class={tone}>
        {text}
        {more !== undefined && <span class="sub">{more}</span>}
      </span>
    </span>
  );
}

export function CameraList({ chosen }: { chosen: string | undefined }): JSX.Element {
  const sought = (query.value.get('q') ?? '').trim().toLowerCase();
  const filter = FILTERS.find((each) => each === query.value.get('show')) ?? 'all';
  const standing = useAsked('cameras.standing', {}, { everyMs: 30_000 });
  const byId = new Map(standing.value?.map((each) => [each.camera, each]));
  const groups = [...new Set(standing.value?.flatMap((each) => each.groups))].toSorted((a, b) => a.localeCompare(b));
  const group = groups.find((each) => each === query.value.get('group'));
  const textOf = (camera: CameraStatus): string => {
    const { groups: own = [], labels = [], identity } = byId.get(camera.id) ?? {};
    return [streamName(camera), camera.id, ...own, ...labels, identity?.maker, identity?.model].join(' ').toLowerCase();
  };
  const all = cameras.value.filter(({ id }) => group === undefined || byId.get(id)?.groups.includes(group) === true);
  const found = all.filter((camera) => fits(camera, filter) && textOf(camera).includes(sought));
  const { recording, planned } = recordingCounts(all, box.value);
  const rest = query.value.toString();
  if (!known.value) return <div class="skeleton" aria-busy="true" />;
  return (
    <>
      <PageHead
        title={all.length === 0 ? t('home.ready') : t('cameras.verdict', { n: recording, of: planned })}
        explain={t('cameras.explain')}
      >
        {may('cameras') && (
          <a class="button primary" href="/cameras/add">
            <Icon name="plus" />
            {t('cameras.add')}
          </a>
        )}
      </PageHead>
      <div class="row between">
        <div class="chips" role="group" aria-label={t('filter')}>
          {FILTERS.map((each) => (
            <button
              key={each}
              type="button"
              class="filter"
              aria-pressed={each === filter}
              onClick={() => setQuery({ show: each === 'all' ? undefined : each })}
            >
              {t(`cameras.show.${each}`)} <b>{all.filter((camera) => fits(camera, each)).length}</b>
            </button>
          ))}
        </div>
        {groups.length > 0 && (
          <select
            aria-label={t('cameras.group')}
            value={group ?? ''}
            onChange={(event) => setQuery({ group: event.currentTarget.value || undefined })}
          >
            <option value="">{t('cameras.group.all')}</option>
            {groups.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        )}
        <SearchField label={t('keys.search')} value={query.value.get('q') ?? ''} onValue={(q) => setQuery({ q })} />
      </div>
      <div class={chosen === undefined ? '' : 'split'}>
        <Card flush>
          {found.length === 0 ? (
            <Empty
              act={
                sought === '' ? undefined : (
                  <button
                    type="button"
                    class="button"
                    onClick={() => setQuery({ q: undefined, show: undefined, group: undefined })}
                  >
                    {t('clear')}
                  </button>
                )
              }
            >
              {all.length === 0
                ? t('cameras.none')
                : sought === ''
                  ? t('cameras.noneSuch')
                  : t('cameras.noMatch', { sought })}
            </Empty>
          ) : (
            <Table
              label={t('nav.cameras')}
              columns={columns()}
              rows={found}
              keyOf={({ id, stream }) => `${id}/${stream}`}
              href={({ id }) => `/cameras/${id}${rest === '' ? '' : `?${rest}`}`}
              chosen={chosen === undefined ? undefined : found.find(({ id }) => id === chosen) && `${chosen}/main`}
              sort={query.value.get('sort') ?? undefined}
              onSort={(sort) => setQuery({ sort })}
              toneOf={(camera) => (cameraState(camera).tone === 'plain' ? undefined : cameraState(camera).tone)}
            />
          )}
        </Card>
        {chosen !== undefined && <CameraInspector key={chosen} id={chosen} />}
      </div>
    </>
  );
}
