import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../words/index.ts';
import type { Asked } from './asked.ts';
import { Button } from './controls.tsx';
import { FaultNote } from './fault.tsx';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'plain' | 'ok' | 'warn' | 'bad' | 'acc';

export function Chip({
  tone = 'plain',
  icon,
  children,
}: {
  tone?: Tone;
  icon?: IconName;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <span class={`chip ${tone}`}>
      {icon && <Icon name={icon} size="s" />}
      {children}
    </span>
  );
}

/** The first thing that a page says: one sentence that answers why one came. */
export function PageHead({
  title,
  explain,
  children,
}: {
  title: ComponentChildren;
  explain?: ComponentChildren;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <header class="page-head">
      <div>
        <h1>{title}</h1>
        {explain !== undefined && <p class="explain">{explain}</p>}
      </div>
      {children !== undefined && <div class="actions">{children}</div>}
    </header>
  );
}

export function Card(props: {
  title?: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
  flush?: boolean;
}): JSX.Element {
  const { title, aside, children, flush = false } = props;
  return (
    <section class={`card ${flush ? 'flush ' : ''}${props.class ?? ''}`}>
      {title !== undefined && (
        <header>
          <h2>{title}</h2>
          {aside !== undefined && <div class="aside">{aside}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** A card with fields: browsers offer to fill in and to keep what belongs together. */
export function FormCard({
  title,
  user,
  onSubmit,
  children,
}: {
  title: string;
  user?: string;
  onSubmit?: () => void;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
      </header>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        {user !== undefined && (
          <input
            type="text"
            class="hidden-text"
            autocomplete="username"
            value={user}
            readOnly
            tabIndex={-1}
            aria-hidden="true"
          />
        )}
        {children}
      </form>
    </section>
  );
}

/** Figures with their names. */
export function Facts({
  of,
  columns,
}: {
  of: readonly (readonly [string, ComponentChildren, (Tone | undefined)?])[];
  columns?: boolean;
}): JSX.Element {
  return (
    <dl class={columns === true ? 'facts columns' : 'facts'}>
      {of.map(([name, value, tone]) => (
        <div key={name} class={tone}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A share of a whole, in parts that each have a class for their colour. */
export function Bar({
  label,
  segments,
}: {
  label: string;
  segments: readonly { share: number; kind: string }[];
}): JSX.Element {
  return (
    <div class="bar" role="img" aria-label={label}>
      {segments.map(({ share, kind }) => (
        <i key={kind} class={kind} style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
      ))}
    </div>
  );
}

export function Empty({ children, act }: { children: ComponentChildren; act?: JSX.Element | undefined }): JSX.Element {
  return (
    <div class="empty">
      <p>{children}</p>
      {act}
    </div>
  );
}

/** For what is not there and for what one may not see, alike. */
export function NotFound({ back, children }: { back: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <h1>{t('notFound')}</h1>
      <a class="button" href={back}>
        {children}
      </a>
    </div>
  );
}

/** What was asked for once it is there, its skeleton before, and a fault with a way to ask again. */
export function Awaited<T>({
  asked,
  children,
}: {
  asked: Asked<T>;
  children: (value: T) => ComponentChildren;
}): JSX.Element {
  const { value, fault, again } = asked;
  return (
    <>
      {fault && (
        <FaultNote
          fault={fault}
          act={
            <Button icon="refresh" onPress={again}>
              {t('retry')}
            </Button>
          }
        />
      )}
      {value === undefined ? !fault && <div class="skeleton" aria-busy="true" /> : children(value)}
    </>
  );
}

export interface Column<T> {
  readonly key: string;
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly number?: boolean;
  /** Left out on narrow windows. */
  readonly wide?: boolean;
  /** Makes the head a button that sorts by it. */
  readonly by?: (row: T) => string | number;
}

interface TableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly href?: (row: T) => string;
  readonly chosen?: string | undefined;
  readonly sort?: string | undefined;
  readonly onSort?: (sort: string) => void;
  readonly toneOf?: (row: T) => Tone | undefined;
}

/** `name` ascending, `-name` descending. */
function sorted<T>({ rows, columns, sort }: TableProps<T>): readonly T[] {
  const falls = sort?.startsWith('-') ?? false;
  const by = columns.find(({ key }) => key === sort?.replace(/^-/, ''))?.by;
  if (!by) return rows;
  const order = (one: T, other: T): number => {
    const [a, b] = [by(one), by(other)];
    return typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b);
  };
  return rows.toSorted((one, other) => (falls ? order(other, one) : order(one, other)));
}

export function Table<T>(props: TableProps<T>): JSX.Element {
  const { label, columns, keyOf, href, chosen, sort, onSort, toneOf } = props;
  return (
    <div class="table" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ key, head, number, wide, by }) => (
              <th
                key={key}
                scope="col"
                class={classes(number, wide)}
                aria-sort={sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : undefined}
              >
                {by && onSort ? (
                  <button type="button" onClick={() => onSort(sort === key ? `-${key}` : key)}>
                    {head}
                  </button>
                ) : (
                  head
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(props).map((row) => (
            <tr key={keyOf(row)} class={`${toneOf?.(row) ?? ''}${chosen === keyOf(row) ? ' chosen' : ''}`}>
              {columns.map(({ key, head, cell, number, wide }, at) => (
                <td key={key} class={classes(number, wide)} data-label={head}>
                  {at === 0 && href ? <a href={href(row)}>{cell(row)}</a> : cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classes(number: boolean | undefined, wide: boolean | undefined): string | undefined {
  return [number === true && 'number', wide === true && 'wide'].filter(Boolean).join(' ') || undefined;
}

export function Tabs({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: readonly { href: string; label: string }[];
  current: string;
}): JSX.Element {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where they do not all fit, the one that is open is to be seen.
    const open = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (open) nav.current!.scrollLeft = open.offsetLeft - (nav.current!.clientWidth - open.offsetWidth) / 2;
  }, [current]);
  return (
    <nav class="tabs" aria-label={label} ref={nav}>
      {tabs.map(({ href, label: words }) => (
        <a key={href} href={href} aria-current={href === current ? 'page' : undefined}>
          {words}
        </a>
      ))}
    </nav>
  );
}
