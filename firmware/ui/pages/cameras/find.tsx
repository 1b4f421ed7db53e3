import './cameras.css';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Output } from '../../box/client.ts';
import { cameras } from '../../box/live.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, Button, TextField } from '../../parts/controls.tsx';
import { FaultNote } from '../../parts/fault.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Card, Empty, PageHead } from '../../parts/show.tsx';
import { bits } from '../../words/format.ts';
import { faultWords, t } from '../../words/index.ts';
import { AddFound, type Verdict } from './add-found.tsx';

type Found = Output<'cameras.discover'>['found'][number];

const SEARCH_S = 5;
const EVERY_MS = 45_000;

/** What stands for a device as long as the page is open. */
function keyOf({ endpoint, address, xaddrs }: Found): string {
  return endpoint || (xaddrs[0] ?? address);
}

function modelOf({ maker, model }: Found): string {
  return [maker, model].filter(Boolean).join(' ') || t('find.unknown');
}

/** All devices that answer, each with what is known of it; those that are chosen are added with one password. */
export function FindCameras(): JSX.Element {
  const [ranges, setRanges] = useState<readonly string[]>([]);
  const search = useAsked('cameras.discover', { seconds: SEARCH_S, ranges: [...ranges] }, { everyMs: EVERY_MS });
  const standing = useAsked('cameras.standing', {}, { everyMs: EVERY_MS });
  const found = useFound(search.value?.found);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const [verdicts, setVerdicts] = useState<ReadonlyMap<string, Verdict>>(new Map());
  const verdictOf = (each: Found): Verdict | undefined => verdicts.get(each.xaddrs[0] ?? '');
  const cameraOf = (each: Found): string | undefined => each.camera ?? verdictOf(each)?.camera;
  const fresh = found.filter((each) => cameraOf(each) === undefined && each.xaddrs.length > 0);
  const wanted = fresh.filter((each) => chosen.has(keyOf(each)));
  const choose = (keys: readonly string[], on: boolean): void =>
    setChosen((before) => {
      const next = new Set(before);
      for (const key of keys) {
        if (on) next.add(key);
        else next.delete(key);
      }
      return next;
    });
  const untrusted = new Set(standing.value?.flatMap(({ camera, trust }) => (trust === 'untrusted' ? [camera] : [])));
  const told = (added: readonly Verdict[]): void => {
    setVerdicts((before) => new Map([...before, ...added.map((each) => [each.address, each] as const)]));
    void search.again();
  };
  return (
    <>
      <PageHead
        title={t('find.title')}
        explain={search.value ? t('find.answered', { n: found.length, fresh: fresh.length }) : t('find.searching')}
      >
        <ActButton icon="refresh" act={search.again}>
          {t('find.again')}
        </ActButton>
        <a class="button" href="/cameras/add/address">
          <Icon name="plus" />
          {t('find.byHand')}
        </a>
        <a class="button" href="/cameras/add/table">
          {t('find.table')}
        </a>
      </PageHead>
      <FaultNote fault={search.fault} />
      <div class="split find">
        <Card flush>
          {found.length === 0 ? (
            search.value ? (
              <Empty>{t('find.none')}</Empty>
            ) : (
              <div class="skeleton" aria-busy="true" />
            )
          ) : (
            <div class="table" tabIndex={0} role="region" aria-label={t('find.title')}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">
                      <input
                        type="checkbox"
                        aria-label={t('find.all')}
                        checked={fresh.length > 0 && wanted.length === fresh.length}
                        disabled={fresh.length === 0}
                        onChange={(event) => choose(fresh.map(keyOf), event.currentTarget.checked)}
                      />
                    </th>
                    <th scope="col">{t('cameras.name')}</th>
                    <th scope="col">{t('find.model')}</th>
                    <th scope="col">{t('find.address')}</th>
                    <th scope="col">{t('find.verdict')}</th>
                  </tr>
                </thead>
                <tbody>
                  {found.map((each) => (
                    <FoundRow
                      key={keyOf(each)}
                      found={each}
                      camera={cameraOf(each)}
                      verdict={verdictOf(each)}
                      untrusted={untrusted.has(cameraOf(each) ?? '')}
                      name={names.get(keyOf(each)) ?? each.name ?? ''}
                      chosen={chosen.has(keyOf(each))}
                      onChosen={(on) => choose([keyOf(each)], on)}
                      onName={(name) => setNames((before) => new Map([...before, [keyOf(each), name]]))}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Card>
        <div class="stack">
          <AddFound
            cameras={wanted.map((each) => ({
              address: each.xaddrs[0]!,
              name: (names.get(keyOf(each)) ?? each.name ?? '').trim(),
            }))}
            told={told}
          />
          <Ranges search={setRanges} refused={search.value?.refused ?? []} />
        </div>
      </div>
    </>
  );
}

/** Whatever has answered while the page is open: one that misses a search is not gone, and no row moves under the pointer. */
function useFound(latest: readonly Found[] | undefined): Found[] {
  const all = useRef(new Map<string, Found>());
  const [, setCount] = useState(0);
  useEffect(() => {
    if (!latest) return;
    for (const each of latest) all.current.set(keyOf(each), each);
    setCount((count) => count + 1);
  }, [latest]);
  return [...all.current.values()];
}

function FoundRow(props: {
  found: Found;
  camera: string | undefined;
  verdict: Verdict | undefined;
  untrusted: boolean;
  name: string;
  chosen: boolean;
  onChosen: (on: boolean) => void;
  onName: (name: string) => void;
}): JSX.Element {
  const { found, camera, verdict, untrusted, name, chosen } = props;
  const recorded = camera === undefined ? undefined : cameras.value.find(({ id }) => id === camera);
  const model = modelOf(found);
  const called = name || model;
  return (
    <tr class={untrusted ? 'bad' : ''}>
      <td>
        {camera === undefined && found.xaddrs.length > 0 && (
          <input
            type="checkbox"
            aria-label={t('find.choose', { name: called })}
            checked={chosen}
            onChange={(event) => props.onChosen(event.currentTarget.checked)}
          />
        )}
      </td>
      <td data-label={t('cameras.name')}>
        {camera === undefined ? (
          <input
            class="name-field"
            aria-label={t('find.nameOf', { name: model })}
            value={name}
            placeholder={model}
            maxLength={80}
            onInput={(event) => props.onName(event.currentTarget.value)}
          />
        ) : (
          <a href={`/cameras/${camera}`}>
            <bdi>{recorded?.name ?? verdict?.name ?? camera}</bdi>
          </a>
        )}
      </td>
      <td data-label={t('find.model')}>
        <bdi>{model}</bdi>
      </td>
      <td data-label={t('find.address')}>
        <span class="code">{found.address}</span>
        {found.mac !== undefined && <span class="sub code">{found.mac}</span>}
      </td>
      <td data-label={t('find.verdict')}>
        <Says camera={camera} verdict={verdict} untrusted={untrusted} />
      </td>
    </tr>
  );
}

function Says({
  camera,
  verdict,
  untrusted,
}: {
  camera: string | undefined;
  verdict: Verdict | undefined;
  untrusted: boolean;
}): JSX.Element {
  if (untrusted && camera !== undefined) {
    return (
      <span class="bad">
        {t('find.untrusted')} <a href={`/cameras/${camera}`}>{t('find.compare')}</a>
      </span>
    );
  }
  if (verdict?.error && camera === undefined) {
    const { what, advice } = faultWords(verdict.error);
    return (
      <span class="warn">
        {what}
        <span class="sub">{advice}</span>
      </span>
    );
  }
  if (verdict?.camera !== undefined) return <span>{t('find.added', { rate: bits(verdict.bitsPerSecond ?? 0) })}</span>;
  if (camera !== undefined) return <span class="quiet-text">{t('find.there')}</span>;
  return (
    <span>
      {t('find.fresh')}
      <span class="sub">{t('find.fresh.more')}</span>
    </span>
  );
}

/** Addresses that no call of the network reaches. */
function Ranges({
  search,
  refused,
}: {
  search: (ranges: readonly string[]) => void;
  refused: readonly string[];
}): JSX.Element {
  const [text, setText] = useState('');
  return (
    <Card>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          search(text.split(/[\s,;]+/).filter(Boolean));
        }}
      >
        <TextField
          label={t('find.range')}
          hint={t('find.range.hint')}
          value={text}
          onValue={setText}
          autocomplete="off"
          code
        />
        <div class="row">
          <Button type="submit" icon="search">
            {t('find.rangeGo')}
          </Button>
        </div>
        {refused.length > 0 && <p class="quiet-text">{t('find.refused', { what: refused.join(', ') })}</p>}
      </form>
    </Card>
  );
}
